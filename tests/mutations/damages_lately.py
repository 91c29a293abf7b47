"""Damage of labels, plans, stops and dates that the lists before do not plant."""

from __future__ import annotations

import random
from datetime import date

from clean_study import Row, Tables
from damages import Plant, Where, ids, moved, put, some
from damages_reduced import protocol


def _row(tables: Tables, patient: str) -> Row:
    return next(r for r in tables["patients"] if r["patient"] == patient)


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def stopped_and_treated_on(tables: Tables, rng: random.Random) -> Where:
    """The drug was withdrawn for an event, and its doses go on for months."""
    events = [
        e
        for e in tables["adverse_events"]
        if _days(e["start"], _row(tables, e["patient"])["treatment_end"] or "2030-01-01") > 60
    ]
    event = rng.choice(events)
    event["action"] = "drug withdrawn"
    return Where("adverse_events", ("action",), (event["patient"],))


def last_dose_long_before_the_end(tables: Tables, rng: random.Random) -> Where:
    """A dose ends after three weeks, the treatment months later."""
    doses = [d for d in tables["doses"] if d["end"] and _days(d["start"], d["end"]) > 110]
    dose = rng.choice(doses)
    dose["end"] = moved(dose["start"], 20)
    return Where("doses", ("end",), (dose["patient"],))


def reason_of_an_end_without_its_day(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, treatment_end="*")
    row["treatment_end"] = ""
    return Where("patients", ("treatment_end", "treatment_end_reason"), (row["patient"],))


def lab_after_death(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, death_date="*")
    own = [lab for lab in tables["labs"] if lab["patient"] == row["patient"]]
    own[-1]["date"] = moved(row["death_date"], 30)
    return Where("labs", ("date",), (row["patient"],))


def event_after_death(tables: Tables, rng: random.Random) -> Where:
    own = [e for e in tables["adverse_events"] if _row(tables, e["patient"])["death_date"]]
    event = rng.choice(own)
    event["start"] = moved(_row(tables, event["patient"])["death_date"], 20)
    event["end"] = moved(event["start"], 5)
    return Where("adverse_events", ("start",), (event["patient"],))


def sizes_of_baseline_at_all_scans(tables: Tables, rng: random.Random) -> Where:
    """The sizes of a responder were filled to the right."""
    (row,) = some(tables["patients"], rng, best_response="PR")
    first: dict[str, str] = {}
    for lesion in tables["lesions"]:
        if lesion["patient"] == row["patient"] and lesion["role"] == "target":
            first.setdefault(lesion["lesion"], lesion["diameter_mm"])
            lesion["diameter_mm"] = first[lesion["lesion"]]
    return Where("lesions", ("diameter_mm",), (row["patient"],))


def seen_ten_days_after_the_start(tables: Tables, rng: random.Random) -> Where:
    """The last contact lies before laboratory values and scans."""
    (row,) = some(tables["patients"], rng, vital_status="alive", treatment_end="")
    row["last_contact"] = moved(row["treatment_start"], 10)
    return Where("patients", ("last_contact",), (row["patient"],))


def raised_for_toxicity(tables: Tables, rng: random.Random) -> Where:
    (dose,) = some(tables["doses"], rng, reason="toxicity")
    dose["amount"] = "800"
    return Where("doses", ("amount", "reason"), (dose["patient"],))


def baseline_scan_a_month_late(tables: Tables, rng: random.Random) -> Where:
    patient = rng.choice(tables["patients"])["patient"]
    for lesion in tables["lesions"]:
        if lesion["patient"] == patient and lesion["visit"] == "baseline":
            lesion["date"] = moved(lesion["date"], 30)
    return Where("lesions", ("date",), (patient,))


def limits_of_hemoglobin_for_neutrophils(tables: Tables, rng: random.Random) -> Where:
    for lab in tables["labs"]:
        if lab["test"] == "Neutrophils":
            lab["lower_limit"], lab["upper_limit"] = "13.5", "17.5"
    return Where("labs", ("lower_limit", "upper_limit"))


def crp_of_one_value(tables: Tables, rng: random.Random) -> Where:
    for lab in tables["labs"]:
        if lab["test"] == "CRP":
            lab["value"] = "7.5"
    return Where("labs", ("value",), keys=("variables.crp",))


def age_of_another_birth(tables: Tables, rng: random.Random) -> Where:
    """Dates of birth stand beside the ages, and one is ten years off."""
    for row in tables["patients"]:
        year = int(row["treatment_start"][:4]) - int(row["age"])
        row["birth_date"] = f"{year}-01-02"
    (row,) = some(tables["patients"], rng)
    row["birth_date"] = f"{int(row['birth_date'][:4]) - 10}-01-02"
    return Where("patients", ("birth_date", "age"), (row["patient"],))


