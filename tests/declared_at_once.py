"""A study of arms that declares every analysis at once: for tests of words and pages.

All patients are made up from a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

TERMS = ("Diarrhea", "Fatigue", "Nausea", "Hypertension", "Rash maculo-papular", "Pneumonitis")
PROTOCOL = """
[study]
schema = 1
title = "Everything declared at once"
disease = "made-up cancer"
treatment = "agentinib"
data = "data"
cutoff = 2020-12-31
synthetic = true

[tables.patients.units]
height = "cm"
weight = "kg"

[schedule]
scan_weeks = [8]

[conduct]
institution = "two hospitals"
country = "Japan"

[variables.arm]
label = "Arm"
levels = { ARMS }
reference = "a0"

[variables.sex]
label = "Sex"
levels = { male = "Male", female = "Female" }
reference = "female"

[variables.age]
label = "Age"
unit = "years"
kind = "continuous"
per = 10
digits = 0

[variables.old]
label = "Age"
from = "age"
unit = "years"
cut = [65]
levels = { low = "< 65", high = "≥ 65" }
origin = "the usual geriatric limit"

[variables.stage]
label = "Stage"
levels = { i = "I", ii = "II", iii = "III" }

[variables.kps]
label = "Karnofsky performance status"
unit = "%"
kind = "continuous"
digits = 0

[variables.crp]
label = "C-reactive protein"
unit = "mg/dL"
kind = "continuous"
log = 2

[variables.nlr]
label = "Neutrophil-to-lymphocyte ratio"
derive = "nlr"
digits = 1
knots = 3

[variables.nlr_median]
label = "Neutrophil-to-lymphocyte ratio"
from = "nlr"
cut_by = "median"

[variables.nlr_searched]
label = "Neutrophil-to-lymphocyte ratio"
from = "nlr"
cut_by = "max_logrank"
endpoint = "os"

[variables.nlr_roc]
label = "Neutrophil-to-lymphocyte ratio"
from = "nlr"
cut_by = "roc"
endpoint = "os"
horizon = 12

[variables.bmi]
label = "Body mass index"
derive = "bmi"
unit = "kg/m2"

[eligibility]
source = "Patients who started treatment"
[[eligibility.criteria]]
key = "adult"
label = "Age below 18 years"
column = "age"
min = 18

[endpoints.pfs]
censoring = "last_contact"
landmarks = [6, 12]
by = ["arm", "nlr_searched"]
restricted_mean = [12]
differences = true
interval_censored = true

[endpoints.os]
landmarks = [12, 24]
by = ["arm", "stage", "nlr_searched", "nlr_roc"]
trend = ["stage"]
restricted_mean = [24]
differences = true

[endpoints.css]
label = "Death from cancer"
events = ["death"]
causes = ["cancer"]
unknown_cause = "competing"
censoring = "last_contact"
landmarks = [12, 24]
by = ["arm"]

[endpoints.pd]
label = "Progression"
events = ["progression"]
competing = ["death"]
censoring = "last_contact"
landmarks = [12]
by = ["arm", "stage"]
event_labels = { death = "Death without progression" }

[baseline]
variables = ["age", "sex", "stage", "kps", "crp", "nlr", "bmi"]
by = "arm"
test = true
smd = true
summary = "median_iqr"

[response]
source = "charted"
best_change = "change"
by = ["arm"]

[prognosis]
endpoints = ["pfs", "os", "pd"]
candidates = ["arm", "sex", "age", "stage", "kps", "crp", "nlr"]
multivariable = ["arm", "age", "crp", "nlr", "kps"]
strata = ["stage"]
time_split = { kps = [6] }
e_values = true

[arms]
variable = "arm"
endpoints = ["pfs", "os"]
strata = ["stage"]
pairwise = "holm"
subgroups = ["sex", "stage", ["sex", "old"]]

[missing]
imputations = 5

[propensity]
treatment = "arm"
variables = ["age", "sex", "stage", "kps"]
endpoints = ["os"]
methods = ["matching", "iptw", "overlap"]

[prediction]
endpoint = "os"
variables = ["age", "kps", "stage"]
times = [12, 24]
bootstraps = 30

[safety]
criteria = "CTCAE 5.0"
by = ["arm"]
test = "fisher"
grades = true
classes = true
per_patient_years = true
onset = ["any_event", "diarrhea"]
onset_at = [3, 6]
labs = true

[time_dependent.response]
label = "Objective response"
endpoint = "os"
change = "response_date"
landmarks = [3, 6]
adjust = ["age"]

[time_dependent.diarrhea]
label = "Diarrhea of grade 2 or higher"
endpoint = "pfs"
change = "adverse_event"
terms = ["Diarrhea"]
min_grade = 2
landmarks = [3]

[outcomes.response]
of = "response"
label = "Objective response"
by = ["arm", "stage"]

[outcomes.severe]
label = "Adverse event of grade 3 or higher"
of = "adverse_event"
grade = 3
by = ["arm"]

[outcomes.reduced]
label = "Dose reduction"
of = "dose"
drug = "agentinib"
by = ["arm"]

[logistic]
outcomes = ["response", "severe"]
candidates = ["arm", "sex", "age", "stage", "crp"]
selection = "screening"

[exposure.agentinib]
label = "Agentinib"
amount = 400
times_per_day = 2
by = ["arm"]

