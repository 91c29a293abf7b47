"""Ratios with intervals and p-values, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oncohort.audit.document import Row, Table
from oncohort.audit.extract import names
from oncohort.audit.extract.cells import CI, INTERVAL, PERCENT, RATIO, SIZE, place
from oncohort.audit.extract.endpoints import endpoint_of, model_of
from oncohort.published.model import (
    Ratio,
)
from oncohort.published.rounding import number

_HR = re.compile(r"\b(?:a?HRs?|hazards?[- ]ratios?|HazR)\b", re.I)


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

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(c for c in (self.estimate, self.interval, self.p) if c is not None)


def ratio_columns(table: Table) -> list[RatioColumns]:
    out: list[RatioColumns] = []
    width = table.width
    leaves = [table.heading(c) for c in range(width)]
    kinds = []
    for c in range(width):
        last = table.header[-1][c] if table.header and c < len(table.header[-1]) else ""
        text = last or leaves[c]
        kind = (
            "HR"
            if _HR.search(text)
            else "OR"
            if _OR.search(text)
            else "RR"
            if _RR.search(text)
            else ""
        )
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
        out.append(RatioColumns(kinds[c], endpoint, model, c, ci, p))
    return out


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
    return bool(cells) and sum(bool(INTERVAL.match(x)) for x in cells) * 2 >= len(
        [x for x in cells if re.search(r"\d", x)]
    )


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
            both = RATIO.match(text)
            estimate = low = high = ""
            if both:
                estimate, low, high = both["estimate"], both["low"], both["high"]
            elif PERCENT.match(text) and "%" not in text:
                estimate = text
            if not estimate:
                continue
            if group.interval is not None and not low:
                span = INTERVAL.match(row.cells[group.interval].strip())
                if span:
                    low, high = span[1], span[2]
            p = ""
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
                "95" if low else "",
                p,
                _test_of(leaf_of(table, group.p) if group.p is not None else ""),
                bool(sides) or (bool(reference) and len(levels) == 2),
                population,
                place(table, row, group.estimate, name),
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
