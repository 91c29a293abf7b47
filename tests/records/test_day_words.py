"""Words in columns of days that say that the day has not come."""

from __future__ import annotations

import pytest

from oncohort.records.day_words import not_happened


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
