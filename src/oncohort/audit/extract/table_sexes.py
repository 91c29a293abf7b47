"""Men and women in columns that print nothing but counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from oncohort.audit.document import Row, Table
from oncohort.audit.extract.cells import EVENT_TABLE, SKIPPED_COLUMN, WHOLE, place, size_of
from oncohort.published.model import Categorical, Level, Where

_LEAD = r"^(?:(?:sex|gender)\s?[:,(/–-]\s?)?"
_END = (
    r"(?: (?:patients|subjects|participants))?(?:\s?\(?(?:sex|gender)\)?)?"
    r"(?:,?\s?\(?(?:n|no\.?|number)\)?)?\)?$"
)
_MEN = re.compile(rf"{_LEAD}(?:males?|men|boys){_END}", re.I)
_WOMEN = re.compile(rf"{_LEAD}(?:females?|women|girls){_END}", re.I)
_SEX = re.compile(r"^(?:sex|gender)\b", re.I)
_OTHER_UNIT = re.compile(
    r"event|sample|specimen|lesion|tumou?rs?\b|eyes?\b|visit|episode|cycle|year|day|mean|median|"
    r"score|mouse|mice|\brats?\b|animal|%|percent",
    re.I,
)


def sex_of(label: str) -> str:
    """``men``, ``women`` or empty: what the label of a row counts.

    Examples
    --------
    >>> sex_of("Male"), sex_of("Sex: female, n"), sex_of("Males/females"), sex_of("Male smokers")
    ('men', 'women', '', '')
    """
    text = label.strip()
    return "men" if _MEN.match(text) else "women" if _WOMEN.match(text) else ""


def read_sexes(table: Table, taken: Collection[int]) -> Iterator[Categorical]:
    """Men and women of every column that says its patients and prints counts alone.

    Only where the table has one row of each, the one below the other, alone or below "Sex".
    """
    told = [(k, sex) for k, row in enumerate(table.rows) if (sex := sex_of(row.label))]
    if len(told) != 2 or {sex for _, sex in told} != {"men", "women"}:
        return
    (first, _), (second, _) = told
    rows = table.rows[first], table.rows[second]
    over = table.rows[first - 1] if first else Row(("",))
    headed = not any(v.strip() for v in over.values)
    if second != first + 1 or EVENT_TABLE.search(table.caption):
        return
    if headed and first and not _SEX.match(over.label) and rows[0].indent > over.indent:
        return
    for c in range(1, table.width):
        heading = table.heading(c)
        size = size_of(table, c)
        cells = [r.cells[c].strip() if c < len(r.cells) else "" for r in rows]
        if c in taken or not size or SKIPPED_COLUMN.search(heading):
            continue
        if _OTHER_UNIT.search(f"{heading} {over.label if headed else ''}"):
            continue
        if all(WHOLE.match(x) for x in cells):
            levels = [
                Level(row.label, x.replace(",", ""), where=place(table, row, c, "Sex"))
                for row, x in zip(rows, cells, strict=True)
            ]
            where = Where(table.section or "table", table.label, "Sex", heading, table.page)
            yield Categorical("Sex", tuple(levels), heading, size, c, True, "", where)
