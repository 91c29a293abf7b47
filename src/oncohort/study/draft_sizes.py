"""Weights, heights and steady blood values whose unit the chart does not say, and columns in two
units."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.dataclass import dataclass
from oncohort.records.units import analyte
from oncohort.study.questions import open_line
from oncohort.vocabulary.quantities import SPREAD

FEWEST = 8
"""Values from which a range tells something."""


@dataclass(frozen=True, slots=True)
class Range:
    """Where the middle of a column lies that can't be in the usual unit."""

    low: float
    high: float
    text: str
    units: tuple[str, ...]


_ODD = {
    "weight": (Range(116, 400, "high for kilograms; pounds are likelier", ("lb", "kg")),),
    "height": (
        Range(48, 80, "inches are likely; centimetres would be those of a child", ("in", "cm")),
        Range(1.3, 2.2, "metres are likely", ("m", "cm")),
        Range(4.5, 7, "feet are likely", ("ft", "m")),
    ),
}


_BETWEEN_UNITS = {
    "hemoglobin": (1.611,),
    "weight": (2.205,),
    "height": (2.54, 100.0),
    "calcium": (4.008,),
    "glucose": (18.02,),
    "creatinine": (88.4,),
    "bilirubin": (17.1,),
}
"""What a value is multiplied by from one usual unit to the other."""


def unit_asked(column: str, numbers: Sequence[float | None]) -> tuple[str, str] | None:
    """The question for the unit of weights and heights, and the line that answers it.

    Parameters
    ----------
    column
        The chart's name, which states no unit.
    numbers
        Its values, one for each row.

    Examples
    --------
    >>> unit_asked("Weight", [150.0, 171.0, 148.0, 182.0] * 3)[1]
    'unit = ???   # one of: "lb" | "kg"'
    >>> unit_asked("Weight", [70.0, 81.0, 58.0, 62.0] * 3) is None
    True
    """
    known = analyte(column)
    there = sorted(n for n in numbers if n is not None)
    if known is None or len(there) < FEWEST:
        return None
    middle = there[len(there) // 2]
    for odd in _ODD.get(known.name, ()):
        if odd.low <= middle <= odd.high:
            text = (
                f'"{column}" has no unit; its middle value is {middle:g} ({there[0]:g} to '
                f"{there[-1]:g}): {odd.text}. Which unit is it?"
            )
            return text, open_line("unit", *odd.units)
    return None


def spread_too_wide(column: str, numbers: Sequence[float | None]) -> str:
    """Why the values of a steady measurement can't be in one unit; empty where they can.

    Examples
    --------
    >>> spread_too_wide("Hb", [12.1, 13.5, 7.4, 8.0, 14.2, 6.9, 12.8, 7.7, 13.9, 6.6])
    '5 of 10 go up to 8, the others begin at 12.1.'
    >>> spread_too_wide("Hb", [12.1, 13.5, 10.4, 12.0, 14.2, 11.9, 12.8, 13.7, 13.9, 12.6])
    ''
    """
    known = analyte(column)
    there = sorted(n for n in numbers if n is not None and n > 0)
    if known is None or len(there) < FEWEST:
        return ""
    if apart := _two_groups(there, _BETWEEN_UNITS.get(known.name, ())):
        return apart
    if known.name not in SPREAD:
        return ""
    low, high = there[len(there) // 10], there[-1 - len(there) // 10]
    if high <= SPREAD[known.name] * low:
        return ""
    return f"nine in ten values of adults lie nearer together than {low:g} and {high:g}."


def _two_groups(there: Sequence[float], factors: Sequence[float]) -> str:
    """Values in two groups, as far apart as two units are; empty where they are not.

    The gap is the widest in the middle three fifths; it is an eighth wide at least.
    """
    fifth = max(1, len(there) // 5)
    at = max(range(fifth, len(there) - fifth + 1), key=lambda i: there[i] / there[i - 1])
    if there[at] < 1.12 * there[at - 1]:
        return ""
    low, high = there[at // 2], there[(at + len(there)) // 2]
    if not any(abs(high / low / factor - 1) < 0.15 for factor in factors):
        return ""
    return f"{at} of {len(there)} go up to {there[at - 1]:g}, the others begin at {there[at]:g}."


def are_percentages(values: Sequence[object], unit: str) -> bool:
    """Are all values percentages: few or many of the cells are positive, and little between?"""
    numbers = [v for v in values if isinstance(v, int | float) and v > 0]
    return unit == "%" and all(1 <= v <= 100 for v in numbers)


def two_scales(values: Sequence[object]) -> str | None:
    """In words, where the numbers of a column fall into two groups about ten or more apart.

    Examples
    --------
    >>> two_scales([12.5, 13.1, 11.9, 12.2, 125, 131, 119, 12.8, 13.0, 122])
    '6 values from 11.9 to 13.1 and 4 from 119 to 131.'
    >>> two_scales([1, 2, 3, 5, 8, 13, 21, 34, 55, 89])
    """
    numbers = sorted(
        float(v)
        for v in values
        if isinstance(v, int | float) and not isinstance(v, bool) and v > 0 and v == v
    )
    if len(numbers) < 8 or len(set(numbers)) < 5:
        return None
    gaps = [(numbers[i + 1] / numbers[i], i) for i in range(len(numbers) - 1)]
    widest, at = max(gaps)
    low, high = numbers[: at + 1], numbers[at + 1 :]
    few = max(2, 0.05 * len(numbers))
    if widest < 3 or min(len(low), len(high)) < few:
        return None
    middle = high[len(high) // 2] / low[len(low) // 2]
    if middle < 6 or low[-1] / low[0] > 8 or high[-1] / high[0] > 8:
        return None
    return (
        f"{len(low)} values from {low[0]:g} to {low[-1]:g} and {len(high)} from {high[0]:g} to "
        f"{high[-1]:g}."
    )


def percent_and_fractions(values: Sequence[object]) -> str | None:
    """In words, where some values have a percent sign and others are fractions of one.

    Examples
    --------
    >>> percent_and_fractions(["5%", "80 %", 0.05, 0.8, "0,3"])
    '2 values with a percent sign ("5%") and 3 between 0 and 1 without ("0.05").'
    >>> percent_and_fractions(["5%", 80, 20]), percent_and_fractions([0.1, 0.4])
    (None, None)
    """
    signs = (v.strip() for v in values if isinstance(v, str) and "%" in v)
    signed = [t for t in signs if re.fullmatch(r"\d+([.,]\d+)?\s*%", t)]
    if not signed:
        return None
    texts = (str(v).strip() for v in values if v is not None)
    small = [t for t in texts if re.fullmatch(r"0?[.,]\d+|0\.0+[1-9]\d*", t)]
    if not small:
        return None
    return (
        f'{len(signed)} values with a percent sign ("{signed[0]}") and {len(small)} between 0 and '
        f'1 without ("{small[0]}").'
    )
