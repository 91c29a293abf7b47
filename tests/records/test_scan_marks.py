"""New and non-target lesions that stand beside sizes, in long and wide sheets of lesions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from oncohort.records.lesion_grids import lesion_grid
from oncohort.records.profile import profile
from oncohort.records.repeats import find_repeats
from oncohort.study.study import read_study

HEAD = """
[study]
schema = 1
title = "Synthetic"
data = "."
[tables.patients]
file = "patients.csv"
[tables.lesions]
file = "lesions.csv"
"""


def lesions(tmp_path: Path, lines: str, *rows: str) -> pl.DataFrame:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient,treatment_start\n1,2020-01-01\n2,2020-01-01\n")
    (folder / "lesions.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (folder / "study.toml").write_text(HEAD + lines, "utf-8")
    study = read_study(folder)
    assert not [str(p) for p in study.data_problems if p.severity == "error"]
    return study.records.tables["lesions"]


def seen(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.select("lesion", "date", "role", "diameter_mm", "status").rows()


VISITS = 'constants.role = "target"\nconstants.lesion = "sum"\ncolumns.diameter_mm = "SLD (mm)"\n'


def test_a_new_lesion_of_a_visit_is_a_record_more(tmp_path: Path) -> None:
    frame = lesions(
        tmp_path,
        VISITS + 'columns.new_lesion = "New"\n',
        "patient,date,SLD (mm),New",
        "1,2020-01-01,40,no",
        "1,2020-03-01,41,yes",
        "2,2020-03-01,30,",
    )
    first, later = dt.date(2020, 1, 1), dt.date(2020, 3, 1)
    assert seen(frame) == [
        ("sum", first, "target", 40.0, None),
        ("sum", later, "target", 41.0, None),
        ("new", later, "new", None, "present"),
        ("sum", later, "target", 30.0, None),
    ]
    assert frame["source_row"].to_list() == [2, 3, 3, 4]


def test_a_row_of_a_lesion_that_is_new_is_this_lesion(tmp_path: Path) -> None:
    frame = lesions(
        tmp_path,
        'codes.role = { yes = "target", no = "non-target" }\ncolumns.role = "Target"\n'
        'columns.diameter_mm = "mm"\ncolumns.new_lesion = "New"\n',
        "patient,lesion,date,mm,Target,New",
        "1,T1,2020-01-01,40,yes,no",
        "1,N1,2020-03-01,,no,yes",
        "1,N2,2020-03-01,12,no,yes",
    )
    later = dt.date(2020, 3, 1)
    assert seen(frame)[1:] == [
        ("N1", later, "new", None, "present"),
        ("N2", later, "new", 12.0, None),
    ]


def test_non_target_lesions_of_a_visit_are_a_record_more(tmp_path: Path) -> None:
    frame = lesions(
        tmp_path,
        VISITS + 'columns.non_target = "NTL"\n',
        "patient,date,SLD (mm),NTL",
        "1,2020-01-01,40,SD",
        "1,2020-03-01,41,PD",
    )
    assert [r[4] for r in seen(frame)] == [None, "present", None, "unequivocal progression"]


def test_what_a_new_lesion_says_that_is_no_word_for_one_is_told_with_its_cell(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient,treatment_start\n1,2020-01-01\n")
    (folder / "lesions.csv").write_text("patient,date,SLD (mm),New\n1,2020-03-01,41,banana\n")
    lines = VISITS + 'columns.new_lesion = "New"\n'
    (folder / "study.toml").write_text(HEAD + lines, "utf-8")
    problems = read_study(folder).data_problems
    assert any("banana" in str(p) and p.severity == "error" for p in problems)


def test_the_second_lesion_of_a_scan_says_nothing_new(tmp_path: Path) -> None:
    frame = lesions(
        tmp_path,
        'shape = "wide"\nconstants.role = "target"\nrepeat.date = "Day {n}"\n'
        'repeat.diameter_mm = "T{lesion:1|2} CT{n}"\nrepeat.new_lesion = "New {n}"\n'
        'units.diameter_mm = "mm"\n',
        "patient,Day 1,T1 CT1,T2 CT1,New 1,Day 2,T1 CT2,T2 CT2,New 2",
        "1,2020-01-01,40,20,no,2020-03-01,40,21,yes",
        "2,2020-01-01,30,20,no,2020-03-01,,,yes",
    )
    new = frame.filter(pl.col("role") == "new")
    assert new.select("patient", "date", "status").rows() == [
        ("1", dt.date(2020, 3, 1), "present"),
        ("2", dt.date(2020, 3, 1), "present"),
    ]
    assert frame.height == 2 * 2 + 2 + 2
    assert frame.filter(pl.col("role") == "target")["diameter_mm"].null_count() == 0


def test_a_grid_needs_lesions_and_scans() -> None:
    names = ("T1N0", "T2N0", "Line 1 cycle 2", "L1", "L2", "Visit 1 Hb", "Visit 2 Hb")
    assert lesion_grid(names, {n: profile([31, 28]) for n in names}) is None
    words = ("Scan 1 L1", "Scan 1 L2")
    assert lesion_grid(words, {n: profile(["a", "b"]) for n in words}) is None


def test_a_column_of_one_scan_alone_belongs_to_the_scans() -> None:
    """No new lesion is looked for at the first scan, so that a chart of two has one column."""
    day, size = profile([dt.date(2020, 1, 1)]), profile([40])
    held = {f"Scan{n} {what}": of for n in (0, 1) for what, of in (("date", day), ("sum", size))}
    marks = {"Scan1 new lesion": profile(["y"]), "Scan7 note": profile(["y"])}
    (found,) = find_repeats([*held, *marks], held | marks)
    assert found.patterns["new_lesion"] == "Scan{n} new lesion"
    assert "Scan7 note" not in found.columns
