"""Periods of a drug to one row per patient and drug."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

__all__ = ["summary", "unplanned_breaks"]

_KEY = ["patient", "drug"]


COLUMNS = (
    "patient",
    "drug",
    "first_dose",
    "last_dose",
    "days",
    "duration_days",
    "days_with_drug",
    "cumulative_mg",
    "mean_daily_mg",
    "start_daily_mg",
    "lowest_daily_mg",
    "lowest_level",
    "rdi",
    "rdi_window",
    "window_days",
    "reductions",
    "escalations",
    "interruptions",
    "interruption_days",
    "started_reduced",
    "reduced",
    "first_reduction",
    "days_to_reduction",
    "first_reduction_reason",
    "days_to_interruption",
)
_NOT_KNOWN = (
    "cumulative_mg",
    "mean_daily_mg",
    "rdi",
    "rdi_window",
    "days_with_drug",
    "reductions",
    "escalations",
    "interruptions",
    "interruption_days",
    "reduced",
    "lowest_level",
    "lowest_daily_mg",
    "first_reduction",
    "days_to_reduction",
    "days_to_interruption",
)
"""What a period without a known dose leaves open."""


def summary(rows: pl.DataFrame, patients: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """Sums, intensity, changes and interruptions; null where a period is not known."""
    base = _sums(rows)
    span = (pl.col("last_dose") - pl.col("first_dose")).dt.total_days()
    order = patients.select("patient").with_row_index("_order")
    table = (
        base.join(plans, on="drug", how="left", maintain_order="left")
        .with_columns((span + 1).alias("days"), span.alias("duration_days"))
        .join(_window_mg(rows, base, plans), on=_KEY, how="left", maintain_order="left")
        .join(_interruptions(rows, base, plans), on=_KEY, how="left", maintain_order="left")
        .join(order, on="patient", how="left", maintain_order="left")
    )
    table = _against_plan(table).with_columns(_level().alias("lowest_level"))
    known = pl.when(~pl.col("_unknown"))
    return (
        table.with_columns(known.then(pl.col(c)).alias(c) for c in _NOT_KNOWN)
        .sort("_order", "drug")
        .select(COLUMNS)
    )


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per patient and drug: days, sums, lowest doses and changes."""
    taken = pl.col("daily_mg") > 0
    reduced = pl.col("change") == "reduction"
    base = rows.group_by(_KEY, maintain_order=True).agg(
        pl.col("daily_mg").is_null().any().alias("_unknown"),
        pl.col("start").filter(taken).min().alias("first_dose"),
        pl.col("last").filter(taken).max().alias("last_dose"),
        pl.col("days").filter(taken).sum().cast(pl.Int64).alias("days_with_drug"),
        (pl.col("daily_mg") * pl.col("days")).sum().alias("cumulative_mg"),
        pl.col("daily_mg").filter(taken).first().alias("start_daily_mg"),
        pl.col("daily_mg").filter(taken).min().alias("lowest_daily_mg"),
        pl.col("daily").filter(taken).first().alias("_start_daily"),
        pl.col("daily").filter(taken).min().alias("_lowest_daily"),
        reduced.sum().cast(pl.Int64).alias("reductions"),
        (pl.col("change") == "escalation").sum().cast(pl.Int64).alias("escalations"),
        pl.col("start").filter(reduced).min().alias("first_reduction"),
        pl.col("reason").filter(reduced).first().alias("first_reduction_reason"),
        pl.col("bsa_m2").first(),
        pl.col("weight_kg").first(),
    )
    return base.filter(pl.col("first_dose").is_not_null() | pl.col("_unknown"))


def _against_plan(table: pl.DataFrame) -> pl.DataFrame:
    """Dose intensity against the planned dose, and days from the first dose to changes."""
    size = (
        pl.when(pl.col("plan_unit") == "mg/m2")
        .then(pl.col("bsa_m2"))
        .when(pl.col("plan_unit") == "mg/kg")
        .then(pl.col("weight_kg"))
        .otherwise(1.0)
    )
    plan_mg = pl.col("plan_daily") * size
    windowed = plan_mg * _planned(pl.col("window_days"))

    def days_to(change: str) -> pl.Expr:
        days = (pl.col(f"first_{change}") - pl.col("first_dose")).dt.total_days()
        return days.alias(f"days_to_{change}")

    return table.with_columns(
        (pl.col("cumulative_mg") / pl.col("days")).alias("mean_daily_mg"),
        (100 * pl.col("cumulative_mg") / (plan_mg * _planned(pl.col("days")))).alias("rdi"),
        (100 * pl.col("_window_mg") / windowed).alias("rdi_window"),
        (pl.col("_start_daily") < pl.col("plan_daily") * (1 - 1e-9)).alias("started_reduced"),
        (pl.col("reductions") > 0).alias("reduced"),
        pl.col("interruptions", "interruption_days").fill_null(0),
        days_to("reduction"),
        days_to("interruption"),
    )


