"""From record tables and protocol to the cohort: the one place where they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.endpoints.derived_values import derived_values
from oncohort.endpoints.deriving import derive
from oncohort.endpoints.eligibility import FlowStep, apply_criteria
from oncohort.endpoints.facts import facts
from oncohort.endpoints.orders import immortal_time, impossible_orders
from oncohort.endpoints.reasons import kind_in_words
from oncohort.endpoints.reduced import reduced
from oncohort.endpoints.responses import compared, responses
from oncohort.endpoints.rules import ENDPOINTS, RULE_SETS, EndpointRule, MissedVisits, rule_sets_for
from oncohort.endpoints.table import cohort_table
from oncohort.endpoints.treatment import exposure_of, label_audits, worst_events
from oncohort.endpoints.variables import column_values, derive_variable, in_order
from oncohort.problems import Place, Problem, Severity
from oncohort.protocol.references import nearest

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.analysis import Endpoint

_RULE_SET = {"last_assessment": "plain"}
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


def endpoint_rule(key: str, declared: Endpoint, missed: MissedVisits | None) -> EndpointRule:
    """The declared endpoint as an event and censoring rule."""
    base = ENDPOINTS.get(key, EndpointRule(key, declared.label or key.upper()))
    rule = replace(base, key=key, label=declared.label or base.label)
    if declared.origin != "treatment_start" or key not in ENDPOINTS:
        rule = replace(rule, origin=declared.origin)
    if declared.origin in ("diagnosis_date", "metastasis_date", "first_systemic_date"):
        # The patients are in the study because they lived to its treatment: they come under
        # observation then, not at an earlier origin (immortal time).
        rule = replace(rule, entry="treatment_start")
    if declared.events:
        rule = replace(rule, events=tuple(declared.events))
    if declared.censoring:
        name = _RULE_SET.get(declared.censoring, declared.censoring)
        rule = RULE_SETS[name].apply(rule, missed)
    return rule


def in_words(rule: EndpointRule) -> str:
    """Events and censoring of a rule as a sentence without full stop.

    Examples
    --------
    >>> from oncohort.endpoints.rules import PFS
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


def _facts(
    tables: Mapping[str, pl.DataFrame],
    protocol: Protocol,
    visits: pl.DataFrame | None,
    best: pl.DataFrame | None,
) -> pl.DataFrame | None:
    """Every dated fact of the study; none where the cohort comes reduced to times."""
    patients = tables["patients"]
    dated = [c for c, t in patients.schema.items() if t == pl.Date and patients[c].count()]
    if not dated:
        return None
    return facts(
        patients,
        visits=visits,
        visits_table=protocol.response.source if protocol.response else "lesions",
        therapies=tables.get("therapies"),
        procedures=tables.get("procedures"),
        best=best if best is not None and best["best_response_date"].count() else None,
        progression="charted" if visits is None else "visits",
        cutoff=protocol.study.cutoff,
    )


