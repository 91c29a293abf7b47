"""Kinds of damage that charts really have, each planted in the clean study.

A damage changes the rows in place and says where it lies. What becomes of it is tested in
``test_damages.py``: a problem that names the place, or an answer that does not move.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from clean_study import Row, Tables, day

Plant = Callable[[Tables, random.Random], "Where"]


@dataclass(frozen=True)
class Where:
    """Where the damage lies: table, columns and patients (any of them is a place)."""

    table: str
    columns: tuple[str, ...]
    patients: tuple[str, ...] = ()
    protocol: tuple[str, str] = ("", "")
    """Text of the protocol that is replaced, and by what."""
    keys: tuple[str, ...] = field(default=())
    """Keys of the protocol, any of which is a place too."""


DAMAGES: dict[str, Plant] = {}


def damage(plant: Plant) -> Plant:
    """Enter a kind of damage under its function's name."""
    DAMAGES[plant.__name__] = plant
    return plant


def some(rows: list[Row], rng: random.Random, n: int = 1, **having: str) -> list[Row]:
    """Rows with these values, or with any value where it is ``*``."""
    fit = [
        r for r in rows if all((r[c] != "") if v == "*" else (r[c] == v) for c, v in having.items())
    ]
    return rng.sample(fit, n)


def ids(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r["patient"] for r in rows))


def put(table: str, column: str, value: str, n: int = 1, **having: str) -> Plant:
    """A plant that writes one value into a column of some rows."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = some(tables[table], rng, n, **having)
        for row in rows:
            row[column] = value
        return Where(table, (column,), ids(rows))

    return plant


def moved(text: str, days: int) -> str:
    return day(date.fromisoformat(text) + timedelta(days=days))


def move(table: str, column: str, days: int, n: int = 1, **having: str) -> Plant:
    """A plant that moves dates."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = some(tables[table], rng, n, **{column: "*"}, **having)
        for row in rows:
            row[column] = moved(row[column], days)
        return Where(table, (column,), ids(rows))

    return plant


