"""The unit of a column of times, and what says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell
from oncohort.records.profile import SAMPLED
from oncohort.records.values import Reader, read_value
from oncohort.study.draft_units import unit_behind
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import called, endpoints_named, has, words
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import outcome_words

_RUN_ON = re.compile("[一-龥가-힣ก-๛]")


def numbers_of(page: Page, column: str) -> list[float | None]:
    """The numbers of a column, row by row; none where a cell holds another thing."""
    return _numbers(as_list(page.raw.column(column)))


def first_numbers(page: Page, column: str) -> list[float | None]:
    """The numbers in the first rows of a column: as many as are looked at."""
    return _numbers(as_list(page.raw.column(column)[:SAMPLED]))


def _numbers(cells: Sequence[Cell]) -> list[float | None]:
    """What each cell is as a number; cells that hold the same are read once."""
    how = Reader("number")
    read: dict[tuple[type, Cell], float | None] = {}
    for cell in cells:
        if (type(cell), cell) not in read:
            read[type(cell), cell] = read_value(cell, how).value
    return [read[type(cell), cell] for cell in cells]


def _of_unit(column: str, time: list[str]) -> bool:
    """Is it a column of units by its name, of this time or of any: `OS unit`, `AVALU`?"""
    named = set(words(column))
    wording = named & {"unit", "units", "avalu"}
    return bool(wording) and named - wording - {"time", "of"} <= set(time)


def unit_in_cells(page: Page, column: str) -> str:
    """The unit of time that stands behind every number of a column, `12.3 mo`; else empty."""
    behind = unit_behind(page.held[column]).casefold()
    return next((u for u, known in outcome_words("unit").items() if behind in known), "")


def unit_of(page: Page, time: str) -> tuple[str | None, str]:
    """The unit of a time column and the evidence; None where it is open."""
    if time in page.time_parts:
        return "months", "its parts are put together in months"
    own = words(time)
    for unit, known in outcome_words("unit").items():
        ok = any(w in known for w in own if w not in ("d", "mo", "m", "y") or w == own[-1]) or any(
            n in time
            for n in known
            if not n.isascii()
            and _RUN_ON.search(n)
            and f"({n})" in time.replace("（", "(").replace("）", ")")
        )
        if ok and (len(own) > 1 or len(time) > 3):
            return unit, f'the name "{time}" says so'
    label = page.raw.column_label.get(time, "")
    for unit, known in outcome_words("unit").items():
        if any(w in known for w in words(label) if len(w) > 2):
            return unit, f'its label "{label}" says so'
    for column in page.raw.names:
        if page.held[column].distinct == 1 and _of_unit(column, own):
            held = next(iter(page.held[column].counts)).lower()
            for unit, known in outcome_words("unit").items():
                if held in known:
                    return unit, f'the column "{column}" says "{held}"'
    for unit, column in _same_times(page, time):
        return unit, f'its values are those of "{column}", whose name says so'
    if behind := unit_in_cells(page, time):
        return behind, "it stands behind its numbers"
    high = page.held[time].high or 0
    if high > MAXIMUM["weeks"]:
        return "days", f"its largest value, {high:g}, can be nothing else"
    return None, ""


def _same_times(page: Page, time: str) -> Iterator[tuple[str, str]]:
    """Columns whose names say a unit and that hold the same times wherever they have one, as
    `days_to_death` and `days_to_last_follow_up` beside `OS.time`: unit and column."""
    own: list[float | None] = []
    for column in page.raw.names:
        mentioned = words(column)
        units = {
            unit
            for unit, known in outcome_words("unit").items()
            if any(w in known for w in mentioned if len(w) > 2)
        }
        if column == time or len(units) != 1 or page.held[column].mostly != "number":
            continue
        own = own or first_numbers(page, time)
        theirs = first_numbers(page, column)
        both = [(a, b) for a, b in zip(own, theirs, strict=True) if None not in (a, b)]
        if len({a for a, _ in both}) >= 5 and all(a == b for a, b in both):
            yield units.pop(), column


MAXIMUM = {"months": 600.0, "weeks": 2600.0}
"""Times beyond which a column can't be in this unit: fifty years."""


def named_time(page: Page, column: str) -> bool:
    """Does a name say that a column is a time: by a word of times, a unit, or an endpoint?"""
    text = called(page, column)
    return bool(
        endpoints_named(text)
        or has(text, outcome_words("any")["time"])
        or unit_of(page, column)[1].startswith("the name")
        or mentions(text, "last_contact")
    )
