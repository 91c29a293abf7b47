"""Cells of a workbook that nobody sees: white letters, filtered rows, comments, struck cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color

from oncohort.problems import Problem
from oncohort.protocol import parse_protocol
from oncohort.records import read_records

PROTOCOL = parse_protocol('[study]\nschema = 1\ntitle = "A study"\ndata = "c.xlsx"\n')


def told(folder: Path, change: Callable[[Any], None]) -> list[Problem]:
    """What is noticed on a sheet of 20 patients after a change."""
    book = Workbook()
    page = book.active
    page.title = "patients"
    page.append(["patient", "age", "best_response"])
    for i in range(20):
        page.append([f"P{i}", 50 + i, "SD"])
    book.create_sheet("remarks").append(["nothing"])
    change(page)
    book.save(folder / "c.xlsx")
    found = read_records(PROTOCOL, folder).problems
    return [p for p in found if p.id.startswith("layout.")]


def white(cell: str, colour: Color, fill: str | None = None) -> Callable[[Any], None]:
    def change(page: Any) -> None:
        page[cell].font = Font(color=colour)
        if fill is not None:
            page[cell].fill = PatternFill("solid", start_color=fill)

    return change


WHITE, THEME = Color(rgb="FFFFFFFF"), Color(theme=0)


@pytest.mark.parametrize(
    ("change", "cells"),
    [
        (white("B5", WHITE), ["B5"]),
        (white("B5", THEME), ["B5"]),
        (white("B5", WHITE, "FF00B050"), []),  # white on green is read by everybody
        (white("B5", Color(theme=0, tint=-0.5)), []),  # grey
        (white("B5", Color(rgb="FF000000")), []),
        (white("B1", WHITE), []),  # a name of a column
        (white("F5", WHITE), []),  # no value
    ],
)
def test_white_letters_are_told_at_their_cells(
    tmp_path: Path, change: Callable[[Any], None], cells: list[str]
) -> None:
    found = [p for p in told(tmp_path, change) if p.id == "layout.hidden-rows"]
    assert [p.place.cell for p in found] == cells


def comment(text: str) -> Callable[[Any], None]:
    def change(page: Any) -> None:
        page["C7"].comment = Comment(text, "A. Author")

    return change


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("withdrew consent", "warning"),
        ("wrong patient", "warning"),
        ("new lesion", "warning"),
        ("should be PR", "warning"),
        ("date uncertain", "warning"),
        ("sollte PD sein", "warning"),
        ("seen by Dr. B.", "note"),
    ],
)
def test_comments_by_what_they_say(tmp_path: Path, text: str, severity: str) -> None:
    (found,) = told(tmp_path, comment(text))
    assert (found.id, found.place.cell, found.severity.value) == ("layout.comment", "C7", severity)


def _struck(page: Any) -> None:
    page["B9"].font = Font(strike=True)


def _filtered(page: Any) -> None:
    page.auto_filter.ref = page.dimensions
    page.row_dimensions[4].hidden = True


@pytest.mark.parametrize(
    ("change", "id_", "place"),
    [
        (_struck, "layout.struck", "B9"),
        (_filtered, "layout.hidden-rows", "row 4"),
        (
            lambda page: setattr(page, "sheet_state", "veryHidden"),
            "layout.hidden-sheet",
            "patients",
        ),
        (lambda page: setattr(page, "sheet_state", "hidden"), "layout.hidden-sheet", "patients"),
    ],
)
def test_what_was_put_out_of_sight_is_told(
    tmp_path: Path, change: Callable[[Any], None], id_: str, place: str
) -> None:
    (found,) = told(tmp_path, change)
    assert found.id == id_
    assert place in str(found)


def test_a_cell_is_told_by_the_name_that_the_chart_has(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.title = "patients"
    page.append(["ID", "Start of therapy", "scan1_date", "scan1_size", "scan2_date", "scan2_size"])
    for i in range(3):
        page.append([f"P{i}", "2015-03-01", "2015-02-27", 20, "2015-05-01", 30])
    page["B3"], page["F4"] = "soon", "n.m."
    book.save(tmp_path / "c.xlsx")
    protocol = parse_protocol(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "c.xlsx"\n'
        "[tables.patients]\n"
        'columns = { patient = "ID", treatment_start = "Start of therapy" }\n'
        '[tables.lesions]\nsheet = "patients"\nshape = "wide"\ncolumns = { patient = "ID" }\n'
        'constants = { lesion = "1", role = "target" }\n'
        'repeat = { date = "scan{n}_date", diameter_mm = "scan{n}_size" }\n'
    )
    found = read_records(protocol, tmp_path).problems
    said = {p.place.cell: p.what for p in found if p.id == "values.unreadable"}
    assert said == {
        "B3": "Start of therapy: 'soon' is not a date.",
        "F4": "scan2_size: 'n.m.' is not a number.",
    }
