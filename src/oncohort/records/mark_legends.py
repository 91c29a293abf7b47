"""What a chart says that its colours, bold or struck letters mean: `red = dead`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from oncohort.dataclass import dataclass
from oncohort.records.grid import Cell, Raw
from oncohort.records.sources.colours import called
from oncohort.records.sources.marks import Letters, Marks
from oncohort.vocabulary.words import level_words, plain

LONGEST = 80
"""Letters of a meaning; more are a sentence."""


@dataclass(frozen=True, slots=True)
class MarkLegend:
    """A mark and what the chart says that it means."""

    mark: str
    """`red`, `yellow`, ..., `bold`, `struck`."""
    meaning: str
    """In the chart's words."""
    text: str
    """The note."""


@cache
def _signed() -> re.Pattern[str]:
    marks = "|".join(sorted(map(re.escape, level_words("mark")), key=len, reverse=True))
    return re.compile(
        rf"(?<![^\W\d_])(?P<mark>{marks})(?![^\W\d_])(?P<more>[^=:–—,;\d]{{0,30}}?)"
        r"\s*(?:=|:|–|—| - | means | bedeutet | heißt | signifie | significa )\s*"
        r"(?P<meaning>[^,;=|]{2,80})"
    )


def mark_legends(text: str) -> list[MarkLegend]:
    """The marks that a note explains.

    Examples
    --------
    >>> [(m.mark, m.meaning) for m in mark_legends("Red = dead; yellow rows = lost to follow-up")]
    [('red', 'dead'), ('yellow', 'lost to follow-up')]
    >>> [(m.mark, m.meaning) for m in mark_legends("durchgestrichen: Einwilligung zurückgezogen")]
    [('struck', 'einwilligung zurückgezogen')]
    >>> mark_legends("Status: 1 = dead")
    []
    """
    if len(text) > 400:
        return []
    known = level_words("mark")
    return [
        MarkLegend(known[found["mark"]], found["meaning"].strip(" ."), text.strip())
        for found in _signed().finditer(plain(text))
        if not re.fullmatch(r"[\d\W]+", found["meaning"])
    ]


def found_legends(cells: Sequence[Sequence[Cell]], raw: Raw, marks: Marks) -> list[MarkLegend]:
    """The legends of marks on a sheet: cells that say them, and coloured cells beside a word.

    Parameters
    ----------
    cells
        All rows of the sheet as they stand.
    """
    out: dict[tuple[str, str], MarkLegend] = {}
    for row in cells:
        for cell in row:
            if isinstance(cell, str) and 4 < len(cell) < 400:
                for one in mark_legends(cell):
                    out.setdefault((one.mark, one.meaning), one)
    for one in _swatches(cells, raw, marks):
        out.setdefault((one.mark, one.meaning), one)
    return list(out.values())


def _swatches(cells: Sequence[Sequence[Cell]], raw: Raw, marks: Marks) -> Iterable[MarkLegend]:
    """Coloured cells outside of the patients' values, with the word in them or to their right."""
    filled = {
        at
        for at, column in zip(raw.letters, raw.columns, strict=False)
        if sum(v is not None for v in column) > 0.3 * raw.height
    }
    rows = set(raw.rows)
    for colour, at in marks.colours.items():
        outside = [(r, c) for r, c in at if r not in rows or c not in filled]
        if len(outside) > 2 or len(outside) == len(at):
            continue
        for r, c in outside:
            row = cells[r - 1] if r <= len(cells) else ()
            said = [v for v in row[c : c + 2] if isinstance(v, str) and v.strip()]
            if said and len(said[0]) <= LONGEST and r != raw.header_row:
                yield MarkLegend(_hue(colour), plain(said[0]), said[0].strip())


def _hue(colour: str) -> str:
    return called(colour).removeprefix("light ")


def marked_rows(mark: str, raw: Raw, marks: Marks, letters: Letters) -> list[int]:
    """The rows of a table with a mark: in a cell of theirs, where no other cell says otherwise."""
    cells: Sequence[tuple[int, int]]
    if mark == "struck":
        cells = marks.struck
    elif mark in ("bold", "italic"):
        cells = letters.bold if mark == "bold" else letters.italic
    else:
        fills = [p for c, at in marks.colours.items() if _hue(c) == mark for p in at]
        cells = fills or [p for c, at in letters.colours.items() if _hue(c) == mark for p in at]
    rows, columns = set(raw.rows), set(raw.letters)
    return sorted({r for r, c in cells if r in rows and c in columns})
