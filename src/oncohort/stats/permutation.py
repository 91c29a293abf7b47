"""Permutation log-rank test: exact for small groups, seeded Monte Carlo otherwise.

Over permutations of the group labels, observed minus expected events of a group is the sum of
fixed scores of its rows, ``event - sum over events up to its time of d / n`` (times weights): a
linear rank statistic. For two groups all its values are counted exactly by halves: the sums of
every subset of either half of the rows are sorted and matched, so 42 patients in two groups take
a fraction of a second although there are 5e11 ways to divide them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from math import comb

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import distinct_sorted
from oncohort.stats._show import Row, Shown, left_out_text, named, p_text
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Ints,
    Label,
    check_choice,
    group_labels,
    read_survival,
)
from oncohort.stats.rank_tests import WEIGHTINGS, weights_of

LARGEST_EXACT = 44
"""Rows up to which two groups are tested exactly."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PermutationResult(Shown):
    """A permutation log-rank test.

    Attributes
    ----------
    p
        Two-sided: share of divisions whose ``|observed - expected|`` (of three or more groups:
        quadratic form) is at least the observed one.
    exact
        All divisions were counted.
    divisions
        Number of divisions counted, or drawn.
    p_error
        Standard error of a simulated p; 0 if exact.
    """

    p: float
    statistic: float
    exact: bool
    divisions: int
    p_error: float
    method: str
    levels: tuple[Label, ...]
    n_by_group: tuple[int, ...]
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {"group": level, "n": n} for level, n in zip(self.levels, self.n_by_group, strict=True)
        ]

    def _title(self) -> str:
        return f"{self.method}: {p_text(self.p)}"

    def _notes(self) -> Sequence[str]:
        return [
            f"{self.n} rows, {self.n_events} events",
            "" if self.exact else f"standard error of p {self.p_error:.2g}",
            left_out_text(self.left_out),
        ]


def logrank_permutation(
    time: Column,
    event: Column,
    group: Column,
    *,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    permutations: int = 20_000,
    seed: int = 0,
) -> PermutationResult:
    """Permutation version of :func:`oncohort.stats.logrank`, for small groups.

    No study asks for it: curves of a paper are compared by the log-rank test itself.

    It assumes that under no difference group labels are exchangeable, censoring included.

    Parameters
    ----------
    permutations, seed
        Of the Monte Carlo, used beyond 44 rows or two groups; p is ``(hits + 1) / (B + 1)``.

    Notes
    -----
    R: ``coin::logrank_test(distribution = "exact")`` with the same scores.

    Examples
    --------
    >>> test = logrank_permutation([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], list("aaabbb"))
    >>> test.p, test.divisions
    (0.1, 20)
    """
    check_choice(weighting, tuple(WEIGHTINGS), "weighting")
    if permutations < 1:
        raise InputError(f"permutations must be above 0, it is {permutations}")
    data = read_survival(time, event, group=group)
    labels = group_labels(data)
    g = len(labels.levels)
    if g < 2:
        raise TooFewGroupsError(f"a comparison needs two groups; there is {named(labels.levels)}")
    if not data.event.any():
        raise NoEventsError("no events: there is nothing to compare")
    scores = rank_scores(data.time, data.event, weighting, rho, gamma)
    codes = labels.codes
    sizes = np.bincount(codes, minlength=g)
    name = WEIGHTINGS[weighting]
    name = f"{name[0].lower()}{name[1:]}"
    if g == 2 and data.n <= LARGEST_EXACT:
        own = float(scores[codes == 0].sum())
        k = int(min(sizes))
        hits = _count_extreme(scores, k, abs(own))
        divisions = comb(data.n, k)
        p, error, exact = hits / divisions, 0.0, True
        method = f"Exact permutation {name} (all {divisions} divisions)"
        statistic = own
    else:
        statistic, reached = _simulate(scores, codes, sizes, permutations, seed)
        p = (reached + 1) / (permutations + 1)
        error, exact, divisions = (p * (1 - p) / permutations) ** 0.5, False, permutations
        method = f"Permutation {name} ({permutations} random divisions, seed {seed})"
    return PermutationResult(
        float(p),
        statistic,
        exact,
        divisions,
        error,
        method,
        labels.levels,
        tuple(sizes.tolist()),
        data.n,
        int(data.event.sum()),
        data.left_out,
    )


