"""Endpoints of matched and weighted patients: hazard ratios with robust errors, and curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.fit_warnings import fit_warnings
from oncohort.analyses.result import Curve, Estimate, Fields, Kind, key_of
from oncohort.analyses.survival import entry_times
from oncohort.endpoints.cohort import EndpointInfo
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol
from oncohort.stats.inputs import Array
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.analyses.propensity import Sample, Scored
    from oncohort.stats._cox.result import CoxResult
    from oncohort.stats.curve_result import KaplanMeierResult


def outcomes(
    protocol: Protocol,
    info: EndpointInfo,
    scored: Scored,
    samples: Sequence[Sample],
    methods: Sequence[str],
) -> tuple[list[Estimate], list[Curve]]:
    """One endpoint, without adjustment and in each sample.

    Without a score the numbers of the samples are not estimable, with the reason.
    """
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    if len(scored.groups) == 2:
        for sample in samples:
            es, cs = _sample(protocol, info, scored, sample)
            estimates += es
            curves += cs
    done = {s.method for s in samples} if len(scored.groups) == 2 else set()
    for method in methods:
        if method not in done:
            for what, kind in RATIO_AND_P:
                estimates.append(_nothing(info, method, what, kind, scored.why_not))
    return estimates, curves


RATIO_AND_P: tuple[tuple[str, Kind], ...] = (("hr", "ratio"), ("p", "p"))


def _nothing(info: EndpointInfo, method: str, what: str, kind: Kind, why: str) -> Estimate:
    words = "hazard ratio" if what == "hr" else "p"
    return Estimate(
        key_of("propensity", info.key, what, method=method),
        f"{info.label}, {method}: {words}",
        None,
        "not_estimable",
        kind=kind,
        population=COHORT,
        note=why,
    )


def _sample(
    protocol: Protocol, info: EndpointInfo, scored: Scored, sample: Sample
) -> tuple[list[Estimate], list[Curve]]:
    """Sizes, hazard ratio and curves of one sample."""
    keep = (sample.weights > 0) & scored.frame[f"{info.key}_time"].is_not_null().to_numpy()
    if sample.pair is not None:  # a pair needs both of its patients
        full = {
            p for p in np.unique(sample.pair[keep]).tolist() if (sample.pair[keep] == p).sum() == 2
        }
        keep &= np.isin(sample.pair, sorted(full))
    rows = scored.frame.filter(pl.Series(keep))
    treated, weights = scored.treated[keep], sample.weights[keep]
    pair = None if sample.pair is None else sample.pair[keep]
    event = rows[f"{info.key}_event"].to_numpy()
    common: Fields = {
        "n": rows.height,
        "events": int(event.sum()),
        "population": COHORT,
    }
    path = ("propensity", info.key)
    label = f"{info.label}, {sample.method}"
    estimates = [
        Estimate(
            key_of(*path, what, method=sample.method),
            f"{label}: {words}",
            value,
            kind="count",
            unit="patients",
            n=rows.height,
            population=COHORT,
            method="count",
        )
        for what, words, value in (
            ("n", "patients", rows.height),
            ("events", "events", common["events"]),
        )
    ]
    estimates += _ratio(protocol, info, sample, rows, treated, weights, pair, common)
    curves: list[Curve] = []
    for i, group in enumerate(scored.groups):
        in_group = treated == bool(i)
        part = rows.filter(pl.Series(in_group))
        name = f"{label}, {scored.treatment.levels[group]}"
        if part.height:
            es, cs = _curve(protocol, info, part, weights[in_group], name, sample.method, group)
            estimates += es
            curves += cs
    return estimates, curves


def _fitted(
    protocol: Protocol,
    info: EndpointInfo,
    rows: pl.DataFrame,
    treated: Array,
    weights: Array | None,
    cluster: Array | None,
) -> tuple[CoxResult | None, str]:
    """The Cox model of the treatment, or none and why."""
    from oncohort.stats import cox

    if not rows.height or not rows[f"{info.key}_event"].any():
        return None, "no event"
    if treated.all() or not treated.any():
        return None, "one treatment only"
    declared = protocol.prognosis.ties if protocol.prognosis else "efron"
    try:
        with fit_warnings() as raised:
            result = cox(
                rows[f"{info.key}_time"].to_numpy(),
                rows[f"{info.key}_event"].to_numpy(),
                treated.astype(float),
                entry=entry_times(rows, info.key, 1.0),
                weights=weights,
                cluster=cluster,
                ties=declared if declared != "exact" else "efron",
            )
    except OncohortError as error:
        return None, str(error)
    if np.isfinite(result.coef[0]) and np.isfinite(result.se[0]):
        return result, ""
    return None, "; ".join(raised) or "no finite estimate"


def _ratio(
    protocol: Protocol,
    info: EndpointInfo,
    sample: Sample,
    rows: pl.DataFrame,
    treated: Array,
    weights: Array,
    pair: Array | None,
    common: Fields,
) -> list[Estimate]:
    """The hazard ratio: of pairs with clusters, of weights with the robust variance."""
    adjusted = sample.pair is not None or not (sample.weights == 1).all()
    how = "Cox regression"
    cluster: Array | None = None
    if sample.pair is not None:
        cluster = pair
        how += ", robust standard errors by pair"
    elif adjusted:
        cluster = np.arange(rows.height)
        how += ", weighted, robust standard errors"
    weighted = weights if adjusted and sample.pair is None else None
    result, why = _fitted(protocol, info, rows, treated, weighted, cluster)
    path = ("propensity", info.key)
    if result is None:
        return [_nothing(info, sample.method, what, kind, why) for what, kind in RATIO_AND_P]
    label = f"{info.label}, {sample.method}"
    return [
        Estimate(
            key_of(*path, "hr", method=sample.method),
            f"{label}: hazard ratio",
            float(result.hr[0]),
            kind="ratio",
            low=float(result.low[0]),
            high=float(result.high[0]),
            level=0.95,
            interval_method="Wald",
            method=how,
            **common,
        ),
        Estimate(
            key_of(*path, "p", method=sample.method),
            f"{label}: p",
            float(result.p[0]),
            kind="p",
            method=f"Wald test, two-sided; {how}",
            **common,
        ),
    ]


def _curve(
    protocol: Protocol,
    info: EndpointInfo,
    part: pl.DataFrame,
    weights: Array,
    label: str,
    method: str,
    group: str,
) -> tuple[list[Estimate], list[Curve]]:
    """The (weighted) Kaplan-Meier curve and its median."""
    from oncohort.stats import kaplan_meier

    unit = protocol.study.time_unit
    scale = DAYS_PER_UNIT[unit]
    plain = bool((weights == 1).all())
    km = kaplan_meier(
        part[f"{info.key}_time"].to_numpy() / scale,
        part[f"{info.key}_event"].to_numpy(),
        entry=entry_times(part, info.key, scale),
        weights=None if plain else weights,
    )
    words = "Kaplan-Meier" if plain else "weighted Kaplan-Meier"
    path = ("propensity", info.key)
    keys = {"group": group, "method": method}
    value = km.median.value
    reached = value is not None and bool(np.isfinite(value))

    def end(bound: float | None) -> float | None:
        return None if bound is None or not np.isfinite(bound) else float(bound)

    median = Estimate(
        key_of(*path, "median", **keys),
        f"{label}: median",
        float(value) if reached and value is not None else None,
        "ok" if reached else "not_reached",
        kind="time",
        low=end(km.median.low),
        high=end(km.median.high),
        level=0.95,
        interval_method="log-log (Brookmeyer-Crowley)",
        method=words,
        n=part.height,
        events=int(part[f"{info.key}_event"].sum()),
        unit=unit,
        population=COHORT,
    )
    columns = _from_zero(km, float(weights.sum()))
    curve = Curve(
        key_of(*path, "curve", **keys), label, columns, method=words, unit=unit, population=COHORT
    )
    return [median], [curve]


def _from_zero(km: KaplanMeierResult, n: float) -> dict[str, tuple[float | None, ...]]:
    """The columns of a curve, from time 0 on."""
    start = 0 if km.time.size and km.time[0] == 0 else 1
    firsts = {
        "time": 0.0,
        "survival": 1.0,
        "low": 1.0,
        "high": 1.0,
        "at_risk": n,
        "events": 0.0,
        "censored": 0.0,
    }

    def column(values: Array, first: float) -> tuple[float | None, ...]:
        rest = [None if not np.isfinite(v) else float(v) for v in np.asarray(values)]
        return (*[first] * start, *rest)

    return {name: column(getattr(km, name), first) for name, first in firsts.items()}
