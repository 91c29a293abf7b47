"""Scores, filtration rates, doses, events and reduced times: what rests on one spoilt cell."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from spoiling import check, numbers

from oncohort.problems import errors
from oncohort.study.study import Study, read_study

START = date(2014, 1, 6)
Rows = dict[str, list[dict[str, Any]]]

SCORES = ("imdc", "mskcc", "second")
RESTS: dict[str, tuple[str, ...]] = {
    "Hb": SCORES,
    "Calcium": SCORES,
    "Corrected calcium": SCORES,
    "Albumin": SCORES,
    "ANC": ("imdc",),
    "Platelets": ("imdc",),
    "LDH": ("mskcc",),
    "Creatinine": ("rate",),
    "CRP": (),
}
"""Laboratory test = variables that read it (Heng 2009; Motzer 2002, 2004; CKD-EPI 2021)."""

TESTS = {
    "Hb": (11.0, "g/dL", 12.0, 16.0),
    "Calcium": (9.6, "mg/dL", 8.6, 10.2),
    "Albumin": (3.9, "g/dL", 3.8, 5.3),
    "ANC": (5.5, "10^9/L", 1.8, 7.5),
    "Platelets": (300.0, "10^9/L", 150.0, 400.0),
    "LDH": (280.0, "IU/L", 120.0, 220.0),
    "Creatinine": (0.9, "mg/dL", 0.5, 1.1),
    "CRP": (0.4, "mg/dL", 0.0, 0.3),
}

PROTOCOL = """
[study]
schema = 1
title = "A made-up study"
data = "data"
synthetic = true
[variables.imdc]
derive = "imdc"
[variables.mskcc]
derive = "mskcc"
[variables.second]
derive = "mskcc_second_line"
[variables.rate]
derive = "egfr"
[variables.years]
derive = "age"
[variables.sex]
[endpoints.os]
[baseline]
variables = ["imdc", "mskcc", "second", "rate", "years", "sex"]
[safety]
[exposure.sorafenib]
amount = 400
times_per_day = 2
[exposure.docetaxel]
amount = 75
unit = "mg/m2"
times_per_day = 1
"""

REDUCED = """
[study]
schema = 1
title = "A made-up study"
data = "data"
synthetic = true
[variables.sex]
[variables.age]
[endpoints.os]
time = "os_months"
event = "died"
event_value = 1
by = ["sex"]
[endpoints.pfs]
time = "pfs_months"
event = "pd"
event_value = 1
[baseline]
variables = ["age"]
by = "sex"
[prognosis]
endpoints = ["os"]
candidates = ["age"]
"""


def rows() -> Rows:
    """Twenty-four made-up patients."""
    out: Rows = {name: [] for name in ("patients", "labs", "performance", "doses")}
    out["adverse_events"] = []
    for i in range(24):
        day = START + timedelta(days=7 * i)
        last = day + timedelta(days=300 + 17 * i)
        who = {"patient": f"P{i:02}"}
        out["patients"].append(
            who
            | {
                "sex": "male" if i % 2 else "female", "birth_date": date(1950 + i, 3, 4),
                "diagnosis_date": day - timedelta(days=300 + 30 * i), "first_systemic_date": day,
                "treatment_start": day, "treatment_end": day + timedelta(days=150 + 5 * i),
                "last_contact": last, "vital_status": "dead" if i % 3 else "alive",
                "death_date": last if i % 3 else None, "weight_kg": 60 + i, "height_cm": 160 + i,
                "imdc": ["favorable", "intermediate", "poor"][i % 3], "os_months": 3.0 + i,
                "died": i % 2, "pfs_months": 1.0 + i / 2, "pd": 1 - i % 2, "age": 40 + i,
            }
        )  # fmt: skip
        for test, (value, unit, lower, upper) in TESTS.items():
            # One patient has charted corrected calcium, and neither calcium nor albumin.
            if i == 7 and test == "Albumin":
                continue
            name = "Corrected calcium" if i == 7 and test == "Calcium" else test
            out["labs"].append(
                who
                | {
                    "date": day, "test": name, "value": round(value * (1 + i % 5 / 10), 3),
                    "unit": unit, "lower_limit": lower, "upper_limit": upper,
                }
            )  # fmt: skip
        out["performance"].append(
            who | {"date": day, "scale": "Karnofsky", "value": 70 + 10 * (i % 4)}
        )
        for drug, amount, unit, times in (
            ("sorafenib", 400 - 200 * (i % 2), "mg", 2),
            ("docetaxel", 75, "mg/m2", 1),
        ):
            out["doses"].append(
                who
                | {
                    "drug": drug, "start": day, "end": day + timedelta(days=100),
                    "amount": amount, "unit": unit, "times_per_day": times,
                }
            )  # fmt: skip
        out["adverse_events"].append(
            who
            | {
                "term": "Diarrhea", "start": day + timedelta(days=9),
                "end": day + timedelta(days=19), "grade": 1 + i % 3, "related": "yes",
            }
        )  # fmt: skip
    return out


def opened(folder: Path, protocol: str, table: Rows) -> Study:
    (folder / "data").mkdir(parents=True)
    for name, content in table.items():
        with (folder / "data" / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
    (folder / "study.toml").write_text(protocol)
    return read_study(folder)


def spoilt(table: str, column: str, value: Any, **where: Any) -> Rows:
    """The chart with one cell of one row replaced."""
    out = rows()
    at = next(r for r in out[table] if all(r[k] == v for k, v in where.items()))
    at[column] = value
    return out


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    study = opened(tmp_path_factory.mktemp("whole") / "s", PROTOCOL, rows())
    assert not errors(study.problems)
    return numbers(study.run())


@pytest.fixture(scope="module")
def reduced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    study = opened(tmp_path_factory.mktemp("reduced") / "s", REDUCED, rows())
    assert not errors(study.problems)
    return numbers(study.run())


def variables(*keys: str) -> tuple[str, ...]:
    return tuple(sorted(f"variables.{k}" for k in keys))


@pytest.mark.parametrize("column", ["value", "date", "lower_limit", "upper_limit"])
@pytest.mark.parametrize("test", RESTS)
def test_a_cell_of_a_test_takes_the_scores_that_read_it(
    tmp_path: Path, whole: dict[str, Any], test: str, column: str
) -> None:
    patient = "P07" if test == "Corrected calcium" else "P05"
    study = opened(
        tmp_path / "s", PROTOCOL, spoilt("labs", column, "banana", patient=patient, test=test)
    )
    check(study, whole, variables(*RESTS[test]))


@pytest.mark.parametrize(
    ("table", "column", "where", "expected"),
    [
        ("performance", "value", {}, variables(*SCORES)),
        ("performance", "date", {}, variables(*SCORES)),
        ("patients", "diagnosis_date", {}, variables("imdc", "mskcc", "second")),
        ("patients", "weight_kg", {}, ("exposure",)),
        ("patients", "height_cm", {}, ("exposure",)),
        ("doses", "amount", {"drug": "sorafenib"}, ("exposure",)),
        ("doses", "start", {"drug": "docetaxel"}, ("exposure",)),
        ("doses", "end", {"drug": "docetaxel"}, ("exposure",)),
        ("doses", "times_per_day", {"drug": "sorafenib"}, ("exposure",)),
        ("adverse_events", "grade", {}, ("safety",)),
        ("adverse_events", "start", {}, ("safety",)),
        ("adverse_events", "end", {}, ("safety",)),
        ("adverse_events", "related", {}, ("safety",)),
        ("patients", "sex", {}, variables(*SCORES, "rate", "sex")),
        ("patients", "birth_date", {}, variables("rate", "years")),
    ],
)
def test_a_cell_takes_what_is_derived_from_it(
    tmp_path: Path,
    whole: dict[str, Any],
    table: str,
    column: str,
    where: dict[str, Any],
    expected: tuple[str, ...],
) -> None:
    study = opened(
        tmp_path / "s", PROTOCOL, spoilt(table, column, "banana", patient="P05", **where)
    )
    check(study, whole, expected)


LOOK_ALIKE = PROTOCOL.replace('[variables.imdc]\nderive = "imdc"\n', "[variables.imdc]\n")


def look_alikes() -> Iterator[tuple[str, str, dict[str, Any], tuple[str, ...]]]:
    yield "labs", "value", {"test": "ANC"}, ()
    yield "labs", "value", {"test": "Hb"}, variables("mskcc", "second")
    yield "patients", "imdc", {}, variables("imdc")


@pytest.mark.parametrize(("table", "column", "where", "expected"), list(look_alikes()))
def test_a_column_called_like_a_score_rests_on_itself(
    tmp_path: Path, table: str, column: str, where: dict[str, Any], expected: tuple[str, ...]
) -> None:
    before = numbers(opened(tmp_path / "whole", LOOK_ALIKE, rows()).run())
    cell = spoilt(table, column, "banana", patient="P05", **where)
    check(opened(tmp_path / "s", LOOK_ALIKE, cell), before, expected)


OS = ("prognosis.os", "survival.follow_up", "survival.os")


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("os_months", "banana", OS),
        ("os_months", -3, OS),
        ("died", "perhaps", OS),
        ("died", 7, OS),
        ("pfs_months", "banana", ("survival.pfs",)),
        ("pd", 7, ("survival.pfs",)),
        ("age", "banana", ("prognosis.os", "variables.age")),
        ("sex", "banana", ("baseline", "survival.os.by.sex", "variables.sex")),
        ("last_contact", "banana", ("exposure",)),
        ("treatment_end", "banana", ("exposure",)),
        ("diagnosis_date", "banana", ()),
    ],
)
def test_a_reduced_cohort_rests_on_its_own_columns(
    tmp_path: Path, reduced: dict[str, Any], column: str, value: Any, expected: tuple[str, ...]
) -> None:
    study = opened(tmp_path / "s", REDUCED, spoilt("patients", column, value, patient="P05"))
    check(study, reduced, expected)
