"""Patients and events that a table prints beside a ratio: in its row, or above its column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.audit.document import Row, Table
from oncohort.audit.extract.cells import SIZE, size_of
from oncohort.dataclass import dataclass

_EVENTS_OF = re.compile(
    r"^(\d{1,3}(?:,\d{3}){1,2}|\d{1,6})\s?/\s?(\d{1,3}(?:,\d{3}){1,2}|\d{1,6})"
    r"(?:\s?\(\s?\d+(?:[.·]\d+)?\s?%?\s?\))?$"
)
_COUNT = re.compile(
    r"^(\d{1,3}(?:,\d{3}){1,2}|\d{1,6})(?:\s?[(\[]\s?\d+(?:[.·]\d+)?\s?%?\s?[)\]])?$"
)
_OF_PATIENTS = r"(?:patients|subjects|participants|cases|individuals|women|men)"
_PATIENTS = re.compile(
    rf"^(?:total\s)?(?:n|no\.?|number|{_OF_PATIENTS}|(?:no\.?|number|n|#)\s?(?:of\s)?{_OF_PATIENTS})"
    r"(?: at risk)?(?:,?\s?\(?(?:n|no\.?)\)?)?(?:,?\s?\(?(?:n\s?[(,]?\s?)?%\)?)?$",
    re.I,
)
_EVENTS = re.compile(
    r"^(?:total\s)?(?:(?:no\.?|number|n|#)\s?(?:of\s)?)?(?:individuals who |patients who )?"
    r"(?:events?|deaths?|died|dead|relapses?|recurrences?|progressions?)(?:,?\s?\(?n\)?)?"
    r"(?:,?\s?\(?(?:n\s?[(,]?\s?)?%\)?)?$",
    re.I,
)
_OTHER_UNIT = re.compile(
    r"event|death|died|relapse|recurr|progress|year|person|sample|lesion|stud(?:y|ies)|days?\b",
    re.I,
)
_NOT_OF_PATIENTS = re.compile(
    r"[^\W\d]\)?\s?/\s?"
    rf"(?!\(?(?:n|no|numbers?|totals?|all|sizes?|at risk|{_OF_PATIENTS})\b)"
    r"\(?[^\W\d]",
    re.I,
)
"""A heading of two groups ("deaths in exposed/unexposed"), not of events of patients."""
_REFERENCE_CELL = re.compile(
    r"^(?:1(?:\.0{1,3})?|(?:1(?:\.0{1,3})?\s?)?[(\[]?\s?ref(?:erence|erent)?\.?\s?[)\]]?)$", re.I
)
_SIZE_CELL = re.compile(r"^n\s?=\s?(\d{1,3}(?:,\d{3})+|\d{1,7})$", re.I)
_ONE = re.compile(r"^1(?:\.0{1,3})?$")


@dataclass(frozen=True, slots=True)
class Sides:
    """Names, patients and events of the two sides of a ratio; events may be missing."""

    names: tuple[str, str]
    sizes: tuple[str, str]
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SizeColumns:
    """Columns of a table of ratios that count patients or events.

    Parameters
    ----------
    both
        Columns of "events/patients".
    patients, events
        Columns of patients, and of events.
    """

    both: tuple[int, ...] = ()
    patients: tuple[int, ...] = ()
    events: tuple[int, ...] = ()


def size_columns(table: Table, taken: Sequence[int]) -> SizeColumns:
    """Find the columns that count patients or events; ``taken`` are those of ratios.

    Examples
    --------
    >>> head = (("", "n", "Events", "HR (95% CI)"),)
    >>> table = Table("", "", head, (Row(("Male", "40", "30", "1.5 (1.0-2.2)")),))
    >>> size_columns(table, [3])
    SizeColumns(both=(), patients=(1,), events=(2,))
    """
    both, patients, events = [], [], []
    for c in range(1, table.width):
        if c in taken:
            continue
        cells = [r.cells[c].strip() for r in table.rows if c < len(r.cells) and r.cells[c].strip()]
        if not cells:
            continue
        if 2 * sum(bool(_EVENTS_OF.match(x)) for x in cells) > len(cells):
            if not any(_NOT_OF_PATIENTS.search(h[c]) for h in table.header if c < len(h)):
                both.append(c)
            continue
        if 2 * sum(bool(_COUNT.match(x)) for x in cells) <= len(cells):
            continue
        leaf = next(
            (h[c].strip() for h in reversed(table.header) if c < len(h) and h[c].strip()), ""
        )
        if _PATIENTS.match(leaf) and not _OTHER_UNIT.search(table.heading(c)):
            patients.append(c)
        elif _EVENTS.match(leaf):
            events.append(c)
    return SizeColumns(tuple(both), tuple(patients), tuple(events))


def sides_in_row(table: Table, row: Row, columns: SizeColumns) -> Sides | None:
    """Two arms beside one ratio: "events/patients" twice, or counts below two headings."""
    if len(columns.both) == 2:
        counted = [_both(row, c) for c in columns.both]
        named = [table.heading(c) for c in columns.both]
        return _sides(named, counted)
    if columns.both:
        return None
    groups: dict[str, dict[str, int]] = {}
    for kind, found in (("n", columns.patients), ("d", columns.events)):
        for c in found:
            name = table.heading(c).rpartition(" / ")[0]
            if kind in groups.setdefault(name, {}):
                return None
            groups[name][kind] = c
    if len(groups) != 2 or "" in groups:
        return None
    counted = []
    for name, found_in in groups.items():
        size = SIZE.search(name)
        n = (
            _count(row, found_in["n"])
            if "n" in found_in
            else size[1].replace(",", "")
            if size
            else ""
        )
        counted.append((n, _count(row, found_in["d"]) if "d" in found_in else ""))
    return _sides(list(groups), counted)


def sides_of_levels(row: Row, reference: Row, columns: SizeColumns) -> Sides | None:
    """A level and the reference of its block, each with the counts of its own row."""
    counted = []
    for each in (row, reference):
        if len(columns.both) == 1 and not columns.patients:
            counted.append(_both(each, columns.both[0]))
        elif len(columns.patients) == 1 and not columns.both:
            d = _count(each, columns.events[0]) if len(columns.events) == 1 else ""
            counted.append((_count(each, columns.patients[0]), d))
        else:
            return None
    return _sides([row.label, reference.label], counted)


def sides_in_columns(table: Table, row: Row, column: int, others: Sequence[int]) -> Sides | None:
    """Groups as columns: the ratio of a column against the one column that is the reference."""
    references = [
        c
        for c in range(1, len(row.cells))
        if c != column and c not in others and _REFERENCE_CELL.match(row.cells[c].strip())
    ]
    worded = [c for c in references if not _ONE.match(row.cells[c].strip())]
    chosen = worded or references
    sizes = [(_column_size(table, c), "") for c in (column, *chosen)]
    if len(chosen) != 1 or not all(n for n, _ in sizes):
        return None
    return _sides([_name(table, column), _name(table, chosen[0])], sizes)


def _column_size(table: Table, column: int) -> str:
    """Patients of a column: its heading's, or those of a row of the body that has only sizes."""
    for row in table.rows:
        filled = [c.strip() for c in row.values if c.strip()]
        if len(filled) > 1 and all(_SIZE_CELL.match(c) for c in filled):
            hit = _SIZE_CELL.match(row.cells[column].strip()) if column < len(row.cells) else None
            return hit[1].replace(",", "") if hit else ""
    return size_of(table, column)


def _name(table: Table, column: int) -> str:
    return SIZE.sub("", table.heading(column)).strip(" ,;()/")


def _both(row: Row, column: int) -> tuple[str, str]:
    hit = _EVENTS_OF.match(row.cells[column].strip()) if column < len(row.cells) else None
    return (hit[2].replace(",", ""), hit[1].replace(",", "")) if hit else ("", "")


def _count(row: Row, column: int) -> str:
    hit = _COUNT.match(row.cells[column].strip()) if column < len(row.cells) else None
    return hit[1].replace(",", "") if hit else ""


def _sides(named: Sequence[str], counted: Sequence[tuple[str, str]]) -> Sides | None:
    """The sides, if both have patients, and no more events than patients."""
    (n1, d1), (n2, d2) = counted
    if not (n1 and n2) or int(n1) == 0 or int(n2) == 0:
        return None
    if any(d and int(d) > int(n) for n, d in counted):
        return None
    return Sides((named[0], named[1]), (n1, n2), (d1, d2) if d1 and d2 else ())
