"""Multivariable models after multiple imputation, pooled by Rubin's rules."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from typing import Protocol as Protocol_

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Term, contrasts, fit
from oncohort.analyses.result import Estimate, Fields, Kind, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.missing import Missing
from oncohort.protocol.number_style import Style, style_of

if TYPE_CHECKING:
    from oncohort.stats._coefficients import Coefficients
    from oncohort.stats.pooling import PooledTest

MONTE_CARLO = (
    "Monte Carlo error of the log ratio, in percent of its standard error; below 10 is "
    "enough (White, Royston and Wood 2011, Stat Med 30:377)"
)
MUCH = 50
"""Percent of missing values above which the imputed ones say more than the charted ones."""


Floats = npt.NDArray[np.float64]


class Fitted(Protocol_):
    """What a fit of any model has."""

    @property
    def terms(self) -> tuple[Term, ...]: ...
    @property
    def result(self) -> Coefficients | None: ...
    @property
    def why_not(self) -> str: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Model:
    """A multivariable model as imputation sees it.

    Attributes
    ----------
    section, key, label
        Where its numbers belong.
    ratio
        Last part of the ids of its ratios, ``hr`` or ``or``, and the words for it.
    frame
        All patients with an outcome.
    events
        Those with the event.
    outcome
        ``(n, q)`` what of the outcome the imputation has to know.
    fit
        Fits a completed frame.
    split
        Coefficients and covariance of a result, without an intercept.
    df
        Degrees of freedom of complete data, by the number of coefficients.
    """

    section: str
    key: str
    label: str
    ratio: tuple[str, str]
    method: str
    frame: pl.DataFrame
    events: int
    outcome: Floats
    fit: Callable[[pl.DataFrame], Fitted]
    split: Callable[[Coefficients], tuple[Floats, Floats]]
    df: Callable[[int], float]


def cox_model(
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    chosen: list[VariableInfo],
    strata: Sequence[VariableInfo],
) -> Model:
    """The multivariable Cox model of an endpoint."""
    events = int(frame[f"{info.key}_event"].sum())
    return Model(
        "prognosis",
        info.key,
        info.label,
        ("hr", "hazard ratio"),
        "Cox regression",
        frame,
        events,
        survival_outcome(info, frame),
        lambda filled: fit(protocol, info, filled, chosen, strata=strata),
        lambda result: (result.coef, result.covariance),
        lambda k: max(events - k, 1),
    )


def _coded(frame: pl.DataFrame, variables: Sequence[VariableInfo]) -> Floats:
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


def survival_outcome(info: EndpointInfo, frame: pl.DataFrame) -> Floats:
    """Event indicator and Nelson-Aalen cumulative hazard at each patient's own time."""
    from oncohort.stats import nelson_aalen

    time = frame[f"{info.key}_time"].to_numpy()
    event = frame[f"{info.key}_event"].to_numpy()
    hazard = nelson_aalen(time, event, entry=entry_times(frame, info.key, 1.0))
    at = np.searchsorted(hazard.time, time, side="right") - 1
    own = np.where(at >= 0, hazard.hazard[np.maximum(at, 0)], 0.0)
    return np.column_stack([event.astype(float), own])


def _filled(frame: pl.DataFrame, variables: Sequence[VariableInfo], values: Floats) -> pl.DataFrame:
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

    fits: tuple[Fitted, ...] = ()
    why_not: str = ""
    method: str = ""


def _fits(rule: Missing, seed: int, model: Model, variables: Sequence[VariableInfo]) -> Pooling:
    """The model of each completed data set."""
    from oncohort.stats import impute

    empty = [v.label for v in variables if not model.frame[v.key].count()]
    if empty:
        return Pooling(why_not=f"{', '.join(empty)}: no value at all to impute from")
    if not model.events:
        return Pooling(why_not="no event")
    try:
        done = impute(
            _coded(model.frame, variables),
            [len(v.levels) if v.levels else None for v in variables],
            complete=model.outcome,
            imputations=rule.imputations,
            iterations=rule.iterations,
            # The key: numbers of one outcome do not depend on which others stand beside it.
            seed=(seed, zlib.crc32(model.key.encode())),
        )
    except (OncohortError, np.linalg.LinAlgError) as error:
        return Pooling(why_not=str(error))
    fits = tuple(model.fit(_filled(model.frame, variables, values)) for values in done.values)
    return Pooling(fits, "", done.method)


def imputed(
    protocol: Protocol,
    cohort: Cohort,
    model: Model,
    chosen: Sequence[VariableInfo],
    strata: Sequence[VariableInfo] = (),
) -> tuple[list[Estimate], list[Problem]]:
    """Pooled ratios beside those of complete cases; nothing where no value is missing."""
    rule, frame = protocol.missing, model.frame
    needed = [*chosen, *strata]
    incomplete = frame.height - frame.drop_nulls([v.key for v in needed]).height
    if rule is None or not rule.imputations or not incomplete:
        return [], []
    known = cohort.meaning.variables
    helping = [known[k] for k in rule.auxiliary if k in known]
    variables = list({v.key: v for v in (*needed, *helping)}.values())
    pooling = _fits(rule, protocol.study.seed, model, variables)
    common: Fields = {"n": frame.height, "population": COHORT}
    label = f"{model.label}, multivariable model, imputed"
    sizes = [
        Estimate(
            key_of(model.section, model.key, what, model="imputed"),
            f"{label}, {what if what == 'events' else 'patients'}",
            value,
            kind="count",
            unit="patients",
            method="count (all patients)",
            **common,
        )
        for what, value in (("n", frame.height), ("events", model.events))
    ]
    pooled = _pooled(model, chosen, pooling, common | {"events": model.events})
    return [*sizes, *pooled], _doubts(rule, model, needed, incomplete, style_of(protocol.style))


