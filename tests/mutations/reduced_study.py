"""A small synthetic study of one sheet, already reduced: times and flags, charted responses.

40 patients, made by rule, so that each cell is known; nothing in it calls for a warning.
"""

from __future__ import annotations

from clean_study import Row, Tables

N = 40
PROTOCOL = """[study]
schema = 1
title = "A synthetic study, reduced"
data = "data"
synthetic = true

[variables.age]
kind = "continuous"
unit = "years"
[variables.sex]
levels = { male = "Male", female = "Female" }
reference = "female"
[variables.arm]
levels = { a = "A", b = "B" }
reference = "a"
[variables.site]
levels = { lung = "Lung", liver = "Liver", bone = "Bone" }
reference = "lung"
[variables.crp]
kind = "continuous"
unit = "mg/L"
[variables.crp_group]
from = "crp"
cut = [10]
levels = { low = "< 10", high = "10 or more" }
reference = "low"
[variables.ldh]
kind = "continuous"
unit = "U/L"
[variables.nlr]
kind = "continuous"
[variables.kps]
kind = "continuous"
[variables.hb]
kind = "continuous"
unit = "g/dL"
[variables.weight]
kind = "continuous"
unit = "kg"

[response]
source = "charted"
best_change = "best_change"

[endpoints.pfs]
time = "pfs_months"
event = "pfs_event"
event_value = 1
by = ["arm"]
[endpoints.os]
time = "os_months"
event = "os_event"
event_value = 1
by = ["arm"]

[baseline]
variables = ["age", "sex", "site", "crp", "ldh", "nlr", "kps", "hb", "weight"]
by = "arm"

[prognosis]
endpoints = ["os"]
candidates = ["sex", "crp_group"]
"""

BEST = ("CR", "PR", "SD", "PD", "SD", "PR", "SD", "PD", "SD", "PR")


def patient(i: int) -> str:
    """Id of patient i."""
    return f"R{i + 1:02d}"


def _change(i: int, best: str) -> float:
    return {"CR": -100.0, "PR": -34.0 - i, "SD": -24.0 + i, "PD": 23.0 + i}[best]


def _row(i: int) -> Row:
    best = BEST[i % len(BEST)]
    progressed = best == "PD" or i % 5 != 1
    free = 1.6 + i / 40 if best == "PD" else 4.0 + (i * 7) % 17 + i / 10
    died = progressed and i % 3 != 0
    lived = free + 3.0 + (i * 5) % 23 if progressed else free
    return {
        "patient": patient(i),
        "sex": "male" if i % 5 < 3 else "female",
        "age": str(46 + (7 * i) % 31),
        "arm": "a" if i % 2 else "b",
        "site": ("lung", "lung", "liver", "bone")[i % 4],
        "crp": f"{2.4 + (i * 11) % 37:.1f}",
        "ldh": str(150 + (i * 37) % 260),
        "nlr": f"{1.1 + (i * 3) % 13 / 2:.1f}",
        "kps": str((100, 90, 80, 90)[i % 4]),
        "hb": f"{10.4 + (i * 17) % 43 / 10:.1f}",
        "weight": str(57 + (i * 13) % 37),
        "best_response": best,
        "best_change": f"{_change(i % 37, best):.0f}",
        "pfs_months": f"{free:.1f}",
        "pfs_event": "1" if progressed else "0",
        "os_months": f"{lived:.1f}",
        "os_event": "1" if died else "0",
    }


def clean_tables() -> Tables:
    """The one table, fresh."""
    return {"patients": [_row(i) for i in range(N)]}
