"""Risk-set sums, derivatives and residuals of the Fine-Gray model.

Who had another event stays in the risk set, with a weight that falls as censoring would have:
``G(t-) / G(T-)``. With ``e = exp(X b)``, ``a_t`` the sum of ``e`` over rows still at risk and
``c_t`` the sum of ``e / G(T-)`` over rows whose other event came before ``t``::

    S0(t) = a_t + G(t-) c_t

so every risk-set sum is two running sums, no record is split, and the second moment of the
information is one weighted Gram matrix, as in :mod:`oncohort.stats._cox.terms`.

The variance allows for the estimated censoring distribution (Fine and Gray 1999, JASA 94:496):
``I^-1 [sum (eta + psi)(eta + psi)'] I^-1``, ``eta`` the score residuals and ``psi`` what a row
contributes through ``G``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from oncohort.stats._counts import count
from oncohort.stats._cox.terms import Terms
from oncohort.stats.inputs import Floats, Ints, SurvivalData


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows sorted by time, latest first; event times of the cause latest first."""

    x: Floats
    center: Floats
    time: Floats
    cause: Ints
    code: int
    order: Ints
    times: Floats
    """``(k,)`` distinct event times of the cause, latest first."""
    last: Ints
    """``(k,)`` rows with time >= each of them: the first ``last`` rows."""
    deaths: Floats
    mine: Ints
    mine_at: Ints
    others: Ints
    """Rows with another event, ordered by time, earliest first."""
    other_weight: Floats
    """``1 / G(T-)`` of each."""
    other_group: Ints
    g: Floats
    """``(groups, k)`` G(t-) at each event time."""
    before: Ints
    """``(k,)`` number of `others` with time before each event time."""
    censoring_group: Ints
    groups: int


def censoring_survival(time: Floats, censored: Any, at: Floats) -> Floats:
    """Kaplan-Meier estimate of staying uncensored just before each time `at`.

    After the last follow-up nothing is known and the estimate is 0 (as in R ``cmprsk::crr``): of a
    censoring group without anybody under observation, nobody stays in the risk set.
    """
    c = count(SurvivalData(time, np.asarray(censored, dtype=np.bool_)))
    g = np.concatenate([[1.0], np.cumprod(1.0 - c.events / c.at_risk)])
    return np.where(at > c.time[-1], 0.0, g[np.searchsorted(c.time, at, side="left")])


