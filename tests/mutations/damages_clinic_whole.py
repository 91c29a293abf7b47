"""Damage of whole columns, rows and of the protocol in the sheet of three clinics."""

from __future__ import annotations

import random
from datetime import date, timedelta

from clean_study import Tables, day
from damages import Where, ids, moved, some
from damages_clinic import CLINIC, damage, mapped, swap
from damages_reduced import protocol

# ---- the protocol ----
SHORT = 'candidates = ["sex", "stage"]'
CLINIC.update(
    {
        "cutoff_in_the_future": protocol("cutoff = 2020-06-30", "cutoff = 2031-06-30", "study"),
        "cutoff_a_year_late": protocol("cutoff = 2020-06-30", "cutoff = 2022-06-30", "study"),
        "cutoff_years_early": protocol("cutoff = 2020-06-30", "cutoff = 2002-06-30", "study"),
        "cycles_as_covariate": protocol(
            SHORT, 'candidates = ["sex", "cycles"]', "variables.cycles", "prognosis"
        ),
        "total_dose_as_group": protocol(
            '[endpoints.os]\nby = ["arm"]',
            '[variables.much]\nfrom = "total_dose"\ncut = [130]\n[endpoints.os]\nby = ["much"]',
            "variables.much",
            "endpoints.os",
        ),
        "covariates_of_one_size": protocol(
            SHORT,
            'candidates = ["weight", "height", "bmi", "bsa"]',
            "prognosis",
            "variables.bmi",
        ),
        "covariate_twice": protocol(
            SHORT,
            'candidates = ["sex", "twin"]\n[variables.twin]\ncolumn = "sex"\n'
            'levels = { m = "male", f = "female" }',
            "prognosis",
            "variables.twin",
        ),
        "more_covariates_than_events": protocol(
            SHORT,
            'candidates = ["sex", "stage", "centre", "cancer", "smoker", "grade", "ecog", "age"]',
            "prognosis",
        ),
        "cut_found_by_the_outcome": protocol(
            SHORT,
            'candidates = ["sex", "old"]\n[variables.old]\nfrom = "age"\ncut_by = "max_logrank"\n'
            'endpoint = "os"',
            "variables.old",
            "prognosis",
        ),
        "criterion_of_response": protocol(
            "[prognosis]",
            '[[eligibility.criteria]]\nkey = "r"\nlabel = "No response"\n'
            'column = "best_response"\nis_not = "PD"\n[prognosis]',
            "eligibility",
        ),
        "criterion_of_cycles": protocol(
            "[prognosis]",
            '[[eligibility.criteria]]\nkey = "c"\nlabel = "Fewer than three cycles"\n'
            'column = "cycles"\nmin = 3\n[prognosis]',
            "eligibility",
        ),
        "criterion_of_death": protocol(
            "[prognosis]",
            '[[eligibility.criteria]]\nkey = "d"\nlabel = "Alive"\ncolumn = "death_date"\n'
            "present = true\n[prognosis]",
            "eligibility",
        ),
        "times_beyond_all_follow_up": protocol(
            '[endpoints.os]\nby = ["arm"]', '[endpoints.os]\nby = ["arm"]\nat = [12, 240]',
            "endpoints.os",
        ),
        "unit_of_study_is_days_for_months": protocol(
            '[endpoints.os]\nby = ["arm"]', '[endpoints.os]\nby = ["centre"]\nat = [120]',
            "endpoints.os",
        ),
        "status_read_the_other_way": mapped(
            'codes = { vital_status = { "alive" = "dead", "dead" = "alive" } }',
            "vital_status", "death_date",
        ),
        "sex_read_the_other_way": mapped(
            'codes = { sex = { "male" = "female", "female" = "male" } }', "sex"
        ),
        "death_column_of_last_contact": mapped(
            'columns = { death_date = "last_contact", last_contact = "death_date" }',
            "death_date", "vital_status",
        ),
        "start_column_of_diagnosis": mapped(
            'columns = { treatment_start = "diagnosis_date", diagnosis_date = "treatment_start" }',
            "treatment_start", "diagnosis_date",
        ),
        "progression_column_of_last_contact": mapped(
            'columns = { progression_date = "last_contact" }', "progression_date"
        ),
        "words_of_response_exchanged": mapped(
            'codes = { best_response = { "PR" = "PD", "PD" = "PR" } }',
            "best_response", "pfs", "PFS",
        ),
    }
)  # fmt: skip


@damage
def a_group_without_events(tables: Tables, rng: random.Random) -> Where:
    """Monotone likelihood: nobody of a level of the model has died."""
    rows = [r for r in tables["patients"] if r["stage"] == "III"]
    for row in rows:
        row.update(vital_status="alive", death_date="", death_cause="", last_contact="2020-05-04")
    return Where("patients", ("death_date",), ids(rows), keys=("prognosis", "variables.stage"))


@damage
def header_again_in_the_middle(tables: Tables, rng: random.Random) -> Where:
    """The names of the columns stand again on the second printed page."""
    rows = tables["patients"]
    rows.insert(30, {c: c for c in rows[0]})
    return Where("patients", ("patient",), ("patient",))


@damage
def count_row_in_the_middle(tables: Tables, rng: random.Random) -> Where:
    rows = tables["patients"]
    rows.insert(30, {**dict.fromkeys(rows[0], ""), "patient": "n = 30", "age": "58.5"})
    return Where("patients", ("patient",), ("n = 30",))


@damage
def names_of_two_columns_exchanged(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["last_contact"], row["death_date"] = row["death_date"], row["last_contact"]
    return Where("patients", ("last_contact", "death_date"))


@damage
def start_after_progression(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, treatment_end_reason="progression")
    row["treatment_start"] = moved(row["progression_date"], 9)
    return Where("patients", ("treatment_start",), (row["patient"],))


@damage
def start_and_diagnosis_exchanged(tables: Tables, rng: random.Random) -> Where:
    return swap("treatment_start", "diagnosis_date")(tables, rng)


@damage
def patient_again_with_exchanged_figures(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    tables["patients"].append({**row, "patient": row["patient"][0] + row["patient"][:0:-1] + "X"})
    return Where("patients", ("patient",), (row["patient"], tables["patients"][-1]["patient"]))


@damage
def half_of_the_rows_pasted_again(tables: Tables, rng: random.Random) -> Where:
    rows = [{**r, "patient": f"D{k:02d}"} for k, r in enumerate(tables["patients"][:30])]
    tables["patients"] += rows
    return Where("patients", ("patient",), ids(rows))


@damage
def columns_shifted_in_one_row(tables: Tables, rng: random.Random) -> Where:
    """A cell was deleted, and the rest of the row moved to the left."""
    row = rng.choice(tables["patients"])
    held = list(row.values())
    at = list(row).index("weight")
    for column, value in zip(row, held[:at] + held[at + 1 :] + [""], strict=True):
        row[column] = value
    return Where("patients", tuple(row), (row["patient"],))


def _later(d: str, years: int) -> str:
    return day(date.fromisoformat(d) + timedelta(days=round(365.25 * years)))


@damage
def one_centre_a_century_late(tables: Tables, rng: random.Random) -> Where:
    rows = [r for r in tables["patients"] if r["centre"] == "South"]
    for row in rows:
        for column in ("treatment_start", "last_contact"):
            row[column] = _later(row[column], -100)
    return Where("patients", ("treatment_start",), ids(rows))
