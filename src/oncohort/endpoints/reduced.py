"""Cohorts that come already reduced: a time and an event column instead of dates."""

from __future__ import annotations

from typing import Any

import polars as pl

from oncohort.criteria.frames import as_polars, with_absent
from oncohort.endpoints.derive import COLUMN_TYPES
from oncohort.problems import Place, Problem, problem
from oncohort.records.compared import compared, compared_expr
from oncohort.records.values import text_of
from oncohort.vocabulary.times import DAYS_PER_UNIT


def reduced(
    patients: Any,
    *,
    key: str,
    time: str,
    event: str,
    event_value: str | int | float | bool,
    unit: str = "months",
    table: str = "patients",
) -> tuple[pl.DataFrame, list[Problem]]:
    """An endpoint from a time column and an event column.

    Parameters
    ----------
    time, event
        Columns of ``patients``.
    event_value
        The value of the event column that means that the event happened. Any second value means
        censored; a third one is an error.
    unit
        ``days``, ``weeks``, ``months`` (30.4375 days) or ``years`` (365.25 days).

    Returns
    -------
    endpoint : DataFrame
        In the shape of :func:`derive`, ``time`` in days, ``reason`` ``charted``.
    problems : list of Problem
        Missing or negative times, values of the event column that can't be told.

    Raises
    ------
    KeyError
        A column is missing, or the unit is unknown.

    Examples
    --------
    >>> who = pl.DataFrame({"patient": ["1", "2"], "os_months": [2.0, 4.0], "dead": ["yes", "no"]})
    >>> os, _ = reduced(who, key="os", time="os_months", event="dead", event_value="yes")
    >>> os.select("time", "event").rows()
    [(60.875, True), (121.75, False)]
    """
    frame = as_polars(patients)
    for column in (time, event):
        if column not in frame.columns:
            raise KeyError(column)
    factor = DAYS_PER_UNIT[unit]
    if "source_row" not in frame.columns:
        frame = frame.with_columns(source_row=pl.lit(None))
    frame = frame.select(
        pl.col("patient").cast(pl.String),
        pl.col(time).cast(pl.Float64).alias("written"),
        pl.col(event).alias("flag"),
        compared_expr(pl.col(event)).alias("compared"),
        pl.col("source_row").cast(pl.Int64),
    )
    has_both = pl.col("written").is_not_null() & pl.col("compared").is_not_null()
    good = has_both & (pl.col("written") >= 0)
    happened = pl.col("compared") == compared(event_value)
    out = frame.select(
        "patient",
        pl.when(good).then(pl.col("written") * factor).alias("time"),
        pl.when(good).then(happened).alias("event"),
        pl.when(good).then(pl.lit("charted")).otherwise(pl.lit("no-follow-up")).alias("reason"),
        pl.lit(table).alias("table"),
        "source_row",
        pl.lit(False).alias("imputed"),
    )
    problems = [
        *_event_values(frame, key, event, event_value),
        *_unusable(frame.filter(~good), key, time, event),
    ]
    return with_absent(out, COLUMN_TYPES).select(*COLUMN_TYPES), problems


def _event_values(frame: pl.DataFrame, key: str, event: str, event_value: Any) -> list[Problem]:
    """An event value that is not there, and more than one other."""
    values = frame.drop_nulls("compared").unique("compared").sort("compared")
    written = [text_of(v) for v in values["flag"].to_list()]
    found = set(values["compared"])
    wanted = compared(event_value)
    common: dict[str, Any] = {
        "place": Place(column=event, key=f"endpoints.{key}.event_value"),
        "blocks": (f"survival.{key}", f"prognosis.{key}"),
        "table": "patients",
        "column": event,
        "event": event,
        "values": written,
    }
    out = []
    if found and wanted not in found:
        value = text_of(event_value)
        out.append(problem("endpoints.event-value-absent", value=value, key=key, **common))
    if len(found - {wanted}) > 1:
        out.append(problem("endpoints.event-values", **common))
    return out


def _unusable(rows: pl.DataFrame, key: str, time: str, event: str) -> list[Problem]:
    """Patients without a time or an event value, or with a negative time."""
    out = []
    for row in rows.iter_rows(named=True):
        negative = row["written"] is not None and row["written"] < 0
        without_time = row["written"] is None
        column = time if without_time or negative else event
        out.append(
            problem(
                "endpoints.negative-time" if negative else "endpoints.no-time",
                place=Place(row=row["source_row"], column=column),
                patient=row["patient"],
                table="patients",
                column=column,
                row=row["source_row"],
                time=row["written"],
                missing="time" if without_time else "event value",
                key=key,
            )
        )
    return out
