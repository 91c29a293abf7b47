"""A protocol drafted from a chart, questions answered by taking their # away."""

from __future__ import annotations

import re
import stat
import sys
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from conftest import shared_file
from oncohort.problems import OutputError, ReadError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.answering import answer as write_answer
from oncohort.study.filled_answers import WrongAnswer, filled
from oncohort.study.new import NewStudy, new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study


def answer(folder: Path, containing: str, value: str) -> None:
    """Answer the question whose text contains a phrase."""
    text = (folder / "study.toml").read_text("utf-8")
    found = [q for q in open_questions(text) if containing in q.text]
    assert found, f"no question about {containing!r}"
    write_answer(folder, found[0].name, value)


def questions(made: NewStudy) -> list[str]:
    return [q.text for q in made.questions]


def chart(path: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Patients"
    page.append(
        ["Pat. No.", "Gender", "Age (y)", "Start", "Status", "Death", "Last FU", "CRP (mg/dL)"]
    )
    rows = [
        (1, "M", 61, datetime(2015, 1, 5), 1, datetime(2016, 1, 5), datetime(2016, 1, 5), 0.3),
        (2, "F", 58, datetime(2015, 2, 5), 2, None, datetime(2017, 1, 5), 1.3),
        (3, "f", 70, datetime(2015, 3, 5), 2, None, datetime(2017, 2, 5), "ND"),
        (4, "m", 49, datetime(2015, 4, 5), 1, datetime(2015, 9, 5), datetime(2015, 9, 5), 4.3),
        (5, "M", 66, datetime(2015, 5, 5), 2, None, datetime(2017, 4, 5), 0.2),
        (6, "M", 65, datetime(2015, 6, 5), 2, None, datetime(2017, 4, 9), 0.1),
    ]
    for row in rows:
        page.append(row)
    page = book.create_sheet("AE")
    page.append(["Pat. No.", "Toxicity", "CTCAE grade", "Onset"])
    page.append([1, "Rash", 2, datetime(2015, 2, 1)])
    page.append([1, "Fatigue", 1, datetime(2015, 3, 1)])
    book.save(path)
    return path


def test_a_chart_becomes_a_protocol_with_its_open_questions(tmp_path: Path) -> None:
    source = chart(tmp_path / "chart.xlsx")
    before = source.read_bytes()
    made = new_study(tmp_path / "study", source)
    assert source.read_bytes() == before
    text = (tmp_path / "study/study.toml").read_text("utf-8")
    protocol = parse_protocol(text)
    assert protocol.tables["patients"].columns["treatment_start"] == "Start"
    assert protocol.tables["adverse_events"].columns["term"] == "Toxicity"
    status = next(q for q in made.questions if '"Status"' in q.text)
    assert '"Status" holds 2 (4 rows) and 1 (2 rows). Which one means dead?' in status.text
    assert "2 of the 2 rows with 1 have a date of death" in status.text
    assert status.lines[0].startswith('codes.vital_status = { "1" = "dead", "2" = "alive" }')
    assert made.questions[0] is status
    assert any('"ND" in CRP (mg/dL) (1 row)' in q for q in questions(made))


@pytest.mark.parametrize("key", ["os", "overall", "a_b-c"])
def test_what_rests_on_an_open_question_waits_whatever_it_is_called(
    tmp_path: Path, key: str
) -> None:
    made = new_study(tmp_path / "study", chart(tmp_path / "chart.xlsx"))
    status = next(q for q in made.questions if '"Status"' in q.text)
    assert status.blocks == () and "survival.os" in status.waits
    answer(made.folder, '"ND"', "missing")
    file = made.folder / "study.toml"
    file.write_text(file.read_text("utf-8").replace("[endpoints.os]", f"[endpoints.{key}]"))
    study = read_study(made.folder)
    asked = next(
        p for p in study.problems if p.id == "protocol.open-question" and '"Status"' in p.what
    )
    assert f"survival.{key}" in asked.blocks
    assert ("survival", key) in {one.path for one in study.run().left_out}
    answer(made.folder, '"Status"', "yes")
    again = read_study(made.folder)
    assert not any('"Status"' in p.what for p in again.problems)
    assert again.run()[f"survival.{key}.events"].value == 2


def test_answers_make_it_readable_without_errors(tmp_path: Path) -> None:
    made = new_study(tmp_path / "study", chart(tmp_path / "chart.xlsx"))
    answer(made.folder, '"Status"', "yes")
    answer(made.folder, '"ND"', "missing")
    protocol = parse_protocol((made.folder / "study.toml").read_text("utf-8"))
    records = read_records(protocol, made.folder)
    assert not [p for p in records.problems if p.severity in ("error", "question")]
    assert records.tables["patients"]["vital_status"].to_list().count("dead") == 2
    assert records.tables["patients"]["CRP (mg/dL)"].null_count() == 1


def test_wide_sheets_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "ID,Sex,Start date,scan1_date,scan1_sum,scan2_date,scan2_sum,AE1,AE1_grade,AE2,AE2_grade\n"
        + "".join(
            f"{i},M,2015-01-0{i},2015-01-0{i},{40 + i},2015-03-0{i},{30 + i},Rash,2,,\n"
            for i in range(1, 8)
        )
    )
    made = new_study(tmp_path / "study", tmp_path / "c.csv")
    tables = made.protocol.tables
    assert tables["adverse_events"].repeat == {"term": "AE{n}", "grade": "AE{n}_grade"}
    assert tables["lesions"].repeat == {"date": "scan{n}_date", "diameter_mm": "scan{n}_sum"}
    assert any("Millimetres or centimetres?" in q for q in questions(made))
    records = read_records(made.protocol, made.folder)
    assert records.tables["lesions"].height == 14
    assert records.tables["adverse_events"].height == 7


