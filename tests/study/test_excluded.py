"""Problems of patients who are not in the study block nothing, and are told once."""

from __future__ import annotations

from pathlib import Path

import oncohort as oc
from oncohort.study.study import Study

HEAD = """[study]
schema = 1
title = "A study"
data = "data"
time_unit = "days"
[response]
source = "assessments"
[endpoints.os]
[endpoints.pfs]
"""
ELIGIBLE = """[[eligibility.criteria]]
key = "adult"
label = "adult"
column = "age"
min = 18
"""


def study(folder: Path, last: str, death: str = "", age: int = 60, criteria: str = "") -> Study:
    """Four patients; the last contact of the first is before treatment start."""
    (folder / "data").mkdir()
    rows = [f"1,{age},2014-03-01,{last},{death}"]
    rows += [f"{i},60,2014-03-01,2014-12-0{i}," for i in (2, 3, 4)]
    (folder / "data" / "patients.csv").write_text(
        "patient,age,treatment_start,last_contact,death_date\n" + "\n".join(rows) + "\n"
    )
    visits = [f"{i},2014-06-01,SD" for i in (1, 2, 3, 4)]
    (folder / "data" / "assessments.csv").write_text(
        "patient,date,overall\n" + "\n".join(visits) + "\n"
    )
    (folder / "study.toml").write_text(HEAD + criteria)
    return oc.read_study(folder)


def blocked(one: Study) -> set[str]:
    found = [p for p in one.problems if p.id == "dates.last-contact-before-start"]
    return {".".join(b.split(".")[:2]) for p in found for b in p.blocks}


def test_a_last_contact_before_the_start_blocks_what_uses_it(tmp_path: Path) -> None:
    one = study(tmp_path, "2013-12-01")
    assert "survival.os" in blocked(one)
    assert "survival.pfs" not in blocked(one)


def test_of_a_patient_who_died_it_blocks_nothing(tmp_path: Path) -> None:
    one = study(tmp_path, "2013-12-01", death="2014-09-01")
    (found,) = [p for p in one.problems if p.id == "dates.last-contact-before-start"]
    assert (found.severity.value, found.blocks, found.patient) == ("warning", (), "1")


def test_of_a_patient_who_is_left_out_it_is_told_once_and_blocks_nothing(tmp_path: Path) -> None:
    one = study(tmp_path, "2013-12-01", age=12, criteria=ELIGIBLE)
    assert one.cohort.n == 3
    assert not blocked(one)
    (note,) = [p for p in one.problems if p.id == "eligibility.of-excluded"]
    assert note.severity.value == "note"
    assert "1 (dates.last-contact-before-start" in note.what
    assert not [p for p in one.problems if p.patient == "1"]


def test_what_the_criteria_read_still_matters_of_those_left_out(tmp_path: Path) -> None:
    by_contact = ELIGIBLE.replace("adult", "seen").replace('"age"', '"last_contact"')
    by_contact = by_contact.replace("min = 18", "min = 2014-01-01")
    one = study(tmp_path, "2013-12-01", criteria=by_contact)
    assert one.cohort.n == 3
    assert blocked(one) == {""}  # who is in the study stays open
