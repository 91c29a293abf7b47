"""What rests on a wrong value is left out, by name; everything else is printed unchanged."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoiling import check, numbers

from oncohort.problems import Severity, Wrong, errors
from oncohort.protocol import parse_protocol
from oncohort.study.depends import dependence
from oncohort.study.study import Study, read_study
from oncohort.vocabulary.endpoints import ENDPOINTS
from oncohort.vocabulary.tables import TABLES

START = date(2014, 1, 6)
KEY = "qx7"
"""An endpoint under a key that means nothing."""

PROTOCOL = """
[study]
schema = 1
title = "A made-up study"
data = "data"
synthetic = true
[tables.labs]
units = { value = "mg/dL" }
[response]
source = "SOURCE"
[schedule]
scan_weeks = [8]
scan_tolerance_weeks = 1
[variables.crp]
kind = "continuous"
[variables.sex]
[variables.high]
from = "crp"
cut = [10]
[variables.creatinine]
derive = "lab"
test = "creatinine"
[variables.calcium]
derive = "lab"
test = "calcium"
[variables.karnofsky]
derive = "performance"
[variables.lung]
derive = "sites"
organ = "lung"
[variables.years]
derive = "age"
[baseline]
variables = ["crp", "sex", "creatinine", "calcium", "karnofsky", "lung", "years"]
[prognosis]
endpoints = ["os"]
candidates = ["crp"]
[safety]
[exposure.sorafenib]
amount = 400
times_per_day = 2
[historical.before]
label = "An earlier study"
n = 30
orr = 20
os = 12.0
"""


def rows() -> dict[str, list[dict[str, Any]]]:
    """A made-up chart of 24 patients with every record table."""
    out: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for i in range(24):
        day = START + timedelta(days=7 * i)
        dead = i % 3 != 0
        last = day + timedelta(days=300 + 17 * i)
        who = {"patient": f"P{i:02}"}
        out["patients"].append(
            who
            | {
                "sex": "male" if i % 2 else "female", "birth_date": date(1950 + i, 3, 4),
                "age": 2013 - 1950 - i, "diagnosis_date": day - timedelta(days=400),
                "first_systemic_date": day, "treatment_start": day,
                "treatment_end": day + timedelta(days=150 + 5 * i),
                "treatment_end_reason": ["progression", "toxicity"][i % 2],
                "last_contact": last, "vital_status": "dead" if dead else "alive",
                "death_date": last if dead else None,
                "progression_date": day + timedelta(days=112) if i % 4 else None,
                "best_response": "PR" if i % 2 else "SD", "crp": 4.0 + (7 * i) % 23,
            }
        )  # fmt: skip
        for n, size in enumerate((50.0, 40.0, 30.0 + 10 * (i % 2), 70.0)):
            scan = day - timedelta(days=5) if n == 0 else day + timedelta(days=56 * n)
            out["lesions"].append(
                who
                | {
                    "lesion": "T1", "date": scan, "role": "target", "site": "lung",
                    "diameter_mm": size + i % 5, "status": "measured", "slice_mm": 5,
                }
            )  # fmt: skip
            if n:
                out["assessments"].append(
                    who | {"date": scan, "overall": ["SD", "PR", "PD"][n - 1]}
                )
        for test, value in (("creatinine", 1.0), ("calcium", 9.5)):
            out["labs"].append(
                who
                | {
                    "date": day, "test": test, "value": value + i % 7 / 10,
                    "unit": "mg/dL", "lower_limit": 0.5, "upper_limit": 12,
                }
            )  # fmt: skip
        out["adverse_events"].append(
            who | {"term": "Diarrhea", "start": day + timedelta(days=9), "grade": 1 + i % 3}
        )
        out["doses"].append(
            who
            | {
                "drug": "sorafenib", "start": day, "end": day + timedelta(days=150 + 5 * i),
                "amount": 400, "unit": "mg", "times_per_day": 2,
            }
        )  # fmt: skip
        for line in (2, 3):
            begun = day + timedelta(days=90 * line + i)
            out["therapies"].append(
                who
                | {
                    "line": line, "drugs": "axitinib", "start": begun,
                    "end": begun + timedelta(days=40), "stop_reason": "progression",
                }
            )  # fmt: skip
        out["sites"].append(who | {"organ": "lung", "side": "left", "count": 1 + i % 3})
        out["performance"].append(
            who | {"date": day, "scale": "Karnofsky", "value": 80 + 10 * (i % 3)}
        )
        out["procedures"].append(
            who | {"date": day + timedelta(days=30), "kind": "radiotherapy", "lesion": "T9"}
        )
    return out


def write(folder: Path, protocol: str, spoil: tuple[str, str, Any] | None = None) -> Study:
    """The study in a folder; of `spoil` (table, column, value) one cell is replaced."""
    (folder / "data").mkdir(parents=True)
    for name, table in rows().items():
        columns = list(table[0])
        if spoil and spoil[0] == name:
            # A patient with an event of every kind, who is in the middle of the table.
            at = next(r for r in table if r["patient"] == "P05" and r.get(spoil[1]) is not None)
            at[spoil[1]] = spoil[2]
        with (folder / "data" / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(table)
    (folder / "study.toml").write_text(protocol)
    return read_study(folder)


def protocol(source: str = "lesions", endpoints: tuple[str, ...] = ("os", "pfs")) -> str:
    text = PROTOCOL.replace("SOURCE", source)
    for key in endpoints:
        text += f"[endpoints.{key}]\n"
        if key == KEY:
            text += 'events = ["progression", "death"]\nby = ["sex", "high"]\n'
        if key == "pfs" and source == "charted":
            text += 'censoring = "last_contact"\n'
        if key in ("dor", "docr", "dosd"):
            text += f'from = "{ENDPOINTS[key].origin}"\n'
    return text


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    study = write(tmp_path_factory.mktemp("whole") / "s", protocol(endpoints=KEYS))
    assert not errors(study.problems)
    return numbers(study.run())


KEYS = (*(k for k in ENDPOINTS), KEY)

SPOILT = {"date": "banana", "number": "banana", "integer": "banana", "flag": "perhaps"}


def cells() -> Iterator[tuple[str, str, str]]:
    """Every column of the chart that can hold an unreadable value."""
    for name, table in rows().items():
        kinds = TABLES[name].kinds
        for column in table[0]:
            kind = kinds.get(column, "number")
            if column != "patient" and (kind != "text" or column in TABLES[name].levels):
                yield name, column, SPOILT.get(kind, "banana")


@pytest.mark.parametrize(("table", "column", "value"), list(cells()))
def test_what_rests_on_a_cell_is_left_out_and_nothing_else(
    tmp_path: Path, whole: dict[str, Any], table: str, column: str, value: str
) -> None:
    study = write(tmp_path / "s", protocol(endpoints=KEYS), (table, column, value))
    (first, *_) = [p for p in study.records.problems if p.severity is Severity.ERROR]
    (wrong,) = first.wrong
    assert (wrong.table, wrong.columns) == (table, (column,))
    check(study, whole, dependence(study.protocol, study.records).rest_on([wrong]))


NAMELESS = (
    ("labs", "test"), ("doses", "drug"), ("performance", "scale"), ("sites", "organ"),
    ("procedures", "kind"),
)  # fmt: skip
"""Columns that say what a record is of."""


@pytest.mark.parametrize(("table", "column"), [*((name, "patient") for name in TABLES), *NAMELESS])
def test_a_record_of_nobody_or_of_nothing_leaves_out_what_its_table_gives(
    tmp_path: Path, table: str, column: str
) -> None:
    study = write(tmp_path / "s", protocol(endpoints=("os", "pfs", KEY)), (table, column, ""))
    id_ = "rows.no-patient" if column == "patient" else "rows.unnamed"
    [error] = [p for p in errors(study.problems) if p.id == id_]
    [wrong] = error.wrong
    assert wrong.table == table
    assert error.blocks == dependence(study.protocol, study.records).rest_on([wrong])
    if table in ("labs", "doses", "sites", "performance", "adverse_events", "lesions"):
        assert error.blocks


@pytest.fixture(scope="module")
def by_source(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The numbers of the study without a fault, with the responses of either source."""
    folder = tmp_path_factory.mktemp("sources")
    return {
        source: numbers(write(folder / source, protocol(source, ("os", "pfs"))).run())
        for source in ("assessments", "charted")
    }


