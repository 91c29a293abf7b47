"""Table II: univariate and multivariable Cox regression for each endpoint."""

from __future__ import annotations

import numpy as np
import polars as pl

from oncohort.analyses import spline_effects
from oncohort.analyses.changing_effects import changing
from oncohort.analyses.cox_models import Contrast, Fit, Term, contrasts, effect_at, fit
from oncohort.analyses.imputed import cox_model, imputed
from oncohort.analyses.model_numbers import (
    compared,
    forest,
    forest_row,
    levels_of,
    per_level,
    screened,
)
from oncohort.analyses.result import Curve, Estimate, Fields, Population, Result, key_of
from oncohort.analyses.whole_model import concordance_of, proportional
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Prognosis
from oncohort.protocol.number_style import style_of
from oncohort.vocabulary.in_text import names_in_text
from oncohort.vocabulary.plurals import enumerated


@dataclass(frozen=True, slots=True)
class Wording:
    """How a fit is named: the method, the interval, the test."""

    method: str
    band: str
    test: str


def _wording(rule: Prognosis) -> Wording:
    if rule.penalty == "firth":
        return Wording(
            "Cox regression, Firth's penalised likelihood",
            "profile penalised likelihood",
            "penalised likelihood-ratio test",
        )
    return Wording(f"Cox regression, {rule.ties.capitalize()} ties", "Wald", "Wald test")


def _ratio(
    rule: Prognosis, info: EndpointInfo, model: str, fitted: Fit, place: Contrast
) -> tuple[Estimate, Estimate]:
    """The hazard ratio and the p-value of one column of the design matrix."""
    i = place.column
    assert i is not None
    levels = levels_of(place, model=model)
    found, words = effect_at(fitted.result, i), _wording(rule)
    usable = found.hr is not None
    why = fitted.why_not or ("" if usable else "; ".join(fitted.warnings) or "not estimable")
    common = fitted.common(info) | {"note": why}
    path = ("prognosis", info.key)
    label = f"{info.label}, {compared(place)}"
    ratio = Estimate(
        key_of(*path, "hr", **levels),
        f"{label}: hazard ratio",
        found.hr,
        "ok" if usable else "not_estimable",
        kind="ratio",
        low=found.low,
        high=found.high,
        level=0.95 if usable else None,
        interval_method=words.band if usable else "",
        method=words.method,
        **common,
    )
    p = found.p if found.p is not None and np.isfinite(found.p) else None
    return ratio, Estimate(
        key_of(*path, "p", **levels),
        f"{label}: p",
        p,
        "ok" if p is not None else "not_estimable",
        kind="p",
        method=f"{words.test}, two-sided",
        **common,
    )


def _spline(info: EndpointInfo, model: str, fitted: Fit, place: Contrast) -> list[Estimate]:
    """Of a spline the ratio of the upper against the lower quartile, and its two tests."""
    term, found = place.term, spline_effects.combination(fitted, place)
    hr, low, high = found if found is not None else (None, None, None)
    why = fitted.why_not or ("" if found else "; ".join(fitted.warnings) or "not estimable")
    ratio = Estimate(
        key_of("prognosis", info.key, "hr", model=model, variable=term.info.key),
        f"{info.label}, {compared(place)}: hazard ratio",
        hr,
        "ok" if found else "not_estimable",
        kind="ratio",
        low=low,
        high=high,
        level=0.95 if found else None,
        interval_method="Wald" if found else "",
        method="Cox regression, restricted cubic spline: upper against lower quartile",
        **fitted.common(info) | {"note": why},
    )
    return [ratio, *spline_effects.tests(info, model, fitted, term)]


def _effects(info: EndpointInfo, model: str, fitted: Fit) -> list[Curve]:
    """The curves of the splines in a model."""
    made = (
        spline_effects.curve(info, model, fitted, term)
        for term in fitted.terms
        if spline_effects.is_spline(term)
    )
    return [c for c in made if c is not None]


def _overall(info: EndpointInfo, model: str, fitted: Fit, term: Term) -> Estimate:
    """The joint test of a factor's levels."""
    found = {t.term: t for t in fitted.model.terms}.get(term.info.key)
    test = None if found is None else found.test
    p = None if test is None or not np.isfinite(test.p) else float(test.p)
    wald = found is None or test is found.wald
    name = "Wald test" if wald else "likelihood-ratio test (a level has no finite estimate)"
    return Estimate(
        key_of("prognosis", info.key, "p_overall", model=model, variable=term.info.key),
        f"{info.label}, {term.info.label}: overall p",
        p,
        "ok" if p is not None else "not_estimable",
        kind="p",
        method=f"{name} on {len(term.levels)} degrees of freedom",
        **fitted.common(info) | {"excluded": {}},
    )