[historical.first]
label = "an earlier trial"
n = 120
orr = { value = 20, to = 25 }
pfs = 5.5
os = { value = 17.8, low = 14.0, high = 21.0 }
"""


def _lines(n: int, arms: Sequence[str], seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    out: list[dict[str, Any]] = []
    for i in range(n):
        arm = int(rng.integers(0, len(arms)))
        age, kps = int(rng.normal(63, 10)), int(rng.choice([60, 70, 80, 90, 100]))
        crp = float(rng.lognormal(0, 1))
        risk = np.exp(0.03 * (age - 63) - 0.02 * (kps - 80) + 0.2 * np.log(crp) - 0.4 * arm)
        pfs = 15 + rng.exponential(240 / risk)
        death = pfs + 5 + rng.exponential(260 / risk)
        if rng.random() < 0.2:
            death = pfs * rng.uniform(0.4, 0.99)
        last = rng.uniform(200, 1400)
        start = date(2015, 1, 5) + timedelta(days=int(rng.integers(0, 1200)))

        def day(days: float, start: date = start) -> date:
            return start + timedelta(days=int(days))

        dead, progressed = death <= last, pfs <= min(last, death)
        best = str(rng.choice(["CR", "PR", "SD", "PD"], p=[0.08, 0.27 + 0.1 * (arm > 0),
                                                         0.4 - 0.1 * (arm > 0), 0.25]))  # fmt: skip
        out.append(
            {
                "patient": f"P{i + 1:04d}",
                "arm": f"a{arm}",
                "sex": str(rng.choice(["male", "female"])),
                "age": age,
                "stage": str(rng.choice(["i", "ii", "iii"])),
                "kps": kps,
                "crp": None if rng.random() < 0.1 else round(crp, 2),
                "height": round(float(rng.normal(167, 9)), 1),
                "weight": round(float(rng.normal(66, 12)), 1),
                "treatment_start": start,
                "treatment_end": day(min(pfs, death, last)) if dead or progressed else None,
                "treatment_end_reason": "progression" if progressed else "death" if dead else None,
                "last_contact": day(death if dead else last),
                "vital_status": "dead" if dead else "alive",
                "death_date": day(death) if dead else None,
                "death_cause": str(rng.choice(["cancer", "other", "unknown"], p=[0.8, 0.15, 0.05]))
                if dead
                else None,
                "progression_date": day(pfs) if progressed else None,
                "response_date": day(min(pfs, last) * 0.3) if best in ("CR", "PR") else None,
                "best_response": best,
                "change": {"CR": -100.0, "PR": -45.0, "SD": 0.0, "PD": 35.0}[best],
                "followed": min(pfs, death, last),
            }
        )
    return out


def _events(patients: list[dict[str, Any]], rng: np.random.Generator) -> list[dict[str, Any]]:
    return [
        {
            "patient": p["patient"],
            "term": term,
            "start": p["treatment_start"] + timedelta(int(rng.integers(1, min(90, p["followed"])))),
            "grade": int(rng.choice([1, 2, 3], p=[0.4, 0.35, 0.25])),
            "related": "yes",
            "serious": str(rng.choice(["yes", "no"], p=[0.1, 0.9])),
            "action": str(rng.choice(["none", "dose reduced", "interrupted"])),
        }
        for p in patients
        for term in TERMS
        if rng.random() < 0.25
    ]


def _labs(patients: list[dict[str, Any]], rng: np.random.Generator) -> list[dict[str, Any]]:
    limits = {
        "hemoglobin": ("g/dL", 13.0, 13.5, 17.5),
        "neutrophils": ("10^9/L", 4.2, 1.8, 7.7),
        "lymphocytes": ("10^9/L", 1.6, 1.0, 4.0),
        "ALT": ("U/L", 30.0, 5.0, 45.0),
    }
    return [
        {
            "patient": p["patient"],
            "date": p["treatment_start"] + timedelta(days=at),
            "test": test,
            "value": round(float(middle * rng.lognormal(0, 0.3)), 2),
            "unit": unit,
            "lower_limit": low,
            "upper_limit": high,
        }
        for p in patients
        for at in (-3, 28, 56)
        if at < p["followed"]
        for test, (unit, middle, low, high) in limits.items()
    ]


def write_declared(
    folder: Path, n: int = 160, arms: Sequence[str] = ("Standard", "New drug"), seed: int = 3
) -> Path:
    """Write the study; the same arguments give the same files."""
    rng = np.random.default_rng(seed + 1)
    data = folder / "data"
    data.mkdir(parents=True)
    patients = _lines(n, arms, seed)
    doses = []
    for p in patients:
        end, start = p["treatment_end"] or p["last_contact"], p["treatment_start"]
        half = start + timedelta(days=int(p["followed"] * 0.5))
        parts = [(start, end, 400)]
        if rng.random() < 0.4:
            parts = [(start, half, 400), (half + timedelta(days=1), max(end, half), 200)]
        doses += [
            {"patient": p["patient"], "drug": "agentinib", "start": a, "end": b, "amount": x}
            | {"unit": "mg", "times_per_day": 2}
            for a, b, x in parts
        ]
    frame = pl.DataFrame(patients, infer_schema_length=None).drop("followed")
    frame.write_csv(data / "patients.csv")
    pl.DataFrame(_events(patients, rng)).write_csv(data / "adverse_events.csv")
    pl.DataFrame(_labs(patients, rng)).write_csv(data / "labs.csv")
    pl.DataFrame(doses).write_csv(data / "doses.csv")
    levels = ", ".join(f'a{i} = "{name}"' for i, name in enumerate(arms))
    text = PROTOCOL.replace("ARMS", levels)
    if len(arms) > 2:  # a score compares two treatments
        start = text.index("[propensity]")
        text = text[:start] + text[text.index("[prediction]") :]
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder
