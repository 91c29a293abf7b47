"""Dates in an order that can't be, each with its cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.checks import check
from oncohort.problems import Problem, Severity, Wrong
from oncohort.protocol import parse_protocol
from oncohort.records import read_records

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\ncutoff = 2020-01-01\n'
ENDPOINTS = """[endpoints.os]
events = ["death"]
censoring = "last_contact"
[endpoints.pfs]
events = ["progression", "death"]
censoring = "last_contact"
"""


def found(tmp_path: Path, columns: str, *rows: str) -> list[Problem]:
    (tmp_path / "c.csv").write_text("\n".join((columns, *rows)) + "\n")
    protocol = parse_protocol(HEAD + ENDPOINTS)
    return check(read_records(protocol, tmp_path), protocol)


@pytest.mark.parametrize(
    ("columns", "row", "rule"),
    [
        ("treatment_start,death_date", "2015-03-01,2015-02-01", "dates.death-before-start"),
        (
            "treatment_start,last_contact",
            "2015-03-01,2014-03-01",
            "dates.last-contact-before-start",
        ),
        ("progression_date,death_date", "2015-03-01,2015-02-01", "dates.death-before-progression"),
        (
            "treatment_start,progression_date",
            "2015-03-01,2015-02-01",
            "dates.progression-before-start",
        ),
        ("treatment_start,treatment_end", "2015-03-01,2015-02-01", "dates.end-before-start"),
        ("treatment_start,birth_date", "2015-03-01,2025-02-01", "dates.birth"),
    ],
)
def test_each_order_is_checked_with_its_cell(
    tmp_path: Path, columns: str, row: str, rule: str
) -> None:
    problem = next(p for p in found(tmp_path, f"patient,{columns}", f"7,{row}") if p.id == rule)
    assert problem.severity is Severity.ERROR
    assert (problem.place.cell, problem.patient) == ("C2", "7")


def test_wrong_order_names_both_dates(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, "patient,progression_date,death_date", "7,2015-03-01,2015-02-01")
    assert problem.wrong == (Wrong("patients", ("death_date", "progression_date"), 2),)


def test_a_partial_date_is_given_the_benefit_of_its_month(tmp_path: Path) -> None:
    told = found(tmp_path, "patient,treatment_start,death_date", "7,2015-03-14,2015-03")
    assert [p.id for p in told] == ["dates.month-alone"]
    told = found(tmp_path, "patient,treatment_start,death_date", "7,2015-03-14,2015-02")
    assert [p.id for p in told] == ["dates.death-before-start", "dates.month-alone"]


def test_events_after_the_cutoff_are_said(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, "patient,treatment_start,death_date", "7,2015-03-14,2020-02-01")
    assert (problem.id, problem.severity) == ("dates.after-cutoff", Severity.WARNING)
    assert problem.place.cell == "C2"


def test_a_year_far_ahead_is_found(tmp_path: Path) -> None:
    rows = [f"{i},2016-01-01,2018-01-01" for i in range(20)] + ["99,2016-01-01,2081-01-01"]
    ids = {p.id: p.patient for p in found(tmp_path, "patient,treatment_start,last_contact", *rows)}
    assert ids["dates.future"] == "99"