@pytest.mark.parametrize("source", ["assessments", "charted"])
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("assessments", "overall", "banana"),
        ("lesions", "diameter_mm", "banana"),
        ("patients", "progression_date", "banana"),
        ("patients", "best_response", "banana"),
    ],
)
def test_response_rests_on_the_source_that_counts(
    tmp_path: Path,
    by_source: dict[str, dict[str, Any]],
    source: str,
    table: str,
    column: str,
    value: str,
) -> None:
    text, before = protocol(source, ("os", "pfs")), by_source[source]
    study = write(tmp_path / "s", text, (table, column, value))
    (first, *_) = [p for p in study.records.problems if p.severity is Severity.ERROR]
    rest = dependence(study.protocol, study.records).rest_on(first.wrong)
    check(study, before, rest)
    reads_visits = table == source
    reads_chart = source == "charted" and table == "patients"
    assert bool(rest) == (reads_visits or reads_chart)


def test_who_is_in_the_study_stays_open_with_its_criteria(tmp_path: Path) -> None:
    criterion = '[[eligibility.criteria]]\nkey = "crp"\nlabel = "CRP"\ncolumn = "crp"\nmax = 90\n'
    study = write(tmp_path / "s", protocol() + criterion, ("patients", "crp", "banana"))
    assert {p.blocks for p in errors(study.problems)} == {("",)}
    assert not numbers(study.run())


