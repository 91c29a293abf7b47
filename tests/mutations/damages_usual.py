"""Damage of what holds of nearly all patients, in the three clean studies."""

from __future__ import annotations

import random

from clean_study import Row, Tables
from damages import Plant, Where, move, put, scale, some


def copied(n: int) -> Plant:
    """A row stands again under n further ids."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        (row,) = some(tables["patients"], rng)
        others = [f"Z{k}" for k in range(n)]
        tables["patients"] += [Row({**row, "patient": other}) for other in others]
        return Where("patients", ("patient",), (row["patient"], *others))

    return plant


def first_value_of_another_year(tables: Tables, rng: random.Random) -> Where:
    """The value before treatment is dated a year too early."""
    starts = {r["patient"]: r["treatment_start"] for r in tables["patients"]}
    rows = [r for r in tables["labs"] if r["test"] == "CRP" and r["date"] < starts[r["patient"]]]
    row = rng.choice(rows)
    year = int(row["date"][:4]) - 1
    row["date"] = f"{year}{row['date'][4:]}".replace("-02-29", "-02-28")
    return Where("labs", ("date",), (row["patient"],))


NINE: dict[str, Plant] = {
    "neutrophils_twenty_times": scale("labs", "value", 20, 1, test="Neutrophils"),
    "first_value_of_another_year": first_value_of_another_year,
    "start_a_hundred_days_late": move("patients", "treatment_start", 100),
    "row_copied_nine_times": copied(9),
}
REDUCED_ONCE: dict[str, Plant] = {
    "progression_with_minus_60": put("patients", "best_change", "-60", best_response="PD"),
    "stable_with_minus_100": put("patients", "best_change", "-100", best_response="SD"),
    "nlr_ten_times": scale("patients", "nlr", 10, None),
    "crp_of_99_three_times": put("patients", "crp", "99", 3),
    "row_copied_six_times": copied(6),
}
CLINICS: dict[str, Plant] = {
    "death_a_year_after_contact": move("patients", "death_date", 365),
    "end_a_year_after_progression": move(
        "patients", "treatment_end", 365, treatment_end_reason="progression"
    ),
    "centre_of_one_patient": put("patients", "centre", "Lindenhof"),
    "smoker_in_other_words": put("patients", "smoker", "pipe", 2),
    "row_copied_eight_times": copied(8),
}
