"""Performance status and time factors of the risk scores for a cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.risk.labs import with_columns
from oncohort.problems import Place, Problem, Severity

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
                f"ECOG {{}} does not say whether Karnofsky is below 80 ({named})",
                pl.col("ecog").cast(pl.Int64),
            )
        )
        .otherwise(
            pl.format(
                f"ECOG {{}} means Karnofsky {{}} 80 ({agreed})", pl.col("ecog").cast(pl.Int64), side
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
            Problem(
                id="performance.from-ecog",
                severity=Severity.NOTE,
                what=f"In {decided} patients Karnofsky below 80 was judged from ECOG, by {by}.",
                why="The scales are not interchangeable, and the maps differ for ECOG 1.",
                place=Place(column="ecog", key="tables.patients"),
            )
        )
    undecided = by_ecog.height - decided
    if undecided:
        found.append(
            Problem(
                id="performance.ecog-without-map" if mapping is None else "performance.ecog-open",
                severity=Severity.QUESTION if mapping is None else Severity.NOTE,
                what=f"{undecided} patients have ECOG 1 and no Karnofsky: whether it is below 80 "
                "is open.",
                why="ECOG 1 is Karnofsky 70-80 in the conventional map and 80-90 in the others.",
                todo="Chart Karnofsky, or declare a map (schedule.ecog_map).",
                place=Place(column="ecog", key="tables.patients"),
            )
        )
    return found


def _bounds(frame: pl.DataFrame, column: str) -> tuple[pl.Expr, pl.Expr]:
    """Earliest and latest day that a possibly partial date can mean."""
    day = pl.col(column)
    if f"{column}_precision" not in frame.columns:
        return day, day
    precision = pl.col(f"{column}_precision")
    first = (
        pl.when(precision == "year")
        .then(day.dt.truncate("1y"))
        .when(precision == "month")
        .then(day.dt.truncate("1mo"))
        .otherwise(day)
    )
    last = (
        pl.when(precision == "year")
        .then(day.dt.truncate("1y").dt.offset_by("1y").dt.offset_by("-1d"))
        .when(precision == "month")
        .then(day.dt.month_end())
        .otherwise(day)
    )
    return first, last


def first_systemic(
    patients: pl.DataFrame, therapies: pl.DataFrame | None, column: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """Fill a missing date of first systemic therapy from the record of therapies.

    The earliest recorded start stands in where the chart has no date of its own; where it has
    one, and a therapy began before it, that is a warning.
    """
    if therapies is None or therapies.is_empty():
        return patients, []
    frame = with_columns(
        patients,
        {column: pl.Date(), f"{column}_precision": pl.String(), "source_row": pl.Int64()},
    )
    lines = with_columns(therapies, {"start_precision": pl.String()})
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
        Problem(
            id="dates.therapy-before-first-systemic",
            severity=Severity.WARNING,
            what=f"A systemic therapy began {row['_earliest']}, before {column} {row[column]}.",
            why="The time from diagnosis to first systemic therapy is a factor of the risk score.",
            todo="Correct the date, or say which therapies count as systemic.",
            place=Place(row=row["source_row"], column=column, key="tables.patients"),
            patient=row["patient"],
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
    frame = with_columns(patients, {start: pl.Date(), end: pl.Date(), "source_row": pl.Int64()})
    start_first, start_last = _bounds(frame, start)
    end_first, end_last = _bounds(frame, end)
    surely = end_last < start_first.dt.offset_by("1y")
    surely_not = end_first >= start_last.dt.offset_by("1y")
    reversed_ = (end_last < start_first).fill_null(False)
    present = (
        pl.when(reversed_)
        .then(None)
        .when(surely)
        .then(pl.lit(True))
        .when(surely_not)
        .then(pl.lit(False))
    )
    days = (pl.col(end) - pl.col(start)).dt.total_days()
    both = pl.format(
        "{} {} to {} {}",
        pl.lit(start),
        pl.col(start).cast(pl.String),
        pl.lit(end),
        pl.col(end).cast(pl.String),
    )
    reason = (
        pl.when(pl.col(start).is_null())
        .then(pl.lit(f"no {start}"))
        .when(pl.col(end).is_null())
        .then(pl.lit(f"no {end}"))
        .when(reversed_)
        .then(pl.format("{}: the dates are in the wrong order", both))
        .when(pl.col("present").is_null())
        .then(pl.format("{}: partial dates leave open whether it was a year", both))
        .otherwise(
            pl.format(
                "{} ({} days) is {} one year",
                both,
                days,
                pl.when(pl.col("present"))
                .then(pl.lit("less than"))
                .otherwise(pl.lit("not less than")),
            )
        )
    )
    table = frame.with_columns(present.alias("present")).select(
        "patient",
        pl.lit("time").alias("factor"),
        "present",
        days.cast(pl.Float64).alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("limit"),
        pl.lit("days").alias("unit"),
        pl.col(end).alias("date"),
        "source_row",
        reason.alias("reason"),
    )
    problems = [
        Problem(
            id="dates.systemic-before-diagnosis",
            severity=Severity.ERROR,
            what=f"{end} {row[end]} is before {start} {row[start]}.",
            why="The time from diagnosis to systemic therapy is a factor of the risk score.",
            todo="Correct one of the dates.",
            place=Place(row=row["source_row"], column=end, key="tables.patients"),
            patient=row["patient"],
        )
        for row in frame.filter(reversed_).iter_rows(named=True)
    ]
    return table, problems
