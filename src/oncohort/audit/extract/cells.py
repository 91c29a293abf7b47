"""Cells of tables: which columns hold counts, which rows belong to one variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from oncohort.audit.document import Row, Table
from oncohort.dataclass import dataclass
from oncohort.published.model import (
    Level,
    Where,
)
from oncohort.published.rounding import denominators, number

COUNT_PERCENT = re.compile(
    r"^(?P<count>\d{1,3}(?:,\d{3})+|\d+)\s*+(?:/\s*+(?P<of>\d+)\s*+)?"
    r"[(\[]\s*+(?P<percent>\d+(?:[.·]\d+|,\d{1,2})?|[.·]\d+)\s*+(?P<sign>%?)\s*+[)\]]\s*+[*†‡§a-d]?$"
)


_PERCENT_COUNT = re.compile(
    r"^(\d{1,3}(?:[.·]\d{1,3}|,\d{1,2})?)\s*+%?\s*+[(\[]\s*+(?:n\s*+=\s*+)?"
    r"(\d{1,3}(?:,\d{3})+|\d{1,7})\s*[)\]]$"
)


WHOLE = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)$")


PERCENT = re.compile(r"^(\d+(?:[.·]\d+)?)\s*(%?)$")


SIZE = re.compile(r"\bn\s*=\s*(\d{1,3}(?:,\d{3})+(?!\d)|\d{1,7}(?!\d))", re.I)


RATIO = re.compile(
    r"^(?P<estimate>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:(?P<level>9\d(?:\.\d)?)\s*%\s*(?:CI|"
    r"C\.I\.)[:,]?\s*)?"
    r"(?P<low>\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,|;)\s*(?P<high>\d+(?:[.·]\d+)?)\s*[)\]]$"
)


INTERVAL = re.compile(
    r"^[(\[]?\s*(\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,|;)\s*(\d+(?:[.·]\d+)?)\s*[)\]]?$"
)


_STATED_LEVEL = re.compile(r"(?<![\d.])(\d{2}(?:\.\d{1,2})?)\s?%\s?(?:CIs?\b|C\.I\.|confid)", re.I)


def level_stated(table: Table, column: int, label: str) -> str:
    """Level of confidence of a column's intervals, in percent.

    The row or the heading says it, or else the caption or a note. Where these name several, the
    least is taken, at which an interval is narrowest; where none does, it is 95.
    """
    for texts in ((label,), (table.heading(column),), (table.caption, *table.notes)):
        found = {m[1] for text in texts for m in _STATED_LEVEL.finditer(text)}
        if found:
            return min(found, key=float)
    every = {m[1] for row in table.header for text in row for m in _STATED_LEVEL.finditer(text)}
    return every.pop() if len(every) == 1 else "95"


MEDIAN_RANGE = re.compile(
    r"^(?P<center>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:range[:,]?\s*|IQR[:,]?\s*)?"
    r"(?P<low>\d+(?:[.·]\d+)?)\s*(?:[-–—−~]|to|,)\s*(?P<high>\d+(?:[.·]\d+)?)\s*[)\]]$",
    re.I,
)


_SAYS_PERCENT = re.compile(r"\(\s*%\s*\)|\bn\s*[(,]\s*%|no\.?\s*\(%\)|percent", re.I)


_UNIT_SIGN = re.compile(r"(?<![\d.])\s?(?<!\d )%")


def says_percent(text: str) -> bool:
    """Whether a label or heading has percent as its unit; "over 5% in any arm" has a limit.

    Examples
    --------
    >>> says_percent("Response, n (%)"), says_percent("Events in >5% of patients")
    (True, False)
    """
    return bool(_UNIT_SIGN.search(text))


_PERCENT_FIRST = re.compile(r"%\s*\(\s*(?:n|no)\b|percent(?:age)?\s*\(\s*n", re.I)


CI = re.compile(r"\bCIs?\b|confidence interval|\bC\.I\.", re.I)


EVENT_TABLE = re.compile(
    r"adverse (?:events?|reactions?|effects?)|toxicit|\bAEs?\b|\bTRAEs?\b|side effects?|safety",
    re.I,
)


SKIPPED = re.compile(
    r"\bweight(?:ed|ing)\b(?! loss)|iptw|inverse probability|standardi[sz]ed (?:rate|prevalence|"
    r"mean|difference|percent)|imputed (?:data|values|sets?)|multiple imputation|"
    r"estimat(?:ed|es) (?:prevalence|number)|meta-analy|systematic review|included studies|"
    r"simulat|previous(?:ly)? (?:reported|published)|literature|other studies|"
    r"comparison of studies|published (?:studies|trials|series)",
    re.I,
)
"""Words of a caption or heading that say that a table is not of counted patients."""

SKIPPED_NOTE = re.compile(
    r"\b(?:percentages?|frequencies|proportions|(?<!p[- ])values|data|estimates|counts|numbers) "
    r"(?:are|were|is|was)\b[^.;]{0,40}\b(?:weighted|standardi[sz]ed|imputed|pooled|adjusted)|"
    r"inverse[- ]probability|\biptw\b|\bweighted (?:percent|proportion|frequenc|n\b|counts?)",
    re.I,
)
"""The same of a footnote; other words of a footnote drop no table."""

SKIPPED_COLUMN = re.compile(
    r"weighted|standardi[sz]ed|imputed|pooled|(?:person|patient|subject|participant)[- ]?years?|"
    r"(?:per|/) ?10{2,5}\b|per 1,000\b|/ ?1,000\b|\bp[ty]?-?yr?s?\b|estimated|"
    r"\bSMD\b|rate ratio|incidence|\bEAI?R\b|exposure[- ]adjusted|kaplan|actuarial|"
    r"\b(?:n|no\.?|number|patients|events?|e)\s?[(\[]\s?(?:n|no\.?|number of |adjusted |annual )?"
    r"(?:e|events?|episodes?|rates?|IRs?|SE|SEM|SD)\s?[)\]]",
    re.I,
)
"""Words of a heading that say that a column is not of counted patients with their percentage."""


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
    percent_first: bool = False
    """Whether the cells print the percentage before the count: "65.0 (26)" below "% (n)"."""


_PEOPLE = r"(?:patients|participants|subjects|women|men|cases|individuals|children|pts)"
_SIZE_ROW = re.compile(
    rf"^(?:(?:total )?(?:n|no\.?|numbers?)(?: of {_PEOPLE})?|total(?: {_PEOPLE})?|"
    rf"(?:patients|participants|subjects)|sample size|n \(%\) of {_PEOPLE})"
    r"(?: (?:enrolled|included|randomi[sz]ed|analy[sz]ed|treated))?,?\s*+"
    r"(?:\(?(?:n|no\.)\)?)?\s*+(?:\(%\)|, %)?$",
    re.I,
)
_SIZE_CELL = re.compile(
    r"^(?:n\s*+=\s*+)?(\d{1,3}(?:,\d{3})+|\d{1,7})\s*+(?:[(\[]\s*+\d+(?:[.·]\d+)?\s*+%?\s*+[)\]])?$",
    re.I,
)


def size_of(table: Table, column: int) -> str:
    """Patients of a column: the innermost heading that gives a size, or a row of sizes on top.

    Examples
    --------
    >>> table = Table("", "", (("", "All (n = 80)"), ("", "Drug (n = 42)")), (Row(("a", "1")),))
    >>> size_of(table, 1)
    '42'
    >>> rows = tuple(Row(c) for c in (("Smoker", ""), ("No", "30"), ("Yes", "12")))
    >>> size_of(Table("", "", (("", "All"),), rows), 1)
    ''
    """
    for row in reversed(table.header):
        if column < len(row) and (found := SIZE.search(row[column])):
            return found[1].replace(",", "")
    # "(n =" above "486)": a heading that was wrapped.
    wrapped = SIZE.search(" ".join(row[column] for row in table.header if column < len(row)))
    if wrapped is not None:
        return wrapped[1].replace(",", "")
    for k, body in enumerate(table.rows[:3]):
        if column >= len(body.cells) or not _is_size_row(body) or _says_no(table, body):
            continue
        hit = _SIZE_CELL.match(body.cells[column].strip())
        if hit and not any(
            _is_size_row(r) and r.values != body.values for r in table.rows[k + 1 :]
        ):
            return hit[1].replace(",", "")
    return ""


def _says_no(table: Table, row: Row) -> bool:
    """Whether `No` is the level of those without, and no number: others of the table say yes."""
    return row.label.strip().lower() == "no" and any(
        re.match(r"(?:yes|unknown|missing)\b", r.label.strip(), re.I) for r in table.rows
    )


def _is_size_row(row: Row) -> bool:
    """Whether a row is of sizes; where several are, each is of its own part of the table."""
    return bool(_SIZE_ROW.match(row.label.strip())) and any(
        _SIZE_CELL.match(c.strip()) for c in row.values
    )


def count_columns(table: Table, taken: set[int], cohort: str) -> list[CountColumn]:
    out: list[CountColumn] = []
    says = bool(_SAYS_PERCENT.search(" ".join([table.caption, table.heading(0), *table.notes])))
    skip = -1
    multiple = sum(bool(size_of(table, c)) for c in range(1, table.width)) > 1
    signed = _signed(table)
    for c in range(1, table.width):
        if c in taken or c == skip:
            continue
        cells = [r.cells[c] for r in table.rows if c < len(r.cells) and r.cells[c]]
        if not cells:
            continue
        heading = table.heading(c)
        if SKIPPED_COLUMN.search(heading):
            continue
        first = bool(_PERCENT_FIRST.search(f"{heading} {table.caption} {table.heading(0)}"))
        pairs = sum(bool((_PERCENT_COUNT if first else COUNT_PERCENT).match(x)) for x in cells)
        if pairs >= max(2, len(cells) // 4):
            evidence = (says or says_percent(heading)) and signed.get(c, True)
        elif (
            not first
            and c + 1 < table.width
            and re.search(r"\b(?:n|no\.?|number|patients|cases|count)\b", heading, re.I)
            and re.search(r"%|percent", table.heading(c + 1), re.I)
            and sum(bool(WHOLE.match(x)) for x in cells) * 2 > len(cells)
        ):
            skip = c + 1
            evidence = True
        else:
            continue
        n = size_of(table, c) or (size_of(table, skip) if skip == c + 1 else "")
        population = re.sub(r"\s+", " ", heading).strip()
        if not n:
            caption_n = SIZE.findall(table.caption)
            if len(set(caption_n)) == 1 and not multiple:
                n = caption_n[0].replace(",", "")
        percents = skip if skip == c + 1 else c
        column = CountColumn(c, percents, n, heading, evidence, population, first)
        if not evidence and signed.get(c, True) and _shares_of(table, column):
            column = replace(column, evidence=True)
        out.append(column)
    single = len(out) == 1 or EVENT_TABLE.search(table.caption)
    if single and cohort and all(not column.n for column in out):
        out = [replace(column, n=cohort, population="cohort") for column in out]
    return out


_PROVING = 5
"""Pairs that have to be shares of a column's patients before they say what its brackets hold."""


