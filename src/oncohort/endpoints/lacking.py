"""What an endpoint asks for and the data can't give: said, not passed over."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.endpoints.cohort import EndpointInfo
from oncohort.endpoints.declared import DeclaredEndpoint
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.vocabulary.endpoints import (
    RULE_SETS,
    EndpointRule,
)
from oncohort.vocabulary.facts import EVENTS, FACTS, ORIGINS, VISITS


def not_given(
    one: DeclaredEndpoint,
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
        if patients.get_column(rule.origin).dtype != pl.Date:
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


def not_recorded(
    one: DeclaredEndpoint, rule: EndpointRule, tables: Mapping[str, pl.DataFrame]
) -> list[Problem]:
    """Events that the rule counts, or stops at, and the data record of nobody.

    Progression is known from visits too (:func:`without_scans`). The end of treatment comes before
    the next therapy: where it counts, that one need not be recorded. That nobody died is no fault.
    """
    asked = (*rule.events, *rule.competing, *(s for s in rule.stops if s != "death"))
    out = []
    for kind in dict.fromkeys(asked):
        implied = kind == "next_therapy" and "treatment_end" in rule.events
        if kind not in FACTS or kind in ("progression", "death_other") or implied:
            continue
        columns = [c for c in FACTS[kind].reads if c not in (VISITS, "patients.treatment_start")]
        absent = [c for c in columns if not _recorded(c, tables, blank=kind == "death")]
        if absent and (kind != "death" or absent == columns):
            out.append(
                problem(
                    "endpoints.not-recorded",
                    place=one.place,
                    blocks=one.blocks,
                    label=one.label,
                    words=FACTS[kind].words,
                    column=absent[0].partition(".")[2],
                    where=absent[0].partition(".")[0],
                    key=one.key,
                )
            )
    return out


def _recorded(column: str, tables: Mapping[str, pl.DataFrame], *, blank: bool) -> bool:
    """Has a column of ``patients`` a value (or may it be `blank`), or another table a row?"""
    table, _, name = column.partition(".")
    frame = tables.get(table)
    if frame is None or table != "patients":
        return frame is not None and frame.height > 0
    return name in frame.columns and (blank or frame[name].count() > 0)


def cause_problems(
    one: DeclaredEndpoint, rule: EndpointRule, known: pl.DataFrame, frame: pl.DataFrame
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


def possible_rule_sets(tables: Mapping[str, pl.DataFrame]) -> set[str]:
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


def without_scans(
    label: str,
    rule: EndpointRule,
    frame: pl.DataFrame,
    patients: pl.DataFrame,
    place: Place,
    blocks: tuple[str, ...],
) -> list[Problem]:
    """What a rule on progression and scans can't do where no visit was ever read."""
    asked = (*rule.events, *rule.competing)
    charted = "progression_date" in patients.columns and patients["progression_date"].count()
    if "progression" in asked and not charted:
        return [problem("endpoints.no-progression", place=place, blocks=blocks, label=label)]
    at_once = frame.filter(pl.col("reason") == "no-assessment").height
    if rule.otherwise != ("assessment",) or not at_once:
        return []
    return [
        problem(
            "endpoints.no-scans", place=place, blocks=blocks, label=label, n=at_once, key=rule.key
        )
    ]


def without_contact(
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
    lacking: dict[tuple[str, str, str, int], list[str]] = {}
    for key, frame in frames.items():
        if infos[key].reduced:
            continue
        rows = frame.filter(pl.col("time").is_null())
        for one in rows.select("patient", "reason", "table", "source_row").iter_rows():
            lacking.setdefault(one, []).append(infos[key].label)
    # What a patient lacks for several endpoints is said once.
    return [
        problem(
            f"endpoints.{reason}",
            place=Place(sheet=table, row=row),
            patient=patient,
            label=", ".join(labels),
        )
        for (patient, reason, table, row), labels in lacking.items()
    ]