def test_japanese_headers_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(
        (
            "患者番号,性別,年齢,投与開始日,最終確認日,転帰,最良効果\n"
            + "".join(
                f"{i},{'男' if i % 2 else '女'},{50 + i},2015年1月{i}日,2016年1月{i}日,生存,SD\n"
                for i in range(1, 9)
            )
        ).encode("cp932")
    )
    made = new_study(tmp_path / "study", tmp_path / "c.csv")
    records = read_records(made.protocol, made.folder)
    patients = records.tables["patients"]
    assert patients["sex"].to_list()[:2] == ["male", "female"]
    assert str(patients["treatment_start"][0]) == "2015-01-01"
    assert not [p for p in records.problems if p.severity == "error"]


def test_personal_data_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "ID,Surname,Phone,Age\n" + "".join(f"{i},Smith,0301234567{i},6{i}\n" for i in range(6))
    )
    made = new_study(tmp_path / "study", tmp_path / "c.csv")
    assert made.protocol.tables["patients"].ignore == ["Phone", "Surname"]
    records = read_records(made.protocol, made.folder)
    assert "Surname" not in records.tables["patients"].columns


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    new_study(tmp_path / "study")
    with pytest.raises(OutputError):
        new_study(tmp_path / "study")


def test_without_patients_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("colour,weight\nred,1\nblue,2\n")
    with pytest.raises(ReadError):
        new_study(tmp_path / "study", tmp_path / "c.csv")
    assert not (tmp_path / "study").exists()


def test_the_template_is_an_empty_study_with_validation(tmp_path: Path) -> None:
    new_study(tmp_path / "study")
    book = openpyxl.load_workbook(tmp_path / "study/data.xlsx")
    lists = {
        v.formula1 for v in book["patients"].data_validations.dataValidation if v.type == "list"
    }
    assert '"male,female"' in lists
    page = book["patients"]
    headers = [c.value for c in page[1]]
    page.cell(2, 1, "P1")
    page.cell(2, headers.index("age") + 1, 61)
    book.save(tmp_path / "study/data.xlsx")
    protocol = parse_protocol((tmp_path / "study/study.toml").read_text("utf-8"))
    records = read_records(protocol, tmp_path / "study")
    assert records.tables["patients"]["age"].to_list() == [61.0]
    assert {p.severity for p in records.problems} <= {"note"}


def test_flags_of_a_real_file_are_asked_about_with_the_evidence(tmp_path: Path) -> None:
    source = shared_file("data", "rcc_miao2018_icb.csv")
    made = new_study(tmp_path / "study", source)
    pfs = next(q for q in made.questions if q.text.startswith('"event_occurred_pfs"'))
    assert "16 of the 16 patients" in pfs.text
    assert "0 looks like the event" in pfs.text
    os = next(q for q in made.questions if q.text.startswith('"event_occurred_os"'))
    assert "named alike, and there 0 looks like the event" in os.text
    answer(made.folder, '"event_occurred_pfs" holds', "event_value = 0")
    answer(made.folder, '"event_occurred_os" holds', "0")
    protocol = parse_protocol((made.folder / "study.toml").read_text("utf-8"))
    assert protocol.endpoints["pfs"].event_value == 0
    assert protocol.endpoints["os"].event_value == 0


