"""Laboratory grades: every cut-off at, just below and just above; both directions; baselines."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import shared_file
from oncohort.criteria import ctcae
from oncohort.criteria.ctcae.lab_rules import Atom, Facts, evaluate
from oncohort.records.units import analytes

ALL, OLD, NEW = ("3.0", "4.03", "5.0"), ("3.0",), ("4.03", "5.0")
V3, V4, V5, V34 = ("3.0",), ("4.03",), ("5.0",), ("3.0", "4.03")

# versions, test, unit, limits, direction, cut-offs: (figure, grade at it, grade just beyond it).
# Falling tests: at 8.0 the better grade, just below the worse. Rising: at 2.5 x ULN the better
# grade, just above the worse. Written from the published tables, not from the data files.
Cut = tuple[float, int, int]
CUTS: list[tuple[tuple[str, ...], str, str, dict[str, float], str, list[Cut]]] = [
    (V3, "Hb", "g/dL", {"lower": 13.5}, "low", [(13.5, 0, 1), (10, 1, 2), (8, 2, 3), (6.5, 3, 4)]),
    (V3, "Hb", "g/L", {"lower": 135}, "low", [(135, 0, 1), (100, 1, 2), (80, 2, 3), (65, 3, 4)]),
    (V3, "Hb", "mmol/L", {"lower": 8.4}, "low", [(8.4, 0, 1), (6.2, 1, 2), (4.9, 2, 3), (4, 3, 4)]),
    (NEW, "Hb", "g/dL", {"lower": 13.5}, "low", [(13.5, 0, 1), (10, 1, 2), (8, 2, 3), (6.5, 3, 3)]),
    (ALL, "PLT", "10^9/L", {"lower": 150}, "low",
     [(150, 0, 1), (75, 1, 2), (50, 2, 3), (25, 3, 4)]),
    (ALL, "PLT", "/mm3", {"lower": 150000}, "low",
     [(150000, 0, 1), (75000, 1, 2), (50000, 2, 3), (25000, 3, 4)]),
    (ALL, "ANC", "10^9/L", {"lower": 2}, "low", [(2, 0, 1), (1.5, 1, 2), (1, 2, 3), (0.5, 3, 4)]),
    (ALL, "WBC", "10^9/L", {"lower": 4}, "low", [(4, 0, 1), (3, 1, 2), (2, 2, 3), (1, 3, 4)]),
    (ALL, "lymphocytes", "10^9/L", {"lower": 1}, "low",
     [(1, 0, 1), (0.8, 1, 2), (0.5, 2, 3), (0.2, 3, 4)]),
    (ALL, "CD4", "/uL", {"lower": 600}, "low",
     [(600, 0, 1), (500, 1, 2), (200, 2, 3), (50, 3, 4)]),
    (NEW, "WBC", "10^9/L", {"upper": 9}, "high", [(9, 0, 0), (100, 0, 3)]),
    (NEW, "lymphocytes", "10^9/L", {"upper": 3.5}, "high", [(4, 0, 2), (20, 2, 3)]),
    (V3, "ALT", "U/L", {"upper": 40}, "high", [(40, 0, 1), (100, 1, 2), (200, 2, 3), (800, 3, 4)]),
    (V3, "AST", "U/L", {"upper": 40}, "high", [(40, 0, 1), (100, 1, 2), (200, 2, 3), (800, 3, 4)]),
    (V4, "ALT", "U/L", {"upper": 40}, "high", [(40, 0, 1), (120, 1, 2), (200, 2, 3), (800, 3, 4)]),
    (V4, "AST", "U/L", {"upper": 40}, "high", [(40, 0, 1), (120, 1, 2), (200, 2, 3), (800, 3, 4)]),
    (V5, "ALT", "U/L", {"upper": 40, "baseline": 40}, "high",
     [(40, 0, 1), (120, 1, 2), (200, 2, 3), (800, 3, 4)]),
    (V5, "ALT", "U/L", {"upper": 40, "baseline": 60}, "high",
     [(180, 1, 2), (300, 2, 3), (1200, 3, 4)]),
    (V5, "AST", "U/L", {"upper": 40, "baseline": 60}, "high",
     [(180, 1, 2), (300, 2, 3), (1200, 3, 4)]),
    (V34, "ALP", "U/L", {"upper": 100}, "high",
     [(100, 0, 1), (250, 1, 2), (500, 2, 3), (2000, 3, 4)]),
    (V34, "GGT", "U/L", {"upper": 60}, "high",
     [(60, 0, 1), (150, 1, 2), (300, 2, 3), (1200, 3, 4)]),
    (V5, "ALP", "U/L", {"upper": 100, "baseline": 90}, "high",
     [(100, 0, 1), (250, 1, 2), (500, 2, 3), (2000, 3, 4)]),
    (V5, "ALP", "U/L", {"upper": 100, "baseline": 200}, "high",
     [(500, 1, 2), (1000, 2, 3), (4000, 3, 4)]),
    (V5, "GGT", "U/L", {"upper": 60, "baseline": 100}, "high",
     [(250, 1, 2), (500, 2, 3), (2000, 3, 4)]),
    (V34, "T-Bil", "mg/dL", {"upper": 1.2}, "high",
     [(1.2, 0, 1), (1.8, 1, 2), (3.6, 2, 3), (12, 3, 4)]),
    (V5, "T-Bil", "umol/L", {"upper": 20, "baseline": 20}, "high",
     [(20, 0, 1), (30, 1, 2), (60, 2, 3), (200, 3, 4)]),
    (V5, "T-Bil", "mg/dL", {"upper": 1.2, "baseline": 2}, "high",
     [(2, 0, 1), (3, 1, 2), (6, 2, 3), (20, 3, 4)]),
    (V3, "creatinine", "mg/dL", {"upper": 1.1}, "high",
     [(1.1, 0, 1), (1.65, 1, 2), (3.3, 2, 3), (6.6, 3, 4)]),
    (V4, "creatinine", "mg/dL", {"upper": 1.2, "baseline": 0.8}, "high",
     [(0.8, 0, 1), (1.2, 1, 2), (2.4, 2, 3), (7.2, 3, 4)]),
    (V5, "creatinine", "mg/dL", {"upper": 1.2, "baseline": 0.9}, "high",
     [(1.2, 0, 1), (1.35, 1, 2), (2.7, 2, 3), (7.2, 3, 4)]),
    (V34, "amylase", "U/L", {"upper": 100}, "high",
     [(100, 0, 1), (150, 1, 2), (200, 2, 3), (500, 3, 4)]),
    (V34, "lipase", "U/L", {"upper": 60}, "high",
     [(60, 0, 1), (90, 1, 2), (120, 2, 3), (300, 3, 4)]),
    (V5, "lipase", "U/L", {"upper": 60, "symptoms": False}, "high",
     [(60, 0, 1), (90, 1, 2), (120, 2, 2), (300, 2, 3)]),
    (V5, "amylase", "U/L", {"upper": 60, "symptoms": True}, "high",
     [(60, 0, 1), (90, 1, 2), (120, 2, 3), (300, 3, 4)]),
    (ALL, "CPK", "U/L", {"upper": 200}, "high",
     [(200, 0, 1), (500, 1, 2), (1000, 2, 3), (2000, 3, 4)]),
    (V5, "LDH", "U/L", {"upper": 220}, "high", [(220, 0, 1), (2000, 1, 1)]),
    (ALL, "Alb", "g/dL", {"lower": 3.8}, "low", [(3.8, 0, 1), (3, 1, 2), (2, 2, 3)]),
    (ALL, "Alb", "g/L", {"lower": 38}, "low", [(38, 0, 1), (30, 1, 2), (20, 2, 3)]),
    (ALL, "corrected calcium", "mg/dL", {"upper": 10.2}, "high",
     [(10.2, 0, 1), (11.5, 1, 2), (12.5, 2, 3), (13.5, 3, 4)]),
    (ALL, "corrected calcium", "mmol/L", {"upper": 2.55}, "high",
     [(2.55, 0, 1), (2.9, 1, 2), (3.1, 2, 3), (3.4, 3, 4)]),
    (ALL, "corrected calcium", "mg/dL", {"lower": 8.6}, "low",
     [(8.6, 0, 1), (8, 1, 2), (7, 2, 3), (6, 3, 4)]),
    (ALL, "corrected calcium", "mmol/L", {"lower": 2.15}, "low",
     [(2.15, 0, 1), (2, 1, 2), (1.75, 2, 3), (1.5, 3, 4)]),
    (ALL, "ionized calcium", "mmol/L", {"upper": 1.3}, "high",
     [(1.3, 0, 1), (1.5, 1, 2), (1.6, 2, 3), (1.8, 3, 4)]),
    (ALL, "ionized calcium", "mmol/L", {"lower": 1.15}, "low",
     [(1.15, 0, 1), (1, 1, 2), (0.9, 2, 3), (0.8, 3, 4)]),
    (V34, "phosphate", "mg/dL", {"lower": 2.7}, "low",
     [(2.7, 0, 1), (2.5, 1, 2), (2, 2, 3), (1, 3, 4)]),
    (V34, "phosphate", "mmol/L", {"lower": 0.87}, "low",
     [(0.87, 0, 1), (0.8, 1, 2), (0.6, 2, 3), (0.3, 3, 4)]),
    (V34, "Na", "mmol/L", {"lower": 136}, "low", [(136, 0, 1), (130, 1, 3), (120, 3, 4)]),
    (V5, "Na", "mmol/L", {"lower": 136, "symptoms": False}, "low",
     [(136, 0, 1), (130, 1, 2), (125, 2, 3), (120, 3, 4)]),
    (V5, "Na", "mmol/L", {"lower": 136, "symptoms": True}, "low",
     [(136, 0, 1), (130, 1, 3), (120, 3, 4)]),
    (ALL, "Na", "mEq/L", {"upper": 146}, "high",
     [(146, 0, 1), (150, 1, 2), (155, 2, 3), (160, 3, 4)]),
    (V3, "K", "mmol/L", {"lower": 3.5}, "low", [(3.5, 0, 1), (3, 1, 3), (2.5, 3, 4)]),
    (NEW, "K", "mmol/L", {"lower": 3.5, "symptoms": True}, "low",
     [(3.5, 0, 2), (3, 2, 3), (2.5, 3, 4)]),
    (ALL, "K", "mmol/L", {"upper": 5}, "high",
     [(5, 0, 1), (5.5, 1, 2), (6, 2, 3), (7, 3, 4)]),
    (ALL, "magnesium", "mg/dL", {"lower": 1.7}, "low",
     [(1.7, 0, 1), (1.2, 1, 2), (0.9, 2, 3), (0.7, 3, 4)]),
    (ALL, "magnesium", "mmol/L", {"lower": 0.7}, "low",
     [(0.7, 0, 1), (0.5, 1, 2), (0.4, 2, 3), (0.3, 3, 4)]),
    (ALL, "magnesium", "mg/dL", {"upper": 2.4}, "high", [(2.4, 0, 1), (3, 1, 3), (8, 3, 4)]),
    (ALL, "magnesium", "mmol/L", {"upper": 1}, "high", [(1, 0, 1), (1.23, 1, 3), (3.3, 3, 4)]),
    (V3, "HCO3", "mmol/L", {"lower": 22}, "low",
     [(22, 0, 1), (16, 1, 2), (11, 2, 3), (8, 3, 4)]),
    (V5, "HCO3", "mmol/L", {"lower": 22}, "low", [(22, 0, 1), (8, 1, 1)]),
    (V3, "glucose", "mg/dL", {"upper": 110}, "high",
     [(110, 0, 1), (160, 1, 2), (250, 2, 3), (500, 3, 4)]),
    (V4, "glucose", "mg/dL", {"upper": 110, "fasting": True}, "high",
     [(110, 0, 1), (160, 1, 2), (250, 2, 3), (500, 3, 4)]),
    (V4, "glucose", "mmol/L", {"upper": 6.1, "fasting": True}, "high",
     [(6.1, 0, 1), (8.9, 1, 2), (13.9, 2, 3), (27.8, 3, 4)]),
    (V4, "glucose", "mg/dL", {"upper": 110, "fasting": False}, "high",
     [(160, 0, 0), (250, 0, 3), (500, 3, 4)]),
    (ALL, "glucose", "mg/dL", {"lower": 70}, "low",
     [(70, 0, 1), (55, 1, 2), (40, 2, 3), (30, 3, 4)]),
    (ALL, "glucose", "mmol/L", {"lower": 3.9}, "low",
     [(3.9, 0, 1), (3, 1, 2), (2.2, 2, 3), (1.7, 3, 4)]),
    (ALL, "cholesterol", "mg/dL", {"upper": 220}, "high",
     [(220, 0, 1), (300, 1, 2), (400, 2, 3), (500, 3, 4)]),
    (ALL, "cholesterol", "mmol/L", {"upper": 5.7}, "high",
     [(5.7, 0, 1), (7.75, 1, 2), (10.34, 2, 3), (12.92, 3, 4)]),
    (V3, "triglycerides", "mg/dL", {"upper": 150}, "high",
     [(150, 0, 1), (375, 1, 2), (750, 2, 3), (1500, 3, 4)]),
    (NEW, "triglycerides", "mg/dL", {}, "high", [(300, 1, 2), (500, 2, 3), (1000, 3, 4)]),
    (NEW, "triglycerides", "mmol/L", {}, "high", [(3.42, 1, 2), (5.7, 2, 3), (11.4, 3, 4)]),
    (V34, "uric acid", "mg/dL", {"upper": 7, "symptoms": False}, "high", [(7, 0, 1), (10, 1, 4)]),
    (V34, "uric acid", "mg/dL", {"upper": 7, "symptoms": True}, "high", [(7, 0, 3), (10, 3, 4)]),
    (V34, "uric acid", "mmol/L", {"upper": 0.42, "symptoms": False}, "high",
     [(0.42, 0, 1), (0.59, 1, 4)]),
    (V5, "uric acid", "mg/dL", {"upper": 7, "symptoms": True}, "high", [(7, 0, 3), (10, 3, 3)]),
    (V3, "PT-INR", "", {"upper": 1.2}, "high", [(1.2, 0, 1), (1.8, 1, 2), (2.4, 2, 3)]),
    (V4, "PT-INR", "", {"upper": 1.2}, "high", [(1.2, 0, 1), (1.8, 1, 2), (3.0, 2, 3)]),
    (V5, "PT-INR", "", {"upper": 1.1}, "high", [(1.2, 0, 1), (1.5, 1, 2), (2.5, 2, 3)]),
    (V3, "APTT", "s", {"upper": 40}, "high", [(40, 0, 1), (60, 1, 2), (80, 2, 3)]),
    (NEW, "APTT", "s", {"upper": 40}, "high", [(40, 0, 1), (60, 1, 2), (100, 2, 3)]),
    (V34, "fibrinogen", "mg/dL", {"lower": 200, "baseline": 100}, "low",
     [(200, 0, 1), (150, 1, 2), (100, 2, 3), (50, 3, 4)]),
    (V5, "fibrinogen", "mg/dL", {"lower": 200, "baseline": 300}, "low",
     [(200, 0, 1), (150, 1, 2), (100, 2, 3), (50, 3, 4)]),
    (ALL, "haptoglobin", "mg/dL", {"lower": 30}, "low", [(30, 0, 1)]),
    (V3, "eGFR", "mL/min/1.73m2", {"lower": 80}, "low", [(60, 0, 1), (40, 1, 2), (20, 2, 3)]),
    (NEW, "eGFR", "mL/min/1.73m2", {"lower": 90}, "low",
     [(90, 0, 1), (60, 1, 2), (30, 2, 3), (15, 3, 4)]),
    (V3, "proteinuria", "g/24h", {}, "high", [(1, 1, 2), (3.5, 2, 3)]),
    (V3, "QTc", "ms", {"baseline": 460}, "high", [(450, 0, 1), (470, 1, 2), (500, 2, 3)]),
    (V5, "QTc", "ms", {"baseline": 460}, "high", [(480, 1, 2), (500, 2, 3)]),
    (ALL, "pH", "", {"lower": 7.35}, "low", [(7.35, 0, 1), (7.3, 1, 3)]),
    (ALL, "arterial pH", "", {"upper": 7.45}, "high", [(7.45, 0, 1), (7.5, 1, 3)]),
    (V3, "%VC", "%", {}, "low", [(75, 1, 2), (50, 2, 3), (25, 3, 4)]),
    (NEW, "%VC", "%", {}, "low", [(75, 1, 2), (50, 2, 3)]),
    (V3, "FEV1", "%", {}, "low", [(75, 1, 2), (50, 2, 3), (25, 3, 4)]),
    (NEW, "FEV1", "%", {}, "low", [(70, 1, 2), (60, 2, 3), (50, 3, 4)]),
    (V3, "DLCO", "%", {}, "low", [(75, 1, 2), (50, 2, 3), (25, 3, 4)]),
    (V3, "LVEF", "%", {}, "low", [(60, 0, 1), (50, 1, 2), (40, 2, 3), (20, 3, 4)]),
]  # fmt: skip

CASES = [
    (version, test, unit, facts, direction, cut)
    for versions, test, unit, facts, direction, cuts in CUTS
    for version in versions
    for cut in cuts
]


@pytest.mark.parametrize(("version", "test", "unit", "facts", "direction", "cut"), CASES)
def test_at_just_below_and_just_above(
    version: str,
    test: str,
    unit: str,
    facts: dict[str, Any],
    direction: Any,
    cut: tuple[float, int, int],
) -> None:
    figure, at, beyond = cut
    worse = figure * (1 - 1e-6) if direction == "low" else figure * (1 + 1e-6)
    better = figure * (1 + 1e-6) if direction == "low" else figure * (1 - 1e-6)

    def graded(value: float) -> int | None:
        return ctcae.grade(test, value, unit, version=version, direction=direction, **facts).grade

    assert (graded(better), graded(figure), graded(worse)) == (at, at, beyond)


@pytest.mark.parametrize(
    ("version", "test", "unit", "facts", "value", "at", "below"),
    [
        # cut-offs that belong to the worse grade themselves
        ("5.0", "ALT", "U/L", {"upper": 40, "baseline": 60}, 90, 1, 0),
        ("5.0", "ALP", "U/L", {"upper": 100, "baseline": 200}, 400, 1, 0),
        ("5.0", "GGT", "U/L", {"upper": 60, "baseline": 100}, 200, 1, 0),
        ("4.03", "TG", "mg/dL", {}, 150, 1, 0),
        ("5.0", "TG", "mmol/L", {}, 1.71, 1, 0),
        ("3.0", "proteinuria", "g/24h", {}, 0.15, 1, 0),
        ("4.03", "proteinuria", "g/24h", {"upper": 0.15}, 1, 2, 1),
        ("4.03", "proteinuria", "g/24h", {"upper": 0.15}, 3.5, 3, 2),
        ("5.0", "proteinuria", "g/24h", {"upper": 0.15}, 0.15, 1, 0),
        ("5.0", "proteinuria", "g/24h", {"upper": 0.15}, 3.5, 3, 2),
        ("4.03", "systolic", "mmHg", {}, 120, 1, 0),
        ("4.03", "systolic", "mmHg", {}, 140, 2, 1),
        ("5.0", "systolic", "mmHg", {}, 160, 3, 2),
        ("5.0", "diastolic", "mmHg", {}, 80, 1, 0),
        ("5.0", "diastolic", "mmHg", {}, 90, 2, 1),
        ("4.03", "diastolic", "mmHg", {}, 100, 3, 2),
        ("3.0", "TnT", "ng/mL", {}, 0.03, 1, 0),
        ("3.0", "TnT", "ng/mL", {}, 0.05, 2, 1),
        ("3.0", "TnT", "ng/mL", {}, 0.1, 3, 2),
        ("3.0", "TnT", "ng/mL", {}, 0.2, 4, 3),
        ("4.03", "QTc", "ms", {}, 450, 1, 0),
        ("3.0", "QTc", "ms", {"baseline": 395}, 455, 2, 1),
    ],
)
def test_cut_offs_that_count_themselves(
    version: str, test: str, unit: str, facts: dict[str, float], value: float, at: int, below: int
) -> None:
    def graded(v: float) -> int | None:
        return ctcae.grade(test, v, unit, version=version, direction="high", **facts).grade

    assert (graded(value), graded(value * (1 - 1e-6))) == (at, below)


@pytest.mark.parametrize(
    ("value", "baseline", "direction", "expected"),
    [
        (95.0, 100, "low", 1),
        (90.0, 100, "low", 2),
        (80.0, 100, "low", 3),
        (95.1, 100, "low", 0),
        (105.0, 100, "high", 1),
        (110.0, 100, "high", 2),
        (120.0, 100, "high", 3),
        (104.9, 100, "high", 0),
    ],
)
@pytest.mark.parametrize("version", ALL)
def test_weight(version: str, value: float, baseline: float, direction: Any, expected: int) -> None:
    found = ctcae.grade(
        "weight", value, "kg", version=version, baseline=baseline, direction=direction
    )
    assert found.grade == expected


@pytest.mark.parametrize(
    ("version", "value", "expected"),
    [("3.0", 1, 1), ("3.0", 3, 2), ("3.0", 4, 3), ("4.03", 2, 2), ("5.0", 3, 2), ("5.0", 4, 3)],
)
def test_urine_dipstick(version: str, value: float, expected: int) -> None:
    assert ctcae.grade("urine dipstick", value, "+", version=version).grade == expected


@pytest.mark.parametrize(
    ("value", "baseline", "version", "expected"),
    [
        (55, 64, "4.03", 0),
        (50, 55, "4.03", 2),
        (55, 65, "4.03", 2),
        (50, 70, "4.03", 2),
        (50, 70, "5.0", 3),
        (49.9, 70, "4.03", 3),
        (39.9, 45, "5.0", 3),
        (19.9, 30, "5.0", 4),
    ],
)
def test_ejection_fraction_with_drop_from_baseline(
    value: float, baseline: float, version: str, expected: int
) -> None:
    assert ctcae.grade("LVEF", value, "%", version=version, baseline=baseline).grade == expected


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [
        (17.5, 15, 0),
        (17.6, 15, 1),
        (19.5, 15, 1),
        (19.6, 15, 2),
        (21.6, 15, 3),
        (18.0, 18.2, 0),
        (20.2, 18.2, 1),
        (20.3, 18.2, 2),
    ],
)
@pytest.mark.parametrize("version", NEW)
def test_hemoglobin_increased(version: str, value: float, baseline: float, expected: int) -> None:
    found = ctcae.grade(
        "Hb", value, "g/dL", version=version, upper=17.5, baseline=baseline, direction="high"
    )
    assert found.grade == expected


def test_anticoagulated_patients_are_judged_by_their_baseline_too() -> None:
    facts = {"upper": 1.1, "baseline": 2.0, "version": "4.03"}
    assert ctcae.grade("INR", 1.05, None, **facts, anticoagulated=True).grade == 0  # type: ignore[arg-type]
    assert ctcae.grade("INR", 2.2, None, **facts, anticoagulated=True).grade == 2  # type: ignore[arg-type]


# ---- what can't be graded, said -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "facts", "missing"),
    [
        (("Hb", 12, None), {"version": "3.0", "lower": 13.5}, ("unit",)),
        (("Hb", 12, "furlong"), {"version": "3.0", "lower": 13.5}, ("unit",)),
        (("neutrophils", 40, "%"), {"version": "3.0", "lower": 2}, ("unit",)),
        (("Hb", 12, "g/dL"), {"version": "3.0"}, ("lower limit",)),
        (("ALT", 100, "U/L"), {"version": "3.0"}, ("upper limit",)),
        (("ALT", 100, "U/L"), {"version": "5.0", "upper": 40}, ("baseline",)),
        (("creatinine", 1.0, "mg/dL"), {"version": "4.03", "upper": 1.2}, ("baseline",)),
        (
            ("glucose", 200, "mg/dL"),
            {"version": "4.03", "upper": 110, "direction": "high"},
            ("fasting",),
        ),
        (("Ca", 9, "mg/dL"), {"version": "4.03", "upper": 10}, ("albumin",)),
        (("phosphate", 1, "mg/dL"), {"version": "5.0", "lower": 2.5}, ("rule",)),
        (("systolic", 180, "mmHg"), {"version": "3.0"}, ("rule",)),
        (("LDH", 900, "U/L"), {"version": "4.03", "upper": 220}, ("rule",)),
        (("CRP", 9, "mg/dL"), {"version": "4.03", "upper": 0.3}, ("rule",)),
        (("unheard of", 9, "mg/dL"), {"version": "4.03"}, ("rule",)),
    ],
)
def test_says_what_is_missing(
    args: tuple[str, float, str | None], facts: dict[str, Any], missing: tuple[str, ...]
) -> None:
    found = ctcae.grade(*args, **facts)
    assert found.grade is None and found.missing == missing and found.reason


@pytest.mark.parametrize(("version", "full"), [("3.0", 90), ("4.03", 90), ("5.0", 90)])
def test_lung_function_at_the_first_cut_off_counts(version: str, full: float) -> None:
    found = [ctcae.grade("%VC", full + d, "%", version=version).grade for d in (0.1, 0, -0.1)]
    assert found == [0, 1, 1]


def test_a_missing_limit_matters_only_where_it_decides() -> None:
    assert ctcae.grade("Hb", 9.5, "g/dL", version="3.0").grade == 2
    normal = ctcae.grade("ALT", 30, "U/L", version="5.0", upper=40)
    assert (normal.grade, normal.missing) == (0, ())


def test_missing_symptoms_give_the_lower_grade_and_name_the_higher() -> None:
    found = ctcae.grade("Na", 127, "mmol/L", version="5.0", lower=136, upper=146)
    assert (found.grade, found.highest, found.missing) == (2, 3, ("symptoms",))
    assert "up to grade 3" in found.reason


def test_missing_baseline_may_be_declared_normal() -> None:
    found = ctcae.grade("ALT", 130, "U/L", version="5.0", upper=40, missing_baseline="normal")
    assert found.grade == 2


def test_total_calcium_is_corrected_first() -> None:
    low = ctcae.grade("Ca", 7.8, "mg/dL", version="4.03", lower=8.6, upper=10.2, albumin=2.5)
    assert low.grade == 0
    assert ctcae.grade("Ca", 7.8, "mg/dL", version="4.03", lower=8.6, albumin=4.0).grade == 2
    mmol = ctcae.grade(
        "Ca", 2.6, "mmol/L", version="3.0", upper=2.55, albumin=20, albumin_unit="g/L"
    )
    assert mmol.grade == 2


# ---- the data files -----------------------------------------------------------------------------


@pytest.mark.parametrize("version", ALL)
def test_every_rule_belongs_to_a_term_whose_grades_exist(version: str) -> None:
    for rule in ctcae.rules(version):
        term = ctcae.terms(version)[rule.term]
        for unit, grades in rule.grades.items():
            assert rule.test in analytes()
            assert unit == "any" or ctcae.rules(version, rule.test)
            assert set(grades) <= term.grades, rule.term


def _published(version: str) -> dict[str, dict[int, str]]:
    """The criteria's own text per term and grade, from the reference folder."""
    if version == "3.0":
        found: dict[str, dict[int, str]] = {}
        path = shared_file("data", "ctcae_v3_grades.csv")
        for _, term, site, grade, text in list(csv.reader(path.open(encoding="latin-1")))[1:]:
            name = " ".join(term.split()) + (f": {' '.join(site.split())}" if site else "")
            found.setdefault(name, {})[int(grade)] = text
        return found
    name = "CTCAE_4.03.csv" if version == "4.03" else "CTCAE_v5.0_2017-11-27.csv"
    raw = shared_file("data", name).read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    rows = list(csv.reader(text.splitlines(keepends=True)))[1:]
    return {" ".join(r[2].split()): {g: r[2 + g] for g in range(1, 6)} for r in rows}


