"""One spoilt cell against every section at once: what rests on it is left out, and nothing else.

Strata, effects that change, arms, competing events, groups that form later, prediction,
propensity, imputation, cut-points, logistic models and laboratory tables, under random keys.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from spoiling import numbers, under, variables_of

from oncohort.problems import errors
from oncohort.study.depends import dependence
from oncohort.study.study import Study, read_study

START = date(2014, 1, 6)
TEXT = """
[study]
schema = 1
title = "A made-up study"
data = "data"
synthetic = true
[variables.arm]
levels = { a = "A", b = "B" }
[variables.center]
levels = { p = "P", q = "Q" }
[variables.sex]
[variables.age]
kind = "continuous"
[variables.crp]
kind = "continuous"
[variables.ldh]
kind = "continuous"
[variables.high]
from = "crp"
cut = [10]
[variables.third]
from = "ldh"
cut_by = "median"
[response]
source = "charted"
[endpoints.os]
by = ["arm", "third"]
restricted_mean = [12]
differences = true
[endpoints.qx7]
time = "rel_m"
event = "rel_e"
event_value = 1
competing = { other = 2 }
by = ["arm"]
[endpoints.zz]
time = "os_m"
event = "os_e"
event_value = 1
[baseline]
variables = ["age", "sex", "center", "crp", "ldh"]
by = "arm"
smd = true
[prognosis]
endpoints = ["os", "qx7"]
candidates = ["age", "sex", "crp"]
selection = "prespecified"
multivariable = ["age", "sex", "crp"]
strata = ["center"]
time_split = { sex = [12] }
e_values = true
[missing]
imputations = 5
[arms]
variable = "arm"
reference = "a"
endpoints = ["os", "qx7"]
strata = ["sex"]
subgroups = ["high", "center"]
[propensity]
treatment = "arm"
variables = ["age", "sex", "ldh"]
endpoints = ["zz"]
methods = ["iptw"]
[prediction]
endpoint = "os"
variables = ["age", "ldh"]
times = [12]
bootstraps = 20
[time_dependent.rash]
endpoint = "os"
change = "adverse_event"
landmarks = [3]
[time_dependent.moved]
endpoint = "zz"
time = "moved_m"
landmarks = [3]
[safety]
labs = true
[outcomes.response]
of = "response"
[logistic]
candidates = ["age", "sex"]
"""

Rows = Mapping[str, list[dict[str, Any]]]


def rows() -> Rows:
    """Eighty made-up patients."""
    draw = random.Random(4)
    out: dict[str, list[dict[str, Any]]] = {"patients": [], "adverse_events": [], "labs": []}
    for i in range(80):
        who = {"patient": f"P{i:02}"}
        day = START + timedelta(days=7 * i)
        dead, days = draw.random() < 0.7, int(100 + draw.random() * 700)
        last = day + timedelta(days=days)
        out["patients"].append(
            who
            | {
                "arm": "ab"[i % 2], "center": "pq"[draw.randrange(2)],
                "sex": ["male", "female"][draw.randrange(2)], "age": 40 + draw.randrange(40),
                "crp": round(draw.expovariate(0.1) + 0.1, 1), "ldh": 150 + draw.randrange(300),
                "treatment_start": day, "last_contact": last,
                "vital_status": "dead" if dead else "alive", "death_date": last if dead else "",
                "os_m": round(days / 30.4375, 2), "os_e": int(dead),
                "rel_m": round(draw.random() * days / 30.4375 + 0.1, 2),
                "rel_e": draw.randrange(3), "moved_m": round(1 + draw.random() * 2, 2),
                "best_response": ["CR", "PR", "SD", "PD"][draw.randrange(4)],
            }
        )  # fmt: skip
        out["adverse_events"].append(
            who
            | {
                "term": "Rash", "start": day + timedelta(days=9), "end": day + timedelta(days=19),
                "grade": 1 + i % 3,
            }
        )  # fmt: skip
        for at in (0, 30):
            out["labs"].append(
                who
                | {
                    "date": day + timedelta(days=at), "test": "Hb", "unit": "g/dL",
                    "value": 7 + draw.randrange(7), "lower_limit": 12, "upper_limit": 16,
                }
            )  # fmt: skip
    return out


def written(folder: Path, spoilt: tuple[str, str, Any] | None = None) -> Study:
    """The study in a folder; of `spoilt` (table, column, value) one cell is replaced."""
    (folder / "data").mkdir(parents=True)
    for name, table in rows().items():
        if spoilt and spoilt[0] == name:
            held = [r for r in table if r["patient"] > "P04" and r[spoilt[1]] not in ("", None)]
            held[-1][spoilt[1]] = spoilt[2]
        with (folder / "data" / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (folder / "study.toml").write_text(TEXT)
    return read_study(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    study = written(tmp_path_factory.mktemp("whole") / "s")
    assert not errors(study.problems)
    results = study.run()
    assert results.left_out == ()
    return numbers(results)


SECTIONS = (
    "baseline", "response", "survival", "contrasts", "incidence", "time_dependent", "arms",
    "prognosis", "missing", "propensity", "e_value", "prediction", "safety", "labs", "outcomes",
    "logistic", "cutpoints",
)  # fmt: skip


def test_every_section_has_numbers(whole: dict[str, Any]) -> None:
    there = {i.partition(".")[0] for i in whole}
    assert set(SECTIONS) - {"cutpoints"} <= there


DATED = (
    "arms.os", "contrasts.os", "e_value.os", "prediction.os", "prognosis.os", "response.swimmer",
    "survival.follow_up", "survival.os", "time_dependent.rash",
)  # fmt: skip
LABS = ("labs",)
OS_COLUMNS = ("propensity.zz", "survival.zz", "time_dependent.moved")
CELLS: dict[tuple[str, str, str], tuple[str, ...]] = {
    ("patients", "arm", "c"): (
        "arms.os", "arms.qx7", "baseline", "incidence.qx7.by.arm", "propensity",
        "survival.os.by.arm", "variables.arm",
    ),
    ("patients", "center", "z"): (
        "arms.os.subgroup.center", "arms.qx7.subgroup.center", "e_value.os",
        "missing.complete", "prognosis.os", "variables.center",
    ),
    ("patients", "sex", "banana"): (
        "arms.os", "arms.qx7", "incidence.qx7.models", "logistic.response", "missing.complete",
        "e_value.os", "prognosis.os", "propensity", "variables.sex",
    ),
    ("patients", "age", "banana"): (
        "incidence.qx7.models", "logistic.response", "missing.complete", "prediction.os",
        "e_value.os", "prognosis.os", "propensity", "variables.age",
    ),
    ("patients", "crp", "banana"): (
        "arms.os.subgroup.high", "arms.qx7.subgroup.high", "incidence.qx7.models",
        "missing.complete", "e_value.os", "prognosis.os", "variables.crp", "variables.high",
    ),
    ("patients", "ldh", "banana"): (
        "cutpoints.third", "missing.complete", "prediction.os", "propensity",
        "survival.os.by.third", "variables.ldh", "variables.third",
    ),
    ("patients", "treatment_start", "banana"): (*DATED, "labs", "safety"),
    ("patients", "last_contact", "banana"): DATED,
    ("patients", "vital_status", "banana"): DATED,
    ("patients", "death_date", "banana"): DATED,
    ("patients", "os_m", "banana"): OS_COLUMNS,
    ("patients", "rel_m", "banana"): ("arms.qx7", "incidence.qx7"),
    ("patients", "moved_m", "banana"): ("time_dependent.moved",),
    ("patients", "best_response", "banana"): (
        "logistic.response", "outcomes.response", "response",
    ),
    ("adverse_events", "start", "banana"): ("safety", "time_dependent.rash"),
    ("adverse_events", "end", "banana"): ("safety",),
    ("adverse_events", "grade", "banana"): ("safety", "time_dependent.rash"),
    ("labs", "date", "banana"): LABS,
    ("labs", "value", "banana"): LABS,
    ("labs", "unit", "banana"): LABS,
    ("labs", "lower_limit", "banana"): LABS,
    ("labs", "upper_limit", "banana"): LABS,
}  # fmt: skip
"""Cell = what rests on it, worked out by hand."""


def _gone(id_: str, blocked: tuple[str, ...]) -> bool:
    """Is a number one of what is blocked? Groups and models are parts, not beginnings of ids."""
    if under(id_, blocked) or variables_of(id_, blocked):
        return True
    for part in blocked:
        head, mark, what = part.partition(".by.")
        if mark and id_.startswith(f"{head}.") and f"variable={what}" in id_:
            return True
        head, mark, _ = part.partition(".models")
        if mark and id_.startswith(f"{head}.") and ("model=" in id_ or "hazard=" in id_):
            return True
    return False


@pytest.mark.parametrize("cell", list(CELLS), ids=lambda c: f"{c[0]}.{c[1]}")
def test_what_rests_on_a_cell_is_left_out_of_every_section(
    tmp_path: Path, whole: dict[str, Any], cell: tuple[str, str, str]
) -> None:
    study = written(tmp_path / "s", cell)
    found = errors(study.problems)
    blocked = tuple(sorted({b for p in found for b in p.blocks}))
    assert blocked == tuple(sorted(CELLS[cell]))
    results = study.run()
    after = numbers(results)
    assert not [i for i in after if _gone(i, blocked)]
    kept = {i: v for i, v in whole.items() if not _gone(i, blocked)}
    assert kept
    assert {i: after.get(i) for i in kept} == kept
    assert results.left_out


def test_each_prefix_of_the_list_is_one_that_depends_knows(tmp_path: Path) -> None:
    study = written(tmp_path / "s")
    known = {part for part, _ in dependence(study.protocol, study.records).parts}
    assert {part for parts in CELLS.values() for part in parts} <= known
