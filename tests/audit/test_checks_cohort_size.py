"""The size of the cohort in abstract, text and tables."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit

pytestmark = pytest.mark.usefixtures("rules_alone")

PAPER = """Abstract. Results: {abstract} Conclusion: All is well.

Introduction

Little is known.

Results

{results}

Table 1. {caption}

Characteristic         {head}
Sex
  Male                 30 (60.0)
  Female               20 (40.0)

"""
GOOD = {
    "abstract": "We studied 50 consecutive patients.",
    "results": "A total of 50 patients were included in this study. The 50 patients did well.",
    "caption": "Characteristics",
    "head": "n (%)",
}


def paper(**parts: str) -> str:
    return PAPER.format(**(GOOD | parts))


def test_one_size_is_quiet() -> None:
    assert audit(paper()) == []


@pytest.mark.parametrize(
    "parts",
    [
        {"abstract": "We studied 52 consecutive patients."},
        {"abstract": "Fifty-two patients were included in this study."},
        {"abstract": "The present study included 52 patients with kidney cancer."},
        {"caption": "Characteristics of the 52 patients"},
        {"head": "All patients (n = 52)"},
    ],
)
def test_two_sizes_of_the_whole_cohort(parts: dict[str, str]) -> None:
    found = [f for f in audit(paper(**parts)) if f.id == "cohort_size.differs"]
    assert [f.certainty for f in found] == [Certainty.INCONSISTENT]
    assert "50" in found[0].headline and "52" in found[0].headline
    assert len(found[0].quotes) == 2


@pytest.mark.parametrize(
    "parts",
    [
        # Explained.
        {"abstract": "We studied 52 patients.", "results": GOOD["results"] + " Two were excluded."},
        {"abstract": "We studied 52 patients.", "results": GOOD["results"] + " Two refused."},
        {"abstract": "We studied 52 patients, of whom 2 had no follow-up."},
        # Other steps of one study.
        {"abstract": "A total of 52 patients were enrolled."},
        {"abstract": "We reviewed 52 patients."},
        {"abstract": "A total of 52 patients were identified."},
        # Parts of the cohort.
        {
            "results": "The 50 patients did well. Biopsies: 45. All 45 patients were analyzed.",
            "abstract": "A total of 50 patients were analyzed in this study.",
        },
        {"abstract": "We analyzed 45 patients."},
        {"abstract": "We studied 45 patients with liver metastases."},
        {"abstract": "We studied 45 elderly patients."},
        {"caption": "Characteristics of the 45 patients with liver metastases"},
        {"head": "Women (n = 45)"},
        # Two cohorts.
        {"abstract": "We studied 52 patients and 60 controls."},
        {"abstract": "We studied 150 patients."},
        {"abstract": "Smith et al. studied 52 patients."},
        {"results": GOOD["results"] + " A total of 52 patients were included in this study."},
        {"abstract": "We studied 52 eyes of 50 patients."},
    ],
)
def test_sizes_that_can_both_be_true_are_left_alone(parts: dict[str, str]) -> None:
    assert [f for f in audit(paper(**parts)) if f.id == "cohort_size.differs"] == []
