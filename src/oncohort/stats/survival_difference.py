"""Survival of two groups compared at fixed times: the difference, its interval and test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text, named
from oncohort.stats.curve_result import AtTime, KaplanMeierResult, State
from oncohort.stats.curves import kaplan_meier
from oncohort.stats.distributions import ndtr, ndtri
from oncohort.stats.errors import TooFewGroupsError
from oncohort.stats.inputs import Column, Label, check_choice

TESTS = ("plain", "log-log")


@dataclass(frozen=True, slots=True)
class SurvivalDifference:
    """Survival of `second` minus that of `first` at one time.

    Attributes
    ----------
    value, low, high
        Difference with its interval; none after the last observation of a group.
    z, p
        Of the test that both are equal; none where neither curve has a variance there.
    """

    time: float
    first: Label
    second: Label
    value: float | None
    low: float | None
    high: float | None
    z: float | None
    p: float | None
    state: State = "ok"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SurvivalDifferences(Shown):
    """Each group against the first, at each time."""

    differences: tuple[SurvivalDifference, ...]
    curves: KaplanMeierResult
    level: float
    method: str
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "time": d.time,
                "groups": f"{d.second} - {d.first}",
                "difference": d.value,
                "low": d.low,
                "high": d.high,
                "p": d.p,
            }
            for d in self.differences
        ]

    def _title(self) -> str:
        return "Differences of survival"

    def _notes(self) -> Sequence[str]:
        return [
            self.method,
            f"{self.n} rows, {self.n_events} events",
            left_out_text(self.left_out),
        ]


def survival_difference(
    time: Column,
    event: Column,
    group: Column,
    *,
    times: Iterable[float] | float,
    entry: Column | None = None,
    weights: Column | None = None,
    test: str = "plain",
    level: float = 0.95,
    robust: bool | None = None,
) -> SurvivalDifferences:
    """Difference of Kaplan-Meier estimates between groups at fixed times.

    Parameters
    ----------
    time, event, group, entry, weights, robust
        As in :func:`oncohort.stats.kaplan_meier`; every group is compared with the first.
    times
        Fixed before looking at the data, in the unit of time.
    test
        "plain": the difference over its standard error. "log-log": both estimates on that scale,
        which keeps its level in small samples (Klein, Logan, Harhoff and Andersen 2007, Stat Med
        26:4505). The interval is that of the difference in either case.

    Returns
    -------
    SurvivalDifferences

    Raises
    ------
    TooFewGroupsError

    Examples
    --------
    >>> found = survival_difference([2, 4, 6, 8, 3, 6, 9, 12], [1, 1, 1, 1, 1, 0, 1, 0],
    ...                             list("aaaabbbb"), times=5)
    >>> found.differences[0].value
    0.25
    """
    check_choice(test, TESTS, "test")
    curves = kaplan_meier(
        time, event, entry=entry, weights=weights, group=group, level=level, robust=robust
    )
    labels = list(curves.groups)
    if len(labels) < 2:
        raise TooFewGroupsError(f"a comparison needs two groups; there is {named(labels)}")
    wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
    points = {label: curve.at(wanted) for label, curve in curves.groups.items()}
    z = float(ndtri(0.5 + 0.5 * level))
    found = [
        _difference(labels[0], label, one, other, z, test)
        for label in labels[1:]
        for one, other in zip(points[labels[0]], points[label], strict=True)
    ]
    kind = "robust" if "robust" in curves.method else "Greenwood"
    scale = "difference" if test == "plain" else "log-log scale"
    return SurvivalDifferences(
        tuple(found),
        curves,
        level,
        f"Difference of Kaplan-Meier estimates with {100 * level:g} % normal intervals "
        f"({kind} variances), tests on the {scale}.",
        curves.n,
        curves.n_events,
        curves.left_out,
    )


def _difference(
    first: Label, second: Label, one: AtTime, other: AtTime, z: float, test: str
) -> SurvivalDifference:
    a, b = one.survival, other.survival
    if a is None or b is None:
        return SurvivalDifference(
            one.time, first, second, None, None, None, None, None, "not_estimable"
        )
    # Once a curve is at 0 nothing is left to vary.
    variances = [(p.se or 0.0) ** 2 for p in (one, other)]
    se = sum(variances) ** 0.5
    value = b - a
    if se == 0:
        return SurvivalDifference(
            one.time, first, second, value, None, None, None, None, "not_estimable"
        )
    ratio: float | None = value / se
    if test == "log-log":
        ratio = _log_log(a, b, *variances)
    p = None if ratio is None else 2 * float(ndtr(-abs(ratio)))
    low, high = max(value - z * se, -1.0), min(value + z * se, 1.0)
    return SurvivalDifference(one.time, first, second, value, low, high, ratio, p)


def _log_log(a: float, b: float, variance_a: float, variance_b: float) -> float | None:
    """Standardised difference of ``log(-log S)``; none where a curve is at 0 or 1."""
    if not (0 < a < 1 and 0 < b < 1):
        return None
    scaled = [v / (s * np.log(s)) ** 2 for s, v in ((a, variance_a), (b, variance_b))]
    gap = np.log(-np.log(a)) - np.log(-np.log(b))
    return float(gap / sum(scaled) ** 0.5)
