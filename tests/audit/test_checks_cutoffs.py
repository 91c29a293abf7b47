"""Cut-offs of one variable in two tables."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit

PAPER = """Results

A total of 50 consecutive patients were included. The 50 patients had a good outcome.

Table 1. Characteristics (n = 50)

Sex (%)
  Male                 30 (60.0)
  Female               20 (40.0)
{name} (%)
{levels}

Table 2. Cox regression of overall survival

                                     HR       95% CI         P
Sex (male versus female)             1.32     0.61-2.86      0.48
{row}     1.80     0.85-3.81      0.12

"""
TWO = "  <1.0                 30 (60.0)\n  ≥1.0                 20 (40.0)"
UNIT = "  <1.0 mg/dL           30 (60.0)\n  ≥1.0 mg/dL           20 (40.0)"
THREE = (
    "  <0.8                 10 (20.0)\n  0.8-1.2              20 (40.0)\n"
    "  >1.2                 20 (40.0)"
)
NORM = "  <1.0 x ULN           30 (60.0)\n  ≥1.0 x ULN           20 (40.0)"


def ids(name: str, levels: str, row: str, *, unusual: bool) -> set[tuple[str, Certainty]]:
    text = PAPER.format(name=name, levels=levels, row=row)
    return {(f.id, f.certainty) for f in audit(text, unusual=unusual) if f.id.startswith("cut")}


@pytest.mark.parametrize("levels", [TWO, UNIT])
def test_another_cut_off_is_unusual(levels: str) -> None:
    row = "LDH ratio (≥0.8 versus <0.8)"
    assert ids("LDH ratio", levels, row, unusual=False) == set()
    found = ids("LDH ratio", levels, row, unusual=True)
    assert found == {("cutoffs.differ", Certainty.UNUSUAL)}


@pytest.mark.parametrize(
    ("name", "levels", "row"),
    [
        ("LDH ratio", TWO, "LDH ratio (≥1.0 versus <1.0)"),
        ("LDH ratio", TWO, "LDH ratio (>1 versus ≤1)"),
        ("LDH ratio", UNIT, "LDH ratio (≥10 g/L versus <10 g/L)"),
        ("LDH ratio", NORM, "LDH ratio (≥250 versus <250)"),
        ("LDH ratio", THREE, "LDH ratio (≥1.0 versus <1.0)"),
        ("LDH ratio", TWO, "CRP ratio (≥0.8 versus <0.8)"),
        ("LDH ratio", TWO, "LDH ratio (high versus low)"),
    ],
)
def test_cut_offs_that_may_agree_are_left_alone(name: str, levels: str, row: str) -> None:
    assert ids(name, levels, row, unusual=True) == set()
