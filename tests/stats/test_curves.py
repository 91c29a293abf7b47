"""Kaplan-Meier, Nelson-Aalen, follow-up and restricted means: laws and known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity import cases

from oncohort import stats
from oncohort.stats._counts import tally
from oncohort.stats.bands import INTERVALS
from oncohort.stats.errors import InputError

LUNG = next(c for c in cases("curves") if c["name"] == "lung")


@st.composite
def cohorts(draw: st.DrawFn, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Times with heavy ties, or continuous; any events."""
    n = draw(st.integers(least, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    time = rng.exponential(10, n)
    if draw(st.booleans()):
        time = np.ceil(time / draw(st.sampled_from([1.0, 4.0])))
    return time, rng.random(n) < draw(st.sampled_from([0.0, 0.3, 0.8, 1.0]))


few = settings(max_examples=40, deadline=None)


def test_lung_as_published() -> None:
    for interval, low, high in (("log", 285, 363), ("log-log", 284, 361), ("plain", 284, 361)):
        median = stats.kaplan_meier(LUNG["time"], LUNG["event"], interval=interval).median
        assert (median.value, median.low, median.high) == (310, low, high)
    follow = stats.follow_up(LUNG["time"], LUNG["event"], interval="log").median
    assert (follow.value, follow.low, follow.high) == (588, 511, 1010)


def test_follow_up_lets_deaths_leave_first() -> None:
    known = next(c for c in cases("curves") if c["name"] == "lung-reverse-deaths-first")
    ours = stats.follow_up(LUNG["time"], LUNG["event"])
    theirs = dict(zip(known["curve"]["time"], known["curve"]["survival"], strict=True))
    event = np.array(LUNG["event"])
    for t, s, censored in zip(ours.time, ours.survival, ours.events, strict=True):
        if censored:
            assert s == pytest.approx(theirs[t + 0.25], rel=1e-12)
    together = stats.follow_up(LUNG["time"], LUNG["event"], ties="together")
    reverse = stats.kaplan_meier(LUNG["time"], 1 - event)
    np.testing.assert_array_equal(together.survival, reverse.survival)
    assert "reverse" in ours.method
    everyone = stats.follow_up([1, 2], [1, 1])
    assert everyone.median.state == "not_reached" and "no one is censored" in everyone.notes[0]


def test_follow_up_with_ties() -> None:
    # At 5 the death leaves first, so one of two is censored: 1/2; together it is one of three.
    assert stats.follow_up([5, 5, 9], [1, 0, 0]).survival[0] == 0.5
    assert stats.follow_up([5, 5, 9], [1, 0, 0], ties="together").survival[0] == pytest.approx(
        2 / 3
    )


@few
@given(cohorts())
def test_curve_never_rises_and_stays_in_its_band(cohort: tuple[np.ndarray, np.ndarray]) -> None:
    time, event = cohort
    for interval in INTERVALS:
        km = stats.kaplan_meier(time, event, interval=interval)
        assert (np.diff(km.survival) <= 1e-15).all()
        assert (km.survival >= 0).all() and (km.survival <= 1).all()
        known = ~np.isnan(km.low)
        assert (km.low[known] >= 0).all() and (km.high[known] <= 1).all()
        assert (km.low[known] <= km.survival[known] + 1e-12).all()
        assert (km.high[known] >= km.survival[known] - 1e-12).all()
        assert known[km.survival > 0].all() and not known[km.survival == 0].any()
    assert km.at_risk[0] == len(time)
    assert (km.events + km.censored).sum() == len(time)


@few
@given(cohorts(), st.randoms(use_true_random=False), st.sampled_from([0.5, 30.4375, 1024.0]))
def test_order_and_unit_do_not_matter(
    cohort: tuple[np.ndarray, np.ndarray], random: object, scale: float
) -> None:
    time, event = cohort
    order = np.random.default_rng(random.randrange(2**32)).permutation(len(time))  # type: ignore[attr-defined]
    one = stats.kaplan_meier(time, event)
    other = stats.kaplan_meier(time[order] * scale, event[order])
    np.testing.assert_allclose(other.time, one.time * scale, rtol=1e-12)
    for what in ("at_risk", "events", "censored", "survival", "se", "low", "high"):
        np.testing.assert_allclose(getattr(other, what), getattr(one, what), rtol=1e-12)
    a, b = one.median, other.median
    for x, y in ((a.value, b.value), (a.low, b.low), (a.high, b.high)):
        assert (x is None) == (y is None)
        assert x is None or y == pytest.approx(x * scale, rel=1e-12)


@few
@given(cohorts(), st.integers(0, 2**32 - 1))
def test_weight_two_is_two_rows(cohort: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    time, event = cohort
    w = np.random.default_rng(seed).integers(1, 4, len(time))
    weighted = stats.kaplan_meier(time, event, weights=w)
    repeated = stats.kaplan_meier(np.repeat(time, w), np.repeat(event, w))
    for what in ("time", "at_risk", "events", "survival", "se", "low"):
        np.testing.assert_allclose(getattr(weighted, what), getattr(repeated, what), rtol=1e-9)


@few
@given(cohorts(), st.integers(0, 2**32 - 1))
def test_splitting_a_record_changes_nothing(
    cohort: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    time, event = cohort
    time = time + 1
    cut = np.random.default_rng(seed).uniform(0.01, 0.99, len(time)) * time
    whole = stats.kaplan_meier(time, event)
    split = stats.kaplan_meier(
        np.concatenate([cut, time]),
        np.concatenate([np.zeros(len(time), bool), event]),
        entry=np.concatenate([np.zeros(len(time)), cut]),
    )
    at = whole.time
    for a, b in zip(whole.at(at), split.at(at), strict=True):
        assert b.survival == pytest.approx(a.survival, rel=1e-9, abs=1e-12)
        assert b.at_risk == pytest.approx(a.at_risk)
        assert b.events == a.events
    zero_entry = stats.kaplan_meier(time, event, entry=np.zeros(len(time)))
    np.testing.assert_allclose(zero_entry.survival, whole.survival, rtol=1e-12)
    np.testing.assert_allclose(zero_entry.se, whole.se, rtol=1e-9)


@few
@given(cohorts(), st.integers(2, 12))
def test_groups_are_the_curves_of_their_rows(
    cohort: tuple[np.ndarray, np.ndarray], count: int
) -> None:
    time, event = cohort
    group = np.arange(len(time)) % count
    result = stats.kaplan_meier(time, event, group=group)
    assert list(result.groups) == sorted(set(group.tolist()))
    for level, km in result.groups.items():
        alone = stats.kaplan_meier(time[group == level], event[group == level])
        np.testing.assert_allclose(km.survival, alone.survival, rtol=1e-12)
        assert km.n == alone.n
    assert sum(km.n for km in result.groups.values()) == result.n == len(time)


@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 64), st.booleans())
def test_tally_counts_what_a_loop_counts(seed: int, levels: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    time = rng.integers(0, 9, n).astype(float) / (1 if whole else 7)
    code = rng.integers(0, levels, n)
    times, at_risk, counts = tally(time, code, levels)
    distinct = np.unique(time)
    np.testing.assert_allclose(times, distinct, rtol=1e-12)
    np.testing.assert_array_equal(at_risk, [(time >= t).sum() for t in distinct])
    for k, t in enumerate(distinct):
        np.testing.assert_array_equal(counts[:, k], np.bincount(code[time == t], minlength=levels))


def test_not_reached_is_a_state() -> None:
    median = stats.kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median
    assert (median.value, median.state, median.low, median.high) == (None, "not_reached", 1.0, None)
    assert "not reached" in str(median)
    none = stats.kaplan_meier([1, 2], [0, 0])
    assert none.median.state == "not_reached"
    assert any("no event" in note for note in none.notes)
    assert none.survival.tolist() == [1, 1] and none.se.tolist() == [0, 0]


def test_exactly_half_takes_the_middle_and_says_so() -> None:
    median = stats.kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0]).median
    assert median.value == 2.5 and median.flat and "middle" in median.method
    to_the_end = stats.kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]).median
    assert to_the_end.value == 2.0 and not to_the_end.flat


