"""Tables of a page by their geometry: which words stand in one column, whatever the gaps.

Journals print tables without vertical lines, and often with columns closer than two blanks. Below
a caption the strips that no row of figures crosses part the columns; every line is then written
with its cells at the places of their columns, so that the reader of laid-out text reads it.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from itertools import pairwise

from oncohort.dataclass import dataclass

CAPTION = re.compile(
    r"^(?:Supplementa(?:ry|l)\s)?(?:(?:Table|TABLE|Tab\.)\s"
    r"(?:[IVXL]+|S?\d+(?:[A-Za-z]|\([a-z]\))?)(?:[.:|\s]|$)|(?:Table|TABLE)[.:]\s[A-Z(])"
)
_OTHER = re.compile(r"^(?:Figure|FIGURE|Fig\.|FIG\.)\s?S?\d")
_FIGURE = re.compile(r"^[(\[<>≤≥=~±+−–-]*[.·]?\d|^[–—−-]+$|^(?:NR|NE|NA|n/a)$")
_GAP = 0.55
"""Gap between cells, in sizes of the letters; a blank is about 0.3."""
_MOST_CROSSING = 0.05
"""Share of the rows that may cross a strip between columns."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its box, in points; ``top`` grows downwards."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Words of a line that no wide gap parts."""

    x0: float
    x1: float
    text: str


@dataclass(frozen=True, slots=True)
class Aligned:
    """Lines of tables as text with aligned columns.

    Parameters
    ----------
    text
        Number of a line to its text; lines outside tables, and tables whose columns can't be told
        apart, are left out.
    open
        Where the columns begin, in characters, of a table that may go on over the page; None if
        none stands at its end.
    """

    text: dict[int, str]
    open: tuple[int, ...] | None = None


def aligned(lines: Sequence[Sequence[Word]], carried: tuple[int, ...] | None = None) -> Aligned:
    """Lay out the tables among the lines of a text column.

    Parameters
    ----------
    lines
        From top to bottom, each with its words from left to right.
    carried
        Columns of a table of the page before, the rest of which the lines begin with.
    """
    out: dict[int, str] = {}
    index = end = 0
    starts = carried if carried is not None else ()
    if carried is not None and lines:
        index = end = _end(lines, -1)
        text, starts = _block(lines, 0, end, carried)
        out |= text
    while index < len(lines):
        if CAPTION.match(_stated(lines[index])):
            end = _end(lines, index)
            text, starts = _block(lines, index + 1, end)
            out |= text
            index = max(end, index + 1)
        else:
            index += 1
    return Aligned(out, starts if end and end >= len(lines) - _FOOT else None)


_FOOT = 3
"""Lines below a table at the end of a page: its foot."""


def _stated(line: Sequence[Word]) -> str:
    return " ".join(w.text for w in line)


def justified(line: Sequence[Word]) -> bool:
    """Whether a line is running text whose blanks are drawn out to fill it, all alike.

    Examples
    --------
    >>> said = "as is the use".split()
    >>> text = [Word(w, 30.0 * k, 30.0 * k + 20, 0, 9, 9) for k, w in enumerate(said)]
    >>> justified(text), justified([*text, Word("12", 180.0, 190.0, 0, 9, 9)])
    (True, False)
    """
    gaps = sorted(b.x0 - a.x1 for a, b in pairwise(line))
    size = line[0].size or (line[0].bottom - line[0].top) if line else 0.0
    if len(gaps) < 3 or gaps[0] <= 0.1 * size or sum(_plain(w) for w in line) * 4 < len(line):
        return False
    return gaps[-1] <= 1.35 * gaps[len(gaps) // 2] + 0.1 * size


def _plain(word: Word) -> bool:
    return len(word.text) > 1 and word.text[:1].islower()


def _chunks(line: Sequence[Word]) -> list[_Chunk]:
    if justified(line):
        return [_Chunk(line[0].x0, line[-1].x1, _stated(line))]
    out: list[_Chunk] = []
    for word in line:
        size = word.size or (word.bottom - word.top)
        if (
            out
            and word.x0 - out[-1].x1 <= _GAP * size
            and not _two_figures(out[-1].text, word.text)
        ):
            last = out[-1]
            blank = " " if word.x0 - last.x1 > 0.1 * size else ""
            out[-1] = _Chunk(last.x0, max(last.x1, word.x1), f"{last.text}{blank}{word.text}")
        else:
            out.append(_Chunk(word.x0, word.x1, word.text))
    return out


def _two_figures(before: str, word: str) -> bool:
    """Whether two numbers side by side are two cells: "17 18" is, "1 234" and "0.5 1" are not."""
    first, second = _WHOLE.fullmatch(before), _NUMBER.fullmatch(word)
    return bool(first and second) and not (len(word) == 3 and word.isdigit())


_WHOLE = re.compile(r"\d{1,4}")
_NUMBER = re.compile(r"\d{1,3}(?:[.·]\d{1,2})?%?")


def _end(lines: Sequence[Sequence[Word]], start: int) -> int:
    """One past the last line of the table below a caption."""
    left = min(w.x0 for line in lines for w in line)
    width = max(w.x1 for line in lines for w in line) - left
    last = start + 1
    plain = 0
    for k in range(start + 1, len(lines)):
        text = _stated(lines[k])
        if CAPTION.match(text) or _OTHER.match(text):
            break
        chunks = _chunks(lines[k])
        wide = chunks[-1].x1 - chunks[0].x0 > 0.6 * width
        if len(chunks) >= 2 and (len(chunks) >= 3 or _is_data(chunks)):
            last, plain = k + 1, 0
        elif wide:
            plain += 1
            if plain > (4 if last == start + 1 else 2):
                break
    return last


def _is_data(chunks: Sequence[_Chunk]) -> bool:
    """A row of figures: most of what stands behind its label is figures."""
    values = chunks[1:]
    return bool(values) and sum(bool(_FIGURE.match(c.text)) for c in values) * 2 >= len(values)


def _block(
    lines: Sequence[Sequence[Word]], start: int, end: int, carried: tuple[int, ...] = ()
) -> tuple[dict[int, str], tuple[int, ...]]:
    """The lines of a table as text, and where its columns begin; those carried, if as many."""
    chunked = {k: _chunks(lines[k]) for k in range(start, end)}
    data = [c for c in chunked.values() if _is_data(c)]
    columns = _columns(data)
    if len(data) < 3 or len(columns) < 2:
        return {}, ()
    placed = {k: _placed(c, columns) for k, c in chunked.items()}
    widths = [3] * len(columns)
    for cells in placed.values():
        for first, last, text in cells:
            if first == last:
                widths[first] = max(widths[first], len(text))
    starts = tuple(sum(w + 3 for w in widths[:k]) for k in range(len(columns)))
    if len(carried) == len(starts):
        starts = carried
    edge = min(c[0].x0 for c in chunked.values())
    letter = statistics.median(w.size or 8.0 for k in chunked for w in lines[k]) * 0.5
    out = {}
    for k, cells in placed.items():
        text = ""
        if cells[0][0] == 0:
            text = " " * max(0, min(12, round((chunked[k][0].x0 - edge) / letter)))
        for number, (first, last, words) in enumerate(cells):
            at = starts[first]
            if last > first:
                room = starts[last] + widths[last] - at
                at += max(0, (room - len(words)) // 2)
            if number:
                text = text.ljust(max(at, len(text) + 3))
            elif first:
                text = text.ljust(at)
            text += words
        out[k] = text
    return out, starts


def _columns(rows: Sequence[Sequence[_Chunk]]) -> list[tuple[float, float]]:
    """Extents of the columns: what the rows cover, parted where next to none covers anything."""
    edges: list[tuple[float, int]] = []
    for row in rows:
        for chunk in row:
            edges += [(chunk.x0, 1), (chunk.x1, -1)]
    edges.sort()
    allowed = int(_MOST_CROSSING * len(rows))
    out: list[tuple[float, float]] = []
    depth = 0
    opened: float | None = None
    for x, step in edges:
        depth += step
        if depth > allowed and opened is None:
            opened = x
        elif depth <= allowed and opened is not None:
            out.append((opened, x))
            opened = None
    return out


def _placed(
    chunks: Sequence[_Chunk], columns: Sequence[tuple[float, float]]
) -> list[tuple[int, int, str]]:
    """Each chunk with the first and the last column that it stands over; one cell per column."""
    out: list[tuple[int, int, str]] = []
    for chunk in chunks:
        over = [k for k, (a, b) in enumerate(columns) if chunk.x0 < b and chunk.x1 > a]
        if not over:
            middle = (chunk.x0 + chunk.x1) / 2
            over = [min(range(len(columns)), key=lambda k: _distance(columns[k], middle))]
        first, last = over[0], over[-1]
        if out and first <= out[-1][1]:
            before = out[-1]
            out[-1] = (before[0], max(before[1], last), f"{before[2]} {chunk.text}")
        else:
            out.append((first, last, chunk.text))
    return out


def _distance(column: tuple[float, float], x: float) -> float:
    return max(column[0] - x, x - column[1], 0.0)