def _shares_of(table: Table, column: CountColumn) -> bool:
    """Whether the pairs themselves show that the brackets hold percentages, with no sign anywhere.

    Five at least, and three in four, are shares of the patients that the heading gives: columns
    of means with deviations have hardly any.
    """
    if not column.n:
        return False
    levels = [pair_in(row, column) for row in table.rows]
    told = [x for x in levels if x is not None and x.percent and x.count != "0"]
    hits = sum(int(column.n) in denominators(int(x.count), x.percent) for x in told)
    return hits >= _PROVING and 4 * hits >= 3 * len(told)


def _signed(table: Table) -> dict[int, bool]:
    """Whether the pairs of a column have a percent sign, in a table where those of others have.

    Empty where no column has it. A column without beside columns with it prints something else in
    its brackets: events per 100 years beside shares of patients.
    """
    signs: dict[int, list[bool]] = {}
    for row in table.rows:
        for c, text in enumerate(row.cells[1:], 1):
            found = COUNT_PERCENT.match(text.strip())
            if found is not None:
                signs.setdefault(c, []).append(bool(found["sign"]))
    often = {c: 2 * sum(s) > len(s) for c, s in signs.items()}
    return {c: any(signs[c]) for c in often} if any(often.values()) else {}


@dataclass(frozen=True, slots=True)
class Block:
    """A variable: its heading row (or none) and the rows of its levels."""

    name: str
    rows: tuple[int, ...]
    heading: int | None
    closed: bool = True
    """Whether it is certain where the block ends; levels of an open one are never summed."""


