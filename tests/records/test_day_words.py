"""Words in columns of days that say that the day has not come."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.records.day_words import not_happened
from oncohort.study.study import read_study


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No progression",
        "no PD",
        "pas de progression",
        "keine Progression",
        "kein Progress",
        "sin progresión",
        "nessuna progressione",
        "geen progressie",
        "brak progresji",
        "未进展",
        "無増悪",
        "増悪なし",
        "progression-free",
    ],
)
def test_what_denies_a_progression_is_no_day(text: str) -> None:
    assert not_happened("progression_date", text)


@pytest.mark.parametrize(
    "text",
    [
        "progression",
        "clinical progression",
        "nodal progression",
        "not known",
        "nicht bekannt",
        "no CT, clinical progression",
        "no progression until 2016",
        "unknown",
        "NA",
    ],
)
def test_what_may_be_one_is_asked(text: str) -> None:
    assert not not_happened("progression_date", text)


def test_only_days_of_events_are_denied() -> None:
    assert not not_happened("treatment_start", "no progression")
    assert not_happened("death_date", "not dead")


def test_a_last_contact_that_is_a_death_needs_to_know_who_is_dead(tmp_path: Path) -> None:
    """Else nobody has died, and survival is for ever."""
    (tmp_path / "patients.csv").write_text(
        "patient,treatment_start,last_contact\n1,2020-01-01,2021-01-01\n2,2020-01-01,2021-05-01\n"
    )
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "Synthetic"\ndata = "patients.csv"\n'
        "[tables.patients]\nlast_contact_is_death = true\n"
        '[endpoints.os]\nfrom = "treatment_start"\nevents = ["death"]\n'
    )
    study = read_study(tmp_path)
    told = [p for p in study.problems if p.id == "columns.missing"]
    assert ["vital_status" in p.what for p in told] == [True]
    results = study.run().numbers.results
    assert not any(e.id.startswith("survival.os") for r in results for e in r.estimates)
