"""The day so long after another one: a start and months of follow-up give the last contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from oncohort.protocol.data import DayAfter
from oncohort.records.columns import as_list, read_column
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import column_at
from oncohort.records.told_times import with_column
from oncohort.records.values import Reader
from oncohort.vocabulary.times import DAYS_PER_UNIT, DateOrder


def with_days_after(
    raw: Raw, wanted: Mapping[str, DayAfter], order: DateOrder | None
) -> tuple[Raw, list[str]]:
    """Add columns of days that lie a charted time after a charted day.

    Returns
    -------
    tuple
        The table, and the names that it does not have. A day is known as well as the one from which
        the time counts; where a cell is no day or no number it stays as it is, so that it is named;
        where one is blank, there is none.

    Examples
    --------
    >>> cells = ["2015-03-01", "2015-03", None], [12.0, 2.0, 3.0]
    >>> raw = Raw("c.csv", None, ("start", "months"), cells, [2, 3, 4])
    >>> made = DayAfter(day="start", time="months", unit="months")
    >>> with_days_after(raw, {"last": made}, None)[0].columns[-1]
    ['2016-02-29', '2015-05', None]
    """
    absent: list[str] = []
    for name, how in wanted.items():
        at = [i for c in (how.day, how.time) if (i := column_at(raw.names, c)) is not None]
        absent += [c for c in (how.day, how.time) if column_at(raw.names, c) is None]
        if len(at) < 2:
            continue
        days, times = (as_list(raw.columns[i]) for i in at)
        raw = with_column(raw, name, _made(days, times, DAYS_PER_UNIT[how.unit], order), at[1])
    return raw, absent


_LETTERS = {"day": 10, "month": 7, "year": 4}
"""Of a day as ISO writes it, as far as it is known."""


def _made(days: list[Cell], times: list[Cell], unit: float, order: DateOrder | None) -> list[Cell]:
    read, numbers = read_column(days, Reader("date", order=order)), read_column(times, _NUMBER)
    unread = {u.index: days[u.index] for u in read.unread}
    unread |= {u.index: times[u.index] for u in numbers.unread}
    exact = read.precision.to_list() if read.precision is not None else [None] * len(days)
    out: list[Cell] = []
    rows = zip(read.values.to_list(), exact, numbers.values.to_list(), strict=True)
    for i, (day, known, time) in enumerate(rows):
        if i in unread:
            out.append(unread[i])
        elif day is None or time is None:
            out.append(None)
        else:
            out.append(_written(day, time * unit, known))
    return out


_NUMBER = Reader("number")


def _written(day: date, days: float, known: str | None) -> str:
    """The day so many days later; what is beyond the calendar is no day, and named as it stands."""
    try:
        return (day + timedelta(days=round(days))).isoformat()[: _LETTERS[known or "day"]]
    except OverflowError:
        return f"{day.isoformat()} + {days:g} days"
