"""Ratios with intervals and p-values, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.document import Row, Table
from oncohort.audit.extract import names
from oncohort.audit.extract.cells import (
    CI,
    INTERVAL,
    PERCENT,
    SIZE,
    level_stated,
    place,
)
from oncohort.audit.extract.endpoints import endpoint_of, model_of
from oncohort.audit.extract.ratio_cells import ratio_cell
from oncohort.audit.extract.row_sizes import (
    SizeColumns,
    sides_in_columns,
    sides_in_row,
    sides_of_levels,
    size_columns,
)
from oncohort.dataclass import dataclass
from oncohort.published.model import (
    Ratio,
)
from oncohort.published.rounding import number

_HR = re.compile(r"\b(?:a?HRs?|[sc]HRs?|hazards?[- ]ratios?|HazR)\b", re.I)
_EXP = re.compile(r"^exp\s?\(\s?[bβ]\s?\)$", re.I)


_OR = re.compile(r"\b(?:a?ORs?|(?i:odds[- ]ratios?))\b")


_RR = re.compile(r"\b(?:RRs?|relative[- ]risks?|risk[- ]ratios?)\b", re.I)


_P = re.compile(r"\bp(?:[- ]?values?)?\b\s*[a-z*†]?$|\bp\b", re.I)


@dataclass(frozen=True, slots=True)
class RatioColumns:
    """Columns of one analysis: estimate, interval, p."""

    kind: str
    endpoint: str
    model: str
    estimate: int
    interval: int | None
    p: int | None
    bounds: tuple[int, int] | None = None
    """Columns of the lower and the upper bound, where they stand apart."""

    @property
    def columns(self) -> tuple[int, ...]:
        apart = self.bounds or ()
        return tuple(c for c in (self.estimate, self.interval, self.p, *apart) if c is not None)


def kind_of(text: str) -> str:
    """``HR``, ``OR`` or ``RR``, if a heading or label names one; else empty.

    Examples
    --------
    >>> kind_of("Adjusted hazard ratio (95% CI)"), kind_of("Events")
    ('HR', '')
    """
    for kind, pattern in (("HR", _HR), ("OR", _OR), ("RR", _RR)):
        if pattern.search(text):
            return kind
    return ""


def ratio_columns(table: Table) -> list[RatioColumns]:
    out: list[RatioColumns] = []
    width = table.width
    leaves = [table.heading(c) for c in range(width)]
    kinds = []
    for c in range(width):
        last = table.header[-1][c] if table.header and c < len(table.header[-1]) else ""
        text = last or leaves[c]
        kind = kind_of(text) or ("HR" if _EXP.match(text) and _HR.search(table.caption) else "")
        if not kind and c and not _is_p(text) and _mostly_ratios(table, c):
            kind = kind_of(leaves[c]) or kind_of(table.caption)
        kinds.append(kind if c else "")
    if _behind(table, kinds):
        # p or interval in front of each estimate: whose they are, isn't certain.
        return [
            RatioColumns(
                kinds[c],
                endpoint_of(table.heading(c)) or endpoint_of(table.caption),
                model_of(table.heading(c)) or model_of(table.caption),
                c,
                None,
                None,
            )
            for c in range(1, width)
            if kinds[c] and not _is_interval_column(table, c)
        ]
    for c in range(1, width):
        if not kinds[c] or (c > 1 and kinds[c - 1] and _is_interval_column(table, c)):
            continue
        stop = next(
            (k for k in range(c + 1, width) if kinds[k] and not _is_interval_column(table, k)),
            width,
        )
        between = range(c + 1, min(stop, c + 4))
        ci = next((k for k in between if _is_interval_column(table, k)), None)
        p = next((k for k in between if _is_p(leaf_of(table, k)) and k != ci), None)
        ci, p = (k if k is not None and _same_part(table, c, k) else None for k in (ci, p))
        context = f"{table.heading(c)}"
        endpoint = endpoint_of(context) or endpoint_of(table.caption)
        model = model_of(context) or model_of(table.caption)
        bounds = None if ci is not None else _bounds(table, range(c + 1, min(stop, c + 5)))
        if bounds is not None and p is None:
            after = range(bounds[1] + 1, min(stop, bounds[1] + 3))
            p = next((k for k in after if _is_p(leaf_of(table, k))), None)
        out.append(RatioColumns(kinds[c], endpoint, model, c, ci, p, bounds))
    return out


def _behind(table: Table, kinds: Sequence[str]) -> bool:
    """Whether the first estimate has a p or an interval before it, and the last one none after."""
    estimates = [c for c, kind in enumerate(kinds) if kind and not _is_interval_column(table, c)]
    if not estimates:
        return False
    first, last = estimates[0], estimates[-1]

    def belongs(c: int) -> bool:
        return _is_p(leaf_of(table, c)) or _is_interval_column(table, c)

    before = first > 1 and belongs(first - 1) and _same_part(table, first, first - 1)
    return before and not any(belongs(c) for c in range(last + 1, len(kinds)))


def _same_part(table: Table, one: int, two: int) -> bool:
    """Whether two columns stand below the same outer headings, where there are any."""
    for row in table.header[:-1]:
        a, b = (row[c].strip() if c < len(row) else "" for c in (one, two))
        if a and b and a != b and not _is_p(b) and not CI.search(b):
            return False
    return True


def _mostly_ratios(table: Table, column: int) -> bool:
    """Whether most cells of a column are ratios with intervals, whatever its last heading says."""
    cells = [r.cells[column].strip() for r in table.rows if column < len(r.cells)]
    figures = [c for c in cells if re.search(r"\d", c)]
    return len(figures) > 1 and 2 * sum(ratio_cell(c) is not None for c in figures) > len(figures)


_LOWER = re.compile(r"\blow(?:er)?\b|\bLL\b|\bLCL\b|\bmin\b|^from$", re.I)
_UPPER = re.compile(r"\bupp(?:er)?\b|\bUL\b|\bUCL\b|\bhigh(?:er)?\b|\bmax\b|^to$", re.I)


def _bounds(table: Table, columns: Sequence[int]) -> tuple[int, int] | None:
    """Columns of a lower and an upper bound: by their headings, or two numbers below one "CI"."""
    low = next((k for k in columns if _LOWER.search(leaf_of(table, k))), None)
    high = next((k for k in columns if _UPPER.search(leaf_of(table, k)) and k != low), None)
    if low is not None and high is not None and low < high:
        return low, high
    under = [k for k in columns if CI.search(leaf_of(table, k))]
    single = [
        k for k in under
        if sum(bool(PERCENT.match(r.cells[k].strip())) for r in table.rows if k < len(r.cells)) * 2
        >= sum(bool(re.search(r"\d", r.cells[k])) for r in table.rows if k < len(r.cells)) > 0
    ]  # fmt: skip
    return (single[0], single[1]) if len(single) == 2 else None


def leaf_of(table: Table, column: int) -> str:
    """The innermost heading of a column; "confidence" and "interval" on two lines are one."""
    below = ""
    for row in reversed(table.header):
        text = row[column].strip() if column < len(row) else ""
        if text and below:
            return f"{text} {below}" if text.lower().endswith("confidence") else below
        if text.lower() not in {"interval", "intervals"}:
            if text:
                return text
        else:
            below = text
    return below


def _is_interval_column(table: Table, column: int) -> bool:
    if not CI.search(leaf_of(table, column)):
        return False
    cells = [
        r.cells[column].strip()
        for r in table.rows
        if column < len(r.cells) and r.cells[column].strip()
    ]
    spans = sum(bool(INTERVAL.match(x)) for x in cells)
    return spans > 0 and spans * 2 >= len([x for x in cells if re.search(r"\d", x)])


_REFERENCE = re.compile(
    r"^(?:1(?:\.0+)?)?\s*+[(\[]?\s*+(?:ref(?:erence)?\.?|referent)?\s*+[)\]]?$", re.I
)


@dataclass(frozen=True, slots=True)
class _Block:
    """What the rows around a row say of it: the heading, its levels, and the reference level."""

    heading: str = ""
    levels: tuple[str, ...] = ()
    reference: Row | None = None


def _blocks(table: Table, groups: Sequence[RatioColumns]) -> dict[int, _Block]:
    """The block of every row that has figures, by number of the row."""
    heading = ""
    block: list[Row] = []
    out: dict[int, _Block] = {}
    headed = False
    for k, row in enumerate(table.rows):
        if not any(v.strip() for v in row.values):
            if row.label:
                heading, block, headed = row.label, list(_below(table, k)), True
            continue
        if not heading or row not in block:
            heading = ""
            out[k] = _Block()
            continue
        references = [r for r in block if _is_reference(r, groups)]
        reference = references[0] if len(references) == 1 else None
        if not references:
            reference = _reference_above(table, k, row, groups)
        out[k] = _Block(heading, tuple(r.label for r in block), reference)
    return out if headed else _flat(table, groups) or out


def _reference_above(table: Table, k: int, row: Row, groups: Sequence[RatioColumns]) -> Row | None:
    """The reference of the groups around a block ("Placebo", above "Drug" and its subgroups)."""
    for above in reversed(table.rows[:k]):
        if above.indent < row.indent and _is_reference(above, groups):
            return above
        if above.indent == 0 and row.indent > 0 and not any(v.strip() for v in above.values):
            return None
    return None


def _flat(table: Table, groups: Sequence[RatioColumns]) -> dict[int, _Block]:
    """A table of a few groups without headings, of which just one is the reference."""
    rows = [r for r in table.rows if r.label]
    references = [r for r in rows if _is_reference(r, groups)]
    counts = size_columns(table, [c for group in groups for c in group.columns])
    few = 2 <= len(rows) == len(table.rows) <= 8 and len(references) == 1
    if not few or any(r != references[0] and not _counted(r, references[0], counts) for r in rows):
        return {}
    block = _Block(table.heading(0), tuple(r.label for r in rows), references[0])
    return dict.fromkeys(range(len(table.rows)), block)


def _counted(row: Row, reference: Row, counts: SizeColumns) -> bool:
    return sides_of_levels(row, reference, counts) is not None


@dataclass(frozen=True, slots=True)
class _Figures:
    """A ratio as its row prints it."""

    estimate: str
    low: str
    high: str
    level: str
    p: str


def _figures(table: Table, k: int, group: RatioColumns) -> _Figures | None:
    """Estimate, interval and p of a row; None where there is no ratio or only its reference."""
    row = table.rows[k]
    text = row.cells[group.estimate].strip() if group.estimate < len(row.cells) else ""
    both = ratio_cell(text)
    estimate = low = high = p = ""
    if both:
        estimate, low, high, p = both.estimate, both.low, both.high, both.p
    elif PERCENT.match(text) and "%" not in text:
        estimate = text
    if not estimate:
        return None
    if group.interval is not None and not low:
        span = INTERVAL.match(row.cells[group.interval].strip())
        if span:
            low, high = span[1], span[2]
    if group.bounds is not None and not low:
        ends = [row.cells[c].strip() for c in group.bounds if c < len(row.cells)]
        if len(ends) == 2 and all(PERCENT.match(e) and "%" not in e for e in ends):
            low, high = ends
    if re.fullmatch(r"1(?:\.0+)?", estimate) and not low and _has_intervals(table, group):
        return None
    if group.p is not None and group.p < len(row.cells):
        p = p_text(row.cells[group.p])
        below = table.rows[k + 1] if k + 1 < len(table.rows) else None
        joined = group.p in row.joined or (below is not None and group.p in below.joined)
        if joined or (p and _alone_in_block(table, k, group)):
            # One p beside several rows is of the variable, not of a level.
            p = ""
    if not low and not p:
        return None
    level = both.level if both else ""
    if low and not level:
        level = level_stated(table, group.interval or group.estimate, row.label)
    return _Figures(estimate, low, high, level if low else "", p)


def _alone_in_block(table: Table, k: int, group: RatioColumns) -> bool:
    """Whether a row's p is the only one of its block, in which other levels have ratios, too."""
    others = 0
    for step in (-1, 1):
        at = k + step
        while 0 <= at < len(table.rows) and any(v.strip() for v in table.rows[at].values):
            cells = table.rows[at].cells
            if group.p is not None and group.p < len(cells) and p_text(cells[group.p]):
                return False
            text = cells[group.estimate].strip() if group.estimate < len(cells) else ""
            others += bool(re.search(r"\d", text)) and not _REFERENCE.match(text)
            at += step
    return others > 0


