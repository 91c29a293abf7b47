"""Settings of single columns: both names count, a name of no column is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.protocol import Protocol, parse_protocol
from oncohort.records import Records, read_records
from oncohort.study.depends import settled

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\n[variables.lvi]\n'
HEAD += 'column = "LVI (0/1)"\n[baseline]\nvariables = ["lvi"]\n[tables.patients]\n'
HEAD += 'columns = { treatment_start = "First dose", age = "Age (y)" }\n'


def read(folder: Path, settings: str) -> tuple[Records, Protocol]:
    (folder / "c.csv").write_text(
        "patient,First dose,Age (y),LVI (0/1)\n1,2014-01-01,60,1\n2,2014-01-02,999,0\n"
    )
    protocol = parse_protocol(HEAD + settings)
    return read_records(protocol, folder), protocol


@pytest.mark.parametrize("name", ["LVI (0/1)", "lvi (0/1)", "lvi"])
def test_codes_by_the_charts_name_or_the_variables(tmp_path: Path, name: str) -> None:
    records, _ = read(tmp_path, f'codes."{name}" = {{ "1" = "yes", "0" = "no" }}\n')
    assert records.tables["patients"]["LVI (0/1)"].to_list() == ["yes", "no"]
    assert not [p for p in records.problems if p.id == "columns.unknown"]


@pytest.mark.parametrize("name", ["age", "Age (y)"])
def test_missing_in_by_either_name(tmp_path: Path, name: str) -> None:
    records, _ = read(tmp_path, f'missing_in."{name}" = [999]\n')
    assert records.tables["patients"]["age"].to_list() == [60, None]


@pytest.mark.parametrize("name", ["age", "Age (y)"])
def test_ignore_by_either_name(tmp_path: Path, name: str) -> None:
    records, _ = read(tmp_path, f'ignore = ["{name}"]\n')
    assert not [p for p in records.problems if p.id == "columns.unknown"]


@pytest.mark.parametrize(
    ("settings", "key", "meant", "blocks"),
    [
        ('codes.lvl = { "1" = "yes" }\n', "codes.lvl", "LVI (0/1)", ("variables.lvi",)),
        ("missing_in.agge = [999]\n", "missing_in.agge", "Age (y)", ()),
        ('units."LVI 0/2" = "mm"\n', "units.LVI 0/2", "LVI (0/1)", ("variables.lvi",)),
        ('ignore = ["Fist dose"]\n', "ignore", "First dose", ()),
    ],
)
def test_a_name_of_no_column_is_an_error_with_the_nearest(
    tmp_path: Path, settings: str, key: str, meant: str, blocks: tuple[str, ...]
) -> None:
    records, protocol = read(tmp_path, settings)
    (error,) = [p for p in settled(records.problems, protocol) if p.id == "columns.unknown"]
    assert error.place.key == f"tables.patients.{key}"
    assert f'Did you mean "{meant}"?' in error.todo
    assert error.blocks == blocks
