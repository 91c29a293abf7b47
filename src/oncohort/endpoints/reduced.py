"""Cohorts that come already reduced: a time and an event column instead of dates."""

from __future__ import annotations

from typing import Any

import polars as pl

from oncohort.criteria.frames import as_polars
from oncohort.endpoints.derive import COLUMNS
from oncohort.problems import Place, Problem, problem
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
    rows = (
        pl.col("source_row").cast(pl.Int64)
        if "source_row" in frame.columns
        else pl.lit(None, dtype=pl.Int64)
    )
    frame = frame.select(
        pl.col("patient").cast(pl.String),
        pl.col(time).cast(pl.Float64).alias("written"),
        pl.col(event).alias("flag"),
        rows.alias("source_row"),
    ).with_columns(said=_as_text("flag", frame.schema[event]))
    wanted = _text(event_value)
    problems: list[Problem] = []
    values = frame["said"].drop_nulls().unique().sort().to_list()
    blocks = (f"survival.{key}", f"prognosis.{key}")
    others = [v for v in values if v != wanted]
    if values and wanted not in values:
        problems.append(
            problem(
                "endpoints.event-value-absent",
                place=Place(column=event, key=f"endpoints.{key}.event_value"),
                blocks=blocks,
                table="patients",
                column=event,
                event=event,
                value=wanted,
                values=", ".join(values),
                key=key,
            )
        )
    if len(others) > 1:
        problems.append(
            problem(
                "endpoints.event-values",
                place=Place(column=event, key=f"endpoints.{key}.event_value"),
                blocks=blocks,
                table="patients",
                column=event,
                event=event,
                values=", ".join(values),
            )
        )
    for row in frame.filter(
        pl.col("written").is_null() | pl.col("said").is_null() | (pl.col("written") < 0)
    ).iter_rows(named=True):
        negative = row["written"] is not None and row["written"] < 0
        column = time if row["written"] is None or negative else event
        problems.append(
            problem(
                "endpoints.negative-time" if negative else "endpoints.no-time",
                place=Place(row=row["source_row"], column=column),
                patient=row["patient"],
                table="patients",
                column=column,
                row=row["source_row"],
                time=row["written"],
                missing="time" if row["written"] is None else "event value",
                key=key,
            )
        )
    good = pl.col("written").is_not_null() & pl.col("said").is_not_null() & (pl.col("written") >= 0)
    out = frame.with_columns(good=good).select(
        "patient",
        pl.lit(None, dtype=pl.Date).alias("start"),
        pl.lit(None, dtype=pl.Date).alias("date"),
        pl.when("good").then(pl.col("written") * factor).alias("time"),
        pl.when("good").then(pl.col("said") == wanted).alias("event"),
        pl.lit(None, dtype=pl.Int64).alias("entry"),
        pl.when("good").then(pl.lit("charted")).otherwise(pl.lit("no-follow-up")).alias("reason"),
        pl.lit(None, dtype=pl.String).alias("kind"),
        pl.lit(None, dtype=pl.String).alias("code"),
        pl.lit(None, dtype=pl.String).alias("detail"),
        pl.lit(table).alias("table"),
        "source_row",
        pl.lit(None, dtype=pl.String).alias("stop"),
        pl.lit(None, dtype=pl.Date).alias("stop_date"),
        pl.lit(None, dtype=pl.String).alias("set_aside"),
        pl.lit(None, dtype=pl.Date).alias("set_aside_date"),
        pl.lit(False).alias("imputed"),
        pl.lit(None, dtype=pl.Date).alias("last_clear"),
        pl.lit(None, dtype=pl.Date).alias("first_event"),
    )
    return out.select(*COLUMNS), problems


def _text(value: object) -> str:
    """One way of writing a code: 1, 1.0, "1" and true are the same."""
    if isinstance(value, int | float) and float(value).is_integer():
        return str(int(value))
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return {"true": "1", "false": "0"}.get(text.lower(), text)
    return str(int(number)) if number.is_integer() else str(number)


def _as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    """A column of codes as text in the way of :func:`_text`."""
    return pl.col(column).map_elements(_text, return_dtype=pl.String, skip_nulls=True)
