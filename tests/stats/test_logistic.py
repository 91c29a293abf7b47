"""Logistic regression: closed forms, separation, what a reader is told."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.stats import logistic
from oncohort.stats.errors import (
    CollinearWarning,
    EventCodingError,
    EventsPerVariableWarning,
    InputError,
    NoEventsError,
    SeparationWarning,
    WeightError,
)

CELLS = st.integers(1, 60)
FIXTURE = Path(__file__).parent / "fixtures" / "logistic.json"


def table(a: int, b: int, c: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and group: a of a + b treated, c of c + d controls have the outcome."""
    outcome = np.repeat([1, 0, 1, 0], [a, b, c, d])
    return outcome, np.repeat([1, 1, 0, 0], [a, b, c, d])


def quiet(*args: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return logistic(*args, **options)


@given(CELLS, CELLS, CELLS, CELLS)
@settings(max_examples=60, deadline=None)
def test_of_a_fourfold_table_is_its_odds_ratio(a: int, b: int, c: int, d: int) -> None:
    fit = quiet(*table(a, b, c, d))
    np.testing.assert_allclose(fit.odds_ratio[0], a * d / (b * c), rtol=1e-9)
    np.testing.assert_allclose(fit.se[0], (1 / a + 1 / b + 1 / c + 1 / d) ** 0.5, rtol=1e-9)
    np.testing.assert_allclose(fit.intercept, np.log(c / d), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(fit.intercept_se, (1 / c + 1 / d) ** 0.5, rtol=1e-9)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_firth_of_a_fourfold_table_adds_a_half(a: int, b: int, c: int, d: int) -> None:
    if not (a + b and c + d and a + c and b + d):
        return
    fit = quiet(*table(a, b, c, d), penalty="firth")
    wanted = (a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5))
    np.testing.assert_allclose(fit.odds_ratio[0], wanted, rtol=1e-8)
    assert fit.low[0] < fit.odds_ratio[0] < fit.high[0]
    assert np.isfinite([fit.low[0], fit.high[0], fit.p[0]]).all()


def test_of_the_low_birth_weights_is_as_published() -> None:
    """Hosmer and Lemeshow, Applied Logistic Regression (2nd edition), tables 2.2 and 2.3."""
    case = json.loads(FIXTURE.read_text())["cases"][0]
    x = np.array(case["x"])
    fit = logistic(case["y"], x, names=["age", "lwt", "black", "other", "ftv"])
    assert [f"{v:.3f}" for v in fit.coef] == ["-0.024", "-0.014", "1.004", "0.433", "-0.049"]
    assert [f"{v:.4f}" for v in fit.se] == ["0.0337", "0.0065", "0.4979", "0.3622", "0.1672"]
    assert f"{fit.intercept:.3f} {fit.intercept_se:.4f}" == "1.295 1.0714"
    assert [fit.n, fit.events, f"{fit.loglik:.3f}"] == [189, 59, "-111.286"]
    small = logistic(case["y"], x[:, 1:4])
    assert [f"{v:.3f}" for v in small.coef] == ["-0.015", "1.081", "0.481"]
    assert [f"{v:.4f}" for v in small.se] == ["0.0064", "0.4881", "0.3567"]
    assert f"{small.intercept:.3f} {small.loglik:.3f}" == "0.806 -111.630"


def test_a_group_without_the_outcome_is_told_and_the_others_stay() -> None:
    outcome = np.repeat([1, 0, 1, 0, 0], [10, 10, 5, 15, 12])
    x = np.zeros((52, 2))
    x[20:40, 0], x[40:, 1] = 1, 1
    with warnings.catch_warnings(), pytest.warns(SeparationWarning, match="c: the likelihood"):
        warnings.simplefilter("ignore", EventsPerVariableWarning)
        fit = logistic(outcome, x, names=["b", "c"])
    assert np.isneginf(fit.coef[1]) and np.isnan(fit.se[1]) and np.isnan(fit.p[1])
    np.testing.assert_allclose(fit.odds_ratio[0], 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(fit.se[0], (1 / 10 + 1 / 10 + 1 / 5 + 1 / 15) ** 0.5, rtol=1e-6)
    np.testing.assert_allclose(fit.intercept, 0, atol=1e-6)
    np.testing.assert_allclose(fit.intercept_se, (2 / 10) ** 0.5, rtol=1e-6)
    profile = quiet(outcome, x, interval="profile")
    assert profile.low[1] == 0 and 0 < profile.high[1] < 1 and profile.p[1] < 0.01


def test_a_reference_without_the_outcome_leaves_no_ratio() -> None:
    outcome = np.repeat([0, 1, 0, 1, 0], [12, 6, 9, 8, 3])
    x = np.zeros((38, 2))
    x[12:27, 0], x[27:, 1] = 1, 1
    with warnings.catch_warnings(), pytest.warns(SeparationWarning, match="x1, x2"):
        warnings.simplefilter("ignore", EventsPerVariableWarning)
        fit = logistic(outcome, x)
    assert np.isposinf(fit.coef).all() and np.isneginf(fit.intercept)
    assert np.isnan(fit.intercept_se)
    (one, _) = fit.term_tests
    assert np.isnan(one.wald.p)
    assert one.test is one.lr


def test_complete_separation_on_a_number() -> None:
    with warnings.catch_warnings(), pytest.warns(SeparationWarning):
        warnings.simplefilter("ignore", EventsPerVariableWarning)
        fit = logistic([0] * 8 + [1] * 8, np.arange(16.0))
    assert np.isposinf(fit.coef[0])
    firth = quiet([0] * 8 + [1] * 8, np.arange(16.0), penalty="firth")
    assert 0 < firth.coef[0] < 3 and firth.p[0] < 0.001
    assert "penalised" in firth.method


def test_collinear_and_constant_columns_are_named() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(80, 2))
    y = rng.random(80) < 0.4
    with pytest.warns(CollinearWarning, match="twice, flat"):
        fit = logistic(
            y,
            np.column_stack([x, 2 * x[:, 0] + 1, np.full(80, 7.0)]),
            names=["a", "b", "twice", "flat"],
        )
    plain = logistic(y, x)
    np.testing.assert_allclose(fit.coef[:2], plain.coef, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance[:3, :3], plain.covariance, rtol=1e-8)
    assert np.isnan(fit.coef[2:]).all() and np.isnan(fit.p[2:]).all()
    assert fit.lr_test.df == 2


def test_whole_weights_are_repeated_rows() -> None:
    rng = np.random.default_rng(2)
    x, y, w = rng.normal(size=(60, 2)), rng.random(60) < 0.5, rng.integers(1, 4, 60)
    weighted = logistic(y, x, weights=w)
    repeated = logistic(np.repeat(y, w), np.repeat(x, w, axis=0))
    np.testing.assert_allclose(weighted.coef, repeated.coef, rtol=1e-9)
    np.testing.assert_allclose(weighted.covariance, repeated.covariance, rtol=1e-9)
    assert "case weights" in weighted.method


@given(st.floats(-1e4, 1e4), st.floats(0.01, 1e3))
@settings(max_examples=30, deadline=None)
def test_zero_and_unit_of_a_column_only_move_its_coefficient(shift: float, factor: float) -> None:
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=(100, 2)), rng.random(100) < 0.5
    moved = x.copy()
    moved[:, 0] = x[:, 0] * factor + shift
    for penalty in (None, "firth"):
        a, b = logistic(y, x, penalty=penalty), logistic(y, moved, penalty=penalty)
        np.testing.assert_allclose(b.coef * [factor, 1], a.coef, rtol=1e-6)
        np.testing.assert_allclose(b.p, a.p, rtol=1e-6)
        np.testing.assert_allclose(b.fitted, a.fitted, rtol=1e-6)


