"""A folder of Parquet files as one table: the parts in order of their names, one below the other.

Columns that the names of folders tell (``site=north/``) are columns. A row keeps its part and its
number there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.records.columns import as_list
from oncohort.records.grid import Column, OnDemand, Opened, Raw, Stacked
from oncohort.records.sources import parquet, unreadable
from oncohort.scale.files import Told, told_files
from oncohort.stats.errors import InputError


def has_parts(folder: Path) -> bool:
    """Whether a folder holds Parquet files."""
    return folder.is_dir() and bool(parts_of(folder))


def parts_of(folder: Path) -> list[tuple[Path, str, Told]]:
    """Each part, its place below the folder, and what the names of folders say of it."""
    try:
        return [(Path(p), below, told) for p, below, told in told_files(str(folder))]
    except InputError:
        return []


def open_parts(folder: Path, name: str) -> Opened:
    """Open the parts of a folder as one sheet without a name.

    Raises
    ------
    ReadError
        A part can't be read, or has a column of another kind than the first; it is named.
    """

    def read(_: str | None) -> Raw:
        found = []
        for path, below, told in parts_of(folder):
            with path.open("rb") as handle:
                head = handle.read(4)
            if not parquet.recognises(path, head):
                raise unreadable(
                    f"{name}/{below}",
                    f"{path.name} can't be read as Parquet: it does not begin as such a file.",
                    "Export it again.",
                    "files.corrupt",
                )
            page = parquet.open_file(path, f"{name}/{below}").read(None)
            assert isinstance(page, Raw)
            found.append(_Part(page, dict(told)))
        return _together(found)

    return Opened(name, "parquet", (None,), read)


@dataclass(frozen=True, slots=True)
class _Part:
    """One file: its page, and the columns that its folders tell."""

    page: Raw
    told: Mapping[str, str | int | float | None]

    def column(self, name: str, top: int | None = None) -> pl.Series:
        """A column, or its first rows; without such a column, what the folders tell or nothing."""
        page = self.page
        if name not in page.names:
            height = page.height if top is None else min(top, page.height)
            return pl.repeat(self.told.get(name), height, eager=True).alias(name)
        at = page.names.index(name)
        return _series(page.columns[at] if top is None else page.top(top)[at]).alias(name)


def _together(parts: Sequence[_Part]) -> Raw:
    names = tuple(dict.fromkeys(n for one in parts for n in (*one.page.names, *one.told)))

    def load(index: int) -> pl.Series:
        return _below(parts, [one.column(names[index]) for one in parts])

    def top(n: int) -> Sequence[pl.Series]:
        return [_below(parts, [one.column(c, n) for one in parts]).head(n) for c in names]

    height, stacked = parts[0].page.height, []
    for one in parts[1:]:
        stacked.append(Stacked(height + 1, height, one.page.file, None, {}))
        height += one.page.height
    columns, rows = OnDemand(len(names), load, top), range(1, height + 1)
    return replace(parts[0].page, names=names, columns=columns, rows=rows, stacked=tuple(stacked))


def _series(column: Column) -> pl.Series:
    return column if isinstance(column, pl.Series) else pl.Series(as_list(column))


def _below(parts: Sequence[_Part], columns: Sequence[pl.Series]) -> pl.Series:
    """One column of all parts; numbers of several kinds become one."""
    try:
        return pl.concat([c.to_frame() for c in columns], how="vertical_relaxed").to_series()
    except pl.exceptions.PolarsError as error:
        kinds = [c.dtype for c in columns]
        first = next(k for k in kinds if k != pl.Null)
        at = next((i for i, k in enumerate(kinds) if k not in (pl.Null, first)), 0)
        file = parts[at].page.file
        raise unreadable(
            file,
            f"Column {columns[at].name!r} of {file} is {kinds[at]}, in parts before it {first}.",
            "Export all parts in the same way.",
            "files.corrupt",
        ) from error
