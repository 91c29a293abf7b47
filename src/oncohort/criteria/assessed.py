"""What a criterion returns for a whole cohort: calls, the evidence under them, and problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.problems import Problem

__all__ = ["Assessed"]


@dataclass(frozen=True, slots=True)
class Assessed:
    """Calls for a cohort.

    Attributes
    ----------
    table
        The calls, usually one row per patient.
    evidence
        What each call rests on: values with date, limit, source row and reason.
    problems
        What could not be decided, and what contradicts the chart.
    """

    table: pl.DataFrame
    evidence: pl.DataFrame
    problems: tuple[Problem, ...]
