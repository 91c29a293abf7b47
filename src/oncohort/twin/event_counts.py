"""How many events a paper that prints no number of them is likely to have had."""

from __future__ import annotations

import math

import numpy as np

from oncohort.published.figures import COHORT, slug
from oncohort.published.model import Published, Ratio
from oncohort.twin.question import Cox, logs, z_window
from oncohort.twin.search import INF

EARLY = ("pfs", "ttp", "dfs", "rfs", "efs")


def likely_events(n: int, ones: int, beta: float, se: float, draws: int = 40) -> int:
    """Number of events of ``n`` patients for which a log ratio has this standard error.

    By the mean information of drawn orders in which ``ones`` patients have exp(beta) times the
    hazard of the others, and those who leave without an event leave later rather than earlier.

    Examples
    --------
    >>> likely_events(42, 21, 0.0, 2 / 30**0.5)
    32
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
    lost = np.cumsum(np.take_along_axis(p * (1 - p), leaving, axis=1), axis=1)
    whole = (p * (1 - p)).sum(axis=1, keepdims=True)
    mean = np.concatenate([whole, whole - lost], axis=1).mean(axis=0)
    errors = 1 / np.sqrt(np.maximum(mean, 1e-9))
    return n - int(np.argmin(np.abs(np.log(errors / se))))


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
    sizes = {c.key: c for c in cox.covariates}
    guesses = []
    for model in cox.models:
        for variable, k, ratio, inverse in model.ratios:
            covariate = sizes[variable]
            if model.endpoint != endpoint or ratio is None or len(model.ratios) > 1:
                continue
            se, (low, high) = _se(ratio), logs(ratio.estimate)
            ones = sum(level in covariate.columns[k] for level in covariate.levels)
            if se and 0 < ones < n and low > -INF and high < INF:
                beta = (low + high) / 2 * (-1 if inverse else 1)
                guesses.append(likely_events(n, ones, beta, se))
    # Chance makes more of them too large than too small, the more patients on one side the more.
    low, high = np.quantile(guesses, (0.25, 0.75)) if len(guesses) >= 2 else (0.0, n)
    told = len(guesses) >= 2 and high - low <= 0.3 * n
    centre = float(low) - 0.8 if len(guesses) >= 2 else share * n
    least = max(counts.get("responses.pd", 0) if endpoint in EARLY else 0, math.ceil(n * 0.35), 1)
    most = n
    centre = min(max(centre, least), n)
    choices = sorted(range(least, most + 1), key=lambda d: abs(d - centre))
    # Of simulated cohorts of 42 patients all lay within 3 of it, of 100 patients within 5.
    return tuple(choices[: 2 * round(2 + n / 40) + 1 if told else 25])
