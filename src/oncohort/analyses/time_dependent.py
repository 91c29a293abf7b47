"""Survival by something that happens later: landmark analysis and time-dependent Cox model.

Who responds must have lived until the response, so that comparing responders with the others from
time zero favours them whatever the treatment does (immortal time). Here nobody counts as changed
before the change (Anderson, Cain and Gelber 1983, J Clin Oncol 1:710).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT, count
from oncohort.analyses.cox_models import Effect, design_matrix, effect_at, term_of
from oncohort.analyses.fit_warnings import fit_warnings
from oncohort.analyses.result import Curve, Estimate, Fields, Population, Result, State, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.changes import change_days
from oncohort.endpoints.cohort import Cohort, EndpointInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.time_dependent import TimeDependent
from oncohort.stats.inputs import Array
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats._cox.result import CoxResult

Asked = ParamSpec("Asked")
Given = TypeVar("Given")


@dataclass(slots=True)
class _Out:
    """What the analyses of one change give."""

    estimates: list[Estimate] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    populations: list[Population] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The patients of one comparison: times in the study's unit."""

    key: str
    rule: TimeDependent
    label: str
    info: EndpointInfo
    frame: pl.DataFrame
    time: Array
    event: Array
    change: Array
    """Time of the change; infinite where it did not happen within the time."""
    entry: Array | None
    unit: str
    excluded: dict[str, int]

    def common(self, **more: object) -> Fields:
        return {"population": COHORT, "excluded": self.excluded, **more}


def _rows(protocol: Protocol, cohort: Cohort, key: str, rule: TimeDependent) -> _Rows | None:
    info = cohort.meaning.endpoints[rule.endpoint]
    unit = protocol.study.time_unit
    scale = DAYS_PER_UNIT[unit]
    days = change_days(cohort, rule, protocol)
    if days is None:
        return None
    frame = cohort.frame.join(days, on="patient", how="left", maintain_order="left")
    timed = frame.filter(pl.col(f"{info.key}_time").is_not_null())
    kept = timed.filter(pl.col(f"{info.key}_time") > 0)
    if kept.is_empty():
        return None
    lost = {"no time or event": frame.height - timed.height, "time 0": timed.height - kept.height}
    time = kept[f"{info.key}_time"].to_numpy() / scale
    change = kept["change_days"].cast(pl.Float64).fill_null(np.inf).to_numpy() / scale
    change = np.where(change > time, np.inf, np.maximum(change, 0.0))
    return _Rows(
        key,
        rule,
        rule.label or (rule.change or rule.time or key).replace("_", " ").capitalize(),
        info,
        kept,
        time,
        kept[f"{info.key}_event"].to_numpy(),
        change,
        entry_times(kept, info.key, scale),
        unit,
        {k: v for k, v in lost.items() if v},
    )


def _ratio(
    out: _Out,
    rows: _Rows,
    fitted: CoxResult | None,
    why: str,
    label: str,
    method: str,
    **levels: str,
) -> None:
    """Hazard ratio after the change against before or without it, and its p."""
    found = effect_at(fitted, 0)
    if found.high is None:
        found = Effect()
    usable = found.hr is not None
    state: State = "ok" if usable else "not_estimable"
    common = rows.common(
        method=method,
        note=why if not usable else "",
        n=len(rows.time),
        events=int(rows.event.sum()),
    )
    path = ("time_dependent", rows.key)
    out.estimates += [
        Estimate(
            key_of(*path, "hr", **levels),
            f"{label}: hazard ratio",
            found.hr,
            state,
            kind="ratio",
            low=found.low,
            high=found.high,
            level=0.95 if usable else None,
            interval_method="Wald" if usable else "",
            **common,
        ),
        Estimate(
            key_of(*path, "p", **levels),
            f"{label}: p",
            found.p,
            state,
            kind="p",
            **common,
        ),
    ]


def _quiet(
    function: Callable[Asked, Given], *arguments: Asked.args, **options: Asked.kwargs
) -> tuple[Given, list[str]]:
    """The result, and what the fit warned of."""
    with fit_warnings() as raised:
        result = function(*arguments, **options)
    return result, list(dict.fromkeys(raised))


def _warn(out: _Out, rows: _Rows, told: list[str], what: str) -> None:
    out.problems += [
        problem(
            "time-dependent.fit",
            place=Place(file="study.toml", key=f"time_dependent.{rows.key}"),
            label=rows.label,
            endpoint=rows.info.label,
            what=what,
            reason=text.rstrip("."),
        )
        for text in told
    ]


