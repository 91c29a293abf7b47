"""Tests between groups of numbers: Wilcoxon, Kruskal-Wallis, t.

The distributions are scipy's, imported when used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from oncohort.stats.errors import InputError, TooFewGroupsError
from oncohort.stats.inputs import Column, Floats, as_numbers, check_choice
from oncohort.stats.test_result import TestResult as TestResult

T = TypeVar("T")


def samples_of(samples: Sequence[Column]) -> tuple[list[Floats], dict[str, int]]:
    """Finite values of each sample; missing ones counted."""
    if len(samples) < 2:
        raise TooFewGroupsError(f"a comparison needs two samples, there is {len(samples)}")
    values = [as_numbers(sample, f"sample {i + 1}") for i, sample in enumerate(samples)]
    missing = sum(int(np.isnan(v).sum()) for v in values)
    values = [v[~np.isnan(v)] for v in values]
    for i, v in enumerate(values):
        if not len(v):
            raise InputError(f"sample {i + 1} has no values")
        if not np.isfinite(v).all():
            raise InputError(f"sample {i + 1} has infinite values")
    return values, {"missing value": missing} if missing else {}


def wilcoxon(x: Column, y: Column, *, paired: bool = False) -> TestResult:
    """Wilcoxon rank-sum (Mann-Whitney) test, or the signed-rank test of pairs.

    Exact without ties and with fewer than 50 values in each sample (pairs: fewer than 50);
    otherwise the normal approximation with continuity and tie correction. R: ``wilcox.test``.

    Examples
    --------
    >>> test = wilcoxon([1.1, 2.2, 3.3, 4.4], [2.5, 5.5, 6.6, 7.7])
    >>> round(test.p, 4), test.method
    (0.1143, 'Wilcoxon rank-sum test (exact)')
    """
    from scipy import stats

    if paired:
        return _signed_rank(x, y)
    (a, b), left_out = samples_of([x, y])
    ties = len(np.unique(np.concatenate([a, b]))) < len(a) + len(b)
    exact = not ties and len(a) < 50 and len(b) < 50
    if len(np.unique(np.concatenate([a, b]))) == 1:
        raise InputError("all values are equal: there are no ranks to compare")
    found = stats.mannwhitneyu(
        a, b, alternative="two-sided", method="exact" if exact else "asymptotic"
    )
    how = "exact" if exact else "normal approximation with continuity correction"
    return TestResult(
        float(min(found.pvalue, 1.0)),
        f"Wilcoxon rank-sum test ({how})",
        float(found.statistic),
        None,
        len(a) + len(b),
        left_out=left_out,
    )


def _signed_rank(x: Column, y: Column) -> TestResult:
    from scipy import stats

    a, b = as_numbers(x, "x"), as_numbers(y, "y")
    if len(a) != len(b):
        raise InputError(f"pairs need as many x ({len(a)}) as y ({len(b)})")
    gap = np.isnan(a) | np.isnan(b)
    difference = (a - b)[~gap]
    zero = int((difference == 0).sum())
    difference = difference[difference != 0]
    left_out = {}
    if gap.any():
        left_out["missing value in the pair"] = int(gap.sum())
    if zero:
        left_out["no difference in the pair"] = zero
    if not len(difference):
        raise InputError("no pair differs: there are no ranks to compare")
    size = np.abs(difference)
    exact = len(np.unique(size)) == len(size) and len(size) < 50 and not zero
    found = stats.wilcoxon(difference, correction=not exact, method="exact" if exact else "approx")
    ranks = stats.rankdata(size)
    how = "exact" if exact else "normal approximation with continuity correction"
    return TestResult(
        float(min(found.pvalue, 1.0)),
        f"Wilcoxon signed-rank test ({how})",
        float(ranks[difference > 0].sum()),
        None,
        len(difference),
        left_out=left_out,
    )


def kruskal_wallis(*samples: Column) -> TestResult:
    """Kruskal-Wallis rank test of two or more samples, corrected for ties. R: ``kruskal.test``.

    Examples
    --------
    >>> round(kruskal_wallis([1, 2, 3], [4, 5, 6], [7, 8, 9]).statistic, 4)
    7.2
    """
    from scipy import stats

    values, left_out = samples_of(samples)
    if len(np.unique(np.concatenate(values))) == 1:
        raise InputError("all values are equal: there are no ranks to compare")
    found = stats.kruskal(*values)
    return TestResult(
        float(found.pvalue),
        "Kruskal-Wallis test",
        float(found.statistic),
        len(values) - 1,
        sum(len(v) for v in values),
        left_out=left_out,
    )


def t_test(
    x: Column, y: Column, *, paired: bool = False, equal_variance: bool = False
) -> TestResult:
    """t test: Welch's by default, Student's with `equal_variance`, or of pairs. R: ``t.test``.

    Examples
    --------
    >>> test = t_test([1, 2, 3, 4], [3, 4, 5, 9])
    >>> round(test.statistic, 4), round(test.df, 4)
    (-1.8773, 4.3664)
    """
    from scipy import stats

    if paired:
        a, b = as_numbers(x, "x"), as_numbers(y, "y")
        if len(a) != len(b):
            raise InputError(f"pairs need as many x ({len(a)}) as y ({len(b)})")
        gap = np.isnan(a) | np.isnan(b)
        left_out = {"missing value in the pair": int(gap.sum())} if gap.any() else {}
        a, b = a[~gap], b[~gap]
        _enough(a - b)
        found = _quiet(stats.ttest_rel, a, b)
        name, n, estimate = "paired t test", len(a), float((a - b).mean())
    else:
        (a, b), left_out = samples_of([x, y])
        if len(a) < 2 or len(b) < 2 or (np.ptp(a) == 0 and np.ptp(b) == 0):
            raise InputError("a t test needs two values in each sample, and values that differ")
        found = _quiet(stats.ttest_ind, a, b, equal_var=equal_variance)
        name = "Student's t test" if equal_variance else "Welch's t test"
        n, estimate = len(a) + len(b), float(a.mean() - b.mean())
    return TestResult(
        float(found.pvalue),
        name,
        float(found.statistic),
        float(found.df),
        n,
        estimate,
        (f"difference of means {estimate:.6g}",),
        left_out,
    )


def anova(*samples: Column, equal_variance: bool = False) -> TestResult:
    """One-way analysis of variance: Welch's by default, the classic one with `equal_variance`.

    R: ``oneway.test(var.equal = )``. Of two groups it is the t test.

    Examples
    --------
    >>> test = anova([1, 2, 3, 4], [3, 4, 5, 9], [8, 9, 11])
    >>> round(test.statistic, 4), round(test.p, 4)
    (17.188, 0.0065)
    """
    from scipy.special import fdtrc

    values, left_out = samples_of(samples)
    n = np.array([len(v) for v in values], dtype=np.float64)
    k = len(values)
    means = np.array([v.mean() for v in values])
    square = np.array([((v - v.mean()) ** 2).sum() for v in values])
    if equal_variance:
        free = n.sum() - k
        if free < 1 or not square.sum() > 0:
            raise InputError("an analysis of variance needs values that differ within a group")
        between = (n * (means - (n @ means) / n.sum()) ** 2).sum() / (k - 1)
        statistic, name = between / (square.sum() / free), "one-way analysis of variance"
    else:
        if n.min() < 2 or not square.min() > 0:
            raise InputError("Welch's test needs two values that differ in each group")
        w = n * (n - 1) / square
        share = (1 - w / w.sum()) ** 2 / (n - 1)
        spread = share.sum() / (k * k - 1)
        gap = (w * (means - (w @ means) / w.sum()) ** 2).sum() / (k - 1)
        statistic = gap / (1 + 2 * (k - 2) * spread)
        free, name = 1 / (3 * spread), "Welch's analysis of variance"
    p = float(fdtrc(k - 1, free, statistic))
    notes = (f"F on {k - 1} and {free:.6g} df",)
    size = int(n.sum())
    return TestResult(p, name, float(statistic), k - 1, size, notes=notes, left_out=left_out)


def _quiet(test: Callable[..., T], *samples: Floats, **options: object) -> T:
    """Without scipy's warning that one sample hardly varies: that is no mistake."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return test(*samples, **options)


