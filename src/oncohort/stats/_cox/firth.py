"""Firth's penalised partial likelihood: finite hazard ratios under separation, less bias.

The penalty is half the log determinant of the information, ``l*(b) = l(b) + log|I(b)| / 2``
(Firth 1993, Biometrika 80:27; Heinze and Schemper 2001, Biometrics 57:114), so the score gains
``tr(I^-1 dI/db_r) / 2``. With ``q_i = x_i' I^-1 x_i`` and expectations over the risk set at each
death, that trace is a sum of ``E[x_r q] - mu_r E[q] - 2 (E[x_r x'] I^-1 mu - mu_r mu' I^-1 mu)``:
first moments of ``x q`` and second moments of ``x``, no third-order array. Intervals and tests
are of the penalised profile likelihood with the penalty of the full model, as in SAS PHREG FIRTH
and R's coxphf.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from oncohort.stats._cox.design import Bools, Design, Floats
from oncohort.stats._cox.newton import Derivatives, inverse
from oncohort.stats._cox.terms import Hazard, Terms, hazard, running


def penalised(
    design: Design, plain: Callable[[Floats], Derivatives], free: Bools
) -> Callable[[Floats], Terms]:
    """Evaluator of the penalised likelihood; the determinant is that of the `free` columns."""
    index = np.flatnonzero(free)

    def evaluate(beta: Floats) -> Terms:
        here = plain(beta)
        sub = here.info[np.ix_(index, index)]
        sign, logdet = np.linalg.slogdet(sub) if len(index) else (1.0, 0.0)
        if not (np.isfinite(here.loglik) and sign > 0 and np.isfinite(logdet)):
            return Terms(-np.inf, here.score, here.info)
        inv = np.nan_to_num(inverse(here.info, free))
        push = trace_of_derivative(design, hazard(design, beta), inv)
        score = here.score + np.where(free, 0.5 * push, 0.0)
        return Terms(here.loglik + 0.5 * float(logdet), score, here.info)

    return evaluate


def trace_of_derivative(d: Design, h: Hazard, m: Floats) -> Floats:
    """``tr(M dI/db_r)`` for each r, ``(p,)``."""
    p = d.p
    q = np.einsum("ij,jk,ik->i", d.x, m, d.x)
    columns = [
        np.ones((len(d.x), 1)),
        d.x,
        q[:, None],
        d.x * q[:, None],
        (d.x[:, :, None] * d.x[:, None, :]).reshape(len(d.x), p * p),
    ]
    values = np.hstack(columns) * h.w[:, None]
    joined = np.add.reduceat(values, d.gptr[:-1], axis=0)
    if d.leave is not None:
        np.subtract.at(joined, d.leave[d.gone], values[d.gone])
    s = running(joined, d.sptr[:-1])
    deaths = d.deaths
    group = np.repeat(np.arange(d.groups), deaths)
    weight = np.ones(len(group))
    if d.weight is not None:
        total = np.add.reduceat(d.weight[d.death_rows], d.dptr[:-1])
        weight = (total / deaths)[group]
    if d.efron:
        own = np.add.reduceat(values[d.death_rows], d.dptr[:-1], axis=0)
        first = np.cumsum(deaths) - deaths
        f = (np.arange(len(group)) - first[group]) / deaths[group]
        moments = s[group] - f[:, None] * own[group]
    else:
        weight = weight * deaths[group]
        keep = np.flatnonzero(np.diff(group, prepend=-1))
        weight, moments = weight[keep], s
    moments = moments / moments[:, :1]
    mu, eq, exq = moments[:, 1 : p + 1], moments[:, p + 1], moments[:, p + 2 : 2 * p + 2]
    second = moments[:, 2 * p + 2 :].reshape(-1, p, p)
    m_mu = mu @ m
    quad = np.einsum("kj,kj->k", m_mu, mu)
    skew = (
        exq - mu * eq[:, None] - 2.0 * (np.einsum("krj,kj->kr", second, m_mu) - mu * quad[:, None])
    )
    return np.asarray(weight @ skew)