def _estimates(
    rule: Prognosis, info: EndpointInfo, model: str, fitted: Fit
) -> tuple[list[Estimate], list[Fields]]:
    """Hazard ratios and p-values of one model, and its rows for the forest plot."""
    out: list[Estimate] = []
    rows: list[Fields] = []
    for term in fitted.terms:
        for place in (c for c in contrasts(fitted.terms) if c.term is term):
            if place.column is None:
                ratio, p, *more = _spline(info, model, fitted, place)
                out += [ratio, p, *more]
            else:
                ratio, p = _ratio(rule, info, model, fitted, place)
                out += [ratio, p]
            rows.append(forest_row(place, "hr", ratio, p.value))
        if len(term.levels) > 1 and fitted.result is not None:
            out.append(_overall(info, model, fitted, term))
    return out, rows


def _size(info: EndpointInfo, fitted: Fit, levels: dict[str, str], label: str) -> list[Estimate]:
    """Patients and events of a model."""
    common = fitted.common(info)
    events = common.pop("events")
    return [
        Estimate(
            key_of("prognosis", info.key, what, **levels),
            f"{label}, {words}",
            value,
            kind="count",
            unit="patients",
            method="count (complete cases)",
            **common,
        )
        for what, words, value in (("n", "patients", fitted.n), ("events", "events", events))
    ]


def _choose(
    protocol: Protocol, info: EndpointInfo, fits: dict[str, Fit], estimates: list[Estimate]
) -> list[str]:
    """Variables of the multivariable model."""
    assert protocol.prognosis is not None
    rule = protocol.prognosis
    if rule.selection == "prespecified":
        wanted = rule.multivariable or rule.candidates
        return [v for v in wanted if v in fits]
    return screened(("prognosis", info.key), rule.candidates, rule.p_enter, estimates)


def _varying(
    info: EndpointInfo, frame: pl.DataFrame, variables: list[VariableInfo]
) -> tuple[list[VariableInfo], list[Problem]]:
    """The variables that differ between the patients of the model; the others are named."""
    kept = list(variables)
    flat: list[VariableInfo] = []
    while kept:
        known = frame.drop_nulls([v.key for v in kept])
        same = [v for v in kept if known[v.key].n_unique() < 2]
        if not same or not known.height:
            break
        flat += same
        kept = [v for v in kept if v not in same]
    if not kept:
        return variables, []
    return kept, [
        problem(
            "prognosis.one-value",
            place=Place(file="study.toml", key="prognosis"),
            endpoint=info.label,
            label=v.label,
        )
        for v in flat
    ]