def test_given_times() -> None:
    km = stats.kaplan_meier([2, 4, 4, 6, 9], [1, 1, 0, 0, 0])
    before, at, between, end, after = km.at([0, 4, 5, 9, 10])
    assert (before.survival, before.low, before.high, before.at_risk) == (1, 1, 1, 5)
    assert (at.at_risk, at.events, at.censored) == (4, 2, 1)
    assert at.survival == between.survival == pytest.approx(0.6)
    assert (between.at_risk, end.at_risk) == (2, 1)
    assert (after.survival, after.state, after.at_risk) == (None, "not_estimable", 0)
    gone = stats.kaplan_meier([1, 2], [1, 1]).at(5)[0]
    assert (gone.survival, gone.low, gone.se, gone.state) == (0, None, None, "ok")
    with pytest.raises(InputError, match="finite"):
        km.at([np.nan])
    late = stats.kaplan_meier([3, 5, 8], [1, 1, 0], entry=[1, 1, 4])
    assert [row.at_risk for row in late.at([0, 1, 2, 5])] == [0, 2, 2, 2]


def test_risk_set_used_up_is_said() -> None:
    km = stats.kaplan_meier([2, 9, 10], [1, 1, 0], entry=[0, 5, 5])
    assert km.survival[0] == 0
    assert any("everyone at risk at 2" in note for note in km.notes)


