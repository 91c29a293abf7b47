"""Which scans belong together: rows to assessments, and which assessment is the baseline."""

from __future__ import annotations

from typing import Any

import polars as pl

from .frames import RecistInputError, as_polars, with_columns_of
from .rules import RecistRules

_LESION_TYPES: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "lesion": pl.String(),
    "date": pl.Date(),
    "visit": pl.String(),
    "role": pl.String(),
    "site": pl.String(),
    "side": pl.String(),
    "node": pl.Boolean(),
    "diameter_mm": pl.Float64(),
    "status": pl.String(),
    "method": pl.String(),
    "slice_mm": pl.Float64(),
    "irradiated": pl.Boolean(),
    "merged_into": pl.String(),
    "reader": pl.String(),
    "source_row": pl.Int64(),
}


def read_lesions(lesions: Any, reader: str | None = None) -> pl.DataFrame:
    """The lesions table with all its columns, of one reader, without rows that have no date.

    Raises
    ------
    RecistInputError
        A needed column is missing, or several readers measured the same patient and none was
        named: whose reading counts is a decision.
    """
    frame = with_columns_of(
        as_polars(lesions), ("patient", "lesion", "date", "role"), _LESION_TYPES
    )
    frame = frame.filter(pl.col("date").is_not_null() & pl.col("patient").is_not_null())
    if reader is not None:
        return frame.filter((pl.col("reader") == reader) | pl.col("reader").is_null())
    readers = frame["reader"].drop_nulls().unique().sort().to_list()
    if len(readers) > 1:
        several = (
            frame.filter(pl.col("reader").is_not_null())
            .group_by("patient", "date")
            .agg(pl.col("reader").n_unique())
            .filter(pl.col("reader") > 1)
        )
        if several.height:
            raise RecistInputError(
                f"several readers ({', '.join(readers)}) for the same scans; "
                "say whose reading counts with reader=..."
            )
    return frame


def starts_of(patients: Any | None) -> pl.DataFrame | None:
    """``patient`` and ``start`` (treatment start) from the patients table, or nothing."""
    if patients is None:
        return None
    frame = as_polars(patients)
    if "treatment_start" not in frame.columns:
        return None
    return frame.select(
        pl.col("patient").cast(pl.String),
        pl.col("treatment_start").cast(pl.Date).alias("start"),
    ).unique("patient", keep="first", maintain_order=True)


def group_scans(
    frame: pl.DataFrame, starts: pl.DataFrame | None, rules: RecistRules
) -> pl.DataFrame:
    """Number the assessments: one row per patient, visit label and date, with its assessment.

    Scans with the same visit label are one assessment. Without labels, scans that follow each
    other by at most ``rules.visit_window_days`` are one; all scans in the baseline window before
    treatment start are one, the baseline. A scan on or before treatment start is never put
    together with one after it.

    Returns
    -------
    DataFrame
        Columns ``patient``, ``visit``, ``date``, ``p`` (patient number), ``a`` (assessment
        number, ascending with patient and date), ``phase`` (``before``: earlier than the
        baseline, ``baseline``, ``follow-up``, ``no baseline``: follow-up of a patient without
        one).
    """
    scans = frame.select("patient", "visit", "date").unique()
    people = scans.select("patient").unique().sort("patient").with_row_index("p")
    scans = scans.join(people, on="patient")
    if starts is None:
        scans = scans.with_columns(start=pl.lit(None, dtype=pl.Date))
    else:
        scans = scans.join(starts, on="patient", how="left")
    scans = scans.with_columns(pre=(pl.col("date") <= pl.col("start")).fill_null(False))

    labels = scans["visit"]
    if 0 < labels.null_count() < scans.height:
        # An unlabelled scan on the day of a labelled one belongs to that visit.
        same_day = (
            scans.filter(pl.col("visit").is_not_null())
            .group_by("p", "date")
            .agg(pl.col("visit").min().alias("label"))
        )
        scans = scans.join(same_day, on=["p", "date"], how="left").with_columns(
            label=pl.coalesce("visit", "label")
        )
    else:
        scans = scans.with_columns(label=pl.col("visit"))

    if labels.null_count() == 0:
        by_label = ["p", "pre", "label"]
    else:
        window = pl.duration(days=rules.visit_window_days)
        free = scans.filter(pl.col("label").is_null()).sort("p", "date")
        old = (
            (pl.col("date") < pl.col("start") - pl.duration(days=rules.baseline_window_days))
            & pl.col("pre")
        ).fill_null(False)
        free = free.with_columns(old=old).with_columns(
            session=(
                (pl.col("p") != pl.col("p").shift(1))
                | (pl.col("pre") != pl.col("pre").shift(1))
                | (pl.col("old") != pl.col("old").shift(1))
                | (
                    (pl.col("date") - pl.col("date").shift(1) > window)
                    & (~pl.col("pre") | pl.col("old"))
                )
            )
            .fill_null(True)
            .cum_sum()
            .cast(pl.Int64)
        )
        marked = scans.filter(pl.col("label").is_not_null()).with_columns(
            session=pl.lit(0, dtype=pl.Int64)
        )
        scans = pl.concat([free.drop("old"), marked])
        by_label = ["p", "pre", "session", "label"]

    groups = scans.group_by(by_label).agg(
        pl.col("date").min().alias("first"), pl.col("start").first()
    )
    groups = groups.sort("p", "first", *[c for c in by_label if c != "p"]).with_row_index("a")
    if starts is None:
        base = groups.group_by("p").agg(pl.col("a").min().alias("base"))
    else:
        latest = pl.col("start") + pl.duration(days=rules.baseline_after_start_days)
        base = groups.group_by("p").agg(
            pl.coalesce(
                pl.col("a").filter(pl.col("pre")).max(),
                # A patient without a treatment start: the first scan is the baseline.
                pl.col("a").filter(pl.col("start").is_null() | (pl.col("first") <= latest)).min(),
            ).alias("base")
        )
    groups = groups.join(base, on="p", how="left").with_columns(
        phase=pl.when(pl.col("base").is_null())
        .then(pl.lit("no baseline"))
        .when(pl.col("a") == pl.col("base"))
        .then(pl.lit("baseline"))
        .when(pl.col("a") < pl.col("base"))
        .then(pl.lit("before"))
        .otherwise(pl.lit("follow-up"))
    )
    keyed = scans.join(groups.select(*by_label, "a", "phase"), on=by_label, nulls_equal=True)
    return keyed.select("patient", "visit", "date", "p", "a", "phase", "start")
