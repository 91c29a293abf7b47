"""Units that stand behind the numbers of a column: one, or several that are asked about."""

from __future__ import annotations

import re

from oncohort.problems import Wrong
from oncohort.records.profile import Profile
from oncohort.records.units import UnitError, analyte, ratio
from oncohort.study.drafting import Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import may_be_missing

_WITH_UNIT = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s?([^\d\s.,;<>()-][^\d<>;]{0,14})")


def unit_behind(held: Profile) -> str:
    """The unit that stands behind (nearly) every number of a column: `12.3 g/dl`; empty where there
    are several, or none."""
    found = {v: m[1].strip() for v in held.counts if (m := _WITH_UNIT.fullmatch(v))}
    units = {u.lower() for u in found.values()}
    if (
        len(found) < 4
        or len(units) != 1
        or units == {"%"}
        or not re.search(r"[/%µ]|^[a-z]{1,5}$", next(iter(units)))
    ):
        return ""
    bare = sum(bool(re.fullmatch(r"[+-]?\d+([.,]\d+)?", v)) for v in held.counts)
    return next(iter(found.values())) if len(found) + bare == held.distinct else ""


def units_behind(column: str, held: Profile) -> dict[str, int]:
    """Unit = rows, of a measurement whose cells all have a unit, of which there are several.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> units_behind("Hb", profile(["12.3 g/dL", "124 g/L", "11.8 g/dL"]))
    {'g/dL': 2, 'g/L': 1}
    >>> units_behind("Dose", profile(["12.3 g/dL", "124 g/L"])), units_behind("Hb", profile(["9"]))
    ({}, {})
    """
    if analyte(column) is None:
        return {}
    rows: dict[str, int] = {}
    for value, n in held.counts.items():
        found = _WITH_UNIT.fullmatch(value)
        if found is None and not may_be_missing(value):
            return {}
        if found is not None:
            rows[found[1].strip()] = rows.get(found[1].strip(), 0) + n
    first = next(iter(rows), "")
    try:
        factors = {ratio(column, unit, first) for unit in rows}
    except UnitError:
        return {}
    return rows if len(factors) > 1 else {}


def units_question(column: str, held: Profile) -> Question | None:
    """Into which unit the values are turned, where each has its own behind it."""
    units = units_behind(column, held)
    if not units:
        return None
    shown = ", ".join(f"{u} ({counted(n, 'row')})" for u, n in units.items())
    return Question(
        "unit",
        f'"{column}" has several units behind its numbers: {shown}. In which unit is it told? '
        "(The others are turned into it.)",
        [open_line(("units", column), *units)],
        about=Wrong("patients", (column,)),
        leave_out=("patients", column),
    )
