"""Rows of Parquet files, checked, and what runs of rows have to know of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.scale.blocks import Rows
from oncohort.scale.files import Chunk, located
from oncohort.scale.sums import Bools, Floats, Ints
from oncohort.stats._jackknife import whole
from oncohort.stats.errors import EntryError, EventCodingError, InputError, WeightError
from oncohort.stats.inputs import as_events, as_numbers, check_times
from oncohort.stats.times import distinct_values, joined_ties

STEP = 65_536
"""Rows read at a time: memory of this size is used again, that of a whole chunk would be new."""
FILL = 4096
"""Rows worked at a time: what is made of them stays in the cache."""
SIEVE = 1 << 22
"""Cells of the sieve for times that are joined with others."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the files play which part.

    Attributes
    ----------
    event_value
        Code of `event` that means the event; none where it is bool or 0/1.
    robust
        Use the robust variance; none: where there is a cluster, or weights are not whole.
    """

    time: str
    event: str
    covariates: tuple[str, ...] = ()
    entry: str | None = None
    strata: str | None = None
    weights: str | None = None
    cluster: str | None = None
    event_value: object = None
    robust: bool | None = None

    @property
    def keys(self) -> list[str]:
        """All but the covariates, each once."""
        found = (self.time, self.event, self.entry, self.strata, self.weights, self.cluster)
        return list(dict.fromkeys(c for c in found if c))


@dataclass(frozen=True, slots=True)
class Raw:
    """Checked rows of a chunk, before anything is known of the others.

    Attributes
    ----------
    strata, cluster
        Labels, or none.
    left_out
        Rows with a missing covariate, stratum or cluster.
    kept
        Of one run: which of its rows these are; none where that is all.
    """

    time: Floats
    event: Bools
    entry: Floats | None
    weight: Floats | None
    strata: pl.Series | None
    cluster: pl.Series | None
    x: Floats
    left_out: int
    chunk: Chunk
    kept: Ints | None = None

    def without_x(self) -> Raw:
        """The keys alone."""
        return replace(self, x=np.zeros((len(self.time), 0)))


def raw_of(chunk: Chunk, columns: Columns, memory: Floats | None = None) -> Raw:
    """Read and check a chunk.

    Parameters
    ----------
    memory
        ``(rows or more, p)`` that takes the covariates; by default new.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError
        Each names the chunk.
    """
    p = len(columns.covariates)
    x = np.empty((chunk.rows, p)) if memory is None else memory
    wanted = [*dict.fromkeys([*columns.keys, *columns.covariates])]
    n, parts = 0, []
    for step in steps(chunk):
        part = checked(step, step.read(wanted), columns, x[n : n + step.rows])
        n += len(part.time)
        parts.append(part)
    return joint(parts, x[:n], chunk)


def steps(chunk: Chunk, rows: int | None = None) -> Iterator[Chunk]:
    """A chunk as runs of few rows."""
    size = STEP if rows is None else rows
    for start in range(0, chunk.rows, size):
        yield replace(chunk, start=chunk.start + start, rows=min(size, chunk.rows - start))


def joint(parts: Sequence[Raw], x: Floats, chunk: Chunk) -> Raw:
    """The rows of several runs of a chunk, which follow one another."""
    if len(parts) == 1:
        return replace(parts[0], x=x, chunk=chunk)

    def all_of(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        if values[0] is None:
            return None
        series = isinstance(values[0], pl.Series)
        return pl.concat(values, how="vertical") if series else np.concatenate(values)

    names = ("time", "event", "entry", "weight", "strata", "cluster")
    time, event, entry, weight, strata, cluster = (all_of(name) for name in names)
    left_out = sum(part.left_out for part in parts)
    return Raw(time, event, entry, weight, strata, cluster, x, left_out, chunk)


def checked(chunk: Chunk, frame: pl.DataFrame, columns: Columns, x: Floats) -> Raw:
    """Rows of a frame without their covariates: those are in the first rows of `x`."""
    keep = None
    try:
        fill(x, frame.select(columns.covariates))
        labels = [frame[c] if c else None for c in (columns.strata, columns.cluster)]
        keep = _complete(x, labels, columns.covariates)
        if keep is not None:
            x[: len(keep)] = x[keep]
            frame = frame[keep]
            labels = [frame[c] if c else None for c in (columns.strata, columns.cluster)]

        def taken(column: str | None) -> Floats | None:
            return None if column is None else as_numbers(frame[column], column)

        time, entry, weight = taken(columns.time), taken(columns.entry), taken(columns.weights)
        assert time is not None
        event = events_of(frame[columns.event], columns.event_value)
        check_times(time, entry)
        if weight is not None and not (np.isfinite(weight) & (weight > 0)).all():
            raise WeightError("weights must be finite and above zero")
    except InputError as error:
        raise located(chunk, error, None if keep is None else keep.tolist()) from error
    left_out = 0 if keep is None else chunk.rows - len(keep)
    return Raw(time, event, entry, weight, labels[0], labels[1], x[:0], left_out, chunk, keep)


def _complete(
    x: Floats, labels: Sequence[pl.Series | None], names: Sequence[str]
) -> NDArray[np.int64] | None:
    """Positions of the rows without a missing value; none where that is all."""
    keep = np.isfinite(np.einsum("ij->i", x))
    if not keep.all():  # missing, infinite, or numbers whose sum is
        if np.isinf(x).any():
            bad = [names[j] for j in np.flatnonzero(np.isinf(x).any(axis=0)).tolist()]
            raise InputError(f"infinite values in column {', '.join(bad)}")
        keep = ~np.isnan(x).any(axis=1)
    for series in labels:
        if series is not None:
            keep &= series.is_not_null().to_numpy()
    return None if keep.all() else np.flatnonzero(keep)


def events_of(series: pl.Series, event_value: object) -> Bools:
    """Whether each row has the event.

    Parameters
    ----------
    event_value
        Its code; none where the column is bool or 0/1. Text is read as a number where the column
        holds numbers, and as true or false where it holds those.

    Raises
    ------
    EventCodingError, InputError
    """
    if event_value is None:
        return as_events(series, len(series), series.name)
    if series.null_count():
        raise EventCodingError(f"{series.name} is missing in {series.null_count()} rows")
    wanted = event_value
    if isinstance(wanted, str):
        wanted = code_of(wanted, series)
    if isinstance(wanted, str):
        series = series.cast(pl.String)
    return np.asarray((series == wanted).to_numpy(), dtype=np.bool_)


def code_of(text: str, series: pl.Series) -> str | float | bool:
    """A code that was written as text, as the column holds it.

    Raises
    ------
    EventCodingError
        The column holds nothing like it.
    """
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        return text
    words = {"true": True, "false": False}
    if series.dtype == pl.Boolean and text.lower() in words:
        return words[text.lower()]
    try:
        number = float(text)
    except ValueError:
        raise EventCodingError(
            f"{series.name} holds {series.dtype}, and {text!r} is none of its values"
        ) from None
    return bool(number) if series.dtype == pl.Boolean and number in (0, 1) else number


def fill(x: Floats, frame: pl.DataFrame) -> None:
    """Columns of numbers into ``(n, p)`` doubles; missing ones are NaN.

    Raises
    ------
    InputError
        A column holds something else.
    """
    bad = [c for c, t in frame.schema.items() if not (t.is_numeric() or t == pl.Boolean)]
    if bad:
        raise InputError(f"column {bad[0]!r} is {frame.schema[bad[0]]}, not a number")
    columns = [c.cast(pl.Float64).to_numpy() for c in frame.get_columns()]
    for start in range(0, frame.height, FILL):
        part = slice(start, start + FILL)
        for j, column in enumerate(columns):
            x[part, j] = column[part]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a chunk tells about itself before it is placed among the others.

    Attributes
    ----------
    times
        Distinct times and entries; none where they are told apart.
    event_weight
        Sum of the weights of the events.
    """

    events: int
    event_weight: float
    moments: Moments
    times: Floats
    strata: tuple[object, ...]
    clusters: tuple[object, ...]
    left_out: int
    whole: bool
    """Weights are numbers of rows."""
    late: bool
    """Rows have entries."""
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Moments:
    """Number of rows, mean of their covariates ``(p,)`` and sum of squares about it ``(p,)``."""

    n: int
    mean: Floats
    squares: Floats

    @classmethod
    def of(cls, x: Floats) -> Moments:
        """Of rows ``(n, p)``."""
        n, p = x.shape
        mean = x.mean(axis=0) if n else np.zeros(p)
        squares, room = np.zeros(p), np.empty((FILL, p))
        for start in range(0, n, FILL):
            some = x[start : start + FILL]
            shifted = np.subtract(some, mean, out=room[: len(some)])
            squares += np.einsum("ij,ij->j", shifted, shifted)
        return cls(n, mean, squares)

    @classmethod
    def together(cls, parts: Sequence[Moments]) -> Moments:
        """Of the rows of several."""
        n = sum(part.n for part in parts)
        total: Floats = np.zeros(len(parts[0].mean))
        for part in parts:
            total = total + part.n * part.mean
        mean = total / max(n, 1)
        squares = np.zeros(len(mean))
        for part in parts:
            squares += part.squares + part.n * (part.mean - mean) ** 2
        return cls(n, mean, squares)


