"""Comparison at thresholds.

Limits are products of decimal figures (3 x 0.7), which binary floats hold only nearly: 2.1 would
be above three times 0.7. Two figures that agree to nine digits are equal here; laboratories
report four at most.
"""

from __future__ import annotations

import polars as pl

__all__ = ["above", "above_expr", "below", "below_expr"]

_RELATIVE = 1e-9


def above(value: float, limit: float) -> bool:
    """Strictly greater, with figures equal to nine digits counted as equal.

    Examples
    --------
    >>> 2.1 > 3 * 0.7, above(2.1, 3 * 0.7)
    (True, False)
    """
    return value - limit > _RELATIVE * abs(limit)


def below(value: float, limit: float) -> bool:
    """Strictly less, with figures equal to nine digits counted as equal."""
    return limit - value > _RELATIVE * abs(limit)


def above_expr(value: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """:func:`above` for columns; null where either is null."""
    return (value - limit) > (limit.abs() * _RELATIVE)


def below_expr(value: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """:func:`below` for columns; null where either is null."""
    return (limit - value) > (limit.abs() * _RELATIVE)
