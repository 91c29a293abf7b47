"""Kinds of damage in the sheet of three clinics (see `clinic_study.py`)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from clean_study import Row, Tables, day
from damages import Plant, Where, ids, move, moved, put, scale, some

CLINIC: dict[str, Plant] = {}
SOUTH = {"centre": "South"}


def damage(plant: Plant) -> Plant:
    """Enter a kind of damage under its function's name."""
    CLINIC[plant.__name__] = plant
    return plant


def one(column: str, value: str, n: int = 1, **having: str) -> Plant:
    return put("patients", column, value, n, **having)


def written(column: str, change: Callable[[date], str], n: int = 1, **having: str) -> Plant:
    """A plant that writes a day in another way."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = some(tables["patients"], rng, n, **{column: "*"}, **having)
        for row in rows:
            row[column] = change(date.fromisoformat(row[column]))
        return Where("patients", (column,), ids(rows))

    return plant


def at_one_centre(
    change: Callable[[Row], None], *columns: str, keys: tuple[str, ...] = ()
) -> Plant:
    """A plant in every row of one clinic."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = [r for r in tables["patients"] if r["centre"] == "South"]
        for row in rows:
            change(row)
        return Where("patients", columns, ids(rows), keys=("variables.centre", *keys))

    return plant


def mapped(line: str, *columns: str) -> Plant:
    """A plant that reads columns of the chart as what they are not."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        text = f"[tables.patients]\n{line}\n[variables.age]"
        keys = ("tables.patients", "endpoints")
        return Where("patients", columns, protocol=("[variables.age]", text), keys=keys)

    return plant


def times(column: str, factor: float) -> Plant:
    """A plant in which one clinic writes a column in another unit."""

    def change(row: Row) -> None:
        row[column] = f"{float(row[column]) * factor:.4g}"

    return at_one_centre(change, column)


def swap(first: str, second: str, **having: str) -> Plant:
    """A plant that exchanges two cells of a row."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        (row,) = some(tables["patients"], rng, 1, **{first: "*", second: "*"}, **having)
        row[first], row[second] = row[second], row[first]
        return Where("patients", (first, second), (row["patient"],))

    return plant


# ---- who ----
CLINIC.update(
    {
        "sex_pregnant": one("sex", "pregnant"),
        "male_with_ovarian_cancer": one("sex", "male", cancer="ovary"),
        "female_with_prostate_cancer": one("sex", "female", cancer="prostate"),
        "sex_in_digits_at_one_centre": at_one_centre(
            lambda r: r.update(sex="1" if r["sex"] == "male" else "2"), "sex"
        ),
        "sex_turned_at_one_centre": at_one_centre(
            lambda r: r.update(sex="female" if r["sex"] == "male" else "male"), "sex"
        ),
        "age_against_birth_year": one("age", "82", birth_year="*", age="41"),
        "age_in_months": one("age", "648"),
        "ecog_five_while_alive": one("ecog", "5", vital_status="alive"),
        "kps_of_55": one("kps", "55"),
        "kps_and_ecog_exchanged": swap("kps", "ecog"),
        "ecog_two_of_kps_100": one("ecog", "2", kps="100"),
        "cancer_misspelt": one("cancer", "stomache", cancer="stomach"),
        "centre_misspelt": one("centre", "Sotuh", centre="South"),
        "smoker_misspelt": one("smoker", "curent", smoker="current"),
        "stage_with_letter_l": one("stage", "lV", stage="IV"),
        "stage_with_cyrillic_letter": one("m_stage", "М1", m_stage="M1"),
        "stage_as_digit": one("stage", "4", stage="IV"),
        "arm_misspelt": one("arm", "Sorafinib", arm="Sorafenib"),
        "arm_with_trailing_blank": one("arm", "sorafenib ", 3, arm="Sorafenib"),
        "arm_of_both": one("arm", "Sorafenib/Sunitinib"),
    }
)