def _figures(text: str) -> set[float]:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("10e9", "")
    figures = {float(x) for x in re.findall(r"\d+(?:\.\d+)?", plain)}
    return figures | {f / 1000 for f in figures if f >= 50} | {f * 1000 for f in figures if f < 1}


def _allowed(atom: Atom, texts: str) -> bool:
    wanted = [abs(atom.offset)] if atom.offset else []
    if atom.reference is not None and atom.factor != 1:
        wanted.append(atom.factor)
    figures = _figures(texts)
    # 0.75 x baseline is printed as "25 % decrease", 1.05 x baseline as "5 % from baseline"
    figures |= {round(1 - f / 100, 6) for f in figures} | {round(1 + f / 100, 6) for f in figures}
    figures |= {f / 100 for f in figures}
    # whole figures: "59 - 30" is below 60, "481 - 500" above 480, "125-129" below 130
    figures |= {f + 1 for f in figures} | {f - 1 for f in figures}
    return all(any(abs(w - f) < 1e-9 for f in figures) for w in wanted)


@pytest.mark.parametrize("version", ALL)
def test_every_cut_off_stands_in_the_published_criteria(version: str) -> None:
    published = _published(version)
    for rule in ctcae.rules(version):
        for grades in rule.grades.values():
            for grade, condition in grades.items():
                text = published[rule.term][grade]
                for atom in (a for part in condition for a in part if a.flag is None):
                    assert _allowed(atom, text), (rule.term, grade, atom.text, text)


