"""Patients behind a printed Kaplan-Meier curve: digitised points and numbers at risk.

After Guyot, Ades, Ouwens, Welton, BMC Medical Research Methodology 2012;12:9. In each interval
between two printed numbers at risk the number censored is sought with which the events that the
curve's falls speak for leave the printed number at the interval's end. That number is then shared
out so that the falls are fractions of whole patients (:mod:`oncohort.twin.curve_steps`). Beyond
the last printed number the total of events decides, where it is printed, otherwise censoring goes
on as before.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ReadError, problem
from oncohort.twin.curve_steps import SHAKE, Interval, Steps, steps

Floats = npt.NDArray[np.float64]


LEAN = 0.004
"""Part of the axis by which the time of a point may be misread."""


@dataclass(frozen=True, slots=True)
class CurvePatients:
    """Times and event flags, in order of time; the unit is that of the points."""

    time: Floats
    event: npt.NDArray[np.bool_]


def _refuse(case: str) -> ReadError:
    return ReadError("", [problem("twin.curve", case, place=Place(key="curves"))])


def _points(times: Sequence[float], survival: Sequence[float]) -> tuple[Floats, Floats]:
    t, s = np.asarray(times, dtype=float), np.asarray(survival, dtype=float)
    if t.shape != s.shape or t.ndim != 1 or not len(t):
        raise _refuse("lengths")
    if not (np.isfinite(t).all() and np.isfinite(s).all() and (t >= 0).all()):
        raise _refuse("number")
    if s.max() > 1 or s.min() < 0:
        raise _refuse("share")
    order = np.argsort(t, kind="stable")
    t, s = t[order], np.minimum.accumulate(s[order])  # digitising shakes; the curve never rises
    if t[0] > 0:
        t, s = np.r_[0.0, t], np.r_[1.0, s]
    s[0] = 1.0 if t[0] == 0 else s[0]
    return t, s


def _through(
    t: Floats, s: Floats, median: float, risk: Sequence[tuple[float, int]]
) -> tuple[Floats, Floats]:
    """The points, with one half crossed at the printed median, or at a point near it."""
    left = float(np.interp(median, [a for a, _ in risk], [n for _, n in risk]))
    room = min(0.35 / max(left, 1.0), SHAKE)

    def crossed(at: int) -> Floats:
        before = np.arange(len(t)) < at
        return np.where(before, np.maximum(s, 0.5 + room), np.minimum(s, 0.5 - room))

    def cost(at: int) -> float:
        moved = float(((crossed(at) - s) ** 2).sum()) / SHAKE**2
        return moved + float((t[at] - median) / (LEAN / 8 * t[-1])) ** 2

    near = np.flatnonzero(np.abs(t - median) <= LEAN * t[-1])
    if len(near):
        return t, crossed(min(near.tolist(), key=cost))
    at = int((t < median).sum())
    t, s = np.insert(t, at, median), np.insert(s, at, 0.5)
    return t, crossed(at)


def _interval(
    t: Floats, s: Floats, n: int, km: float, censored: int, low: float, high: float
) -> tuple[list[int], Floats, int, float]:
    """Events at each point of one interval with so many censored, who is left, the estimate."""
    at = low + (high - low) * (np.arange(censored) + 0.5) / max(1, censored)
    events: list[int] = []
    gone = 0
    for day, share in zip(t, s, strict=True):
        lost = int(np.searchsorted(at, day, side="left"))
        n -= lost - gone
        gone = lost
        d = round(n * (1 - share / km)) if km > 0 and n > 0 else 0
        d = max(0, min(d, n))
        if d:
            km *= 1 - d / n
        n -= d
        events.append(d)
    return events, at, n - (censored - gone), km


def patients_of_curve(
    times: Sequence[float],
    survival: Sequence[float],
    at_risk: Sequence[tuple[float, int]],
    *,
    events: int | None = None,
    median: float | None = None,
) -> CurvePatients:
    """Times and event flags of the patients behind a printed curve.

    Parameters
    ----------
    times, survival
        Points read off the curve, survival 0 to 1; small rises are smoothed away.
    at_risk
        (time, number) pairs as printed below the curve; the first one is at time 0.
    events
        Total number of events, where printed.
    median
        Median, where printed: a curve that is flat about one half crosses it there.

    Raises
    ------
    ReadError
        Points or numbers at risk can't be of a curve.

    Notes
    -----
    Guyot et al., BMC Med Res Methodol 2012;12:9.

    Examples
    --------
    >>> found = patients_of_curve([1, 2, 3, 4], [0.75, 0.5, 0.25, 0], [(0, 4)], events=4)
    >>> found.time.tolist(), found.event.tolist()
    ([1.0, 2.0, 3.0, 4.0], [True, True, True, True])
    """
    t, s = _points(times, survival)
    risk = sorted((float(a), int(b)) for a, b in at_risk)
    if not risk or risk[0][0] != 0 or risk[0][1] < 1:
        raise _refuse("at-risk-first")
    if any(b > a for (_, a), (_, b) in itertools.pairwise(risk)):
        raise _refuse("at-risk-rises")
    if risk[-1][0] > t[-1]:  # the curve goes on, level, as far as somebody is counted
        t, s = np.r_[t, risk[-1][0]], np.r_[s, s[-1]]
    if median is not None:
        t, s = _through(t, s, median, risk)
    walked = _walk(t, s, risk, events)
    when: list[float] = []
    flags: list[bool] = []
    for (inside, high), low, found in walked:
        edges = np.r_[low, inside, high]
        for k, c in enumerate(found.censored):
            when += (
                edges[k] + (edges[k + 1] - edges[k]) * (np.arange(c) + 0.5) / max(c, 1)
            ).tolist()
            flags += [False] * c
        for day, d in zip(inside, found.events, strict=True):
            when += [float(day)] * d
            flags += [True] * d
    left = walked[-1][2].left
    when += [float(t[-1])] * left  # still at risk where the curve ends
    flags += [False] * left
    order = np.lexsort((~np.array(flags), np.array(when)))
    return CurvePatients(np.array(when)[order], np.array(flags)[order])


_Part = tuple[tuple[Floats, float], float, Steps]
"""Times of the points of an interval and its end; its begin; what happens in it."""


def _walk(
    t: Floats, s: Floats, risk: Sequence[tuple[float, int]], events: int | None
) -> list[_Part]:
    """Interval by interval; a point just before a printed number may belong behind it."""
    lean = LEAN * float(t[-1])
    ends = [low for low, _ in risk[1:]]
    # Per way to read the points about the boundary: cost, estimate, and what was walked.
    ways: dict[bool, tuple[float, float, list[_Part]]] = {False: (0.0, 1.0, [])}
    for k, (low, n) in enumerate(risk):
        last = k + 1 == len(risk)
        high = float(t[-1]) if last else ends[k]
        next_: dict[bool, tuple[float, float, list[_Part]]] = {}
        for begun, (cost, km, done) in ways.items():
            for behind in (False,) if last else (False, True):
                first = low - lean if begun else low
                final = high - lean if behind else high
                # What happens on the day of a printed number happens after it was counted.
                inside = (t >= first) & ((t <= final) if last else (t < final)) & (t > 0)
                if behind and not ((t >= final) & (t < high)).any():
                    continue
                own_t, own_s = np.maximum(t[inside], low), s[inside]
                sofar = sum(sum(p[2].events) for p in done)
                wanted = None if last else risk[k + 1][1]
                found = _between(own_t, own_s, n, km, (low, high), wanted, events, sofar, done)
                total = cost + found.cost
                if behind not in next_ or total < next_[behind][0]:
                    part: _Part = ((own_t, high), low, found)
                    next_[behind] = (total, found.survival, [*done, part])
        ways = next_
    return min(ways.values(), key=lambda w: w[0])[2]


def _between(
    t: Floats, s: Floats, n: int, km: float, ends: tuple[float, float], wanted: int | None,
    events: int | None, done: int, before: Sequence[_Part],
) -> Steps:  # fmt: skip
    """What happens in one interval; as near to the total of events as its points allow."""
    low, high = ends
    gone = sum(sum(p[2].censored) for p in before)
    likely = _censored(t, s, n, km, low, high, wanted, events, done, gone)
    within = Interval(low, high, n, wanted, float(likely))
    found = steps(t, s, within, km)
    if found is None:
        d, _, left, after = _interval(t, s, n, km, likely, low, high)
        found = Steps(1e6, tuple(d), (0,) * len(d) + (likely,), after, max(left, 0))
    if wanted is not None or events is None:
        return found
    best, a, b = found, -40.0, 40.0
    for _ in range(14):  # a price on events, until there are as many as printed
        more = done + sum(best.events) - events
        if not more:
            break
        price = (a + b) / 2
        tried = steps(t, s, within, km, price) or best
        over = done + sum(tried.events) - events
        a, b = (price, b) if over > 0 else (a, price)
        if abs(over) < abs(more):
            best = tried
    return best


def _censored(
    t: Floats, s: Floats, n: int, km: float, low: float, high: float, wanted: int | None,
    events: int | None, done: int, before: int,
) -> int:  # fmt: skip
    """Number censored in an interval: the one that leaves the printed number, or the total."""
    if wanted is None and events is None:
        rate = before / low if low > 0 else 0.0
        return min(n, round(rate * (high - low)))
    best: tuple[float, int] | None = None
    for censored in range(n + 1):
        d, _, left, _ = _interval(t, s, n, km, censored, low, high)
        if left < 0:
            break
        miss = abs(left - wanted) if wanted is not None else abs(done + sum(d) - (events or 0))
        if best is None or miss < best[0]:
            best = (miss, censored)
    return best[1] if best is not None else 0
