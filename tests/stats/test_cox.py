"""Cox fits against R's survival (tests/stats/r/cox_fits.R) and by hand."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oncohort.stats._cox.result import CoxResult
from oncohort.stats.cox import cox
from oncohort.stats.errors import (
    CollinearWarning,
    EventCodingError,
    EventsPerVariableWarning,
    InputError,
    NoEventsError,
    SeparationWarning,
    TimeError,
    WeightError,
)

FIXTURE = Path(__file__).parent / "fixtures" / "cox_fits.json"
CASES: list[dict[str, Any]] = json.loads(FIXTURE.read_text())["cases"]
SHARP = 1e-8


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def numbers(value: Any) -> np.ndarray:
    rows = [
        [np.nan if v is None else v for v in r]
        if isinstance(r, list)
        else (np.nan if r is None else r)
        for r in listed(value)
    ]
    return np.array(rows, dtype=float)


def fit_case(case: dict[str, Any], **more: Any) -> CoxResult:
    data = {k: numbers(v) for k, v in case["data"].items()}

    def column(role: str) -> np.ndarray | None:
        return None if case[role] is None else data[case[role]]

    names = listed(case["x"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cox(
            data[case["time"]],
            data[case["event"]],
            np.column_stack([data[k] for k in names]),
            entry=column("entry"),
            strata=column("strata"),
            weights=column("weights"),
            cluster=column("cluster"),
            offset=column("offset"),
            ties=case["ties"],
            names=names,
            robust=True if "naive_var" in case else None,
            **more,
        )


def by_name(name: str) -> dict[str, Any]:
    return next(c for c in CASES if c["name"] == name)


IDS = [c["name"] for c in CASES if c["ties"] != "exact"]


@pytest.mark.parametrize("name", IDS)
def test_coefficients_and_model_based_variance_equal_r(name: str) -> None:
    case = by_name(name)
    fit = fit_case(case)
    expected = numbers(case["coef"])
    np.testing.assert_allclose(fit.coef, expected, rtol=SHARP, atol=1e-12)
    free = ~np.isnan(expected)
    var = np.atleast_2d(numbers(case.get("naive_var", case["var"])))
    np.testing.assert_allclose(
        fit.naive_covariance[np.ix_(free, free)], var[np.ix_(free, free)], rtol=SHARP, atol=1e-13
    )
    loglik = numbers(case["loglik"])
    np.testing.assert_allclose([fit.loglik_null, fit.loglik], loglik[[0, -1]], rtol=SHARP)
    np.testing.assert_allclose(fit.score_test.statistic, case["score_test"], rtol=SHARP)


def test_lung_sex_as_published() -> None:
    case = by_name("lung-sex-efron")
    fit = fit_case(case)
    np.testing.assert_allclose(fit.hr[0], 0.5880028, rtol=1e-6)
    np.testing.assert_allclose(fit.se[0], 0.1671786, rtol=1e-6)
    np.testing.assert_allclose(fit.p[0], 0.001491, rtol=1e-3)
    np.testing.assert_allclose(fit.lr_test.p, 0.001111, rtol=1e-3)
    np.testing.assert_allclose(fit.score_test.p, 0.001312, rtol=1e-3)
    assert "Efron" in fit.method


def test_book_examples() -> None:
    """The hand-worked examples of R survival's book1 and book2 (Therneau and Grambsch)."""
    time, event, x = [9, 1, 1, 6, 6, 8], [1, 1, 0, 1, 1, 0], [0, 1, 1, 1, 0, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        breslow = cox(time, event, x, ties="breslow")
        efron = cox(time, event, x, ties="efron")
    np.testing.assert_allclose(breslow.coef[0], np.log((3 + np.sqrt(33)) / 2), rtol=1e-12)
    np.testing.assert_allclose(efron.coef[0], 1.676857, rtol=1e-6)


def test_more_book_examples() -> None:
    """R survival's book3, book4 (start, stop], book5, book6 (weights), book7 (exact: infinite)."""
    start, stop = [1, 2, 5, 2, 1, 7, 3, 4, 8, 8], [2, 3, 6, 7, 8, 9, 9, 9, 14, 17]
    died, x = [1] * 7 + [0] * 3, [1, 0, 0, 1, 0, 1, 1, 1, 0, 0]
    time, event = [1, 1, 2, 2, 2, 2, 3, 4, 5], [1, 0, 1, 1, 1, 0, 0, 1, 0]
    marker, weights = [2, 0, 1, 1, 0, 1, 0, 1, 0], [1, 2, 3, 4, 3, 2, 1, 2, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            cox(stop, died, x, entry=start, ties="breslow").coef[0],
            cox(stop, died, x, entry=start, ties="efron").coef[0],
            cox(stop, died, x, entry=start, ties="exact").coef[0],
            cox(time, event, marker, weights=weights, ties="breslow").coef[0],
            cox(time, event, marker, weights=weights, ties="efron").coef[0],
        ]
        exact = cox([9, 1, 1, 6, 6, 8], [1, 1, 0, 1, 1, 0], [0, 1, 1, 1, 0, 0], ties="exact")
    expected = [
        -0.0845260806613,
        -0.0211052096325,
        -0.0916291692048,
        0.859557444494,
        0.872604246383,
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-7)
    assert np.isposinf(exact.coef[0])


def test_separation_is_named_and_gives_no_finite_ratio() -> None:
    with pytest.warns(SeparationWarning, match="crp"):
        fit = cox([1, 2, 3, 4, 5], [1, 1, 1, 0, 0], [1.0, 1, 1, 0, 0], names=["crp"])
    assert np.isinf(fit.coef[0])
    assert np.isnan(fit.se[0])
    assert not fit.converged
    assert any(isinstance(w, SeparationWarning) for w in fit.warnings)


def test_separation_beside_a_column_of_one_value_is_no_warning_of_numpy() -> None:
    x = np.column_stack([[1.0, 1, 1, 0, 0], np.zeros(5)])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fit = cox([1, 2, 3, 4, 5], [1, 1, 1, 0, 0], x)
    assert (fit.coef[0], np.isnan(fit.coef[1])) == (np.inf, True)
    assert not [w for w in told if issubclass(w.category, RuntimeWarning)]


def test_collinear_columns_are_named() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=60)
    x = np.column_stack([a, 2 * a + 1, np.full(60, 3.0)])
    with pytest.warns(CollinearWarning, match="twice, constant"):
        fit = cox(rng.exponential(size=60), np.ones(60), x, names=["a", "twice", "constant"])
    assert np.isfinite(fit.coef[0])
    assert np.isnan(fit.coef[1:]).all()