def _has_intervals(table: Table, group: RatioColumns) -> bool:
    """Whether other rows of the analysis print intervals: a bare 1 is then the reference."""
    if group.interval is not None or group.bounds is not None:
        return True
    cells = (r.cells[group.estimate] for r in table.rows if group.estimate < len(r.cells))
    return any(ratio_cell(c.strip()) is not None for c in cells)


def _contrast(row: Row, block: _Block) -> tuple[str, str, str, str]:
    """Variable, contrast, level and reference of a row."""
    own = names.contrast(row.label)
    name, reference = block.heading, block.reference.label if block.reference else ""
    if own:
        variable, contrast, level, ref = own
        return variable or name or contrast, contrast, level, ref
    of_heading = names.contrast(name) if name else None
    if of_heading and len(block.levels) <= 1:
        return of_heading
    if name and reference and reference != row.label:
        return name, f"{row.label} versus {reference}", row.label, reference
    return name or row.label, "", row.label if name else "", ""


def read_ratios(table: Table, groups: Sequence[RatioColumns]) -> Iterator[Ratio]:
    """Ratios of the rows of a table, each with its contrast and the sizes printed beside it."""
    taken = [c for group in groups for c in group.columns]
    counts = size_columns(table, taken)
    one_endpoint = len({group.endpoint for group in groups}) == 1
    for k, block in _blocks(table, groups).items():
        row = table.rows[k]
        for group in groups:
            figures = _figures(table, k, group)
            if figures is None:
                continue
            variable, contrast, level, reference = _contrast(row, block)
            own = names.contrast(row.label) is not None
            sides = sides_in_row(table, row, counts)
            if sides is None and not own and block.reference is not None:
                sides = sides_of_levels(row, block.reference, counts)
            elif sides is None and not own and not level:
                sides = sides_in_columns(table, row, group.estimate, taken)
            if sides is not None and not own:
                level, reference = sides.names
                contrast = f"{level} versus {reference}"
            yield Ratio(
                re.sub(r"\s+", " ", variable),
                group.kind,
                group.endpoint or endpoint_of(block.heading),
                group.model,
                contrast,
                level,
                reference,
                figures.estimate.replace("·", "."),
                figures.low.replace("·", "."),
                figures.high.replace("·", "."),
                figures.level,
                figures.p,
                _test_of(leaf_of(table, group.p) if group.p is not None else ""),
                own or (block.reference is not None and len(block.levels) == 2),
                _ratio_population(table, group),
                place(table, row, group.estimate, block.heading),
                sides.sizes if sides is not None else (),
                sides.events if sides is not None and one_endpoint else (),
            )