@pytest.mark.parametrize("version", ALL)
def test_term_lists_agree_with_the_published_tables(version: str) -> None:
    published = _published(version)
    own = ctcae.terms(version)
    assert set(published) == set(own)
    for name, grades in published.items():
        printed = {g for g, text in grades.items() if text.strip() not in ("", "-")}
        assert printed == own[name].grades, name


# ---- laws ---------------------------------------------------------------------------------------

RULES = [(r, unit) for v in ALL for r in ctcae.rules(v) for unit in r.grades]


@settings(deadline=None, max_examples=300)
@given(
    pick=st.sampled_from(RULES),
    values=st.tuples(st.floats(0.01, 2000), st.floats(0.01, 2000)),
    limit=st.floats(0.1, 500),
    baseline=st.none() | st.floats(0.1, 500),
    symptoms=st.none() | st.booleans(),
)
def test_the_grade_never_falls_as_a_value_gets_worse(
    pick: Any,
    values: tuple[float, float],
    limit: float,
    baseline: float | None,
    symptoms: bool | None,
) -> None:
    rule, unit = pick
    better, worse = sorted(values, reverse=rule.direction == "low")

    def both(value: float) -> tuple[int, int]:
        facts = Facts(value, limit, limit, baseline, symptoms, symptoms, symptoms)
        sure, possible, _, _ = evaluate(rule.grades[unit], facts, rule.direction)
        return sure, possible

    (low_a, high_a), (low_b, high_b) = both(better), both(worse)
    assert low_a <= low_b and high_a <= high_b and low_a <= high_a


