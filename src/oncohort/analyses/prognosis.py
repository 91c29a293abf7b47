"""Table II: univariate and multivariable Cox regression for each endpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Fit, design_matrix, fit
from oncohort.analyses.result import Curve, Estimate, Population, Result, result_id
from oncohort.analyses.survival import entry_times
from oncohort.endpoints.cohort import DAYS_PER_UNIT, Cohort, EndpointInfo, VariableInfo
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol


def _estimates(
    protocol: Protocol, info: EndpointInfo, model: str, fitted: Fit
) -> tuple[list[Estimate], list[dict[str, Any]]]:
    """Hazard ratios and p-values of one model, and its rows for the forest plot."""
    assert protocol.prognosis is not None
    rule = protocol.prognosis
    path = f"prognosis.{info.key}"
    events = int(fitted.frame[f"{info.key}_event"].sum())
    how = (
        "Cox regression, Firth's penalised likelihood"
        if rule.penalty == "firth"
        else f"Cox regression, {rule.ties.capitalize()} ties"
    )
    band = "profile penalised likelihood" if rule.penalty == "firth" else "Wald"
    test = "penalised likelihood-ratio test" if rule.penalty == "firth" else "Wald test"
    excluded = {"missing": fitted.missing} if fitted.missing else {}
    out: list[Estimate] = []
    forest: list[dict[str, Any]] = []
    index = 0
    for term in fitted.terms:
        for level in term.levels or (None,):
            keys: dict[str, str] = {"model": model, "variable": term.info.key}
            if level is not None and len(term.info.levels) > 2:
                keys["level"] = level
            reference = term.info.levels.get(term.info.reference or "", "")
            label = f"{info.label}, {term.info.label}" + (
                f", {term.info.levels[level]} against {reference}"
                if level is not None
                else f", per 1 {term.info.unit}".rstrip()
                if term.info.kind == "continuous"
                else ""
            )
            common: dict[str, Any] = {
                "n": fitted.n,
                "events": events,
                "excluded": excluded,
                "population": COHORT,
            }
            r = fitted.result
            usable = r is not None and bool(
                np.isfinite(r.coef[index]) and np.isfinite(r.low[index]) and r.hr[index] > 0
            )
            note = fitted.why_not or ("" if usable else "; ".join(fitted.said) or "not estimable")
            high = float(r.high[index]) if usable and np.isfinite(r.high[index]) else None
            out.append(
                Estimate(
                    result_id(f"{path}.hr", **keys),
                    f"{label}: hazard ratio",
                    float(r.hr[index]) if usable else None,
                    "ok" if usable else "not_estimable",
                    low=float(r.low[index]) if usable else None,
                    high=high,
                    level=0.95 if usable else None,
                    interval_method=band if usable else "",
                    method=how,
                    note=note,
                    **common,
                )
            )
            p = float(r.p[index]) if usable and np.isfinite(r.p[index]) else None
            out.append(
                Estimate(
                    result_id(f"{path}.p", **keys),
                    f"{label}: p",
                    p,
                    "ok" if p is not None else "not_estimable",
                    method=f"{test}, two-sided",
                    note=note,
                    **common,
                )
            )
            forest.append(
                {
                    "variable": term.info.key,
                    "level": level,
                    "reference": term.info.reference,
                    "hr": out[-2].value,
                    "low": out[-2].low,
                    "high": out[-2].high,
                    "p": p,
                }
            )
            index += 1
        if len(term.levels) > 1 and fitted.result is not None:
            found = {t.term: t for t in fitted.result.terms}.get(term.info.key)
            p = None if found is None or not np.isfinite(found.wald.p) else float(found.wald.p)
            out.append(
                Estimate(
                    result_id(f"{path}.p_overall", model=model, variable=term.info.key),
                    f"{info.label}, {term.info.label}: overall p",
                    p,
                    "ok" if p is not None else "not_estimable",
                    method=f"Wald test on {len(term.levels)} degrees of freedom",
                    n=fitted.n,
                    events=events,
                    population=COHORT,
                )
            )
    return out, forest


def _size(info: EndpointInfo, fitted: Fit, keys: dict[str, str], label: str) -> list[Estimate]:
    events = int(fitted.frame[f"{info.key}_event"].sum())
    return [
        Estimate(
            result_id(f"prognosis.{info.key}.{what}", **keys),
            f"{label}, {words}",
            value,
            n=fitted.n,
            excluded={"missing": fitted.missing} if fitted.missing else {},
            unit="patients",
            population=COHORT,
            method="count (complete cases)",
        )
        for what, words, value in (("n", "patients", fitted.n), ("events", "events", events))
    ]


def _per_level(
    info: EndpointInfo, variable: VariableInfo, frame: pl.DataFrame
) -> tuple[list[Estimate], list[Population]]:
    out: list[Estimate] = []
    populations: list[Population] = []
    for level, label in variable.levels.items():
        part = frame.filter(pl.col(variable.key) == level)
        keys = {"level": level, "variable": variable.key}
        name = result_id(f"prognosis.{info.key}.n", **keys)
        happened = part.filter(pl.col(f"{info.key}_event"))
        events = result_id(f"prognosis.{info.key}.events", **keys)
        for which, words, rows in ((name, "patients", part), (events, "events", happened)):
            populations.append(
                Population(which, f"{variable.label}: {label}", tuple(rows["patient"].to_list()))
            )
            out.append(
                Estimate(
                    which,
                    f"{info.label}, {variable.label}: {label}, {words}",
                    rows.height,
                    n=frame.height,
                    unit="patients",
                    population=COHORT,
                    members=which,
                    method="count",
                )
            )
    return out, populations


def _forest(info: EndpointInfo, model: str, rows: list[dict[str, Any]]) -> Curve:
    names = ("variable", "level", "reference", "hr", "low", "high", "p")
    return Curve(
        result_id(f"prognosis.{info.key}.forest", model=model),
        f"{info.label}: hazard ratios",
        {name: tuple(row[name] for row in rows) for name in names},
        population=COHORT,
    )


def _choose(
    protocol: Protocol, info: EndpointInfo, fits: dict[str, Fit], estimates: list[Estimate]
) -> list[str]:
    """Variables of the multivariable model."""
    assert protocol.prognosis is not None
    rule = protocol.prognosis
    if rule.selection == "prespecified":
        wanted = rule.multivariable or rule.candidates
        return [v for v in wanted if v in fits]
    ps = {e.id: e.value for e in estimates}
    chosen = []
    for name in rule.candidates:
        keys = {"model": "uni", "variable": name}
        p = ps.get(result_id(f"prognosis.{info.key}.p_overall", **keys))
        if p is None:
            p = ps.get(result_id(f"prognosis.{info.key}.p", **keys))
        if p is not None and p < rule.p_enter:
            chosen.append(name)
    return chosen


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
        why = fitted.why_not or "; ".join(fitted.said) or "not estimable"
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


def _whole_model(info: EndpointInfo, fitted: Fit) -> list[Estimate]:
    """Concordance and the test of proportional hazards of the multivariable model."""
    from oncohort.stats import concordance, ph_test

    result = fitted.result
    common: dict[str, Any] = {
        "n": fitted.n,
        "events": int(fitted.frame[f"{info.key}_event"].sum()),
        "population": COHORT,
    }
    out = []
    scale = DAYS_PER_UNIT["months"]
    entry = entry_times(fitted.frame, info.key, scale)
    risk = design_matrix(fitted.frame, list(fitted.terms)) @ result.coef
    c = concordance(
        fitted.frame[f"{info.key}_time"].to_numpy() / scale,
        fitted.frame[f"{info.key}_event"].to_numpy(),
        risk,
        entry=entry,
    )
    out.append(
        Estimate(
            result_id(f"prognosis.{info.key}.concordance", model="multi"),
            f"{info.label}, multivariable model: Harrell's C",
            float(c.c),
            low=max(0.0, float(c.low)) if np.isfinite(c.low) else None,
            high=min(1.0, float(c.high)) if np.isfinite(c.high) else None,
            level=c.level,
            interval_method="normal, infinitesimal jackknife",
            method="Harrell's C, apparent",
            **common,
        )
    )
    p = float(ph_test(result).overall.p)
    ok = np.isfinite(p)
    out.append(
        Estimate(
            result_id(f"prognosis.{info.key}.ph", model="multi"),
            f"{info.label}, multivariable model: proportional hazards, p",
            p if ok else None,
            "ok" if ok else "not_estimable",
            method="score test of proportional hazards (cox.zph, Kaplan-Meier transform), global",
            **common,
        )
    )
    return out


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> tuple[Result | None, tuple[Problem, ...]]:
    """Univariate models of all candidates, then the multivariable one, per endpoint.

    With ``selection = "screening"`` the multivariable model takes the candidates whose univariate
    p is below ``p_enter``; that is labelled, since it inflates false findings.
    """
    rule = protocol.prognosis
    if rule is None or not rule.candidates:
        return None, ()
    endpoints = [k for k in (rule.endpoints or list(cohort.endpoints)) if k in cohort.endpoints]
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    problems: list[Problem] = []
    for key in endpoints:
        if key in blocked:
            continue
        info = cohort.endpoints[key]
        frame = cohort.frame.filter(pl.col(f"{key}_time").is_not_null())
        if frame.is_empty():
            continue
        fits: dict[str, Fit] = {}
        forest: list[dict[str, Any]] = []
        mine: list[Estimate] = []
        for name in rule.candidates:
            variable = cohort.variables.get(name)
            if variable is None:
                continue
            fits[name] = fit(protocol, info, frame, [variable])
            es, rows = _estimates(protocol, info, "uni", fits[name])
            mine += es
            forest += rows
            label = f"{info.label}, {variable.label}"
            mine += _size(info, fits[name], {"model": "uni", "variable": name}, label)
            es, ps = _per_level(info, variable, frame)
            mine += es
            populations += ps
            problems += _said(key, name, fits[name])
        curves.append(_forest(info, "uni", forest))
        chosen = _choose(protocol, info, fits, mine)
        if rule.selection == "screening":
            problems += _not_screened(info, fits)
        if chosen:
            variables = [cohort.variables[v] for v in chosen]
            variables, said = _varying(info, frame, variables)
            problems += said
        if chosen and variables:
            whole = fit(protocol, info, frame, variables)
            es, rows = _estimates(protocol, info, "multi", whole)
            mine += es
            mine += _size(info, whole, {"model": "multi"}, f"{info.label}, multivariable model")
            curves.append(_forest(info, "multi", rows))
            if whole.result is not None and np.isfinite(whole.result.coef).all():
                mine += _whole_model(info, whole)
            problems += _said(key, "multivariable model", whole)
        estimates += mine
    if not estimates:
        return None, tuple(problems)
    selection = (
        "The multivariable model holds the candidates with univariate p below "
        f"{rule.p_enter:g} (screening; it tends to overstate effects)."
        if rule.selection == "screening"
        else "The variables of the multivariable model were specified in advance."
    )
    ties = (
        "Firth's penalised likelihood"
        if rule.penalty == "firth"
        else (f"{rule.ties.capitalize()} handling of ties")
    )
    tests = "penalised likelihood-ratio" if rule.penalty == "firth" else "Wald"
    methods = (
        f"Prognostic factors were examined by Cox proportional hazards regression with {ties}; "
        f"{tests} tests and 95% intervals, two-sided, complete cases. {selection}",
    )
    result = Result("prognosis", tuple(estimates), tuple(curves), tuple(populations), methods)
    return result, tuple(problems)


def _said(endpoint: str, name: str, fitted: Fit) -> list[Problem]:
    """What a reader of the regression must know, as problems of the study."""
    place = Place(file="study.toml", key="prognosis")
    texts = [*fitted.said, *([fitted.why_not] if fitted.why_not else [])]
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
