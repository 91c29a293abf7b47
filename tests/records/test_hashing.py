"""Columns replaced by codes: the same in every table, blank where blank, never the value."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oncohort.problems import ReadError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.hashing import KEY_FILE, key_of

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n'


def chart(folder: Path, ending: str = "csv") -> Path:
    (folder / "data").mkdir(parents=True)
    patients = pl.DataFrame({"MRN": [4711, 4712, None], "age": [60.0, 61.0, 62.0]})
    labs = pl.DataFrame(
        {"MRN": [4712, 4711], "date": ["2020-01-02", "2020-01-03"], "test": ["CRP", "CRP"],
         "value": [1.0, 2.0], "unit": ["mg/L", "mg/L"]}
    )  # fmt: skip
    for name, frame in (("patients", patients), ("labs", labs)):
        if ending == "csv":
            frame.write_csv(folder / "data" / f"{name}.csv")
        else:
            frame.write_parquet(folder / "data" / f"{name}.parquet")
    return folder


def text(*hashed: str) -> str:
    return HEAD + "".join(
        f'[tables.{t}]\ncolumns.patient = "MRN"\nhash = ["{hashed[0]}"]\n'
        for t in ("patients", "labs")
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_codes_join_tables_and_hide_the_numbers(tmp_path: Path, ending: str) -> None:
    folder = chart(tmp_path, ending)
    records = read_records(parse_protocol(text("MRN")), folder)
    patients = records.tables["patients"]["patient"].to_list()
    labs = records.tables["labs"]["patient"].to_list()
    assert labs == [patients[1], patients[0]]
    assert not any("4711" in p or "4712" in p for p in (*patients[:2], *labs))
    assert not [p for p in records.problems if p.patient in ("4711", "4712")]
    assert not [p for p in records.problems if p.id.startswith("privacy") and "MRN" in p.what]
    again = read_records(parse_protocol(text("MRN")), folder)
    assert again.tables["patients"]["patient"].to_list() == patients


def test_the_key_is_the_studys_own_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    one, two = chart(tmp_path / "one"), chart(tmp_path / "two")
    ids = [read_records(parse_protocol(text("MRN")), f).tables["patients"]["patient"][0]
           for f in (one, two)]  # fmt: skip
    assert ids[0] != ids[1]
    assert (one / KEY_FILE).stat().st_mode & 0o077 == 0
    assert not [p for p in one.iterdir() if p.name.startswith(f".{KEY_FILE}")]


def test_a_broken_key_and_a_misspelt_column_are_refused(tmp_path: Path) -> None:
    folder = chart(tmp_path)
    (folder / KEY_FILE).write_text("banana")
    with pytest.raises(ReadError) as refused:
        read_records(parse_protocol(text("MRN")), folder)
    assert refused.value.problems[0].id == "files.hash-key"
    (folder / KEY_FILE).write_text("00ff\n")
    with pytest.raises(ReadError):
        key_of(folder)
    records = read_records(parse_protocol(text("MNR")), folder)
    assert [
        p for p in records.problems if p.id == "columns.unknown" and p.severity.value == "error"
    ]
    assert not (tmp_path / "none" / KEY_FILE).exists()
