"""Worst laboratory grades of each patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.ctcae.terms import label, terms
from oncohort.criteria.ctcae.versions import version_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

from oncohort.criteria.ctcae.grade_labs import optional

WORST = (
    "patient", "term", "label", "category", "grade", "date", "value", "unit", "baseline_grade",
    "worsened", "rows", "ungraded", "source_row",
)  # fmt: skip
"""Columns of the worst grades."""


def worst_lab_grades(
    graded: IntoDataFrame,
    patients: IntoDataFrame,
    *,
    version: str,
    window_days: int = 30,
) -> pl.DataFrame:
    """Worst grade per patient and term under treatment, beside the grade at baseline.

    Parameters
    ----------
    graded
        ``Assessed.table`` of :func:`grade_labs`.
    patients
        With ``treatment_start`` and ``treatment_end``.
    window_days
        Days after the last dose that still count.

    Returns
    -------
    polars.DataFrame
        ``patient, term, label, category, grade, date, value, unit, baseline_grade, worsened,
        rows, ungraded, source_row``. ``baseline_grade``: of the last value up to the first day.

    Raises
    ------
    CtcaeError
        The grades are of another version.
    """
    from oncohort.criteria.ctcae.versions import CtcaeError
    from oncohort.criteria.frames import frame_in

    graded, patients = frame_in(graded, "graded"), frame_in(patients, "patients")
    which = version_of(version)
    if set(graded["version"].unique()) - {which}:
        raise CtcaeError(f"grades of other versions than {which} can't be counted with it")
    dates = [optional(patients, c, pl.Date()) for c in ("treatment_start", "treatment_end")]
    rows = graded.filter(pl.col("term").is_not_null() & pl.col("date").is_not_null()).join(
        patients.select("patient", *dates), on="patient"
    )
    key = ["patient", "term"]
    start, stop = pl.col("treatment_start"), pl.col("treatment_end")
    baseline = (
        rows.filter(pl.col("date") <= start)
        .sort("date")
        .group_by(key, maintain_order=True)
        .agg(pl.col("grade").last().alias("baseline_grade"))
    )
    during = rows.filter(
        (pl.col("date") > start)
        & (stop.is_null() | (pl.col("date") <= stop.dt.offset_by(f"{window_days}d")))
    )
    own = terms(which)
    return (
        during.sort("grade", "date", descending=[True, False], nulls_last=True)
        .group_by(key, maintain_order=True)
        .agg(
            pl.col("grade", "date", "value", "unit", "source_row").first(),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("grade").is_null().sum().cast(pl.Int64).alias("ungraded"),
        )
        .join(baseline, on=key, how="left", maintain_order="left")
        .with_columns(
            pl.col("term")
            .replace_strict({t: label(t) for t in own}, return_dtype=pl.String)
            .alias("label"),
            pl.col("term")
            .replace_strict({t: own[t].category for t in own}, return_dtype=pl.String)
            .alias("category"),
            (pl.col("grade") > pl.col("baseline_grade").fill_null(0)).alias("worsened"),
        )
        .select(WORST)
        .sort("patient", "term", maintain_order=True)
    )
