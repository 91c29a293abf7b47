"""A small synthetic study without a fault, as rows of text: the ground on which damage is planted.

24 patients, nine record tables, reduced and dated endpoints. Everything is made by rule, so that
each cell is known; nothing in it calls for a warning.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

Row = dict[str, str]
Tables = dict[str, list[Row]]

N = 24
PROTOCOL = """[study]
schema = 1
title = "A synthetic study"
data = "data"
cutoff = 2019-12-31
synthetic = true

[schedule]
scan_weeks = [8]
scan_tolerance_weeks = 2

[variables.age]
column = "age"
kind = "continuous"
unit = "years"
[variables.sex]
levels = { male = "Male", female = "Female" }
reference = "female"
[variables.arm]
levels = { a = "A", b = "B" }
reference = "a"
[variables.ecog]
column = "ecog"
levels = { "0" = "0", "1" = "1" }
reference = "0"
[variables.kps]
column = "kps"
kind = "continuous"
[variables.crp]
derive = "lab"
test = "CRP"
unit = "mg/L"
cut = [10]
levels = { low = "< 10", high = "10 or more" }
reference = "low"

[response]
source = "lesions"

[endpoints.pfs]
by = ["arm"]
[endpoints.os]
by = ["arm"]
[endpoints.rfs]
label = "Relapse-free survival"
time = "rfs_months"
event = "rfs_event"
event_value = 1

[baseline]
variables = ["age", "sex", "ecog", "kps", "crp"]
by = "arm"

[prognosis]
endpoints = ["os"]
candidates = ["sex", "crp"]

[safety]
criteria = "CTCAE 5.0"

