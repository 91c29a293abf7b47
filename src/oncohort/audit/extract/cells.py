"""Cells of tables: which columns hold counts, which rows belong to one variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from oncohort.audit.document import Row, Table
from oncohort.published.model import (
    Level,
    Where,
)

COUNT_PERCENT = re.compile(
    r"^(?P<count>\d{1,3}(?:,\d{3})+|\d+)\s*(?:/\s*(?P<of>\d+)\s*)?"
    r"[(\[]\s*(?P<percent>\d+(?:[.·]\d+)?|[.·]\d+)\s*(?P<sign>%?)\s*[)\]]\s*[*†‡§a-d]?$"
)


WHOLE = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)$")


PERCENT = re.compile(r"^(\d+(?:[.·]\d+)?)\s*(%?)$")


SIZE = re.compile(r"\bn\s*=\s*(\d[\d,]*)", re.I)


RATIO = re.compile(
    r"^(?P<estimate>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:(?P<level>9\d(?:\.\d)?)\s*%\s*(?:CI|"
    r"C\.I\.)[:,]?\s*)?"
    r"(?P<low>\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,|;)\s*(?P<high>\d+(?:[.·]\d+)?)\s*[)\]]$"
)


INTERVAL = re.compile(
    r"^[(\[]?\s*(\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,|;)\s*(\d+(?:[.·]\d+)?)\s*[)\]]?$"
)


MEDIAN_RANGE = re.compile(
    r"^(?P<center>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:range[:,]?\s*|IQR[:,]?\s*)?"
    r"(?P<low>\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,)\s*(?P<high>\d+(?:[.·]\d+)?)\s*[)\]]$",
    re.I,
)


_SAYS_PERCENT = re.compile(r"\(\s*%\s*\)|\bn\s*[(,]\s*%|no\.?\s*\(%\)|percent", re.I)


_PERCENT_FIRST = re.compile(r"%\s*\(\s*(?:n|no)\b|percent(?:age)?\s*\(\s*n", re.I)


CI = re.compile(r"\bCIs?\b|confidence interval|\bC\.I\.", re.I)


EVENT_TABLE = re.compile(
    r"adverse (?:events?|reactions?|effects?)|toxicit|\bAEs?\b|\bTRAEs?\b|side effects?|safety",
    re.I,
)


SKIPPED = re.compile(
    r"weight(?:ed|ing)|iptw|inverse probability|standardi[sz]ed|imput|estimat(?:ed|es) "
    r"(?:prevalence|number)|meta-analy|pooled|systematic review|included studies|per 100|"
    r"person-years|simulat|previous(?:ly)? (?:reported|published)|literature|other studies|"
    r"comparison of studies|published (?:studies|trials|series)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class CountColumn:
    """A column of counts, with its percentages in the same cells or in the next column."""

    index: int
    percent: int
    """Column of the percentages; equal to ``index`` where they share a cell."""
    n: str
    heading: str
    evidence: bool
    """Whether the heading or the caption says that these are counts and percentages."""
    population: str


def count_columns(table: Table, taken: set[int], cohort: str) -> list[CountColumn]:
    out: list[CountColumn] = []
    says = bool(_SAYS_PERCENT.search(f"{table.caption} {table.heading(0)}"))
    skip = -1
    multiple = sum(bool(SIZE.search(table.heading(c))) for c in range(1, table.width)) > 1
    for c in range(1, table.width):
        if c in taken or c == skip:
            continue
        cells = [r.cells[c] for r in table.rows if c < len(r.cells) and r.cells[c]]
        if not cells:
            continue
        heading = table.heading(c)
        if _PERCENT_FIRST.search(f"{heading} {table.caption}"):
            continue
        size = SIZE.search(heading)
        pairs = sum(bool(COUNT_PERCENT.match(x)) for x in cells)
        if pairs >= max(2, len(cells) // 4):
            evidence = says or "%" in heading
        elif (
            c + 1 < table.width
            and re.search(r"\b(?:n|no\.?|number|patients|cases|count)\b", heading, re.I)
            and re.search(r"%|percent", table.heading(c + 1), re.I)
            and sum(bool(WHOLE.match(x)) for x in cells) * 2 > len(cells)
        ):
            skip = c + 1
            evidence = True
        else:
            continue
        n = size[1].replace(",", "") if size else ""
        population = re.sub(r"\s+", " ", heading).strip()
        if not n:
            caption_n = SIZE.findall(table.caption)
            if len(set(caption_n)) == 1 and not multiple:
                n = caption_n[0].replace(",", "")
        out.append(CountColumn(c, skip if skip == c + 1 else c, n, heading, evidence, population))
    single = len(out) == 1 or EVENT_TABLE.search(table.caption)
    if single and cohort and all(not column.n for column in out):
        out = [replace(column, n=cohort, population="cohort") for column in out]
    return out


@dataclass(frozen=True, slots=True)
class Block:
    """A variable: its heading row (or none) and the rows of its levels."""

    name: str
    rows: tuple[int, ...]
    heading: int | None


def blocks_of(table: Table) -> Iterator[Block]:
    """Group rows under headings: a row without values heads the rows below it.

    Where the source shows indents, a row that is not indented below its heading ends the
    block; without indents, the block runs to the next heading row.
    """
    rows = table.rows
    empty = [not any(v.strip() for v in r.values) for r in rows]
    indented = any(r.indent > 0 for r in rows)
    k = 0
    while k < len(rows):
        if not empty[k]:
            yield Block(rows[k].label, (k,), None)
            k += 1
            continue
        level = rows[k].indent
        j = k + 1
        inside: list[int] = []
        while j < len(rows) and not empty[j]:
            if indented and rows[j].indent <= level:
                break
            inside.append(j)
            j += 1
        if inside:
            yield Block(rows[k].label, tuple(inside), k)
        k = max(j, k + 1)


def pair_in(row: Row, column: CountColumn) -> Level | None:
    text = row.cells[column.index].strip() if column.index < len(row.cells) else ""
    if column.percent == column.index:
        match = COUNT_PERCENT.match(text)
        if match is None:
            plain = WHOLE.match(text)
            return Level(row.label, plain[1].replace(",", "")) if plain else None
        return Level(
            row.label,
            match["count"].replace(",", ""),
            match["percent"].replace("·", "."),
            match["of"] or "",
        )
    count = WHOLE.match(text)
    percent = PERCENT.match(row.cells[column.percent].strip())
    if count is None:
        return None
    return Level(
        row.label, count[1].replace(",", ""), percent[1].replace("·", ".") if percent else ""
    )


def place(table: Table, row: Row, column: int, variable: str = "") -> Where:
    """Where a cell stands."""
    label = f"{variable}: {row.label}" if variable and variable != row.label else row.label
    return Where(
        table.section or "table",
        table.label,
        label,
        table.heading(column),
        table.page,
        row.quote,
    )


_P_HEADING = re.compile(r"^[pP](?:[- ]?values?)?\s*[*†‡a-c]?$", re.I)


def p_columns(table: Table) -> list[int]:
    """Columns of p-values, by their last heading."""
    out = []
    for column in range(1, table.width):
        cells = [row[column].strip() for row in table.header if column < len(row)]
        last = next((c for c in reversed(cells) if c), "")
        if _P_HEADING.match(last):
            out.append(column)
    return out


def without_p(table: Table) -> Table:
    """The table with empty columns of p-values: a p beside a heading does not make it a level."""
    columns = set(p_columns(table))
    if not columns:
        return table
    rows = tuple(
        replace(r, cells=tuple("" if c in columns else x for c, x in enumerate(r.cells)))
        for r in table.rows
    )
    return replace(table, rows=rows)
