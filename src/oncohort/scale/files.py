"""Parquet files as runs of rows: one file, a folder (partitioned ones too), or a pattern."""

from __future__ import annotations

import glob
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.scale.parquet_footer import row_groups, too_much
from oncohort.stats.errors import InputError, TimeError
from oncohort.vocabulary.column_names import is_pattern

Told = tuple[tuple[str, str | int | float | None], ...]
"""Columns that the names of folders tell (``site=north/``), and their value in every row."""
ENDINGS = (".parquet", ".pq")
NOTHING = "__HIVE_DEFAULT_PARTITION__"
"""What partitioned folders call a missing value."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows ``start`` to ``start + rows - 1`` of one file, counted from 0; people count from 1.

    Attributes
    ----------
    said
        Columns that no column of the file holds.
    """

    path: str
    start: int
    rows: int
    from_path: Told = ()

    def __str__(self) -> str:
        return f"{self.path}, rows {self.start + 1} to {self.start + self.rows}"

    def state(self) -> tuple[int, int]:
        """Size of the file, and when it was written: another one is not read as the same.

        Raises
        ------
        InputError
            It is gone.
        """
        try:
            found = Path(self.path).stat()
        except OSError as error:
            raise InputError(f"{self} can't be read: {error}") from error
        return found.st_size, found.st_mtime_ns

    def check_state(self, before: tuple[int, int]) -> None:
        """Raise where the file is not what it was when it was read before.

        Raises
        ------
        InputError
        """
        if self.state() != before:
            raise InputError(f"{self.path} was changed while it was read: begin again")

    def read(self, columns: Sequence[str]) -> pl.DataFrame:
        """Those columns of these rows.

        Raises
        ------
        InputError
            The file, and why it can't be read.
        """
        from_path = dict(self.from_path)
        try:
            scan = pl.scan_parquet(self.path, glob=False, hive_partitioning=False)
            there = scan.collect_schema().names()
            missing = [c for c in columns if c not in there and c not in from_path]
            if missing:
                raise InputError(f"no column {', '.join(missing)} in {self.path}")
            unfit = [c for c in columns if is_pattern(c)]
            if unfit:
                raise InputError(f"a column can't be called {unfit[0]!r} here: rename it")
            held = [c for c in columns if c in there]
            if not held:
                frame = pl.DataFrame({"": pl.repeat(0, self.rows, eager=True)})
            else:
                frame = scan.select(held).slice(self.start, self.rows).collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{self} can't be read: {error}") from error
        values = {c: pl.lit(from_path[c]) for c in columns if c not in there}
        return frame.with_columns(**values).select(columns)


def located(chunk: Chunk, error: InputError, kept: Sequence[int] | None = None) -> InputError:
    """The error of a chunk's rows, with its file and the rows of that.

    Parameters
    ----------
    kept
        Positions in the chunk of the rows that the error counts; by default all.
    """
    if not isinstance(error, TimeError) or not error.rows:
        return type(error)(f"{chunk}: {error}")
    rows = [chunk.start + int(r if kept is None else kept[r]) for r in error.rows]
    shown = ", ".join(str(r + 1) for r in rows[:10]) + (", ..." if len(rows) > 10 else "")
    reason = str(error).partition(" in rows ")[0]
    return type(error)(f"{chunk.path}, row{'s' * (len(rows) > 1)} {shown}: {reason}", rows)


def chunks(pattern: str, rows: int) -> list[Chunk]:
    """The files' rows in runs of at most `rows`.

    Raises
    ------
    InputError
        There is no such file, or one can't be read.
    """
    if rows < 1:
        raise InputError(f"rows must be 1 or more, it is {rows}")
    found = []
    for name, _, from_path in told_files(pattern):
        try:
            n = int(pl.scan_parquet(name, glob=False).select(pl.len()).collect().item())
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{name} can't be read: {error}") from error
        wrong = too_much(Path(name), n)
        if wrong:
            raise InputError(f"{name} {wrong}: no table looks like this. Export its rows again.")
        edges = [*_cuts(n, rows, row_groups(Path(name))), n]
        found += [Chunk(name, a, b - a, from_path) for a, b in pairwise(edges)]
    if not found:
        raise InputError(f"there are no rows in {pattern}")
    return found


def _cuts(n: int, rows: int, groups: Sequence[int]) -> list[int]:
    """First rows of the runs: at the edge of a row group where one is near, as it is read whole.

    >>> _cuts(1000, 400, [])
    [0, 400, 800]
    >>> _cuts(1000, 400, [210, 210, 210, 210, 160])
    [0, 420, 840]
    """
    edges = [edge for edge in accumulate(groups) if 0 < edge < n]
    out = [0]
    while (start := out[-1] + rows) < n:
        near = edges[bisect_left(edges, start) :][:1]
        out.append(near[0] if near and near[0] - start <= rows // 8 else start)
    return out


def files(pattern: str) -> list[tuple[str, str]]:
    """Each file, and its place below the folder; in order of their names.

    Raises
    ------
    InputError
        There is none.
    """
    path = Path(pattern)
    if path.is_file():
        return [(str(path), path.name)]
    folders = [path] if path.is_dir() else []
    found: dict[str, str] = {}
    if not folders:
        for name in sorted(glob.glob(pattern, recursive=True)):
            if Path(name).is_dir():
                folders.append(Path(name))
            elif Path(name).is_file():  # a pipe would be waited for without end
                found[name] = name
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            below = file.relative_to(path) if path.is_dir() else file
            if any(part.startswith((".", "_")) for part in file.relative_to(folder).parts):
                continue  # what writers leave beside their files: _SUCCESS, .crc
            if file.suffix.lower() in ENDINGS and file.is_file():
                found[str(file)] = str(below)
    if not found:
        what = "no Parquet file in" if path.is_dir() else "no file"
        raise InputError(f"{what} {pattern}")
    return list(found.items())


def told_files(pattern: str) -> list[tuple[str, str, Told]]:
    """Each file, its place, and what its folders tell: one kind of value for each column.

    Raises
    ------
    InputError
        There is none.
    """
    found = files(pattern)
    pairs: list[dict[str, str]] = []
    for _, below in found:
        parts = [part.partition("=") for part in Path(below).parts[:-1] if "=" in part]
        pairs.append({unquote(name): unquote(value) for name, _, value in parts if name})
    columns: dict[str, Callable[[str], str | int | float]] = {}
    for column in dict.fromkeys(name for one in pairs for name in one):
        columns[column] = _kind({one[column] for one in pairs if column in one} - {NOTHING})
    return [
        (*file, tuple((c, None if v == NOTHING else columns[c](v)) for c, v in one.items()))
        for file, one in zip(found, pairs, strict=True)
    ]


def _kind(values: set[str]) -> Callable[[str], str | int | float]:
    """Whole number, number or text: whatever all values are."""
    kinds: tuple[Callable[[str], str | int | float], ...] = (int, float)
    for kind in kinds:
        try:
            if all(_plain(v) and kind(v) is not None for v in values):
                return kind
        except ValueError:
            continue
    return str


def _plain(value: str) -> bool:
    """A number as it is printed: 007 is a code, not seven."""
    digits = value.lstrip("-")
    return digits[:1].isdigit() and (digits[0] != "0" or digits[1:2] in ("", "."))
