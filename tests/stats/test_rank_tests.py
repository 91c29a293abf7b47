"""Log-rank family: laws, guards and known answers."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError
from oncohort.stats.permutation import LARGEST_EXACT, rank_scores

few = settings(max_examples=30, deadline=None)


def cohort(seed: int, n: int = 40, ties: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    time = rng.exponential(6, n)
    time = np.ceil(time) if ties else time
    return time, rng.random(n) < 0.7, np.arange(n) % 3


@few
@given(st.integers(0, 2**32 - 1))
def test_order_unit_and_names_of_groups_do_not_matter(seed: int) -> None:
    time, event, group = cohort(seed)
    event[:3] = True
    one = stats.logrank(time, event, group)
    order = np.random.default_rng(seed).permutation(len(time))
    other = stats.logrank(
        time[order] * 30.4375, event[order], np.array(["c", "a", "b"])[group[order]]
    )
    assert other.statistic == pytest.approx(one.statistic, rel=1e-9)
    np.testing.assert_allclose(np.sort(other.observed), np.sort(one.observed))
    assert one.score.sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(one.covariance.sum(axis=0), 0, atol=1e-9)


@few
@given(st.integers(0, 2**32 - 1), st.sampled_from(["logrank", "gehan", "peto-peto"]))
def test_stratified_is_the_sum_of_strata(seed: int, weighting: str) -> None:
    time, event, group = cohort(seed, 60)
    event[:6] = True
    strata = np.arange(60) // 20
    whole = stats.logrank(time, event, group, strata=strata, weighting=weighting)
    parts = [
        stats.logrank(time[strata == s], event[strata == s], group[strata == s],
                      weighting=weighting)
        for s in range(3)
    ]  # fmt: skip
    np.testing.assert_allclose(whole.score, sum(p.score for p in parts), atol=1e-9)
    np.testing.assert_allclose(whole.covariance, sum(p.covariance for p in parts), atol=1e-9)
    assert "Stratified" in whole.method and "3 strata" in whole.method


@few
@given(st.integers(0, 2**32 - 1))
def test_without_ties_it_is_the_score_test_of_a_cox_model(seed: int) -> None:
    time, event, group = cohort(seed, ties=False)
    event[:4] = True
    entry = np.random.default_rng(seed).uniform(0, 0.5, len(time)) * time
    x = np.column_stack([group == 1, group == 2]).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for late in (None, entry):
            fit = stats.cox(time, event, x, entry=late)
            test = stats.logrank(time, event, group, entry=late)
            if fit.aliased.any():
                continue
            assert test.statistic == pytest.approx(fit.score_test.statistic, rel=1e-7, abs=1e-9)


@few
@given(st.integers(0, 2**32 - 1))
def test_splitting_a_record_changes_nothing(seed: int) -> None:
    time, event, group = cohort(seed)
    event[:3] = True
    cut = np.random.default_rng(seed).uniform(0.01, 0.99, len(time)) * time
    whole = stats.logrank(time, event, group)
    split = stats.logrank(
        np.concatenate([cut, time]),
        np.concatenate([np.zeros(len(time), bool), event]),
        np.concatenate([group, group]),
        entry=np.concatenate([np.zeros(len(time)), cut]),
    )
    assert split.statistic == pytest.approx(whole.statistic, rel=1e-9)


def test_many_groups_take_the_other_path() -> None:
    rng = np.random.default_rng(3)
    time, event, group = (
        np.ceil(rng.exponential(9, 400)),
        rng.random(400) < 0.8,
        np.arange(400) % 40,
    )
    many = stats.logrank(time, event, group)
    assert many.df == 39
    with_entry = stats.logrank(time, event, group, entry=np.zeros(400) - 1)
    assert many.statistic == pytest.approx(with_entry.statistic, rel=1e-9)


def test_guards() -> None:
    time, event, group = [1, 2, 3, 4], [1, 1, 1, 0], list("aabb")
    with pytest.raises(InputError, match="weighting must be one of"):
        stats.logrank(time, event, group, weighting="wilcoxon")
    with pytest.raises(InputError, match="no meaning"):
        stats.logrank(time, event, group, rho=1)
    with pytest.raises(InputError, match="fleming-harrington"):
        stats.logrank(time, event, group, weighting="g-rho", gamma=1)
    with pytest.raises(TooFewGroupsError, match="never at risk together"):
        stats.logrank(time, event, group, strata=group)
    with pytest.raises(InputError, match="scores"):
        stats.logrank_trend(time, event, group, scores=[1, 1])
    with pytest.raises(InputError, match="adjust"):
        stats.logrank_pairwise(time, event, group, adjust="tukey")
    missing = stats.logrank([*time, 9], [*event, 1], [*group, None])
    assert missing.left_out == {"missing group": 1} and "Left out: 1 row" in repr(missing)
    assert missing.to_frame().shape == (2, 5)


def test_trend_has_a_direction() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6], [1] * 6, [2, 2, 1, 1, 0, 0]
    worse = stats.logrank_trend(time, event, group)
    better = stats.logrank_trend(time, event, group, scores=[2, 1, 0])
    assert worse.z == pytest.approx(-better.z) and worse.z > 0
    assert worse.statistic == pytest.approx(worse.z**2)
    # Two groups: the trend is the test itself.
    two = [g > 0 for g in group]
    assert stats.logrank_trend(time, event, two).statistic == pytest.approx(
        stats.logrank(time, event, two).statistic
    )


def test_adjusted_p_values() -> None:
    p = [0.01, 0.02, 0.03, 0.04]
    np.testing.assert_allclose(stats.adjust_p(p, "holm"), [0.04, 0.06, 0.06, 0.06])
    np.testing.assert_allclose(stats.adjust_p(p, "bh"), [0.04, 0.04, 0.04, 0.04])
    np.testing.assert_allclose(stats.adjust_p(p, "bonferroni"), [0.04, 0.08, 0.12, 0.16])
    with pytest.raises(InputError):
        stats.adjust_p([0.1, 1.2])


@few
@given(st.integers(0, 2**32 - 1))
def test_scores_of_a_group_are_its_observed_minus_expected(seed: int) -> None:
    time, event, group = cohort(seed)
    event[0] = True
    for weighting, rho, gamma in (("logrank", 0, 0), ("gehan", 0, 0), ("fleming-harrington", 1, 1)):
        scores = rank_scores(time, event, weighting, rho, gamma)
        assert scores.sum() == pytest.approx(0, abs=1e-8)
        if weighting == "fleming-harrington":
            continue
        test = stats.logrank(time, event, group, weighting=weighting)
        for g in range(3):
            assert scores[group == g].sum() == pytest.approx(test.score[g], abs=1e-8)


@few
@given(st.integers(0, 2**32 - 1), st.integers(4, 10))
def test_exact_permutation_counts_every_division(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    time, event = rng.integers(1, 6, n).astype(float), rng.random(n) < 0.7
    event[0] = True
    group = np.zeros(n, dtype=bool)
    group[: int(rng.integers(1, n))] = True
    scores = rank_scores(time, event)
    k = int(group.sum())
    own = abs(scores[group].sum())
    sums = [abs(scores[list(c)].sum()) for c in itertools.combinations(range(n), k)]
    expected = np.mean([s >= own - 1e-9 for s in sums])
    test = stats.logrank_permutation(time, event, group)
    assert test.exact and test.divisions == len(sums)
    assert test.p == pytest.approx(expected, abs=1e-12)


def test_exact_and_simulated_permutation_agree() -> None:
    rng = np.random.default_rng(8)
    n = LARGEST_EXACT - 2
    time, event, group = rng.exponential(1, n), rng.random(n) < 0.8, np.arange(n) % 2
    exact = stats.logrank_permutation(time, event, group)
    assert exact.p_error == 0 and "all 538257874440 divisions" in exact.method
    more = np.append(time, [50.0, 50.0, 50.0])  # beyond the limit: simulated
    simulated = stats.logrank_permutation(
        more, np.append(event, [0, 0, 0]), np.append(group, [0, 1, 0]), seed=4
    )
    assert not simulated.exact and simulated.p_error > 0
    again = stats.logrank_permutation(
        more, np.append(event, [0, 0, 0]), np.append(group, [0, 1, 0]), seed=4
    )
    assert again.p == simulated.p
    asymptotic = stats.logrank(more, np.append(event, [0, 0, 0]), np.append(group, [0, 1, 0]))
    assert simulated.p == pytest.approx(asymptotic.p, abs=0.05)
    three = stats.logrank_permutation(time, event, np.arange(n) % 3, permutations=4000)
    assert three.p == pytest.approx(stats.logrank(time, event, np.arange(n) % 3).p, abs=0.06)
    with pytest.raises(NoEventsError):
        stats.logrank_permutation(time, event & False, group)


def test_one_sample() -> None:
    time, event = [2.0, 4.0, 6.0, 8.0], [1, 1, 0, 1]
    median = stats.logrank_one_sample(time, event, median=5)
    hazard = stats.logrank_one_sample(time, event, hazard=np.log(2) / 5)
    assert median.statistic == pytest.approx(hazard.statistic)
    given_ = stats.logrank_one_sample(time, event, cumulative_hazard=lambda t: np.log(2) / 5 * t)
    assert given_.expected == pytest.approx(median.expected)
    assert median.expected == pytest.approx(np.log(2) / 5 * 20)
    late = stats.logrank_one_sample(time, event, median=5, entry=[1, 1, 1, 1])
    assert late.expected == pytest.approx(np.log(2) / 5 * 16)
    assert median.z > 0 and median.low < median.ratio < median.high
    none = stats.logrank_one_sample(time, [0, 0, 0, 0], median=5)
    assert none.low == 0 and none.observed == 0 and none.z < 0
    with pytest.raises(InputError, match="give one reference"):
        stats.logrank_one_sample(time, event)
    with pytest.raises(InputError, match="median and hazard"):
        stats.logrank_one_sample(time, event, median=5, hazard=1)
    with pytest.raises(InputError, match="finite and rising"):
        stats.logrank_one_sample(time, event, curve=([3, 7], [0.5, 0.0]))
    with pytest.raises(InputError, match="rising times"):
        stats.logrank_one_sample(time, event, curve=([3, 2], [0.5, 0.4]))
    with pytest.raises(InputError, match="above zero"):
        stats.logrank_one_sample(time, event, median=-1)
