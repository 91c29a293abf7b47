"""Kinds of damage in a study of one sheet that is already reduced (see `reduced_study.py`)."""

from __future__ import annotations

import random

from clean_study import Row, Tables
from damages import Plant, Where, ids, put, scale, some

REDUCED: dict[str, Plant] = {}


def damage(plant: Plant) -> Plant:
    """Enter a kind of damage under its function's name."""
    REDUCED[plant.__name__] = plant
    return plant


def every(column: str, change: dict[str, str]) -> Plant:
    """A plant that writes other words for every value of a column."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        for row in tables["patients"]:
            row[column] = change.get(row[column], row[column])
        return Where("patients", (column,), keys=(f"endpoints.{column[:3].rstrip('_')}",))

    return plant


def code(column: str, value: str, n: int) -> Plant:
    return put("patients", column, value, n)


def protocol(old: str, new: str, *keys: str) -> Plant:
    """A plant in the protocol."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        return Where("", (), protocol=(old, new), keys=keys)

    return plant


# ---- times and flags ----
REDUCED.update(
    {
        "pfs_all_in_days": scale("patients", "pfs_months", 30.4375, None),
        "pfs_all_in_weeks": scale("patients", "pfs_months", 4.348, None),
        "pfs_all_in_years": scale("patients", "pfs_months", 1 / 12, None),
        "pfs_one_in_days": scale("patients", "pfs_months", 30.4375, 1),
        "pfs_three_in_days": scale("patients", "pfs_months", 30.4375, 3),
        "os_all_in_days": scale("patients", "os_months", 30.4375, None),
        "os_all_in_years": scale("patients", "os_months", 1 / 12, None),
        "os_one_in_days": scale("patients", "os_months", 30.4375, 1),
        "os_three_in_days": scale("patients", "os_months", 30.4375, 3),
        "os_ten_in_days": scale("patients", "os_months", 30.4375, 10),
        "os_half_in_days": scale("patients", "os_months", 30.4375, 20),
        "os_three_in_years": scale("patients", "os_months", 1 / 12, 3),
        "os_declared_days": protocol(
            "[endpoints.os]", '[endpoints.os]\ntime_unit = "days"', "endpoints.os", "endpoints.pfs"
        ),
        "pfs_declared_weeks": protocol(
            "[endpoints.pfs]",
            '[endpoints.pfs]\ntime_unit = "weeks"',
            "endpoints.os",
            "endpoints.pfs",
        ),
        "os_flags_inverted": every("os_event", {"0": "1", "1": "0"}),
        "pfs_flags_inverted": every("pfs_event", {"0": "1", "1": "0"}),
        "os_flag_beyond_pfs": put("patients", "pfs_event", "0", 3, os_event="1"),
        "event_blank": put("patients", "os_event", ""),
        "event_x": put("patients", "os_event", "x"),
        "event_nine_for_unknown": put("patients", "os_event", "9", 2),
        "time_blank": put("patients", "os_months", ""),
        "time_text": put("patients", "os_months", "12 +"),
        "time_negative": put("patients", "pfs_months", "-2.0"),
        "time_zero_event": put("patients", "pfs_months", "0", pfs_event="1"),
    }
)
for value in ("-1", "-9", "-99", "99", "888", "999", "9999"):
    for n in (1, 3):
        name = value.replace("-", "minus_")
        for column in ("os_months", "pfs_months", "crp", "ldh", "nlr", "kps", "age"):
            if value in ("99",) and n == 1 and column in ("age", "crp", "ldh", "os_months"):
                continue  # an ordinary value
            if value in ("888", "999") and n == 1 and column == "ldh":
                continue  # an ordinary value
            REDUCED[f"{column}_{name}_{n}"] = code(column, value, n)


@damage
def dead_without_progression_on_the_day(tables: Tables, rng: random.Random) -> Where:
    rows = some(tables["patients"], rng, 3, os_event="1")
    for row in rows:
        row["pfs_months"], row["pfs_event"] = row["os_months"], "0"
    return Where("patients", ("pfs_event",), ids(rows))


@damage
def dead_without_progression_once(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, 1, os_event="1")
    row["pfs_months"], row["pfs_event"] = row["os_months"], "0"
    return Where("patients", ("pfs_event",), (row["patient"],))


