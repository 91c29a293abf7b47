"""Proportions and differences of proportions, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, p_text
from oncohort.stats.distributions import exact_limits, ndtr, ndtri
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import check_choice, check_level

METHODS = {
    "clopper-pearson": "Clopper-Pearson (exact)",
    "wilson": "Wilson score",
    "wilson-cc": "Wilson score with continuity correction",
    "jeffreys": "Jeffreys",
    "mid-p": "mid-p exact",
    "agresti-coull": "Agresti-Coull",
    "wald": "Wald (normal approximation)",
}
DIFFERENCES = {
    "newcombe": "Newcombe hybrid score (without continuity correction)",
    "newcombe-cc": "Newcombe hybrid score with continuity correction",
    "miettinen-nurminen": "Miettinen-Nurminen score",
    "agresti-caffo": "Agresti-Caffo",
    "wald": "Wald (normal approximation)",
}


@dataclass(frozen=True, slots=True, repr=False)
class Proportion(Shown):
    """``x`` of ``n`` with its interval; `value`, `low` and `high` lie in [0, 1]."""

    x: int
    n: int
    value: float
    low: float
    high: float
    level: float
    method: str

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "x": self.x,
                "n": self.n,
                "value": self.value,
                "low": self.low,
                "high": self.high,
                "level": self.level,
                "method": self.method,
            }
        ]

    def _title(self) -> str:
        return (
            f"{self.x}/{self.n} = {100 * self.value:.2f} % "
            f"({100 * self.level:g} % interval {100 * self.low:.2f} to {100 * self.high:.2f})"
        )

    def _printed(self) -> Sequence[Row]:
        return []

    def _notes(self) -> Sequence[str]:
        return [f"Interval: {self.method}"]


def proportion(
    x: int, n: int, method: str = "clopper-pearson", *, level: float = 0.95
) -> Proportion:
    """A proportion with its interval.

    Parameters
    ----------
    x, n
        Count and denominator, ``0 <= x <= n``, ``n > 0``.
    method
        "clopper-pearson" (exact; Clopper and Pearson 1934), "wilson" (score; Wilson 1927),
        "wilson-cc", "jeffreys" (Beta(1/2, 1/2) prior, with 0 and 1 as ends where ``x`` is 0 or
        ``n``; Brown, Cai and DasGupta 2001, Stat Sci 16:101), "mid-p" (Lancaster), "agresti-coull"
        (cut at 0 and 1) or "wald" (misleading where counts are small).

    Notes
    -----
    R: ``binom.test`` (Clopper-Pearson), ``prop.test`` (Wilson).

    Examples
    --------
    >>> proportion(16, 42)
    16/42 = 38.10 % (95 % interval 23.57 to 54.36)
    Interval: Clopper-Pearson (exact)
    """
    check_choice(method, tuple(METHODS), "method")
    check_level(level)
    x, n = _count(x, n)
    low, high = _interval(x, n, method, level)
    return Proportion(x, n, x / n, low, high, level, METHODS[method])


def _count(x: float, n: float) -> tuple[int, int]:
    if x != int(x) or n != int(n) or not 0 <= x <= n or n <= 0:
        raise InputError(f"counts must be whole with 0 <= x <= n and n > 0, not {x} of {n}")
    return int(x), int(n)


def _interval(x: int, n: int, method: str, level: float) -> tuple[float, float]:
    tail = 0.5 * (1.0 - level)
    z = float(ndtri(1.0 - tail))
    p = x / n
    if method == "clopper-pearson":
        return exact_limits(x, n, level)
    if method == "jeffreys":
        from scipy.special import betaincinv

        low = 0.0 if x == 0 else float(betaincinv(x + 0.5, n - x + 0.5, tail))
        high = 1.0 if x == n else float(betaincinv(x + 0.5, n - x + 0.5, 1.0 - tail))
        return low, high
    if method == "mid-p":
        low = 0.0 if x == 0 else _root(lambda q: _mid_p_above(x, n, q) - tail)
        high = 1.0 if x == n else _root(lambda q: tail - (1.0 - _mid_p_above(x, n, q)))
        return low, high
    if method == "wilson":
        return wilson(x, n, z)
    if method == "wilson-cc":
        return wilson_cc(x, n, z)
    if method == "agresti-coull":
        total = n + z * z
        p = (x + 0.5 * z * z) / total
        half = z * (p * (1 - p) / total) ** 0.5
    else:
        half = z * (p * (1 - p) / n) ** 0.5
    return max(p - half, 0.0), min(p + half, 1.0)


def wilson(x: int, n: int, z: float) -> tuple[float, float]:
    """Wilson score interval."""
    p = x / n
    middle = (x + 0.5 * z * z) / (n + z * z)
    half = z / (n + z * z) * (n * p * (1 - p) + 0.25 * z * z) ** 0.5
    low = 0.0 if x == 0 else max(middle - half, 0.0)
    high = 1.0 if x == n else min(middle + half, 1.0)
    return low, high


def wilson_cc(x: int, n: int, z: float) -> tuple[float, float]:
    """Wilson score interval with continuity correction (Newcombe 1998, Stat Med 17:857)."""
    p = x / n
    q = 1 - p
    below = z * z - 2 - 1 / n + 4 * p * (n * q + 1)
    above = z * z + 2 - 1 / n + 4 * p * (n * q - 1)
    bottom = 2 * (n + z * z)
    low = 0.0 if x == 0 else max((2 * n * p + z * z - 1 - z * below**0.5) / bottom, 0.0)
    high = 1.0 if x == n else min((2 * n * p + z * z + 1 + z * above**0.5) / bottom, 1.0)
    return low, high


def _mid_p_above(x: int, n: int, q: float) -> float:
    """``P(X > x) + P(X = x) / 2`` for a binomial with probability `q`."""
    from scipy.special import betainc

    at_least = 1.0 if x == 0 else float(betainc(x, n - x + 1, q))
    above = 0.0 if x == n else float(betainc(x + 1, n - x, q))
    return 0.5 * (at_least + above)


def _root(rising: Callable[[float], float], low: float = 0.0, high: float = 1.0) -> float:
    """Where a rising function is zero; an end where it does not change its sign."""
    from scipy.optimize import brentq

    if rising(low) >= 0:
        return low
    if rising(high) <= 0:
        return high
    return float(brentq(rising, low, high, xtol=1e-300, rtol=4 * np.finfo(float).eps))


@dataclass(frozen=True, slots=True, repr=False)
class ProportionDifference(Shown):
    """``x1 / n1 - x2 / n2`` with its interval; all in [-1, 1].

    `p` is the two-sided p-value of no difference that belongs to the interval (none for
    Newcombe's and Agresti-Caffo's intervals, which invert no test).
    """

    x1: int
    n1: int
    x2: int
    n2: int
    value: float
    low: float
    high: float
    level: float
    method: str
    p: float | None

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "x1": self.x1,
                "n1": self.n1,
                "x2": self.x2,
                "n2": self.n2,
                "value": self.value,
                "low": self.low,
                "high": self.high,
                "level": self.level,
                "p": self.p,
                "method": self.method,
            }
        ]

    def _title(self) -> str:
        tail = "" if self.p is None else f", {p_text(self.p)}"
        return (
            f"{self.x1}/{self.n1} - {self.x2}/{self.n2} = {100 * self.value:.2f} % points "
            f"({100 * self.level:g} % interval {100 * self.low:.2f} to {100 * self.high:.2f}){tail}"
        )

    def _printed(self) -> Sequence[Row]:
        return []

    def _notes(self) -> Sequence[str]:
        return [f"Interval: {self.method}"]


def proportion_difference(
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    method: str = "newcombe",
    *,
    level: float = 0.95,
) -> ProportionDifference:
    """Difference of two independent proportions with its interval.

    Parameters
    ----------
    method
        "newcombe" (hybrid of two Wilson intervals, method 10 of Newcombe 1998, Stat Med 17:873),
        "newcombe-cc" (method 11), "miettinen-nurminen" (score; Miettinen and Nurminen 1985, Stat
        Med 4:213, with their factor N / (N - 1)), "agresti-caffo" (2000) or "wald".

    Notes
    -----
    R: ``ratesci::scoreci``, ``DescTools::BinomDiffCI``.

    Examples
    --------
    >>> d = proportion_difference(56, 70, 48, 80)
    >>> round(d.low, 4), round(d.high, 4)
    (0.0524, 0.3339)
    """
    check_choice(method, tuple(DIFFERENCES), "method")
    check_level(level)
    x1, n1 = _count(x1, n1)
    x2, n2 = _count(x2, n2)
    z = float(ndtri(0.5 + 0.5 * level))
    p1, p2 = x1 / n1, x2 / n2
    d = p1 - p2
    p: float | None = None
    if method.startswith("newcombe"):
        one = wilson_cc if method.endswith("cc") else wilson
        (l1, u1), (l2, u2) = one(x1, n1, z), one(x2, n2, z)
        low = d - ((p1 - l1) ** 2 + (u2 - p2) ** 2) ** 0.5
        high = d + ((u1 - p1) ** 2 + (p2 - l2) ** 2) ** 0.5
    elif method == "miettinen-nurminen":
        low = -1.0 if d == -1 else _root(lambda v: z - _score(x1, n1, x2, n2, v), -1.0, d)
        high = 1.0 if d == 1 else _root(lambda v: -_score(x1, n1, x2, n2, v) - z, d, 1.0)
        p = 2 * float(ndtr(-abs(_score(x1, n1, x2, n2, 0.0))))
    elif method == "agresti-caffo":
        q1, q2 = (x1 + 1) / (n1 + 2), (x2 + 1) / (n2 + 2)
        half = z * (q1 * (1 - q1) / (n1 + 2) + q2 * (1 - q2) / (n2 + 2)) ** 0.5
        low, high = q1 - q2 - half, q1 - q2 + half
    else:
        se = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) ** 0.5
        low, high = d - z * se, d + z * se
        p = 2 * float(ndtr(-abs(d) / se)) if se > 0 else None
    return ProportionDifference(
        x1, n1, x2, n2, d, max(low, -1.0), min(high, 1.0), level, DIFFERENCES[method], p
    )


def _score(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """Miettinen-Nurminen z for a true difference `delta`, falling in it."""
    r2 = restricted(x1, n1, x2, n2, delta)
    r1 = min(max(r2 + delta, 0.0), 1.0)
    n = n1 + n2
    variance = (r1 * (1 - r1) / n1 + r2 * (1 - r2) / n2) * n / (n - 1)
    gap = x1 / n1 - x2 / n2 - delta
    if variance <= 0:
        return 0.0 if gap == 0 else float(np.sign(gap)) * float("inf")
    return float(gap / variance**0.5)


def restricted(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """Maximum-likelihood ``p2`` where ``p1 = p2 + delta`` (root of a cubic in closed form)."""
    n = n1 + n2
    a = float(n)
    b = (n1 + 2 * n2) * delta - n - (x1 + x2)
    c = (n2 * delta - n - 2 * x2) * delta + x1 + x2
    e = x2 * delta * (1 - delta)
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a * a) + e / (2 * a)
    u2 = max(b * b / (3 * a) ** 2 - c / (3 * a), 0.0)
    u = (1.0 if v >= 0 else -1.0) * u2**0.5
    if u == 0:
        r = -b / (3 * a)
    else:
        w = (np.pi + np.arccos(np.clip(v / u**3, -1.0, 1.0))) / 3
        r = 2 * u * float(np.cos(w)) - b / (3 * a)
    return float(np.clip(r, max(0.0, -delta), min(1.0, 1.0 - delta)))
