"""The log-likelihood of a binary outcome, plain and with Firth's penalty, and its maximum.

The columns are centred inside: an intercept beside columns far from zero (a year, a weight in
grams) would cost digits. Coefficients of columns don't change by it; the intercept is moved back.
"""

from __future__ import annotations

from dataclasses import field
from functools import cached_property

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.newton import Fit, find_aliased, inverse, newton, solve
from oncohort.stats.distributions import expit, log_expit
from oncohort.stats.inputs import Bools, Floats

DECREMENT = {None: 1e-12, "firth": 1e-22}
"""Plain steps converge quadratically, penalised ones linearly."""
ROUNDS = 400
MOVING = 1e-2
"""A further Newton step of the intercept longer than this has not settled."""


@dataclass(frozen=True, slots=True)
class Here:
    """Value, gradient and the matrix that makes the next step."""

    loglik: float
    score: Floats
    info: Floats


@dataclass(frozen=True, eq=False)
class Binomial:
    """A binary outcome with its columns.

    Attributes
    ----------
    y
        ``(n,)`` 0 or 1.
    z
        ``(n, 1 + k)`` a column of ones, then the centred columns.
    centre
        ``(k,)`` what was taken from each column.
    weight
        ``(n,)`` case weights.
    offset
        ``(n,)`` known part of the log odds.
    """

    y: Floats
    z: Floats
    centre: Floats
    weight: Floats
    offset: Floats
    penalty: str | None = None
    free: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """Columns in the determinant of the penalty: those that are not aliased."""

    @cached_property
    def scale(self) -> Floats:
        """Standard deviation of each column, 1 for the intercept."""
        spread = self.z[:, 1:].std(axis=0)
        size = np.abs(self.z[:, 1:] + self.centre).max(axis=0, initial=0.0)
        return np.concatenate([[1.0], np.where(spread > 1e-12 * size, spread, 0.0)])

    def probability(self, beta: Floats) -> Floats:
        """``(n,)`` probability of the outcome."""
        return np.asarray(expit(self.offset + self.z @ beta))

    def information(self, beta: Floats) -> Floats:
        """Fisher information ``Z' W Z`` of the plain likelihood."""
        p = self.probability(beta)
        return np.asarray(self.z.T @ (self.z * (self.weight * p * (1 - p))[:, None]))

    def evaluate(self, beta: Floats) -> Here:
        """Log-likelihood (penalised where asked), its gradient, and the information."""
        eta = self.offset + self.z @ beta
        p = np.asarray(expit(eta))
        each = np.where(self.y > 0, log_expit(eta), log_expit(-eta))
        loglik = float(self.weight @ each)
        spread = self.weight * p * (1 - p)
        info = self.z.T @ (self.z * spread[:, None])
        if self.penalty is None:
            return Here(loglik, self.z.T @ (self.weight * (self.y - p)), info)
        return self._penalised(loglik, p, spread, info)

    def _penalised(self, loglik: float, p: Floats, spread: Floats, info: Floats) -> Here:
        """Firth's penalty, half the log determinant of the information.

        Its gradient is ``sum h_i (1/2 - p_i) z_i`` with leverages ``h`` (Firth 1993, Biometrika
        80:27; Heinze and Schemper 2002, Stat Med 21:2409). A step with weights ``w + h`` is one
        of the augmented data that have this gradient.
        """
        index = np.flatnonzero(self.free)
        sign, logdet = np.linalg.slogdet(info[np.ix_(index, index)])
        if not (sign > 0 and np.isfinite(logdet) and np.isfinite(loglik)):
            return Here(-np.inf, np.zeros(len(info)), info)
        inv = np.nan_to_num(inverse(info, self.free))
        leverage = spread * np.einsum("ij,jk,ik->i", self.z, inv, self.z)
        push = self.weight * (self.y - p) + leverage * (0.5 - p)
        wider = self.z.T @ (self.z * ((self.weight + leverage) * p * (1 - p))[:, None])
        return Here(loglik + 0.5 * float(logdet), self.z.T @ push, wider)


@dataclass(frozen=True, eq=False)
class BinomialModel:
    """The likelihood with where its maximum is."""

    likelihood: Binomial
    null: Fit
    fit: Fit

    @property
    def free(self) -> Bools:
        """``(1 + k,)`` columns that were estimated."""
        return ~self.fit.aliased

    def refit(self, *, fixed: Bools | None = None, start: Floats | None = None) -> Fit:
        """Maximise again with some coefficients held at `start`."""
        return maximise(self.likelihood, start=start, fixed=fixed)

    @cached_property
    def intercept_diverges(self) -> bool:
        """Whether the intercept of the columns as given has no finite estimate."""
        if not self.fit.diverging.any():
            return False
        end = self.fit.end
        index = np.flatnonzero(self.free)
        step = np.zeros(len(self.fit.beta))
        step[index] = solve(end.info[np.ix_(index, index)], end.score[index])
        return abs(float(step[0] - self.likelihood.centre @ step[1:])) > MOVING


def maximise(
    likelihood: Binomial, *, start: Floats | None = None, fixed: Bools | None = None
) -> Fit:
    """The maximum, with `fixed` coefficients held at `start`."""
    return newton(
        likelihood.evaluate,
        likelihood.z.shape[1],
        likelihood.scale,
        start=start,
        fixed=fixed,
        decrement=DECREMENT[likelihood.penalty],
        max_iterations=60 if likelihood.penalty is None else ROUNDS,
        unit=float(likelihood.weight.mean()),
    )


def fit_binomial(
    y: Floats, x: Floats, weight: Floats, offset: Floats, penalty: str | None
) -> BinomialModel:
    """Centre the columns, find the intercept alone, then all coefficients."""
    centre = np.average(x, axis=0, weights=weight) if x.shape[1] else np.zeros(0)
    z = np.column_stack([np.ones(len(y)), x - centre])
    plain = Binomial(y, z, centre, weight, offset)
    share = float(weight @ y / weight.sum())
    start = np.zeros(z.shape[1])
    start[0] = np.log(share / (1 - share)) - float(np.average(offset, weights=weight))
    aliased = find_aliased(plain.information(start), plain.scale)
    likelihood = Binomial(y, z, centre, weight, offset, penalty, ~aliased)
    others = np.ones(len(start), dtype=np.bool_)
    others[0] = False
    null = maximise(likelihood, start=start, fixed=others)
    return BinomialModel(likelihood, null, maximise(likelihood, start=null.beta))
