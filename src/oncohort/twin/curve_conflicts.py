"""Figures of one curve that contradict each other: medians, limits, rates, numbers at risk.

Survival never rises, it crosses one half at the median, nobody comes back to be at risk, and a
Kaplan-Meier estimate falls by no more than the numbers at risk do: those at risk later are at most
as many as the curve leaves alive of those before. On the scale of logarithms all of these are
bounds of differences, so a set of figures is possible or not for certain.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.published.figures import COHORT, slug
from oncohort.published.model import Published, Time
from oncohort.published.rounding import interval, number
from oncohort.twin.contradictions import Impossible
from oncohort.twin.evaluate import days_per


@dataclass(frozen=True, slots=True)
class Point:
    """Survival of ``low`` to ``high`` at a day: before or ``after`` what happens on it.

    ``at_risk``: patients at risk then, where they are printed.
    """

    key: str
    day: float
    after: bool
    low: float
    high: float
    at_risk: int | None = None


def _days(text: str, unit: str) -> tuple[float, float] | None:
    allowed = interval(text) if text else None
    if allowed is None:
        return None
    return float(allowed.low) * days_per(unit), float(allowed.high) * days_per(unit)


def points_of(published: Published, endpoint: str) -> Iterator[Point]:
    """What is printed of a curve; the figures that count most come first."""
    for t in published.times:
        if slug(t.endpoint) != endpoint or t.population not in COHORT:
            continue
        day = _days(t.median, t.unit)
        if day is not None:
            key = f"times.{endpoint}.median"
            yield Point(key, day[0], False, 0.5, 1.0)
            yield Point(key, day[1], True, 0.0, 0.5)
        break
    for x in published.landmarks:
        if slug(x.endpoint) != endpoint or x.population not in COHORT:
            continue
        read, share = number(x.time), interval(x.percent) if x.percent else None
        if read is not None and share is not None:
            key = f"landmarks.{endpoint}.{slug(x.time)}.percent"
            day_ = float(read.value) * days_per(x.unit)
            yield Point(key, day_, True, float(share.low) / 100, float(share.high) / 100)
    for c in published.curves:
        if slug(c.endpoint) != endpoint or c.population not in COHORT:
            continue
        for a, b in c.at_risk:
            read, count = number(a), number(b)
            if read is not None and count is not None:
                key = f"curves.{endpoint}.at_risk.{slug(a)}"
                day_ = float(read.value) * days_per(c.unit)
                yield Point(key, day_, False, 0.0, 1.0, int(count.value))


def _log(share: float) -> float:
    return math.log(share) if share > 0 else -math.inf


def possible(points: Sequence[Point], n: int | None) -> bool:
    """Whether some curve has all of these points.

    Differences of logarithms of survival are bounded; the bounds contradict each other where going
    round a circle of them gets below zero (Bellman and Ford).
    """
    start = Point("", -1.0, False, 1.0, 1.0, n)
    nodes = [start, *sorted(points, key=lambda p: (p.day, p.after))]
    most = np.full((len(nodes), len(nodes)), np.inf)  # x[j] - x[i] <= most[i, j]
    for i, p in enumerate(nodes):
        if i:
            most[0, i] = min(most[0, i], _log(p.high))
            most[i, 0] = min(most[i, 0], -_log(p.low))
        for j in range(i + 1, len(nodes)):
            q = nodes[j]
            most[i, j] = min(most[i, j], 0.0)
            if p.at_risk and q.at_risk:
                most[j, i] = min(most[j, i], math.log(p.at_risk / q.at_risk))
            if p.at_risk == 0 and q.at_risk:
                return False
    far = np.zeros(len(nodes))
    for _ in range(len(nodes) + 1):
        nearer = np.minimum(far, (far[:, None] + most).min(axis=0))
        if np.allclose(nearer, far, rtol=0, atol=1e-9):
            return True
        far = nearer
    return False


def _why(conflict: Collection[str]) -> str:
    risk = [k for k in conflict if ".at_risk." in k]
    if len(risk) == len(conflict):
        return "numbers at risk never rise, and nobody is at risk who is no patient"
    if risk:
        return (
            "those at risk later are at most as many as the curve leaves alive of those before: "
            "a Kaplan-Meier estimate falls by no more than the numbers at risk do"
        )
    return "survival never rises"


def _aside(points: Sequence[Point], n: int | None) -> list[str]:
    """Fewest figures to set aside; of several choices the one that leaves the first figures."""
    keys = list(dict.fromkeys(p.key for p in points))

    def without(gone: Collection[str]) -> bool:
        return possible([p for p in points if p.key not in gone], n)

    for size in range(4):
        for gone in combinations(reversed(keys), size):
            if without(gone):
                return list(gone)
    kept: list[str] = []
    for key in keys:
        if without(set(keys) - {*kept, key}):
            kept.append(key)
    return [k for k in keys if k not in kept]


def smallest(
    points: Sequence[Point], n: int | None, kept: Sequence[str], key: str
) -> tuple[str, ...]:
    """A smallest set of figures with this one that no curve has: none of them can be left out.

    Sets of up to three are tried in order of size, larger ones are thinned out one by one.
    """

    def fails(keys: Collection[str]) -> bool:
        return not possible([p for p in points if p.key in keys], n)

    for size in range(3):
        for others in combinations(kept, size):
            if fails({*others, key}):
                return (*others, key)
    left = [*kept, key]
    for each in kept:
        if fails([k for k in left if k != each]):
            left.remove(each)
    return tuple(left)


def impossible_curves(published: Published, endpoints: Sequence[str]) -> dict[str, Impossible]:
    """Medians, limits, rates and numbers at risk that no curve has together.

    Examples
    --------
    >>> from oncohort.published.model import Landmark, Time
    >>> early, late = Landmark("OS", "12", "months", "60"), Landmark("OS", "24", "months", "70")
    >>> conflicts = impossible_curves(Published(landmarks=(early, late)), ("os",))
    >>> conflicts["landmarks.os.24.percent"].conflict
    ('landmarks.os.12.percent', 'landmarks.os.24.percent')
    """
    out: dict[str, Impossible] = {}
    for endpoint in endpoints:
        points = list(points_of(published, endpoint))
        gone, wrong = _aside(points, published.n), _limits(published, endpoint)
        middle = f"times.{endpoint}.median"
        if gone and wrong and middle not in gone:
            fewer = [middle, *_aside([p for p in points if p.key != middle], published.n)]
            if len(fewer) < len(gone) + len(wrong):  # the median is what is wrong
                gone, wrong = fewer, {}
        kept = [k for k in dict.fromkeys(p.key for p in points) if k not in gone]
        for key in gone:
            conflict = smallest(points, published.n, kept, key)
            out[key] = Impossible(_why(conflict), conflict)
        out |= wrong
    return out


def _limits(published: Published, endpoint: str) -> dict[str, Impossible]:
    """Confidence limits on the wrong side of their median."""
    out: dict[str, Impossible] = {}
    for t in published.times:
        if slug(t.endpoint) != endpoint or t.population not in COHORT:
            continue
        middle = _days(t.median, t.unit)
        for part, sign in (("low", 1), ("high", -1)):
            limit = _days(getattr(t, part), t.unit)
            if middle is None or limit is None:
                continue
            wrong = limit[0] > middle[1] if sign > 0 else limit[1] < middle[0]
            if wrong:
                key = f"times.{endpoint}"
                why = "a median lies between its limits"
                out[f"{key}.{part}"] = Impossible(why, (f"{key}.median", f"{key}.{part}"))
        break
    return out


def without(published: Published, impossible: Collection[str]) -> Published:
    """The figures of curves without those of these keys."""

    def kept(key: str, text: str) -> str:
        return "" if key in impossible else text

    def of(t: Time) -> Time:
        key = f"times.{slug(t.endpoint)}"
        middle, low, high = (kept(f"{key}.{x}", getattr(t, x)) for x in ("median", "low", "high"))
        return replace(t, median=middle, low=low, high=high)

    times = tuple(of(t) for t in published.times)
    landmarks = tuple(
        replace(x, percent=kept(f"landmarks.{slug(x.endpoint)}.{slug(x.time)}.percent", x.percent))
        for x in published.landmarks
    )
    curves = tuple(
        replace(
            c,
            at_risk=tuple(
                pair
                for pair in c.at_risk
                if kept(f"curves.{slug(c.endpoint)}.at_risk.{slug(pair[0])}", "yes")
            ),
        )
        for c in published.curves
    )
    return replace(published, times=times, landmarks=landmarks, curves=curves)
