"""Multiple imputation: laws that any imputation has to keep, and pooling against R."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.stats import impute, pool
from oncohort.stats.errors import InputError

R = json.loads(
    (Path(__file__).parents[1] / "study" / "public" / "cirrhosis.json").read_text(encoding="utf-8")
)


def test_pooling_is_that_of_mice() -> None:
    """Five data sets of R mice: estimate, error, Barnard-Rubin df, interval, p, fmi."""
    few = R["few"]
    done = pool(few["coef"], few["var"], df_complete=few["dfcom"])
    for mine, theirs in (
        (done.estimate, "estimate"), (done.se, "se"), (done.df, "df"), (done.low, "low"),
        (done.high, "high"), (done.fmi, "fmi"),
    ):  # fmt: skip
        assert mine.tolist() == pytest.approx(few[theirs], rel=1e-8)
    assert done.p.tolist() == pytest.approx(few["p"], rel=1e-7)


def data(n: int = 300, seed: int = 3) -> tuple[np.ndarray, list[int | None]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = 2 * x + rng.normal(size=n)
    k = (x + rng.normal(size=n) > 0).astype(float) + (y > 2)
    values = np.column_stack([x, y, k])
    values[rng.random(n) < 0.3, 1] = np.nan
    values[rng.random(n) < 0.2, 2] = np.nan
    return values, [None, None, 3]


def test_the_same_seed_gives_the_same_values_and_another_gives_others() -> None:
    values, levels = data()
    one, same, other = (impute(values, levels, imputations=2, seed=s) for s in (4, 4, 5))
    assert np.array_equal(one.values, same.values)
    assert not np.array_equal(one.values, other.values)
    assert "seed 4" in one.method


def test_what_is_known_stays_and_what_is_imputed_was_seen() -> None:
    values, levels = data()
    done = impute(values, levels, imputations=3)
    known = ~np.isnan(values)
    for one in done.values:
        assert np.array_equal(one[known], values[known])
        assert not np.isnan(one).any()
        for j in (1, 2):
            assert np.isin(one[:, j], values[known[:, j], j]).all()
    assert done.missing == tuple(np.isnan(values).sum(axis=0))


def test_a_relation_is_kept_where_values_are_missing_at_random() -> None:
    """The slope of y on x is 2; y is missing for large x, so the mean of those known is biased."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=2000)
    y = 2 * x + rng.normal(size=2000)
    gap = rng.random(2000) < 1 / (1 + np.exp(-x))
    values = np.column_stack([x, np.where(gap, np.nan, y)])
    done = impute(values, [None, None], imputations=5)
    means = done.values[:, :, 1].mean(axis=1)
    naive = np.nanmean(values[:, 1]) - y.mean()
    assert abs(means.mean() - y.mean()) < abs(naive) / 6
    slopes = [np.polyfit(v[:, 0], v[:, 1], 1)[0] for v in done.values]
    assert np.mean(slopes) == pytest.approx(2, abs=0.1)


def test_a_level_that_is_told_apart_perfectly() -> None:
    x = np.r_[np.zeros(20), np.ones(20)]
    k = x.copy()
    k[[3, 25]] = np.nan
    done = impute(np.column_stack([x, k]), [None, 2], imputations=20)
    assert done.values[:, 3, 1].mean() < 0.3 and done.values[:, 25, 1].mean() > 0.7


def test_nothing_missing_changes_nothing() -> None:
    values = np.arange(12.0).reshape(6, 2)
    done = impute(values, [None, None], imputations=2)
    assert np.array_equal(done.values[1], values) and done.missing == (0, 0)


def test_a_column_without_values_is_an_error() -> None:
    with pytest.raises(InputError, match="column 1 has no value"):
        impute([[1.0, np.nan], [2.0, np.nan]], [None, None])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-3, 3)), st.one_of(st.none(), st.integers(0, 2))
        ),
        min_size=1,
        max_size=12,
    )
)
def test_small_tables_are_filled_with_values_that_were_seen(
    rows: list[tuple[int | None, int | None]],
) -> None:
    values = np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float)
    if np.isnan(values).all(axis=0).any():
        with pytest.raises(InputError):
            impute(values, [None, 3], imputations=2, iterations=2)
        return
    done = impute(values, [None, 3], imputations=2, iterations=2)
    for j in range(2):
        seen = values[~np.isnan(values[:, j]), j]
        assert np.isin(done.values[:, :, j], seen).all()
