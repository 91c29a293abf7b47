"""What a record is known by: a running number of its table, that leads back to its own cell."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "S"\ndata = "c.xlsx"\n[tables.patients]\nsheet = "Patients"\n'
LESIONS = ["patient", "lesion", "site", "role", "date", "diameter_mm"]
START = date(2020, 1, 1)


def book(folder: Path, sheets: dict[str, list[list[object]]], above: int = 0) -> Path:
    """A workbook of patients and further sheets, each with notes above its header."""
    made = openpyxl.Workbook()
    made.active.title = "Patients"
    made.active.append(["patient", "treatment_start", "last_contact", "vital_status"])
    for i in range(1, 7):
        made.active.append([f"P{i}", START, START + timedelta(400 + i), "alive"])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for _ in range(above):
            sheet.append(["Notes of the ward"])
        for row in rows:
            sheet.append(row)
    made.save(folder / "c.xlsx")
    return folder


def lesion(patient: int, day: int, mm: float, name: str = "L1") -> list[object]:
    return [f"P{patient}", name, "lung", "target", START + timedelta(day), mm]


@settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(0, 2), st.data())
def test_every_record_leads_to_its_own_cell(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], above: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("s")
    sheets: dict[str, list[list[object]]] = {}
    for nth, size in enumerate(sizes):
        order = data.draw(st.permutations(LESIONS)) if nth else LESIONS
        rows = [lesion(data.draw(st.integers(1, 6)), 10 * nth, 100 * nth + i) for i in range(size)]
        sheets[f"Les{nth}"] = [
            list(order),
            *([dict(zip(LESIONS, r, strict=True))[c] for c in order] for r in rows),
        ]
    book(folder, sheets, above)
    header = f"header_row = {above + 1}"
    more = ", ".join(f'{{ sheet = "{n}", {header} }}' for n in list(sheets)[1:])
    stack = f"stack = [{more}]\n" if more else ""
    (folder / "study.toml").write_text(
        HEAD + f'[tables.lesions]\nsheet = "Les0"\n{header}\n{stack}[endpoints.os]\n'
    )
    records = read_study(folder).records
    frame = records.tables["lesions"]
    assert frame.height == sum(sizes)
    assert frame["source_row"].n_unique() == frame.height
    written = openpyxl.load_workbook(folder / "c.xlsx")
    for row in frame.iter_rows(named=True):
        for column in ("patient", "diameter_mm"):
            place = records.place("lesions", column, row["source_row"])
            assert written[place.sheet][place.cell].value == row[column]


def test_rows_in_a_text_are_those_of_their_sheet(tmp_path: Path) -> None:
    """A lesion that stands twice on the second sheet, another one on both."""
    first = [lesion(1, -10, 40), lesion(2, -10, 30), lesion(3, -10, 20)]
    second = [lesion(4, -10, 40), lesion(4, -10, 44), lesion(3, -10, 21)]
    book(tmp_path, {"A": [LESIONS, *first], "B": [LESIONS, *second]})
    stack = '[tables.lesions]\nsheet = "A"\nstack = [{ sheet = "B" }]\n'
    (tmp_path / "study.toml").write_text(HEAD + stack + "[endpoints.os]\n")
    twice = [p for p in read_study(tmp_path).problems if p.id == "lesions.twice"]
    assert {p.patient: p.what.rpartition("(")[2] for p in twice} == {
        "P4": "rows 2, 3).",
        "P3": "rows A 4, B 4).",
    }
    assert {str(p.place) for p in twice if p.patient == "P4"} == {
        "c.xlsx sheet 'B' cell B3 (lesion)"
    }


def test_records_of_one_wide_row_are_told_apart(tmp_path: Path) -> None:
    """Several records have one row of the sheet; each still leads to its own cell."""
    wide = [["patient", "Lesion1", "Lesion2"], ["P1", 20.0, 31.0], ["P2", 22.0, -5.0]]
    book(tmp_path, {"Wide": [list(r) for r in wide]})
    text = (
        '[tables.lesions]\nsheet = "Wide"\nshape = "wide"\n'
        'repeat.diameter_mm = "Lesion{lesion}"\nconstants.date = "2019-12-20"\n'
        'constants.role = "target"\n'
    )
    (tmp_path / "study.toml").write_text(HEAD + text + "[endpoints.os]\n")
    study = read_study(tmp_path)
    frame = study.records.tables["lesions"].filter(pl.col("patient") == "P2")
    assert frame["source_row"].to_list() == [3, 3]
    negative = [p for p in study.problems if p.id == "lesions.negative"]
    assert [p.place.cell for p in negative] == ["C3"]
