"""Survival in other words: restricted means, differences at times, trends over ordered groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypedDict

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Kind, Result, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol
from oncohort.protocol.cut_rules import cut_on_outcome
from oncohort.stats.inputs import Array
from oncohort.vocabulary.times import DAYS_PER_UNIT


class _Rows(TypedDict):
    """Times, events and entry of some rows, as the statistics take them."""

    time: Array
    event: Array
    entry: Array | None


@dataclass(slots=True)
class _Endpoint:
    """One endpoint with its rows, and the numbers made of it."""

    protocol: Protocol
    info: EndpointInfo
    frame: pl.DataFrame
    out: list[Estimate] = field(default_factory=list)

    @property
    def unit(self) -> str:
        return self.protocol.study.time_unit

    def data(self, frame: pl.DataFrame) -> _Rows:
        """Times, events and entry of some rows, as the statistics take them."""
        scale = DAYS_PER_UNIT[self.unit]
        return {
            "time": frame[f"{self.info.key}_time"].to_numpy() / scale,
            "event": frame[f"{self.info.key}_event"].to_numpy(),
            "entry": entry_times(frame, self.info.key, scale),
        }

    def add(
        self,
        what: str,
        label: str,
        value: float | None,
        kind: Kind,
        frame: pl.DataFrame,
        *,
        method: str,
        ends: tuple[float | None, float | None] = (None, None),
        note: str = "",
        unit: str = "",
        missing: int = 0,
        levels: Mapping[str, str],
    ) -> None:
        ok = value is not None and bool(np.isfinite(value))
        both = ok and all(e is not None and np.isfinite(e) for e in ends)
        self.out.append(
            Estimate(
                key_of("contrasts", self.info.key, what, **levels),
                label,
                value if ok else None,
                "ok" if ok else "not_estimable",
                kind=kind,
                low=ends[0] if both else None,
                high=ends[1] if both else None,
                level=0.95 if both else None,
                interval_method="normal" if both else "",
                method=method,
                n=frame.height,
                events=int(frame[f"{self.info.key}_event"].sum()),
                excluded={"missing": missing} if missing else {},
                unit=unit,
                population=COHORT,
                note="" if ok else note,
            )
        )


def _mean(one: _Endpoint, frame: pl.DataFrame, tau: float, label: str, **levels: str) -> None:
    """The restricted mean of some patients up to one time."""
    from oncohort.stats import rmst

    value, note = None, ""
    ends: tuple[float | None, float | None] = (None, None)
    try:
        found = rmst(**one.data(frame), tau=tau).mean
        value, ends = found.value, (found.low, found.high)
    except OncohortError as error:  # follow-up ends before the time
        note = str(error)
    words = f"{label}: restricted mean up to {tau:g} {one.unit}"
    one.add(
        "rmst",
        words,
        value,
        "time",
        frame,
        method="area under the Kaplan-Meier curve",
        ends=ends,
        note=note,
        unit=one.unit,
        levels={"time": f"{tau:g}", **levels},
    )


def _two(
    frame: pl.DataFrame, variable: str, reference: str, level: str
) -> tuple[pl.DataFrame, Array]:
    """The rows of two levels, and 0 for the reference, 1 for the other."""
    rows = frame.filter(pl.col(variable).is_in([reference, level]))
    return rows, (rows[variable] == level).cast(pl.Int64).to_numpy()


def _mean_contrast(
    one: _Endpoint, what: VariableInfo, known: pl.DataFrame, tau: float, pair: tuple[str, str]
) -> None:
    """Difference and ratio of two groups' restricted means."""
    from oncohort.stats import rmst

    reference, level = pair
    rows, group = _two(known, what.key, reference, level)
    label = f"{one.info.label}, {what.levels[level]} against {what.levels[reference]}"
    levels = {"group": level, "time": f"{tau:g}", "variable": what.key}
    found, note = None, ""
    try:
        found = rmst(**one.data(rows), tau=tau, group=group)
    except OncohortError as error:
        note = str(error)
    kinds: tuple[tuple[str, Kind], ...] = (("difference", "time"), ("ratio", "ratio"))
    for kind, number in kinds:
        c = None if found is None else found.contrast(kind)
        words = f"{label}: {kind} of restricted means up to {tau:g} {one.unit}"
        ends = (None, None) if c is None else (c.low, c.high)
        one.add(
            f"rmst_{kind}",
            words,
            None if c is None else c.value,
            number,
            rows,
            note=note,
            ends=ends,
            method="areas under the Kaplan-Meier curves",
            unit=one.unit if number == "time" else "",
            levels=levels,
        )
        if kind == "difference":
            p = None if c is None else c.p
            one.add(
                "rmst_p", f"{words}, p", p, "p", rows, note=note, method="z test", levels=levels
            )


