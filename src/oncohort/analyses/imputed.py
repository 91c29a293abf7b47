"""Multivariable Cox models after multiple imputation, pooled by Rubin's rules."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Fit, Term, contrasts, fit
from oncohort.analyses.result import Estimate, key_of
from oncohort.analyses.survival import entry_times
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol

if TYPE_CHECKING:
    from oncohort.stats.pooling import PooledTest

MONTE_CARLO = (
    "Monte Carlo error of the log hazard ratio, in percent of its standard error; below 10 is "
    "enough (White, Royston and Wood 2011, Stat Med 30:377)"
)
MUCH = 50
"""Percent of missing values above which the imputed ones say more than the charted ones."""


def _coded(frame: pl.DataFrame, variables: Sequence[VariableInfo]) -> np.ndarray[Any, Any]:
    """Values as numbers, levels as their place in order; NaN is missing."""
    columns = []
    for v in variables:
        if v.levels:
            place = {level: float(i) for i, level in enumerate(v.levels)}
            raw = [None if x is None else place.get(x) for x in frame[v.key].to_list()]
        else:
            raw = frame[v.key].to_list()
        columns.append(np.array([np.nan if x is None else float(x) for x in raw]))
    return np.column_stack(columns)


def _outcome(info: EndpointInfo, frame: pl.DataFrame) -> np.ndarray[Any, Any]:
    """Event indicator and Nelson-Aalen cumulative hazard at each patient's own time."""
    from oncohort.stats import nelson_aalen

    time = frame[f"{info.key}_time"].to_numpy()
    event = frame[f"{info.key}_event"].to_numpy()
    hazard = nelson_aalen(time, event, entry=entry_times(frame, info.key, 1.0))
    at = np.searchsorted(hazard.time, time, side="right") - 1
    own = np.where(at >= 0, hazard.hazard[np.maximum(at, 0)], 0.0)
    return np.column_stack([event.astype(float), own])


def _filled(
    frame: pl.DataFrame, variables: Sequence[VariableInfo], values: np.ndarray[Any, Any]
) -> pl.DataFrame:
    """The frame with the values of one completed data set."""
    columns = []
    for j, v in enumerate(variables):
        if v.levels:
            names = list(v.levels)
            columns.append(pl.Series(v.key, [names[int(x)] for x in values[:, j]]))
        else:
            columns.append(pl.Series(v.key, values[:, j]))
    return frame.with_columns(columns)


@dataclass(frozen=True, slots=True)
class Pooling:
    """Fits of the completed data sets, or the reason why there are none."""

    fits: tuple[Fit, ...] = ()
    why_not: str = ""
    method: str = ""


def _fits(
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    chosen: list[VariableInfo],
    strata: Sequence[VariableInfo],
    helping: Sequence[VariableInfo],
) -> Pooling:
    from oncohort.stats import impute

    rule = protocol.missing
    assert rule is not None
    variables = list({v.key: v for v in (*chosen, *strata, *helping)}.values())
    empty = [v.label for v in variables if not frame[v.key].count()]
    if empty:
        return Pooling(why_not=f"{', '.join(empty)}: no value at all to impute from")
    if not frame[f"{info.key}_event"].any():
        return Pooling(why_not="no event")
    try:
        done = impute(
            _coded(frame, variables),
            [len(v.levels) if v.levels else None for v in variables],
            complete=_outcome(info, frame),
            imputations=rule.imputations,
            iterations=rule.iterations,
            # The endpoint's key: its numbers do not depend on which endpoints stand beside it.
            seed=(protocol.study.seed, zlib.crc32(info.key.encode())),
        )
    except (OncohortError, np.linalg.LinAlgError) as error:
        return Pooling(why_not=str(error))
    fits = tuple(
        fit(protocol, info, _filled(frame, variables, values), chosen, strata=strata)
        for values in done.values
    )
    return Pooling(fits, "", done.method)


def imputed(
    protocol: Protocol,
    cohort: Cohort,
    info: EndpointInfo,
    frame: pl.DataFrame,
    chosen: list[VariableInfo],
    strata: Sequence[VariableInfo],
) -> tuple[list[Estimate], list[Problem]]:
    """Pooled hazard ratios beside those of complete cases; nothing where no value is missing."""
    rule = protocol.missing
    needed = [*chosen, *strata]
    incomplete = frame.height - frame.drop_nulls([v.key for v in needed]).height
    if rule is None or not rule.imputations or not incomplete:
        return [], []
    known = cohort.meaning.variables
    helping = [known[k] for k in rule.auxiliary if k in known]
    pooling = _fits(protocol, info, frame, chosen, strata, helping)
    common: dict[str, Any] = {
        "n": frame.height,
        "events": int(frame[f"{info.key}_event"].sum()),
        "population": COHORT,
    }
    label = f"{info.label}, multivariable model, imputed"
    sizes = [
        Estimate(
            key_of("prognosis", info.key, what, model="imputed"),
            f"{label}, {words}",
            value,
            kind="count",
            unit="patients",
            method="count (all patients)",
            **{k: v for k, v in common.items() if k != "events"},
        )
        for what, words, value in (
            ("n", "patients", frame.height),
            ("events", "events", common["events"]),
        )
    ]
    pooled = _pooled(info, chosen, pooling, common)
    return [*sizes, *pooled], _doubts(protocol, info, frame, needed, incomplete)


