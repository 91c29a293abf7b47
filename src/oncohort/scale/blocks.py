"""Partitions contiguous in time: messages of O(p) numbers, however many event times there are.

Rows are ordered by stratum, then from the last time to the first, and cut into blocks; deaths at
one time of a stratum stand in one block. A risk set is then everything before its event time, so
a block needs to know of the blocks before it only their sums ``S0``, ``S1`` (*carry*), and they
need of it the sum of its hazard increments (*head*)::

    info  += head * S2      score -= head * S1      (S2: sum of w x x' over the rows before)

Those sums are over the rows of the stratum that a block shares with the one before it. A row
under observation from `entry` on is a row, and the same row once more at its entry with its weight
negative (a *ghost*): every sum is linear in the weights, so it is gone from the risk sets at and
before its entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.scale.sums import Bools, Floats, Ints
from oncohort.stats import engine
from oncohort.stats._cox.design import Design
from oncohort.stats._cox.terms import (
    Terms,
    first_moments,
    hazard,
    information,
    running,
    weighted,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a partition, in any order.

    Attributes
    ----------
    stratum
        ``(n,)`` codes that mean the same everywhere.
    time, event
        ``(n,)``; times joined by one rule over all partitions.
    weight
        ``(n,)``, negative for entries, or none.
    cluster
        ``(n,)`` codes, or none.
    x
        ``(n, p)`` centred covariates.
    """

    stratum: Ints
    time: Floats
    event: Bools
    weight: Floats | None
    cluster: Ints | None
    x: Floats

    def take(self, rows: Ints | Bools) -> Rows:
        """Some of the rows."""
        return Rows(
            self.stratum[rows],
            self.time[rows],
            self.event[rows],
            None if self.weight is None else self.weight[rows],
            None if self.cluster is None else self.cluster[rows],
            self.x[rows],
        )


def together(parts: Sequence[Rows]) -> Rows:
    """Rows of several partitions."""
    weights = [p.weight for p in parts if p.weight is not None]
    clusters = [p.cluster for p in parts if p.cluster is not None]
    return Rows(
        np.concatenate([p.stratum for p in parts]),
        np.concatenate([p.time for p in parts]),
        np.concatenate([p.event for p in parts]),
        np.concatenate(weights) if weights else None,
        np.concatenate(clusters) if clusters else None,
        np.concatenate([p.x for p in parts]),
    )


