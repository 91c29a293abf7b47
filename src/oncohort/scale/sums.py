"""The two messages of a Newton step, between one coordinator and any number of partitions.

Up, first: per event time the sums of ``w`` and ``w x`` over the rows that join its risk set (less
those that leave it by their entry), and the same over the deaths. The coordinator adds them up,
forms the risk sets' sums and hazards (as in :mod:`oncohort.stats._cox.terms`), and sends down
the cumulative hazard at each event time. Up, second: ``X' c`` and ``X' diag(c) X`` with ``c`` a
row's weight times the hazard it went through. The answer is the pooled one to rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Keys:
    """What a partition says about its rows besides X.

    Attributes
    ----------
    time, event
        ``(n,)``.
    stratum
        ``(n,)`` codes that mean the same in every partition, or none.
    entry, weight
        ``(n,)`` or none.
    cluster
        ``(n,)`` codes that mean the same in every partition, or none.
    """

    time: Floats
    event: Bools
    stratum: Ints | None = None
    entry: Floats | None = None
    weight: Floats | None = None
    cluster: Ints | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Distinct event times of all partitions, by stratum, from the last to the first.

    Attributes
    ----------
    stratum, time, deaths
        ``(G,)``.
    starts
        First event time of each stratum.
    death_weight
        ``(G,)`` sum of the weights of the deaths.
    """

    stratum: Ints
    time: Floats
    deaths: Ints
    death_weight: Floats
    starts: Ints

    @classmethod
    def of(cls, partitions: Iterable[Keys]) -> Grid:
        """Merge the event times of the partitions; a few counts each, no patients."""
        parts = []
        for keys in partitions:
            died = keys.event
            n = int(died.sum())
            if n:
                s = np.zeros(n, dtype=np.int64) if keys.stratum is None else keys.stratum[died]
                w = np.ones(n) if keys.weight is None else keys.weight[died]
                parts.append(_merge(s, keys.time[died], np.ones(n, dtype=np.int64), w))
        return cls._of_parts(parts)

    @classmethod
    def merged(cls, grids: Iterable[Grid]) -> Grid:
        """One grid of several."""
        return cls._of_parts([(g.stratum, g.time, g.deaths, g.death_weight) for g in grids])

    @classmethod
    def _of_parts(cls, parts: Sequence[tuple[Ints, Floats, Ints, Floats]]) -> Grid:
        stratum, time, deaths, weight = _merge(
            np.concatenate([np.zeros(0, dtype=np.int64), *(part[0] for part in parts)]),
            np.concatenate([np.zeros(0), *(part[1] for part in parts)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *(part[2] for part in parts)]),
            np.concatenate([np.zeros(0), *(part[3] for part in parts)]),
        )
        if not len(time):
            return cls(stratum, time, deaths, weight, np.zeros(0, dtype=np.int64))
        starts = np.flatnonzero(np.diff(stratum, prepend=stratum[0] - 1))
        return cls(stratum, time, deaths, weight, starts)

    @property
    def size(self) -> int:
        """Number of event times."""
        return len(self.time)

    def first_at_or_before(self, stratum: Ints | None, time: Floats) -> tuple[Ints, Bools]:
        """First event time (from the last) of the row's stratum at or before `time`, if any."""
        n = len(time)
        group = np.zeros(n, dtype=np.int64)
        found = np.zeros(n, dtype=np.bool_)
        edges = np.append(self.starts, self.size)
        for a, b in pairwise(edges.tolist()):
            rows = slice(None) if stratum is None else np.flatnonzero(stratum == self.stratum[a])
            at = np.searchsorted(-self.time[a:b], -time[rows], side="left")
            group[rows] = a + at
            found[rows] = at < b - a
        return group, found


def _merge(
    stratum: Ints, time: Floats, count: Ints, weight: Floats
) -> tuple[Ints, Floats, Ints, Floats]:
    if not len(time):
        return stratum, time, count, weight
    order = np.lexsort((-time, stratum))
    s, t = stratum[order], time[order]
    new = np.concatenate([[True], (s[1:] != s[:-1]) | (t[1:] != t[:-1])])
    first = np.flatnonzero(new)
    return (
        s[first],
        t[first],
        np.add.reduceat(count[order], first),
        np.add.reduceat(weight[order], first),
    )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a partition's rows stand on the grid.

    Attributes
    ----------
    rows
        Rows ever at risk, ordered by `join`.
    join
        Event time whose risk set a row joins, ascending.
    died
        Positions in `rows`.
    gone, leave
        Positions in `rows` of those that are no longer at risk from the event time `leave` on
        (their entry), ordered by it.
    """

    rows: Ints
    join: NDArray[np.int32]
    died: Ints
    gone: Ints
    leave: NDArray[np.int32]

    @classmethod
    def of(cls, keys: Keys, grid: Grid) -> Placement:
        """Place the rows; those never at risk at an event time are dropped."""
        join, at_risk = grid.first_at_or_before(keys.stratum, keys.time)
        leave, leaves = np.zeros(0, dtype=np.int64), np.zeros(len(join), dtype=np.bool_)
        if keys.entry is not None:
            leave, leaves = grid.first_at_or_before(keys.stratum, keys.entry)
            at_risk &= ~leaves | (leave > join)
        rows = np.flatnonzero(at_risk)
        rows = rows[np.argsort(join[rows], kind="stable")]
        gone = np.flatnonzero(leaves[rows])
        if len(gone):
            gone = gone[np.argsort(leave[rows[gone]], kind="stable")]
        return cls(
            rows,
            join[rows].astype(np.int32),
            np.flatnonzero(keys.event[rows]),
            gone,
            leave[rows[gone]].astype(np.int32) if len(gone) else np.zeros(0, dtype=np.int32),
        )


@dataclass(frozen=True, slots=True)
class RiskSums:
    """First message up, and its total: sums on the grid.

    Attributes
    ----------
    s0, s1
        ``(G,)``, ``(G, p)`` sums of ``w`` and ``w x`` of the rows that join (less: leave).
    d0, d1
        The same over deaths; `d1` of tied times only, others zero.
    observed
        Sum of weight times linear predictor over deaths.
    """

    s0: Floats
    s1: Floats
    d0: Floats
    d1: Floats
    observed: float

    @classmethod
    def zeros(cls, grid: Grid, p: int) -> RiskSums:
        """Nothing yet. Without tied deaths there is no `d1` to keep."""
        tied = bool((grid.deaths > 1).any())
        g = grid.size
        return cls(np.zeros(g), np.zeros((g, p)), np.zeros(g), np.zeros((g if tied else 0, p)), 0.0)


def add_risk_sums(
    total: RiskSums, place: Placement, x: Floats, w: Floats, weight: Floats | None, beta: Floats
) -> RiskSums:
    """`total` plus a partition's sums (in place); `x`, `w`, `weight` of its placed rows."""
    _add_by_time(total.s0, total.s1, place.join, w, x)
    if len(place.gone):
        _add_by_time(total.s0, total.s1, place.leave, -w[place.gone], x[place.gone])
    died = place.died
    if len(total.d1):
        _add_by_time(total.d0, total.d1, place.join[died], w[died], x[died])
    eta = x[died] @ beta
    observed = float(eta.sum() if weight is None else weight[died] @ eta)
    return RiskSums(total.s0, total.s1, total.d0, total.d1, total.observed + observed)


