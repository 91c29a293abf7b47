"""Which sheets have a row per event, and what their words are."""

from __future__ import annotations

from datetime import date

import pytest

from oncohort.records.grid import Raw
from oncohort.records.matching import profiles
from oncohort.study.draft_event_rows import event_rows, role_of
from oncohort.study.drafting import Page


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        *[(w, "death_date") for w in ("Death", "Tod", "verstorben", "Décès", "死亡", "Died")],
        *[(w, "progression_date") for w in ("Progression", "PD", "Rezidiv", "増悪", "复发")],
        *[(w, "last_contact") for w in ("Last contact", "alive", "letzter Kontakt", "末次随访")],
        *[(w, "treatment_start") for w in ("Treatment start", "Therapiebeginn", "手術", "Surgery")],
        *[(w, "") for w in ("Rash", "CT scan", "free of progression", "", "x" * 80)],
    ],
)  # fmt: skip
def test_words_of_events(word: str, ours: str) -> None:
    assert role_of(word) == ours


def page_of(**columns: list[object]) -> Page:
    height = len(next(iter(columns.values())))
    raw = Raw(
        "c.xlsx", "Events", tuple(columns), tuple(columns.values()), list(range(2, 2 + height))
    )
    return Page("c.xlsx", "Events", raw, profiles(raw), None, "")


DAYS: list[object] = [date(2015, 1, d) for d in (1, 2, 3, 4)]


def test_a_sheet_of_events_is_known_by_its_words() -> None:
    page = page_of(patient=[1, 1, 2, 3], event=["PD", "death", "PD", "death"], date=DAYS)
    found = event_rows(page)
    assert found is not None
    assert (found.patient, found.kind, found.date) == ("patient", "event", "date")
    assert found.roles == {"PD": "progression_date", "death": "death_date"}


def test_other_sheets_are_none() -> None:
    toxic: list[object] = ["rash", "nausea", "rash", "death"]
    assert event_rows(page_of(patient=[1, 1, 2, 3], event=toxic, date=DAYS)) is None
    status: list[object] = ["dead", "alive", "dead", "alive"]
    assert event_rows(page_of(patient=[1, 2, 3, 4], status=status, date=DAYS)) is None
    reason: list[object] = ["PD"] * 4
    assert event_rows(page_of(patient=[1, 2, 3, 4], reason=reason, date=DAYS)) is None
    assert event_rows(page_of(who=[1, 1, 2, 3], event=reason, date=DAYS, seen=DAYS)) is None
