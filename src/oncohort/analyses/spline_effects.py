"""What a model says of a number that enters as a spline: one ratio, two tests, and a curve."""

from __future__ import annotations

import numpy as np

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Contrast, Fit, Term, contrasts
from oncohort.analyses.result import Curve, Estimate, key_of
from oncohort.endpoints.cohort import EndpointInfo
from oncohort.stats.distributions import chdtrc, ndtri
from oncohort.vocabulary.plurals import counted

POINTS = 100
"""Steps of a curve from the smallest to the largest value."""


def is_spline(term: Term) -> bool:
    """Does the number make several columns?"""
    return bool(term.info.effect.knots)


def _at(fitted: Fit, term: Term) -> slice:
    """The columns of a term in the model."""
    start = 0
    for other in fitted.terms:
        if other is term:
            break
        start += len(other.columns)
    return slice(start, start + len(term.columns))


def combination(fitted: Fit, place: Contrast) -> tuple[float, float, float] | None:
    """Ratio of a contrast with its 95% Wald interval; None where it can't be estimated."""
    r = fitted.result
    if r is None:
        return None
    used = place.weights != 0
    coef, covariance = np.asarray(r.coef), np.asarray(r.covariance)
    if not np.isfinite(coef[used]).all():
        return None
    value = float(place.weights[used] @ coef[used])
    inside = covariance[np.ix_(used, used)]
    spread = float(place.weights[used] @ inside @ place.weights[used])
    if not (np.isfinite(value) and np.isfinite(spread) and spread >= 0):
        return None
    half = float(ndtri(0.975)) * spread**0.5
    with np.errstate(over="ignore"):
        low, high = np.exp(value - half), np.exp(value + half)
        return float(np.exp(value)), float(low), float(high)


def _wald(fitted: Fit, columns: list[int]) -> float | None:
    """P of the joint Wald test of some columns."""
    r = fitted.result
    if r is None or not columns:
        return None
    b = np.asarray(r.coef)[columns]
    v = np.asarray(r.covariance)[np.ix_(columns, columns)]
    if not (np.isfinite(b).all() and np.isfinite(v).all()):
        return None
    try:
        statistic = float(b @ np.linalg.solve(v, b))
    except np.linalg.LinAlgError:
        return None
    return float(chdtrc(len(columns), statistic))


def tests(info: EndpointInfo, model: str, fitted: Fit, term: Term) -> list[Estimate]:
    """The joint test of a spline, and that of its bends: is the effect a straight line?"""
    at = _at(fitted, term)
    every = list(range(at.start, at.stop))
    out = []
    label = f"{info.label}, {term.info.label}"
    for what, words, columns in (
        ("p_overall", "overall p", every),
        ("p_nonlinear", "p of non-linearity", every[1:]),
    ):
        p = _wald(fitted, columns)
        out.append(
            Estimate(
                key_of("prognosis", info.key, what, model=model, variable=term.info.key),
                f"{label}: {words}",
                p,
                "ok" if p is not None else "not_estimable",
                kind="p",
                method=f"Wald test on {counted(len(columns), 'degree')} of freedom",
                n=fitted.n,
                population=COHORT,
                note=fitted.why_not,
            )
        )
    return out


def curve(info: EndpointInfo, model: str, fitted: Fit, term: Term) -> Curve | None:
    """Hazard ratio against the median over the range of the values, with its 95% band."""
    effect = term.info.effect
    values = fitted.frame[term.info.key].to_numpy().astype(np.float64)
    if fitted.result is None or not len(values):
        return None
    grid = np.linspace(values.min(), values.max(), POINTS + 1)
    [middle] = effect.columns([effect.middle])
    place = next(c for c in contrasts(fitted.terms) if c.term is term)
    at = _at(fitted, term)
    rows: list[tuple[float, float, float, float]] = []
    for x, columns in zip(grid, effect.columns(grid), strict=True):
        weights = np.zeros_like(place.weights)
        weights[at] = columns - middle
        found = combination(fitted, Contrast(term, None, weights, None))
        if found is None:
            return None
        rows.append((float(x), *found))
    names = ("value", "hr", "low", "high")
    columns_of: dict[str, tuple[object, ...]] = {
        name: tuple(row[i] for row in rows) for i, name in enumerate(names)
    }
    return Curve(
        key_of("prognosis", info.key, "effect", model=model, variable=term.info.key),
        f"{info.label}: hazard ratio by {term.info.label}",
        columns_of,
        method=f"restricted cubic spline with knots at "
        f"{', '.join(f'{k:.4g}' for k in effect.knots)}; "
        f"reference: the median, {effect.middle:.4g}",
        unit=term.info.unit,
        population=COHORT,
    )
