"""What may stand in a column of counts and be no count of patients with its percentage."""

from __future__ import annotations

import re

from oncohort.audit.checks.count_columns import Cell, total_of
from oncohort.audit.checks.pairs import fits, other_unit
from oncohort.audit.extract.cells import says_percent
from oncohort.published.model import Level
from oncohort.published.rounding import number

_MEASURED = re.compile(
    r"\b[LR]?V?EF\b|ejection|ha?ematocrit|A1c\b|\bFEV|\bFVC|\bDLCO|saturation|\bSp?a?O2|predicted|"
    r"\bfat\b|shortening|reactivity|\bKi-?67|blasts|\bweight|percentile|VO2|FiO2|dilat\w*|"
    r"glyc\w+|\bchange",
    re.I,
)
_PERCENT_UNIT = re.compile(r"(?<!n )(?<!no\. )(?:\(%\)|, ?%)", re.I)
_MEAN_ROW = re.compile(
    r"(?:^|\|)\s*+(?:means?|medians?|averages?|minimum|maximum|min|max|range|s\.?d\.?|iqr|std\.?)"
    r"(?: ?\([^|]*\)\s*+| ?(?:±|\+/-|and|,)[^|]*+|\s*+)\|",
    re.I,
)
"""A row of a mean with its deviation: "Mean | 17 | 2.8"."""
_MEAN_LABEL = re.compile(
    r"\b(?:mean|median|average)\b.{0,80}\b(?:SDs?|SEM?|s\.d\.|IQR|range)\b|"
    r"\b(?:SD|SEM|s\.d\.|IQR)\s*[)\]]|[(\[,±]\s*(?:SD|SEM|s\.d\.|IQR)\b",
    re.I,
)
_MEAN_CELL = re.compile(
    r"(?:(?<=\s\s)|(?<=\|)|(?<=\|\s)|^\s?)\d+[.·]\d+ ?[(\[]\d+(?:[.·]\d+)?[)\]](?=\s?\||\s\s|\s?$)"
)
"""A cell of a mean with its deviation: "33.6 (1.4)"."""


def _in_percent(label: str) -> bool:
    """Whether a label is a measurement in percent: "LVEF (%)" has a mean and its deviation."""
    end = re.split("[<>≤≥]", label)[-1]
    what = _MEASURED.search(end)
    return what is not None and _PERCENT_UNIT.search(end, what.end()) is not None


def above_all(cell: Cell) -> bool:
    """Whether what stands in the brackets is no percentage of anybody: above 100."""
    read = number(cell.level.percent)
    return read is not None and read.value > 100


def is_count(cell: Cell, n: int, *, in_row: bool) -> bool:
    """Whether a cell is certain to be patients with a percentage.

    Parameters
    ----------
    n
        The patients of its column.
    in_row
        Another cell of its row is a share of its own column's, which counts if no name says a
        measurement: "LVEF (%)" may be 20 (50.0) by chance.
    """
    label, quote = cell.level.label, cell.level.where.quote
    measured = _in_percent(label) or _among_means(cell.level) or _MEAN_ROW.search(quote)
    return (in_row and not measured) or _surely_count(cell, n)


def _surely_count(cell: Cell, n: int) -> bool:
    """Whether a cell is certain to be patients with a percentage, not a mean with a deviation.

    A percent sign at the cell or its heading says so; so does an adverse event's grade, or a
    block of levels of which another one agrees with the column, or that adds up to its size.
    """
    level, variable = cell.level, cell.variable
    if above_all(cell) and not _signed(level):
        return False
    if other_unit(level.label, variable.where.row if variable is not None else ""):
        return False
    if not re.search(r"\w", level.label) or _MEAN_ROW.search(level.where.quote):
        return False
    if _in_percent(level.label) or _among_means(level):
        return False
    if variable is None:
        return True
    if _signed(level):
        return True
    if len(variable.levels) < 2:
        return False
    others = [x for x in variable.levels if x is not level and x.count and x.percent]
    total = total_of(variable)
    return total == n or any(fits(x, base) for x in others for base in (n, total))


def _among_means(level: Level) -> bool:
    """Whether its row is of means: the label says so, or another cell has a decimal "count"."""
    if _MEAN_LABEL.search(level.label):
        return True
    percent = re.escape(level.percent).replace(r"\.", "[.,·]")
    quote = level.where.quote
    if re.search(rf"{percent} ?[(\[](?:n ?= ?)?{level.count}\b", quote):
        return False  # a column of "% (n)"
    return bool(_MEAN_CELL.search(quote))


def _signed(level: Level) -> bool:
    """Whether a percent sign stands at the cell, its label or its heading; not at another cell."""
    if says_percent(level.where.row) or says_percent(level.where.column):
        return True
    digits = re.escape(level.percent).replace(r"\.", "[.,·]")
    return bool(re.search(rf"(?<![\d.,·])\.?{digits}\s?%", level.where.quote))
