"""Columns of numbers that look like two units are asked about, percentages and choices are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.study import read_study

TWELVE = [11.2, 12.5, 13.1, 10.8, 12.0, 13.9, 119, 124, 131, 108, 127, 140]


def asked(folder: Path, name: str, values: list[float]) -> list[str]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", "Age", "OS (months)", "Dead", name])
    for i, value in enumerate(values):
        sheet.append([i + 1, 50 + i, 3.5 * (i + 1), "yes" if i % 3 else "no", value])
    book.save(folder / "c.xlsx")
    made = new_study(folder / "study", folder / "c.xlsx")
    return [q.text for q in made.questions if "two units" in q.text]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Marker", TWELVE),
        ("Ki-67 (%)", [0.1, 0.2, 0.8, 0.3, 0.15, 0.4, 20, 35, 80, 15, 40, 25]),
    ],
)
def test_two_units_are_asked_about(name: str, values: list[float], tmp_path: Path) -> None:
    assert len(asked(tmp_path, name, values)) == 1


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ER (%)", [0, 10, 90, 90, 10, 90, 0, 90, 10, 90, 90, 10]),
        ("PD-L1 TPS (%)", [1, 2, 5, 1, 3, 80, 50, 90, 75, 1, 2, 60]),
        ("Dose step", [40, 400, 40, 400, 400, 40, 400, 40, 40, 400, 400, 40]),
    ],
)
def test_percentages_and_choices_are_not(name: str, values: list[float], tmp_path: Path) -> None:
    assert asked(tmp_path, name, values) == []


@pytest.mark.parametrize(
    ("values", "n"),
    [
        (["<1", 50, ">=50", 5], 1),
        (["0", "1-49", ">=50"], 0),
        ([0, 1, 2, "3+"], 0),
        (["<1", ">=50"], 0),
    ],
)
def test_groups_that_lie_within_each_other_are_asked_about(
    values: list[object], n: int, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", "Age", "PD-L1"])
    for i in range(20):
        sheet.append([i + 1, 50 + i, values[i % len(values)]])
    book.save(tmp_path / "c.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "c.xlsx")
    assert len([q for q in made.questions if "is one of" in q.text]) == n
    if n:
        answer(made.folder, "pd_l1", "yes")
        assert not read_study(made.folder).problems
