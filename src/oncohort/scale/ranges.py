"""Rows of a chunk laid apart by the range of time they fall into, while they are read.

Partitions contiguous in time need every row of one range in one place. Where times are cut is
known from a sample before covariates are read, so each row's covariates are written once, to where
the rows of its range stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.scale.blocks import Rows, with_entries
from oncohort.scale.external import by_stratum_and_time
from oncohort.scale.files import Chunk
from oncohort.scale.parquet import (
    STEP,
    Columns,
    Known,
    Moments,
    Raw,
    Survey,
    checked,
    codes_of,
    joint,
    ordered,
    placed,
    raw_of,
    steps,
    survey,
)
from oncohort.scale.sums import Floats, Ints
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import as_numbers

SAMPLE = 1024
"""Rows of a chunk that say where the times are cut."""


@dataclass(frozen=True, slots=True)
class Peek:
    """Evenly spaced rows of a chunk: their times and entries, and the strata of all its rows.

    Attributes
    ----------
    labels
        Of the strata of all rows.
    strata
        ``(k,)`` position in `labels` of each of `time`; negative where it is missing.
    time
        ``(k,)`` times and entries.
    """

    labels: tuple[object, ...]
    strata: Ints
    time: Floats


def peek(chunk: Chunk, columns: Columns) -> Peek | None:
    """A sample of a chunk; none where it can't be read: reading it says why."""
    try:
        frame = chunk.read(_needed(columns))
    except InputError:
        return None
    at = np.linspace(0, frame.height - 1, min(frame.height, SAMPLE)).astype(np.int64)
    labels: tuple[object, ...] = ()
    codes = np.zeros(len(at), dtype=np.int64)
    if columns.strata:
        labels = tuple(frame[columns.strata].drop_nulls().unique().to_list())
        codes = _codes(frame[columns.strata][at], labels)
    try:
        ends = [as_numbers(frame[c][at], c) for c in (columns.time, columns.entry) if c]
    except InputError:
        return Peek(labels, np.zeros(0, dtype=np.int64), np.zeros(0))
    time = np.concatenate(ends)
    finite = np.isfinite(time)
    return Peek(labels, np.tile(codes, len(ends))[finite], time[finite])


def _needed(columns: Columns) -> list[str]:
    """Columns that say which range a row falls into."""
    names = (columns.time, columns.entry, columns.strata)
    return list(dict.fromkeys(c for c in names if c))


