"""A Cox model with its data: evaluated, tested, and described in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats import engine
from oncohort.stats._cox import exact as _exact
from oncohort.stats._cox.design import Bools, Design, Floats, Ints
from oncohort.stats._cox.newton import (
    DECREMENT,
    Derivatives,
    Fit,
    find_aliased,
    inverse,
    newton,
    solve,
)
from oncohort.stats._cox.result import ChiSquared, TermTest
from oncohort.stats._cox.terms import Terms

if TYPE_CHECKING:
    from oncohort.stats.inputs import Label

TIES = {
    "efron": "Efron's approximation for ties",
    "breslow": "Breslow's approximation for ties",
    "exact": "the exact conditional likelihood for ties",
    "marginal": "the exact marginal likelihood for ties (SAS TIES=EXACT)",
}


@dataclass(frozen=True, slots=True)
class CoxData:
    """Validated rows of a fit, in the order of the input.

    Attributes
    ----------
    x
        ``(n, p)``.
    strata, cluster
        Integer codes; `strata_labels` are their values.
    kept
        Positions of the rows in the input.
    """

    time: Floats
    event: Bools
    x: Floats
    names: tuple[str, ...]
    entry: Floats | None = None
    strata: Ints | None = None
    strata_labels: tuple[Label, ...] = ()
    weight: Floats | None = None
    cluster: Ints | None = None
    offset: Floats | None = None
    kept: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    left_out: Mapping[str, int] = field(default_factory=dict)
    order: Ints | None = None
    """``(n,)`` rows by time, where they were ordered on the way."""

    @property
    def n(self) -> int:
        return len(self.time)

    def columns(self, chosen: Sequence[int] | Ints) -> CoxData:
        """The same rows with some of the covariates."""
        index = np.asarray(chosen, dtype=np.int64)
        return replace(self, x=self.x[:, index], names=tuple(self.names[j] for j in index))


@dataclass(frozen=True, eq=False)
class Model:
    """Data, sorted design, settings and the end of the iterations."""

    data: CoxData
    ties: str
    penalty: str | None
    ridge: float
    design: Design
    fit: Fit
    term_columns: Mapping[str, tuple[int, ...]]

    @property
    def beta(self) -> Floats:
        """Coefficients at which the iterations ended."""
        return self.fit.beta

    @property
    def kept(self) -> Ints:
        return self.data.kept

    def evaluate(self, beta: Floats) -> Derivatives:
        """Objective, score and information at `beta`."""
        return self._evaluator(beta)

    @cached_property
    def _evaluator(self) -> Callable[[Floats], Derivatives]:
        return evaluator(self.design, self.ties, self.penalty, self.ridge, ~self.fit.aliased)

    def refit(self, *, fixed: Bools | None = None, start: Floats | None = None) -> Fit:
        """Maximise again with some coefficients held at `start`."""
        return newton(
            self.evaluate,
            self.design.p,
            self.design.scale,
            start=start,
            fixed=fixed,
            decrement=decrement_of(self.penalty),
            unit=self.design.unit,
        )

    @cached_property
    def free(self) -> Bools:
        return ~self.fit.aliased

    def wald(self, name: str, chosen: Bools, covariance: Floats) -> ChiSquared:
        """Wald test that the chosen coefficients are zero."""
        index = np.flatnonzero(chosen & self.free)
        if not len(index) or self.fit.diverging[index].any():
            return ChiSquared(name, float("nan"), len(index), float("nan"))
        b = self.beta[index]
        statistic = float(b @ solve(covariance[np.ix_(index, index)], b))
        return ChiSquared.of(name, statistic, len(index))

    def score_test(self) -> ChiSquared:
        """Score test at zero."""
        index = np.flatnonzero(self.free)
        u = self.fit.null.score[index]
        statistic = 0.0
        if len(index):
            statistic = float(u @ solve(self.fit.null.info[np.ix_(index, index)], u))
        return ChiSquared.of("score", statistic, len(index))

    def term_tests(self, covariance: Floats, loglik: float) -> tuple[TermTest, ...]:
        """Wald and likelihood-ratio test of each term."""
        found = []
        for term, columns in self.term_columns.items():
            if not columns:
                none = ChiSquared("Wald", float("nan"), 0, float("nan"))
                found.append(TermTest(term, (), none, replace(none, name="likelihood ratio")))
                continue
            chosen = np.zeros(self.design.p, dtype=np.bool_)
            chosen[list(columns)] = True
            df = int((chosen & self.free).sum())
            start = np.where(chosen, 0.0, np.where(self.fit.diverging, 0.0, self.beta))
            held = self.refit(fixed=chosen | self.fit.aliased, start=start)
            lr = ChiSquared.of("likelihood ratio", 2.0 * (loglik - held.end.loglik), df)
            wald = self.wald("Wald", chosen, covariance)
            found.append(TermTest(term, tuple(self.data.names[j] for j in columns), wald, lr))
        return tuple(found)

    def words(self, interval: str, level: float, robust: bool) -> str:
        """Method in words."""
        parts = [f"Cox proportional hazards model with {TIES[self.ties]}"]
        if self.penalty == "firth":
            parts.append("Firth's penalised likelihood")
        elif self.ridge:
            parts.append(f"ridge penalty {self.ridge:g}")
        if self.data.strata is not None:
            parts.append(f"{len(self.data.strata_labels)} strata")
        if self.data.entry is not None:
            parts.append("left truncation (start, stop]")
        if self.data.weight is not None:
            parts.append("case weights")
        if self.data.offset is not None:
            parts.append("an offset")
        if robust:
            clustered = self.data.cluster is not None
            parts.append(f"robust sandwich variance{' by cluster' if clustered else ''}")
        kind = {
            "wald": "Wald intervals and tests",
            "profile": "profile-likelihood intervals and likelihood-ratio tests",
            "score": "score intervals and tests",
        }[interval]
        if self.penalty == "firth":
            kind = kind.replace("likelihood", "penalised-likelihood")
        parts.append(f"{100 * level:g} % {kind}")
        return ", ".join(parts) + "."


def decrement_of(penalty: str | None) -> float:
    """Firth steps use the information of the plain likelihood and converge linearly."""
    return 1e-22 if penalty == "firth" else DECREMENT


def evaluator(
    design: Design, ties: str, penalty: str | None, ridge: float, free: Bools | None = None
) -> Callable[[Floats], Derivatives]:
    """Function from coefficients to value, score and information."""

    likelihood = engine.terms
    if ties == "exact":
        likelihood = _exact.conditional
    elif ties == "marginal":
        likelihood = _exact.marginal

    def plain(beta: Floats) -> Derivatives:
        return likelihood(design, beta)

    if penalty == "firth":
        from oncohort.stats._cox.firth import penalised

        return penalised(design, plain, np.ones(design.p, np.bool_) if free is None else free)
    if not ridge:
        return plain

    def shrunk(beta: Floats) -> Derivatives:
        here = plain(beta)
        return Terms(
            here.loglik - 0.5 * ridge * float(beta @ beta),
            here.score - ridge * beta,
            here.info + ridge * np.eye(design.p),
        )

    return shrunk


def fit_model(
    data: CoxData,
    *,
    ties: str = "efron",
    penalty: str | None = None,
    ridge: float = 0.0,
    term_columns: Mapping[str, tuple[int, ...]] | None = None,
) -> Model:
    """Sort the data once and maximise the partial likelihood."""
    design = engine.build(
        data.time,
        data.event,
        data.x,
        entry=data.entry,
        strata=data.strata,
        weight=data.weight,
        offset=data.offset,
        efron=ties == "efron",
        joined=True,
        order=data.order,
    )
    if penalty is None and not ridge and ties in ("efron", "breslow"):
        fit = engine.fit(design)
    else:
        free = None
        if penalty == "firth":
            start = engine.terms(design, np.zeros(design.p))
            free = ~find_aliased(start.info, design.scale)
        fit = newton(
            evaluator(design, ties, penalty, ridge, free),
            design.p,
            design.scale,
            decrement=decrement_of(penalty),
            unit=design.unit,
        )
    columns = term_columns or {name: (j,) for j, name in enumerate(data.names)}
    return Model(data, ties, penalty, ridge, design, fit, columns)


def covariance(model: Model) -> Floats:
    """Inverse information; not-a-number where a column was not estimated."""
    fit = model.fit
    if fit.diverging.any():
        return inverse(fit.end.info, model.free & ~fit.diverging)
    return inverse(fit.end.info, model.free) if fit.covariance is None else fit.covariance
