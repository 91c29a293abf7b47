"""What a Cox fit says: coefficients, hazard ratios, intervals, tests, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.stats._coefficients import Coefficients
from oncohort.stats._cox.design import Bools, Floats, Ints
from oncohort.stats._show import Row, left_out_text, p_text
from oncohort.stats.distributions import chdtrc

if TYPE_CHECKING:
    from oncohort.problems import OncohortWarning
    from oncohort.stats._cox.model import Model


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """A test with its statistic, degrees of freedom and p-value."""

    name: str
    statistic: float
    df: int
    p: float

    @classmethod
    def of(cls, name: str, statistic: float, df: int) -> ChiSquared:
        """Upper tail of the chi-squared distribution; no degrees of freedom, no p-value."""
        p = float(chdtrc(df, max(statistic, 0.0))) if df else float("nan")
        return cls(name, float(statistic), int(df), p)

    def __str__(self) -> str:
        if self.statistic != self.statistic:
            return f"{self.name}: not estimable"
        return f"{self.name}: {self.statistic:.4g} on {self.df} df, {p_text(self.p)}"


@dataclass(frozen=True, slots=True)
class TermTest:
    """Tests of one term: all the columns of a factor at once.

    `lr` compares with the model that leaves the term out (partial, or penalised, likelihood).
    """

    term: str
    columns: tuple[str, ...]
    wald: ChiSquared
    lr: ChiSquared

    @property
    def test(self) -> ChiSquared:
        """The Wald test; the likelihood-ratio test where a coefficient has no finite estimate."""
        return self.lr if self.wald.p != self.wald.p else self.wald


@dataclass(frozen=True, eq=False, repr=False)
class CoxResult(Coefficients):
    """A fitted Cox proportional hazards model.

    Attributes
    ----------
    coef, se, z, p
        ``(k,)`` log hazard ratio, its standard error (robust if `robust`), Wald z and two-sided
        p. An aliased (collinear or constant) column has NaN; a column with a monotone likelihood
        has an infinite coefficient and NaN for the rest. With a Firth penalty, or `interval`
        "profile", `p` is that of the (penalised) likelihood-ratio test; with "score", of the
        score test.
    hr, low, high
        ``(k,)`` hazard ratio and its interval at `level`.
    n, events
        Rows and events used (not weighted).
    left_out
        Reason to number of rows left out.
    loglik_null, loglik
        Log partial likelihood at zero and at the estimate (penalised if `penalty`).
    method
        The method in words.
    warnings
        What a reader has to know; each one was also raised as a Python warning.
    """

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    naive_covariance: Floats
    loglik_null: float
    loglik: float
    n: int
    events: int
    iterations: int
    converged: bool
    level: float
    interval: str
    left_out: Mapping[str, int]
    warnings: tuple[OncohortWarning, ...]
    robust: bool
    aliased: Bools
    diverging: Bools
    model: Model = field(repr=False)

    @cached_property
    def p(self) -> Floats:
        if self.interval == "wald":
            return self.wald_p
        from oncohort.stats._cox.intervals import coefficient_tests

        return coefficient_tests(self)

    @cached_property
    def coef_interval(self) -> Floats:
        """``(k, 2)`` interval of the log hazard ratio at `level`."""
        if self.interval == "wald":
            return self.wald_interval
        from oncohort.stats._cox.intervals import intervals

        return intervals(self)

    @property
    def free(self) -> Bools:
        """Columns that were estimated."""
        return ~self.aliased

    @property
    def profiled(self) -> Bools:
        """Columns that get a profile or score interval."""
        return self.free

    @cached_property
    def beta(self) -> Floats:
        """``(k,)`` finite coefficients at which the iterations ended; 0 where aliased."""
        return self.model.beta

    # -- tests ---------------------------------------------------------------------------------

    @cached_property
    def lr_test(self) -> ChiSquared:
        """Likelihood-ratio test of all coefficients being zero."""
        df = int(self.free.sum())
        return ChiSquared.of("likelihood ratio", 2.0 * (self.loglik - self.loglik_null), df)

    @cached_property
    def wald_test(self) -> ChiSquared:
        """Wald test of all coefficients being zero (with the robust covariance if robust)."""
        return self.model.wald("Wald", self.free, self.covariance)

    @cached_property
    def score_test(self) -> ChiSquared:
        """Score test at zero (model-based covariance): without ties, the log-rank test."""
        return self.model.score_test()

    @cached_property
    def terms(self) -> tuple[TermTest, ...]:
        """Wald and likelihood-ratio tests per term (`terms=` of :func:`cox`)."""
        return self.model.term_tests(self.covariance, self.loglik)

    # -- words ---------------------------------------------------------------------------------

    @cached_property
    def method(self) -> str:
        """Ties, variance, penalty, interval and test in words."""
        return self.model.words(self.interval, self.level, self.robust)

    # -- tables --------------------------------------------------------------------------------

    def _printed(self) -> list[Row]:
        out = []
        for printed, row in zip(super()._printed(), self._rows(), strict=True):
            p = printed.pop("p")
            out.append({**printed, **_cells(row), "p": p})
        return out

    def _title(self) -> str:
        return f"Cox model: {self.n} rows, {self.events} events"

    def _notes(self) -> list[str]:
        return [
            f"{self.lr_test}; {self.wald_test}; {self.score_test}",
            self.method,
            left_out_text(self.left_out),
            *(f"warning: {w}" for w in self.warnings),
        ]

    # -- what follows from the fit -------------------------------------------------------------

    def residuals(self, kind: str = "martingale") -> Floats:
        """Residuals of the rows used, in the order of the input; see :mod:`.residuals`."""
        from oncohort.stats.residuals import residuals

        return residuals(self, kind)

    @property
    def rows_used(self) -> Ints:
        """Positions in the input of the rows used."""
        return self.model.kept


def _cells(row: Row) -> Row:
    """Coefficient, standard error and z of a row, as printed."""
    known = row["se"] == row["se"]
    digits = {"coef": ".4g", "se": ".4g", "z": ".3f"}
    return {name: f"{row[name]:{form}}" if known else "-" for name, form in digits.items()}
