"""The rows of a site as the plan asks for them: numbers, level codes, times and events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from oncohort.consortium.plan import Condition, Plan
from oncohort.dataclass import dataclass

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


NEARLY = 0.9
"""Correlation of their ranks from which two numbers are taken for one."""
GROUPS = 8
"""Distinct values up to which columns are compared by who shares one."""
SAMPLE = 20_000
"""Rows that are compared."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Times in the plan's unit (not-a-number where missing) and events, ``(n,)`` each."""

    time: Floats
    event: Bools

    @property
    def known(self) -> Bools:
        """Rows with a time."""
        return ~np.isnan(self.time)


@dataclass(frozen=True, slots=True)
class Rows:
    """Patients of a site.

    Attributes
    ----------
    patients
        ``(n,)`` names; they never leave.
    numbers
        Variable to ``(n,)`` values, not-a-number where missing.
    codes
        Category to ``(n,)`` positions in the plan's levels, -1 where missing.
    endpoints
        Endpoint to times and events.
    """

    patients: tuple[str, ...]
    numbers: Mapping[str, Floats]
    codes: Mapping[str, Ints]
    endpoints: Mapping[str, Followed]

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.patients)

    def known(self, variable: str) -> Bools:
        """Rows with a value of a variable, or with a time of an endpoint."""
        if variable in self.codes:
            return np.asarray(self.codes[variable] >= 0)
        if variable not in self.numbers:
            return self.endpoints[variable].known
        return ~np.isnan(self.numbers[variable])

    def about(self, name: str) -> str:
        """What sums over a column tell about: by its values, whatever the plan calls it.

        A column under another name, in another unit or with its levels in another order is the same
        thing. What counts of a number is its order, of a category who shares a level.
        """
        if name in self.endpoints:
            followed = self.endpoints[name]
            known = followed.known
            return "endpoint:" + _hash(_ranks(followed.time, known), followed.event)
        values: Floats | Ints = self.codes[name] if name in self.codes else self.numbers[name]
        ranks = _ranks(values, self.known(name))
        if name in self.codes or ranks.max(initial=-1) < 2:
            return "variable:" + _hash(_by_appearance(ranks))
        reversed_ = np.where(ranks < 0, ranks, ranks.max() - ranks)
        return "variable:" + min(_hash(ranks), _hash(reversed_))

    def alike(self) -> dict[str, tuple[str, ...]]:
        """What sums tell about, as :meth:`about` names it, and what of nearly the same content.

        Age and age at diagnosis, or a column and the same with a value left out, tell together
        what each would alone: numbers and times whose ranks go together (`NEARLY`), and categories
        whose levels are the same groups of all patients for whom both are known.
        """
        ranks: dict[str, Ints] = {}
        for name in (*self.numbers, *self.codes):
            values = self.codes[name] if name in self.codes else self.numbers[name]
            ranks[self.about(name)] = _ranks(values, self.known(name))
        for name, followed in self.endpoints.items():
            ranks[self.about(name)] = _ranks(followed.time, followed.known)
        found = {kind: [kind] for kind in ranks}
        for one, other in combinations(ranks, 2):
            same_kind = one.partition(":")[0] == other.partition(":")[0]
            if same_kind and _nearly_one(ranks[one], ranks[other]):
                found[one].append(other)
                found[other].append(one)
        return {kind: tuple(kinds) for kind, kinds in found.items()}

    def model(self, endpoint: str, covariates: Sequence[str]) -> str:
        """What an evaluation of a model tells about, in whatever order its columns stand."""
        told = (self.about(endpoint), *sorted({self.about(name) for name in covariates}))
        return hashlib.sha256(" ".join(told).encode()).hexdigest()[:16]

    def digests(self) -> dict[str, str]:
        """SHA-256 of the patients, and of each column that an answer can be made from."""
        names = b"\0".join(name.encode() for name in self.patients)
        parts: dict[str, bytes] = {"patients": names}
        for key, values in (*self.numbers.items(), *self.codes.items()):
            parts[f"variables.{key}"] = np.ascontiguousarray(values).tobytes()
        for key, followed in self.endpoints.items():
            both = (followed.time.tobytes(), followed.event.tobytes())
            parts[f"endpoints.{key}"] = b"".join(both)
        return {key: hashlib.sha256(part).hexdigest() for key, part in parts.items()}

    def population(self, plan: Plan, key: str | None) -> Bools:
        """Rows of a population of the plan; a missing value meets no condition."""
        keep = np.ones(self.n, dtype=np.bool_)
        if key is None:
            return keep
        for condition in plan.conditions(key):
            keep &= self._meets(plan, condition)
        for name in plan.populations[key].complete:
            keep &= self.known(name)
        return keep

    def _meets(self, plan: Plan, condition: Condition) -> Bools:
        known = self.known(condition.variable)
        if condition.variable in self.codes:
            at = plan.variables[condition.variable].levels.index(condition.value)
            same = self.codes[condition.variable] == at
            return np.asarray(known & (same if condition.operator == "=" else ~same))
        limit, values = float(condition.value), self.numbers[condition.variable]
        with np.errstate(invalid="ignore"):
            met = {
                "<": values < limit,
                "<=": values <= limit,
                ">": values > limit,
                ">=": values >= limit,
                "=": values == limit,
                "!=": values != limit,
            }[condition.operator]
        return np.asarray(known & met)

    def groups(self, plan: Plan, by: str | None, keep: Bools) -> tuple[Bools, ...]:
        """Rows of each group within `keep`; all of them without groups."""
        if by is None:
            return (keep,)
        return tuple(
            np.asarray(keep & (self.codes[by] == at)) for at in range(len(plan.groups(by)))
        )

    def matrix(self, plan: Plan, covariates: list[str]) -> Floats:
        """``(n, p)`` columns of a model, as :meth:`Plan.columns` names them."""
        columns: list[Floats] = []
        for key in covariates:
            if key in self.numbers:
                columns.append(self.numbers[key])
                continue
            codes = self.codes[key]
            for at in range(1, len(plan.variables[key].levels)):
                columns.append(np.where(codes < 0, np.nan, (codes == at).astype(np.float64)))
        return np.column_stack(columns)


