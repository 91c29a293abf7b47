"""Numbers at risk, printed as rows of a table or as lines below a curve; life tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.document import Paragraph, Row, Table
from oncohort.audit.extract.cells import place
from oncohort.audit.extract.endpoints import endpoint_of
from oncohort.published.model import Curve, Landmark, Where

_AT_RISK = re.compile(
    r"\b(?:n|no|nos|numbers?|patients?|subjects?)?\.?\s?(?:of \w+ )?at risk\b", re.I
)
_TIME = re.compile(r"^(?P<time>\d{1,4}(?:\.\d)?)\s?(?P<unit>months?|mo|years?|yrs?|weeks?|days?)?$")
_COUNT = re.compile(r"^\d{1,3}(?:,\d{3})+$|^\d{1,6}$")
_SURVIVAL = re.compile(r"\bsurviv|\bcumulative proportion|\bS\(t\)|free", re.I)
_SPREAD = re.compile(r"\bCI\b|\bSE\b|confidence|error", re.I)
_UNITS = {"m": "months", "y": "years", "w": "weeks", "d": "days"}


def read_at_risk(tables: Sequence[Table], legends: Sequence[Paragraph]) -> Iterator[Curve]:
    """Numbers at risk of every group that prints them at three times or more.

    Examples
    --------
    >>> stated = "OS, months. Number at risk\\n0 6 12\\nDrug 40 30 21\\nControl 41 25 12"
    >>> [c.at_risk for c in read_at_risk((), (Paragraph(stated, "legend"),))]
    [(('0', '40'), ('6', '30'), ('12', '21')), (('0', '41'), ('6', '25'), ('12', '12'))]
    """
    for table in tables:
        yield from _rows(table)
        yield from _life(table)
    for legend in legends:
        yield from _lines(legend)


def read_life_landmarks(tables: Sequence[Table]) -> Iterator[Landmark]:
    """Survival at the times of life tables."""
    for table in tables:
        for time, unit, row, column in _survival_cells(table):
            share = row.cells[column].strip().removesuffix("%").strip()
            if re.fullmatch(r"\d{1,3}(?:\.\d{1,3})?", share) and float(share) <= 100:
                where = place(table, row, column)
                yield Landmark(_endpoint(table), time, unit, share, "", "", table.label, where)


def _endpoint(table: Table) -> str:
    return endpoint_of(table.caption)


def _time(text: str, around: str) -> tuple[str, str] | None:
    hit = _TIME.match(text.strip())
    if hit is None:
        return None
    stated = hit["unit"] or next(iter(re.findall(r"\b(month|year|week|day)s?\b", around, re.I)), "")
    return (hit["time"], _UNITS[stated[0].lower()]) if stated else None


def _rows(table: Table) -> Iterator[Curve]:
    """Groups as rows, times as columns, below a heading, caption or label "at risk"."""
    heads, rows = [table.heading(c) for c in range(table.width)], table.rows
    if not table.header and rows:
        # The times look like figures where nothing marks the first row as headings.
        heads, rows = list(rows[0].cells), rows[1:]
    around = f"{table.caption} {heads[0] if heads else ''}"
    times = {
        c: t for c in range(1, len(heads))
        if (t := _time(heads[c].rpartition(" / ")[2], f"{around} {heads[c]}"))
    }  # fmt: skip
    if len(times) < 3 or [float(t) for t, _ in times.values()] != sorted(
        {float(t) for t, _ in times.values()}
    ):
        return
    headed = bool(_AT_RISK.search(around))
    for row in rows:
        if not any(v.strip() for v in row.values):
            headed = bool(_AT_RISK.search(row.label))
            continue
        if not headed and not _AT_RISK.search(row.label):
            continue
        points = [
            (times[c][0], row.cells[c].strip().replace(",", ""))
            for c in times if c < len(row.cells) and _COUNT.match(row.cells[c].strip())
        ]  # fmt: skip
        if len(points) >= 3:
            unit = next(iter(times.values()))[1]
            where = place(table, row, min(times))
            yield Curve(_endpoint(table), (), tuple(points), "", unit, row.label.strip(), where)


def _life_columns(table: Table) -> tuple[int, int | None] | None:
    """Columns of the numbers at risk and of the survival in a life table."""
    heads = [table.heading(c) for c in range(table.width)]
    at_risk = [c for c in range(1, table.width) if _AT_RISK.search(heads[c])]
    share = [
        c for c in range(1, table.width)
        if _SURVIVAL.search(heads[c]) and "%" in heads[c] and not _SPREAD.search(heads[c])
    ]  # fmt: skip
    if len(at_risk) != 1 or len(share) > 1:
        return None
    return at_risk[0], share[0] if share else None


def _life_rows(table: Table) -> list[tuple[str, str, int]]:
    found = []
    for k, row in enumerate(table.rows):
        time = _time(row.label, f"{table.heading(0)} {table.caption}")
        if time is not None:
            found.append((*time, k))
    return found if len(found) >= 3 and len(found) == len(table.rows) else []


def _life(table: Table) -> Iterator[Curve]:
    """Times as rows, with a column of the numbers at risk."""
    columns, rows = _life_columns(table), _life_rows(table)
    if columns is None or not rows:
        return
    points = [
        (time, table.rows[k].cells[columns[0]].strip().replace(",", ""))
        for time, _, k in rows if _COUNT.match(table.rows[k].cells[columns[0]].strip())
    ]  # fmt: skip
    if len(points) >= 3:
        where = place(table, table.rows[rows[0][2]], columns[0])
        yield Curve(_endpoint(table), (), tuple(points), "", rows[0][1], table.label, where)


def _survival_cells(table: Table) -> Iterator[tuple[str, str, Row, int]]:
    columns, rows = _life_columns(table), _life_rows(table)
    if columns is not None and columns[1] is not None:
        for time, unit, k in rows:
            yield time, unit, table.rows[k], columns[1]


def _trailing(line: str) -> list[str]:
    """The whole numbers that end a line, behind a name without digits; else none."""
    words = line.split()
    start = next((k for k, word in enumerate(words) if word.isdigit()), len(words))
    counts = words[start:]
    return counts if all(w.isdigit() and len(w) < 7 for w in counts) else []


def _lines(legend: Paragraph) -> Iterator[Curve]:
    """Lines of a legend behind the words "at risk": times, then one line for each group."""
    head, stated, rest = legend.text.partition("at risk")
    unit = next(iter(re.findall(r"\b(month|year|week|day)s?\b", legend.text, re.I)), "")
    if not stated or not unit:
        return
    lines = [line for line in rest.splitlines() if line.strip()]
    counts = [found for line in lines if len(found := _trailing(line)) >= 3]
    if len(counts) < 2 or len({len(c) for c in counts}) != 1 or counts[0][0] != "0":
        return
    times = counts[0]
    if [int(t) for t in times] != sorted({int(t) for t in times}):
        return
    for values in counts[1:]:
        where = Where(legend.section, legend.label, page=legend.page, quote=legend.text.strip())
        points = tuple(zip(times, values, strict=True))
        yield Curve(endpoint_of(head), (), points, "", _UNITS[unit[0].lower()], "", where)
