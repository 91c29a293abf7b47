"""The cohort table: one row per patient with every endpoint, the best response and its change."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.criteria.frames import as_polars


def endpoint_columns(key: str, endpoint: pl.DataFrame) -> pl.DataFrame:
    """An endpoint of :func:`derive` as columns of the cohort table.

    Returns
    -------
    DataFrame
        ``patient``, ``<key>_time`` (days), ``_event``, ``_date``, ``_reason`` (code),
        ``_source`` (``table:row``), ``_entry`` (days, only with delayed entry), ``_imputed``.
    """
    row = pl.col("source_row").cast(pl.String)
    columns = [
        pl.col("time").cast(pl.Float64).alias(f"{key}_time"),
        pl.col("event").alias(f"{key}_event"),
        pl.col("date").alias(f"{key}_date"),
        pl.col("reason").alias(f"{key}_reason"),
        pl.when(row.is_null())
        .then(pl.col("table"))
        .otherwise(pl.col("table") + ":" + row)
        .alias(f"{key}_source"),
        pl.col("imputed").alias(f"{key}_imputed"),
    ]
    if endpoint["entry"].null_count() < endpoint.height:
        columns.append(pl.col("entry").cast(pl.Float64).alias(f"{key}_entry"))
    return endpoint.select("patient", *columns)


def cohort_table(
    patients: object,
    endpoints: Mapping[str, pl.DataFrame],
    *,
    best: object | None = None,
    change: object | None = None,
) -> pl.DataFrame:
    """One row per patient, in the order of ``patients``: endpoints, best response and change.

    Parameters
    ----------
    patients
        The record table ``patients``.
    endpoints
        Key of the endpoint to its frame from :func:`derive` or :func:`reduced`.
    best, change
        Frames of ``recist.best_response`` and ``recist.best_change``; columns
        ``best_response``, ``best_response_code``, ``best_response_date``,
        ``best_change``, ``best_change_code``.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import OS, derive, facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...                     "death_date": [date(2014, 1, 16)]})
    >>> cohort_table(who, {"os": derive(facts(who), OS)})["os_time"].to_list()
    [10.0]
    """
    table = (
        as_polars(patients).select(pl.col("patient").cast(pl.String)).unique(maintain_order=True)
    )
    for key, endpoint in endpoints.items():
        table = table.join(
            endpoint_columns(key, endpoint), on="patient", how="left", maintain_order="left"
        )
    if best is not None:
        columns = as_polars(best).select(
            "patient",
            "best_response",
            "best_response_date",
            pl.col("code").alias("best_response_code"),
        )
        table = table.join(columns, on="patient", how="left", maintain_order="left")
    if change is not None:
        columns = as_polars(change).select(
            "patient",
            "best_change",
            pl.col("best_change_code").alias("best_change_code"),
        )
        table = table.join(columns, on="patient", how="left", maintain_order="left")
    return table
