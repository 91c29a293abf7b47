"""Further damage in the study of nine sheets."""

from __future__ import annotations

import random
from collections.abc import Callable

from clean_study import Row, Tables
from damages import Plant, Where, ids, move, moved, put, some
from damages_reduced import protocol

SHEETS: dict[str, Plant] = {}


def sheets(plant: Plant) -> Plant:
    """Enter a kind of damage of the study of nine sheets."""
    SHEETS[plant.__name__] = plant
    return plant


def respelt(table: str, column: str, change: Callable[[str], str], **having: str) -> Plant:
    """A plant that writes a value in another way."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = some(tables[table], rng, 1, **having)
        for row in rows:
            row[column] = change(row[column])
        return Where(table, (column,), ids(rows))

    return plant


# ---- events ----
SHEETS.update(
    {
        "grade_in_roman": put("adverse_events", "grade", "III", grade="3"),
        "grade_with_letter": put("adverse_events", "grade", "G3", grade="3"),
        "grade_is_a_range": put("adverse_events", "grade", "2-3"),
        "grade_in_words": put("adverse_events", "grade", "moderate to severe"),
        "two_terms_in_one_cell": put("adverse_events", "term", "Diarrhea, Fatigue"),
        "term_says_none": put("adverse_events", "term", "none"),
        "term_misspelt": put("adverse_events", "term", "Hypertenison"),
        "term_of_a_laboratory": put("adverse_events", "term", "Hb 7.9"),
        "event_of_a_stranger": put("adverse_events", "patient", "S44"),
        "event_of_the_wrong_century": move("adverse_events", "start", -36525),
        "event_start_is_blank": put("adverse_events", "start", ""),
        "event_after_the_cutoff": put("adverse_events", "start", "2021-02-03"),
        "relation_in_odd_words": put("adverse_events", "related", "hmm"),
    }
)


@sheets
def grade_five_while_alive(tables: Tables, rng: random.Random) -> Where:
    alive = [r["patient"] for r in tables["patients"] if r["vital_status"] == "alive"]
    row = rng.choice([r for r in tables["adverse_events"] if r["patient"] in alive])
    row["grade"], row["outcome"] = "5", ""
    return Where("adverse_events", ("grade",), (row["patient"],))


@sheets
def event_again_a_day_later(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["adverse_events"])
    tables["adverse_events"].append({**row, "start": moved(row["start"], 1)})
    return Where("adverse_events", ("start",), (row["patient"],))


# ---- lesions ----
SHEETS.update(
    {
        "absent_but_measured": put("lesions", "status", "absent", role="target"),
        "node_of_8_mm_as_target": put("lesions", "node", "yes", visit="baseline", role="target"),
        "lesion_moved_to_another_organ": put(
            "lesions", "site", "brain", visit="scan 1", role="target"
        ),
        "scan_by_another_method": put(
            "lesions", "method", "ultrasound", visit="scan 1", role="target"
        ),
        "visit_misspelt": put("lesions", "visit", "sacn 1", visit="scan 1", role="target"),
        "lesion_without_name": put("lesions", "lesion", "", visit="scan 1", role="target"),
        "diameter_with_unit": respelt("lesions", "diameter_mm", lambda v: f"{v} mm", role="target"),
        "diameter_of_two_axes": put("lesions", "diameter_mm", "24x18", role="target"),
        "diameter_in_words": put("lesions", "diameter_mm", "unchanged", visit="scan 1"),
        "lesion_of_a_stranger": put("lesions", "patient", "SO1"),
        "new_lesion_without_row_before": put(
            "lesions", "role", "new", visit="scan 1", role="non-target"
        ),
        "non_target_progressed": put(
            "lesions", "status", "unequivocal progression", visit="scan 1", role="non-target"
        ),
        "non_target_absent_once": put(
            "lesions", "status", "absent", visit="scan 1", role="non-target"
        ),
    }
)


def lesion_rows(tables: Tables, who: str, visit: str = "", role: str = "target") -> list[Row]:
    return [
        r
        for r in tables["lesions"]
        if r["patient"] == who and r["role"] == role and visit in ("", r["visit"])
    ]


@sheets
def baseline_after_the_start(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    for row in tables["lesions"]:
        if row["patient"] == who and row["visit"] == "baseline":
            row["date"] = moved(row["date"], 25)
    return Where("lesions", ("date",), (who,))


@sheets
def baseline_two_months_before(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    for row in tables["lesions"]:
        if row["patient"] == who and row["visit"] == "baseline":
            row["date"] = moved(row["date"], -60)
    return Where("lesions", ("date",), (who,))


@sheets
def six_targets(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    for row in lesion_rows(tables, who):
        if row["lesion"] == "T1":
            for k, site in enumerate(("brain", "bone", "skin", "spleen"), 3):
                tables["lesions"].append({**row, "lesion": f"T{k}", "site": site})
    return Where("lesions", ("lesion",), (who,))


@sheets
def three_targets_in_one_organ(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    for row in lesion_rows(tables, who):
        if row["lesion"] == "T1":
            for k in (3, 4):
                tables["lesions"].append({**row, "lesion": f"T{k}"})
    return Where("lesions", ("lesion",), (who,))


@sheets
def new_lesion_in_a_responder(tables: Tables, rng: random.Random) -> Where:
    """The chart says partial response; the first scan has a new lesion."""
    who = rng.choice([r for r in tables["patients"] if r["best_response"] == "PR"])["patient"]
    row = lesion_rows(tables, who, "scan 1")[0]
    tables["lesions"].append({**row, "lesion": "X1", "role": "new", "status": "present"})
    return Where("lesions", ("role",), (who,))


@sheets
def charted_not_evaluable_but_measured(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, best_response="PR")
    row["best_response"] = "NE"
    return Where("patients", ("best_response",), (row["patient"],))


@sheets
def visits_exchanged(tables: Tables, rng: random.Random) -> Where:
    """The sizes of baseline and first scan are exchanged."""
    who = rng.choice([r for r in tables["patients"] if r["best_response"] == "PR"])["patient"]
    first, second = lesion_rows(tables, who, "baseline"), lesion_rows(tables, who, "scan 1")
    for a, b in zip(first, second, strict=True):
        a["diameter_mm"], b["diameter_mm"] = b["diameter_mm"], a["diameter_mm"]
    return Where("lesions", ("diameter_mm",), (who,))


@sheets
def lesions_copied_from_another_patient(tables: Tables, rng: random.Random) -> Where:
    """All sizes of a patient are those of another one."""
    one, other = (tables["patients"][k]["patient"] for k in (0, 12))
    for a, b in zip(lesion_rows(tables, one), lesion_rows(tables, other), strict=False):
        b["diameter_mm"] = a["diameter_mm"]
    return Where("lesions", ("diameter_mm",), (one, other))


@sheets
def scan_of_the_day_of_another_visit(tables: Tables, rng: random.Random) -> Where:
    who = rng.choice(tables["patients"])["patient"]
    when = lesion_rows(tables, who, "baseline")[0]["date"]
    for row in tables["lesions"]:
        if row["patient"] == who and row["visit"] == "scan 1":
            row["date"] = when
    return Where("lesions", ("date",), (who,))


@sheets
def all_sizes_ten_times(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "lesions",
        ("diameter_mm",),
        protocol=(
            "[schedule]",
            '[tables.lesions]\nunits = { diameter_mm = "cm" }\n[schedule]',
        ),
        keys=("tables.lesions",),
    )


# ---- doses, therapies, sites, performance ----
SHEETS.update(
    {
        "dose_with_letter_o": put("doses", "amount", "4OO"),
        "dose_of_a_brand": put("doses", "drug", "Nexavar"),
        "drug_misspelt": put("doses", "drug", "sorafinib"),
        "dose_per_m2_for_mg": put("doses", "unit", "mg/m2"),
        "dose_after_death": put("doses", "start", "2019-12-28", end="*"),
        "dose_times_in_words": put("doses", "times_per_day", "BID"),
        "therapy_ends_after_the_next_began": move("therapies", "end", 400, line="1"),
        "therapy_of_line_zero": put("therapies", "line", "0", line="1"),
        "therapy_lines_with_a_gap": put("therapies", "line", "4", line="2"),
        "therapy_without_start": put("therapies", "start", "", line="2"),
        "therapy_after_death": put("therapies", "start", "2019-12-30", line="2", end="*"),
        "organ_misspelt": put("sites", "organ", "lnug", organ="lung"),
        "organ_blank": put("sites", "organ", "", organ="liver"),
        "site_count_in_words": put("sites", "count", "multiple", organ="lung"),
        "ecog_on_the_karnofsky_scale": put("performance", "value", "1"),
        "performance_of_65": put("performance", "value", "65"),
    }
)

# ---- laboratory ----
SHEETS.update(
    {
        "lab_a_year_late": move("labs", "date", 365, test="CRP"),
        "lab_value_with_comma": respelt("labs", "value", lambda v: v.replace(".", ","), test="CRP"),
        "lab_value_with_thousands": put("labs", "value", "1,250", test="CRP"),
        "lab_value_with_unit": put("labs", "value", "12 mg/dL", test="CRP"),
        "lab_value_marked": put("labs", "value", "12.5 H", test="CRP"),
        "lab_value_between_stars": put("labs", "value", "*12.5*", test="CRP"),
        "lab_value_with_two_points": put("labs", "value", "1.2.5", test="CRP"),
        "lab_value_hemolytic": put("labs", "value", "hemolytic", test="CRP"),
        "lab_value_infinite": put("labs", "value", "inf", test="CRP"),
        "lab_value_nan": put("labs", "value", "NaN", test="CRP"),
        "lab_value_formula_error": put("labs", "value", "#N/A", test="CRP"),
        "lab_value_in_exponents": put("labs", "value", "1E+05", test="CRP"),
        "lab_unit_of_another_scale": put("labs", "unit", "g/L", test="Hemoglobin"),
        "lab_unit_per_cell": put("labs", "unit", "/uL", test="Neutrophils"),
        "lab_limits_blank": put("labs", "upper_limit", "", test="CRP"),
        "lab_id_with_letter_o": put("labs", "patient", "SO3", test="CRP"),
        "lab_date_in_words": put("labs", "date", "before therapy", test="CRP"),
    }
)


@sheets
def labs_belong_to_the_next_patient(tables: Tables, rng: random.Random) -> Where:
    """The column of ids was moved by one patient against the others."""
    every = [r["patient"] for r in tables["patients"]]
    after = dict(zip(every, every[1:] + every[:1], strict=True))
    for row in tables["labs"]:
        row["patient"] = after[row["patient"]]
    return Where("labs", ("patient",), tuple(every), keys=("variables.crp",))


@sheets
def one_test_under_two_names(tables: Tables, rng: random.Random) -> Where:
    """HbA1c is no hemoglobin."""
    (row,) = some(tables["labs"], rng, test="Hemoglobin")
    tables["labs"].append({**row, "test": "HbA1c", "value": "6.1", "unit": "%"})
    return Where("labs", ("test",), (row["patient"],))


@sheets
def crp_and_hemoglobin_exchanged(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["labs"], rng, test="CRP")
    other = next(
        r
        for r in tables["labs"]
        if (r["patient"], r["date"], r["test"]) == (row["patient"], row["date"], "Hemoglobin")
    )
    row["value"], other["value"] = "98.5", row["value"]
    other["value"] = "26.5"
    return Where("labs", ("value",), (row["patient"],))


# ---- the protocol ----
SHEETS.update(
    {
        "landmark_beyond_follow_up": protocol(
            "[safety]",
            '[time_dependent.r]\nendpoint = "os"\nchange = "response"\nlandmarks = [240]\n[safety]',
            "time_dependent",
        ),
        "naive_responders": protocol(
            "[safety]",
            '[time_dependent.r]\nendpoint = "os"\nchange = "response"\nmethods = ["naive"]\n'
            "[safety]",
            "time_dependent",
        ),
        "prediction_of_few_events": protocol(
            "[safety]",
            '[prediction]\nendpoint = "os"\nvariables = ["sex", "crp", "age", "ecog", "kps"]\n'
            "times = [12]\n[safety]",
            "prediction",
        ),
        "propensity_by_the_outcome": protocol(
            "[safety]",
            '[variables.resp]\ncolumn = "best_response"\n[propensity]\ntreatment = "arm"\n'
            'variables = ["sex", "resp"]\nendpoints = ["os"]\n[safety]',
            "propensity",
            "variables.resp",
        ),
        "baseline_window_of_two_months_after": protocol(
            "scan_tolerance_weeks = 2",
            "scan_tolerance_weeks = 2\nbaseline_days_after = 60",
            "schedule",
            "variables.crp",
        ),
        "plan_of_a_tenth": protocol("amount = 400", "amount = 40", "exposure"),
        "plan_once_a_day": protocol("times_per_day = 2", "times_per_day = 1", "exposure"),
        "schedule_of_a_year": protocol("scan_weeks = [8]", "scan_weeks = [52]", "schedule"),
        "survival_counts_next_therapy": protocol(
            "[endpoints.os]", '[endpoints.os]\nevents = ["death", "next_therapy"]', "endpoints.os"
        ),
        "endpoint_of_an_empty_column": protocol(
            "[endpoints.os]", '[endpoints.os]\nevents = ["transplant_date"]', "endpoints.os"
        ),
    }
)


@sheets
def cutoff_before_the_scans(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "patients",
        ("last_contact",),
        protocol=("cutoff = 2019-12-31", "cutoff = 2017-01-31"),
        keys=("study.cutoff",),
    )
