"""Tests for trend: counts by ordered groups, and numbers over ordered groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oncohort.stats.comparisons import samples_of
from oncohort.stats.contingency import whole_table
from oncohort.stats.distributions import chdtrc, ndtr
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Floats, as_numbers
from oncohort.stats.test_result import TestResult


def trend_test(
    table: Column,
    *,
    row_scores: Sequence[float] | None = None,
    scores: Sequence[float] | None = None,
) -> TestResult:
    """Test for trend of a table of counts whose rows and columns are in order.

    Two rows (or two columns): Cochran and Armitage's test of a proportion over ordered groups
    (Armitage 1955, Biometrics 11:375). More: the linear-by-linear association test (Agresti,
    Categorical Data Analysis, 3.4). Both are chi-squared on one degree of freedom.

    Parameters
    ----------
    row_scores, scores
        Scores of the rows and of the columns; default 1, 2, 3, ...

    Notes
    -----
    R: ``prop.trend.test``; ``coin::lbl_test``.

    Examples
    --------
    >>> round(trend_test([[83, 90, 129, 70], [3, 3, 7, 12]]).p, 5)
    0.00413
    """
    counts = whole_table(table).astype(np.float64)
    at = []
    for given, size, what in (
        (row_scores, counts.shape[0], "row_scores"),
        (scores, counts.shape[1], "scores"),
    ):
        values = np.arange(1.0, size + 1) if given is None else as_numbers(given, what)
        if len(values) != size or not np.isfinite(values).all():
            raise InputError(f"{what} needs {size} finite numbers")
        at.append(values)
    n = counts.sum()
    u, v = (_centred(at[0], counts.sum(axis=1)), _centred(at[1], counts.sum(axis=0)))
    spread = (counts.sum(axis=1) @ u**2) * (counts.sum(axis=0) @ v**2)
    if n == 0 or not spread > 0:
        raise InputError("a test for trend needs two rows and two columns that are not empty")
    share = float((u @ counts @ v) ** 2 / spread)
    used = (counts.sum(axis=1) > 0).sum(), (counts.sum(axis=0) > 0).sum()
    two = min(used) == 2
    statistic = share * float(n if two else n - 1)
    name = "Cochran-Armitage test for trend" if two else "linear-by-linear association test"
    return TestResult(float(chdtrc(1, statistic)), name, statistic, 1, int(n))


def _centred(scores: Floats, weight: Floats) -> Floats:
    return np.asarray(scores - (scores @ weight) / max(weight.sum(), 1.0))


def jonckheere(*samples: Column) -> TestResult:
    """Jonckheere and Terpstra's test of numbers over ordered groups, corrected for ties.

    Counts the pairs of values of two groups that are in the groups' order, ties as halves; its
    normal approximation has the variance under permutation (Hollander and Wolfe, Nonparametric
    Statistical Methods, 6.2).

    Examples
    --------
    >>> test = jonckheere([1, 2, 3], [2, 4, 5], [6, 7, 8])
    >>> test.statistic, round(test.p, 4)
    (25.5, 0.0074)
    """
    values, left_out = samples_of(samples)
    whole = np.concatenate(values)
    if len(np.unique(whole)) == 1:
        raise InputError("all values are equal: there is no order to compare")
    found = 0.0
    for i, low in enumerate(values):
        below = np.sort(low)
        for high in values[i + 1 :]:
            left = np.searchsorted(below, high, "left")
            right = np.searchsorted(below, high, "right")
            found += float((left + right).sum()) / 2
    n = float(len(whole))
    sizes = np.array([len(v) for v in values], dtype=np.float64)
    ties = np.unique(whole, return_counts=True)[1].astype(np.float64)
    mean = (n * n - (sizes**2).sum()) / 4
    variance = (
        n * (n - 1) * (2 * n + 5)
        - (sizes * (sizes - 1) * (2 * sizes + 5)).sum()
        - (ties * (ties - 1) * (2 * ties + 5)).sum()
    ) / 72
    if n > 2:
        variance += (
            (sizes * (sizes - 1) * (sizes - 2)).sum()
            * (ties * (ties - 1) * (ties - 2)).sum()
            / (36 * n * (n - 1) * (n - 2))
        )
    variance += (sizes * (sizes - 1)).sum() * (ties * (ties - 1)).sum() / (8 * n * (n - 1))
    z = (found - mean) / variance**0.5
    return TestResult(
        float(2 * ndtr(-abs(z))),
        "Jonckheere-Terpstra test for trend (normal approximation)",
        found,
        None,
        int(n),
        notes=(f"z {z:.6g}",),
        left_out=left_out,
    )
