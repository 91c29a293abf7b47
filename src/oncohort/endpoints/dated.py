"""Endpoints of a date and an event flag: the time runs from an origin to the date."""

from __future__ import annotations

from datetime import date

import polars as pl

from oncohort.criteria.partial_dates import imputed_day, is_partial
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.endpoints import Endpoint
from oncohort.protocol.references import nearest


def days_until(
    patients: pl.DataFrame, origin: str, dated: str, cutoff: date | None = None
) -> pl.DataFrame:
    """Days from one date column to another, one row per patient.

    Partial dates are imputed as everywhere: the middle of the month or the year.

    Returns
    -------
    DataFrame
        ``days`` (null where a date is missing), ``date``, ``start``, ``imputed``, and ``cut``: the
        date is after the cutoff, and the time ends there.

    Examples
    --------
    >>> who = pl.DataFrame({"a": [date(2015, 1, 1)] * 2, "b": [date(2015, 1, 11), None]})
    >>> days_until(who, "a", "b")["days"].to_list()
    [10, None]
    >>> days_until(who, "a", "b", date(2015, 1, 5)).select("days", "cut").row(0)
    (4, True)
    """

    def precision(column: str) -> pl.Expr:
        name = f"{column}_precision"
        return pl.col(name) if name in patients.columns else pl.lit("day")

    def day(column: str) -> pl.Expr:
        return imputed_day(pl.col(column), precision(column))

    known = patients.select(
        start=day(origin),
        date=day(dated),
        imputed=is_partial(precision(origin)) | is_partial(precision(dated)),
    )
    late = pl.lit(False) if cutoff is None else (pl.col("date") > cutoff).fill_null(False)
    known = known.with_columns(cut=late)
    end = pl.when("cut").then(pl.lit(cutoff, dtype=pl.Date)).otherwise(pl.col("date"))
    known = known.with_columns(date=end)
    return known.with_columns(days=(pl.col("date") - pl.col("start")).dt.total_days())


def with_days(frame: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """The endpoint with its dates; who has the date after the cutoff is censored there.

    Parameters
    ----------
    frame
        One row per patient as :func:`reduced` gives it, in the order of the patients.
    ends
        As :func:`days_until` gives it, in the same order.
    """
    joined = pl.concat(
        [frame.drop("start", "date", "imputed"), ends.drop("days")], how="horizontal"
    )
    cut = pl.col("cut")
    out = joined.with_columns(
        event=pl.when(cut & pl.col("event").is_not_null())
        .then(pl.lit(False))
        .otherwise(pl.col("event")),
        reason=pl.when(cut & (pl.col("reason") == "competing"))
        .then(pl.lit("charted"))
        .otherwise(pl.col("reason")),
        kind=pl.when(cut).then(None).otherwise(pl.col("kind")),
        imputed=pl.col("imputed").fill_null(False),
    )
    return out.select(frame.columns)


def last_day_problem(
    declared: Endpoint, patients: pl.DataFrame, label: str, place: Place, blocks: tuple[str, ...]
) -> Problem | None:
    """What is wrong with the dates between which a time runs."""
    for name in (declared.origin, declared.date or ""):
        case = ""
        if name not in patients.columns or patients.get_column(name).dtype != pl.Date:
            case = "no_date"
        elif not patients[name].count():
            case = "empty"
        if not case:
            continue
        dates = [c for c, t in patients.schema.items() if t == pl.Date]
        return problem(
            "endpoints.no-origin" if name == declared.origin else "endpoints.no-last-day",
            case,
            place=place,
            blocks=blocks,
            label=label,
            origin=name,
            nearest=nearest(name, dates),
        )
    return None
