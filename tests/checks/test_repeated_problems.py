"""One cause is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.checks.repeats import told_once
from oncohort.checks.report import to_text
from oncohort.problems import Place, Problem, Severity, problem
from oncohort.study.study import read_study

START = Place("data.csv", cell="C2", column="start")
ROW = Place(sheet="patients", row=2)
LABEL = {"label": "OS"}


def ids(*problems: Problem) -> list[tuple[str, str | None]]:
    return [(p.id, p.patient) for p in told_once(problems)]


def at(id_: str, patient: str | None, column: str = "crp", **more: str) -> Problem:
    severity = Severity(more.get("severity", "warning"))
    return Problem(id_, severity, "x", place=Place("a.csv", column=column), patient=patient)


def test_a_missing_start_is_told_with_its_endpoints_at_its_cell() -> None:
    lacking = problem("endpoints.no-origin", place=ROW, patient="7", **LABEL)
    (one,) = told_once([problem("survival.no-start", place=START, patient="7"), lacking])
    assert (one.id, one.place) == ("endpoints.no-origin", START)
    # Where no endpoint lacks it, the start is told alone.
    assert ids(problem("survival.no-start", place=START, patient="7")) == [
        ("survival.no-start", "7")
    ]


def test_a_start_that_cannot_be_read_is_told_at_its_cell_alone() -> None:
    found = (
        Problem("values.unreadable", Severity.ERROR, "x", place=START, patient="7"),
        problem("survival.no-start", place=START, patient="7"),
        problem("endpoints.no-origin", place=ROW, patient="7", **LABEL),
    )
    assert ids(*found) == [("values.unreadable", "7")]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (("survival.os",), []),
        (("survival.os", "survival.follow_up"), []),
        ((), ["endpoints.no-origin"]),
        (("survival.pfs",), ["endpoints.no-origin"]),
    ],
)
def test_an_endpoint_that_waits_for_a_question_is_no_error_too(
    asked: tuple[str, ...], left: list[str]
) -> None:
    question = problem(
        "protocol.open-question", place=Place(file="study.toml"), blocks=asked,
        text="?", name="start",
    )  # fmt: skip
    error = Problem("endpoints.no-origin", Severity.ERROR, "x", blocks=("survival.os",))
    found = [p.id for p in told_once([question, error])]
    assert found == ["protocol.open-question", *left]


def test_a_number_that_cannot_be_is_not_called_an_outlier_too() -> None:
    own = at("values.implausible", "7"), at("values.outlier", "7"), at("values.two-scales", "7")
    assert ids(*own) == [("values.implausible", "7")]
    apart = at("values.implausible", "7"), at("values.outlier", "8")
    assert ids(*apart) == [("values.implausible", "7"), ("values.outlier", "8")]
    other = at("values.implausible", "7"), at("values.outlier", "7", "ldh")
    assert len(ids(*other)) == 2
    whole = at("values.unit-of-one-centre", None), at("values.spread", None)
    assert ids(*whole) == [("values.unit-of-one-centre", None)]


def test_what_several_leave_out_is_said_of_all_of_them() -> None:
    many = [
        Problem("dates.future", Severity.ERROR, "x", place=START, patient=who, blocks=(block,))
        for who, block in (("1", "survival.os"), ("2", "survival.pfs"))
    ]
    assert "leaves out: survival.os, survival.pfs" in to_text(many)


def test_a_start_after_the_cutoff_is_not_called_missing(tmp_path: Path) -> None:
    rows = [f"{i},2015-03-0{1 + i % 9},2018-03-01,alive," for i in range(12)]
    rows[4] = "4,2021-01-07,2021-03-01,alive,"
    head = "patient,treatment_start,last_contact,vital_status,death_date\n"
    (tmp_path / "x.csv").write_text(head + "\n".join(rows) + "\n", "utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\ncutoff = 2019-01-01\n[endpoints.os]\n',
        "utf-8",
    )
    own = [p for p in read_study(tmp_path).problems if p.patient == "4"]
    assert "dates.after-cutoff" in {p.id for p in own}
    assert "endpoints.no-origin" not in {p.id for p in own}


@pytest.mark.parametrize(
    ("cause", "follows", "column", "left"),
    [
        ("values.body", "values.outlier", "height", False),
        ("values.body", "values.two-units", "Gewicht (kg)", False),
        ("values.body", "values.outlier", "psa", True),
        ("values.body", "values.body-index", "bmi", False),
        ("dates.after-death", "doses.after-end", "end", False),
        ("dates.after-death", "endpoints.after-last-contact", "last_contact", False),
        ("survival.death-without-date", "endpoints.no-follow-up", "", False),
        ("dates.last-contact-before-start", "endpoints.before-origin", "patient", False),
    ],
)
def test_what_follows_of_one_patient(cause: str, follows: str, column: str, left: bool) -> None:
    first, second = at(cause, "7", "weight"), at(follows, "7", column)
    assert ids(first, second) == [(cause, "7"), (follows, "7")][: 1 + left]
    assert len(ids(first, at(follows, "8", column))) == 2


def test_a_level_that_is_none_is_told_once_with_its_patients(tmp_path: Path) -> None:
    levels = ["a", "b"] * 12
    levels[5], levels[8] = "bb", ""
    rows = [f"{i},{arm},{3 + i},{i % 2}" for i, arm in enumerate(levels)]
    (tmp_path / "x.csv").write_text("\n".join(["patient,arm,os,dead", *rows]) + "\n", "utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n'
        '[variables.arm]\nlevels = { a = "A", b = "B" }\n'
        '[endpoints.os]\ntime = "os"\nevent = "dead"\nevent_value = 1\nby = ["arm"]\n',
        "utf-8",
    )
    found = {p.id: p.what for p in read_study(tmp_path).problems}
    assert "(1 row: patient 5)" in found["variables.unknown-level"]
    assert "(8)" in found["variables.no-group"]
    assert "values.near-level" not in found


def test_values_that_cannot_be_are_not_two_scales_too(tmp_path: Path) -> None:
    hb = [f"{10 + i % 5}.{i % 10}" for i in range(24)]
    for low, high in (("10.1", "119"), ("10.2", "131")):
        hb[hb.index(low) if low in hb else 0] = high
    rows = [f"{i},{value}" for i, value in enumerate(hb)]
    (tmp_path / "x.csv").write_text("\n".join(["patient,hb", *rows]) + "\n", "utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n'
        '[variables.hb]\nkind = "continuous"\nunit = "g/dL"\n',
        "utf-8",
    )
    assert {p.id for p in read_study(tmp_path).problems} == {"values.implausible"}


def test_the_end_of_treatment_after_death(tmp_path: Path) -> None:
    rows = [
        f"{i},2015-03-{1 + i:02d},2016-0{1 + i % 9}-02,2016-0{1 + i % 9}-02,dead,2015-10-01"
        for i in range(9)
    ]
    rows[3] = "3,2015-03-04,2016-04-02,2016-04-02,dead,2016-05-20"
    rows[4] = "4,2015-03-05,2016-05-02,2016-05-02,dead,2016-05"  # the month is known alone
    head = "patient,treatment_start,last_contact,death_date,vital_status,treatment_end\n"
    (tmp_path / "x.csv").write_text(head + "\n".join(rows) + "\n", "utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n[endpoints.os]\n', "utf-8"
    )
    found = [(p.id, p.patient) for p in read_study(tmp_path).problems if p.patient]
    assert ("dates.after-death", "3") in found
    assert ("dates.after-death", "4") not in found
    assert ("endpoints.after-last-contact", "3") not in found
