"""Each row of the sensitivity table is a rule of its own, not one on top of the declared one."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from oncohort.analyses import sensitivity
from oncohort.analyses.result import Numbers
from oncohort.endpoints.building import build_cohort
from oncohort.protocol import parse_protocol

HEAD = """[study]
schema = 1
title = "A study"
data = "data.xlsx"
time_unit = "days"
[schedule]
scan_weeks = [8]
scan_tolerance_weeks = 1
[response]
source = "assessments"
[endpoints.pfs]
"""
START = date(2014, 1, 1)
RULES = ("last_assessment", "last_contact", "new_therapy", "new_therapy_event", "missed_visits")


def tables(contact: bool = True) -> dict[str, pl.DataFrame]:
    """Patient 1 dies long after the last scan, patient 2 has a new therapy, patient 3 neither."""
    who = pl.DataFrame(
        {
            "patient": ["1", "2", "3"],
            "treatment_start": [START] * 3,
            "death_date": [date(2014, 12, 1), None, None],
            "last_contact": [date(2014, 12, 1), date(2014, 11, 1), date(2014, 11, 1)],
            "source_row": [2, 3, 4],
        }
    )
    scans = pl.DataFrame(
        {"patient": ["1", "2", "3"], "date": [date(2014, 3, 1)] * 3, "overall": ["SD"] * 3}
    )
    lines = pl.DataFrame({"patient": ["2"], "start": [date(2014, 4, 1)]})
    return {
        "patients": who if contact else who.drop("last_contact"),
        "assessments": scans,
        "therapies": lines,
    }


def rows(censoring: str, contact: bool = True) -> dict[str, tuple[object, object]]:
    protocol = parse_protocol(HEAD + (f'censoring = "{censoring}"\n' if censoring else ""))
    cohort = build_cohort(tables(contact), protocol)
    found = sensitivity.analyse(protocol, cohort)
    assert found is not None
    numbers = Numbers([found])
    keys = [e.id.partition("rules=")[2].rstrip("]") for e in found.estimates if ".n[" in e.id]
    return {
        key: tuple(  # type: ignore[misc]
            numbers[f"sensitivity.pfs.{what}[rules={key}]"].value for what in ("events", "censored")
        )
        for key in keys
    }


EXPECTED = {
    "plain": (1, 2),
    "last_contact": (1, 2),
    "new_therapy": (1, 2),
    "new_therapy_event": (2, 1),
    "missed_visits": (0, 3),
}


@pytest.mark.parametrize("censoring", ["", *RULES])
def test_the_rows_are_the_same_whatever_rule_is_declared(censoring: str) -> None:
    assert rows(censoring) == EXPECTED


def test_a_rule_that_would_lose_patients_is_not_estimable_by_name() -> None:
    protocol = parse_protocol(HEAD)
    cohort = build_cohort(tables(contact=False), protocol)
    found = sensitivity.analyse(protocol, cohort)
    assert found is not None
    lost = [e for e in found.estimates if "rules=last_contact" in e.id]
    assert {e.state for e in lost} == {"not_estimable"}
    assert {e.note for e in lost} == {"no date of censoring under this rule in 2 patients"}
    assert rows("", contact=False)["plain"] == (1, 2)


def test_a_declared_rule_without_any_last_contact_is_a_question() -> None:
    protocol = parse_protocol(HEAD + 'censoring = "last_contact"\n[endpoints.os]\n')
    cohort = build_cohort(tables(contact=False), protocol)
    asked = [p for p in cohort.problems if p.id == "endpoints.no-last-contact"]
    assert [p.place.key for p in asked] == ["endpoints.pfs", "endpoints.os"]
    assert "2 patients without an event would be lost" in asked[0].what
    complete = build_cohort(tables(), protocol)
    assert not [p for p in complete.problems if p.id == "endpoints.no-last-contact"]
