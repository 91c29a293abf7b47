"""Where the two text columns of a page part, and which of its tables stand over both."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from itertools import pairwise

from oncohort.audit.readers.pdf_tables import CAPTION, Word
from oncohort.dataclass import dataclass

_INDENT = 20.0
"""Points by which a paragraph's first line is moved in at most."""
_RAGGED = 40.0
"""Points by which lines of running text end before the gutter, at most of them."""
_CROSSING = 2
"""Lines over both columns that show a table to be a wide one."""


def gutter_of(
    lines: Sequence[Sequence[Word]], width: float, known: float | None = None
) -> float | None:
    """Middle of the empty strip between two text columns, if the page has them.

    ``known`` is that of the pages before.
    """
    best: tuple[int, float] | None = None
    candidates = [width * f / 100 for f in range(40, 61)]
    both_sides = []
    for x in candidates:
        crossing = 0
        parted = 0
        for line in lines:
            if any(w.x0 < x < w.x1 for w in line):
                crossing += 1
                continue
            before = [w.x1 for w in line if w.x1 <= x]
            after = [w.x0 for w in line if w.x0 >= x]
            if before and after and not _figures([w.text for w in line if w.x0 >= x]):
                gap = min(after) - max(before)
                # Words right and left of the strip with just a word's gap are one line.
                if gap < 0.012 * width:
                    crossing += 1
                else:
                    parted += 1
        both_sides.append((crossing, parted, x))
    for crossing, parted, x in both_sides:
        if parted >= 8 and crossing <= 0.35 * len(lines) and parted >= crossing:
            score = parted - crossing
            if best is None or score > best[0]:
                best = (score, x)
    if best is None or _table_page(lines, best[1]):
        return _short_columns(lines, width, known)
    return best[1]


_FEWEST = 4
"""Lines of text in the right column that show it, where a page holds little else than tables."""
_WORDS = 3
"""Words of such a line."""


def _short_columns(
    lines: Sequence[Sequence[Word]], width: float, known: float | None
) -> float | None:
    """The gutter of a page with few lines of text in two columns, between tables and pictures.

    Lines of text begin at one place right of the middle, above the first table of the page, or
    where the columns of the pages before part.
    """
    starts: list[float] = []
    left = 0
    for line in lines:
        if known is None and CAPTION.match(" ".join(w.text for w in line)):
            break
        right = _right_text(line, width)
        if right is not None:
            starts.append(right)
        left += line[0].x0 < 0.3 * width and _is_text(
            [w for w in line if right is None or w.x0 < right]
        )
    if left < _FEWEST:
        return None
    near = [x for x in starts if known is None or 0 < x - known < 25]
    best = max(near, key=lambda x: sum(abs(x - y) <= 2.0 for y in near), default=0.0)
    if sum(abs(best - y) <= 2.0 for y in near) < _FEWEST:
        return None
    gutter = best - 0.006 * width
    return None if any(w.x0 < gutter < w.x1 for line in lines[:_FEWEST] for w in line) else gutter


def _is_text(words: Sequence[Word]) -> bool:
    return len(words) >= _WORDS and _even(words) and not _figures([w.text for w in words])


def _right_text(line: Sequence[Word], width: float) -> float | None:
    """Where the right part of a line begins, if it is text behind a gap in the middle."""
    for k, word in enumerate(line):
        if not 0.4 * width < word.x0 < 0.6 * width:
            continue
        if (k == 0 or word.x0 - line[k - 1].x1 >= 0.012 * width) and _is_text(line[k:]):
            return word.x0
    return None


def _table_page(lines: Sequence[Sequence[Word]], gutter: float) -> bool:
    """Whether most lines on both sides are rows of figures: a wide table, not two columns."""
    figures = 0
    seen = 0
    for line in lines:
        right = [w.text for w in line if w.x0 >= gutter]
        if right:
            seen += 1
            figures += _figures(right)
    return seen > 0 and figures * 2 > seen


def _figures(words: Sequence[str]) -> bool:
    """Whether at least half of the words are figures, dashes or "n/s": cells of a table."""
    return 2 * sum(bool(_CELL.match(w)) for w in words) >= len(words)


_CELL = re.compile(
    r"^[(\[<>≤≥–-]*[.·]?\d|^[–—−-]$|^[(\[]?(?:n/?s|n\.s\.|n/?a|nr|ne|ref(?:erence)?)[.)\]]{0,2}$",
    re.I,
)


