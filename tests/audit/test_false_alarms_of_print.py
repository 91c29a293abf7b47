"""Tables and sentences as PDFs give them: thousands with blanks, odd signs, means, several bases.

Each kind that is right stands beside a sibling that is wrong for certain.
"""

from __future__ import annotations

import pytest
from test_false_alarms import BASE, Cells, block, jats

from oncohort.audit import audit
from oncohort.audit.readers.bounds import plain_characters

pytestmark = pytest.mark.usefixtures("rules_alone")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Telephone (n = 42 715)", "Telephone (n = 42,715)"),
        ("16 178 (37.9)", "16,178 (37.9)"),
        ("Of 42 715 patients 16 178 (37.9%) died", "Of 42,715 patients 16,178 (37.9%) died"),
        ("16 178/42 715 (37.9%)", "16,178/42,715 (37.9%)"),
        ("1 204 567 people", "1,204,567 people"),
        ("Arguments, n ¼ 759; p ¼ .03; N¼1499", "Arguments, n = 759; p = .03; N=1499"),
        # None of these is one number for certain.
        ("in 2019 120 patients", "in 2019 120 patients"),
        ("Table 2 120 patients", "Table 2 120 patients"),
        ("grade 3 120 (30%)", "grade 3 120 (30%)"),
        ("aged 18 100 women", "aged 18 100 women"),
        ("5 and 12 345 patients", "5 and 12 345 patients"),
        ("12 345", "12 345"),
        ("2 ¼ 30 hours, ¼ of all", "2 ¼ 30 hours, ¼ of all"),
    ],
)
def test_thousands_with_blanks_and_equals_signs_of_other_fonts(text: str, plain: str) -> None:
    assert plain_characters(text) == plain


VISITS = (
    ("Age, y", ""), ("<55", "16 178 (37.9)"), ("55-64", "9181 (21.5)"), ("65-74", "9278 (21.7)"),
    ("≥75", "8078 (18.9)"), ("Sex", ""), ("Female", "22 212 (52.0)"), ("Male", "20 503 (48.0)"),
)  # fmt: skip


def test_a_heading_whose_thousands_are_parted_by_a_blank() -> None:
    head = (("Characteristic", "Telephone (n = 42 715), No. (%)"),)
    assert audit(jats(VISITS, head)) == []
    wrong = tuple((a, b.replace("21.7", "12.7")) for a, b in VISITS)
    assert [f.figures for f in audit(jats(wrong, head))] == [("9278", "12.7")]


ARMS = (
    ("Sex", "", ""), ("Male", "34 (64.2)", "20 (50.0)"), ("Female", "19 (35.8)", "20 (50.0)"),
    ("Stage", "", ""), ("III", "28 (52.8)", "22 (55.0)"), ("IV", "25 (47.2)", "18 (45.0)"),
)  # fmt: skip
TWO = (("Characteristic", "Drug (n = 53), n (%)", "Placebo (n = 40), n (%)"),)


@pytest.mark.parametrize(
    "rows",
    [
        (("Pressure", "", ""), ("Diastolic", "83.9 (11.9)", "30 (11.7)")),
        (("Quality", "", ""), ("Baseline", "5 (0.8)", "5.4 (0.8)"), ("End", "4.1 (0.7)", "4 (1)")),
        (("Health", "", ""), ("Mean BMI (SE), kg/m2", "34 (0.8)", "33 (1.4)"),
         ("Diabetes", "10 (18.9)", "8 (20.0)")),
    ],
)  # fmt: skip
def test_a_whole_mean_among_decimal_ones_is_no_count(rows: tuple[Cells, ...]) -> None:
    assert audit(jats((*ARMS, *rows), TWO)) == []


def test_a_share_among_shares_is_one() -> None:
    rows = (
        ("Region", "", ""),
        ("North", "20 (37.7)", "14 (31.7)"),
        ("South", "33 (62.3)", "26 (65.0)"),
    )
    found = audit(jats((*ARMS, *rows), TWO))
    assert [f.figures for f in found] == [("14", "31.7")]