# ---- bodies and tumours ----
CLINIC.update(
    {
        "weight_and_height_exchanged": swap("weight", "height"),
        "weight_and_bsa_exchanged": swap("weight", "bsa"),
        "weight_with_lost_figure": one("weight", "7"),
        "weight_in_grams": scale("patients", "weight", 1000, 1),
        "height_in_metres_once": scale("patients", "height", 0.01, 1),
        "height_in_metres": scale("patients", "height", 0.01, None),
        "bsa_contradicts_weight": scale("patients", "bsa", 1.3, 1),
        "bsa_with_exchanged_figures": one("bsa", "2.71"),
        "bmi_contradicts_weight": scale("patients", "bmi", 1.4, 1),
        "bmi_in_pounds_per_inch": scale("patients", "bmi", 0.00142, 1),
        "weight_of_another_patient": scale("patients", "weight", 1.25, 1),
        "m0_with_metastases": one("m_stage", "M0", metastatic_sites="3"),
        "m1_without_metastases": one("metastatic_sites", "0", m_stage="M1"),
        "m1_of_stage_three": one("stage", "III", m_stage="M1"),
        "more_nodes_positive_than_examined": one("nodes_positive", "31"),
        "nodes_exchanged": swap("nodes_positive", "nodes_examined"),
        "no_nodes_examined": one("nodes_examined", "0", nodes_positive="5"),
        "tumour_of_0_mm": one("tumour_size_mm", "0"),
        "tumour_of_600_mm": one("tumour_size_mm", "600"),
        "tumours_in_cm_at_one_centre": times("tumour_size_mm", 0.1),
        "tumour_in_cm_once": one("tumour_size_mm", "2.4"),
    }
)

# ---- laboratory ----
CLINIC.update(
    {
        "creatinine_in_umol_once": scale("patients", "creatinine", 88.4, 1),
        "creatinine_in_umol_at_one_centre": times("creatinine", 88.4),
        "creatinine_in_umol": scale("patients", "creatinine", 88.4, None),
        "hemoglobin_in_mmol_at_one_centre": times("hemoglobin", 0.6206),
        "hemoglobin_in_g_l_at_one_centre": times("hemoglobin", 10),
        "albumin_in_g_l_once": scale("patients", "albumin", 10, 1),
        "albumin_in_g_l_at_one_centre": times("albumin", 10),
        "ldh_in_limits_of_normal_at_one_centre": times("ldh", 1 / 250),
        "ldh_in_limits_of_normal_once": scale("patients", "ldh", 1 / 250, 1),
        "upper_limit_lost_a_figure": one("ldh_uln", "24"),
        "upper_limit_of_another_test": one("ldh_uln", "5"),
        "hemoglobin_and_albumin_exchanged": swap("hemoglobin", "albumin"),
        "laboratory_with_unit_in_the_cell": one("hemoglobin", "121 g/L"),
        "laboratory_with_two_points": one("creatinine", "1.0.3"),
        "laboratory_marked_high": one("ldh", "402 H"),
        "laboratory_hemolytic": one("ldh", "hemolytic"),
    }
)

# ---- treatment ----
CLINIC.update(
    {
        "cycles_in_days": scale("patients", "cycles", 21, 1),
        "cycles_in_days_at_one_centre": times("cycles", 21),
        "cycles_of_nobody": one("cycles", "0"),
        "dose_per_m2_is_the_total": one("dose_per_m2", "138"),
        "total_is_the_dose_per_m2": one("total_dose", "75"),
        "total_dose_in_grams": scale("patients", "total_dose", 0.001, 1),
        "line_of_22": one("line", "22"),
        "line_of_zero": one("line", "0"),
        "line_in_words": one("line", "second"),
        "stopped_for_progression_long_before": move(
            "patients", "treatment_end", -200, treatment_end_reason="progression",
            best_response="SD", vital_status="alive",
        ),
        "stopped_for_death_long_before_it": one(
            "treatment_end_reason", "death", vital_status="dead"
        ),
        "end_of_treatment_after_death": move(
            "patients", "treatment_end", 700, vital_status="dead"
        ),
    }
)  # fmt: skip

