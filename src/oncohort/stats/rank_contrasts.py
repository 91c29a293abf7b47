"""Log-rank tests for trend over ordered groups, and of every two groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import chdtrc

from oncohort.stats._show import Row, Shown, left_out_text, p_text
from oncohort.stats.adjust import ADJUSTMENTS, adjust_p
from oncohort.stats.errors import InputError, TooFewGroupsError
from oncohort.stats.inputs import (
    Labels,
    SurvivalData,
    as_numbers,
    check_choice,
    group_labels,
    read_survival,
)
from oncohort.stats.rank_tests import LogRankResult, logrank, logrank_data, method_words


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrendResult(Shown):
    """A test for trend over ordered groups.

    Attributes
    ----------
    statistic, p
        Chi-squared on one degree of freedom, two-sided p-value.
    z
        Signed root: above 0 where the hazard rises with the score.
    """

    statistic: float
    p: float
    z: float
    method: str
    levels: tuple[Any, ...]
    scores: tuple[float, ...]
    overall: LogRankResult
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def df(self) -> int:
        return 1

    def _rows(self) -> Sequence[Row]:
        return [
            {**row, "score": score}
            for row, score in zip(self.overall._rows(), self.scores, strict=True)
        ]

    def _title(self) -> str:
        return f"{self.method}: chi-squared {self.statistic:.4f} on 1 df, {p_text(self.p)}"

    def _notes(self) -> Sequence[str]:
        return [f"{self.n} rows, {self.n_events} events", left_out_text(self.left_out)]


def logrank_trend(
    time: Any,
    event: Any,
    group: Any,
    *,
    scores: Sequence[float] | None = None,
    strata: Any = None,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    entry: Any = None,
) -> TrendResult:
    """Log-rank test for trend (Tarone 1975, Biometrika 62:679).

    Parameters
    ----------
    scores
        One per level, in the order of the levels; by default 0, 1, 2, ...

    Other parameters as in :func:`logrank`.

    Examples
    --------
    >>> test = logrank_trend([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0], [3, 3, 2, 2, 1, 1])
    >>> test.z > 0
    True
    """
    overall = logrank(
        time,
        event,
        group,
        strata=strata,
        weighting=weighting,
        rho=rho,
        gamma=gamma,
        entry=entry,
    )
    g = len(overall.levels)
    s = np.arange(g, dtype=np.float64) if scores is None else as_numbers(scores, "scores")
    if len(s) != g or not np.isfinite(s).all() or np.ptp(s) == 0:
        raise InputError(f"scores must be {g} numbers that differ, one per level {overall.levels}")
    variance = float(s @ overall.covariance @ s)
    z = float(s @ overall.score) / variance**0.5
    return TrendResult(
        z * z,
        float(chdtrc(1, z * z)),
        z,
        f"{overall.method} for trend",
        overall.levels,
        tuple(s.tolist()),
        overall,
        overall.n,
        overall.n_events,
        overall.left_out,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """One comparison of two groups."""

    first: Any
    second: Any
    statistic: float
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PairwiseResult(Shown):
    """Every two groups compared, with p-values adjusted for their number."""

    pairs: tuple[Pair, ...]
    method: str
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "first": pair.first,
                "second": pair.second,
                "statistic": pair.statistic,
                "p": pair.p,
                "p_adjusted": pair.p_adjusted,
            }
            for pair in self.pairs
        ]

    def _title(self) -> str:
        return self.method

    def _notes(self) -> Sequence[str]:
        return [f"{self.n} rows, {self.n_events} events", left_out_text(self.left_out)]


def logrank_pairwise(
    time: Any,
    event: Any,
    group: Any,
    *,
    adjust: str = "holm",
    strata: Any = None,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    entry: Any = None,
) -> PairwiseResult:
    """Log-rank tests of every two groups, each on the rows of those two.

    Parameters
    ----------
    adjust
        "holm" (Holm 1979), "bh" (Benjamini and Hochberg 1995), "bonferroni" or "none".

    Notes
    -----
    R: ``survminer::pairwise_survdiff``; adjustment as ``p.adjust``.

    Examples
    --------
    >>> time, event = [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 1, 1, 1, 1, 1, 0, 1]
    >>> result = logrank_pairwise(time, event, list("aaabbbccc"))
    >>> [(p.first, p.second) for p in result.pairs]
    [('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    check_choice(adjust, tuple(ADJUSTMENTS), "adjust")
    data = read_survival(time, event, entry=entry, group=group, strata=strata)
    labels = group_labels(data)
    levels = labels.levels
    if len(levels) < 2:
        raise TooFewGroupsError(f"a comparison needs two groups, there is {levels}")
    tests = []
    for i in range(len(levels)):
        for j in range(i + 1, len(levels)):
            rows = (labels.codes == i) | (labels.codes == j)
            two = SurvivalData(
                data.time[rows],
                data.event[rows],
                None if data.entry is None else data.entry[rows],
                group=Labels((labels.codes[rows] == j).astype(np.int64), (levels[i], levels[j])),
                stratum=None
                if data.stratum is None
                else Labels(data.stratum.codes[rows], data.stratum.levels),
            )
            tests.append(logrank_data(two, weighting, rho, gamma))
    adjusted = adjust_p([test.p for test in tests], adjust)
    return PairwiseResult(
        tuple(
            Pair(test.levels[0], test.levels[1], test.statistic, test.p, float(p))
            for test, p in zip(tests, adjusted, strict=True)
        ),
        f"{method_words(data, weighting, rho, gamma)} of every two groups, {ADJUSTMENTS[adjust]}",
        data.n,
        int(np.count_nonzero(data.event)),
        data.left_out,
    )
