"""Odds ratios of binary outcomes: univariable models of all candidates, then the multivariable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Contrast, Term, contrasts, design_matrix, term_of
from oncohort.analyses.fit_warnings import fit_warnings
from oncohort.analyses.imputed import Model, imputed
from oncohort.analyses.model_numbers import (
    compared,
    forest,
    forest_row,
    levels_of,
    per_level,
    screened,
)
from oncohort.analyses.outcomes import outcome_of
from oncohort.analyses.result import Estimate, Fields, Population, Result, State, key_of
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.outcomes import Logistic
from oncohort.stats.distributions import ndtr, ndtri

if TYPE_CHECKING:
    from oncohort.stats.logistic_result import LogisticResult

HAS = "_has"
"""Column of the frames of this module: whether the patient has the outcome."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome as the models see it: its key, its label, the patients in whom it is known."""

    key: str
    label: str
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model with its terms, or the reason why there is none."""

    terms: tuple[Term, ...]
    frame: pl.DataFrame
    missing: int
    result: LogisticResult | None = None
    why_not: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def model(self) -> LogisticResult:
        """The fitted model.

        Raises
        ------
        ValueError
            There is none.
        """
        if self.result is None:
            raise ValueError(self.why_not)
        return self.result

    @property
    def common(self) -> Fields:
        """What all numbers of the model share."""
        return {
            "n": self.frame.height,
            "events": int(self.frame[HAS].sum()),
            "excluded": {"missing": self.missing} if self.missing else {},
            "population": COHORT,
        }


def _unable(frame: pl.DataFrame, terms: list[Term]) -> str:
    """Why no model can be fitted; empty where one can."""
    if not frame.height or frame[HAS].n_unique() < 2:
        return "all patients with known values have the outcome, or none has"
    flat = [
        t.info.label
        for t in terms
        if (t.info.levels and not t.levels)
        or (t.info.kind == "continuous" and frame[t.info.key].n_unique() < 2)
    ]
    if flat:
        return f"{', '.join(flat)}: only one level among the patients with known values"
    return "; ".join(
        f"{t.info.label}: nobody with known values has the reference level "
        f'"{t.info.levels.get(t.info.reference or "", t.info.reference)}"'
        for t in terms
        if t.levels and t.info.reference in t.absent
    )


def fit(rule: Logistic, outcome: Outcome, variables: list[VariableInfo]) -> Fit:
    """Fit one model on the patients who have all its values (complete cases)."""
    from oncohort.stats import logistic

    known = outcome.frame.drop_nulls([v.key for v in variables])
    missing = outcome.frame.height - known.height
    terms = [term_of(v, known) for v in variables]
    unable = _unable(known, terms)
    if unable:
        return Fit(tuple(terms), known, missing, None, unable)
    try:
        with fit_warnings() as raised:
            result = logistic(
                known[HAS].to_numpy(),
                design_matrix(known, terms),
                penalty=None if rule.penalty == "none" else rule.penalty,
                names=[c for t in terms for c in t.columns],
                terms={t.info.key: list(t.columns) for t in terms},
            )
    except OncohortError as error:
        return Fit(tuple(terms), known, missing, None, str(error))
    return Fit(tuple(terms), known, missing, result, "", tuple(raised))


@dataclass(frozen=True, slots=True)
class Ratio:
    """A log odds ratio with its interval and its p-value; not finite where it can't be had."""

    coef: float
    low: float
    high: float
    p: float


def _ratio(fitted: Fit, place: Contrast) -> Ratio | None:
    """The ratio of one contrast: a coefficient, or, of a spline, what its columns come to."""
    r = fitted.result
    if r is None:
        return None
    i = place.column
    if i is not None:
        low, high = (float(v) for v in r.coef_interval[i])
        found = Ratio(float(r.coef[i]), low, high, float(r.p[i]))
    else:
        coef = float(place.weights @ r.coef)
        se = float(place.weights @ r.covariance[1:, 1:] @ place.weights) ** 0.5
        half = float(ndtri(0.975)) * se
        found = Ratio(coef, coef - half, coef + half, float(2 * ndtr(-abs(coef / se))))
    return found if np.isfinite([found.coef, found.low]).all() else None