def blocks_of(table: Table, columns: Sequence[CountColumn] = ()) -> Iterator[Block]:
    """Group rows under headings: a row without values heads the rows below it.

    Where the source shows indents, a row that is not indented below its heading ends the
    block. Without indents the block runs to the next heading row, unless its first rows already
    share out 100 % in the count columns, or a row below has a unit of its own ("n (%)"): what
    follows then stands alone. A block without indents that doesn't share out 100 % is not closed.
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
        if inside and indented:
            yield Block(rows[k].label, tuple(inside), k)
        elif inside:
            cut, closed = _flat_end(table, inside, columns)
            yield Block(rows[k].label, tuple(inside[:cut]), k, closed)
            for single in inside[cut:]:
                yield Block(rows[single].label, (single,), None)
        k = max(j, k + 1)


def _flat_end(
    table: Table, rows: Sequence[int], columns: Sequence[CountColumn]
) -> tuple[int, bool]:
    """How many of the rows below a heading are its levels, where no indents show it.

    Returns
    -------
    tuple
        Their number, and whether that is certain: shares of small levels may go on behind those
        that make about 100 already ("55, 34, 2, 6", then "0, 2"), so that it may end at either.
    """
    units = ["%" in table.rows[r].label for r in rows]
    end = next((k for k in range(1, len(rows)) if units[k] and not units[0]), len(rows))
    if _whole(table, rows[:end], columns):
        return end, True
    ends = [k for k in range(2, end) if _whole(table, rows[:k], columns)]
    if len(ends) > 1:
        # Rounding moves a sum by half a unit of each level at most.
        closest = [k for k in ends if _whole(table, rows[:k], columns, strictly=True)]
        ends = closest if len(closest) == 1 else ends
    return (ends[-1], len(ends) == 1) if ends else (end, False)


def _whole(
    table: Table, rows: Sequence[int], columns: Sequence[CountColumn], *, strictly: bool = False
) -> bool:
    """Whether the percentages of these rows make 100 in some column, and in none much else.

    Counts that make the column's patients exactly say the same. ``strictly`` allows for rounding
    alone, and not for a level that is off.
    """
    seen = False
    for column in columns:
        levels = [pair_in(table.rows[r], column) for r in rows]
        counts = [int(x.count) if x is not None else -1 for x in levels]
        if len(counts) > 1 and min(counts) >= 0 and column.n == str(sum(counts)):
            seen = True
            continue
        reads = [number(x.percent) if x is not None and x.percent else None for x in levels]
        if any(r is None for r in reads):
            continue
        total = sum((r.value for r in reads if r is not None), Fraction(0))
        slack = sum((r.unit for r in reads if r is not None), Fraction(0))
        if abs(total - 100) > (slack / 2 if strictly else max(slack, Fraction(1))):
            return False
        seen = True
    return seen


_TWO_NAMES = re.compile(
    r"^[a-z][\w -]{1,25}\s?/\s?[a-z][\w -]{1,25}\b|\b(?:yes|males?|m)\s?/\s?(?:no|females?|f)\b",
    re.I,
)
"""A label of two levels ("Males/females"): its cells print two counts with a slash."""


def pair_in(row: Row, column: CountColumn) -> Level | None:
    text = row.cells[column.index].strip() if column.index < len(row.cells) else ""
    if column.percent_first:
        turned = _PERCENT_COUNT.match(text)
        if turned is None:
            return None
        return Level(row.label, turned[2].replace(",", ""), re.sub("[·,]", ".", turned[1]))
    if column.percent == column.index:
        match = COUNT_PERCENT.match(text)
        if match is None:
            plain = WHOLE.match(text)
            # "25 (-)": a count whose percentage is left out, as of those outside the denominator.
            dashed = re.match(r"^(\d[\d,]{0,9})\s*+[(\[]\s*+[-–—−]\s*+[)\]]$", text)
            # "2 (<1)": the limit says no more than the count does.
            limit = re.match(
                r"^(\d[\d,]{0,9})\s*+[(\[]\s*+[<≤]\s*+\d{1,2}(?:\.\d)?\s*+%?\s*+[)\]]$", text
            )
            found = plain or dashed or limit
            return Level(row.label, found[1].replace(",", "")) if found else None
        if match["of"] and (int(match["of"]) < int(match["count"].replace(",", ""))
                            or _TWO_NAMES.search(row.label)):  # fmt: skip
            # "9/4 (69)" beside "men/women": two counts, not a part and its whole.
            return None
        return Level(
            row.label,
            match["count"].replace(",", ""),
            re.sub("[·,]", ".", match["percent"]),
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
