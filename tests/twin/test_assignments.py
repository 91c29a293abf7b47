"""All ways to lay a 0/1 variable: the same as by trying every one, and as `oncohort.stats` fits."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from oncohort.stats import cox
from oncohort.twin.assignments import Needed, needed, sums, ways
from oncohort.twin.search import INF, Window


def laid(n: int, ones: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.permutation(np.arange(n) < ones), dtype=np.int8)


def every(n: int, ones: int) -> np.ndarray:
    out = np.zeros((len(list(combinations(range(n), ones))), n), dtype=np.int8)
    for row, places in enumerate(combinations(range(n), ones)):
        out[row, list(places)] = 1
    return out


@pytest.mark.parametrize(("n", "ones", "seed"), [(13, 4, 1), (14, 5, 2), (11, 1, 3), (12, 11, 4)])
def test_the_same_ways_as_by_trying_all(n: int, ones: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    event = np.asarray(rng.random(n) < 0.7, dtype=np.int8)
    all_ = every(n, ones)
    score, info = sums(all_, event, 0.3)
    middle = float(np.median(info))
    asked = Needed(0.3, (-0.4, 0.4), (0.9 * middle, 1.1 * middle))
    fits = (np.abs(score) <= 0.4) & (info >= asked.info[0]) & (info <= asked.info[1])
    wanted = {tuple(row) for row in all_[fits].tolist()}
    found = [tuple(row) for some in ways(laid(n, ones, rng), event, asked, rng) for row in some]
    assert wanted
    assert sorted(found) == sorted(wanted)


def test_of_many_patients_some_stay() -> None:
    rng = np.random.default_rng(5)
    event = np.asarray(rng.random(60) < 0.8, dtype=np.int8)
    x = laid(60, 20, rng)
    asked = Needed(0.0, (-3.0, 3.0), (0.0, 60.0))
    found = np.concatenate(list(ways(x, event, asked, rng, whole=20, free=10)))
    assert len(found) > 1
    assert len(np.unique(found, axis=0)) == len(found)
    assert (found.sum(axis=1) == 20).all()
    assert (found != x).any(axis=0).sum() <= 10
    score, _ = sums(found, event, 0.0)
    assert (np.abs(score) <= 3.0).all()


@pytest.mark.parametrize("seed", range(4))
def test_score_and_information_are_those_of_the_fit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, event = laid(40, 15, rng), np.asarray(rng.random(40) < 0.8, dtype=np.int8)
    fit = cox(np.arange(1.0, 41), event > 0, x[:, None].astype(float))
    score, info = sums(x[None, :], event, float(fit.coef[0]))
    assert abs(float(score[0])) < 1e-7
    assert abs(float(info[0]) ** -0.5 - float(fit.se[0])) < 1e-7
    b, se = float(fit.coef[0]), float(fit.se[0])
    w = Window(
        (b - 0.004, b + 0.003),
        (b - 1.96 * se - 0.01, b - 1.96 * se + 0.01),
        (b + 1.96 * se - 0.002, b + 1.96 * se + 0.002),
        quantile=1.96,
    )
    asked = needed(w, int(event.sum()))
    assert asked is not None
    score, info = sums(x[None, :], event, asked.beta)
    assert asked.score[0] <= float(score[0]) <= asked.score[1]
    assert asked.info[0] <= float(info[0]) <= asked.info[1]


def test_what_a_window_without_some_figures_asks() -> None:
    assert needed(Window(), 20) is None
    alone = needed(Window((0.3, 0.4)), 20)
    assert alone is not None
    assert alone.info[0] <= 0
    assert alone.info[1] >= 5
    limits = needed(Window(low=(-0.2, -0.1), high=(0.9, 1.0)), 20)
    assert limits is not None
    assert abs(limits.beta - 0.4) < 1e-12
    assert needed(Window((0.3, INF), z=(1.0, 2.0)), 20) is None
