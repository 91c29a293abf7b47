"""Tests between groups, proportions and pooling: known answers, laws, guards."""

from __future__ import annotations

import itertools
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from oncohort import stats
from oncohort.stats.errors import InputError, TooFewGroupsError
from oncohort.stats.proportions import DIFFERENCES, METHODS, restricted

few = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize(
    ("x", "n", "method", "low", "high"),
    [
        (16, 42, "clopper-pearson", 23.57, 54.36),
        (16, 42, "wilson", 25.00, 53.19),
        (38, 42, "clopper-pearson", 77.38, 97.34),
        (38, 42, "wilson", 77.93, 96.23),
        (2, 42, "clopper-pearson", 0.58, 16.16),
    ],
)
def test_published_intervals(x: int, n: int, method: str, low: float, high: float) -> None:
    found = stats.proportion(x, n, method)
    assert (round(100 * found.low, 2), round(100 * found.high, 2)) == (low, high)


@few
@given(st.integers(1, 60), st.data(), st.sampled_from(sorted(METHODS)))
def test_intervals_mirror_and_hold_the_estimate(n: int, data: st.DataObject, method: str) -> None:
    x = data.draw(st.integers(0, n))
    one, other = stats.proportion(x, n, method), stats.proportion(n - x, n, method)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)
    wider = stats.proportion(x, n, method, level=0.99)
    assert wider.low <= one.low + 1e-12 and wider.high >= one.high - 1e-12


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5])
def test_clopper_pearson_covers_and_mid_p_is_within_it(p: float) -> None:
    n = 25
    covered = 0.0
    for x in range(n + 1):
        exact, mid = stats.proportion(x, n), stats.proportion(x, n, "mid-p")
        assert exact.low <= mid.low + 1e-9 and mid.high <= exact.high + 1e-9
        covered += binom.pmf(x, n, p) * (exact.low <= p <= exact.high)
    assert covered >= 0.95


@few
@given(st.integers(1, 30), st.integers(1, 30), st.data(), st.sampled_from(sorted(DIFFERENCES)))
def test_differences_mirror(n1: int, n2: int, data: st.DataObject, method: str) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    one = stats.proportion_difference(x1, n1, x2, n2, method)
    other = stats.proportion_difference(x2, n2, x1, n1, method)
    assert one.low == pytest.approx(-other.high, abs=1e-8)
    assert -1 <= one.low <= one.high <= 1
    if method != "agresti-caffo":
        assert one.low - 1e-9 <= one.value <= one.high + 1e-9


@few
@given(st.integers(1, 20), st.integers(1, 20), st.data(), st.floats(-0.95, 0.95))
def test_restricted_estimate_maximises(n1: int, n2: int, data: st.DataObject, delta: float) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))

    def loglik(p2: float) -> float:
        p1 = p2 + delta
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = [
                (x1, p1), (n1 - x1, 1 - p1), (x2, p2), (n2 - x2, 1 - p2)
            ]  # fmt: skip
            return float(sum(k * np.log(max(p, 1e-300)) for k, p in parts if k))

    low, high = max(0.0, -delta), min(1.0, 1 - delta)
    grid = np.linspace(low, high, 401)
    best = max(loglik(p) for p in grid)
    assert loglik(restricted(x1, n1, x2, n2, delta)) >= best - 1e-6


def test_proportion_guards() -> None:
    for x, n in ((5, 4), (-1, 4), (0, 0), (1.5, 4)):
        with pytest.raises(InputError, match="counts must be whole"):
            stats.proportion(x, n)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="method must be one of"):
        stats.proportion(1, 4, "exact")
    assert stats.proportion(1, 4).to_frame().shape == (1, 7)
    assert "Clopper-Pearson" in repr(stats.proportion(1, 4))
    assert stats.proportion_difference(3, 9, 1, 9, "miettinen-nurminen").p is not None
    assert "Newcombe" in repr(stats.proportion_difference(3, 9, 1, 9))


