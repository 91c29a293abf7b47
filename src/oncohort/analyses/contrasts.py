"""Arms set beside a reference: hazard ratios, p-values and sizes as estimates."""

from __future__ import annotations

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT, count
from oncohort.analyses.cox_models import Fit, effect_at
from oncohort.analyses.result import Estimate, Fields, Population, key_of
from oncohort.endpoints.cohort import EndpointInfo, VariableInfo


def ratio_at(fitted: Fit, i: int) -> Fields:
    """Value, interval and state of one hazard ratio of a fit, as fields of an estimate.

    A ratio without a finite estimate (no event in an arm) is not estimable, with its reason.
    """
    found = effect_at(fitted.result, i)
    if found.hr is None:
        why = fitted.why_not or "; ".join(fitted.warnings) or "not estimable"
        return {"value": None, "state": "not_estimable", "note": why}
    return {"value": found.hr, "low": found.low, "high": found.high, "level": 0.95}


def p_at(fitted: Fit, i: int) -> Fields:
    """Value and state of one p-value of a fit, as fields of an estimate."""
    r = fitted.result
    if r is None or not np.isfinite(r.p[i]) or not np.isfinite(r.coef[i]):
        why = fitted.why_not or "; ".join(fitted.warnings) or "not estimable"
        return {"value": None, "state": "not_estimable", "note": why}
    return {"value": float(r.p[i])}


def ratios(
    path: tuple[str, ...],
    label: str,
    arm: VariableInfo,
    fitted: Fit,
    info: EndpointInfo,
    **levels: str,
) -> list[Estimate]:
    """The hazard ratio and p of each arm against the reference."""
    firth = fitted.penalised
    common: Fields = {
        "n": fitted.n,
        "events": int(fitted.frame[f"{info.key}_event"].sum()),
        "excluded": {"missing": fitted.missing} if fitted.missing else {},
        "population": COHORT,
    }
    strata = ", stratified" if fitted.strata else ""
    out = []
    columns = fitted.terms[0].levels if fitted.terms else ()
    for level in (v for v in arm.levels if v != arm.reference):
        text = f"{label}, {arm.levels[level]} against {arm.levels.get(arm.reference or '', '')}"
        if level in columns:
            i = columns.index(level)
            hr, p = ratio_at(fitted, i), p_at(fitted, i)
        else:
            gone = {"value": None, "state": "not_estimable", "note": "nobody is in this arm"}
            hr = p = gone
        out.append(
            Estimate(
                key_of(*path, "hr", arm=level, **levels),
                f"{text}: hazard ratio",
                kind="ratio",
                method=f"Cox regression{strata}",
                interval_method="profile penalised likelihood" if firth else "Wald",
                **common | hr,
            )
        )
        test = "penalised likelihood-ratio test" if firth else "Wald test"
        out.append(
            Estimate(
                key_of(*path, "p", arm=level, **levels),
                f"{text}: p",
                kind="p",
                method=f"{test}{strata}, two-sided",
                **common | p,
            )
        )
    return out


def sizes(
    path: tuple[str, ...],
    label: str,
    arm: VariableInfo,
    rows: pl.DataFrame,
    event: str,
    **levels: str,
) -> tuple[list[Estimate], list[Population]]:
    """Patients and events of each arm."""
    out: list[Estimate] = []
    who: list[Population] = []
    for level, name in arm.levels.items():
        part = rows.filter(pl.col(arm.key) == level)
        for what, words, counted in (
            ("n", "patients", part),
            ("events", "events", part.filter(pl.col(event))),
        ):
            number, members = count(
                (*path, what),
                f"{label}, {name}: {words}",
                counted["patient"].to_list(),
                arm=level,
                **levels,
            )
            out.append(number)
            who.append(members)
    return out, who