def scale(table: str, column: str, factor: float, n: int | None, **having: str) -> Plant:
    """A plant that multiplies values: other units in some or all rows."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        fit = [r for r in tables[table] if r[column] and all(r[c] == v for c, v in having.items())]
        rows = fit if n is None else rng.sample(fit, n)
        for row in rows:
            row[column] = f"{float(row[column]) * factor:.6g}"
        return Where(table, (column,), ids(rows))

    return plant


# ---- cells that can't be read ----
DAMAGES.update(
    {
        "date_is_a_word": put("patients", "treatment_start", "banana"),
        "start_is_blank": put("patients", "treatment_start", ""),
        "date_of_february_30": put("patients", "last_contact", "2019-02-30", vital_status="alive"),
        "date_far_in_the_future": put(
            "patients", "last_contact", "2919-12-05", vital_status="alive"
        ),
        "date_of_1900": put("patients", "last_contact", "1900-01-01", vital_status="alive"),
        "date_behind_an_apostrophe": put("patients", "treatment_start", "'2015-13-45"),
        "number_is_a_word": put("labs", "value", "high", test="CRP"),
        "number_with_letter_o": put("labs", "value", "1O.5", test="CRP"),
        "number_is_a_bound": put("labs", "value", "<5", test="CRP"),
        "diameter_is_a_range": put("lesions", "diameter_mm", "20-30", role="target"),
        "unknown_role": put("lesions", "role", "tarjet"),
        "unknown_status": put("lesions", "status", "gone?", role="target"),
        "unknown_sex": put("patients", "sex", "x"),
        "unknown_vital_status": put("patients", "vital_status", "perhaps"),
        "unknown_response": put("patients", "best_response", "RP"),
        "unknown_arm": put("patients", "arm", "c"),
        "missing_word_in_arm": put("patients", "arm", "unknown", 2),
        "arm_blank_for_two": put("patients", "arm", "", 2),
        "patient_blank": put("labs", "patient", "", test="CRP"),
        "patient_unknown": put("labs", "patient", "S99", test="CRP"),
        "grade_of_six": put("adverse_events", "grade", "6"),
        "grade_of_zero": put("adverse_events", "grade", "0"),
        "grade_is_a_word": put("adverse_events", "grade", "severe"),
        "grade_with_fraction": put("adverse_events", "grade", "2.5"),
        "grade_blank": put("adverse_events", "grade", ""),
        "term_blank": put("adverse_events", "term", ""),
        "dose_amount_blank": put("doses", "amount", ""),
        "dose_amount_is_text": put("doses", "amount", "400 BID"),
        "dose_start_blank": put("doses", "start", ""),
        "unit_blank": put("labs", "unit", "", test="CRP"),
        "unit_unknown": put("labs", "unit", "units", test="CRP"),
        "test_spelt_oddly": put("labs", "test", "C-RP", test="CRP"),
        "scale_unknown": put("performance", "scale", "WHO-ish"),
        "event_is_x": put("patients", "rfs_event", "x"),
        "event_is_blank": put("patients", "rfs_event", ""),
        "event_is_two": put("patients", "rfs_event", "2"),
    }
)

# ---- times and dates ----
DAMAGES.update(
    {
        "time_is_negative": put("patients", "rfs_months", "-3.5"),
        "time_is_zero_with_event": put("patients", "rfs_months", "0", rfs_event="1"),
        "time_is_999": put("patients", "rfs_months", "999"),
        "time_is_minus_one": put("patients", "rfs_months", "-1"),
        "three_times_in_days": scale("patients", "rfs_months", 30.4375, 3),
        "all_times_in_days": scale("patients", "rfs_months", 30.4375, None),
        "all_times_in_years": scale("patients", "rfs_months", 1 / 12, None),
        "last_contact_before_start": move("patients", "last_contact", -3000, vital_status="alive"),
        "death_before_start": move("patients", "death_date", -3000),
        "death_before_last_scan": move("patients", "death_date", -400),
        "death_date_but_alive": put("patients", "vital_status", "alive", vital_status="dead"),
        "dead_without_date": put("patients", "death_date", "", vital_status="dead"),
        "death_after_last_contact": move("patients", "last_contact", -40, vital_status="dead"),
        "start_after_end": move("patients", "treatment_end", -1500),
        "diagnosis_after_start": move("patients", "diagnosis_date", 900),
        "progression_before_start": move("patients", "progression_date", -700),
        "progression_after_death": move("patients", "progression_date", 900, vital_status="dead"),
        "scan_years_later": move("lesions", "date", 1500, role="target", visit="scan 1"),
        "scan_date_digit_typo": move("lesions", "date", -365, role="target", visit="scan 1"),
        "event_before_treatment": move("adverse_events", "start", -400),
        "event_ends_before_start": move("adverse_events", "end", -60),
        "event_years_after_last_dose": move("adverse_events", "start", 1200),
        "dose_ends_before_start": move("doses", "end", -2000),
        "dose_after_treatment_end": move("doses", "end", 300),
        "dose_before_treatment": move("doses", "start", -90),
        "birth_in_age": put("patients", "age", "1952"),
    }
)

# ---- numbers that can't be ----
DAMAGES.update(
    {
        "age_of_540": put("patients", "age", "540"),
        "age_of_zero": put("patients", "age", "0"),
        "age_of_99_three_times": put("patients", "age", "99", 3),
        "ecog_of_seven": put("patients", "ecog", "7"),
        "kps_of_85": put("patients", "kps", "85"),
        "kps_of_900": put("patients", "kps", "900"),
        "kps_of_999": put("patients", "kps", "999"),
        "kps_contradicts_ecog": put("patients", "kps", "40", ecog="0"),
        "performance_sheet_disagrees": put("performance", "value", "50"),
        "crp_in_mg_dl": scale("labs", "value", 0.1, 3, test="CRP"),
        "crp_of_999": put("labs", "value", "999", test="CRP"),
        "crp_negative": put("labs", "value", "-4", test="CRP"),
        "hemoglobin_in_g_l": scale("labs", "value", 10, 3, test="Hemoglobin"),
        "hemoglobin_of_999": put("labs", "value", "9999", test="Hemoglobin"),
        "neutrophils_in_cells": scale("labs", "value", 1000, 3, test="Neutrophils"),
        "upper_limit_zero": put("labs", "upper_limit", "0", test="CRP"),
        "limits_swapped": put("labs", "lower_limit", "90", test="Hemoglobin"),
        "diameter_in_cm_once": scale("lesions", "diameter_mm", 0.1, 1, role="target"),
        "diameter_in_cm_always": scale("lesions", "diameter_mm", 0.1, None, role="target"),
        "diameter_of_4000": put("lesions", "diameter_mm", "4000", role="target"),
        "diameter_negative": put("lesions", "diameter_mm", "-20", role="target"),
        "diameter_zero_measured": put("lesions", "diameter_mm", "0", role="target"),
        "diameter_blank_measured": put("lesions", "diameter_mm", "", role="target"),
        "dose_of_0_4": put("doses", "amount", "0.4"),
        "dose_of_40000": put("doses", "amount", "40000"),
        "dose_20_times_a_day": put("doses", "times_per_day", "20"),
        "daily_total_as_dose": put("doses", "amount", "800", amount="400"),
        "site_count_negative": put("sites", "count", "-2"),
        "site_count_400": put("sites", "count", "400", organ="lung"),
        "dose_negative": put("doses", "amount", "-400"),
    }
)

# ---- records that contradict each other ----


@damage
def patient_twice(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    tables["patients"].append(dict(row))
    return Where("patients", ("patient",), (row["patient"],))


@damage
def patient_twice_with_other_values(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    tables["patients"].append({**row, "arm": "a" if row["arm"] == "b" else "b"})
    return Where("patients", ("patient", "arm"), (row["patient"],))


@damage
def patient_under_two_ids(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    other = row["patient"].replace("S", "S0")
    tables["patients"].append({**row, "patient": other})
    return Where("patients", ("patient",), (row["patient"], other))


@damage
def five_rows_alike_but_for_the_id(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    for k in range(4):
        tables["patients"].append({**row, "patient": f"T{k}"})
    return Where("patients", ("patient",), (row["patient"], "T0", "T1", "T2", "T3"))


@damage
def id_in_other_case(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["labs"], rng, test="CRP")
    who = row["patient"]
    row["patient"] = who.lower() + " "
    return Where("labs", ("patient",), (who, who.lower()))


@damage
def two_values_on_one_day(tables: Tables, rng: random.Random) -> Where:
    row = next(r for r in rng.sample(tables["labs"], len(tables["labs"])) if r["test"] == "CRP")
    tables["labs"].append({**row, "value": f"{float(row['value']) + 40:.1f}"})
    return Where("labs", ("value",), (row["patient"],))


@damage
def two_sizes_on_one_day(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["lesions"], rng, role="target")
    tables["lesions"].append({**row, "diameter_mm": f"{float(row['diameter_mm']) + 19:g}"})
    return Where("lesions", ("diameter_mm",), (row["patient"],))


@damage
def event_twice(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["adverse_events"])
    tables["adverse_events"].append(dict(row))
    return Where("adverse_events", ("term", "start"), (row["patient"],))


@damage
def doses_overlap(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["doses"], rng, amount="400", end="*")
    tables["doses"].append({**row, "amount": "200"})
    return Where("doses", ("start", "end", "amount"), (row["patient"],))


@damage
def doses_missing_for_a_patient(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    tables["doses"] = [r for r in tables["doses"] if r["patient"] != who]
    return Where("doses", ("patient", "drug"), (who,))


@damage
def baseline_scan_missing(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    tables["lesions"] = [
        r for r in tables["lesions"] if r["patient"] != who or r["visit"] != "baseline"
    ]
    return Where("lesions", ("date", "visit"), (who,))


@damage
def lines_in_wrong_order(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["therapies"], rng, line="1")
    row["line"] = "3"
    return Where("therapies", ("line",), (row["patient"],))


@damage
def next_therapy_before_progression(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["therapies"], rng, line="2", end="*")
    begin = moved(row["start"], 20)
    tables["therapies"].append(
        {**row, "line": "3", "drugs": "axitinib", "start": begin, "end": moved(begin, 30)}
    )
    return Where("therapies", ("start",), (row["patient"],))


DAMAGES.update(
    {
        "best_response_pd_without_progression": put(
            "patients", "best_response", "PD", best_response="SD", progression_date=""
        ),
        "complete_response_with_lesions": put(
            "patients", "best_response", "CR", best_response="SD"
        ),
        "charted_progression_not_seen": put(
            "patients", "progression_date", "2019-11-30", best_response="SD", progression_date=""
        ),
        "charted_progression_half_a_year_late": move("patients", "progression_date", 190),
        "seen_progression_not_charted": put("patients", "progression_date", "", best_response="PR"),
        "stopped_for_progression_without_one": put(
            "patients", "treatment_end_reason", "progression", progression_date=""
        ),
        "stopped_for_death_but_alive": put(
            "patients", "treatment_end_reason", "death", vital_status="alive", treatment_end="*"
        ),
        "death_cause_is_progression_for_the_living": put(
            "patients", "death_cause", "progression", vital_status="alive"
        ),
        "new_lesion_at_baseline": put(
            "lesions", "role", "new", visit="baseline", role="non-target"
        ),
        "lesion_changes_role": put("lesions", "role", "non-target", visit="scan 1", role="target"),
        "lesion_renamed": put("lesions", "lesion", "T7", role="target", visit="scan 1"),
    }
)


@damage
def baseline_value_after_start_only(tables: Tables, rng: random.Random) -> Where:
    first = {r["patient"]: r for r in reversed(tables["labs"]) if r["test"] == "CRP"}
    row = first[rng.choice(sorted(first))]
    row["date"] = moved(row["date"], 12)
    return Where("labs", ("date",), (row["patient"],))


@damage
def digits_transposed(tables: Tables, rng: random.Random) -> Where:
    later = {r["patient"] for r in tables["lesions"] if r["visit"] == "scan 2"}
    rows = [r for r in tables["lesions"] if r["visit"] == "scan 1" and r["role"] == "target"]
    row = rng.choice([r for r in rows if r["patient"] in later])
    row["diameter_mm"] = "92"
    return Where("lesions", ("diameter_mm",), (row["patient"],))


# ---- whole columns, and the protocol ----


@damage
def flags_inverted(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["vital_status"] = "alive" if row["vital_status"] == "dead" else "dead"
    return Where("patients", ("vital_status", "death_date"))


@damage
def everybody_dead_by_date(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["death_date"] = row["last_contact"]
    return Where("patients", ("death_date", "vital_status"))


@damage
def covariate_with_words(tables: Tables, rng: random.Random) -> Where:
    rows = rng.sample(tables["patients"], 3)
    for row, word in zip(rows, ("n.d.", "high", "?"), strict=True):
        row["kps"] = word
    return Where("patients", ("kps",), ids(rows))


@damage
def level_of_one_patient(tables: Tables, rng: random.Random) -> Where:
    rows = some(tables["patients"], rng, 1, sex="male")
    rows[0]["sex"] = "Male?"
    return Where("patients", ("sex",), ids(rows))


@damage
def legend_below_the_table(tables: Tables, rng: random.Random) -> Where:
    blank = dict.fromkeys(tables["patients"][0], "")
    tables["patients"].append({**blank, "patient": "sex: male / female, arm: a = new drug"})
    return Where("patients", ("patient",))


@damage
def mean_row_below_the_table(tables: Tables, rng: random.Random) -> Where:
    blank = dict.fromkeys(tables["patients"][0], "")
    ages = [float(r["age"]) for r in tables["patients"]]
    tables["patients"].append({**blank, "patient": "Mean", "age": f"{sum(ages) / len(ages):.1f}"})
    return Where("patients", ("patient",), ("Mean",))


@damage
def cut_puts_all_in_one_group(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "labs", ("value",), protocol=("cut = [10]", "cut = [1000]"), keys=("variables.crp",)
    )


@damage
def reference_does_not_occur(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "patients",
        ("sex",),
        protocol=('reference = "female"', 'reference = "femal"'),
        keys=("variables.sex",),
    )


@damage
def most_values_missing(tables: Tables, rng: random.Random) -> Where:
    rows = rng.sample(tables["labs"], len(tables["labs"]))
    keep = 0
    for row in rows:
        if row["test"] == "CRP":
            keep += 1
            if keep > 10:
                row["value"] = ""
    return Where("labs", ("value",), keys=("variables.crp", "prognosis"))


@damage
def event_value_never_occurs(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "patients",
        ("rfs_event",),
        protocol=("event_value = 1", "event_value = 7"),
        keys=("endpoints.rfs",),
    )


@damage
def groups_made_by_outcome(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "patients",
        ("best_response",),
        protocol=(
            '[endpoints.os]\nby = ["arm"]',
            '[variables.resp]\ncolumn = "best_response"\nlevels = { pr = "PR", sd = "SD", '
            'pd = "PD" }\n[endpoints.os]\nby = ["resp"]',
        ),
        keys=("endpoints.os", "variables.resp"),
    )
