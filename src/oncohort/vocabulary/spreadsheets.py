"""Names of cells, and texts that a spreadsheet would run, written so that it does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")


def no_formula(value: Value) -> Value | str:
    """A value that no spreadsheet takes for a formula.

    Examples
    --------
    >>> no_formula("=1+1"), no_formula(" @x"), no_formula("-5.2"), no_formula(3)
    ("'=1+1", "' @x", '-5.2', 3)
    """
    if not isinstance(value, str) or value.isalnum():
        return value
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", value.replace("\r", "\n"))
    head = text.lstrip(" \u00a0\n\ufeff")
    risky = value.startswith(("\t", "\r")) or (
        head.startswith(("=", "@", "+", "-", "\t")) and not re.fullmatch(r"[+-]?[\d.,]+\s*%?", head)
    )
    return f"'{text}" if risky else text


def no_formulas(values: Sequence[Value]) -> list[Value | str]:
    """The same for a column of values, most of which are of one kind.

    Examples
    --------
    >>> no_formulas(["P1", "=P1", None]), no_formulas([1.5, None])
    (['P1', "'=P1", None], [1.5, None])
    """
    texts = any(issubclass(kind, str) for kind in set(map(type, values)))
    return [no_formula(value) for value in values] if texts else list(values)


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column counted from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(column: int, row: int, *, turned: bool = False) -> str:
    """The name of a cell: column from 0 and row from 1 of the table.

    Parameters
    ----------
    turned
        The table is the sheet turned: its rows are the sheet's columns.

    Examples
    --------
    >>> cell_name(2, 14), cell_name(2, 14, turned=True)
    ('C14', 'N3')
    """
    return f"{column_letters(row - 1)}{column + 1}" if turned else f"{column_letters(column)}{row}"
