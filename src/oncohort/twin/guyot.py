"""Patients behind a printed Kaplan-Meier curve: digitised points and numbers at risk.

Source of the method: Guyot, Ades, Ouwens, Welton, BMC Medical Research Methodology 2012;12:9. In
each interval between two printed numbers at risk the number censored is sought with which the
events that the curve's falls speak for leave the printed number at the interval's end; censored
patients lie evenly between. Beyond the last printed number the total of events decides, where it
is printed, otherwise censoring goes on as before.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oncohort.problems import Place, ReadError, problem

Floats = npt.NDArray[np.float64]


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
    """The points, with one half crossed at the printed median by half a patient either way."""
    left = float(np.interp(median, [a for a, _ in risk], [n for _, n in risk]))
    room = 0.35 / max(left, 1.0)
    before = t < median - 1e-9
    at = int(before.sum())
    if at == len(t) or t[at] > median + 1e-9:
        t, s = np.insert(t, at, median), np.insert(s, at, 0.5)
        before = np.insert(before, at, False)
    return t, np.where(before, np.maximum(s, 0.5 + room), np.minimum(s, 0.5 - room))


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
    risk = [r for r in risk if r[0] <= t[-1]]
    if median is not None:
        t, s = _through(t, s, median, risk)
    when: list[float] = []
    flags: list[bool] = []
    n, km = risk[0][1], 1.0
    for k, (low, _) in enumerate(risk):
        last = k + 1 == len(risk)
        high = float(t[-1]) if last else risk[k + 1][0]
        inside = (t > low) & (t <= high) if last else (t > low) & (t < high)
        own_t, own_s = t[inside], s[inside]
        done = sum(flags)
        wanted = None if last else risk[k + 1][1]
        censored = _censored(own_t, own_s, n, km, low, high, wanted, events, done, flags)
        d, at, n, km = _interval(own_t, own_s, n, km, censored, low, high)
        when += [float(day) for day, c in zip(own_t, d, strict=True) for _ in range(c)]
        flags += [True] * sum(d)
        when += at.tolist()
        flags += [False] * len(at)
    when += [float(t[-1])] * n  # still at risk where the curve ends
    flags += [False] * n
    order = np.lexsort((~np.array(flags), np.array(when)))
    return CurvePatients(np.array(when)[order], np.array(flags)[order])


def _censored(
    t: Floats, s: Floats, n: int, km: float, low: float, high: float, wanted: int | None,
    events: int | None, done: int, flags: list[bool],
) -> int:  # fmt: skip
    """Number censored in an interval: the one that leaves the printed number, or the total."""
    if wanted is None and events is None:
        before = sum(not f for f in flags)
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
