"""Studies of many kinds, written as files and run whole: for tests of words and pages.

All patients are made up from a seed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

LONG = "Combination of two agents after failure of an earlier line, given in an outpatient setting"
JAPANESE = ("淡明細胞型腎細胞癌", "乳頭状腎細胞癌")

STUDIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "one patient": {"n": 1},
    "two patients": {"n": 2},
    "no events": {"events": False},
    "all progressive": {"responses": "PD"},
    "all complete": {"responses": "CR"},
    "nobody evaluable": {"responses": "NE"},
    "large": {"n": 300, "journal": "jco"},
    "many variables": {"n": 120, "variables": 25},
    "many terms": {"terms": 40},
    "five groups": {"n": 150, "groups": 5},
    "long labels": {"label": LONG},
    "japanese": {"histology": JAPANESE, "label": "術後補助療法"},
    "no adverse events": {"terms": 0},
    "no doses": {"doses": False},
    "annals": {"journal": "annals"},
    "screening": {"selection": "screening", "n": 80},
    "by sex": {"by": True},
    "everyone died": {"dead": True},
    "weeks": {"unit": "weeks"},
    "only survival": {"bare": True},
    "names": {"histology": ("lumA", "Nagoya type"), "label": "mTOR inhibitor"},
}
"""Name to what is special about it."""


def _days(start: date, days: float) -> str:
    return (start + timedelta(days=int(days))).isoformat()


def _write(path: Path, rows: list[Mapping[str, Any]], columns: list[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({c: row.get(c, "") for c in columns} for row in rows)


def _patients(rng: np.random.Generator, o: Mapping[str, Any]) -> list[dict[str, Any]]:
    out = []
    histology = o.get("histology", ("Clear cell", "Papillary"))
    groups = [f"g{i + 1}" for i in range(o.get("groups", 2))]
    for i in range(o.get("n", 42)):
        start = date(2015, 1, 5) + timedelta(days=int(rng.integers(0, 900)))
        pfs = int(rng.exponential(300)) + 20
        death = pfs + int(rng.exponential(350)) + 5
        last = int(rng.integers(400, 1400)) if o.get("events", True) else int(rng.integers(60, 300))
        happens = o.get("events", True)
        died = happens and (o.get("dead", False) or death < last)
        progressed = happens and (pfs < last)
        best = o.get("responses") or str(
            rng.choice(["CR", "PR", "SD", "PD"], p=[0.1, 0.3, 0.4, 0.2])
        )
        row = {
            "patient": f"P{i + 1:03d}",
            "sex": str(rng.choice(["male", "female"])),
            "age": int(rng.integers(35, 85)),
            "histology": str(rng.choice(list(histology))),
            "arm": str(rng.choice(groups)),
            "smoker": str(rng.choice(["yes", "no"])),
            "crp": round(float(rng.exponential(1.2)), 2),
            "treatment_start": start.isoformat(),
            "treatment_end": _days(start, min(pfs, last)) if progressed or died else "",
            "treatment_end_reason": "progression" if progressed else "",
            "last_contact": _days(start, death if died else last),
            "vital_status": "dead" if died else "alive",
            "death_date": _days(start, death) if died else "",
            "progression_date": _days(start, pfs)
            if progressed and (not died or pfs < death)
            else "",
            "best_response": best,
            "change": {"CR": -100, "PR": -45, "SD": -5, "PD": 35}.get(best, ""),
        }
        row |= {f"x{k}": int(rng.integers(0, 100)) for k in range(o.get("variables", 0))}
        out.append(row)
    return out


def _events(
    rng: np.random.Generator, patients: list[dict[str, Any]], terms: int
) -> list[dict[str, Any]]:
    out = []
    for row in patients:
        start = date.fromisoformat(row["treatment_start"])
        for k in range(terms):
            if rng.random() < 0.3:
                out.append(
                    {
                        "patient": row["patient"],
                        "term": f"Event {k + 1}",
                        "start": _days(start, 10),
                        "grade": int(rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2])),
                        "related": "yes",
                        "action": str(rng.choice(["none", "dose reduced"])),
                    }
                )
    return out


def _protocol(o: Mapping[str, Any]) -> str:
    label = o.get("label", "Second-line therapy")
    extra = [f"x{k}" for k in range(o.get("variables", 0))]
    groups = [f"g{i + 1}" for i in range(o.get("groups", 2))]
    histology = o.get("histology", ("Clear cell", "Papillary"))
    unit = o.get("unit", "months")
    at = 12 if unit == "months" else 52
    lines = [
        '[study]\nschema = 1\ntitle = "A varied study"\ndisease = "made-up cancer"',
        f'treatment = "agentinib"\ndata = "data"\ncutoff = 2019-12-31\ntime_unit = "{unit}"',
        "synthetic = true",
        '[variables.age]\nlabel = "Age"\nunit = "years"\nkind = "continuous"\ndigits = 0',
        '[variables.sex]\nlabel = "Sex"\nlevels = { male = "Male", female = "Female" }',
        '[variables.histology]\nlabel = "Histology"\nlevels = { "'
        + (
            f'first" = {json.dumps(histology[0], ensure_ascii=False)}, "second" = '
            f"{json.dumps(histology[1], ensure_ascii=False)} }}"
        ),
        f"[variables.arm]\nlabel = {json.dumps(label, ensure_ascii=False)}\nlevels = {{ "
        + ", ".join(f'{g} = "Group {g[1:]}"' for g in groups)
        + " }",
        '[variables.smoker]\nlabel = "Current smoker"\nlevels = { yes = "Yes", no = "No" }\n'
        'reference = "no"',
        '[variables.crp]\nlabel = "C-reactive protein"\nunit = "mg/dL"\ncut = [0.8]\n'
        'levels = { low = "< 0.8", high = "≥ 0.8" }\norigin = "set beforehand"',
        *(f'[variables.{x}]\nlabel = "Value {x[1:]}"\nkind = "continuous"' for x in extra),
        "[tables.patients.codes.histology]\n"
        + "\n".join(
            f'{json.dumps(h, ensure_ascii=False)} = "{k}"'
            for h, k in zip(histology, ("first", "second"), strict=True)
        ),
        f'[endpoints.pfs]\ncensoring = "last_contact"\nlandmarks = [{at}]\nby = ["arm"]',
        f"[endpoints.os]\nlandmarks = [{at}]",
        f'[style]\njournal = "{o.get("journal", "default")}"',
    ]
    if not o.get("bare"):
        candidates = ["age", "sex", "arm", "crp", "smoker", *extra]
        by = '\nby = "sex"\ntest = true' if o.get("by") else ""
        every = ["age", "sex", "histology", "arm", "smoker", "crp", *extra]
        lines += [
            f"[baseline]\nvariables = {json.dumps(every)}{by}",
            '[response]\nsource = "charted"\nbest_change = "change"',
            f"[prognosis]\ncandidates = {json.dumps(candidates)}\n"
            f'selection = "{o.get("selection", "prespecified")}"\nmultivariable = ["age", "crp"]'
            if o.get("selection") != "screening"
            else f'[prognosis]\ncandidates = {json.dumps(candidates)}\nselection = "screening"',
            '[safety]\ncriteria = "CTCAE 5.0"',
        ]
        if o.get("doses", True):
            lines.append("[exposure.agentinib]\namount = 400\ntimes_per_day = 2")
    return "\n\n".join(lines) + "\n"


def write_study(folder: Path, **options: Any) -> Path:
    """Write a study of a kind; the same options give the same files."""
    rng = np.random.default_rng(7)
    data = folder / "data"
    data.mkdir(parents=True)
    patients = _patients(rng, options)
    _write(data / "patients.csv", patients, list(patients[0]))
    if not options.get("bare"):
        events = _events(rng, patients, options.get("terms", 6))
        columns = ["patient", "term", "start", "grade", "related", "action"]
        _write(data / "adverse_events.csv", events, columns)
        doses = [
            {
                "patient": p["patient"],
                "drug": "agentinib",
                "start": p["treatment_start"],
                "end": p["treatment_end"] or p["last_contact"],
                "amount": 400,
                "unit": "mg",
                "times_per_day": 2,
            }
            for p in patients
        ]
        if options.get("doses", True):
            _write(data / "doses.csv", doses, list(doses[0]))
    (folder / "study.toml").write_text(_protocol(options), encoding="utf-8")
    return folder
