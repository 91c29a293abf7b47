"""Curves read off a figure, as CSV: points of one or several arms, and numbers at risk.

Four layouts are read: one shared time column; a pair of columns for each arm; a column that names
the arm; and the two header lines of WebPlotDigitizer (names, then X and Y). What a column means is
read from its heading or asked for; whether survival is in percent follows from the values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ReadError, problem
from oncohort.published.figures import slug
from oncohort.twin.separated import Table, read_table, value_of
from oncohort.vocabulary.boundaries import Option

RISE = 0.02
"""Survival rises by so much where a hand shakes; more is another curve."""
OVER = 0.05
"""Points so far above 1 or below 0 are taken for 1 and 0."""

_UNITS = {
    "days": r"days?",
    "weeks": r"weeks?|wks?",
    "months": r"months?|mos?|mths?",
    "years": r"years?|yrs?",
}
_TIME = re.compile(r"(^|[^a-z])time($|[^a-z])|^(x|t)($| )")
_UNIT = re.compile(rf"(^|[^a-z])({'|'.join(_UNITS.values())})($|[^a-z])")
_SURVIVAL = re.compile(
    r"(^|[^a-z])(survival|surv|probability|prob|proportion|fraction|percent|percentage|y|s|os|pfs|"
    r"km|free)($|[^a-z])|%"
)
_ARM = re.compile(r"^(arm|group|curve|treatment|cohort|name|label|dataset|series|strata|stratum)$")
MOST_PATIENTS = 1_000_000
"""Patients of a curve, who are made one by one."""
_RISK = re.compile(r"^(n|number|no|at risk|number at risk|no at risk|n at risk|n risk|risk)$")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve, and the line of the file that it stands on."""

    time: float
    survival: float
    line: int


@dataclass(frozen=True, slots=True)
class ReadCurve:
    """One arm: points in order of time with survival 0 to 1, (time, number) pairs at risk."""

    name: str
    points: tuple[Point, ...]
    at_risk: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadCurves:
    """All arms of a file, the unit of their times, and what was put right in reading."""

    curves: tuple[ReadCurve, ...]
    unit: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    """Where an arm's values stand; ``name`` is empty for the only arm."""

    name: str
    time: int
    value: int


def refuse(table: Table, case: str, line: int | None = None, **holes: Option) -> ReadError:
    """The error of a file of curves, with its line."""
    place = Place(file=table.file, line=line)
    return ReadError("", [problem("twin.digitised", case, place=place, **holes)])


def _plain(text: str) -> str:
    return re.sub(r"[\s_.\-/]+", " ", text.strip().lower())


def times_of(headings: Sequence[str]) -> list[int]:
    """Which headings are of times: those that say so, else those that name a unit.

    Examples
    --------
    >>> times_of(["Time", "12 weeks", "24 weeks"]), times_of(["months", "A"])
    ([0], [0])
    """
    for pattern in (_TIME, _UNIT):
        found = [k for k, h in enumerate(headings) if pattern.search(_plain(h))]
        if found:
            return found
    return []


def unit_of(headings: Sequence[str]) -> str:
    """The unit of time that headings of times name; empty if none or several do.

    Examples
    --------
    >>> unit_of(["time (months)", "A"]), unit_of(["X", "Y"])
    ('months', '')
    """
    own = [_plain(headings[k]) for k in times_of(headings)]
    found = {
        unit
        for unit, pattern in _UNITS.items()
        if any(re.search(rf"(^|[^a-z])({pattern})($|[^a-z])", h) for h in own)
    }
    return found.pop() if len(found) == 1 else ""


