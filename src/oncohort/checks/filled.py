"""Cells that were dragged down a column, and days that stand in for unknown ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.checks.rule import HIDDEN, MISSING_CODES, Data, rule
from oncohort.checks.tumours import used_columns
from oncohort.problems import Problem, problem

RUN = 5
"""Rows one below the other that have one value, or go up by one, in a column that is not sorted."""
DIFFERENT = 0.4
"""Share of different values in a column, from which a run of equal ones is no chance."""
CHANCE = 1e-4
"""So seldom may a run of equal values be chance."""
SORTED = 0.8
"""Share of steps that go one way, from which a column is sorted."""


def _columns(data: Data) -> Iterator[str]:
    """Numbers that the protocol uses, and days of patients but the last contact."""
    kinds = data.patients.schema
    used = used_columns(data)
    for column, kind in kinds.items():
        if column in (*HIDDEN, "last_contact", "kps", "ecog"):
            continue
        if kind == pl.Date or (kind.is_numeric() and column in used):
            yield column


def _longest(same: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest run begins in which each row follows the one before it, and its rows."""
    breaks = np.flatnonzero(np.concatenate(([True], ~same, [True])))
    k = int(np.diff(breaks).argmax())
    return int(breaks[k]), int(breaks[k + 1] - breaks[k])


def _run(values: NDArray[np.float64], days: bool) -> tuple[str, int, int] | None:
    """A run of equal values, or of a series, that is no chance: case, first row, rows.

    Examples
    --------
    >>> mixed = [float(i * 7 % 11 + i) for i in range(12)]
    >>> _run(np.array([*mixed, *[40.0] * 7, *mixed]), False)
    ('', 12, 7)
    """
    n, step = values.size, np.diff(values)
    counts = np.unique(values, return_counts=True)[1]
    if counts.size >= DIFFERENT * n:
        first, rows = _longest(step == 0)
        often = float(((counts / n) ** 2).sum())
        if rows >= RUN and n * often ** (rows - 1) <= CHANCE:
            return "", first, rows
    moving = step[step != 0]
    one_way = max((moving > 0).sum(), (moving < 0).sum()) / max(1, moving.size)
    if days or one_way < SORTED:
        first, rows = _longest(step == 1)
        if rows > RUN:
            return "series", first, rows
    return None


@rule("values.filled-down")
def filled_down(data: Data) -> Iterator[Problem]:
    """A value, or a series that goes up by one, dragged over the rows below it."""
    if data.patients.height < 3 * RUN:
        return
    rows = data.included(data.patients)
    names = frozenset(rows.columns)
    for column in _columns(data):
        held = rows[column]
        days = held.dtype == pl.Date
        at = np.arange(held.len())
        if days and f"{column}_precision" in names:
            whole = rows[f"{column}_precision"].fill_null("day") == "day"
            at = np.flatnonzero((whole & held.is_not_null()).to_numpy())
        elif held.null_count():
            at = np.flatnonzero(held.is_not_null().to_numpy())
        if at.size < 3 * RUN:
            continue
        numbers = held.to_physical() if days else held
        values = numbers.cast(pl.Float64).to_numpy()[at]
        found = _run(values, days)
        if found is None:
            continue
        case, first, n = found
        if values[first] in (0, *MISSING_CODES):
            continue
        own = rows[at[first : first + n].tolist()]
        yield problem(
            "values.filled-down",
            case,
            place=data.at("patients", column, own["source_record"][0]),
            name=column,
            n=n,
            value=own[column][0] if days else f"{values[first]:g}",
            last=own[column][-1] if days else f"{values[first + n - 1]:g}",
            patients=own["patient"].to_list(),
        )


ONE_DAY = 0.08
"""Share of the patients whose day is one and the same, from which it stands for an unknown one."""
_ONCE = ("treatment_start", "diagnosis_date", "progression_date", "death_date")


@rule("dates.same-day")
def same_day(data: Data) -> Iterator[Problem]:
    """One day that stands for many, among days that nearly all differ: 2020-01-01 for unknown."""
    for column in _ONCE:
        if not data.has("patients", column):
            continue
        rows = data.included(data.patients).filter(
            pl.col(column).is_not_null() & (pl.col(f"{column}_precision").fill_null("day") == "day")
        )
        if rows.height < 20:
            continue
        counts = rows[column].value_counts().sort("count", column)
        day, n = counts.row(-1)
        others = counts.filter(pl.col(column) != day)
        different = others.height >= max(5, 0.8 * int(others["count"].sum()))
        if n < max(5, ONE_DAY * rows.height) or not different:
            continue
        held = rows.filter(pl.col(column) == day)
        yield problem(
            "dates.same-day",
            place=data.at("patients", column, held["source_record"][0]),
            name=column,
            n=n,
            date=day,
            patients=held["patient"].to_list(),
        )


MODE = 0.4
"""Share of the patients with one and the same number, from which it may stand for unknown ones."""


@rule("values.same-value")
def same_value(data: Data) -> Iterator[Problem]:
    """One number that stands for many, among numbers that nearly all differ: an age of 60."""
    included, kinds = data.included(data.patients), data.patients.schema
    for column in used_columns(data):
        if not kinds[column].is_numeric() or column in ("kps", "ecog"):
            continue
        values = included[column]
        known = values.len() - values.null_count()
        different_ones = values.n_unique() - (known < values.len())
        if known < 20 or known - (different_ones - 1) < MODE * known:
            continue  # none can stand for so many
        rows = included.select(*HIDDEN, "patient", column).drop_nulls(column)
        counts = rows[column].value_counts().sort("count", column)
        value, n = counts.row(-1)
        others = counts.filter(pl.col(column) != value)
        different = others.height >= max(6, 0.7 * int(others["count"].sum()))
        if n < MODE * rows.height or not different or value in (0, *MISSING_CODES):
            continue
        if (others[column] < value).all() or (others[column] > value).all():
            continue  # a limit of detection stands for all beyond it
        held = rows.filter(pl.col(column) == value)
        yield problem(
            "values.same-value",
            place=data.at("patients", column, held["source_record"][0]),
            name=column,
            n=n,
            value=value,
            patients=held["patient"].to_list(),
        )
