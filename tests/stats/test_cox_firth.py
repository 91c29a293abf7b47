"""Firth's penalty, ridge, profile and score intervals."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import chi2

from oncohort.stats._cox.design import build
from oncohort.stats._cox.firth import trace_of_derivative
from oncohort.stats._cox.terms import hazard, terms
from oncohort.stats.cox import cox
from oncohort.stats.errors import EventsPerVariableWarning, InputError

pytestmark = pytest.mark.filterwarnings("ignore::oncohort.problems.OncohortWarning")


def sample(seed: int, n: int = 60, p: int = 3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    time = np.ceil(rng.exponential(5 * np.exp(-0.5 * x[:, 0])))
    return time, rng.random(n) < 0.7, x, rng


def test_three_rows_by_hand() -> None:
    fit = cox([1, 2, 3], [1, 1, 1], [1, 1, 0], penalty="firth")
    np.testing.assert_allclose(fit.coef[0], 1.32910386, atol=5e-9)
    assert fit.converged


@pytest.mark.parametrize("efron", [True, False])
def test_trace_equals_a_numerical_derivative(efron: bool) -> None:
    time, event, x, rng = sample(3)
    n, p = x.shape
    design = build(
        time,
        event,
        x,
        entry=np.maximum(time - rng.integers(1, 6, n), 0.0),
        strata=rng.integers(0, 2, n),
        weight=rng.uniform(0.5, 2, n),
        efron=efron,
    )
    beta = rng.normal(size=p) * 0.3
    m = np.linalg.inv(terms(design, beta).info)
    h = 1e-5
    numeric = [
        np.trace(m @ (terms(design, beta + h * u).info - terms(design, beta - h * u).info))
        / (2 * h)
        for u in np.eye(p)
    ]
    np.testing.assert_allclose(
        trace_of_derivative(design, hazard(design, beta), m), numeric, rtol=1e-6
    )


def test_firth_maximises_the_penalised_likelihood_and_is_finite_under_separation() -> None:
    time, event, x, _ = sample(4)
    fit = cox(time, event, x, penalty="firth", interval="profile")
    design = fit.model.design

    def objective(b: np.ndarray) -> float:
        t = terms(design, b)
        return t.loglik + 0.5 * np.linalg.slogdet(t.info)[1]

    best = objective(fit.coef)
    np.testing.assert_allclose(fit.loglik, best, rtol=1e-12)
    for u in np.eye(3):
        assert objective(fit.coef + 1e-3 * u) < best
        assert objective(fit.coef - 1e-3 * u) < best
        slope = (objective(fit.coef + 1e-5 * u) - objective(fit.coef - 1e-5 * u)) / 2e-5
        assert abs(slope) < 1e-5
    separated = cox(
        [1, 2, 3, 4, 5, 6],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        penalty="firth",
        interval="profile",
    )
    assert np.isfinite([separated.coef[0], separated.low[0], separated.high[0]]).all()
    assert "penalised" in separated.method


@pytest.mark.parametrize("penalty", [None, "firth"])
def test_profile_ends_have_the_critical_likelihood(penalty: str | None) -> None:
    time, event, x, _ = sample(5)
    fit = cox(time, event, x, penalty=penalty, interval="profile")
    for j in range(3):
        for end in fit.coef_interval[j]:
            fixed = np.arange(3) == j
            held = fit.model.refit(fixed=fixed, start=np.where(fixed, end, fit.coef))
            drop = 2 * (fit.loglik - held.end.loglik)
            np.testing.assert_allclose(drop, chi2.ppf(0.95, 1), rtol=1e-7)
    if penalty is None:
        dropped = cox(time, event, x[:, 1:])
        lr = 2 * (fit.loglik - dropped.loglik)
        np.testing.assert_allclose(fit.p[0], chi2.sf(lr, 1), rtol=1e-8)


def test_score_interval_inverts_the_score_test() -> None:
    rng = np.random.default_rng(8)
    time, group = rng.exponential(size=50), rng.integers(0, 2, 50)
    fit = cox(time, np.ones(50), group, interval="score")
    np.testing.assert_allclose(fit.p[0], fit.score_test.p, rtol=1e-8)
    for end in fit.coef_interval[0]:
        shifted = cox(time, np.ones(50), group, offset=end * group)
        np.testing.assert_allclose(shifted.score_test.statistic, chi2.ppf(0.95, 1), rtol=1e-7)


def test_separated_profile_interval_has_one_finite_end() -> None:
    fit = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], interval="profile")
    assert np.isposinf(fit.hr[0])
    assert np.isposinf(fit.high[0])
    assert 1 < fit.low[0] < 5
    assert 0.01 < fit.p[0] < 0.02


def test_ridge_solves_its_score_equation() -> None:
    time, event, x, _ = sample(6)
    fit = cox(time, event, x, ridge=5.0)
    plain = terms(fit.model.design, fit.coef)
    np.testing.assert_allclose(plain.score, 5.0 * fit.coef, atol=1e-8)
    assert "ridge" in fit.method


@pytest.mark.parametrize(
    "choice",
    [
        {"penalty": "lasso"},
        {"penalty": "firth", "ridge": 1.0},
        {"penalty": "firth", "interval": "score"},
        {"interval": "profile", "robust": True},
        {"ridge": -1.0},
        {"interval": "guess"},
    ],
)
def test_choices_that_contradict_are_refused(choice: dict) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EventsPerVariableWarning)
        with pytest.raises(InputError):
            cox([1, 2, 3], [1, 1, 1], [1, 1, 0], **choice)
