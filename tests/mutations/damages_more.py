"""Further kinds of damage that a careful biostatistician meets, in both clean studies."""

from __future__ import annotations

import random
from datetime import date

from clean_study import Tables, day
from damages import DAMAGES, Plant, Where, damage, ids, move, moved, put, some
from damages_reduced import REDUCED, protocol, scale

# ---- dates ----
DAMAGES.update(
    {
        "diagnosis_a_century_early": move("patients", "diagnosis_date", -36525),
        "start_a_century_early": move("patients", "treatment_start", -36525),
        "lab_a_century_early": move("labs", "date", -36525, test="CRP"),
        "end_of_treatment_in_the_future": put(
            "patients", "treatment_end", "2031-05-01", treatment_end="*"
        ),
        "therapy_in_the_future": put("therapies", "start", "2031-05-01", line="2"),
    }
)


@damage
def start_of_the_row_above(tables: Tables, rng: random.Random) -> Where:
    rows = tables["patients"]
    k = rng.randrange(1, len(rows))
    rows[k]["treatment_start"] = rows[k - 1]["treatment_start"]
    return Where("patients", ("treatment_start",), (rows[k]["patient"],))


@damage
def day_and_month_exchanged(tables: Tables, rng: random.Random) -> Where:
    """The start, of a patient whose two days lie two months apart at least."""
    fit = []
    for row in tables["patients"]:
        start = date.fromisoformat(row["treatment_start"])
        if start.day <= 12 and abs(start.day - start.month) >= 2:
            fit.append((row, start))
    row, start = rng.choice(fit)
    row["treatment_start"] = day(date(start.year, start.day, start.month))
    return Where("patients", ("treatment_start",), (row["patient"],))


# ---- lesions ----
DAMAGES.update(
    {
        "diameter_of_99": put("lesions", "diameter_mm", "99", visit="scan 1", role="target"),
        "diameter_of_999": put("lesions", "diameter_mm", "999", visit="scan 1", role="target"),
    }
)


@damage
def target_left_out_at_a_visit(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["lesions"], rng, visit="scan 1", role="target")
    tables["lesions"].remove(row)
    return Where("lesions", ("lesion",), (row["patient"],))


@damage
def visit_in_centimetres(tables: Tables, rng: random.Random) -> Where:
    (one,) = some(tables["lesions"], rng, visit="scan 1", role="target")
    for row in tables["lesions"]:
        if (row["patient"], row["visit"], row["role"]) == (one["patient"], "scan 1", "target"):
            row["diameter_mm"] = f"{float(row['diameter_mm']) / 10:g}"
    return Where("lesions", ("diameter_mm",), (one["patient"],))


@damage
def rows_of_another_patient(tables: Tables, rng: random.Random) -> Where:
    """The lesions of a patient are entered under the id of the next one."""
    k = rng.randrange(len(tables["patients"]) - 1)
    one, other = (tables["patients"][i]["patient"] for i in (k, k + 1))
    for row in tables["lesions"]:
        if row["patient"] == one:
            row["patient"] = other
    return Where("lesions", ("patient",), (one, other))


# ---- events, doses, therapies, sites ----
DAMAGES.update(
    {
        "fatal_outcome_of_a_low_grade": put("adverse_events", "outcome", "fatal"),
        "dose_in_grams": put("doses", "unit", "g"),
        "dose_above_all_levels": put("doses", "amount", "600", amount="400"),
        "line_of_therapy_twice": put("therapies", "line", "1", line="2"),
        "sites_counted_in_hundreds": put("sites", "count", "120", organ="lung"),
    }
)


@damage
def event_twice_with_other_grades(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["adverse_events"])
    grade = "4" if row["grade"] != "4" else "1"
    tables["adverse_events"].append({**row, "grade": grade})
    return Where("adverse_events", ("grade",), (row["patient"],))