def crosses(line: Sequence[Word], gutter: float) -> bool:
    if any(w.x0 < gutter < w.x1 for w in line):
        return True
    before = [w.x1 for w in line if w.x1 <= gutter]
    after = [w.x0 for w in line if w.x0 >= gutter]
    if not before or not after:
        return False
    return min(after) - max(before) < 6.0


def wide_tables(lines: Sequence[Sequence[Word]], gutter: float) -> dict[int, int]:
    """Lines of tables over both columns: the first with one past the last, the others with 0.

    Such a table begins with a caption at the left or with the page, has lines that cross the
    gutter or rows that go on behind it, and ends where the text stands in two columns again.
    """
    columns = _columns_of(lines, gutter)
    out: dict[int, int] = {}
    k = 0
    while k < len(lines):
        line = lines[k]
        starts = line[0].x0 < gutter and CAPTION.match(" ".join(w.text for w in line))
        end = _wide_end(lines, k, columns) if starts else k
        if k == 0 and not starts:
            # The rest of a table of the page before stands above the text.
            end = _wide_end(lines, -1, columns)
        if end - k >= 4 and _is_wide(lines[k:end], gutter):
            out |= {k: end} | dict.fromkeys(range(k + 1, end), 0)
            k = end
        else:
            k += 1
    return out


def _is_wide(lines: Sequence[Sequence[Word]], gutter: float) -> bool:
    """Whether lines cross the gutter, or rows of figures go on behind it with no label there."""
    if sum(crosses(line, gutter) for line in lines) >= _CROSSING:
        return True
    behind = [[w for w in line if w.x0 >= gutter] for line in lines if line[0].x0 < gutter]
    filled = [right for right in behind if right]
    while filled and not _figures([w.text for w in filled[0]]):
        filled.pop(0)  # headings
    if len(filled) < 5 or any(CAPTION.match(" ".join(w.text for w in x)) for x in filled):
        return False
    return sum(_figures([w.text for w in x]) for x in filled) >= 0.7 * len(filled)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Two columns of text: the gutter, where the left one mostly ends and the right one begins."""

    gutter: float
    left_end: float
    right_start: float

    def hold(self, line: Sequence[Word]) -> bool:
        """Whether a line is text of the right column, alone or beside text of the left one."""
        if crosses(line, self.gutter):
            return False
        left = [w.x1 for w in line if w.x1 <= self.gutter]
        right = [w for w in line if w.x0 >= self.gutter]
        if not right or not -3.0 <= right[0].x0 - self.right_start <= _INDENT:
            return False
        full = not left or max(left) >= self.left_end - _RAGGED
        return full and not _figures([w.text for w in right]) and _even(right)


def _even(words: Sequence[Word]) -> bool:
    """Whether the blanks between words are about alike, as in text and not between cells."""
    gaps = sorted(b.x0 - a.x1 for a, b in pairwise(words))
    size = words[0].size or (words[0].bottom - words[0].top)
    return not gaps or gaps[-1] <= 2.0 * gaps[len(gaps) // 4] + 0.3 * size


def _columns_of(lines: Sequence[Sequence[Word]], gutter: float) -> _Columns:
    """The places of the columns: the usual ones of the lines that don't cross the gutter."""
    parted = [line for line in lines if not crosses(line, gutter)]
    left = [[w for w in line if w.x1 <= gutter] for line in parted]
    right = [[w for w in line if w.x0 >= gutter] for line in parted]
    # Rows of tables say little of where the text stands.
    ends = [x[-1].x1 for x in [*filter(_is_text, left)] or left if x]
    starts = [round(x[0].x0) for x in [*filter(_is_text, right)] or right if x]
    return _Columns(
        gutter,
        statistics.median(ends) if ends else gutter,
        statistics.mode(starts) if starts else gutter,
    )


def _wide_end(lines: Sequence[Sequence[Word]], start: int, columns: _Columns) -> int:
    """One past the last line of a wide table: before two of three lines of text in columns."""
    told = [columns.hold(line) for line in lines[start + 1 :]]
    for k, text in enumerate(told):
        if text and sum(told[k : k + 3]) >= min(2, len(told) - k):
            return start + 1 + k
    return len(lines)
