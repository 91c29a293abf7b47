"""Distribution functions of the tests and intervals; scipy is loaded when it is needed.

Most calls are for one number or a handful: normal probabilities and quantiles, and chi-squared
tails with few degrees of freedom. These have closed forms in the standard library's `erfc` and
normal quantile, accurate to rounding, and need no scipy, which takes longer to load than a small
study to check. Everything else is `scipy.special`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, erfc, exp, inf, isnan, lgamma, log, nan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEW = 256
"""Numbers up to which each is computed by itself."""
LARGEST_DF = 200
LARGEST_STATISTIC = 1400.0
"""Beyond these scipy works on the scale of logarithms."""
MOST_COUNTED = 500
"""Patients up to which the ways to choose some of them are a number of the machine."""
_SQRT_2 = sqrt(2.0)
_STANDARD = NormalDist()


def _each(function: Callable[[float], float], values: Floats) -> Floats:
    flat = [function(v) for v in values.ravel().tolist()]
    return np.array(flat, dtype=float).reshape(values.shape)


def _few(values: Floats) -> bool:
    return values.ndim > 0 and values.size <= FEW


def _ndtr(x: float) -> float:
    return 0.5 * erfc(-x / _SQRT_2)


def _ndtri(p: float) -> float:
    if 0.0 < p < 1.0:
        return _STANDARD.inv_cdf(p)
    return -inf if p == 0.0 else inf if p == 1.0 else nan


@overload
def ndtr(x: float) -> float: ...
@overload
def ndtr(x: Floats) -> Floats: ...
def ndtr(x: float | Floats) -> float | Floats:
    """Probability below `x` in a standard normal distribution.

    Examples
    --------
    >>> round(ndtr(-1.959963984540054), 12)
    0.025
    """
    if not isinstance(x, np.ndarray):
        return _ndtr(x)
    if _few(x):
        return _each(_ndtr, x)
    from scipy.special import ndtr as of_many

    return np.asarray(of_many(x))


@overload
def ndtri(p: float) -> float: ...
@overload
def ndtri(p: Floats) -> Floats: ...
def ndtri(p: float | Floats) -> float | Floats:
    """Quantile of a standard normal distribution.

    Examples
    --------
    >>> round(ndtri(0.975), 12), ndtri(1.0)
    (1.95996398454, inf)
    """
    if not isinstance(p, np.ndarray):
        return _ndtri(p)
    if _few(p):
        return _each(_ndtri, p)
    from scipy.special import ndtri as of_many

    return np.asarray(of_many(p))


def chdtrc(df: float, x: float) -> float:
    """Probability above `x` in a chi-squared distribution with `df` degrees of freedom.

    The sum for whole degrees of freedom has positive terms only, so nothing cancels
    (Abramowitz and Stegun 26.4.4 and 26.4.5).

    Examples
    --------
    >>> round(chdtrc(1, 3.841458820694124), 12), round(chdtrc(4, 9.487729036781154), 12)
    (0.05, 0.05)
    """
    whole = float(df).is_integer() and 1 <= df <= LARGEST_DF
    if isnan(x) or (whole and x < 0):
        return nan if isnan(x) else 1.0
    if not whole or x > LARGEST_STATISTIC:
        from scipy.special import chdtrc as of_any

        return float(of_any(df, x))
    half, odd = x / 2.0, int(df) % 2
    # half**k / gamma(k + 1), with k = 0, 1, ... or 1/2, 3/2, ...
    term = sqrt(half) / exp(lgamma(1.5)) if odd else 1.0
    total = 0.0
    for k in range(int(df) // 2):
        total += term
        term *= half / (k + 1 + odd / 2)
    tail = erfc(sqrt(half)) if odd else 0.0
    return tail + exp(-half) * total


def log_factorials(largest: int) -> Floats:
    """Logarithms of 0!, 1!, ... up to the largest.

    Examples
    --------
    >>> [round(float(v), 12) for v in log_factorials(3)]
    [0.0, 0.0, 0.69314718056, 1.791759469228]
    """
    if largest <= 10 * FEW:
        return np.array([lgamma(k + 1.0) for k in range(largest + 1)])
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(largest + 1) + 1.0))


def poisson_limits(count: int, level: float) -> tuple[float, float]:
    """Exact interval of a Poisson mean (Garwood 1936, Biometrika 28:437).

    Examples
    --------
    >>> [round(v, 6) for v in poisson_limits(4, 0.95)]
    [1.089865, 10.241589]
    """
    from scipy.special import gammaincinv

    tail = 0.5 * (1.0 - level)
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1.0 - tail))


def exact_limits(x: int, n: int, level: float) -> tuple[float, float]:
    """Exact interval of a proportion (Clopper and Pearson 1934, Biometrika 26:404).

    Each limit is a quantile of a beta distribution with whole parameters, whose distribution
    function is a sum of binomial probabilities: positive terms, so nothing cancels.

    Examples
    --------
    >>> [round(v, 6) for v in exact_limits(16, 42, 0.95)]
    [0.235721, 0.543633]
    """
    tail = 0.5 * (1.0 - level)
    if n > MOST_COUNTED or not 1e-12 < tail < 0.5:
        from scipy.special import betaincinv

        low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
        return low, 1.0 if x == n else float(betaincinv(x + 1, n - x, 1.0 - tail))
    return _lower_limit(x, n, tail), 1.0 - _lower_limit(n - x, n, tail)


def _lower_limit(x: int, n: int, tail: float) -> float:
    """The proportion with which `x` of `n` or more are seen with the probability `tail`.

    The logarithm of that probability is a concave function of the proportion's, so Newton's
    steps come from one side to the end.
    """
    if x == 0:
        return 0.0
    q, ways = x / n if x < n else tail ** (1.0 / n), float(comb(n, x))
    if x == n:
        return float(q)
    for _ in range(60):
        first = term = total = ways * q**x * (1.0 - q) ** (n - x)
        odds = q / (1.0 - q)
        for k in range(x, n):
            term *= (n - k) / (k + 1) * odds
            total += term
            if term < 1e-18 * total:
                break
        step = log(total / tail) * total / (x * first)
        q *= exp(-step)
        if abs(step) < 4e-16:
            break
    return q


def expit(x: Floats) -> Floats:
    """Logistic function: probabilities of log odds."""
    from scipy.special import expit as of_many

    return np.asarray(of_many(x))


def log_expit(x: Floats) -> Floats:
    """Logarithm of the logistic function."""
    from scipy.special import log_expit as of_many

    return np.asarray(of_many(x))