def _codes(series: pl.Series, labels: tuple[object, ...]) -> Ints:
    """Position of each label; negative where it is missing."""
    out = np.full(len(series), -1, dtype=np.int64)
    there = np.flatnonzero(series.is_not_null().to_numpy())
    codes = codes_of(series[there], labels) if len(there) else None
    if codes is not None:
        out[there] = codes
    return out


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of stratum and time: by stratum, then from the last time to the first.

    Attributes
    ----------
    labels
        Of the strata, in order.
    stratum, time
        ``(k - 1,)`` the code and time with which each range but the first begins.
    """

    labels: tuple[object, ...]
    stratum: Ints
    time: Floats

    @property
    def count(self) -> int:
        """Number of ranges."""
        return len(self.time) + 1

    @classmethod
    def cut(cls, peeks: Sequence[Peek | None], wanted: int) -> Ranges:
        """About so many ranges with as many rows each, by the samples."""
        found = [p for p in peeks if p is not None]
        labels = ordered({label for p in found for label in p.labels})
        position = {label: code for code, label in enumerate(labels)}
        strata, times = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for p in found:
            code = np.array([position[label] for label in p.labels] or [0], dtype=np.int64)
            there = p.strata >= 0
            strata.append(code[p.strata[there]])
            times.append(p.time[there])
        stratum, time = np.concatenate(strata), np.concatenate(times)
        order = by_stratum_and_time(stratum, time)
        cuts = np.linspace(0, len(order), wanted + 1).astype(np.int64)[1:-1]
        at = order[cuts].tolist() if len(order) else []
        marks = sorted({(int(stratum[i]), -float(time[i])) for i in at})
        return cls(
            labels,
            np.array([s for s, _ in marks], dtype=np.int64),
            np.array([-t for _, t in marks]),
        )

    def among(self, labels: tuple[object, ...]) -> Ranges:
        """The same where only some of the strata have rows."""
        kept = np.array([label in set(labels) for label in self.labels], dtype=np.bool_)
        if kept.all():
            return self
        code = np.concatenate([[0], np.cumsum(kept)])
        gone = ~kept[self.stratum]
        return Ranges(labels, code[self.stratum], np.where(gone, np.inf, self.time))

    def of(self, stratum: Ints | None, time: Floats) -> NDArray[np.integer]:
        """The range of each row; a row is in the next one from the time on at which it begins."""
        where = np.zeros(len(time), dtype=np.int64)
        if stratum is None:
            where += np.searchsorted(-self.time, -time, side="right")
        else:
            for code in np.unique(self.stratum).tolist():
                own = self.stratum == code
                where[stratum > code] += np.count_nonzero(own)
                here = np.flatnonzero(stratum == code)
                where[here] += np.searchsorted(-self.time[own], -time[here], side="right")
        # Short integers are sorted by counting.
        return where.astype(np.int16) if self.count < np.iinfo(np.int16).max else where


@dataclass(frozen=True, slots=True)
class Read:
    """Rows of a chunk, checked, with their covariates by range.

    Attributes
    ----------
    keys
        The rows in their order, without covariates.
    rows
        For each range the rows whose covariates it has; ``chunk.rows + i`` is row `i` at its entry.
    x
        For each range ``(m, p)``; none at all where they are read again (:mod:`.rereading`).
    columns, state, kept
        What to read then, of which state of the file, and which rows; none where that is all.
    """

    keys: Raw
    rows: tuple[NDArray[np.int32], ...]
    x: tuple[Floats, ...]
    survey: Survey
    columns: Columns | None = None
    state: tuple[int, int] = (0, 0)
    kept: Ints | None = None

    @property
    def raw(self) -> Raw:
        """The chunk in its order."""
        if self.columns is not None:
            self.keys.chunk.check_state(self.state)
            return raw_of(self.keys.chunk, self.columns)
        if len(self.x) == 1 and len(self.x[0]) == len(self.keys.time):
            return replace(self.keys, x=self.x[0])
        x = np.empty((len(self.keys.time), self.x[0].shape[1]))
        for rows, part in zip(self.rows, self.x, strict=True):
            own = rows < self.keys.chunk.rows
            x[rows[own]] = part if own.all() else part[own]
        return replace(self.keys, x=x)


def read(chunk: Chunk, columns: Columns, ranges: Ranges | None) -> Read:
    """Read and check a chunk; without `ranges` it stays as it is, and the survey has its times.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError
        Each names the chunk.
    """
    if ranges is None:
        raw = raw_of(chunk, columns)
        rows = (np.arange(len(raw.time), dtype=np.int32),)
        return Read(raw.without_x(), rows, (raw.x,), survey(raw))
    p = len(columns.covariates)
    sizes = _sizes(chunk, columns, ranges)
    x = [np.empty((size, p)) for size in sizes]
    rows_of = [np.empty(size, dtype=np.int32) for size in sizes]
    used = [0] * ranges.count
    wanted = [*dict.fromkeys([*columns.keys, *columns.covariates])]
    buffer = np.empty((min(STEP, chunk.rows), p))
    n, parts, moments = 0, [], []
    for step in steps(chunk):
        part = checked(step, step.read(wanted), columns, buffer[: step.rows])
        m = len(part.time)
        moments.append(Moments.of(buffer[:m]))
        for k, at in enumerate(_by_range(part, ranges)):
            here = slice(used[k], used[k] + len(at))
            own = at % m if part.entry is not None else at
            np.take(buffer, own, axis=0, out=x[k][here], mode="clip")
            rows_of[k][here] = own + n if own is at else np.where(at < m, own, own + chunk.rows) + n
            used[k] += len(at)
        n += m
        parts.append(part)
    keys = joint(parts, np.zeros((n, 0)), chunk)
    return Read(
        keys,
        tuple(r[:u] for r, u in zip(rows_of, used, strict=True)),
        tuple(part[:u] for part, u in zip(x, used, strict=True)),
        survey(keys, Moments.together(moments)),
    )


def _by_range(part: Raw, ranges: Ranges) -> list[Ints]:
    """Rows of each range, ``n + i`` for row `i` at its entry."""
    stratum = codes_of(part.strata, ranges.labels)
    where = ranges.of(stratum, part.time)
    if part.entry is not None:
        where = np.concatenate([where, ranges.of(stratum, part.entry)])
    return apart(where, ranges.count)


def apart(where: NDArray[np.integer], count: int) -> list[Ints]:
    """Positions of each range's rows, ascending; `where` is the range of each row."""
    order = np.argsort(where, kind="stable")
    edges = np.searchsorted(where[order], np.arange(count + 1))
    return [order[a:b] for a, b in pairwise(edges.tolist())]


