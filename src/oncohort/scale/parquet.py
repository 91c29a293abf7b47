"""Parquet files as partitions: runs of rows of a file, read when they are asked for."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from oncohort.scale.blocks import Rows
from oncohort.scale.sums import Bools, Floats, Ints
from oncohort.stats.errors import (
    EntryError,
    EventCodingError,
    InputError,
    TimeError,
    WeightError,
)
from oncohort.stats.inputs import as_events, as_numbers, check_times
from oncohort.stats.times import distinct_values, join_ties


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the files play which part.

    Attributes
    ----------
    event_value
        Code of `event` that means the event; none where it is bool or 0/1.
    """

    time: str
    event: str
    covariates: tuple[str, ...] = ()
    entry: str | None = None
    strata: str | None = None
    weights: str | None = None
    cluster: str | None = None
    event_value: Any = None

    @property
    def keys(self) -> list[str]:
        """All but the covariates, each once."""
        found = (self.time, self.event, self.entry, self.strata, self.weights, self.cluster)
        return list(dict.fromkeys(c for c in found if c))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows ``start`` to ``start + rows - 1`` of one file."""

    path: str
    start: int
    rows: int

    def __str__(self) -> str:
        return f"{self.path}, rows {self.start} to {self.start + self.rows - 1}"

    def read(self, columns: Sequence[str]) -> pl.DataFrame:
        """Those columns of these rows.

        Raises
        ------
        InputError
            The file, and why it can't be read.
        """
        try:
            scan = pl.scan_parquet(self.path, glob=False)
            missing = [c for c in columns if c not in scan.collect_schema().names()]
            if missing:
                raise InputError(f"no column {', '.join(missing)} in {self.path}")
            return scan.select(columns).slice(self.start, self.rows).collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{self} can't be read: {error}") from error


def chunks(pattern: str, rows: int) -> list[Chunk]:
    """The files' rows in runs of at most `rows`.

    Raises
    ------
    InputError
        There is no such file, or one can't be read.
    """
    if rows < 1:
        raise InputError(f"rows must be 1 or more, it is {rows}")
    path = Path(pattern)
    files = [str(path)] if path.is_file() else sorted(glob.glob(pattern))
    if path.is_dir():
        files = sorted(str(f) for f in path.glob("*.parquet"))
    if not files:
        raise InputError(f"no file {pattern}")
    found = []
    for name in files:
        try:
            n = int(pl.scan_parquet(name, glob=False).select(pl.len()).collect().item())
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{name} can't be read: {error}") from error
        found += [Chunk(name, a, min(rows, n - a)) for a in range(0, n, rows)]
    if not found:
        raise InputError(f"there are no rows in {pattern}")
    return found


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
        Positions in the chunk of the others; none where all are.
    """

    time: Floats
    event: Bools
    entry: Floats | None
    weight: Floats | None
    strata: pl.Series | None
    cluster: pl.Series | None
    x: Floats
    left_out: int
    kept: Ints | None = None

    def without_x(self) -> Raw:
        """The keys alone."""
        return replace(self, x=np.zeros((len(self.time), 0)))


def raw_of(chunk: Chunk, columns: Columns) -> Raw:
    """Read and check a chunk.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError
        Each names the chunk.
    """
    frame = chunk.read([*dict.fromkeys([*columns.keys, *columns.covariates])])
    try:
        return _checked(frame, columns)
    except (TimeError, EntryError) as error:
        raise type(error)(f"{chunk}: {error}", error.rows) from error
    except InputError as error:
        raise type(error)(f"{chunk}: {error}") from error


def _checked(frame: pl.DataFrame, columns: Columns) -> Raw:
    x = matrix(frame.select(columns.covariates))
    if not np.isfinite(x.sum()) and np.isinf(x).any():
        bad = [columns.covariates[j] for j in np.flatnonzero(np.isinf(x).any(axis=0)).tolist()]
        raise InputError(f"infinite values in column {', '.join(bad)}")
    keep = np.asarray(~np.isnan(x).any(axis=1))
    labels = [frame[c] if c else None for c in (columns.strata, columns.cluster)]
    for series in labels:
        if series is not None:
            keep &= series.is_not_null().to_numpy()
    everything = bool(keep.all())

    def taken(column: str | None) -> Floats | None:
        if column is None:
            return None
        values = as_numbers(frame[column], column)
        return values if everything else values[keep]

    time, entry, weight = taken(columns.time), taken(columns.entry), taken(columns.weights)
    assert time is not None
    event = _events(frame, columns)
    check_times(time, entry)
    if weight is not None and not (np.isfinite(weight) & (weight > 0)).all():
        raise WeightError("weights must be finite and above zero")
    kept = [s if s is None or everything else s.filter(pl.Series(keep)) for s in labels]
    return Raw(
        time,
        event if everything else event[keep],
        entry,
        weight,
        kept[0],
        kept[1],
        x if everything else x[keep],
        int(len(x) - np.count_nonzero(keep)),
        None if everything else np.flatnonzero(keep),
    )