def test_one_of_several_curves_must_be_chosen() -> None:
    result = stats.kaplan_meier([1, 2, 3], [1, 1, 0], group=["a", "b", "b"])
    with pytest.raises(InputError, match=r"2 curves: choose one of groups\['a', 'b'\]"):
        _ = result.median
    assert result.groups["b"].median.value == 2.0  # as survfit of R


def test_tables_and_texts() -> None:
    result = stats.kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], group=["a", "a", "b", None])
    frame = result.to_frame()
    assert frame.columns == [
        "group", "time", "at_risk", "events", "censored", "survival", "se", "low", "high",
    ]  # fmt: skip
    assert frame["se"].null_count() == 2 and not frame["survival"].is_nan().any()
    assert result.to_pandas().shape == frame.shape
    text = repr(result)
    assert "Greenwood" in text and "Left out: 1 row, missing group" in text
    assert "<table>" in result._repr_html_() and "&#x27;" in result._repr_html_()
    one = stats.kaplan_meier([1, 2], [1, 0], level=0.9, interval="plain", weights=[1, 2.5])
    assert "90 %" in one.method and "plain" in one.method and "robust" in one.method
    assert "weights" in one.method and "group" not in one.to_frame().columns


def test_nelson_aalen_hazard_and_bands() -> None:
    h = stats.nelson_aalen(LUNG["time"], LUNG["event"])
    km = stats.kaplan_meier(LUNG["time"], LUNG["event"])
    assert (np.exp(-h.hazard) >= km.survival).all()
    plain = stats.nelson_aalen(LUNG["time"], LUNG["event"], interval="plain")
    assert (plain.low >= 0).all() and (plain.high >= plain.hazard).all()
    assert h.to_frame().shape == (len(h.time), 7)
    assert "Nelson-Aalen" in repr(h)
    rounding = stats.nelson_aalen(
        [0.1 + 0.2, 0.3, 1.0], [1, 1, 1], ties="fleming-harrington", weights=[1, 1, 1]
    )
    np.testing.assert_allclose(rounding.hazard, [1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 1])


@few
@given(cohorts(), st.floats(0.5, 5))
def test_restricted_mean_is_the_area(cohort: tuple[np.ndarray, np.ndarray], tau: float) -> None:
    time, event = cohort
    time = np.append(time, 50.0)
    event = np.append(event, False)
    mean = stats.rmst(time, event, tau=tau)
    km = stats.kaplan_meier(time, event)
    grid = np.linspace(0, tau, 20001)
    middle = 0.5 * (grid[1:] + grid[:-1])
    at = np.searchsorted(km.time, middle, side="right")
    survival = np.concatenate([[1.0], km.survival])[at]
    assert mean.value == pytest.approx(survival.mean() * tau, abs=tau * 5e-3)
    assert 0 <= mean.value <= tau + 1e-12


def test_restricted_means_compared() -> None:
    time, event, group = [1, 2, 3, 4, 2, 4, 6, 8], [1, 1, 1, 0, 1, 1, 0, 1], list("aaaabbbb")
    both = stats.rmst(time, event, group=group, tau=4)
    difference, ratio = both.contrast("difference"), both.contrast("ratio")
    assert difference.value == pytest.approx(both.means[1].value - both.means[0].value)
    assert ratio.value == pytest.approx(both.means[1].value / both.means[0].value)
    assert difference.low < difference.value < difference.high
    assert stats.rmst(time, event, group=group).tau == 4
    with pytest.raises(InputError, match="ends at 4"):
        stats.rmst(time, event, group=group, tau=5)
    with pytest.raises(InputError, match="2 groups"):
        _ = both.value
    nothing = stats.rmst([5, 6], [1, 1], group=["a", "b"], tau=3)  # no event before tau
    assert [m.value for m in nothing.means] == [3, 3]
    for contrast in nothing.contrasts:
        assert contrast.state == "not_estimable" and contrast.p is None and contrast.low is None
    assert "p not estimable" in repr(nothing)
    assert "Restricted mean" in repr(both)
    # After the curve has come to 0 the area does not grow.
    assert stats.rmst([1, 2], [1, 1], tau=10).value == 1.5