def _sizes(chunk: Chunk, columns: Columns, ranges: Ranges) -> list[int]:
    """How many rows of each range there are at most: some may be incomplete."""
    frame = chunk.read(_needed(columns))
    if columns.strata:
        frame = frame.filter(pl.col(columns.strata).is_not_null())
    stratum = codes_of(frame[columns.strata], ranges.labels) if columns.strata else None
    sizes = np.zeros(ranges.count, dtype=np.int64)
    try:
        for name in (columns.time, columns.entry):
            if name:
                where = ranges.of(stratum, as_numbers(frame[name], name))
                sizes += np.bincount(where, minlength=ranges.count)
    except InputError:  # reading says what is wrong, unless those rows are left out
        return [2 * chunk.rows] * ranges.count
    return [int(size) for size in sizes]


def pieces(found: Read, all_of: Known, ranges: Ranges) -> list[list[Rows]]:
    """For each range the rows of a chunk, times joined; covariates are not centred.

    Parameters
    ----------
    ranges
        Those that the chunk was read with, if it was, with the strata of `all_of`.

    Raises
    ------
    EntryError
        As :func:`oncohort.scale.parquet.placed`.
    """
    placed_rows, entry = placed(found.keys, all_of)
    rows = with_entries(placed_rows, entry)
    n, total = len(found.keys.time), found.keys.chunk.rows
    if len(found.x) != ranges.count:
        x = found.raw.x
        out = []
        for at in apart(ranges.of(rows.stratum, rows.time), ranges.count):
            part = np.take(x, at % max(n, 1), axis=0, mode="clip")
            out.append([replace(rows.take(at), x=part)])
        return out
    places = [np.where(at < total, at, at - total + n) for at in found.rows]
    out = [[replace(rows.take(at), x=x)] for at, x in zip(places, found.x, strict=True)]
    before = _before(found.keys)
    moved = np.flatnonzero(rows.time != before)
    old = ranges.of(rows.stratum[moved], before[moved])
    new = ranges.of(rows.stratum[moved], rows.time[moved])
    for a, b in sorted(set(zip(old[old != new].tolist(), new[old != new].tolist(), strict=True))):
        # A time was joined with one of another range: its rows follow it there.
        strays = np.isin(places[a], moved[(old == a) & (new == b)])
        out[b].append(out[a][0].take(strays))
        places[a] = places[a][~strays]
        out[a][0] = out[a][0].take(~strays)
    return out


def _before(keys: Raw) -> Floats:
    """Times and then entries as they were read."""
    return keys.time if keys.entry is None else np.concatenate([keys.time, keys.entry])
