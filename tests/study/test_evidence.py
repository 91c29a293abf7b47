"""The evidence behind numbers ends at the deciding cells."""

from __future__ import annotations

from pathlib import Path

import oncohort as oc
from oncohort.study.evidence import deciding_column
from varied_studies import write_study


def test_survival_points_at_the_date_and_not_at_the_patient(tmp_path: Path) -> None:
    results = oc.read_study(write_study(tmp_path / "study")).run()
    cohort = results.study.cohort
    told = results.context.evidence["survival.os"]
    for patient, event in cohort.frame.select("patient", "os_event").iter_rows():
        assert ("(death_date)" if event else "(last_contact)") in told[patient], told[patient]


def test_follow_up_and_adverse_events_have_cells(tmp_path: Path) -> None:
    results = oc.read_study(write_study(tmp_path / "study", n=12)).run()
    evidence = results.context.evidence
    assert set(evidence["survival.follow_up"]) == set(results.study.cohort.patients)
    assert all("patients.csv" in s for s in evidence["survival.follow_up"].values())
    assert all("adverse_events.csv" in s for s in evidence["safety.any_event"].values())


def test_a_fact_of_another_table() -> None:
    assert deciding_column("assessments", "progression", True) == "overall"
    assert deciding_column("patients", "progression", True) == "progression_date"
