"""Counts, Kaplan-Meier, log-rank and order of rows: the compiled kernel equals numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.stats import engine
from oncohort.stats._counts import tally
from oncohort.stats.times import join_ties, ordered_times

compiled = pytest.mark.skipif(
    engine._compiled is None, reason="the compiled kernel was not built here"
)
few = settings(max_examples=60, deadline=None)


def both(run: Callable[[], Any]) -> tuple[Any, Any]:
    """The kernel's answer and numpy's."""
    answers = []
    for name in ("c", "numpy"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ONCOHORT_KERNEL", name)
            answers.append(run())
    return answers[0], answers[1]


def rows(seed: int, n: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Times that are continuous, rounded to tenths, shaken by rounding, or mostly one time."""
    rng = np.random.default_rng(seed)
    time = rng.exponential(3.0, n)
    if kind != "continuous":
        time = np.round(time, 1)
    if kind == "shaken":
        time = time / 12 * 12 * np.where(rng.random(n) < 0.5, 1.0, 1.0 + 2e-16)
    if kind == "one time":
        time[rng.random(n) < 0.8] = 2.55
    return time, rng.random(n) < 0.6


KINDS = st.sampled_from(["continuous", "tenths", "shaken", "one time"])


@compiled
@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), KINDS, st.integers(1, 9))
def test_tally(seed: int, n: int, kind: str, levels: int) -> None:
    time, _ = rows(seed, n, kind)
    code = np.random.default_rng(seed + 1).integers(0, levels, n)
    c, reference = both(lambda: tally(time, code, levels))
    for found, expected in zip(c, reference, strict=True):
        np.testing.assert_array_equal(found, expected)


@compiled
@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), KINDS)
def test_kaplan_meier(seed: int, n: int, kind: str) -> None:
    time, event = rows(seed, n, kind)
    c, reference = both(lambda: stats.kaplan_meier(time, event).to_frame())
    assert c.equals(reference)


@compiled
@few
@given(st.integers(0, 2**32 - 1), st.integers(10, 300), KINDS, st.integers(2, 6))
def test_logrank(seed: int, n: int, kind: str, groups: int) -> None:
    time, event = rows(seed, n, kind)
    event[:2] = True
    group = np.arange(n) % groups
    c, reference = both(lambda: stats.logrank(time, event, group))
    np.testing.assert_allclose(c.statistic, reference.statistic, rtol=1e-10, atol=1e-10)
    for name in ("observed", "expected", "covariance"):
        np.testing.assert_allclose(getattr(c, name), getattr(reference, name), atol=1e-10)


@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), KINDS)
def test_times_are_joined_as_one_by_one(seed: int, n: int, kind: str) -> None:
    time, _ = rows(seed, n, kind)
    joined, order = ordered_times(time)
    distinct = np.unique(time)
    limit = np.sqrt(np.finfo(float).eps) * max(1.0, distinct.mean())
    leader = dict.fromkeys(distinct.tolist())
    for before, now in zip([None, *distinct.tolist()], distinct.tolist(), strict=False):
        leader[now] = now if before is None or now - before > limit else leader[before]
    np.testing.assert_array_equal(joined, [leader[t] for t in time.tolist()])
    if order is not None:
        assert (np.diff(joined[order]) >= 0).all()


@compiled
@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), KINDS)
def test_rows_are_arranged_as_they_are_sorted(seed: int, n: int, kind: str) -> None:
    time, event = rows(seed, n, kind)
    kernel = engine._compiled
    assert kernel is not None
    sorted_rows, arranged = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    kernel.order(time, event, None, None, sorted_rows)
    kernel.arrange(np.argsort(time), time, event, arranged)
    np.testing.assert_array_equal(arranged, sorted_rows)


@compiled
@pytest.mark.parametrize("n", [1, 2, 201, 3000])
@pytest.mark.parametrize(
    "kind",
    {
        "days": lambda r, n: r.integers(-40, 400, n) * 1.0,
        "continuous": lambda r, n: r.exponential(900, n),
        "zeros": lambda r, n: r.permutation(np.arange(n) % 3 - 1) * 0.0,
        # One time far away: all others have the same highest bits.
        "far": lambda r, n: np.append(1e300, 1 + r.permutation(n - 1) * 1e-12),
        "close": lambda r, n: np.append(1e6, 1e6 + r.permutation(n - 1) * 1e-9),
    }.items(),
    ids=lambda kind: kind[0],
)
def test_times_ascend(n: int, kind: tuple[str, Callable[..., np.ndarray]]) -> None:
    """Equal times by row, whatever the digits; and whether some are one."""
    kernel = engine._compiled
    if not hasattr(kernel, "ascend"):
        pytest.skip("built before this function was there")
    rng = np.random.default_rng(n)
    time = np.ascontiguousarray(kind[1](rng, n), dtype=np.float64)
    order = np.empty(n, dtype=np.int64)
    close = kernel.ascend(time, order)
    np.testing.assert_array_equal(order, np.argsort(time, kind="stable"))
    assert close == (join_ties(np.unique(time)) is not None)
    event, strata = rng.random(n) < 0.5, rng.integers(0, 4, n)
    kernel.order(time, event, strata, None, order)
    np.testing.assert_array_equal(order, np.lexsort((np.arange(n), event, -time, strata)))


@compiled
def test_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moments of columns, and rows of columns in their places."""
    rng = np.random.default_rng(5)
    columns = [rng.normal(1e3 * j, 1, 3001) for j in range(5)]
    rows = rng.permutation(3001)[:900].astype(np.int32)
    places = rng.permutation(1000)[:900] - 100
    found = {}
    for wish in ("c", "numpy"):
        monkeypatch.setenv("ONCOHORT_KERNEL", wish)
        out = np.zeros((900, 5))
        engine.place_rows(columns, rows, places, np.arange(5.0), out)
        found[wish] = (*engine.column_moments(columns), out)
    for one, other in zip(found["c"], found["numpy"], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    columns[3][17] = np.nan
    assert np.isfinite(engine.column_moments(columns)[1]).tolist() == [True] * 3 + [False, True]


def test_a_row_that_is_not_there_has_no_place() -> None:
    if not engine._OF_COLUMNS:
        pytest.skip("built before this function was there")
    one = np.array([0])
    for row, place in ((3, 0), (-1, 0), (0, 2)):
        with pytest.raises(ValueError, match="not there"):
            engine.place_rows(
                [np.zeros(3)], np.array([row], np.int32), one + place, np.zeros(1), np.zeros((2, 1))
            )


def test_a_kernel_of_another_version_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib
    import sys
    import types

    old = types.ModuleType("oncohort.stats._kernel")
    monkeypatch.setitem(sys.modules, "oncohort.stats._kernel", old)
    monkeypatch.setattr(stats, "_kernel", old, raising=False)
    name = "oncohort.stats.engine"
    monkeypatch.delitem(sys.modules, name)
    try:
        assert importlib.import_module(name)._compiled is None
    finally:
        sys.modules[name] = engine
        stats.engine = engine
