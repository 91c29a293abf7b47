"""What a logistic fit says: coefficients, odds ratios, intervals, tests, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.problems import OncohortWarning
from oncohort.stats._binomial import BinomialModel
from oncohort.stats._coefficients import Coefficients
from oncohort.stats._cox.intervals import coefficient_tests, intervals
from oncohort.stats._cox.newton import solve
from oncohort.stats._cox.result import ChiSquared, TermTest
from oncohort.stats._cox.rows import covariates
from oncohort.stats._show import left_out_text
from oncohort.stats.distributions import expit
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Bools, Column, Floats, Ints, Matrix, as_numbers


@dataclass(frozen=True, eq=False, repr=False)
class LogisticResult(Coefficients):
    """A fitted logistic regression.

    Attributes
    ----------
    names
        ``(k,)`` the columns; the intercept is apart.
    coef, se, z, p
        ``(k,)`` log odds ratio, its standard error, Wald z and two-sided p. An aliased (collinear
        or constant) column has NaN; a column with a monotone likelihood has an infinite
        coefficient and NaN for the rest. With `interval` "profile", `p` is that of the
        (penalised) likelihood-ratio test.
    odds_ratio, low, high
        ``(k,)`` odds ratio and its interval at `level`.
    intercept, intercept_se
        Log odds where all columns are 0.
    n, events
        Rows used, and those with the outcome (not weighted).
    left_out
        Reason to number of rows left out.
    loglik_null, loglik
        Log-likelihood of the intercept alone and at the estimate (penalised if `penalty`, with
        the penalty of the full model in both).
    fitted
        ``(n,)`` probability of the outcome of each row used; `rows_used` are their positions.
    warnings
        What a reader has to know; each one was also raised as a Python warning.
    """

    RATIO: ClassVar[str] = "odds_ratio"

    names: tuple[str, ...]
    n: int
    events: int
    level: float
    interval: str
    penalty: str | None
    left_out: Mapping[str, int]
    warnings: tuple[OncohortWarning, ...]
    term_columns: Mapping[str, tuple[int, ...]]
    rows_used: Ints
    weighted: bool
    model: BinomialModel = field(repr=False)
    covariance: Floats = field(repr=False)
    """``(1 + k, 1 + k)`` covariance of the intercept and the coefficients."""

    # -- estimates -----------------------------------------------------------------------------

    @property
    def aliased(self) -> Bools:
        """``(k,)`` columns that were not estimated."""
        return self.model.fit.aliased[1:]

    @property
    def diverging(self) -> Bools:
        """``(k,)`` columns without a finite estimate."""
        return self.model.fit.diverging[1:]

    @property
    def converged(self) -> bool:
        return self.model.fit.converged

    @cached_property
    def coef(self) -> Floats:
        beta = self.model.fit.beta[1:]
        known = np.where(self.aliased, np.nan, beta)
        return np.where(self.diverging, np.copysign(np.inf, beta), known)

    @cached_property
    def intercept(self) -> float:
        beta = self.model.fit.beta
        value = float(beta[0] - self.model.likelihood.centre @ beta[1:])
        return float(np.copysign(np.inf, value)) if self.model.intercept_diverges else value

    @cached_property
    def se(self) -> Floats:
        return np.sqrt(np.diagonal(self.covariance))[1:]

    @property
    def intercept_se(self) -> float:
        return float(np.sqrt(self.covariance[0, 0]))

    @cached_property
    def odds_ratio(self) -> Floats:
        return np.exp(self.coef)

    @cached_property
    def p(self) -> Floats:
        return self.wald_p if self.interval == "wald" else coefficient_tests(self)[1:]

    @cached_property
    def coef_interval(self) -> Floats:
        """``(k, 2)`` interval of the log odds ratio at `level`."""
        if self.interval == "wald":
            return self.wald_interval
        return intervals(self)[1:]

    @property
    def loglik(self) -> float:
        return float(self.model.fit.end.loglik)

    @property
    def loglik_null(self) -> float:
        return float(self.model.null.end.loglik)

    # -- what profile intervals read: positions with the intercept, of centred columns -----------

    @property
    def beta(self) -> Floats:
        """``(1 + k,)`` where the iterations ended."""
        return self.model.fit.beta

    @property
    def naive_covariance(self) -> Floats:
        """The covariance, for the first guess of where an interval ends."""
        return self.covariance

    @property
    def profiled(self) -> Bools:
        """Positions that get a profile interval: the columns."""
        out = self.model.free.copy()
        out[0] = False
        return out

    # -- tests ---------------------------------------------------------------------------------

    @property
    def lr_test(self) -> ChiSquared:
        """Likelihood-ratio test that all coefficients are zero."""
        df = int((~self.aliased).sum())
        return ChiSquared.of("likelihood ratio", 2.0 * (self.loglik - self.loglik_null), df)

    @cached_property
    def term_tests(self) -> tuple[TermTest, ...]:
        """Wald and likelihood-ratio test of each term: all the columns of a factor at once."""
        fit, free = self.model.fit, self.model.free
        found = []
        for term, columns in self.term_columns.items():
            at = np.array([j + 1 for j in columns if free[j + 1]], dtype=np.int64)
            missing = ChiSquared("Wald", float("nan"), len(at), float("nan"))
            wald, lr = missing, replace(missing, name="likelihood ratio")
            if len(at):
                fixed = fit.aliased.copy()
                fixed[at] = True
                start = np.where(fixed | fit.diverging, 0.0, fit.beta)
                held = self.model.refit(fixed=fixed, start=start)
                lr = ChiSquared.of(lr.name, 2.0 * (self.loglik - held.end.loglik), len(at))
                if not fit.diverging[at].any():
                    b = fit.beta[at]
                    statistic = float(b @ solve(self.covariance[np.ix_(at, at)], b))
                    wald = ChiSquared.of("Wald", statistic, len(at))
            found.append(TermTest(term, tuple(self.names[j] for j in columns), wald, lr))
        return tuple(found)

    # -- predictions ---------------------------------------------------------------------------

    @cached_property
    def linear_predictor(self) -> Floats:
        """``(n,)`` log odds of each row used."""
        likelihood = self.model.likelihood
        return np.asarray(likelihood.offset + likelihood.z @ self.beta)

    @cached_property
    def fitted(self) -> Floats:
        return np.asarray(expit(self.linear_predictor))

    def predict(self, X: Matrix, *, offset: Column | None = None) -> Floats:
        """Probability of the outcome at new rows, ``(m,)``; NaN where a covariate is missing."""
        m = len(X)
        x, _ = covariates(X, m)
        if x.shape[1] != len(self.names):
            raise InputError(f"X has {x.shape[1]} columns, the model has {len(self.names)}")
        known = np.zeros(m) if offset is None else as_numbers(offset, "offset", m)
        centred = x - self.model.likelihood.centre
        centred[:, self.aliased] = 0.0
        return np.asarray(expit(known + self.beta[0] + centred @ self.beta[1:]))

    # -- words ---------------------------------------------------------------------------------

    def _title(self) -> str:
        return f"Logistic regression: {self.n} rows, {self.events} with the outcome"

    def _notes(self) -> Sequence[str]:
        told = [f"warning: {w}" for w in self.warnings]
        return [str(self.lr_test), self.method, left_out_text(self.left_out), *told]

    @property
    def method(self) -> str:
        """The method in words."""
        parts = ["Logistic regression"]
        if self.penalty == "firth":
            parts.append("Firth's penalised likelihood")
        if self.weighted:
            parts.append("case weights")
        penalised = "penalised-" if self.penalty == "firth" else ""
        kind = {
            "wald": "Wald intervals and tests",
            "profile": f"profile {penalised}likelihood intervals and {penalised}likelihood-ratio "
            "tests",
        }[self.interval]
        return ", ".join([*parts, f"{100 * self.level:g} % {kind}"]) + "."