@damage
def flags_inverted_without_a_response(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["pfs_event"] = "0" if row["pfs_event"] == "1" else "1"
        row["best_response"], row["best_change"] = "", ""
    return Where(
        "patients",
        ("pfs_event",),
        protocol=('[response]\nsource = "charted"\nbest_change = "best_change"\n', ""),
        keys=("endpoints.pfs",),
    )


@damage
def both_flags_inverted(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        for column in ("pfs_event", "os_event"):
            row[column] = "0" if row[column] == "1" else "1"
    return Where("patients", ("pfs_event", "os_event"), keys=("endpoints.pfs", "endpoints.os"))


@damage
def os_shorter_than_pfs(tables: Tables, rng: random.Random) -> Where:
    """A lost figure; where the tenth is longer than the progression-free time it is a time."""
    fit = [
        r for r in tables["patients"] if float(r["os_months"]) / 10 + 0.1 < float(r["pfs_months"])
    ]
    row = rng.choice(fit)
    row["os_months"] = f"{float(row['os_months']) / 10:.6g}"
    return Where("patients", ("os_months",), (row["patient"],))


@damage
def times_shifted_by_a_row(tables: Tables, rng: random.Random) -> Where:
    rows = tables["patients"]
    held = [r["os_months"] for r in rows]
    for row, value in zip(rows, held[1:] + held[:1], strict=True):
        row["os_months"] = value
    return Where("patients", ("os_months",), ids(rows), keys=("endpoints.os", "endpoints.pfs"))


# ---- response ----
REDUCED.update(
    {
        "complete_with_minus_40": put("patients", "best_change", "-40", best_response="CR"),
        "change_of_minus_130": put("patients", "best_change", "-130", best_response="PR"),
        "partial_with_plus_50": put("patients", "best_change", "50", best_response="PR"),
        "partial_with_minus_10": put("patients", "best_change", "-10", best_response="PR"),
        "stable_with_minus_60": put("patients", "best_change", "-60", best_response="SD"),
        "stable_with_plus_80": put("patients", "best_change", "80", best_response="SD"),
        "change_sign_lost_once": put("patients", "best_change", "44", best_response="PR"),
        "changes_as_fractions": scale("patients", "best_change", 0.01, None),
        "three_changes_as_fractions": scale("patients", "best_change", 0.01, 3, best_response="PR"),
        "progression_without_event": put("patients", "pfs_event", "0", best_response="PD"),
        "progression_after_years": put("patients", "pfs_months", "60.0", best_response="PD"),
        "response_unreadable": put("patients", "best_response", "PX"),
        "change_of_9999": put("patients", "best_change", "9999"),
        "change_of_999": put("patients", "best_change", "999", 2),
    }
)


@damage
def signs_of_change_lost(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["best_change"] = row["best_change"].lstrip("-")
    return Where("patients", ("best_change",), keys=("response",))


@damage
def signs_of_change_inverted(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        value = -float(row["best_change"])
        row["best_change"] = f"{value:.0f}"
    return Where("patients", ("best_change",), keys=("response",))


# ---- twice the same ----


def twice(n: int = 1, **other: str) -> Plant:
    """A plant that writes a patient's row again with some other values."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = rng.sample(tables["patients"], n)
        new = [{**r, **other} for r in rows]
        tables["patients"] += new
        return Where("patients", ("patient",), ids([*rows, *new]))

    return plant


@damage
def same_patient_in_both_arms(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    arm = "a" if row["arm"] == "b" else "b"
    new = {**row, "patient": "R77", "arm": arm}
    tables["patients"].append(new)
    return Where("patients", ("patient",), (row["patient"], "R77"))


@damage
def same_patient_twice_at_two_times(tables: Tables, rng: random.Random) -> Where:
    """Copied under another id when follow-up went on: demography is equal, times are not."""
    row = next(r for r in rng.sample(tables["patients"], 40) if r["os_event"] == "0")
    new: Row = {**row, "patient": "R77", "os_months": f"{float(row['os_months']) + 6:.1f}"}
    tables["patients"].append(new)
    return Where("patients", ("patient",), (row["patient"], "R77"))


@damage
def id_with_leading_zero(tables: Tables, rng: random.Random) -> Where:
    for k, row in enumerate(tables["patients"]):
        row["patient"] = str(k + 1)
    row = rng.choice(tables["patients"])
    tables["patients"].append({**row, "patient": f"00{row['patient']}"})
    return Where("patients", ("patient",), (row["patient"], f"00{row['patient']}"))


@damage
def column_twice_with_other_values(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["CRP "] = str(round(float(row["crp"]) + 5 + rng.random(), 1))
    return Where("patients", ("crp", "CRP"), ids(tables["patients"]), keys=("variables.crp",))


@damage
def column_of_times_twice(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["OS_months"] = str(round(float(row["os_months"]) + 2 + rng.random(), 1))
    return Where(
        "patients", ("os_months", "OS_months"), ids(tables["patients"]), keys=("endpoints.os",)
    )


REDUCED["row_twice"] = twice()
REDUCED["row_twice_other_values"] = twice(age="33")

# ---- covariates ----
REDUCED.update(
    {
        "crp_one_in_mg_dl": scale("patients", "crp", 0.01, 1),
        "crp_three_times_a_hundred": scale("patients", "crp", 100, 3),
        "ldh_three_in_ukat": scale("patients", "ldh", 1 / 60, 3),
        "ldh_half_in_ukat": scale("patients", "ldh", 1 / 60, 20),
        "crp_half_in_mg_dl": scale("patients", "crp", 0.1, 20),
        "crp_labelled_mg_dl": protocol(
            'kind = "continuous"\nunit = "mg/L"',
            'kind = "continuous"\nunit = "mg/dL"',
            "variables.crp",
        ),
        "crp_digits_run_together": put("patients", "crp", "125250"),
        "crp_decimal_comma": put("patients", "crp", "2,4", 1, crp="2.4"),
        "crp_letter_o": put("patients", "crp", "1O.5"),
        "crp_negative": put("patients", "crp", "-4.0"),
        "crp_zero_three_times": put("patients", "crp", "0", 3),
        "nlr_percent_sign": put("patients", "nlr", "45 %", 3),
        "age_date": put("patients", "age", "1952-03-04"),
        "age_year": put("patients", "age", "1952"),
        "age_swapped_digits": put("patients", "age", "150"),
        "kps_of_8": put("patients", "kps", "8"),
        "kps_as_ecog": put("patients", "kps", "1", 5),
        "arm_blank_for_two": put("patients", "arm", "", 2),
        "arm_in_capitals": put("patients", "arm", "A ", 2, arm="a"),
        "sex_blank_for_three": put("patients", "sex", "", 3),
        "site_of_one_patient": put("patients", "site", "brain"),
        "site_question_mark": put("patients", "site", "?", 2),
        "site_unknown_word": put("patients", "site", "unbekannt", 2),
        "crp_mostly_missing": put("patients", "crp", "", 32),
        "ldh_mostly_missing": put("patients", "ldh", "", 38),
    }
)


@damage
def arm_of_one_patient(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    for one in tables["patients"]:
        one["arm"] = "b" if one is row else "a"
    return Where("patients", ("arm",), (row["patient"],), keys=("variables.arm", "endpoints"))


@damage
def level_of_one_patient_in_the_model(tables: Tables, rng: random.Random) -> Where:
    row = rng.choice(tables["patients"])
    for one in tables["patients"]:
        one["sex"] = "female" if one is row else "male"
    return Where("patients", ("sex",), (row["patient"],), keys=("variables.sex", "prognosis"))


# ---- the protocol ----
REDUCED.update(
    {
        "cut_beyond_all": protocol("cut = [10]", "cut = [400]", "variables.crp_group"),
        "cut_leaves_two": protocol("cut = [10]", "cut = [38]", "variables.crp_group", "prognosis"),
        "event_value_of_nothing": protocol(
            'event = "os_event"\nevent_value = 1',
            'event = "os_event"\nevent_value = 2',
            "endpoints.os",
        ),
        "event_value_inverted": protocol(
            'event = "os_event"\nevent_value = 1',
            'event = "os_event"\nevent_value = 0',
            "endpoints.os",
            "endpoints.pfs",
        ),
        "outcome_as_baseline_factor": protocol(
            'candidates = ["sex", "crp_group"]',
            'candidates = ["sex", "resp"]\n[variables.resp]\ncolumn = "best_response"\n'
            'levels = { cr = "CR", pr = "PR", sd = "SD", pd = "PD" }',
            "variables.resp",
            "prognosis",
            "endpoints.os",
        ),
        "outcome_as_group": protocol(
            'event = "os_event"\nevent_value = 1\nby = ["arm"]',
            'event = "os_event"\nevent_value = 1\nby = ["resp"]\n[variables.resp]\n'
            'column = "best_response"\nlevels = { CR = "CR", PR = "PR", SD = "SD", PD = "PD" }',
            "variables.resp",
            "endpoints.os",
        ),
        "time_as_covariate": protocol(
            'candidates = ["sex", "crp_group"]',
            'candidates = ["sex", "free"]\n[variables.free]\ncolumn = "pfs_months"\n'
            'kind = "continuous"',
            "variables.free",
            "prognosis",
            "endpoints.os",
        ),
        "event_as_covariate": protocol(
            'candidates = ["sex", "crp_group"]',
            'candidates = ["sex", "ev"]\n[variables.ev]\ncolumn = "pfs_event"\n'
            'levels = { "0" = "no", "1" = "yes" }',
            "variables.ev",
            "prognosis",
            "endpoints.os",
        ),
        "pfs_and_os_of_one_time": protocol(
            'time = "pfs_months"',
            'time = "os_months"',
            "endpoints.pfs",
            "endpoints.os",
        ),
        "reference_of_nobody": protocol(
            'levels = { lung = "Lung", liver = "Liver", bone = "Bone" }\nreference = "lung"',
            'levels = { lung = "Lung", liver = "Liver", bone = "Bone", brain = "Brain" }\n'
            'reference = "brain"',
            "variables.site",
        ),
        "reference_of_nobody_in_the_model": protocol(
            'candidates = ["sex", "crp_group"]',
            'candidates = ["sex", "second"]\n[variables.second]\ncolumn = "site"\nlevels = '
            '{ lung = "L", liver = "Li", bone = "B", nobody = "N" }\nreference = "nobody"',
            "variables.second",
        ),
    }
)
