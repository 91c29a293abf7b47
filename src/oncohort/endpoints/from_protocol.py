"""The declared endpoints: their rules, every patient's time and event, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.cohort import EndpointInfo
from oncohort.endpoints.derive import derive
from oncohort.endpoints.orders import immortal_time
from oncohort.endpoints.reasons import kind_in_words
from oncohort.endpoints.reduced import reduced
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.vocabulary.endpoints import (
    CENSORING_RULES,
    ENDPOINTS,
    RULE_SETS,
    EndpointRule,
    MissedVisits,
    rule_sets_for,
)
from oncohort.vocabulary.facts import BEFORE_TREATMENT

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.analysis import Endpoint

_OTHERWISE = {
    "assessment": "the last evaluable assessment",
    "last_contact": "the last contact",
}


def missed_visits(protocol: Protocol) -> MissedVisits | None:
    """The rule on missed visits, where schedule and tolerance are declared."""
    s = protocol.schedule
    if not s.scan_weeks or s.scan_tolerance_weeks is None:
        return None
    return MissedVisits(
        interval_days=7 * max(s.scan_weeks), tolerance_days=7 * s.scan_tolerance_weeks
    )


def defined_rule(key: str, declared: Endpoint) -> EndpointRule:
    """The declared endpoint by its origin and events, before any rule of censoring is applied."""
    base = ENDPOINTS.get(key, EndpointRule(key, declared.label or key.upper()))
    rule = replace(base, key=key, label=declared.label or base.label)
    if declared.origin != "treatment_start" or key not in ENDPOINTS:
        rule = replace(rule, origin=declared.origin)
    if declared.origin in BEFORE_TREATMENT:
        # The patients are in the study because they lived to its treatment: they come under
        # observation then, not at an earlier origin (immortal time).
        rule = replace(rule, entry="treatment_start")
    if declared.events:
        rule = replace(rule, events=tuple(declared.events))
    return rule


def endpoint_rule(key: str, declared: Endpoint, missed: MissedVisits | None) -> EndpointRule:
    """The declared endpoint as an event and censoring rule."""
    rule = defined_rule(key, declared)
    if declared.censoring:
        rule = CENSORING_RULES[declared.censoring].apply(rule, missed)
    return rule


def in_words(rule: EndpointRule) -> str:
    """Events and censoring of a rule as a sentence without full stop.

    Examples
    --------
    >>> from oncohort.vocabulary.facts import BEFORE_TREATMENT
