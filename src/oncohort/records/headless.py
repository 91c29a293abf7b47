"""Sheets without names of columns: the columns are called by their letters, A, B, C."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.records.grid import Cell, Raw, Sheet
from oncohort.records.sheet_cells import any_value, at, is_blank, is_numeric, n_filled
from oncohort.vocabulary.spreadsheets import column_letters

FEWEST = 5
"""Rows from which a sheet can show that its first one is like the others."""
LOOKED = 200
"""Rows that are looked at."""


def _is_text(value: Cell) -> bool:
    return isinstance(value, str) and not is_numeric(value)


def is_row_of_data(sheet: Sheet, row: int) -> bool:
    """Is a row like those below it, column by column: figures over figures, and words that stand
    below again? Names of columns are not.

    Examples
    --------
    >>> rows = [[30, "m", 1], [34, "f", 2], [41, "m", 1], [44, "f", 2], [50, "m", 1], [51, "f", 1]]
    >>> is_row_of_data(Sheet("c.csv", None, rows), 0)
    True
    >>> is_row_of_data(Sheet("c.csv", None, [["age", "sex", "status"], *rows]), 0)
    False
    """
    below = [r for r in sheet.rows[row + 1 : row + 1 + LOOKED] if n_filled(r)]
    first = [(c, v) for c, v in enumerate(sheet.rows[row]) if not is_blank(v)]
    if len(below) < FEWEST or len(first) < 2:
        return False
    like, figures = 0, 0
    for c, value in first:
        others = [v for r in below if not is_blank(v := at(r, c))]
        if not others:
            like += 1
        elif not _is_text(value):
            same = sum(not _is_text(v) for v in others) >= 0.9 * len(others)
            like, figures = like + same, figures + same
        else:
            texts = [v for v in others if _is_text(v)]
            again = isinstance(value, str) and value.strip() in {str(v).strip() for v in texts}
            like += again or (len(set(map(str, texts))) > 0.9 * len(others) > 4)
    return figures > 0 and like == len(first)


def is_headless(sheet: Sheet) -> bool:
    """Is the first row that holds anything one of the data, as wide as those below?"""
    first = next((i for i, r in enumerate(sheet.rows) if any_value(r)), None)
    if first is None:
        return False
    usual = sorted(n_filled(r) for r in sheet.rows[first : first + LOOKED] if n_filled(r))
    wide = n_filled(sheet.rows[first]) >= 0.8 * usual[len(usual) // 2]
    return wide and is_row_of_data(sheet, first)


def by_letters(sheet: Sheet, last_row: int | None = None, skip_rows: Sequence[int] = ()) -> Raw:
    """All rows of a sheet as a table whose columns are called A, B, C.

    Examples
    --------
    >>> by_letters(Sheet("c.csv", None, [[30, "m"], [34, "f"]])).names
    ('A', 'B')
    """
    skipped = {r - 1 for r in skip_rows}
    end = len(sheet.rows) if last_row is None else min(last_row, len(sheet.rows))
    kept = [r for r in range(end) if r not in skipped and any_value(sheet.rows[r])]
    used = [c for c in range(sheet.width) if any(not is_blank(at(sheet.rows[r], c)) for r in kept)]
    return Raw(
        sheet.file,
        sheet.name,
        tuple(column_letters(c) for c in used),
        tuple([at(sheet.rows[r], c) for r in kept] for c in used),
        [r + 1 for r in kept],
        tuple(used),
        0,
        from_1904=sheet.from_1904,
    )
