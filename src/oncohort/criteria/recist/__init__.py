"""RECIST 1.1: from lesion measurements to responses, each with its reason.

Source: Eisenhauer et al., New response evaluation criteria in solid tumours: revised RECIST
guideline (version 1.1), Eur J Cancer 2009;45:228-247.
"""

from __future__ import annotations

from oncohort.criteria.frames import FrameError as RecistInputError

from .assess import assess
from .best_change import best_change
from .best_response import Confirmation, best_response, with_progression
from .charted import (
    charted,
    compare_best,
    compare_readers,
    contradictions,
    discrepancies,
    worst_of_day,
)
from .check import check, doubtful_complete_responses
from .measurability import Measurability, measurable
from .reasons import reason
from .rules import RECIST_1_1, RESPONSES, RecistRules
from .sites import is_node, organ
from .words import response_of

__all__ = [
    "RECIST_1_1",
    "RESPONSES",
    "Confirmation",
    "Measurability",
    "RecistInputError",
    "RecistRules",
    "assess",
    "best_change",
    "best_response",
    "charted",
    "check",
    "compare_best",
    "compare_readers",
    "contradictions",
    "discrepancies",
    "doubtful_complete_responses",
    "is_node",
    "measurable",
    "organ",
    "reason",
    "response_of",
    "with_progression",
    "worst_of_day",
]