def _ranks(values: Floats | Ints, known: Bools) -> Ints:
    """Position of each value among the distinct ones; -1 where it is missing."""
    out = np.full(len(values), -1, dtype=np.int64)
    out[known] = np.unique(values[known], return_inverse=True)[1]
    return out


def _nearly_one(one: Ints, other: Ints) -> bool:
    """Do two columns of ranks (-1: missing) tell nearly the same of each patient?"""
    step = max(len(one) // SAMPLE, 1)
    both = (one >= 0) & (other >= 0)
    a, b = one[both][::step], other[both][::step]
    levels = [len(np.unique(values)) for values in (a, b)]
    if min(levels, default=0) < 2:
        return False
    if max(levels) <= GROUPS:
        pairs = len(np.unique(np.stack([a, b]), axis=1).T)
        return levels == [pairs, pairs]
    return bool(abs(np.corrcoef(a, b)[0, 1]) >= NEARLY)


def _by_appearance(ranks: Ints) -> Ints:
    """Levels numbered by the row in which each comes first; -1 stays."""
    found, first, at = np.unique(ranks, return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(np.where(found < 0, -1, first)))
    return np.asarray(number[at] - np.count_nonzero(found < 0), dtype=np.int64)


def _hash(*columns: NDArray[np.generic]) -> str:
    return hashlib.sha256(b"".join(c.tobytes() for c in columns)).hexdigest()[:16]


def steps_of(time: Floats, grid: float) -> Ints:
    """Number of the step of the grid in which each time lies: step j ends at ``j * grid``.

    Times are rounded up, so that nobody is counted as an event before it was one; a time that
    is a step to rounding is that step.

    Examples
    --------
    >>> import numpy as np
    >>> steps_of(np.array([0.0, 0.2, 1.0, 1.1]), 1.0).tolist()
    [0, 1, 1, 2]
    """
    share = time / grid
    near = np.round(share)
    at_step = np.abs(share - near) <= 1e-9 * np.maximum(1.0, np.abs(share))
    return np.asarray(np.where(at_step, near, np.ceil(share)), dtype=np.int64)


def on_grid(time: Floats, grid: float) -> Floats:
    """Times rounded up to steps of the grid."""
    return np.asarray(steps_of(time, grid) * grid, dtype=np.float64)
