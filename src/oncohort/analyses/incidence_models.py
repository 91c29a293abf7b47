"""Regression with competing events: cause-specific Cox and Fine-Gray models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import numpy as np
import polars as pl

from oncohort.analyses.cox_models import Contrast, Fit, Term, contrasts, design_matrix, fit
from oncohort.analyses.fit_warnings import fit_warnings
from oncohort.analyses.model_numbers import compared, levels_of
from oncohort.analyses.result import Estimate, Population, State, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.stats.distributions import chdtrc, ndtr, ndtri
from oncohort.vocabulary.times import DAYS_PER_UNIT

HAZARDS = {
    "cause_specific": ("cause-specific hazard ratio", "Cox regression, other events as censored"),
    "subdistribution": ("subdistribution hazard ratio", "Fine-Gray regression"),
}
"""Kind of hazard to what its ratio is called, and its method."""


@dataclass(slots=True)
class Models:
    """Numbers of the models of one endpoint."""

    estimates: list[Estimate] = field(default_factory=list)
    populations: list[Population] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def wanted_variables(protocol: Protocol, key: str) -> list[str]:
    """Variables of the models of an endpoint; none where no models are asked for."""
    rule = protocol.prognosis
    if rule is None or (rule.endpoints and key not in rule.endpoints):
        return []
    return list(dict.fromkeys([*rule.candidates, *rule.multivariable]))


def models(
    protocol: Protocol,
    cohort: Cohort,
    info: EndpointInfo,
    frame: pl.DataFrame,
    causes: Mapping[str, str],
) -> Models:
    """Univariable models of each candidate, and the prespecified multivariable one.

    The event has both ratios, its competitors the cause-specific one: what a factor does to the
    incidence comes from all causes together (Latouche et al. 2013, J Clin Epidemiol 66:648).
    Without one of its variables a model is another model: then there is none.
    """
    out = Models()
    names = wanted_variables(protocol, info.key)
    if not names or any(v not in cohort.meaning.variables for v in names):
        return out
    rule = protocol.prognosis
    assert rule is not None
    sets: list[tuple[str, list[VariableInfo]]] = [
        ("uni", [cohort.meaning.variables[v]]) for v in rule.candidates
    ]
    multi = rule.multivariable or rule.candidates
    if rule.selection == "prespecified" and len(multi) > 1:
        sets.append(("multi", [cohort.meaning.variables[v] for v in multi]))
    for model, variables in sets:
        for cause, words in causes.items():
            _fitted(out, protocol, info, frame, (model, variables), (cause, words))
    return out


def _fitted(
    out: Models,
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    model: tuple[str, list[VariableInfo]],
    cause: tuple[str, str],
) -> None:
    """One model of one cause: the ratios of its hazards."""
    name, variables = model
    of_cause = (pl.col(f"{info.key}_cause") == cause[0]).fill_null(False)
    marked = frame.with_columns(of_cause.alias(f"{info.key}_event"))
    one = fit(protocol, info, marked, variables)
    fits = {"cause_specific": one}
    if cause[0] == "event":
        fits["subdistribution"] = _fine_gray(protocol, info, one, cause[0])
    for hazard, fitted in fits.items():
        out.estimates += _ratios(info, fitted, name, hazard, cause)
        told = [*fitted.warnings, *([fitted.why_not] if fitted.why_not else [])]
        out.problems += [
            problem(
                "incidence.fit",
                place=Place(file="study.toml", key="prognosis"),
                endpoint=info.label,
                name=variables[0].key if name == "uni" else "multivariable model",
                hazard=HAZARDS[hazard][0].removesuffix(" ratio"),
                event=cause[1],
                reason=text.rstrip("."),
            )
            for text in told
        ]
    if name == "multi":
        out.estimates += _size(info, one, cause)


def _fine_gray(protocol: Protocol, info: EndpointInfo, one: Fit, cause: str) -> Fit:
    """The Fine-Gray model of the same patients and terms."""
    from oncohort.stats import fine_gray

    if one.result is None and one.why_not:
        return Fit(one.terms, one.frame, one.missing, None, one.why_not)
    scale = DAYS_PER_UNIT[protocol.study.time_unit]
    types = one.frame[f"{info.key}_cause"].fill_null("none").to_list()
    try:
        with fit_warnings() as raised:
            result = fine_gray(
                one.frame[f"{info.key}_time"].to_numpy() / scale,
                types,
                design_matrix(one.frame, list(one.terms)),
                cause=cause,
                censored="none" if "none" in types else None,
                entry=entry_times(one.frame, info.key, scale),
                names=[c for t in one.terms for c in t.columns],
            )
    except (OncohortError, ArithmeticError) as error:
        return Fit(one.terms, one.frame, one.missing, None, str(error))
    return Fit(one.terms, one.frame, one.missing, result, "", tuple(raised))


def _ratios(
    info: EndpointInfo, fitted: Fit, model: str, hazard: str, cause: tuple[str, str]
) -> list[Estimate]:
    """Ratio and p of each contrast, and the joint test of a factor or a curved effect."""
    out: list[Estimate] = []
    for one in contrasts(fitted.terms):
        keys = levels_of(one, cause=cause[0], hazard=hazard, model=model)
        label = f"{info.label}: {cause[1]}, {compared(one)}"
        out += _pair(info, fitted, one, keys, f"{label}: {HAZARDS[hazard][0]}")
    at = 0
    for term in fitted.terms:
        columns = list(range(at, at + len(term.columns)))
        keys = {"cause": cause[0], "hazard": hazard, "model": model, "variable": term.info.key}
        if len(columns) > 1 and fitted.result is not None:
            out.append(_joint(info, fitted, term, columns, keys, cause[1]))
        at += len(columns)
    return out


def _numbers(fitted: Fit, one: Contrast) -> tuple[float, float, float, float] | None:
    """Ratio, ends of its interval and p; none where one of them is not finite."""
    r = fitted.result
    if r is None:
        return None
    if one.column is not None:
        found = tuple(float(v[one.column]) for v in (r.hr, r.low, r.high, r.p))
    else:
        log = float(one.weights @ r.coef)
        se = float(one.weights @ r.covariance @ one.weights) ** 0.5
        z = float(ndtri(0.975))
        ends = [float(np.exp(log + k * z * se)) for k in (0, -1, 1)]
        found = (ends[0], ends[1], ends[2], float(2 * ndtr(-abs(log / se))))
    ratio, low, high, p = found
    return (ratio, low, high, p) if np.isfinite(found).all() and ratio > 0 else None


def _pair(
    info: EndpointInfo, fitted: Fit, one: Contrast, levels: dict[str, str], label: str
) -> tuple[Estimate, Estimate]:
    """A ratio and its p."""
    found = _numbers(fitted, one)
    why = fitted.why_not or ("" if found else "; ".join(fitted.warnings) or "not estimable")
    method = HAZARDS[levels["hazard"]][1]
    if fitted.penalised and levels["hazard"] == "cause_specific":
        method += ", Firth's penalised likelihood"
    common = fitted.common(info) | {"note": why, "method": method}
    path = ("incidence", info.key)
    state: State = "ok" if found else "not_estimable"
    ratio, low, high, p = found or (None, None, None, None)
    return (
        Estimate(
            key_of(*path, "hr", **levels),
            label,
            ratio,
            state,
            kind="ratio",
            low=low,
            high=high,
            level=0.95 if found else None,
            interval_method=("profile" if "Firth" in method else "Wald") if found else "",
            **common,
        ),
        Estimate(key_of(*path, "p", **levels), f"{label}, p", p, state, kind="p", **common),
    )


def _joint(
    info: EndpointInfo,
    fitted: Fit,
    term: Term,
    columns: list[int],
    keys: dict[str, str],
    words: str,
) -> Estimate:
    """Wald test of all levels of a factor."""
    r = fitted.result
    assert r is not None
    covariance = np.asarray(r.covariance)[np.ix_(columns, columns)]
    b = np.asarray(r.coef)[columns]
    p = None
    if np.isfinite(b).all() and np.isfinite(covariance).all():
        p = float(chdtrc(len(columns), float(b @ np.linalg.solve(covariance, b))))
    return Estimate(
        key_of("incidence", info.key, "p_overall", **keys),
        f"{info.label}: {words}, {term.info.label}: overall p",
        p,
        "ok" if p is not None else "not_estimable",
        kind="p",
        method=f"Wald test on {len(columns)} degrees of freedom",
        **fitted.common(info),
    )


def _size(info: EndpointInfo, fitted: Fit, cause: tuple[str, str]) -> list[Estimate]:
    """Patients and events of the multivariable model."""
    common = fitted.common(info)
    events = common.pop("events")
    told = (("model_n", "patients", fitted.n), ("model_events", "events", events))
    return [
        Estimate(
            key_of("incidence", info.key, what, cause=cause[0], model="multi"),
            f"{info.label}: {cause[1]}, multivariable model, {words}",
            value,
            kind="count",
            unit="patients",
            method="count (complete cases)",
            **common,
        )
        for what, words, value in told
    ]