@damage
def all_doses_are_zero(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    for row in tables["doses"]:
        if row["patient"] == who:
            row["amount"] = "0"
    return Where("doses", ("amount",), (who,))


@damage
def organ_counted_twice(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["sites"], rng, organ="lung")
    tables["sites"].append({**row, "count": str(int(row["count"]) + 3)})
    return Where("sites", ("count",), (row["patient"],))


# ---- laboratory ----
DAMAGES.update(
    {
        "crp_labelled_mg_dl_for_three": put("labs", "unit", "mg/dL", 3, test="CRP"),
        "upper_limit_of_another_unit": put("labs", "upper_limit", "100", test="CRP"),
        "limits_of_another_test": put("labs", "upper_limit", "400", test="Hemoglobin"),
    }
)


@damage
def crp_labelled_mg_dl_for_all(tables: Tables, rng: random.Random) -> Where:
    for row in tables["labs"]:
        if row["test"] == "CRP":
            row["unit"] = "mg/dL"
    return Where("labs", ("unit", "CRP"))


@damage
def hemoglobin_in_mmol_for_all(tables: Tables, rng: random.Random) -> Where:
    for row in tables["labs"]:
        if row["test"] == "Hemoglobin":
            row["value"] = f"{float(row['value']) * 0.6206:.1f}"
    return Where("labs", ("value", "Hemoglobin"))


@damage
def crp_shifted_by_a_row(tables: Tables, rng: random.Random) -> Where:
    rows = [r for r in tables["labs"] if r["test"] == "CRP"]
    held = [r["value"] for r in rows]
    for row, value in zip(rows, held[2:] + held[:2], strict=True):
        row["value"] = value
    return Where("labs", ("value",), ids(rows))


@damage
def ages_sorted_alone(tables: Tables, rng: random.Random) -> Where:
    held = sorted(r["age"] for r in tables["patients"])
    for row, value in zip(tables["patients"], held, strict=True):
        row["age"] = value
    return Where("patients", ("age",), ids(tables["patients"]))


# ---- the protocol ----
DAMAGES.update(
    {
        "survival_from_diagnosis": protocol(
            "[endpoints.os]", '[endpoints.os]\nfrom = "diagnosis_date"', "endpoints.os"
        ),
        "survival_from_the_last_contact": protocol(
            "[endpoints.os]", '[endpoints.os]\nfrom = "last_contact"', "endpoints.os"
        ),
    }
)

# ---- the study of one sheet ----
REDUCED.update(
    {
        "both_events_of_one_flag": protocol(
            'event = "os_event"', 'event = "pfs_event"', "endpoints.os", "endpoints.pfs"
        ),
        "os_three_in_weeks": scale("patients", "os_months", 4.348, 3),
        "kps_of_zero": put("patients", "kps", "0"),
        "nlr_with_lost_point": scale("patients", "nlr", 100, 1),
    }
)


def reduced(plant: Plant) -> Plant:
    """Enter a kind of damage of the reduced study under its function's name."""
    REDUCED[plant.__name__] = plant
    return plant


@reduced
def all_times_in_years(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        for column in ("pfs_months", "os_months"):
            row[column] = f"{float(row[column]) / 12:.2f}"
    return Where("patients", ("pfs_months", "os_months"))


@reduced
def response_before_any_scan(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, best_response="PR", pfs_event="1")
    row["pfs_months"] = "0.3"
    return Where("patients", ("pfs_months",), (row["patient"],))


@reduced
def alive_long_after_the_last_scan(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, pfs_event="0", os_event="0")
    row["os_months"] = f"{float(row['pfs_months']) * 3 + 14:.1f}"
    return Where("patients", ("os_months",), (row["patient"],))


@reduced
def ages_of_the_row_above(tables: Tables, rng: random.Random) -> Where:
    held = [r["age"] for r in tables["patients"]]
    for row, value in zip(tables["patients"], held[-1:] + held[:-1], strict=True):
        row["age"] = value
    return Where("patients", ("age",), ids(tables["patients"]))


# ---- two units, each value an ordinary one ----
POUNDS, MMOL = 2.2046, 0.6206
REDUCED.update(
    {
        "weights_half_in_pounds": scale("patients", "weight", POUNDS, 20),
        "weights_three_in_pounds": put("patients", "weight", "187", 3),
        "weights_all_in_pounds": scale("patients", "weight", POUNDS, None),
        "hemoglobin_half_in_mmol": scale("patients", "hb", MMOL, 20),
        "hemoglobin_all_in_mmol": scale("patients", "hb", MMOL, None),
        "hemoglobin_three_in_g_l": scale("patients", "hb", 10, 3),
        "os_half_in_weeks": scale("patients", "os_months", 4.348, 20),
        "pfs_half_in_years": scale("patients", "pfs_months", 1 / 12, 20),
        "ldh_of_the_column_of_crp": protocol(
            "[variables.ldh]", '[variables.ldh]\ncolumn = "crp"', "variables.ldh"
        ),
    }
)


@damage
def hemoglobin_half_in_mmol(tables: Tables, rng: random.Random) -> Where:
    rows = [r for r in tables["labs"] if r["test"] == "Hemoglobin"]
    rows = rng.sample(rows, len(rows) // 2)
    for row in rows:
        row["value"] = f"{float(row['value']) * MMOL:.1f}"
    return Where("labs", ("value", "Hemoglobin"), ids(rows))


# ---- endpoints as a whole, and values that are too old ----
DAMAGES["progression_is_not_counted"] = protocol(
    "[endpoints.pfs]", '[endpoints.pfs]\nevents = ["death"]', "endpoints.pfs", "endpoints.os"
)


@damage
def everybody_has_died(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        if row["vital_status"] == "alive":
            row["vital_status"], row["death_date"] = "dead", row["last_contact"]
    return Where("patients", ("death_date", "vital_status"), keys=("endpoints.os",))


@damage
def baseline_value_two_months_old(tables: Tables, rng: random.Random) -> Where:
    first = {r["patient"]: r for r in reversed(tables["labs"]) if r["test"] == "CRP"}
    row = first[rng.choice(sorted(first))]
    row["date"] = moved(row["date"], -60)
    return Where("labs", ("date",), (row["patient"],))
