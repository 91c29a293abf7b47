"""A synthetic sheet of three clinics without a fault: one row per patient, dates, many covariates.

60 patients, made by rule, so that each cell is known; nothing in it calls for a warning.
"""

from __future__ import annotations

from datetime import date, timedelta

from clean_study import Row, Tables, day

N = 60
PROTOCOL = """[study]
schema = 1
title = "A synthetic study of three clinics"
data = "data"
cutoff = 2020-06-30
synthetic = true

[variables.age]
kind = "continuous"
unit = "years"
[variables.sex]
levels = { male = "Male", female = "Female" }
reference = "female"
[variables.arm]
levels = { sorafenib = "Sorafenib", sunitinib = "Sunitinib" }
reference = "sunitinib"
[variables.centre]
[variables.cancer]
[variables.ecog]
levels = { "0" = "0", "1" = "1", "2" = "2" }
reference = "0"
[variables.kps]
kind = "continuous"
[variables.stage]
[variables.m_stage]
[variables.metastatic_sites]
kind = "continuous"
[variables.nodes_positive]
kind = "continuous"
[variables.nodes_examined]
kind = "continuous"
[variables.tumour_size_mm]
kind = "continuous"
unit = "mm"
[variables.weight]
kind = "continuous"
unit = "kg"
[variables.height]
kind = "continuous"
unit = "cm"
[variables.bsa]
kind = "continuous"
unit = "m2"
[variables.bmi]
kind = "continuous"
unit = "kg/m2"
[variables.creatinine]
kind = "continuous"
unit = "mg/dL"
[variables.hemoglobin]
kind = "continuous"
unit = "g/dL"
[variables.ldh]
kind = "continuous"
unit = "U/L"
[variables.ldh_ratio]
derive = "ratio"
of = ["ldh", "ldh_uln"]
unit = "U/L"
[variables.albumin]
kind = "continuous"
unit = "g/dL"
[variables.cycles]
kind = "continuous"
[variables.dose_per_m2]
kind = "continuous"
unit = "mg/m2"
[variables.total_dose]
kind = "continuous"
unit = "mg"
[variables.line]
kind = "continuous"
[variables.smoker]
[variables.grade]

[response]
source = "charted"

[endpoints.pfs]
by = ["arm"]
censoring = "last_contact"
[endpoints.os]
by = ["arm"]

[baseline]
variables = ["age", "sex", "centre", "cancer", "ecog", "kps", "stage", "m_stage",
    "metastatic_sites", "nodes_positive", "nodes_examined", "tumour_size_mm", "weight", "height",
    "bsa", "bmi", "creatinine", "hemoglobin", "ldh", "ldh_ratio", "albumin", "cycles",
    "dose_per_m2", "total_dose", "line", "smoker", "grade"]
by = "arm"

[prognosis]
endpoints = ["os"]
candidates = ["sex", "stage"]
"""
CANCERS = ("lung", "colon", "ovary", "lung", "prostate", "stomach")
BEST = ("PR", "SD", "SD", "PD", "CR", "SD", "PD", "PR", "SD", "PD")
CENTRES = ("North", "South", "West")


def patient(i: int) -> str:
    """Id of patient i."""
    return f"C{i + 1:02d}"


def _course(i: int) -> tuple[date, date | None, date | None, date]:
    """Start, progression, death and last contact."""
    start = date(2014, 2, 3) + timedelta(days=27 * i)
    best = BEST[i % 10]
    free = 45 + i % 9 if best == "PD" else 150 + (i * 53) % 560
    progressed = start + timedelta(days=free) if best == "PD" or i % 4 != 1 else None
    dead = None
    if progressed is not None and i % 3:
        dead = progressed + timedelta(days=60 + (i * 71) % 360)
    contact = dead or date(2020, 3, 2) + timedelta(days=(i * 17) % 115)
    return start, progressed, dead, contact


def _row(i: int) -> Row:
    start, progressed, dead, contact = _course(i)
    cancer = CANCERS[i % 6]
    female = cancer == "ovary" or (cancer != "prostate" and (i // 6) % 2 == 0)
    kilos, height = 56 + (i * 13) % 38, 158 + (i * 7) % 29
    age = 41 + (i * 11) % 37
    spread = (i * 5) % 4
    cycles = 2 + (i * 3) % 7
    surface = (kilos * height / 3600) ** 0.5
    dose = 75 if i % 5 else 60
    return {
        "patient": patient(i),
        "centre": CENTRES[(i // 2 + i // 9) % 3],
        "sex": "female" if female else "male",
        "cancer": cancer,
        "age": str(age),
        "birth_year": str(start.year - age),
        "smoker": ("never", "former", "current")[(i * 2 + i // 5) % 3],
        "grade": ("G1", "G2", "G3")[(i + i // 7) % 3],
        "arm": "Sorafenib" if (i * 7) % 10 < 5 else "Sunitinib",
        "ecog": str((0, 1, 0, 2, 1)[i % 5]),
        "kps": str((100, 80, 90, 60, 80)[i % 5]),
        "stage": ("III", "IV", "IV", "IV")[spread],
        "m_stage": ("M0", "M1", "M1", "M1")[spread],
        "metastatic_sites": str(spread),
        "nodes_examined": str(9 + (i * 5) % 17),
        "nodes_positive": str((i * 3) % 8),
        "tumour_size_mm": str(18 + (i * 19) % 73),
        "weight": str(kilos),
        "height": str(height),
        "bsa": f"{surface:.2f}",
        "bmi": f"{kilos / (height / 100) ** 2:.1f}",
        "creatinine": f"{0.62 + (i * 7) % 13 / 17:.2f}",
        "hemoglobin": f"{10.3 + (i * 17) % 43 / 10:.1f}",
        "ldh": str(148 + (i * 37) % 260),
        "ldh_uln": str((245, 250, 248)[i % 3]),
        "albumin": f"{3.1 + (i * 7) % 17 / 10:.1f}",
        "cycles": str(cycles),
        "dose_per_m2": str(dose),
        "total_dose": f"{dose * surface:.0f}",
        "line": str(1 + i % 3),
        "diagnosis_date": day(start - timedelta(days=90 + (i * 31) % 400)),
        "treatment_start": day(start),
        "treatment_end": day(progressed or contact - timedelta(days=3)),
        "treatment_end_reason": "progression" if progressed else "completed",
        "progression_date": day(progressed) if progressed else "",
        "best_response": BEST[i % 10],
        "last_contact": day(contact),
        "vital_status": "dead" if dead else "alive",
        "death_date": day(dead) if dead else "",
        "death_cause": ("cancer" if i % 7 else "infection") if dead else "",
    }


def clean_tables() -> Tables:
    """The one table, fresh."""
    return {"patients": [_row(i) for i in range(N)]}