def _enough(values: Floats) -> None:
    if len(values) < 2 or np.ptp(values) == 0:
        raise InputError("a paired t test needs two pairs whose differences differ")


CONTINUOUS_TESTS = ("wilcoxon", "t")


def compare(values: Column, group: Column, *, test: str = "wilcoxon") -> TestResult:
    """Compare numbers between the levels of a group.

    "wilcoxon": rank-sum for two groups, Kruskal-Wallis for more. "t": Welch's, two groups only.
    Rows without a value or a group are left out and counted. No study asks for it: Table I takes
    the tests themselves, by name.

    Examples
    --------
    >>> compare([1, 2, 3, 4, 5, None], ["a", "a", "a", "b", "b", "b"]).left_out
    {'missing value': 1}
    """
    from oncohort.stats.inputs import as_labels

    check_choice(test, CONTINUOUS_TESTS, "test")
    numbers = as_numbers(values, "values")
    labels = as_labels(group, "group", len(numbers))
    samples = [numbers[labels.codes == code] for code in range(len(labels.levels))]
    if test == "t":
        if len(samples) != 2:
            raise InputError(f"the t test compares two groups, there are {len(samples)}")
        found = t_test(*samples)
    elif len(samples) == 2:
        found = wilcoxon(*samples)
    else:
        found = kruskal_wallis(*samples)
    missing = int((labels.codes < 0).sum())
    if not missing:
        return found
    from dataclasses import replace

    return replace(found, left_out={**found.left_out, "missing group": missing})
