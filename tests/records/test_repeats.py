"""Repeated columns of wide sheets, however they are numbered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.profile import profile
from oncohort.records.repeats import find_repeats
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study

NAMES = {
    "AE {n}": ("AE 1", "AE 2"),
    "AE #{n}": ("AE #1", "AE #2"),
    "Toxicity AE #{n}": ("Toxicity AE #1", "Toxicity AE #2"),
    "AE no. {n}": ("AE no. 1", "AE no. 2"),
}


@pytest.mark.parametrize("text", list(NAMES))
@pytest.mark.parametrize("grade", ["Grade", "Gr", "Toxicity Gr", "CTCAE grade"])
def test_a_grade_behind_each_event_belongs_to_it_though_all_have_one_name(
    text: str, grade: str
) -> None:
    one, two = NAMES[text]
    held = {one: profile(["Rash"]), grade: profile([2]), two: profile(["Fever"]),
            f"{grade} (2)": profile([1])}  # fmt: skip
    (found,) = find_repeats(list(held), held)
    assert found.table == "adverse_events"
    assert found.patterns == {"term": text, "grade": f"{grade} ({{n}})"}
    assert set(found.columns) == set(held)


def test_columns_of_one_name_that_do_not_stand_behind_each_event_are_left_alone() -> None:
    held = {"Grade": profile([1]), "AE 1": profile(["Rash"]), "AE 2": profile(["Fever"]),
            "Grade (2)": profile([2])}  # fmt: skip
    assert find_repeats(list(held), held) == []


def chart(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["ID", "Start", "Death", "Last contact", "KPS", "Toxicity AE #1", "Toxicity Gr",
                  "Toxicity AE #2", "Toxicity Gr", "Reason d/c"])  # fmt: skip
    for i in range(12):
        kps = f"{(70, 80, 100)[i % 3]}%"
        sheet.append([f"P{i}", f"2020-01-{i + 1:02}", None, f"2021-02-{i + 1:02}", kps,
                      "Diarrhea", 1 + i % 3, "Fatigue" if i % 2 else None, 2 if i % 2 else None,
                      "progression"])  # fmt: skip
    sheet.append(["Mean", None, None, None, "=AVERAGE(A2:A13)"])
    book.save(path)
    return path


def test_events_of_one_sheet_are_records_and_no_variables(tmp_path: Path) -> None:
    new_study(tmp_path / "study", chart(tmp_path / "chart.xlsx"))
    study = read_study(tmp_path / "study")
    events = study.records["adverse_events"]
    assert sorted(events["term"]) == ["Diarrhea"] * 12 + ["Fatigue"] * 6
    assert events["grade"].to_list().count(2) == 4 + 6
    baseline = study.protocol.baseline
    assert baseline is not None
    assert not [v for v in baseline.variables if "tox" in v or "gr" in v or "reason" in v]


def test_a_percent_sign_behind_karnofsky_says_nothing_new(tmp_path: Path) -> None:
    new_study(tmp_path / "study", chart(tmp_path / "chart.xlsx"))
    study = read_study(tmp_path / "study")
    assert set(study.records["patients"]["kps"].to_list()) == {70, 80, 100}
    assert not [p for p in study.problems if p.id in ("values.unreadable", "variables.no-column")]


def test_a_formula_without_a_value_in_a_row_that_is_left_out_is_no_problem(tmp_path: Path) -> None:
    new_study(tmp_path / "study", chart(tmp_path / "chart.xlsx"))
    study = read_study(tmp_path / "study")
    assert study.records["patients"].height == 12
    assert not [p for p in study.records.problems if p.id == "layout.formulas"]


def test_the_first_of_columns_of_one_name_is_number_one(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(
        "patient,ae1,Grade,ae2,Grade\na,Rash,1,Fever,3\nb,,,Rash,2\n", encoding="utf-8"
    )
    text = """
[study]
schema = 1
title = "x"
data = "data.csv"
[tables.patients]
file = "data.csv"
[tables.adverse_events]
file = "data.csv"
shape = "wide"
columns.patient = "patient"
repeat.term = "ae{n}"
repeat.grade = "Grade ({n})"
"""
    events = read_records(parse_protocol(text), tmp_path)["adverse_events"]
    assert events.select("patient", "term", "grade").rows() == [
        ("a", "Rash", 1), ("a", "Fever", 3), ("b", "Rash", 2)
    ]  # fmt: skip


def test_sums_and_new_lesions_with_the_number_of_the_scan_are_its_records(tmp_path: Path) -> None:
    """A sheet that is called RECIST, with one row for each patient and no other sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "RECIST"
    sheet.append(
        ["Subject", "Baseline scan", "SLD BL (mm)", "Scan 1 date", "SLD 1", "New lesion 1",
         "Scan 2 date", "SLD 2", "New lesion 2", "C1D1", "Death", "Last seen"]
    )  # fmt: skip
    start = dt.datetime(2020, 1, 10)
    for i in range(12):
        day = start + dt.timedelta(days=20 * i)
        first, second = (30, 20) if i < 6 else (55, 56)
        sheet.append(
            [f"S{i + 1}", day - dt.timedelta(9), 50, day + dt.timedelta(56), first, "N",
             day + dt.timedelta(112), second, "Y" if i == 11 else "N", day,
             day + dt.timedelta(300) if i % 2 else None, day + dt.timedelta(300)]
        )  # fmt: skip
    book.save(tmp_path / "chart.xlsx")
    new_study(tmp_path / "s", tmp_path / "chart.xlsx")
    assert not open_questions((tmp_path / "s" / "study.toml").read_text("utf-8"))
    study = read_study(tmp_path / "s")
    assert study.analysed.numbers["response.orr.count"].value == 6
    assert "New lesion {n}" in (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert study.analysed.numbers["survival.pfs.events"].value == 6
    assert study.protocol.baseline is None or not any(
        "sld" in v for v in study.protocol.baseline.variables
    )
