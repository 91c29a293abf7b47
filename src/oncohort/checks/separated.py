"""Levels that a number separates in nearly all patients: receptor and percentage, stage and size.

Where the patients of one level have low numbers and those of another one high numbers, the one or
two in whom it is the other way round hold a slip in one of the two cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.checks.rule import HIDDEN, Data, rule
from oncohort.checks.tumours import used_columns
from oncohort.dataclass import dataclass
from oncohort.problems import Problem, problem

FEWEST = 8
"""Patients of a level, below which its numbers may lie apart by chance."""
SHARE, MOST = 0.03, 3
"""Exceptions are so few of the patients, and never more."""
CHANCE = 1e-7
"""So seldom may two levels lie apart by chance."""
GAP = 0.1
"""Part of all the numbers' width that parts two levels with nothing between them."""
LEVELS, COLUMNS = 6, 40
"""Levels and columns that are looked at, at most."""
_OF_OUTCOME = ("vital_status", "best_response", "treatment_end_reason", "death_cause", "sex")

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Separated:
    """Two levels whose numbers lie apart: up to ``lower`` and from ``upper`` on."""

    lower: float
    upper: float
    low: NDArray[np.intp]
    """Rows of the upper level that lie among the lower one."""
    high: NDArray[np.intp]
    """Rows of the lower level that lie among the upper one."""


def separated(low: Numbers, high: Numbers) -> Separated | None:
    """Where two levels' numbers lie apart but for a few exceptions, deep among the others.

    Examples
    --------
    >>> below, above = np.array([*[0.0] * 30, 80.0]), np.arange(20.0, 60.0)
    >>> found = separated(below, above)
    >>> found.lower, found.upper, found.high.tolist()
    (0.0, 20.0, [30])
    >>> separated(np.array([*np.arange(0.0, 20), 21.0]), np.arange(20.0, 60.0)) is None
    True
    """
    n = low.size + high.size
    if min(low.size, high.size) < FEWEST:
        return None
    cuts = np.unique(np.concatenate((low, high)))[:-1]
    above = low.size - np.searchsorted(np.sort(low), cuts, side="right")
    below = np.searchsorted(np.sort(high), cuts, side="right")
    wrong = above + below
    if not cuts.size or not 0 < wrong.min() <= max(1, min(MOST, SHARE * n)):
        return None
    cut = cuts[int(wrong.argmin())]
    ways = math.comb(n, min(low.size, high.size)) / math.comb(n, int(wrong.min()))
    if ways < 1 / CHANCE:
        return None
    over, under = np.flatnonzero(low > cut), np.flatnonzero(high <= cut)
    near_high, near_low = np.quantile(high, 0.25), np.quantile(low, 0.75)
    deep = bool((low[over] >= near_high).all() and (high[under] <= near_low).all())
    lower, upper = float(low[low <= cut].max()), float(high[high > cut].min())
    beyond = bool((low[over] >= upper).all() and (high[under] <= lower).all())
    spread = float(high.max() - low.min())
    if not deep and not (beyond and upper - lower >= GAP * spread):
        return None  # 21 mm of a T1 lies beside the limit
    return Separated(lower, upper, under, over)


def _levels(data: Data) -> list[str]:
    """Columns of levels that are known at the start."""
    kinds, declared = data.patients.schema, data.protocol.variables
    outcome = {str(e.event) for e in data.protocol.endpoints.values()}
    with_levels = {v.column or k for k, v in declared.items() if v.levels and not v.derive}
    return [
        c
        for c in used_columns(data)
        if (kinds[c] == pl.String or (kinds[c].is_numeric() and c in with_levels))
        and c not in (*_OF_OUTCOME, *outcome, "kps", "ecog")
    ][:COLUMNS]


def _numbers(data: Data, levels: list[str]) -> list[str]:
    """Columns of numbers that are no outcome."""
    times = {str(e.time) for e in data.protocol.endpoints.values()}
    times |= {str(e.event) for e in data.protocol.endpoints.values()}
    change = data.protocol.response.best_change if data.protocol.response else None
    return [
        c
        for c, kind in data.patients.schema.items()
        if kind.is_numeric()
        and c not in (*HIDDEN, *times, *levels, change, "kps", "ecog")
        and data.has("patients", c)
    ][:COLUMNS]


@rule("values.level-against-number")
def level_against_number(data: Data) -> Iterator[Problem]:
    """A level beside a number with which all others have another level."""
    rows = data.included(data.patients)
    if rows.height < 2 * FEWEST:
        return
    levels = _levels(data)
    numbers = {c: rows[c].cast(pl.Float64).to_numpy() for c in _numbers(data, levels)}
    for column in levels:
        texts = rows[column].cast(pl.String).to_numpy()
        known = rows[column].drop_nulls().cast(pl.String).value_counts()
        names = known.filter(pl.col("count") >= FEWEST)[column].to_list()
        if not 2 <= len(names) <= LEVELS:
            continue
        where = {name: np.flatnonzero(texts == name) for name in names}
        for number, values in numbers.items():
            yield from _exceptions(data, rows, column, number, where, values)


def _exceptions(
    data: Data,
    rows: pl.DataFrame,
    column: str,
    number: str,
    where: dict[str, NDArray[np.intp]],
    values: Numbers,
) -> Iterator[Problem]:
    """The exceptions of one column of levels and one of numbers."""
    held = {name: at[~np.isnan(values[at])] for name, at in where.items()}
    held = {name: at for name, at in held.items() if at.size >= FEWEST}
    order = sorted(held, key=lambda name: (float(np.median(values[held[name]])), name))
    for first, second in pairwise(order):
        low, high = held[first], held[second]
        found = separated(values[low], values[high])
        if found is None:
            continue
        for own, at in ((first, low[found.high]), (second, high[found.low])):
            for i in at:
                row = rows.row(int(i), named=True)
                yield problem(
                    "values.level-against-number",
                    place=data.at("patients", column, row["source_record"]),
                    patient=row["patient"],
                    name=column,
                    level=own,
                    number=number,
                    value=float(values[i]),
                    low_level=first,
                    lower=found.lower,
                    high_level=second,
                    upper=found.upper,
                    n=low.size + high.size - found.low.size - found.high.size,
                )
