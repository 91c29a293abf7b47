"""Tables of the same columns that stand side by side on a sheet: an arm, or a year, each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from oncohort.problems import Place, Problem, problem
from oncohort.records.grid import Cell, Sheet
from oncohort.records.names import fold
from oncohort.records.sheet_cells import at, id_names, is_blank, name_text
from oncohort.vocabulary.spreadsheets import column_letters

_Block: TypeAlias = list[tuple[int, str, list[Cell]]]
"""Neighbouring columns: position, name and values."""
FEWEST = 3
"""Columns that each of the tables has at least."""


def twin_blocks(columns: _Block, sheet: Sheet, header: int) -> list[_Block]:
    """The tables that stand side by side, where all have the same columns; else none.

    Columns are cut at blank ones, or where the names begin again; their names are those of the
    last row of names, without the title that stands above all of a table.

    Parameters
    ----------
    header
        The last row of names, from 0.
    """
    names = [(c, _bare(sheet, header, c)) for c, _, _ in columns]
    if len(names) < 2 * FEWEST or names[0][1] not in id_names():
        return []
    starts = [i for i, (_, n) in enumerate(names) if n == names[0][1]]
    if len(starts) < 2:
        return []
    ends = [*starts[1:], len(names)]
    blocks = [columns[a:b] for a, b in zip(starts, ends, strict=True)]
    first = [n for _, n in names[: ends[0]]]
    alike = all([n for _, n in names[a:b]] == first for a, b in zip(starts, ends, strict=True))
    return blocks if alike and len(first) >= FEWEST and all(first) else []


def _bare(sheet: Sheet, header: int, column: int) -> str:
    value = at(sheet.rows[header], column)
    return "" if is_blank(value) else fold(name_text(value))


def twins_found(blocks: Sequence[_Block], sheet: Sheet, header: int, table: str | None) -> Problem:
    """That tables with the same columns stand side by side."""
    letters = column_letters(blocks[1][0][0])
    return problem(
        "layout.second-table",
        "own",
        place=Place(sheet.file, sheet.name, f"{letters}{header + 1}"),
        table=table,
        letters=letters,
        names=[n for _, n, _ in blocks[1][:4]],
        first=f"{column_letters(blocks[0][0][0])}{header + 1}",
        last=column_letters(blocks[0][-1][0]),
    )


def apart(blocks: Sequence[_Block], header: int, kept: Sequence[int]) -> tuple[_Block, list[str]]:
    """The first of the tables, and the ranges of the others."""
    others = []
    for block in blocks[1:]:
        filled = [i for _, _, v in block for i, x in enumerate(v) if not is_blank(x)]
        last = kept[max(filled)] + 1 if filled else header + 1
        left, right = column_letters(block[0][0]), column_letters(block[-1][0])
        others.append(f"{left}{header + 1}:{right}{last}")
    return blocks[0], others


def title_above(sheet: Sheet, cells: tuple[int, int, int, int], header: int) -> str:
    """What stands in the row above a range whose first row has the names; empty where nothing.

    Examples
    --------
    >>> rows = [["Arm A", None, None, "Arm B"], ["ID", "Age", None, "ID", "Age"], [1, 50, None, 2]]
    >>> title_above(Sheet("c.xlsx", "S", rows), (1, 3, 2, 4), 1)
    'Arm B'
    """
    top, first, _, last = cells
    if top < 1 or header != top or top > len(sheet.rows):
        return ""
    row = sheet.rows[top - 1]
    texts = [name_text(v).strip() for v in row[first : last + 1] if not is_blank(v)]
    return texts[0][:60] if len(texts) == 1 else ""
