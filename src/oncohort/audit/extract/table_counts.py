"""Variables with levels, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oncohort.audit.document import Table
from oncohort.audit.extract import names
from oncohort.audit.extract.cells import (
    EVENT_TABLE,
    SIZE,
    Block,
    CountColumn,
    pair_in,
    place,
    says_percent,
)
from oncohort.published.model import (
    Categorical,
    Level,
    Where,
)

_CONTINUOUS = re.compile(
    r"\b(?:mean|median|average|sd|s\.d\.|iqr|range|quartiles?|interquartile|se|sem|±|"
    r"months?|duration|time|follow[- ]?up|score|index|bmi|weight|height|volume|dose|"
    r"diameter|size|cycles|rate|ratio)\b|\bage\b(?!.{0,200}(?:[<>≤≥]|group))|"
    r"\b(?:mg|g|ng|µg|μg|u|iu|mmol|cm|mm|ml|kg|m2)\s*/|,\s*(?:years?|yrs?|kg|cm|mm)\b",
    re.I,
)


_NAME_END = re.compile(
    r"(?:(?<![\s,])[\s,]*+(?:\(\s*+(?:n|no\.?|number)?\s*+[(,]?\s*+%\s*+\)++|"
    r"(?<=[\s,])(?:n|no\.?)?\s*+\(?%\)?)|,\s{0,9}n)\s*+$",
    re.I,
)


_MULTI_SELECT = re.compile(
    r"metastatic sites?|sites? of metasta|metastas[ei]s? sites?|site of|location|organ|"
    r"comorbid|symptom|toxicit|adverse|complication|reasons?|treatments?\b|therap(?:y|ies)\b|"
    r"agents?|drugs?|mutations?|alterations?|risk factors?|multiple|all that apply|"
    r"may have|more than one|medications?|procedures?|surger|"
    r"involve|disease sites",
    re.I,
)


def _own_size(label: str) -> str:
    """The number of patients that a variable's own label gives: "Stage (n = 898)"."""
    found = SIZE.findall(label)
    return found[0].replace(",", "") if len(found) == 1 else ""


_UNKNOWN = re.compile(r"^(?:unknown|missing|not (?:available|reported|known|done)|n/?a)\b", re.I)


def read_categoricals(
    table: Table, column: CountColumn, blocks: Sequence[Block]
) -> Iterator[Categorical]:
    """The variables of a column of counts, one per block of rows, each with its levels."""
    for block in blocks:
        heading = table.rows[block.heading].label if block.heading is not None else ""
        levels, complete, missing = _levels(table, column, block, heading)
        if not levels:
            continue
        owned = [bool(x.denominator) for x in levels]
        exclusive = (
            complete
            and block.closed
            and (all(owned) or not any(owned))
            and block.heading is not None
            and len(levels) > 1
            and not _MULTI_SELECT.search(heading)
            and not EVENT_TABLE.search(table.caption)
        )
        yield Categorical(
            _NAME_END.sub("", heading or levels[0].label).strip(),
            tuple(levels),
            column.population,
            _own_size(heading or levels[0].label) or column.n,
            column.index,
            exclusive,
            missing,
            Where(table.section or "table", table.label, heading, column.heading, table.page),
        )


def _levels(
    table: Table, column: CountColumn, block: Block, heading: str
) -> tuple[list[Level], bool, str]:
    """Levels of a block, whether every row was read as one, and how many are said to be unknown."""
    levels: list[Level] = []
    complete = True
    missing = ""
    for row in (table.rows[k] for k in block.rows):
        level = pair_in(row, column)
        if level is None:
            complete = False
            continue
        says = (
            column.evidence
            or says_percent(row.label)
            or says_percent(heading)
            or "%" in row.cells[column.index]
        )
        if level.percent and not says:
            level = replace(level, percent="")
            complete = False
        if _UNKNOWN.match(row.label) and not level.percent:
            missing = level.count
            continue
        if _CONTINUOUS.search(row.label if block.heading is None else heading) and not (
            len(block.rows) > 1 and names.threshold(row.label)
        ):
            complete = False
            if block.heading is None or _CONTINUOUS.search(row.label):
                continue
        levels.append(replace(level, where=place(table, row, column.index, heading)))
    return levels, complete, missing
