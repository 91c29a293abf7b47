"""Tests between groups of numbers and of counts: Fisher, chi-squared, Wilcoxon, Kruskal-Wallis, t.

The distributions are scipy's, imported when used. Fisher's test of tables larger than 2 x 2 is
computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaln

from oncohort.stats._show import Row, Shown, left_out_text, p_text
from oncohort.stats.errors import InputError, TooFewGroupsError
from oncohort.stats.inputs import Floats, as_array, as_numbers, check_choice

MOST_STATES = 6_000_000
"""Partial tables beyond which Fisher's exact test is replaced by Monte Carlo, and says so."""


@dataclass(frozen=True, slots=True, repr=False)
class TestResult(Shown):
    """A test with its name.

    Attributes
    ----------
    p
        Two-sided p-value.
    statistic, df
        None where the test has none. Welch's degrees of freedom are not whole.
    estimate
        What the groups differ by, where the test estimates it (named in `notes`).
    """

    __test__ = False  # not a test of pytest

    p: float
    method: str
    statistic: float | None
    df: float | None
    n: int
    estimate: float | None = None
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "method": self.method,
                "statistic": self.statistic,
                "df": self.df,
                "p": self.p,
                "n": self.n,
            }
        ]

    def _title(self) -> str:
        return f"{self.method}: {p_text(self.p)}"

    def _printed(self) -> Sequence[Row]:
        return []

    def _notes(self) -> Sequence[str]:
        found = "" if self.statistic is None else f"statistic {self.statistic:.6g}"
        if self.df is not None:
            found += f" on {self.df:.6g} df"
        head = f"n = {self.n}" + (f", {found}" if found else "")
        return [head, *self.notes, left_out_text(self.left_out)]


def _samples(samples: Sequence[Any]) -> tuple[list[Floats], dict[str, int]]:
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


def wilcoxon(x: Any, y: Any, *, paired: bool = False) -> TestResult:
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
    (a, b), left_out = _samples([x, y])
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


def _signed_rank(x: Any, y: Any) -> TestResult:
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


def kruskal_wallis(*samples: Any) -> TestResult:
    """Kruskal-Wallis rank test of two or more samples, corrected for ties. R: ``kruskal.test``.

    Examples
    --------
    >>> round(kruskal_wallis([1, 2, 3], [4, 5, 6], [7, 8, 9]).statistic, 4)
    7.2
    """
    from scipy import stats

    values, left_out = _samples(samples)
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


def t_test(x: Any, y: Any, *, paired: bool = False, equal_variance: bool = False) -> TestResult:
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
        (a, b), left_out = _samples([x, y])
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


def _quiet(test: Any, *samples: Floats, **options: Any) -> Any:
    """Without scipy's warning that one sample hardly varies: that is no mistake."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return test(*samples, **options)


def _enough(values: Floats) -> None:
    if len(values) < 2 or np.ptp(values) == 0:
        raise InputError("a paired t test needs two pairs whose differences differ")


def _table(table: Any) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Whole counts; rows and columns without any are dropped and named."""
    raw = as_array(table)
    if raw.ndim != 2:
        raise InputError(f"a table of counts has two dimensions, this has {raw.ndim}")
    try:
        values = raw.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"a table holds counts: {error}") from None
    if not (np.isfinite(values).all() and (values >= 0).all() and (values % 1 == 0).all()):
        raise InputError("a table holds whole counts, not below 0")
    counts = values.astype(np.int64)
    rows, columns = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    notes = []
    if not rows.all() or not columns.all():
        notes.append(
            f"{int((~rows).sum())} empty rows and {int((~columns).sum())} empty columns not used"
        )
    counts = counts[rows][:, columns]
    if counts.shape[0] < 2 or counts.shape[1] < 2:
        raise TooFewGroupsError("a table needs two rows and two columns that are not empty")
    return counts, tuple(notes)


