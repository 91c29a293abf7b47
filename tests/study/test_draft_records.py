"""Sheets of records in a draft: whose they are, terms in other languages, doses of a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from oncohort.study.new import new_study
from oncohort.study.study import read_study

START = datetime(2020, 1, 1)


def drafted(tmp_path: Path, patients: list[list[object]], **sheets: list[list[object]]) -> str:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Patienten"
    for name, rows in {"": patients, **sheets}.items():
        sheet = book.create_sheet(name) if name else first
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "chart.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "chart.xlsx")
    return (made.folder / "study.toml").read_text("utf-8")


def patients(who: str, more: str = "Alter") -> list[list[object]]:
    head: list[object] = [who, "Geschlecht", more, "Therapiebeginn", "Sterbedatum", "Letzte Info"]
    rows: list[list[object]] = [
        [f"F{i:03d}", "m" if i % 2 else "w", 50 + i, START, None, datetime(2021, 1, 1 + i)]
        for i in range(12)
    ]
    return [head, *rows]


def events(who: str) -> list[list[object]]:
    terms = ("Diarrhoe", "Übelkeit", "Fatigue")
    rows: list[list[object]] = [[f"F{i:03d}", terms[i % 3], 1 + i % 3, START] for i in range(12)]
    return [[who, "Nebenwirkung", "Grad", "Beginn"], *rows]


@pytest.mark.parametrize(
    ("own", "theirs"),
    [("Fallnummer", "Fallnummer"), ("Fallnummer", "Fall-Nr."), ("Studien-ID", "STUDIEN ID")],
)
def test_records_are_of_the_patients_whatever_their_number_is_called(
    tmp_path: Path, own: str, theirs: str
) -> None:
    text = drafted(tmp_path, patients(own), Toxizität=events(theirs))
    events_of = text.split("[tables.adverse_events]")[1].split("\n\n")[0]
    assert f'columns.patient = "{theirs}"' in events_of
    assert f'ignore = ["{theirs}"]' not in events_of
    read = read_study(tmp_path / "study").records.tables["adverse_events"]
    assert read["patient"].n_unique() == 12


def test_terms_of_another_language_are_those_of_the_criteria(tmp_path: Path) -> None:
    text = drafted(tmp_path, patients("Fallnummer"), Toxizität=events("Fallnummer"))
    assert '"Diarrhoe" = "Diarrhea"' in text
    assert '"Übelkeit" = "Nausea"' in text
    assert '"Fatigue" =' not in text


@pytest.mark.parametrize(
    ("name", "daily"),
    [
        ("Dosis (mg/Tag)", True),
        ("Dosis mg/d", True),
        ("Tagesdosis (mg)", True),
        ("Dosis (mg)", False),
        ("Dosis Tag 1 (mg)", False),
        ("Dosis (mg/m2)", False),
    ],
)
def test_a_dose_of_a_day_was_taken_once_a_day(tmp_path: Path, name: str, daily: bool) -> None:
    rows: list[list[object]] = [["Fallnummer", "Medikament", name, "von", "bis"]]
    rows += [[f"F{i:03d}", "Sunitinib", 50, START, datetime(2020, 6, 1 + i)] for i in range(12)]
    text = drafted(tmp_path, patients("Fallnummer"), Dosis=rows)
    assert ("constants.times_per_day = 1" in text) is daily


@pytest.mark.parametrize("name", ["Geburtsjahr", "Year of birth", "DOB year", "YOB"])
def test_a_year_of_birth_is_the_age_and_no_variable(tmp_path: Path, name: str) -> None:
    rows = patients("Fallnummer", name)
    for row in rows[1:]:
        row[2] = 1930 + int(str(row[2])) % 37
    text = drafted(tmp_path, rows)
    assert f'columns.birth_date = "{name}"' in text
    assert 'derive = "age"' in text
    assert f'column = "{name}"' not in text
    ages = read_study(tmp_path / "study").cohort.frame["age"].to_list()
    assert all(abs(age - (2020 - row[2])) <= 1 for age, row in zip(ages, rows[1:], strict=True))


def test_limits_of_laboratory_values_are_no_variables(tmp_path: Path) -> None:
    rows = patients("Fallnummer")
    for i, row in enumerate(rows):
        row += ["Hb (g/dl)", "Hb LLN"] if i == 0 else [11.0 + i / 10, 12.0 if i % 2 else 13.5]
    text = drafted(tmp_path, rows)
    assert '"Hb LLN" (a limit of laboratory values' in text
    assert 'column = "Hb (g/dl)"' in text