def _wording(rule: Logistic) -> tuple[str, str, str]:
    """Method, interval, test."""
    if rule.penalty == "firth":
        return (
            "logistic regression, Firth's penalised likelihood",
            "profile penalised likelihood",
            "penalised likelihood-ratio test",
        )
    return "logistic regression", "Wald", "Wald test"


def _estimates(
    rule: Logistic, outcome: Outcome, model: str, fitted: Fit
) -> tuple[list[Estimate], list[Fields]]:
    """Odds ratios and p-values of one model, and its rows for the forest plot."""
    out: list[Estimate] = []
    rows: list[Fields] = []
    method, band, test = _wording(rule)
    for place in contrasts(fitted.terms):
        levels = levels_of(place, model=model)
        found = _ratio(fitted, place)
        why = fitted.why_not or ("" if found else "; ".join(fitted.warnings) or "not estimable")
        common = fitted.common | {"note": why}
        path, label = ("logistic", outcome.key), f"{outcome.label}, {compared(place)}"
        ratio = Estimate(
            key_of(*path, "or", **levels),
            f"{label}: odds ratio",
            float(np.exp(found.coef)) if found else None,
            "ok" if found else "not_estimable",
            kind="ratio",
            low=float(np.exp(found.low)) if found else None,
            high=float(np.exp(found.high)) if found else None,
            level=0.95 if found else None,
            interval_method=(band if place.column is not None else "Wald") if found else "",
            method=method,
            **common,
        )
        p = found.p if found is not None and np.isfinite(found.p) else None
        state: State = "ok" if p is not None else "not_estimable"
        key = key_of(*path, "p", **levels)
        words = f"{test}, two-sided"
        out += [ratio, Estimate(key, f"{label}: p", p, state, kind="p", method=words, **common)]
        rows.append(forest_row(place, "or", ratio, p))
    if fitted.result is not None:
        out += [_overall(outcome, model, fitted, t) for t in fitted.terms if _several(t)]
    return out, rows


def _several(term: Term) -> bool:
    """Does the term have a joint test of its own?"""
    return len(term.info.levels) > 2 or len(term.columns) > 1


def _overall(outcome: Outcome, model: str, fitted: Fit, term: Term) -> Estimate:
    """The joint test of a term with several columns."""
    found = {t.term: t for t in fitted.model.term_tests}[term.info.key].test
    p = float(found.p) if np.isfinite(found.p) else None
    return Estimate(
        key_of("logistic", outcome.key, "p_overall", model=model, variable=term.info.key),
        f"{outcome.label}, {term.info.label}: overall p",
        p,
        "ok" if p is not None else "not_estimable",
        kind="p",
        method=f"{found.name} test on {found.df} degrees of freedom",
        **fitted.common,
    )


def _size(outcome: Outcome, fitted: Fit, levels: dict[str, str], label: str) -> list[Estimate]:
    """Patients and events of a model."""
    common = fitted.common | {"kind": "count", "unit": "patients", "method": "count"}
    return [
        Estimate(key_of("logistic", outcome.key, what, **levels), f"{label}, {words}", n, **common)
        for what, words, n in (
            ("n", "patients", fitted.frame.height),
            ("events", "with the outcome", int(fitted.frame[HAS].sum())),
        )
    ]


def _chosen(
    rule: Logistic, outcome: Outcome, fits: dict[str, Fit], estimates: list[Estimate]
) -> list[str]:
    """Variables of the multivariable model."""
    if rule.selection == "prespecified":
        return [v for v in rule.multivariable or rule.candidates if v in fits]
    return screened(("logistic", outcome.key), fits, rule.p_enter, estimates)


def fit_problems(outcome: Outcome, name: str, fitted: Fit) -> list[Problem]:
    """What a reader of the fit must know."""
    texts = [*fitted.warnings, *([fitted.why_not] if fitted.why_not else [])]
    return [
        problem(
            "logistic.fit",
            place=Place(file="study.toml", key="logistic"),
            outcome=outcome.label,
            name=name,
            reason=text.rstrip("."),
        )
        for text in texts
    ]