def _at_times(
    one: _Endpoint, what: VariableInfo, known: pl.DataFrame, pair: tuple[str, str]
) -> None:
    """Difference of two groups' survival at the declared times."""
    from oncohort.stats import survival_difference

    reference, level = pair
    times = one.protocol.endpoints[one.info.key].landmarks
    rows, group = _two(known, what.key, reference, level)
    note, found = "", None
    try:
        found = survival_difference(**one.data(rows), group=group, times=times)
    except OncohortError as error:
        note = str(error)
    for i, time in enumerate(times):
        d = None if found is None else found.differences[i]
        label = (
            f"{one.info.label} at {time:g} {one.unit}, {what.levels[level]} minus "
            f"{what.levels[reference]}"
        )
        levels = {"group": level, "time": f"{time:g}", "variable": what.key}
        ends = (None, None) if d is None else (_hundred(d.low), _hundred(d.high))
        value = None if d is None else _hundred(d.value)
        why = note or "after the last follow-up of a group"
        one.add(
            "difference",
            label,
            value,
            "percentage",
            rows,
            note=why,
            unit="%",
            ends=ends,
            method="difference of Kaplan-Meier estimates, Greenwood variances",
            levels=levels,
        )
        p = None if d is None else d.p
        words_of = f"{label}, p"
        one.add("difference_p", words_of, p, "p", rows, note=why, method="z test", levels=levels)


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _trend(one: _Endpoint, what: VariableInfo, known: pl.DataFrame, missing: int) -> None:
    """Log-rank test for a trend over the levels in their order."""
    from oncohort.stats import logrank_trend

    order = {level: i for i, level in enumerate(what.levels)}
    scores = known[what.key].replace_strict(order, return_dtype=pl.Int64).to_numpy()
    p, note = None, ""
    try:
        if len(set(scores.tolist())) < 2 or not known[f"{one.info.key}_event"].any():
            note = "one group, or no event"
        else:
            present = sorted(set(scores.tolist()))
            p = float(logrank_trend(**one.data(known), group=scores, scores=present).p)
    except OncohortError as error:
        note = str(error)
    one.add(
        "trend",
        f"{one.info.label} over {what.label}: trend p",
        p,
        "p",
        known,
        note=note,
        method="log-rank test for trend, scores 0, 1, 2, ...",
        missing=missing,
        levels={"variable": what.key},
    )


def _by(one: _Endpoint, what: VariableInfo) -> None:
    """Everything that is asked for of the groups of one variable."""
    rule = one.protocol.endpoints[one.info.key]
    known = one.frame.filter(pl.col(what.key).is_not_null())
    present = [v for v in what.levels if known.filter(pl.col(what.key) == v).height]
    reference = what.reference if what.reference in present else next(iter(present), None)
    for level in present:
        part = known.filter(pl.col(what.key) == level)
        label = f"{one.info.label}, {what.label}: {what.levels[level]}"
        for tau in rule.restricted_mean:
            _mean(one, part, tau, label, group=level, variable=what.key)
    if cut_on_outcome(one.protocol, what.key) is not None:
        return  # the groups were made so that they differ: `variables.searched-groups` says so
    for level in present:
        if reference is None or level == reference:
            continue
        for tau in rule.restricted_mean:
            _mean_contrast(one, what, known, tau, (reference, level))
        if rule.differences and rule.landmarks:
            _at_times(one, what, known, (reference, level))
    if what.key in rule.trend:
        _trend(one, what, known, one.frame.height - known.height)


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """What each endpoint asks for; None where none asks for anything."""
    out: list[Estimate] = []
    asked = set()
    for key, info in cohort.meaning.endpoints.items():
        rule = protocol.endpoints[key]
        frame = cohort.frame.filter(pl.col(f"{key}_time").is_not_null())
        if key in blocked or info.competing or frame.is_empty():
            continue
        one = _Endpoint(protocol, info, frame)
        for tau in rule.restricted_mean:
            _mean(one, frame, tau, info.label)
        for variable in rule.by:
            if variable in cohort.meaning.variables and cohort.meaning.variables[variable].levels:
                _by(one, cohort.meaning.variables[variable])
        out += one.out
        asked |= {e.key.path[-1] for e in one.out}
    return Result("contrasts", tuple(out), (), (), tuple(_methods(asked))) if out else None


def _methods(asked: set[str]) -> list[str]:
    words_of = {
        "rmst": "Restricted mean survival times are areas under the Kaplan-Meier curves up to a "
        "time set beforehand; their differences need no proportional hazards.",
        "difference": "Survival at times set beforehand was compared by the difference of "
        "Kaplan-Meier estimates with Greenwood's variances.",
        "trend": "Trends over ordered groups were tested by the log-rank test for trend.",
    }
    return [text for what, text in words_of.items() if what in asked]