def prepare(time: Floats, cause: Ints, x: Floats, code: int, groups: Ints) -> Rows:
    order = np.argsort(-time, kind="stable")
    t, c, g_of = time[order], cause[order], groups[order]
    center = x.mean(axis=0)
    xs = np.ascontiguousarray(x[order] - center)
    mine = np.flatnonzero(c == code)
    times, inner, deaths = np.unique(-t[mine], return_inverse=True, return_counts=True)
    times = -times
    last = np.searchsorted(-t, -times, side="right")
    others = np.flatnonzero((c > 0) & (c != code))[::-1]
    number = int(groups.max()) + 1
    g = np.empty((number, len(times)))
    weight = np.empty(len(others))
    for code_g in range(number):
        here = groups == code_g
        g[code_g] = censoring_survival(time[here], cause[here] == 0, times)
        own = g_of[others] == code_g
        weight[own] = 1.0 / censoring_survival(time[here], cause[here] == 0, t[others][own])
    before = np.searchsorted(t[others], times, side="left")
    return Rows(
        xs,
        center,
        t,
        c,
        code,
        order,
        times,
        last,
        deaths.astype(np.float64),
        mine,
        np.asarray(inner),
        others,
        weight,
        g_of[others],
        g,
        before,
        g_of,
        number,
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """Risk-set sums at the event times and each row's cumulative hazard."""

    risk: Floats
    s0: Floats
    step: Floats
    hazard: Floats
    """``(n,)`` weighted cumulative hazard of each row."""
    after: Floats
    """``(groups, k)`` sum of G dLambda at and after each event time, latest first."""


def sums(d: Rows, beta: Floats) -> Sums:
    risk = np.exp(d.x @ beta)
    at_risk = np.concatenate([[0.0], np.cumsum(risk)])[d.last]
    s0 = at_risk.copy()
    scaled = risk[d.others] * d.other_weight
    for group in range(d.groups):
        own = np.where(d.other_group == group, scaled, 0.0)
        s0 += d.g[group] * np.concatenate([[0.0], np.cumsum(own)])[d.before]
    step = d.deaths / s0
    # Cumulative hazard up to each row's own time: event times at or before it.
    total = np.concatenate([[0.0], np.cumsum(step[::-1])])
    hazard = total[np.searchsorted(d.times[::-1], d.time, side="right")]
    after = np.cumsum(d.g * step, axis=1)
    if len(d.others):
        padded = np.concatenate([np.zeros((d.groups, 1)), after], axis=1)
        # Event times strictly after the other event: the first ones, as they stand latest first.
        later = len(d.times) - np.searchsorted(d.times[::-1], d.time[d.others], side="right")
        hazard[d.others] += padded[d.other_group, later] * d.other_weight
    return Sums(risk, s0, step, hazard, after)


def fine_gray_terms(d: Rows, beta: Floats) -> Terms:
    eta = d.x @ beta
    with np.errstate(over="ignore", invalid="ignore"):
        s = sums(d, beta)
        loglik = float(eta[d.mine].sum() - d.deaths @ np.log(s.s0))
        weight = s.risk * s.hazard
        score = d.x[d.mine].sum(axis=0) - weight @ d.x
        mean = mean_covariates(d, s)
        info = (d.x * weight[:, None]).T @ d.x - (mean * d.deaths[:, None]).T @ mean
    return Terms(loglik, score, info)


def mean_covariates(d: Rows, s: Sums) -> Floats:
    """``(k, p)`` weighted mean of the covariates over each risk set."""
    p = d.x.shape[1]
    zero = np.zeros((1, p))
    s1 = np.concatenate([zero, np.cumsum(d.x * s.risk[:, None], axis=0)])[d.last]
    scaled = d.x[d.others] * (s.risk[d.others] * d.other_weight)[:, None]
    for group in range(d.groups):
        own = np.where((d.other_group == group)[:, None], scaled, 0.0)
        s1 += d.g[group][:, None] * np.concatenate([zero, np.cumsum(own, axis=0)])[d.before]
    return np.asarray(s1 / s.s0[:, None])


def residuals(d: Rows, beta: Floats) -> Floats:
    """``eta + psi`` of each sorted row, ``(n, p)``."""
    s = sums(d, beta)
    mean = mean_covariates(d, s)
    k = len(d.times)
    # eta: own event minus the expected ones, over the time at risk and, weighted, after others.
    drift = mean * s.step[:, None]
    total = np.concatenate([np.zeros((1, mean.shape[1])), np.cumsum(drift[::-1], axis=0)])
    upto = np.searchsorted(d.times[::-1], d.time, side="right")
    exposed = total[upto]
    after = np.empty((d.groups, k + 1, mean.shape[1]))
    for group in range(d.groups):
        weighted = drift * d.g[group][:, None]
        after[group] = np.concatenate([np.zeros((1, mean.shape[1])), np.cumsum(weighted, axis=0)])
    if len(d.others):
        later = k - upto[d.others]
        exposed[d.others] += after[d.other_group, later] * d.other_weight[:, None]
    eta = -s.risk[:, None] * (d.x * s.hazard[:, None] - exposed)
    eta[d.mine] += d.x[d.mine] - mean[d.mine_at]
    return np.asarray(eta + _psi(d, s, after))


def _psi(d: Rows, s: Sums, after: Floats) -> Floats:
    """What each row contributes through the estimated censoring distribution."""
    out = np.zeros_like(d.x)
    rising = d.times[::-1]
    k = len(rising)
    for group in range(d.groups):
        here = np.flatnonzero(d.censoring_group == group)
        t, c = d.time[here], d.cause[here]
        times, count = np.unique(t[c == 0], return_counts=True)
        if not len(times):
            continue
        at_risk = len(t) - np.searchsorted(np.sort(t), times, side="left")
        # q(u) of others before u, over event times at or after u.
        own = d.other_group == group
        rows = d.others[own]
        scaled = s.risk[rows] * d.other_weight[own]
        x_sum = np.concatenate(
            [np.zeros((1, d.x.shape[1])), np.cumsum(d.x[rows] * scaled[:, None], axis=0)]
        )
        e_sum = np.concatenate([[0.0], np.cumsum(scaled)])
        gone = np.searchsorted(d.time[rows], times, side="left")
        later = k - np.searchsorted(rising, times, side="left")
        padded = np.concatenate([[0.0], s.after[group]])
        q = x_sum[gone] * padded[later][:, None] - e_sum[gone][:, None] * after[group][later]
        ratio = q / at_risk[:, None]
        running = np.cumsum(ratio * (count / at_risk)[:, None], axis=0)
        running = np.concatenate([np.zeros((1, d.x.shape[1])), running])
        psi = -running[np.searchsorted(times, t, side="right")]
        censored = c == 0
        psi[censored] += ratio[np.searchsorted(times, t[censored])]
        out[here] = psi
    return out
