"""Of how many patients a printed percentage is, where it is not of the whole cohort.

Papers print percentages of those evaluable, of those known, of those treated, often without saying
so. A percentage is impossible only if it fits its count with no number of patients of the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from oncohort.published.model import (
    Grade,
    Level,
    Published,
    Rate,
    records,
)
from oncohort.published.rounding import could_be, number


def _whole(text: str) -> int | None:
    read = number(text) if text else None
    if read is None or not read.exact or read.value.denominator != 1:
        return None
    return int(read.value)


def sizes_of(published: Published) -> tuple[int, ...]:
    """Every number of patients that the paper names, the cohort's first, then from large to small.

    Examples
    --------
    >>> from oncohort.published.model import Population
    >>> all_, known = Population("cohort", n="42"), Population("evaluable", n="38")
    >>> sizes_of(Published(populations=(known, all_)))
    (42, 38)
    """
    n = published.n
    found: set[int] = set()
    for record in records(published):
        for name in ("n", "denominator"):
            size = _whole(getattr(record, name, ""))
            if size:
                found.add(size)
        lost = _whole(getattr(record, "missing", ""))
        if lost and n is not None:
            found.add(n - lost)
    first = () if n is None else (n,)
    return (*first, *sorted((s for s in found if n is None or 0 < s < n), reverse=True))


Counted: TypeAlias = Level | Rate | Grade
"""A count with its percentage."""
Based = TypeVar("Based", Level, Rate, Grade)


def _fits(record: Counted, size: int) -> bool:
    count = _whole(record.count)
    return count is not None and could_be(count, size, record.percent)


def _asked(record: Counted) -> bool:
    """Whether a record has a count and a percentage whose base is not printed beside them."""
    if isinstance(record, Level | Rate) and _whole(record.denominator):
        return False
    percent = number(record.percent) if record.percent else None
    return _whole(record.count) is not None and percent is not None and percent.exact


def _shared(group: Sequence[Counted], own: int | None, sizes: tuple[int, ...]) -> dict[int, int]:
    """Base of each record of one table column, by position: the own size wherever it fits.

    For the others the size that fits most of them, so that rows of one column have one base.
    """
    if own is None:
        return {}
    stated = [_whole(r.n) if isinstance(r, Grade) and r.n else own for r in group]
    open_ = {k: r for k, r in enumerate(group) if _asked(r) and not _fits(r, stated[k] or own)}
    out = {k: own for k, r in open_.items() if _fits(r, own)}
    open_ = {k: r for k, r in open_.items() if k not in out}
    while open_:
        able = {s: [k for k, r in open_.items() if _fits(r, s)] for s in sizes if s != own}
        best = max(able, key=lambda s: (len(able[s]), s), default=None)
        if best is None or not able[best]:
            return out
        for k in able[best]:
            out[k] = best
            del open_[k]
    return out


def _based(record: Based, size: int) -> Based:
    if isinstance(record, Grade):
        return replace(record, n=str(size))
    return replace(record, denominator=str(size))


def _settled(rows: tuple[Based, ...], own: int | None, sizes: tuple[int, ...]) -> tuple[Based, ...]:
    bases = _shared(list(rows), own, sizes)
    return tuple(_based(r, bases[k]) if k in bases else r for k, r in enumerate(rows))


def with_denominators(published: Published) -> Published:
    """The figures, with the base of each percentage that is not of the whole cohort.

    Only where a count stands beside it that fits no percentage of the cohort, but one of another
    number of patients that the paper names.

    Examples
    --------
    >>> from oncohort.published.model import AdverseEvent, Population
    >>> people = (Population("cohort", n="42"), Population("evaluable", n="38"))
    >>> rash = AdverseEvent("Rash", (Grade("any", "19", "50.0"),))
    >>> read = with_denominators(Published(populations=people, adverse_events=(rash,)))
    >>> read.adverse_events[0].grades[0].n
    '38'
    """
    sizes, n = sizes_of(published), published.n
    variables = []
    for v in published.variables:
        lost = _whole(v.missing) or 0
        own = n if n is None or not lost else n - lost
        known = tuple(s for s in (n, *sizes) if s is not None)
        fitting = [s for s in (own, n) if s and all(_fits(x, s) for x in v.levels if _asked(x))]
        levels = v.levels if fitting else _settled(v.levels, own, known)
        bases = {x.denominator for x in levels if x.denominator}
        settled = levels is not v.levels and len(bases) == 1 and all(x.denominator for x in levels)
        lost = max(0, n - int(bases.pop())) if settled and n is not None else lost
        missing = str(lost) if settled and not v.missing else v.missing
        variables.append(replace(v, levels=levels, missing=missing))
    responses = tuple(
        replace(r, levels=_settled(r.levels, _whole(r.n) or n, sizes)) for r in published.responses
    )
    events = []
    # Rows of one table have one base: all terms of it together.
    grades = [g for a in published.adverse_events for g in a.grades]
    based = iter(_settled(tuple(grades), n, sizes))
    for a in published.adverse_events:
        events.append(replace(a, grades=tuple(next(based) for _ in a.grades)))
    return replace(
        published,
        variables=tuple(variables),
        responses=responses,
        rates=_settled(published.rates, n, sizes),
        adverse_events=tuple(events),
    )
