"""Restricted mean survival time, its difference and ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import Counts, counts_by_group
from oncohort.stats._jackknife import log_survival_influence, weighted_total, whole
from oncohort.stats._show import Row, Shown, left_out_text, p_text
from oncohort.stats.curve_result import State
from oncohort.stats.distributions import ndtr, ndtri
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Label, SurvivalData, check_level, read_survival
from oncohort.stats.times import distinct_values, nearest_times


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time lived up to `tau` in one group: the area under its Kaplan-Meier curve."""

    label: Label
    value: float
    se: float
    low: float
    high: float
    n: int
    n_events: int


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two groups compared: `kind` is "difference" (second minus first) or "ratio"."""

    kind: str
    first: Label
    second: Label
    value: float
    low: float | None
    high: float | None
    z: float | None
    p: float | None
    state: State = "ok"
    """"not_estimable" (and the four numbers before it none) where no group has an event."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RmstResult(Shown):
    """Restricted means of all rows or of each group, and contrasts with the first group."""

    means: tuple[RestrictedMean, ...]
    contrasts: tuple[Contrast, ...]
    tau: float
    level: float
    method: str
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def mean(self) -> RestrictedMean:
        """The only mean."""
        if len(self.means) != 1:
            raise InputError(f"there are {len(self.means)} groups: choose one of means")
        return self.means[0]

    @property
    def value(self) -> float:
        """The only mean's value."""
        return self.mean.value

    @property
    def se(self) -> float:
        """The only mean's standard error."""
        return self.mean.se

    def contrast(self, kind: str = "difference", second: Column | None = None) -> Contrast:
        """A contrast by kind and, with three or more groups, by its second group."""
        found = [
            c for c in self.contrasts if c.kind == kind and (second is None or c.second == second)
        ]
        if len(found) != 1:
            raise InputError(f"{len(found)} contrasts are {kind!r} with second group {second!r}")
        return found[0]

    def _rows(self) -> Sequence[Row]:
        means = [
            {
                "quantity": "restricted mean",
                "group": "all" if m.label is None else str(m.label),
                "value": m.value,
                "se": m.se,
                "low": m.low,
                "high": m.high,
                "p": None,
            }
            for m in self.means
        ]
        return means + [
            {
                "quantity": c.kind,
                "group": f"{c.second} - {c.first}"
                if c.kind == "difference"
                else f"{c.second} / {c.first}",
                "value": c.value,
                "se": None,
                "low": c.low,
                "high": c.high,
                "p": c.p,
            }
            for c in self.contrasts
        ]

    def _title(self) -> str:
        return f"Restricted mean survival time up to {self.tau:g}"

    def _notes(self) -> Sequence[str]:
        tests = [
            f"{c.second} against {c.first}: {p_text(c.p)}"
            for c in self.contrasts
            if c.kind == "difference"
        ]
        return [
            *tests,
            self.method,
            f"{self.n} rows, {self.n_events} events",
            left_out_text(self.left_out),
        ]


