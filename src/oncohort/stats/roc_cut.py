"""The cut of a number by the Youden index of its time-dependent ROC, with the p it deserves.

The cut with the largest Youden index flatters itself on the data in which it was found (Leeflang
et al. 2008, Clin Chem 54:729: sensitivity and specificity are too high, the more so the fewer the
patients). So the log-rank p at the cut is that of the whole search, by permutation, and the Youden
index is given with its optimism, by bootstrap, taken off.
"""

from __future__ import annotations

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Bools, Floats, Ints
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError
from oncohort.stats.inputs import Column, as_numbers, check_level, read_survival
from oncohort.stats.permutation import rank_scores
from oncohort.stats.time_roc import TimeRoc, status_weights, time_roc


@dataclass(frozen=True, slots=True, eq=False)
class RocCut:
    """The cut with the largest absolute Youden index.

    Attributes
    ----------
    cut
        Groups are ``x <= cut`` and ``x > cut``.
    positive_above
        Do values above the cut mean the event? Else those at or below it do.
    youden, sensitivity, specificity
        At the cut, as found: too good.
    youden_corrected
        With the mean optimism of bootstrap samples taken off; none where no sample had a cut.
    cut_low, cut_high
        Percentile interval of the cut over bootstrap samples.
    p
        Of the log-rank statistic at the cut, by permutation of the variable with the search
        repeated each time.
    """

    roc: TimeRoc
    cut: float
    positive_above: bool
    youden: float
    sensitivity: float
    specificity: float
    youden_corrected: float | None
    cut_low: float | None
    cut_high: float | None
    p: float
    n: int
    n_events: int
    permutations: int
    bootstraps: int
    seed: int


def roc_cut(
    time: Column,
    event: Column,
    x: Column,
    *,
    at: float,
    permutations: int = 10_000,
    bootstraps: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> RocCut:
    """Cut a number where its time-dependent ROC has the largest Youden index.

    Parameters
    ----------
    time, event
        As in :func:`oncohort.stats.kaplan_meier`.
    x
        ``(n,)``; rows without it are left out.
    at
        The time by which events count.

    Raises
    ------
    NoEventsError, TooFewGroupsError, InputError
        There is nothing to separate, no two values, or nobody on one side of the time.

    Examples
    --------
    >>> found = roc_cut([1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0], [5, 6, 4, 3, 1, 2], at=5,
    ...                 permutations=200, bootstraps=50)
    >>> found.cut, found.sensitivity, found.specificity, found.p < 0.2
    (3.0, 1.0, 1.0, True)
    """
    check_level(level)
    if permutations < 1 or bootstraps < 1:
        raise InputError("permutations and bootstraps must be above 0")
    data = read_survival(time, event)
    values = as_numbers(x, "x", data.n)
    known = np.isfinite(values)
    t, e, v = data.time[known], data.event[known], values[known]
    if not e.any():
        raise NoEventsError("no events: there is nothing to separate")
    if len(np.unique(v)) < 2:
        raise TooFewGroupsError("all known values are alike: there is nothing to cut")
    roc = time_roc(t, e, v, at=at)
    best = _best(roc.youden)
    above = bool(roc.youden[best] > 0)
    sensitivity, specificity = float(roc.sensitivity[best]), float(roc.specificity[best])
    if not above:
        sensitivity, specificity = 1 - sensitivity, 1 - specificity
    rng = np.random.default_rng(seed)
    p = _permuted(t, e, v, at, permutations, rng)
    gaps, cuts = _bootstrapped(t, e, v, at, bootstraps, rng)
    tail = 50 * (1 - level)
    low = high = None
    if cuts:
        low, high = np.percentile(cuts, [tail, 100 - tail], method="inverted_cdf").tolist()
    youden = sensitivity + specificity - 1
    return RocCut(
        roc,
        float(roc.thresholds[best]),
        above,
        youden,
        sensitivity,
        specificity,
        youden - float(np.mean(gaps)) if gaps else None,
        low,
        high,
        p,
        len(t),
        int(e.sum()),
        permutations,
        bootstraps,
        seed,
    )


def _best(youden: Floats) -> int:
    """Position of the best threshold that has rows on both sides."""
    return 1 + int(np.argmax(np.round(np.abs(youden[1:-1]), 12)))


def _permuted(
    t: Floats, e: Bools, v: Floats, at: float, permutations: int, rng: np.random.Generator
) -> float:
    """Share of permutations whose cut has a log-rank statistic at least as large."""
    order = np.argsort(v, kind="stable")
    ordered = v[order]
    ends = np.flatnonzero(ordered[1:] > ordered[:-1])
    case, control = status_weights(t, e, at)
    scores = rank_scores(t, e)
    centred = scores - scores.mean()
    n = len(t)
    below = ends + 1.0
    spread = np.sqrt((centred**2).sum() / (n * (n - 1)) * below * (n - below))

    def statistic(rows: Ints) -> Floats:
        gone = np.cumsum(case[rows], axis=1)[:, ends] / case.sum()
        stay = np.cumsum(control[rows], axis=1)[:, ends] / control.sum()
        pick = np.argmax(np.round(np.abs(stay - gone), 12), axis=1)
        sums = np.cumsum(centred[rows], axis=1)[:, ends]
        chosen = np.arange(len(rows))
        return np.asarray(np.abs(sums[chosen, pick]) / spread[pick])

    top = float(statistic(order[None])[0])
    hits, left = 0, permutations
    block = max(1, 500_000 // n)
    while left:
        now = min(block, left)
        rows = rng.permuted(np.broadcast_to(np.arange(n), (now, n)), axis=1)
        hits += int((statistic(rows) >= top - 1e-9).sum())
        left -= now
    return (hits + 1) / (permutations + 1)


def _bootstrapped(
    t: Floats, e: Bools, v: Floats, at: float, samples: int, rng: np.random.Generator
) -> tuple[list[float], list[float]]:
    """Per sample: by how much its Youden index flatters, and its cut."""
    whole = time_roc(t, e, v, at=at)
    gaps, cuts = [], []
    for _ in range(samples):
        rows = rng.integers(0, len(t), len(t))
        try:
            own = time_roc(t[rows], e[rows], v[rows], at=at)
        except InputError:
            continue
        if len(own.thresholds) < 3:
            continue
        best = _best(own.youden)
        cut = float(own.thresholds[best])
        there = whole.youden[np.searchsorted(whole.thresholds, cut)]
        cuts.append(cut)
        gaps.append(float(np.sign(own.youden[best]) * (own.youden[best] - there)))
    return gaps, cuts