def with_entries(rows: Rows, entry: Floats | None) -> Rows:
    """The rows, and each once more at its entry with its weight negative."""
    if entry is None:
        return rows
    n = len(rows.time)
    weight = np.ones(n) if rows.weight is None else rows.weight
    entries = Rows(rows.stratum, entry, np.zeros(n, dtype=np.bool_), -weight, rows.cluster, rows.x)
    return together(
        [Rows(rows.stratum, rows.time, rows.event, weight, rows.cluster, rows.x), entries]
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a block's rows stand, without their covariates.

    Attributes
    ----------
    design
        Rows up to the last event of each stratum; its `x` has no columns.
    order
        ``(m + r,)`` positions of the rows: those of the design, then those of the last stratum
        after its last event, which are at risk in the blocks that follow.
    tail
        First of `order` that belongs to the last stratum.
    weight, cluster
        In the same order.
    first, last
        Codes of the first and the last stratum.
    """

    design: Design
    order: Ints
    tail: int
    weight: Floats | None
    cluster: Ints | None
    first: int
    last: int

    @property
    def follows(self) -> bool:
        """Whether the first stratum has an event here."""
        return self.design.groups > 0 and int(self.design.stratum[0]) == self.first


def lay_out(rows: Rows, *, efron: bool) -> Layout:
    """Sort and group the rows of a block (at least one); their covariates are not read."""
    n = len(rows.time)
    design = engine.build(
        rows.time,
        rows.event,
        np.zeros((n, 1)),
        strata=rows.stratum,
        weight=rows.weight,
        efron=efron,
        center=False,
        joined=True,
    )
    first, last = int(rows.stratum.min()), int(rows.stratum.max())
    rest = rows.stratum == last
    rest[design.rows] = False
    order = np.concatenate([design.rows, np.flatnonzero(rest)])
    tail = len(design.rows)
    if design.groups and int(design.stratum[-1]) == last:
        tail = int(design.gptr[design.sptr[-2]])
    return Layout(
        design,
        order,
        tail,
        None if rows.weight is None else np.ascontiguousarray(rows.weight[order]),
        None if rows.cluster is None else rows.cluster[order],
        first,
        last,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """A layout and the covariates of its rows, ``(m + r, p)`` in its order."""

    layout: Layout
    x: Floats

    @property
    def design(self) -> Design:
        """The rows that are at risk at an event of this block."""
        d = self.layout.design
        m = len(d.rows)
        p = self.x.shape[1]
        return Design(
            x=self.x[:m],
            center=np.zeros(p),
            rows=d.rows,
            gptr=d.gptr,
            deaths=d.deaths,
            death_rows=d.death_rows,
            dptr=d.dptr,
            sptr=d.sptr,
            times=d.times,
            stratum=d.stratum,
            weight=d.weight,
            offset=None,
            leave=None,
            gone=d.gone,
            gone_ptr=d.gone_ptr,
            efron=d.efron,
            n=d.n,
            scale=np.ones(p),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What a block answers: its own terms, its head, and the sums of its last stratum."""

    terms: Terms
    head: float
    tail: Floats
    """``(1 + p + p * p,)``: sums of ``w``, ``w x`` and ``w x x'``."""
    first: int
    last: int


def tail_sums(block: Block, beta: Floats, *, second: bool = False) -> Floats:
    """Sums over the rows of the last stratum: what the blocks that follow are to know."""
    at = block.layout.tail
    weight = None if block.layout.weight is None else block.layout.weight[at:]
    return engine.weighted_sums(block.x[at:], beta, weight, second=second)


def evaluate(block: Block, beta: Floats, before: Floats | None, followed: bool = True) -> Part:
    """Terms of a block, of which `before` ``(1 + p,)`` are the sums of the rows before it.

    Parameters
    ----------
    followed
        Whether its last stratum goes on in the next block, which then needs the sums of this one.
    """
    layout = block.layout
    if before is not None and not layout.follows:
        before = None
    terms, head = engine.terms_after(block.design, beta, before)
    head = head if layout.follows else 0.0
    return Part(terms, head, _tail(block, beta, followed), layout.first, layout.last)


def _tail(block: Block, beta: Floats, followed: bool) -> Floats:
    p = block.x.shape[1]
    return tail_sums(block, beta, second=True) if followed else np.zeros(1 + p + p * p)


def evaluate_timed(
    block: Block,
    beta: Floats,
    before: Floats | None,
    followed: bool = True,
    *,
    at: Floats,
    value: Floats,
) -> Part:
    """Score and information in which each event time counts with a factor; no likelihood.

    Parameters
    ----------
    followed
        As for :func:`evaluate`.
    at, value
        Event times, ascending, and the factor of each.
    """
    layout, d, p = block.layout, block.design, block.x.shape[1]
    tail = _tail(block, beta, followed)
    if not d.groups:
        return Part(Terms(0.0, np.zeros(p), np.zeros((p, p))), 0.0, tail, layout.first, layout.last)
    before = before if layout.follows else None
    factor = value[np.searchsorted(at, d.times)]
    h = weighted(d, hazard(d, beta, 0.0 if before is None else float(before[0])), factor)
    died = np.repeat(factor, np.diff(d.dptr))
    residual = -h.w * h.row
    residual[d.death_rows] += died if d.weight is None else died * d.weight[d.death_rows]
    info = information(d, h, None if before is None else before[1:])
    head = float(h.cumulative[0]) if layout.follows else 0.0
    return Part(Terms(0.0, residual @ d.x, info), head, tail, layout.first, layout.last)


def goes_on(last: int | None, first: int) -> bool:
    """Whether a block's first stratum is the one that the block before it ends with."""
    return last is not None and last == first


@dataclass(slots=True)
class Chain:
    """Adds up the parts of blocks in their order."""

    p: int
    loglik: float
    score: Floats
    info: Floats
    sums: Floats
    last: int | None = None

    @classmethod
    def start(cls, p: int) -> Chain:
        """Nothing yet."""
        return cls(p, 0.0, np.zeros(p), np.zeros((p, p)), np.zeros(1 + p + p * p))

    def before(self, first: int) -> Floats | None:
        """Sums of the rows before a block that begins with stratum `first`, if there are any."""
        return self.sums[: 1 + self.p].copy() if goes_on(self.last, first) else None

    def add(self, part: Part) -> None:
        """The next block."""
        p, on = self.p, goes_on(self.last, part.first)
        self.loglik += part.terms.loglik
        self.score += part.terms.score
        self.info += part.terms.info
        if on:
            self.score -= part.head * self.sums[1 : 1 + p]
            self.info += part.head * self.sums[1 + p :].reshape(p, p)
        self.sums = part.tail + self.sums if on and part.first == part.last else part.tail
        self.last = part.last

    @property
    def terms(self) -> Terms:
        """Of all blocks."""
        return Terms(self.loglik, self.score, 0.5 * (self.info + self.info.T))


def carries(tails: Sequence[Floats], strata: Sequence[tuple[int, int]]) -> Iterator[Floats | None]:
    """For each block the sums of the rows before it; `strata` are first and last of each."""
    sums: Floats | None = None
    last: int | None = None
    for tail, (first, final) in zip(tails, strata, strict=True):
        on = goes_on(last, first)
        yield sums if on else None
        sums = tail + sums if on and first == final and sums is not None else tail
        last = final


@dataclass(frozen=True, slots=True)
class Increments:
    """Baseline hazard of a block, and what the rows before it are exposed to here.

    Attributes
    ----------
    stratum, time, hazard
        ``(G,)`` of each event time.
    head, drift
        Sums over the first stratum of the increments, ``()`` and (times mean covariates) ``(p,)``.
    """

    stratum: Ints
    time: Floats
    hazard: Floats
    head: float
    drift: Floats


def increments(
    block: Block, beta: Floats, before: Floats | None, *, drift: bool = False
) -> Increments:
    """Hazard increments at the block's event times; `drift` is zero unless asked for."""
    d = block.design
    moved = np.zeros(block.x.shape[1])
    if not d.groups:
        return Increments(d.stratum, d.times, np.zeros(0), 0.0, moved)
    before = before if block.layout.follows else None
    increment = engine.hazard_increments(d, beta, before)
    if not block.layout.follows:
        return Increments(d.stratum, d.times, increment, 0.0, moved)
    end = int(d.sptr[1])
    if drift:
        h = hazard(d, beta, 0.0 if before is None else float(before[0]))
        s1, d1 = first_moments(d, h, None if before is None else before[1:])
        moved = h.a2[:end] @ s1[:end] - h.b2[:end] @ d1[:end]
    return Increments(d.stratum, d.times, increment, float(increment[:end].sum()), moved)


def exposures(
    found: Sequence[tuple[float, Floats]], strata: Sequence[tuple[int, int]]
) -> list[tuple[float, Floats]]:
    """For each block the head and drift of the blocks after it that its last stratum goes on in."""
    out: list[tuple[float, Floats]] = []
    total, drift = 0.0, np.zeros_like(found[0][1])
    after: tuple[int, int] | None = None
    for (head, moved), (first, last) in zip(reversed(found), reversed(strata), strict=True):
        if after is None or after[0] != last:
            total, drift = 0.0, np.zeros_like(moved)
        out.append((total, drift))
        if first == last:
            total, drift = total + head, drift + moved
        else:
            total, drift = head, moved
        after = (first, last)
    return out[::-1]


def score_products(
    block: Block,
    beta: Floats,
    before: Floats | None,
    after: tuple[float, Floats],
) -> Floats:
    """``(p, p)`` sum over the rows of the products of their weighted score residuals."""
    of_rows = _of_rows(block, beta, before, after)
    return of_rows.T @ of_rows


def score_residuals(
    block: Block,
    beta: Floats,
    before: Floats | None,
    after: tuple[float, Floats],
) -> tuple[Ints, Floats]:
    """Weighted score residuals summed within clusters: codes ``(c,)`` and sums ``(c, p)``."""
    of_rows = _of_rows(block, beta, before, after)
    assert block.layout.cluster is not None
    codes, inner = np.unique(block.layout.cluster, return_inverse=True)
    sums = np.zeros((len(codes), block.x.shape[1]))
    np.add.at(sums, inner, of_rows)
    return codes, sums


def _of_rows(
    block: Block,
    beta: Floats,
    before: Floats | None,
    after: tuple[float, Floats],
) -> Floats:
    """Weighted score residuals of the rows.

    As :func:`oncohort.stats.residuals.score`, with the exposure of the blocks after this one.
    """
    layout, d = block.layout, block.design
    m = len(d.rows)
    before = before if layout.follows else None
    risk = np.exp(block.x @ beta)
    out = np.zeros_like(block.x)
    if d.groups:
        h = hazard(d, beta, 0.0 if before is None else float(before[0]))
        s1, d1 = first_moments(d, h, None if before is None else before[1:])
        per_death = np.diff(d.dptr)
        total = d.deaths.astype(np.float64)
        if d.weight is not None:
            total = np.add.reduceat(d.weight[d.death_rows], d.dptr[:-1])
        mean = (h.a1[:, None] * s1 - h.b1[:, None] * d1) / total[:, None]
        drift = running(h.a2[:, None] * s1 - h.b2[:, None] * d1, d.sptr[:-1], backwards=True)
        exposed = np.repeat(drift, np.diff(d.gptr), axis=0)
        exposed[d.death_rows] -= np.repeat(h.b2[:, None] * s1 - h.c2[:, None] * d1, per_death, 0)
        left = -risk[:m] * h.row
        left[d.death_rows] += 1.0
        out[:m] = d.x * left[:, None] + risk[:m, None] * exposed
        out[d.death_rows] -= np.repeat(mean, per_death, axis=0)
    tail = slice(layout.tail, None)
    out[tail] -= risk[tail, None] * (after[0] * block.x[tail] - after[1])
    if layout.weight is not None:
        out *= layout.weight[:, None]
    return out
