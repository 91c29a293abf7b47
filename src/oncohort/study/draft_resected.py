"""Charts of resected patients: the clock starts at the operation, and the event is a recurrence."""

from __future__ import annotations

import re

from oncohort.records.matching import SURE, Match
from oncohort.records.name_parts import parts_in_name, told_by_parts
from oncohort.records.names import fold
from oncohort.study.draft_recurrences import days_of
from oncohort.study.drafting import Page

_OR = re.compile(r"(?<!\s)\s*+/\s*+|(?<!\s)\s++(?:or|ou|oder|of|o|lub|eller)\s++|或|または")
"""Between the two things that a date may be of: `recurrence or last contact`."""

_ADJUVANT_DAYS = 122
"""Adjuvant treatment begins within four months of the operation."""


def settle_resected(page: Page) -> None:
    """Find out whether the patients were operated on, and let the operation start the clock.

    Only where nothing else starts it, and one column alone has the days of operations. The page's
    matches are changed in place.
    """
    dated = [c for c in page.raw.names if page.held[c].mostly == "date"]
    operations = [c for c in dated if "surgery_date" in told_by_parts(fold(c))]
    starts = [m for m in page.matches if m.ours == "treatment_start"]
    if not starts and len(operations) == 1 and not page.relative:
        column = operations[0]
        page.matches = [m for m in page.matches if m.column != column]
        why = "the operation is the treatment of patients who were operated on"
        page.matches.append(Match(column, "treatment_start", 0.9, why))
        starts = page.matches[-1:]
    start = next((m.column for m in starts if m.confidence >= SURE), "")
    if (
        start
        and len(operations) == 1
        and (_of_few(page, start, operations[0]) or _soon_after(page, operations[0], start))
    ):
        # Adjuvant treatment: which of the two starts the clock is asked.
        page.matches = [m for m in page.matches if m.column not in (start, operations[0])]
    name = page.ours.get("progression_date", "")
    recurred = name if parts_in_name(fold(name)) else _OR.split(name)[0]
    said = parts_in_name(fold(recurred))
    if page.relative:  # `Months to relapse`: the words beside it are of time
        said = frozenset(part for word in fold(name).split() for part in parts_in_name(word))
    page.resected = "recurrence" in said and bool(
        operations or "surgery" in parts_in_name(fold(start))
    )


def _soon_after(page: Page, operation: str, start: str) -> bool:
    """Does treatment begin within four months of the operation in nearly all who have both?"""
    pairs = zip(days_of(page, operation), days_of(page, start), strict=True)
    between = [(b - a).days for a, b in pairs if a is not None and b is not None]
    soon = sum(0 < d <= _ADJUVANT_DAYS for d in between)
    return len(between) >= 3 and soon >= 0.9 * len(between)


def _of_few(page: Page, start: str, operation: str) -> bool:
    """Have clearly fewer patients a start of treatment than an operation?"""
    rows = page.held[start].rows
    return page.held[start].n < 0.8 * rows and page.held[operation].n >= 0.95 * rows
