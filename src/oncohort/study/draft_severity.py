"""Adverse events whose severity is charted in words: which grade each means is asked."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE
from oncohort.records.in_words import grade_of, says_none
from oncohort.study.drafting import Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.words import is_missing, level_words, may_be_missing, plain

_MOST = 20
"""Words that are asked about in one question."""


def severities(values: Mapping[str, int]) -> dict[str, int]:
    """Words of severity among values = the grade that CTCAE describes by them.

    Examples
    --------
    >>> severities({"mild": 3, "schwer": 1, "2": 5, "none": 9})
    {'mild': 1, 'schwer': 3}
    """
    known = level_words("severity")
    return {v: int(known[plain(v)]) for v in values if plain(v) in known}


def severity_question(column: str, values: Mapping[str, int]) -> Question | None:
    """Which grade do the words among the grades of a column mean? None where it holds none.

    Parameters
    ----------
    column
        The chart's column (or the first of several).
    values
        Value = in how many rows it stands.
    """
    known = severities(values)
    if not known:
        return None
    words = [v for v in values if v in known or not _graded(v)]
    put: dict[str, object] = {w: known.get(w, HOLE) for w in words[:_MOST]}
    shown = ", ".join(f'"{w}" ({values[w]})' for w in words[:_MOST])
    text = (
        f'"{column}" says in words how severe the events were: {shown}. Which grade does each '
        "mean? (Proposed is what CTCAE calls so: grade 1 mild, 2 moderate, 3 severe, 4 "
        "life-threatening, 5 death.)"
    )
    line = open_line("codes.grade", 1, 2, 3, 4, 5, "", put=put)
    return Question("grades", text, [line], about=Wrong("adverse_events", ("grade",)))


def _graded(value: str) -> bool:
    """Is a value read without a question: a figure, a grade in words of its own, none?"""
    if value.replace(".", "", 1).isdigit() or grade_of(value) is not None:
        return True
    return says_none(value) or is_missing(value) or may_be_missing(value)
