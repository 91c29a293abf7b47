"""Tables with the same columns side by side on a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.study import read_study

HEAD = ["ID", "Age", "Response"]


@pytest.mark.parametrize("gap", [0, 1, 2])
@pytest.mark.parametrize("titles", [(), ("Arm A", "Arm B", "Arm C")])
def test_each_is_read_once_and_its_title_is_a_variable(
    gap: int, titles: tuple[str, ...], tmp_path: Path
) -> None:
    book = Workbook()
    page = book.active
    blank = [None] * gap
    if titles:
        page.append([v for t in titles for v in (t, None, None, *blank)])
    page.append([v for _ in range(3) for v in (*HEAD, *blank)])
    for row in range(6):
        page.append(
            [v for k in range(3) for v in (10 * k + row, 50 + row + k, "PR" if k else "SD", *blank)]
        )
    book.save(tmp_path / "c.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "c.xlsx")
    assert [q.name for q in made.questions] == ["stacked"]
    answer(made.folder, "stacked", "yes")
    patients = read_study(made.folder).records.tables["patients"]
    assert patients.height == 18
    assert sorted(patients["patient"].to_list(), key=int) == [
        str(10 * k + r) for k in range(3) for r in range(6)
    ]
    if titles:
        assert patients["Table"].value_counts().sort("Table")["count"].to_list() == [6, 6, 6]


def test_records_beside_patients_are_no_twins(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.append([*HEAD, None, "ID", "Date", "Hb"])
    for row in range(6):
        page.append([row, 50 + row, "PR", None, row, f"2015-01-0{row + 1}", 10 + row])
    book.save(tmp_path / "c.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "c.xlsx")
    assert "stacked" not in [q.name for q in made.questions]