# ---- days that are none ----
for name, day_written in {
    "1900": "1900-01-01",
    "1899": "1899-12-30",
    "1970": "1970-01-01",
    "9999": "9999-12-31",
    "2099": "2099-12-31",
    "2051": "2051-03-04",
}.items():
    CLINIC[f"last_contact_of_{name}"] = one("last_contact", day_written, vital_status="alive")
    CLINIC[f"progression_of_{name}"] = one("progression_date", day_written, progression_date="*")
    CLINIC[f"death_of_{name}"] = one("death_date", day_written, vital_status="dead")
CLINIC.update(
    {
        "february_29_of_2019": one("last_contact", "2019-02-29", vital_status="alive"),
        "february_31": one("progression_date", "2017-02-31", progression_date="*"),
        "april_31": one("death_date", "2018-04-31", vital_status="dead"),
        "day_zero": written("last_contact", lambda d: f"{d:%Y-%m}-00", vital_status="alive"),
        "month_13": written("last_contact", lambda d: f"{d:%Y}-13-{d:%d}", vital_status="alive"),
        "day_in_words": written("progression_date", lambda d: f"spring {d.year}"),
        "day_with_question_marks": written("progression_date", lambda d: f"{d:%Y-%m}-??"),
        "day_about": written("progression_date", lambda d: f"ca. {d:%Y-%m}"),
        "quarter_of_a_year": written("progression_date", lambda d: f"Q{1 + d.month // 4} {d.year}"),
        "progression_without_day": written("progression_date", lambda d: f"{d:%Y-%m}"),
        "progression_without_day_in_words": written("progression_date", lambda d: f"{d:%b %Y}"),
        "death_without_day": written("death_date", lambda d: f"{d:%Y-%m}"),
        "last_contact_without_day": written(
            "last_contact", lambda d: f"{d:%Y-%m}", vital_status="alive"
        ),
        "start_without_day": written("treatment_start", lambda d: f"{d:%m/%Y}"),
        "day_at_midnight_of_another_zone": written(
            "last_contact", lambda d: f"{d:%Y-%m-%d}T23:30:00+09:00", vital_status="alive"
        ),
        "day_with_time": written("last_contact", lambda d: f"{d:%Y-%m-%d} 14:22:00"),
        "day_compact": written("last_contact", lambda d: f"{d:%Y%m%d}", vital_status="alive"),
        "day_in_full_width": written(
            "last_contact",
            lambda d: d.isoformat().translate({48 + k: 0xFF10 + k for k in range(10)}),
        ),
        "day_as_serial_number": written(
            "last_contact", lambda d: str((d - date(1899, 12, 30)).days), vital_status="alive"
        ),
        "day_as_serial_of_1904": written(
            "last_contact", lambda d: str((d - date(1904, 1, 1)).days), vital_status="alive"
        ),
        "day_with_two_figure_year": written(
            "last_contact", lambda d: f"{d:%d.%m.%y}", vital_status="alive"
        ),
        "day_as_us_text": written("last_contact", lambda d: f"{d:%m/%d/%Y}", vital_status="alive"),
        "year_with_exchanged_figures": written(
            "treatment_start", lambda d: f"2{d.year // 10 % 10}0{d.year % 10}{d:-%m-%d}"
        ),
    }
)  # fmt: skip


@damage
def days_of_one_centre_turned(tables: Tables, rng: random.Random) -> Where:
    """One clinic has day and month exchanged wherever the day can be a month."""
    rows = [r for r in tables["patients"] if r["centre"] == "South"]
    for row in rows:
        for column in ("treatment_start", "progression_date", "last_contact", "death_date"):
            if row[column] and (d := date.fromisoformat(row[column])).day <= 12:
                row[column] = day(date(d.year, d.day, d.month))
    return Where("patients", ("treatment_start", "progression_date"), ids(rows))


