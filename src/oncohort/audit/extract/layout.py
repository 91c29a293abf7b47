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


_HEAD_CELL = re.compile(
    r"^[\s(\[]*(?:n|no\.?|number|patients|count|freq(?:uency)?\.?|%|percent(?:age)?|a?HR|"
    r"hazard ratio|a?OR|odds ratio|RR|relative risk|(?:95\s*%\s*)?(?:CI|confidence interval)|"
    r"[pP](?:[- ]?values?)?|median|mean|range|IQR|SD|events?|lower|upper|any|all|grades?|"
    r"uni-?variab?te|uni-?variable|multi-?variate|multi-?variable|crude|adjusted|unadjusted)\b",
    re.I,
)
_SIZED = re.compile(r"\bn\s*=\s*\d", re.I)


def parts_of(table: Table) -> tuple[Table, ...]:
    """The table as one or more, each with one header: header rows may stand in the body.

    Rows of headings on top of the body join the header. A row further down that gives its columns
    sizes ("(n = 71)") starts a part of its own, whose sizes replace those of the header.

    Examples
    --------
    >>> rows = (Row(("", "N (%)")), Row(("Male", "4 (40)")), Row(("", "Drug (n = 7)")),
    ...         Row(("Treated again", "3 (43)")))
    >>> [(t.header, len(t.rows)) for t in parts_of(Table("", "", (("", "Drug (n = 10)"),), rows))]
    [((('', 'Drug (n = 10)'), ('', 'N (%)')), 1), ((('', 'N (%)'), ('', 'Drug (n = 7)')), 1)]
    """
    head = [tuple(h) for h in table.header]
    rows = list(table.rows)
    while len(rows) > 1 and _is_head(rows[0], bool(head)):
        head.append(rows.pop(0).cells)
    head = [_spread(h, head[k + 1] if k + 1 < len(head) else ()) for k, h in enumerate(head)]
    parts: list[Table] = []
    current: list[Row] = []
    for row in rows:
        if _is_sized(row) and current:
            parts.append(replace(table, header=tuple(head), rows=tuple(current)))
            head = [h for h in (_unsized(h) for h in head) if any(h)]
            head.append(_spread(row.cells, ()))
            current = []
        else:
            current.append(row)
    parts.append(replace(table, header=tuple(head), rows=tuple(current)))
    return tuple(p for p in parts if p.rows)


def _is_head(row: Row, headed: bool) -> bool:
    """Whether a body row is one of headings: only words that head figures, or sizes."""
    values = [c.strip() for c in row.values if c.strip()]
    if not values or (not headed and len(values) < 2):
        return False
    if all(_SIZED.search(v) for v in values):
        return not row.label.strip()
    if len(values) == 1 and row.label.strip():
        return False
    return all(_HEAD_CELL.match(v) and not _digits(v) for v in values)


def _digits(text: str) -> bool:
    """Whether a cell prints a figure, not only the level of its interval."""
    return bool(re.search(r"\d", re.sub(r"9\d(?:\.\d)?\s*%|\bn\s*=\s*[\d,]+|grades?\s*[\d≥–-]+", "",
                                        text, flags=re.I)))  # fmt: skip


def _is_sized(row: Row) -> bool:
    values = [c.strip() for c in row.values if c.strip()]
    return len(values) >= 1 and all(
        re.search(r"\bn\s*=\s*[\d,]+\s*\)?", v, re.I) and re.search(r"[A-Za-z(]", v[:3])
        and not re.search(r"%\s*\)?$|\d\s*\(\d", v) for v in values
    ) and (len(values) > 1 or len(row.values) == 1)  # fmt: skip


def _unsized(cells: tuple[str, ...]) -> tuple[str, ...]:
    """A header row without its sizes and, where it had any, without the names they belong to."""
    return tuple(", ".join(re.findall(r"n\s*\(%\)|%", c)) if _SIZED.search(c) else c for c in cells)


def _spread(cells: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...]:
    """Repeat a heading over the empty cells to its right that the row below heads too."""
    out = list(cells)
    for k in range(2, len(out)):
        if not out[k].strip() and out[k - 1].strip() and k < len(below) and below[k].strip():
            out[k] = out[k - 1]
    return tuple(out)


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