def survey(raw: Raw, moments: Moments | None = None) -> Survey:
    """Counts, moments and labels of a chunk; its distinct times where `moments` are not given."""
    times = np.zeros(0)
    if moments is None:
        moments = Moments.of(raw.x)
        times = distinct_times(raw)
    weight = np.count_nonzero(raw.event) if raw.weight is None else raw.weight[raw.event].sum()
    return Survey(
        int(np.count_nonzero(raw.event)),
        float(weight),
        moments,
        times,
        () if raw.strata is None else tuple(raw.strata.unique().to_list()),
        () if raw.cluster is None else tuple(raw.cluster.unique().to_list()),
        raw.left_out,
        whole(raw.weight),
        raw.entry is not None,
        raw.chunk,
    )


def distinct_times(raw: Raw) -> Floats:
    """Times and entries of a chunk, each once, ascending."""
    both = raw.time if raw.entry is None else np.concatenate([raw.time, raw.entry])
    return distinct_values(both)


@dataclass(frozen=True, slots=True)
class Ties:
    """Distinct times of all rows, and those that rounding alone parts from another.

    Attributes
    ----------
    moved, leader
        Times that differ from another by rounding alone, ascending, and the time each becomes.
    distinct
        Number of distinct times once those are one.
    """

    moved: Floats
    leader: Floats
    distinct: int

    @classmethod
    def among(cls, times: Floats, limit: float | None = None) -> Ties:
        """Among distinct times; `limit` as in :func:`oncohort.stats.times.joined_ties`."""
        moved, leader = joined_ties(times, limit)
        return cls(moved, leader, len(times) - len(moved))


