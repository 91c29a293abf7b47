"""Columns that the protocol has made of the chart's: dates of parts, times of words, constants."""

from __future__ import annotations

from collections.abc import Collection

from oncohort.protocol.data import TableMap
from oncohort.records.date_parts import with_date_parts, with_earliest
from oncohort.records.days_after import with_days_after
from oncohort.records.grid import Raw
from oncohort.records.made_of_rows import with_best, with_differences, with_row_marks
from oncohort.records.names import fold
from oncohort.records.outcome_times import with_outcome_times
from oncohort.records.time_parts import with_time_parts
from oncohort.records.told_times import (
    filled_down,
    filled_from,
    kept_where,
    split_told,
    with_column,
)


def with_made(raw: Raw, how: TableMap, known: Collection[str]) -> tuple[Raw, list[tuple[str, str]]]:
    """A table with the columns that are made of others.

    Parameters
    ----------
    known
        Our columns, whose constants need no column; none where further ones are not read.

    Returns
    -------
    tuple
        The table, and (setting, column) of the columns that it does not have.
    """
    absent: list[tuple[str, str]] = []
    raw = with_row_marks(raw, how.rows_with)
    raw, missing = filled_down(raw, how.fill_down_columns)
    absent += [("fill_down_columns", c) for c in missing]
    raw, missing = with_date_parts(raw, how.date_parts)
    absent += [("date_parts", c) for c in missing]
    raw, missing = with_time_parts(raw, how.time_parts)
    absent += [("time_parts", c) for c in missing]
    raw, missing = with_outcome_times(
        raw, {str(state): name for state, name in how.times_by_outcome.items()}
    )
    absent += [("times_by_outcome", c) for c in missing]
    raw, missing = kept_where(raw, how.only_where)
    absent += [("only_where", c) for c in missing]
    raw, missing = with_earliest(raw, how.earliest, how.dates)
    absent += [("earliest", c) for c in missing]
    raw, missing = with_earliest(raw, how.latest, how.dates, latest=True)
    absent += [("latest", c) for c in missing]
    raw, missing = with_best(raw, how.best_of)
    absent += [("best_of", c) for c in missing]
    raw, missing = with_differences(raw, how.difference)
    absent += [("difference", c) for c in missing]
    raw, missing = with_days_after(raw, how.days_after, how.dates)
    absent += [("days_after", c) for c in missing]
    raw, missing = split_told(raw, how.times_in_words)
    absent += [("times_in_words", c) for c in missing]
    raw, missing = filled_from(raw, how.fill_from)
    absent += [("fill_from", c) for c in missing]
    there = {*known, *map(fold, raw.names)}
    for name, value in how.constants.items() if known and raw.names else ():
        if name not in there and fold(name) not in there:
            raw = with_column(raw, name, [value] * raw.height, 0)
    return raw, absent
