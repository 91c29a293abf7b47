"""Patients who are written differently on two sheets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.grid import Raw
from oncohort.records.identities import same_patient, same_patients
from oncohort.records.matching import match_table, profiles
from oncohort.vocabulary.tables import TABLES

HEAD = '[study]\nschema = 1\ntitle = "T"\ndata = "data"\n'


def _records(folder: Path, patients: list[str], others: list[str], more: str = ""):
    (folder / "data").mkdir()
    text = "patient,age\n" + "\n".join(f"{p},6{i}" for i, p in enumerate(patients)) + "\n"
    (folder / "data" / "patients.csv").write_text(text)
    text = "patient,test,value\n" + "\n".join(f"{p},CRP,{i}" for i, p in enumerate(others)) + "\n"
    (folder / "data" / "labs.csv").write_text(text)
    return read_records(parse_protocol(HEAD + more), folder)


def test_leading_zeros_case_and_blanks_are_one_patient_and_said(tmp_path: Path) -> None:
    records = _records(tmp_path, ["001", "002", "P-3"], ["1", "2 ", "p3"])
    assert records.tables["labs"]["patient"].to_list() == ["001", "002", "P-3"]
    said = [d for d in records.decisions if d.rule == "patients.written-differently"]
    assert [d.count for d in said] == [3]


@pytest.mark.parametrize(
    ("known", "wanted"),
    [({"7", "007"}, {"07"}), ({"1"}, {"01", "001"}), ({"1-01"}, {"10-1"}), ({"11"}, {"1-1"})],
)
def test_numbers_that_could_be_two_people_are_not_joined(known: set, wanted: set) -> None:
    assert same_patients(known, wanted) == {}


@given(st.text(alphabet="aP0179", min_size=1, max_size=8))
def test_blanks_around_a_number_change_nothing(text: str) -> None:
    assert same_patient(text) == same_patient(f" {text} ") == same_patient(f"{text}-")


def test_a_joined_sheet_finds_them_too(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "patients.csv").write_text("patient,age\n001,60\n002,61\n")
    (tmp_path / "data" / "out.csv").write_text("Pat No,Hb\n2,12.5\n1,11.0\n")
    more = '[tables.patients]\njoin = [{ file = "out.csv", patient = "Pat No" }]\n'
    records = read_records(parse_protocol(HEAD + more), tmp_path)
    assert records.tables["patients"]["Hb"].to_list() == [11.0, 12.5]
    assert not [p for p in records.problems if p.id == "patients.orphan"]


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({"KC-001", "KC-002", "KC-010"}, {"1", "2", "10"}),
        ({"1", "2", "10"}, {"KC-001", "KC-002", "KC-010"}),
        ({"Pat 1", "Pat 2"}, {"KC01", "KC02"}),
    ],
)
def test_a_word_before_all_numbers_of_one_side_says_nothing(known: set, wanted: set) -> None:
    found = same_patients(known, wanted)
    assert {int("".join(filter(str.isdigit, w))) for w in found} == {
        int("".join(filter(str.isdigit, k))) for k in found.values()
    }
    assert len(found) == len(known)


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({"A-1", "B-1"}, {"1"}),  # two people have the number
        ({"A-1", "B-2"}, {"1", "2"}),  # two words
        ({"KC-1", "KC-2"}, {"MM-1", "MM-2"}),  # another study's
        ({"KC-1-01", "KC-1-02"}, {"1", "2"}),  # marks between figures
        ({"KC-001", "KC-01"}, {"1"}),
    ],
)
def test_numbers_alone_are_not_compared_where_words_tell_people_apart(
    known: set, wanted: set
) -> None:
    assert same_patients(known, wanted) == {}


def test_a_table_of_records_finds_patients_with_a_word_before_the_number(tmp_path: Path) -> None:
    records = _records(tmp_path, ["KC-001", "KC-002", "KC-003"], ["1", "3", "2"])
    assert records.tables["labs"]["patient"].to_list() == ["KC-001", "KC-003", "KC-002"]


def test_a_stage_called_pt_names_no_patients() -> None:
    raw = Raw("c.csv", None, ("S/N", "pT"), (list(range(1, 25)), [1, 2, 3, 4] * 6), list(range(24)))
    found = match_table(raw, TABLES["patients"], profiles(raw))
    assert {m.column for m in found if m.ours == "patient"} == {"S/N"}
