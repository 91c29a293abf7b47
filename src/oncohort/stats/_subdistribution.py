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

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import count
from oncohort.stats._cox.terms import Terms
from oncohort.stats._jackknife import whole
from oncohort.stats.errors import InputError
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
    cause_rows: Ints
    cause_times: Ints
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
    w: Floats
    """``(n,)`` case weights, 1 without."""
    entry: Floats | None = None
    by_entry: Ints | None = None
    """Rows ordered by entry, latest first."""
    waiting: Ints | None = None
    """``(k,)`` rows with entry >= each event time: the first ones of `by_entry`."""
    frequencies: bool = True
    """The weights are numbers of rows."""


def censoring_survival(
    time: Floats, censored: object, at: Floats, entry: Floats | None = None, w: Floats | None = None
) -> Floats:
    """Kaplan-Meier estimate of staying uncensored just before each time `at`.

    After the last follow-up nothing is known and the estimate is 0 (as in R ``cmprsk::crr``): of a
    censoring group without anybody under observation, nobody stays in the risk set.
    """
    c = count(SurvivalData(time, np.asarray(censored, dtype=np.bool_), entry, w))
    g = np.concatenate([[1.0], np.cumprod(1.0 - c.events / c.at_risk)])
    staying = np.where(at > c.time[-1], 0.0, g[np.searchsorted(c.time, at, side="left")])
    return staying if entry is None else staying * _entered(time, entry, w, at)


def _entered(time: Floats, entry: Floats, w: Floats | None, at: Floats) -> Floats:
    """Share that has entered just before each time `at`, by Kaplan-Meier in reversed time.

    With late entry those who had another event are weighted by it too (Geskus 2011, Biometrics
    67:39); R ``survival::finegray``.
    """
    weight = np.ones(len(time)) if w is None else w
    values, inner = np.unique(entry, return_inverse=True)
    came = np.bincount(inner, weight)
    total = np.concatenate([[0.0], np.cumsum(came)])[1:]
    order = np.argsort(time, kind="stable")
    gone = np.concatenate([[0.0], np.cumsum(weight[order])])
    here = total - gone[np.searchsorted(time[order], values, side="right")]
    factor = np.where(came < here * (1 - 1e-12), 1.0 - came / here, 0.0)
    # After the last entry everybody has entered; before one, those of that time have not.
    share = np.concatenate([np.cumprod(factor[::-1])[::-1], [1.0]])
    return np.asarray(share[np.searchsorted(values, at, side="left")])


def _censoring_weights(
    time: Floats,
    cause: Ints,
    groups: Ints,
    late: tuple[Floats | None, Floats | None],
    times: Floats,
    others: tuple[Floats, Ints],
) -> tuple[Floats, Floats]:
    """G(t-) at each event time in each censoring group, and 1 / G(T-) of rows with another event.

    `late`: entry and case weight of the rows; `others`: time and group of those with another event.
    """
    number = int(groups.max()) + 1
    gone, own_group = others
    g, weights = np.empty((number, len(times))), np.empty(len(gone))
    for code in range(number):
        here = groups == code
        entry, case = (None if v is None else v[here] for v in late)
        rows = (time[here], cause[here] == 0)
        g[code] = censoring_survival(*rows, times, entry, case)
        own = own_group == code
        staying = censoring_survival(*rows, gone[own], entry, case)
        if (staying <= 0).any():
            raise InputError(
                "nobody who entered earlier is at risk at some entry: the weights of rows with "
                "another event can't be estimated; begin later"
            )
        weights[own] = 1.0 / staying
    return g, weights


