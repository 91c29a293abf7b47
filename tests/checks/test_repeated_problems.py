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
