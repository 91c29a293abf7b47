"""Reading a workbook and a text file: types, codes, missing words, cells."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import shared_file
from oncohort.problems import ReadError
from oncohort.protocol import Protocol, parse_protocol
from oncohort.records import read_records
from oncohort.study.depends import settled
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "{data}"\n'


def protocol(data: str, rest: str = "") -> Protocol:
    return parse_protocol(HEAD.format(data=data) + rest)


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def test_a_workbook_becomes_typed_tables_with_cells(tmp_path: Path) -> None:
    workbook(
        tmp_path / "chart.xlsx",
        {
            "Patients": [
                ["patient", "Sex", "Start", "KPS", "crp"],
                [1, 1, datetime(2015, 3, 4), 90, 0.4],
                [2, 2, "2015-06", "ND", 1.2],
                [3, 1, 42000, 80, None],
            ],
            "Lesions": [
                ["patient", "lesion", "date", "role", "LD (cm)"],
                [1, "a", datetime(2015, 3, 1), "T", 2.5],
                [1, "a", datetime(2015, 5, 1), "target", 1.5],
            ],
        },
    )
    records = read_records(
        protocol(
            "chart.xlsx",
            """[tables.patients]
columns = { treatment_start = "Start" }
codes = { sex = { "1" = "male", "2" = "female" } }
missing = ["ND"]
[tables.lesions]
columns = { diameter_mm = "LD (cm)" }
""",
        ),
        tmp_path,
    )
    patients = records.tables["patients"]
    assert not [p for p in records.problems if p.severity == "error"]
    assert patients["patient"].to_list() == ["1", "2", "3"]
    assert patients["sex"].to_list() == ["male", "female", "male"]
    assert patients["treatment_start"].to_list() == [
        date(2015, 3, 4),
        date(2015, 6, 1),
        date(2014, 12, 27),
    ]
    assert patients["treatment_start_precision"].to_list() == ["day", "month", "day"]
    assert patients["kps"].to_list() == [90.0, None, 80.0]
    assert patients["crp"].to_list() == [0.4, 1.2, None]
    assert records.tables["lesions"]["diameter_mm"].to_list() == [25.0, 15.0]
    assert records.place("patients", "kps", 3).cell == "D3"
    assert records.place("lesions", "diameter_mm", 2).cell == "E2"
    rules = {(d.table, d.column, d.rule) for d in records.decisions}
    assert ("lesions", "diameter_mm", "units.length") in rules
    assert ("patients", "treatment_start", "dates.serial") in rules
    assert ("patients", "kps", "values.missing") in rules
    assert len(records.sources) == 1
    assert len(records.sources[0].sha256) == 64


@pytest.mark.parametrize(
    ("value", "id_"),
    [("?", "values.unreadable"), ("<5", "values.bound"), ("5,123", "values.unreadable")],
)
def test_an_unreadable_number_is_a_problem_with_its_cell(
    tmp_path: Path, value: str, id_: str
) -> None:
    (tmp_path / "c.csv").write_text(f'patient,age\n1,62\n2,"{value}"\n')
    records = read_records(protocol("c.csv"), tmp_path)
    (problem,) = [p for p in records.problems if p.severity == "error"]
    assert (problem.id, problem.place.cell, problem.patient) == (id_, "B3", "2")
    assert records.tables["patients"]["age"].to_list() == [62.0, None]


def test_nd_is_not_taken_for_missing_but_na_is(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,age,kps\n1,NA,90\n2,60,ND\n")
    records = read_records(protocol("c.csv"), tmp_path)
    assert [p.place.cell for p in records.problems] == ["C3"]
    assert [d.rule for d in records.decisions] == ["values.no-value"]


def test_unknown_level_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,sex,best_response\n1,M,PR\n2,mael,Partal response\n")
    records = read_records(protocol("c.csv"), tmp_path)
    todo = {p.place.cell: p.todo for p in records.problems}
    assert 'Did you mean "male"?' in todo["B3"]
    assert 'Did you mean "PR"?' in todo["C3"]


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "chart.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(ReadError) as error:
        read_records(protocol("chrat.xlsx"), tmp_path)
    (problem,) = error.value.problems
    assert problem.id == "files.missing"
    assert 'Did you mean "chart.xlsx"?' in problem.todo


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,Karnofsky\n1,90\n")
    records = read_records(
        protocol("c.csv", '[tables.patients]\ncolumns = { kps = "Karnofski" }\n'), tmp_path
    )
    (problem,) = records.problems
    assert problem.id == "columns.missing"
    assert 'Did you mean "Karnofsky"?' in problem.todo
    assert problem.place.key == "tables.patients.columns.kps"


def test_missing_sheet_names_the_nearest(tmp_path: Path) -> None:
    workbook(tmp_path / "c.xlsx", {"patients": [["patient"], [1]], "Lesion": [["patient"], [1]]})
    records = read_records(protocol("c.xlsx", '[tables.lesions]\nshape = "long"\n'), tmp_path)
    problem = next(p for p in records.problems if p.id == "files.no-sheet")
    assert 'Did you mean "Lesion"?' in problem.todo


def test_empty_sheet_is_an_error(tmp_path: Path) -> None:
    workbook(tmp_path / "c.xlsx", {"patients": [["patient"], [1]], "labs": []})
    records = read_records(protocol("c.xlsx"), tmp_path)
    assert [p.id for p in records.problems] == ["layout.empty"]


def test_without_patients_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,age\n1,62\n")
    with pytest.raises(ReadError) as error:
        read_records(protocol("c.csv"), tmp_path)
    assert [p.id for p in error.value.problems] == ["columns.no-patient"]


def test_wide_rows_become_records_that_know_their_cells(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "patient,scan1_date,T1_scan1,T2_scan1,scan2_date,T1_scan2,T2_scan2\n"
        "A,2015-01-01,20,30,2015-03-01,10,\n"
        "B,2015-02-01,15,,,,\n"
    )
    records = read_records(
        protocol(
            "c.csv",
            """[tables.lesions]