def test_few_events_per_variable_are_said() -> None:
    rng = np.random.default_rng(0)
    with pytest.warns(EventsPerVariableWarning, match="15 events for 2"):
        cox(rng.exponential(size=15), np.ones(15), rng.normal(size=(15, 2)))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"time": [1, -2, 3]}, TimeError, "rows 1"),
        ({"time": [1, np.nan, 3]}, TimeError, "rows 1"),
        ({"entry": [0, 2, 0]}, TimeError, "rows 1"),
        ({"event": [1, 2, 1]}, EventCodingError, r"1 \(2 rows\), 2"),
        ({"event": [0, 0, 0]}, NoEventsError, "no events"),
        ({"weights": [1, 0, 1]}, WeightError, "rows 1"),
        ({"X": [1, np.inf, 0]}, InputError, "infinite"),
        ({"X": ["a", "b", "c"]}, InputError, "numbers"),
        ({"ties": "guess"}, InputError, "ties"),
        ({"level": 95}, InputError, "level"),
        ({"names": ["a", "b"]}, InputError, "names"),
    ],
)
def test_guards(change: dict[str, Any], error: type[Exception], words: str) -> None:
    good: dict[str, Any] = {"time": [1, 2, 3], "event": [1, 0, 1], "X": [0.5, 1, 0]}
    with pytest.raises(error, match=words):
        cox(**(good | change))


def test_rows_with_missing_covariates_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(80, 2))
    x[[3, 7], 1] = np.nan
    t, e = rng.exponential(size=80), np.ones(80)
    fit = cox(t, e, x, names=["age", "crp"])
    assert fit.n == 78
    assert dict(fit.left_out) == {"missing value in crp": 2}
    keep = ~np.isnan(x[:, 1])
    np.testing.assert_array_equal(fit.coef, cox(t[keep], e[keep], x[keep]).coef)


def test_frames_give_names_and_terms_join_columns() -> None:
    pl = pytest.importorskip("polars")
    rng = np.random.default_rng(2)
    frame = pl.DataFrame(
        {"a": rng.normal(size=90), "g1": rng.integers(0, 2, 90) == 1, "g2": rng.integers(0, 2, 90)}
    )
    fit = cox(rng.exponential(size=90), np.ones(90), frame, terms={"g": ["g1", "g2"]})
    assert fit.names == ("a", "g1", "g2")
    assert [t.term for t in fit.terms] == ["a", "g"]
    assert fit.terms[1].lr.df == 2
    np.testing.assert_allclose(fit.terms[0].wald.statistic, fit.z[0] ** 2)
    assert fit.to_frame()["variable"].to_list() == ["a", "g1", "g2"]
    assert "a" in repr(fit)
    assert "<table>" in fit._repr_html_()
