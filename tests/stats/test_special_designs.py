"""Interval censoring, cut-points, landmark and time-dependent response, bootstrap of medians."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity import cases

from oncohort import stats
from oncohort.stats.errors import InputError, NoEventsError, TimeError, TooFewGroupsError

few = settings(max_examples=30, deadline=None)
LUNG = next(c for c in cases("curves") if c["name"] == "lung")


@pytest.fixture(autouse=True)
def quiet() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# -- interval censoring ------------------------------------------------------------------------


@few
@given(st.integers(0, 2**32 - 1))
def test_turnbull_of_right_censored_times_is_kaplan_meier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    time, event = np.ceil(rng.exponential(8, 30)), rng.random(30) < 0.7
    event[0] = True
    fit = stats.turnbull(time, np.where(event, time, np.inf))
    km = stats.kaplan_meier(time, event)
    for t in km.time[km.events > 0]:
        assert fit.at(t)[0].low == pytest.approx(km.at(t)[0].survival, abs=1e-8)
        assert fit.at(t)[0].low == pytest.approx(fit.at(t)[0].high)


@few
@given(st.integers(0, 2**32 - 1))
def test_turnbull_meets_its_optimality_conditions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 40
    time, gap = rng.exponential(8, n), rng.integers(1, 6, n)
    left = np.floor(time / gap) * gap
    right = np.where(left > 12, np.inf, left + gap)
    if np.isinf(right).all():
        return
    fit = stats.turnbull(left, right)
    assert fit.gap <= 1e-9
    assert fit.mass.sum() == pytest.approx(1)
    assert (np.diff(fit.survival) <= 1e-12).all()
    order = rng.permutation(n)
    again = stats.turnbull(left[order] * 7, right[order] * 7)
    assert again.loglik == pytest.approx(fit.loglik, abs=1e-8)
    np.testing.assert_allclose(again.mass, fit.mass, atol=1e-6)


def test_turnbull_tables_and_guards() -> None:
    fit = stats.turnbull([0, 2, 4, 4], [2, 4, 4, None])
    assert fit.median is not None and (fit.n_exact, fit.n_interval, fit.n_right) == (1, 2, 1)
    assert fit.to_frame()["right"].null_count() == 1
    assert "median in" in repr(fit)
    assert stats.turnbull([0, 5, 5, 5], [2, None, None, None]).median is None
    with pytest.raises(TimeError, match="right is before left in rows 1"):
        stats.turnbull([0, 5], [2, 4])
    with pytest.raises(TimeError, match="missing or negative in rows 0"):
        stats.turnbull([None, 5], [2, 6])
    with pytest.raises(NoEventsError):
        stats.turnbull([1, 2], [None, None])


def test_imputations_lie_in_their_intervals() -> None:
    left, right = np.array([0.0, 4, 6, 5]), np.array([2.0, 8, np.inf, 5])
    times = {
        m: stats.impute_intervals(left, right, method=m)[0].time for m in ("left", "mid", "right")
    }
    assert times["left"].tolist() == [0, 4, 6, 5]
    assert times["mid"].tolist() == [1, 6, 6, 5]
    assert times["right"].tolist() == [2, 8, 6, 5]
    drawn = stats.impute_intervals(left, right, method="uniform", imputations=50, seed=3)
    assert len(drawn) == 50
    for one in drawn:
        assert (one.time >= times["left"]).all() and (one.time <= times["right"]).all()
        assert one.event.tolist() == [True, True, False, True]
        assert one.time[0] > 0 and one.time[2] == 6 and one.time[3] == 5
    again = stats.impute_intervals(left, right, method="uniform", imputations=50, seed=3)
    assert all((a.time == b.time).all() for a, b in zip(drawn, again, strict=True))
    with pytest.raises(InputError, match="method must be one of"):
        stats.impute_intervals(left, right, method="random")
    with pytest.raises(InputError, match="at least 2"):
        stats.impute_intervals(left, right, method="uniform", imputations=1)


# -- cut-points --------------------------------------------------------------------------------


def test_cutpoint_finds_a_real_cut() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 10, 200)
    time = rng.exponential(np.where(x > 6, 2.0, 10.0))
    found = stats.cutpoint(time, np.ones(200), x, permutations=500, bootstraps=50)
    assert 5 < found.cut < 7 and found.p < 0.01
    assert found.p_improved_bonferroni < 0.01 and found.p_asymptotic < 0.01
    assert 3 < found.hazard_ratio_corrected < found.hazard_ratio
    assert found.optimism > 0
    assert found.n_low + found.n_high == 200
    assert found.cut_low <= found.cut <= found.cut_high
    # The statistic is the largest standardised one, of the groups at or below the cut.
    best = np.argmax(np.abs(found.statistics))
    assert found.cuts[best] == found.cut and abs(found.statistics[best]) == found.statistic


def test_corrected_p_is_larger_than_the_naive_one_and_uniform_under_no_effect() -> None:
    rng = np.random.default_rng(4)
    small = 0
    for seed in range(40):
        time, x = rng.exponential(1, 50), rng.normal(size=50)
        found = stats.cutpoint(time, np.ones(50), x, permutations=200, bootstraps=1, seed=seed)
        naive = stats.logrank(time, np.ones(50), x > found.cut).p
        assert found.p > naive
        small += found.p < 0.05
    assert small <= 7  # 2 expected; naive p-values would give about 16


def test_cutpoint_is_reproducible_and_guarded() -> None:
    rng = np.random.default_rng(5)
    time, event, x = rng.exponential(1, 40), rng.random(40) < 0.8, rng.normal(size=40)
    a = stats.cutpoint(time, event, x, permutations=100, bootstraps=20, seed=9)
    b = stats.cutpoint(time, event, x, permutations=100, bootstraps=20, seed=9)
    assert (a.p, a.optimism) == (b.p, b.optimism)
    gaps = np.where(np.arange(40) < 3, np.nan, x)
    left = stats.cutpoint(time, event, gaps, permutations=50, bootstraps=10)
    assert left.n == 37 and left.left_out == {"missing value of the variable": 3}
    assert "Maximally selected" in repr(a) and len(a.to_frame()) == len(a.cuts)
    with pytest.raises(TooFewGroupsError, match="no cut"):
        stats.cutpoint(time, event, np.ones(40))
    with pytest.raises(NoEventsError):
        stats.cutpoint(time, event & False, x)
    with pytest.raises(InputError, match="least"):
        stats.cutpoint(time, event, x, least=0.6)


def test_cutpoint_stops_cleanly() -> None:
    rng = np.random.default_rng(5)
    time, x = rng.exponential(1, 40), rng.normal(size=40)
    seen: list[int] = []

    def progress(done: int, of: int) -> None:
        seen.append(done)
        if done == 7:
            raise KeyboardInterrupt

    found = stats.cutpoint(time, np.ones(40), x, permutations=20, bootstraps=30, progress=progress)
    assert seen == list(range(1, 8))
    assert any("stopped early: 7 of 30" in note for note in found.notes)
    assert "by 7 bootstrap samples" in found.method


# -- response ----------------------------------------------------------------------------------


def test_landmark_keeps_who_is_under_observation() -> None:
    time = [1, 2, 3, 5, 6, 7, 8, 9, 10]
    event = [1, 0, 1, 1, 1, 0, 1, 1, 0]
    response = [None, 1, None, 2, np.nan, 1, 7, None, 3]
    found = stats.landmark(time, event, response, at=3)
    assert found.left_out == {"event by the landmark": 2, "censored by the landmark": 1}
    assert found.rows.tolist() == [3, 4, 5, 6, 7, 8]
    assert found.responded.tolist() == [True, False, True, False, False, True]
    assert found.time.tolist() == [2, 3, 4, 5, 6, 7]
    assert found.test.p == pytest.approx(stats.logrank(found.time, found.event, found.responded).p)
    assert "Landmark analysis" in repr(found)
    with pytest.raises(TimeError, match="after the end of follow-up in rows 0"):
        stats.landmark([1, 5], [1, 1], [2, 3], at=1)
    with pytest.raises(TooFewGroupsError, match="0 responders and 2 others"):
        stats.landmark([4, 5], [1, 1], [None, 3], at=2)
    with pytest.raises(InputError, match="above zero"):
        stats.landmark(time, event, response, at=0)


@few
@given(st.integers(0, 2**32 - 1))
def test_spells_add_up_to_the_records(seed: int) -> None:
    rng = np.random.default_rng(seed)
    time, event = rng.exponential(5, 20) + 0.1, rng.random(20) < 0.7
    change = np.where(rng.random(20) < 0.5, rng.exponential(3, 20), np.nan)
    s = stats.split_at_change(time, event, change)
    np.testing.assert_allclose(np.bincount(s.row, s.stop - s.start), time)
    np.testing.assert_array_equal(np.bincount(s.row, s.event).astype(bool), event)
    assert (s.stop > s.start).all()
    assert (np.bincount(s.row) <= 2).all()


def test_responders_do_not_live_longer_where_response_has_no_effect() -> None:
    """Immortal time: the naive comparison finds an effect that the other two do not."""
    rng = np.random.default_rng(11)
    n = 800
    time, response = rng.exponential(10, n), rng.exponential(10, n)
    responded = response < time
    change = np.where(responded, response, np.nan)
    event = np.ones(n)
    naive = stats.cox(time, event, responded.astype(float))
    assert naive.hr[0] < 0.6 and naive.p[0] < 1e-6
    late = stats.time_dependent_response(time, event, change)
    assert late.test.p > 0.05 and 0.85 < late.cox.hr[0] < 1.18
    assert late.n == n and late.n_responders == responded.sum()
    assert stats.landmark(time, event, change, at=5).test.p > 0.05
    # Without ties the Mantel-Byar test is the score test of the time-dependent model.
    assert late.test.statistic == pytest.approx(late.cox.score_test.statistic, rel=1e-6)
    assert "Mantel-Byar" in repr(late)


def test_split_guards() -> None:
    with pytest.raises(TimeError, match="time 0 in rows 1"):
        stats.split_at_change([1, 0], [1, 1], [None, None])
    with pytest.raises(TimeError, match="negative response_time in rows 0"):
        stats.split_at_change([1, 2], [1, 1], [-1, None])
    with pytest.raises(InputError, match="must be numbers"):
        stats.split_at_change([1, 2], [1, 1], ["early", None])
    at_start = stats.split_at_change([4, 5], [1, 1], [0, 5])
    assert at_start.state.tolist() == [True, False]


# -- bootstrap ---------------------------------------------------------------------------------


def test_stacked_medians_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(6)
    time, event = np.ceil(rng.exponential(10, 30)), rng.random(30) < 0.7
    found = stats.bootstrap_median(time, event, replicates=60, seed=12)
    again = np.random.default_rng(12).integers(0, 30, (60, 30))
    order = np.argsort(time, kind="stable")
    for b in range(60):
        rows = order[again[b]]
        median = stats.kaplan_meier(time[rows], event[rows]).median.value
        ours = found.groups[0].replicates[b]
        assert ours == (np.inf if median is None else median)


def test_bootstrap_by_group_and_states() -> None:
    time, event = LUNG["time"], LUNG["event"]
    group = np.arange(len(time)) % 2
    found = stats.bootstrap_median(time, event, group=group, replicates=400, seed=1)
    assert [b.label for b in found.groups] == [0, 1] and found.differences[0].label == "1 - 0"
    whole = stats.bootstrap_median(time, event, replicates=1000, seed=1).groups[0]
    assert whole.value == 310 and 270 < whole.low < 300 and 340 < whole.high < 380
    few_events = stats.bootstrap_median([1, 2, 3, 4, 5], [1, 1, 1, 0, 0], replicates=300).groups[0]
    assert few_events.value == 3.0 and few_events.high is None and few_events.reached < 1
    same = stats.bootstrap_median(time, event, group=group, replicates=400, seed=1)
    assert same.groups[0].low == found.groups[0].low
    assert "Percentile bootstrap" in repr(found) and len(found.to_frame()) == 3
    with pytest.raises(InputError, match="replicates"):
        stats.bootstrap_median(time, event, replicates=0)


def test_bootstrap_stops_cleanly_and_reports_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    module = __import__("oncohort.stats.bootstrap_median", fromlist=["BLOCK"])
    monkeypatch.setattr(module, "BLOCK", 228 * 10)
    seen: list[int] = []

    def progress(done: int, of: int) -> None:
        seen.append(done)
        assert of == 100
        if done == 30:
            raise KeyboardInterrupt

    found = stats.bootstrap_median(LUNG["time"], LUNG["event"], replicates=100, progress=progress)
    assert seen == [10, 20, 30] and found.stopped and found.done == 30
    assert len(found.groups[0].replicates) == 30
    assert "stopped early" in repr(found)


def test_permuted_medians_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(14)
    time, event = np.ceil(rng.exponential(10, 24)), rng.random(24) < 0.8
    group = np.arange(24) % 2
    found = stats.permutation_median(time, event, group, permutations=80, seed=5)
    order = np.argsort(time, kind="stable")
    second = group[order].astype(float)
    drawn = np.random.default_rng(5).permuted(np.broadcast_to(second, (80, 24)), axis=1)

    def gap(members: np.ndarray) -> float:
        medians = []
        for code in (0, 1):
            rows = order[members == code]
            median = stats.kaplan_meier(time[rows], event[rows]).median.value
            medians.append(np.inf if median is None else median)
        return 0.0 if medians == [np.inf, np.inf] else medians[1] - medians[0]

    observed = gap(second)
    assert found.difference == observed
    hits = sum(abs(gap(row)) >= abs(observed) - 1e-9 for row in drawn)
    assert found.p == (hits + 1) / 81
    assert "Permutation test" in repr(found) and len(found.to_frame()) == 2
    with pytest.raises(TooFewGroupsError):
        stats.permutation_median(time, event, np.arange(24) % 3)
    late = stats.permutation_median([1, 2, 3, 4], [1, 1, 0, 0], [0, 0, 1, 1], permutations=50)
    assert late.difference is None and late.values[1] is None
