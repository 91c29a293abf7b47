"""Arms that a sentence gives with their sizes, and hazard ratios that are bound to them."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit_report
from oncohort.audit.extract.sentences import Sentence
from oncohort.audit.extract.text_arms import read_arms
from oncohort.published.model import Where


@pytest.mark.parametrize(
    ("said", "arms"),
    [
        ("We randomly assigned 412 patients: 205 to drug A and 207 to placebo.",
         [("drug A", "205"), ("placebo", "207")]),
        ("Patients were randomised to receive lapatinib (n = 205) or placebo (n = 207).",
         [("lapatinib", "205"), ("placebo", "207")]),
        ("Of 1,102 women, 554 were randomized to eribulin and 548 to capecitabine.",
         [("eribulin", "554"), ("capecitabine", "548")]),
        ("Twenty were randomly allocated to exercise and twenty-two to the control group.",
         [("exercise", "20"), ("control", "22")]),
        ("Patients were randomised to A (n = 20), B (n = 21) or C (n = 22).", []),
        ("The 205 patients of drug A and 207 of placebo were alike.", []),
        ("Patients were randomised to drug A or placebo.", []),
    ],
)  # fmt: skip
def test_arms_of_a_sentence(said: str, arms: list[tuple[str, str]]) -> None:
    facts = read_arms([Sentence(said, Where("results"), True, 0)])
    assert [(f.subject, f.value) for f in facts] == arms


PAPER = """Methods

We randomly assigned 60 patients: 30 to drug A and 30 to placebo.

Results

Overall survival was longer with drug A than with placebo (HR 0.70, 95% CI {interval}).
"""


def test_an_interval_too_narrow_for_the_arms() -> None:
    (finding,) = audit_report(PAPER.format(interval="0.66 to 0.74")).findings
    assert finding.id == "cox.interval" and finding.proof is Certainty.IMPOSSIBLE_IF
    assert "30" in finding.headline
    assert not audit_report(PAPER.format(interval="0.41 to 1.20")).findings


def test_arms_that_the_sentence_does_not_name_bind_nothing() -> None:
    text = PAPER.replace("longer with drug A than with placebo", "shorter in smokers than others")
    assert not audit_report(text.format(interval="0.66 to 0.74")).shown()
