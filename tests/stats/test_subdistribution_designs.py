"""Fine-Gray and Gray with weights and late entry; intervals of predicted incidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.stats.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore")
LAW = settings(max_examples=20, deadline=None)


def study(seed: int, n: int = 60) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    time = np.ceil(rng.exponential(12, n)) + 1
    return {
        "time": time,
        "type": np.arange(n) % 3,
        "x": rng.normal(size=(n, 2)),
        "group": rng.integers(0, 3, n),
        "entry": np.floor(time * rng.uniform(0, 0.6, n)),
        "w": rng.integers(1, 4, n),
    }


@LAW
@given(seed=st.integers(0, 2**32), late=st.booleans(), grouped=st.booleans())
def test_whole_weights_are_rows(seed: int, late: bool, grouped: bool) -> None:
    d = study(seed)
    rows = np.repeat(np.arange(60), d["w"])
    more = {"entry": d["entry"]} if late else {}
    if grouped:
        more["censoring_group"] = d["group"]
    try:
        one = stats.fine_gray(d["time"], d["type"], d["x"], cause=1, weights=d["w"], **more)
    except InputError as error:  # nobody at risk at an entry
        assert late and "at risk at some entry" in str(error)
        return
    two = stats.fine_gray(
        d["time"][rows],
        d["type"][rows],
        d["x"][rows],
        cause=1,
        **{key: v[rows] for key, v in more.items()},
    )
    np.testing.assert_allclose(one.coef, two.coef, rtol=1e-7)
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-6, atol=1e-10)
    assert one.loglik == pytest.approx(two.loglik)
    a, b = (fit.incidence([0.5, -0.5], [5, 12]) for fit in (one, two))
    for p, q in zip(a, b, strict=True):
        assert (p.incidence, p.se) == pytest.approx((q.incidence, q.se), rel=1e-6)


@LAW
@given(seed=st.integers(0, 2**32), late=st.booleans())
def test_gray_with_whole_weights_is_gray_of_the_rows(seed: int, late: bool) -> None:
    d = study(seed)
    rows = np.repeat(np.arange(60), d["w"])
    more = {"entry": d["entry"]} if late else {}
    try:
        one = stats.gray_test(d["time"], d["type"], d["group"], cause=1, weights=d["w"], **more)
    except InputError as error:
        assert late and "begin later" in str(error)
        return
    assert np.isfinite(one.statistic) and 0 <= one.p <= 1
    two = stats.gray_test(
        d["time"][rows],
        d["type"][rows],
        d["group"][rows],
        cause=1,
        **{key: v[rows] for key, v in more.items()},
    )
    assert one.statistic == pytest.approx(two.statistic, rel=1e-8)
    assert "case weights" in one.method


def test_entry_at_0_changes_nothing() -> None:
    d = study(1)
    zero = np.zeros(60)
    plain = stats.fine_gray(d["time"], d["type"], d["x"], cause=1)
    late = stats.fine_gray(d["time"], d["type"], d["x"], cause=1, entry=zero)
    np.testing.assert_allclose(late.coef, plain.coef, rtol=1e-10)
    assert "left truncation" in late.method and "as known" in late.method
    one = stats.gray_test(d["time"], d["type"], d["group"], cause=1)
    two = stats.gray_test(d["time"], d["type"], d["group"], cause=1, entry=zero)
    assert two.statistic == pytest.approx(one.statistic)
    assert "left truncation" in two.method


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
def test_scale_of_weights_changes_nothing(scale: float) -> None:
    d = study(2)
    w = d["w"] + 0.37
    one = stats.fine_gray(d["time"], d["type"], d["x"], cause=1, weights=w)
    two = stats.fine_gray(d["time"], d["type"], d["x"], cause=1, weights=w * scale)
    if scale < 1:  # large multiples of these weights may be whole numbers
        np.testing.assert_allclose(two.se, one.se, rtol=1e-8)
    np.testing.assert_allclose(two.coef, one.coef, rtol=1e-8)
    a = stats.gray_test(d["time"], d["type"], d["group"], cause=1, weights=w)
    b = stats.gray_test(d["time"], d["type"], d["group"], cause=1, weights=w * 1e-6)
    assert b.statistic == pytest.approx(a.statistic, rel=1e-7) and "Robust score" in a.method


def test_weighted_gray_is_near_grays_test_where_weights_are_equal() -> None:
    d = study(3, 600)
    gray = stats.gray_test(d["time"], d["type"], d["group"], cause=1)
    score = stats.gray_test(d["time"], d["type"], d["group"], cause=1, weights=np.full(600, 0.5))
    assert score.df == gray.df
    assert score.statistic == pytest.approx(gray.statistic, rel=0.15, abs=0.2)
    with pytest.raises(InputError, match="without strata"):
        stats.gray_test(
            d["time"],
            d["type"],
            d["group"],
            cause=1,
            weights=np.full(600, 0.5),
            strata=d["group"],
        )


def test_interval_of_predicted_incidence_is_that_of_rows_left_out() -> None:
    d = study(4, 200)
    n, wanted, times = 200, np.array([[0.3, -0.4], [-1.0, 0.8]]), [4.0, 10.0, 20.0]
    fit = stats.fine_gray(d["time"], d["type"], d["x"], cause=1)
    found = fit.incidence(wanted, times)
    assert [(p.row, p.time) for p in found] == [(i, t) for i in (0, 1) for t in times]
    grid, curves = fit.predict(wanted)
    each = []
    for i in range(n):
        keep = np.arange(n) != i
        one = stats.fine_gray(d["time"][keep], d["type"][keep], d["x"][keep], cause=1)
        each.append([p.incidence for p in one.incidence(wanted, times)])
    values = np.array(each)
    jackknife = np.sqrt((n - 1) / n * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
    for k, p in enumerate(found):
        at = np.searchsorted(grid, p.time, side="right") - 1
        assert p.incidence == pytest.approx(curves[p.row][at])
        assert p.se == pytest.approx(jackknife[k], rel=0.06)
        assert 0 < p.low < p.incidence < p.high < 1
    early = fit.incidence([0, 0], 0.5)[0]
    assert early.incidence == early.se == early.high == 0
    narrow = fit.incidence(wanted, times, level=0.5)
    assert all(a.low < b.low for a, b in zip(found, narrow, strict=True))
    with pytest.raises(InputError, match="3 values"):
        fit.incidence([1, 2, 3], 5)