def test_levels_without_indents_that_may_go_on_are_not_summed() -> None:
    """Of 11,719: the first four make 97 % already, the last two are small."""
    levels = (
        ("Employed", "6464 (55)"), ("Retired", "3976 (34)"), ("Unemployed", "220 (2)"),
        ("Disabled", "752 (6)"), ("Student", "19 (0)"), ("Homemaker", "288 (2)"),
    )  # fmt: skip
    rows = (("Employment", ""), *levels, ("Female", "6885 (49)"))
    head = (("Characteristic", "N (%)"),)
    assert audit(jats(rows, head, caption="Patients")) == []
    wrong = (("Employment", ""), ("Employed", "6464 (65)"), *levels[1:], ("Female", "6885 (49)"))
    assert audit(jats(wrong, head, caption="Patients")) == []


def test_levels_that_make_a_hundred_within_rounding_end_there() -> None:
    """The first five make 99.91 %; all six make 100 and 1,168."""
    levels = (
        ("One", "8 (0.68)"), ("Two", "1134 (97.09)"), ("Three", "14 (1.20)"), ("Four", "6 (0.51)"),
        ("Five", "5 (0.43)"), ("Six", "1 (0.09)"), ("Female", "885 (75.77)"),
    )  # fmt: skip
    head = (("Characteristic", "N (%)"),)
    assert audit(jats((("Species", ""), *levels), head, caption="Samples")) == []
    wrong = (("Species", ""), levels[0], ("Two", "1143 (97.09)"), *levels[2:])
    found = audit(jats(wrong, head, caption="Samples"))
    assert "1143" in {x for f in found for x in f.figures}


OTHER = (
    ("Funding", "497 (65.5)"),
    ("Grants", "154 (20.3)"),
    ("Choice", "140 (18.4)"),
    ("None", "69 (9.1)"),
)
FOR = tuple(
    (f"Argument {k}", f"{count} ({100 * count / 740:.1f})")
    for k, count in enumerate((358, 219, 84, 61, 37, 49, 19, 7, 24, 79, 93, 74, 111, 148))
)


def test_many_pairs_of_one_other_base_are_of_other_patients() -> None:
    head = (("Arguments", "N (%)"),)
    caption = "Answers of 740 students"
    assert audit(jats((*OTHER, *FOR), head, caption=f"{caption} (n = 740)")) == []
    one = (("Funding", "497 (61.2)"), *FOR)
    found = audit(jats(one, head, caption=f"{caption} (n = 740)"))
    assert [f.figures for f in found] == [("497", "61.2")]


def test_a_column_of_which_many_pairs_are_of_nobody_is_no_base() -> None:
    """Five of seven pairs are shares of 53: enough to read the column by, not to accuse a pair."""
    rows = (*BASE, ("Diabetes", "20 (37.7)"), ("A", "10 (16.9)"), ("B", "11 (24.4)"))
    assert audit(jats(rows)) == []
    assert [f.figures for f in audit(jats(rows[:-1]))] == [("10", "16.9")]
    head = (("Characteristic", "All (n = 53), n (%)", "Men (n = 34), n (%)"),)
    beside = tuple((*row, "8 (23.5)" if row[0] == "A" else "") for row in rows)
    assert [f.figures for f in audit(jats(beside, head))] == []
    men = tuple((*row, f"{17 + k} ({100 * (17 + k) / 34:.1f})" if row[1] else "")
                for k, row in enumerate(rows))  # fmt: skip
    assert [f.figures for f in audit(jats(men, head))] == [("10", "16.9")]


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("Data were complete in 18/22 (19%) of the controls and in 22/25 (12%) of the others.", []),
        ("Goals were set by most (14/23, 63%), and tracked by some (7/14, 51%).",
         [("14", "23", "63"), ("7", "14", "51")]),
    ],
)  # fmt: skip
def test_the_share_of_those_who_are_not_counted(said: str, figures: list[tuple[str, ...]]) -> None:
    assert [f.figures for f in audit(jats(said=[said]))] == figures


def test_a_block_still_tells_its_own_error() -> None:
    levels = (
        ("One", "20 (37.7)"),
        ("Two", "13 (24.5)"),
        ("Three", "12 (25.6)"),
        ("Four", "8 (15.1)"),
    )
    found = audit(jats(block("Lines", *levels)))
    assert [f.figures for f in found] == [("12", "25.6")]
