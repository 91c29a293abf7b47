"""Parquet files, read column by column: memory holds the result and one raw column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl

from oncohort.records.grid import OnDemand, Opened, Raw
from oncohort.records.sources import refuse_width, unreadable
from oncohort.scale.parquet_footer import too_much
from oncohort.vocabulary.column_names import is_pattern

MAX_FIELD = 1_000_000
"""Bytes of one text."""


def recognises(path: Path, head: bytes) -> bool:
    """Files that begin with Parquet's mark."""
    return head.startswith(b"PAR1")


def _longest(column: pl.Series) -> int:
    """Bytes of the longest text of a column."""
    longest = column.str.len_bytes().max()
    return longest if isinstance(longest, int) else 0


def _plain(column: pl.Series) -> pl.Series:
    """Cells are texts, numbers, days or blank; a nested value is kept as its text."""
    if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary, pl.Time, pl.Duration):
        shown = [None if v is None else _text(v) for v in column]
        return pl.Series(column.name, shown, pl.String)
    if column.dtype in (pl.Categorical, pl.Enum, pl.Null):
        return column.cast(pl.String)
    if column.dtype.is_decimal() or column.dtype == pl.Int128:
        return column.cast(pl.Float64)
    return column


def _text(value: object) -> str:
    if isinstance(value, pl.Series):
        value = value.to_list()
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= MAX_FIELD else text[:MAX_FIELD] + "..."


T = TypeVar("T")


def _column(path: Path, name: str, index: int) -> pl.Series:
    if is_pattern(name):  # it can't be asked for by its name, nor work under it
        return pl.read_parquet(path, glob=False).get_columns()[index].alias("")
    return pl.read_parquet(path, columns=[name], glob=False).to_series()


def open_file(path: Path, name: str) -> Opened:
    """Open a Parquet file: one sheet without a name; rows are counted from 1."""

    def guarded(action: Callable[[], T]) -> T:
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
        refuse_width(name, path.name, len(names))
        height = int(
            guarded(lambda: pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
        )
        wrong = guarded(lambda: too_much(path, height))
        if wrong:
            raise unreadable(
                name,
                f"{path.name} {wrong}.",
                "No chart looks like this. Export the rows of the study again.",
                "files.too-large",
            )

        def load(index: int) -> pl.Series:
            column: pl.Series = guarded(lambda: _plain(_column(path, names[index], index)))
            if column.dtype == pl.String and _longest(column) > MAX_FIELD:
                raise unreadable(
                    name,
                    f"Column {names[index]!r} of {path.name} holds a text of "
                    f"{_longest(column):,} bytes.",
                    "No cell of a chart is this long. Export the rows of the study again.",
                    "files.too-large",
                )
            return column

        def top(n: int) -> Sequence[pl.Series]:
            frame: pl.DataFrame = guarded(
                lambda: pl.scan_parquet(path, glob=False).head(n).collect()
            )
            return [_plain(c) for c in frame.get_columns()]

        columns = OnDemand(len(names), load, top)
        return Raw(name, None, names, columns, range(1, height + 1))

    return Opened(name, "parquet", (None,), read)
