"""Dates of which only month or year is known: one rule for the day taken, and its bounds.

Every step takes the same day for a partial date: the middle of what it allows (the 15th of the
month, 1 July of the year) unless another rule is named. The column ``<date>_precision`` beside
the date stays, so the bounds can be had again from an imputed date.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

__all__ = ["Imputation", "earliest_day", "impute", "imputed_day", "is_partial", "latest_day"]

Imputation = Literal["first", "middle", "last"]


def _level(precision: pl.Expr) -> pl.Expr:
    return precision.fill_null("day")


def is_partial(precision: pl.Expr) -> pl.Expr:
    """Whether a date is known only by month or year."""
    return _level(precision).is_in(["month", "year"])


def earliest_day(day: pl.Expr, precision: pl.Expr) -> pl.Expr:
    """The first day that a partial date allows; the date itself where it is known.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({"d": [date(2014, 3, 9)] * 3, "p": ["day", "month", "year"]})
    >>> rows.select(earliest_day(pl.col("d"), pl.col("p")).dt.to_string())["d"].to_list()
    ['2014-03-09', '2014-03-01', '2014-01-01']
    """
    level = _level(precision)
    return (
        pl.when(level == "month")
        .then(day.dt.month_start())
        .when(level == "year")
        .then(pl.date(day.dt.year(), 1, 1))
        .otherwise(day)
    )


def latest_day(day: pl.Expr, precision: pl.Expr) -> pl.Expr:
    """The last day that a partial date allows; the date itself where it is known."""
    level = _level(precision)
    return (
        pl.when(level == "month")
        .then(day.dt.month_end())
        .when(level == "year")
        .then(pl.date(day.dt.year(), 12, 31))
        .otherwise(day)
    )


def imputed_day(day: pl.Expr, precision: pl.Expr, rule: Imputation = "middle") -> pl.Expr:
    """The day taken for a date: itself where it is known, else by the rule.

    Taking it twice changes nothing.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({"d": [date(2014, 3, 1)] * 3, "p": ["day", "month", "year"]})
    >>> rows.select(imputed_day(pl.col("d"), pl.col("p")).dt.to_string().alias("d"))["d"].to_list()
    ['2014-03-01', '2014-03-15', '2014-07-01']
    """
    if rule == "first":
        return earliest_day(day, precision)
    if rule == "last":
        return latest_day(day, precision)
    level = _level(precision)
    return (
        pl.when(level == "month")
        .then(pl.date(day.dt.year(), day.dt.month(), 15))
        .when(level == "year")
        .then(pl.date(day.dt.year(), 7, 1))
        .otherwise(day)
    )


def impute(frame: pl.DataFrame, rule: Imputation = "middle") -> pl.DataFrame:
    """A record table with every partial date at its imputed day; precisions stay.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({"date": [date(2014, 3, 1)], "date_precision": ["month"]})
    >>> impute(rows)["date"].to_list()
    [datetime.date(2014, 3, 15)]
    """
    dated = [
        c
        for c, kind in frame.schema.items()
        if kind == pl.Date and f"{c}_precision" in frame.columns and _some_partial(frame, c)
    ]
    if not dated:
        return frame
    return frame.with_columns(
        imputed_day(pl.col(c), pl.col(f"{c}_precision"), rule).alias(c) for c in dated
    )


def _some_partial(frame: pl.DataFrame, column: str) -> bool:
    """Is a date of the column known only by month or year? In most columns none is."""
    return bool(frame.get_column(f"{column}_precision").is_in(["month", "year"]).any())
