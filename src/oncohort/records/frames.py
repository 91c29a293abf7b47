"""The record tables as frames: types of their columns."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.vocabulary.tables import Kind, RecordTable

TYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "flag": pl.Boolean(),
}
"""Kinds of columns as types of frames."""


def schema_of(table: RecordTable) -> dict[str, pl.DataType]:
    """Types of a full record table, with ``patient``, precisions and ``source_row``.

    Examples
    --------
    >>> from oncohort.vocabulary.tables import TABLES
    >>> list(schema_of(TABLES["performance"]))
    ['patient', 'date', 'date_precision', 'scale', 'value', 'source_row']
    """
    out: dict[str, pl.DataType] = {"patient": pl.String()}
    for column, kind in table.kinds.items():
        out[column] = TYPES[kind]
        if kind == "date":
            out[f"{column}_precision"] = pl.String()
    out["source_row"] = pl.Int64()
    return out


def empty_table(table: RecordTable) -> pl.DataFrame:
    """A record table without rows."""
    return pl.DataFrame(schema=schema_of(table))