def _run(tables: Tables, rng: random.Random, n: int) -> list[Row]:
    k = rng.randrange(len(tables["patients"]) - n)
    return tables["patients"][k : k + n]


@damage
def start_filled_down(tables: Tables, rng: random.Random) -> Where:
    rows = _run(tables, rng, 6)
    for row in rows[1:]:
        row["treatment_start"] = rows[0]["treatment_start"]
    return Where("patients", ("treatment_start",), ids(rows))


@damage
def start_filled_as_a_series(tables: Tables, rng: random.Random) -> Where:
    rows = _run(tables, rng, 8)
    for k, row in enumerate(rows):
        row["treatment_start"] = moved(rows[0]["treatment_start"], k)
    return Where("patients", ("treatment_start",), ids(rows))


@damage
def weight_filled_down(tables: Tables, rng: random.Random) -> Where:
    rows = _run(tables, rng, 7)
    for row in rows[1:]:
        row["weight"] = rows[0]["weight"]
    return Where("patients", ("weight",), ids(rows))


@damage
def ages_filled_as_a_series(tables: Tables, rng: random.Random) -> Where:
    rows = _run(tables, rng, 9)
    for k, row in enumerate(rows):
        row["age"] = str(int(rows[0]["age"]) + k)
        row["birth_year"] = ""
    return Where("patients", ("age",), ids(rows))


@damage
def hemoglobin_filled_down(tables: Tables, rng: random.Random) -> Where:
    rows = _run(tables, rng, 8)
    for row in rows[1:]:
        row["hemoglobin"] = rows[0]["hemoglobin"]
    return Where("patients", ("hemoglobin",), ids(rows))


# ---- survival ----
CLINIC.update(
    {
        "no_follow_up_at_all": written(
            "treatment_start", lambda d: "2020-03-20", 1, last_contact="2020-03-20"
        ),
        "status_turned_at_one_centre": at_one_centre(
            lambda r: r.update(vital_status="dead" if r["vital_status"] == "alive" else "alive"),
            "vital_status",
        ),
        "deaths_not_recorded_at_one_centre": at_one_centre(
            lambda r: r.update(
                vital_status="alive", death_date="", death_cause="",
                last_contact="2020-05-04" if r["death_date"] else r["last_contact"],
            ),
            "death_date", "vital_status", keys=("endpoints.os",),
        ),
        "progressions_not_recorded_at_one_centre": at_one_centre(
            lambda r: r.update(
                progression_date="", treatment_end_reason="other",
                best_response="SD" if r["best_response"] == "PD" else r["best_response"],
            ),
            "progression_date", keys=("endpoints.pfs",),
        ),
        "the_dead_are_last_seen_a_year_before": move(
            "patients", "last_contact", -365, vital_status="dead"
        ),
        "last_seen_before_the_progression": written(
            "progression_date", lambda d: "2020-06-29", 1, vital_status="alive"
        ),
        "deaths_of_one_day": one("death_date", "2020-01-01", 8, vital_status="dead"),
    }
)  # fmt: skip


@damage
def progression_is_the_last_contact(tables: Tables, rng: random.Random) -> Where:
    """The column of progression was filled with the last contact where nobody progressed."""
    rows = [r for r in tables["patients"] if not r["progression_date"]]
    for row in rows:
        row["progression_date"] = row["last_contact"]
    return Where("patients", ("progression_date",), ids(rows), keys=("endpoints.pfs",))


@damage
def no_follow_up(tables: Tables, rng: random.Random) -> Where:
    (row,) = some(tables["patients"], rng, vital_status="alive", progression_date="")
    row["last_contact"] = row["treatment_start"]
    return Where("patients", ("last_contact",), (row["patient"],))


del CLINIC["no_follow_up_at_all"]
