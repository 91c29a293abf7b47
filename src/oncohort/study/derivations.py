"""Where each patient's value of a derived variable comes from: the values behind it, with cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.endpoints.formulas import Held


def value_words(name: str, held: Held) -> str:
    """A value that a formula took, without its cell: "crp 1.2 mg/dL of 2012-03-01"."""
    day = f" of {held.day}" if held.day is not None else ""
    return f"{name} {_text(held)}{day}"


def _text(held: Held) -> str:
    value = held.value
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g} {held.unit}".rstrip()
    return str(value)