def _covariate(out: _Out, rows: _Rows, cohort: Cohort) -> None:
    """The Cox model whose covariate changes with time, and the Mantel-Byar test."""
    from oncohort.stats import cox, logrank, split_at_change, time_dependent_response

    path = ("time_dependent", rows.key)
    label = f"{rows.info.label} by {rows.label}, as time-dependent covariate"
    method = "Cox regression with a time-dependent covariate, Efron ties"
    change = np.where(np.isfinite(rows.change), rows.change, np.nan)
    cox_fit = test = None
    why = ""
    told: list[str] = []
    try:
        if rows.entry is None:
            found, told = _quiet(time_dependent_response, rows.time, rows.event, change)
            cox_fit, test = found.cox, found.test
        else:
            s = split_at_change(rows.time, rows.event, change)
            start = np.maximum(s.start, rows.entry[s.row])
            seen = start < s.stop
            x = s.state[seen].astype(float)
            span = (s.stop[seen], s.event[seen])
            cox_fit, told = _quiet(cox, *span, x, entry=start[seen], names=["changed"])
            test = logrank(*span, s.state[seen], entry=start[seen])
    except OncohortError as error:
        why = str(error)
    _warn(out, rows, told, "the time-dependent model")
    _ratio(out, rows, cox_fit, why or "; ".join(told), label, method, model="uni")
    p = None if test is None else float(test.p)
    out.estimates.append(
        Estimate(
            key_of(*path, "mantel_byar"),
            f"{label}: Mantel-Byar p",
            p,
            "ok" if p is not None and np.isfinite(p) else "not_estimable",
            kind="p",
            **rows.common(method="Mantel-Byar test", n=len(rows.time), note=why),
        )
    )
    _adjusted(out, rows, cohort, label, method)


def _adjusted(out: _Out, rows: _Rows, cohort: Cohort, label: str, method: str) -> None:
    """The same with baseline variables; complete cases."""
    from oncohort.stats import cox, split_at_change

    names = rows.rule.adjust
    if not names or any(v not in cohort.meaning.variables for v in names):
        return
    known = rows.frame.select(pl.all_horizontal(pl.col(v).is_not_null() for v in names))
    keep = known.to_series().to_numpy()
    frame = rows.frame.filter(pl.Series(keep))
    terms = [term_of(cohort.meaning.variables[v], frame) for v in names]
    flat = [t.info.label for t in terms if frame[t.info.key].n_unique() < 2]
    fitted, why = None, ""
    told: list[str] = []
    if flat:
        why = f"{', '.join(flat)}: one value only among the patients with known values"
    else:
        try:
            change = np.where(np.isfinite(rows.change), rows.change, np.nan)[keep]
            s = split_at_change(rows.time[keep], rows.event[keep], change)
            start = s.start if rows.entry is None else np.maximum(s.start, rows.entry[keep][s.row])
            seen = start < s.stop
            x = np.column_stack([s.state.astype(float), design_matrix(frame, terms)[s.row]])[seen]
            columns = ["changed", *(c for t in terms for c in t.columns)]
            fitted, told = _quiet(
                cox, s.stop[seen], s.event[seen], x, entry=start[seen], names=columns
            )
        except OncohortError as error:
            why = str(error)
    _warn(out, rows, told, "the adjusted time-dependent model")
    lost = int((~keep).sum())
    excluded = dict(rows.excluded) | ({"missing": lost} if lost else {})
    part = _Rows(
        rows.key, rows.rule, rows.label, rows.info, frame, rows.time[keep], rows.event[keep],
        rows.change[keep], None, rows.unit, excluded,
    )  # fmt: skip
    _ratio(
        out, part, fitted, why or "; ".join(told), f"{label}, adjusted", method, model="adjusted"
    )


def _landmark(out: _Out, rows: _Rows, at: float) -> None:
    """Survival from a landmark on, by what had happened by then."""
    from oncohort.stats import landmark

    name = f"{at:g}"
    path = ("time_dependent", rows.key)
    label = f"{rows.info.label} by {rows.label}, from {name} {rows.unit} on"
    seen = rows.time > at
    if rows.entry is not None:
        seen &= rows.entry <= at
    for happened, why in ((True, "event"), (False, "censored")):
        gone = (rows.time <= at) & (rows.event == happened)
        number, who = count(
            (*path, "left_out"),
            f"{label}: {why} by then",
            rows.frame.filter(pl.Series(gone))["patient"].to_list(),
            reason=why,
            time=name,
        )
        out.estimates.append(number)
        out.populations.append(who)
    groups = {"changed": seen & (rows.change <= at), "unchanged": seen & (rows.change > at)}
    found, why = None, ""
    told: list[str] = []
    if not all(g.any() for g in groups.values()):
        why = (
            f"at {name} {rows.unit} there are {int(groups['changed'].sum())} with and "
            f"{int(groups['unchanged'].sum())} without: no comparison"
        )
    else:
        # Who came under observation later than the landmark is not looked at.
        use = seen | (rows.time <= at)
        change = np.where(np.isfinite(rows.change), rows.change, np.nan)
        try:
            found, told = _quiet(landmark, rows.time[use], rows.event[use], change[use], at=at)
        except OncohortError as error:
            why = str(error)
    for group, members in groups.items():
        _group(out, rows, (group, members), name, label)
    _warn(out, rows, told, f"the landmark model at {name} {rows.unit}")
    fitted = None if found is None else found.cox
    method = f"landmark analysis at {name} {rows.unit}, Cox regression"
    _ratio(out, rows, fitted, why or "; ".join(told), label, method, model="landmark", time=name)
    p = None if found is None else float(found.test.p)
    out.estimates.append(
        Estimate(
            key_of(*path, "logrank", time=name),
            f"{label}: log-rank p",
            p if p is not None and np.isfinite(p) else None,
            "ok" if p is not None and np.isfinite(p) else "not_estimable",
            kind="p",
            **rows.common(method="log-rank test from the landmark", n=int(seen.sum()), note=why),
        )
    )


def _group(out: _Out, rows: _Rows, group: tuple[str, Array], name: str, label: str) -> None:
    """Patients, events, median and curve of one group from the landmark on."""
    from oncohort.analyses.survival import curve_of, median_estimate
    from oncohort.stats import kaplan_meier

    what, members = group
    words = f"{label}, {'with' if what == 'changed' else 'without'} it by then"
    path = ("time_dependent", rows.key)
    levels = {"group": what, "time": name}
    patients = rows.frame.filter(pl.Series(members))["patient"].to_list()
    number, who = count((*path, "n"), f"{words}: patients", patients, **levels)
    happened = rows.frame.filter(pl.Series(members & rows.event))["patient"].to_list()
    events, those = count((*path, "events"), f"{words}: events", happened, **levels)
    out.estimates += [number, events]
    out.populations += [who, those]
    time = rows.time[members] - float(name)
    event = rows.event[members]
    out.estimates.append(
        median_estimate(
            key_of(*path, "median", **levels),
            f"{words}: median from the landmark",
            time,
            event,
            unit=rows.unit,
            population=who.id,
            method="Kaplan-Meier from the landmark",
        )
    )
    if time.size:
        km = kaplan_meier(time, event)
        key = key_of(*path, "curve", **levels)
        out.curves.append(curve_of(km, key, words, rows.unit, who.id))


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Every declared comparison that nothing blocks."""
    out = _Out()
    done: list[TimeDependent] = []
    for key, rule in protocol.time_dependent.items():
        if key in blocked or rule.endpoint not in cohort.meaning.endpoints:
            continue
        rows = _rows(protocol, cohort, key, rule)
        if rows is None:
            continue
        changed = np.isfinite(rows.change)
        number, who = count(
            ("time_dependent", key, "changed"),
            f"{rows.label} within {rows.info.label}: patients",
            rows.frame.filter(pl.Series(changed))["patient"].to_list(),
        )
        out.estimates.append(number)
        out.populations.append(who)
        if "landmark" in rule.methods:
            for at in rule.landmarks:
                _landmark(out, rows, at)
        if "time_dependent" in rule.methods:
            _covariate(out, rows, cohort)
        done.append(rule)
    if not done:
        return None
    return Result(
        "time_dependent",
        tuple(out.estimates),
        tuple(out.curves),
        tuple(out.populations),
        tuple(_methods(done)),
        tuple(out.problems),
    )


def _methods(done: list[TimeDependent]) -> list[str]:
    out = [
        "Groups that are formed by something that happens after time zero were not compared from "
        "time zero, since whoever reaches it must have lived until then (immortal time)."
    ]
    if any("landmark" in r.methods and r.landmarks for r in done):
        out.append(
            "In landmark analyses, patients still under observation at a time set beforehand were "
            "grouped by what had happened by then and followed from there."
        )
    if any("time_dependent" in r.methods for r in done):
        out.append(
            "In Cox models with a time-dependent covariate, and in the Mantel-Byar test, a patient "
            "changed group on the day it happened."
        )
    return out
