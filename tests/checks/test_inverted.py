"""Flags that are the wrong way round, by what else is known of the patients, for every endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.checks import check
from oncohort.checks.inverted import reversed_shares
from oncohort.problems import Problem, Severity
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.depends import settled

TEXT = """[study]
schema = 1
title = "A study"
data = "c.csv"
[endpoints.{key}]
label = "{label}"
time = "months"
event = "flag"
event_value = {value}
"""
ENDPOINTS = [("os", "OS"), ("x1", "Overall survival"), ("css", "Cancer-specific survival")]


def found(
    folder: Path, rows: list[str], head: str, key: str = "os", label: str = "OS", value: str = "1"
) -> list[Problem]:
    (folder / "c.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    protocol = parse_protocol(TEXT.format(key=key, label=label, value=value))
    problems = settled(check(read_records(protocol, folder), protocol), protocol)
    return [p for p in problems if p.id.startswith("survival.inverted")]


def charted(dead_of_cr: int, dead_of_pd: int, each: int = 25) -> list[str]:
    """Patients with CR and with PD, so many of whom have died (flag 1)."""
    rows = []
    for word, dead in (("CR", dead_of_cr), ("PD", dead_of_pd)):
        for i in range(each):
            rows.append(f"{word}{i},{word},{12 + i % 7}.5,{int(i < dead)}")
    return rows


HEAD = "patient,best_response,months,flag"


@pytest.mark.parametrize(("key", "label"), ENDPOINTS)
def test_responders_who_die_first_are_asked_about(tmp_path: Path, key: str, label: str) -> None:
    (problem,) = found(tmp_path, charted(24, 8), HEAD, key, label)
    assert problem.id == "survival.inverted-by-response"
    assert problem.severity is Severity.QUESTION
    assert "24 of the 25 patients with a complete or partial response" in problem.what
    assert "8 of the 25" in problem.what
    assert f"[endpoints.{key}] event_value = 0" in problem.todo
    assert f"survival.{key}" in problem.blocks


@pytest.mark.parametrize(("cr", "pd"), [(8, 24), (12, 12), (16, 10), (0, 0)])
def test_the_right_order_and_chance_pass(tmp_path: Path, cr: int, pd: int) -> None:
    assert found(tmp_path, charted(cr, pd), HEAD) == []


def test_few_patients_say_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, charted(4, 0, each=4), HEAD) == []


def test_the_dead_without_event_and_the_living_with_one_are_an_error(tmp_path: Path) -> None:
    head = "patient,vital_status,months,flag"
    rows = [f"d{i},dead,{5 + i},0" for i in range(9)] + [f"a{i},alive,{30 + i},1" for i in range(7)]
    (problem,) = found(tmp_path, rows, head)
    assert problem.id == "survival.inverted-by-status"
    assert problem.severity is Severity.ERROR
    assert "only 0 of the 9 dead patients" in problem.what and "7 of the 7" in problem.what
    assert found(tmp_path, rows, head, value="0") == []
    assert found(tmp_path, rows, head, key="ttp", label="Time to progression") == []


def test_a_progression_is_told_once(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, charted(24, 8), HEAD, "pfs", "PFS")
    assert problem.id == "survival.inverted-event"


def test_shares_are_compared_beyond_chance() -> None:
    assert reversed_shares((24, 25), (8, 25))
    assert not reversed_shares((25, 25), (4, 4))
    assert not reversed_shares((13, 25), (11, 25))
