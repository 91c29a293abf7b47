"""Which columns of a chart tell who somebody is by what stands in them."""

from __future__ import annotations

import polars as pl

from oncohort.records.dates import is_compact, is_year_month
from oncohort.study.deidentify.texts import is_date_text

MANY = 10
"""Values beyond which a column with one of its own for each patient is a number of somebody."""
YOUNGEST = 15
"""Years before the start from which a column of days is taken for births."""
RARE = 3
"""Values that fewer patients share are rare."""
_DAYS = (20_000, 60_000)
"""Numbers that may be a spreadsheet's days: 1954 to 2064."""


def why_dropped(column: pl.Series, patient: pl.Series, *, used: bool) -> str:
    """Why a column can't be in the copy; empty where it can.

    Parameters
    ----------
    used
        Does the protocol read the column?

    Examples
    --------
    >>> ids = pl.Series(["a", "b", "c"])
    >>> why_dropped(pl.Series([42_010, 42_375, 42_010]), ids, used=False)
    'calendar dates as numbers'
    >>> why_dropped(pl.Series([42_010, 42_375, 42_010]), ids, used=True)
    ''
    """
    values = column.drop_nulls()
    if not values.len():
        return ""
    same = column.cast(pl.String, strict=False) == patient
    if int(same.sum() or 0) >= max(2, values.len() // 2):
        return "the patient's id again"
    if values.dtype == pl.String:
        dates = sum(map(is_date_text, values.to_list()))
        if dates >= max(2, values.len() // 2):
            return "calendar dates as text"
    own = values.len() > MANY and values.n_unique() == values.len()
    if (
        own
        and values.dtype == pl.String
        and values.cast(pl.Float64, strict=False).null_count() > (values.len() / 2)
    ):
        return "a value of its own for each patient"
    if used:
        return ""
    if are_days(values):
        return "calendar dates as numbers"
    if own and (values.dtype == pl.String or _whole(values)):
        return "a value of its own for each patient"
    return ""


def are_births(days: pl.Series, start: pl.Series) -> bool:
    """Do days lie so long before the start as births do?

    Examples
    --------
    >>> from datetime import date
    >>> start = pl.Series([date(2016, 1, 4), date(2016, 2, 4)])
    >>> are_births(pl.Series([date(1951, 4, 2), None]), start)
    True
    >>> are_births(pl.Series([date(2011, 4, 2), date(2015, 1, 1)]), start)
    False
    """
    years = ((start - days).dt.total_days() / 365.25).median()
    return isinstance(years, float) and years >= YOUNGEST


def are_days(values: pl.Series) -> bool:
    """Are numbers all days of a calendar: of a spreadsheet, or year, month and day in figures?

    Examples
    --------
    >>> are_days(pl.Series([20150131, 20160229])), are_days(pl.Series([201501.0, 201612.0]))
    (True, True)
    >>> are_days(pl.Series([42_010, 300])), are_days(pl.Series([42_010.5, 42_011]))
    (False, False)
    """
    if values.len() < 2 or not _whole(values):
        return False
    if values.is_between(*_DAYS).all():
        return True
    texts = values.cast(pl.Int64).cast(pl.String).to_list()
    return all(map(is_compact, texts)) or all(map(is_year_month, texts))


def hardly_shared(values: pl.Series) -> int:
    """How many whole numbers fewer than three patients share each, where most are so; else 0.

    Examples
    --------
    >>> hardly_shared(pl.Series([4000, 4000, 4001, 4001, 4002, 4003] * 2)[:8])
    0
    >>> hardly_shared(pl.Series([k // 2 for k in range(24)]))
    12
    """
    held = values.drop_nulls()
    if held.len() <= MANY or not _whole(held):
        return 0
    rare = int((held.value_counts()["count"] < RARE).sum())
    return rare if rare > held.len() / 4 else 0


def _whole(values: pl.Series) -> bool:
    if values.dtype.is_integer():
        return True
    return values.dtype.is_float() and bool((values == values.round()).all())
