"""Times for ordered patients: medians, rates and numbers at risk hold, nothing is stretched.

The order of the patients and the event flags fix the Kaplan-Meier curve over ranks. Days are then
a linear programme: strictly increasing, within printed bounds, early endpoint before the late one,
as near to a smooth template as can be. Every bound is a whole number of days and every rule a
difference, so the solution is whole, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import field

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.stats.inputs import Bools, Floats
from oncohort.twin.search import Cohort

STRETCHES = (1.5, 2.0, 3.0, 5.0, math.inf)
"""How far a time may be from its template, tried in this order."""


@dataclass(frozen=True, slots=True)
class Knots:
    """Printed survival of one endpoint: (days, survival 0 to 1) pairs, and the longest time."""

    points: tuple[tuple[float, float], ...]
    longest: float | None = None


@dataclass(slots=True)
class Course:
    """What the days of one endpoint have to obey, by rank.

    ``low``, ``high``: bounds in days; ``figures``: which figure made a bound of which rank.
    """

    low: Floats
    high: Floats
    template: Floats
    figures: list[str] = field(default_factory=list)


def template(n: int, knots: Knots, event: Bools | None = None, floor: float = 0.0) -> Floats:
    """Smooth times by rank: through the printed points, exponential between and beyond them.

    ``floor``: nothing happens before this day (the first scan).

    Examples
    --------
    >>> template(4, Knots(((100.0, 0.5),))).round().tolist()
    [26.0, 72.0, 129.0, 232.0]
    """
    points = sorted((t, s) for t, s in knots.points if 0 < s < 1 and t > 0)
    if not points:
        points = [(365.25, 0.5)]
    days = np.array([0.0, *(t for t, _ in points)])
    hazard = np.maximum.accumulate([0.0, *(-math.log(s) for _, s in points)])
    first = min(floor, 0.4 * days[1])

    def lifted(t: Floats) -> Floats:
        return np.asarray(t + first * np.exp(-t / (3 * first)) if first > 0 else t)

    if len(points) == 1:  # a curve that falls slowly at first
        shape = 1.25
        return _censor_aware(
            n, event, lambda h: lifted(days[1] * (h / hazard[1]) ** (1 / shape))
        )  # fmt: skip
    rate = max(hazard[-1] / days[-1], 1e-6)
    keep = np.r_[True, np.diff(hazard) > 1e-9]

    def at(h: Floats) -> Floats:
        inside = np.interp(h, hazard[keep], days[keep])
        return lifted(np.where(h > hazard[-1], days[-1] + (h - hazard[-1]) / rate, inside))

    return _censor_aware(n, event, at)


def _censor_aware(n: int, event: Bools | None, at: Callable[[Floats], Floats]) -> Floats:
    """The template at the hazard that the curve has reached at each rank."""
    if event is None:
        q = (np.arange(n) + 0.5) / n
        return np.asarray(at(-np.log(1 - q * 0.985)), dtype=float)
    h, out = 0.0, []
    for r in range(n):
        step = 1.0 / (n - r + 0.6)
        add = step if event[r] else 0.35 * step
        out.append(h + add / 2)
        h += add
    days = np.maximum.accumulate(np.asarray(at(np.array(out)), dtype=float))
    return np.asarray(days + np.arange(n) * 1e-6)


def median_ranks(event: Bools) -> tuple[list[int], list[int], list[int]]:
    """Ranks (from 0) that the median and its log-log limits read their times from.

    One rank, two where the curve is exactly one half, none where it is not reached.
    """
    from oncohort.stats import kaplan_meier

    n = len(event)
    median = kaplan_meier(np.arange(1.0, n + 1), np.asarray(event) > 0).median
    out: list[list[int]] = []
    for value in (median.value, median.low, median.high):
        if value is None or not math.isfinite(value):
            out.append([])
            continue
        first, last = math.floor(value) - 1, math.ceil(value) - 1
        if first == last:
            out.append([first])
            continue
        # The midpoint between two event times, with censored patients possibly in between.
        events = np.flatnonzero(event)
        below = events[events + 1 <= value]
        above = events[events + 1 >= value]
        out.append([int(below[-1]), int(above[0])])
    return out[0], out[1], out[2]


def survival_after(event: Bools) -> Floats:
    """Kaplan-Meier estimate after 0, 1, ... n patients, in order of time."""
    n = len(event)
    factors = [1 - 1 / (n - r) if event[r] else 1.0 for r in range(n)]
    return np.asarray(np.r_[1.0, np.cumprod(factors)], dtype=np.float64)


def bound(course: Course, ranks: list[int], low: float, high: float, figure: str) -> bool:
    """Hold the time that is read from these ranks in ``low`` to ``high`` days; False if they
    already can't.

    Where no whole day prints so (16.06 months), the nearest one is taken; where the two days of a
    midpoint have no room between the limits (a median in days), they lie about their middle.
    """
    if not ranks:
        return False
    wanted = _days_between(ranks, low, high)
    for r, (first, last) in zip(ranks, wanted, strict=True):
        if max(course.low[r], first) > min(course.high[r], last):
            return False
    for r, (first, last) in zip(ranks, wanted, strict=True):
        course.low[r] = max(course.low[r], first)
        course.high[r] = min(course.high[r], last)
    course.figures.append(figure)
    return True


def _days_between(ranks: list[int], low: float, high: float) -> list[tuple[int, int]]:
    """First and last whole day of each rank, for a time (or the midpoint of two) within limits.

    Examples
    --------
    >>> _days_between([4], 488.67, 488.98), _days_between([4, 6], 172.5, 173.5)
    ([(489, 489)], [(172, 172), (174, 174)])
    """
    first, last, apart = math.ceil(low - 1e-9), math.floor(high + 1e-9), ranks[-1] - ranks[0]
    if last - first >= apart:
        return [(first, last)] * len(ranks)
    if len(ranks) == 1:
        day = round((low + high) / 2)
        return [(day, day)]
    least, most = math.ceil(2 * low - 1e-9), math.floor(2 * high + 1e-9)
    total = least if least == most else round(low + high)
    before = (total - apart) // 2
    return [(before, before), (total - before, total - before)]


def cut_at(course: Course, patients: int, day: float, figure: str) -> None:
    """Just so many patients have a time up to ``day``."""
    n = len(course.low)
    if patients > 0:
        course.high[:patients] = np.minimum(course.high[:patients], math.floor(day))
    if patients < n:
        course.low[patients:] = np.maximum(course.low[patients:], math.floor(day) + 1)
    course.figures.append(figure)


@dataclass(frozen=True, slots=True)
class Timed:
    """Days by rank per endpoint, and the largest factor between a time and its template."""

    days: tuple[npt.NDArray[np.int64], ...]
    stretch: tuple[float, ...]


def fit(
    cohort: Cohort, courses: list[Course], pairs: tuple[tuple[int, int], ...],
    same: frozenset[int] = frozenset(), gap: int = 1, ties: bool = False,
    stretches: tuple[float, ...] = STRETCHES,
) -> Timed | None:  # fmt: skip
    """Days that obey everything, nearest to the templates; None if there are none.

    ``same``: patients whose early event is the late one (a death without progression): both times
    are equal. Of all others the early time comes at least ``gap`` days before the late one.
    ``ties``: whether patients may share a day, where the curve stays as it is.
    """
    for stretch in stretches:
        days = _programme(cohort, courses, pairs, same, gap, stretch, ties)
        if days is not None:
            far = []
            for d, c in zip(days, courses, strict=True):
                ratio = np.maximum(d, 1) / np.maximum(c.template, 1)
                far.append(float(np.max(np.maximum(ratio, 1 / ratio))))
            return Timed(tuple(days), tuple(far))
    return None


def _programme(
    cohort: Cohort, courses: list[Course], pairs: tuple[tuple[int, int], ...],
    same: frozenset[int], gap: int, stretch: float, ties: bool,
) -> list[npt.NDArray[np.int64]] | None:  # fmt: skip
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    n, count = len(courses[0].low), len(courses)
    size = 2 * n * count  # times, then distances
    rows: list[tuple[list[tuple[int, float]], float]] = []
    cost = np.zeros(size)
    bounds: list[tuple[float, float | None]] = []
    for e, c in enumerate(courses):
        aim = np.round(c.template)
        for r in range(n):
            low, high = c.low[r], c.high[r]
            if math.isfinite(stretch):
                low = max(low, math.ceil(c.template[r] / stretch))
                high = min(high, math.floor(c.template[r] * stretch))
            if low > high:
                return None
            bounds.append((low, high if math.isfinite(high) else None))
            t, d = e * n + r, (count + e) * n + r
            rows.append(([(t, 1.0), (d, -1.0)], float(aim[r])))
            rows.append(([(t, -1.0), (d, -1.0)], -float(aim[r])))
            cost[d] = 1 / max(1.0, c.template[r])
            if r + 1 < n:  # who leaves on the day of an event leaves after it
                shared = ties and not cohort.event[e][r] < cohort.event[e][r + 1]
                rows.append(([(t, 1.0), (t + 1, -1.0)], 0.0 if shared else -1.0))
    bounds += [(0.0, None)] * (n * count)
    for early, late in pairs:
        a, b = cohort.ranks(early), cohort.ranks(late)
        for p in range(n):
            first, second = early * n + int(a[p]), late * n + int(b[p])
            if p in same:
                rows.append(([(first, 1.0), (second, -1.0)], 0.0))
                rows.append(([(first, -1.0), (second, 1.0)], 0.0))
            else:
                rows.append(([(first, 1.0), (second, -1.0)], -float(gap)))
    at = [(r, c, v) for r, (terms, _) in enumerate(rows) for c, v in terms]
    i, j, v = zip(*at, strict=True)
    matrix = coo_matrix((v, (i, j)), shape=(len(rows), size)).tocsr()
    done = linprog(cost, A_ub=matrix, b_ub=[b for _, b in rows], bounds=bounds, method="highs-ds")
    if done.x is None:
        return None
    whole = np.round(done.x[: n * count]).astype(np.int64).reshape(count, n)
    return [whole[e] for e in range(count)]
