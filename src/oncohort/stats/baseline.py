"""Baseline hazard and predicted survival after a Cox fit.

The hazard increments are those of the likelihood: Efron's under Efron ties, Breslow's under
Breslow (as R's ``survfit.coxph``). The variance of the cumulative hazard of a patient is the
Poisson part plus the part from the coefficients (Tsiatis 1981, Ann Stat 9:93; Therneau and
Grambsch 2000, section 10.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from oncohort.stats._cox.design import Floats
from oncohort.stats._cox.terms import first_moments, hazard, running
from oncohort.stats.errors import InputError
from oncohort.stats.times import nearest_times

if TYPE_CHECKING:
    from oncohort.stats._cox.result import CoxResult


@dataclass(frozen=True, slots=True)
class PredictedSurvival:
    """Survival of one covariate pattern in one stratum, at each event time.

    Attributes
    ----------
    time, survival, cumulative_hazard, se, low, high
        ``(k,)``; `se` is that of the cumulative hazard.
    """

    stratum: Any
    time: Floats
    survival: Floats
    cumulative_hazard: Floats
    se: Floats
    low: Floats
    high: Floats
    level: float
    interval: str

    @property
    def method(self) -> str:
        """Interval in words."""
        return (
            "Survival predicted by a Cox model (exp of minus the cumulative hazard), "
            f"{100 * self.level:g} % {self.interval} interval"
        )

    def at(self, times: Any) -> Floats:
        """Survival at given times; one before the first event."""
        where = np.searchsorted(self.time, nearest_times(times, self.time), side="right")
        if np.ndim(times) == 0:
            where = where[0]
        return np.concatenate([[1.0], self.survival])[where]

    def quantile(self, q: float = 0.5) -> float:
        """First time at which survival is at most ``1 - q``; NaN if not reached."""
        below = np.flatnonzero(self.survival <= 1.0 - q)
        return float(self.time[below[0]]) if len(below) else float("nan")

    def to_frame(self) -> Any:
        """Tidy polars table."""
        import polars as pl

        return pl.DataFrame(
            {
                "time": self.time,
                "survival": self.survival,
                "low": self.low,
                "high": self.high,
                "cumulative_hazard": self.cumulative_hazard,
                "se": self.se,
            }
        )


def baseline_hazard(result: CoxResult) -> tuple[PredictedSurvival, ...]:
    """Cumulative hazard at the mean covariates of the rows at risk, one per stratum.

    R: ``basehaz(fit, centered = TRUE)``.
    """
    return predict_survival(result, result.model.design.center)


def predict_survival(
    result: CoxResult, x: Any, *, offset: float = 0.0, interval: str = "log"
) -> tuple[PredictedSurvival, ...]:
    """Predicted survival of a patient with covariates `x` ``(p,)``, one curve per stratum.

    Parameters
    ----------
    interval
        "log" (R's default), "log-log" or "plain".

    Notes
    -----
    R: ``survfit(fit, newdata, conf.type)``.

    Examples
    --------
    >>> import numpy as np
    >>> from oncohort.stats.cox import cox
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=100)
    >>> fit = cox(rng.exponential(np.exp(-x)), np.ones(100), x)
    >>> good, = predict_survival(fit, [-1.0])
    >>> bad, = predict_survival(fit, [1.0])
    >>> bool(good.at(0.5) > bad.at(0.5))
    True
    """
    if interval not in ("log", "log-log", "plain"):
        raise InputError(f"interval must be log, log-log or plain, not {interval!r}")
    model = result.model
    if model.ties not in ("efron", "breslow"):
        raise InputError("predicted survival needs Efron or Breslow ties")
    d = model.design
    at = np.asarray(x, dtype=np.float64).reshape(-1)
    if len(at) != d.p:
        raise InputError(f"x has {len(at)} values, the model has {d.p} covariates")
    h = hazard(d, model.beta)
    s1, d1 = first_moments(d, h)
    shift = at - d.center
    starts = d.sptr[:-1]
    eta = float(shift @ model.beta) + offset
    poisson = running(h.a2, starts, backwards=True)
    drift = running(h.a2[:, None] * s1 - h.b2[:, None] * d1, starts, backwards=True)
    away = drift - h.cumulative[:, None] * shift
    cov = np.nan_to_num(result.covariance)
    variance = poisson + np.einsum("gi,ij,gj->g", away, cov, away)
    total = h.cumulative * np.exp(eta)
    se = np.sqrt(variance) * np.exp(eta)
    z = float(ndtri(0.5 + 0.5 * result.level))
    out = []
    labels = model.data.strata_labels
    for a, b in zip(d.sptr[:-1], d.sptr[1:], strict=True):
        part = slice(int(a), int(b))
        chaz, s = total[part][::-1], se[part][::-1]
        survival = np.exp(-chaz)
        low, high = _interval(survival, chaz, s, z, interval)
        out.append(
            PredictedSurvival(
                labels[int(d.stratum[a])] if labels else None,
                d.times[part][::-1],
                survival,
                chaz,
                s,
                low,
                high,
                result.level,
                interval,
            )
        )
    return tuple(out)


def _interval(
    survival: Floats, chaz: Floats, se: Floats, z: float, kind: str
) -> tuple[Floats, Floats]:
    with np.errstate(all="ignore"):
        if kind == "log":
            return survival * np.exp(-z * se), np.minimum(survival * np.exp(z * se), 1.0)
        if kind == "plain":
            half = z * se * survival
            return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)
        half = z * se / chaz
        return np.exp(-chaz * np.exp(half)), np.exp(-chaz * np.exp(-half))