UNITS = {
    "Hb": ["g/dL", "g/L", "mmol/L"],
    "PLT": ["10^9/L", "/mm3", "10^4/uL"],
    "ALT": ["U/L"],
    "creatinine": ["mg/dL", "umol/L"],
    "Na": ["mmol/L", "mEq/L"],
    "Alb": ["g/dL", "g/L"],
    "fibrinogen": ["mg/dL", "g/L"],
    "phosphate": ["mg/dL", "mmol/L", None],
    "INR": [None, "ratio"],
    "CRP": ["mg/dL"],
}


@st.composite
def _lab_rows(draw: st.DrawFn) -> dict[str, Any]:
    test = draw(st.sampled_from(sorted(UNITS)))
    number = st.floats(0.05, 900).map(lambda x: round(x, 2))
    return {
        "test": test,
        "unit": draw(st.sampled_from(UNITS[test])),
        "value": draw(number),
        "lower_limit": draw(st.none() | number),
        "upper_limit": draw(st.none() | number),
    }


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(_lab_rows(), min_size=1, max_size=12),
    version=st.sampled_from(ALL),
    baseline=st.booleans(),
)
def test_one_patient_and_a_table_give_the_same_grades(
    rows: list[dict[str, Any]], version: str, baseline: bool
) -> None:
    start = date(2014, 1, 1)
    day = start if baseline else date(2014, 2, 1)
    frame = pl.DataFrame(
        [{"patient": f"p{i}", "date": day, "source_row": i} | r for i, r in enumerate(rows)],
        schema={
            "patient": pl.String, "date": pl.Date, "source_row": pl.Int64, "test": pl.String,
            "unit": pl.String, "value": pl.Float64, "lower_limit": pl.Float64,
            "upper_limit": pl.Float64,
        },
    )  # fmt: skip
    patients = pl.DataFrame({"patient": frame["patient"], "treatment_start": [start] * len(rows)})
    table = ctcae.grade_labs(frame, patients, version=version).table
    for row in table.filter(pl.col("term").is_not_null()).iter_rows(named=True):
        source = rows[row["source_row"]]
        one = ctcae.grade(
            source["test"],
            source["value"],
            source["unit"],
            version=version,
            lower=source["lower_limit"],
            upper=source["upper_limit"],
            baseline=source["value"] if baseline else None,
            direction=row["direction"],
        )
        assert (one.grade, one.highest) == (row["grade"], row["highest"]), (source, one.reason)


