"""Best change of the target sum."""

from __future__ import annotations

import polars as pl

from oncohort.criteria.recist.best_response import prepare


def best_change(
    assessments: object,
    *,
    patients: object | None = None,
    until: object | None = None,
    after_progression: bool = False,
) -> pl.DataFrame:
    """Largest shrinkage (or smallest growth) of the target sum, with the visit; for a waterfall.

    Parameters
    ----------
    assessments
        The frame of :func:`assess`.
    patients, until
        As in :func:`best_response`.
    after_progression
        Whether visits after the first progression count; the visit of progression always does.

    Returns
    -------
    DataFrame
        ``patient``, ``best_change`` (percent, negative is shrinkage; null where there is none),
        ``best_change_date``, ``best_change_visit``, ``best_change_code``: ``largest-change``, or
        why there is none: ``no-visit`` (no scan after baseline), ``no-targets`` (no target
        lesions at baseline), ``no-complete-sum`` (never all targets evaluated).

    Examples
    --------
    >>> from datetime import date
    >>> visits = pl.DataFrame({
    ...     "patient": ["1"] * 2, "overall": ["SD", "PR"], "change_from_baseline": [-12.5, -40.0],
    ...     "date": [date(2014, 3, 3), date(2014, 5, 5)]})
    >>> best_change(visits)["best_change"].to_list()
    [-40.0]
    """
    visits, people = prepare(assessments, patients, until)
    if not after_progression:
        stop = pl.col("date").filter(pl.col("overall") == "PD").min().over("patient")
        visits = visits.filter(stop.is_null() | (pl.col("date") <= stop))
    counts = visits.group_by("patient").agg(pl.len().alias("n"))
    best = (
        visits.filter(pl.col("change_from_baseline").is_not_null())
        .sort("patient", "change_from_baseline", "date")
        .group_by("patient", maintain_order=True)
        .agg(
            pl.col("change_from_baseline").first().alias("best_change"),
            pl.col("date").first().alias("best_change_date"),
            pl.col("visit").first().alias("best_change_visit"),
        )
    )
    out = people.join(best, on="patient", how="left", maintain_order="left").join(
        counts, on="patient", how="left"
    )
    return out.select(
        "patient",
        "best_change",
        "best_change_date",
        "best_change_visit",
        pl.when(pl.col("best_change").is_not_null())
        .then(pl.lit("largest-change"))
        .when(pl.col("n").is_null())
        .then(pl.lit("no-visit"))
        .when(pl.col("targets") == 0)
        .then(pl.lit("no-targets"))
        .otherwise(pl.lit("no-complete-sum"))
        .alias("best_change_code"),
    )
