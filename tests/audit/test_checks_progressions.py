"""Counts of progressions and deaths against patients and best responses."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit

pytestmark = pytest.mark.usefixtures("rules_alone")

PAPER = """Abstract. Results: We studied 50 consecutive patients. Conclusion: All is well.

Results

A total of 50 consecutive patients were included. As the best response, 3 (6.0%), 17 (34.0%),
18 (36.0%) and 12 (24.0%) patients had CR, PR, SD and PD, respectively. {said}

"""


@pytest.mark.parametrize(
    "said",
    [
        "During follow-up, 9 patients progressed.",
        "At the time of analysis, 9 patients (18.0%) had progressed.",
        "Overall, 9 patients had disease progression and 7 died.",
    ],
)
def test_more_progressive_disease_than_progressions(said: str) -> None:
    found = audit(PAPER.format(said=said))
    assert [(f.id, f.certainty) for f in found] == [
        ("progressions.best-response", Certainty.INCONSISTENT)
    ]
    assert "12" in found[0].headline and "9" in found[0].headline


@pytest.mark.parametrize(
    "said", ["During follow-up, 60 patients died.", "Overall, 53 patients progressed."]
)
def test_more_events_than_patients(said: str) -> None:
    found = audit(PAPER.format(said=said))
    assert [(f.id, f.certainty) for f in found] == [("progressions.size", Certainty.INCONSISTENT)]


@pytest.mark.parametrize(
    "said",
    [
        "During follow-up, 38 patients progressed.",
        "During follow-up, 12 patients progressed.",
        "Within the first 3 months, 9 patients progressed.",
        "At 6 months, 9 patients had progressed.",
        "Overall, 9 patients progressed in the brain.",
        "Overall, 9 patients progressed after a response.",
        "Of the 20 responders, 9 patients progressed.",
        "Of the 18 patients with stable disease, 9 patients (50.0%) progressed.",
        "During second-line treatment, 9 patients progressed.",
        "Overall, 9 patients progressed and were treated with nivolumab.",
        "At the last follow-up, 9 patients died.",
        "Overall, 9 patients progressed. During follow-up, 38 patients progressed.",
    ],
)
def test_counts_of_a_part_of_the_patients_or_the_time_are_left_alone(said: str) -> None:
    assert audit(PAPER.format(said=said)) == []