def prepare(
    time: Floats,
    cause: Ints,
    x: Floats,
    code: int,
    groups: Ints,
    entry: Floats | None = None,
    weight: Floats | None = None,
) -> Rows:
    """Sort the rows once, and weigh those with another event by their censoring group."""
    order = np.argsort(-time, kind="stable")
    t, c, g_of = time[order], cause[order], groups[order]
    center = x.mean(axis=0)
    xs = np.ascontiguousarray(x[order] - center)
    cause_rows = np.flatnonzero(c == code)
    times, inner = np.unique(-t[cause_rows], return_inverse=True)
    times = -times
    w = np.ones(len(t)) if weight is None else weight[order]
    deaths = np.bincount(inner, w[cause_rows])
    last = np.searchsorted(-t, -times, side="right")
    others = np.flatnonzero((c > 0) & (c != code))[::-1]
    g, other_weight = _censoring_weights(
        time, cause, groups, (entry, weight), times, (t[others], g_of[others])
    )
    before = np.searchsorted(t[others], times, side="left")
    sorted_entry = by_entry = waiting = None
    if entry is not None:
        sorted_entry = entry[order]
        by_entry = np.argsort(-sorted_entry, kind="stable")
        waiting = np.searchsorted(-sorted_entry[by_entry], -times, side="right")
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
        cause_rows,
        np.asarray(inner),
        others,
        other_weight,
        g_of[others],
        g,
        before,
        g_of,
        len(g),
        w,
        sorted_entry,
        by_entry,
        waiting,
        whole(weight),
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
    risk = d.w * np.exp(d.x @ beta)
    at_risk = np.concatenate([[0.0], np.cumsum(risk)])[d.last]
    if d.by_entry is not None:
        at_risk -= np.concatenate([[0.0], np.cumsum(risk[d.by_entry])])[d.waiting]
    s0 = at_risk.copy()
    scaled = risk[d.others] * d.other_weight
    for group in range(d.groups):
        own = np.where(d.other_group == group, scaled, 0.0)
        s0 += d.g[group] * np.concatenate([[0.0], np.cumsum(own)])[d.before]
    step = d.deaths / s0
    # Cumulative hazard up to each row's own time: event times at or before it.
    total = np.concatenate([[0.0], np.cumsum(step[::-1])])
    hazard = total[np.searchsorted(d.times[::-1], d.time, side="right")]
    if d.entry is not None:
        hazard = hazard - total[np.searchsorted(d.times[::-1], d.entry, side="right")]
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
        loglik = float(d.w[d.cause_rows] @ eta[d.cause_rows] - d.deaths @ np.log(s.s0))
        weight = s.risk * s.hazard
        score = d.w[d.cause_rows] @ d.x[d.cause_rows] - weight @ d.x
        mean = mean_covariates(d, s)
        info = (d.x * weight[:, None]).T @ d.x - (mean * d.deaths[:, None]).T @ mean
    return Terms(loglik, score, info)


def mean_covariates(d: Rows, s: Sums) -> Floats:
    """``(k, p)`` weighted mean of the covariates over each risk set."""
    p = d.x.shape[1]
    zero = np.zeros((1, p))
    xw = d.x * s.risk[:, None]
    s1 = np.concatenate([zero, np.cumsum(xw, axis=0)])[d.last]
    if d.by_entry is not None:
        s1 = s1 - np.concatenate([zero, np.cumsum(xw[d.by_entry], axis=0)])[d.waiting]
    scaled = d.x[d.others] * (s.risk[d.others] * d.other_weight)[:, None]
    for group in range(d.groups):
        own = np.where((d.other_group == group)[:, None], scaled, 0.0)
        s1 += d.g[group][:, None] * np.concatenate([zero, np.cumsum(own, axis=0)])[d.before]
    return np.asarray(s1 / s.s0[:, None])


def residuals(d: Rows, beta: Floats) -> Floats:
    """Weight times ``eta + psi`` of each sorted row, ``(n, p)``.

    With late entry the weights of rows with another event count as known: no ``psi``.
    """
    s = sums(d, beta)
    mean = mean_covariates(d, s)
    k = len(d.times)
    # eta: own event minus the expected ones, over the time at risk and, weighted, after others.
    drift = mean * s.step[:, None]
    total = np.concatenate([np.zeros((1, mean.shape[1])), np.cumsum(drift[::-1], axis=0)])
    upto = np.searchsorted(d.times[::-1], d.time, side="right")
    exposed = total[upto]
    if d.entry is not None:
        exposed = exposed - total[np.searchsorted(d.times[::-1], d.entry, side="right")]
    after = np.empty((d.groups, k + 1, mean.shape[1]))
    for group in range(d.groups):
        weighted = drift * d.g[group][:, None]
        after[group] = np.concatenate([np.zeros((1, mean.shape[1])), np.cumsum(weighted, axis=0)])
    if len(d.others):
        later = k - upto[d.others]
        exposed[d.others] += after[d.other_group, later] * d.other_weight[:, None]
    eta = -s.risk[:, None] * (d.x * s.hazard[:, None] - exposed)
    eta[d.cause_rows] += d.w[d.cause_rows, None] * (d.x[d.cause_rows] - mean[d.cause_times])
    if d.entry is not None:
        return np.asarray(eta)
    return np.asarray(eta + _psi(d, d.x, s.risk, s.after, after))


