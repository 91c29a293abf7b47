"""Numeric rules of CTCAE as data: what a condition says, and whether it holds.

Conditions have three values: true, false, or not known where a limit, the baseline or a fact such
as symptoms is missing. The grade is the highest whose condition is true; the highest grade that
the missing information would allow is kept beside it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import polars as pl

from oncohort.criteria.ctcae.versions import CtcaeError, Version, version_of
from oncohort.criteria.thresholds import above, above_expr, below, below_expr
from oncohort.dataclass import dataclass

__all__ = ["Atom", "Facts", "LabRule", "clinical_reason", "evaluate", "holds_expr", "rules"]

Direction = Literal["low", "high"]
FLAGS = ("symptoms", "fasting", "anticoagulated", "normal baseline", "abnormal baseline")


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison (``> 2.5 x ULN``) or one fact (``symptoms``)."""

    text: str
    op: str = ""
    factor: float = 1.0
    reference: str | None = None
    """ULN, LLN, baseline; None for a fixed figure, which is then ``offset``."""
    offset: float = 0.0
    flag: str | None = None


Condition = tuple[tuple[Atom, ...], ...]
"""Alternatives of conjunctions."""


@dataclass(frozen=True, slots=True)
class LabRule:
    """The grades of one measurement in one direction."""

    test: str
    term: str
    direction: Direction
    grades: Mapping[str, Mapping[int, Condition]]
    """By unit (or ``any``), then by grade."""
    version: Version
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one value, all figures in one unit."""

    value: float
    lower: float | None = None
    upper: float | None = None
    baseline: float | None = None
    symptoms: bool | None = None
    fasting: bool | None = None
    anticoagulated: bool | None = False
    assume_normal_baseline: bool = False


_NUMBER = r"(\d+(?:\.\d+)?)"
_SHAPES = (
    (re.compile(rf"^{_NUMBER} x (ULN|LLN|baseline)$"), lambda m: (float(m[1]), m[2], 0.0)),
    (re.compile(r"^(ULN|LLN|baseline)$"), lambda m: (1.0, m[1], 0.0)),
    (
        re.compile(rf"^(ULN|LLN|baseline) ([+-]) {_NUMBER}$"),
        lambda m: (1.0, m[1], float(m[3]) * (1 if m[2] == "+" else -1)),
    ),
    (re.compile(rf"^{_NUMBER}$"), lambda m: (0.0, None, float(m[1]))),
)


def _atom(text: str) -> Atom:
    if text in FLAGS:
        return Atom(text, flag=text)
    op, _, rest = text.partition(" ")
    if op in (">", ">=", "<", "<="):
        for shape, read in _SHAPES:
            found = shape.match(rest)
            if found:
                factor, reference, offset = read(found)
                return Atom(text, op, factor, reference, offset)
    raise CtcaeError(f"condition {text!r} can't be read")


def parse(text: str) -> Condition:
    """Read a condition as the data files have it.

    Examples
    --------
    >>> [len(part) for part in parse("> 2 x ULN and symptoms or > 5 x ULN")]
    [2, 1]
    """
    return tuple(tuple(_atom(a) for a in part.split(" and ")) for part in text.split(" or "))


@cache
def _file(version: Version) -> tuple[tuple[LabRule, ...], tuple[Mapping[str, str], ...]]:
    path = files("oncohort.criteria.ctcae").joinpath("data", f"labs_{version}.toml")
    raw = tomllib.loads(path.read_text("utf-8"))
    found = tuple(
        LabRule(
            entry["test"],
            entry["term"],
            entry["direction"],
            {
                unit: {int(g): parse(text) for g, text in grades.items()}
                for unit, grades in entry["grades"].items()
            },
            version,
            entry.get("note", ""),
        )
        for entry in raw["rule"]
    )
    return found, tuple(raw.get("clinical", ()))


@cache
def rules(version: str, test: str | None = None) -> tuple[LabRule, ...]:
    """Every numeric rule of a version, or those of one measurement.

    Examples
    --------
    >>> [(r.term, r.direction) for r in rules("4.03", "potassium")]
    [('Hypokalemia', 'low'), ('Hyperkalemia', 'high')]
    """
    found, _ = _file(version_of(version))
    return found if test is None else tuple(r for r in found if r.test == test)


def clinical_reason(version: str, test: str, direction: str | None = None) -> str | None:
    """Why a version has no figures for a measurement, where it grades it by other things."""
    _, clinical = _file(version_of(version))
    for entry in clinical:
        if entry["test"] == test and (
            direction is None or entry["direction"] in ("any", direction)
        ):
            return entry["reason"]
    return None


def _limit(atom: Atom, facts: Facts) -> float | None:
    if atom.reference is None:
        return atom.offset
    base = {"ULN": facts.upper, "LLN": facts.lower, "baseline": facts.baseline}[atom.reference]
    return None if base is None else atom.factor * base + atom.offset


def _baseline_is_normal(facts: Facts, direction: Direction) -> bool | None:
    limit = facts.upper if direction == "high" else facts.lower
    if facts.baseline is None:
        return True if facts.assume_normal_baseline else None
    if limit is None:
        return None
    return not (above if direction == "high" else below)(facts.baseline, limit)


def _holds(atom: Atom, facts: Facts, direction: Direction) -> bool | None:
    if atom.flag is not None:
        if atom.flag.endswith("baseline"):
            normal = _baseline_is_normal(facts, direction)
            return normal if normal is None or atom.flag.startswith("normal") else not normal
        known: bool | None = getattr(facts, atom.flag)
        return known
    limit = _limit(atom, facts)
    if limit is None:
        return None
    compare: Callable[[float, float], bool] = above if atom.op[0] == ">" else below
    if len(atom.op) == 1:
        return compare(facts.value, limit)
    return not (below if atom.op[0] == ">" else above)(facts.value, limit)


def evaluate(
    grades: Mapping[int, Condition], facts: Facts, direction: Direction
) -> tuple[int, int, tuple[Atom, ...], tuple[str, ...]]:
    """Grade, highest possible grade, the comparisons that decided, and what was not known."""
    sure = possible = 0
    decided: tuple[Atom, ...] = ()
    unknown: dict[str, None] = {}
    for grade, condition in sorted(grades.items()):
        for part in condition:
            held = [_holds(atom, facts, direction) for atom in part]
            if all(h is True for h in held):
                sure, possible, decided = grade, grade, part
            elif not any(h is False for h in held):
                possible = max(possible, grade)
                for atom, h in zip(part, held, strict=True):
                    if h is None:
                        unknown[_needs(atom, facts, direction)] = None
    return sure, possible, decided, tuple(unknown) if possible > sure else ()


def _needs(atom: Atom, facts: Facts, direction: Direction) -> str:
    if atom.reference == "ULN":
        return "upper limit"
    if atom.reference == "LLN":
        return "lower limit"
    if atom.flag in ("symptoms", "fasting", "anticoagulated"):
        return atom.flag
    if facts.baseline is not None:
        return "upper limit" if direction == "high" else "lower limit"
    return "baseline"


def decided_text(atoms: tuple[Atom, ...], facts: Facts) -> str:
    """The comparisons that decided a grade, with their figures."""
    words = {">": "above", ">=": "at or above", "<": "below", "<=": "at or below"}
    parts = []
    for atom in atoms:
        if atom.flag is not None:
            parts.append(f"with {atom.flag}" if " " in atom.flag else atom.flag)
            continue
        limit = _limit(atom, facts)
        shown = atom.text.partition(" ")[2]
        figure = f" ({limit:g})" if atom.reference is not None else ""
        parts.append(f"{words[atom.op]} {shown}{figure}")
    return ", ".join(parts)


# ---- the same for columns ---------------------------------------------------------------------


def holds_expr(condition: Condition, direction: Direction, *, normal_if_missing: bool) -> pl.Expr:
    """A condition over the columns ``_value, _lower, _upper, _baseline`` and the flag columns."""
    return pl.any_horizontal(
        pl.all_horizontal(_atom_expr(atom, direction, normal_if_missing) for atom in part)
        for part in condition
    )


def _atom_expr(atom: Atom, direction: Direction, normal_if_missing: bool) -> pl.Expr:
    baseline = pl.col("_baseline")
    if atom.flag is not None:
        if not atom.flag.endswith("baseline"):
            return pl.col(f"_{atom.flag}")
        if direction == "high":
            normal = ~above_expr(baseline, pl.col("_upper"))
        else:
            normal = ~below_expr(baseline, pl.col("_lower"))
        if normal_if_missing:
            normal = pl.when(baseline.is_null()).then(pl.lit(True)).otherwise(normal)
        return normal if atom.flag.startswith("normal") else ~normal
    columns = {"ULN": "_upper", "LLN": "_lower", "baseline": "_baseline"}
    if atom.reference is None:
        limit = pl.lit(atom.offset, dtype=pl.Float64)
    else:
        limit = pl.col(columns[atom.reference]) * atom.factor + atom.offset
    value = pl.col("_value")
    if atom.op == ">":
        return above_expr(value, limit)
    if atom.op == "<":
        return below_expr(value, limit)
    return ~below_expr(value, limit) if atom.op == ">=" else ~above_expr(value, limit)
