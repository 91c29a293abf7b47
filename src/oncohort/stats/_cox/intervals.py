"""Profile-likelihood and score intervals, and the tests that match them.

Profile: all values of one coefficient whose likelihood-ratio test, with the other coefficients at
their best, is not rejected (Venzon and Moolgavkar 1988, Appl Stat 37:87). Score: the same with the
score test. Both keep their level where the Wald interval does not: few events, skewed likelihoods,
and hazard ratios that run to infinity, where one end stays finite.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from oncohort.stats._cox.design import Bools, Floats
from oncohort.stats._cox.newton import Fit, inverse
from oncohort.stats.distributions import chdtrc, ndtri


class Refits(Protocol):
    """A likelihood that can be maximised again with some coefficients held."""

    @property
    def fit(self) -> Fit: ...
    @property
    def free(self) -> Bools: ...
    def refit(self, *, fixed: Bools | None = None, start: Floats | None = None) -> Fit:
        """Maximise with the `fixed` coefficients held at `start`."""


class Fitted(Protocol):
    """What a fit has to say of itself: its coefficients, and which of them are profiled."""

    @property
    def model(self) -> Refits: ...
    @property
    def beta(self) -> Floats: ...
    @property
    def profiled(self) -> Bools: ...
    @property
    def naive_covariance(self) -> Floats: ...
    @property
    def loglik(self) -> float: ...
    @property
    def level(self) -> float: ...
    @property
    def interval(self) -> str: ...


def coefficient_tests(result: Fitted) -> Floats:
    """p-value of each coefficient being zero: likelihood ratio, or score."""
    out = np.full(len(result.beta), np.nan)
    for j in np.flatnonzero(result.profiled):
        held = _steady(result.model, int(j), 0.0, result.beta, result.beta)
        if held is None:
            continue
        if result.interval == "score":
            statistic = _score_root(result.model, held, int(j)) ** 2
        else:
            statistic = 2.0 * (result.loglik - held.end.loglik)
        out[j] = chdtrc(1, max(statistic, 0.0))
    return out


def intervals(result: Fitted) -> Floats:
    """``(p, 2)`` interval of each coefficient."""
    z = float(ndtri(0.5 + 0.5 * result.level))
    out = np.full((len(result.beta), 2), np.nan)
    for j in np.flatnonzero(result.profiled):
        for side, sign in ((0, -1.0), (1, 1.0)):
            if result.model.fit.diverging[j] and np.sign(result.beta[j]) == sign:
                out[j, side] = sign * np.inf
            else:
                try:
                    out[j, side] = _bound(result, int(j), sign, z)
                except FloatingPointError:
                    continue
    return out


def _held(model: Refits, j: int, value: float, start: Floats) -> Fit:
    fixed = model.fit.aliased.copy()
    fixed[j] = True
    begin = np.where(model.fit.diverging, 0.0, start)
    begin[j] = value
    return model.refit(fixed=fixed, start=begin)


def _steady(model: Refits, j: int, value: float, near: Floats, beta: Floats) -> Fit | None:
    """The fit with one coefficient held, from where it converges; None where it does so nowhere.

    From `near`, from the estimate, and at last step by step from the estimate: a penalised
    likelihood can throw a start that lies far off to infinity.
    """
    for start in (near, beta):
        fit = _held(model, j, value, start)
        if fit.converged:
            return fit
    here = beta
    for part in np.linspace(0, 1, 9)[1:]:
        fit = _held(model, j, float(beta[j] + part * (value - beta[j])), here)
        if not fit.converged:
            return None
        here = fit.beta
    return fit


def _score_root(model: Refits, fit: Fit, j: int) -> float:
    cov = inverse(fit.end.info, model.free)
    return float(fit.end.score[j] * np.sqrt(max(cov[j, j], 0.0)))


def _bound(result: Fitted, j: int, sign: float, z: float) -> float:
    """End of the interval on one side; infinite where the test never rejects there.

    NaN where the likelihood can't be followed so far.
    """
    from scipy.optimize import brentq

    model, beta = result.model, result.beta
    info = result.model.fit.end.info
    se = result.naive_covariance[j, j] ** 0.5
    if not np.isfinite(se):
        se = max(1.0, abs(beta[j]) / z) if info[j, j] < 1e-6 else info[j, j] ** -0.5
    start = beta.copy()

    def root(value: float) -> float:
        """Signed root of the test at `value`, minus z: rises from -z at the estimate."""
        nonlocal start
        fit = _steady(model, j, value, start, beta)
        if fit is None:
            raise FloatingPointError
        start = fit.beta
        if result.interval == "score":
            return -sign * _score_root(model, fit, j) - z
        drop = 2.0 * (result.loglik - fit.end.loglik)
        return float(np.sqrt(max(drop, 0.0))) - z

    inner, at_inner = float(beta[j]), -z
    step = z * se
    for _ in range(60):
        outer = inner + sign * step
        at_outer = root(outer)
        if at_outer >= 0:
            close = 1e-12 * max(se, 1e-3)
            return float(brentq(root, inner, outer, xtol=close, rtol=4 * np.finfo(float).eps))
        # A test that has stopped rising never reaches z: the likelihood is flat out there.
        if at_outer <= at_inner + 1e-12 and abs(outer - beta[j]) > 40 * z * se:
            return sign * np.inf
        inner, at_inner = outer, at_outer
        step *= 2.0
    return sign * np.inf
