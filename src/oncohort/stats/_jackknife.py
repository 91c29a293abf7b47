"""Infinitesimal jackknife of hazards and survival: variances that need no model of the weights.

A row's influence on a hazard-like sum at ``t`` is ``own(T) [it had its event at T <= t]`` minus
``G(min(t, T)) - G(entry)``, so all rows are summed by times, not one by one.
"""

from __future__ import annotations

import numpy as np

from oncohort.stats._counts import Counts
from oncohort.stats.inputs import Floats, Ints, SurvivalData


def whole(weight: Floats | None) -> bool:
    """Weights are numbers of rows (or there are none): variances of counts hold."""
    return weight is None or bool((weight == np.floor(weight)).all())


def log_survival_influence(c: Counts) -> tuple[Floats, Floats]:
    """``own`` and steps of ``G`` for minus the logarithm of the Kaplan-Meier estimate, ``(k,)``."""
    left = c.at_risk - c.events
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(c.events > 0, c.events / (c.at_risk * left), 0.0)
        own = np.where(left > 0, 1.0 / left, 0.0)
    return own, np.where(np.isfinite(step), step, 0.0)


def hazard_influence(c: Counts, rows: SurvivalData, *, one_by_one: bool) -> tuple[Floats, Floats]:
    """The same for the Nelson-Aalen estimate, tied events together or one after the other."""
    own, step = np.zeros(len(c.time)), np.zeros(len(c.time))
    if not one_by_one:
        used = c.events > 0
        own[used] = 1.0 / c.at_risk[used]
        step[used] = c.events[used] / c.at_risk[used] ** 2
        return own, step
    at = np.searchsorted(c.time, rows.time[rows.event], side="right") - 1
    tied = np.bincount(at, minlength=len(c.time))
    for ahead in range(int(tied.max(initial=0))):
        more = tied > ahead
        mean = c.events[more] / tied[more]
        left = c.at_risk[more] - ahead * mean
        step[more] += mean / left**2
        own[more] += (1.0 / left + ahead * mean / left**2) / tied[more]
    return own, step


def positions(c: Counts, rows: SurvivalData) -> tuple[Ints, Ints]:
    """Index of each row's time, and of the first time after its entry."""
    out = np.searchsorted(c.time, rows.time, side="right") - 1
    joins = np.zeros(rows.n, dtype=np.int64)
    if rows.entry is not None:
        joins = np.searchsorted(c.time, rows.entry, side="right")
    return out, joins


def jackknife(c: Counts, rows: SurvivalData, own: Floats, step: Floats) -> Floats:
    """Sum over rows of the squared weighted influence, at each time ``(k,)``."""
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    g = np.cumsum(step)
    out, joins = positions(c, rows)
    start = np.concatenate([[0.0], g])[joins]
    k = len(c.time)
    final = np.where(rows.event, own[out], 0.0) - (g[out] - start)
    settled = np.cumsum(np.bincount(out, (weight * final) ** 2, minlength=k))
    w2 = weight * weight
    sums = []
    for value in (w2, w2 * start, w2 * start * start):
        came = np.bincount(np.minimum(joins, k), value, minlength=k + 1)[:k]
        sums.append(np.cumsum(came) - np.cumsum(np.bincount(out, value, minlength=k)))
    waiting = sums[0] * g * g - 2 * g * sums[1] + sums[2]
    return np.asarray(settled + np.maximum(waiting, 0.0))


def weighted_total(
    c: Counts, rows: SurvivalData, own: Floats, step: Floats, factor: Floats
) -> float:
    """The same for one number: the sum of the influences' steps, each times `factor` ``(k,)``."""
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    g = np.concatenate([[0.0], np.cumsum(step * factor)])
    out, joins = positions(c, rows)
    influence = np.where(rows.event, (own * factor)[out], 0.0) - (g[out + 1] - g[joins])
    return float(((weight * influence) ** 2).sum())
