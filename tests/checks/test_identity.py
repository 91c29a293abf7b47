"""Patients that stand twice, and rows of nobody."""

from __future__ import annotations

from pathlib import Path

from oncohort.checks import check
from oncohort.problems import Problem
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.depends import settled


def found(tmp_path: Path, patients: str, labs: str = "") -> list[Problem]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "patients.csv").write_text(patients)
    if labs:
        (data / "labs.csv").write_text(labs)
    protocol = parse_protocol('[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n')
    found = check(read_records(protocol, tmp_path), protocol)
    return settled(found, protocol)


def test_a_patient_twice_blocks_everything(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, "patient,age\n1,60\n2,61\n1,60\n")
    assert problem.id == "patients.duplicate"
    assert problem.what == "Patient 1 stands in rows 2 and 4."
    assert problem.place.cell == "A4"
    assert problem.blocks == ("",)


def test_ids_that_differ_in_case_are_asked_about(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, "patient,age\nab-01,60\nAB01,61\n")
    assert problem.id == "patients.same-but-for-case"


def test_orphans_name_the_nearest_patient(tmp_path: Path) -> None:
    (problem,) = found(
        tmp_path,
        "patient,age\nRCC-17,60\nRCC-18,61\n",
        "patient,test,value\nRCC-17,Hb,12\nRCC-71,Hb,13\nRCC-71,LDH,200\n",
    )
    assert problem.id == "patients.orphan"
    assert "2 rows of labs" in problem.what
    assert problem.place.file == "data/labs.csv"
    assert problem.place.cell == "A3"
    assert "Did you mean" in problem.todo


def test_a_stranger_brings_no_list_of_patients(tmp_path: Path) -> None:
    ids = [f"K-{n}" for n in (3, 4, 1)]
    chart = "patient,age\n" + "".join(f"{i},60\n" for i in ids)
    (problem,) = found(tmp_path, chart, "patient,test,value\nsomebody,Hb,13\n")
    assert problem.id == "patients.orphan"
    assert problem.todo == "Add the patient, or mend the id."
