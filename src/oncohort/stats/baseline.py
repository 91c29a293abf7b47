"""Baseline hazard and predicted survival after a Cox fit.

The hazard increments are those of the likelihood: Efron's under Efron ties, Breslow's under
Breslow (as R's ``survfit.coxph``). The variance of the cumulative hazard of a patient is the
Poisson part plus the part from the coefficients (Tsiatis 1981, Ann Stat 9:93; Therneau and
Grambsch 2000, section 10.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Floats
from oncohort.stats._cox.rows import covariates
from oncohort.stats._cox.terms import first_moments, hazard, running
from oncohort.stats.distributions import ndtri
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Label, Matrix, as_array, as_numbers, row_list
from oncohort.stats.times import nearest_times

if TYPE_CHECKING:
    import polars

    from oncohort.stats._cox.result import CoxResult


@dataclass(frozen=True, slots=True)
class PredictedSurvival:
    """Survival of one covariate pattern in one stratum, at each event time.

    Attributes
    ----------
    time, survival, cumulative_hazard, se, low, high
        ``(k,)``; `se` is that of the cumulative hazard.
    """

    stratum: Label
    time: Floats
    survival: Floats
    cumulative_hazard: Floats
    se: Floats
    low: Floats
    high: Floats
    level: float
    interval: str
    row: int = 0
    """Which of the patients asked for, from 0."""

    @property
    def method(self) -> str:
        """Interval in words."""
        return (
            "Survival predicted by a Cox model (exp of minus the cumulative hazard), "
            f"{100 * self.level:g} % {self.interval} interval"
        )

    def at(self, times: Matrix) -> Floats:
        """Survival at given times; one before the first event."""
        where = np.searchsorted(self.time, nearest_times(times, self.time), side="right")
        if np.ndim(times) == 0:
            where = where[0]
        return np.concatenate([[1.0], self.survival])[where]

    def quantile(self, q: float = 0.5) -> float:
        """First time at which survival is at most ``1 - q``; NaN if not reached."""
        below = np.flatnonzero(self.survival <= 1.0 - q)
        return float(self.time[below[0]]) if len(below) else float("nan")

    def to_frame(self) -> polars.DataFrame:
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

    R: ``basehaz(fit, centered = TRUE)``. No study asks for it: a paper prints ratios and survival,
    not the hazard between them.
    """
    return predict_survival(result, result.model.design.center)


def predict_survival(
    result: CoxResult, x: Matrix, *, offset: Column = 0.0, interval: str = "log"
) -> tuple[PredictedSurvival, ...]:
    """Predicted survival of patients with given covariates, one curve per patient and stratum.

    No study asks for it: the survival of single patients is no part of a paper.

    Parameters
    ----------
    x
        ``(p,)`` of one patient, or ``(m, p)`` array or frame of several: their curves follow each
        other, each patient's strata together (`row` and `stratum` say which).
    offset
        Of all patients, or ``(m,)``.
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
    >>> good, bad = predict_survival(fit, [[-1.0], [1.0]])
    >>> bool(good.at(0.5) > bad.at(0.5))
    True
    """
    if interval not in ("log", "log-log", "plain"):
        raise InputError(f"interval must be log, log-log or plain, not {interval!r}")
    model = result.model
    if model.ties not in ("efron", "breslow"):
        raise InputError("predicted survival needs Efron or Breslow ties")
    d = model.design
    rows = patterns(x, d.p)
    shifts = np.broadcast_to(np.asarray(offset, dtype=np.float64), (len(rows),))
    h = hazard(d, model.beta)
    s1, d1 = first_moments(d, h)
    starts = d.sptr[:-1]
    poisson = running(h.a2, starts, backwards=True)
    drift = running(h.a2[:, None] * s1 - h.b2[:, None] * d1, starts, backwards=True)
    cov = np.nan_to_num(result.covariance)
    z = float(ndtri(0.5 + 0.5 * result.level))
    labels = model.data.strata_labels
    out = []
    for row, (at, more) in enumerate(zip(rows, shifts.tolist(), strict=True)):
        shift = at - d.center
        risk = np.exp(float(shift @ model.beta) + more)
        away = drift - h.cumulative[:, None] * shift
        se = np.sqrt(poisson + np.einsum("gi,ij,gj->g", away, cov, away)) * risk
        total = h.cumulative * risk
        for a, b in zip(d.sptr[:-1].tolist(), d.sptr[1:].tolist(), strict=True):
            chaz, s = total[a:b][::-1], se[a:b][::-1]
            survival = np.exp(-chaz)
            low, high = _interval(survival, chaz, s, z, interval)
            stratum = labels[int(d.stratum[a])] if labels else None
            out.append(
                PredictedSurvival(
                    stratum,
                    d.times[a:b][::-1],
                    survival,
                    chaz,
                    s,
                    low,
                    high,
                    result.level,
                    interval,
                    row,
                )
            )
    return tuple(out)


def patterns(x: Matrix, p: int) -> Floats:
    """``(m, p)`` covariate values of one patient or several.

    Raises
    ------
    InputError
        A value is missing, or there are not `p` of them.
    """
    shape = np.shape(x)
    if len(shape) == 2:
        rows, _ = covariates(x, shape[0])
    else:
        rows = as_numbers(np.atleast_1d(as_array(x)), "x")[None]
    if rows.shape[1] != p:
        raise InputError(f"x has {rows.shape[1]} values, the model has {p} covariates")
    bad = np.asarray(~np.isfinite(rows).all(axis=1))
    if bad.any():
        raise InputError(f"x is missing or infinite in rows {row_list(bad)}")
    return rows


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
