"""Columns that print no percent sign, and pairs of which the paper names another number."""

from __future__ import annotations

import pytest
from test_false_alarms import jats, loud

pytestmark = pytest.mark.usefixtures("rules_alone")

HEAD = (("Characteristic", "Drug (n = 40)", "Placebo (n = 38)"),)
ROWS = (
    ("Sex", "", ""),
    ("Male", "25 (62.5)", "22 (57.9)"),
    ("Female", "15 (37.5)", "16 (42.1)"),
    ("ECOG 0", "22 (55.0)", "20 (52.6)"),
    ("Liver metastases", "14 (35.0)", "13 (34.2)"),
    ("Lung metastases", "26 (65.0)", "21 (55.3)"),
    ("Bone metastases", "9 (22.5)", "11 (28.9)"),
    ("Brain metastases", "3 (7.5)", "2 (5.3)"),
    ("Prior surgery", "31 (77.5)", "30 (78.9)"),
)


def changed(row: int, drug: str) -> tuple[tuple[str, ...], ...]:
    label, _, placebo = ROWS[row]
    return (*ROWS[:row], (label, drug, placebo), *ROWS[row + 1 :])


def test_shares_of_the_patients_of_a_column_need_no_sign() -> None:
    assert loud(jats(ROWS, head=HEAD)) == []


@pytest.mark.parametrize(
    ("row", "wrong", "figures"),
    [
        (1, "25 (65.2)", ("25", "65.2")),
        (8, "31 (75.7)", ("31", "75.7")),
        (5, "26 (56.0)", ("26", "56.0")),
    ],
)
def test_a_slip_among_shares_without_a_sign_is_told(
    row: int, wrong: str, figures: tuple[str, ...]
) -> None:
    assert [f.figures for f in loud(jats(changed(row, wrong), head=HEAD))] == [figures]


@pytest.mark.parametrize(
    "means",
    [
        ("Education", "12 (3.1)", "11 (3.4)"),
        ("Walking distance", "312 (85.2)", "298 (90.1)"),
        ("Blood loss", "21 (150)", "23 (140)"),
        ("Episodes", "31 (8.2)", "33 (9.1)"),
    ],
)
def test_means_among_shares_without_a_sign_are_quiet(means: tuple[str, ...]) -> None:
    assert loud(jats((*ROWS, means), head=HEAD)) == []
    assert loud(jats((*ROWS[:5], means, *ROWS[5:]), head=HEAD)) == []


def test_a_column_of_means_says_nothing_of_percentages() -> None:
    rows = (
        ("Pain", "25 (6.2)", "22 (5.9)"),
        ("Fatigue", "15 (3.5)", "16 (4.1)"),
        ("Sleep", "22 (55.0)", "20 (5.6)"),
        ("Role", "14 (3.0)", "13 (3.2)"),
        ("Appetite", "26 (6.0)", "21 (5.3)"),
        ("Nausea", "31 (7.5)", "30 (7.9)"),
    )
    assert loud(jats(rows, head=HEAD)) == []


def test_a_larger_number_named_elsewhere_is_not_whose_share_a_pair_of_a_uniform_column_is() -> None:
    screened = "We screened 120 patients, of whom 78 were randomised."
    # 26 of 120 are 21.7 %: the screened, in one arm of one row alone?
    wrong = changed(5, "26 (21.7)")
    assert [f.figures for f in loud(jats(wrong, head=HEAD, said=(screened,)))] == [("26", "21.7")]
    both = (*ROWS[:5], ("Lung metastases", "26 (21.7)", "21 (17.5)"), *ROWS[6:])
    assert loud(jats(both, head=HEAD, said=(screened,))) == []


def test_rows_of_events_with_rates_make_no_sum_of_levels() -> None:
    rows = (
        ("Histology, n (%)", ""),
        ("Squamous", "13 (20)"),
        ("Exacerbations", "45 (0.9)"),
        ("Adenocarcinoma", "27 (42)"),
        ("Adenosquamous", "1 (2)"),
        ("Large cell", "22 (34)"),
        ("Other", "1 (2)"),
        ("Episodes", "31 (0.28)"),
        ("Stage IV, n (%)", "40 (63)"),
        ("Smoker, n (%)", "32 (50)"),
    )
    assert loud(jats(rows, head=(("", "All (n = 64)"),))) == []
