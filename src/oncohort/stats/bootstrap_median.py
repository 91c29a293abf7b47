"""Bootstrap and permutation of Kaplan-Meier quantiles, stacked over replicates.

A replicate is a row of counts: how often each patient was drawn. With the patients sorted once,
numbers at risk and events of all replicates are running sums of these counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text, named, p_text
from oncohort.stats.curve_result import FLAT
from oncohort.stats.errors import InputError, TooFewGroupsError
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Ints,
    Label,
    check_level,
    group_labels,
    read_survival,
)

BLOCK = 4_000_000
"""Counts held at a time."""


@dataclass(frozen=True, slots=True)
class BootstrapInterval:
    """Bootstrap distribution of a quantile (or a difference of two).

    Attributes
    ----------
    value
        Estimate from the data; none where not reached.
    low, high
        Percentile interval; none where that percentile of the replicates was not reached.
    reached
        Share of replicates in which it was reached.
    replicates
        ``(b,)`` values, infinite where not reached (differences: not-a-number where undefined).
    """

    label: Label
    value: float | None
    low: float | None
    high: float | None
    reached: float
    replicates: Floats = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BootstrapResult(Shown):
    """Bootstrap intervals by group, and of each group's difference to the first.

    `stopped` is true where Ctrl-C ended it early: the replicates done till then are used.
    """

    groups: tuple[BootstrapInterval, ...]
    differences: tuple[BootstrapInterval, ...]
    done: int
    stopped: bool
    level: float
    method: str
    n: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "group": "all" if b.label is None else str(b.label),
                "value": b.value,
                "low": b.low,
                "high": b.high,
                "reached": b.reached,
            }
            for b in (*self.groups, *self.differences)
        ]

    def _title(self) -> str:
        return f"Bootstrap: {self.n} rows, {self.done} replicates"

    def _notes(self) -> Sequence[str]:
        stopped = "stopped early; the replicates done are used" if self.stopped else ""
        return [stopped, self.method, left_out_text(self.left_out)]


def _replicated(
    tables: Sequence[_Table],
    p: float,
    replicates: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[Floats], int]:
    """The quantile of each group in each sample, and the samples done where Ctrl-C ended them."""
    rng = np.random.default_rng(seed)
    drawn: list[list[Floats]] = [[] for _ in tables]
    done = 0
    block = max(1, BLOCK // sum(table.n for table in tables))
    try:
        while done < replicates:
            now = min(block, replicates - done)
            part = [table.replicate(rng, now, p) for table in tables]
            for values, into in zip(part, drawn, strict=True):
                into.append(values)
            done += now
            if progress is not None:
                progress(done, replicates)
    except KeyboardInterrupt:
        if not done:
            raise
    return [np.concatenate(values)[:done] for values in drawn], done


def bootstrap_median(
    time: Column,
    event: Column,
    *,
    group: Column | None = None,
    p: float = 0.5,
    replicates: int = 2000,
    seed: int = 0,
    level: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> BootstrapResult:
    """Percentile bootstrap of the Kaplan-Meier median (Efron 1981, JASA 76:312).

    No study asks for it: medians in a paper have Brookmeyer and Crowley's intervals.

    Parameters
    ----------
    time, event, group
        As in :func:`oncohort.stats.kaplan_meier`. Rows are drawn within groups.
    p
        The quantile; 0.5 is the median.
    replicates, seed
        Number of samples; the same seed gives the same result.
    progress
        Called with the replicates done and their number.

    Returns
    -------
    BootstrapResult
        Also the difference of each group's quantile to the first group's.

    Examples
    --------
    >>> result = bootstrap_median([1, 2, 3, 4, 5, 6, 7], [1, 1, 0, 1, 1, 1, 0], replicates=200)
    >>> result.groups[0].value
    5.0
    """
    check_level(level)
    if not 0 < p < 1:
        raise InputError(f"p must lie between 0 and 1, it is {p}")
    if replicates < 1:
        raise InputError(f"replicates must be above 0, it is {replicates}")
    data = read_survival(time, event, group=group)
    levels: tuple[Label, ...] = (None,) if data.group is None else data.group.levels
    masks = [
        np.ones(data.n, dtype=np.bool_) if data.group is None else data.group.codes == code
        for code in range(len(levels))
    ]
    tables = [_Table.of(data.time[mask], data.event[mask]) for mask in masks]
    found, done = _replicated(tables, p, replicates, seed, progress)
    own = [float(table.quantile(np.ones((1, table.n)), p)[0]) for table in tables]
    groups = tuple(
        _interval(label, value, values, level)
        for label, value, values in zip(levels, own, found, strict=True)
    )
    differences = []
    for label, value, values in zip(levels[1:], own[1:], found[1:], strict=True):
        with np.errstate(invalid="ignore"):
            gap = values - found[0]
            differences.append(_interval(f"{label} - {levels[0]}", value - own[0], gap, level))
    what = "median" if p == 0.5 else f"{100 * p:g} % quantile"
    return BootstrapResult(
        groups,
        tuple(differences),
        done,
        done < replicates,
        level,
        f"Percentile bootstrap of the Kaplan-Meier {what}"
        f"{', rows drawn within groups' if data.group is not None else ''}, {done} replicates, "
        f"seed {seed}, {100 * level:g} % intervals.",
        data.n,
        data.left_out,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """One group sorted by time, latest first, so that at risk is a running sum."""

    n: int
    times: Floats
    """``(k,)`` distinct times, earliest first."""
    order_event: Bools
    starts: Ints

    @classmethod
    def of(cls, time: Floats, event: Bools) -> _Table:
        order = np.argsort(time, kind="stable")
        t = time[order]
        starts = np.flatnonzero(np.concatenate([[True], t[1:] != t[:-1]]))
        return cls(len(t), t[starts], event[order], starts)

    def replicate(self, rng: np.random.Generator, count: int, p: float) -> Floats:
        """Quantile of `count` samples."""
        drawn = rng.integers(0, self.n, (count, self.n))
        drawn += self.n * np.arange(count)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=count * self.n).reshape(count, self.n)
        return self.quantile(counts.astype(np.float64), p)

    def quantile(self, counts: Floats, p: float) -> Floats:
        """Quantile for each row of counts; infinite where not reached."""
        total = np.add.reduceat(counts, self.starts, axis=1)
        d = np.add.reduceat(counts * self.order_event, self.starts, axis=1)
        at_risk = np.cumsum(total[:, ::-1], axis=1)[:, ::-1]
        survival = np.cumprod(1.0 - d / np.maximum(at_risk, 1.0), axis=1)
        below = survival < 1.0 - p + FLAT
        first = np.argmax(below, axis=1)
        rows = np.arange(len(counts))
        reached = below[rows, first]
        here = survival[rows, first]
        value = self.times[first]
        # Exactly level: the middle up to the next step, as kaplan_meier(...).quantile.
        lower = survival < (here - FLAT)[:, None]
        following = np.argmax(lower, axis=1)
        flat = (np.abs(here - (1.0 - p)) < FLAT) & lower[rows, following]
        value = np.where(flat, 0.5 * (value + self.times[following]), value)
        return np.asarray(np.where(reached, value, np.inf))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PermutedMedians(Shown):
    """Permutation test of equal medians (or other quantiles) in two groups.

    Attributes
    ----------
    difference
        Second group minus first; none where a median is not reached.
    p
        Two-sided, ``(hits + 1) / (done + 1)``.
    """

    levels: tuple[Label, Label]
    values: tuple[float | None, float | None]
    difference: float | None
    p: float
    done: int
    stopped: bool
    method: str
    n: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {"group": level, "value": value}
            for level, value in zip(self.levels, self.values, strict=True)
        ]

    def _title(self) -> str:
        gap = "not estimable" if self.difference is None else f"{self.difference:.6g}"
        return f"Difference {self.levels[1]} - {self.levels[0]}: {gap}, {p_text(self.p)}"

    def _notes(self) -> Sequence[str]:
        stopped = "stopped early; the permutations done are used" if self.stopped else ""
        return [stopped, self.method, left_out_text(self.left_out)]


def permutation_median(
    time: Column,
    event: Column,
    group: Column,
    *,
    p: float = 0.5,
    permutations: int = 5000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> PermutedMedians:
    """Permutation test of the difference of two Kaplan-Meier medians.

    No study asks for it: groups in a paper are compared over the whole curve.

    A median that is not reached is later than any other, so a division in which one group's is not
    reached counts as the largest difference; where neither is reached the difference is 0.

    Parameters
    ----------
    time, event
        As in :func:`oncohort.stats.kaplan_meier`.
    group
        ``(n,)`` labels of two groups; exchangeable under no difference, censoring included.
    permutations, seed, progress
        As in :func:`bootstrap_median`.

    Examples
    --------
    >>> test = permutation_median([1, 2, 3, 4, 7, 8, 9, 10], [1] * 8, list("aaaabbbb"))
    >>> test.difference, round(test.p, 2)
    (6.0, 0.06)
    """
    if not 0 < p < 1:
        raise InputError(f"p must lie between 0 and 1, it is {p}")
    if permutations < 1:
        raise InputError(f"permutations must be above 0, it is {permutations}")
    data = read_survival(time, event, group=group)
    labels = group_labels(data)
    if len(labels.levels) != 2:
        raise TooFewGroupsError(f"the test compares two groups; there are {named(labels.levels)}")
    order = np.argsort(data.time, kind="stable")
    table = _Table.of(data.time, data.event)
    second = labels.codes[order].astype(np.float64)
    own = _two_quantiles(table, second[None], p)
    observed = float(own[1, 0])
    rng = np.random.default_rng(seed)
    hits, done, stopped = 0, 0, False
    block = max(1, BLOCK // data.n)
    try:
        while done < permutations:
            now = min(block, permutations - done)
            drawn = rng.permuted(np.broadcast_to(second, (now, data.n)), axis=1)
            gap = np.abs(_two_quantiles(table, drawn, p)[1])
            hits += int((gap >= abs(observed) - FLAT).sum())
            done += now
            if progress is not None:
                progress(done, permutations)
    except KeyboardInterrupt:
        if not done:
            raise
        stopped = True
    values = [float(table.quantile(1.0 - second[None], p)[0]), float(own[0, 0])]
    both = np.isfinite(values).all()
    what = "medians" if p == 0.5 else f"{100 * p:g} % quantiles"
    return PermutedMedians(
        (labels.levels[0], labels.levels[1]),
        tuple(v if np.isfinite(v) else None for v in values),  # type: ignore[arg-type]
        observed if both else None,
        (hits + 1) / (done + 1),
        done,
        stopped,
        f"Permutation test of the difference of Kaplan-Meier {what}, {done} permutations, "
        f"seed {seed}.",
        data.n,
        data.left_out,
    )


def _two_quantiles(table: _Table, second: Floats, p: float) -> Floats:
    """Quantile of the second group, and its difference to the first, ``(2, b)``."""
    late = table.quantile(second, p)
    early = table.quantile(1.0 - second, p)
    with np.errstate(invalid="ignore"):
        gap = late - early
    return np.array([late, np.where(np.isnan(gap), 0.0, gap)])


def _interval(label: object, value: float, values: Floats, level: float) -> BootstrapInterval:
    known = values[~np.isnan(values)]
    tail = 0.5 * (1 - level)
    low = high = float("inf")
    if len(known):
        ordered = np.sort(known)
        last = len(ordered) - 1
        low = float(ordered[max(int(np.ceil(tail * len(ordered))) - 1, 0)])
        high = float(ordered[min(int(np.ceil((1 - tail) * len(ordered))) - 1, last)])
    return BootstrapInterval(
        label,
        value if np.isfinite(value) else None,
        low if np.isfinite(low) else None,
        high if np.isfinite(high) else None,
        float(np.isfinite(values).mean()),
        values,
    )
