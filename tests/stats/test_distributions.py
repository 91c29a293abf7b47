"""Closed forms of common distributions are those of scipy, to rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from oncohort.stats import distributions as ours


@given(st.floats(-37, 37))
def test_normal_probability(x: float) -> None:
    assert ours.ndtr(x) == pytest.approx(float(special.ndtr(x)), rel=1e-12, abs=0)


@given(st.floats(1e-300, 1, exclude_max=True))
def test_normal_quantile(p: float) -> None:
    assert ours.ndtri(p) == pytest.approx(float(special.ndtri(p)), rel=1e-13, abs=1e-15)


@given(st.integers(1, 250), st.floats(0, 2000))
def test_chi_squared_tail(df: int, x: float) -> None:
    assert ours.chdtrc(df, x) == pytest.approx(float(special.chdtrc(df, x)), rel=1e-12, abs=1e-300)


@given(st.floats(0.1, 30), st.floats(0, 100))
def test_degrees_of_freedom_need_not_be_whole(df: float, x: float) -> None:
    assert ours.chdtrc(df, x) == pytest.approx(float(special.chdtrc(df, x)), rel=1e-12, abs=1e-300)


def test_ends() -> None:
    inf, nan = math.inf, math.nan
    for x in (-inf, inf):
        assert ours.ndtr(x) == special.ndtr(x)
    for p in (0.0, 1.0):
        assert ours.ndtri(p) == special.ndtri(p)
    assert ours.chdtrc(1, 0.0) == ours.chdtrc(4, 0.0) == 1.0
    assert ours.chdtrc(1, inf) == ours.chdtrc(4, inf) == 0.0
    assert ours.chdtrc(3, -1.0) == 1.0
    for value in (ours.ndtr(nan), ours.ndtri(nan), ours.ndtri(1.5), ours.chdtrc(2, nan)):
        assert math.isnan(value)


@pytest.mark.parametrize("n", [0, 1, ours.FEW, ours.FEW + 1])
def test_arrays_of_any_size(n: int) -> None:
    x = np.linspace(-5, 5, n)
    np.testing.assert_allclose(ours.ndtr(x), special.ndtr(x), rtol=1e-13)
    p = np.linspace(0.01, 0.99, n)
    np.testing.assert_allclose(ours.ndtri(p), special.ndtri(p), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(ours.ndtr(x.reshape(1, -1)), special.ndtr(x.reshape(1, -1)))


@pytest.mark.parametrize("largest", [0, 5, 10 * ours.FEW, 10 * ours.FEW + 1])
def test_log_factorials(largest: int) -> None:
    expected = special.gammaln(np.arange(largest + 1) + 1.0)
    np.testing.assert_allclose(ours.log_factorials(largest), expected, rtol=1e-14, atol=1e-14)


@given(st.integers(1, 700), st.floats(0, 1), st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.99, 0.9999)))
def test_exact_limits_of_a_proportion(n: int, share: float, level: float) -> None:
    x, tail = round(share * n), 0.5 * (1.0 - level)
    low, high = ours.exact_limits(x, n, level)
    assert low == pytest.approx(special.betaincinv(x, n - x + 1, tail) if x else 0.0, rel=1e-12)
    assert high == pytest.approx(
        special.betaincinv(x + 1, n - x, 1 - tail) if x < n else 1.0, rel=1e-12
    )