def rank_scores(
    time: Floats, event: Bools, weighting: str = "logrank", rho: float = 0.0, gamma: float = 0.0
) -> Floats:
    """``(n,)`` scores whose sum over a group is its observed minus expected; they sum to 0.

    Examples
    --------
    >>> import numpy as np
    >>> rank_scores(np.array([1.0, 2.0]), np.array([True, True])).tolist()
    [0.5, -0.5]
    """
    times, first = distinct_sorted(np.sort(time[event]))
    d = np.diff(first, append=int(np.count_nonzero(event))).astype(np.float64)
    n = (len(time) - np.searchsorted(np.sort(time), times, side="left")).astype(np.float64)
    w = weights_of(n, d, weighting, rho, gamma)
    drift = np.concatenate([[0.0], np.cumsum(w * d / n)])
    at = np.searchsorted(times, time, side="right")
    own = np.concatenate([[0.0], w])[at]
    return np.asarray(np.where(event, own, 0.0) - drift[at])


def _count_extreme(scores: Floats, k: int, threshold: float) -> int:
    """Subsets of size `k` whose absolute sum is at least `threshold`."""
    slack = 1e-9 * max(float(np.abs(scores).sum()), 1e-300)
    bound = threshold - slack
    half = len(scores) // 2
    left, right = _subset_sums(scores[:half]), _subset_sums(scores[half:])
    hits = 0
    for j, a in enumerate(left):
        if not 0 <= k - j < len(right):
            continue
        b = right[k - j]
        # a + b >= bound or a + b <= -bound, by position of each in the other, sorted.
        high = np.searchsorted(b, bound - a, side="left")
        low = np.searchsorted(b, -bound - a, side="right")
        if bound <= 0:
            hits += len(a) * len(b)
        else:
            hits += int((len(b) - high).sum()) + int(low.sum())
    return hits


def _subset_sums(scores: Floats) -> list[Floats]:
    """Sorted sums of all subsets, by size of the subset."""
    sums: list[Floats] = [np.zeros(1)]
    for score in scores:
        grown = [*sums, np.zeros(0)]
        for size, value in enumerate(sums):
            grown[size + 1] = np.concatenate([grown[size + 1], value + score])
        sums = grown
    return [np.sort(values) for values in sums]


def _simulate(
    scores: Floats, codes: Ints, sizes: Ints, permutations: int, seed: int
) -> tuple[float, int]:
    """Observed quadratic form, and how many random divisions reach it."""
    # Under permutation the group sums have covariance proportional to diag(1/n) scaled: the
    # quadratic form is proportional to sum of (group sum)^2 / group size.
    size = sizes.astype(np.float64)
    observed = float((np.bincount(codes, scores, minlength=len(size)) ** 2 / size).sum())
    slack = 1e-9 * max(observed, float((scores**2).sum()) * 1e-6)
    rng = np.random.default_rng(seed)
    ends = np.cumsum(sizes)
    starts = np.concatenate([[0], ends[:-1]])
    hits, left = 0, permutations
    block = max(1, min(permutations, 4_000_000 // max(len(scores), 1)))
    while left:
        size_now = min(block, left)
        drawn = rng.permuted(np.broadcast_to(scores, (size_now, len(scores))), axis=1)
        sums = np.add.reduceat(drawn, starts, axis=1)
        hits += int(((sums**2 / size).sum(axis=1) >= observed - slack).sum())
        left -= size_now
    spread = float((scores**2).sum()) / (len(scores) - 1)
    return observed / spread, hits
