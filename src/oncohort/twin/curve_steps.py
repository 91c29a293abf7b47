"""Between two printed numbers at risk: the patients whose curve is nearest to the points read.

Each fall of a Kaplan-Meier curve is a fraction of whole patients, so it tells how many were at
risk. A dynamic programme over the number at risk chooses events at every point and censored
patients before it: nearest to the points (read to about 0.002), with censoring as even as can be,
and the printed number left at the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHAKE = 0.002
"""Standard error with which survival is read."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Events at each point, censored before each of them and after the last one.

    ``cost``: half the squared distances; ``survival``, ``left``: after the interval.
    """

    cost: float
    events: tuple[int, ...]
    censored: tuple[int, ...]
    survival: float
    left: int


@dataclass(frozen=True, slots=True)
class Interval:
    """What is printed of a stretch of time.

    ``left``: the number at risk at its end; None where none is printed. ``censored``: how many are
    likely to be censored in it.
    """

    low: float
    high: float
    at_risk: int
    left: int | None
    censored: float


@dataclass(slots=True)
class _Reached:
    """Numbers at risk that can be reached: cost, estimate, and from where."""

    n: Ints
    cost: Floats
    survival: Floats
    before: Ints
    censored: Ints
    events: Ints


def _lost(c: Ints | int, expected: float) -> Floats:
    """Cost of so many censored patients where so many were to be expected."""
    return np.asarray((np.asarray(c) - expected) ** 2 / (2 * (expected + 0.5)))


def _point(now: _Reached, share: float, expected: float, least: int, price: float) -> _Reached:
    """All ways to the next point: censored first, then the events of the fall."""
    most = int(min(now.n.max() - least, 4 * math.sqrt(expected + 1) + 2 * expected + 4))
    parts: list[list[npt.NDArray[np.generic]]] = []
    index = np.arange(len(now.n))
    for c in range(most + 1):
        n = now.n - c
        fall = np.clip(n * (1 - share / np.maximum(now.survival, 1e-12)), 0, np.maximum(n, 0))
        for d in {0: np.floor(fall), 1: np.ceil(fall)}.values():
            events = d.astype(np.int64)
            fine = (n - events >= least) & (n >= 0)
            survival = now.survival * (1 - events / np.maximum(n, 1))
            cost = now.cost + _lost(c, expected) + price * events
            cost = cost + (survival - share) ** 2 / (2 * SHAKE**2)
            kept = [(n - events)[fine], cost[fine], survival[fine], index[fine]]
            parts.append([*kept, np.full(fine.sum(), c), events[fine]])
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((joined[1], joined[0]))
    first = np.unique(joined[0][order], return_index=True)[1]
    n, cost, survival, before, censored, events = (column[order][first] for column in joined)
    return _Reached(n, cost, survival, before, censored, events)


def steps(
    t: Sequence[float] | Floats, s: Sequence[float] | Floats, within: Interval, survival: float,
    price: float = 0.0,
) -> Steps | None:  # fmt: skip
    """Events and censored patients of one interval; None if nothing leaves the printed number.

    ``survival``: the estimate when it begins; ``price``: what an event costs, to have fewer or more
    of them.

    Examples
    --------
    >>> found = steps([1.0, 2.0], [0.9, 0.787], Interval(0.0, 3.0, 10, 7, 1.0), 1.0)
    >>> found.events, found.censored, found.left
    ((1, 1), (0, 1, 0), 7)
    """
    none = np.zeros(1, dtype=np.int64)
    walk = [_Reached(none + within.at_risk, np.zeros(1), np.full(1, survival), none, none, none)]
    length = max(within.high - within.low, 1e-12)
    least, before = within.left or 0, within.low
    for day, share in zip(t, s, strict=True):
        expected = within.censored * (day - before) / length
        walk.append(_point(walk[-1], share, expected, least, price))
        if not len(walk[-1].n):
            return None
        before = day
    last = walk[-1]
    rest = np.zeros(len(last.n), dtype=np.int64)
    cost = last.cost
    if within.left is not None:
        rest = last.n - within.left
        cost = cost + _lost(rest, within.censored * (within.high - before) / length)
    at = int(np.argmin(cost))
    events, censored = [], [int(rest[at])]
    best, total = at, float(cost[at])
    for reached in reversed(walk[1:]):
        events.append(int(reached.events[at]))
        censored.append(int(reached.censored[at]))
        at = int(reached.before[at])
    return Steps(
        total, tuple(reversed(events)), tuple(reversed(censored)), float(last.survival[best]),
        int(last.n[best] - rest[best]),
    )  # fmt: skip
