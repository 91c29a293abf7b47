"""Single values that give a printed mean, SD, median, range and quartiles, exactly where some do.

Values lie on a grid; how many patients stand on each point is a whole-number programme (HiGHS),
as near to a smooth shape as the figures allow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.published.rounding import HALF_UP, interval, number
from oncohort.vocabulary.boundaries import Option

Floats = npt.NDArray[np.float64]

ENDS = -1e-6
"""Where the ends of rounding are taken in: nothing is impossible that a tie prints."""

MOST_POINTS = 1200
"""Points of a grid with one distance between them; beyond, the distance grows tenfold, but for
``FINE`` points on either side of every figure."""

FINE = 15

MOVES = 20_000
"""Pairs of values that are tried, to bring a standard deviation to what is printed."""

NODES = (2000, 300)
"""Nodes of a whole-number programme at most, for some values and for smooth ones: a count, so that
the speed of the machine does not tell which values are found."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the values have to give; figures as printed, empty where there is none.

    ``below``: (threshold, patients) pairs: so many values lie below each threshold; ``edge``: the
    part of the last digit that is left out at both ends of what a figure allows: a value there
    prints as conventions of rounding have it. Below 0 the ends are taken in.
    """

    n: int
    mean: str = ""
    sd: str = ""
    median: str = ""
    low: str = ""
    high: str = ""
    spread: str = "range"
    whole: bool = False
    below: tuple[tuple[float, int], ...] = ()
    edge: float = 1e-6

    def limits(self, text: str) -> tuple[float, float] | None:
        """True values of a printed figure."""
        read = number(text)
        allowed = interval(text, (HALF_UP,))
        if allowed is None or read is None:
            return None
        margin = float(read.unit) * self.edge
        return float(allowed.low) + margin, float(allowed.high) - margin


@dataclass(frozen=True, slots=True)
class Spread:
    """Values in order, and the names of figures that had to be set aside, with their conflicts."""

    values: tuple[float, ...]
    aside: Mapping[str, tuple[str, ...]]


def _grid(w: Wanted) -> Floats:
    texts = [t for t in (w.median, w.low, w.high, w.mean) if t]
    read = [n for n in map(number, texts) if n is not None]
    unit = 1.0 if w.whole or not read else min(1.0, *(float(n.unit) for n in read))
    low, high = w.limits(w.low) if w.low else None, w.limits(w.high) if w.high else None
    middle = w.limits(w.median or w.mean)
    centre = sum(middle) / 2 if middle else (low[0] + high[1]) / 2 if low and high else 0.0
    if w.spread == "range" and low and high:
        ends = low[0], high[1]
    else:
        sd = w.limits(w.sd)
        reach = (
            4 * sd[1] if sd else 1.5 * (high[1] - low[0]) if low and high else max(abs(centre), 1)
        )
        ends = centre - reach, centre + reach
        if centre > 0 and (not low or low[0] >= 0):
            ends = max(unit, ends[0]), ends[1]
    stated = [v for v in (low, high, w.limits(w.median), w.limits(w.mean)) if v]
    if w.spread != "range" and stated:  # values beyond a quartile have room
        least, most = min(v[0] for v in stated), max(v[1] for v in stated)
        room = max(most - least, abs(most), abs(least), unit)
        ends = min(ends[0], least - room), max(ends[1], most + room)
        if least >= 0 and not (w.mean or w.sd):  # what is measured is not below 0
            ends = max(0.0, ends[0]), ends[1]
    ends = (
        min([ends[0], *(t - unit for t, k in w.below if k), *(v[0] for v in stated)]),
        max([ends[1], *(t + unit for t, _ in w.below), *(v[1] for v in stated)]),
    )
    coarse = unit
    while (ends[1] - ends[0]) / coarse > MOST_POINTS:
        coarse *= 10
    points = _steps(ends[0], ends[1], coarse)
    if coarse > unit:  # every value that a figure asks for has its fine points
        near = [*stated, *((t, t) for t, _ in w.below)]
        fine = [_steps(a - FINE * unit, b + FINE * unit, unit) for a, b in near]
        kept = np.unique(np.round(np.concatenate([points, *fine]) / unit)) * unit
        points = kept[(kept >= ends[0] - 1e-9) & (kept <= ends[1] + 1e-9)]
    return points


def _steps(low: float, high: float, unit: float) -> Floats:
    """Whole multiples of a unit from one value to another."""
    first, last = math.ceil(low / unit - 1e-9), math.floor(high / unit + 1e-9)
    return np.asarray(np.arange(first, last + 1) * unit, dtype=np.float64)


def _step(grid: Floats) -> float:
    """The finest distance between two points."""
    return float(np.diff(grid).min()) if len(grid) > 1 else 1.0


def _uneven(grid: Floats) -> bool:
    return len(grid) > 2 and float(np.ptp(np.diff(grid))) > 1e-9


def _shape(w: Wanted, grid: Floats) -> Floats:
    """How many patients a smooth shape puts on each point."""
    middle = w.limits(w.median or w.mean)
    centre = sum(middle) / 2 if middle else float(grid.mean())
    sd = w.limits(w.sd)
    wide = sd[1] if sd else (grid[-1] - grid[0]) / 4.5
    if not sd and w.spread == "quartiles" and w.low and w.high:
        a, b = w.limits(w.low), w.limits(w.high)
        wide = (b[1] - a[0]) / 1.35 if a and b else wide
    density = np.exp(-0.5 * ((grid - centre) / max(wide, 1e-9)) ** 2) + 1e-6
    if len(grid) > 1:
        density *= np.gradient(grid)  # points lie closer together about the figures
    return np.asarray(w.n * density / density.sum())


class _Rows:
    """Rules over the counts of the grid."""

    def __init__(self, size: int) -> None:
        self.matrix: list[Floats] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.size = size

    def add(self, row: object, low: float, high: float) -> None:
        self.matrix.append(np.asarray(row, dtype=float))
        self.low.append(low)
        self.high.append(high)


def _order(rows: _Rows, grid: Floats, rank: int, low: float, high: float, n: int) -> None:
    """The value of this rank (from 0) lies in ``low`` to ``high``."""
    eps = 1e-9
    rows.add(grid < low - eps, 0, rank)
    rows.add(grid <= high + eps, rank + 1, n)


def _between(rows: _Rows, grid: Floats, n: int, p: float, limits: tuple[float, float]) -> None:
    """What any values have whose quantile prints so: the lower neighbour not above, the upper not
    below."""
    at = (n - 1) * p
    first, last = math.floor(at + 1e-9), math.ceil(at - 1e-9)
    rows.add(grid <= limits[1] + 1e-9, first + 1, n)
    rows.add(grid < limits[0] - 1e-9, 0, last)


def _quantile(
    rows: _Rows, grid: Floats, w: Wanted, p: float, limits: tuple[float, float], pair: int
) -> None:
    """Type 7 quantile; both neighbours in the printed interval, or ``pair`` apart around it."""
    if pair < 0:
        _between(rows, grid, w.n, p, limits)
        return
    at = (w.n - 1) * p
    first, last = math.floor(at + 1e-9), math.ceil(at - 1e-9)
    if first == last or pair == 0:
        for rank in {first, last}:
            _order(rows, grid, rank, *limits, w.n)
        return
    part = at - first
    step = _step(grid)
    middle = (limits[0] + limits[1]) / 2
    a = round((middle - part * pair * step) / step) * step
    b = a + pair * step
    value = a + part * (b - a)
    if not limits[0] - 1e-9 <= value <= limits[1] + 1e-9:
        rows.add(np.zeros(len(grid)), 1, 1)
        return
    _order(rows, grid, first, a, a, w.n)
    _order(rows, grid, last, b, b, w.n)


def _rules(
    w: Wanted, grid: Floats, figures: frozenset[str], pair: int, total: float | None
) -> _Rows:
    rows = _Rows(len(grid))
    rows.add(np.ones(len(grid)), w.n, w.n)
    for threshold, count in w.below:
        rows.add(grid < threshold - 1e-9, count, count)
    for name, p, side in (("low", 0.25, 0), ("high", 0.75, -1)):
        limits = w.limits(getattr(w, name)) if name in figures else None
        if limits is None:
            continue
        if w.spread == "range":
            _order(rows, grid, 0 if side == 0 else w.n - 1, *limits, w.n)
        elif w.spread == "quartiles":
            _quantile(rows, grid, w, p, limits, pair)
    median = w.limits(w.median) if "median" in figures else None
    if median is not None:
        _quantile(rows, grid, w, 0.5, median, pair)
    if total is not None:
        rows.add(grid, total - 1e-7, total + 1e-7)
        sd = w.limits(w.sd) if "sd" in figures else None
        if sd is not None and w.n > 1:
            least, most = max(sd[0], 0) ** 2 * (w.n - 1), sd[1] ** 2 * (w.n - 1)
            square = (grid - total / w.n) ** 2
            rows.add(square, least, most)
    return rows


def _solve(w: Wanted, grid: Floats, rows: _Rows, smooth: bool) -> Floats | None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    m = len(grid)
    matrix = np.array(rows.matrix)
    if not smooth:
        done = milp(
            np.zeros(m), constraints=[LinearConstraint(matrix, rows.low, rows.high)],
            bounds=Bounds(0, w.n), integrality=np.ones(m),
            options={"node_limit": NODES[0]},
        )  # fmt: skip
        if done.x is None and done.status != 2:
            raise TimeoutError
        return None if done.x is None else np.round(done.x)
    aim = _shape(w, grid)
    eye = np.eye(m)
    wide = np.hstack([matrix, np.zeros_like(matrix)])
    near = np.vstack([np.hstack([eye, -eye]), np.hstack([-eye, -eye])])
    done = milp(
        np.r_[np.zeros(m), np.ones(m)],
        constraints=[
            LinearConstraint(wide, rows.low, rows.high),
            LinearConstraint(near, -np.inf, np.r_[aim, -aim]),
        ],
        bounds=Bounds(0, w.n),
        integrality=np.r_[np.ones(m), np.zeros(m)],
        options={"node_limit": NODES[1], "mip_rel_gap": 0.05},
    )
    return None if done.x is None else np.round(done.x[:m])


def _totals(w: Wanted, grid: Floats, figures: frozenset[str]) -> Sequence[float | None]:
    """Sums to try: those that print the mean, nearest first."""
    text = w.mean if "mean" in figures else ""
    limits = w.limits(text) if text else None
    if limits is None:
        if "sd" not in figures:
            return [None]
        middle = w.limits(w.median) or (float(grid[0]), float(grid[-1]))
        limits = (middle[0], middle[1])
    step = _step(grid)
    first = math.ceil(limits[0] * w.n / step - 1e-9)
    last = math.floor(limits[1] * w.n / step + 1e-9)
    middle_sum = sum(limits) / 2 * w.n / step
    near = sorted(range(first, last + 1), key=lambda k: abs(k - middle_sum))
    return [k * step for k in near]


def _only(w: Wanted, figures: frozenset[str]) -> Wanted:
    """What is wanted, of some figures alone."""
    names = ("low", "high", "median", "mean", "sd")
    gone: dict[str, Option] = {k: "" for k in names if k not in figures}
    return replace(w, **gone)


def _attempt(w: Wanted, figures: frozenset[str]) -> tuple[Floats, Floats] | None:
    """Grid and counts for some of the figures; None if none were found."""
    w = _only(w, figures)
    found = _within(w, figures)
    return found if found is not None else _within(replace(w, edge=ENDS), figures)


def _within(w: Wanted, figures: frozenset[str]) -> tuple[Floats, Floats] | None:
    """Grid and counts, with what is wanted of the ends of rounding."""
    grid = _grid(w)
    if "sd" in figures and _uneven(grid):
        others = _within(replace(w, sd=""), figures - {"sd"})
        return None if others is None else _with_sd(w, figures, *others)
    for pair in (0, 1, 2, 3, 4, 6, 8, 10, 12):
        for total in _totals(w, grid, figures)[:40]:
            rows = _rules(w, grid, figures, pair, total)
            if _solve(w, grid, rows, smooth=False) is not None:
                found = _solve(w, grid, rows, smooth=True)
                if found is None:
                    found = _solve(w, grid, rows, smooth=False)
                return None if found is None else (grid, found)
        if not figures & {"median", "low", "high"} or (
            pair == 0 and w.n % 2 and w.spread == "range"
        ):
            break
    return None


def _with_sd(
    w: Wanted, figures: frozenset[str], grid: Floats, counts: Floats
) -> tuple[Floats, Floats] | None:
    """Values whose SD prints, too: two of them at a time move apart or together, the sum stays.

    What a printed median, quartile or end is read from stays where it is, and every other value on
    its side of it; with many values that is quick where a whole-number programme is not.
    """
    limits = w.limits(w.sd)
    if limits is None or w.n < 2:
        return None
    unit = _step(grid)
    x = np.repeat(np.round(grid / unit), counts.astype(int))
    pinned = _pinned(w, figures)
    ends = [x[k] for k in pinned]
    low = np.array([max([e for e in ends if e <= v], default=-np.inf) for v in x])
    high = np.array([min([e for e in ends if e >= v], default=np.inf) for v in x])
    for threshold, _ in w.below:
        under, edge = x * unit < threshold - 1e-9, math.ceil(threshold / unit - 1e-9)
        high[under], low[~under] = np.minimum(high[under], edge - 1), np.maximum(low[~under], edge)
    low = np.maximum(low, 0.0) if x.min() >= 0 else low
    free = np.setdiff1d(np.arange(w.n), pinned)
    least, most = (max(v, 0.0) ** 2 * (w.n - 1) / unit**2 for v in limits)
    square, rng = float(((x - x.mean()) ** 2).sum()), np.random.default_rng(0)
    for _ in range(MOVES if len(free) > 1 else 0):
        if least <= square <= most:
            values, number_of = np.unique(x, return_counts=True)
            return values * unit, number_of.astype(float)
        i, j = rng.choice(free, 2, replace=False)
        room = min(high[i] - x[i], x[j] - low[j], 1e6)
        if room < 1:
            continue
        # By so much that the square comes to the middle: 2 d (x_i - x_j + d) is what it gains.
        gain, apart = (least + most) / 2 - square, x[i] - x[j]
        root = math.sqrt(max(apart**2 + 2 * gain, 0.0))
        for d in {round((-apart + root) / 2), round((-apart - root) / 2)}:
            d = min(max(d, 0), int(room))
            change = 2 * d * (apart + d)
            if d and abs(gain - change) < abs(gain):
                x[i], x[j], square = x[i] + d, x[j] - d, square + change
                break
    return None


def _pinned(w: Wanted, figures: frozenset[str]) -> list[int]:
    """Ranks that printed order statistics are read from."""
    at: list[float] = [(w.n - 1) / 2] if "median" in figures else []
    shares = {"range": (0.0, 1.0), "quartiles": (0.25, 0.75)}.get(w.spread, (0.0, 1.0))
    at += [
        (w.n - 1) * p for name, p in zip(("low", "high"), shares, strict=True) if name in figures
    ]
    return sorted({k for v in at for k in (math.floor(v + 1e-9), math.ceil(v - 1e-9))})


def spread(w: Wanted) -> Spread:
    """Values in order; a figure that no values have with the others is set aside and explained.

    Examples
    --------
    >>> found = spread(Wanted(5, median="62", low="41", high="83", whole=True))
    >>> found.values[0], found.values[2], found.values[-1]
    (41.0, 62.0, 83.0)
    >>> spread(Wanted(5, median="90", low="41", high="83", whole=True)).aside
    {'median': ('median', 'high')}
    """
    names = [k for k in ("low", "high", "median", "mean", "sd") if getattr(w, k)]
    for size in range(len(names) + 1):
        for dropped in combinations(reversed(names), size):
            kept = frozenset(names) - set(dropped)
            try:
                found = _attempt(w, kept)
            except TimeoutError:
                found = None
            if found is None:
                continue
            aside = {d: _conflict(w, kept | {d}, d) for d in dropped}
            pairs = zip(*(part.tolist() for part in found), strict=True)
            values = [v for v, k in pairs for _ in range(int(k))]
            return Spread(tuple(_neat(v) for v in values), aside)
    raise ArithmeticError(f"no values for {w}")


def _neat(value: float) -> float:
    return float(Fraction(value).limit_denominator(10_000))


def _impossible(w: Wanted, figures: frozenset[str]) -> bool:
    """Whether it is proven that no values have these figures: no false alarm, some missed ones."""
    w = replace(_only(w, figures), edge=ENDS)
    grid = _grid(w)
    totals = _totals(w, grid, figures)
    bounded = w.spread == "range" and {"low", "high"} <= figures
    if figures & {"mean", "sd"} and figures != {"mean"} and not bounded:
        return False  # the grid would have to be endless
    if figures & {"mean", "sd"} and _uneven(grid):
        return False  # values between the points of a coarse grid are not tried
    if ("sd" in figures and "mean" not in figures) or len(totals) > MOST_TOTALS:
        return False  # any sum would have to be tried
    try:
        return all(
            _solve(w, grid, _rules(w, grid, figures, -1, t), smooth=False) is None for t in totals
        )
    except TimeoutError:
        return False


MOST_TOTALS = 500


def _conflict(w: Wanted, figures: frozenset[str], with_: str) -> tuple[str, ...]:
    """A smallest set of figures that no values have together; empty where nothing is proven."""
    others = sorted(figures - {with_}, key=["low", "high", "median", "mean", "sd"].index)
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            if _impossible(w, frozenset({with_, *chosen})):
                return (with_, *chosen)
    return ()