def _usable(pooling: Pooling) -> tuple[list[Any], str]:
    """Results of all fits, or why they can't be pooled."""
    if pooling.why_not:
        return [], pooling.why_not
    results = [f.result for f in pooling.fits]
    bad = [
        f for f, r in zip(pooling.fits, results, strict=True)
        if r is None or not np.isfinite(r.coef).all() or not np.isfinite(r.se).all()
    ]  # fmt: skip
    if bad:
        why = bad[0].why_not or "; ".join(bad[0].said) or "a coefficient has no finite estimate"
        return [], f"not estimable in {len(bad)} of {len(results)} imputed data sets ({why})"
    if len({r.names for r in results}) > 1:
        return [], "the imputed data sets do not have the same levels"
    return results, ""


def _pooled(
    info: EndpointInfo, chosen: list[VariableInfo], pooling: Pooling, common: dict[str, Any]
) -> list[Estimate]:
    """Hazard ratio, p, share of missing information and Monte Carlo error of each contrast."""
    from oncohort.stats import pool

    results, why = _usable(pooling)
    if why:
        return [e for v in chosen for e in _nothing(info, v, why, common)]
    coef = np.array([r.coef for r in results])
    cov = np.array([r.covariance for r in results])
    terms = pooling.fits[0].terms
    places = contrasts(terms)
    weights = np.array([c.weights for c in places])
    q = coef @ weights.T
    u = np.einsum("cj,mjk,ck->mc", weights, cov, weights)
    done = pool(q, u, df_complete=max(common["events"] - coef.shape[1], 1))
    error = 100 * np.sqrt(done.between / done.imputations) / done.se
    joint = _joint(terms, coef, cov)
    out: list[Estimate] = []
    how = f"Cox regression. {pooling.method} {done.method}"
    for i, place in enumerate(places):
        name = place.term.info.key
        test = joint.get(name) if place.column is None else None
        p, p_how = float(done.p[i]), f"t test of the pooled coefficient. {done.method}"
        if test is not None:  # the effect of a number by several columns
            p, p_how = test.p, test.method
        numbers: dict[str, tuple[float, Any, str]] = {
            "hr": (float(np.exp(done.estimate[i])), "ratio", how),
            "p": (p, "p", p_how),
            "fmi": (float(done.fmi[i]), "value", "fraction of missing information"),
            "mc_error": (float(error[i]), "percentage", MONTE_CARLO),
        }
        ends = {"low": float(np.exp(done.low[i])), "high": float(np.exp(done.high[i]))}
        for what, (value, kind, method) in numbers.items():
            band = ends | {"level": 0.95, "interval_method": "t, pooled"} if what == "hr" else {}
            out.append(
                _number(
                    info, place.term.info, place.level, what, value, kind, common, method, **band
                )
            )
    for term in terms:
        if len(term.levels) > 1:
            test = joint[term.info.key]
            name = term.info.key
            key = key_of("prognosis", info.key, "p_overall", model="imputed", variable=name)
            text = f"{info.label}, {term.info.label}: overall p, imputed"
            out.append(Estimate(key, text, test.p, kind="p", method=test.method, **common))
    return out


def _joint(
    terms: Sequence[Term], coef: np.ndarray[Any, Any], cov: np.ndarray[Any, Any]
) -> dict[str, PooledTest]:
    """The pooled test of each term that has several columns."""
    from oncohort.stats import pool_test

    out: dict[str, PooledTest] = {}
    at = 0
    for term in terms:
        end = at + len(term.columns)
        if end - at > 1:
            out[term.info.key] = pool_test(coef[:, at:end], cov[:, at:end, at:end])
        at = end
    return out


def _number(
    info: EndpointInfo,
    variable: VariableInfo,
    contrast: str | None,
    what: str,
    value: float | None,
    kind: Any,
    common: dict[str, Any],
    method: str,
    **band: Any,
) -> Estimate:
    levels = {"model": "imputed", "variable": variable.key}
    if contrast is not None and len(variable.levels) > 2:
        levels["level"] = contrast
    text = f"{info.label}, {variable.label}"
    if contrast is not None:
        reference = variable.levels.get(variable.reference or "", "")
        text += f", {variable.levels[contrast]} against {reference}"
    words = {"hr": "hazard ratio", "p": "p", "fmi": "fraction of missing information"}
    return Estimate(
        key_of("prognosis", info.key, what, **levels),
        f"{text}: {words.get(what, 'Monte Carlo error')}, imputed",
        value,
        "ok" if value is not None else "not_estimable",
        kind=kind,
        method=method,
        **common | band,
    )


def _nothing(
    info: EndpointInfo, variable: VariableInfo, why: str, common: dict[str, Any]
) -> list[Estimate]:
    """The numbers of a variable whose models could not be pooled."""
    levels: list[str | None] = [v for v in variable.levels if v != variable.reference]
    kinds = {"hr": "ratio", "p": "p", "fmi": "value", "mc_error": "percentage"}
    return [
        _number(info, variable, level, what, None, kind, common, "multiple imputation", note=why)
        for level in levels or [None]
        for what, kind in kinds.items()
    ]


def _doubts(
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    variables: Sequence[VariableInfo],
    incomplete: int,
) -> list[Problem]:
    """Too few data sets for so many gaps, and variables that are mostly missing."""
    assert protocol.missing is not None
    place = Place(file="study.toml", key="missing.imputations")
    share = 100 * incomplete / frame.height
    out = []
    if protocol.missing.imputations < share:
        out.append(
            problem(
                "missing.few-imputations",
                place=place,
                endpoint=info.label,
                n=protocol.missing.imputations,
                percent=f"{share:.0f}",
            )
        )
    for v in variables:
        gone = 100 * frame[v.key].null_count() / frame.height
        if gone > MUCH:
            out.append(
                problem(
                    "missing.mostly",
                    place=place,
                    endpoint=info.label,
                    label=v.label,
                    percent=f"{gone:.0f}",
                )
            )
    return out