_OTHER_COHORT = re.compile(
    r"\b(?:validation|training|external|internal|test(?:ing)? (?:set|cohort)|TCGA|SEER|GEO|"
    r"subgroup|registry|database|lesions|nodules|metastases in|eyes|episodes|admissions|"
    r"derivation|discovery|matched|cohort (?:[A-D1-4]\b|I+\b))",
    re.I,
)


_PATIENTS = re.compile(
    r"(?<![\d,.=])(\d{1,3}(?:,\d{3})+|\d{2,7})(?![\d,.]) (?:[a-z-]{1,20} ){0,2}"
    r"(?:patients|cases|subjects|participants|women|men)\b",
    re.I,
)


def _ratio_population(table: Table, group: RatioColumns) -> str:
    """Number of patients that the table names; ``other`` where it is of another cohort."""
    text = f"{table.caption} {table.heading(group.estimate)}"
    if _OTHER_COHORT.search(text):
        return "other"
    sizes = {n.replace(",", "") for n in SIZE.findall(text)}
    sizes |= {n.replace(",", "") for n in _PATIENTS.findall(text)}
    return sizes.pop() if len(sizes) == 1 else ("other" if sizes else "")


def _below(table: Table, start: int) -> list[Row]:
    """Rows that belong to the heading row ``start``."""
    level = table.rows[start].indent
    indented = any(r.indent > level for r in table.rows[start + 1 : start + 2])
    out: list[Row] = []
    for row in table.rows[start + 1 :]:
        if not any(v.strip() for v in row.values):
            break
        if indented and row.indent <= level:
            break
        out.append(row)
    return out


