"""Tables that stand on several sheets."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from oncohort.protocol import parse_protocol
from oncohort.records import read_records

HEAD = '[study]\nschema = 1\ntitle = "T"\ndata = "c.xlsx"\n[tables.patients]\nsheet = "2015"\n'


def _book(folder: Path) -> None:
    book = Workbook()
    first = book.active
    first.title = "2015"
    for row in (["patient", "age", "Hb"], [1, 60, 12.1], [2, 61, 12.2]):
        first.append(row)
    second = book.create_sheet("2016")
    for row in (["a headline"], ["Age", "patient", "LDH"], [70, 1, 200], ["x", 2, 210]):
        second.append(row)
    book.save(folder / "c.xlsx")


def test_rows_go_on_below_and_each_value_keeps_its_cell(tmp_path: Path) -> None:
    _book(tmp_path)
    more = 'stack = [{ sheet = "2016", prefix = "2016-" }]\n'
    records = read_records(parse_protocol(HEAD + more), tmp_path)
    frame = records.tables["patients"]
    assert frame["patient"].to_list() == ["1", "2", "2016-1", "2016-2"]
    assert frame["age"].to_list() == [60, 61, 70, None]
    assert frame["Hb"].to_list() == [12.1, 12.2, None, None]
    assert frame["LDH"].to_list() == [None, None, 200, 210]
    assert frame["source_row"].is_unique().all()
    wrong = next(p for p in records.problems if p.id == "values.unreadable")
    assert (wrong.place.sheet, wrong.place.cell) == ("2016", "A4")
    place = records.place("patients", "age", frame["source_row"][2])
    assert (place.sheet, place.cell, place.row) == ("2016", "A3", 3)
    assert str(records.place("patients", "Hb", frame["source_row"][0])).endswith("cell C2 (Hb)")


def test_a_sheet_that_is_not_there_is_said(tmp_path: Path) -> None:
    _book(tmp_path)
    records = read_records(parse_protocol(HEAD + 'stack = [{ sheet = "2017" }]\n'), tmp_path)
    assert "files.no-sheet" in {p.id for p in records.problems}
    assert records.tables["patients"].height == 2
