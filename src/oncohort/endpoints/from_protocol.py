"""The declared endpoints: their rules, every patient's time and event, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.dated import days_until, last_day_problem, with_days
from oncohort.endpoints.declared import Declared, DeclaredEndpoint, described, key_of_event
from oncohort.endpoints.derive import derive
from oncohort.endpoints.endpoint_rules import (
    defined_rule,
    endpoint_rule,
    has_other_rules,
    in_words,
    missed_visits,
)
from oncohort.endpoints.from_columns import charted_in_words, frame_of_pairs
from oncohort.endpoints.lacking import (
    cause_problems,
    not_given,
    not_recorded,
    possible_rule_sets,
    without_contact,
    without_scans,
)
from oncohort.endpoints.orders import immortal_time
from oncohort.problems import Problem, problem
from oncohort.protocol.endpoints import TimedEvent
from oncohort.protocol.references import nearest
from oncohort.vocabulary.endpoints import (
    ENDPOINTS,
    rule_sets_for,
)

if TYPE_CHECKING:
    from oncohort.protocol import Protocol


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
        one = DeclaredEndpoint(key, label, declared, protocol)
        if declared.reduced:
            _from_columns(out, one, tables["patients"])
        else:
            _from_dates(out, one, tables, known, visits)
    return out


def _pairs(one: DeclaredEndpoint) -> dict[str, TimedEvent]:
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


def _from_columns(out: Declared, one: DeclaredEndpoint, patients: pl.DataFrame) -> None:
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
        if not patients.get_column(t).dtype.is_numeric() and patients[t].count()
    ]
    if words:
        out.problems.extend(
            problem("endpoints.no-column", "words", place=one.place, blocks=one.blocks, name=name)
            for name in words
        )
        return
    unit = "days" if dated else declared.time_unit or one.protocol.study.time_unit
    frame, more = frame_of_pairs(one.key, declared, pairs, patients, unit)
    more = [replace(p, place=one.place) if p.id == "endpoints.followed-apart" else p for p in more]
    if dated is not None:
        frame = with_days(frame, ends)
    out.frames[one.key] = frame
    out.problems.extend(
        _in_patients(replace(p, blocks=one.blocks) if p.blocks or not p.wrong else p) for p in more
    )
    told = charted_in_words(declared, pairs)
    out.infos[one.key] = described(one, told, declared.origin if dated else "as charted")


def _from_dates(
    out: Declared,
    one: DeclaredEndpoint,
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
    wrong = not_given(one, rule, patients, known)
    if wrong is not None or known is None:
        out.problems.extend([wrong] if wrong is not None else [])
        return
    unknown = not_recorded(one, rule, tables)
    if unknown:
        out.problems.extend(unknown)
        return
    immortal = immortal_time(known, rule)
    if immortal:
        out.problems.extend(immortal)
        return
    frame = derive(known, rule, patients=patients)
    out.frames[key] = frame
    out.problems.extend(cause_problems(one, rule, known, frame))
    if visits is None:
        scans = without_scans(one.label, rule, frame, patients, one.place, one.blocks)
        out.problems.extend(scans)
    contact = without_contact(one.label, rule, frame, known, one.place, one.blocks)
    out.problems.extend(contact)
    out.rules[key] = rule
    out.infos[key] = described(one, in_words(rule), rule.origin)
    if has_other_rules(key, one.declared):
        sets = rule_sets_for(defined_rule(key, one.declared), missed)
        out.others[key] = {k: r for k, r in sets.items() if k in possible_rule_sets(tables)}


def _in_patients(problem: Problem) -> Problem:
    """A problem of a time or event column, placed in the table that it comes from."""
    if problem.place.row is None:
        return problem
    return replace(problem, place=replace(problem.place, sheet="patients"))


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
