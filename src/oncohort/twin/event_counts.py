"""How many events a paper that prints no number of them is likely to have had."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from oncohort.published.figures import COHORT, slug
from oncohort.published.model import Published, Ratio
from oncohort.stats.inputs import Floats
from oncohort.twin.question import Cox, logs, z_window
from oncohort.twin.search import INF

EARLY = ("pfs", "ttp", "dfs", "rfs", "efs")

UNLIKELY = 3.0
"""Numbers of events that are so much (log likelihood) less likely than the best are not tried."""


NEAR = 0.5
"""How near to the printed ratio a drawn order's own ratio has to be, in standard errors."""

TAILS = 4
"""Degrees of freedom of what standard errors say: a few of any cohort's are far from the mean."""


@cache
def standard_errors_of(n: int, ones: int, beta: float, draws: int = 400) -> tuple[Floats, Floats]:
    """Mean and spread of the log standard error of a log ratio, with 1 to ``n`` events.

    Of drawn orders in which ``ones`` patients have exp(beta) times the hazard of the others, and
    those who leave without an event leave later rather than earlier; by regression for an order
    whose own ratio is exp(beta), from those that are near to it.

    Examples
    --------
    >>> mean, _ = standard_errors_of(42, 21, 0.0)
    >>> [round(float(np.exp(mean[d - 1])), 2) for d in (20, 30)]
    [0.46, 0.37]
    """
    rng = np.random.default_rng(5)
    x = np.zeros((draws, n))
    x[:, :ones] = 1
    time = rng.exponential(1.0, (draws, n)) * np.exp(-beta * x)
    x = np.take_along_axis(x, np.argsort(time, axis=1), axis=1)
    first = np.cumsum(x[:, ::-1], axis=1)[:, ::-1]
    rest = np.arange(n, 0, -1)[None, :] - first
    p = math.exp(beta) * first / (math.exp(beta) * first + rest)
    leaving = np.argsort(rng.exponential(1.0, (draws, n)) / np.arange(1, n + 1.0), axis=1)
    info = np.maximum(_with_events(p * (1 - p), leaving), 1e-9)
    away = _with_events(x - p, leaving) / np.sqrt(info)
    errors = -0.5 * np.log(info)
    near = np.exp(-0.5 * (away / NEAR) ** 2) + 1e-12
    near /= near.sum(axis=0)
    away -= (centre := (near * away).sum(axis=0))
    mean = (near * errors).sum(axis=0)
    slope = (near * away * (errors - mean)).sum(axis=0)
    slope /= np.maximum((near * away**2).sum(axis=0), 1e-9)
    spread = np.sqrt((near * (errors - mean - slope * away) ** 2).sum(axis=0))
    return mean - slope * centre, np.maximum(spread, 0.01)


def _with_events(terms: Floats, leaving: npt.NDArray[np.intp]) -> Floats:
    """Sums over the events, with 1 to all of them; ``leaving``: ranks in the order of leaving."""
    lost = np.cumsum(np.take_along_axis(terms, leaving, axis=1), axis=1)
    whole = terms.sum(axis=1, keepdims=True)
    return np.asarray(np.concatenate([whole, whole - lost], axis=1)[:, terms.shape[1] - 1 :: -1])


def likelihood(n: int, told: Iterable[tuple[int, float, float]]) -> Floats:
    """Log likelihood of 1 to ``n`` events; 0 for the most likely number.

    ``told``: of each ratio of one 0/1 variable the patients on the side of the 1, log ratio and
    standard error.

    Examples
    --------
    >>> int(np.argmax(likelihood(42, [(21, 0.0, 2 / 30**0.5), (10, 0.3, 0.45)]))) + 1
    31
    """
    total = np.zeros(n)
    for ones, beta, se in told:
        mean, spread = standard_errors_of(n, ones, round(beta, 3))
        away = (math.log(se) - mean) / spread
        total += -0.5 * (TAILS + 1) * np.log1p(away**2 / TAILS) - np.log(spread)
    return np.asarray(total - total.max())


def _se(r: Ratio) -> float | None:
    """Standard error of a printed log ratio, by its interval or its p."""
    low, high = logs(r.low), logs(r.high)
    if low[0] > -INF and low[1] <= high[0] and high[1] < INF:
        return ((high[0] + high[1]) - (low[0] + low[1])) / 4 / 1.959963984540054
    beta, z = logs(r.estimate), z_window(r.p)
    if beta[0] == -INF or z[1] == INF or z[0] <= 0.6:
        return None
    return abs(beta[0] + beta[1]) / (z[0] + z[1])


def event_guesses(
    published: Published, cox: Cox, endpoint: str, counts: dict[str, int], n: int, share: float
) -> tuple[int, ...]:
    """Numbers of events to try: the printed one, or those that the standard errors speak for."""
    known = counts.get(f"events.{endpoint}")
    asked = any(slug(e.endpoint) == endpoint and e.population in COHORT for e in published.events)
    asked = asked or any(slug(c.endpoint) == endpoint and c.events for c in published.curves)
    if known is not None and asked:
        return (known,)
    told = _told(cox, endpoint, n)
    least = max(counts.get("responses.pd", 0) if endpoint in EARLY else 0, math.ceil(n * 0.35), 1)
    if len(told) < 2:
        centre = min(max(share * n, least), n)
        return tuple(sorted(range(least, n + 1), key=lambda d: abs(d - centre))[:25])
    likely = likelihood(n, told)
    choices = sorted(range(least, n + 1), key=lambda d: -likely[d - 1])
    best = likely[choices[0] - 1]
    return tuple(d for d in choices if likely[d - 1] >= best - UNLIKELY)


def _told(cox: Cox, endpoint: str, n: int) -> list[tuple[int, float, float]]:
    """Ones, log ratio and standard error of every printed ratio of one 0/1 variable."""
    sizes = {c.key: c for c in cox.covariates}
    out = []
    for model in cox.models:
        for variable, k, ratio, inverse in model.ratios:
            covariate = sizes[variable]
            if model.endpoint != endpoint or ratio is None or len(model.ratios) > 1:
                continue
            se, (low, high) = _se(ratio), logs(ratio.estimate)
            ones = sum(level in covariate.columns[k] for level in covariate.levels)
            if se and 0 < ones < n and low > -INF and high < INF:
                out.append((ones, (low + high) / 2 * (-1 if inverse else 1), se))
    return out