file = "c.csv"
shape = "wide"
repeat = { date = "scan{n}_date", diameter_mm = "T{lesion}_scan{n}" }
constants = { role = "target" }
""",
        ),
        tmp_path,
    )
    lesions = records.tables["lesions"]
    got = lesions.select("patient", "lesion", "visit", "date", "diameter_mm").rows()
    assert got == [
        ("A", "1", "1", date(2015, 1, 1), 20.0),
        ("A", "1", "2", date(2015, 3, 1), 10.0),
        ("A", "2", "1", date(2015, 1, 1), 30.0),
        ("B", "1", "1", date(2015, 2, 1), 15.0),
    ]
    assert records.place("lesions", "diameter_mm", 2, 1).cell == "F2"
    assert records.place("lesions", "diameter_mm", 2).cell == "C2, F2, D2"
    assert set(lesions["source_row"].to_list()) == {2, 3}


def test_day_first_is_decided_by_the_dates_that_leave_no_choice(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,treatment_start\n1,04/03/2019\n2,31/03/2019\n")
    records = read_records(protocol("c.csv"), tmp_path)
    assert records.tables["patients"]["treatment_start"].to_list() == [
        date(2019, 3, 4),
        date(2019, 3, 31),
    ]
    (decision,) = records.decisions
    assert decision.rule == "dates.day-first"
    assert "1 such as 31/03/2019 can only be day-first" in decision.what


def test_dates_that_could_be_either_stay_unread(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,treatment_start\n1,04/03/2019\n2,05/06/2019\n")
    records = read_records(protocol("c.csv"), tmp_path)
    assert records.tables["patients"]["treatment_start"].null_count() == 2
    assert [p.place.cell for p in records.problems] == ["B2", "B3"]
    assert "day-first" in records.problems[0].todo
    said = read_records(protocol("c.csv", '[tables.patients]\ndates = "month-first"\n'), tmp_path)
    assert said.tables["patients"]["treatment_start"][0] == date(2019, 4, 3)


def test_a_reduced_cohort_needs_no_dates() -> None:
    folder = shared_file("data")
    declared = protocol(
        "rcc_miao2018_icb.csv",
        '[tables.patients]\ncolumns = { patient = "patientid", best_response = "recist" }\n',
    )
    records = read_records(declared, folder)
    patients = records.tables["patients"]
    assert patients.height == 33
    assert patients["event_occurred_pfs"].value_counts().height == 2
    assert not settled(records.problems, declared)


def test_day_numbers_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    page = book.active
    page.append(["patient", "treatment_start"])
    page.append([1, datetime(2015, 3, 4)])
    page.append([2, 40605])  # the same day without a date format
    book.save(tmp_path / "c.xlsx")
    records = read_records(protocol("c.xlsx"), tmp_path)
    assert records.tables["patients"]["treatment_start"].to_list() == [date(2015, 3, 4)] * 2


def test_a_column_without_a_name_that_numbers_the_rows_is_no_problem(tmp_path: Path) -> None:
    def told(*numbers: int) -> list[str]:
        rows = [f"{n},P{n},{50 + n}" for n in numbers]
        (tmp_path / "c.csv").write_text("\n".join(['"",patient,age', *rows]) + "\n")
        (tmp_path / "study.toml").write_text(
            '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n[tables.patients]\n'
        )
        return [p.id for p in read_study(tmp_path).problems if p.severity == "warning"]

    assert told(1, 2, 3, 4) == []
    assert told(1, 2, 4, 3) == ["layout.no-name"]
