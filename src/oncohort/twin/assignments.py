"""All ways to lay a 0/1 variable on ordered patients so that its Cox model prints as asked.

At a fixed log ratio the score and the information of a Cox model with one 0/1 variable are sums
over the events, and an event's share depends only on how many of either side are at risk. So the
ranks are cut in two, the ways to lay each half are listed with their sums, and halves that fit
together are found by a grid: 10^11 ways take about a second. With more than :data:`WHOLE`
patients some of them, drawn at random, are laid anew and the others stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.twin.search import INF, Window

Flags = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]

WHOLE = 42
"""Up to so many patients all are laid anew: 2^21 ways of each half."""

FREE = 32
"""Patients that are laid anew where there are more of them."""

CHUNK = 300_000
"""Pairs of halves that are looked at together, about."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Where score and information have to lie at the log ratio ``beta``, ends included.

    Both ranges are a little wide: the fit moves from ``beta`` to its own estimate.
    """

    beta: float
    score: tuple[float, float]
    info: tuple[float, float]


def standard_errors(w: Window, ratio: tuple[float, float]) -> tuple[float, float]:
    """Least and greatest standard error that a window leaves for log ratios in a range.

    Examples
    --------
    >>> w = Window((0.68, 0.70), (0.19, 0.21), (1.17, 1.19), quantile=1.96)
    >>> [round(v, 3) for v in standard_errors(w, w.ratio)]
    [0.24, 0.26]
    """
    least, most = 0.0, INF
    low, high = ratio
    if w.low != (-INF, INF):
        least, most = max(least, (low - w.low[1]) / w.quantile), (high - w.low[0]) / w.quantile
    if w.high != (-INF, INF):
        least = max(least, (w.high[0] - high) / w.quantile)
        most = min(most, (w.high[1] - low) / w.quantile)
    far, near = max(abs(low), abs(high)), 0.0 if low < 0 < high else min(abs(low), abs(high))
    if 0 < w.z[1] < INF:
        least = max(least, near / w.z[1])
    if w.z[0] > 0:
        most = min(most, far / w.z[0])
    return least, most


def needed(w: Window, events: int) -> Needed | None:
    """What a window asks of score and information; None where it has no bounded log ratio."""
    low, high = w.ratio
    if (low == -INF or high == INF) and not {INF, -INF} & {*w.low, *w.high}:
        low, high = (w.low[0] + w.high[0]) / 2, (w.low[1] + w.high[1]) / 2
    if low == -INF or high == INF:
        return None
    least, most = standard_errors(w, (low, high))
    greatest = min(events / 4, least**-2 if least > 0 else INF)
    half = (high - low) / 2
    smallest = most**-2 if most < INF else 0.0
    slack = greatest * half
    score = 1.05 * slack + 1e-9
    return Needed((low + high) / 2, (-score, score), (smallest - slack, greatest + slack))


def _shares(n: int, beta: float) -> Floats:
    """(ranks, ones at risk) Mean of the variable in the risk set of each rank."""
    ones, at_risk = np.arange(n + 1.0)[None, :], (n - np.arange(n, dtype=float))[:, None]
    weighted = math.exp(beta) * ones
    zeros = np.maximum(at_risk - ones, 0.0)
    return np.asarray(weighted / np.maximum(weighted + zeros, 1e-300))


def sums(x: Flags, event: Flags, beta: float) -> tuple[Floats, Floats]:
    """Score and information of every row of ``x`` (ways, ranks) at a log ratio.

    Examples
    --------
    >>> u, i = sums(np.array([[1, 0, 0, 1]], dtype=np.int8), np.ones(4, dtype=np.int8), 0.0)
    >>> round(float(u[0]), 4), round(float(i[0]), 4)
    (-0.3333, 0.7222)
    """
    n = x.shape[1]
    at = np.flatnonzero(event)
    ones = np.cumsum(x[:, ::-1], axis=1, dtype=np.int16)[:, ::-1][:, at]
    mean = _shares(n, beta)[at[None, :], ones]
    score = x[:, at].sum(axis=1) - mean.sum(axis=1)
    return score, (mean * (1 - mean)).sum(axis=1)


@dataclass(frozen=True, slots=True)
class _Half:
    """Ways to lay one half: score and information so far, ones of the later half, the free ranks.

    ``bits``: the value at each free rank, first rank in the lowest bit.
    """

    total: Floats
    ones: npt.NDArray[np.int64]
    bits: npt.NDArray[np.uint32]
    ranks: npt.NDArray[np.intp]


def _half(
    x: Flags, event: Flags, free: npt.NDArray[np.bool_], shares: Floats, cut: int, early: bool
) -> _Half:
    """All ways to lay the ranks before ``cut`` (``early``), or those from it on.

    Ones at risk are counted down from all of them along the early half, and up from none along the
    late one; both end with the ones of the late half. What patients who stay add depends on the
    ones at risk alone, and is added once for all of them up to the next free rank.
    """
    n, every = len(x), int(x.sum())
    total = np.zeros((1, 2))
    ones = np.array([every if early else 0])
    bits = np.zeros(1, dtype=np.uint32)
    ranks: list[int] = []
    stay, moved = np.zeros((every + 1, 2)), 0
    for r in range(cut) if early else range(n - 1, cut - 1, -1):
        if not free[r]:
            step = int(x[r])
            at_risk = np.clip(np.arange(every + 1) + (moved if early else moved + step), 0, every)
            if event[r]:
                stay += _share(shares[r, at_risk], step)
            moved += -step if early else step
            continue
        total, ones, bits = _passed(total, ones, bits, stay, moved)
        stay, moved = np.zeros((every + 1, 2)), 0
        laid = []
        for value in (0, 1):
            if early:
                able = (ones >= value) & (ones - value <= n - r - 1)
            else:
                able = (ones + value <= every) & (every - ones - value <= r)
            at_risk = ones[able] if early else ones[able] + value
            own = total[able]
            if event[r]:
                own += _share(shares[r, at_risk], value)
            marked = bits[able] | np.uint32(value << len(ranks))
            laid.append((own, at_risk - value if early else at_risk, marked))
        ranks.append(r)
        total, ones, bits = (np.concatenate(part) for part in zip(*laid, strict=True))
    return _Half(*_passed(total, ones, bits, stay, moved), np.array(ranks, dtype=np.intp))


def _passed(
    total: Floats, ones: npt.NDArray[np.int64], bits: npt.NDArray[np.uint32], stay: Floats,
    moved: int,
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.uint32]]:  # fmt: skip
    """Ways after patients who stay; without those that have too many ones or too few."""
    after = ones + moved
    able = (after >= 0) & (after < len(stay))
    return (total + stay[ones])[able], after[able], bits[able]


def _share(mean: Floats, value: int) -> Floats:
    """What one event adds to score and information."""
    return np.stack([value - mean, mean * (1 - mean)], axis=-1)


def _fitting(
    early: _Half, late: _Half, low: Floats, high: Floats, rng: np.random.Generator, chunk: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], int]]:
    """Pairs of halves whose sums lie between ``low`` and ``high``; and how many were looked at."""
    width = np.maximum(high - low, 1e-12)
    cell = np.floor(late.total / width).astype(np.int64)
    least = cell.min(axis=0)
    cell -= least
    span = cell.max(axis=0) + 1
    place = (late.ones * span[0] + cell[:, 0]) * span[1] + cell[:, 1]
    sorted_ = np.argsort(place, kind="stable")
    place = place[sorted_]
    turn, done, step = rng.permutation(len(early.ones)), 0, 500
    while done < len(turn):
        who = turn[done : done + step]
        base = np.floor((low - early.total[who]) / width).astype(np.int64) - least
        firsts, seconds = [], []
        for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
            one, two = base[:, 0] + a, base[:, 1] + b
            inside = (one >= 0) & (one < span[0]) & (two >= 0) & (two < span[1])
            key = (early.ones[who] * span[0] + one) * span[1] + two
            start = np.searchsorted(place, key, "left")
            count = np.where(inside, np.searchsorted(place, key, "right") - start, 0)
            firsts.append(np.repeat(who, count))
            before = np.r_[0, np.cumsum(count)[:-1]]
            seconds.append(np.repeat(start - before, count) + np.arange(count.sum()))
        i, j = np.concatenate(firsts), sorted_[np.concatenate(seconds)]
        total = early.total[i] + late.total[j]
        fits = ((total >= low) & (total <= high)).all(axis=1)
        done += len(who)
        yield i[fits], j[fits], len(i)
        # As many of the early half at once as give about one chunk of pairs.
        step = int(min(40_000, max(20, step * chunk / max(1, len(i)))))


def ways(
    x: Flags, event: Flags, asked: Needed, rng: np.random.Generator, pairs: int = 4_000_000,
    whole: int = WHOLE, free: int = FREE,
) -> Iterator[Flags]:  # fmt: skip
    """Ways (rows, by rank) to lay a variable that has score and information as needed.

    Parameters
    ----------
    x
        (ranks) The variable now: its number of ones stays.
    event
        (ranks) Event flags.
    pairs
        Pairs of halves to look at, at most, about.
    whole, free
        Up to ``whole`` patients all are laid anew, of more just ``free``.
    """
    n = len(x)
    open_ = np.ones(n, dtype=bool)
    if n > whole:
        open_ = np.zeros(n, dtype=bool)
        open_[_drawn(x, free, rng)] = True
    ranks = np.flatnonzero(open_)
    cut = int(ranks[len(ranks) // 2])
    shares = _shares(n, asked.beta)
    early, late = (_half(x, event, open_, shares, cut, side) for side in (True, False))
    low, high = (np.array([asked.score[k], asked.info[k]]) for k in (0, 1))
    seen = 0
    for i, j, looked in _fitting(early, late, low, high, rng, CHUNK * min(1.0, whole / n)):
        out = np.repeat(x[None, :], len(i), axis=0)
        for half, row in ((early, i), (late, j)):
            for k, rank in enumerate(half.ranks):
                out[:, rank] = (half.bits[row] >> np.uint32(k)) & 1
        yield out
        seen += looked
        if seen >= pairs:
            return


def _drawn(x: Flags, free: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Patients to be laid anew: half of them ones where there are so many."""
    ones, zeros = (rng.permutation(np.flatnonzero(x == v)) for v in (1, 0))
    k = max(min(len(ones), free // 2), free - len(zeros))
    return np.concatenate([ones[:k], zeros[: free - k]])