def brute_fisher(table: np.ndarray) -> float:
    """All tables with the margins, one by one."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    total = 0.0
    constant = prod(factorial(v) for v in [*rows, *columns]) / factorial(table.sum())

    def probability(cells: np.ndarray) -> float:
        return constant / prod(factorial(int(v)) for v in cells.ravel())

    own = probability(table)
    ranges = [range(int(min(r, c)) + 1) for r in rows[:-1] for c in columns[:-1]]
    for inner in itertools.product(*ranges):
        part = np.array(inner).reshape(len(rows) - 1, len(columns) - 1)
        right = rows[:-1] - part.sum(axis=1)
        bottom = columns - np.append(part.sum(axis=0), right.sum())
        if (right < 0).any() or (bottom < 0).any():
            continue
        p = probability(np.vstack([np.column_stack([part, right]), bottom]))
        if p <= own * (1 + 1e-7):
            total += p
    return total


@few
@given(st.integers(0, 2**32 - 1), st.sampled_from([(2, 2), (2, 3), (3, 3), (3, 2), (2, 4)]))
def test_fisher_counts_every_table(seed: int, shape: tuple[int, int]) -> None:
    table = np.random.default_rng(seed).integers(0, 5, shape) + np.eye(*shape, dtype=int)
    table[:, 0] += 1
    table[0] += 1
    assert stats.fisher_exact(table).p == pytest.approx(brute_fisher(table), rel=1e-9)
    assert stats.fisher_exact(table.T).p == pytest.approx(stats.fisher_exact(table).p, rel=1e-9)


def test_fisher_falls_back_to_monte_carlo_and_says_so() -> None:
    table = np.full((8, 8), 6)
    found = stats.fisher_exact(table, samples=2000, seed=1)
    assert "Monte Carlo (2000 tables, seed 1)" in found.method
    assert found.p > 0.9 and any("standard error" in note for note in found.notes)
    assert stats.fisher_exact(table, samples=2000, seed=1).p == found.p


def test_table_guards() -> None:
    with pytest.raises(TooFewGroupsError):
        stats.fisher_exact([[3, 4], [0, 0]])
    with pytest.raises(InputError, match="whole counts"):
        stats.chi_squared([[1.5, 2], [3, 4]])
    with pytest.raises(InputError, match="two dimensions"):
        stats.chi_squared([1, 2, 3])
    dropped = stats.chi_squared([[30, 20, 0], [10, 30, 0]])
    assert dropped.df == 1 and "1 empty columns" in dropped.notes[0]
    assert any("below 5" in note for note in stats.chi_squared([[1, 2], [3, 9]]).notes)
    with pytest.raises(InputError, match="no pair differs"):
        stats.mcnemar([[4, 0], [0, 3]])


def test_sample_guards_and_gaps() -> None:
    with_gap = stats.wilcoxon([1, 2, None, 4], [5, 6, 7.5])
    assert with_gap.left_out == {"missing value": 1} and with_gap.n == 6
    with pytest.raises(InputError, match="all values are equal"):
        stats.wilcoxon([1, 1], [1, 1])
    with pytest.raises(InputError, match="all values are equal"):
        stats.kruskal_wallis([1, 1], [1, 1])
    with pytest.raises(InputError, match="sample 2 has no values"):
        stats.kruskal_wallis([1, 2], [None])
    with pytest.raises(TooFewGroupsError):
        stats.kruskal_wallis([1, 2])
    with pytest.raises(InputError, match="infinite"):
        stats.t_test([1, np.inf], [2, 3])
    with pytest.raises(InputError, match="values that differ"):
        stats.t_test([1, 1], [2, 2])
    with pytest.raises(InputError, match="two pairs"):
        stats.t_test([1, 2], [2, 3], paired=True)
    pairs = stats.wilcoxon([1, 2, 3, 4, None], [1, 3, 5, 1, 2], paired=True)
    assert pairs.left_out == {"missing value in the pair": 1, "no difference in the pair": 1}
    large = stats.wilcoxon(np.arange(60.0), np.arange(60.0) + 0.5)
    assert "continuity correction" in large.method
    three = stats.compare([1, 2, 3, 4, 5, 6], list("aabbcc"))
    assert three.method == "Kruskal-Wallis test"
    with pytest.raises(InputError, match="two groups"):
        stats.compare([1, 2, 3, 4, 5, 6], list("aabbcc"), test="t")
    assert stats.compare([1, 2, 3, 5], ["a", "a", None, "b"], test="wilcoxon").left_out == {
        "missing group": 1
    }


def test_pooling() -> None:
    same = stats.pool([0.5, 0.5, 0.5], [0.04, 0.04, 0.04])
    assert same.se[0] == pytest.approx(0.2) and np.isinf(same.df[0])
    assert same.low[0] == pytest.approx(0.5 - 1.959964 * 0.2, rel=1e-6)
    assert same.fmi[0] == pytest.approx(0)
    several = stats.pool(
        [[0.1, 1.0], [0.3, 1.1]], [[0.01, 0.2], [0.02, 0.2]], names=["a", "b"], df_complete=20
    )
    assert (several.df < 20).all() and several.to_frame()["name"].to_list() == ["a", "b"]
    assert "Barnard-Rubin" in repr(several)
    for j in range(2):
        alone = stats.pool([[0.1, 1.0][j], [0.3, 1.1][j]], [[0.01, 0.2][j], [0.02, 0.2][j]],
                           df_complete=20)  # fmt: skip
        assert alone.p[0] == several.p[j]
    with pytest.raises(InputError, match="two imputations"):
        stats.pool([0.5], [0.1])
    with pytest.raises(InputError, match="above zero"):
        stats.pool([0.5, 0.4], [0.1, 0.0])
    with pytest.raises(InputError, match="shape"):
        stats.pool([0.5, 0.4], [0.1, 0.1, 0.1])


def test_pooled_test_of_one_coefficient_is_its_square() -> None:
    q, u = [0.5, 0.7, 0.4], [0.04, 0.05, 0.06]
    one = stats.pool_test([[v] for v in q], [[[v]] for v in u])
    pooled = stats.pool(q, u)
    assert one.statistic == pytest.approx(float(pooled.statistic[0]) ** 2)
    assert one.df == 1 and one.df_error == pytest.approx(float(pooled.df[0]), rel=0.6)
    same = stats.pool_test([[0.5, 1.0]] * 3, [np.eye(2) * 0.25] * 3)
    assert same.p == pytest.approx(np.exp(-(0.25 + 1) / 0.25 / 2))
