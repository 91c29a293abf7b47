"""Values with printed summaries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.published.rounding import prints_as
from oncohort.twin.spread import Wanted, spread


def test_age_with_a_cut() -> None:
    found = spread(Wanted(42, median="62", low="41", high="83", whole=True, below=((60, 17),)))
    x = np.array(found.values)
    assert (x.min(), np.median(x), x.max(), (x < 60).sum(), len(x)) == (41, 62, 83, 17, 42)
    assert found.aside == {}


def test_a_mean_that_whole_numbers_do_not_have() -> None:
    """20 whole numbers have no mean of 3.48: the sum would be 69.6."""
    assert spread(Wanted(20, mean="3.48", whole=True)).aside == {"mean": ("mean",)}


def test_a_median_beyond_the_range_is_named_with_it() -> None:
    found = spread(Wanted(6, median="90", low="41", high="83", whole=True))
    assert found.aside == {"median": ("median", "high")}
    assert (min(found.values), max(found.values)) == (41, 83)


def test_nothing_is_called_impossible_because_a_grid_ends() -> None:
    """Two values with mean 10 and greatest 83 exist: 83 and -63."""
    found = spread(Wanted(2, mean="10", high="83", whole=True))
    assert all(not conflict for conflict in found.aside.values())


def test_a_mean_that_only_a_tie_prints_is_possible() -> None:
    """61.75 prints as 61.8, and no other mean of four whole numbers does."""
    found = spread(Wanted(4, mean="61.8", median="61", low="59", high="66", whole=True))
    assert (found.aside, sum(found.values)) == ({}, 247)


@settings(max_examples=12, deadline=None)
@given(st.integers(3, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_summaries_of_real_values_are_given_back(n: int, seed: int, quartiles: bool) -> None:
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(60, 9, n))
    low, high = np.quantile(x, [0.25, 0.75]) if quartiles else (x.min(), x.max())
    wanted = Wanted(
        n,
        mean=f"{x.mean():.1f}",
        sd=f"{x.std(ddof=1):.1f}",
        median=f"{np.median(x):g}",
        low=f"{low:g}",
        high=f"{high:g}",
        spread="quartiles" if quartiles else "range",
        whole=True,
    )
    found = spread(wanted)
    assert all(not conflict for conflict in found.aside.values()), (
        "real values are never impossible"
    )
    y = np.array(found.values)
    ends = np.quantile(y, [0.25, 0.75]) if quartiles else (y.min(), y.max())
    got = {"mean": y.mean(), "sd": y.std(ddof=1), "median": np.median(y)}
    got |= {"low": ends[0], "high": ends[1]}
    for name, value in got.items():
        if name not in found.aside:
            assert prints_as(float(value), getattr(wanted, name)), (name, value, wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(33, median="32.2", low="2.4", high="171.4"),
        Wanted(21, "31.02", "28.51", "20.40", "2.41", "99.60"),
        Wanted(45, median="12.5", low="8.3", high="2100.5", spread="quartiles"),
    ],
)
def test_skewed_values_over_a_wide_range_print_all_their_figures(wanted: Wanted) -> None:
    found = spread(wanted)
    x = np.array(found.values)
    assert not found.aside and x.min() >= 0
    ends = (0.25, 0.75) if wanted.spread == "quartiles" else (0, 1)
    low, high = np.quantile(x, ends)
    made = {
        "mean": x.mean(), "sd": x.std(ddof=1), "median": np.median(x), "low": low, "high": high
    }  # fmt: skip
    for name, value in made.items():
        printed = getattr(wanted, name)
        assert not printed or prints_as(float(value), printed), name
