"""Rows of a sheet that `where` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from oncohort.records.grid import Cell, Raw
from oncohort.records.model import Decision
from oncohort.records.values import text_of


def keep_rows(
    raw: Raw, where: Mapping[str, Cell | Sequence[Cell]], table: str
) -> tuple[Raw, list[Decision], list[str]]:
    """The rows whose columns have the wanted values.

    Parameters
    ----------
    where
        Column of the chart and the value, or the values, that its rows must have.
    table
        The record table that is read.

    Returns
    -------
    Raw
        The sheet with those rows.
    list of Decision
        How many rows each condition kept.
    list of str
        Columns that are not in the sheet.
    """
    decisions: list[Decision] = []
    absent: list[str] = []
    for column, wanted in where.items():
        if column not in raw.names:
            absent.append(column)
            continue
        allowed = {text_of(v) for v in (wanted if isinstance(wanted, list) else [wanted])}
        keep = [("" if v is None else text_of(v)) in allowed for v in raw.column(column)]
        kept = [i for i, k in enumerate(keep) if k]
        columns = tuple(
            [c[i] for i in kept] if isinstance(c, list) else c.filter(pl.Series(keep))
            for c in raw.columns
        )
        decisions.append(
            Decision(
                "rows.where",
                f"{len(kept)} of {len(keep)} rows have {column} = "
                f"{' or '.join(sorted(allowed)) or 'blank'} and were kept.",
                table,
                count=len(kept),
                by="protocol",
            )
        )
        raw = replace(raw, columns=columns, rows=[raw.rows[i] for i in kept])
    return raw, decisions, absent