def test_time_and_event_columns_rest_on_themselves(tmp_path: Path) -> None:
    text = protocol() + (
        '[endpoints.efs]\ntime = "age"\nevent = "sex"\nevent_value = "male"\ntime_unit = "years"\n'
    )
    study = write(tmp_path / "s", text)
    known = dependence(study.protocol, study.records)
    assert "survival.efs" in known.rest_on([Wrong("patients", ("sex",))])
    assert "survival.efs" not in known.rest_on([Wrong("patients", ("last_contact",))])


def test_a_row_of_nobody_leaves_out_what_its_table_gives(tmp_path: Path) -> None:
    study = write(tmp_path / "s", protocol(), ("lesions", "patient", ""))
    (error,) = [p for p in study.problems if p.id == "rows.no-patient"]
    assert {"response", "survival.pfs"} <= set(error.blocks)
    assert "survival.os" not in error.blocks


def test_an_impossible_age_is_in_no_table_and_no_model(tmp_path: Path) -> None:
    text = protocol().replace('candidates = ["crp"]', 'candidates = ["crp", "years"]')
    study = write(tmp_path / "s", text, ("patients", "age", 540))
    (error,) = errors(study.problems)
    assert (error.id, error.blocks) == ("values.age", ("prognosis.os", "variables.years"))
    ids = list(study.run().numbers)
    assert not [i for i in ids if i.startswith("baseline.years") or "variable=years" in i]


@pytest.mark.parametrize("column", ["treatment_start", "treatment_end", "last_contact"])
def test_time_on_treatment_rests_on_its_columns_in_a_study_that_declares_no_drug(
    tmp_path: Path, column: str
) -> None:
    text = PROTOCOL[: PROTOCOL.index("[response]")] + "[variables.sex]\n"
    whole = numbers(write(tmp_path / "whole", text).run())
    assert "exposure.time_on_treatment.median" in whole
    study = write(tmp_path / "s", text, ("patients", column, "banana"))
    check(study, whole, ("exposure",))
    assert [o.section for o in study.run().left_out] == ["exposure"]


