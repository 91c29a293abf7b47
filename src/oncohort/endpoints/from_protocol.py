"""The declared endpoints: their rules, every patient's time and event, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.cohort import EndpointInfo
from oncohort.endpoints.dated import days_until, last_day_problem, with_days
from oncohort.endpoints.derive import derive
from oncohort.endpoints.from_columns import charted_in_words, frame_of_pairs
from oncohort.endpoints.orders import immortal_time
from oncohort.endpoints.reasons import kind_in_words
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.endpoints import TimedEvent
from oncohort.protocol.references import nearest
from oncohort.vocabulary.endpoints import (
    CENSORING_RULES,
    ENDPOINTS,
    RULE_SETS,
    EndpointRule,
    MissedVisits,
    rule_sets_for,
)
from oncohort.vocabulary.facts import BEFORE_TREATMENT, EVENTS, ORIGINS
from oncohort.vocabulary.keys import key_of

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.endpoints import Endpoint

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
    return with_competing(rule, declared)


def with_competing(rule: EndpointRule, declared: Endpoint) -> EndpointRule:
    """The rule with the competing events that are declared; these are no events, and no stops."""
    others = tuple(declared.competing)
    if declared.causes:
        others += ("death_other",)
    if not others:
        return rule
    return replace(
        rule,
        events=tuple(e for e in rule.events if e not in others),
        stops=tuple(s for s in rule.stops if s not in others),
        competing=others,
        causes=tuple(declared.causes),
        unknown_cause=declared.unknown_cause or "",
    )


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
    >>> from oncohort.vocabulary.endpoints import PFS
    >>> in_words(PFS)
    'time from treatment start to progression or death, whichever came first; without an event, \
censored at the last evaluable assessment'
    """
    events = [kind_in_words(e) for e in rule.events]
    what = " or ".join([", ".join(events[:-1]), events[-1]]) if len(events) > 1 else events[0]
    first = ", whichever came first" if len(events) > 1 else ""
    if rule.causes:
        what = what.replace("death", f"death from {' or '.join(rule.causes)}", 1)
    text = f"time from {rule.origin.replace('_', ' ')} to {what}{first}; "
    if rule.competing:
        others = " and ".join(kind_in_words(k) for k in rule.competing)
        text += f"competing {'events' if len(rule.competing) > 1 else 'event'}: {others}; "
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
    for key, declared in protocol.endpoints.items():
        label = declared.label or (
            ENDPOINTS[key].label.capitalize() if key in ENDPOINTS else key.upper()
        )
        one = _One(key, label, declared, protocol)
        if declared.reduced:
            _from_columns(out, one, tables["patients"])
        else:
            _from_dates(out, one, tables, known, visits)
    return out


@dataclass(frozen=True, slots=True)
class _One:
    """One declared endpoint, and how problems of its protocol are placed."""

    key: str
    label: str
    declared: Endpoint
    protocol: Protocol

    @property
    def blocks(self) -> tuple[str, ...]:
        return parts_of(self.key, self.declared)

    @property
    def place(self) -> Place:
        return Place(file="study.toml", key=f"endpoints.{self.key}")


def parts_of(key: str, declared: Endpoint) -> tuple[str, ...]:
    """Prefixes of the results that an endpoint gives.

    Examples
    --------
    >>> from oncohort.protocol.endpoints import Endpoint
    >>> parts_of("ttp", Endpoint(events=["progression"], competing=["death"]))
    ('incidence.ttp',)
    """
    if declared.has_competing:
        return (f"incidence.{key}",)
    return (f"survival.{key}", f"prognosis.{key}")


def _pairs(one: _One) -> dict[str, TimedEvent]:
    """The pairs of time and event columns of an endpoint; a single one has no key of its own."""
    declared = one.declared
    if declared.parts:
        return dict(declared.parts)
    time, event, value = declared.time or declared.date, declared.event, declared.event_value
    assert time is not None and event is not None and value is not None
    return {
        "": TimedEvent(
            time=time, event=event, event_value=value, censored_value=declared.censored_value
        )
    }


def _from_columns(out: Declared, one: _One, patients: pl.DataFrame) -> None:
    """An endpoint that comes as columns of times and events."""
    declared = one.declared
    pairs = _pairs(one)
    used = dict.fromkeys(c for pair in pairs.values() for c in (pair.time, pair.event))
    absent = [c for c in used if c not in patients.columns]
    if absent:
        out.problems.extend(
            problem(
                "endpoints.no-column",
                place=one.place,
                blocks=one.blocks,
                name=column,
                nearest=nearest(column, patients.columns),
            )
            for column in absent
        )
        return
    dated = declared.date
    if dated is not None:
        wrong = last_day_problem(declared, patients, one.label, one.place, one.blocks)
        if wrong is not None:
            out.problems.append(wrong)
            return
        ends = days_until(patients, declared.origin, dated, one.protocol.study.cutoff)
        patients = patients.with_columns(ends["days"].alias(dated))
    words = [
        t
        for t in dict.fromkeys(pair.time for pair in pairs.values())
        if not patients.schema[t].is_numeric() and patients[t].count()
    ]
    if words:
        out.problems.extend(
            problem("endpoints.no-column", "words", place=one.place, blocks=one.blocks, name=name)
            for name in words
        )
        return
    unit = "days" if dated else declared.time_unit or one.protocol.study.time_unit
    frame, said = frame_of_pairs(one.key, declared, pairs, patients, unit)
    said = [replace(p, place=one.place) if p.id == "endpoints.followed-apart" else p for p in said]
    if dated is not None:
        frame = with_days(frame, ends)
    out.frames[one.key] = frame
    out.problems.extend(
        _in_patients(replace(p, blocks=one.blocks) if p.blocks or not p.wrong else p) for p in said
    )
    told = charted_in_words(declared, pairs)
    out.infos[one.key] = _described(one, told, declared.origin if dated else "as charted")


