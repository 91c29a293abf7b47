"""The two exact treatments of tied deaths: conditional and marginal.

Conditional ("exact" in R, DISCRETE in SAS): time is discrete, deaths at one time truly happened
together; the chance of the d who died among all sets of d at risk. The denominator is the
elementary symmetric polynomial e_d of the risk scores, with its gradient and Hessian, from the
recursion of Howard (1972); Gail, Lubin and Rubinstein 1981, Biometrika 68:703.

Marginal (SAS TIES=EXACT): time is continuous, the order of tied deaths is unknown; the chance
that the d died before everybody else at risk, whatever their order (Kalbfleisch and Prentice
1973; DeLong, Guirguis and So 1994, Biometrika 81:607)::

    integral over t > 0 of  prod_j [1 - exp(-r_j t)] exp(-t) dt,   r_j = w_j / sum of w over those
                                                                    at risk who did not die

by the double-exponential rule, to rounding.
"""

from __future__ import annotations

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Bools, Design, Floats, Ints
from oncohort.stats._cox.terms import Terms, running


@dataclass(frozen=True, slots=True)
class _Sums:
    """Zeroth, first and second moments of a set of rows, per event time."""

    s0: Floats
    s1: Floats
    s2: Floats


def _at_risk(d: Design, w: Floats) -> tuple[_Sums, _Sums]:
    """Moments of the risk set and of the deaths at each event time."""
    p = d.p
    columns = [
        np.ones((len(d.x), 1)),
        d.x,
        (d.x[:, :, None] * d.x[:, None, :]).reshape(len(d.x), p * p),
    ]
    values = np.hstack(columns) * w[:, None]
    joined = np.add.reduceat(values, d.gptr[:-1], axis=0)
    if d.leave is not None:
        np.subtract.at(joined, d.leave[d.gone], values[d.gone])
    risk = running(joined, d.sptr[:-1])
    dead = np.add.reduceat(values[d.death_rows], d.dptr[:-1], axis=0)

    def split(v: Floats) -> _Sums:
        return _Sums(v[:, 0], v[:, 1 : p + 1], v[:, p + 1 :].reshape(-1, p, p))

    return split(risk), split(dead)


def _linear(d: Design, beta: Floats) -> Floats:
    eta = d.x @ beta
    return eta if d.offset is None else np.asarray(eta + d.offset)


def _single(d: Design, risk: _Sums, eta: Floats, single: Bools) -> Terms:
    """The ordinary partial likelihood of event times with one death."""
    rows = d.death_rows[d.dptr[:-1][single]]
    s0 = risk.s0[single]
    mean = risk.s1[single] / s0[:, None]
    info = (risk.s2[single] / s0[:, None, None]).sum(axis=0) - mean.T @ mean
    loglik = float(eta[rows].sum() - np.log(s0).sum())
    return Terms(loglik, (d.x[rows] - mean).sum(axis=0), info)


def conditional(d: Design, beta: Floats) -> Terms:
    """Conditional likelihood, score and information."""
    eta = _linear(d, beta)
    with np.errstate(all="ignore"):
        w = np.exp(eta)
        risk, _ = _at_risk(d, w)
        single = d.deaths == 1
        here = _single(d, risk, eta, single)
        tied: Ints = np.flatnonzero(~single)
        if not len(tied):
            return here
        count = d.deaths[tied]
        # Scaled so that the polynomials neither overflow nor vanish.
        unit = count / risk.s0[tied]
        e, g, h = _polynomials(d, w, tied, unit)
        at = np.arange(len(tied))
        value = e[at, count]
        mean = g[at, count] / value[:, None]
        second = h[at, count] / value[:, None, None]
        rows = np.concatenate([d.death_rows[d.dptr[k] : d.dptr[k + 1]] for k in tied])
        loglik = here.loglik + float(eta[rows].sum() - (np.log(value) - count * np.log(unit)).sum())
        score = here.score + d.x[rows].sum(axis=0) - mean.sum(axis=0)
        info = here.info + second.sum(axis=0) - mean.T @ mean
    return Terms(loglik, score, info)


def _polynomials(d: Design, w: Floats, tied: Ints, unit: Floats) -> tuple[Floats, Floats, Floats]:
    """Elementary symmetric polynomials of each tied time's risk set, with derivatives."""
    p, most = d.p, int(d.deaths[tied].max())
    e = np.zeros((len(tied), most + 1))
    g = np.zeros((len(tied), most + 1, p))
    h = np.zeros((len(tied), most + 1, p, p))
    e[:, 0] = 1.0
    group = d.group_of_row
    stratum_end = np.repeat(d.sptr[1:], np.diff(d.sptr))
    leave = stratum_end[group] if d.leave is None else np.minimum(d.leave, stratum_end[group])
    for row in range(len(d.x)):
        a, b = np.searchsorted(tied, [group[row], leave[row]])
        if a == b:
            continue
        x = d.x[row]
        t = (w[row] * unit[a:b])[:, None]
        e0, g0, h0 = e[a:b, :-1], g[a:b, :-1], h[a:b, :-1]
        cross = g0[..., :, None] * x
        h[a:b, 1:] += t[..., None, None] * (
            h0 + cross + np.swapaxes(cross, -1, -2) + e0[..., None, None] * np.outer(x, x)
        )
        g[a:b, 1:] += t[..., None] * (g0 + e0[..., None] * x)
        e[a:b, 1:] += t * e0.copy()
    return e, g, h


def _rule() -> tuple[Floats, Floats]:
    """Nodes and weights for the integral of f(t) exp(-t) over t > 0, double-exponential."""
    s = np.arange(-5.0, 4.3, 1.0 / 64.0)
    t = np.exp(s - np.exp(-s))
    return t, t * (1.0 + np.exp(-s)) / 64.0


NODES, WEIGHTS = _rule()


def marginal(d: Design, beta: Floats) -> Terms:
    """Marginal likelihood, score and information."""
    eta = _linear(d, beta)
    with np.errstate(all="ignore"):
        w = np.exp(eta)
        risk, dead = _at_risk(d, w)
        single = d.deaths == 1
        here = _single(d, risk, eta, single)
        loglik, score, info = here.loglik, here.score.copy(), here.info.copy()
        for k in np.flatnonzero(~single):
            rows = d.death_rows[d.dptr[k] : d.dptr[k + 1]]
            s0 = risk.s0[k] - dead.s0[k]
            if s0 <= 1e-13 * risk.s0[k]:
                continue  # everybody at risk died: that they died first is certain
            mean = (risk.s1[k] - dead.s1[k]) / s0
            spread = (risk.s2[k] - dead.s2[k]) / s0 - np.outer(mean, mean)
            u = d.x[rows] - mean
            y = np.outer(NODES, w[rows] / s0)
            survived = -np.expm1(-y)
            log_density = np.log(survived).sum(axis=1) - NODES
            top = float(log_density.max())
            density = WEIGHTS * np.exp(log_density - top)
            total = float(density.sum())
            loglik += top + float(np.log(total))
            density /= total
            slope = np.where(y < 700, y * np.exp(-y) / survived, 0.0)
            push = slope @ u
            first = density @ push
            bend = density @ (slope * (1.0 - y - slope))
            score += first
            curve = (u.T * bend) @ u + (push.T * density) @ push - np.outer(first, first)
            info -= curve - float((density @ slope).sum()) * spread
    return Terms(loglik, score, info)