def _events(frame: pl.DataFrame, columns: Columns) -> Bools:
    return events_of(frame[columns.event], columns.event_value)


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
    if isinstance(wanted, str) and (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        wanted = _read_code(wanted, series)
    if isinstance(wanted, str):
        series = series.cast(pl.String)
    return np.asarray((series == wanted).to_numpy(), dtype=np.bool_)


def _read_code(text: str, series: pl.Series) -> float | bool:
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


def matrix(frame: pl.DataFrame) -> Floats:
    """``(n, p)`` doubles of columns of numbers; missing ones are NaN."""
    bad = [c for c, t in frame.schema.items() if not (t.is_numeric() or t == pl.Boolean)]
    if bad:
        raise InputError(f"column {bad[0]!r} is {frame.schema[bad[0]]}, not a number")
    if not frame.width:
        return np.zeros((frame.height, 0))
    out = frame.select(pl.all().cast(pl.Float64)).to_numpy(order="c", writable=True)
    return np.asarray(out, dtype=np.float64)


def centred(chunk: Chunk, columns: Columns, kept: Ints | None, center: Floats) -> Floats:
    """Covariates of a chunk that has been checked before, less `center`."""
    x = matrix(chunk.read(columns.covariates))
    if kept is not None:
        x = x[kept]
    x -= center
    return x


@dataclass(frozen=True, slots=True)
class Survey:
    """What a chunk tells about itself before it is placed among the others.

    Attributes
    ----------
    mean, squares
        ``(p,)`` mean of the covariates, and sum of squares about it.
    times
        Distinct times and entries.
    event_weight
        Sum of the weights of the events.
    """

    n: int
    events: int
    event_weight: float
    mean: Floats
    squares: Floats
    times: Floats
    strata: tuple[Any, ...]
    clusters: tuple[Any, ...]
    left_out: int


def survey(raw: Raw) -> Survey:
    """Counts, moments, distinct times and labels of a chunk."""
    n = len(raw.time)
    mean = raw.x.mean(axis=0) if n else np.zeros(raw.x.shape[1])
    shifted = raw.x - mean
    both = raw.time if raw.entry is None else np.concatenate([raw.time, raw.entry])
    weight = np.count_nonzero(raw.event) if raw.weight is None else raw.weight[raw.event].sum()
    return Survey(
        n,
        int(np.count_nonzero(raw.event)),
        float(weight),
        mean,
        np.einsum("ij,ij->j", shifted, shifted),
        distinct_values(both),
        () if raw.strata is None else tuple(raw.strata.unique().to_list()),
        () if raw.cluster is None else tuple(raw.cluster.unique().to_list()),
        raw.left_out,
    )


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
    strata: tuple[Any, ...]
    clusters: tuple[Any, ...]

    def joined(self, time: Floats) -> Floats:
        """Times with those that differ by rounding alone made equal."""
        if not len(self.moved):
            return time
        at = np.minimum(np.searchsorted(self.moved, time), len(self.moved) - 1)
        return np.where(self.moved[at] == time, self.leader[at], time)


def known(surveys: Sequence[Survey]) -> Known:
    """Put the surveys of all chunks together; their order does not matter beyond rounding."""
    n = sum(s.n for s in surveys)
    p = len(surveys[0].mean)
    total: Floats = np.zeros(p)
    for s in surveys:
        total = total + s.n * s.mean
    center = total / max(n, 1)
    squares = np.zeros(p)
    for s in surveys:
        squares += s.squares + s.n * (s.mean - center) ** 2
    scale = np.sqrt(squares / max(n, 1))
    scale[scale <= 1e-12 * np.abs(center)] = 0.0
    times = distinct_values(np.concatenate([s.times for s in surveys]))
    leader = join_ties(times)
    away = np.zeros(len(times), dtype=np.bool_) if leader is None else leader != times
    events = sum(s.events for s in surveys)
    return Known(
        n,
        events,
        sum(s.left_out for s in surveys),
        center,
        scale,
        sum(s.event_weight for s in surveys) / max(events, 1),
        times[away],
        np.zeros(0) if leader is None else leader[away],
        int(len(times) - np.count_nonzero(away)),
        _ordered({label for s in surveys for label in s.strata}),
        _ordered({label for s in surveys for label in s.clusters}),
    )


def _ordered(labels: set[Any]) -> tuple[object, ...]:
    try:
        return tuple(sorted(labels))
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
    stratum = _codes(raw.strata, all_of.strata)
    rows = Rows(
        np.zeros(len(time), dtype=np.int64) if stratum is None else stratum,
        time,
        raw.event,
        raw.weight,
        _codes(raw.cluster, all_of.clusters),
        x,
    )
    return rows, entry


def _codes(labels: pl.Series | None, levels: tuple[object, ...]) -> Ints | None:
    if labels is None:
        return None
    position = {label: code for code, label in enumerate(levels)}
    used = labels.unique().to_list()
    codes = labels.replace_strict(used, [position[v] for v in used], return_dtype=pl.Int64)
    return codes.to_numpy()
