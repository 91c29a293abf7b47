"""Units of time, and orders in which dates are written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

TimeUnit = Literal["months", "days", "weeks", "years"]
"""Units that a study can be told in."""
DAYS_PER_UNIT: Mapping[str, float] = MappingProxyType(
    {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
)
"""Days in one unit of time; a month is a twelfth of 365.25 days."""
DateOrder = Literal[
    "iso",
    "day-first",
    "month-first",
    "year-first",
    "year-month",
    "mixed-day-first",
    "mixed-month-first",
    "mixed-by-row",
]
"""How the dates of a column are written; `year-month` is six figures, `201503`."""