def _is_reference(row: Row, groups: Sequence[RatioColumns]) -> bool:
    texts = [row.cells[g.estimate].strip() for g in groups if g.estimate < len(row.cells)]
    texts = [t for t in texts if re.search(r"\w", t)]
    return bool(texts) and all(_REFERENCE.match(t) for t in texts)


def _is_p(heading: str) -> bool:
    """Whether a column is of p-values of the ratios themselves."""
    other = r"interaction|trend|heterogen|overall|global|schoenfeld|\bPH\b|adjusted p|FDR|\bq\b"
    return bool(_P.search(heading)) and not re.search(other, heading, re.I)


def p_text(cell: str) -> str:
    text = re.sub(r"(?<![*†‡§])[*†‡§]+$|\([^()]*\)$", "", cell.strip()).strip()
    text = re.sub(r"^[pP]\s*(?==|<|>|≤|≥)", "", text)
    text = re.sub(r"^=\s*", "", text).replace("·", ".").replace(" ", "")
    read = number(text)
    return text if read is not None and 0 <= read.value <= 1 else ""


def _test_of(text: str) -> str:
    if re.search(r"log[- ]?rank", text, re.I):
        return "log-rank"
    if re.search(r"wald", text, re.I):
        return "Wald"
    if re.search(r"likelihood", text, re.I):
        return "likelihood-ratio"
    return ""
