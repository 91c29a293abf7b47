"""The search loop: compiled and reference alike, figures as `oncohort.stats` gives them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from oncohort.stats import cox
from oncohort.twin.search import (
    INF,
    Carrier,
    Chains,
    Cohort,
    Mark,
    Space,
    Term,
    Window,
    compiled,
    seed_state,
    temper,
)

N = 30


def cohort(seed: int = 1) -> Cohort:
    rng = np.random.default_rng(seed)
    x = (rng.random((3, N)) < 0.35).astype(float)
    x[2] = rng.normal(size=N).round(1)
    event = np.ones((2, N), dtype=np.int32)
    event[0, [4, 9, 20]] = 0
    event[1, [9, 15, 21, 28, 29]] = 0
    order = np.stack([np.arange(N), rng.permutation(N)]).astype(np.int32)
    return Cohort(x, event, order)


def near(value: float, width: float) -> tuple[float, float]:
    return (value - width, value + width)


def space() -> Space:
    def window(ratio: float) -> Window:
        return Window(near(math.log(ratio), 0.004), z=(0.5, 2.0))

    terms = (
        Term(0, (0,), (window(1.5),)),
        Term(1, (1,), (window(0.8),)),
        Term(0, (2,), (window(1.1),)),
        Term(1, (0, 1, 2), (window(1.2), window(0.7), window(1.05))),
    )
    template = np.stack([np.arange(1.0, N + 1), 1.7 * np.arange(1.0, N + 1)])
    return Space(
        (Carrier(0, 1, (5, 14)), Carrier(1), Carrier(2)),
        terms,
        (Mark(0, 8, 20, 0.55, 0.56), Mark(1, 0, N, 0.0, 0.5)),
        ((0, 1),),
        template,
        counts=((24, 29), (20, 27)),
    )


MOVES = (
    ("count", 0, 0.5),
    ("count", 1, 0.5),
    ("covariate", 0, 1.0),
    ("covariate", 1, 1.0),
    ("covariate", 2, 1.0),
    ("margin", 0, 0.3),
    ("event", 0, 1.0),
    ("event", 1, 1.0),
    ("order", 1, 1.0),
)


@pytest.mark.skipif(not compiled(), reason="the compiled search is not here")
@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_walks_the_same_way(seed: int) -> None:
    chains = Chains(MOVES, sweeps=6, per_sweep=25, replicas=3)
    one, two = seed_state(seed), seed_state(seed)
    a = temper(space(), cohort(seed), chains, one)
    b = temper(space(), cohort(seed), chains, two, compiled=False)
    assert (a.energy, a.missed, a.sweeps) == (b.energy, b.missed, b.sweeps)
    for name in ("x", "event", "order"):
        assert np.array_equal(getattr(a.cohort, name), getattr(b.cohort, name))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("compiled_", [True, False])
@pytest.mark.parametrize("columns", [(0,), (2,), (0, 1), (0, 1, 2)])
def test_windows_are_judged_by_the_fit_of_stats(columns: tuple[int, ...], compiled_: bool) -> None:
    """A window just around the fitted values is met, one just beside them is not."""
    c = cohort()
    e = 1
    time = np.empty(N)
    time[c.order[e]] = np.arange(1, N + 1)
    fit = cox(time, c.events_of(e), c.x[list(columns)].T)
    none = Chains((("event", 0, 1.0),), sweeps=0, replicas=1)
    for shift, met in ((0.0, True), (3e-6, False)):
        windows = []
        for beta, se in zip(fit.coef, fit.se, strict=True):
            z = abs(beta) / se
            windows.append(
                Window(
                    near(beta + shift, 1e-6),
                    near(beta - 1.959963984540054 * se + shift, 1e-6),
                    near(beta + 1.959963984540054 * se + shift, 1e-6),
                    near(z + shift * 10, 1e-5),
                )
            )
        asked = Space((Carrier(0), Carrier(1), Carrier(2)), (Term(e, columns, tuple(windows)),))
        outcome = temper(asked, c, none, seed_state(1), compiled=compiled_)
        assert (outcome.missed == 0) is met
        if not met:  # ratio 100, both limits 10 each, p 10
            assert outcome.missed == len(columns) * 130


def test_chains_find_a_planted_ratio_and_keep_margins() -> None:
    c = cohort(3)
    ones = c.x[0].sum()
    asked = Space(
        (Carrier(0), Carrier(1), Carrier(2)),
        (Term(0, (0,), (Window(near(math.log(2.0), 0.002)),)),),
    )
    moves = (("covariate", 0, 1.0), ("event", 0, 1.0))
    found = temper(asked, c, Chains(moves, sweeps=3000), seed_state(1))
    assert found.missed == 0
    assert found.cohort.x[0].sum() == ones
    assert found.cohort.event[0].sum() == c.event[0].sum()
    time = np.empty(N)
    time[found.cohort.order[0]] = np.arange(1, N + 1)
    fit = cox(time, found.cohort.events_of(0), found.cohort.x[:1].T)
    assert abs(float(fit.coef[0]) - math.log(2.0)) <= 0.002


def test_pairs_and_marks() -> None:
    """Nobody's early time after the late one, nobody censored early with a late event."""
    c = cohort()
    template = np.stack([np.arange(1.0, N + 1), 2.0 * np.arange(1.0, N + 1)])
    asked = Space(
        (Carrier(0),), (), (Mark(1, 10, 10, 0.70, 0.72),), ((0, 1),), template, pair_weight=0.05
    )
    moves = (("order", 1, 1.0), ("event", 1, 0.5))
    found = temper(asked, c, Chains(moves, sweeps=4000), seed_state(2))
    assert found.missed == 0
    early, late = found.cohort.ranks(0), found.cohort.ranks(1)
    assert (template[0][early] <= template[1][late]).all()
    assert not (~found.cohort.events_of(0) & found.cohort.events_of(1)).any()
    survival = np.prod([1 - e / (N - r) for r, e in enumerate(found.cohort.event[1][:10])])
    assert 0.70 <= survival <= 0.72


def test_a_window_without_bounds_is_always_met() -> None:
    asked = Space((Carrier(0), Carrier(1), Carrier(2)), (Term(0, (0, 1), (Window(), Window())),))
    none = Chains((("event", 0, 1.0),), sweeps=0, replicas=1)
    assert temper(asked, cohort(), none, seed_state(1)).missed == 0
    assert Window().ratio == (-INF, INF)


def test_arrays_that_do_not_fit_are_refused() -> None:
    if not compiled():
        pytest.skip("the compiled search is not here")
    asked = Space((Carrier(0),), (Term(0, (7,), (Window(),)),))
    with pytest.raises(ValueError, match="do not fit"):
        temper(asked, cohort(), Chains((("event", 0, 1.0),)), seed_state(1))


def test_the_number_of_events_stays_in_its_range() -> None:
    asked = Space(
        (Carrier(0), Carrier(1), Carrier(2)),
        (Term(0, (0,), (Window(near(0.7, 0.0005), z=near(1.6, 0.0005)),)),),
        counts=((22, 26), (0, 0)),
    )
    moves = (("covariate", 0, 1.0), ("count", 0, 1.0))
    found = temper(asked, cohort(2), Chains(moves, sweeps=300), seed_state(3))
    assert 22 <= found.cohort.event[0].sum() <= 27
    assert found.cohort.event[1].sum() == cohort(2).event[1].sum()