from oncohort.vocabulary.endpoints import PFS
    >>> in_words(PFS)
    'time from treatment start to progression or death, whichever came first; without an event, \
censored at the last evaluable assessment'
    """
    events = [kind_in_words(e) for e in rule.events]
    what = " or ".join([", ".join(events[:-1]), events[-1]]) if len(events) > 1 else events[0]
    first = ", whichever came first" if len(events) > 1 else ""
    text = f"time from {rule.origin.replace('_', ' ')} to {what}{first}; "
    if rule.stops:
        stops = " or ".join(kind_in_words(s) for s in rule.stops)
        where = "the last evaluable assessment before it" if rule.at == "assessment" else "that day"
        text += f"{stops} without an event before it censors at {where}; "
    if rule.missed is not None:
        text += "an event after two missed visits is censored at the last evaluable assessment; "
    otherwise = " or ".join(_OTHERWISE.get(o, o.replace("_", " ")) for o in rule.otherwise)
    text += f"without an event, censored at {otherwise}"
    if rule.entry:
        text += f"; patients come under observation at {rule.entry.replace('_', ' ')}"
    return text


@dataclass(frozen=True, slots=True)
class Declared:
    """What became of the declared endpoints, each by its key."""

    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    """One row per patient: time, event, reason and the fact behind it."""
    infos: dict[str, EndpointInfo] = field(default_factory=dict)
    others: dict[str, dict[str, EndpointRule]] = field(default_factory=dict)
    """The same endpoint under other rule sets."""
    rules: dict[str, EndpointRule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def declared_endpoints(
    tables: Mapping[str, pl.DataFrame],
    protocol: Protocol,
    known: pl.DataFrame | None,
    visits: pl.DataFrame | None,
) -> Declared:
    """Every declared endpoint, and those from dates under the other rule sets.

    Parameters
    ----------
    known
        The facts (`facts.py`); none where the cohort comes reduced to times.
    visits
        The assessments; none where no scan was read.
    """
    out = Declared()
    frames, infos, others, rules, problems = (
        out.frames,
        out.infos,
        out.others,
        out.rules,
        out.problems,
    )
    patients = tables["patients"]
    missed = missed_visits(protocol)
    for key, declared in protocol.endpoints.items():
        label = declared.label or (
            ENDPOINTS[key].label.capitalize() if key in ENDPOINTS else key.upper()
        )
        blocks = (f"survival.{key}", f"prognosis.{key}")
        place = Place(file="study.toml", key=f"endpoints.{key}")
        if declared.time and declared.event:
            absent = [c for c in (declared.time, declared.event) if c not in patients.columns]
            if absent:
                problems += [
                    problem(
                        "endpoints.no-column",
                        place=place,
                        blocks=blocks,
                        name=column,
                        nearest=nearest(column, patients.columns),
                    )
                    for column in absent
                ]
                continue
            value = declared.event_value
            assert value is not None
            unit = declared.time_unit or protocol.study.time_unit
            frames[key], said = reduced(
                patients,
                key=key,
                time=declared.time,
                event=declared.event,
                event_value=value,
                unit=unit,
            )
            problems += [_in_patients(p if p.blocks else replace(p, blocks=blocks)) for p in said]
            method = f'time and event as charted ("{declared.event}" = {value} is the event)'
            infos[key] = EndpointInfo(key, label, method, "as charted", reduced=True)
            continue
        rule = endpoint_rule(key, declared, missed)
        if declared.censoring == "missed_visits" and missed is None:
            problems.append(problem("endpoints.no-schedule", place=place, blocks=blocks))
            continue
        if rule.origin in patients.schema and patients.schema[rule.origin] != pl.Date:
            absent_origin = True
        else:
            absent_origin = rule.origin not in patients.columns and rule.origin not in (
                "response",
                "complete_response",
                "stable_disease_from",
            )
        if absent_origin:
            dates = [c for c, t in patients.schema.items() if t == pl.Date]
            problems.append(
                problem(
                    "endpoints.no-origin",
                    "no_date",
                    place=place,
                    blocks=blocks,
                    label=label,
                    origin=rule.origin,
                    nearest=nearest(rule.origin, dates),
                )
            )
            continue
        if known is None or (rule.origin in patients.columns and not patients[rule.origin].count()):
            problems.append(
                problem(
                    "endpoints.no-origin",
                    "empty",
                    place=place,
                    blocks=blocks,
                    label=label,
                    origin=rule.origin,
                )
            )
            continue
        immortal = immortal_time(known, rule)
        problems += immortal
        if immortal:
            continue
        frames[key] = derive(known, rule, patients=patients)
        if visits is None:
            problems += _without_scans(label, rule, frames[key], patients, place, blocks)
        problems += _without_contact(label, rule, frames[key], known, place, blocks)
        rules[key] = rule
        infos[key] = EndpointInfo(key, label, in_words(rule), rule.origin)
        plain = defined_rule(key, declared)
        if "progression" in plain.events and plain.otherwise == ("assessment",):
            sets = rule_sets_for(plain, missed)
            others[key] = {k: r for k, r in sets.items() if k in _possible(tables)}
    return out


def _in_patients(problem: Problem) -> Problem:
    """A problem of a time or event column, placed in the table that it comes from."""
    if problem.place.row is None:
        return problem
    return replace(problem, place=replace(problem.place, sheet="patients"))


def _possible(tables: Mapping[str, pl.DataFrame]) -> set[str]:
    """Rule sets that the data can tell apart: no new therapy is recorded where no table is."""
    out = set(RULE_SETS)
    if tables.get("therapies") is None:
        out -= {"new_therapy", "new_therapy_event"}
    patients = tables["patients"]
    if "treatment_end_reason" not in patients.columns:
        reasons = set()
    else:
        reasons = set(patients["treatment_end_reason"].drop_nulls().to_list())
    if not reasons:
        out -= {"clinical_progression", "toxicity_stop"}
    return out


def _without_scans(
    label: str,
    rule: EndpointRule,
    frame: pl.DataFrame,
    patients: pl.DataFrame,
    place: Place,
    blocks: tuple[str, ...],
) -> list[Problem]:
    """What a rule on progression and scans can't do where no visit was ever read."""
    if "progression" in rule.events and "progression_date" not in patients.columns:
        return [problem("endpoints.no-progression", place=place, blocks=blocks, label=label)]
    at_once = frame.filter(pl.col("reason") == "no-assessment").height
    if rule.otherwise != ("assessment",) or not at_once:
        return []
    return [
        problem(
            "endpoints.no-scans", place=place, blocks=blocks, label=label, n=at_once, key=rule.key
        )
    ]


def _without_contact(
    label: str,
    rule: EndpointRule,
    frame: pl.DataFrame,
    known: pl.DataFrame,
    place: Place,
    blocks: tuple[str, ...],
) -> list[Problem]:
    """A rule that censors at the last contact where nobody has one."""
    lost = frame.filter(pl.col("reason") == "no-follow-up").height
    if rule.otherwise != ("last_contact",) or not lost:
        return []
    if known.filter(pl.col("kind") == "last_contact").height:
        return []
    return [
        problem(
            "endpoints.no-last-contact",
            place=place,
            blocks=blocks,
            label=label,
            n=lost,
            key=rule.key,
        )
    ]


def untimed(frames: Mapping[str, pl.DataFrame], infos: Mapping[str, EndpointInfo]) -> list[Problem]:
    """Patients without a time, and why: named, not dropped without a word."""
    out = []
    for key, frame in frames.items():
        if infos[key].reduced:
            continue
        for row in frame.filter(pl.col("time").is_null()).iter_rows(named=True):
            out.append(
                problem(
                    f"endpoints.{row['reason']}",
                    place=Place(sheet=row["table"], row=row["source_row"]),
                    patient=row["patient"],
                    label=infos[key].label,
                )
            )
    return out
