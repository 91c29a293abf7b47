"""What was seen in each patient: the sentences behind the numbers, with rows of the chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.treatment import counted_events
from oncohort.study.derivations import behind

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort
    from oncohort.study.study import Study


def evidence_of(study: Study, cohort: Cohort) -> Mapping[str, Mapping[str, str]]:
    """Prefix of result ids to (patient to sentence)."""
    from oncohort.criteria import recist
    from oncohort.endpoints.reasons import source_in_words

    out: dict[str, dict[str, str]] = {}
    if cohort.evidence.best is not None and "source_row" in cohort.evidence.best.columns:
        keep = cohort.evidence.best.filter(pl.col("patient").is_in(list(cohort.patients)))
        out["response"] = {row["patient"]: recist.reason(row) for row in keep.iter_rows(named=True)}
    for key, info in cohort.meaning.endpoints.items():
        sentences: dict[str, str] = {}
        for row in cohort.frame.iter_rows(named=True):
            time, event = row[f"{key}_time"], row[f"{key}_event"]
            if time is None:
                why = (row[f"{key}_reason"] or "not known").replace("-", " ")
                sentences[row["patient"]] = (
                    "left out: no usable time and event" if info.reduced else f"no time: {why}"
                )
                continue
            what = "event" if event else "censored"
            if info.competing and row[f"{key}_cause"] not in (None, "event"):
                what = f"competing event ({info.competing[row[f'{key}_cause']]})"
            day = row[f"{key}_date"]
            table, _, number = (row[f"{key}_source"] or "").partition(":")
            where = source_in_words(table or None, int(number) if number else None)
            if table and number and table in study.records.tables:
                column = deciding_column(table, row.get(f"{key}_kind"), bool(event))
                known = study.records.tables[table].columns
                at = column if column in known else "patient"
                place = study.records.place(table, at, int(number))
                where = str(place) if str(place) != "-" else where
            reason = (row[f"{key}_reason"] or "").replace("-", " ")
            sentences[row["patient"]] = (
                f"{what} after {time:.0f} days"
                + (f" on {day}" if day is not None else "")
                + (f" ({reason})" if reason and not info.reduced else "")
                + (f"; {where}" if where else "")
            )
        out[f"survival.{key}"] = sentences
        out[f"prognosis.{key}"] = sentences
        out[f"prediction.{key}"] = sentences
        out[f"arms.{key}"] = sentences
        out[f"incidence.{key}"] = sentences
        out[f"propensity.{key}"] = sentences
        out[f"contrasts.{key}"] = sentences
        out[f"e_value.{key}"] = sentences
    out |= _changes(study, cohort, out)
    out |= _variables(study, cohort)
    out |= _follow_up(study, cohort)
    out |= _safety(study, cohort)
    out |= _exposure(cohort)
    out |= _outcomes(study, cohort)
    return out


def _outcomes(study: Study, cohort: Cohort) -> dict[str, dict[str, str]]:
    """Who has each binary outcome."""
    from oncohort.analyses.outcomes import outcome_of

    out: dict[str, dict[str, str]] = {}
    for key in study.protocol.outcomes:
        outcome = outcome_of(study.protocol, cohort, key)
        if outcome is None:
            continue
        have, known = (set(part) for part in outcome.of(cohort.patients))
        said = {
            p: f"{outcome.label}: {'yes' if p in have else 'no' if p in known else 'not known'}"
            for p in cohort.patients
        }
        out[f"outcomes.{key}"] = out[f"logistic.{key}"] = said
    return out


def _changes(
    study: Study, cohort: Cohort, known: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Each patient's end of the endpoint, and the day on which the group changed."""
    from oncohort.endpoints.changes import change_days

    out: dict[str, dict[str, str]] = {}
    for key, rule in study.protocol.time_dependent.items():
        if rule.endpoint not in cohort.meaning.endpoints:
            continue
        days = change_days(cohort, rule, study.protocol)
        when = {} if days is None else dict(days.iter_rows())
        name = rule.label or (rule.change or rule.time or key).replace("_", " ")
        out[f"time_dependent.{key}"] = {
            patient: f"{said}; {name}: "
            + ("never" if when.get(patient) is None else f"day {when[patient]:.0f}")
            for patient, said in known.get(f"survival.{rule.endpoint}", {}).items()
        }
    return out


COLUMNS = {"lesions": "diameter_mm", "assessments": "overall", "therapies": "start"}
"""The column of a table whose cell decides a dated fact."""
OF_PATIENTS = {
    "death": "death_date",
    "progression": "progression_date",
    "treatment_end": "treatment_end",
    "clinical_progression": "treatment_end",
    "toxicity": "treatment_end",
}
"""Fact to the column of `patients` that dates it."""