def test_words_of_another_column_settle_an_event_flag(tmp_path: Path) -> None:
    source = shared_file("data", "kirc_tcga_clinical.csv")
    made = new_study(tmp_path / "study", source)
    endpoint = made.protocol.endpoints["os"]
    assert (endpoint.time, endpoint.event_value, endpoint.time_unit) == ("os_days", 1, "days")
    text = (made.folder / "study.toml").read_text("utf-8")
    assert re.search(r"162 of 162 patients who are dead", text)


def test_open_units_are_asked_about(tmp_path: Path) -> None:
    source = shared_file("data", "inspire_pembrolizumab_patients.csv")
    made = new_study(tmp_path / "study", source)
    assert not made.protocol.endpoints
    answer(made.folder, '"os_status"', "1, months")
    protocol = parse_protocol((made.folder / "study.toml").read_text("utf-8"))
    assert protocol.endpoints["os"].event_value == 1


def test_doses_ask_for_the_plan(tmp_path: Path) -> None:
    source = chart(tmp_path / "chart.xlsx")
    book = openpyxl.load_workbook(source)
    page = book.create_sheet("Dosing")
    page.append(["Pat. No.", "Drug", "Dose", "Start date", "End date"])
    for i in range(1, 7):
        page.append([i, "Sorafenib", 400, datetime(2015, i, 5), datetime(2015, i, 25)])
    book.save(source)
    made = new_study(tmp_path / "study", source)
    assert made.protocol.tables["doses"].columns["amount"] == "Dose"
    answer(made.folder, 'What dose of "Sorafenib"', "400, mg, 2")
    protocol = parse_protocol((made.folder / "study.toml").read_text("utf-8"))
    assert protocol.exposure["sorafenib"].amount == 400
    assert protocol.exposure["sorafenib"].times_per_day == 2


def test_a_second_sheet_of_patients_is_joined(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Baseline"
    page.append(["Pat No", "Gender", "Age"])
    follow = book.create_sheet("Outcome")
    follow.append(["Pat No", "Last FU", "Date of death"])
    for i in range(1, 8):
        page.append([i, "M", 50 + i])
        follow.append([8 - i, datetime(2016, 1, 8 - i), datetime(2016, 1, 1) if i < 3 else None])
    follow["B4"] = "moved away"
    follow.append([77, datetime(2016, 1, 1), None])
    book.save(tmp_path / "c.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "c.xlsx")
    assert made.protocol.tables["patients"].join[0].sheet == "Outcome"
    records = read_records(made.protocol, made.folder)
    patients = records.tables["patients"]
    assert patients["last_contact"].to_list()[0] == datetime(2016, 1, 1).date()
    assert records.place("patients", "last_contact", 2).sheet == "Outcome"
    assert records.place("patients", "last_contact", 2).cell == "B8"
    found = {p.id: (p.place.sheet, p.place.cell) for p in records.problems if p.severity == "error"}
    assert found == {
        "values.unreadable": ("Outcome", "B4"),
        "patients.orphan": ("Outcome", "A9"),
    }


def test_a_choice_that_somebody_edited_beyond_reading_is_no_choice() -> None:
    text = (
        '# QUESTION 1 os:\n#   "Status" holds 1 and 2.\n# [endpoints.os]\n'
        '# time_unit = ???   # one of: "months" |0"days" | "weeks"\n'
    )
    [question] = open_questions(text)
    with pytest.raises(WrongAnswer):
        filled(question, "1 = years")
    assert filled(question, "weeks")[-1] == 'time_unit = "weeks"'


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
def test_names_of_files_that_are_no_letters(tmp_path: Path) -> None:
    made = new_study(tmp_path / "a\udcff_study")
    assert made.protocol.study.title == "A? study"
    chart = tmp_path / "chart\udcff.csv"
    chart.write_text("patient,sex\n1,male\n2,female\n")
    with pytest.raises(OutputError, match="rename it"):
        new_study(tmp_path / "other", chart)
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_new_study_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    source = chart(tmp_path / "chart.xlsx")
    source.chmod(0o644)
    (tmp_path / "old").mkdir(mode=0o755)
    folders = [new_study(tmp_path / name, source).folder for name in ("drafted", "old")]
    folders.append(new_study(tmp_path / "empty").folder)
    for folder in folders:
        for path in folder.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
    assert stat.S_IMODE((tmp_path / "drafted").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o755  # the user's own
