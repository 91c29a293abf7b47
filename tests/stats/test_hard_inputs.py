"""Weights of any scale, masks, one level, no event: an answer as R's, or a named refusal."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity import load

from oncohort import stats
from oncohort.stats.errors import CollinearWarning, InputError, TooFewGroupsError, WeightError

pytestmark = pytest.mark.filterwarnings("ignore")
R = load("hard_inputs")
LAW = settings(max_examples=30, deadline=None)
SHARP = {"rel": 1e-8}


def test_censoring_groups_as_crr() -> None:
    data = R["fine_gray"]
    fit = stats.fine_gray(
        data["time"], data["status"], data["x"], cause=1, censoring_group=data["group"]
    )
    assert fit.coef[0] == pytest.approx(data["coef"], **SHARP)
    # The variance differs on purpose (see docs/parity.md).
    assert fit.covariance[0, 0] == pytest.approx(data["var"], rel=0.5)


def test_uno_has_a_censoring_curve_per_stratum() -> None:
    data = R["uno_strata"]
    found = stats.concordance(
        data["time"], data["event"], data["risk"], strata=data["strata"], kind="uno"
    )
    assert (found.c, found.se) == pytest.approx((data["c"], data["se"]), **SHARP)


def test_weights_that_are_not_whole_have_a_robust_variance() -> None:
    data = R["weighted"]
    rows = {"time": data["time"], "event": data["event"], "weights": data["weights"]}
    found = stats.nelson_aalen(**rows)
    np.testing.assert_allclose(found.hazard, data["cumhaz"], rtol=1e-9)
    np.testing.assert_allclose(found.se, data["se"], rtol=1e-9)
    assert "robust" in found.method and "robust" not in stats.nelson_aalen([1, 2], [1, 0]).method
    area = stats.rmst(**rows, tau=data["rmst_tau"])
    assert area.se == pytest.approx(data["rmst_se"], **SHARP)
    assert "robust" in area.method and "Greenwood" not in area.method
    data = R["cox_weights"]
    rows = {"time": data["time"], "event": data["event"], "weights": data["weights"]}
    fit = stats.cox(X=data["x"], **rows)
    assert fit.robust and fit.se[0] == pytest.approx(data["robust_se"], **SHARP)
    naive = stats.cox(X=data["x"], robust=False, **rows)
    assert naive.se[0] == pytest.approx(data["se"], **SHARP)
    assert not stats.cox(X=data["x"], **(rows | {"weights": np.full(60, 2.0)})).robust


@pytest.mark.parametrize("ties", ["aalen", "fleming-harrington"])
def test_jackknife_of_the_hazard_is_that_of_rows_left_out(ties: str) -> None:
    rng = np.random.default_rng(4)
    n = 400
    time, event = np.ceil(rng.exponential(9, n)), rng.random(n) < 0.7
    w, entry = rng.uniform(0.5, 2, n), np.zeros(n)
    found = stats.nelson_aalen(time, event, weights=w, entry=entry, ties=ties)
    at = int(np.searchsorted(found.time, 8))

    def without(i: int) -> float:
        keep = np.arange(n) != i
        one = stats.nelson_aalen(time[keep], event[keep], weights=w[keep], ties=ties)
        return float(one.hazard[np.searchsorted(one.time, found.time[at])])

    gaps = np.array([without(i) for i in range(n)]) - found.hazard[at]
    assert found.se[at] == pytest.approx(float(np.sqrt((gaps**2).sum())), rel=0.02)


@pytest.mark.parametrize("kernel", ["numpy", "c"])
@pytest.mark.parametrize("more", [{}, {"ties": "breslow"}, {"strata": [0, 1] * 30}])
@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-6, 1e6, 1e12])
def test_scale_of_weights_changes_nothing(
    scale: float, more: dict[str, Any], kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncohort.stats import engine

    if kernel == "c" and engine._compiled is None:
        pytest.skip("the compiled kernel was not built here")
    monkeypatch.setenv("ONCOHORT_KERNEL", kernel)
    data = R["cox_weights"]
    x = np.column_stack([data["x"], np.sin(np.arange(60.0))])
    w = np.array(data["weights"])
    one = stats.cox(data["time"], data["event"], x, weights=w, **more)
    two = stats.cox(data["time"], data["event"], x, weights=w * scale, **more)
    assert two.converged and not two.diverging.any()
    np.testing.assert_allclose(two.coef, one.coef, rtol=1e-8)
    np.testing.assert_allclose(two.se, one.se, rtol=1e-8)
    for estimate in (
        lambda v: stats.kaplan_meier(data["time"], data["event"], weights=v).se,
        lambda v: stats.nelson_aalen(data["time"], data["event"], weights=v).se,
        lambda v: [stats.rmst(data["time"], data["event"], weights=v, tau=5).se],
        lambda v: [stats.logrank(data["time"], data["event"], [0, 1, 2] * 20, weights=v).statistic],
        lambda v: [stats.concordance(data["time"], data["event"], data["x"], weights=v).c],
    ):
        np.testing.assert_allclose(estimate(w * scale), estimate(w), rtol=1e-8)


def test_weighted_log_rank_is_the_robust_score_test() -> None:
    data = R["weighted_logrank"]
    rows = (data["time"], data["event"], data["group"])
    found = stats.logrank(*rows, weights=data["weights"])
    assert found.statistic == pytest.approx(data["statistic"], **SHARP)
    assert "case weights, robust variance" in found.method
    late = stats.logrank(*rows, weights=data["weights"], entry=data["entry"], strata=data["strata"])
    assert late.statistic == pytest.approx(data["statistic_strata_entry"], **SHARP)
    whole = stats.logrank(*rows, weights=data["whole"])
    assert whole.statistic == pytest.approx(data["statistic_whole"], **SHARP)


@LAW
@given(seed=st.integers(0, 2**32), groups=st.integers(2, 4))
def test_whole_weights_are_rows(seed: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    n = 50
    time, event = np.ceil(rng.exponential(9, n)), rng.random(n) < 0.7
    group, w = np.arange(n) % groups, rng.integers(1, 4, n)
    entry = np.maximum(time - rng.integers(1, 9, n), 0)
    rows = np.repeat(np.arange(n), w)
    for weighting in ("logrank", "gehan", "peto-peto"):
        one = stats.logrank(time, event, group, weights=w, entry=entry, weighting=weighting)
        two = stats.logrank(
            time[rows], event[rows], group[rows], entry=entry[rows], weighting=weighting
        )
        assert one.statistic == pytest.approx(two.statistic, rel=1e-9)


def test_pairs_have_ratios_and_those_without_events_a_reason() -> None:
    data = R["weighted_logrank"]
    found = stats.logrank_pairwise(data["time"], data["event"], data["group"])
    for pair, theirs in zip(found.pairs, R["pairs"], strict=True):
        assert [pair.first, pair.second] == theirs["pair"]
        assert pair.hr == pytest.approx(theirs["hr"], **SHARP)
        assert (pair.low, pair.high) == pytest.approx(tuple(theirs["interval"]), **SHARP)
    time = [5, 8, 3, 9, 12, 4, 6, 7, 2, 10, 11, 13]
    event = [1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    found = stats.logrank_pairwise(time, event, list("aaaabbbbcccc"))
    ab, _, bc = found.pairs
    assert bc.state == "not_estimable" and bc.p is bc.p_adjusted is bc.hr is None
    assert "no events" in bc.reason and "b and c: no events" in repr(found)
    assert ab.p is not None and ab.p_adjusted is not None
    assert ab.hr is ab.low is ab.high is None  # b has no event: no finite ratio


def test_difference_of_survival() -> None:
    data, theirs = R["weighted_logrank"], R["survival_difference"]
    found = stats.survival_difference(
        data["time"], data["event"], data["group"], times=theirs["times"]
    )
    s, se = np.array(theirs["survival"]).T, np.array(theirs["se"]).T
    for k, d in enumerate(found.differences):
        j, t = 1 + k // 2, k % 2
        gap, error = s[j, t] - s[0, t], float(np.hypot(se[j, t], se[0, t]))
        assert d.value == pytest.approx(gap) and d.time == theirs["times"][t]
        assert d.z == pytest.approx(gap / error, rel=1e-6)
        assert (d.low, d.high) == pytest.approx((gap - 1.959964 * error, gap + 1.959964 * error))
    scaled = stats.survival_difference(
        data["time"], data["event"], data["group"], times=5, test="log-log"
    )
    assert scaled.differences[0].p == pytest.approx(found.differences[0].p, abs=0.1)
    late = stats.survival_difference([1, 2, 3, 4], [0, 0, 1, 0], list("aabb"), times=[1.5, 9])
    assert late.differences[0].value == 0 and late.differences[0].p is None
    assert late.differences[1].state == "not_estimable"
    with pytest.raises(TooFewGroupsError):
        stats.survival_difference([1, 2], [1, 1], ["a", "a"], times=1)


MASKED = np.ma.array([1.0, 2, 3, 999], mask=[0, 0, 0, 1])


def test_masked_values_are_missing() -> None:
    with pytest.raises(InputError, match="missing or infinite in rows 3"):
        stats.kaplan_meier(MASKED, [1, 1, 1, 1])
    with pytest.raises(InputError, match="missing"):
        stats.kaplan_meier([1, 2, 3, 4], np.ma.array([1, 0, 1, 1], mask=[0, 0, 0, 1]))
    with pytest.raises(InputError):
        stats.kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], weights=MASKED)
    fit = stats.cox([1, 2, 3, 4, 5.0], [1] * 5, np.ma.array([1, 5, 2, -9, 3], mask=[0, 0, 0, 1, 0]))
    assert fit.left_out == {"missing value in x1": 1}
    wide = np.ma.masked_equal(np.array([[1.0, 2], [5, 1], [2, -9], [4, 4], [3, 2]]), -9)
    assert stats.cox([1, 2, 3, 4, 5.0], [1] * 5, wide).n == 4
    km = stats.kaplan_meier(
        [1, 2, 3, 4], [1] * 4, group=np.ma.array(list("abab"), mask=[0, 0, 0, 1])
    )
    assert km.left_out == {"missing group": 1}
    assert stats.turnbull([1.0, 2, 3], np.ma.array([2.0, 3, 4], mask=[0, 0, 1])).n_right == 1
    whole = np.ma.array([1.0, 2, 3, 4], mask=False)
    assert stats.kaplan_meier(whole, [1, 1, 1, 1]).n == 4


DATES = np.datetime64("2020-01-01") + np.arange(4)
NOT_NUMBERS = {
    "digits": ["1", "2", "3", "4"],
    "digits as objects": np.array(["1", "2", "3", "4"], dtype=object),
    "numpy dates": DATES,
    "durations": DATES - DATES[0],
    "polars dates": pl.Series(DATES),
    "polars text": pl.Series(["1", "2", "3", "4"]),
    "polars categories": pl.Series(["1", "2", "3", "4"], dtype=pl.Categorical),
    "polars enum": pl.Series(["1", "2", "3", "4"], dtype=pl.Enum(["1", "2", "3", "4"])),
    "complex": np.array([1j, 2, 3, 4]),
    "object": [1, 2, {}, 4],
}


@pytest.mark.parametrize("name", NOT_NUMBERS)
def test_what_is_no_number_is_refused_by_every_door(name: str) -> None:
    values = NOT_NUMBERS[name]
    for estimate in (
        lambda: stats.cox([1, 2, 3, 4], [1] * 4, values),
        lambda: stats.concordance([1, 2, 3, 4], [1] * 4, values),
        lambda: stats.fine_gray([1, 2, 3, 4], [1, 2, 0, 1], values, cause=1),
        lambda: stats.kaplan_meier(values, [1] * 4),
        lambda: stats.kaplan_meier([1, 2, 3, 4], [1] * 4, weights=values),
        lambda: stats.wilcoxon(values, [1, 2, 3]),
        lambda: stats.cutpoint([1, 2, 3, 4], [1] * 4, values),
        lambda: stats.landmark([1, 2, 3, 4], [1] * 4, values, at=1),
    ):
        with pytest.raises(InputError):
            estimate()


def test_categories_of_numbers_are_refused() -> None:
    pd = pytest.importorskip("pandas")
    with pytest.raises(InputError, match="categorical"):
        stats.cox([1, 2, 3, 4], [1] * 4, pd.Series([1, 2, 1, 2], dtype="category"))
    gaps = pd.Series([1, None, 3, 2], dtype="Int64")
    assert stats.cox([1, 2, 3, 4], [1] * 4, gaps).n == 3


def test_one_score_per_row() -> None:
    with pytest.raises(InputError, match="one score per row"):
        stats.concordance([1, 2, 3], [1, 1, 1], np.ones((3, 2)))
    assert stats.concordance([1, 2, 3], [1, 1, 1], np.array([[3.0], [2], [1]])).c == 1


def test_a_term_without_columns_is_named() -> None:
    rng = np.random.default_rng(0)
    time, x = rng.exponential(9, 60), rng.normal(size=60)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = stats.cox(time, np.ones(60), x, names=["age"], terms={"age": ["age"], "site": []})
    assert any(isinstance(w.message, CollinearWarning) for w in caught)
    assert "site" in repr(fit)
    site = fit.terms[-1]
    assert site.term == "site" and site.test.df == 0 and np.isnan(site.test.p)
    with pytest.raises(InputError, match="no rows are left: 3 with missing value in x1"):
        stats.cox([1, 2, 3], [1, 1, 1], [np.nan] * 3)


def test_a_term_without_wald_test_has_its_likelihood_ratio() -> None:
    time = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    event = [1, 1, 1, 1, 0, 0, 1, 0, 0, 1]
    x = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    (term,) = stats.cox(time, event, x).terms
    assert np.isnan(term.wald.p)
    assert term.test.name == "likelihood ratio" and 0 < term.test.p < 0.05
    (plain,) = stats.cox(time, event, np.sin(np.arange(10.0))).terms
    assert plain.test.name == "Wald"


def test_cut_without_a_finite_ratio_keeps_its_p() -> None:
    found = stats.cutpoint(
        [0.72, 2.22, 1.53, 2.32, 1.56, 2.66, 5.64, 3.21, 2.56, 3.25],
        [1, 1, 0, 0, 0, 0, 0, 1, 1, 1],
        [1, 2, 2, 2, 2, 2, 2, 2, 2, 2],
        permutations=200,
        bootstraps=20,
    )
    assert found.cut == 1 and 0 < found.p <= 1
    assert found.hazard_ratio_corrected is None and "not estimable" in repr(found)


def test_no_p_is_printed_as_0() -> None:
    x = np.linspace(-3, 3, 400)
    fit = stats.cox(np.exp(-x), np.ones(400), x + 0.3 * np.sin(np.arange(400)))
    assert fit.p[0] < 1e-30
    for text in (repr(fit), fit._repr_html_()):
        assert "< 0.0001" in text.replace("&lt;", "<")
    assert " 0\n" not in repr(fit) and "p = 0" not in repr(fit)
    apart = stats.cox([1, 2, 3, 4, 5], [1, 1, 1, 0, 0], [1.0, 1, 1, 0, 0])
    assert "nan" not in repr(apart) and "inf " not in repr(apart)
    assert "not estimable" in repr(apart)


def test_several_patients_at_once() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(80, 2))
    fit = stats.cox(
        rng.exponential(np.exp(-x[:, 0])), np.ones(80), x, strata=rng.integers(0, 2, 80)
    )
    wanted = np.array([[0.0, 1.0], [1.0, -1.0], [2.0, 0.5]])
    curves = stats.predict_survival(fit, wanted, offset=[0.0, 0.1, 0.2])
    assert [(c.row, c.stratum) for c in curves] == [(i, s) for i in range(3) for s in (0, 1)]
    for i in range(3):
        alone = stats.predict_survival(fit, wanted[i], offset=0.1 * i)
        for one, two in zip(alone, curves[2 * i : 2 * i + 2], strict=True):
            np.testing.assert_allclose(one.survival, two.survival)
            np.testing.assert_allclose(one.high, two.high)
    with pytest.raises(InputError, match="3 values"):
        stats.predict_survival(fit, [1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="rows 1"):
        stats.predict_survival(fit, [[1.0, 2.0], [np.nan, 1.0]])


def test_weights_have_to_be_above_zero() -> None:
    for bad in ([1, 0, 1], [1, -1, 1], [1, np.inf, 1], [1, np.nan, 1]):
        with pytest.raises(WeightError, match="rows 1"):
            stats.logrank([1, 2, 3], [1, 1, 1], ["a", "b", "a"], weights=bad)
