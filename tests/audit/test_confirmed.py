"""Readings that the paper's other figures confirm, and kinds of rows that are no counts."""

from __future__ import annotations

import pytest

from oncohort.audit import audit_report

pytestmark = pytest.mark.usefixtures("rules_alone")

TABLE = """Results

A total of 80 patients were randomised.

Table 1. Characteristics
Characteristic            A (n = 40), n (%)    B (n = 40), n (%)
Male                      20 (50.0)            22 (55.0)
Smoker                    10 (25.0)            12 (30.0)
Diabetes                  8 (20.0)             6 (15.0)
Hypertension              18 (45.0)            16 (40.0)
Stroke                    4 (10.0)             2 (5.0)
{row}
"""


def loud(row: str) -> list[str]:
    return [f.id for f in audit_report(TABLE.format(row=row)).shown()]


def test_a_wrong_percentage_is_told() -> None:
    assert loud("Cancer (%)                5 (8.5)              6 (15.0)") == ["counts.percentage"]


@pytest.mark.parametrize(
    "row",
    [
        "LVEF (%)                  32 (12.1)            35 (11.3)",
        "LVEF (%)                  32 (12.1)            20 (50.0)",
        "Adherence (%)             32 (12.1)            35 (11.3)",
        "Mean                      17 (2.8)             18 (3.1)",
        "Cancer (%)                5 (8.5)              7 (11.9)",
    ],
)
def test_rows_that_may_be_no_counts(row: str) -> None:
    assert loud(row) == []


@pytest.mark.parametrize("brackets", ["406", "100.5", "1204"])
def test_brackets_above_100_beside_a_number_above_the_column_are_no_percentage(
    brackets: str,
) -> None:
    row = f"Birth weight              3133 ({brackets})           3013 (494)"
    report = audit_report(TABLE.format(row=row))
    assert [f for f in report.findings if "3133" in f.headline] == []


RATIOS = """Results

Table 2. Multivariable analysis
Variable                 HR (95% CI)          P
Age                      1.20 (1.01-1.43)     0.04
Sex                      0.90 (0.70-1.16)     0.41
Stage                    1.80 (1.20-2.70)     0.004
{row}
"""


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Grade                    2.10 (2.40-3.10)     0.01", True),
        ("Grade                    1.00 (0.00-0.00)     ", False),
        ("Grade (reference)        1.00 (1.20-1.30)     ", False),
        ("Grade                    2.10 (1.60-2.76)     0.001", False),
    ],
)
def test_estimates_outside_their_interval(row: str, told: bool) -> None:
    shown = [f.id for f in audit_report(RATIOS.format(row=row)).shown()]
    assert shown == ["ratios.inside"] * told


def test_an_estimate_alone_is_only_unusual() -> None:
    table = RATIOS.splitlines()[:4]
    text = "\n".join([*table, "Grade                    2.10 (2.40-3.10)     0.01", ""])
    assert not audit_report(text).shown()
    (finding,) = (f for f in audit_report(text, unusual=True).findings if f.id == "ratios.inside")
    assert "no two other figures" in finding.readings[-1]
