"""Laws that hold for any data, on both engines."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.stats import engine
from oncohort.stats._cox.result import CoxResult
from oncohort.stats.cox import cox
from oncohort.stats.rank_tests import logrank
from oncohort.stats.residuals import residuals

ENGINES = ["numpy"] if engine._compiled is None else ["numpy", "c"]
LAW = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32)


@pytest.fixture(params=ENGINES, autouse=True, scope="module")
def each_engine(request: pytest.FixtureRequest):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONCOHORT_KERNEL", request.param)
        yield


def rows(seed: int, n: int = 70) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    time = np.ceil(rng.exponential(9 * np.exp(-0.3 * x[:, 0]), n))
    return {
        "time": time,
        "event": rng.random(n) < 0.75,
        "X": x,
        "entry": np.maximum(time - rng.integers(1, 12, n), 0.0),
        "strata": rng.integers(0, 3, n),
        "weights": rng.integers(1, 4, n).astype(float),
    }


def fit(d: dict[str, Any], **more: Any) -> CoxResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cox(**{**d, **more})


def same(a: CoxResult, b: CoxResult, loglik: bool = True) -> None:
    np.testing.assert_allclose(a.coef, b.coef, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-6, atol=1e-9)
    if loglik:
        np.testing.assert_allclose(a.loglik, b.loglik, rtol=1e-9)


@LAW
@given(seeds)
def test_order_of_rows_does_not_matter(seed: int) -> None:
    d = rows(seed)
    order = np.random.default_rng(seed).permutation(len(d["time"]))
    same(fit(d), fit({k: v[order] for k, v in d.items()}))


@LAW
@given(seeds, st.sampled_from([1 / 30.4375, 7.0, 1e-3, 1e6]))
def test_unit_of_time_does_not_matter(seed: int, factor: float) -> None:
    d = rows(seed)
    same(fit(d), fit(d, time=d["time"] * factor, entry=d["entry"] * factor))


@LAW
@given(seeds)
def test_splitting_a_record_changes_nothing(seed: int) -> None:
    d = rows(seed)
    rng = np.random.default_rng(seed)
    cut = d["entry"] + (d["time"] - d["entry"]) * rng.uniform(0.1, 0.9, len(d["time"]))
    first = {**d, "time": cut, "event": np.zeros(len(cut), bool)}
    second = {**d, "entry": cut}
    both = {k: np.concatenate([first[k], second[k]]) for k in d}
    same(fit(d), fit(both))


@LAW
@given(seeds)
def test_start_zero_is_right_censoring(seed: int) -> None:
    d = rows(seed)
    d["entry"] = np.zeros(len(d["time"]))
    plain = {k: v for k, v in d.items() if k != "entry"}
    same(fit(d), fit(plain))


@LAW
@given(seeds)
def test_weight_two_is_two_rows_under_breslow_only(seed: int) -> None:
    d = rows(seed)
    twice = {k: np.repeat(v, d["weights"].astype(int), axis=0) for k, v in d.items()}
    twice["weights"] = None
    same(fit(d, ties="breslow"), fit(twice, ties="breslow"), loglik=False)
    if (d["weights"] != 1).any():
        assert np.abs(fit(d).coef - fit(twice).coef).max() > 1e-12


@LAW
@given(seeds)
def test_strata_add_up(seed: int) -> None:
    d = rows(seed)
    whole = fit(d)
    beta = np.array([0.3, -0.2])
    parts = []
    for s in range(3):
        keep = d["strata"] == s
        if not (keep & d["event"]).any():
            continue
        part = {k: v[keep] for k, v in d.items()}
        one = engine.build(
            part["time"], part["event"], part["X"], entry=part["entry"], weight=part["weights"]
        )
        parts.append(engine.terms(one, beta))
    all_terms = engine.terms(whole.model.design, beta)
    np.testing.assert_allclose(all_terms.loglik, sum(p.loglik for p in parts), rtol=1e-9)
    np.testing.assert_allclose(all_terms.score, sum(p.score for p in parts), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(all_terms.info, sum(p.info for p in parts), rtol=1e-7, atol=1e-7)


@LAW
@given(seeds, st.floats(0.01, 100), st.floats(-100, 100))
def test_affine_change_of_a_covariate(seed: int, factor: float, shift: float) -> None:
    d = rows(seed)
    changed = d["X"].copy()
    changed[:, 1] = changed[:, 1] * factor + shift
    a, b = fit(d), fit(d, X=changed)
    np.testing.assert_allclose(a.coef, b.coef * [1, factor], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(a.z, b.z, rtol=1e-5, atol=1e-6)


@LAW
@given(seeds)
def test_residuals_sum_to_zero(seed: int) -> None:
    d = rows(seed)
    r = fit(d)
    w = d["weights"]
    assert abs(float(w @ residuals(r))) < 1e-7
    np.testing.assert_allclose(w @ residuals(r, "score"), 0, atol=1e-5)


def test_score_test_without_ties_is_the_logrank_test() -> None:
    rng = np.random.default_rng(6)
    time, event, group = rng.exponential(size=80), rng.random(80) < 0.7, rng.integers(0, 2, 80)
    test = logrank(time, event, group)
    np.testing.assert_allclose(
        fit({"time": time, "event": event, "X": group}).score_test.statistic,
        test.statistic,
        rtol=1e-9,
    )
