"""Competing events: cumulative incidence of each, in all and by group, with Gray's test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.counting import COHORT, count, in_no_group
from oncohort.analyses.incidence_models import models
from oncohort.analyses.result import Curve, Estimate, Fields, Population, Result, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.protocol import Protocol
from oncohort.stats.inputs import Array
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats.incidence import IncidenceCurve, IncidenceResult

EVENT = "event"
"""The event itself among the causes; the others are keys of competing events."""
NONE = "none"
"""What stands for censored in the types of event."""


def causes_of(info: EndpointInfo) -> dict[str, str]:
    """The event and its competitors, key to label."""
    return {EVENT: info.event_label or info.label, **info.competing}


def types_of(frame: pl.DataFrame, key: str) -> list[str]:
    """Each patient's first event, or that there was none."""
    return frame[f"{key}_cause"].fill_null(NONE).to_list()


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the patients of an endpoint."""

    protocol: Protocol
    info: EndpointInfo
    frame: pl.DataFrame
    population: str
    excluded: int
    levels: dict[str, str]
    label: str

    @property
    def common(self) -> Fields:
        return {
            "n": self.frame.height,
            "population": self.population,
            "excluded": {"no time or event": self.excluded} if self.excluded else {},
        }


def _incidence(part: _Part) -> IncidenceResult | None:
    """The estimate; none where no event of any kind happened."""
    from oncohort.stats import cumulative_incidence

    key, scale = part.info.key, DAYS_PER_UNIT[part.protocol.study.time_unit]
    types = types_of(part.frame, key)
    if all(t == NONE for t in types):
        return None
    return cumulative_incidence(
        part.frame[f"{key}_time"].to_numpy() / scale,
        types,
        censored=NONE if NONE in types else None,
        entry=entry_times(part.frame, key, scale),
        interval=part.protocol.endpoints[key].interval,
    )


def _curve(part: _Part, cause: str, found: IncidenceCurve) -> Curve:
    """The curve from time 0, one row per distinct time."""
    start = [] if found.time[0] == 0 else [0]
    censored = np.bincount(
        np.searchsorted(found.time, _times(part, part.frame.filter(_censored(part)))),
        minlength=found.time.size,
    )

    def column(values: Array, first: float) -> tuple[object, ...]:
        rest = [None if not np.isfinite(v) else type(first)(v) for v in np.asarray(values)]
        return tuple([first] * len(start) + rest)

    return Curve(
        key_of("incidence", part.info.key, "curve", cause=cause, **part.levels),
        f"{part.label}: {causes_of(part.info)[cause]}",
        {
            "time": column(found.time, 0.0),
            "incidence": column(found.incidence, 0.0),
            "low": column(found.low, 0.0),
            "high": column(found.high, 0.0),
            "at_risk": column(found.at_risk, int(found.at_risk[0])),
            "events": column(found.events, 0),
            "censored": column(censored, 0),
        },
        method="Aalen-Johansen",
        unit=part.protocol.study.time_unit,
        population=part.population,
    )


def _censored(part: _Part) -> pl.Expr:
    return pl.col(f"{part.info.key}_cause").is_null()


def _times(part: _Part, frame: pl.DataFrame) -> npt.NDArray[np.float64]:
    scale = DAYS_PER_UNIT[part.protocol.study.time_unit]
    return np.asarray(frame[f"{part.info.key}_time"].to_numpy() / scale)


def _at(part: _Part, cause: str, found: IncidenceCurve | None) -> list[Estimate]:
    """Cumulative incidence at the declared times."""
    rule = part.protocol.endpoints[part.info.key]
    words = causes_of(part.info)[cause]
    last = float(_times(part, part.frame).max())
    points = found.at(rule.landmarks) if found is not None else [None] * len(rule.landmarks)
    out = []
    for time, point in zip(rule.landmarks, points, strict=True):
        if point is not None:
            value, low, high = point.incidence, point.low, point.high
            note = f"{point.at_risk:g} at risk"
        else:
            value, low, high = (0.0 if time <= last else None), None, None
            note = "no such event"
        if value is None:
            note = "after the last follow-up"
        bounds = None if low is None or high is None or value == 0 else (low, high)
        out.append(
            Estimate(
                key_of("incidence", part.info.key, "at", cause=cause, time=f"{time:g}")
                if not part.levels
                else key_of(
                    "incidence", part.info.key, "at", cause=cause, time=f"{time:g}", **part.levels
                ),
                f"{part.label}: {words}, cumulative incidence at {time:g} "
                f"{part.protocol.study.time_unit}",
                None if value is None else 100 * value,
                "ok" if value is not None else "not_estimable",
                kind="proportion",
                low=None if bounds is None else 100 * bounds[0],
                high=None if bounds is None else 100 * bounds[1],
                level=None if bounds is None else 0.95,
                interval_method=rule.interval if bounds is not None else "",
                method="Aalen-Johansen, Aalen's variance",
                unit="%",
                note=note,
                **part.common,
            )
        )
    return out


def _numbers(part: _Part) -> tuple[list[Estimate], list[Curve], list[Population]]:
    """Patients, events of each kind, incidence at the declared times, curves."""
    path = ("incidence", part.info.key)
    estimates = [
        Estimate(
            key_of(*path, "n", **part.levels),
            f"{part.label}, patients",
            part.frame.height,
            kind="count",
            unit="patients",
            method="count",
            **part.common,
        )
    ]
    curves: list[Curve] = []
    populations: list[Population] = []
    result = _incidence(part)
    for cause, words in causes_of(part.info).items():
        of_cause = part.frame.filter(pl.col(f"{part.info.key}_cause") == cause)
        number, who = count(
            (*path, "events"),
            f"{part.label}: {words}, patients",
            of_cause["patient"].to_list(),
            population=part.population,
            cause=cause,
            **part.levels,
        )
        estimates.append(number)
        populations.append(who)
        found = None
        if result is not None and cause in result.causes:
            found = result.curve(cause)
            curves.append(_curve(part, cause, found))
        estimates += _at(part, cause, found)
    number, who = count(
        (*path, "censored"),
        f"{part.label}: censored",
        part.frame.filter(_censored(part))["patient"].to_list(),
        population=part.population,
        **part.levels,
    )
    return [*estimates, number], curves, [*populations, who]


def _gray(part: _Part, what: VariableInfo, missing: int, cause: str) -> Estimate:
    """Gray's test between the groups, or why there is none."""
    from oncohort.problems import OncohortError
    from oncohort.stats import gray_test

    words = causes_of(part.info)[cause]
    key = key_of("incidence", part.info.key, "gray", cause=cause, variable=what.key)
    label = f"{part.label} by {what.label}: {words}, Gray's test p"
    types = types_of(part.frame, part.info.key)
    groups = part.frame[what.key].to_list()
    common: Fields = {
        "n": part.frame.height,
        "population": COHORT,
        "excluded": {"missing": missing} if missing else {},
    }
    why = "one group only" if len(set(groups)) < 2 else "" if cause in types else "no event"
    if not why:
        try:
            test = gray_test(
                _times(part, part.frame),
                types,
                groups,
                cause=cause,
                censored=NONE if NONE in types else None,
                entry=entry_times(
                    part.frame, part.info.key, DAYS_PER_UNIT[part.protocol.study.time_unit]
                ),
            )
            events = types.count(cause)
            return Estimate(
                key, label, float(test.p), kind="p", method="Gray's test", events=events, **common
            )
        except OncohortError as error:  # groups that are never at risk together at an event
            why = str(error)
    return Estimate(key, label, None, "not_estimable", kind="p", note=why, **common)


