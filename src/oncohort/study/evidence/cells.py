"""Where rows of evidence stand in the chart: file, sheet and cell of every one, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.problems import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from oncohort.records import Records

_ROW = 987_654_321
"""Stands for the row in a place that is written once for a whole column."""


def in_full(place: Place) -> str:
    """A place as it is printed everywhere else."""
    text = str(place)
    return "" if text == "-" else text


def in_short(place: Place) -> str:
    """A place in a few characters, for a page with thousands of them.

    Examples
    --------
    >>> in_short(Place("chart.xlsx", "labs", "D14", 14, "value"))
    'labs!D14 value'
    >>> in_short(Place("labs.csv", None, None, 14, "value"))
    'labs.csv row 14 value'
    """
    where = place.sheet or place.file or ""
    if not where:
        return ""
    at = f"!{place.cell}" if place.cell else f" row {place.row}" if place.row is not None else ""
    if at.startswith("!") and not place.sheet:
        at = f" {place.cell}"
    return f"{where}{at} {place.column or ''}".rstrip()


def with_places(
    rows: pl.DataFrame, records: Records, write: Callable[[Place], str] = in_full
) -> pl.DataFrame:
    """The rows with a column ``place``: where each stands, as text; empty where nowhere."""
    parts = []
    indexed = rows.with_row_index("_at")
    for part in indexed.partition_by(["table", "column"], maintain_order=True):
        table, column = part["table"][0], part["column"][0]
        if table is None or column is None:
            parts.append(part.with_columns(place=pl.lit("")))
        else:
            parts.append(part.with_columns(place=_places(part, records, table, column, write)))
    if not parts:
        return rows.with_columns(place=pl.lit(""))
    if len(parts) == 1:
        return parts[0].drop("_at")
    return pl.concat(parts).sort("_at").drop("_at")


def _places(
    part: pl.DataFrame,
    records: Records,
    table: str,
    column: str,
    write: Callable[[Place], str],
) -> pl.Expr:
    at = records.cells.tables.get(table)
    if at is None:
        return pl.lit("")
    if column not in at.joined and not at.stacked and not at.wide:
        text = write(records.place(table, column, _ROW))
        before, mark, after = text.partition(str(_ROW))
        if not mark:
            return pl.lit(text)
        return pl.concat_str(pl.lit(before), pl.col("row").cast(pl.String), pl.lit(after))
    known = {
        row: write(records.place(table, column, row))
        for row in part["row"].unique(maintain_order=True).to_list()
    }
    return pl.col("row").replace_strict(known, return_dtype=pl.String)
