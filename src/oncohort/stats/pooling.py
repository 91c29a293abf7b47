"""Estimates of several imputed data sets put together by Rubin's rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown
from oncohort.stats.distributions import chdtrc, ndtr, ndtri
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Floats, as_numbers, check_level


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pooled(Shown):
    """Pooled estimates.

    Attributes
    ----------
    estimate, se
        ``(k,)`` mean over imputations, and root of the total variance.
    within, between
        ``(k,)`` mean variance, and variance of the estimates.
    df
        ``(k,)`` degrees of freedom of the t distribution (infinite without variation).
    fmi
        ``(k,)`` fraction of missing information.
    low, high, statistic, p
        ``(k,)`` interval at `level`, t statistic and two-sided p of the estimate being 0.
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    within: Floats
    between: Floats
    df: Floats
    fmi: Floats
    low: Floats
    high: Floats
    statistic: Floats
    p: Floats
    level: float
    imputations: int
    method: str

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "name": name,
                "estimate": float(self.estimate[j]),
                "se": float(self.se[j]),
                "low": float(self.low[j]),
                "high": float(self.high[j]),
                "df": float(self.df[j]) if np.isfinite(self.df[j]) else None,
                "p": float(self.p[j]),
                "fmi": float(self.fmi[j]),
            }
            for j, name in enumerate(self.names)
        ]

    def _title(self) -> str:
        return f"Pooled over {self.imputations} imputations"

    def _notes(self) -> Sequence[str]:
        return [self.method]


def pool(
    estimates: Column,
    variances: Column,
    *,
    df_complete: float | None = None,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> Pooled:
    """Rubin's rules (Rubin 1987), with Barnard and Rubin's degrees of freedom (1999).

    Parameters
    ----------
    estimates
        ``(m,)`` or ``(m, k)``: `m` imputations of `k` numbers that are about normal (log hazard
        ratios, not hazard ratios).
    variances
        Of the same shape: squared standard errors.
    df_complete
        Degrees of freedom had nothing been missing (events or patients less coefficients);
        without it Rubin's large-sample degrees of freedom.

    Notes
    -----
    R: ``mice::pool``.

    Examples
    --------
    >>> pooled = pool([0.5, 0.6, 0.4], [0.04, 0.05, 0.03], df_complete=40)
    >>> round(float(pooled.estimate[0]), 3), round(float(pooled.se[0]), 4)
    (0.5, 0.2309)
    """
    check_level(level)
    q, u = _matrix(estimates, "estimates"), _matrix(variances, "variances")
    if q.shape != u.shape:
        raise InputError(f"estimates have shape {q.shape}, variances {u.shape}")
    m, k = q.shape
    if m < 2:
        raise InputError(f"pooling needs two imputations, there is {m}")
    if not (u > 0).all():
        raise InputError("variances must be above zero")
    if df_complete is not None and not df_complete > 0:
        raise InputError(f"df_complete must be above zero, it is {df_complete}")
    labels = tuple(names) if names is not None else tuple(f"q{j + 1}" for j in range(k))
    if len(labels) != k:
        raise InputError(f"names has {len(labels)} entries, there are {k} estimates")
    mean, within = q.mean(axis=0), u.mean(axis=0)
    between = q.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    with np.errstate(divide="ignore"):
        df = (m - 1) / share**2
    if df_complete is not None:
        observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
        df = 1.0 / (1.0 / df + 1.0 / observed)
    r = share / (1 - share)
    fmi = (r + 2 / (df + 3)) / (r + 1)
    se = np.sqrt(total)
    t = mean / se
    tail = 0.5 + 0.5 * level
    infinite = np.isinf(df)
    finite_df = np.where(infinite, 1.0, df)
    from scipy.special import stdtr, stdtrit

    width = np.where(infinite, ndtri(tail), stdtrit(finite_df, tail))
    p = 2 * np.where(infinite, ndtr(-np.abs(t)), stdtr(finite_df, -np.abs(t)))
    how = "Barnard-Rubin" if df_complete is not None else "Rubin's large-sample"
    return Pooled(
        labels,
        mean,
        se,
        within,
        between,
        df,
        fmi,
        mean - width * se,
        mean + width * se,
        t,
        p,
        level,
        m,
        f"Rubin's rules, {how} degrees of freedom, {100 * level:g} % t intervals.",
    )


def _matrix(values: Column, what: str) -> Floats:
    raw = np.asarray(values, dtype=np.float64)
    if raw.ndim == 1:
        raw = as_numbers(raw, what)[:, None]
    if raw.ndim != 2 or not np.isfinite(raw).all():
        raise InputError(f"{what} must be finite, one row per imputation")
    return raw


@dataclass(frozen=True, slots=True)
class PooledTest:
    """Test of several pooled coefficients at once (a factor with several levels)."""

    statistic: float
    df: int
    df_error: float
    p: float
    method: str


def pool_test(estimates: Column, covariances: object) -> PooledTest:
    """Test that several coefficients are zero (D1; Li, Raghunathan and Rubin 1991, JASA 86:1065).

    Parameters
    ----------
    estimates
        ``(m, k)``.
    covariances
        ``(m, k, k)``.

    Notes
    -----
    R: ``mice::D1``.

    Examples
    --------
    >>> import numpy as np
    >>> test = pool_test([[0.5, 1.0], [0.6, 0.9], [0.4, 1.2]], [np.eye(2) * 0.04] * 3)
    >>> test.df
    2
    """
    q = _matrix(estimates, "estimates")
    u = np.asarray(covariances, dtype=np.float64)
    m, k = q.shape
    if u.shape != (m, k, k):
        raise InputError(f"covariances must have shape {(m, k, k)}, not {u.shape}")
    if m < 2:
        raise InputError(f"pooling needs two imputations, there is {m}")
    mean, within = q.mean(axis=0), u.mean(axis=0)
    between = np.atleast_2d(np.cov(q, rowvar=False, ddof=1))
    r = (1 + 1 / m) * float(np.trace(between @ np.linalg.inv(within))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1 + r))
    t = k * (m - 1)
    if r == 0:
        error = float("inf")
    elif t > 4:
        error = 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    else:
        error = t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2
    if np.isinf(error):
        p = float(chdtrc(k, k * statistic))
    else:
        from scipy.special import fdtrc

        p = float(fdtrc(k, error, statistic))
    return PooledTest(statistic, k, error, p, "Pooled Wald test (D1 of Li, Raghunathan and Rubin)")