def _planned(days: pl.Expr) -> pl.Expr:
    """Days on the drug among the first days of a schedule with pauses."""
    cycle = pl.col("days_on") + pl.col("days_off")
    rest = pl.min_horizontal(days % cycle, pl.col("days_on"))
    return (
        pl.when(pl.col("days_on").is_null() | (pl.col("days_off") == 0))
        .then(days)
        .otherwise(days // cycle * pl.col("days_on") + rest)
    )


def _level() -> pl.Expr:
    """Position of the lowest daily dose among the label's levels; null where none fits."""
    fits = pl.col("levels").list.eval(pl.element().round(6)).list
    return pl.when(fits.contains(pl.col("_lowest_daily").round(6))).then(
        pl.col("levels").list.len().cast(pl.Int64)
        - pl.concat_list("levels", pl.col("_lowest_daily"))
        .list.eval((pl.element() <= pl.element().last() * (1 + 1e-9)).sum() - 1)
        .list.first()
        .cast(pl.Int64)
    )


def _window_mg(rows: pl.DataFrame, base: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """Dose taken in the fixed window from the first dose."""
    joined = rows.join(base.select(*_KEY, "first_dose"), on=_KEY).join(
        plans.select("drug", "window_days"), on="drug"
    )
    end = pl.col("first_dose") + pl.duration(days=pl.col("window_days") - 1)
    days = (pl.min_horizontal("last", end) - pl.col("start")).dt.total_days() + 1
    return (
        joined.with_columns(pl.max_horizontal(days, 0).alias("_days"))
        .group_by(_KEY)
        .agg((pl.col("daily_mg") * pl.col("_days")).sum().alias("_window_mg"))
    )


def _interruptions(rows: pl.DataFrame, base: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """Runs of days without the drug between two doses that the plan doesn't foresee."""
    taken = (
        rows.filter(pl.col("daily_mg") > 0)
        .join(base.select(*_KEY), on=_KEY, how="semi")
        .sort(*_KEY, "start")
        .join(plans.select("drug", "days_on", "days_off"), on="drug", how="left")
    )
    gap = (pl.col("start") - pl.col("last").shift(1).over(_KEY)).dt.total_days() - 1
    taken = taken.with_columns(gap.alias("_gap"))
    planned = pl.col("days_on").is_not_null() & (pl.col("days_off").fill_null(0) > 0)
    every_day = (
        taken.filter(~planned)
        .with_columns(pl.col("last").shift(1).over(_KEY).dt.offset_by("1d").alias("_from"))
        .filter(pl.col("_gap") > 0)
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("interruptions"),
            pl.col("_gap").sum().cast(pl.Int64).alias("interruption_days"),
            pl.col("_from").first().alias("first_interruption"),
        )
    )
    return pl.concat([every_day, _off_schedule(taken.filter(planned))])


def _off_schedule(taken: pl.DataFrame) -> pl.DataFrame:
    """Interruptions of drugs whose plan has days off, in those who had any days without."""
    broken = taken.filter((pl.col("_gap") > 0).any().over(_KEY))
    found = []
    columns = ("patient", "drug", "start", "last", "days_on", "days_off")
    for (patient, drug), part in broken.select(columns).group_by(_KEY, maintain_order=True):
        on, off = part["days_on"][0], part["days_off"][0]
        runs = part.select("start", "last").rows()
        breaks = unplanned_breaks(runs, on, off)
        if breaks:
            days = sum(n for _, n in breaks)
            found.append((patient, drug, len(breaks), days, breaks[0][0]))
    return pl.DataFrame(
        found,
        schema={
            "patient": pl.String,
            "drug": pl.String,
            "interruptions": pl.Int64,
            "interruption_days": pl.Int64,
            "first_interruption": pl.Date,
        },
        orient="row",
    )


def unplanned_breaks(
    runs: Sequence[tuple[date, date]], days_on: int | None = None, days_off: int | None = None
) -> list[tuple[date, int]]:
    """Breaks between runs of days on a drug, without the days off that the schedule plans.

    A cycle begins with the first dose, and again with the first dose after its weeks on are over.
    The days off lie after the weeks on: a break within them is none of the plan's, and of one
    that begins in them and goes on only the planned days off are no interruption.

    Parameters
    ----------
    runs
        First and last day of each run, in order, not overlapping.
    days_on, days_off
        The schedule; none: every day.

    Returns
    -------
    list of (first day, days)

    Examples
    --------
    >>> from datetime import date
    >>> runs = [(date(2014, 2, 1), date(2014, 2, 10)), (date(2014, 2, 21), date(2014, 2, 28)),
    ...         (date(2014, 3, 15), date(2014, 4, 11))]
    >>> unplanned_breaks(runs, 28, 14)
    [(datetime.date(2014, 2, 11), 10)]
    """
    out: list[tuple[date, int]] = []
    if not runs:
        return out
    on, off = (days_on, days_off or 0) if days_on is not None and days_off else (None, 0)
    cycle = runs[0][0]
    for (_, last), (start, _) in pairwise(runs):
        gap = (start - last).days - 1
        if gap <= 0:
            continue
        done = (last - cycle).days + 1  # days of the cycle up to the last dose
        free = 0 if on is None else min(off, gap, max(0, done + gap - on))
        first = last + timedelta(days=1 + (free if on is not None and done >= on else 0))
        if gap > free:
            out.append((first, gap - free))
        if on is not None and done + gap >= on:
            cycle = start
    return out
