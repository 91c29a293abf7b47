"""Whole-number systems of printed figures: what fits together, and the least set that does not.

Each rule is a linear range over whole unknowns. A rule without a figure is certain (patients are
counted once, grade 3 lies within any grade); a rule with a figure may be set aside, by HiGHS in as
few figures as can be. What was set aside is explained by a smallest set of figures that no whole
numbers satisfy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from oncohort.stats.inputs import Floats

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

from oncohort.dataclass import dataclass

Number = int | Fraction | float


@dataclass(frozen=True, slots=True)
class Rule:
    """``low <= sum(coefficient * unknown) <= high``; ``figure`` is empty where it is certain."""

    coefficients: Mapping[str, Number]
    low: Number
    high: Number
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Solution:
    """Whole values of the unknowns, and the figures that were set aside with their conflicts."""

    values: dict[str, int]
    aside: dict[str, tuple[str, ...]]


@dataclass(slots=True)
class System:
    """Unknowns with bounds, and rules over them."""

    bounds: dict[str, tuple[int, int]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    cost: dict[str, float] = field(default_factory=dict)
    """What an unknown costs, to choose among solutions (0 where not named)."""

    def unknown(self, name: str, low: int, high: int) -> str:
        """Add an unknown (once)."""
        self.bounds.setdefault(name, (low, high))
        return name

    def rule(
        self, coefficients: Mapping[str, Number], low: Number, high: Number, figure: str = ""
    ) -> None:
        """Add a rule."""
        self.rules.append(Rule(dict(coefficients), low, high, figure))

    def components(self) -> list[System]:
        """Parts that share no unknown."""
        parent = {name: name for name in self.bounds}

        def root(name: str) -> str:
            while parent[name] != name:
                name = parent[name]
            return name

        for rule in self.rules:
            first, *rest = [root(n) for n in rule.coefficients]
            for name in rest:
                parent[root(name)] = root(first)
        parts: dict[str, System] = {}
        for name, bounds in self.bounds.items():
            part = parts.setdefault(root(name), System(cost=self.cost))
            part.bounds[name] = bounds
        for rule in self.rules:
            parts[root(next(iter(rule.coefficients)))].rules.append(rule)
        return list(parts.values())


def _rows(
    rules: list[Rule], names: list[str], extra: int
) -> tuple[Floats, list[float], list[float]]:
    place = {name: k for k, name in enumerate(names)}
    matrix = np.zeros((len(rules), len(names) + extra))
    for r, rule in enumerate(rules):
        for name, c in rule.coefficients.items():
            matrix[r, place[name]] = float(c)
    slack = 1e-7
    low = [float(r.low) - slack if r.low != -inf else -inf for r in rules]
    high = [float(r.high) + slack if r.high != inf else inf for r in rules]
    return matrix, low, high


def _milp(
    c: Floats,
    matrix: Floats,
    low: ArrayLike,
    high: ArrayLike,
    bounds: tuple[ArrayLike, ArrayLike],
    integral: Floats,
) -> OptimizeResult:
    from scipy.optimize import Bounds, LinearConstraint, milp

    constraints = [LinearConstraint(matrix, low, high)] if len(matrix) else []
    return milp(c, constraints=constraints, bounds=Bounds(*bounds), integrality=integral)


def satisfies(system: System, figures: Iterable[str]) -> dict[str, int] | None:
    """Whole values that obey the certain rules and those of these figures; None if there are none.

    Examples
    --------
    >>> s = System()
    >>> _ = s.unknown("men", 0, 42), s.unknown("women", 0, 42)
    >>> s.rule({"men": 1, "women": 1}, 42, 42)
    >>> s.rule({"men": 1}, 32, 32, "men"); s.rule({"women": 1}, 12, 12, "women")
    >>> satisfies(s, ["men"])["women"]
    10
    >>> satisfies(s, ["men", "women"]) is None
    True
    """
    wanted = set(figures)
    rules = [r for r in system.rules if not r.figure or r.figure in wanted]
    names = list(system.bounds)
    matrix, low, high = _rows(rules, names, 0)
    bounds = (
        [system.bounds[n][0] for n in names],
        [system.bounds[n][1] for n in names],
    )
    cost = np.array([system.cost.get(n, 0.0) for n in names])
    done = _milp(cost, matrix, low, high, bounds, np.ones(len(names)))
    if done.x is None:
        return None
    values = {n: round(v) for n, v in zip(names, done.x, strict=True)}
    return values if all(_holds(r, values) for r in rules) else None


def _holds(rule: Rule, values: Mapping[str, int]) -> bool:
    """The rule, in exact numbers."""
    total = sum(Fraction(c) * values[n] for n, c in rule.coefficients.items())
    return bool(rule.low <= total <= rule.high)


NEAR = 1e-3
"""What a patient more or less costs where a printed number was set aside."""


def nearest(system: System, figures: Iterable[str]) -> dict[str, int] | None:
    """As :func:`satisfies`, and of all such values those that are nearest to the other figures.

    Examples
    --------
    >>> s = System()
    >>> _ = s.unknown("men", 0, 42), s.unknown("women", 0, 42)
    >>> s.rule({"men": 1, "women": 1}, 0, 42)
    >>> s.rule({"men": 1}, 32, 32, "men"); s.rule({"women": 1}, 12, 12, "women")
    >>> satisfies(s, ["men"])["women"], nearest(s, ["men"])["women"]
    (0, 10)
    """
    wanted = set(figures)
    held = [r for r in system.rules if not r.figure or r.figure in wanted]
    left = [r for r in system.rules if r.figure and r.figure not in wanted]
    names, n = list(system.bounds), len(system.bounds)
    matrix, low, high = _rows([*held, *left, *left], names, len(left))
    for k in range(len(left)):  # beyond the upper, or the lower end by no more than this column
        above, below = len(held) + k, len(held) + len(left) + k
        matrix[above, n + k], matrix[below, n + k] = -1.0, 1.0
        low[above], high[below] = -inf, inf
    per = [NEAR / max(abs(float(c)) for c in r.coefficients.values()) for r in left]
    cost = np.array([*(system.cost.get(name, 0.0) for name in names), *per])
    bounds = (
        [*(system.bounds[name][0] for name in names), *(0.0 for _ in left)],
        [*(system.bounds[name][1] for name in names), *(inf for _ in left)],
    )
    whole = np.array([1.0] * n + [0.0] * len(left))
    done = _milp(cost, matrix, low, high, bounds, whole)
    values = {} if done.x is None else {k: round(v) for k, v in zip(names, done.x[:n], strict=True)}
    return values if values and all(_holds(r, values) for r in held) else None


def _fewest_aside(system: System, figures: list[str], weight: Mapping[str, float]) -> set[str]:
    """A least set of figures to set aside, by weight."""
    names = list(system.bounds)
    matrix, low, high = _rows(system.rules, names, len(figures))
    size = {n: max(abs(b) for b in system.bounds[n]) for n in names}
    rows, lows, highs = [], [], []
    for r, rule in enumerate(system.rules):
        if not rule.figure:
            rows.append(matrix[r])
            lows.append(low[r])
            highs.append(high[r])
            continue
        big = sum(abs(float(c)) * size[n] for n, c in rule.coefficients.items())
        column = len(names) + figures.index(rule.figure)
        for sign, bound in ((1.0, high[r]), (-1.0, -low[r])):
            if bound == inf:
                continue
            row = sign * matrix[r]
            row[column] = -(big + abs(bound))
            rows.append(row)
            lows.append(-inf)
            highs.append(bound)
    c = np.r_[np.zeros(len(names)), [weight.get(f, 1.0) for f in figures]]
    bounds = (
        [system.bounds[n][0] for n in names] + [0] * len(figures),
        [system.bounds[n][1] for n in names] + [1] * len(figures),
    )
    done = _milp(c, np.array(rows), lows, highs, bounds, np.ones(len(c)))
    if done.x is None:
        raise ValueError("the certain rules contradict each other")
    return {f for f, v in zip(figures, done.x[len(names) :], strict=True) if v > 0.5}


def smallest_conflict(system: System, figures: list[str], with_: str) -> tuple[str, ...]:
    """A smallest set of figures, ``with_`` among them, that no whole numbers satisfy together.

    By implicit hitting sets: every maximal set that can be satisfied leaves out some figure of the
    conflict.
    """
    others = [f for f in figures if f != with_]
    misses: list[set[str]] = []
    while True:
        chosen = _smallest_hitting(others, misses)
        if satisfies(system, {*chosen, with_}) is None:
            return (with_, *sorted(chosen))
        kept = {*chosen, with_}
        for f in others:
            if f not in kept and satisfies(system, kept | {f}) is not None:
                kept.add(f)
        left = set(others) - kept
        if not left:
            return ()
        misses.append(left)


def _smallest_hitting(items: list[str], sets: list[set[str]]) -> set[str]:
    if not sets:
        return set()
    matrix = np.array([[float(i in s) for i in items] for s in sets])
    size = len(items)
    low, high = np.ones(len(sets)), np.full(len(sets), inf)
    done = _milp(np.ones(size), matrix, low, high, (np.zeros(size), np.ones(size)), np.ones(size))
    return {i for i, v in zip(items, done.x, strict=True) if v > 0.5}


def _alone(system: System) -> set[str]:
    """Figures that lie outside what their unknowns can be at all."""
    out = set()
    for rule in system.rules:
        ends = [
            sorted(Fraction(c) * b for b in system.bounds[name])
            for name, c in rule.coefficients.items()
        ]
        least, most = sum(e[0] for e in ends), sum(e[1] for e in ends)
        if rule.figure and (most < rule.low or least > rule.high):
            out.add(rule.figure)
    return out


def solve(system: System, weight: Mapping[str, float] | None = None) -> Solution:
    """Satisfy as many figures as can be; what is set aside is explained.

    ``weight``: what setting a figure aside costs (1 where not named).
    """
    values: dict[str, int] = {}
    aside: dict[str, tuple[str, ...]] = {}
    for part in system.components():
        out = _alone(part)
        aside |= {f: (f,) for f in sorted(out)}
        part.rules = [r for r in part.rules if r.figure not in out]
        figures = list(dict.fromkeys(r.figure for r in part.rules if r.figure))
        found = satisfies(part, figures)
        if found is None:
            dropped = _fewest_aside(part, figures, weight or {})
            kept = [f for f in figures if f not in dropped]
            found = nearest(part, kept) or satisfies(part, kept)
            if found is None:  # the solver's tolerance let a figure pass
                raise ArithmeticError("no whole numbers for figures that were kept")
            for f in sorted(dropped):
                aside[f] = smallest_conflict(part, [*kept, f], f)
        values |= found
    return Solution(values, aside)
