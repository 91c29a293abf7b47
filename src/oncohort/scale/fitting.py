"""Newton's method over partitions, wherever they are held."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from oncohort.scale.parquet import Columns, Known
from oncohort.scale.proportional import Ends, score_tests
from oncohort.scale.result import Baseline, ScaledCox
from oncohort.scale.sums import Floats, Ints
from oncohort.stats._cox.newton import close_to, inverse, newton
from oncohort.stats._cox.result import ChiSquared
from oncohort.stats._cox.terms import Terms
from oncohort.stats.errors import NoEventsError


def missing_rows(count: int) -> dict[str, int]:
    """The one reason for which rows are left out."""
    return {"missing value in a covariate, stratum or cluster": count} if count else {}


def check_events(events: int, columns: Columns) -> None:
    """There is something to fit.

    Raises
    ------
    NoEventsError
    """
    if not events:
        code = "" if columns.event_value is None else f" (no row has {columns.event_value!r})"
        raise NoEventsError(f"no events{code}: a Cox model can't be estimated")


class Partitions(Protocol):
    """Rows held somewhere, asked for sums."""

    def terms(self, beta: Floats) -> Terms:
        """Log-likelihood, score and information."""

    def timed(self, beta: Floats, at: Floats, value: Floats) -> Terms:
        """Score and information in which each event time counts with a factor."""

    def baseline(self, beta: Floats) -> tuple[Ints, Floats, Floats]:
        """Stratum, time and hazard increment of each event time."""

    def cluster_scores(self, beta: Floats) -> Floats:
        """``(clusters, p)`` sums of weighted score residuals."""

    def score_products(self, beta: Floats) -> Floats:
        """``(p, p)`` sum over the rows of the products of weighted score residuals."""


def fit_partitions(
    parts: Partitions,
    all_of: Known,
    columns: Columns,
    *,
    ties: str,
    level: float,
    partitions: int,
    where: str,
    transform: str | None = None,
    ends: Ends | None = None,
) -> ScaledCox:
    """Newton's method over partitions.

    Parameters
    ----------
    transform, ends
        Of time, for the test of proportional hazards; none: no test.
    """
    close = close_to(all_of.events * all_of.unit, all_of.n * len(all_of.scale))
    fit = newton(parts.terms, len(all_of.scale), all_of.scale, unit=all_of.unit, close=close)
    coef = np.where(fit.aliased, np.nan, fit.beta)
    coef[fit.diverging] = np.sign(fit.beta[fit.diverging]) * np.inf
    naive = inverse(fit.end.info, ~(fit.aliased | fit.diverging))
    covariance = naive
    if all_of.robust:
        known_part = np.nan_to_num(naive)
        if columns.cluster or all_of.first:
            influence = parts.cluster_scores(fit.beta) @ known_part
            sandwich = influence.T @ influence
        else:
            sandwich = known_part @ parts.score_products(fit.beta) @ known_part
        covariance = np.where(np.isnan(naive), np.nan, sandwich)
    proportional: tuple[ChiSquared, ...] = ()
    if transform is not None and ends is not None:
        free = ~(fit.aliased | fit.diverging)
        proportional = score_tests(
            columns.covariates,
            free,
            fit.end.info,
            lambda at, value: parts.timed(fit.beta, at, value),
            ends,
            transform,
        )
    return ScaledCox(
        names=columns.covariates,
        coef=coef,
        covariance=covariance,
        naive_covariance=naive,
        loglik_null=fit.null.loglik,
        loglik=fit.end.loglik,
        n=all_of.n,
        events=all_of.events,
        partitions=partitions,
        iterations=fit.iterations,
        converged=fit.converged,
        ties=ties,
        level=level,
        center=all_of.center,
        baseline=Baseline.of(*parts.baseline(fit.beta), all_of.strata),
        where=where,
        robust=all_of.robust,
        by_cluster=columns.cluster is not None,
        left_out=missing_rows(all_of.left_out),
        transform=transform or "",
        proportional=proportional,
    )
