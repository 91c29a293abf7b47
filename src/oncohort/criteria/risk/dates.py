"""Performance status and time factors of the risk scores for a cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.frames import with_absent
from oncohort.criteria.partial_dates import earliest_day, latest_day
from oncohort.problems import Place, Problem, problem

if TYPE_CHECKING:
    from oncohort.criteria.performance import EcogMap

__all__ = ["first_systemic", "interval_evidence", "performance_evidence"]


def performance_evidence(
    patients: pl.DataFrame,
    performance: pl.DataFrame | None,
    *,
    origin: str,
    window: tuple[int, int],
    mapping: EcogMap | None,
) -> tuple[pl.DataFrame, list[Problem]]:
    """Karnofsky below 80, one row per patient."""
    from oncohort.criteria.performance import baseline, kps_below

    found = baseline(patients, performance, origin=origin, before=window[0], after=window[1])
    grades: dict[float, bool | None] = {
        float(g): kps_below(80, ecog=g, mapping=mapping) for g in range(6)
    }
    from_ecog = pl.col("ecog").replace_strict(grades, default=None, return_dtype=pl.Boolean)
    has_kps = pl.col("kps").is_not_null()
    present = pl.when(has_kps).then(pl.col("kps") < 80).otherwise(from_ecog)
    side = pl.when(pl.col("present")).then(pl.lit("below")).otherwise(pl.lit("not below"))
    named = f"the map {mapping}" if mapping else "no map from ECOG to Karnofsky is declared"
    agreed = f"the map {mapping}" if mapping else "all published maps"
    reason = (
        pl.when(has_kps)
        .then(pl.format("Karnofsky {} is {} 80", pl.col("kps").cast(pl.Int64), side))
        .when(pl.col("ecog").is_null())
        .then(pl.lit("no performance status at baseline"))
        .when(pl.col("present").is_null())
        .then(
            pl.format(
                "ECOG {} does not say whether Karnofsky is below 80 ({})",
                pl.col("ecog").cast(pl.Int64),
                pl.lit(named),
            )
        )
        .otherwise(
            pl.format(
                "ECOG {} means Karnofsky {} 80 ({})",
                pl.col("ecog").cast(pl.Int64),
                side,
                pl.lit(agreed),
            )
        )
    )
    table = found.table.with_columns(present.alias("present")).select(
        "patient",
        pl.lit("kps").alias("factor"),
        "present",
        pl.coalesce("kps", "ecog").alias("value"),
        pl.when(has_kps).then(pl.lit(80.0)).alias("limit"),
        pl.when(has_kps)
        .then(pl.lit("Karnofsky"))
        .when(pl.col("ecog").is_not_null())
        .then(pl.lit("ECOG"))
        .alias("unit"),
        pl.when(has_kps).then(pl.col("kps_date")).otherwise(pl.col("ecog_date")).alias("date"),
        pl.when(has_kps).then(pl.col("kps_row")).otherwise(pl.col("ecog_row")).alias("source_row"),
        reason.alias("reason"),
    )
    return table, [*found.problems, *_ecog_problems(table, mapping)]


def _ecog_problems(table: pl.DataFrame, mapping: EcogMap | None) -> list[Problem]:
    """Say where ECOG stands in for Karnofsky, and where it can't."""
    by_ecog = table.filter(pl.col("unit") == "ECOG")
    found = []
    decided = by_ecog.filter(pl.col("present").is_not_null()).height
    if decided:
        by = f"the map {mapping}" if mapping else "what all published maps agree on"
        found.append(
            problem(
                "performance.from-ecog",
                place=Place(column="ecog", key="tables.patients"),
                decided=decided,
                by=by,
            )
        )
    undecided = by_ecog.height - decided
    if undecided:
        found.append(
            problem(
                "performance.ecog-without-map" if mapping is None else "performance.ecog-open",
                place=Place(column="ecog", key="tables.patients"),
                n=undecided,
            )
        )
    return found


def _bounds(frame: pl.DataFrame, column: str) -> tuple[pl.Expr, pl.Expr]:
    """Earliest and latest day that a possibly partial date can mean."""
    day, precision = pl.col(column), f"{column}_precision"
    if precision not in frame.columns:
        return day, day
    return earliest_day(day, pl.col(precision)), latest_day(day, pl.col(precision))


