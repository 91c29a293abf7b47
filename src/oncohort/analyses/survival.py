"""Survival: Kaplan-Meier for each endpoint, in all and by group, and the length of follow-up."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Curve, Estimate, Population, Result, result_id
from oncohort.endpoints.cohort import DAYS_PER_UNIT, Cohort, EndpointInfo
from oncohort.protocol import Protocol

BANDS = {
    "log-log": "log-log (Brookmeyer-Crowley)",
    "log": "log (Brookmeyer-Crowley)",
    "plain": "plain (Brookmeyer-Crowley)",
    "logit": "logit (Brookmeyer-Crowley)",
    "arcsine": "arcsine (Brookmeyer-Crowley)",
}


def median_estimate(
    name: str,
    label: str,
    time: np.ndarray[Any, Any],
    event: np.ndarray[Any, Any],
    *,
    unit: str,
    population: str,
    method: str,
    interval: str = "log-log",
) -> Estimate:
    """Kaplan-Meier median with its Brookmeyer-Crowley interval; not reached is a state."""
    from oncohort.stats import kaplan_meier

    n = int(time.size)
    if n == 0:
        return Estimate(name, label, None, "not_estimable", n=0, unit=unit, population=population)
    return _median(
        kaplan_meier(time, event, interval=interval),
        name,
        label,
        unit=unit,
        population=population,
        method=method,
        interval=interval,
        n=n,
        events=int(event.sum()),
    )


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _median(
    km: Any,
    name: str,
    label: str,
    *,
    unit: str,
    population: str,
    method: str,
    interval: str,
    n: int,
    events: int,
    excluded: dict[str, int] | None = None,
    imputed: int = 0,
) -> Estimate:
    median = km.median
    value = _finite(median.value)
    notes = []
    if median.flat and value is not None:
        notes.append("the curve is exactly 0.5 over an interval; the median is its midpoint")
    if imputed:
        notes.append(f"{imputed} of {n} times rest on a partial date")
    return Estimate(
        name,
        label,
        value,
        "ok" if value is not None else "not_reached",
        low=_finite(median.low),
        high=_finite(median.high),
        level=0.95,
        interval_method=BANDS[interval],
        method=method,
        n=n,
        events=events,
        excluded=excluded or {},
        unit=unit,
        population=population,
        note="; ".join(notes),
    )


def _curve(km: Any, name: str, label: str, method: str, unit: str, population: str) -> Curve:
    """The curve from time 0, one row per distinct time."""
    start = [] if km.time.size and km.time[0] == 0 else [0]
    n = int(km.at_risk[0]) if km.time.size else 0

    def column(values: Any, first: Any) -> tuple[Any, ...]:
        rest: list[Any] = [None if not np.isfinite(v) else v.item() for v in np.asarray(values)]
        if isinstance(first, int):
            rest = [int(v) for v in rest]
        return tuple([first] * len(start) + rest)

    return Curve(
        name,
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
        method=method,
        unit=unit,
        population=population,
    )


def _landmarks(
    km: Any, protocol: Protocol, info: EndpointInfo, population: str, n: int, keys: dict[str, str]
) -> list[Estimate]:
    rule = protocol.endpoints[info.key]
    out = []
    for time, row in zip(rule.landmarks, km.at(rule.landmarks), strict=True):
        value = _finite(row.survival)
        out.append(
            Estimate(
                result_id(f"survival.{info.key}.at", time=f"{time:g}", **keys),
                f"{info.label} at {time:g} {protocol.study.time_unit}",
                None if value is None else 100 * value,
                "not_estimable" if value is None else "ok",
                low=None if _finite(row.low) is None else 100 * row.low,
                high=None if _finite(row.high) is None else 100 * row.high,
                level=0.95 if _finite(row.low) is not None else None,
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


def entry_times(frame: pl.DataFrame, key: str, scale: float) -> np.ndarray[Any, Any] | None:
    """Times of coming under observation, where the endpoint starts before treatment."""
    column = f"{key}_entry"
    return None if column not in frame.columns else frame[column].to_numpy() / scale


def _numbers(
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    population: str,
    excluded: int,
    keys: dict[str, str],
    label: str,
) -> tuple[list[Estimate], Curve]:
    from oncohort.stats import kaplan_meier

    unit = protocol.study.time_unit
    rule = protocol.endpoints[info.key]
    time = frame[f"{info.key}_time"].to_numpy() / DAYS_PER_UNIT[unit]
    event = frame[f"{info.key}_event"].to_numpy()
    entry = entry_times(frame, info.key, DAYS_PER_UNIT[unit])
    km = kaplan_meier(time, event, entry=entry, interval=rule.interval)
    n, events = frame.height, int(event.sum())
    path = f"survival.{info.key}"
    left = {"no time or event": excluded} if excluded else {}
    counts = [
        Estimate(
            result_id(f"{path}.{what}", **keys),
            f"{label}, {words}",
            value,
            unit="patients",
            n=n,
            population=population,
            method="count",
            excluded=left,
        )
        for what, words, value in (("n", "patients", n), ("events", "events", events))
    ]
    median = _median(
        km,
        result_id(f"{path}.median", **keys),
        f"{label}, median",
        unit=unit,
        population=population,
        method=f"Kaplan-Meier; {info.method}",
        interval=rule.interval,
        n=n,
        events=events,
        excluded=left,
        imputed=_imputed(frame, info.key),
    )
    curve = _curve(km, result_id(f"{path}.curve", **keys), label, "Kaplan-Meier", unit, population)
    landmarks = _landmarks(km, protocol, info, population, n, keys)
    early = _collapsed(km, entry)
    if early is not None:
        note = (
            f"the curve falls to 0 at {early:.1f} {unit}, when few were under observation, "
            "though others are observed later (delayed entry)"
        )
        median = _withdrawn(median, note)
        landmarks = [_withdrawn(e, note) for e in landmarks]
    return [*counts, median, *landmarks], curve


def _collapsed(km: Any, entry: np.ndarray[Any, Any] | None) -> float | None:
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
    from dataclasses import replace

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
    from oncohort.stats import logrank
    from oncohort.stats.errors import TooFewGroupsError

    what = cohort.variables[variable]
    known = frame.filter(pl.col(variable).is_not_null())
    missing = frame.height - known.height
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    if missing:
        from oncohort.analyses.counting import count

        number, who = count(
            f"survival.{info.key}.missing",
            f"{info.label}, {what.label}: missing, in no group",
            frame.filter(pl.col(variable).is_null())["patient"].to_list(),
            variable=variable,
        )
        estimates.append(number)
        populations.append(who)
    groups = [g for g in what.levels if known.filter(pl.col(variable) == g).height]
    for group in groups:
        part = known.filter(pl.col(variable) == group)
        keys = {"group": group, "variable": variable}
        name = result_id(f"survival.{info.key}.group", **keys)
        label = f"{info.label}, {what.label}: {what.levels[group]}"
        populations.append(Population(name, label, tuple(part["patient"].to_list())))
        es, curve = _numbers(protocol, info, part, name, 0, keys, label)
        estimates += es
        curves.append(curve)
    name = result_id(f"survival.{info.key}.logrank", variable=variable)
    label = f"{info.label} by {what.label}, log-rank p"
    if len(groups) < 2 or not known[f"{info.key}_event"].any():
        note = "one group only" if len(groups) < 2 else "no event"
        estimates.append(Estimate(name, label, None, "not_estimable", population=COHORT, note=note))
        return estimates, curves, populations
    try:
        test = logrank(
            known[f"{info.key}_time"].to_numpy(),
            known[f"{info.key}_event"].to_numpy(),
            known[variable].to_list(),
            entry=entry_times(known, info.key, 1.0),
        )
    except TooFewGroupsError as error:  # groups that are never at risk together at an event
        estimates.append(
            Estimate(name, label, None, "not_estimable", population=COHORT, note=str(error))
        )
        return estimates, curves, populations
    estimates.append(
        Estimate(
            name,
            label,
            float(test.p),
            method="log-rank test, two-sided",
            n=known.height,
            events=int(known[f"{info.key}_event"].sum()),
            excluded={"missing": missing} if missing else {},
            population=COHORT,
        )
    )
    return estimates, curves, populations


def _censoring(cohort: Cohort, info: EndpointInfo) -> tuple[list[Estimate], list[Population]]:
    """Which events happened first, and why the others were censored: counts of patients."""
    from oncohort.analyses.counting import count
    from oncohort.analyses.result import slug
    from oncohort.endpoints.reasons import kind_in_words

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
                f"survival.{info.key}.{what}",
                f"{info.label}, {what}: {words}",
                those,
                reason=slug(reason),
            )
            estimates.append(number)
            populations.append(who)
    return estimates, populations


def _follow_up(protocol: Protocol, cohort: Cohort, blocked: bool) -> list[Estimate]:
    """Median follow-up by reverse Kaplan-Meier on OS: being censored is the event."""
    if "os_time" not in cohort.frame.columns or blocked:
        return []
    from oncohort.stats import follow_up

    unit = protocol.study.time_unit
    rows = cohort.frame.filter(pl.col("os_time").is_not_null())
    if rows.is_empty():
        return []
    time = rows["os_time"].to_numpy() / DAYS_PER_UNIT[unit]
    event = rows["os_event"].to_numpy()
    if event.all():
        note = "every patient had the event: nobody's follow-up was cut short"
        return [
            Estimate(
                "survival.follow_up.median",
                "Follow-up, median",
                None,
                "not_estimable",
                unit=unit,
                n=rows.height,
                population=COHORT,
                method="reverse Kaplan-Meier",
                note=note,
            )
        ]
    km = follow_up(time, event)
    out = [
        _median(
            km,
            "survival.follow_up.median",
            "Follow-up, median",
            unit=unit,
            population=COHORT,
            method="reverse Kaplan-Meier",
            interval="log-log",
            n=rows.height,
            events=int((~event).sum()),
        )
    ]
    for what, value in (("minimum", time.min()), ("maximum", time.max())):
        out.append(
            Estimate(
                f"survival.follow_up.{what}",
                f"Time observed, {what}",
                float(value),
                unit=unit,
                n=rows.height,
                population=COHORT,
                method=what,
            )
        )
    return out


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Kaplan-Meier for every endpoint that nothing blocks."""
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    methods: list[str] = []
    done = [i for k, i in cohort.endpoints.items() if k not in blocked]
    for info in done:
        rule = protocol.endpoints[info.key]
        frame = cohort.frame.filter(pl.col(f"{info.key}_time").is_not_null())
        if frame.is_empty():
            continue
        es, curve = _numbers(protocol, info, frame, COHORT, cohort.n - frame.height, {}, info.label)
        estimates += es
        curves.append(curve)
        more, ps = _censoring(cohort, info)
        estimates += more
        populations += ps
        for variable in rule.by:
            if variable not in cohort.variables or not cohort.variables[variable].levels:
                continue
            es, cs, ps = _by_group(protocol, cohort, info, frame, variable)
            estimates += es
            curves += cs
            populations += ps
        methods.append(f"{info.label}: {info.method}.")
    if not estimates:
        return None
    estimates += _follow_up(protocol, cohort, "os" in blocked)
    bands = sorted({protocol.endpoints[i.key].interval for i in done})
    methods.append(
        "Survival was estimated by the Kaplan-Meier method with Greenwood's variance; 95% "
        f"intervals use the {' and '.join(bands)} transformation, those of medians invert the same "
        "band (Brookmeyer-Crowley). Where a curve is exactly 0.5 over an interval, the median is "
        "the midpoint of that interval."
    )
    if any(e.id == "survival.follow_up.median" for e in estimates):
        methods.append("Median follow-up was estimated by the reverse Kaplan-Meier method.")
    if any(protocol.endpoints[i.key].by for i in done):
        methods.append("Groups were compared by the two-sided log-rank test.")
    return Result("survival", tuple(estimates), tuple(curves), tuple(populations), tuple(methods))
