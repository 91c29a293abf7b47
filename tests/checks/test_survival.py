"""Flags that are the wrong way round, and deaths without dates."""

from __future__ import annotations

from pathlib import Path

from conftest import shared_file
from oncohort.checks import check
from oncohort.problems import Problem, Severity
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.depends import settled

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "{data}"\n'


def problems(folder: Path, data: str, rest: str) -> list[Problem]:
    protocol = parse_protocol(HEAD.format(data=data) + rest)
    found = check(read_records(protocol, folder), protocol)
    return settled(found, protocol)


MIAO = """[tables.patients]
columns = {{ patient = "patientid", best_response = "recist" }}
[endpoints.pfs]
time = "survival_time_pfs"
event = "event_occurred_pfs"
event_value = {value}
"""


def test_inverted_flags_of_a_real_file_are_an_error_that_blocks() -> None:
    folder = shared_file("data")
    found = problems(folder, "rcc_miao2018_icb.csv", MIAO.format(value=1))
    (problem,) = [p for p in found if p.id == "survival.inverted-event"]
    assert problem.severity is Severity.ERROR
    assert problem.what == (
        "With event_value = 1 every patient whose best response is PD (16) has no PFS event."
    )
    assert "[endpoints.pfs] event_value = 0" in problem.todo
    assert problem.blocks == ("survival.follow_up", "survival.pfs")
    assert problem.place.key == "endpoints.pfs.event_value"


def test_right_flags_of_the_same_file_pass() -> None:
    folder = shared_file("data")
    found = problems(folder, "rcc_miao2018_icb.csv", MIAO.format(value=0))
    assert "survival.inverted-event" not in {p.id for p in found}


def test_inverted_flags_as_words(tmp_path: Path) -> None:
    rows = "".join(f"{i},PD,4,censored\n" for i in range(5)) + "9,PR,20,event\n"
    (tmp_path / "c.csv").write_text("patient,best_response,m,flag\n" + rows)
    found = problems(
        tmp_path, "c.csv", '[endpoints.pfs]\ntime = "m"\nevent = "flag"\nevent_value = "event"\n'
    )
    (problem,) = [p for p in found if p.id == "survival.inverted-event"]
    assert '[endpoints.pfs] event_value = "censored"' in problem.todo


def test_flags_of_overall_survival_are_not_judged_by_response(tmp_path: Path) -> None:
    rows = "".join(f"{i},PD,4,0\n" for i in range(5))
    (tmp_path / "c.csv").write_text("patient,best_response,m,flag\n" + rows)
    found = problems(
        tmp_path, "c.csv", '[endpoints.os]\ntime = "m"\nevent = "flag"\nevent_value = 1\n'
    )
    assert "survival.inverted-event" not in {p.id for p in found}


DATED = """[endpoints.os]
from = "treatment_start"
events = ["death"]
censoring = "last_contact"
"""


def test_death_and_status_must_agree(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "patient,treatment_start,vital_status,death_date\n"
        "1,2015-01-01,dead,\n2,2015-01-01,alive,2016-01-01\n3,2015-01-01,dead,2016-01-01\n"
    )
    found = problems(tmp_path, "c.csv", DATED)
    assert [(p.id, p.place.cell) for p in found] == [
        ("survival.alive-with-death", "C3"),
        ("survival.death-without-date", "D2"),
    ]
    assert all(p.blocks == ("survival.follow_up", "survival.os") for p in found)