def _model(rule: Logistic, outcome: Outcome, chosen: list[VariableInfo]) -> Model:
    """The multivariable model, for imputation."""
    has = outcome.frame[HAS].to_numpy()
    return Model(
        "logistic",
        outcome.key,
        outcome.label,
        ("or", "odds ratio"),
        "Logistic regression",
        outcome.frame,
        int(has.sum()),
        has.astype(float)[:, None],
        lambda filled: fit(rule, replace(outcome, frame=filled), chosen),
        lambda result: (result.coef, result.covariance[1:, 1:]),
        lambda k: max(len(has) - k - 1, 1),
    )


def _outcome(protocol: Protocol, cohort: Cohort, outcome: Outcome) -> Result:
    """All models of one outcome."""
    assert protocol.logistic is not None
    rule = protocol.logistic
    fits: dict[str, Fit] = {}
    estimates: list[Estimate] = []
    populations: list[Population] = []
    problems: list[Problem] = []
    forest_rows: list[Fields] = []
    path, ratio = ("logistic", outcome.key), ("or", "odds ratios")
    variables = cohort.meaning.variables
    for name in (v for v in rule.candidates if v in variables):
        info = variables[name]
        fits[name] = fit(rule, outcome, [info])
        es, rows = _estimates(rule, outcome, "uni", fits[name])
        levels, ps = per_level(path, outcome.label, info, outcome.frame, (HAS, "with the outcome"))
        keys = {"model": "uni", "variable": name}
        size = _size(outcome, fits[name], keys, f"{outcome.label}, {info.label}")
        estimates += [*es, *size, *levels]
        populations += ps
        forest_rows += rows
        problems += fit_problems(outcome, info.label, fits[name])
    curves = [forest(path, outcome.label, ratio, "uni", forest_rows)]
    chosen = [variables[v] for v in _chosen(rule, outcome, fits, estimates)]
    if chosen:
        whole = fit(rule, outcome, chosen)
        es, rows = _estimates(rule, outcome, "multi", whole)
        label = f"{outcome.label}, multivariable model"
        estimates += [*es, *_size(outcome, whole, {"model": "multi"}, label)]
        curves.append(forest(path, outcome.label, ratio, "multi", rows))
        problems += fit_problems(outcome, "multivariable model", whole)
        pooled, doubts = imputed(protocol, cohort, _model(rule, outcome, chosen), chosen)
        estimates += pooled
        problems += doubts
    return Result(
        "logistic", tuple(estimates), tuple(curves), tuple(populations), problems=tuple(problems)
    )


def wanted(protocol: Protocol) -> list[str]:
    """The outcomes that get models, in the protocol's order."""
    rule = protocol.logistic
    return [] if rule is None else rule.outcomes or list(protocol.outcomes)


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Univariable models of all candidates, then the multivariable one, per outcome."""
    rule = protocol.logistic
    if rule is None or not rule.candidates:
        return None
    parts: list[Result] = []
    for key in wanted(protocol):
        found = outcome_of(protocol, cohort, key)
        if found is None or key in blocked:
            continue
        have, known = found.of(cohort.patients)
        frame = cohort.frame.filter(pl.col("patient").is_in(known)).with_columns(
            pl.col("patient").is_in(have).alias(HAS)
        )
        parts.append(_outcome(protocol, cohort, Outcome(key, found.label, frame)))
    if not any(part.estimates for part in parts):
        return None
    return Result(
        "logistic",
        tuple(e for part in parts for e in part.estimates),
        tuple(c for part in parts for c in part.curves),
        tuple(p for part in parts for p in part.populations),
        (_method(rule),),
        tuple(p for part in parts for p in part.problems),
    )


def _method(rule: Logistic) -> str:
    """What was done, in a sentence or two."""
    firth = rule.penalty == "firth"
    how = " with Firth's penalised likelihood" if firth else ""
    tests = "penalised likelihood-ratio tests and profile" if firth else "Wald tests and"
    selection = (
        f"Candidates with a univariable p below {rule.p_enter:g} entered the multivariable model "
        "(screening, which tends to overstate effects)."
        if rule.selection == "screening"
        else "The variables of the multivariable model were specified in advance."
    )
    return (
        f"Factors associated with binary outcomes were examined by logistic regression{how}; "
        f"{tests} 95% intervals, two-sided, complete cases. {selection}"
    )
