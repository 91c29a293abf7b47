"""Legends that stand beside a table: `0 = alive` below each other, or codes and their meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from oncohort.records.grid import Cell
from oncohort.records.legends import legend
from oncohort.records.names import fold
from oncohort.records.sheet_cells import is_blank, name_text
from oncohort.vocabulary.mentions import mentions

_Column: TypeAlias = tuple[int, str, Sequence[Cell]]
"""Position, name and values; the name is empty where none stands there."""
_Line: TypeAlias = tuple[str, str]
"""Code and word; of a title the code is empty."""
MOST = 0.7
"""Share of the table's rows that a legend beside it fills at most."""
MOST_LINES = 60
"""Lines that a legend has at most."""
_CODE = re.compile(r"[\w+*-]{1,6}")
_PAIR = re.compile(r"\s*+([\w+*-]{1,6}?)\s*+(?:[=:→]|[-–.)](?=\s))\s*+([^\W\d_].*)")
_BREAKS = re.compile(r"[,;/|=:→()、。\n]+")


def without_legends(columns: Sequence[_Column]) -> tuple[list[_Column], list[tuple[int, int, str]]]:
    """The columns of the table, and the legends that stand beside it.

    A column of `code = word`, or two of which the first has codes that a column of the table holds
    and the second a word for each. They fill the first rows of the patients, whom they do not
    concern.

    Returns
    -------
    tuple
        The other columns; and of each legend its first and last position and its text, behind the
        name of the column where it says one, or where one alone holds its codes.

    Examples
    --------
    >>> status = (1, "Outcome", [2, 0, 1, 2, 1, 0, 2, 2])
    >>> blank = [None] * 5
    >>> beside = (3, "Legend", ["0 = alive", "1 = dead", "2 = lost", *blank])
    >>> without_legends([(0, "ID", list(range(8))), status, beside])[1]
    [(3, 3, 'Outcome: 0 = alive; 1 = dead; 2 = lost')]
    >>> codes, words = [0, 1, 2, *blank], ["alive", "dead", "lost", *blank]
    >>> beside = (3, "Code", codes), (4, "Meaning", words)
    >>> found = without_legends([(0, "ID", list(range(8))), status, *beside])
    >>> [c for c, _, _ in found[0]], found[1]
    ([0, 1], [(3, 4, 'Outcome: 0 = alive; 1 = dead; 2 = lost')])
    """
    rows = max((len(values) for _, _, values in columns), default=0)
    kept: list[_Column] = []
    legends: list[tuple[int, int, str]] = []
    nth = 0
    while nth < len(columns):
        one = columns[nth]
        following = columns[nth + 1] if nth + 1 < len(columns) else None
        lines, width = _in_one(one, rows), 1
        if not lines and following is not None and kept and _set_apart(kept[-1], one, following):
            lines, width = _in_two(one, following, rows), 2
        others = [*kept, *columns[nth + width :]]
        texts = _texts(lines, others, sure=width == 1)
        if kept and texts:
            last = columns[nth + width - 1][0]
            legends += [(one[0], last, text) for text in texts]
        else:
            kept += columns[nth : nth + width]
        nth += width
    return kept, legends


def _set_apart(before: _Column, codes: _Column, words: _Column) -> bool:
    """Does a blank column stand before the codes, or do their names say that they are codes?"""
    beside = words[0] == codes[0] + 1
    return beside and (codes[0] > before[0] + 1 or mentions(words[1], "code_meaning"))


def _text(value: Cell) -> str:
    return "" if is_blank(value) else name_text(value).strip()


def _filled(values: Sequence[Cell], most: float) -> list[str]:
    """The texts of the cells that are filled; none where these are more."""
    out: list[str] = []
    for value in values:
        if text := _text(value):
            out.append(text)
            if len(out) > min(most, MOST_LINES):
                return []
    return out


def _in_one(column: _Column, rows: int) -> list[_Line]:
    """The lines of a column of `code = word`; none where it holds anything else."""
    filled = _filled(column[2], MOST * rows)
    if not filled:
        return []
    filled = [column[1], *filled] if column[1] else filled
    lines: list[_Line] = []
    for cell in filled:
        pair = _PAIR.fullmatch(cell)
        if pair is None and legend(cell):
            return []  # a whole legend in one cell: a note
        lines.append((pair[1], pair[2]) if pair is not None else ("", cell))
    pairs = sum(bool(code) for code, _ in lines)
    titles = len(lines) - pairs
    return lines if pairs >= 2 and titles <= max(1, pairs // 2) else []


def _in_two(codes: _Column, words: _Column, rows: int) -> list[_Line]:
    """The lines of two columns, codes and words; none where they hold anything else."""
    if not _filled(codes[2], MOST * rows) or not _filled(words[2], MOST * rows):
        return []
    lines: list[_Line] = [("", codes[1])] if codes[1] else []
    pairs = 0
    for left, right in zip(map(_text, codes[2]), map(_text, words[2]), strict=True):
        if not left and not right:
            continue
        if left and right and _CODE.fullmatch(left) and re.search(r"[^\W\d_]", right):
            lines.append((left, right))
            pairs += 1
        elif left and not right and re.search(r"[^\W\d_]{2}", left):
            lines.append(("", left))
        else:
            return []
    return lines if pairs >= 2 else []


def _texts(lines: Sequence[_Line], columns: Sequence[_Column], *, sure: bool) -> list[str]:
    """A text for each legend among lines with titles; none where one explains no column.

    Parameters
    ----------
    sure
        Whether each line says by its sign that it explains a code.
    """
    named = {fold(name.strip(" :")): name for _, name, _ in columns if name}
    groups: list[tuple[str, dict[str, str]]] = []
    for code, word in lines:
        if not code:
            groups.append((word, {}))
            continue
        if not groups:
            groups.append(("", {}))
        if code in groups[-1][1]:
            return []
        groups[-1][1][code] = word
    out = []
    for title, pairs in groups:
        if len(pairs) < 2:
            if pairs:
                return []
            continue
        words = {
            code: " ".join(_BREAKS.sub(" ", word).split())[:40] for code, word in pairs.items()
        }
        if len({w.casefold() for w in words.values()}) < len(words):
            return []
        held = [name for _, name, values in columns if name and _explained(values, pairs)]
        called = named.get(fold(title.strip(" :"))) or next(
            (n for f, n in named.items() if len(f) > 2 and f in fold(title).split()), ""
        )
        called = called or (held[0] if len(held) == 1 else "")
        if not called and not held and not sure:
            return []
        told = "; ".join(f"{code} = {word}" for code, word in words.items())
        out.append(f"{called}: {told}" if called else told)
    return out


def _explained(values: Sequence[Cell], pairs: dict[str, str]) -> bool:
    """Are the values of a column codes of a legend?"""
    held = {t for t in map(_text, values) if t}
    return len(held) >= 2 and held <= set(pairs)
