"""Residuals of a Cox fit, and the robust variance made of them; all correct under Efron's ties.

With ``M_i`` the martingale residual, ``xbar_kl = (S1 - (l/d) D1) / phi_kl`` the mean covariate at
the l-th of d tied deaths and ``f = l / d``:

- martingale: ``delta_i - exp(eta_i) H_i``
- deviance: ``sign(M) sqrt(-2 (M + delta log(delta - M)))``
- Schoenfeld: ``x_i`` minus the mean of ``xbar_kl`` over the tied deaths, one row per event
- score: ``(x_i - xbar)`` summed against the row's martingale increments
- dfbeta: score residuals times the covariance: change of the coefficients without the row

The robust (sandwich) variance is ``D'D`` with ``D`` the weighted dfbetas, summed within clusters
(Lin and Wei 1989, JASA 84:1074). A Breslow-form residual after an Efron fit makes robust standard
errors too small where ties are heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Floats, Ints
from oncohort.stats._cox.terms import Hazard, first_moments, hazard, running
from oncohort.stats.errors import InputError

if TYPE_CHECKING:
    from oncohort.stats._cox.model import Model
    from oncohort.stats._cox.result import CoxResult

KINDS = ("martingale", "deviance", "score", "dfbeta", "dfbetas")


@dataclass(frozen=True, slots=True)
class Schoenfeld:
    """Schoenfeld residuals, one row per event, ordered by stratum and time.

    Attributes
    ----------
    time
        ``(events,)``.
    residual, scaled
        ``(events, p)``; `scaled` estimates the coefficient over time (Grambsch and Therneau
        1994, Biometrika 81:515).
    rows
        Positions in the input.
    """

    time: Floats
    residual: Floats
    scaled: Floats
    rows: Ints


def residuals(result: CoxResult, kind: str = "martingale") -> Floats:
    """Residuals ``(n,)``, or ``(n, p)`` for score, dfbeta and dfbetas; rows as used.

    R: ``residuals(fit, type = kind)``. No study asks for it: residuals are looked at, not printed.
    """
    model = result.model
    if model.ties not in ("efron", "breslow"):
        raise InputError("residuals need Efron or Breslow ties")
    if kind == "martingale":
        return martingale(model)
    if kind == "deviance":
        return deviance(model)
    if kind == "score":
        return score(model)
    if kind == "dfbeta":
        return dfbeta(model, result.naive_covariance)
    if kind == "dfbetas":
        naive_se = np.sqrt(np.diagonal(result.naive_covariance))
        return np.asarray(dfbeta(model, result.naive_covariance) / naive_se)
    raise InputError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")


def martingale(model: Model) -> Floats:
    """Observed minus expected events, ``(n,)``."""
    d = model.design
    h = hazard(d, model.beta)
    return _scatter(model, _row_martingale(model, h))


def _row_martingale(model: Model, h: Hazard) -> Floats:
    d = model.design
    out = -np.exp(h.eta) * h.row
    out[d.death_rows] += 1.0
    return np.asarray(out)


def _scatter(model: Model, values: Floats) -> Floats:
    out = np.zeros((model.data.n, *values.shape[1:]))
    out[model.design.rows] = values
    return out


def deviance(model: Model) -> Floats:
    """Martingale residuals made more symmetric, ``(n,)``."""
    m = martingale(model)
    died = model.data.event
    inner = m.copy()
    inner[died] += np.log(1.0 - m[died])
    return np.asarray(np.sign(m) * np.sqrt(np.maximum(-2.0 * inner, 0.0)))


def score(model: Model) -> Floats:
    """Score residuals ``(n, p)`` without case weights; weighted they sum to the score, zero."""
    d = model.design
    h = hazard(d, model.beta)
    s1, d1 = first_moments(d, h)
    total = _death_weight(model)
    risk = np.exp(h.eta)[:, None]
    mean = (h.a1[:, None] * s1 - h.b1[:, None] * d1) / total[:, None]
    drift = running(h.a2[:, None] * s1 - h.b2[:, None] * d1, d.sptr[:-1], backwards=True)
    exposed = np.repeat(drift, np.diff(d.gptr), axis=0)
    if d.leave is not None:
        exposed[d.gone] -= drift[d.leave[d.gone]]
    per_death = np.diff(d.dptr)
    own = h.b2[:, None] * s1 - h.c2[:, None] * d1
    exposed[d.death_rows] -= np.repeat(own, per_death, axis=0)
    out = d.x * _row_martingale(model, h)[:, None] + risk * exposed
    out[d.death_rows] -= np.repeat(mean, per_death, axis=0)
    return _scatter(model, out)


def _death_weight(model: Model) -> Floats:
    d = model.design
    if d.weight is None:
        return d.deaths.astype(np.float64)
    return np.asarray(np.add.reduceat(d.weight[d.death_rows], d.dptr[:-1]))


def dfbeta(model: Model, covariance: Floats) -> Floats:
    """Approximate change of the coefficients when a row (with its weight) is left out."""
    out = score(model) @ np.nan_to_num(covariance)
    if model.data.weight is not None:
        out = out * model.data.weight[:, None]
    return np.asarray(np.where(np.isnan(np.diagonal(covariance)), np.nan, out))


def robust_covariance(model: Model, naive: Floats) -> Floats:
    """Sandwich covariance ``(p, p)``, by cluster where the data has clusters."""
    influence = dfbeta(model, naive)
    if model.data.cluster is not None:
        summed = np.zeros((int(model.data.cluster.max()) + 1, influence.shape[1]))
        np.add.at(summed, model.data.cluster, influence)
        influence = summed
    return np.asarray(influence.T @ influence)


def schoenfeld(result: CoxResult) -> Schoenfeld:
    """Schoenfeld and scaled Schoenfeld residuals; R: ``residuals(fit, "schoenfeld")``.

    No study asks for it: a paper prints the test of proportional hazards (`ph_test`), not them.
    """
    model = result.model
    d = model.design
    h = hazard(d, model.beta)
    s1, d1 = first_moments(d, h)
    mean = (h.a1[:, None] * s1 - h.b1[:, None] * d1) / _death_weight(model)[:, None]
    per_death = np.diff(d.dptr)
    raw = d.x[d.death_rows] - np.repeat(mean, per_death, axis=0)
    times = np.repeat(d.times, per_death)
    rows = d.rows[d.death_rows]
    order = np.lexsort((rows, times, np.repeat(d.stratum, per_death)))
    raw = raw[order]
    scaled = raw @ np.nan_to_num(result.naive_covariance) * len(raw) + model.beta
    return Schoenfeld(times[order], raw, scaled, model.kept[rows[order]])