def _described(one: _One, method: str, origin: str) -> EndpointInfo:
    """What is to be known of an endpoint, with the names of its events."""
    declared = one.declared
    labels = {
        key: declared.event_labels.get(key) or _event_words(key, declared)
        for key in (*declared.competing, *(("death_other",) if declared.causes else ()))
    }
    return EndpointInfo(
        one.key,
        one.label,
        method,
        origin,
        reduced=declared.reduced,
        competing=MappingProxyType({key_of_event(k): v for k, v in labels.items()}),
        event_label=declared.event_labels.get("event", one.label),
    )


def _event_words(key: str, declared: Endpoint) -> str:
    part = declared.parts.get(key)
    words = part.label if part is not None and part.label else kind_in_words(key)
    return words[:1].upper() + words[1:]


def key_of_event(kind: str) -> str:
    """The name of a kind of event in ids: the name of a column may have any letters."""
    return key_of(kind) or "other"


def _from_dates(
    out: Declared,
    one: _One,
    tables: Mapping[str, pl.DataFrame],
    known: pl.DataFrame | None,
    visits: pl.DataFrame | None,
) -> None:
    """An endpoint that a rule makes of dated facts."""
    patients, key = tables["patients"], one.key
    missed = missed_visits(one.protocol)
    if one.declared.censoring == "missed_visits" and missed is None:
        out.problems.append(problem("endpoints.no-schedule", place=one.place, blocks=one.blocks))
        return
    rule = endpoint_rule(key, one.declared, missed)
    wrong = _of_protocol(one, rule, patients, known)
    if wrong is not None or known is None:
        out.problems.extend([wrong] if wrong is not None else [])
        return
    immortal = immortal_time(known, rule)
    if immortal:
        out.problems.extend(immortal)
        return
    frame = derive(known, rule, patients=patients)
    out.frames[key] = frame
    out.problems.extend(_of_causes(one, rule, known, frame))
    if visits is None:
        scans = _without_scans(one.label, rule, frame, patients, one.place, one.blocks)
        out.problems.extend(scans)
    contact = _without_contact(one.label, rule, frame, known, one.place, one.blocks)
    out.problems.extend(contact)
    out.rules[key] = rule
    out.infos[key] = _described(one, in_words(rule), rule.origin)
    plain = defined_rule(key, one.declared)
    if not rule.competing and "progression" in plain.events and plain.otherwise == ("assessment",):
        sets = rule_sets_for(plain, missed)
        out.others[key] = {k: r for k, r in sets.items() if k in _possible(tables)}


def _of_protocol(
    one: _One,
    rule: EndpointRule,
    patients: pl.DataFrame,
    known: pl.DataFrame | None,
) -> Problem | None:
    """What the protocol asks for that the data can't give."""
    dates = [c for c, t in patients.schema.items() if t == pl.Date]
    for kind in (*one.declared.events, *one.declared.competing):
        if kind not in (*EVENTS, *dates):
            return problem(
                "endpoints.no-event-date",
                place=one.place,
                blocks=one.blocks,
                label=one.label,
                name=kind,
                nearest=nearest(
                    kind, [*EVENTS, *(c for c in patients.columns if not c.endswith("_precision"))]
                ),
            )
    case = ""
    if rule.origin in patients.columns:
        if patients.schema[rule.origin] != pl.Date:
            case = "no_date"
        elif known is None or not patients[rule.origin].count():
            case = "empty"
    elif rule.origin not in ORIGINS:
        case = "no_date"
    elif known is None:
        case = "empty"
    if not case:
        return None
    return problem(
        "endpoints.no-origin",
        case,
        place=one.place,
        blocks=one.blocks,
        label=one.label,
        origin=rule.origin,
        nearest=nearest(rule.origin, dates),
    )


def _of_causes(
    one: _One, rule: EndpointRule, known: pl.DataFrame, frame: pl.DataFrame
) -> list[Problem]:
    """Causes of death that nobody has, and deaths without a cause that nobody has decided on."""
    if not rule.causes:
        return []
    held = known.filter(pl.col("kind") == "death")["detail"].drop_nulls().unique().sort().to_list()
    have = {h.strip().lower() for h in held}
    out = [
        problem(
            "endpoints.cause-absent",
            place=one.place,
            blocks=one.blocks,
            name=cause,
            nearest=nearest(cause, held),
            key=one.key,
        )
        for cause in rule.causes
        if cause.strip().lower() not in have
    ]
    unknown = frame.filter(pl.col("reason") == "cause-unknown").height
    if unknown and not rule.unknown_cause:
        out.append(
            problem(
                "endpoints.unknown-cause",
                place=one.place,
                blocks=one.blocks,
                label=one.label,
                n=unknown,
                key=one.key,
            )
        )
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
    asked = (*rule.events, *rule.competing)
    if "progression" in asked and "progression_date" not in patients.columns:
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


def first_events(key: str, frame: pl.DataFrame) -> pl.DataFrame:
    """``<key>_cause``: ``event``, the key of the competing event that came first, or nothing."""
    other = pl.col("kind").map_elements(key_of_event, pl.String, skip_nulls=True)
    first = (
        pl.when("event")
        .then(pl.lit("event"))
        .when(pl.col("reason") == "competing")
        .then(other)
        .alias(f"{key}_cause")
    )
    return frame.select("patient", first)


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
