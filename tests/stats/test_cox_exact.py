"""Exact ties: conditional against R, marginal against quadrature in 40 digits."""

from __future__ import annotations

from itertools import combinations, permutations

import mpmath
import numpy as np
import pytest
from test_cox import CASES, by_name, fit_case, numbers

from oncohort.stats._cox import exact as _exact
from oncohort.stats._cox.design import build
from oncohort.stats._cox.terms import terms
from oncohort.stats.cox import cox
from oncohort.stats.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::oncohort.problems.OncohortWarning")

EXACT = [c["name"] for c in CASES if c["ties"] == "exact"]


@pytest.mark.parametrize("name", EXACT)
def test_conditional_equals_r(name: str) -> None:
    case = by_name(name)
    fit = fit_case(case)
    np.testing.assert_allclose(fit.coef, numbers(case["coef"]), rtol=1e-9)
    var = np.atleast_2d(numbers(case["var"]))
    np.testing.assert_allclose(fit.covariance, var, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(fit.loglik, case["loglik"][-1], rtol=1e-10)
    np.testing.assert_allclose(fit.score_test.statistic, case["score_test"], rtol=1e-9)


def small(seed: int, entry: bool = False):
    rng = np.random.default_rng(seed)
    n = 16
    time = np.ceil(rng.exponential(3, n))
    x = rng.normal(size=(n, 2))
    more = {"entry": np.maximum(time - rng.integers(1, 4, n), 0.0), "strata": rng.integers(0, 2, n)}
    return time, rng.random(n) < 0.8, x, more if entry else {}


def risk_sets(time, event, more):
    """Pairs (deaths, at risk) at each event time, by the definition."""
    n = len(time)
    entry = more.get("entry", np.full(n, -1.0))
    strata = more.get("strata", np.zeros(n, dtype=int))
    for s in np.unique(strata):
        for t in np.unique(time[event & (strata == s)]):
            here = (strata == s) & (entry < t) & (time >= t)
            yield np.flatnonzero(here & event & (time == t)), np.flatnonzero(here)


@pytest.mark.parametrize("entry", [False, True])
def test_conditional_by_enumeration(entry: bool) -> None:
    time, event, x, more = small(1, entry)
    beta = np.array([0.7, -0.4])
    w = np.exp(x @ beta)
    loglik = 0.0
    for dead, at_risk in risk_sets(time, event, more):
        total = sum(np.prod(w[list(c)]) for c in combinations(at_risk, len(dead)))
        loglik += np.log(np.prod(w[dead]) / total)
    found = _exact.conditional(build(time, event, x, **more), beta)
    np.testing.assert_allclose(found.loglik, loglik, rtol=1e-12)


@pytest.mark.parametrize("entry", [False, True])
def test_marginal_by_quadrature_in_forty_digits(entry: bool) -> None:
    time, event, x, more = small(2, entry)
    beta = np.array([0.7, -0.4])
    design = build(time, event, x, **more)
    w = [mpmath.exp(mpmath.mpf(float(v))) for v in x @ beta]
    with mpmath.workdps(40):
        loglik = mpmath.mpf(0)
        for dead, at_risk in risk_sets(time, event, more):
            rest = mpmath.fsum(w[i] for i in at_risk if i not in set(dead.tolist()))
            if rest == 0:
                continue

            def integrand(t, dead=dead, rest=rest):
                product = mpmath.exp(-t)
                for j in dead:
                    product *= -mpmath.expm1(-w[j] * t / rest)
                return product

            loglik += mpmath.log(mpmath.quad(integrand, [0, 0.1, 1, 5, 20, 100]))
    found = _exact.marginal(design, beta)
    np.testing.assert_allclose(found.loglik, float(loglik), rtol=1e-12)


def test_marginal_is_the_sum_over_the_orders_of_tied_deaths() -> None:
    """Kalbfleisch and Prentice's definition, with three deaths in every order."""
    w = np.array([1.3, 0.4, 2.2, 0.9, 1.1])  # the first three die together, the last two survive
    total = 0.0
    for order in permutations(range(3)):
        left, chance = w.sum(), 1.0
        for j in order:
            chance *= w[j] / left
            left -= w[j]
        total += chance
    design = build(np.array([1.0, 1, 1, 2, 2]), np.array([1, 1, 1, 0, 0], bool), np.log(w)[:, None])
    shift = float(design.center[0])
    found = _exact.marginal(design, np.ones(1))
    np.testing.assert_allclose(found.loglik, np.log(total), rtol=1e-12)
    assert np.isfinite(shift)


@pytest.mark.parametrize("method", [_exact.conditional, _exact.marginal])
def test_derivatives(method) -> None:
    time, event, x, more = small(3, True)
    design = build(time, event, x, **more)
    beta, h = np.array([0.4, -0.3]), 1e-5
    here = method(design, beta)
    up = [method(design, beta + h * u) for u in np.eye(2)]
    down = [method(design, beta - h * u) for u in np.eye(2)]
    slope = [(a.loglik - b.loglik) / (2 * h) for a, b in zip(up, down, strict=True)]
    curve = [(b.score - a.score) / (2 * h) for a, b in zip(up, down, strict=True)]
    np.testing.assert_allclose(here.score, slope, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(here.info, curve, rtol=1e-7, atol=1e-7)


def test_without_ties_all_methods_agree() -> None:
    rng = np.random.default_rng(4)
    time, x = rng.exponential(size=40), rng.normal(size=(40, 2))
    fits = [cox(time, np.ones(40), x, ties=t) for t in ("efron", "breslow", "exact", "marginal")]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.coef, fits[0].coef, rtol=1e-9)
        np.testing.assert_allclose(fit.se, fits[0].se, rtol=1e-9)


def test_efron_is_near_the_marginal_and_breslow_farther() -> None:
    time, event, x, _ = small(9)
    beta = np.array([0.8, 0.0])
    exact = _exact.marginal(build(time, event, x), beta)
    efron = terms(build(time, event, x), beta)
    breslow = terms(build(time, event, x, efron=False), beta)
    single = np.abs(exact.score - efron.score).max()
    assert single < np.abs(exact.score - breslow.score).max()


def test_exact_ties_refuse_weights_and_robust_variance() -> None:
    for bad in ({"weights": [1, 2, 1]}, {"robust": True}, {"penalty": "firth"}):
        with pytest.raises(InputError):
            cox([1, 2, 3], [1, 1, 0], [1.0, 0, 1], ties="exact", **bad)
