"""Log-rank tests for trend over ordered groups, and of every two groups."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._jackknife import whole
from oncohort.stats._show import Row, Shown, left_out_text, named, p_text, plain
from oncohort.stats.adjust import ADJUSTMENTS, adjust_p
from oncohort.stats.curve_result import State
from oncohort.stats.distributions import chdtrc
from oncohort.stats.errors import FitWarning, InputError, NoEventsError, TooFewGroupsError
from oncohort.stats.inputs import (
    Column,
    Label,
    Labels,
    SurvivalData,
    as_numbers,
    check_choice,
    check_level,
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
    levels: tuple[Label, ...]
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
    time: Column,
    event: Column,
    group: Column,
    *,
    scores: Sequence[float] | None = None,
    strata: Column | None = None,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    entry: Column | None = None,
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
    """One comparison of two groups.

    Attributes
    ----------
    statistic, p, p_adjusted
        Of the test; none where it can't be made, and `reason` says why.
    hr, low, high
        Hazard ratio of the second against the first by a Cox model of the two groups' rows
        (Efron's ties, with the same strata, entries and weights), with its Wald interval; none
        where it has no finite estimate.
    """

    first: Label
    second: Label
    statistic: float | None
    p: float | None
    p_adjusted: float | None
    hr: float | None = None
    low: float | None = None
    high: float | None = None
    state: State = "ok"
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PairwiseResult(Shown):
    """Every two groups compared, with p-values adjusted for their number."""

    pairs: tuple[Pair, ...]
    method: str
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    level: float = 0.95

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "first": pair.first,
                "second": pair.second,
                "statistic": pair.statistic,
                "p": pair.p,
                "p_adjusted": pair.p_adjusted,
                "hr": pair.hr,
                "low": pair.low,
                "high": pair.high,
            }
            for pair in self.pairs
        ]

    def _title(self) -> str:
        return self.method

    def _notes(self) -> Sequence[str]:
        return [
            *(
                f"{pair.first} and {pair.second}: {pair.reason}"
                for pair in self.pairs
                if pair.reason
            ),
            f"hr: of the second against the first, Cox model, {100 * self.level:g} % interval",
            f"{self.n} rows, {self.n_events} events",
            left_out_text(self.left_out),
        ]


def logrank_pairwise(
    time: Column,
    event: Column,
    group: Column,
    *,
    adjust: str = "holm",
    strata: Column | None = None,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    entry: Column | None = None,
    weights: Column | None = None,
    level: float = 0.95,
) -> PairwiseResult:
    """Log-rank tests of every two groups, each on the rows of those two.

    Parameters
    ----------
    adjust
        "holm" (Holm 1979), "bh" (Benjamini and Hochberg 1995), "bonferroni" or "none".
        Pairs that can't be tested do not count among them.
    level
        Of the intervals of the hazard ratios.

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
    check_level(level)
    data = read_survival(time, event, entry=entry, weights=weights, group=group, strata=strata)
    labels = group_labels(data)
    levels = labels.levels
    if len(levels) < 2:
        raise TooFewGroupsError(f"a comparison needs two groups; there is {named(levels)}")
    pairs = [
        _pair(_two(data, i, j), weighting, rho, gamma, level)
        for i in range(len(levels))
        for j in range(i + 1, len(levels))
    ]
    made = [k for k, pair in enumerate(pairs) if pair.p is not None]
    adjusted = adjust_p([pairs[k].p for k in made], adjust)
    for k, p in zip(made, adjusted.tolist(), strict=True):
        pairs[k] = replace(pairs[k], p_adjusted=p)
    words = method_words(data, weighting, rho, gamma, not whole(data.weight))
    return PairwiseResult(
        tuple(pairs),
        f"{words} of every two groups, {ADJUSTMENTS[adjust]}",
        data.n,
        int(np.count_nonzero(data.event)),
        data.left_out,
        level,
    )


def _two(data: SurvivalData, i: int, j: int) -> SurvivalData:
    """Rows of two groups."""
    labels = group_labels(data)
    rows = (labels.codes == i) | (labels.codes == j)
    return SurvivalData(
        data.time[rows],
        data.event[rows],
        None if data.entry is None else data.entry[rows],
        None if data.weight is None else data.weight[rows],
        group=Labels(
            (labels.codes[rows] == j).astype(np.int64), (labels.levels[i], labels.levels[j])
        ),
        stratum=None
        if data.stratum is None
        else Labels(data.stratum.codes[rows], data.stratum.levels),
    )


def _pair(two: SurvivalData, weighting: str, rho: float, gamma: float, level: float) -> Pair:
    """Test and hazard ratio of two groups; what can't be estimated is none, with its reason."""
    first, second = group_labels(two).levels
    try:
        test = logrank_data(two, weighting, rho, gamma)
    except (NoEventsError, TooFewGroupsError) as error:
        return Pair(first, second, None, None, None, state="not_estimable", reason=str(error))
    ratio = _hazard_ratio(two, level)
    return Pair(first, second, test.statistic, test.p, None, *ratio)


def _hazard_ratio(
    two: SurvivalData, level: float
) -> tuple[float | None, float | None, float | None]:
    from oncohort.stats.cox import cox

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitWarning)
        fit = cox(
            two.time,
            two.event,
            group_labels(two).codes.astype(np.float64),
            entry=two.entry,
            weights=two.weight,
            strata=None if two.stratum is None else two.stratum.codes,
            level=level,
        )
    if not np.isfinite(fit.coef[0]):
        return None, None, None
    return plain(fit.hr[0]), plain(fit.low[0]), plain(fit.high[0])
