"""Where each patient's value of a derived variable comes from: the values behind it, with cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.endpoints.formulas import Held
    from oncohort.records import Records


def behind(held: Mapping[str, Held], records: Records) -> str:
    """The values that a formula took for one patient: "crp 1.2 mg/dL (chart.xlsx ... D4)"."""
    return ", ".join(f"{name} {_one(one, records)}" for name, one in held.items())


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


def _one(held: Held, records: Records) -> str:
    text, where = _text(held), ""
    if held.table is not None and held.row is not None:
        where = str(records.place(held.table, held.column, held.row))
    day = f"of {held.day}" if held.day is not None else ""
    note = ", ".join(s for s in (day, "" if where == "-" else where) if s)
    return f"{text} ({note})" if note else text
