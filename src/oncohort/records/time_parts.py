"""One time in two or three columns: years, and the months (and days) that are left over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import column_at, fold, header_unit
from oncohort.records.profile import Profile
from oncohort.records.told_times import with_column
from oncohort.records.values import text_of
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import is_missing, outcome_words

_UNITS = ("years", "months", "days")
_LONGEST = 200.0
"""Years of the calendar are no years of a time."""
_BELOW = {"months": 12.0, "days": 31.5}
"""What is left over of a larger unit is less than one of it."""


def _stem_and_unit(name: str) -> tuple[str, str] | None:
    """`FU (months)` and `FU months` as (`fu`, `months`)."""
    words = re.findall(r"[^\W_]+", f"{fold(name)} {header_unit(name)}".casefold())
    for unit in _UNITS:
        known = outcome_words("unit")[unit]
        rest = [w for w in words if w not in known]
        if rest and len(rest) == len(words) - 1:
            return " ".join(rest), unit
    return None


def find_time_parts(names: Sequence[str], held: Mapping[str, Profile]) -> dict[str, dict[str, str]]:
    """Times of which the years and the months that are left over stand beside each other.

    Where months (or days) are never as many as one of the larger unit, while there are ones of
    it, the two are parts of one time, and neither is the time by itself.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> columns = {"FU years": [0, 1, 2, 3, 1], "FU months": [3, 11, 4, 0.5, 7]}
    >>> find_time_parts(list(columns), {n: profile(v) for n, v in columns.items()})
    {'FU years + FU months': {'years': 'FU years', 'months': 'FU months'}}
    >>> columns = {"FU years": [0.25, 1, 2, 3], "FU months": [3, 12, 24, 36]}
    >>> find_time_parts(list(columns), {n: profile(v) for n, v in columns.items()})
    {}
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        part = _stem_and_unit(name)
        profile = held[name]
        if part is None or profile.mostly != "number" or profile.n < 3:
            continue
        found.setdefault(part[0], {}).setdefault(part[1], name)
    out = {}
    for parts in found.values():
        there = [u for u in _UNITS if u in parts]
        whole = [u for u in there[:-1] if _whole(held[parts[u]])]
        small = [u for u in there[1:] if (held[parts[u]].high or 0) < _BELOW[u]]
        if len(there) < 2 or len(whole) < len(there) - 1 or len(small) < len(there) - 1:
            continue
        if not 1 <= (held[parts[there[0]]].high or 0) < _LONGEST:
            continue
        out[" + ".join(parts[u] for u in there)] = {u: parts[u] for u in there}
    return out


def _whole(held: Profile) -> bool:
    return all(re.fullmatch(r"\d+(?:\.0+)?", v) for v in held.counts)


def with_time_parts(raw: Raw, parts: Mapping[str, Mapping[Any, str]]) -> tuple[Raw, list[str]]:
    """Put the parts of times together: one column more for each, in months.

    Returns
    -------
    tuple
        The table, and the names that it does not have. A text that is no number leaves its row as
        it stands there, to be told.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("y", "m"), ([1, None, 2], [6, None, "x"]), [2, 3, 4])
    >>> with_time_parts(raw, {"fu": {"years": "y", "months": "m"}})[0].columns[-1]
    [18.0, None, '2 + x']
    """
    absent: list[str] = []
    for name, columns in parts.items():
        at = {u: column_at(raw.names, c) for u, c in columns.items()}
        absent += [columns[u] for u, i in at.items() if i is None]
        known = {u: i for u, i in at.items() if i is not None}
        if len(known) < len(columns):
            continue
        rows = zip(*(as_list(raw.columns[i]) for i in known.values()), strict=True)
        values = [_months(dict(zip(known, row, strict=True))) for row in rows]
        raw = with_column(raw, name, values, next(iter(known.values())))
    return raw, absent


def _months(parts: Mapping[str, Cell]) -> Cell:
    texts = {u: "" if v is None else text_of(v).replace(",", ".") for u, v in parts.items()}
    given = {u: t for u, t in texts.items() if t and not is_missing(t)}
    if not given:
        return None
    if not all(re.fullmatch(r"\d+(?:\.\d+)?", t) for t in given.values()):
        return " + ".join(given.values())
    days = {u: float(t) * DAYS_PER_UNIT[u] for u, t in given.items()}
    return round(sum(days.values()) / DAYS_PER_UNIT["months"], 6)
