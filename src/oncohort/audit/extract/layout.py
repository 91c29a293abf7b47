"""Bring tables of different layouts into one: labels in the first column, levels below headings."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.audit.document import Row, Table

_FIGURE = re.compile(
    r"^[<>≤≥=~±+−–(\[-]*\s*[.·]?\d|^(?:ref|1\b|nr\b|ne\b|n/?a\b|not reached)", re.I
)
_VALUES = re.compile(
    r"\bn\b|%|no\.|number|patients|cases|\bHR\b|hazard|odds|\bOR\b|\bCI\b|\bp\b|value|median|mean|"
    r"grade|total|overall|group|arm|cohort|estimate|ratio|months",
    re.I,
)


def normalise(table: Table) -> Table:
    """One label column; a full-width row is a heading; repeated labels are joined.

    Tables that part variable and level into two columns ("Sex | Male | 30 (71.4)") are turned
    into headings with indented levels.
    """
    table = _full_width(table)
    if _two_labels(table):
        table = _join_labels(table)
    return table


def _full_width(table: Table) -> Table:
    """A row whose cells all say the same is a heading over all columns."""
    rows = []
    for row in table.rows:
        filled = {c for c in row.cells if c}
        if len(filled) == 1 and row.cells[0] and not _FIGURE.match(row.cells[0]):
            rows.append(replace(row, cells=(row.cells[0], *([""] * (len(row.cells) - 1)))))
        elif len(filled) == 1 and not row.cells[0] and not _FIGURE.match(next(iter(filled))):
            rows.append(replace(row, cells=(next(iter(filled)), *([""] * (len(row.cells) - 1)))))
        else:
            rows.append(row)
    return replace(table, rows=tuple(rows))


def _two_labels(table: Table) -> bool:
    if table.width < 3:
        return False
    second = [r.cells[1].strip() for r in table.rows if len(r.cells) > 1]
    words = [c for c in second if c]
    rest = [c for r in table.rows for c in r.cells[2:] if c]
    if len(words) < 3 or not rest:
        return False
    figures = sum(bool(_FIGURE.match(c)) and not _threshold(c) for c in words)
    if figures * 5 > len(words):
        return False
    if sum(bool(_FIGURE.match(c)) for c in rest) * 2 < len(rest):
        return False
    heading = table.heading(1)
    return not _VALUES.search(heading) or bool(re.search(r"categor|level|subgroup", heading, re.I))


def _threshold(text: str) -> bool:
    return bool(re.match(r"^[<>≤≥]\s*\d+(?:\.\d+)?[A-Za-z/%μ\s]*$", text)) or bool(
        re.match(r"^\d+(?:\.\d+)?\s*(?:[-–]\s*\d+|[≤≥<>]|years?|yrs?)", text)
    )


def _join_labels(table: Table) -> Table:
    rows: list[Row] = []
    current = ""
    width = table.width - 1
    for row in table.rows:
        first = row.cells[0].strip()
        second = row.cells[1].strip() if len(row.cells) > 1 else ""
        values = row.cells[2:]
        if not second:
            rows.append(replace(row, cells=(first, *values), indent=0))
            current = first or current
            continue
        if first and (first != current or 0 not in row.joined):
            rows.append(Row((first, *([""] * (width - 1))), 0, first))
            current = first
        rows.append(Row((second, *values), 1, row.quote))
    header = tuple((h[0] or h[1], *h[2:]) if len(h) > 1 else h for h in table.header)
    return replace(table, rows=tuple(rows), header=header)
