"""Problems as text, JSON and a marked copy of the chart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from oncohort.checks import check
from oncohort.checks.report import marked_workbook, rules_text, to_json, to_text
from oncohort.problems import OncohortError, OutputError, Place, Problem, Severity, problem
from oncohort.protocol import parse_protocol
from oncohort.records import Records, read_records
from oncohort.study.depends import settled

PROTOCOL = '[study]\nschema = 1\ntitle = "A study"\ndata = "chart.xlsx"\n'


def study(folder: Path) -> tuple[list[Problem], Records]:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "patients"
    page.append(["patient", "age", "note"])
    for i in range(8):
        page.append([f"P{i}", "?" if i < 5 else 60 + i, "x"])
    page.append(["P9", 300, "x"])
    book.save(folder / "chart.xlsx")
    protocol = parse_protocol(PROTOCOL)
    records = read_records(protocol, folder)
    return settled([*records.problems, *check(records, protocol)], protocol), records


def test_text_is_worst_first_and_tells_repeats_once(tmp_path: Path) -> None:
    problems, records = study(tmp_path)
    text = to_text(problems, records)
    assert "5 patients: age: '?' is not a number." in text
    assert "patients: P0, P1, P2, P3, P4" in text
    assert "cells: B2, B3, B4, B5, B6" in text
    assert text.index("error") < text.index("note:") if "note:" in text else True
    assert text.splitlines()[-1].startswith("6 errors")


def test_json_is_sorted_and_complete(tmp_path: Path) -> None:
    problems, records = study(tmp_path)
    body = json.loads(to_json(problems, records))
    assert body["schema_version"] == 1
    assert body["errors"] == 6
    assert {p["place"]["cell"] for p in body["problems"] if p["id"] == "values.age"} == {"B10"}
    assert body["sources"][0]["file"] == "chart.xlsx"


def test_marked_copy_has_a_comment_on_each_cell_and_a_list(tmp_path: Path) -> None:
    problems, records = study(tmp_path)
    before = (tmp_path / "chart.xlsx").read_bytes()
    out = marked_workbook(problems, records, tmp_path, tmp_path / "check.xlsx")
    assert (tmp_path / "chart.xlsx").read_bytes() == before
    book = openpyxl.load_workbook(out)
    page = book["patients"]
    for row in range(2, 7):
        assert "is not a number" in page.cell(row, 2).comment.text
    assert page["B10"].comment is not None
    assert page["B8"].comment is None
    assert page["B2"].fill.start_color.rgb.endswith("F8CBAD")
    listed = book["oncohort problems"]
    assert listed.max_row == len(problems) + 1
    # A second time it overwrites its own file, and nothing else.
    marked_workbook(problems, records, tmp_path, out)
    (tmp_path / "mine.xlsx").write_bytes(before)
    with pytest.raises(OutputError):
        marked_workbook(problems, records, tmp_path, tmp_path / "mine.xlsx")
    with pytest.raises(OutputError):
        marked_workbook(problems, records, tmp_path, tmp_path / "chart.xlsx")


def test_marked_copy_of_text_escapes_formulas(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text('patient,age,note\n=cmd(),?,"@SUM(1)"\n')
    protocol = parse_protocol(PROTOCOL.replace("chart.xlsx", "c.csv"))
    records = read_records(protocol, tmp_path)
    out = marked_workbook(records.problems, records, tmp_path, tmp_path / "check.xlsx")
    book = openpyxl.load_workbook(out)
    values = [c.value for page in book for row in page for c in row if isinstance(c.value, str)]
    assert not [v for v in values if v.startswith(("=", "@"))]
    assert "'=cmd()" in values
    assert book["c"]["B2"].comment is not None


def test_every_problem_id_can_be_looked_up(tmp_path: Path) -> None:
    for one in study(tmp_path)[0]:
        assert rules_text(one.id)
    with pytest.raises(OncohortError, match="Did you mean"):
        rules_text("patients.duplicat")


def test_a_workbook_that_is_written_holds_no_time_of_day() -> None:
    import io
    import zipfile

    from openpyxl import Workbook, load_workbook

    from oncohort.checks.marked import file_of

    book = Workbook()
    book.worksheets[0]["A1"] = "Größe"
    data = file_of(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {part.date_time[0] for part in archive.infolist()} == {1980}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2
    assert load_workbook(io.BytesIO(data)).worksheets[0]["A1"].value == "Größe"


def _at(cell: str, patient: str | None, what: str = "Too late.") -> Problem:
    place = Place("chart.csv", cell=cell, column="start")
    return Problem("dates.future", Severity.ERROR, what, patient=patient, place=place)


@pytest.mark.parametrize(
    ("problems", "lines"),
    [
        # One line for one advice.
        ([_at("A2", "1"), _at("A3", "2")], ["2 patients: Too late.", "patients: 1, 2"]),
        ([_at("A2", "1"), _at("A3", "2", "Late.")], ["2 patients: Too late.", "also: Late."]),
        ([_at("A2", "1"), _at("A2", "1"), _at("A3", "2")], ["3 times in 2 patients: Too late."]),
        ([_at("A2", None), _at("A3", None)], ["2 times: Too late.", "cells: A2, A3"]),
        (
            [_at(f"A{i}", str(i), f"{i} days too late.") for i in range(10, 30)],
            ["20 patients: 10 days", "cells: A10, A11", "A21 and 8 more", "and 16 further ones"],
        ),
    ],
)
def test_one_line_per_cause_counts_patients(problems: list[Problem], lines: list[str]) -> None:
    text = to_text(problems)
    assert [line for line in lines if line not in text] == [], text


def test_an_error_says_what_it_leaves_out_even_where_that_is_nothing() -> None:
    place = Place(file="labs.csv", cell="D2")
    told = problem("values.unreadable", place=place, name="value", reason="x", todo="")
    assert "leaves out: nothing, no result rests on it" in to_text([told])
    blocked = replace(told, blocks=("survival.os",))
    assert "leaves out: survival.os" in to_text([blocked])
    assert "nothing" not in to_text([blocked])
    assert "leaves out" not in to_text([replace(told, severity=Severity.WARNING)])
