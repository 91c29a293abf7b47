"""Standardized mean differences: how far groups differ, whatever the number of patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import combinations

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text
from oncohort.stats.errors import InputError, TooFewGroupsError, WeightError
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Ints,
    Label,
    Matrix,
    as_array,
    as_labels,
    as_numbers,
    row_list,
)


@dataclass(frozen=True, slots=True, repr=False)
class StandardizedDifference(Shown):
    """The standardized mean difference of two groups, or the mean over every two of several.

    Attributes
    ----------
    value
        Not below 0; infinite where the groups differ and nothing varies within them.
    pairs
        (first level, second level, difference) of every two groups.
    """

    value: float
    pairs: tuple[tuple[Label, Label, float], ...]
    method: str
    n: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [{"first": a, "second": b, "difference": d} for a, b, d in self.pairs]

    def _printed(self) -> Sequence[Row]:
        return self._rows() if len(self.pairs) > 1 else []

    def _title(self) -> str:
        return f"Standardized mean difference {self.value:.4g}"

    def _notes(self) -> Sequence[str]:
        return [f"n = {self.n}", self.method, left_out_text(self.left_out)]


def standardized_difference(
    values: Matrix, group: Column, *, weights: Column | None = None, categorical: bool | None = None
) -> StandardizedDifference:
    """Standardized mean difference between groups.

    Numbers: the difference of means over the root of the mean of the variances. Categories: the
    Mahalanobis distance of their proportions (Yang and Dalton 2012, SAS Global Forum 335); with
    two categories that is the difference of proportions over the root of the mean of ``p (1 -
    p)``. Of more than two groups, the mean over every two. Below 0.1 counts as balanced (Austin
    2009, Stat Med 28:3083).

    Parameters
    ----------
    values
        ``(n,)`` numbers, or labels of categories.
    group
        ``(n,)`` labels.
    weights
        ``(n,)`` not below zero. Variances are then those of a weighted sample.
    categorical
        Whether numbers are labels; by default text is, and numbers are not.

    Examples
    --------
    >>> found = standardized_difference(["f", "f", "m", "m", "m", "f"], list("aaabbb"))
    >>> round(found.value, 6)
    0.707107
    """
    n = len(values)
    labels = as_labels(group, "group", n)
    w = np.ones(n) if weights is None else as_numbers(weights, "weights", n)
    if not (np.isfinite(w).all() and (w >= 0).all()):
        bad = ~(np.isfinite(w) & (w >= 0))
        raise WeightError(f"weights must be finite and not below zero: rows {row_list(bad)}")
    if categorical is None:
        categorical = as_array(values).dtype.kind not in "iuf"
    left_out: dict[str, int] = {}
    if categorical:
        levels = as_labels(values, "values", n)
        known = levels.codes >= 0
        x = np.eye(max(len(levels.levels), 1))[levels.codes]
    else:
        numbers = as_numbers(values, "values", n)
        known = ~np.isnan(numbers)
        x = numbers[:, None]
    for gone, why in ((~known, "missing value"), (known & (labels.codes < 0), "missing group")):
        if gone.any():
            left_out[why] = int(gone.sum())
    keep = known & (labels.codes >= 0) & (w > 0)
    if not np.isfinite(x[keep]).all():
        raise InputError("values must be finite")
    present = np.unique(labels.codes[keep])
    if len(present) < 2:
        raise TooFewGroupsError("a difference needs two groups with values")
    parts = {code: _moments(x, w, keep & (labels.codes == code), categorical) for code in present}
    pairs = tuple(
        (labels.levels[a], labels.levels[b], _distance(parts[a], parts[b], categorical))
        for a, b in combinations(present.tolist(), 2)
    )
    how = "Mahalanobis distance of the proportions" if categorical else "difference of means"
    several = ", mean over every two groups" if len(pairs) > 1 else ""
    method = f"{how}, standardized by the mean variance{several}"
    value = float(np.mean([d for _, _, d in pairs]))
    return StandardizedDifference(value, pairs, method, int(keep.sum()), left_out)


def _moments(x: Floats, w: Floats, rows: Bools, categorical: bool) -> tuple[Floats, Floats]:
    """Weighted mean and variance (categories: multinomial covariance) of one group."""
    v, part = w[rows], x[rows]
    mean = v @ part / v.sum()
    if categorical:
        return mean, np.diag(mean) - np.outer(mean, mean)
    free = v.sum() - (v @ v) / v.sum()
    gap = part[:, 0] - mean[0]
    spread = float(v @ gap**2) / free if free > 0 else 0.0
    return mean, np.array([[spread]])


def _distance(one: tuple[Floats, Floats], other: tuple[Floats, Floats], categorical: bool) -> float:
    gap = one[0] - other[0]
    spread = (one[1] + other[1]) / 2
    if categorical:
        # Categories that neither group has say nothing; of the others one follows from the rest.
        used: Ints = np.flatnonzero((one[0] + other[0]) > 0)[1:]
        gap, spread = gap[used], spread[np.ix_(used, used)]
    if not np.abs(gap).max(initial=0.0) > 0:
        return 0.0
    values, vectors = np.linalg.eigh(spread)
    along = vectors.T @ gap
    flat = values <= 1e-12 * max(float(values.max()), 1e-300)
    if (np.abs(along[flat]) > 1e-9 * np.abs(gap).max()).any():
        return float("inf")
    return float(np.sqrt((along[~flat] ** 2 / values[~flat]).sum()))