@dataclass(frozen=True, slots=True)
class Known:
    """What all chunks have to know of each other: one rule for ties, codes and centre.

    Attributes
    ----------
    moved, leader
        Times that differ from another by rounding alone, and the time that they become.
    center, scale
        ``(p,)`` mean and standard deviation over all rows.
    unit
        Mean weight of an event.
    robust
        The variance is the sandwich, by cluster or by row.
    first
        Number of the first row of each chunk, where rows are the clusters and may lie in two
        blocks, having entries.
    """

    n: int
    events: int
    left_out: int
    center: Floats
    scale: Floats
    unit: float
    moved: Floats
    leader: Floats
    distinct: int
    strata: tuple[object, ...]
    clusters: tuple[object, ...]
    robust: bool
    first: dict[Chunk, int]

    @property
    def groups(self) -> int:
        """Number of clusters, which may be rows."""
        return self.n if self.first else len(self.clusters)

    def joined(self, time: Floats) -> Floats:
        """Times with those that differ by rounding alone made equal."""
        if not len(self.moved):
            return time
        sieve = np.zeros(SIEVE, dtype=np.bool_)
        sieve[_cells(self.moved)] = True
        maybe = np.flatnonzero(sieve[_cells(time)])
        at = np.minimum(np.searchsorted(self.moved, time[maybe]), len(self.moved) - 1)
        same = self.moved[at] == time[maybe]
        out = time.copy()
        out[maybe[same]] = self.leader[at[same]]
        return out