def meat(d: Rows, weighted: Floats) -> Floats:
    """Sum of squares of the rows' residuals; a row whose weight is 3 stands for 3 rows."""
    if d.frequencies:
        weighted = weighted / np.sqrt(d.w)[:, None]
    return np.asarray(weighted.T @ weighted)


def hazard_influence(d: Rows, beta: Floats, bread: Floats, until: float) -> tuple[float, Floats]:
    """Cumulative subdistribution hazard at the mean covariates up to `until`, and the weighted
    influence of each sorted row on it, its coefficients' part with ``bread`` given apart:
    ``(n, 1 + p)``, the hazard's own first, then the coefficients'.
    """
    s = sums(d, beta)
    used = d.times <= until
    step = np.where(used, s.step, 0.0)
    baseline = float(step.sum())
    coefficients = residuals(d, beta) @ bread
    drift = (mean_covariates(d, s) * step[:, None]).sum(axis=0)
    thin = (step / s.s0)[:, None]
    total = np.concatenate([[0.0], np.cumsum(thin[::-1, 0])])
    rising = d.times[::-1]
    upto = np.searchsorted(rising, d.time, side="right")
    exposed = total[upto]
    if d.entry is not None:
        exposed = exposed - total[np.searchsorted(rising, d.entry, side="right")]
    k = len(d.times)
    after = np.stack(
        [np.concatenate([[0.0], np.cumsum(thin[:, 0] * d.g[group])]) for group in range(d.groups)]
    )
    if len(d.others):
        exposed[d.others] += after[d.other_group, k - upto[d.others]] * d.other_weight
    own = -s.risk * exposed
    own[d.cause_rows] += np.where(used[d.cause_times], d.w[d.cause_rows] / s.s0[d.cause_times], 0.0)
    if d.entry is None:
        ones = np.ones((len(d.x), 1))
        nothing = np.zeros((d.groups, k + 1, 1))
        own += _psi(d, ones, s.risk, after[:, 1:], nothing)[:, 0]
    return baseline, np.column_stack([own - coefficients @ drift, coefficients])


def _psi(d: Rows, x: Floats, risk: Floats, since: Floats, after: Floats) -> Floats:
    """What each row contributes through the estimated censoring distribution, times its weight.

    `since` is ``(groups, k)`` the sum of ``G dLambda`` at and after each event time, and `after`
    the same times the mean of `x`, with a 0 before it.
    """
    out = np.zeros_like(x)
    rising = d.times[::-1]
    k = len(rising)
    for group in range(d.groups):
        here = np.flatnonzero(d.censoring_group == group)
        t, c = d.time[here], d.cause[here]
        w = d.w[here]
        times, inner = np.unique(t[c == 0], return_inverse=True)
        if not len(times):
            continue
        count = np.bincount(inner, w[c == 0])
        order = np.argsort(t, kind="stable")
        gone = np.concatenate([[0.0], np.cumsum(w[order])])
        at_risk = gone[-1] - gone[np.searchsorted(t[order], times, side="left")]
        # q(u) of others before u, over event times at or after u.
        own = d.other_group == group
        rows = d.others[own]
        scaled = risk[rows] * d.other_weight[own]
        x_sum = np.concatenate(
            [np.zeros((1, x.shape[1])), np.cumsum(x[rows] * scaled[:, None], axis=0)]
        )
        e_sum = np.concatenate([[0.0], np.cumsum(scaled)])
        left = np.searchsorted(d.time[rows], times, side="left")
        later = k - np.searchsorted(rising, times, side="left")
        padded = np.concatenate([[0.0], since[group]])
        q = x_sum[left] * padded[later][:, None] - e_sum[left][:, None] * after[group][later]
        ratio = q / at_risk[:, None]
        running = np.cumsum(ratio * (count / at_risk)[:, None], axis=0)
        running = np.concatenate([np.zeros((1, x.shape[1])), running])
        psi = -running[np.searchsorted(times, t, side="right")]
        censored = c == 0
        psi[censored] += ratio[np.searchsorted(times, t[censored])]
        out[here] = psi * w[:, None]
    return out
