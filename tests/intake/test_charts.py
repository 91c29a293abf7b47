"""Strangers' charts from the raw file to the figures: right, or asked."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path

import pytest
from charts import CHARTS, Chart
from charts_layouts import stacked
from cohort import save
from drafted_columns import contradicted, unnamed
from openpyxl import Workbook

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study


def worked(chart: Chart, folder: Path) -> tuple[dict[str, float | None], str, set[str], int]:
    """A chart through all steps: values by result id, all texts, ids of problems, questions.

    Every column stands in its draft: used, asked about, or left out and why.
    """
    source = chart.write(folder)
    made = new_study(folder / "study", source)
    draft = (made.folder / "study.toml").read_text("utf-8")
    assert unnamed(source, draft) == []
    assert contradicted(source, draft) == set()
    asked = [q.name for q in made.questions]
    assert set(chart.answers) == set(asked), made.lines()
    for name, value in chart.answers.items():
        answer(made.folder, name, value)
    text = (made.folder / "study.toml").read_text("utf-8")
    assert not open_questions(text)
    study = read_study(made.folder)
    results = study.run()
    assert list(results.problems) == list(study.problems)  # what `run` writes, and `check` says
    values = {e.id: e.value for r in results.numbers.results for e in r.estimates}
    texts = text + json.dumps([str(p) for p in study.problems]) + repr(values)
    return values, texts, {p.id for p in study.problems}, len(asked)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_what_comes_out_is_the_truth(chart: Chart, tmp_path: Path) -> None:
    values, texts, problems, _ = worked(chart, tmp_path)
    assert values["flow.included.count"] == chart.n
    if chart.median is not None:
        found = values[f"survival.{chart.endpoint}.median"]
        assert found is not None
        assert math.isclose(found, chart.median, abs_tol=0.006)
    if chart.deaths is not None:
        assert values[f"survival.{chart.endpoint}.events"] == chart.deaths
    if chart.responders is not None:
        assert values["response.orr.count"] == chart.responders
    for id_, value in chart.truths.items():
        assert values.get(id_) == value, id_
    for word in chart.absent:
        assert word not in texts
    assert set(chart.said) <= problems


def test_the_usual_chart_needs_few_answers() -> None:
    counts = sorted(len(c.answers) for c in CHARTS)
    assert counts[len(counts) // 2] <= 8


def test_a_table_stacked_over_two_sheets_is_asked_about_before_anything_is_counted(
    tmp_path: Path,
) -> None:
    made = new_study(tmp_path / "study", stacked(tmp_path))
    assert made.questions[0].name == "stacked"
    results = read_study(made.folder).run()
    assert results.left_out
    assert not [e for r in results.numbers.results for e in r.estimates if e.value]


@pytest.mark.parametrize("merged", [True, False])
def test_ids_in_the_first_row_of_a_block_belong_to_the_rows_below(
    merged: bool, tmp_path: Path
) -> None:
    book = Workbook()
    page = book.active
    page.title = "patients"
    page.append(["patient", "age"])
    lesions = book.create_sheet("lesions")
    lesions.append(["patient", "lesion", "role", "date", "diameter (mm)"])
    for i in range(1, 7):
        page.append([i, 50 + i])
        for visit in range(3):
            day = datetime(2015, 1 + 2 * visit, i)
            lesions.append([i if visit == 0 else None, "T1", "target", day, 30 - visit])
        if merged:
            lesions.merge_cells(
                start_row=3 * i - 1, end_row=3 * i + 1, start_column=1, end_column=1
            )
    book.save(tmp_path / "c.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "c.xlsx")
    asked = [q.name for q in made.questions]
    if not merged:
        answer(made.folder, "lesions_blocks", "yes")
    assert ("lesions_blocks" in asked) is not merged
    frame = read_study(made.folder).records.tables["lesions"]
    assert frame["patient"].value_counts().sort("patient")["count"].to_list() == [3] * 6


def test_a_turned_sheet_names_cells_as_they_stand(tmp_path: Path) -> None:
    rows = [[i + 1, "m", 60 + i if i else 600, "PR"] for i in range(6)]
    names = ["Patient ID", "Sex", "Age", "BOR"]
    file = save(tmp_path, *[[n, *(r[i] for r in rows)] for i, n in enumerate(names)])
    made = new_study(tmp_path / "study", file)
    assert "transposed = true" in (made.folder / "study.toml").read_text("utf-8")
    study = read_study(made.folder)
    assert study.records["patients"]["age"].to_list()[1:] == [61.0 + i for i in range(5)]
    cells = {p.place.cell for p in study.problems if p.id == "values.age"}
    assert cells == {"B3"}  # the third row of the sheet, its first patient


def test_a_list_of_columns_is_no_turned_sheet(tmp_path: Path) -> None:
    """A dictionary before the data names what patients have, and holds nobody."""
    book = Workbook()
    listed = book.active
    listed.title = "Dictionary"
    for row in (
        ["Variable", "Meaning", "Coding", "Source"],
        ["Patient ID", "number", "text", "chart"],
        ["Sex", "sex at birth", "m, f", "chart"],
        ["Age", "age at start", "years", "chart"],
        ["Status", "vital status", "dead, alive", "registry"],
    ):
        listed.append(row)
    data = book.create_sheet("Data")
    data.append(["Patient ID", "Sex", "Age", "Status"])
    for number in range(1, 9):
        data.append([number, "m", 50 + number, "dead" if number % 2 else "alive"])
    book.save(tmp_path / "chart.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "chart.xlsx")
    assert read_study(made.folder).records["patients"]["age"].to_list() == list(range(51, 59))


def test_the_page_of_figures_has_all_charts() -> None:
    """`scripts/measure_intake.py` writes it; a chart that was added since must be measured."""
    page = (Path(__file__).parents[2] / "docs" / "intake.md").read_text("utf-8")
    assert f"| all | {len(CHARTS)} |" in page
