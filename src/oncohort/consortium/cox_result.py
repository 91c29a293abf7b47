"""A Cox model of all sites as a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from oncohort.consortium.rows import Bools, Floats
from oncohort.dataclass import dataclass
from oncohort.stats._coefficients import Coefficients
from oncohort.stats._cox.newton import Fit, inverse, solve
from oncohort.stats._cox.result import ChiSquared


@dataclass(frozen=True, eq=False, repr=False)
class CombinedCox(Coefficients):
    """A Cox model of all sites.

    Attributes
    ----------
    coef, covariance
        ``(p,)``, ``(p, p)``; not-a-number for a column that can't be estimated, infinite where
        the likelihood rises without end.
    events
        Site to events.
    rounds
        Coefficient vectors at which the sites evaluated the model.
    lr, wald, score
        Tests of all coefficients being zero.
    """

    title: str
    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    loglik_null: float
    loglik: float
    n: int
    events: Mapping[str, int]
    method: str
    level: float
    iterations: int
    rounds: int
    converged: bool
    diverging: Bools
    lr: ChiSquared
    wald: ChiSquared
    score: ChiSquared
    notes: tuple[str, ...] = ()

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites whose sums are in it."""
        return tuple(self.events)

    def _title(self) -> str:
        total = sum(self.events.values())
        return f"{self.title}\nCox model: {self.n} patients, {total} events"

    def _notes(self) -> list[str]:
        notes = [
            f"{len(self.events)} sites: "
            + ", ".join(f"{s} ({e} events)" for s, e in self.events.items()),
            self.method,
            f"{self.lr}; {self.wald}; {self.score}",
            f"{self.rounds} evaluations at each site",
        ]
        if not self.converged and not self.diverging.any():
            notes.append(
                "Newton's method did not settle: the numbers are not estimates (sites don't "
                "evaluate where one patient would dominate the sums)"
            )
        return [*notes, *self._not_estimated(), *self.notes]


def combined_fit(
    title: str,
    names: Sequence[str],
    fit: Fit,
    *,
    n: int,
    events: Mapping[str, int],
    method: str,
    level: float,
    rounds: int,
    notes: Sequence[str] = (),
) -> CombinedCox:
    """The result of Newton's method over sites."""
    coef = np.where(fit.aliased, np.nan, fit.beta)
    coef[fit.diverging] = np.sign(fit.beta[fit.diverging]) * np.inf
    covariance = inverse(fit.end.info, ~(fit.aliased | fit.diverging))
    if not fit.converged and not fit.diverging.any():
        coef = np.full(len(coef), np.nan)
        covariance = np.full_like(covariance, np.nan)
    free = np.flatnonzero(~fit.aliased)
    df = len(free)
    u = fit.null.score[free]
    score = float(u @ solve(fit.null.info[np.ix_(free, free)], u)) if df else 0.0
    wald = float("nan")
    if df and not fit.diverging.any():
        b = fit.beta[free]
        wald = float(b @ fit.end.info[np.ix_(free, free)] @ b)
    return CombinedCox(
        title=title,
        names=tuple(names),
        coef=coef,
        covariance=covariance,
        loglik_null=fit.null.loglik,
        loglik=fit.end.loglik,
        n=n,
        events=dict(events),
        method=f"{method}, {100 * level:g} % Wald intervals",
        level=level,
        iterations=fit.iterations,
        rounds=rounds,
        converged=fit.converged,
        diverging=fit.diverging,
        lr=ChiSquared.of("likelihood ratio", 2.0 * (fit.end.loglik - fit.null.loglik), df),
        wald=ChiSquared.of("Wald", wald, df),
        score=ChiSquared.of("score", score, df),
        notes=tuple(notes),
    )
