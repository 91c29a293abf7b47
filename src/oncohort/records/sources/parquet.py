"""Parquet files, read column by column: memory holds the result and one raw column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from oncohort.records.grid import OnDemand, Opened, Raw
from oncohort.records.sources import unreadable


def recognises(path: Path, head: bytes) -> bool:
    """Files that begin with Parquet's mark."""
    return head.startswith(b"PAR1")


def open_file(path: Path, name: str) -> Opened:
    """Open a Parquet file: one sheet without a name; rows are counted from 1."""

    def guarded(action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
            raise unreadable(
                name,
                f"{path.name} can't be read as Parquet: {str(error)[:200]}.",
                "Export it again.",
                "files.corrupt",
            ) from error

    def read(_: str | None) -> Raw:
        names = tuple(guarded(lambda: pl.read_parquet_schema(path)))
        height = int(guarded(lambda: pl.scan_parquet(path).select(pl.len()).collect().item()))

        def load(index: int) -> pl.Series:
            column: pl.Series = guarded(
                lambda: pl.read_parquet(path, columns=[names[index]]).to_series()
            )
            return column

        def top(n: int) -> Sequence[pl.Series]:
            frame: pl.DataFrame = guarded(lambda: pl.scan_parquet(path).head(n).collect())
            return frame.get_columns()

        columns = OnDemand(len(names), load, top)
        return Raw(name, None, names, columns, range(1, height + 1))

    return Opened(name, "parquet", (None,), read)
