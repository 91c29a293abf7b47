"""Newton's method for a concave log-likelihood: aliased columns, step halving, separation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Bools, Floats
from oncohort.stats._cox.terms import Terms

MAX_ITERATIONS = 60
DECREMENT = 1e-9
"""Newton decrement at which the next step is the last one."""
ALIASED = 1e-11
"""Share of a column's information that the columns before it leave, below which it is aliased."""
DIVERGING = 1e-2
"""A last step longer than this (in standard deviations of x) has not settled."""

MUCH = 1_000_000
"""Cells of X from which one evaluation is worth saving."""

VANISHED = 1e-7
"""Share of a coefficient's information at zero that is left where its likelihood is monotone."""


class Derivatives(Protocol):
    """Value, gradient and negative Hessian of the objective."""

    @property
    def loglik(self) -> float: ...
    @property
    def score(self) -> Floats: ...
    @property
    def info(self) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Fit:
    """Where Newton's method ended.

    Attributes
    ----------
    beta
        ``(p,)``; zero where a column is aliased.
    null, end
        Derivatives at the start and at `beta`.
    aliased
        ``(p,)`` columns that are constant within risk sets or follow from columns before them.
    diverging
        ``(p,)`` columns whose coefficient has no finite maximum (monotone likelihood).
    """

    beta: Floats
    null: Derivatives
    end: Derivatives
    aliased: Bools
    diverging: Bools
    iterations: int
    converged: bool
    covariance: Floats | None = None
    """Inverse of the information at the end, where the engine has made it already."""


def newton(
    evaluate: Callable[[Floats], Derivatives],
    p: int,
    scale: Floats,
    *,
    start: Floats | None = None,
    fixed: Bools | None = None,
    max_iterations: int = MAX_ITERATIONS,
    decrement: float = DECREMENT,
    unit: float = 1.0,
    close: float = 0.0,
) -> Fit:
    """Maximise; `scale` is the standard deviation of each column, `fixed` columns stay at start.

    `unit` is the weight of one event: the objective is measured in it. At a Newton decrement below
    `close` the derivatives after the last step are told by those before it: see :func:`close_to`.
    """
    beta = np.zeros(p) if start is None else start.astype(np.float64)
    null = evaluate(beta)
    aliased = find_aliased(null.info, scale)
    free = ~aliased if fixed is None else ~(aliased | fixed)
    if fixed is None:
        beta = np.where(aliased, 0.0, beta)
    index = np.flatnonzero(free)
    here = null
    diverging = np.zeros(p, dtype=np.bool_)
    step = np.zeros(p)
    for iteration in range(1, max_iterations + 1):
        if not len(index):
            return Fit(beta, null, here, aliased, diverging, 0, True)
        step[index] = solve(here.info[np.ix_(index, index)], here.score[index])
        left = abs(float(step @ here.score))
        small = left < decrement * unit
        if small and left < close:
            end = Terms(here.loglik + 0.5 * left, here.score - here.info @ step, here.info)
            diverging = unsettled(free, step, scale, null.info, end.info)
            converged = not diverging.any()
            return Fit(beta + step, null, end, aliased, diverging, iteration, converged)
        beyond = evaluate(beta + step)
        for _ in range(40):
            if np.isfinite(beyond.loglik) and beyond.loglik >= here.loglik - 1e-9 * (
                unit + abs(here.loglik)
            ):
                break
            step = 0.5 * step
            beyond = evaluate(beta + step)
        else:
            return Fit(beta, null, here, aliased, diverging, iteration, False)
        beta, here = beta + step, beyond
        if small:
            diverging = unsettled(free, step, scale, null.info, here.info)
            return Fit(beta, null, here, aliased, diverging, iteration, not diverging.any())
    diverging = unsettled(free, step, scale, null.info, here.info)
    return Fit(beta, null, here, aliased, diverging, max_iterations, False)


def close_to(events: float, cells: int) -> float:
    """Decrement so small that the last pass over much data is saved, by so many weighted events.

    The step then changes score and information by a share of 1e-9.
    """
    return 1e-18 * events if cells > MUCH else 0.0


def unsettled(free: Bools, step: Floats, scale: Floats, start: Floats, end: Floats) -> Bools:
    """Columns that still moved in the last step, or whose information has vanished on the way.

    Under a monotone likelihood Newton's steps stay at about one unit of the linear predictor
    while score and information fall together; at a maximum the steps fall quadratically.
    """
    gone = np.diagonal(end) <= VANISHED * np.diagonal(start)
    return np.asarray(free & ((np.abs(step) * scale > DIVERGING) | gone))


def find_aliased(info: Floats, scale: Floats) -> Bools:
    """Columns whose information vanishes once the columns before them are accounted for.

    A sequential Cholesky decomposition of the information in correlation form; of two collinear
    columns the later one is aliased, as in R.
    """
    p = len(scale)
    aliased = np.zeros(p, dtype=np.bool_)
    diagonal = np.diag(info)
    total = float(np.max(diagonal / np.where(scale > 0, scale * scale, 1.0), initial=0.0))
    with np.errstate(all="ignore"):
        empty = ~(diagonal > 1e-12 * total * scale * scale) | (scale == 0)
    d = np.where(empty, 1.0, np.sqrt(np.where(empty, 1.0, diagonal)))
    rest = info / np.outer(d, d)
    for j in range(p):
        if empty[j] or not rest[j, j] > ALIASED:
            aliased[j] = True
            continue
        if j + 1 < p:
            column = rest[j + 1 :, j] / rest[j, j]
            rest[j + 1 :, j + 1 :] -= np.outer(column, rest[j, j + 1 :])
    return aliased


def solve(info: Floats, right: Floats) -> Floats:
    """``info^-1 right`` in correlation form; least squares where `info` is singular."""
    diagonal = np.diag(info)
    d = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = info / np.outer(d, d)
    rhs = (right.T / d).T
    try:
        out = np.linalg.solve(scaled, rhs)
    except np.linalg.LinAlgError:
        out = np.linalg.lstsq(scaled, rhs, rcond=None)[0]
    return np.asarray((out.T / d).T)


def inverse(info: Floats, free: Bools) -> Floats:
    """Inverse over the free columns; not-a-number elsewhere."""
    p = len(free)
    out = np.full((p, p), np.nan)
    index = np.flatnonzero(free)
    if len(index):
        sub = solve(info[np.ix_(index, index)], np.eye(len(index)))
        out[np.ix_(index, index)] = 0.5 * (sub + sub.T)
    return out