def _add_by_time(s0: Floats, s1: Floats, at: NDArray[np.int32], w: Floats, x: Floats) -> None:
    """Add ``w`` and ``w x`` of rows ordered by their event time `at`."""
    if not len(at):
        return
    first = np.flatnonzero(np.diff(at, prepend=-1))
    where = at[first]
    s0[where] += np.add.reduceat(w, first)
    ends = np.append(first[1:], len(at))
    if len(first) * 32 < len(at):
        for g, a, b in zip(where.tolist(), first.tolist(), ends.tolist(), strict=True):
            s1[g] += w[a:b] @ x[a:b]
        return
    # Many short runs: along contiguous memory, in blocks that stay in the cache.
    for q in range(0, len(first), BLOCK):
        a, b = int(first[q]), int(ends[min(q + BLOCK, len(first)) - 1])
        block = np.ascontiguousarray((x[a:b] * w[a:b, None]).T)
        s1[where[q : q + BLOCK]] += np.add.reduceat(block, first[q : q + BLOCK] - a, axis=1).T


@dataclass(frozen=True, slots=True)
class Down:
    """Message down: cumulative hazard per event time, and the tie term of the deaths."""

    cumulative: Floats
    tie: Floats


def combine(
    grid: Grid, total: RiskSums, efron: bool, factor: Floats | None = None
) -> tuple[Down, float, Floats]:
    """Hazards to send down, log-likelihood, and what comes off the Gram matrices.

    `total` is used up: its sums become running sums in place.

    Parameters
    ----------
    factor
        ``(G,)`` what each event time counts in hazards and Gram matrices; by default one.
    """
    p = total.s1.shape[1]
    ends = np.append(grid.starts, grid.size)
    for a, b in pairwise(ends.tolist()):
        np.cumsum(total.s0[a:b], out=total.s0[a:b])
    tied = efron & (grid.deaths > 1)
    with np.errstate(all="ignore"):
        a1 = grid.death_weight / total.s0
        a2 = a1 / total.s0
        b1, b2, c2 = (np.zeros(grid.size) for _ in range(3))
        log = grid.death_weight * np.log(total.s0)
        for g in np.flatnonzero(tied):
            d = int(grid.deaths[g])
            f = np.arange(d) / d
            phi = total.s0[g] - f * total.d0[g]
            mean = grid.death_weight[g] / d
            inv, sq = mean / phi, mean / (phi * phi)
            a1[g], b1[g], a2[g] = inv.sum(), f @ inv, sq.sum()
            b2[g], c2[g], log[g] = f @ sq, (f * f) @ sq, mean * np.log(phi).sum()
    if factor is not None:
        a1, b1, a2, b2, c2 = (part * factor for part in (a1, b1, a2, b2, c2))
    cumulative = a1
    off = np.zeros((p, p))
    for a, b in pairwise(ends.tolist()):
        cumulative[a:b] = np.cumsum(a1[a:b][::-1])[::-1]
        carry = np.zeros(p)
        for g0 in range(a, b, BLOCK):
            g1 = min(g0 + BLOCK, b)
            s1 = np.cumsum(total.s1[g0:g1].T, axis=1).T + carry
            carry = s1[-1].copy()
            off += (s1 * a2[g0:g1, None]).T @ s1
            many = np.flatnonzero(tied[g0:g1])
            if len(many):
                d1 = total.d1[g0:g1][many]
                cross = (s1[many] * b2[g0:g1][many, None]).T @ d1
                off += (d1 * c2[g0:g1][many, None]).T @ d1 - cross - cross.T
    return Down(cumulative, b1), total.observed - float(log.sum()), off


def moments(down: Down, place: Placement, x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Second message up: ``X' c`` and ``X' diag(c) X``."""
    hazard = down.cumulative[place.join]
    hazard[place.gone] -= down.cumulative[place.leave]
    hazard[place.died] -= down.tie[place.join[place.died]]
    c = w * hazard
    return c @ x, (x * c[:, None]).T @ x