[exposure.sorafenib]
amount = 400
unit = "mg"
times_per_day = 2
levels = [800, 400, 200]
"""


def patient(i: int) -> str:
    """Id of patient i."""
    return f"S{i + 1:02d}"


def day(d: date) -> str:
    """A date as the chart writes it."""
    return d.isoformat()


@dataclass(frozen=True)
class Course:
    """What happened to one patient."""

    start: date
    progression: date | None
    best: str
    sums: tuple[tuple[float, float], ...]
    """Two target diameters per scan, baseline first."""
    death: date | None
    end: date
    """Treatment end, or the last contact where treatment goes on."""
    contact: date


SHAPES = {
    0: ("PR", ((40, 30), (24, 18), (22, 16), (40, 26))),
    1: ("SD", ((36, 28), (34, 26), (46, 36))),
    2: ("PD", ((30, 22), (42, 30))),
    3: ("SD", ((28, 20), (27, 19), (26, 19))),
}


def course(i: int) -> Course:
    """The course of patient i, by rule."""
    start = date(2015, 1, 6) + timedelta(days=31 * i)
    best, sums = SHAPES[i % 4]
    last_scan = start + timedelta(days=56 * (len(sums) - 1))
    progression = None if i % 4 == 3 else last_scan
    death = None
    if progression is not None and i % 3 != 0:
        death = progression + timedelta(days=70 + 11 * i)
    contact = death or date(2019, 12, 1) + timedelta(days=i)
    end = progression + timedelta(days=3) if progression else contact
    return Course(start, progression, best, sums, death, end, contact)


def _patient_row(i: int) -> Row:
    c = course(i)
    ecog = 0 if i % 3 else 1
    return {
        "patient": patient(i),
        "sex": "male" if i % 5 < 3 else "female",
        "age": str(47 + (7 * i) % 29),
        "arm": "a" if i % 2 else "b",
        "ecog": str(ecog),
        "kps": "100" if ecog == 0 else "80",
        "diagnosis_date": day(c.start - timedelta(days=200 + i)),
        "treatment_start": day(c.start),
        "treatment_end": day(c.end) if c.progression else "",
        "treatment_end_reason": "progression" if c.progression else "",
        "last_contact": day(c.contact),
        "vital_status": "dead" if c.death else "alive",
        "death_date": day(c.death) if c.death else "",
        "death_cause": "renal cell carcinoma" if c.death else "",
        "progression_date": day(c.progression) if c.progression else "",
        "best_response": c.best,
        "rfs_months": f"{4 + (i * 13) % 31 + i / 10:.1f}",
        "rfs_event": "1" if i % 3 else "0",
    }


def _lesion_rows(i: int) -> list[Row]:
    c, rows = course(i), []
    for scan, sizes in enumerate(c.sums):
        when = c.start + timedelta(days=56 * scan) if scan else c.start - timedelta(days=6)
        visit = f"scan {scan}" if scan else "baseline"
        for k, (size, site) in enumerate(zip(sizes, ("lung", "liver"), strict=True), 1):
            rows.append(
                {
                    "patient": patient(i),
                    "lesion": f"T{k}",
                    "date": day(when),
                    "visit": visit,
                    "role": "target",
                    "site": site,
                    "node": "no",
                    "diameter_mm": f"{size:g}",
                    "status": "measured",
                    "method": "CT",
                }
            )
        rows.append(
            {
                "patient": patient(i),
                "lesion": "N1",
                "date": day(when),
                "visit": visit,
                "role": "non-target",
                "site": "bone",
                "node": "no",
                "diameter_mm": "",
                "status": "present",
                "method": "CT",
            }
        )
    return rows


LABS = (
    ("CRP", "mg/L", "0", "5"),
    ("Hemoglobin", "g/dL", "13.5", "17.5"),
    ("Neutrophils", "10^9/L", "1.8", "7.0"),
)


def _lab_rows(i: int) -> list[Row]:
    start, rows = course(i).start, []
    values = (f"{3 + (i * 5) % 23 + 0.5:.1f}", f"{11 + (i % 5) * 0.6:.1f}", f"{3 + i % 4:.1f}")
    for offset in (-5, 28):
        for (test, unit, low, high), value in zip(LABS, values, strict=True):
            rows.append(
                {
                    "patient": patient(i),
                    "date": day(start + timedelta(days=offset)),
                    "test": test,
                    "value": value,
                    "unit": unit,
                    "lower_limit": low,
                    "upper_limit": high,
                }
            )
    return rows


def _event_rows(i: int) -> list[Row]:
    start, rows = course(i).start, []
    for k, term in enumerate(("Diarrhea", "Hypertension", "Fatigue")):
        if (i + k) % 3 == 0:
            continue
        begin = start + timedelta(days=12 + 5 * k)
        rows.append(
            {
                "patient": patient(i),
                "term": term,
                "start": day(begin),
                "end": day(begin + timedelta(days=14)),
                "grade": str(1 + (i + k) % 3),
                "related": "yes",
                "serious": "no",
                "action": "none",
                "outcome": "recovered",
            }
        )
    return rows


def _dose_rows(i: int) -> list[Row]:
    c = course(i)
    last = c.end if c.progression else None
    cut = c.start + timedelta(days=30)
    periods = [(c.start, last, "400")]
    if i % 6 == 0:
        periods = [(c.start, cut, "400"), (cut + timedelta(days=1), last, "200")]
    return [
        {
            "patient": patient(i),
            "drug": "sorafenib",
            "start": day(a),
            "end": day(b) if b else "",
            "amount": amount,
            "unit": "mg",
            "times_per_day": "2",
            "reason": "toxicity" if amount == "200" else "",
        }
        for a, b, amount in periods
    ]


def _therapy_rows(i: int) -> list[Row]:
    c = course(i)
    first = {
        "patient": patient(i),
        "line": "1",
        "drugs": "sunitinib",
        "start": day(c.start - timedelta(days=170)),
        "end": day(c.start - timedelta(days=20)),
        "stop_reason": "progression",
    }
    second = {
        **first,
        "line": "2",
        "drugs": "sorafenib",
        "start": day(c.start),
        "end": day(c.end) if c.progression else "",
        "stop_reason": "progression" if c.progression else "",
    }
    return [first, second]


def _site_rows(i: int) -> list[Row]:
    when = day(course(i).start - timedelta(days=6))
    return [
        {"patient": patient(i), "organ": organ, "count": str(n), "date": when}
        for organ, n in (("lung", 1 + i % 4), ("liver", 1), ("bone", 1))
    ]


def _performance_rows(i: int) -> list[Row]:
    value = "100" if i % 3 else "80"
    when = day(course(i).start - timedelta(days=2))
    return [{"patient": patient(i), "date": when, "scale": "Karnofsky", "value": value}]


def _all(rows: Iterable[list[Row]]) -> list[Row]:
    return [row for part in rows for row in part]


def clean_tables() -> Tables:
    """Every table, fresh."""
    every = range(N)
    return deepcopy(
        {
            "patients": [_patient_row(i) for i in every],
            "lesions": _all(_lesion_rows(i) for i in every),
            "labs": _all(_lab_rows(i) for i in every),
            "adverse_events": _all(_event_rows(i) for i in every),
            "doses": _all(_dose_rows(i) for i in every),
            "therapies": _all(_therapy_rows(i) for i in every),
            "sites": _all(_site_rows(i) for i in every),
            "performance": _all(_performance_rows(i) for i in every),
        }
    )


def write_study(folder: Path, tables: Tables, protocol: str = PROTOCOL) -> Path:
    """The study as a folder of CSV files."""
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(protocol, encoding="utf-8")
    for name, rows in tables.items():
        columns = list(dict.fromkeys(c for row in rows for c in row))
        with (folder / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder
