"""The compiled kernel equals the numpy reference, array by array."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.stats import engine
from oncohort.stats._cox import design as _design
from oncohort.stats._cox import newton as _newton
from oncohort.stats._cox import terms as _terms
from oncohort.stats._cox.design import Design
from oncohort.stats.errors import InputError

compiled = pytest.mark.skipif(
    engine._compiled is None, reason="the compiled kernel was not built here"
)


def draw(
    seed: int, n: int, p: int, grid: float, strata: int, entry: bool, weight: bool, offset: bool
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Random rows: `grid` > 0 gives heavy ties, 0 continuous times."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + rng.normal(size=p) * 10
    time = rng.exponential(size=n)
    time = np.ceil(time * grid) if grid else time
    event = rng.random(n) < rng.uniform(0.2, 1.0)
    event[int(rng.integers(n))] = True
    start = np.maximum(time - (np.ceil(rng.exponential(size=n) * grid / 2) if grid else 0.3), 0.0)
    more = {
        "entry": start if entry else None,
        "strata": rng.integers(0, strata, n) if strata else None,
        "weight": rng.uniform(0.3, 3.0, n) if weight else None,
        "offset": rng.normal(size=n) if offset else None,
        "efron": bool(rng.random() < 0.7),
    }
    return (time, event, x), more


def same_design(a: Design, b: Design) -> None:
    for field in ("rows", "gptr", "dptr", "deaths", "death_rows", "sptr", "stratum", "leave"):
        left, right = getattr(a, field), getattr(b, field)
        if left is None or right is None:
            assert left is right, field
        else:
            np.testing.assert_array_equal(left, right, err_msg=field)
    for field in ("weight", "offset", "times", "x", "center", "scale"):
        left, right = getattr(a, field), getattr(b, field)
        if left is not None:
            np.testing.assert_allclose(left, right, atol=1e-7 if field == "times" else 1e-12)
    if a.leave is not None:
        np.testing.assert_array_equal(a.gone_ptr, b.gone_ptr)
        np.testing.assert_array_equal(np.sort(a.gone), np.sort(b.gone))


@compiled
@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    n=st.integers(1, 300),
    p=st.integers(1, 22),
    grid=st.sampled_from([0.0, 1.0, 5.0, 60.0]),
    strata=st.sampled_from([0, 1, 4, 50]),
    entry=st.booleans(),
    weight=st.booleans(),
    offset=st.booleans(),
)
def test_design_and_terms(
    seed: int, n: int, p: int, grid: float, strata: int, entry: bool, weight: bool, offset: bool
) -> None:
    args, more = draw(seed, n, p, grid, strata, entry, weight, offset)
    a = _design.build(*args, **more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONCOHORT_KERNEL", "c")
        b = engine.build(*args, **more)
        same_design(a, b)
        if not a.groups:
            return
        beta = np.random.default_rng(seed).normal(size=p) * 0.3
        left, right = _terms.terms(a, beta), engine.terms(b, beta)
    np.testing.assert_allclose(left.loglik, right.loglik, rtol=1e-10, atol=1e-10)
    size = max(float(np.abs(left.info).max()), 1e-3)
    # With entries risk-set sums are differences: what cancels leaves rounding of its own size.
    loose = 100.0 if entry else 1.0
    np.testing.assert_allclose(left.info, right.info, rtol=1e-9, atol=1e-10 * size * loose)
    np.testing.assert_allclose(
        left.score, right.score, rtol=1e-9, atol=1e-9 * max(size, 1.0) * loose
    )


@compiled
@pytest.mark.parametrize("grid", [0.0, 33.0])
@pytest.mark.parametrize("strata", [0, 50])
@pytest.mark.parametrize("entry", [False, True])
def test_many_rows_over_tasks_and_threads(
    grid: float, strata: int, entry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enough rows that carries pass between tasks; one thread and two give the same bits."""
    args, more = draw(7, 30_000, 7, grid, strata, entry, True, False)
    a = _design.build(*args, **more)
    monkeypatch.setenv("ONCOHORT_KERNEL", "c")
    b = engine.build(*args, **more)
    same_design(a, b)
    beta = np.full(7, 0.1)
    left = _terms.terms(a, beta)
    monkeypatch.setenv("ONCOHORT_THREADS", "1")
    one = engine.terms(b, beta)
    monkeypatch.setenv("ONCOHORT_THREADS", "2")
    two = engine.terms(b, beta)
    np.testing.assert_allclose(one.loglik, left.loglik, rtol=1e-11)
    np.testing.assert_allclose(one.info, left.info, rtol=1e-9, atol=1e-8)
    assert one.loglik == two.loglik
    np.testing.assert_array_equal(one.score, two.score)
    np.testing.assert_array_equal(one.info, two.info)


@compiled
def test_newton_equals_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    args, more = draw(11, 200, 4, 20.0, 3, True, True, True)
    x = args[2]
    x = np.column_stack([x, x[:, 0] * 2 - 1, np.ones(len(x))])
    a = _design.build(args[0], args[1], x, **more)
    left = _newton.newton(lambda b: _terms.terms(a, b), a.p, a.scale)
    monkeypatch.setenv("ONCOHORT_KERNEL", "c")
    b = engine.build(args[0], args[1], x, **more)
    right = engine.fit(b)
    np.testing.assert_array_equal(left.aliased, [False] * 4 + [True] * 2)
    np.testing.assert_array_equal(left.aliased, right.aliased)
    np.testing.assert_allclose(left.beta, right.beta, rtol=1e-9)
    np.testing.assert_allclose(left.end.loglik, right.end.loglik, rtol=1e-12)
    np.testing.assert_allclose(left.end.info, right.end.info, rtol=1e-7, atol=1e-9)
    assert left.converged
    assert right.converged


@compiled
def test_the_last_pass_over_much_data_is_told_by_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the last step is so short that it changes nothing, it costs no evaluation."""
    monkeypatch.setattr(_newton, "MUCH", 100)
    rng = np.random.default_rng(8)
    x = rng.normal(size=(400, 3))
    time = rng.exponential(np.exp(-x @ [0.3, 0.0, -0.2]))
    d = engine.build(time, rng.random(400) < 0.7, x)
    assert _newton.close_to(1e9, 99) == 0.0
    fits, passes = [], []
    for close in (0.0, 1e-10, _newton.close_to(1e8, 1200)):
        seen: list[np.ndarray] = []

        def terms(beta: np.ndarray, seen: list[np.ndarray] = seen) -> _terms.Terms:
            seen.append(beta)
            return _terms.terms(d, beta)

        fits.append(_newton.newton(terms, 3, d.scale, decrement=1e-8, close=close))
        passes.append(len(seen))
    assert passes[1] == passes[2] == passes[0] - 1
    for fit in fits[1:]:
        assert fit.converged and fit.iterations == fits[0].iterations
        np.testing.assert_allclose(fit.beta, fits[0].beta, rtol=1e-9)
        np.testing.assert_allclose(fit.end.loglik, fits[0].end.loglik, rtol=1e-14)
        assert np.abs(fit.end.score).max() < 1e-8


@pytest.mark.parametrize("layout", ["C", "F", "strided", "reversed"])
def test_x_of_any_layout(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (time, event, x), more = draw(5, 100, 3, 0.0, 0, False, False, False)
    shaped = {
        "C": np.ascontiguousarray(x),
        "F": np.asfortranarray(x),
        "strided": np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3],
        "reversed": x[::-1][::-1],
    }[layout]
    monkeypatch.setenv("ONCOHORT_KERNEL", "c")
    same_design(_design.build(time, event, x, **more), engine.build(time, event, shaped, **more))


def test_times_that_differ_by_rounding_are_tied() -> None:
    time = np.array([0.3, 0.1 + 0.2, 5.0, 1.0])
    event = np.ones(4, dtype=bool)
    x = np.arange(4.0)[:, None]
    for build in (_design.build, engine.build):
        assert build(time, event, x).deaths.tolist() == [1, 1, 2]


def test_choice_of_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCOHORT_KERNEL", "numpy")
    assert engine.active() == "numpy"
    assert engine.describe().startswith("numpy")
    monkeypatch.setenv("ONCOHORT_KERNEL", "fortran")
    with pytest.raises(InputError, match="numpy or c"):
        engine.active()
    monkeypatch.setenv("ONCOHORT_KERNEL", "c")
    if engine._compiled is None:
        with pytest.raises(InputError, match="not built"):
            engine.active()
    else:
        assert engine.describe().startswith("c (")
        monkeypatch.delenv("ONCOHORT_THREADS", raising=False)
        assert engine.describe().endswith("one thread)")
    monkeypatch.setenv("ONCOHORT_THREADS", "none")
    with pytest.raises(InputError, match="whole number"):
        engine.threads()


@compiled
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_ctrl_c_stops_a_long_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals are looked for between evaluations, so a signal during the first ends the fit."""
    args, more = draw(3, 150_000, 20, 0.0, 0, False, False, False)
    monkeypatch.setenv("ONCOHORT_KERNEL", "c")
    design = engine.build(*args, **more)

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            # On a busy machine the alarm may ring before the fit has begun.
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            engine.fit(design)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert engine.fit(design).converged
