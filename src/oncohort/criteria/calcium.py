"""Calcium corrected for albumin: the variants in use, each by name.

They differ by up to 0.5 mg/dL at low albumin, which moves patients across the limits of the risk
scores and of CTCAE; a study names its formula.
"""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from oncohort.problems import OncohortError
from oncohort.vocabulary.versions import CalciumFormula

__all__ = ["CalciumError", "CalciumFormula", "corrected", "corrected_expr"]

FORMULA_TEXT: dict[str, str] = {
    "standard": "Ca + 0.8 x (4.0 - albumin)",
    "standard-low-albumin": "Ca + 0.8 x (4.0 - albumin) where albumin is below 4.0",
    "payne": "Ca + (4.0 - albumin) where albumin is below 4.0",
    "mskcc": "Ca - 0.707 x (albumin - 3.4)",
    "none": "calcium as measured",
}
"""Each formula in words, mg/dL and g/dL."""


class CalciumError(OncohortError):
    """An unknown formula, or units that do not belong together."""


_COEFFICIENTS = {  # slope, albumin that needs no correction, only below it
    "standard": (0.8, 4.0, False),
    "standard-low-albumin": (0.8, 4.0, True),
    "payne": (1.0, 4.0, True),
    "mskcc": (0.707, 3.4, False),
}


def _check(formula: str) -> None:
    if formula not in get_args(CalciumFormula):
        raise CalciumError(f"no formula {formula!r}; known are {', '.join(FORMULA_TEXT)}")


def corrected(
    calcium: float,
    albumin: float,
    *,
    unit: Literal["mg/dL", "mmol/L"] = "mg/dL",
    formula: CalciumFormula = "standard",
) -> float:
    """Albumin-corrected calcium.

    Parameters
    ----------
    calcium
        Total calcium in ``unit``.
    albumin
        g/dL with mg/dL, g/L with mmol/L.
    formula
        ``standard``: + 0.8 x (4.0 - albumin), in mmol/L + 0.02 x (40 - albumin);
        ``standard-low-albumin``: the same, only below 4.0 g/dL;
        ``payne``: + (4.0 - albumin) below 4.0 g/dL, usual in Japan (Payne, BMJ 1973);
        ``mskcc``: - 0.707 x (albumin - 3.4), of the MSKCC score (Motzer, JCO 1999).

    Raises
    ------
    CalciumError
        Unknown formula or unit.

    Examples
    --------
    >>> round(corrected(8.4, 2.5), 6)
    9.6
    >>> round(corrected(2.10, 25, unit="mmol/L"), 6)
    2.4
    """
    _check(formula)
    if unit not in ("mg/dL", "mmol/L"):
        raise CalciumError(f"calcium unit {unit!r}: mg/dL with g/dL albumin, or mmol/L with g/L")
    if formula == "none":
        return calcium
    slope, pivot, only_low = _COEFFICIENTS[formula]
    if unit == "mmol/L":
        # 0.8 mg/dL per g/dL is 0.02 mmol/L per g/L by convention (exactly 0.01996).
        slope, pivot = slope / 40, pivot * 10
    if only_low and albumin >= pivot:
        return calcium
    return calcium + slope * (pivot - albumin)


def corrected_expr(calcium: pl.Expr, albumin: pl.Expr, formula: CalciumFormula) -> pl.Expr:
    """:func:`corrected` for columns in mg/dL and g/dL; null where either is null."""
    _check(formula)
    if formula == "none":
        return calcium
    slope, pivot, only_low = _COEFFICIENTS[formula]
    whole = calcium + slope * (pivot - albumin)
    return pl.when(albumin >= pivot).then(calcium).otherwise(whole) if only_low else whole
