"""Bad input: each message has place and exit code, all are collected, nothing is half-written."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from terminal import oncohort

TOML = """
[study]
schema = 1
title = "A study"
data = "data.xlsx"
cutoff = 2016-12-31

[variables.sex]
levels = { male = "Male", female = "Female" }

[endpoints.os]
[endpoints.pfs]
events = ["progression", "death"]
censoring = "last_contact"

[baseline]
variables = ["sex"]
"""

COLUMNS = (
    "patient",
    "sex",
    "treatment_start",
    "progression_date",
    "last_contact",
    "vital_status",
    "death_date",
)


def day(y: int, m: int, d: int) -> datetime:
    return datetime(y, m, d)


GOOD: list[tuple[Any, ...]] = [
    ("1", "male", day(2014, 1, 6), day(2014, 6, 2), day(2015, 3, 2), "dead", day(2015, 3, 2)),
    ("2", "female", day(2014, 2, 3), None, day(2016, 2, 1), "alive", None),
    ("3", "male", day(2014, 3, 3), day(2014, 8, 4), day(2015, 9, 7), "dead", day(2015, 9, 7)),
    ("4", "female", day(2014, 4, 7), day(2015, 1, 5), day(2016, 6, 6), "alive", None),
]


def study(
    folder: Path, rows: list[tuple[Any, ...]] = GOOD, toml: str = TOML, columns: Any = COLUMNS
) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "patients"
    if columns:
        sheet.append(columns)
    for row in rows:
        sheet.append(row)
    folder.mkdir(exist_ok=True)
    book.save(folder / "data.xlsx")
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder


def change(row: int, column: str, value: Any) -> list[tuple[Any, ...]]:
    rows = [list(r) for r in GOOD]
    rows[row][COLUMNS.index(column)] = value
    return [tuple(r) for r in rows]


def problems(capsys: pytest.CaptureFixture[str], folder: Path) -> tuple[int, list[dict[str, Any]]]:
    said = oncohort(capsys, "check", folder, "--format", "json")
    return said.code, json.loads(said.out)["problems"]


def test_a_good_study_has_no_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = problems(capsys, study(tmp_path / "s"))
    assert code == 0
    assert [p for p in found if p["severity"] in ("error", "question")] == []


@pytest.mark.parametrize(
    ("rows", "rule", "patient", "cell"),
    [
        (change(1, "patient", "1"), "duplicate", "1", "A3"),
        (change(0, "death_date", day(2013, 3, 2)), "before", "1", "G2"),
        (change(3, "last_contact", day(2013, 6, 6)), "before", "4", "E5"),
        (change(2, "progression_date", day(2015, 10, 5)), "progression", "3", None),
        (change(3, "progression_date", day(2017, 2, 1)), "cutoff", "4", "D5"),
        (change(1, "sex", "femal"), "level", "2", "B3"),
        (change(1, "treatment_start", "soon"), "date", "2", "C3"),
    ],
)
def test_each_bad_value_has_its_cell(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[tuple[Any, ...]],
    rule: str,
    patient: str,
    cell: str | None,
) -> None:
    _, found = problems(capsys, study(tmp_path / "s", rows))
    serious = [p for p in found if p["severity"] != "note"]
    assert serious, found
    mine = [p for p in serious if rule in p["id"] or rule in p["what"].lower()]
    assert mine, serious
    assert any(p.get("patient") == patient or cell for p in mine)
    if cell is not None:
        assert any(cell in str(p["place"].get("cell", "")) for p in mine), mine
    assert all(p.get("todo") for p in mine)


def test_all_problems_are_collected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [list(r) for r in GOOD]
    rows[0][6] = day(2013, 3, 2)
    rows[1][1] = "femal"
    rows[2][2] = "soon"
    code, found = problems(capsys, study(tmp_path / "s", [tuple(r) for r in rows]))
    assert code == 1
    assert {p.get("patient") for p in found if p.get("patient")} >= {"1", "3"}
    assert "femal" in json.dumps(found)


def test_missing_file_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path / "s", toml=TOML.replace("data.xlsx", "dta.xlsx"))
    said = oncohort(capsys, "run", folder)
    assert said.code == 2
    assert "data.xlsx" in said.err
    assert not (folder / "results").exists()


def test_missing_column_names_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = TOML + '\n[tables.patients]\ncolumns = { sex = "sexx" }\n'
    said = oncohort(capsys, "check", study(tmp_path / "s", toml=toml))
    assert said.code == 1
    assert "sexx" in said.out
    assert '"sex"' in said.out


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ('title = "A study"', "title = 3", 4, "study.title"),
        ('title = "A study"', 'titel = "A study"', 4, "study.titel"),
        ("[endpoints.os]", '[endpoints.os]\ntime = "t"', 11, "endpoints.os"),
        ("schema = 1", "schema = 2", 3, "study.schema"),
    ],
)
def test_protocol_errors_have_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, line: int, key: str
) -> None:
    said = oncohort(capsys, "run", study(tmp_path / "s", toml=TOML.replace(old, new)))
    assert said.code == 2
    assert f"study.toml:{line}" in said.err
    assert key in said.err


def test_an_empty_sheet_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path / "s", rows=[], columns=None)
    said = oncohort(capsys, "run", folder)
    assert said.code == 2
    assert "patients" in said.err
    assert not (folder / "results").exists()


def test_an_undeclared_event_value_is_an_error_that_leaves_the_endpoint_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = TOML.replace(
        "[endpoints.os]", '[endpoints.os]\ntime = "days"\nevent = "status"\nevent_value = 9\n'
    )
    columns = (*COLUMNS, "days", "status")
    rows = [(*r, 100 + i, 1 + i % 2) for i, r in enumerate(GOOD)]
    folder = study(tmp_path / "s", rows, toml, columns)
    code, found = problems(capsys, folder)
    assert code == 1
    assert any("9" in p["what"] and "survival.os" in p["blocks"] for p in found if "blocks" in p)
    said = oncohort(capsys, "run", folder)
    assert said.code == 1
    assert "Left out: survival.os" in said.out
    assert "survival.pfs.median" in (folder / "results" / "results.json").read_text()


def test_results_of_others_are_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study(tmp_path / "s")
    other = folder / "results"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    said = oncohort(capsys, "run", folder)
    assert said.code == 2
    assert (other / "thesis.txt").read_text() == "mine"
    assert list(other.iterdir()) == [other / "thesis.txt"]


def test_the_source_is_never_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path / "s")
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert oncohort(capsys, "run", folder).code == 0
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_no_study_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "run", tmp_path)
    assert said.code == 2
    assert "oncohort new" in said.err


def test_unknown_section(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "run", study(tmp_path / "s"), "--only", "survivl")
    assert said.code == 2
    assert "survival" in said.err


def test_date_precision_is_kept(tmp_path: Path) -> None:
    import oncohort as oc

    records = oc.read_study(study(tmp_path / "s")).records
    first = records.tables["patients"].row(0, named=True)
    assert first["treatment_start"] == date(2014, 1, 6)
    assert first["treatment_start_precision"] == "day"
