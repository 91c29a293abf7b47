"""Ratios with intervals and p-values, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oncohort.audit.document import Row, Table
from oncohort.audit.extract import names
from oncohort.audit.extract.cells import CI, INTERVAL, PERCENT, SIZE, place, ratio_cell
from oncohort.audit.extract.endpoints import endpoint_of, model_of
from oncohort.published.model import (
    Ratio,
)
from oncohort.published.rounding import number

_HR = re.compile(r"\b(?:a?HRs?|[sc]HRs?|hazards?[- ]ratios?|HazR)\b", re.I)
_EXP = re.compile(r"^exp\s?\(\s?[bβ]\s?\)$", re.I)


_OR = re.compile(r"\b(?:a?ORs?|odds[- ]ratios?)\b")


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
    arms: tuple[int, ...] = ()
    """The two columns that print events and patients of either side ("40/100")."""

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
        context = f"{table.heading(c)}"
        endpoint = endpoint_of(context) or endpoint_of(table.caption)
        model = model_of(context) or model_of(table.caption)
        bounds = None if ci is not None else _bounds(table, range(c + 1, min(stop, c + 5)))
        if bounds is not None and p is None:
            after = range(bounds[1] + 1, min(stop, bounds[1] + 3))
            p = next((k for k in after if _is_p(leaf_of(table, k))), None)
        out.append(
            RatioColumns(kinds[c], endpoint, model, c, ci, p, bounds, _arms(table, len(out)))
        )
    return out


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


_EVENTS_OF = re.compile(r"^(\d{1,6})\s?/\s?(\d{1,6})(?:\s?\(\s?\d+(?:[.·]\d+)?\s?%?\s?\))?$")


def _arms(table: Table, before: int) -> tuple[int, ...]:
    """The two columns of "events/patients" of a table with one ratio; empty if there are others."""
    if before:
        return ()
    found = []
    for c in range(1, table.width):
        cells = [r.cells[c].strip() for r in table.rows if c < len(r.cells) and r.cells[c].strip()]
        if cells and 2 * sum(bool(_EVENTS_OF.match(x)) for x in cells) > len(cells):
            found.append(c)
    return tuple(found) if len(found) == 2 else ()


def _sides_of(
    table: Table, row: Row, group: RatioColumns
) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]] | None:
    """Names, patients and events of the two sides that a row prints as "events/patients"."""
    if len(group.arms) != 2:
        return None
    hits = [_EVENTS_OF.match(row.cells[c].strip()) for c in group.arms]
    if any(h is None or int(h[1]) > int(h[2]) for h in hits):
        return None
    first, second = (h for h in hits if h is not None)
    names_of = tuple(table.heading(c) for c in group.arms)
    return (names_of[0], names_of[1]), (first[2], second[2]), (first[1], second[1])


def leaf_of(table: Table, column: int) -> str:
    for row in reversed(table.header):
        if column < len(row) and row[column].strip():
            return row[column].strip()
    return ""


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


def read_ratios(table: Table, groups: Sequence[RatioColumns]) -> Iterator[Ratio]:
    heading = ""
    heading_indent = 0
    block: list[Row] = []
    contexts: dict[int, tuple[str, tuple[str, ...], str]] = {}
    for k, row in enumerate(table.rows):
        blank = not any(v.strip() for v in row.values)
        if blank:
            if row.label:
                heading, heading_indent = row.label, row.indent
                block = list(_below(table, k))
            continue
        in_block = bool(heading) and row in block
        if not in_block:
            heading = ""
        levels = tuple(r.label for r in block) if in_block else ()
        reference = ""
        if in_block:
            refs = [r.label for r in block if _is_reference(r, groups)]
            reference = refs[0] if len(refs) == 1 else ""
        contexts[k] = (heading if in_block else "", levels, reference)
    del heading_indent
    for k, (name, levels, reference) in contexts.items():
        row = table.rows[k]
        for group in groups:
            text = row.cells[group.estimate].strip() if group.estimate < len(row.cells) else ""
            both = ratio_cell(text)
            estimate = low = high = p = ""
            if both:
                estimate, low, high, p = both.estimate, both.low, both.high, both.p
            elif PERCENT.match(text) and "%" not in text:
                estimate = text
            if not estimate:
                continue
            if group.interval is not None and not low:
                span = INTERVAL.match(row.cells[group.interval].strip())
                if span:
                    low, high = span[1], span[2]
            if group.bounds is not None and not low:
                ends = [row.cells[c].strip() for c in group.bounds if c < len(row.cells)]
                if len(ends) == 2 and all(PERCENT.match(e) and "%" not in e for e in ends):
                    low, high = ends
            if group.p is not None and group.p < len(row.cells):
                p = p_text(row.cells[group.p])
                below = table.rows[k + 1] if k + 1 < len(table.rows) else None
                if group.p in row.joined or (below is not None and group.p in below.joined):
                    # One p beside several rows is of the variable, not of a level.
                    p = ""
            if re.fullmatch(r"1(?:\.0+)?", estimate) and not low and not p:
                continue
            if not low and not p:
                continue
            sides = names.contrast(row.label)
            heading_sides = names.contrast(name) if name else None
            if sides:
                variable, contrast, level, ref = sides
                variable = variable or name or contrast
            elif heading_sides and len(levels) <= 1:
                variable, contrast, level, ref = heading_sides
            elif name and reference and reference != row.label:
                variable, level, ref = name, row.label, reference
                contrast = f"{level} versus {ref}"
            else:
                variable, contrast, level, ref = (
                    (name or row.label),
                    "",
                    (row.label if name else ""),
                    "",
                )
            endpoint = group.endpoint or endpoint_of(name)
            population = _ratio_population(table, group)
            sides_of = _sides_of(table, row, group)
            if sides_of is not None and not sides:
                (level, ref), _, _ = sides_of
                contrast = f"{level} versus {ref}"
            yield Ratio(
                re.sub(r"\s+", " ", variable),
                group.kind,
                endpoint,
                group.model,
                contrast,
                level,
                ref,
                estimate.replace("·", "."),
                low.replace("·", "."),
                high.replace("·", "."),
                (both.level if both else "95") if low else "",
                p,
                _test_of(leaf_of(table, group.p) if group.p is not None else ""),
                bool(sides) or (bool(reference) and len(levels) == 2),
                population,
                place(table, row, group.estimate, name),
                sides_of[1] if sides_of is not None else (),
                sides_of[2] if sides_of is not None else (),
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
    text = re.sub(r"[*†‡§]+$|\([^()]*\)$", "", cell.strip()).strip()
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
