"""Cumulative incidence, Gray's test, Fine-Gray: laws, guards and brute force."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.stats.errors import (
    CollinearWarning,
    EventCodingError,
    EventsPerVariableWarning,
    InputError,
    NoEventsError,
    SeparationWarning,
    TooFewGroupsError,
)

few = settings(max_examples=30, deadline=None)


def cohort(seed: int, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    kind[:3] = [0, 1, 2]
    return np.ceil(rng.exponential(8, n)), kind


@few
@given(st.integers(0, 2**32 - 1), st.sampled_from(["aalen", "robust"]))
def test_incidences_and_event_free_share_add_up(seed: int, variance: str) -> None:
    time, kind = cohort(seed)
    cif = stats.cumulative_incidence(time, kind, variance=variance)
    km = stats.kaplan_meier(time, kind > 0)
    total = cif.curve(1).incidence + cif.curve(2).incidence
    np.testing.assert_allclose(total, 1 - km.survival, atol=1e-12)
    for cause in (1, 2):
        curve = cif.curve(cause)
        assert (np.diff(curve.incidence) >= -1e-15).all()
        assert (
            curve.incidence <= 1 - stats.kaplan_meier(time, kind == cause).survival[-1] + 1e-12
        ).all()
        known = ~np.isnan(curve.low)
        assert (curve.low[known] <= curve.incidence[known] + 1e-12).all()
        assert (curve.high[known] >= curve.incidence[known] - 1e-12).all()


@few
@given(st.integers(0, 2**32 - 1))
def test_one_cause_is_one_minus_kaplan_meier(seed: int) -> None:
    time, kind = cohort(seed)
    event = kind > 0
    cif = stats.cumulative_incidence(time, event.astype(int), variance="robust").curve(1)
    km = stats.kaplan_meier(time, event, robust=True)
    np.testing.assert_allclose(cif.incidence, 1 - km.survival, atol=1e-12)
    alive = km.survival > 0
    np.testing.assert_allclose(cif.se[alive], km.se[alive], rtol=1e-7, atol=1e-12)


@few
@given(st.integers(0, 2**32 - 1))
def test_weights_entries_and_order(seed: int) -> None:
    time, kind = cohort(seed, 30)
    w = np.random.default_rng(seed).integers(1, 4, 30)
    weighted = stats.cumulative_incidence(time, kind, weights=w)
    repeated = stats.cumulative_incidence(np.repeat(time, w), np.repeat(kind, w))
    order = np.random.default_rng(seed).permutation(30)
    moved = stats.cumulative_incidence(time[order], kind[order])
    still = stats.cumulative_incidence(time, kind, entry=np.full(30, -1.0))
    plain = stats.cumulative_incidence(time, kind)
    for cause in (1, 2):
        for a, b in ((weighted, repeated), (moved, plain), (still, plain)):
            np.testing.assert_allclose(
                a.curve(cause).incidence, b.curve(cause).incidence, atol=1e-12
            )
            np.testing.assert_allclose(a.curve(cause).se, b.curve(cause).se, atol=1e-9)


def test_codes_are_asked_never_guessed() -> None:
    with pytest.raises(
        EventCodingError, match=r"no row is censored: .* 1 \(2 rows\), 2 \(1 rows\)"
    ):
        stats.cumulative_incidence([1, 2, 3], [1, 1, 2])
    everyone = stats.cumulative_incidence([1, 2, 3], [1, 1, 2], censored=None)
    assert everyone.causes == (1, 2)
    with pytest.raises(EventCodingError, match="missing in 1 rows"):
        stats.cumulative_incidence([1, 2, 3], [1, None, 0])
    with pytest.raises(EventCodingError, match="cause 3 does not occur; there are 1, 2"):
        stats.gray_test([1, 2, 3, 4], [1, 2, 0, 1], list("abab"), cause=3)
    with pytest.raises(NoEventsError):
        stats.cumulative_incidence([1, 2], [0, 0])
    named = stats.cumulative_incidence([1, 2, 3], ["pd", "alive", "death"], censored="alive")
    assert named.causes == ("death", "pd") and named.n_events == {"death": 1, "pd": 1}
    with pytest.raises(InputError, match="no curve"):
        named.curve("relapse")


def test_groups_tables_and_times() -> None:
    cif = stats.cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1], group=["a", "a", "b", None])
    assert set(cif.curves) == {(1, "a"), (1, "b"), (2, "a"), (2, "b")}
    assert cif.left_out == {"missing group": 1}
    frame = cif.to_frame()
    assert frame.columns[:3] == ["cause", "group", "time"] and len(frame) == 6
    assert "Aalen-Johansen" in repr(cif) and "<table>" in cif._repr_html_()
    curve = stats.cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 0]).curve(1)
    rows = curve.at([0, 1, 4, 9])
    assert [r.incidence for r in rows] == [0.0, 0.25, 0.25, None]
    assert rows[3].state == "not_estimable" and rows[1].at_risk == 4


@few
@given(st.integers(0, 2**32 - 1))
def test_gray_without_other_events_is_near_the_log_rank_test(seed: int) -> None:
    rng = np.random.default_rng(seed)
    time, group = rng.exponential(1, 200), np.arange(200) % 2
    kind = (rng.random(200) < 0.8).astype(int)
    gray = stats.gray_test(time, kind, group, cause=1)
    rank = stats.logrank(time, kind == 1, group)
    assert gray.score[0] == pytest.approx(rank.score[0], rel=1e-9)
    assert gray.statistic == pytest.approx(rank.statistic, rel=0.35, abs=0.3)


def test_gray_guards() -> None:
    with pytest.raises(TooFewGroupsError):
        stats.gray_test([1, 2, 3], [1, 2, 0], ["a"] * 3, cause=1)
    test = stats.gray_test([1, 2, 3, 4, 5], [1, 2, 0, 1, 2], ["a", "b", "a", "b", None], cause=1)
    assert test.n == 4 and test.left_out == {"missing group": 1} and "Gray" in repr(test)
    with pytest.raises(NoEventsError):
        stats.gray_test([1, 2, 3, 4], [1, 2, 0, 2], [None, "a", "b", "b"], cause=1)


def fit(*args: object, **options: object) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return stats.fine_gray(*args, **options)  # type: ignore[arg-type]


def test_fine_gray_without_other_events_is_cox() -> None:
    rng = np.random.default_rng(5)
    time, x = np.ceil(rng.exponential(9, 80)), rng.normal(size=(80, 2))
    kind = (rng.random(80) < 0.7).astype(int)
    ours = fit(time, kind, x, cause=1)
    cox = stats.cox(time, kind == 1, x, ties="breslow", robust=True)
    np.testing.assert_allclose(ours.coef, cox.coef, rtol=1e-9)
    np.testing.assert_allclose(ours.covariance, cox.covariance, rtol=1e-7)
    assert ours.loglik == pytest.approx(cox.loglik, rel=1e-12)


def weighted_estimate(
    w: np.ndarray, time: np.ndarray, kind: np.ndarray, x: np.ndarray, group: np.ndarray
) -> float:
    """One coefficient by brute force, everything weighted, the censoring distribution too."""
    from scipy.optimize import brentq

    def staying(at: np.ndarray, own: int) -> np.ndarray:
        mine = group == own
        order = np.argsort(time[mine])
        t, c, weight = time[mine][order], kind[mine][order] == 0, w[mine][order]
        risk = np.cumsum(weight[::-1])[::-1]
        g = np.concatenate([[1.0], np.cumprod(np.where(c, 1 - weight / risk, 1.0))])
        return g[np.searchsorted(t, at, side="left")]

    events = np.flatnonzero(kind == 1)
    share = np.zeros((len(events), len(time)))
    for own in np.unique(group):
        mine = np.flatnonzero(group == own)
        late = staying(time[events], own)[:, None] / staying(time[mine], own)[None]
        at_risk = time[mine][None] >= time[events][:, None]
        share[:, mine] = np.where(at_risk, 1.0, np.where(kind[mine] == 2, late, 0.0))

    def score(b: float) -> float:
        e = w * np.exp(b * x)
        return float((w[events] * (x[events] - (share @ (e * x)) / (share @ e))).sum())

    return float(brentq(score, -5, 5, xtol=1e-14))


@pytest.mark.parametrize("groups", [1, 2])
def test_fine_gray_variance_is_the_jackknife(groups: int) -> None:
    rng = np.random.default_rng(31)
    n = 120
    time, kind, x = rng.exponential(1, n), rng.integers(0, 3, n), rng.normal(size=n)
    kind[time > 1.2] = 0  # follow-up ends while many are at risk
    time = np.minimum(time, 1.2)
    group = np.arange(n) % groups
    ours = fit(time, kind, x, cause=1, censoring_group=group)
    ones = np.ones(n)
    assert weighted_estimate(ones, time, kind, x, group) == pytest.approx(ours.coef[0], abs=1e-9)
    influence = []
    for i in range(n):
        step = np.zeros(n)
        step[i] = 1e-4
        up = weighted_estimate(ones + step, time, kind, x, group)
        influence.append((up - weighted_estimate(ones - step, time, kind, x, group)) / 2e-4)
    # The formula has n where the jackknife has n - d in the censoring distribution.
    assert ours.covariance[0, 0] == pytest.approx(np.square(influence).sum(), rel=2e-3)


def test_fine_gray_guards_and_words() -> None:
    rng = np.random.default_rng(6)
    time, kind, x = rng.exponential(1, 60), rng.integers(0, 3, 60), rng.normal(size=(60, 2))
    kind[:3] = [0, 1, 2]
    with pytest.warns(CollinearWarning, match="twice"):
        result = stats.fine_gray(
            time, kind, np.column_stack([x[:, 0], 2 * x[:, 0]]), cause=1, names=["a", "twice"]
        )
    assert np.isnan(result.coef[1]) and np.isfinite(result.coef[0])
    assert result.to_frame()["coef"].null_count() == 1
    with pytest.raises(InputError, match="aliased"):
        result.predict([0, 0])
    with pytest.warns(SeparationWarning):
        apart = stats.fine_gray(time, kind, (kind == 1).astype(float), cause=1)
    assert np.isinf(apart.coef[0])
    with pytest.warns(EventsPerVariableWarning):
        stats.fine_gray(time[:9], kind[:9], x[:9], cause=1)
    gaps = x.copy()
    gaps[4, 0] = np.nan
    left = fit(time, kind, gaps, cause=1, names=["a", "b"])
    assert left.left_out == {"missing value in a": 1} and left.n == 59
    whole = fit(time, kind, x, cause=1)
    times, incidence = whole.predict([[0, 0], [1, 0]])
    assert incidence.shape == (2, len(times)) and (np.diff(incidence, axis=1) > 0).all()
    assert "Fine-Gray" in repr(whole) and "sandwich" in whole.method
    assert whole.n_events + whole.n_competing + whole.n_censored == 60
    with pytest.raises(InputError, match="infinite values in column x1"):
        fit(time, kind, np.where(x > 1, np.inf, x)[:, :1], cause=1)


def test_cause_specific_cox_censors_the_other_events() -> None:
    rng = np.random.default_rng(7)
    time, kind, x = rng.exponential(1, 90), rng.integers(0, 3, 90), rng.normal(size=90)
    ours = stats.cause_specific_cox(time, kind, x, cause=2)
    assert ours.coef[0] == stats.cox(time, kind == 2, x).coef[0]
