"""What a colour, or a disease after the transplant, becomes in a draft."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study


def book(folder: Path, rows: list[int], colour: str = "FFFF0000", cells: str = "ABCDE") -> Path:
    """30 patients; these cells of these rows are filled."""
    folder.mkdir(exist_ok=True)
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["Patient", "Age", "Sex", "Start of treatment", "Last contact"])
    for i in range(30):
        start = dt.date(2016, 1, 4) + dt.timedelta(days=17 * i)
        last = start + dt.timedelta(days=500 + i)
        sheet.append([f"P{i + 1}", 41 + i, "MF"[i % 2], start, last])
    for row in rows:
        for column in cells:
            sheet[f"{column}{row}"].fill = PatternFill("solid", fgColor=colour)
    workbook.save(folder / "chart.xlsx")
    return folder / "chart.xlsx"


@pytest.mark.parametrize(
    ("rows", "cells", "asked"),
    [
        ([3, 7, 8, 15], "ABCDE", True),
        ([9], "BDE", True),
        ([3, 7, 8, 15], "A", True),  # the colour of the patient
        ([3, 7, 8, 15], "B", False),  # other cells are told of, not asked about
        (list(range(2, 32, 2)), "ABCDE", False),  # stripes
        (list(range(2, 32)), "ABCDE", False),
    ],
)
def test_what_the_colour_of_rows_says_is_asked(
    rows: list[int], cells: str, asked: bool, tmp_path: Path
) -> None:
    new_study(tmp_path / "s", book(tmp_path / "b", rows, cells=cells))
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    found = [q for q in open_questions(text) if q.name == "coloured_rows"]
    assert len(found) == asked
    if asked:
        assert f"red: {', '.join(map(str, rows))}" in found[0].text


@pytest.mark.parametrize(("said", "n"), [("none", 30), ("yes", 26)])
def test_coloured_rows_count_or_not(said: str, n: int, tmp_path: Path) -> None:
    new_study(tmp_path / "s", book(tmp_path / "b", [3, 7, 8, 15], "FF00B050"))
    answer(tmp_path / "s", "coloured_rows", said)
    study = read_study(tmp_path / "s")
    assert study.records["patients"].height == n
    assert not [p for p in study.problems if "coloured_rows" in p.what]


GVHD = {
    "aGVHD grade": ("0", "1", "2", "3"),
    "Chronic GVHD": ("no", "limited", "extensive"),
    "Akute GvHD": ("nein", "Grad II", "Grad III"),
    "EICHa": ("0", "2", "3"),
}


@pytest.mark.parametrize("column", GVHD)
def test_disease_after_the_transplant_is_no_baseline_variable(column: str, tmp_path: Path) -> None:
    lines = [f"UPN,Age,Date of HCT,GVHD prophylaxis,{column},Last contact"]
    for i in range(24):
        day = dt.date(2016, 1, 4) + dt.timedelta(days=17 * i)
        value, drug = GVHD[column][i % len(GVHD[column])], ("CsA", "Tac")[i % 2]
        lines.append(f"{i},{30 + i},{day},{drug},{value},{day + dt.timedelta(days=700)}")
    (tmp_path / "chart.csv").write_text("\n".join(lines) + "\n", "utf-8")
    new_study(tmp_path / "s", tmp_path / "chart.csv")
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert f'# Not used: "{column}" (it happens after the transplant' in text
    assert 'column = "GVHD prophylaxis"' in text


def test_a_minus_beside_a_plus_is_a_value_and_a_question_is_told_once(tmp_path: Path) -> None:
    rows = [
        f"{i},{50 + i},SD,{'?' if i % 5 == 0 else '+-'[i % 2]},{'y-'[i % 2]}" for i in range(20)
    ]
    (tmp_path / "c.csv").write_text("\n".join(["Patient,Age,BOR,LVI,Smoker", *rows]) + "\n")
    folder = new_study(tmp_path / "s", tmp_path / "c.csv").folder
    (question,) = open_questions((folder / "study.toml").read_text("utf-8"))
    assert question.text.startswith('"?" in LVI (4 rows), "-" in Smoker (10 rows)')
    asked = [p.id for p in read_study(folder).problems if p.severity == "question"]
    assert asked == ["protocol.open-question"]
    answer(folder, "missing_words", "yes")
    study = read_study(folder)
    assert {p.severity for p in study.problems} <= {"note"}
    assert study.cohort.frame["lvi"].drop_nulls().len() == 16


def test_a_start_that_few_have_is_asked(tmp_path: Path) -> None:
    """`tx` may be a transplant: beside a day of everybody it is not taken for the start."""
    rows = [
        f"{i},2019-{1 + i % 9:02d}-03,{'2020-05-04' if i < 3 else ''},2021-02-{i + 1:02d}"
        for i in range(20)
    ]
    (tmp_path / "c.csv").write_text("\n".join(["id,entry.dt,tx.dt,last contact", *rows]) + "\n")
    folder = new_study(tmp_path / "s", tmp_path / "c.csv").folder
    asked = {q.name: q for q in open_questions((folder / "study.toml").read_text("utf-8"))}
    assert '"entry.dt" (20 dates), "tx.dt" (3 dates)' in asked["start"].text