def _by_group(
    protocol: Protocol, cohort: Cohort, info: EndpointInfo, frame: pl.DataFrame, variable: str
) -> tuple[list[Estimate], list[Curve], list[Population]]:
    """Incidence in each group of a variable, and Gray's test for each kind of event."""
    what = cohort.meaning.variables[variable]
    known = frame.filter(pl.col(variable).is_not_null())
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    if known.height < frame.height:
        number, who = in_no_group(("incidence", info.key), info.label, what, frame)
        estimates.append(number)
        populations.append(who)
    for group, label in what.levels.items():
        rows = known.filter(pl.col(variable) == group)
        if rows.is_empty():
            continue
        levels = {"group": group, "variable": variable}
        name = key_of("incidence", info.key, "group", **levels).id
        title = f"{info.label}, {what.label}: {label}"
        populations.append(Population(name, title, tuple(rows["patient"].to_list())))
        es, cs, ps = _numbers(_Part(protocol, info, rows, name, 0, levels, title))
        estimates += es
        curves += cs
        populations += ps
    whole = _Part(protocol, info, known, COHORT, 0, {}, info.label)
    missing = frame.height - known.height
    estimates += [_gray(whole, what, missing, cause) for cause in causes_of(info)]
    return estimates, curves, populations


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Every endpoint with competing events that nothing blocks."""
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    methods: list[str] = []
    problems = []
    grouped = modelled = False
    for key, info in cohort.meaning.endpoints.items():
        frame = cohort.frame.filter(pl.col(f"{key}_time").is_not_null())
        if key in blocked or not info.competing or frame.is_empty():
            continue
        lost = cohort.n - frame.height
        es, cs, ps = _numbers(_Part(protocol, info, frame, COHORT, lost, {}, info.label))
        parts = [(es, cs, ps)]
        for variable in protocol.endpoints[key].by:
            if variable in cohort.meaning.variables and cohort.meaning.variables[variable].levels:
                parts.append(_by_group(protocol, cohort, info, frame, variable))
                grouped = True
        for es, cs, ps in parts:
            estimates += es
            curves += cs
            populations += ps
        fitted = models(protocol, cohort, info, frame, causes_of(info))
        estimates += fitted.estimates
        populations += fitted.populations
        problems += fitted.problems
        modelled = modelled or bool(fitted.estimates)
        methods.append(f"{info.label}: {info.method}.")
    if not estimates:
        return None
    methods += _methods(grouped, modelled)
    return Result(
        "incidence",
        tuple(estimates),
        tuple(curves),
        tuple(populations),
        tuple(methods),
        tuple(problems),
    )


def _methods(grouped: bool, modelled: bool) -> list[str]:
    """What was done, in sentences."""
    out = [
        "Where another event could come first, the cumulative incidence of each kind of event was "
        "estimated by the Aalen-Johansen method, with pointwise 95% intervals; one minus the "
        "Kaplan-Meier estimate, which takes competing events as censored, was not used, because "
        "it overstates the incidence."
    ]
    if grouped:
        out.append("Groups were compared by Gray's test, for each kind of event.")
    if modelled:
        out.append(
            "Cause-specific hazard ratios (Cox regression with the other events as censored) speak "
            "of the rate among those still free of any event, subdistribution hazard ratios "
            "(Fine-Gray regression) of the cumulative incidence; both are reported, complete cases."
        )
    return out
