"""How wide a table prints: whether it fits an upright page, and in which letters."""

from __future__ import annotations

from functools import lru_cache

from oncohort.dataclass import dataclass
from oncohort.displays.tables.model import Table

PAGE_MM = 174.0
"""Width of the text on an upright page of our own."""

_GROUPS = (
    (222, "ijl'|"),
    (278, " \u00a0.,;:/ftI![]"),
    (333, "()-r\u2010\u2011"),
    (500, "cksvxyzJ"),
    (584, "+<>=\u00d7\u2212~"),
    (549, "\u2264\u2265\u00b1"),
    (611, "FTZ"),
    (667, "ABEKPSVXY&"),
    (722, "CDHNRUw"),
    (778, "GOQ"),
    (833, "mM"),
    (889, "%"),
    (944, "W"),
)
_WIDTHS = {letter: width for width, letters in _GROUPS for letter in letters}
"""Thousandths of the size of the letters, of Arial and its like; all others are 556."""
BOLD = 1.07
"""Bold letters are about so much wider."""


def text_mm(text: str, points: float, bold: bool = False) -> float:
    """About the printed width of a text in the letters of tables.

    Examples
    --------
    >>> round(text_mm("0.78 (0.39\u20131.56)", 7.5), 1)
    19.3
    """
    return _thousandths(text) / 1000 * points * 0.3528 * (BOLD if bold else 1.0)


@lru_cache(maxsize=8192)
def _thousandths(text: str) -> int:
    return sum(_WIDTHS.get(c, 556 if ord(c) < 0x2E80 else 1000) for c in text)


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters and cells of a table: points, millimetres lost to the cell, room for labels."""

    points: float
    padding: float
    labels: float
    """Labels of rows break only where they are wider than this."""
    side: int
    """Margin at either side of a cell, in twentieths of a point."""


LARGE = Letters(8.5, 2.7, 38.0, 60)
SMALL = Letters(7.5, 1.7, 28.0, 36)
MANY_COLUMNS = 8
"""Tables with more columns have small letters."""


def needs(table: Table, letters: Letters) -> list[float]:
    """Millimetres in which each column keeps its values on one line; labels may wrap."""
    out = []
    for k, column in enumerate(table.columns):
        cells = [r.cells[k].text for r in table.rows if r.kind != "group"]
        most = max((text_mm(w, letters.points, True) for w in column.label.split()), default=4.0)
        lines = [line for c in cells for line in c.split("\n")]
        widths = [text_mm(line, letters.points) for line in lines]
        if column.align == "center":
            most = max([most, *widths])
        else:
            words = [text_mm(w, letters.points) for line in lines for w in line.split()]
            most = max([most, *words, min(letters.labels, max(widths, default=0.0))])
        out.append(most + letters.padding)
    return out


def letters_for(table: Table, width_mm: float) -> Letters:
    """Large letters where the table fits in them, else small ones."""
    fits = sum(needs(table, LARGE)) <= width_mm
    return LARGE if fits and len(table.columns) <= MANY_COLUMNS else SMALL


def is_wide(table: Table, width_mm: float = PAGE_MM) -> bool:
    """Does a table need a page that lies on its side, even in small letters?"""
    return sum(needs(table, SMALL)) > width_mm


def widths_mm(table: Table, width_mm: float) -> list[float]:
    """Widths of the columns: what each needs, and of the rest its share."""
    least = needs(table, letters_for(table, width_mm))
    spare = width_mm - sum(least)
    if spare < 0:
        return [width_mm * need / sum(least) for need in least]
    total = sum(c.width for c in table.columns)
    return [n + spare * c.width / total for n, c in zip(least, table.columns, strict=True)]