def _endpoints(
    tables: Mapping[str, pl.DataFrame],
    protocol: Protocol,
    known: pl.DataFrame | None,
    visits: pl.DataFrame | None,
) -> tuple[
    dict[str, pl.DataFrame],
    dict[str, EndpointInfo],
    dict[str, dict[str, EndpointRule]],
    dict[str, EndpointRule],
    list[Problem],
]:
    """Every declared endpoint, and those from dates under the other rule sets."""
    patients = tables["patients"]
    frames: dict[str, pl.DataFrame] = {}
    infos: dict[str, EndpointInfo] = {}
    others: dict[str, dict[str, EndpointRule]] = {}
    rules: dict[str, EndpointRule] = {}
    problems: list[Problem] = []
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
                    Problem(
                        "endpoints.no-column",
                        Severity.ERROR,
                        f'"patients" has no column "{column}".',
                        todo=nearest(column, patients.columns),
                        place=place,
                        blocks=blocks,
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
            problems.append(
                Problem(
                    "endpoints.no-schedule",
                    Severity.ERROR,
                    "Censoring after missed visits needs the planned scans.",
                    todo="Declare [schedule] scan_weeks and scan_tolerance_weeks.",
                    place=place,
                    blocks=blocks,
                )
            )
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
                Problem(
                    "endpoints.no-origin",
                    Severity.ERROR,
                    f'{label} starts at "{rule.origin}", which is not a date of "patients".',
                    todo=nearest(rule.origin, dates)
                    + " For a cohort with time and event columns, name them: time, event, "
                    "event_value.",
                    place=place,
                    blocks=blocks,
                )
            )
            continue
        if known is None or (rule.origin in patients.columns and not patients[rule.origin].count()):
            problems.append(
                Problem(
                    "endpoints.no-origin",
                    Severity.ERROR,
                    f'{label} starts at "{rule.origin}", which is empty for every patient.',
                    todo="Fill the dates in, or start the endpoint at another date: from = ...",
                    place=place,
                    blocks=blocks,
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
        rules[key] = rule
        infos[key] = EndpointInfo(key, label, in_words(rule), rule.origin)
        if "progression" in rule.events and rule.otherwise == ("assessment",):
            sets = rule_sets_for(
                replace(rule, stops=ENDPOINTS[key].stops if key in ENDPOINTS else ()), missed
            )
            others[key] = {k: r for k, r in sets.items() if k in _possible(tables)}
    return frames, infos, others, rules, problems


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
        return [
            Problem(
                "endpoints.no-progression",
                Severity.ERROR,
                f"{label} counts progression, but nothing in the data says who progressed.",
                "Every patient would look free of progression.",
                "Name the column of progression dates in [tables.patients] columns."
                "progression_date, or read scans: the table lesions or assessments, with "
                '[response] source = "lesions" or "assessments".',
                place,
                blocks=blocks,
            )
        ]
    at_once = frame.filter(pl.col("reason") == "no-assessment").height
    if rule.otherwise != ("assessment",) or not at_once:
        return []
    return [
        Problem(
            "endpoints.no-scans",
            Severity.QUESTION,
            f"{label}: {at_once} patient{'s' if at_once > 1 else ''} without an event would be "
            "censored on day 0, since no scan was read and the rule censors at the last scan.",
            "They would count as never followed, and survival would look shorter than it is.",
            f'Write censoring = "last_contact" in [{place.key}], or read scans: the table '
            'lesions or assessments, with [response] source = "lesions" or "assessments".',
            place,
            blocks=blocks,
        )
    ]


def _untimed(
    frames: Mapping[str, pl.DataFrame], infos: Mapping[str, EndpointInfo]
) -> list[Problem]:
    """Patients without a time, and why: named, not dropped without a word."""
    words = {
        "no-origin": "the date where the clock starts is missing",
        "no-follow-up": "no date after the start says until when the patient was followed",
        "before-origin": "the end comes before the start",
        "entry-unknown": "the start of observation is unknown",
        "left-before-entry": "the end comes before the start of observation",
    }
    out = []
    for key, frame in frames.items():
        if infos[key].reduced:
            continue
        for row in frame.filter(pl.col("time").is_null()).iter_rows(named=True):
            out.append(
                Problem(
                    f"endpoints.{row['reason']}",
                    Severity.WARNING,
                    f"{infos[key].label}: no time, {words.get(row['reason'], row['reason'])}.",
                    "The patient is left out of this endpoint.",
                    "Complete the dates in the chart.",
                    Place(sheet=row["table"], row=row["source_row"]),
                    row["patient"],
                )
            )
    return out


def _variables(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol
) -> tuple[dict[str, VariableInfo], pl.DataFrame, list[Problem]]:
    patients = tables["patients"]
    frame = patients.select("patient")
    infos: dict[str, VariableInfo] = {}
    raw: dict[str, pl.DataFrame] = {}
    names, circles = in_order(protocol.variables)
    problems = list(circles)
    seen: set[Problem] = set()
    for name in names:
        variable = protocol.variables[name]
        base = None
        if variable.source:
            base = infos.get(variable.source)
            if base is None:
                continue
            values = raw[variable.source]
        elif variable.derive:
            values, said = derived_values(name, variable, tables, protocol)
            fresh = [p for p in said if p not in seen]
            seen.update(fresh)
            problems += fresh
        else:
            found = column_values(name, variable, patients)
            if isinstance(found, Problem):
                problems.append(found)
                continue
            values = found
        done = derive_variable(name, variable, values, base)
        # Where there is nothing to derive it from, that it is empty is no news.
        known = {p.id for p in problems if f"variables.{name}" in p.blocks}
        problems += [p for p in done.problems if p.id != "variables.empty" or not known]
        infos[name] = done.info
        # A variable cut from this one needs the numbers, not the levels.
        raw[name] = values if variable.cut else done.values
        frame = frame.join(
            done.values.rename({"value": name}), on="patient", how="left", maintain_order="left"
        )
    return infos, frame, problems


def _without_groups(
    protocol: Protocol, infos: Mapping[str, VariableInfo], values: pl.DataFrame
) -> list[Problem]:
    """Comparisons that are asked for by a variable that has no groups."""
    asked = [(f"endpoints.{k}.by", f"survival.{k}.by", e.by) for k, e in protocol.endpoints.items()]
    if protocol.baseline and protocol.baseline.by:
        asked.append(("baseline.by", "baseline.by", [protocol.baseline.by]))
    return [
        Problem(
            "variables.no-groups",
            Severity.ERROR,
            f'"{name}" is a number without cut-points: there are no groups to compare.',
            "Where to cut is a decision of the authors.",
            f"Give [variables.{name}] a cut, or name a variable with levels.",
            Place(file="study.toml", key=key),
            blocks=(f"{block}.{name}",),
        )
        for key, block, names in asked
        for name in names
        if name in infos and not infos[name].levels and values[name].count()
    ]


def _treatment(patients: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Time on treatment per patient: to its end, else to cutoff or last contact, as ongoing."""
    cut = pl.lit(protocol.study.cutoff, dtype=pl.Date)
    have = set(patients.columns)
    if not {"treatment_start", "treatment_end"} <= have:
        return patients.select("patient")
    if not patients["treatment_start"].count() or not patients["treatment_end"].count():
        return patients.select("patient")
    end = pl.col("treatment_end")
    ongoing = end.is_null() | (end > cut).fill_null(False)
    contacts = [c for c in ("last_contact", "death_date") if c in have]
    last = pl.min_horizontal(cut, pl.max_horizontal(*contacts)) if contacts else cut
    stop = pl.when(ongoing).then(last).otherwise(end)
    reason = (
        pl.col("treatment_end_reason")
        if "treatment_end_reason" in have
        else pl.lit(None, pl.String)
    )
    return patients.select(
        "patient",
        "treatment_start",
        (stop - pl.col("treatment_start")).dt.total_days().alias("treatment_days"),
        ongoing.alias("treatment_ongoing"),
        pl.when(ongoing).then(None).otherwise(reason).alias("treatment_end_reason"),
        pl.col("death_date") if "death_date" in have else pl.lit(None, pl.Date).alias("death_date"),
    )


def _response_times(
    frame: pl.DataFrame, known: pl.DataFrame | None, patients: pl.DataFrame
) -> pl.DataFrame:
    """Columns for the swimmer plot and the duration of response, where responses have dates."""
    if known is None or not known.filter(pl.col("kind") == "response").height:
        return frame
    dor = derive(known, ENDPOINTS["dor"], patients=patients).select(
        "patient",
        pl.col("start").alias("response_date"),
        pl.col("time").cast(pl.Float64).alias("duration_days"),
        pl.col("event").alias("duration_event"),
    )
    out = frame.join(dor, on="patient", how="left", maintain_order="left")
    if "treatment_start" in out.columns:
        days = (pl.col("response_date") - pl.col("treatment_start")).dt.total_days()
        out = out.with_columns(days.cast(pl.Float64).alias("response_days"))
    return out


def build_cohort(tables: Mapping[str, pl.DataFrame], protocol: Protocol) -> Cohort:
    """Apply eligibility, criteria, endpoints and variables to the record tables.

    Parameters
    ----------
    tables
        The record tables (`records/tables.py`), `patients` among them.

    Returns
    -------
    Cohort
        With every problem met on the way; nothing is raised for a single patient's sake.
    """
    source = tuple(tables["patients"]["patient"].unique(maintain_order=True).to_list())
    steps, included, said = apply_criteria(protocol.eligibility, tables)
    problems: list[Problem] = list(said)
    if not included:
        # What would follow from nobody is no problem of its own.
        return _nobody(tables["patients"], steps, source, protocol, said)
    keep = pl.col("patient").is_in(list(included))
    mine = {name: frame.filter(keep) for name, frame in tables.items()}
    mine["patients"] = mine["patients"].unique("patient", keep="first", maintain_order=True)
    visits, best, change, more = responses(mine, protocol)
    problems += more
    discrepancies, more = compared(mine, protocol, visits)
    problems += more
    known = _facts(mine, protocol, visits, best)
    if known is not None:
        # Facts after death are named with their cells by the checks of dates.
        orders = impossible_orders(known)
        problems += [p for p in orders if p.id != "endpoints.after-death"]
    frames, infos, others, rules, more = _endpoints(mine, protocol, known, visits)
    problems += more
    problems += _untimed(frames, infos)
    variables, values, more = _variables(mine, protocol)
    problems += [*more, *_without_groups(protocol, variables, values)]
    frame = (
        mine["patients"]
        .select("patient")
        .join(
            cohort_table(mine["patients"], frames, best=best, change=change),
            on="patient",
            how="left",
            maintain_order="left",
        )
    )
    for extra in (_treatment(mine["patients"], protocol), values):
        frame = frame.join(extra, on="patient", how="left", maintain_order="left")
    for key, derived in frames.items():
        if not infos[key].reduced:
            kinds = derived.select("patient", pl.col("kind").alias(f"{key}_kind"))
            frame = frame.join(kinds, on="patient", how="left", maintain_order="left")
    frame = _with_progression(frame, visits)
    events, more_said = worst_events(mine, protocol)
    exposure, said_of_doses = exposure_of(mine, protocol)
    problems += [*more_said, *said_of_doses]
    if protocol.exposure and "treatment_days" not in frame.columns:
        problems.append(
            Problem(
                "exposure.no-end",
                Severity.NOTE,
                "No end of treatment is recorded: time on treatment, reasons for stopping and "
                "the swimmer plot are left out.",
                "Who is still on treatment can't be told from who has no entry.",
                "Add treatment_start and treatment_end to patients.",
                Place(file="study.toml", key="exposure"),
            )
        )
    frame = _response_times(frame, known, mine["patients"])
    return Cohort(
        frame=frame,
        variables=MappingProxyType(variables),
        endpoints=MappingProxyType(infos),
        steps=steps,
        source=source,
        cutoff=protocol.study.cutoff,
        assessments=visits,
        best=best,
        exposure=exposure,
        adverse_events=events,
        label_audits=MappingProxyType(label_audits(mine, protocol)),
        alternatives=MappingProxyType(others),
        rules=MappingProxyType(rules),
        rule_sets=MappingProxyType({k: s.label for k, s in RULE_SETS.items()}),
        discrepancies=discrepancies,
        facts=known,
        derived=MappingProxyType(frames),
        problems=tuple(problems),
    )


def _nobody(
    patients: pl.DataFrame,
    steps: tuple[FlowStep, ...],
    source: tuple[str, ...],
    protocol: Protocol,
    said: tuple[Problem, ...],
) -> Cohort:
    """The cohort of a study whose criteria leave everybody out: a flow, and nothing else."""
    return Cohort(
        frame=patients.select("patient").clear(),
        variables=MappingProxyType({}),
        endpoints=MappingProxyType({}),
        steps=steps,
        source=source,
        cutoff=protocol.study.cutoff,
        problems=said,
    )


def _with_progression(frame: pl.DataFrame, visits: pl.DataFrame | None) -> pl.DataFrame:
    if visits is None:
        return frame
    first = (
        visits.filter(pl.col("overall") == "PD")
        .group_by("patient")
        .agg(pl.col("date").min().alias("first_progression"))
    )
    return frame.join(first, on="patient", how="left", maintain_order="left")
