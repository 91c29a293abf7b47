"""Figures that are right, though they look wrong to a hasty reader: nothing may be said."""

from __future__ import annotations

import pytest

from oncohort.audit import audit

pytestmark = pytest.mark.usefixtures("rules_alone")

HEAD = """Results

A total of 42 consecutive patients were included. The 42 patients had a good outcome.

"""


def table(*rows: str, caption: str = "Table 1. Characteristics of the 42 patients") -> str:
    return HEAD + caption + "\n\n" + "\n".join(rows) + "\n\n"


GOOD = (
    "Sex, n (%)",
    "  Male                   30 (71.4)",
    "  Female                 12 (28.6)",
    "Stage, n (%)",
    "  I                      14 (33.3)",
    "  II                     28 (66.7)",
)


@pytest.mark.parametrize(
    "rows",
    [
        # Mean and standard deviation in a column of counts.
        ("Age, years              54 (13)", "Hemoglobin              12 (1.5)"),
        ("Albumin                 4 (0.5)", "Body mass index         24.1 (3.2)"),
        # Percentages of those with data.
        ("LDH, n (%)", "  Normal                 30 (75.0)", "  High                   10 (25.0)"),
        # Metastatic sites: more than one each.
        ("Metastatic sites (%)", "  Lung             30 (71.4)", "  Liver            20 (47.6)"),
        # A part of a part.
        ("Surgery (%)", "  Any                    30 (71.4)", "  Of these, radical      12 (40.0)"),
        # Percentages that were made to add up to 100.
        ("Grade (%)", "  1                      14 (33.3)", "  2                      14 (33.3)",
         "  3                      14 (33.4)"),
        # Cut off, not rounded.
        ("ECOG (%)", "  0                      26 (61.9)", "  1                      16 (38.0)"),
        # Median and range, ratio, lesions.
        ("Median age (range)      62 (41-83)", "Right/left              30/22"),
        ("Number of lesions       97 (33.1)",),
    ],
)  # fmt: skip
def test_right_tables(rows: tuple[str, ...]) -> None:
    assert audit(table(*GOOD, *rows)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Grade 3 (5.2%) and grade 4 (1.1%) events were rare in these patients.",
        "The score fell by 3 (12.4%) in 40 patients.",
        "Of 30 evaluable patients, 7 (23.3%) responded, and 12 (40%) of them were men.",
        "ECOG PS 0 (40.1%), 1 (50.3%) and 2 (9.6%) were seen in these patients.",
        "Smith et al. treated 31 (44.9%) of their patients in this way.",
        "Response was seen in 16/42 patients (38.1%; 95% CI 23.6-54.4).",
        "The rate was 12/42 (28.5%), cut off after one digit.",
        "Median OS was 30.2 months in responders and 10.1 months in non-responders. "
        "Median OS was 20.3 months.",
    ],
)
def test_right_sentences(sentence: str) -> None:
    assert audit(HEAD + sentence + "\n") == []


def test_medians_of_arms_and_other_studies_are_not_compared() -> None:
    text = """Abstract. Results: The 42 patients were randomised. The median PFS was 10.6 months
with sorafenib and 8.0 months with placebo. Conclusion: It works.

Introduction

In the TARGET trial the median PFS was 5.5 months (1).

Results

The 42 patients were followed. The median PFS was 8.0 months with placebo and 10.6 months with
sorafenib. The median PFS from diagnosis was 40.1 months.

Discussion

In this study of 42 patients, the median PFS was 10.6 months, against 5.5 months in an older trial.
"""
    assert audit(text) == []


def test_row_percentages_of_two_arms() -> None:
    text = (
        HEAD
        + """Table 2. Characteristics by arm, n (%)

                      A              B              All
                      (n = 20)       (n = 22)       (n = 42)
Sex
  Male                12 (40.0)      18 (60.0)      30 (100)
  Female              8 (66.7)       4 (33.3)       12 (100)
Stage
  I                   4 (28.6)       10 (71.4)      14 (100)
  II                  16 (57.1)      12 (42.9)      28 (100)

"""
    )
    assert audit(text) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Grade 3/4 (14.6%) events were seen in these patients, and stage III/IV disease in 20.",
        "Grade 3/4 adverse events (14.6%) led to 1/2 (12.0%) of the stops in these patients.",
        "The HR was 0.68 (95% CI 0.50-0.92; p = 0.70 for interaction) in these patients.",
        "The median OS was 1.2 years (95% CI 10.1-18.0 months) in these patients.",
        "Two of 3 (66.7%) patients died, and fifteen of 42 patients (35.7%) progressed.",
    ],
)
def test_right_sentences_of_other_kinds(sentence: str) -> None:
    assert audit(HEAD + sentence + "\n") == []


def test_a_median_that_the_results_print_of_a_group_is_not_compared() -> None:
    text = """Abstract. Results: In 42 consecutive patients, the median OS was 20.3 months.

Results

The 42 patients were followed. Median OS was 25.0 months. In group A (n = 20) it was 20.3 months.
"""
    assert audit(text) == []


def test_a_condition_of_table_one_is_no_adverse_event() -> None:
    text = table(*GOOD, "Comorbidity (%)", "  Hypertension           20 (47.6)")
    assert audit(text + "\nHypertension occurred in 17 (40.5%) of the patients.\n") == []


def test_an_introduction_without_a_heading_is_not_the_abstract() -> None:
    text = """Abstract

We studied 42 consecutive patients. The median OS was 20.3 months.

Keywords: sorafenib, kidney

In a large trial the median OS was 17.8 months, and it is often quoted.

Results

The 42 patients were followed. The median OS was 20.3 months.
"""
    assert audit(text) == []


WIDE = """Table 2. Univariate and multivariate analysis for OS

                       Univariate                      Multivariate
Variable               HR (95% CI)          P          HR (95% CI)          P
Age (>=65 vs <65)      1.20 (0.72-2.00)     0.48
Sex (female vs male)   0.90 (0.52-1.56)     0.71
Metastatic sites
  1                    1 (ref)                         1 (ref)
  2                    1.40 (0.70-2.80)     0.34       1.35 (0.67-2.72)     0.40
  >=3                  2.60 (1.35-5.01)     0.004      2.40 (1.23-4.68)     0.010

"""


def test_a_table_with_many_empty_cells_is_read_by_its_headings() -> None:
    from oncohort.audit.extract.paper import extract
    from oncohort.audit.readers.text import read_text

    head = HEAD.replace("42", "142")
    published, unread = extract(read_text(head + WIDE))
    assert unread == ()
    read = {(r.variable, r.level, r.model, r.estimate, r.p) for r in published.ratios}
    assert ("Metastatic sites", ">=3", "multivariable", "2.40", "0.010") in read
    assert ("Age", ">=65", "univariable", "1.20", "0.48") in read
    assert len(read) == 6
    assert audit(head + WIDE) == []