def _usable(model: Model, pooling: Pooling) -> tuple[list[tuple[Floats, Floats]], str]:
    """Coefficients and covariances of all fits, or why they can't be pooled."""
    if pooling.why_not:
        return [], pooling.why_not
    found = [(f, None if f.result is None else model.split(f.result)) for f in pooling.fits]
    good = [s for _, s in found if s is not None and all(np.isfinite(part).all() for part in s)]
    if len(good) < len(found):
        bad = next(f for f, s in found if s is None or not np.isfinite(s[0]).all())
        why = bad.why_not or "; ".join(bad.warnings) or "a coefficient has no finite estimate"
        many = f"{len(found) - len(good)} of {len(found)}"
        return [], f"not estimable in {many} imputed data sets ({why})"
    if len({tuple(c for t in f.terms for c in t.columns) for f in pooling.fits}) > 1:
        return [], "the imputed data sets do not have the same levels"
    return good, ""


def _pooled(
    model: Model, chosen: Sequence[VariableInfo], pooling: Pooling, common: Fields
) -> list[Estimate]:
    """Ratio, p, share of missing information and Monte Carlo error of each contrast."""
    from oncohort.stats import pool

    results, why = _usable(model, pooling)
    if why:
        return [e for v in chosen for e in _nothing(model, v, why, common)]
    coef, cov = (np.array(part) for part in zip(*results, strict=True))
    terms = pooling.fits[0].terms
    places = contrasts(terms)
    weights = np.array([c.weights for c in places])
    u = np.einsum("cj,mjk,ck->mc", weights, cov, weights)
    done = pool(coef @ weights.T, u, df_complete=model.df(coef.shape[1]))
    error = 100 * np.sqrt(done.between / done.imputations) / done.se
    joint = _joint(terms, coef, cov)
    out: list[Estimate] = []
    for i, place in enumerate(places):
        test = joint.get(place.term.info.key) if place.column is None else None
        p, p_how = float(done.p[i]), f"t test of the pooled coefficient. {done.method}"
        if test is not None:  # the effect of a number by several columns
            p, p_how = test.p, test.method
        of = (model, place.term.info, place.level)
        out += [
            _number(
                *of,
                model.ratio[0],
                float(np.exp(done.estimate[i])),
                common,
                f"{model.method}. {pooling.method} {done.method}",
                low=float(np.exp(done.low[i])),
                high=float(np.exp(done.high[i])),
                level=0.95,
                interval_method="t, pooled",
            ),
            _number(*of, "p", p, common, p_how),
            _number(*of, "fmi", float(done.fmi[i]), common, "fraction of missing information"),
            _number(*of, "mc_error", float(error[i]), common, MONTE_CARLO),
        ]
    for term in terms:
        if len(term.levels) > 1:
            name, test = term.info.key, joint[term.info.key]
            key = key_of(model.section, model.key, "p_overall", model="imputed", variable=name)
            text = f"{model.label}, {term.info.label}: overall p, imputed"
            out.append(Estimate(key, text, test.p, kind="p", method=test.method, **common))
    return out


def _joint(terms: Sequence[Term], coef: Floats, cov: Floats) -> dict[str, PooledTest]:
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


KINDS: dict[str, Kind] = {"p": "p", "fmi": "value", "mc_error": "percentage"}
WORDS = {"p": "p", "fmi": "fraction of missing information", "mc_error": "Monte Carlo error"}


def _number(
    model: Model,
    variable: VariableInfo,
    contrast: str | None,
    what: str,
    value: float | None,
    common: Fields,
    method: str,
    **band: object,
) -> Estimate:
    levels = {"model": "imputed", "variable": variable.key}
    if contrast is not None and len(variable.levels) > 2:
        levels["level"] = contrast
    text = f"{model.label}, {variable.label}"
    if contrast is not None:
        reference = variable.levels.get(variable.reference or "", "")
        text += f", {variable.levels[contrast]} against {reference}"
    return Estimate(
        key_of(model.section, model.key, what, **levels),
        f"{text}: {WORDS.get(what, model.ratio[1])}, imputed",
        value,
        "ok" if value is not None else "not_estimable",
        kind=KINDS.get(what, "ratio"),
        method=method,
        **common | band,
    )


def _nothing(model: Model, variable: VariableInfo, why: str, common: Fields) -> list[Estimate]:
    """The numbers of a variable whose models could not be pooled."""
    levels: list[str | None] = [v for v in variable.levels if v != variable.reference]
    return [
        _number(model, variable, level, what, None, common, "multiple imputation", note=why)
        for level in levels or [None]
        for what in (model.ratio[0], *KINDS)
    ]


def _doubts(
    rule: Missing,
    model: Model,
    variables: Sequence[VariableInfo],
    incomplete: int,
    style: Style,
) -> list[Problem]:
    """Too few data sets for so many gaps, and variables that are mostly missing."""
    place = Place(file="study.toml", key="missing.imputations")
    height = model.frame.height
    share = 100 * incomplete / height
    out = []
    if rule.imputations < share:
        out.append(
            problem(
                "missing.few-imputations",
                place=place,
                endpoint=model.label,
                n=rule.imputations,
                percent=style.percent(share, height),
                least=math.ceil(share),
            )
        )
    for v in variables:
        gone = 100 * model.frame[v.key].null_count() / height
        if gone > MUCH:
            out.append(
                problem(
                    "missing.mostly",
                    place=place,
                    endpoint=model.label,
                    label=v.label,
                    percent=style.percent(gone, height),
                )
            )
    return out