def _cells(time: Floats) -> Ints:
    """A cell of the sieve for each time, the same for equal ones."""
    mixed = (time + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(42)).astype(np.int64)


def known(surveys: Sequence[Survey], columns: Columns, ties: Ties | None = None) -> Known:
    """Put the surveys of all chunks together; their order does not matter beyond rounding.

    `ties` where the surveys do not tell the times.
    """
    robust = bool(columns.cluster) or columns.robust is True
    if columns.robust is None:
        robust = robust or not all(s.whole for s in surveys)
    first: dict[Chunk, int] = {}
    if robust and not columns.cluster and any(s.late for s in surveys):
        starts = accumulate((s.moments.n for s in surveys), initial=0)
        first = {s.chunk: start for s, start in zip(surveys, starts, strict=False)}
    of_all = Moments.together([s.moments for s in surveys])
    scale = np.sqrt(of_all.squares / max(of_all.n, 1))
    scale[scale <= 1e-12 * np.abs(of_all.mean)] = 0.0
    if ties is None:
        ties = Ties.among(distinct_values(np.concatenate([s.times for s in surveys])))
    events = sum(s.events for s in surveys)
    return Known(
        of_all.n,
        events,
        sum(s.left_out for s in surveys),
        of_all.mean,
        scale,
        sum(s.event_weight for s in surveys) / max(events, 1),
        ties.moved,
        ties.leader,
        ties.distinct,
        ordered({label for s in surveys for label in s.strata}),
        ordered({label for s in surveys for label in s.clusters}),
        robust,
        first,
    )


def ordered(labels: set[object]) -> tuple[object, ...]:
    """Labels in their order, or (of several kinds) in that of their text."""
    try:
        return tuple(sorted(labels))  # type: ignore[type-var]
    except TypeError:
        return tuple(sorted(labels, key=lambda v: (str(type(v)), str(v))))


def placed(raw: Raw, all_of: Known) -> tuple[Rows, Floats | None]:
    """Rows with codes, joined times and centred covariates; and their entries.

    Raises
    ------
    EntryError
        An entry is not before its time once times that differ by rounding are one.
    """
    time = all_of.joined(raw.time)
    entry = None if raw.entry is None else all_of.joined(raw.entry)
    if entry is not None and not (entry < time).all():
        late = np.flatnonzero(~(entry < time)).tolist()
        raise EntryError(f"entry is not before time in {len(late)} rows", late)
    x = raw.x - all_of.center if raw.x.shape[1] else raw.x
    stratum = codes_of(raw.strata, all_of.strata)
    rows = Rows(
        np.zeros(len(time), dtype=np.int64) if stratum is None else stratum,
        time,
        raw.event,
        raw.weight,
        codes_of(raw.cluster, all_of.clusters),
        x,
    )
    if all_of.first:
        rows = replace(rows, cluster=all_of.first[raw.chunk] + np.arange(len(time)))
    return rows, entry


def codes_of(labels: pl.Series | None, levels: tuple[object, ...]) -> Ints | None:
    """Position of each label among the levels."""
    if labels is None:
        return None
    position = {label: code for code, label in enumerate(levels)}
    used = labels.unique().to_list()
    codes = labels.replace_strict(used, [position[v] for v in used], return_dtype=pl.Int64)
    return codes.to_numpy()
