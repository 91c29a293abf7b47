"""One-sample log-rank test: observed events against a reference survival curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text, p_text
from oncohort.stats.distributions import chdtrc, poisson_limits
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Floats, as_numbers, check_level, read_survival


@dataclass(frozen=True, slots=True, repr=False)
class OneSampleResult(Shown):
    """Observed against expected events.

    Attributes
    ----------
    statistic, p
        ``(O - E)^2 / E``, chi-squared on one degree of freedom; two-sided.
    ratio, low, high
        ``O / E`` (standardised event ratio) with its exact Poisson interval.
    """

    statistic: float
    p: float
    observed: int
    expected: float
    ratio: float
    low: float
    high: float
    level: float
    method: str
    n: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def df(self) -> int:
        return 1

    @property
    def z(self) -> float:
        """Signed root: below 0 where fewer events than expected happened."""
        return float((self.observed - self.expected) / self.expected**0.5)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "n": self.n,
                "observed": self.observed,
                "expected": self.expected,
                "ratio": self.ratio,
                "low": self.low,
                "high": self.high,
                "statistic": self.statistic,
                "p": self.p,
            }
        ]

    def _title(self) -> str:
        return f"{self.method}: chi-squared {self.statistic:.4f} on 1 df, {p_text(self.p)}"

    def _notes(self) -> Sequence[str]:
        return [
            f"ratio with exact Poisson interval at {100 * self.level:g} %",
            left_out_text(self.left_out),
        ]


def logrank_one_sample(
    time: Column,
    event: Column,
    *,
    median: float | None = None,
    hazard: float | None = None,
    curve: tuple[Column, Column] | None = None,
    cumulative_hazard: Callable[[Floats], Column] | None = None,
    entry: Column | None = None,
    level: float = 0.95,
) -> OneSampleResult:
    """Compare a cohort with a known survival curve (Breslow 1975, Int Stat Rev 43:45).

    Give one reference. The expected number is the sum of the reference's cumulative hazard over
    each row's time under observation.

    Parameters
    ----------
    time, event, entry
        As in :func:`oncohort.stats.kaplan_meier`.
    median
        Of an exponential reference.
    hazard
        Constant hazard of the reference, per unit of time.
    curve
        ``(times, survival)`` of a step curve, as published: survival from each time on.
    cumulative_hazard
        Function of an array of times.

    Notes
    -----
    R: ``survdiff(Surv(time, event) ~ offset(S0(time)))``.

    Examples
    --------
    >>> test = logrank_one_sample([2, 4, 6, 8, 10], [1, 0, 1, 0, 0], median=6)
    >>> test.observed, round(test.expected, 4), round(test.statistic, 4)
    (2, 3.4657, 0.6199)
    """
    check_level(level)
    law, words = _reference(median, hazard, curve, cumulative_hazard)
    data = read_survival(time, event, entry=entry)
    own = np.asarray(law(data.time), dtype=np.float64)
    if data.entry is not None:
        own = own - np.asarray(law(data.entry), dtype=np.float64)
    if own.shape != data.time.shape or not np.isfinite(own).all() or (own < 0).any():
        raise InputError(
            "the reference's cumulative hazard must be finite and rising at every observed time"
        )
    expected, observed = float(own.sum()), int(data.event.sum())
    if expected <= 0:
        raise InputError("the reference expects no event by the observed times")
    statistic = (observed - expected) ** 2 / expected
    low, high = poisson_limits(observed, level)
    return OneSampleResult(
        statistic,
        float(chdtrc(1, statistic)),
        observed,
        expected,
        observed / expected,
        low / expected,
        high / expected,
        level,
        f"One-sample log-rank test against {words}",
        data.n,
        data.left_out,
    )


def _reference(
    median: float | None,
    hazard: float | None,
    curve: tuple[Column, Column] | None,
    cumulative_hazard: Callable[[Floats], Column] | None,
) -> tuple[Callable[[Floats], Column], str]:
    """The cumulative hazard of the one reference that is given, and its words."""
    named = {
        "median": median,
        "hazard": hazard,
        "curve": curve,
        "cumulative_hazard": cumulative_hazard,
    }
    given = [name for name, value in named.items() if value is not None]
    if len(given) != 1:
        raise InputError(
            "give one reference: median, hazard, curve or cumulative_hazard"
            + (f", not {' and '.join(given)}" if given else "")
        )
    if curve is not None:
        return _step(*curve), "a published curve"
    if cumulative_hazard is not None:
        return cumulative_hazard, "a given cumulative hazard"
    rate = float(np.log(2)) / median if median is not None and median > 0 else hazard
    if rate is None or not 0 < rate < float("inf"):
        raise InputError(f"{given[0]} must be above zero and finite")
    words = (
        f"an exponential curve with median {median:g}"
        if median is not None
        else f"a constant hazard of {hazard:g}"
    )
    return lambda t: np.asarray(rate * t), words


def _step(times: Column, survival: Column) -> Callable[[Floats], Floats]:
    t, s = as_numbers(times, "times of the curve"), as_numbers(survival, "survival of the curve")
    if len(t) != len(s) or not len(t):
        raise InputError(f"the curve has {len(t)} times and {len(s)} survival values")
    if not (np.diff(t) > 0).all() or not (np.diff(s) <= 0).all() or s[0] > 1 or s[-1] < 0:
        raise InputError("the curve needs rising times and falling survival within [0, 1]")

    def law(at: Floats) -> Floats:
        here = np.concatenate([[1.0], s])[np.searchsorted(t, at, side="right")]
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(here))

    return law
