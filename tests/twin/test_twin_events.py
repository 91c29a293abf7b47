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
