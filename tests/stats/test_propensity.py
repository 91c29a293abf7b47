"""Weights, pairs and balance: laws, and the values that one can count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.stats import balance, effective_size, logistic, match_nearest, propensity_weights
from oncohort.stats.errors import InputError

SCORES = st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), min_size=2, max_size=30).filter(
    lambda rows: len({t for _, t in rows}) == 2
)


@given(SCORES)
def test_stabilized_weights_are_those_of_iptw_times_the_share(
    rows: list[tuple[float, bool]],
) -> None:
    e, t = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    plain, stable = propensity_weights(e, t), propensity_weights(e, t, "stabilized")
    for group in (True, False):
        ratio = stable[t == group] / plain[t == group]
        assert ratio == pytest.approx((t == group).mean())
    assert propensity_weights(e, t, "overlap") == pytest.approx(np.where(t, 1 - e, e))
    assert (propensity_weights(e, t, "att")[t] == 1).all()


@settings(deadline=None)
@given(SCORES, st.one_of(st.none(), st.floats(0.05, 2)))
def test_pairs_are_of_both_groups_once_and_near(
    rows: list[tuple[float, bool]], caliper: float | None
) -> None:
    e, t = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    found = match_nearest(e, t, caliper=caliper)
    assert t[found.treated].all() and not t[found.control].any()
    assert len(set(found.control.tolist())) == len(found.control)
    assert (np.abs(e[found.treated] - e[found.control]) <= found.caliper + 1e-8).all()
    if caliper is None:
        assert len(found.treated) == min(t.sum(), (~t).sum())
    used = np.concatenate([found.treated, found.control])
    assert set(np.flatnonzero(found.pair >= 0)) == set(used.tolist())


def test_equal_scores_take_the_first_whatever_the_rounding() -> None:
    found = match_nearest([0.5, 0.3 + 1e-15, 0.3, 0.7 - 1e-15, 0.7], [1, 0, 0, 0, 0])
    assert found.control.tolist() == [1]


def test_weights_of_all_patients_balance_a_saturated_score() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(0, 2, 400)
    t = rng.random(400) < np.where(x, 0.7, 0.3)
    fit = logistic(t, x.astype(float))
    for kind in ("iptw", "stabilized", "overlap", "att"):
        w = propensity_weights(fit.fitted, t, kind)
        assert balance(x, t, weights=w) == pytest.approx(0, abs=1e-8)
    assert abs(balance(x, t)) > 0.5


def test_sizes() -> None:
    assert effective_size([2, 2, 2]) == 3
    assert effective_size([]) == 0


@pytest.mark.parametrize(
    ("what", "complaint"),
    [
        (lambda: propensity_weights([0.0, 0.5], [1, 0]), "between 0 and 1"),
        (lambda: match_nearest([np.nan, 0.5], [1, 0]), "finite"),
        (lambda: match_nearest([0.1, 0.5], [1, 0], caliper=0), "above zero"),
        (lambda: balance([1, 2], [1, 1]), "both groups"),
    ],
)
def test_bad_input_is_said(what: object, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        what()  # type: ignore[operator]