def test_the_key_of_an_endpoint_changes_nothing(tmp_path: Path) -> None:
    named = write(tmp_path / "a", protocol(endpoints=("os", "pfs")), ("lesions", "date", "banana"))
    other = write(tmp_path / "b", protocol(endpoints=("os", KEY)), ("lesions", "date", "banana"))
    one, two = ({b for p in errors(s.problems) for b in p.blocks} for s in (named, other))
    assert "survival.pfs" in one
    assert {b.replace("pfs", KEY) for b in one if b.startswith("survival.")} <= two


EVERY_COLUMN = [Wrong(name, (column,)) for name, table in TABLES.items() for column in table.kinds]


def resting(endpoint: str, key: str) -> list[bool]:
    """For every column of every table: does an endpoint of these events rest on it?"""
    rule = ENDPOINTS[endpoint]
    text = PROTOCOL.replace("SOURCE", "lesions").replace(
        'endpoints = ["os"]', f'endpoints = ["{key}"]'
    )
    text += f"[endpoints.{key}]\nfrom = {json.dumps(rule.origin)}\n"
    text += f"events = {json.dumps(list(rule.events))}\n"
    known = dependence(parse_protocol(text))
    return [f"survival.{key}" in known.rest_on([wrong]) for wrong in EVERY_COLUMN]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(ENDPOINTS)),
    st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True).filter(
        lambda key: key not in ENDPOINTS and key not in ("best", "treatment")
    ),
)
def test_what_an_endpoint_rests_on_is_the_same_under_every_key(endpoint: str, key: str) -> None:
    plain = resting(endpoint, "zz9")
    assert any(plain) and not all(plain)
    assert resting(endpoint, key) == plain


def test_check_and_run_list_the_same_problems(tmp_path: Path) -> None:
    text = protocol().replace('candidates = ["crp"]', 'candidates = ["crp", "sex", "calcium"]')
    write(tmp_path / "s", text, ("labs", "value", "banana"))
    said, done = (
        subprocess.run(
            [sys.executable, "-m", "oncohort", *arguments], capture_output=True, check=False
        )
        for arguments in (
            ("check", str(tmp_path / "s"), "--format", "json"),
            ("run", str(tmp_path / "s"), "--quiet"),
        )
    )
    assert (said.returncode, done.returncode) == (1, 1)
    listed = json.loads(said.stdout)["problems"]
    written = json.loads((tmp_path / "s/results/problems.json").read_text())["problems"]
    assert [(p["id"], p["what"]) for p in listed] == [(p["id"], p["what"]) for p in written]
    study = read_study(tmp_path / "s")
    assert list(study.problems) == list(study.run().problems)
    whole = write(tmp_path / "whole", text)
    assert [p.what for p in whole.problems if "events for" in p.what]
    assert list(whole.problems) == list(whole.run().problems)


def test_a_word_among_numbers_makes_no_levels(tmp_path: Path) -> None:
    text = protocol().replace('[variables.crp]\nkind = "continuous"\n', "[variables.crp]\n")
    text = text.replace('[variables.high]\nfrom = "crp"\ncut = [10]\n', "")
    study = write(tmp_path / "s", text, ("patients", "crp", "abc"))
    [error] = [p for p in errors(study.problems) if p.id == "variables.words-among-numbers"]
    assert error.blocks == ("prognosis.os", "variables.crp")
    assert not [i for i in study.run().numbers if "crp" in i]


def test_a_variable_left_out_by_the_protocol_takes_its_model_with_it(tmp_path: Path) -> None:
    """An undeclared level is a cause in the protocol; the model rests on it all the same."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))
    from clean_study import PROTOCOL as CLEAN
    from clean_study import clean_tables, write_study

    narrow = CLEAN.replace(
        'levels = { male = "Male", female = "Female" }', 'levels = { female = "Female" }'
    )
    results = read_study(write_study(tmp_path / "s", clean_tables(), narrow)).run()
    left = {o.section for o in results.left_out}
    assert "variables.sex" in left
    assert "prognosis.os" in left
    assert not [i for i in results.numbers if i.startswith("prognosis.os")]
    assert results["survival.os.n"].value == 24