def first_systemic(
    patients: pl.DataFrame, therapies: pl.DataFrame | None, column: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """Fill a missing date of first systemic therapy from the record of therapies.

    The earliest recorded start stands in where the chart has no date of its own; where it has
    one, and a therapy began before it, that is a warning.
    """
    if therapies is None or therapies.is_empty():
        return patients, []
    frame = with_absent(
        patients,
        {column: pl.Date(), f"{column}_precision": pl.String(), "source_row": pl.Int64()},
    )
    lines = with_absent(therapies, {"start_precision": pl.String()})
    earliest = (
        lines.filter(pl.col("start").is_not_null())
        .sort("start", maintain_order=True)
        .group_by("patient", maintain_order=True)
        .agg(
            pl.col("start").first().alias("_earliest"),
            pl.col("start_precision").first().alias("_precision"),
        )
    )
    frame = frame.join(earliest, on="patient", how="left", maintain_order="left")
    problems = [
        problem(
            "dates.therapy-before-first-systemic",
            place=Place(row=row["source_row"], column=column, key="tables.patients"),
            patient=row["patient"],
            earliest=row["_earliest"],
            named=column,
            date=row[column],
        )
        for row in frame.filter(pl.col("_earliest") < pl.col(column)).iter_rows(named=True)
    ]
    empty = pl.col(column).is_null()
    filled = frame.with_columns(
        pl.coalesce(column, "_earliest").alias(column),
        pl.when(empty)
        .then(pl.col("_precision"))
        .otherwise(pl.col(f"{column}_precision"))
        .alias(f"{column}_precision"),
    )
    return filled.drop("_earliest", "_precision"), problems


def interval_evidence(
    patients: pl.DataFrame, *, start: str, end: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """Less than one calendar year between two dates; partial dates by their bounds."""
    frame = with_absent(patients, {start: pl.Date(), end: pl.Date(), "source_row": pl.Int64()})
    present, reversed_ = _within_a_year(frame, start, end)
    days = (pl.col(end) - pl.col(start)).dt.total_days()
    table = frame.with_columns(present.alias("present")).select(
        "patient",
        pl.lit("time").alias("factor"),
        "present",
        days.cast(pl.Float64).alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("limit"),
        pl.lit("days").alias("unit"),
        pl.col(end).alias("date"),
        "source_row",
        _interval_reason(start, end, reversed_).alias("reason"),
    )
    problems = [
        problem(
            "dates.systemic-before-diagnosis",
            place=Place(row=row["source_row"], column=end, key="tables.patients"),
            patient=row["patient"],
            table="patients",
            column=(start, end),
            row=row["source_row"],
            start=start,
            diagnosed=row[start],
            end=end,
            began=row[end],
        )
        for row in frame.filter(reversed_).iter_rows(named=True)
    ]
    return table, problems


def _within_a_year(frame: pl.DataFrame, start: str, end: str) -> tuple[pl.Expr, pl.Expr]:
    """Less than a year apart, null where partial dates leave it open; in the wrong order."""
    start_first, start_last = _bounds(frame, start)
    end_first, end_last = _bounds(frame, end)
    reversed_ = (end_last < start_first).fill_null(False)
    present = (
        pl.when(reversed_)
        .then(None)
        .when(end_last < start_first.dt.offset_by("1y"))
        .then(pl.lit(True))
        .when(end_first >= start_last.dt.offset_by("1y"))
        .then(pl.lit(False))
    )
    return present, reversed_


def _interval_reason(start: str, end: str, reversed_: pl.Expr) -> pl.Expr:
    """The call in words, beside a column ``present``."""
    both = pl.format(
        "{} {} to {} {}",
        pl.lit(start),
        pl.col(start).cast(pl.String),
        pl.lit(end),
        pl.col(end).cast(pl.String),
    )
    side = pl.when("present").then(pl.lit("less than")).otherwise(pl.lit("not less than"))
    days = (pl.col(end) - pl.col(start)).dt.total_days()
    return (
        pl.when(pl.col(start).is_null())
        .then(pl.lit(f"no {start}"))
        .when(pl.col(end).is_null())
        .then(pl.lit(f"no {end}"))
        .when(reversed_)
        .then(pl.format("{}: the dates are in the wrong order", both))
        .when(pl.col("present").is_null())
        .then(pl.format("{}: partial dates leave open whether it was a year", both))
        .otherwise(pl.format("{} ({} days) is {} one year", both, days, side))
    )