def _not_screened(info: EndpointInfo, fits: dict[str, Fit]) -> list[Problem]:
    """Candidates without a univariate p: screening passes them over, which has to be said."""
    out = []
    for fitted in fits.values():
        label = fitted.terms[0].info.label
        r = fitted.result
        if r is not None and np.isfinite(np.asarray(r.p)).all():
            continue
        why = fitted.why_not or "; ".join(fitted.warnings) or "not estimable"
        out.append(
            problem(
                "prognosis.not-screened",
                place=Place(file="study.toml", key="prognosis"),
                endpoint=info.label,
                label=label,
                reason=why.rstrip("."),
            )
        )
    return out


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Univariate models of all candidates, then the multivariable one, per endpoint.

    With ``selection = "screening"`` the multivariable model takes the candidates whose univariate
    p is below ``p_enter``; that is labelled, since it inflates false findings.
    """
    rule = protocol.prognosis
    if rule is None or not rule.candidates:
        return None
    known = cohort.meaning.endpoints
    endpoints = [k for k in rule.endpoints or known if k in known]
    parts: list[Result] = []
    for key in endpoints:
        frame = cohort.frame.filter(pl.col(f"{key}_time").is_not_null())
        if cohort.meaning.endpoints[key].competing:
            continue  # cause-specific and subdistribution models stand in a section of their own
        if key not in blocked and not frame.is_empty():
            parts.append(_endpoint(protocol, cohort, cohort.meaning.endpoints[key], frame))
    if not any(part.estimates for part in parts):
        return None
    return Result(
        "prognosis",
        tuple(e for part in parts for e in part.estimates),
        tuple(c for part in parts for c in part.curves),
        tuple(p for part in parts for p in part.populations),
        (_method(rule, cohort), *_of_numbers(rule, cohort)),
        tuple(p for part in parts for p in part.problems),
    )


def _endpoint(
    protocol: Protocol, cohort: Cohort, info: EndpointInfo, frame: pl.DataFrame
) -> Result:
    """All models of one endpoint."""
    assert protocol.prognosis is not None
    rule = protocol.prognosis
    fits: dict[str, Fit] = {}
    forest_rows: list[Fields] = []
    path, ratio, event = ("prognosis", info.key), ("hr", "hazard ratios"), f"{info.key}_event"
    estimates: list[Estimate] = []
    populations: list[Population] = []
    problems: list[Problem] = []
    for name in rule.candidates:
        variable = cohort.meaning.variables.get(name)
        if variable is None:
            continue
        fits[name] = fit(protocol, info, frame, [variable])
        es, rows = _estimates(rule, info, "uni", fits[name])
        forest_rows += rows
        label = f"{info.label}, {variable.label}"
        levels, ps = per_level(path, info.label, variable, frame, (event, "events"))
        size = _size(info, fits[name], {"model": "uni", "variable": name}, label)
        estimates += [*es, *size, *levels]
        populations += ps
        problems += fit_problems(info.key, name, fits[name])
    curves = [forest(path, info.label, ratio, "uni", forest_rows)]
    curves += [c for fitted in fits.values() for c in _effects(info, "uni", fitted)]
    chosen = [cohort.meaning.variables[v] for v in _choose(protocol, info, fits, estimates)]
    if rule.selection == "screening":
        problems += _not_screened(info, fits)
    if chosen:
        chosen, found = _varying(info, frame, chosen)
        problems += found
    if chosen:
        within = [v for k in rule.strata if (v := cohort.meaning.variables.get(k)) is not None]
        chosen = [v for v in chosen if v.key not in rule.strata] or chosen
        whole = fit(protocol, info, frame, chosen, strata=within)
        es, rows = _estimates(rule, info, "multi", whole)
        size = _size(info, whole, {"model": "multi"}, f"{info.label}, multivariable model")
        estimates += [*es, *size]
        curves += [forest(path, info.label, ratio, "multi", rows), *_effects(info, "multi", whole)]
        if whole.result is not None:
            tests, doubts = proportional(info, whole, style_of(protocol.style))
            estimates += [concordance_of(info, whole), *tests]
            estimates += changing(protocol, rule, info, whole)
            problems += doubts
        problems += fit_problems(info.key, "multivariable model", whole)
        model = cox_model(protocol, info, frame, chosen, within)
        pooled, doubts = imputed(protocol, cohort, model, chosen, within)
        estimates += pooled
        problems += doubts
    return Result(
        "prognosis",
        tuple(estimates),
        tuple(curves),
        tuple(populations),
        problems=tuple(problems),
    )


def _of_numbers(rule: Prognosis, cohort: Cohort) -> list[str]:
    """How numbers entered, where it was not as they are."""
    infos = [cohort.meaning.variables[v] for v in rule.candidates if v in cohort.meaning.variables]
    out = []
    logs = [v.label for v in infos if v.effect.log]
    if logs:
        out.append(
            f"{enumerated(logs)} entered as {'logarithms' if len(logs) > 1 else 'a logarithm'}."
        )
    for v in infos:
        if v.effect.knots:
            at = enumerated([f"{k:.4g}" for k in v.effect.knots])
            unit = f" {v.unit}" if v.unit else ""
            out.append(
                f"{v.label} entered as a restricted cubic spline with knots at {at}{unit}; its "
                "ratio compares the upper with the lower quartile, and non-linearity was tested "
                "jointly (Wald)."
            )
    return out


def _method(rule: Prognosis, cohort: Cohort) -> str:
    """What was done, in a sentence or two."""
    selection = (
        f"Candidates with a univariable p below {rule.p_enter:g} entered the multivariable model "
        "(screening, which tends to overstate effects)."
        if rule.selection == "screening"
        else "The variables of the multivariable model were specified in advance."
    )
    firth = rule.penalty == "firth"
    ties = "Firth's penalised likelihood" if firth else f"{rule.ties.capitalize()} handling of ties"
    tests = "penalised likelihood-ratio" if firth else "Wald"
    return (
        f"Prognostic factors were examined by Cox proportional hazards regression with {ties}; "
        f"{tests} tests and 95% intervals, two-sided, complete cases. {selection}"
        + _more_methods(rule, cohort)
    )


def _more_methods(rule: Prognosis, cohort: Cohort) -> str:
    """How proportional hazards were looked at, and what was done where they are not."""
    variables = cohort.meaning.variables
    out = [
        " Proportional hazards were tested for each term and for the whole model (score tests of "
        "scaled Schoenfeld residuals, Kaplan-Meier transform)."
    ]
    strata = [variables[k].label for k in rule.strata if k in variables]
    if strata:
        out.append(f"The multivariable model was stratified by {names_in_text(strata)}.")
    split = [variables[k].label for k in rule.time_split if k in variables]
    if split:
        out.append(
            f"In a further model the effect of {names_in_text(split)} could change at times that "
            "the protocol states; where such times are chosen after looking at the data, their "
            "p-values are too small."
        )
    return " ".join(out)


def fit_problems(endpoint: str, name: str, fitted: Fit) -> list[Problem]:
    """What a reader of the regression must know, as problems of the study."""
    place = Place(file="study.toml", key="prognosis")
    texts = [*fitted.warnings, *([fitted.why_not] if fitted.why_not else [])]
    return [
        problem(
            "prognosis.fit",
            place=place,
            endpoint=endpoint.upper(),
            name=name,
            reason=text.rstrip("."),
        )
        for text in texts
    ]
