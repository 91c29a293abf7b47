"""From record tables and protocol to the cohort: the one place where they meet."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.partial_dates import impute
from oncohort.endpoints.cohort import Cohort, Evidence, Meaning, VariableInfo
from oncohort.endpoints.declared import Declared
from oncohort.endpoints.declared_variables import declared_variables
from oncohort.endpoints.derive import derive
from oncohort.endpoints.eligibility import FlowStep, apply_criteria
from oncohort.endpoints.facts import facts
from oncohort.endpoints.from_protocol import declared_endpoints, first_events
from oncohort.endpoints.in_parts import WHOLE, Parts
from oncohort.endpoints.lacking import untimed
from oncohort.endpoints.orders import seen_after_last_contact
from oncohort.endpoints.response_assessment import compared, responses
from oncohort.endpoints.table import cohort_table
from oncohort.endpoints.treatment import counted_events, exposure_of, worst_events
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.uses import uses
from oncohort.vocabulary.endpoints import ENDPOINTS, RULE_SETS

if TYPE_CHECKING:
    from oncohort.protocol import Protocol


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


def _without_groups(
    protocol: Protocol, infos: Mapping[str, VariableInfo], values: pl.DataFrame
) -> list[Problem]:
    """Comparisons that are asked for by a variable that has no groups."""
    blocks: dict[tuple[str, str], list[str]] = {}
    for use in uses(protocol):
        name = use.variable
        if use.how != "groups" or name not in infos or infos[name].levels:
            continue
        if values[name].count():
            part = f"{use.part}.by.{name}" if use.part == "baseline" else use.part
            blocks.setdefault((use.key, name), []).append(part)
    return [
        problem(
            "variables.no-groups",
            place=Place(file="study.toml", key=key),
            blocks=tuple(parts),
            name=name,
        )
        for (key, name), parts in blocks.items()
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


def _meaning(protocol: Protocol, variables: Mapping[str, VariableInfo], ends: Declared) -> Meaning:
    """What the columns of the cohort mean, and the rules that were applied."""
    return Meaning(
        variables=variables,
        endpoints=MappingProxyType(ends.infos),
        rules=MappingProxyType(ends.rules),
        alternatives=MappingProxyType(ends.others),
        rule_sets=MappingProxyType({k: s.label for k, s in RULE_SETS.items()}),
        cutoff=protocol.study.cutoff,
    )


def build_cohort(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, parts: Parts = WHOLE
) -> Cohort:
    """Apply eligibility, criteria, endpoints and variables to the record tables.

    Parameters
    ----------
    tables
        The record tables (`vocabulary/tables.py`), `patients` among them.
    parts
        How many patients are judged at a time, and where; the cohort is the same.

    Returns
    -------
    Cohort
        With every problem met on the way; nothing is raised for a single patient's sake.
    """
    # One rule for partial dates, applied once: every step below takes the same day.
    tables = {name: impute(frame) for name, frame in tables.items()}
    source = tuple(tables["patients"]["patient"].unique(maintain_order=True).to_list())
    steps, included, of_criteria = apply_criteria(protocol.eligibility, tables)
    problems: list[Problem] = list(of_criteria)
    if not included:
        # What would follow from nobody is no problem of its own.
        return _nobody(tables["patients"], steps, source, protocol, of_criteria)
    keep = pl.col("patient").is_in(list(included))
    kept = {name: frame.filter(keep) for name, frame in tables.items()}
    kept["patients"] = kept["patients"].unique("patient", keep="first", maintain_order=True)
    judged = responses(kept, protocol, parts)
    visits, best = judged.visits, judged.best
    problems += judged.problems
    discrepancies, more = compared(kept, protocol, visits)
    problems += more
    known = _facts(kept, protocol, visits, best)
    if known is not None:
        problems += seen_after_last_contact(known)
    ends = declared_endpoints(kept, protocol, known, visits)
    problems += [*ends.problems, *untimed(ends.frames, ends.infos)]
    made = declared_variables(kept, protocol, ends.frames)
    problems += [*made.problems, *_without_groups(protocol, made.infos, made.frame)]
    events, of_events = counted_events(kept, protocol, parts)
    exposure, of_doses = exposure_of(kept, protocol, parts)
    problems += [*of_events, *of_doses]
    frame = _joined(
        kept["patients"].select("patient"),
        cohort_table(kept["patients"], ends.frames, best=best, change=judged.change),
        _treatment(kept["patients"], protocol),
        made.frame,
        *_kinds(ends),
    )
    frame = _with_progression(frame, visits)
    if protocol.exposure and "treatment_days" not in frame.columns:
        problems.append(problem("exposure.no-end", place=Place(file="study.toml", key="exposure")))
    return Cohort(
        frame=_response_times(frame, known, kept["patients"]),
        steps=steps,
        source=source,
        meaning=_meaning(protocol, made.infos, ends),
        evidence=Evidence(
            tables=MappingProxyType(kept),
            facts=known,
            derived=MappingProxyType(ends.frames),
            assessments=visits,
            best=best,
            discrepancies=discrepancies,
            exposure=exposure,
            adverse_events=worst_events(events),
            events=events,
            made_of=made.made_of,
        ),
        problems=tuple(problems),
    )


def _joined(patients: pl.DataFrame, *frames: pl.DataFrame) -> pl.DataFrame:
    """Everything that is known of each patient, in the order of the patients."""
    for frame in frames:
        patients = patients.join(frame, on="patient", how="left", maintain_order="left")
    return patients


def _kinds(ends: Declared) -> list[pl.DataFrame]:
    """Per endpoint from dates, the kind of fact that ended its clock; what competing events did."""
    kinds = [
        derived.select("patient", pl.col("kind").alias(f"{key}_kind"))
        for key, derived in ends.frames.items()
        if not ends.infos[key].reduced
    ]
    return kinds + [
        first_events(key, derived)
        for key, derived in ends.frames.items()
        if ends.infos[key].competing
    ]


def _nobody(
    patients: pl.DataFrame,
    steps: tuple[FlowStep, ...],
    source: tuple[str, ...],
    protocol: Protocol,
    found: tuple[Problem, ...],
) -> Cohort:
    """The cohort of a study whose criteria leave everybody out: a flow, and nothing else."""
    return Cohort(
        frame=patients.select("patient").clear(),
        steps=steps,
        source=source,
        meaning=Meaning(cutoff=protocol.study.cutoff),
        problems=found,
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