def test_predictions_and_residual_balance() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"age": rng.normal(60, 9, 90), "sex": rng.integers(0, 2, 90)})
    y = rng.random(90) < 0.4
    fit = logistic(y, frame)
    assert fit.names == ("age", "sex")
    np.testing.assert_allclose(fit.predict(frame), fit.fitted)
    np.testing.assert_allclose(fit.fitted.sum(), y.sum())
    assert np.isnan(fit.predict([[None, 1.0]])[0])
    with pytest.raises(InputError, match="3 columns"):
        fit.predict(np.zeros((2, 3)))


def test_the_intercept_alone() -> None:
    fit = logistic([1, 1, 0, 0, 0], np.zeros((5, 0)))
    np.testing.assert_allclose(fit.intercept, np.log(2 / 3))
    np.testing.assert_allclose(fit.intercept_se, (1 / 2 + 1 / 3) ** 0.5)


def test_rows_with_gaps_are_left_out_and_counted() -> None:
    x = np.array([[1, 0], [np.nan, 1], [0, 1], [1, 1], [0, 0], [1, 0.0]])
    fit = quiet([1, 1, 0, 0, 1, 0], x, names=["a", "b"])
    assert fit.left_out == {"missing value in a": 1}
    assert fit.n == 5 and fit.rows_used.tolist() == [0, 2, 3, 4, 5]
    assert "1 row, missing value in a" in repr(fit)


