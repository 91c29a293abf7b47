"""One rule for equal times, everywhere: times that differ by rounding alone are one time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity import load

from oncohort import stats
from oncohort.stats.errors import EntryError, TooFewGroupsError
from oncohort.stats.times import nearest_times, snap_times

ROUNDED = 24.3 / 12 * 12  # not 24.3
LAW = settings(max_examples=40, deadline=None)


def study(seed: int, n: int = 60) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    time = np.round(rng.exponential(10, n), 1) + 0.1
    return {
        "time": time,
        "event": np.arange(n) % 3 > 0,
        "x": rng.normal(size=n),
        "group": rng.integers(0, 2, n),
        "entry": np.floor(time * 3) / 10,
        "type": rng.integers(0, 3, n),
        "response": np.where(np.arange(n) % 2, np.round(time / 2, 1), np.nan),
        "shake": np.where(rng.random(n) < 0.5, 1.0, 1.0 + rng.choice([-1e-15, 1e-15], n)),
    }


ESTIMATES = {
    "kaplan_meier": lambda d, t: stats.kaplan_meier(t, d["event"]).survival,
    "groups": lambda d, t: stats.kaplan_meier(t, d["event"], group=d["group"]).to_frame()["se"],
    "late": lambda d, t: stats.kaplan_meier(t, d["event"], entry=d["entry"]).at_risk,
    "nelson_aalen": lambda d, t: stats.nelson_aalen(t, d["event"]).hazard,
    "follow_up": lambda d, t: stats.follow_up(t, d["event"]).survival,
    "logrank": lambda d, t: [stats.logrank(t, d["event"], d["group"]).statistic],
    "strata": lambda d, t: [stats.logrank(t, d["event"], d["group"], strata=d["type"]).statistic],
    "cox": lambda d, t: stats.cox(t, d["event"], d["x"]).coef,
    "cox late": lambda d, t: stats.cox(t, d["event"], d["x"], entry=d["entry"]).coef,
    "rank": lambda d, t: [stats.ph_test(stats.cox(t, d["event"], d["x"]), "rank").overall.p],
    "km": lambda d, t: [stats.ph_test(stats.cox(t, d["event"], d["x"]), "km").overall.p],
    "concordance": lambda d, t: [stats.concordance(t, d["event"], d["x"]).c],
    "uno": lambda d, t: [stats.concordance(t, d["event"], d["x"], kind="uno").se],
    "rmst": lambda d, t: [stats.rmst(t, d["event"], tau=8).se],
    "incidence": lambda d, t: stats.cumulative_incidence(t, d["type"]).curve(1).se,
    "gray": lambda d, t: [stats.gray_test(t, d["type"], d["group"], cause=1).statistic],
    "fine_gray": lambda d, t: stats.fine_gray(t, d["type"], d["x"], cause=1).coef,
    "landmark": lambda d, t: stats.landmark(t, d["event"], d["response"], at=2.3).time,
    "response": lambda d, t: [
        stats.time_dependent_response(t, d["event"], d["response"]).test.statistic
    ],
    "turnbull": lambda d, t: stats.turnbull(d["entry"], t).survival,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ESTIMATES)
@LAW
@given(seed=st.integers(0, 2**32))
def test_shaken_in_the_last_bit_nothing_changes(name: str, seed: int) -> None:
    data = study(seed)
    try:
        exact = np.asarray(ESTIMATES[name](data, data["time"]), dtype=float)
    except TooFewGroupsError:
        with pytest.raises(TooFewGroupsError):
            ESTIMATES[name](data, data["time"] * data["shake"])
        return
    shaken = np.asarray(ESTIMATES[name](data, data["time"] * data["shake"]), dtype=float)
    np.testing.assert_allclose(shaken, exact, rtol=1e-9, atol=1e-12)


def test_a_response_at_the_end_by_rounding_makes_no_spell() -> None:
    time, event = [24.3, 30, 12, 18, 40, 22, 35, 28], [1, 1, 1, 1, 0, 1, 1, 1]
    for first in (24.3, ROUNDED):
        found = stats.time_dependent_response(
            time, event, [first, 10, None, None, 5, None, 20, None]
        )
        assert found.n_responders == 3
        assert found.test.p == pytest.approx(0.021, abs=5e-4)


def test_landmark_keeps_nobody_without_follow_up() -> None:
    time = [24.3, 30, 12, 18, 40, 22, 35, 28]
    found = stats.landmark(time, [1] * 8, [None, 10, None, None, 5, None, 20, None], at=ROUNDED)
    assert found.left_out == {"event by the landmark": 4}
    assert found.time.min() > 3


def test_times_asked_for_are_those_of_the_curve() -> None:
    km = stats.kaplan_meier([24.3, 10, 30], [1, 1, 1]).curve
    assert [row.survival for row in km.at([24.3, ROUNDED])] == pytest.approx([1 / 3, 1 / 3])
    assert stats.rmst([ROUNDED, 10, 20], [0, 1, 0], tau=24.3).tau == pytest.approx(24.3)
    cif = stats.cumulative_incidence([24.3, 10, 30], [1, 2, 1], censored=None).curve(1)
    assert cif.at(ROUNDED)[0].incidence == pytest.approx(1 / 3)


@pytest.mark.parametrize("gap", [1e-9, 1e-12, 0.0])
def test_no_time_under_observation_is_refused_with_its_row(gap: float) -> None:
    time, event, entry = [5.0, 8, 10, 12], [1, 1, 1, 0], [0, 0, 10 - gap, 0]
    for estimate in (
        lambda: stats.kaplan_meier(time, event, entry=entry),
        lambda: stats.cox(time, event, [1, 0, 1, 0], entry=entry),
        lambda: stats.logrank(time, event, [1, 0, 1, 0], entry=entry),
        lambda: stats.nelson_aalen(time, event, entry=entry),
        lambda: stats.cumulative_incidence(time, event, entry=entry),
    ):
        with pytest.raises(EntryError, match="rows 2") as caught:
            estimate()
        assert caught.value.rows == (2,)


@pytest.mark.filterwarnings("ignore")
def test_rank_transform_is_that_of_r() -> None:
    data = load("hard_inputs")["ph_rank"]
    fit = stats.cox(data["time"], data["event"], data["x"])
    assert stats.ph_test(fit, "rank").overall.statistic == pytest.approx(data["statistic"])


def test_rule() -> None:
    (joined,) = snap_times(np.array([24.3, ROUNDED, 1.0]))
    assert joined[0] == joined[1] == min(24.3, ROUNDED)
    whole = np.array([3.0, 4.0])
    assert snap_times(whole)[0] is whole
    (far,) = snap_times(np.array([1e10, 1e10 + 1]))  # relative to their mean they are equal
    assert far[0] == far[1]
    assert nearest_times(7.0, np.zeros(0)) == 7.0
