"""Baseline values: the last one in a declared window around a date of the patient."""

from __future__ import annotations

import polars as pl

__all__ = ["last_in_window"]


def last_in_window(
    table: pl.DataFrame,
    patients: pl.DataFrame,
    *,
    by: list[str],
    origin: str = "treatment_start",
    before: int = 28,
    after: int = 0,
) -> pl.DataFrame:
    """The last dated row per patient and key from ``before`` days before to ``after`` days after.

    Parameters
    ----------
    table
        Rows with ``patient`` and ``date``; of two rows on one day the later row stands.
    patients
        One row per patient with the date column ``origin``.
    by
        Further key columns (``["analyte"]``).
    before, after
        Days; both ends belong to the window.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> patients = pl.DataFrame({"patient": ["a"], "treatment_start": [date(2014, 3, 1)]})
    >>> labs = pl.DataFrame({"patient": ["a"] * 3, "test": ["Hb"] * 3, "value": [11.0, 12.0, 9.0],
    ...                      "date": [date(2014, 2, 1), date(2014, 2, 20), date(2014, 3, 2)]})
    >>> last_in_window(labs, patients, by=["test"])["value"].to_list()
    [12.0]
    """
    origins = patients.select("patient", pl.col(origin).alias("_origin"))
    days = (pl.col("date") - pl.col("_origin")).dt.total_days()
    return (
        table.join(origins, on="patient", how="inner", maintain_order="left")
        .filter(days.is_between(-before, after))
        .sort("date", maintain_order=True)
        .unique(["patient", *by], keep="last", maintain_order=True)
        .drop("_origin")
    )