# ---- tables -------------------------------------------------------------------------------------

PATIENTS = pl.DataFrame(
    {
        "patient": ["a", "b"],
        "treatment_start": [date(2014, 1, 10)] * 2,
        "treatment_end": [date(2014, 6, 10)] * 2,
    }
)


def _labs(*rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {
        "patient": pl.String, "date": pl.Date, "test": pl.String, "value": pl.Float64,
        "unit": pl.String, "lower_limit": pl.Float64, "upper_limit": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_row_index("source_row", 2)


def test_ungraded_rows_are_counted_per_test_and_said() -> None:
    labs = _labs(
        ("a", date(2014, 2, 1), "Hb", 9.0, "g/dL", 13.5, 17.5),
        ("a", date(2014, 3, 1), "Hb", 12.0, None, 13.5, 17.5),
        ("b", date(2014, 2, 1), "Hb", 12.0, "g/dL", None, None),
        ("b", date(2014, 2, 1), "CRP", 3.0, "mg/dL", None, 0.3),
        ("b", date(2014, 2, 1), "KL-6", 300.0, "U/mL", None, 500.0),
    )
    done = ctcae.grade_labs(labs, PATIENTS, version="3.0")
    report = done.evidence.filter(test="hemoglobin").row(0, named=True)
    assert (report["rows"], report["graded"], report["ungraded"]) == (3, 1, 2)
    said = {p.id: p.what for p in done.problems if p.id == "ctcae.ungraded"}
    assert said == {
        "ctcae.ungraded": "2 of 3 rows of hemoglobin could not be graded: lower limit 1, unit 1."
    }
    assert {p.severity.value for p in done.problems if p.id == "ctcae.no-rule"} == {"note"}
    assert done.table.height == labs.height


def test_baseline_comes_from_the_window_and_calcium_from_the_same_day_albumin() -> None:
    labs = _labs(
        ("a", date(2014, 1, 5), "ALT", 80.0, "U/L", 5.0, 40.0),
        ("a", date(2014, 2, 5), "ALT", 130.0, "U/L", 5.0, 40.0),
        ("a", date(2014, 2, 5), "Ca", 2.6, "mmol/L", 2.1, 2.55),
        ("a", date(2014, 2, 5), "Alb", 20.0, "g/L", 38.0, 53.0),
        ("b", date(2014, 2, 5), "Ca", 10.9, "mg/dL", 8.6, 10.2),
    )
    table = ctcae.grade_labs(labs, PATIENTS, version="5.0").table
    alt = table.filter(analyte="alt").select("grade", "baseline").rows()
    assert alt == [(0, 80.0), (1, 80.0)]
    calcium = table.filter(pl.col("term") == "Hypercalcemia").select("patient", "grade").rows()
    assert calcium == [("a", 2)]
    assert table.filter(analyte="calcium")["missing"].to_list() == ["albumin of the same day"]


def test_worst_lab_grade_under_treatment_beside_baseline() -> None:
    labs = _labs(
        ("a", date(2014, 1, 5), "Hb", 12.0, "g/dL", 13.5, 17.5),
        ("a", date(2014, 2, 5), "Hb", 9.0, "g/dL", 13.5, 17.5),
        ("a", date(2014, 3, 5), "Hb", 7.0, "g/dL", 13.5, 17.5),
        ("a", date(2014, 9, 5), "Hb", 5.0, "g/dL", 13.5, 17.5),
        ("b", date(2014, 1, 10), "Hb", 12.0, "g/dL", 13.5, 17.5),
        ("b", date(2014, 2, 5), "Hb", 11.0, "g/dL", 13.5, 17.5),
    )
    graded = ctcae.grade_labs(labs, PATIENTS, version="3.0").table
    worst = ctcae.worst_lab_grades(graded, PATIENTS, version="3.0")
    shown = worst.select("patient", "label", "grade", "date", "baseline_grade", "worsened").rows()
    assert shown == [
        ("a", "Anemia", 3, date(2014, 3, 5), 1, True),
        ("b", "Anemia", 1, date(2014, 2, 5), 1, False),
    ]
    with pytest.raises(ctcae.CtcaeError):
        ctcae.worst_lab_grades(graded, PATIENTS, version="5.0")


def test_empty_table() -> None:
    done = ctcae.grade_labs(_labs(), PATIENTS, version="4.03")
    assert done.table.is_empty() and not done.problems
