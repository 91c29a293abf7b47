"""A setting that changes nothing is told; rows and sheets that are not there are errors."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest

from oncohort.problems import OncohortError
from oncohort.study.study import Study, read_study

HEAD = ["patient", "treatment_start", "last_contact", "vital_status", "crp", "sex", "Ward"]
ROWS = [
    [f"P{i}", f"2020-01-0{i}", f"2021-03-{10 + i}", "alive", 1.5 + i, "mf"[i % 2], "A"]
    for i in range(1, 9)
]


def study(folder: Path, setting: str, kind: str = "csv") -> Study:
    """A study of eight patients, read with one setting more."""
    if kind == "csv":
        lines = [",".join(map(str, row)) for row in [HEAD, *ROWS]]
        (folder / "c.csv").write_text("\n".join(lines))
    elif kind == "parquet":
        pl.DataFrame(ROWS, schema=HEAD, orient="row").write_parquet(folder / "c.parquet")
    else:
        book = openpyxl.Workbook()
        book.active.title = "patients"
        for row in [HEAD, *ROWS]:
            book.active.append(row)
        book.save(folder / "c.xlsx")
    (folder / "study.toml").write_text(
        f'[study]\nschema = 1\ntitle = "S"\ndata = "c.{kind}"\n[tables.patients]\n{setting}\n'
        "[endpoints.os]\n[variables.crp]\n"
    )
    return read_study(folder)


def told(made: Study) -> dict[str, str]:
    return {p.id: p.what for p in made.problems if p.id.startswith("layout.")}


@pytest.mark.parametrize("setting", ['sheet = "Patients"', "sheet = 2"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_sheet_of_a_file_without_sheets_is_an_error(
    tmp_path: Path, kind: str, setting: str
) -> None:
    made = study(tmp_path, setting, kind)
    (one,) = [p for p in made.problems if p.id == "layout.setting-without-effect"]
    assert one.what == f"sheet has no effect: c.{kind} has no sheets."
    assert (one.severity.value, one.place.key) == ("error", "tables.patients.sheet")
    assert made.run().left_out


@pytest.mark.parametrize("rows", [[10], [1], [3, 400]])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_to_leave_out_that_is_not_there_is_an_error(
    tmp_path: Path, kind: str, rows: list[int]
) -> None:
    made = study(tmp_path, f"skip_rows = {rows}", kind)
    shown = str(rows[-1])
    assert told(made)["layout.skip-rows"] == (
        f"skip_rows names {shown}, and the table has rows 2 to 9."
    )
    assert made.records.tables["patients"].height == 8 - (len(rows) - 1)


def test_a_row_to_leave_out_that_is_there_is_left_out_quietly(tmp_path: Path) -> None:
    made = study(tmp_path, "skip_rows = [2, 9]")
    assert made.records.tables["patients"].height == 6 and not told(made)


@pytest.mark.parametrize(
    "setting", ["header_row = 3", "last_row = 4", "skip_rows = [2]", 'range = "A1:C3"']
)
def test_rows_of_a_file_without_rows_above_are_an_error(tmp_path: Path, setting: str) -> None:
    made = study(tmp_path, setting, "parquet")
    name = setting.partition(" ")[0]
    assert told(made)["layout.setting-without-effect"].startswith(f"{name} has no effect: ")


@pytest.mark.parametrize(
    "setting",
    ["skip_rows = [0]", "skip_rows = [-3]", "last_row = 0", 'range = "banana"'],
)
def test_rows_and_cells_that_can_not_be_are_errors_of_the_protocol(
    tmp_path: Path, setting: str
) -> None:
    with pytest.raises(OncohortError, match=setting.partition(" ")[0]):
        study(tmp_path, setting)


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("last_row = 4000", "last_row"),
        ("narrow = true", "narrow"),
        ("fill_down = true", "fill_down"),
        ('fill_down_columns = ["crp"]', "fill_down_columns 'crp'"),
        ('fill_from = { crp = "sex" }', "fill_from 'crp'"),
        ("day_zero = 1960-01-01", "day_zero"),
        ('swapped = ["treatment_start"]', "swapped 'treatment_start'"),
        ("others_left_out = true", "others_left_out"),
        ('from_patients = ["sex"]', "from_patients"),
        ('one_row = { keep = "first" }', "one_row"),
        ('codes = { sex = { "9" = "male" } }', "codes.sex"),
        ('codes = { Ward = { "9" = "B" } }', "codes.Ward"),
        ('missing_in = { crp = ["ND"] }', "missing_in.crp"),
        ('units = { sex = "mm" }', "units.sex"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_setting_that_changes_nothing_is_told(
    tmp_path: Path, kind: str, setting: str, named: str
) -> None:
    made = study(tmp_path, setting, kind)
    assert told(made) == {"layout.idle-settings": f"Without effect on these data: {named}."}
    assert made.records.tables["patients"].equals(
        study(tmp_path, "", kind).records.tables["patients"]
    )


@pytest.mark.parametrize(
    "setting",
    [
        'codes = { sex = { "m" = "male", "9" = "female" } }',
        "missing_in = { crp = [2.5] }",
        'units = { crp = "mg/L" }',
        'ignore = ["Ward"]',
        "last_row = 9",
    ],
)
def test_a_setting_that_changes_a_value_is_not_told(tmp_path: Path, setting: str) -> None:
    assert not told(study(tmp_path, setting))


def test_a_form_has_no_rows_to_leave_out(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "patients"
    for name, value in (("patient", "P1"), ("sex", "m"), ("patient", "P2"), ("sex", "f")):
        made.active.append([name, value])
    made.save(tmp_path / "c.xlsx")
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "S"\ndata = "c.xlsx"\n'
        "[tables.patients]\nforms = true\nskip_rows = [2]\n"
    )
    assert "forms stand" in told(read_study(tmp_path))["layout.setting-without-effect"]
