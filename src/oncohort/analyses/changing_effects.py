"""Hazard ratios that change at stated times of the follow-up: a remedy where they do."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Fit, Term, design_matrix, effect_at, stratum_labels
from oncohort.analyses.result import Estimate, Fields, key_of
from oncohort.analyses.survival import entry_times
from oncohort.endpoints.cohort import EndpointInfo
from oncohort.problems import OncohortError, OncohortWarning
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Prognosis
from oncohort.stats.inputs import Array
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats._cox.result import CoxResult


def split_rows(
    time: Array, event: Array, entry: Array | None, cuts: Sequence[float]
) -> tuple[Array, Array, Array, Array, Array]:
    """Each patient's follow-up cut at stated times: one row for each interval begun.

    Parameters
    ----------
    time, event, entry
        ``(n,)``; a patient is at risk from just after `entry`, or from the start.
    cuts
        Rising times above 0. An event at a cut belongs to the interval that ends there (as in R
        ``survival::survSplit``).

    Returns
    -------
    tuple of arrays
        ``row`` of the patient, number of the ``interval`` from 0, ``start``, ``stop``, ``event``.

    Examples
    --------
    >>> t, e = np.array([72.0, 411.0]), np.array([True, True])
    >>> row, interval, start, stop, event = split_rows(t, e, None, [90, 180])
    >>> row.tolist(), interval.tolist(), stop.tolist(), event.tolist()
    ([0, 1, 1, 1], [0, 0, 1, 2], [72.0, 90.0, 180.0, 411.0], [True, False, False, True])
    """
    begin = np.full(len(time), -1.0) if entry is None else np.asarray(entry, dtype=float)
    ends = [*cuts, np.inf]
    starts = [-np.inf, *cuts]
    parts = []
    for j, (low, high) in enumerate(zip(starts, ends, strict=True)):
        inside = np.flatnonzero((time > low) & (begin < high))
        stop = np.minimum(time[inside], high)
        parts.append(
            (
                inside,
                np.full(len(inside), j),
                np.maximum(begin[inside], low),
                stop,
                np.asarray(event)[inside] & (time[inside] <= high),
            )
        )
    row, interval, start, stop, happened = (
        np.concatenate([part[k] for part in parts]) for k in range(5)
    )
    order = np.lexsort((interval, row))
    return row[order], interval[order], start[order], stop[order], happened[order]


def _columns(
    fitted: Fit,
    matrix: Array,
    row: Array,
    interval: Mapping[str, Array],
    split: Mapping[str, Sequence[float]],
) -> tuple[list[Array], list[tuple[Term, str | None, int | None]]]:
    """Columns of the model on split rows, and what each of them is: term, level, interval."""
    columns: list[Array] = []
    places: list[tuple[Term, str | None, int | None]] = []
    j = 0
    for term in fitted.terms:
        # A spline makes several columns without a level.
        for level in term.levels or (None,) * len(term.columns):
            values = matrix[row, j]
            j += 1
            if term.info.key not in split:
                columns.append(values)
                places.append((term, level, None))
                continue
            for k in range(len(split[term.info.key]) + 1):
                columns.append(values * (interval[term.info.key] == k))
                places.append((term, level, k))
    return columns, places


def changing(
    protocol: Protocol, rule: Prognosis, info: EndpointInfo, fitted: Fit
) -> list[Estimate]:
    """The multivariable model with the declared effects free to change at their times.

    Parameters
    ----------
    fitted
        The multivariable model whose effects are constant.
    """
    split = {
        t.info.key: rule.time_split[t.info.key]
        for t in fitted.terms
        if t.info.key in rule.time_split
    }
    if not split or fitted.result is None:
        return []
    scale = DAYS_PER_UNIT[protocol.study.time_unit]
    frame = fitted.frame
    time = frame[f"{info.key}_time"].to_numpy() / scale
    event = frame[f"{info.key}_event"].to_numpy()
    cuts = sorted({c for times in split.values() for c in times})
    row, _, start, stop, happened = split_rows(
        time, event, entry_times(frame, info.key, scale), cuts
    )
    # Each variable has its own times: the interval of a row is found from where the row ends.
    interval = {k: np.searchsorted(np.asarray(v), stop, side="left") for k, v in split.items()}
    matrix = design_matrix(frame, list(fitted.terms))
    columns, places = _columns(fitted, matrix, row, interval, split)
    labels = stratum_labels(frame, fitted.strata)
    strata = None if labels is None else [labels[i] for i in row]
    data = (start, stop, happened, strata)
    loose = _fit(rule, data, columns)
    common: dict[str, object] = {
        "n": fitted.n,
        "events": int(event.sum()),
        "excluded": {"missing": fitted.missing} if fitted.missing else {},
        "population": COHORT,
    }
    out = _ratios(protocol, info, loose, places, split, common)
    for key in split:
        fixed, _ = _columns(
            fitted, matrix, row, interval, {k: v for k, v in split.items() if k != key}
        )
        label = next(t.info.label for t in fitted.terms if t.info.key == key)
        out.append(_constant(info, key, label, loose, _fit(rule, data, fixed), common))
    return out


def _fit(
    rule: Prognosis, data: tuple[Array, Array, Array, list[str] | None], columns: list[Array]
) -> CoxResult | str:
    """A Cox model of split rows, or the reason why there is none."""
    from oncohort.stats import cox

    start, stop, happened, strata = data
    firth = rule.penalty == "firth"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OncohortWarning)
            return cox(
                stop,
                happened,
                np.column_stack(columns),
                entry=start,
                strata=strata,
                ties=rule.ties,
                penalty="firth" if firth else None,
                interval="profile" if firth else "wald",
            )
    except OncohortError as error:
        return str(error)


def interval_words(cuts: Sequence[float], k: int, unit: str) -> str:
    """The name of an interval.

    Examples
    --------
    >>> [interval_words([3, 6], k, "months") for k in range(3)]
    ['up to 3 months', 'after 3 up to 6 months', 'after 6 months']
    """
    if k == 0:
        return f"up to {cuts[0]:g} {unit}"
    if k == len(cuts):
        return f"after {cuts[-1]:g} {unit}"
    return f"after {cuts[k - 1]:g} up to {cuts[k]:g} {unit}"


def _ratios(
    protocol: Protocol,
    info: EndpointInfo,
    loose: CoxResult | str,
    places: Sequence[tuple[Term, str | None, int | None]],
    split: Mapping[str, Sequence[float]],
    common: Fields,
) -> list[Estimate]:
    """Hazard ratio and p of each column."""
    out: list[Estimate] = []
    unit = protocol.study.time_unit
    for i, (term, level, k) in enumerate(places):
        if term.info.effect.knots:
            continue  # no one coefficient of a spline is a ratio
        name = term.info.key
        levels = {"model": "changing", "variable": name}
        text = f"{info.label}, {term.info.label}"
        if level is not None:
            text += f", {term.info.levels[level]}"
            if len(term.info.levels) > 2:
                levels["level"] = level
        if k is not None:
            levels["interval"] = str(k + 1)
            text += f", {interval_words(split[name], k, unit)}"
        found = effect_at(None if isinstance(loose, str) else loose, i)
        ok = found.hr is not None
        why = loose if isinstance(loose, str) else "no finite estimate: no event to tell it by"
        shared = common | {"state": "ok" if ok else "not_estimable", "note": "" if ok else why}
        out.append(
            Estimate(
                key_of("prognosis", info.key, "hr", **levels),
                f"{text}: hazard ratio",
                found.hr,
                kind="ratio",
                low=found.low,
                high=found.high,
                level=0.95 if ok else None,
                interval_method="Wald" if unpenalised(loose) else "profile likelihood",
                method="Cox regression, follow-up split at stated times",
                **shared,
            )
        )
        out.append(
            Estimate(
                key_of("prognosis", info.key, "p", **levels),
                f"{text}: p",
                found.p,
                kind="p",
                method="Wald test, two-sided"
                if unpenalised(loose)
                else "penalised likelihood-ratio test, two-sided",
                **shared,
            )
        )
    return out


def unpenalised(result: CoxResult | str) -> bool:
    """Was the model fitted without a penalty?"""
    return isinstance(result, str) or result.interval == "wald"


def _constant(
    info: EndpointInfo,
    key: str,
    label: str,
    loose: CoxResult | str,
    fixed: CoxResult | str,
    common: Fields,
) -> Estimate:
    """Likelihood-ratio test of an effect that does not change at the stated times."""
    from oncohort.stats._cox.result import ChiSquared

    name = key_of("prognosis", info.key, "constant_p", variable=key)
    text = f"{info.label}, {label}: p of a constant effect"
    shared = common | {"kind": "p", "method": "likelihood-ratio test of a constant effect"}
    if isinstance(loose, str) or isinstance(fixed, str):
        why = loose if isinstance(loose, str) else str(fixed)
        return Estimate(name, text, None, "not_estimable", note=why, **shared)
    df = int(loose.free.sum() - fixed.free.sum())
    test = ChiSquared.of("constant", 2.0 * (loose.loglik - fixed.loglik), df)
    if not df:
        why = "no interval can be told from the others"
        return Estimate(name, text, None, "not_estimable", note=why, **shared)
    return Estimate(name, text, test.p, **shared)