def rmst(
    time: Column,
    event: Column,
    *,
    tau: float | None = None,
    group: Column | None = None,
    entry: Column | None = None,
    weights: Column | None = None,
    level: float = 0.95,
    robust: bool | None = None,
) -> RmstResult:
    """Restricted mean survival time (Royston and Parmar 2011, Stat Med 30:2409).

    Parameters
    ----------
    time, event, group, entry, weights, level
        As in :func:`oncohort.stats.kaplan_meier`.
    tau
        Time up to which the curve's area is taken; by default the smallest of the groups' largest
        times. After a group's last observation there is no curve, unless it has come to 0.

    robust
        Variance of the infinitesimal jackknife; by default where weights are not whole numbers.

    Returns
    -------
    RmstResult
        With groups also the difference and the ratio of each group to the first.

    Notes
    -----
    Variance ``sum over events up to tau of A(t)^2 d / (n (n - d))`` with ``A(t)`` the area from
    ``t`` to `tau`; the ratio's interval is made on the log scale.
    R: ``print(survfit(...), rmean = tau)``, ``survRM2::rmst2``.

    Examples
    --------
    >>> result = rmst([1, 2, 3, 4], [1, 1, 1, 1], tau=4)
    >>> result.value
    2.5
    """
    check_level(level)
    data = read_survival(time, event, entry=entry, weights=weights, group=group)
    groups = list(counts_by_group(data))
    if tau is not None:
        tau = float(nearest_times(tau, distinct_values(data.time))[0])
    if robust is None:
        robust = not whole(data.weight)
    last = min(
        float("inf") if counts.at_risk[-1] == counts.events[-1] else float(counts.time[-1])
        for _, _, counts in groups
    )
    chosen = min(float(counts.time[-1]) for _, _, counts in groups) if tau is None else float(tau)
    if not 0 < chosen < float("inf"):
        raise InputError(f"tau must be above zero and finite, it is {chosen}")
    if chosen > last:
        raise InputError(
            f"tau is {chosen:g}, but a group's follow-up ends at {last:g} with its curve above 0; "
            f"choose tau up to {last:g}"
        )
    z = float(ndtri(0.5 + 0.5 * level))
    kind = "Greenwood-type variance"
    if robust:
        kind = "variance of the infinitesimal jackknife (robust)"
    means = []
    for label, rows, counts in groups:
        value, variance = area(counts, chosen, rows if robust else None)
        se = variance**0.5
        means.append(
            RestrictedMean(
                label, value, se, value - z * se, value + z * se, rows.n, int(rows.event.sum())
            )
        )
    contrasts: list[Contrast] = []
    for other in means[1:]:
        contrasts += _contrasts(means[0], other, z)
    return RmstResult(
        tuple(means),
        tuple(contrasts),
        chosen,
        level,
        f"Area under the Kaplan-Meier curve up to {chosen:g}"
        f"{' (the shortest of the largest times)' if tau is None else ''}, "
        f"{kind}, {100 * level:g} % normal intervals"
        f"{', of the ratio on the log scale' if contrasts else ''}.",
        data.n,
        int(data.event.sum()),
        data.left_out,
    )


def area(c: Counts, tau: float, robust: SurvivalData | None = None) -> tuple[float, float]:
    """Area under the curve up to `tau`, and its variance (of the jackknife of rows, if given)."""
    use = c.time <= tau
    n, d, t = c.at_risk[use], c.events[use], c.time[use]
    left = n - d
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(n > 0, left / n, 1.0))
        # Where the curve comes to 0 nothing is left to vary: the area from there on is 0.
        hazard = np.where((d > 0) & (left > 0), d / (n * left), 0.0)
    edges = np.concatenate([[0.0], t, [tau]])
    pieces = np.diff(edges) * np.concatenate([[1.0], survival])
    after = np.cumsum(pieces[::-1])[::-1]
    if robust is None:
        return float(after[0]), float((after[1:] ** 2 * hazard).sum())
    factor = np.zeros(len(c.time))
    factor[use] = after[1:]
    own, step = log_survival_influence(c)
    return float(after[0]), weighted_total(c, robust, own, step, factor)


def _contrasts(first: RestrictedMean, second: RestrictedMean, z: float) -> list[Contrast]:
    difference = second.value - first.value
    se = (first.se**2 + second.se**2) ** 0.5
    if se == 0:
        values = {"difference": difference, "ratio": second.value / first.value}
        return [
            Contrast(
                kind, first.label, second.label, value, None, None, None, None, "not_estimable"
            )
            for kind, value in values.items()
        ]
    logged = float(np.log(second.value / first.value))
    log_se = ((first.se / first.value) ** 2 + (second.se / second.value) ** 2) ** 0.5
    return [
        Contrast(
            "difference",
            first.label,
            second.label,
            difference,
            difference - z * se,
            difference + z * se,
            difference / se,
            2 * float(ndtr(-abs(difference / se))),
        ),
        Contrast(
            "ratio",
            first.label,
            second.label,
            float(np.exp(logged)),
            float(np.exp(logged - z * log_se)),
            float(np.exp(logged + z * log_se)),
            logged / log_se,
            2 * float(ndtr(-abs(logged / log_se))),
        ),
    ]
