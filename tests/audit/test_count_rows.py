"""Rows over the columns of a table: exchanged arms, groups of all, columns of few pairs."""

from __future__ import annotations

import pytest
from test_false_alarms import jats, loud

from oncohort.audit import audit_report

pytestmark = pytest.mark.usefixtures("rules_alone")

Rows = tuple[tuple[str, ...], ...]
ARMS = (("Characteristic", "Drug (n = 80), n (%)", "Placebo (n = 64), n (%)"),)
TWO: Rows = (
    ("ECOG", "", ""),
    ("0", "38 (47.5)", "31 (48.4)"),
    ("1", "30 (37.5)", "22 (34.4)"),
    ("2", "12 (15.0)", "11 (17.2)"),
    ("Metastases", "", ""),
    ("Liver", "17 (21.2)", "13 (20.3)"),
    ("Lung", "46 (57.5)", "33 (51.6)"),
    ("Bone", "24 (30.0)", "21 (32.8)"),
    ("Brain", "5 (6.2)", "3 (4.7)"),
    ("Prior surgery", "71 (88.8)", "58 (90.6)"),
    ("Prior radiotherapy", "28 (35.0)", "20 (31.2)"),
)
ALL = (("Characteristic", "All (n = 144), n (%)", *ARMS[0][1:]),)
_TOTALS = ("", "69 (47.9)", "52 (36.1)", "23 (16.0)", "", "30 (20.8)", "79 (54.9)", "45 (31.2)",
           "8 (5.6)", "129 (89.6)", "48 (33.3)")  # fmt: skip
THREE: Rows = tuple((r[0], t, *r[1:]) for r, t in zip(TWO, _TOTALS, strict=True))


def changed(rows: Rows, row: int, *cells: str) -> Rows:
    return (*rows[:row], (rows[row][0], *cells), *rows[row + 1 :])


def told(rows: Rows, head: tuple[tuple[str, ...], ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.id, f.figures) for f in loud(jats(rows, head=head))]


def test_tables_that_are_right_are_quiet() -> None:
    assert told(TWO, ARMS) == told(THREE, ALL) == []


def test_cells_of_two_arms_exchanged_are_one_finding() -> None:
    found = told(changed(TWO, 6, "33 (51.6)", "46 (57.5)"), ARMS)
    assert found == [("counts.percentage", ("33", "51.6", "46", "57.5"))]
    headline = loud(jats(changed(TWO, 6, "33 (51.6)", "46 (57.5)"), head=ARMS))[0].headline
    assert "33 (51.6) of 80 and 46 (57.5) of 64" in headline
    assert "each is a share of the other column's patients" in headline


def test_arms_of_one_size_cannot_be_told_apart() -> None:
    head = (("Characteristic", "Drug (n = 80), n (%)", "Placebo (n = 80), n (%)"),)
    rows = tuple((r[0], r[1], r[1]) for r in TWO)
    assert told(changed(rows, 6, "45 (56.2)", "46 (57.5)"), head) == []


@pytest.mark.parametrize(
    ("row", "cells", "figures"),
    [
        (6, ("79 (54.9)", "36 (45.0)", "33 (51.6)"), ("36", "45.0", "33", "51.6", "79", "54.9")),
        (7, ("54 (37.5)", "24 (30.0)", "21 (32.8)"), ("24", "30.0", "21", "32.8", "54", "37.5")),
        (2, ("52 (36.1)", "40 (50.0)", "22 (34.4)"), ("40", "50.0", "22", "34.4", "52", "36.1")),
    ],
)
def test_groups_that_make_all_patients_make_every_row(
    row: int, cells: tuple[str, ...], figures: tuple[str, ...]
) -> None:
    assert told(changed(THREE, row, *cells), ALL) == [("counts.total", figures)]


def test_rows_that_do_not_add_up_as_a_rule_say_nothing() -> None:
    rows = THREE
    for row, cell in ((5, "40 (27.8)"), (6, "90 (62.5)"), (8, "12 (8.3)")):
        rows = changed(rows, row, cell, *rows[row][2:])
    assert told(rows, ALL) == []


def test_lesions_of_groups_are_no_patients() -> None:
    lesions = ("Number of lesions treated", "54 (37.5)", "24 (30.0)", "21 (32.8)")
    assert told((*THREE, lesions), ALL) == []


def test_levels_that_share_out_the_other_arm_make_no_more_than_all() -> None:
    found = told(changed(TWO, 2, "40 (50.0)", "22 (34.4)"), ARMS)
    assert found == [("counts.sum", ("38", "47.5", "40", "50.0", "12", "15.0"))]


def test_levels_that_share_out_no_arm_may_be_of_one_patient_each_twice() -> None:
    rows = changed(TWO, 2, "40 (50.0)", "26 (40.6)")
    rows = (("Previous drugs", "", ""), *rows[1:])
    assert told(rows, ARMS) == []


FEW: Rows = (
    ("Age, mean (SD)", "61 (9.4)", "60 (9.9)"),
    ("Female", "33 (41.2)", "25 (39.1)"),
    ("Liver metastases", "17 (21.2)", "13 (20.3)"),
    ("Weight, kg, mean (SD)", "71 (12.1)", "70 (11.8)"),
    ("Prior surgery", "71 (88.8)", "58 (90.6)"),
)


@pytest.mark.parametrize("columns", [2, 4])
def test_columns_of_few_pairs_are_confirmed_by_the_other_columns(columns: int) -> None:
    head = (("Characteristic", *(f"{ARMS[0][1 + k % 2]} {'ab'[k // 2]}" for k in range(columns))),)
    rows = tuple((r[0], *(r[1 + k % 2] for k in range(columns))) for r in FEW)
    assert told(rows, head) == []
    wrong = changed(rows, 2, "17 (12.2)", *rows[2][2:])
    assert [f for _, f in told(wrong, head)] == ([("17", "12.2")] if columns == 4 else [])


def test_a_slip_is_told_where_nobody_is_missing_in_the_other_arms() -> None:
    assert told(changed(TWO, 8, "5 (9.2)", "3 (4.7)"), ARMS) == [
        ("counts.percentage", ("5", "9.2"))
    ]
    # With values missing in both arms it may be of those with data.
    assert told(changed(TWO, 8, "5 (9.2)", "3 (6.0)"), ARMS) == []


def test_a_finding_of_groups_says_what_to_do() -> None:
    text = jats(changed(THREE, 6, "79 (54.9)", "36 (45.0)", "33 (51.6)"), head=ALL)
    report = audit_report(text)
    assert "36 + 33 = 69" in report.findings[0].headline
    assert "8 of the 9 rows" in " ".join(report.findings[0].readings)
