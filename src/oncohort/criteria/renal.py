"""Kidney function and body size: estimated GFR, creatinine clearance, body surface area."""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from oncohort.problems import OncohortError

__all__ = [
    "BsaFormula",
    "EgfrFormula",
    "RenalError",
    "body_surface",
    "body_surface_expr",
    "cockcroft_gault",
    "egfr",
]

EgfrFormula = Literal["japan2009", "ckd-epi2021", "ckd-epi2009"]
BsaFormula = Literal["mosteller", "dubois", "fujimoto"]
Sex = Literal["male", "female"]


class RenalError(OncohortError):
    """An unknown formula or sex, or a value that can't be."""


_CKD_EPI = {
    # formula: {sex: (scale, kappa, alpha)}, exponent above kappa, factor per year of age
    "ckd-epi2021": (
        {"female": (142 * 1.012, 0.7, -0.241), "male": (142.0, 0.9, -0.302)},
        -1.200,
        0.9938,
    ),
    "ckd-epi2009": (
        {"female": (141 * 1.018, 0.7, -0.329), "male": (141.0, 0.9, -0.411)},
        -1.209,
        0.993,
    ),
}


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise RenalError(f"{name} must be above 0, not {value:g}")


def _check_sex(sex: str) -> None:
    if sex not in get_args(Sex):
        raise RenalError(f"sex {sex!r}: male or female")


def egfr(creatinine: float, age: float, sex: Sex, *, formula: EgfrFormula = "ckd-epi2021") -> float:
    """Estimated glomerular filtration rate, mL/min/1.73 m2.

    Parameters
    ----------
    creatinine
        Serum creatinine, mg/dL, IDMS-traceable.
    age
        Years.
    formula
        ``japan2009``: Matsuo et al., Am J Kidney Dis 2009;53:982, three variables;
        ``ckd-epi2021``: Inker et al., N Engl J Med 2021;385:1737, without race;
        ``ckd-epi2009``: Levey et al., Ann Intern Med 2009;150:604, without its race factor.

    Raises
    ------
    RenalError
        Values not above 0, unknown sex or formula.

    Examples
    --------
    >>> round(egfr(1.0, 62, "male", formula="japan2009"), 2)
    59.35
    >>> round(egfr(0.8, 62, "female"), 2)
    83.26
    """
    _positive(creatinine=creatinine, age=age)
    _check_sex(sex)
    if formula == "japan2009":
        rate = 194 * creatinine**-1.094 * age**-0.287
        return float(rate * 0.739 if sex == "female" else rate)
    if formula not in _CKD_EPI:
        raise RenalError(f"no formula {formula!r}; known are {', '.join(get_args(EgfrFormula))}")
    by_sex, above, per_year = _CKD_EPI[formula]
    scale, kappa, alpha = by_sex[sex]
    relative = creatinine / kappa
    return float(scale * min(relative, 1) ** alpha * max(relative, 1) ** above * per_year**age)


def cockcroft_gault(creatinine: float, age: float, weight: float, sex: Sex) -> float:
    """Creatinine clearance, mL/min (Cockcroft and Gault, Nephron 1976;16:31).

    Parameters
    ----------
    creatinine, age, weight
        mg/dL, years, kg.

    Examples
    --------
    >>> cockcroft_gault(1.0, 60, 72, "male")
    80.0
    """
    _positive(creatinine=creatinine, weight=weight)
    _check_sex(sex)
    if not 0 <= age < 140:
        raise RenalError(f"age {age:g} is outside the formula's range")
    rate = (140 - age) * weight / (72 * creatinine)
    return rate * 0.85 if sex == "female" else rate


def body_surface(height: float, weight: float, *, formula: BsaFormula = "mosteller") -> float:
    """Body surface area, m2, from height in cm and weight in kg.

    Parameters
    ----------
    formula
        ``mosteller``: N Engl J Med 1987;317:1098; ``dubois``: Du Bois and Du Bois, Arch Intern
        Med 1916;17:863; ``fujimoto``: Fujimoto et al., Jpn J Hyg 1968;23:443, for Japanese adults.

    Examples
    --------
    >>> body_surface(180, 80)
    2.0
    >>> round(body_surface(170, 65, formula="dubois"), 3)
    1.754
    """
    _positive(height=height, weight=weight)
    if formula == "mosteller":
        return float((height * weight / 3600) ** 0.5)
    if formula == "dubois":
        return float(0.007184 * weight**0.425 * height**0.725)
    if formula == "fujimoto":
        return float(0.008883 * weight**0.444 * height**0.663)
    raise RenalError(f"no formula {formula!r}; known are {', '.join(get_args(BsaFormula))}")


def body_surface_expr(height: pl.Expr, weight: pl.Expr, formula: BsaFormula) -> pl.Expr:
    """:func:`body_surface` for columns; null where a value is missing or not above 0."""
    if formula == "mosteller":
        area = (height * weight / 3600).sqrt()
    elif formula == "dubois":
        area = 0.007184 * weight.pow(0.425) * height.pow(0.725)
    elif formula == "fujimoto":
        area = 0.008883 * weight.pow(0.444) * height.pow(0.663)
    else:
        raise RenalError(f"no formula {formula!r}; known are {', '.join(get_args(BsaFormula))}")
    return pl.when((height > 0) & (weight > 0)).then(area)