def metastasis_before_the_diagnosis(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["metastasis_date"] = moved(row["diagnosis_date"], 40)
    (row,) = some(tables["patients"], rng)
    row["metastasis_date"] = moved(row["diagnosis_date"], -400)
    return Where("patients", ("metastasis_date",), (row["patient"],))


def no_days_of_starts(tables: Tables, rng: random.Random) -> Where:
    """Half of the starts were not entered."""
    rows = some(tables["patients"], rng, len(tables["patients"]) // 2)
    for row in rows:
        row["treatment_start"] = ""
    return Where("patients", ("treatment_start",), ids(rows))


SEXES = 'male = "Male", female = "Female"'
TWO = 'low = "< 10", high = "10 or more"'
NINE_LATELY: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (
        stopped_and_treated_on,
        last_dose_long_before_the_end,
        reason_of_an_end_without_its_day,
        lab_after_death,
        event_after_death,
        sizes_of_baseline_at_all_scans,
        seen_ten_days_after_the_start,
        raised_for_toxicity,
        baseline_scan_a_month_late,
        limits_of_hemoglobin_for_neutrophils,
        crp_of_one_value,
        age_of_another_birth,
        metastasis_before_the_diagnosis,
        no_days_of_starts,
    )
} | {
    "dose_every_fifth_day": put("doses", "times_per_day", "0.2"),
    "year_of_contact_alone": put("patients", "last_contact", "2019", vital_status="alive"),
    "unit_of_no_measurement": put("labs", "unit", "mg/dog", test="CRP"),
    "hemoglobin_of_zero": put("labs", "value", "0", test="Hemoglobin"),
    "labels_of_sex_exchanged": protocol(SEXES, 'male = "Female", female = "Male"', "variables.sex"),
    "labels_of_a_cut_exchanged": protocol(
        TWO, 'low = "10 or more", high = "< 10"', "variables.crp"
    ),
    "labels_of_another_cut": protocol(TWO, 'low = "< 8", high = "8 or more"', "variables.crp"),
    "endpoint_under_another_name": protocol(
        'label = "Relapse-free survival"', 'label = "Overall survival"', "endpoints.rfs"
    ),
    "plan_by_weight": protocol(
        'amount = 400\nunit = "mg"', 'amount = 400\nunit = "mg/kg"', "exposure"
    ),
    "plan_of_another_drug": protocol("[exposure.sorafenib]", "[exposure.sunitinib]", "exposure"),
    "proportion_behind_all_follow_up": protocol(
        "[endpoints.os]\n", "[endpoints.os]\nlandmarks = [365]\n", "endpoints.os"
    ),
    "onset_of_a_misspelt_event": protocol(
        'criteria = "CTCAE 5.0"', 'criteria = "CTCAE 5.0"\nonset = ["diarhea"]', "safety"
    ),
    "change_of_nothing": protocol(
        "[safety]",
        '[time_dependent.r]\nendpoint = "os"\nchange = "respons"\nlandmarks = [3]\n[safety]',
        "time_dependent",
    ),
}


def survival_of_the_living_ends_early(tables: Tables, rng: random.Random) -> Where:
    """Everybody without an event has the time of the first month."""
    for row in tables["patients"]:
        if row["os_event"] == "0":
            row["os_months"] = "1.0"
            row["pfs_months"] = min(row["pfs_months"], "1.0", key=float)
    return Where("patients", ("os_months", "os_event"), keys=("endpoints.os", "endpoints.pfs"))


def death_at_once_in_a_responder(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice([r for r in tables["patients"] if r["best_response"] in ("CR", "PR")])
    row["os_months"] = row["pfs_months"] = "0.2"
    row["os_event"] = row["pfs_event"] = "1"
    return Where("patients", ("pfs_months", "os_months"), (row["patient"],))


def times_in_whole_years(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        for column in ("os_months", "pfs_months"):
            row[column] = str(round(float(row[column]) / 12) * 12)
    return Where("patients", ("os_months", "pfs_months"), keys=("endpoints.os", "endpoints.pfs"))


REDUCED_LATELY: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (
        survival_of_the_living_ends_early,
        death_at_once_in_a_responder,
        times_in_whole_years,
    )
} | {
    "kps_of_15": put("patients", "kps", "15"),
    "age_of_8": put("patients", "age", "8"),
    "labels_of_arms_exchanged": protocol('a = "A", b = "B"', 'a = "B", b = "A"', "variables.arm"),
    "labels_of_the_groups_exchanged": protocol(
        TWO, 'low = "10 or more", high = "< 10"', "variables.crp_group"
    ),
    "unit_of_hemoglobin_is_g_l": protocol('unit = "g/dL"', 'unit = "g/L"', "variables.hb"),
}


def progression_a_year_early(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, progression_date="*")
    row["progression_date"] = moved(row["progression_date"], -365)
    return Where("patients", ("progression_date",), (row["patient"],))


def weight_is_the_age(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng)
    row["weight"] = row["age"]
    return Where("patients", ("weight",), (row["patient"],))


CLINICS_LATELY: dict[str, Plant] = {
    "progression_a_year_early": progression_a_year_early,
    "weight_is_the_age": weight_is_the_age,
    "cycles_of_58": put("patients", "cycles", "58"),
    "grade_of_33": put("patients", "grade", "33"),
    "labels_of_drugs_exchanged": protocol(
        'sorafenib = "Sorafenib", sunitinib = "Sunitinib"',
        'sorafenib = "Sunitinib", sunitinib = "Sorafenib"',
        "variables.arm",
    ),
    "unit_of_height_is_m": protocol('unit = "cm"', 'unit = "m"', "variables.height"),
    "unit_of_creatinine_is_umol": protocol(
        'unit = "mg/dL"', 'unit = "µmol/L"', "variables.creatinine"
    ),
}
