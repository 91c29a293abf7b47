"""Tests of tables of counts: Fisher, chi-squared, McNemar.

All sums of probabilities are made relative to the largest term, so that no table of any size
overflows or vanishes. Fisher's test of tables larger than 2 x 2 is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oncohort.stats.distributions import chdtrc, log_factorials
from oncohort.stats.errors import InputError, TooFewGroupsError
from oncohort.stats.inputs import Column, Floats, as_array
from oncohort.stats.test_result import TestResult

MOST_STATES = 6_000_000
"""Partial tables beyond which Fisher's exact test is replaced by Monte Carlo, and says so."""

MOST_ROWS = 1_000_000_000
"""Rows of a table beyond which products of its margins would not fit."""

ROUNDING = 1e-7
"""Tables whose probabilities differ by less than this, relatively, are equally probable (as R)."""


def whole_table(table: Column) -> NDArray[np.int64]:
    """A two-dimensional table of whole counts."""
    raw = as_array(table)
    if raw.ndim != 2:
        raise InputError(f"a table of counts has two dimensions, this has {raw.ndim}")
    try:
        values = raw.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"a table holds counts: {error}") from None
    if not (np.isfinite(values).all() and (values >= 0).all() and (values % 1 == 0).all()):
        raise InputError("a table holds whole counts, not below 0")
    if values.sum() > MOST_ROWS:
        raise InputError(f"a table of more than {MOST_ROWS:,} rows can't be tested")
    return values.astype(np.int64)


def _table(table: Column) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Whole counts; rows and columns without any are dropped and named."""
    counts = whole_table(table)
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


def chi_squared(table: Column, *, correction: bool = False) -> TestResult:
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


def fisher_exact(table: Column, *, samples: int = 100_000, seed: int = 0) -> TestResult:
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
    >>> round(fisher_exact([[100, 103], [100, 97]]).p, 4)
    0.8415
    >>> round(fisher_exact([[4, 0, 1], [0, 3, 2], [1, 1, 4]]).p, 4)
    0.0494
    """
    counts, notes = _table(table)
    n = int(counts.sum())
    method = "Fisher's exact test"
    if counts.shape == (2, 2):
        (a, b), (c, d) = counts.tolist()
        odds = (a * d) / (b * c) if b * c else float("inf")
        return TestResult(_two_by_two(a, b, c, d), method, None, None, n, odds, notes)
    if counts.shape[0] > counts.shape[1]:
        counts = counts.T
    p = _exact_p(counts)
    if p is None:
        p = _monte_carlo_p(counts, samples, seed)
        method = f"Fisher's exact test by Monte Carlo ({samples} tables, seed {seed})"
        error = (p * (1 - p) / samples) ** 0.5
        notes = (*notes, f"simulated p-value, standard error {error:.2g}")
    return TestResult(min(p, 1.0), method, None, None, n, None, notes)


def _two_by_two(a: int, b: int, c: int, d: int) -> float:
    """Sum over the hypergeometric distribution of the first cell.

    Its probabilities are built from their ratios, outwards from the most probable cell: no
    factorial is taken, so nothing cancels however large the table. Cells whose probability is
    below the smallest double are not visited.
    """
    row, column, n = a + b, a + c, a + b + c + d
    mode = (row + 1) * (column + 1) // (n + 2)
    spread = (row / n * column / n * (n - row) / max(n - 1, 1) * (n - column)) ** 0.5
    reach = int(60.0 * spread) + 100
    low = max(0, row + column - n, mode - reach)
    high = min(row, column, mode + reach)
    if not low <= a <= high:
        return 0.0
    k = np.arange(low, high, dtype=np.float64)
    rise = np.log((row - k) / (k + 1.0)) + np.log((column - k) / (n - row - column + k + 1.0))
    log = np.concatenate([-np.cumsum(rise[: mode - low][::-1])[::-1], [0.0]])
    log = np.concatenate([log, np.cumsum(rise[mode - low :])])
    share = np.exp(log)
    few = share[log <= log[a - low] + ROUNDING]
    return min(float(few.sum() / share.sum()), 1.0)


def _exact_p(counts: NDArray[np.int64]) -> float | None:
    """Sum over all tables; none where there are too many partial tables.

    A table's probability is ``prod(rows!) prod(columns!) / (n! prod(cells!))``. The columns are
    split into two halves; partial tables of each half that use up the same of the rows and have the
    same ``prod(cells!)`` are put together; then halves that make a whole table are matched, and of
    each match those improbable enough are found by position among sorted weights.
    """
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if float(np.log2(rows[:-1] + 1.0).sum() + np.log2(rows[-1] + 1.0)) > 62:
        return None  # what is used up of the rows would not fit into one whole number
    log = log_factorials(int(counts.sum()) + 1)
    constant = float(log[rows].sum() + log[columns].sum() - log[int(counts.sum())])
    limit = float(-log[counts].sum()) + ROUNDING
    ordered = sorted(columns.tolist(), reverse=True)
    first = _partial(rows, ordered[0::2], log)
    second = None if first is None else _partial(rows, ordered[1::2], log)
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
        top = float(w[-1])  # the largest: sums are relative to it
        sums = np.concatenate([[0.0], np.cumsum(number_b[lo:hi] * np.exp(w - top))])
        past = weight_a[lo_a:hi_a]
        few = sums[np.searchsorted(w, limit - past, side="right")]
        total += float((number_a[lo_a:hi_a] * np.exp(past + (constant + top)) * few).sum())
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
    ways = np.zeros(total + 1)
    ways[0] = 1.0
    for top in rows.tolist():
        sums = np.cumsum(ways)
        if top < total:
            sums[top + 1 :] -= np.cumsum(ways)[: total - top]
        ways = sums
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
    log = log_factorials(int(counts.sum()) + 1)
    threshold = -log[counts].sum() + ROUNDING
    rng = np.random.default_rng(seed)
    hits = 0
    left = samples
    while left:
        drawn = np.asarray(law.rvs(size=min(left, 10_000), random_state=rng)).astype(np.int64)
        hits += int((-log[drawn].sum(axis=(1, 2)) <= threshold).sum())
        left -= len(drawn)
    return (hits + 1) / (samples + 1)


def mcnemar(table: Column, *, exact: bool = True) -> TestResult:
    """McNemar's test of paired yes/no answers, exact (binomial) by default.

    No study asks for it: no part of a paper pairs two answers of one patient.

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
    counts = whole_table(table)
    if counts.shape != (2, 2):
        raise InputError(f"McNemar's test needs a 2 x 2 table, this is {counts.shape}")
    b, c = int(counts[0, 1]), int(counts[1, 0])
    n = int(counts.sum())
    if b + c == 0:
        raise InputError("no pair differs: there is nothing to test")
    if exact:
        from scipy.stats import binomtest

        return TestResult(
            float(binomtest(b, b + c, 0.5).pvalue), "Exact McNemar's test", None, None, n
        )
    statistic = (b - c) ** 2 / (b + c)
    return TestResult(float(chdtrc(1, statistic)), "McNemar's test", statistic, 1, n)