def test_few_events_are_told_by_the_rarer_outcome() -> None:
    y, x = table(30, 4, 28, 5)
    with pytest.warns(EventsPerVariableWarning, match="9 rows without the event for 1 coefficient"):
        logistic(y, x)


def test_a_factor_is_one_term() -> None:
    y = np.repeat([1, 0, 1, 0, 1, 0], [10, 20, 15, 15, 22, 8])
    x = np.zeros((90, 2))
    x[30:60, 0], x[60:, 1] = 1, 1
    fit = logistic(y, x, names=["b", "c"], terms={"group": ["b", "c"]})
    (term,) = fit.term_tests
    assert term.lr.df == 2
    np.testing.assert_allclose(term.lr.statistic, fit.lr_test.statistic, rtol=1e-9)


@pytest.mark.parametrize(
    ("outcome", "x", "options", "error"),
    [
        ([1, 2, 1], [0, 1, 0], {}, EventCodingError),
        ([1, 1, 1], [0, 1, 0], {}, NoEventsError),
        ([0, 0, 0], [0, 1, 0], {"penalty": "firth"}, NoEventsError),
        ([0, 1, 0], [0, 1], {}, InputError),
        ([0, 1, 0], ["a", "b", "a"], {}, InputError),
        ([0, 1, 0], [0, np.inf, 0], {}, InputError),
        ([0, 1, 0], [0, 1, 0], {"weights": [1, 0, 1]}, WeightError),
        ([0, 1, 0], [0, 1, 0], {"weights": [1, np.inf, 1]}, InputError),
        ([0, 1, 0], [np.nan] * 3, {}, InputError),
        ([0, 1, 0], [0, 1, 0], {"penalty": "lasso"}, InputError),
        ([0, 1, 0], [0, 1, 0], {"interval": "score"}, InputError),
        ([0, 1, 0], [0, 1, 0], {"names": ["a", "b"]}, InputError),
        ([], [], {}, InputError),
    ],
)
def test_what_cannot_be_used_is_refused(
    outcome: Any, x: Any, options: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        quiet(outcome, x, **options)


def test_shows_itself() -> None:
    fit = quiet(*table(8, 4, 3, 7), names=["treated"])
    assert fit.to_frame().columns[:4] == ["variable", "coef", "se", "odds_ratio"]
    assert "4.667" in repr(fit) and "Logistic regression: 22 rows, 11 with" in repr(fit)
    assert "<table>" in fit._repr_html_()