def _arm_name(time: str, value: str) -> str:
    """The arm's own part of the headings of a pair of columns."""
    words = [w for w in re.split(r"[\s_.\-/()\[\]%,]+", value) if w]
    common = {"time", "x", "t", "survival", "surv", "probability", "percent", "y", "s", "os", "pfs"}
    units = "|".join(_UNITS.values())
    kept = [w for w in words if w.lower() not in common and not re.fullmatch(units, w.lower())]
    if kept:
        return " ".join(kept)
    words = [w for w in re.split(r"[\s_.\-/()\[\]%,]+", time) if w]
    kept = [w for w in words if w.lower() not in common and not re.fullmatch(units, w.lower())]
    return " ".join(kept)


def _columns(table: Table) -> tuple[list[_Column], int | None]:
    """Columns of every arm; the column that names the arm, where there is one."""
    first = table.headings[0] if table.headings else []
    if not table.headings:
        if table.width != 2:
            raise refuse(table, "headings", 1, found=f"{table.width} columns without a heading")
        return [_Column("", 0, 1)], None
    second = table.headings[1] if len(table.headings) > 1 else []
    if second:
        names = [c.strip().lower() for c in second]
        if len(names) % 2 or names != ["x", "y"] * (len(names) // 2):
            found = ", ".join(repr(c) for c in second)
            raise refuse(table, "headings", 2, found=f"a second line of headings {found}")
        pairs = range(0, len(names), 2)
        named = [(first[k] or (first[k + 1] if k + 1 < len(first) else "")).strip() for k in pairs]
        if len(named) > 1 and not all(named):
            raise refuse(table, "headings", 1, found="an arm without a name")
        return [_Column(name, 2 * k, 2 * k + 1) for k, name in enumerate(named)], None
    arms = [k for k, h in enumerate(first) if _ARM.match(_plain(h))]
    times = [k for k in times_of(first) if k not in arms]
    found = ", ".join(repr(h) for h in first)
    if not times:
        raise refuse(table, "headings", 1, found=f"{found}, no time among them")
    others = [k for k in range(len(first)) if k not in times and k not in arms]
    if arms:
        if len(arms) > 1 or len(times) > 1 or len(others) != 1:
            raise refuse(table, "headings", 1, found=found)
        return [_Column("", times[0], others[0])], arms[0]
    if len(times) == 1:
        if not others:
            raise refuse(table, "headings", 1, found=f"{found}, no survival among them")
        alone = len(others) == 1
        values = [
            _Column("" if alone and _means_value(first[k]) else first[k].strip(), times[0], k)
            for k in others
        ]
        return values, None
    if len(times) != len(others) or any(o != t + 1 for t, o in zip(times, others, strict=True)):
        raise refuse(table, "headings", 1, found=found)
    return [_Column(_arm_name(first[t], first[t + 1]), t, t + 1) for t in times], None


def _means_value(heading: str) -> bool:
    return bool(_SURVIVAL.search(_plain(heading)) or _RISK.match(_plain(heading)))


_Read = tuple[float, float, int]
"""Time, value, and the line of the file."""


def _rows_by_arm(table: Table) -> tuple[dict[str, list[_Read]], list[str]]:
    """Times and values of every arm, and all headings."""
    columns, by = _columns(table)
    out: dict[str, list[_Read]] = {}
    slugs: dict[str, str] = {}
    for c in columns:
        key = slug(c.name)
        if key in slugs:
            raise refuse(table, "twice", 1, name=c.name or slugs[key])
        slugs[key] = c.name
        out.setdefault(c.name, [])
    shared = len({c.time for c in columns}) < len(columns)
    widest = max((len(h) for h in table.headings), default=table.width)
    for row in table.rows:
        if any(row.cells[widest:]):
            raise refuse(table, "cells", row.line, found=len(row.cells), wanted=widest)
        for c in columns:
            texts = [row.cells[k] if k < len(row.cells) else "" for k in (c.time, c.value)]
            if not any(texts) or (shared and not texts[1]):
                continue
            if not all(texts):
                raise refuse(table, "half", row.line, name=c.name or "the curve")
            numbers = [value_of(t, table.comma) for t in texts]
            for text, number in zip(texts, numbers, strict=True):
                if number is None or not math.isfinite(number):
                    raise refuse(table, "number", row.line, value=text)
            name = c.name
            if by is not None:
                name = row.cells[by].strip() if by < len(row.cells) else ""
                if not name:
                    raise refuse(table, "unnamed", row.line)
            a, b = numbers
            assert a is not None and b is not None
            out.setdefault(name, []).append((a, b, row.line))
    if by is not None:
        out.pop("", None)
        keys = [slug(k) for k in out]
        double = [name for name, key in zip(out, keys, strict=True) if keys.count(key) > 1]
        if double:
            raise refuse(table, "spelt", None, names=" and ".join(repr(d) for d in double))
    for name, rows in out.items():
        if not rows:
            raise refuse(table, "empty", None, name=name or "the curve")
    if not out:
        raise refuse(table, "empty", None, name="the file")
    headings = [h for line in table.headings for h in line]
    return out, headings


def _percent(table: Table, arms: dict[str, list[_Read]], stated: bool) -> bool:
    """Whether survival is in percent: by its greatest values, which have to agree."""
    kinds = {}
    for name, rows in arms.items():
        most, line = max((v, line) for _, v, line in rows)
        if most > 100 * (1 + OVER):
            raise refuse(table, "above", line, value=f"{most:g}")
        if 1 + OVER < most < 20 or most < 0.2:
            raise refuse(table, "scale", line, value=f"{most:g}", name=name or "the curve")
        kinds[name] = most > 1 + OVER
    if len(set(kinds.values())) > 1:
        percent = next(name for name, k in kinds.items() if k)
        share = next(name for name, k in kinds.items() if not k)
        raise refuse(table, "mixed", None, percent=percent, share=share)
    percent_ = next(iter(kinds.values()))
    if stated and not percent_:
        raise refuse(table, "said-percent", 1)
    return percent_


def _points(
    table: Table, name: str, rows: list[_Read], scale: float, notes: list[str]
) -> tuple[Point, ...]:
    last = max(t for t, _, _ in rows)
    points = []
    for t, s, line in rows:
        share = s / scale
        if t < -0.02 * last or last <= 0:
            raise refuse(table, "time", line, value=f"{t:g}")
        if not -OVER <= share <= 1 + OVER:
            raise refuse(table, "above", line, value=f"{s:g}")
        points.append(Point(max(t, 0.0), min(1.0, max(0.0, share)), line))
    ordered = sorted(points, key=lambda p: (p.time, -p.survival))
    if [p.time for p in ordered] != [p.time for p in points]:
        notes.append(f"{name or 'the curve'}: points were put in order of time")
    seen: set[tuple[float, float]] = set()
    kept = []
    for p in ordered:
        if (p.time, p.survival) not in seen:
            kept.append(p)
        seen.add((p.time, p.survival))
    if len(kept) < len(ordered):
        notes.append(f"{name or 'the curve'}: points that stand twice were counted once")
    lowest, at, k = 1.0, 0, 0
    for p in kept:
        # A vertical step read from its two ends may lean a little.
        while k < len(kept) and kept[k].time <= p.time - 0.005 * last:
            if kept[k].survival < lowest:
                lowest, at = kept[k].survival, kept[k].line
            k += 1
        if p.survival > lowest + RISE:
            raise refuse(
                table, "rises", p.line, low=f"{lowest * scale:g}", high=f"{p.survival * scale:g}",
                at=at,
            )  # fmt: skip
    return tuple(kept)


def read_curves(path: Path, at_risk: Path | None = None, unit: str = "") -> ReadCurves:
    """Curves of one or several arms from a CSV file, with numbers at risk from another.

    Raises
    ------
    oncohort.problems.ReadError
        What the file holds is no survival curve, or can be meant in two ways; with file and line.
    """
    table = read_table(path)
    arms, headings = _rows_by_arm(table)
    notes: list[str] = []
    stated = unit_of(headings)
    if stated and unit and stated != unit:
        raise refuse(table, "units", 1, stated=stated, asked=unit)
    if not (stated or unit):
        raise refuse(table, "unit", 1)
    percent = _percent(table, arms, any("%" in h or "percent" in h.lower() for h in headings))
    scale = 100.0 if percent else 1.0
    curves = tuple(
        ReadCurve(name, _points(table, name, rows, scale, notes)) for name, rows in arms.items()
    )
    if at_risk is not None:
        curves = _with_risk(curves, at_risk, stated or unit)
    return ReadCurves(curves, stated or unit, tuple(notes))


def _with_risk(curves: tuple[ReadCurve, ...], path: Path, unit: str) -> tuple[ReadCurve, ...]:
    """Curves with the numbers at risk of their arms."""
    table = read_table(path)
    arms, headings = _rows_by_arm(table)
    stated = unit_of(headings)
    if stated and stated != unit:
        raise refuse(table, "units", 1, stated=stated, asked=unit)
    alone = len(curves) == 1 and len(arms) == 1
    if alone and len({slug(name) for name in (curves[0].name, *arms) if name}) < 2:
        pairs = {curves[0].name: next(iter(arms.values()))}
    else:
        known = {slug(name): rows for name, rows in arms.items()}
        missing = [c.name for c in curves if slug(c.name) not in known]
        if missing or len(known) != len(curves):
            names = ", ".join(repr(name) for name in arms)
            raise refuse(
                table, "arms", 1, found=names, wanted=", ".join(repr(c.name) for c in curves)
            )
        pairs = {c.name: known[slug(c.name)] for c in curves}
    out = []
    for c in curves:
        rows = pairs[c.name]
        out.append(replace(c, at_risk=_risk(table, c.name, rows)))
        _against(table, out[-1], {t: line for t, _, line in rows})
    return tuple(out)


def _against(table: Table, curve: ReadCurve, lines: dict[float, int]) -> None:
    """Refuse numbers at risk of which the curve leaves too few alive, however it was read.

    Between two times a Kaplan-Meier estimate falls by no more than the numbers at risk do.
    """
    for (t0, k0), (t1, k1) in combinations(curve.at_risk, 2):
        before = min((p.survival for p in curve.points if p.time < t1), default=1.0)
        start = max((p.survival for p in curve.points if p.time >= t0), default=0.0)
        if start <= 2 * RISE:
            continue
        most = k0 * (before + RISE) / (start - RISE) * (1 + RISE) + 1
        if k1 > most:
            raise refuse(
                table, "against", lines[t1], name=curve.name or "the curve", number=k1,
                at=f"{t1:g}", earlier=k0, start=f"{t0:g}", high=f"{start:.2g}", low=f"{before:.2g}",
                most=int(most),
            )  # fmt: skip


def _risk(table: Table, name: str, rows: list[_Read]) -> tuple[tuple[float, int], ...]:
    ordered = sorted(rows)
    if ordered[0][0] != 0:
        raise refuse(table, "first", ordered[0][2], name=name or "the curve")
    before: tuple[float, float] | None = None
    for t, k, line in ordered:
        if k < 0 or k != int(k):
            raise refuse(table, "patients", line, value=f"{k:g}")
        if k > MOST_PATIENTS:
            raise refuse(table, "many", line, value=f"{k:,.0f}", most=f"{MOST_PATIENTS:,}")
        if before is not None and t == before[0]:
            raise refuse(table, "twice", line, name=f"time {t:g}")
        if before is not None and k > before[1]:
            raise refuse(table, "risk-rises", line, low=f"{before[1]:g}", high=f"{k:g}")
        before = t, k
    if ordered[0][1] < 2:
        raise refuse(table, "few", ordered[0][2])
    return tuple((t, int(k)) for t, k, _ in ordered)
