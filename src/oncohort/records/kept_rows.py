"""Rows of a sheet that `where` asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import polars as pl

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw
from oncohort.records.model import Decision
from oncohort.records.values import text_of


def only_filled(raw: Raw, without: Collection[str] = (), keep: Collection[str] = ()) -> Raw:
    """The sheet without its empty columns (but for those to keep), and without those named.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("id", "event", "death"), ([1], ["a"], [None]), [2])
    >>> only_filled(raw, ["event"]).names
    ('id',)
    """
    kept = [
        i
        for i, (name, values) in enumerate(zip(raw.names, raw.columns, strict=True))
        if name in keep or (name not in without and any(v is not None for v in as_list(values)))
    ]
    return replace(
        raw,
        names=tuple(raw.names[i] for i in kept),
        columns=[raw.columns[i] for i in kept],
        letters=tuple(raw.letters[i] for i in kept) if raw.letters else (),
    )


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
