"""Survival: Kaplan-Meier for each endpoint, in all and by group, and the length of follow-up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses import cutpoints
from oncohort.analyses.counting import COHORT, count, in_no_group
from oncohort.analyses.result import Curve, Estimate, Fields, Key, Population, Result, key_of
from oncohort.analyses.standard_endpoints import standard_endpoints
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.endpoints.reasons import kind_in_words
from oncohort.protocol import Protocol
from oncohort.stats.inputs import Array
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats.curve_result import KaplanMeierResult

BANDS = {
    "log-log": "log-log (Brookmeyer-Crowley)",
    "log": "log (Brookmeyer-Crowley)",
    "plain": "plain (Brookmeyer-Crowley)",
    "logit": "logit (Brookmeyer-Crowley)",
    "arcsine": "arcsine (Brookmeyer-Crowley)",
}


def median_estimate(
    key: Key,
    label: str,
    time: npt.NDArray[np.float64],
    event: npt.NDArray[np.bool_],
    *,
    unit: str,
    population: str,
    method: str,
    interval: str = "log-log",
    heading: str = "",
) -> Estimate:
    """Kaplan-Meier median with its Brookmeyer-Crowley interval; not reached is a state."""
    from oncohort.stats import kaplan_meier

    n = int(time.size)
    common: Fields = {"unit": unit, "population": population, "n": n, "heading": heading}
    if n == 0:
        return Estimate(key, label, None, "not_estimable", kind="time", **common)
    km = kaplan_meier(time, event, interval=interval)
    common |= {"method": method, "events": int(event.sum())}
    return _median(km, key, label, interval=interval, **common)


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _median(
    km: KaplanMeierResult,
    key: Key,
    label: str,
    *,
    interval: str,
    imputed: int = 0,
    **fields: Option,
) -> Estimate:
    """The median of a curve; `fields` are those of the estimate."""
    median = km.median
    value = _finite(median.value)
    notes = []
    if median.flat and value is not None:
        notes.append("the curve is exactly 0.5 over an interval; the median is its midpoint")
    if imputed:
        notes.append(f"{imputed} of {fields['n']} times rest on a partial date")
    return Estimate(
        key,
        label,
        value,
        "ok" if value is not None else "not_reached",
        kind="time",
        low=_finite(median.low),
        high=_finite(median.high),
        level=0.95,
        interval_method=BANDS[interval],
        note="; ".join(notes),
        **fields,
    )


def curve_of(km: KaplanMeierResult, key: Key, label: str, unit: str, population: str) -> Curve:
    """The curve from time 0, one row per distinct time."""
    start = [] if km.time.size and km.time[0] == 0 else [0]
    n = int(km.at_risk[0]) if km.time.size else 0

    def column(values: Array, first: float) -> tuple[object, ...]:
        rest = [None if not np.isfinite(v) else type(first)(v) for v in np.asarray(values)]
        return tuple([first] * len(start) + rest)

    return Curve(
        key,
        label,
        {
            "time": column(km.time, 0.0),
            "survival": column(km.survival, 1.0),
            "low": column(km.low, 1.0),
            "high": column(km.high, 1.0),
            "at_risk": column(km.at_risk, n),
            "events": column(km.events, 0),
            "censored": column(km.censored, 0),
        },
        method="Kaplan-Meier",
        unit=unit,
        population=population,
    )


def _landmarks(
    km: KaplanMeierResult,
    protocol: Protocol,
    info: EndpointInfo,
    population: str,
    n: int,
    levels: dict[str, str],
) -> list[Estimate]:
    rule = protocol.endpoints[info.key]
    out = []
    for time, row in zip(rule.landmarks, km.at(rule.landmarks), strict=True):
        value, low, high = _finite(row.survival), _finite(row.low), _finite(row.high)
        out.append(
            Estimate(
                key_of("survival", info.key, "at", time=f"{time:g}", **levels),
                f"{info.label} at {time:g} {protocol.study.time_unit}",
                None if value is None else 100 * value,
                "not_estimable" if value is None else "ok",
                kind="proportion",
                low=None if low is None else 100 * low,
                high=None if high is None else 100 * high,
                level=0.95 if low is not None else None,
                interval_method=rule.interval,
                method="Kaplan-Meier",
                n=n,
                unit="%",
                population=population,
                note=f"{row.at_risk:g} at risk"
                if value is not None
                else "after the last follow-up",
            )
        )
    return out


def entry_times(frame: pl.DataFrame, key: str, scale: float) -> npt.NDArray[np.float64] | None:
    """Times of coming under observation, where the endpoint starts before treatment."""
    column = f"{key}_entry"
    return None if column not in frame.columns else frame[column].to_numpy() / scale


def _numbers(
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    population: str,
    excluded: int,
    levels: dict[str, str],
    label: str,
) -> tuple[list[Estimate], Curve]:
    """Patients, events, median, survival at the landmarks, and the curve."""
    from oncohort.stats import kaplan_meier

    unit = protocol.study.time_unit
    rule = protocol.endpoints[info.key]
    time = frame[f"{info.key}_time"].to_numpy() / DAYS_PER_UNIT[unit]
    event = frame[f"{info.key}_event"].to_numpy()
    entry = entry_times(frame, info.key, DAYS_PER_UNIT[unit])
    km = kaplan_meier(time, event, entry=entry, interval=rule.interval)
    n, events = frame.height, int(event.sum())
    path = ("survival", info.key)
    common: Fields = {
        "n": n,
        "population": population,
        "excluded": {"no time or event": excluded} if excluded else {},
    }
    counts = [
        Estimate(
            key_of(*path, what, **levels),
            f"{label}, {words}",
            value,
            kind="count",
            unit="patients",
            method="count",
            **common,
        )
        for what, words, value in (("n", "patients", n), ("events", "events", events))
    ]
    median = _median(
        km,
        key_of(*path, "median", **levels),
        f"{label}, median",
        interval=rule.interval,
        imputed=_imputed(frame, info.key),
        method=f"Kaplan-Meier; {info.method}",
        events=events,
        unit=unit,
        **common,
    )
    curve = curve_of(km, key_of(*path, "curve", **levels), label, unit, population)
    landmarks = _landmarks(km, protocol, info, population, n, levels)
    early = _collapsed(km, entry)
    if early is not None:
        note = (
            f"the curve falls to 0 at {early:.1f} {unit}, when few were under observation, "
            "though others are observed later (delayed entry)"
        )
        median = _withdrawn(median, note)
        landmarks = [_withdrawn(e, note) for e in landmarks]
    return [*counts, median, *landmarks], curve


def _collapsed(km: KaplanMeierResult, entry: npt.NDArray[np.float64] | None) -> float | None:
    """Time at which a curve with delayed entry reached 0 while patients were still to enter.

    With few patients under observation early on, the deaths of all of them take the product to 0,
    and nothing that is seen later can lift it again (Klein and Moeschberger, Survival Analysis,
    2nd ed. 2003, section 4.6). Such a curve says nothing about the patients.
    """
    if entry is None:
        return None
    at_zero = km.time[km.survival <= 0]
    return float(at_zero[0]) if at_zero.size and at_zero[0] < km.time[-1] else None


def _withdrawn(estimate: Estimate, note: str) -> Estimate:
    return replace(
        estimate, value=None, state="not_estimable", low=None, high=None, level=None, note=note
    )


def _imputed(frame: pl.DataFrame, key: str) -> int:
    """Patients whose time rests on a date of which only month or year is known."""
    column = f"{key}_imputed"
    return int(frame[column].fill_null(False).sum()) if column in frame.columns else 0


def _by_group(
    protocol: Protocol, cohort: Cohort, info: EndpointInfo, frame: pl.DataFrame, variable: str
) -> tuple[list[Estimate], list[Curve], list[Population]]:
    """The endpoint in each group of a variable, and the log-rank test between them."""
    what = cohort.meaning.variables[variable]
    known = frame.filter(pl.col(variable).is_not_null())
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    if known.height < frame.height:
        number, who = in_no_group(("survival", info.key), info.label, what, frame)
        estimates.append(number)
        populations.append(who)
    groups = [g for g in what.levels if known.filter(pl.col(variable) == g).height]
    for group in groups:
        part = known.filter(pl.col(variable) == group)
        levels = {"group": group, "variable": variable}
        name = key_of("survival", info.key, "group", **levels).id
        label = f"{info.label}, {what.label}: {what.levels[group]}"
        populations.append(Population(name, label, tuple(part["patient"].to_list())))
        es, curve = _numbers(protocol, info, part, name, 0, levels, label)
        estimates += es
        curves.append(curve)
    missing = frame.height - known.height
    corrected = cutpoints.after_search(protocol, cohort, info, what)
    estimates.append(corrected or _difference(info, what, known, len(groups), missing))
    return estimates, curves, populations


def _difference(
    info: EndpointInfo, what: VariableInfo, known: pl.DataFrame, groups: int, missing: int
) -> Estimate:
    """The log-rank test between the groups, or why there is none."""
    from oncohort.stats import logrank
    from oncohort.stats.errors import TooFewGroupsError

    key = key_of("survival", info.key, "logrank", variable=what.key)
    label = f"{info.label} by {what.label}, log-rank p"
    events = int(known[f"{info.key}_event"].sum())
    why = "one group only" if groups < 2 else "" if events else "no event"
    if not why:
        try:
            test = logrank(
                known[f"{info.key}_time"].to_numpy(),
                known[f"{info.key}_event"].to_numpy(),
                known[what.key].to_list(),
                entry=entry_times(known, info.key, 1.0),
            )
        except TooFewGroupsError as error:  # groups that are never at risk together at an event
            why = str(error)
    if why:
        return Estimate(key, label, None, "not_estimable", kind="p", population=COHORT, note=why)
    return Estimate(
        key,
        label,
        float(test.p),
        kind="p",
        method="log-rank test, two-sided",
        n=known.height,
        events=events,
        excluded={"missing": missing} if missing else {},
        population=COHORT,
    )


def _censoring(cohort: Cohort, info: EndpointInfo) -> tuple[list[Estimate], list[Population]]:
    """Which events happened first, and why the others were censored: counts of patients."""
    if f"{info.key}_kind" not in cohort.frame.columns:
        return [], []
    estimates: list[Estimate] = []
    populations: list[Population] = []
    rows = cohort.frame.filter(pl.col(f"{info.key}_time").is_not_null())
    for happened, what, column in ((True, "event", "kind"), (False, "censored", "reason")):
        part = rows.filter(pl.col(f"{info.key}_event") == happened)
        name = f"{info.key}_{column}"
        for reason in sorted(part[name].drop_nulls().unique().to_list()):
            those = part.filter(pl.col(name) == reason)["patient"].to_list()
            words = kind_in_words(reason) if happened else reason.replace("-", " ")
            number, who = count(
                ("survival", info.key, what),
                f"{info.label}, {what}: {words}",
                those,
                reason=reason.replace("-", "_"),
            )
            estimates.append(number)
            populations.append(who)
    return estimates, populations


def _follow_up(protocol: Protocol, cohort: Cohort, blocked: frozenset[str]) -> list[Estimate]:
    """Median follow-up by reverse Kaplan-Meier: being censored is the event.

    On overall survival; in a study without it on its first endpoint, which the label says.
    """
    from oncohort.stats import follow_up

    key = standard_endpoints(cohort).get("os")
    of = ""
    if key is None:
        others = (k for k, i in cohort.meaning.endpoints.items() if not i.competing)
        key = next(others, None)
        of = "" if key is None else cohort.meaning.endpoints[key].label
    if key is None or key in blocked:
        return []
    unit = protocol.study.time_unit
    rows = cohort.frame.filter(pl.col(f"{key}_time").is_not_null())
    if rows.is_empty():
        return []
    time = rows[f"{key}_time"].to_numpy() / DAYS_PER_UNIT[unit]
    event = rows[f"{key}_event"].to_numpy()
    common: Fields = {"unit": unit, "n": rows.height, "population": COHORT, "heading": of}
    path = ("survival", "follow_up")
    label = f"Follow-up (from {of}), median" if of else "Follow-up, median"
    median, method = key_of(*path, "median"), "reverse Kaplan-Meier"
    if event.all():
        note = "every patient had the event: nobody's follow-up was cut short"
        common |= {"method": method, "note": note}
        return [Estimate(median, label, None, "not_estimable", kind="time", **common)]
    events = int((~event).sum())
    km = follow_up(time, event)
    out = [_median(km, median, label, interval="log-log", method=method, events=events, **common)]
    for what, value in (("minimum", time.min()), ("maximum", time.max())):
        out.append(
            Estimate(
                key_of(*path, what),
                f"Time observed, {what}",
                float(value),
                kind="time",
                method=what,
                **common,
            )
        )
    return out


def _methods(protocol: Protocol, done: list[EndpointInfo], followed: bool) -> list[str]:
    """What was done, in sentences."""
    bands = sorted({protocol.endpoints[i.key].interval for i in done})
    out = [
        "Survival was estimated by the Kaplan-Meier method with Greenwood's variance; 95% "
        f"intervals use the {' and '.join(bands)} transformation, those of medians invert the same "
        "band (Brookmeyer-Crowley). Where a curve is exactly 0.5 over an interval, the median is "
        "the midpoint of that interval."
    ]
    if followed:
        out.append("Median follow-up was estimated by the reverse Kaplan-Meier method.")
    if any(protocol.endpoints[i.key].by for i in done):
        out.append("Groups were compared by the two-sided log-rank test.")
    return out


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Kaplan-Meier for every endpoint that nothing blocks."""
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    methods: list[str] = []
    wanted = (i for k, i in cohort.meaning.endpoints.items() if k not in blocked)
    # With competing events, one minus Kaplan-Meier overstates how many have the event.
    done = [i for i in wanted if not i.competing]
    for info in done:
        frame = cohort.frame.filter(pl.col(f"{info.key}_time").is_not_null())
        if frame.is_empty():
            continue
        es, curve = _numbers(protocol, info, frame, COHORT, cohort.n - frame.height, {}, info.label)
        more, ps = _censoring(cohort, info)
        estimates += [*es, *more]
        curves.append(curve)
        populations += ps
        for variable in protocol.endpoints[info.key].by:
            known = cohort.meaning.variables.get(variable)
            if known is None or not known.levels:
                continue
            es, cs, ps = _by_group(protocol, cohort, info, frame, variable)
            estimates += es
            curves += cs
            populations += ps
        methods.append(f"{info.label}: {info.method}.")
    if not estimates:
        return None
    followed = _follow_up(protocol, cohort, blocked)
    methods += _methods(protocol, done, bool(followed))
    return Result(
        "survival",
        (*estimates, *followed),
        tuple(curves),
        tuple(populations),
        tuple(methods),
    )
