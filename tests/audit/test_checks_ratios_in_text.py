"""Hazard ratios in sentences that print the sizes of their groups."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit

pytestmark = pytest.mark.usefixtures("rules_alone")

PAPER = """Results

A total of 50 consecutive patients were included. The 50 patients had a good outcome.
{said}

"""
GROUPS = "OS was shorter in patients with bone lesions (n = 8) than in those without (n = 42)"


def test_an_interval_too_narrow_for_the_groups_of_its_sentence() -> None:
    found = audit(PAPER.format(said=GROUPS + " (HR 1.90, 95% CI 1.40-2.58)."))
    assert [(f.id, f.certainty) for f in found] == [("cox.interval", Certainty.IMPOSSIBLE_IF)]
    assert "8 and 42" in found[0].headline
    assert "Wald" in found[0].headline


@pytest.mark.parametrize(
    "said",
    [
        GROUPS + " (HR 1.90, 95% CI 0.85-4.25).",
        # The sizes may be of something else.
        "Of the patients (n = 8) and of others (n = 42), OS was poor (HR 1.90, 95% CI 1.40-2.58).",
        GROUPS.replace("n = 8", "n = 8 events") + " (HR 1.90, 95% CI 1.40-2.58).",
        GROUPS + " or with one lesion (n = 20) (HR 1.90, 95% CI 1.40-2.58).",
        GROUPS + " in a trial by Smith et al. (HR 1.90, 95% CI 1.40-2.58).",
        GROUPS + " (HR 1.90, 95% CI 1.40-2.58) and in men (HR 1.20, 95% CI 1.00-1.44).",
        # An odds ratio follows another rule.
        GROUPS + " (OR 1.90, 95% CI 1.40-2.58).",
    ],
)
def test_other_sentences_are_left_alone(said: str) -> None:
    assert [f for f in audit(PAPER.format(said=said)) if f.id.startswith("cox")] == []


def test_weights_take_the_bound_away() -> None:
    said = "We used inverse probability weighting. " + GROUPS + " (HR 1.90, 95% CI 1.40-2.58)."
    assert [f for f in audit(PAPER.format(said=said)) if f.id.startswith("cox")] == []


TWO_ARMS = """<article><body><sec><title>Results</title><p>{said}</p>
<table-wrap><label>Table 1</label><caption><p>Baseline</p></caption><table><thead><tr><th></th>
<th>Twice-daily radiotherapy (n = 40)</th><th>Once-daily radiotherapy (n = 39)</th></tr></thead>
<tbody><tr><td>Male, n (%)</td><td>20 (50.0)</td><td>19 (48.7)</td></tr>
<tr><td>Stage IV, n (%)</td><td>10 (25.0)</td><td>13 (33.3)</td></tr></tbody></table></table-wrap>
</sec></body></article>"""


def test_arms_are_known_by_their_telling_words() -> None:
    said = (
        "OS was longer in the twice-daily group than in the once-daily group (HR 0.80, 95% CI {})."
    )
    narrow = audit("\n" + TWO_ARMS.format(said=said.format("0.72-0.89")))
    assert [f.id for f in narrow] == ["cox.interval"] and "40 and" in narrow[0].headline
    assert audit("\n" + TWO_ARMS.format(said=said.format("0.51-1.25"))) == []


def test_of_all_patients_an_interval_that_is_too_narrow_is_unusual() -> None:
    said = "A total of 50 consecutive patients were included. {} (HR 1.90, 95% CI 1.60-2.26)."
    for words in ("OS was shorter with bone lesions than without", "OS favoured the drug arm"):
        text = PAPER.format(said=said.format(words))
        assert audit(text) == []
        assert "cox.all" in [f.id for f in audit(text, unusual=True)]
    text = PAPER.format(said=said.format("OS fell with higher CRP levels"))
    assert "cox.all" not in [f.id for f in audit(text, unusual=True)]


SCREENED = """Results

Of 260 patients screened, 96 patients were randomly assigned. {said}

Table 1. Characteristics

                  Drug A (n = 48)   Placebo (n = 48)

Male              30 (62.5)         28 (58.3)
Smoker            12 (25.0)         20 (41.7)
Diabetes          9 (18.8)          8 (16.7)
Stroke            4 (8.3)           5 (10.4)

"""


def test_two_arms_that_make_the_randomised_patients_are_the_groups() -> None:
    said = "OS was longer with drug A than with placebo (HR 0.60, 95% CI 0.50-0.72)."
    found = [f for f in audit(SCREENED.format(said=said)) if f.id == "cox.interval"]
    assert [f.certainty for f in found] == [Certainty.IMPOSSIBLE_IF]
    assert "48 and 48" in found[0].headline
    other = SCREENED.format(said=said).replace("96 patients were", "120 patients were")
    assert [f for f in audit(other) if f.id == "cox.interval"] == []