def deciding_column(table: str, kind: str | None, event: bool) -> str:
    """The column whose cell ends a patient's time.

    Examples
    --------
    >>> deciding_column("patients", "death", True), deciding_column("lesions", "progression", True)
    ('death_date', 'diameter_mm')
    >>> deciding_column("patients", None, False)
    'last_contact'
    """
    if table == "patients":
        return OF_PATIENTS.get(kind or "", "patient" if event else "last_contact")
    return COLUMNS.get(table, "patient")


def _follow_up(study: Study, cohort: Cohort) -> dict[str, dict[str, str]]:
    """Until when each patient was followed, with the cell."""
    patients = study.records.tables["patients"]
    if "last_contact" not in patients.columns:
        return {}
    sentences: dict[str, str] = {}
    included = patients.filter(pl.col("patient").is_in(list(cohort.patients)))
    for row in included.iter_rows(named=True):
        column = "death_date" if row.get("death_date") is not None else "last_contact"
        if row.get(column) is not None:
            what = "died on" if column == "death_date" else "last contact on"
            place = study.records.place("patients", column, row["source_row"])
            sentences[row["patient"]] = f"{what} {row[column]}; {place}"
    return {"survival.follow_up": sentences}


def _variables(study: Study, cohort: Cohort) -> dict[str, dict[str, str]]:
    """Each patient's value of each variable, with its cell where it is a column of the chart."""
    patients = study.records.tables["patients"]
    rows = dict(patients.select("patient", "source_row").iter_rows())
    out: dict[str, dict[str, str]] = {}
    for key, info in cohort.meaning.variables.items():
        declared = study.protocol.variables[key]
        column = None if declared.derive or declared.source else declared.column or key
        how = f"derived ({declared.derive})" if declared.derive else ""
        how = f"from {declared.source}" if declared.source else how
        sentences: dict[str, str] = {}
        for patient, value in cohort.frame.select("patient", key).iter_rows():
            if value is None:
                text = "missing"
            elif info.levels:
                text = info.levels.get(value, str(value))
            else:
                text = f"{value:g} {info.unit}".rstrip()
            where = how
            held = cohort.evidence.made_of.get(key, {}).get(patient)
            if held is not None:
                where = f"from {behind(held, study.records)}"
            if column is not None and rows.get(patient) is not None:
                where = str(study.records.place("patients", column, rows[patient]))
            sentences[patient] = f"{text}; {where}" if where and where != "-" else text
        out[f"baseline.{key}"] = sentences
    return out


def _graded_cells(study: Study, cohort: Cohort) -> dict[tuple[str, int | None], list[str]]:
    """(patient, grade) to the cells of the events that count, by the words of the chart."""
    events = counted_events(cohort.evidence.tables, study.protocol)
    out: dict[tuple[str, int | None], list[str]] = {}
    if events is None or not {"term", "grade", "source_row"} <= set(events.columns):
        return out
    for patient, term, grade, number in events.select(
        "patient", "term", "grade", "source_row"
    ).iter_rows():
        if number is not None:
            place = study.records.place("adverse_events", "grade", number)
            out.setdefault((patient, grade), []).append(f'"{term}" {place}')
    return out


def _safety(study: Study, cohort: Cohort) -> dict[str, dict[str, str]]:
    """Each patient's worst grade of each term; of all terms together with the cells."""
    if cohort.evidence.adverse_events is None:
        return {}
    out: dict[str, dict[str, str]] = {}
    for row in cohort.evidence.adverse_events.iter_rows(named=True):
        grade = "grade not charted" if row["grade"] is None else f"worst grade {row['grade']}"
        out.setdefault(f"safety.{row['term']}", {})[row["patient"]] = grade
        every = out.setdefault("safety.any_event", {})
        said = f"{row['label']}, {grade}"
        known = every.get(row["patient"])
        every[row["patient"]] = said if known is None else f"{known}; {said}"
    cells = _graded_cells(study, cohort)
    worst = cohort.evidence.adverse_events.group_by("patient").agg(pl.col("grade").max())
    for patient, grade in worst.iter_rows():
        found = cells.get((patient, grade), [])
        if found and patient in out.get("safety.any_event", {}):
            out["safety.any_event"][patient] += f"; worst: {', '.join(found[:3])}"
    return out


def _exposure(cohort: Cohort) -> dict[str, dict[str, str]]:
    """Each patient's dose intensity and changes of dose, by drug."""
    if cohort.evidence.exposure is None:
        return {}
    out: dict[str, dict[str, str]] = {}
    for row in cohort.evidence.exposure.iter_rows(named=True):
        parts = [f"{row['days_on_treatment']:.0f} days"] if row["days_on_treatment"] else []
        if row["rdi"] is not None:
            parts.append(f"relative dose intensity {row['rdi']:.1f}%")
        if row["reduced"]:
            after = row["days_to_reduction"]
            parts.append("reduced" + (f" after {after:.0f} days" if after is not None else ""))
        if row["interrupted"]:
            parts.append("interrupted")
        out.setdefault(f"exposure.{row['drug']}", {})[row["patient"]] = ", ".join(parts)
    return out
