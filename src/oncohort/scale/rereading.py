"""Blocks whose covariates are read from the files once more, by each thread that fills one.

Where few threads share the rows this costs less than to send covariates between them: reading is
cheap, and new memory and a second copy are not. Only keys are exchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.scale.blocks import Block, Rows, lay_out, together, with_entries
from oncohort.scale.files import Chunk
from oncohort.scale.parquet import (
    Columns,
    Known,
    Moments,
    Raw,
    checked,
    joint,
    placed,
    steps,
    survey,
)
from oncohort.scale.ranges import Ranges, Read, apart
from oncohort.scale.sums import Floats, Ints
from oncohort.stats import engine
from oncohort.stats._cox.design import empty_rows

THREADS = 4
"""Threads up to which each reads all covariates: with more, that is more work than an exchange."""
STEP = 262_144
"""Rows read at a time."""


def read_keys(chunk: Chunk, columns: Columns) -> Read:
    """Read and check a chunk; of its covariates the moments are kept.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError
        Each names the chunk.
    """
    bare = replace(columns, covariates=())
    p = len(columns.covariates)
    wanted = [*dict.fromkeys([*columns.keys, *columns.covariates])]
    state, parts, moments = chunk.state(), [], []
    for step in steps(chunk, STEP):
        frame = step.read(wanted)
        of_columns = _moments(frame.select(columns.covariates))
        part = None if of_columns is None else checked(step, frame, bare, np.zeros((step.rows, 0)))
        if part is None or of_columns is None or part.kept is not None:
            x = np.empty((step.rows, p))
            part = checked(step, frame, columns, x)
            of_columns = Moments.of(x[: len(part.time)])
        parts.append(part)
        moments.append(of_columns)
    keys = joint(parts, np.zeros((sum(len(part.time) for part in parts), 0)), chunk)
    return Read(keys, (), (), survey(keys, Moments.together(moments)), columns, state, _kept(parts))


def _kept(parts: Sequence[Raw]) -> Ints | None:
    """Which rows of a chunk its runs keep."""
    if all(part.kept is None for part in parts):
        return None
    starts = accumulate((part.chunk.rows for part in parts), initial=0)
    return np.concatenate(
        [
            start + (np.arange(part.chunk.rows) if part.kept is None else part.kept)
            for start, part in zip(starts, parts, strict=False)
        ]
    )


def _moments(frame: pl.DataFrame) -> Moments | None:
    """Of columns without a missing or infinite number; none of others."""
    if any(c.null_count() or not (c.dtype.is_numeric() or c.dtype == pl.Boolean) for c in frame):
        return None
    mean, squares = engine.column_moments(_numbers(frame))
    return Moments(frame.height, mean, squares) if np.isfinite(squares).all() else None


def _numbers(frame: pl.DataFrame) -> list[Floats]:
    return [np.ascontiguousarray(c.cast(pl.Float64).to_numpy()) for c in frame.get_columns()]


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one chunk and one range, without their covariates.

    Attributes
    ----------
    at
        Where in the chunk their covariates are.
    state
        Of the chunk's file when its keys were read.
    """

    rows: Rows
    at: NDArray[np.int32]
    chunk: Chunk
    state: tuple[int, int]


def keys_apart(found: Read, all_of: Known, ranges: Ranges) -> list[Piece]:
    """For each range the rows of a chunk, times joined.

    Raises
    ------
    EntryError
        As :func:`oncohort.scale.parquet.placed`.
    """
    placed_rows, entry = placed(found.keys, all_of)
    rows = with_entries(placed_rows, entry)
    n, kept, chunk = len(found.keys.time), found.kept, found.keys.chunk
    out = []
    for some in apart(ranges.of(rows.stratum, rows.time), ranges.count):
        own = some % max(n, 1)
        at = own if kept is None else kept[own]
        out.append(Piece(rows.take(some), at.astype(np.int32), chunk, found.state))
    return out


def block_of(*pieces: Piece, center: Floats, efron: bool, columns: Columns) -> Block | None:
    """The block of some pieces, with the covariates from their files.

    Raises
    ------
    InputError
        A file can't be read any more, or is another one.
    """
    rows = together([part.rows for part in pieces])
    if not len(rows.time):
        return None
    layout = lay_out(rows, efron=efron)
    place = np.full(len(rows.time), -1, dtype=np.int64)
    place[layout.order] = np.arange(len(layout.order))
    del rows
    x = empty_rows(len(layout.order), len(center))
    start = 0
    for part in pieces:
        _fill(x, part, place[start : start + len(part.at)], center, columns.covariates)
        start += len(part.at)
    return Block(layout, x)


def _fill(x: Floats, part: Piece, place: Ints, center: Floats, names: Sequence[str]) -> None:
    """Covariates of a piece to where its rows stand."""
    if not names or not len(part.at):
        return
    part.chunk.check_state(part.state)
    at = part.at
    if (at[1:] < at[:-1]).any():  # rows, and then the same rows at their entries
        order = np.argsort(at, kind="stable")
        at, place = at[order], place[order]
    for step in steps(part.chunk, STEP):
        first = step.start - part.chunk.start
        a, b = np.searchsorted(at, [first, first + step.rows]).tolist()
        if a < b:
            columns = _numbers(step.read(names))
            engine.place_rows(columns, at[a:b] - np.int32(first), place[a:b], center, x)
