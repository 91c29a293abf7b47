"""Times of endpoints with a mark for those who are censored: `12.3+`."""

from __future__ import annotations

from collections import Counter

from oncohort.records.columns import as_list
from oncohort.records.marked_numbers import WITHOUT, mark_of, marks_name, split_marks
from oncohort.records.matching import SURE
from oncohort.records.profile import profile
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import called, endpoints_named, has
from oncohort.vocabulary.words import is_missing, outcome_words

MARKS = 4
"""Columns with more kinds of marks hold something else."""


def settle_marks(page: Page) -> None:
    """Find times whose numbers carry marks, and take the marks into columns of their own.

    The page's values, names and profiles are changed in place.
    """
    sure = {m.column for m in page.matches if m.confidence >= SURE}
    found = [c for c in page.raw.names if c not in sure and _is_marked(page, c)]
    if not found:
        return
    page.raw, _ = split_marks(page.raw, found)
    page.marked = found
    for column in found:
        for name in (column, marks_name(column)):
            page.held[name] = profile(page.raw.column(name))


def _is_marked(page: Page, column: str) -> bool:
    """Is a column a time by its name, and are its values numbers of which some have a mark?"""
    held = page.held[column]
    text = called(page, column)
    if held.n < 3 or not (endpoints_named(text) or has(text, outcome_words("any")["time"])):
        return False
    if not held.words:
        return False
    units = {w for known in outcome_words("unit").values() for w in known}
    marks: Counter[str] = Counter()
    for value in as_list(page.raw.column(column)):
        if value is None or (isinstance(value, str) and (not value.strip() or is_missing(value))):
            continue
        if isinstance(value, str):
            split = mark_of(value)
            marks[split[1] if split else ""] += 1
        elif isinstance(value, int | float):
            marks[WITHOUT] += 1
        else:
            return False
    if marks.pop("", 0) > 0.05 * held.n or not marks.keys() - {WITHOUT}:
        return False
    return len(marks) <= MARKS and not {m.casefold() for m in marks} & units


def value_by_mark(values: list[str]) -> tuple[str | None, str]:
    """The mark that means the event, where marks are written as everybody does.

    Examples
    --------
    >>> value_by_mark(["with +", "without"])[0], value_by_mark(["with *", "without"])[0]
    ('without', None)
    """
    marks = set(values) - {WITHOUT}
    if WITHOUT in values and marks and marks <= {"with +", "with >", "with ≥", "with >="}:
        shown = " and ".join(sorted(m.removeprefix("with ") for m in marks))
        return WITHOUT, f"a time with {shown} goes on: it is censored"
    if set(values) == {"with †", WITHOUT}:
        return "with †", "† is death"
    return None, ""
