"""Dose rows to periods that do not overlap, in mg per day, with what changed at each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.frames import Row, with_absent
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.sections import BODY_SIZE

if TYPE_CHECKING:
    from oncohort.criteria.dosing import Plan

__all__ = ["periods", "planned_table"]


def planned_table(plan: Mapping[str, Plan]) -> pl.DataFrame:
    """Plans as a frame, one row per drug."""
    return pl.DataFrame(
        [
            (
                name.strip().lower(),
                float(one.daily),
                one.unit,
                one.days_on,
                one.days_off,
                one.window_days,
                [float(level) for level in one.levels],
            )
            for name, one in plan.items()
        ],
        schema={
            "drug": pl.String,
            "plan_daily": pl.Float64,
            "plan_unit": pl.String,
            "days_on": pl.Int64,
            "days_off": pl.Int64,
            "window_days": pl.Int64,
            "levels": pl.List(pl.Float64),
        },
        orient="row",
    )


def _problem(rule: str, row: Row, column: str, **holes: Option) -> Problem:
    return problem(
        f"dosing.{rule}",
        place=Place(row=row["source_row"], column=column, key="tables.doses"),
        patient=row["patient"],
        table="doses",
        column=column,
        row=row["source_row"],
        **holes,
    )


def _complete(doses: pl.DataFrame) -> pl.DataFrame:
    types: dict[str, pl.DataType] = {
        "patient": pl.String(),
        "drug": pl.String(),
        "start": pl.Date(),
        "start_precision": pl.String(),
        "end": pl.Date(),
        "end_precision": pl.String(),
        "amount": pl.Float64(),
        "unit": pl.String(),
        "times_per_day": pl.Float64(),
        "reason": pl.String(),
        "source_row": pl.Int64(),
    }
    return doses.select(
        pl.col(c).cast(t) if c in doses.columns else pl.lit(None, dtype=t).alias(c)
        for c, t in types.items()
    ).with_columns(pl.col("drug").str.strip_chars().str.to_lowercase())


def _bodies(patients: pl.DataFrame) -> pl.DataFrame:
    """Weight, body surface (Mosteller where only height and weight are there), last days."""
    from oncohort.criteria.renal import body_surface_expr

    last_days = ("treatment_end", "last_contact", "death_date")
    wanted = dict.fromkeys(BODY_SIZE, pl.Float64()) | dict.fromkeys(last_days, pl.Date())
    frame = with_absent(patients, wanted).select(
        "patient", *(pl.col(c).cast(kind) for c, kind in wanted.items())
    )
    return frame.with_columns(
        pl.coalesce(
            "bsa_m2", body_surface_expr(pl.col("height_cm"), pl.col("weight_kg"), "mosteller")
        ).alias("bsa_m2")
    )


def periods(
    doses: pl.DataFrame, patients: pl.DataFrame, plans: pl.DataFrame, cutoff: date | None
) -> tuple[pl.DataFrame, list[Problem]]:
    """Sorted, non-overlapping periods with ``daily`` (own unit), ``daily_mg`` and ``change``.

    Rows that can't be used are problems; a patient and drug with one of them keep a null daily
    dose there, and every sum over it is null rather than too small.
    """
    key = ["patient", "drug"]
    frame = (
        _complete(doses)
        .filter(pl.col("drug").is_not_null() & pl.col("amount").is_not_null())
        .join(_bodies(patients), on="patient", how="inner", maintain_order="left")
        .join(plans.select("drug", "plan_unit"), on="drug", how="left", maintain_order="left")
    )
    problems = [
        _problem("no-start", row, "start")
        for row in frame.filter(pl.col("start").is_null()).iter_rows(named=True)
    ]
    frame = frame.filter(pl.col("start").is_not_null()).sort(*key, "start", maintain_order=True)
    following = pl.col("start").shift(-1).over(key)
    limit = pl.min_horizontal(
        pl.coalesce("treatment_end", "last_contact"),
        "death_date",
        pl.lit(cutoff, dtype=pl.Date),
    )
    frame = frame.with_columns(following.alias("_next"), limit.alias("_limit"))
    open_end = (
        pl.when(pl.col("_next").is_not_null())
        .then(pl.col("_next").dt.offset_by("-1d"))
        .otherwise(pl.col("_limit"))
    )
    frame = frame.with_columns(pl.coalesce("end", open_end).alias("last"))
    if cutoff is not None:
        frame = frame.filter(pl.col("start") <= cutoff).with_columns(
            pl.min_horizontal("last", pl.lit(cutoff)).alias("last")
        )
    problems += _order_problems(frame)
    twice = (pl.col("_next") == pl.col("start")).fill_null(False)
    twice_before = twice.shift(1, fill_value=False).over(key)
    frame = frame.with_columns(
        (twice | twice_before).alias("_twice"),
        pl.when(pl.col("_next").is_not_null() & ~twice)
        .then(pl.min_horizontal("last", pl.col("_next").dt.offset_by("-1d")))
        .otherwise("last")
        .alias("last"),
    )
    frame, unit_problems = _daily(frame)
    problems += unit_problems
    return _changes(frame, key), problems


def _order_problems(frame: pl.DataFrame) -> list[Problem]:
    start, end, following = pl.col("start"), pl.col("end"), pl.col("_next")
    partial = pl.col("start_precision", "end_precision").is_in(["month", "year"])
    rules = (
        ("end-before-start", end < start, "end"),
        ("open-end", pl.col("last").is_null(), "end"),
        ("overlap", (following < end) & (following != start), "end"),
        ("partial-date", pl.any_horizontal(partial), "start"),
        ("two-doses-on-one-day", following == start, "start"),
    )
    return [
        _problem(
            rule,
            row,
            column,
            drug=row["drug"],
            start=row["start"],
            end=row["end"],
            following=row["_next"],
        )
        for rule, condition, column in rules
        for row in frame.filter(condition).iter_rows(named=True)
    ]


def _daily(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Dose per day in its own unit and in mg; null where a factor is missing."""
    unit = pl.col("unit").str.replace_all(r"\s|\^", "").str.to_lowercase()
    unit = unit.str.replace("²", "2").str.replace("qm", "m2").fill_null("mg")
    off = pl.col("amount") == 0
    daily = pl.when(off).then(0.0).otherwise(pl.col("amount") * pl.col("times_per_day"))
    per = (
        pl.when(unit == "mg")
        .then(1.0)
        .when(unit == "g")
        .then(1000.0)
        .when(unit == "mg/m2")
        .then(pl.col("bsa_m2"))
        .when(unit == "mg/kg")
        .then(pl.col("weight_kg"))
    )
    usable = ~pl.col("_twice") & (pl.col("last") >= pl.col("start"))
    frame = frame.with_columns(unit.alias("dose_unit"), per.alias("_per"), off.alias("_off"))
    frame = frame.with_columns(
        pl.when(usable & (pl.col("amount") >= 0)).then(daily).alias("daily"),
        pl.when(usable & (pl.col("amount") >= 0))
        .then(pl.when(off).then(0.0).otherwise(daily * pl.col("_per")))
        .alias("daily_mg"),
    )
    known = pl.col("dose_unit").is_in(["mg", "g", "mg/m2", "mg/kg"])
    unsized = known & pl.col("_per").is_null()
    rules = (
        ("negative", pl.col("amount") < 0, "amount"),
        ("times-per-day-missing", pl.col("times_per_day").is_null() & ~off, "times_per_day"),
        ("unit", ~known & ~off, "unit"),
        ("body-size-missing", unsized & ~off, "unit"),
    )
    problems = [
        _problem(rule, row, column, amount=row["amount"], unit=row["dose_unit"])
        for rule, condition, column in rules
        for row in frame.filter(condition).iter_rows(named=True)
    ]
    return frame, problems


def _changes(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """What each period is against the last dose taken before it."""
    taken = pl.when(pl.col("daily") > 0).then(pl.col("daily"))
    before = taken.forward_fill().shift(1).over(key)
    frame = frame.with_columns(before.alias("_before"))
    change = (
        pl.when(pl.col("daily").is_null())
        .then(pl.lit("not known"))
        .when(pl.col("daily") == 0)
        .then(pl.lit("no drug"))
        .when(pl.col("_before").is_null())
        .then(pl.lit("start"))
        .when(pl.col("daily") < pl.col("_before") * (1 - 1e-9))
        .then(pl.lit("reduction"))
        .when(pl.col("daily") > pl.col("_before") * (1 + 1e-9))
        .then(pl.lit("escalation"))
        .otherwise(pl.lit("same"))
    )
    days = (pl.col("last") - pl.col("start")).dt.total_days() + 1
    return frame.with_columns(change.alias("change"), days.alias("days")).select(
        "patient",
        "drug",
        "start",
        "last",
        "days",
        "amount",
        "dose_unit",
        "times_per_day",
        "daily",
        "daily_mg",
        "change",
        "reason",
        "bsa_m2",
        "weight_kg",
        "source_row",
    )
