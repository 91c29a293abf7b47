"""Cox regression over partitions, and over the row groups of a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from oncohort.scale.parquet import Table
from oncohort.scale.sums import (
    Floats,
    Grid,
    Keys,
    Placement,
    Reader,
    RiskSums,
    add_risk_sums,
    combine,
    moments,
)
from oncohort.stats._cox.newton import Fit, inverse, newton
from oncohort.stats._cox.terms import Terms
from oncohort.stats.engine import one_blas_thread
from oncohort.stats.errors import InputError, NoEventsError

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ScaledCox:
    """A Cox model fitted over partitions; the numbers are those of the pooled fit.

    Attributes
    ----------
    coef, covariance
        ``(p,)``, ``(p, p)``; NaN for a column that can't be estimated, infinite under separation.
    left_out
        Reason to number of rows.
    """

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    loglik_null: float
    loglik: float
    n: int
    events: int
    partitions: int
    iterations: int
    converged: bool
    ties: str
    level: float
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def se(self) -> Floats:
        """Standard errors of the log hazard ratios."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def hr(self) -> Floats:
        """Hazard ratios."""
        return np.exp(self.coef)

    @property
    def z(self) -> Floats:
        """Wald z."""
        return np.asarray(self.coef / self.se)

    @property
    def p(self) -> Floats:
        """Two-sided Wald p-values."""
        return np.asarray(2.0 * ndtr(-np.abs(self.z)))

    @property
    def low(self) -> Floats:
        """Lower ends of the intervals of the hazard ratios."""
        return np.exp(self.coef - float(ndtri(0.5 + 0.5 * self.level)) * self.se)

    @property
    def high(self) -> Floats:
        """Upper ends of the intervals of the hazard ratios."""
        return np.exp(self.coef + float(ndtri(0.5 + 0.5 * self.level)) * self.se)

    @property
    def method(self) -> str:
        """The method in words."""
        return (
            f"Cox model by sums over {self.partitions} partitions, {self.ties.capitalize()} ties, "
            f"{100 * self.level:g} % Wald intervals; {self.n} rows, {self.events} events"
        )

    def to_frame(self) -> Any:
        """Tidy polars table: variable, coef, se, hr, low, high, z, p."""
        return pl.DataFrame(
            {
                "variable": list(self.names),
                "coef": self.coef,
                "se": self.se,
                "hr": self.hr,
                "low": self.low,
                "high": self.high,
                "z": self.z,
                "p": self.p,
            }
        )


def cox(
    path: str | Path,
    *,
    time: str,
    event: str,
    covariates: Sequence[str],
    entry: str | None = None,
    strata: str | None = None,
    weights: str | None = None,
    ties: str = "efron",
    level: float = 0.95,
    rows: int = 500_000,
    progress: Progress | None = None,
) -> ScaledCox:
    """Cox regression on a Parquet file (or a pattern of files) that need not fit in memory.

    In memory at one time: the key columns (time, event, ...), the sums on the grid of event times,
    and the covariates of `rows` rows. Each Newton step reads the covariates twice.

    Parameters
    ----------
    path
        Parquet file, or a pattern (``cohort/*.parquet``).
    time, event, covariates, entry, strata, weights
        Column names; `event` is bool or 0/1.
    rows
        Rows per partition.
    progress
        Called with a line of words before each pass over the data.

    Raises
    ------
    TimeError, EventCodingError, WeightError, NoEventsError, InputError
        As :func:`oncohort.stats.cox`.
    """
    table = Table(str(path), time, event, tuple(covariates), entry, strata, weights, rows)
    tell = progress or (lambda _: None)
    tell("reading keys and means")
    keys, left_out = table.keys()
    return cox_partitions(
        keys,
        table.covariates_of,
        tuple(covariates),
        scale=table.scale,
        ties=ties,
        level=level,
        left_out=left_out,
        progress=progress,
    )


def cox_partitions(
    keys: Sequence[Keys],
    read: Reader,
    names: Sequence[str],
    *,
    scale: Floats,
    ties: str = "efron",
    level: float = 0.95,
    left_out: dict[str, int] | None = None,
    progress: Progress | None = None,
) -> ScaledCox:
    """Cox regression on partitions: their keys, and a function that reads the X of one.

    Parameters
    ----------
    keys
        Per partition; strata must be coded alike in all.
    read
        ``read(i)`` gives the centred ``(n, p)`` covariates of partition i.
    scale
        ``(p,)`` standard deviation of each covariate over all partitions.
    """
    if ties not in ("efron", "breslow"):
        raise InputError(f"ties must be efron or breslow, not {ties!r}")
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, it is {level}")
    tell = progress or (lambda _: None)
    grid = Grid.of(keys)
    if not grid.size:
        raise NoEventsError("no events: a Cox model can't be estimated")
    places = [Placement.of(k, grid) for k in keys]
    p = len(names)
    step = 0

    def evaluate(beta: Floats) -> Terms:
        nonlocal step
        step += 1
        tell(f"evaluation {step}: sums over risk sets")
        total = RiskSums.zeros(grid, p)
        scores = []
        for i, (k, place) in enumerate(zip(keys, places, strict=True)):
            x = read(i)[place.rows]
            w = np.exp(x @ beta)
            weight = None if k.weight is None else k.weight[place.rows]
            if weight is not None:
                w *= weight
            scores.append(w)
            total = add_risk_sums(total, place, x, w, weight, beta)
        down, loglik, off = combine(grid, total, ties == "efron")
        del total
        tell(f"evaluation {step}: score and information")
        score, info = np.zeros(p), -off
        for i, (k, place) in enumerate(zip(keys, places, strict=True)):
            x = read(i)[place.rows]
            first, second = moments(down, place, x, scores[i])
            weight = None if k.weight is None else k.weight[place.rows]
            dead = x[place.died]
            score += dead.sum(axis=0) if weight is None else weight[place.died] @ dead
            score -= first
            info += second
        return Terms(loglik, score, 0.5 * (info + info.T))

    with one_blas_thread(10**9):
        fit = newton(evaluate, p, scale)
    return _result(fit, keys, tuple(names), ties, level, left_out or {})


def _result(
    fit: Fit,
    keys: Sequence[Keys],
    names: tuple[str, ...],
    ties: str,
    level: float,
    left_out: dict[str, int],
) -> ScaledCox:
    coef = np.where(fit.aliased, np.nan, fit.beta)
    coef[fit.diverging] = np.sign(fit.beta[fit.diverging]) * np.inf
    return ScaledCox(
        names=names,
        coef=coef,
        covariance=inverse(fit.end.info, ~(fit.aliased | fit.diverging)),
        loglik_null=fit.null.loglik,
        loglik=fit.end.loglik,
        n=sum(len(k.time) for k in keys),
        events=sum(int(k.event.sum()) for k in keys),
        partitions=len(keys),
        iterations=fit.iterations,
        converged=fit.converged,
        ties=ties,
        level=level,
        left_out=left_out,
    )
