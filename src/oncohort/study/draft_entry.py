"""Times and ages at which the observation of a patient began: left truncation is asked about."""

from __future__ import annotations

from dataclasses import replace

from oncohort.records.made_of_rows import with_differences
from oncohort.records.matching import profiles
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import Pair
from oncohort.study.endpoint_units import numbers_of
from oncohort.vocabulary.mentions import mentions

UNDER_OBSERVATION = "time under observation"
"""The column with the time at the end less that at entry."""

OLDEST = 120
"""Ages beyond it are not in years: in which unit they are, is asked."""


def settle_ages(page: Page) -> None:
    """Ages at entry and at the end: their difference is the time under observation, in years.

    The page's values, names and profiles are changed in place.
    """
    if page.relative:
        return
    ages = [
        c
        for c in page.raw.names
        if mentions(c, "age_of_life") and page.held[c].mostly == "number" and page.held[c].n
    ]
    ends = [c for c in ages if mentions(c, "end_of_observation")]
    starts = [c for c in ages if c not in ends]
    own = page.ours.get("age")
    starts = [c for c in starts if mentions(c, "entry_into_observation")] or (
        [own] if own in starts else []
    )
    if not ends and own and mentions(" ".join(starts), "entry_into_observation"):
        ends = [own]  # the age beside `Age at entry`
    if len(starts) != 1 or len(ends) != 1 or starts == ends:
        return
    held = page.held[ends[0]]
    if held.n < held.rows or not ends_later(page, starts[0], ends[0]):
        return
    in_years = (held.high or 0) <= OLDEST
    add_difference(
        page, f"{UNDER_OBSERVATION} (years)" if in_years else UNDER_OBSERVATION, ends[0], starts[0]
    )
    page.begins = starts[0]
    page.ends = ends[0]


def with_entry(page: Page, pairs: list[Pair]) -> list[Pair]:
    """Pairs whose times may begin before the patients were observed: which clock is meant is asked.

    A column of the page is the time at entry. The page gets a column with the times less it.
    """
    if any(p.times or p.events or p.dated for p in pairs) or page.relative:
        return pairs
    entry = next((c for c in page.raw.names if _is_entry(page, c, pairs)), None)
    if entry is None:
        return pairs
    page.begins = entry
    out = []
    for pair in pairs:
        name = UNDER_OBSERVATION + (f" ({pair.time})" if len(pairs) > 1 else "")
        add_difference(page, name, pair.time, entry)
        out.append(replace(pair, times=(name, pair.time)))
    return out


def _is_entry(page: Page, column: str, pairs: list[Pair]) -> bool:
    held = page.held[column]
    if not pairs or not mentions(column, "entry_into_observation") or held.mostly != "number":
        return False
    if mentions(column, "age_of_life") or held.distinct < 4 or any(p.time == column for p in pairs):
        return False
    return all(ends_later(page, column, p.time) for p in pairs)


def ends_later(page: Page, start: str, end: str) -> bool:
    """Does nearly every patient begin no later than he ends?

    Parameters
    ----------
    start, end
        Columns with the ages or times of the two.
    """
    both = zip(numbers_of(page, start), numbers_of(page, end), strict=True)
    good = [a <= b for a, b in both if a is not None and b is not None]
    return len(good) >= 3 and sum(good) >= 0.98 * len(good)


def add_difference(page: Page, name: str, end: str, start: str) -> None:
    """Give a page the column of one number less another. It is changed in place."""
    page.raw, _ = with_differences(page.raw, {name: [end, start]})
    page.held = profiles(page.raw)
    page.differences[name] = [end, start]
