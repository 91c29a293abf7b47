"""Residuals, robust variance, PH test and predicted survival against R's survival."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_cox import CASES, by_name, fit_case, listed, numbers

from oncohort.stats.baseline import baseline_hazard, predict_survival
from oncohort.stats.ph_test import ph_test
from oncohort.stats.residuals import residuals, schoenfeld

WITH_RESIDUALS = [c["name"] for c in CASES if "residuals" in c]
ROBUST = [c["name"] for c in CASES if c["robust"] or c["cluster"]]
WITH_ZPH = [c["name"] for c in CASES if c.get("zph")]
WITH_CURVES = [c["name"] for c in CASES if c.get("survfit")]


def close(a: Any, b: Any, tolerance: float = 1e-8) -> None:
    b = np.asarray(b)
    scale = float(np.max(np.abs(b)))
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=max(tolerance * scale, 1e-12))


@pytest.mark.parametrize("name", WITH_RESIDUALS)
def test_residuals_equal_r(name: str) -> None:
    case = by_name(name)
    fit = fit_case(case)
    for kind, expected in case["residuals"].items():
        found = residuals(fit, kind)
        close(found, numbers(expected).reshape(found.shape))
    found = schoenfeld(fit)
    close(found.residual, numbers(case["schoenfeld"]).reshape(found.residual.shape))
    close(found.scaled, numbers(case["scaledsch"]).reshape(found.scaled.shape))


@pytest.mark.parametrize("name", ROBUST)
def test_robust_variance_equals_r(name: str) -> None:
    case = by_name(name)
    fit = fit_case(case)
    close(fit.covariance, np.atleast_2d(numbers(case["var"])))
    close(fit.wald_test.statistic, case["wald_test"])
    assert "robust" in fit.method


@pytest.mark.parametrize("name", WITH_ZPH)
def test_proportional_hazards_test_equals_r(name: str) -> None:
    case = by_name(name)
    fit = fit_case(case)
    for transform, table in case["zph"].items():
        test = ph_test(fit, transform)
        found = [[t.statistic, t.df, t.p] for t in (*test.terms, test.overall)]
        expected = numbers(table)
        close(np.array(found)[: len(expected)], expected)


@pytest.mark.parametrize("name", WITH_CURVES)
def test_predicted_survival_equals_r(name: str) -> None:
    case = by_name(name)
    fit = fit_case(case)
    curves = case["survfit"]
    times = numbers(curves["time"])
    strata = curves["strata"]
    patterns = {k: np.atleast_1d(numbers(v)) for k, v in case["newdata"].items()}
    count = 1 if strata else len(next(iter(patterns.values())))
    for i in range(count):
        x = [patterns[k][i] for k in listed(case["x"])]
        log = predict_survival(fit, x)
        loglog = predict_survival(fit, x, interval="log-log")
        stop = np.cumsum(strata) if strata else np.array([len(times)])
        start = np.concatenate([[0], stop[:-1]])
        if strata:
            # R gives each new row its own stratum's curve.
            order = [list(fit.model.data.strata_labels).index(v) for v in patterns["sex"]]
            assert sorted(order) == list(range(len(strata)))
        for s, (a, b) in enumerate(zip(start, stop, strict=True)):
            at = [patterns[k][s if strata else i] for k in listed(case["x"])]
            curve = (predict_survival(fit, at) if strata else log)[s]
            band = (predict_survival(fit, at, interval="log-log") if strata else loglog)[s]
            where = np.searchsorted(curve.time, times[a:b], side="right")
            seen = where > 0
            index = where[seen] - 1
            col = 0 if strata else i

            def r(key: str, a: int = a, b: int = b, seen: Any = seen, col: int = col) -> Any:
                table = numbers(curves[key]).reshape(len(times), -1)
                return table[a:b][seen, col]

            close(curve.survival[index], r("surv"))
            close(curve.se[index], r("std_chaz"))
            close(curve.low[index], r("low"))
            close(curve.high[index], r("high"))
            close(band.low[index], r("loglog_low"))
            close(band.high[index], r("loglog_high"))


def test_score_residuals_sum_to_zero_and_baseline_is_at_the_mean() -> None:
    fit = fit_case(by_name("random-everything-efron"))
    weighted = residuals(fit, "score") * fit.model.data.weight[:, None]
    np.testing.assert_allclose(weighted.sum(axis=0), 0, atol=1e-8)
    curves = baseline_hazard(fit)
    assert len(curves) == 3
    first = curves[0]
    at = [first.quantile(q) for q in (0.0, 0.25, 0.5, 0.75)]
    assert at == [first.time[np.argmax(first.survival <= s)] for s in (1.0, 0.75, 0.5, 0.25)]
    assert np.isnan(first.quantile(1.0))
