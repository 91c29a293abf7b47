"""Adverse events of a twin have grades that the criteria know, where the paper leaves a choice."""

from __future__ import annotations

from oncohort.published.model import (
    AdverseEvent,
    Grade,
    Level,
    Population,
    Published,
    Response,
    Time,
)
from oncohort.twin import Twin, reconstruct
from oncohort.twin.counts import grades_in_use


def _twin(*events: AdverseEvent) -> Twin:
    return reconstruct(
        Published(populations=(Population("cohort", n="20"),), adverse_events=events), seed=1
    )


def test_a_free_grade_is_one_of_the_criteria() -> None:
    twin = _twin(
        AdverseEvent("Alopecia", (Grade("any", "9"),)),
        AdverseEvent("Syncope", (Grade("any", "4"),)),
    )
    assert {3} == set(grades_in_use("Syncope"))
    for row in twin.tables["adverse_events"]:
        assert row["grade"] in grades_in_use(str(row["term"])), row
    assert twin.certificate.count("met") == 2


def test_a_printed_grade_that_the_criteria_lack_leaves_safety_standing() -> None:
    twin = _twin(AdverseEvent("Syncope", (Grade("1-2", "2", "10"),)))
    assert twin.certificate.count("met") == 2
    assert any("CTCAE 5.0 has no grade" in note for note in twin.certificate.notes)
    study = twin.study()  # its files are gone by now
    assert [p for p in study.problems if p.severity.value == "error"] == []
    assert study.run().left_out == ()


def test_stable_disease_that_ends_before_the_second_scan_is_charted() -> None:
    """More patients progress early than have progression as best response."""
    twin = reconstruct(
        Published(
            populations=(Population("cohort", n="40"),),
            responses=(Response((Level("PR", "4"), Level("SD", "36"), Level("PD", "0"))),),
            times=(Time("PFS", "1.2", "months"),),
        ),
        seed=1,
    )
    assert twin.certificate["times.pfs.median"].state == "met"
    charted = {str(row["patient"]) for row in twin.tables["lesions"]}
    assert charted == {str(row["patient"]) for row in twin.tables["patients"]}


def test_a_death_of_an_event_lies_within_any_event_and_belongs_to_a_dead_patient() -> None:
    """A row for any event that prints no deaths does not say that there were none."""
    twin = reconstruct(
        Published(
            populations=(Population("cohort", n="30"),),
            times=(Time("OS", "NR", "months"),),
            adverse_events=(
                AdverseEvent("Any", (Grade("any", "25"), Grade(">=3", "9")), any=True),
                AdverseEvent("Pneumonitis", (Grade("any", "5"), Grade("5", "2"))),
            ),
        ),
        seed=1,
    )
    assert {x.key: x.state for x in twin.certificate.lines if x.state != "met"} == {}
    died = {r["patient"] for r in twin.tables["adverse_events"] if r["grade"] == 5}
    assert len(died) == 2
    assert [p for p in twin.study().problems if p.severity.value == "error"] == []
