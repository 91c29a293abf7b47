"""Are two values the same, as they are written? 1, 1.0, "1" and true are."""

from __future__ import annotations

import re

import polars as pl

from oncohort.records.grid import Cell
from oncohort.records.values import text_of
from oncohort.vocabulary.boundaries import Parsed

_FLAGS = {"true": "1", "yes": "1", "false": "0", "no": "0"}
"""A flag is written in either way, in the chart and in the protocol."""
_WHOLE = re.compile(r"^([+-]?\d+)\.0+$")


def compared(value: Cell) -> str:
    """The one way of writing a value in which values of the data and the protocol are compared.

    Examples
    --------
    >>> [compared(v) for v in (1, 1.0, "1", " 1.0 ", True, "Yes")]
    ['1', '1', '1', '1', '1', '1']
    >>> compared("Dead"), compared("01"), compared(0.5)
    ('dead', '01', '0.5')
    """
    text = _WHOLE.sub(r"\1", text_of(value).lower())
    return _FLAGS.get(text, text)


def compared_expr(column: pl.Expr) -> pl.Expr:
    """:func:`compared` for a column."""
    text = column.cast(pl.String).str.replace_all("[\u3000\u00a0]", " ").str.strip_chars()
    return text.str.to_lowercase().str.replace(_WHOLE.pattern, "${1}").replace(_FLAGS)


def matches(value: Cell, declared: Parsed) -> bool:
    """Is a value of the data the one that the protocol names? ``1``, ``1.0`` and ``"1"`` are.

    Examples
    --------
    >>> matches(1.0, 1), matches("1", 1), matches("Dead", "dead"), matches(2, 1)
    (True, True, True, False)
    >>> matches("1", [1, 3])
    True
    """
    if isinstance(declared, list | tuple):
        return any(matches(value, one) for one in declared)
    return value is not None and compared(value) == compared(declared)
