"""Tests of tables of counts of any size: equal to R, never without an answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from parity import load

from oncohort.stats import chi_squared, fisher_exact, mcnemar
from oncohort.stats.errors import InputError

R = load("hard_inputs")
CELLS = st.one_of(st.integers(0, 5), st.integers(0, 400), st.integers(0, 10**6))


@pytest.mark.parametrize("case", R["two_by_two"])
def test_fisher_of_large_tables_is_that_of_r(case: dict[str, Any]) -> None:
    table = np.array(case["table"]).reshape(2, 2).T
    assert fisher_exact(table).p == pytest.approx(case["p"], rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("case", R["r_by_c"])
def test_fisher_of_larger_tables_is_that_of_r(case: dict[str, Any]) -> None:
    found = fisher_exact(case["table"])
    assert found.method == "Fisher's exact test"
    assert found.p == pytest.approx(case["p"], rel=1e-9)


@settings(max_examples=200, deadline=None)
@given(cells=st.tuples(CELLS, CELLS, CELLS, CELLS))
def test_every_table_has_a_p_value(cells: tuple[int, int, int, int]) -> None:
    table = np.array(cells).reshape(2, 2)
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return
    found = fisher_exact(table)
    assert 0 <= found.p <= 1
    for same in (table.T, table[::-1], table[:, ::-1]):
        assert fisher_exact(same).p == pytest.approx(found.p, rel=1e-9, abs=1e-300)
    assert 0 <= chi_squared(table).p <= 1 and 0 <= chi_squared(table, correction=True).p <= 1
    if table[0, 1] + table[1, 0]:
        assert 0 <= mcnemar(table).p <= 1 and 0 <= mcnemar(table, exact=False).p <= 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), top=st.integers(1, 20))
def test_two_by_two_is_its_sum(seed: int, top: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, c, d = (int(v) for v in rng.integers(1, top + 1, 4))
    n, row, column = a + b + c + d, a + b, a + c

    def ways(k: int) -> int:
        return math.comb(row, k) * math.comb(n - row, column - k)

    whole = range(max(0, row + column - n), min(row, column) + 1)
    few = sum(ways(k) for k in whole if ways(k) <= ways(a))
    assert fisher_exact([[a, b], [c, d]]).p == pytest.approx(few / math.comb(n, column), rel=1e-12)


@settings(max_examples=8, deadline=None)
@example(seed=1, top=10**6)
@given(seed=st.integers(0, 2**32), top=st.sampled_from([4, 300]))
def test_larger_tables_have_a_p_value(seed: int, top: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, top + 1, (int(rng.integers(2, 4)), int(rng.integers(2, 13)))) + 1
    assert 0 <= fisher_exact(table, samples=50).p <= 1


def test_what_is_no_table() -> None:
    with pytest.raises(InputError, match="whole counts"):
        mcnemar([[1, float("nan")], [2, 3]])
    with pytest.raises(InputError, match="2 x 2"):
        mcnemar([[1, 2, 3], [2, 3, 4]])
    with pytest.raises(InputError, match="more than"):
        fisher_exact([[10**12, 1], [2, 3]])
