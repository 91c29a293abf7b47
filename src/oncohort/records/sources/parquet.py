"""Parquet files, read column by column."""

from __future__ import annotations

from pathlib import Path

from oncohort.records.grid import Opened, Raw
from oncohort.records.sources import unreadable


def recognises(path: Path, head: bytes) -> bool:
    """Files that begin with Parquet's mark."""
    return head.startswith(b"PAR1")


def open_file(path: Path, name: str) -> Opened:
    """Open a Parquet file: one sheet without a name; rows are counted from 1."""
    import polars as pl

    def read(_: str | None) -> Raw:
        try:
            frame = pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
            raise unreadable(
                name,
                f"{path.name} can't be read as Parquet: {str(error)[:200]}.",
                "Export it again.",
                "files.corrupt",
            ) from error
        return Raw(
            name,
            None,
            tuple(frame.columns),
            tuple(frame.get_columns()),
            range(1, frame.height + 1),
        )

    return Opened(name, "parquet", (None,), read)
