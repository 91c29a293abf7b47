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
from oncohort.stats.times import ordered_times

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
