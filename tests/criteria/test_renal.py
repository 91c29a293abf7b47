"""Kidney function, body surface and corrected calcium: published vectors and laws."""

from __future__ import annotations

from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.criteria import calcium, renal


@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "japan", "ckd_epi"),
    [
        (1.0, 62, "male", 59.35, 85.10),
        (0.8, 62, "female", 55.98, 83.26),
        (1.5, 70, "male", 36.78, 49.77),
    ],
)
def test_egfr_vectors(
    creatinine: float, age: float, sex: Any, japan: float, ckd_epi: float
) -> None:
    assert round(renal.egfr(creatinine, age, sex, formula="japan2009"), 2) == japan
    assert round(renal.egfr(creatinine, age, sex), 2) == ckd_epi


def test_ckd_epi_2009_worked_by_hand() -> None:
    # 141 x (1.0/0.9)^-1.209 x 0.993^62
    assert renal.egfr(1.0, 62, "male", formula="ckd-epi2009") == pytest.approx(80.307, abs=0.001)
    # at kappa both powers are 1
    assert renal.egfr(0.7, 50, "female", formula="ckd-epi2009") == pytest.approx(
        141 * 1.018 * 0.993**50
    )


@pytest.mark.parametrize("formula", get_args(renal.EgfrFormula))
@settings(deadline=None, max_examples=30)
@given(
    creatinine=st.floats(0.3, 12), more=st.floats(0.01, 5), age=st.floats(18, 100),
    sex=st.sampled_from(["male", "female"]),
)  # fmt: skip
def test_egfr_falls_with_creatinine(
    formula: Any, creatinine: float, more: float, age: float, sex: Any
) -> None:
    here = renal.egfr(creatinine, age, sex, formula=formula)
    assert renal.egfr(creatinine + more, age, sex, formula=formula) < here


def test_cockcroft_gault() -> None:
    assert renal.cockcroft_gault(1.0, 60, 72, "male") == 80
    assert renal.cockcroft_gault(1.0, 60, 72, "female") == 68


@pytest.mark.parametrize(
    ("formula", "expected"), [("mosteller", 1.7520), ("dubois", 1.7538), ("fujimoto", 1.7075)]
)
def test_body_surface(formula: Any, expected: float) -> None:
    found = renal.body_surface(170, 65, formula=formula)
    assert found == pytest.approx(expected, abs=5e-4)
    frame = pl.DataFrame({"h": [170.0, None], "w": [65.0, 65.0]})
    area = frame.select(renal.body_surface_expr(pl.col("h"), pl.col("w"), formula).alias("b"))
    assert area["b"].to_list() == [pytest.approx(found), None]


@pytest.mark.parametrize(
    "call",
    [
        lambda: renal.egfr(0, 60, "male"),
        lambda: renal.egfr(1, 60, "M"),  # type: ignore[arg-type]
        lambda: renal.egfr(1, 60, "male", formula="mine"),  # type: ignore[arg-type]
        lambda: renal.cockcroft_gault(1, 150, 70, "male"),
        lambda: renal.body_surface(0, 60),
        lambda: renal.body_surface(170, 60, formula="mine"),  # type: ignore[arg-type]
    ],
)
def test_refusals(call: Any) -> None:
    with pytest.raises(renal.RenalError):
        call()


@pytest.mark.parametrize(
    ("formula", "low", "normal"),
    [
        ("standard", 9.6, 8.0),
        ("standard-low-albumin", 9.6, 8.4),
        ("payne", 9.9, 8.4),
        ("mskcc", 9.0363, 7.6223),
        ("none", 8.4, 8.4),
    ],
)
def test_corrected_calcium_variants(formula: Any, low: float, normal: float) -> None:
    assert calcium.corrected(8.4, 2.5, formula=formula) == pytest.approx(low)
    assert calcium.corrected(8.4, 4.5, formula=formula) == pytest.approx(normal)
    frame = pl.DataFrame({"ca": [8.4, 8.4], "alb": [2.5, 4.5]})
    found = frame.select(calcium.corrected_expr(pl.col("ca"), pl.col("alb"), formula).alias("c"))
    assert found["c"].to_list() == [pytest.approx(low), pytest.approx(normal)]


def test_corrected_calcium_in_mmol() -> None:
    assert calcium.corrected(2.1, 25, unit="mmol/L") == pytest.approx(2.4)
    assert calcium.corrected(2.1, 45, unit="mmol/L", formula="payne") == 2.1
    with pytest.raises(calcium.CalciumError):
        calcium.corrected(8.4, 2.5, formula="mine")  # type: ignore[arg-type]
    with pytest.raises(calcium.CalciumError):
        calcium.corrected(8.4, 2.5, unit="g/L")  # type: ignore[arg-type]
