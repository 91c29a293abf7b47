"""Trends over ordered groups, analysis of variance, standardized differences."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.stats.errors import InputError, TooFewGroupsError, WeightError

SAMPLE = st.lists(st.integers(0, 30), min_size=3, max_size=12).filter(lambda v: len(set(v)) > 1)


def test_smokers_among_lung_cancer_patients_as_published() -> None:
    """Fleiss 1981, as R's documentation of prop.trend.test prints it."""
    test = stats.trend_test([[83, 90, 129, 70], [3, 3, 7, 12]])
    assert f"{test.statistic:.4f} {test.p:.6f}" == "8.2249 0.004132"


def test_job_satisfaction_and_income_as_published() -> None:
    """Agresti, Categorical Data Analysis (2nd edition), section 3.4: r = 0.200, M2 = 3.81."""
    table = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]
    test = stats.trend_test(table, row_scores=[7.5, 20, 32.5, 60])
    assert test.method == "linear-by-linear association test"
    assert f"{test.statistic:.2f} {test.p:.3f}" == "3.81 0.051"


@given(SAMPLE, SAMPLE)
@settings(max_examples=50, deadline=None)
def test_of_two_groups_the_analysis_of_variance_is_the_t_test(a: list[int], b: list[int]) -> None:
    for equal in (True, False):
        t = stats.t_test(a, b, equal_variance=equal)
        f = stats.anova(a, b, equal_variance=equal)
        np.testing.assert_allclose(f.statistic, t.statistic**2, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(f.p, t.p, rtol=1e-8, atol=1e-12)


@given(SAMPLE, SAMPLE, SAMPLE)
@settings(max_examples=50, deadline=None)
def test_the_order_turned_round_is_the_same_trend(a: list[int], b: list[int], c: list[int]) -> None:
    one, other = stats.jonckheere(a, b, c), stats.jonckheere(c, b, a)
    np.testing.assert_allclose(one.p, other.p, rtol=1e-9)
    pairs = sum(len(x) * len(y) for x, y in ((a, b), (a, c), (b, c)))
    assert one.statistic is not None and other.statistic is not None
    assert one.statistic + other.statistic == pairs


@given(SAMPLE, SAMPLE, st.floats(0.1, 50), st.floats(-100, 100))
@settings(max_examples=50, deadline=None)
def test_a_standardized_difference_has_no_unit(
    a: list[int], b: list[int], factor: float, shift: float
) -> None:
    group = ["a"] * len(a) + ["b"] * len(b)
    values = np.array(a + b, dtype=float)
    one = stats.standardized_difference(values, group).value
    other = stats.standardized_difference(values * factor + shift, group).value
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_whole_weights_move_means_like_repeated_rows() -> None:
    labels, group, w = list("xxyyxyxy"), list("aaaabbbb"), [1, 2, 3, 1, 2, 2, 1, 4]
    weighted = stats.standardized_difference(labels, group, weights=w)
    repeated = stats.standardized_difference(np.repeat(labels, w), np.repeat(group, w))
    np.testing.assert_allclose(weighted.value, repeated.value)


def test_groups_that_share_nothing_are_infinitely_far() -> None:
    assert stats.standardized_difference(list("xxyy"), list("aabb")).value == float("inf")
    assert stats.standardized_difference([1, 1, 2, 2], list("aabb")).value == float("inf")
    assert stats.standardized_difference([1, 1, 1, 1], list("aabb")).value == 0
    assert stats.standardized_difference(list("xyzxyz"), list("aaabbb")).value == 0


def test_missing_rows_are_counted() -> None:
    found = stats.standardized_difference([1, 2, None, 4, 5], ["a", "a", "a", "b", None])
    assert found.n == 3 and found.left_out == {"missing value": 1, "missing group": 1}
    assert "1 row, missing group" in repr(found)
    three = stats.standardized_difference([1, 2, 3, 4, 6, 7], list("aabbcc"))
    assert [p[:2] for p in three.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert three.value == pytest.approx(np.mean([d for *_, d in three.pairs]))
    assert three.to_frame().height == 3


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: stats.trend_test([[1, 2, 3]]), InputError),
        (lambda: stats.trend_test([[0, 0], [1, 2]]), InputError),
        (lambda: stats.trend_test([[1, 2], [3, 4]], scores=[1]), InputError),
        (lambda: stats.trend_test([[1, 2], [3, 4]], row_scores=[1, np.nan]), InputError),
        (lambda: stats.jonckheere([1, 1], [1, 1]), InputError),
        (lambda: stats.jonckheere([1, 2]), TooFewGroupsError),
        (lambda: stats.anova([1, 1], [2, 3]), InputError),
        (lambda: stats.anova([1, 1], [2, 2], equal_variance=True), InputError),
        (lambda: stats.standardized_difference([1, 2], ["a", "a"]), TooFewGroupsError),
        (lambda: stats.standardized_difference([1, 2], ["a", "b"], weights=[1, -1]), WeightError),
        (lambda: stats.standardized_difference([1, np.inf], ["a", "b"]), InputError),
    ],
)
def test_what_cannot_be_compared_is_refused(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def test_a_rate_is_as_the_documentation_of_r_prints_it() -> None:
    """The help page of poisson.test: 137 events in 24.19893."""
    rate = stats.event_rate(137, 24.19893)
    shown = f"{rate.value:.6f} {rate.low:.6f} {rate.high:.6f}"
    assert shown == "5.661407 4.753125 6.692709"
    assert stats.event_rate(0, 5).low == 0 and stats.event_rate(0, 5).to_frame().height == 1
    for events, time in ((-1, 5), (1.5, 5), (1, 0), (1, np.inf)):
        with pytest.raises(InputError):
            stats.event_rate(events, time)  # type: ignore[arg-type]


def test_scores_of_groups_may_be_given() -> None:
    plain = stats.trend_test([[5, 9, 4], [2, 8, 15]])
    spread = stats.trend_test([[5, 9, 4], [2, 8, 15]], scores=[1, 2, 10])
    moved = stats.trend_test([[5, 9, 4], [2, 8, 15]], scores=[10, 12, 14])
    assert plain.p == pytest.approx(moved.p) and plain.p != pytest.approx(spread.p)
    assert all(a < b for a, b in pairwise(sorted([plain.p, spread.p])))
