"""Record tables in folders of Parquet files: the same records, each row with its part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from oncohort.problems import ReadError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.model import Records

PROTOCOL = parse_protocol('[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n')
PATIENTS = pl.DataFrame(
    {
        "patient": [f"P{i:02}" for i in range(30)],
        "sex": ["m", "f", "f"] * 10,
        "age": [40 + i for i in range(30)],
        "treatment_start": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 30), eager=True),
    }
)
LABS = pl.DataFrame(
    {
        "patient": [f"P{i % 30:02}" for i in range(90)],
        "date": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 3, 30), eager=True),
        "test": ["CRP"] * 90,
        "value": [i / 10 for i in range(90)],
        "unit": ["mg/dL"] * 90,
    }
)


def _read(folder: Path) -> Records:
    return read_records(PROTOCOL, folder)


def _one_file(folder: Path) -> Records:
    (folder / "data").mkdir(parents=True)
    PATIENTS.write_parquet(folder / "data" / "patients.parquet")
    LABS.write_parquet(folder / "data" / "labs.parquet")
    return _read(folder)


def _in_parts(folder: Path, table: str, frame: pl.DataFrame, edges: Sequence[int]) -> Path:
    parts = folder / "data" / table
    parts.mkdir(parents=True)
    for i, (a, b) in enumerate(pairwise([0, *edges, frame.height])):
        frame[a:b].write_parquet(parts / f"part-{i:03}.parquet")
    return parts


@pytest.mark.parametrize("edges", [(), (1,), (10, 10, 20), (0, 3, 5, 8, 13, 21)])
def test_parts_are_one_table(tmp_path: Path, edges: tuple[int, ...]) -> None:
    whole = _one_file(tmp_path / "one")
    _in_parts(tmp_path / "many", "patients", PATIENTS, edges)
    labs = _in_parts(tmp_path / "many", "labs", LABS, [e * 3 for e in edges])
    (labs / "_SUCCESS").write_text("")
    found = _read(tmp_path / "many")
    for name in ("patients", "labs"):
        assert_frame_equal(found.tables[name], whole.tables[name])
    assert [p.id for p in found.problems] == [p.id for p in whole.problems]
    starts = [0, *(3 * e for e in edges)]
    for row in (1, 2, 31, 90):
        part = max(i for i, start in enumerate(starts) if start < row)
        place = found.place("labs", "value", row)
        assert place.file == f"data/labs/part-{part:03}.parquet"
        assert place.row == row - starts[part]
    assert len(found.sources) == 2 * (len(edges) + 1)


def test_names_of_folders_are_columns(tmp_path: Path) -> None:
    whole = _one_file(tmp_path / "one")
    for (sex,), part in PATIENTS.group_by("sex"):
        folder = tmp_path / "many" / "data" / "patients" / f"sex={sex}"
        folder.mkdir(parents=True)
        part.drop("sex").write_parquet(folder / "data.parquet")
    found = _read(tmp_path / "many").tables["patients"].sort("patient")
    expected = whole.tables["patients"]
    assert_frame_equal(
        found.drop("source_row"), expected.drop("source_row"), check_column_order=False
    )


def test_a_column_that_some_parts_lack_is_missing_there(tmp_path: Path) -> None:
    parts = _in_parts(tmp_path, "patients", PATIENTS, [20])
    PATIENTS[20:].drop("age").write_parquet(parts / "part-001.parquet")
    found = _read(tmp_path).tables["patients"]
    assert found["age"].null_count() == 10 and found.height == 30


def test_numbers_of_two_kinds_are_numbers(tmp_path: Path) -> None:
    parts = _in_parts(tmp_path, "patients", PATIENTS, [20])
    halves = PATIENTS[20:].with_columns(pl.col("age") + 0.5)
    halves.write_parquet(parts / "part-001.parquet")
    assert _read(tmp_path).tables["patients"]["age"][-1] == 69.5


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda p: p.write_bytes(b"PAR1" + b"\0" * 60), "data/patients/part-001.parquet"),
        (lambda p: p.write_bytes(b""), "data/patients/part-001.parquet"),
        (lambda p: p.write_text("patient,age\n"), "data/patients/part-001.parquet"),
        (lambda p: p.write_bytes(p.read_bytes()[:-40]), "data/patients/part-001.parquet"),
        (
            lambda p: PATIENTS[20:].with_columns(treatment_start=pl.lit(True)).write_parquet(p),
            "of data/patients/part-001.parquet is Boolean, in parts before it Date",
        ),
    ],
)
def test_a_part_that_can_not_be_read_is_named(tmp_path: Path, damage, said) -> None:  # type: ignore[no-untyped-def]
    parts = _in_parts(tmp_path, "patients", PATIENTS, [20])
    damage(parts / "part-001.parquet")
    with pytest.raises(ReadError) as caught:
        _read(tmp_path)
    (problem,) = caught.value.problems
    assert said in f"{problem.place} {problem.what}"


def test_a_file_comes_before_a_folder_of_the_same_name(tmp_path: Path) -> None:
    whole = _one_file(tmp_path)
    _in_parts(tmp_path, "labs", LABS[:5], [])
    assert_frame_equal(_read(tmp_path).tables["labs"], whole.tables["labs"])
