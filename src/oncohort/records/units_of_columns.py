"""Units of lengths and doses: what a column's values are multiplied by."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

_LENGTHS = {
    "mm": Fraction(1),
    "cm": Fraction(10),
    "m": Fraction(1000),
    "in": Fraction(254, 10),
    "inch": Fraction(254, 10),
}
_DOSES = {"mg": Fraction(1), "g": Fraction(1000), "ug": Fraction(1, 1000), "µg": Fraction(1, 1000)}
_AGES = {
    **dict.fromkeys(("years", "year", "yrs", "yr", "y", "jahre", "ans", "años"), Fraction(1)),
    **dict.fromkeys(("months", "month", "mo", "monate", "mois", "meses"), Fraction(1, 12)),
    **dict.fromkeys(("days", "day", "d", "tage", "jours", "días"), Fraction(4, 1461)),
}
FACTORS: Mapping[str, Mapping[str, Fraction]] = MappingProxyType(
    {"diameter_mm": _LENGTHS, "slice_mm": _LENGTHS, "amount": _DOSES, "age": _AGES}
)
"""Our column = {unit = factor to millimetres, milligrams or years}."""