def chi_squared(table: Any, *, correction: bool = False) -> TestResult:
    """Pearson's chi-squared test of a table of counts. R: ``chisq.test(correct = )``.

    Parameters
    ----------
    correction
        Yates' continuity correction (2 x 2 only).

    Examples
    --------
    >>> round(chi_squared([[10, 20], [20, 15]]).statistic, 4)
    3.6848
    """
    counts, notes = _table(table)
    n = int(counts.sum())
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    gap = np.abs(counts - expected)
    two = counts.shape == (2, 2)
    if correction and two:
        gap = gap - min(0.5, float(gap.min()))
    statistic = float((gap**2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if float(expected.min()) < 5:
        notes = (
            *notes,
            f"the smallest expected count is {expected.min():.2g}, below 5: "
            "Fisher's exact test is safer",
        )
    name = "Pearson's chi-squared test" + (
        " with Yates' continuity correction" if correction and two else ""
    )
    return TestResult(float(chdtrc(df, statistic)), name, statistic, df, n, notes=notes)


def fisher_exact(table: Any, *, samples: int = 100_000, seed: int = 0) -> TestResult:
    """Fisher's exact test of an r x c table of counts. R: ``fisher.test``.

    The p-value sums the probabilities, at fixed margins, of all tables that are no more probable
    than the observed one (Freeman and Halton 1951, Biometrika 38:141). Where there are too many
    of them, a seeded Monte Carlo takes its place, and `method` says so.

    Parameters
    ----------
    samples, seed
        Of the Monte Carlo.

    Examples
    --------
    >>> round(fisher_exact([[3, 1], [1, 3]]).p, 4)
    0.4857
    >>> round(fisher_exact([[4, 0, 1], [0, 3, 2], [1, 1, 4]]).p, 4)
    0.0494
    """
    counts, notes = _table(table)
    n = int(counts.sum())
    odds: float | None = None
    if counts.shape == (2, 2):
        (a, b), (c, d) = counts.tolist()
        odds = (a * d) / (b * c) if b * c else float("inf")
    if counts.shape[0] > counts.shape[1]:
        counts = counts.T
    p = _exact_p(counts)
    method = "Fisher's exact test"
    if p is None:
        p = _monte_carlo_p(counts, samples, seed)
        method = f"Fisher's exact test by Monte Carlo ({samples} tables, seed {seed})"
        error = (p * (1 - p) / samples) ** 0.5
        notes = (*notes, f"simulated p-value, standard error {error:.2g}")
    return TestResult(min(p, 1.0), method, None, None, n, odds, notes)


def _exact_p(counts: NDArray[np.int64]) -> float | None:
    """Sum over all tables; none where there are too many partial tables.

    A table's probability is ``prod(rows!) prod(columns!) / (n! prod(cells!))``. The columns are
    split into two halves; partial tables of each half that use up the same of the rows and have the
    same ``prod(cells!)`` are put together; then halves that make a whole table are matched, and of
    each match those improbable enough are found by position among sorted weights.
    """
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    log = gammaln(np.arange(int(counts.sum()) + 2) + 1.0)
    constant = float(log[rows].sum() + log[columns].sum() - log[int(counts.sum())])
    limit = float(-log[counts].sum()) + 1e-7
    ordered = sorted(columns.tolist(), reverse=True)
    first = _partial(rows, ordered[0::2], log)
    second = _partial(rows, ordered[1::2], log)
    if first is None or second is None:
        return None
    radix = np.concatenate([[1], np.cumprod(rows[:-1] + 1)])
    whole = int(rows @ radix)
    total = 0.0
    (key_a, weight_a, number_a), (key_b, weight_b, number_b) = first, second
    starts = np.flatnonzero(np.concatenate([[True], key_b[1:] != key_b[:-1]]))
    ends = np.append(starts[1:], len(key_b))
    keys_b = key_b[starts]
    ends_a = np.searchsorted(key_a, whole - keys_b, side="right")
    starts_a = np.searchsorted(key_a, whole - keys_b, side="left")
    for lo, hi, lo_a, hi_a in zip(starts, ends, starts_a, ends_a, strict=True):
        if lo_a == hi_a:
            continue
        w = weight_b[lo:hi]
        sums = np.concatenate([[0.0], np.cumsum(number_b[lo:hi] * np.exp(w))])
        past = weight_a[lo_a:hi_a]
        few = sums[np.searchsorted(w, limit - past, side="right")]
        total += float((number_a[lo_a:hi_a] * np.exp(past + constant) * few).sum())
    return total


def _partial(
    rows: NDArray[np.int64], columns: Sequence[int], log: Floats
) -> tuple[NDArray[np.int64], Floats, Floats] | None:
    """Row totals used (as a number), log weight and count of partial tables, sorted by the two."""
    radix = np.concatenate([[1], np.cumprod(rows[:-1] + 1)])
    used = np.zeros((1, len(rows)), dtype=np.int64)
    weight, number = np.zeros(1), np.ones(1)
    for total in columns:
        if len(used) * _how_many(rows, total) > MOST_STATES:
            return None
        cells = np.array(_compositions(tuple(rows.tolist()), total), dtype=np.int64)
        sums = used[:, None, :] + cells[None]
        ok = (sums <= rows).all(axis=2)
        i, j = np.nonzero(ok)
        used = sums[i, j]
        weight = weight[i] - log[cells].sum(axis=1)[j]
        number = number[i]
        order = np.lexsort((weight, used @ radix))
        used, weight, number = used[order], weight[order], number[order]
        key = used @ radix
        new = np.ones(len(key), dtype=np.bool_)
        new[1:] = (key[1:] != key[:-1]) | (weight[1:] - weight[:-1] > 1e-10)
        at = np.flatnonzero(new)
        used, weight, number = used[at], weight[at], np.add.reduceat(number, at)
    return used @ radix, weight, number


def _how_many(rows: NDArray[np.int64], total: int) -> float:
    """Number of ways that :func:`_compositions` lists."""
    ways = np.ones(1)
    for top in rows:
        ways = np.convolve(ways, np.ones(min(int(top), total) + 1))[: total + 1]
    return float(ways[total])


def _compositions(most: tuple[int, ...], total: int) -> list[tuple[int, ...]]:
    """Ways to share `total` over rows with at most `most` in each."""
    partial: list[tuple[tuple[int, ...], int]] = [((), total)]
    room = sum(most)
    for top in most:
        room -= top
        partial = [
            ((*cells, cell), left - cell)
            for cells, left in partial
            for cell in range(max(0, left - room), min(top, left) + 1)
        ]
    return [cells for cells, _ in partial]


def _monte_carlo_p(counts: NDArray[np.int64], samples: int, seed: int) -> float:
    from scipy.stats import random_table

    if samples < 1:
        raise InputError(f"samples must be above 0, it is {samples}")
    law = random_table(counts.sum(axis=1), counts.sum(axis=0))
    log = gammaln(np.arange(int(counts.sum()) + 2) + 1.0)
    threshold = -log[counts].sum() + 1e-7
    rng = np.random.default_rng(seed)
    hits = 0
    left = samples
    while left:
        drawn = np.asarray(law.rvs(size=min(left, 10_000), random_state=rng)).astype(np.int64)
        hits += int((-log[drawn].sum(axis=(1, 2)) <= threshold).sum())
        left -= len(drawn)
    return (hits + 1) / (samples + 1)


def mcnemar(table: Any, *, exact: bool = True) -> TestResult:
    """McNemar's test of paired yes/no answers, exact (binomial) by default.

    Parameters
    ----------
    table
        ``(2, 2)`` counts of pairs; the answers that differ are off the diagonal.

    Notes
    -----
    R: ``mcnemar.test(correct = FALSE)`` for ``exact=False``; ``binom.test`` of the off-diagonal
    counts otherwise.

    Examples
    --------
    >>> round(mcnemar([[20, 9], [2, 11]]).p, 4)
    0.0654
    """
    raw = as_array(table)
    if raw.shape != (2, 2):
        raise InputError(f"McNemar's test needs a 2 x 2 table, this is {raw.shape}")
    b, c = int(raw[0, 1]), int(raw[1, 0])
    n = int(raw.sum())
    if b + c == 0:
        raise InputError("no pair differs: there is nothing to test")
    if exact:
        from scipy.stats import binomtest

        return TestResult(
            float(binomtest(b, b + c, 0.5).pvalue), "Exact McNemar's test", None, None, n
        )
    statistic = (b - c) ** 2 / (b + c)
    return TestResult(float(chdtrc(1, statistic)), "McNemar's test", statistic, 1, n)


CONTINUOUS_TESTS = ("wilcoxon", "t")


def compare(values: Any, group: Any, *, test: str = "wilcoxon") -> TestResult:
    """Compare numbers between the levels of a group.

    "wilcoxon": rank-sum for two groups, Kruskal-Wallis for more. "t": Welch's, two groups only.
    Rows without a value or a group are left out and counted.

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
