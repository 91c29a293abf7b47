"""Cohorts that come already reduced: time and event columns instead of dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from types import MappingProxyType

import polars as pl

from oncohort.criteria.frames import as_polars, with_absent
from oncohort.dataclass import dataclass
from oncohort.endpoints.derive import COLUMN_TYPES
from oncohort.problems import Place, Problem, problem
from oncohort.records.compared import compared, compared_expr
from oncohort.records.values import text_of
from oncohort.vocabulary.times import DAYS_PER_UNIT

Code = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Coding:
    """What the values of an event column mean.

    Parameters
    ----------
    event
        Values that mean that the event happened.
    competing
        Key of a competing event to its values.
    censored
        Values that mean that nothing happened; none: the one value that is left.
    """

    event: tuple[Code, ...]
    competing: Mapping[str, tuple[Code, ...]] = field(default_factory=lambda: MappingProxyType({}))
    censored: tuple[Code, ...] = ()

    def meanings(self) -> dict[str, str | None]:
        """Value as compared to what it means: ``event``, a competing event, or nothing."""
        out: dict[str, str | None] = {compared(v): None for v in self.censored}
        for key, values in (("event", self.event), *self.competing.items()):
            out |= {compared(v): key for v in values}
        return out


def reduced(
    patients: object,
    *,
    key: str,
    time: str,
    event: str,
    event_value: Code | Sequence[Code] | Coding,
    unit: str = "months",
    table: str = "patients",
) -> tuple[pl.DataFrame, list[Problem]]:
    """An endpoint from a time column and an event column.

    Parameters
    ----------
    time, event
        Columns of ``patients``.
    event_value
        The value of the event column that means that the event happened, several of them, or a
        :class:`Coding` with competing events. One more value means censored; yet another one is
        an error.
    unit
        ``days``, ``weeks``, ``months`` (30.4375 days) or ``years`` (365.25 days).

    Returns
    -------
    endpoint : DataFrame
        In the shape of :func:`derive`, ``time`` in days, ``reason`` ``charted``; ``competing``
        with the key of the event as ``kind`` where another event came first.
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
        compared_expr(pl.col(event)).alias("event_value"),
        rows.alias("source_row"),
    )
    coding = event_value if isinstance(event_value, Coding) else Coding(_several(event_value))
    problems = _unclear(frame, key, event, coding)
    problems += _without_time(frame, key, time, event)
    meant = coding.meanings()
    good = (
        pl.col("written").is_not_null()
        & pl.col("event_value").is_not_null()
        & (pl.col("written") >= 0)
    )
    first = pl.col("event_value").replace_strict(meant, default=None, return_dtype=pl.String)
    frame = frame.with_columns(good=good, first=first)
    out = frame.select(
        "patient",
        time=pl.when("good").then(pl.col("written") * factor),
        first=pl.when("good").then("first"),
        source_row="source_row",
    )
    return endpoint_of(out, table), problems


def endpoint_of(frame: pl.DataFrame, table: str = "patients") -> pl.DataFrame:
    """Times (days) with what came first, in the shape of :func:`derive`.

    Parameters
    ----------
    frame
        ``patient``, ``time`` (null: none), ``first`` (``event``, the key of a competing event, or
        null: censored), ``source_row``.
    """
    timed = pl.col("time").is_not_null()
    other = pl.col("first").is_not_null() & (pl.col("first") != "event")
    reason = (
        pl.when(~timed)
        .then(pl.lit("no-follow-up"))
        .when(other)
        .then(pl.lit("competing"))
        .otherwise(pl.lit("charted"))
    )
    out = frame.select(
        "patient",
        "time",
        pl.when(timed).then((pl.col("first") == "event").fill_null(False)).alias("event"),
        reason.alias("reason"),
        pl.when(other).then("first").alias("kind"),
        pl.lit(table).alias("table"),
        "source_row",
        pl.lit(False).alias("imputed"),
    )
    return with_absent(out, COLUMN_TYPES).select(*COLUMN_TYPES)


def _unclear(frame: pl.DataFrame, key: str, event: str, coding: Coding) -> list[Problem]:
    """Values of the event column that are declared and never there, or there and not declared."""
    blocks = (f"survival.{key}",)
    values = frame.drop_nulls("event_value").unique("event_value").sort("event_value")
    held = dict(zip(values["event_value"], map(text_of, values["flag"].to_list()), strict=True))
    known = coding.meanings()
    problems = []

    def absent(values: Sequence[Code], named: str, case: str = "") -> None:
        if not held or any(compared(v) in held for v in values):
            return
        problems.append(
            problem(
                "endpoints.event-value-absent",
                case,
                place=Place(column=event, key=f"endpoints.{key}.{named}"),
                blocks=blocks,
                event=event,
                value=", ".join(map(text_of, values)),
                values=list(held.values()),
                key=key,
            )
        )

    absent(coding.event, "event_value")
    if not coding.censored:
        # With every value declared, an event that never happened is no riddle.
        for declared in coding.competing.values():
            absent(declared, "competing", "competing")
    others = [written for v, written in held.items() if v not in known]
    if len(others) > (0 if coding.censored else 1):
        problems.append(
            problem(
                "endpoints.event-values",
                "competing" if coding.competing or coding.censored else "",
                place=Place(column=event, key=f"endpoints.{key}.event_value"),
                blocks=blocks,
                event=event,
                values=list(held.values()),
                others=others,
                key=key,
            )
        )
    return problems


def _without_time(frame: pl.DataFrame, key: str, time: str, event: str) -> list[Problem]:
    """Patients without a time or an event value, and times below zero."""
    problems = []
    for row in frame.filter(
        pl.col("written").is_null() | pl.col("event_value").is_null() | (pl.col("written") < 0)
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
    return problems


def _several(value: Code | Sequence[Code]) -> tuple[Code, ...]:
    return (value,) if isinstance(value, str | int | float) else tuple(value)
