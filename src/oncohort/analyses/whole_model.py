"""What is said of a multivariable Cox model as a whole: concordance, proportional hazards."""

from __future__ import annotations

import numpy as np

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Fit, design_matrix, stratum_labels
from oncohort.analyses.result import Estimate, Fields, key_of
from oncohort.analyses.survival import entry_times
from oncohort.endpoints.cohort import EndpointInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol.number_style import Style
from oncohort.vocabulary.times import DAYS_PER_UNIT

NOT_PROPORTIONAL = 0.05
"""Bound of p below which the hazards of a term, or of the model, may not be proportional."""


def _common(info: EndpointInfo, fitted: Fit) -> Fields:
    return {
        "n": fitted.n,
        "events": int(fitted.frame[f"{info.key}_event"].sum()),
        "population": COHORT,
    }


def concordance_of(info: EndpointInfo, fitted: Fit) -> Estimate:
    """Harrell's C of the model, or why there is none."""
    from oncohort.stats import concordance

    key = key_of("prognosis", info.key, "concordance", model="multi")
    label = f"{info.label}, multivariable model: Harrell's C"
    common = _common(info, fitted) | {"kind": "value", "method": "Harrell's C, apparent"}
    if not np.isfinite(fitted.model.coef).all():
        why = "; ".join(fitted.warnings) or "a coefficient has no finite estimate"
        return Estimate(key, label, None, "not_estimable", note=why, **common)
    scale = DAYS_PER_UNIT["months"]
    risk = design_matrix(fitted.frame, list(fitted.terms)) @ fitted.model.coef
    c = concordance(
        fitted.frame[f"{info.key}_time"].to_numpy() / scale,
        fitted.frame[f"{info.key}_event"].to_numpy(),
        risk,
        entry=entry_times(fitted.frame, info.key, scale),
        strata=stratum_labels(fitted.frame, fitted.strata),
    )
    return Estimate(
        key,
        label,
        float(c.c),
        low=max(0.0, float(c.low)) if np.isfinite(c.low) else None,
        high=min(1.0, float(c.high)) if np.isfinite(c.high) else None,
        level=c.level,
        interval_method="normal, infinitesimal jackknife",
        **common,
    )


def proportional(
    info: EndpointInfo, fitted: Fit, style: Style
) -> tuple[list[Estimate], list[Problem]]:
    """The tests of proportional hazards: global, and of each term where there are several.

    A term with a small p counts even where the global test, which spreads over all terms, is not
    small.
    """
    from oncohort.stats import ph_test

    common = _common(info, fitted) | {"kind": "p"}
    method = "score test of proportional hazards (cox.zph, Kaplan-Meier transform)"
    names = {t.info.key: t.info.label for t in fitted.terms}
    found: dict[str, float] = {}
    why, overall = "the calculation gave no finite number", float("nan")
    try:
        test = ph_test(fitted.model)
        found, overall = {t.name: float(t.p) for t in test.terms}, float(test.overall.p)
    except OncohortError as error:
        why = str(error)
    path = ("prognosis", info.key, "ph")

    def number(label: str, p: float, how: str, **levels: str) -> Estimate:
        ok = bool(np.isfinite(p))
        return Estimate(
            key_of(*path, model="multi", **levels),
            label,
            p if ok else None,
            "ok" if ok else "not_estimable",
            method=f"{method}, {how}",
            note="" if ok else why,
            **common,
        )

    whole = f"{info.label}, multivariable model: proportional hazards, p"
    out = [number(whole, overall, "global")]
    if len(names) > 1:
        for key, label in names.items():
            text = f"{info.label}, {label}: proportional hazards, p"
            out.append(number(text, found.get(key, float("nan")), "of the term", variable=key))
    return out, _not_proportional(info, out, names, style)


def _not_proportional(
    info: EndpointInfo, tests: list[Estimate], names: dict[str, str], style: Style
) -> list[Problem]:
    """The warning, with what can be done about it."""
    small = [t for t in tests if t.value is not None and t.value < NOT_PROPORTIONAL]
    if not small:
        return []
    terms = [k for t in small if (k := t.key.get("variable")) is not None] or list(names)
    return [
        problem(
            "prognosis.not-proportional",
            place=Place(file="study.toml", key="prognosis"),
            endpoint=info.label,
            terms=[names[k] for k in terms],
            p=style.p(min(t.value for t in small if t.value is not None)),
            key=terms[0],
        )
    ]
