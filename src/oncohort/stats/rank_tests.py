"""The log-rank test and its family: weighted and stratified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import (
    MOST_CODES,
    distinct_sorted,
    logrank_sums,
    risk_table,
    rows_by_code,
)
from oncohort.stats._jackknife import whole
from oncohort.stats._show import Row, Shown, left_out_text, named, p_text
from oncohort.stats.distributions import chdtrc
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError
from oncohort.stats.inputs import (
    Column,
    Floats,
    Label,
    Labels,
    SurvivalData,
    check_choice,
    group_labels,
    read_survival,
)
from oncohort.stats.times import snap_times

WEIGHTINGS = {
    "logrank": "Log-rank test",
    "gehan": "Gehan-Breslow-Wilcoxon test",
    "tarone-ware": "Tarone-Ware test",
    "peto-peto": "Peto-Peto test",
    "modified-peto-peto": "modified Peto-Peto test (Andersen)",
    "g-rho": "G-rho test",
    "fleming-harrington": "Fleming-Harrington test",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LogRankResult(Shown):
    """A test of equal survival.

    Attributes
    ----------
    statistic, df, p
        Chi-squared statistic, degrees of freedom, two-sided p-value.
    levels
        Groups, in the order of `observed` and `expected`.
    observed, expected
        ``(g,)`` sums of the test's weights over events, and what equal hazards lead to.
    score, covariance
        ``observed - expected`` and its ``(g, g)`` hypergeometric covariance.
    n_by_group, events_by_group
        Rows and rows with an event.
    """

    statistic: float
    df: int
    p: float
    method: str
    levels: tuple[Label, ...]
    n_by_group: tuple[int, ...]
    events_by_group: tuple[int, ...]
    observed: Floats
    expected: Floats
    covariance: Floats
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def score(self) -> Floats:
        return np.asarray(self.observed - self.expected)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "group": level,
                "n": self.n_by_group[i],
                "events": self.events_by_group[i],
                "observed": float(self.observed[i]),
                "expected": float(self.expected[i]),
            }
            for i, level in enumerate(self.levels)
        ]

    def _title(self) -> str:
        return f"{self.method}: chi-squared {self.statistic:.4f} on {self.df} df, {p_text(self.p)}"

    def _notes(self) -> Sequence[str]:
        return [f"{self.n} rows, {self.n_events} events", left_out_text(self.left_out)]


def logrank(
    time: Column,
    event: Column,
    group: Column,
    *,
    strata: Column | None = None,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    entry: Column | None = None,
    weights: Column | None = None,
    robust: bool | None = None,
) -> LogRankResult:
    """Test of equal survival in two or more groups (Mantel 1966, Cancer Chemother Rep 50:163).

    Parameters
    ----------
    time, event, entry
        As in :func:`oncohort.stats.kaplan_meier`.
    group
        ``(n,)`` labels.
    strata
        ``(n,)`` labels: sums over strata, each with its own risk sets (stratified test).
    weighting
        Weight of an event time with ``n`` at risk, ``S`` the pooled Kaplan-Meier estimate just
        before it, and ``P`` the product of ``1 - d / (n + 1)``:

        - "logrank": 1
        - "gehan": ``n``
        - "tarone-ware": ``sqrt(n)``
        - "peto-peto": ``P``; "modified-peto-peto": ``P n / (n + 1)``
        - "g-rho": ``S ** rho`` (Harrington and Fleming 1982, Biometrika 69:553)
        - "fleming-harrington": ``S ** rho * (1 - S) ** gamma``
    rho, gamma
        Exponents of the last two.

    Returns
    -------
    LogRankResult

    Raises
    ------
    TooFewGroupsError
        Fewer than two groups, or no stratum with two.
    NoEventsError

    Notes
    -----
    R: ``survival::survdiff(Surv(time, event) ~ group + strata(s), rho = )``.

    Examples
    --------
    >>> test = logrank([1, 3, 4, 5, 8, 9, 11, 12], [1, 1, 1, 0, 1, 1, 0, 1], list("aaaabbbb"))
    >>> round(test.statistic, 4), test.df
    (4.2126, 1)
    """
    alone = entry is None and weights is None and strata is None and not robust
    data = read_survival(
        time, event, entry=entry, weights=weights, group=group, strata=strata, join=not alone
    )  # alone: joined when they are counted
    if alone and 2 * len(group_labels(data).levels) > MOST_CODES:
        data = replace(data, time=snap_times(data.time)[0])
    return logrank_data(data, weighting, rho, gamma, robust)


def logrank_data(
    data: SurvivalData, weighting: str, rho: float, gamma: float, robust: bool | None = None
) -> LogRankResult:
    """Log-rank family on checked rows with groups."""
    if robust is None:
        robust = not whole(data.weight)
    check_choice(weighting, tuple(WEIGHTINGS), "weighting")
    if weighting in ("logrank", "gehan", "tarone-ware", "peto-peto", "modified-peto-peto") and (
        rho or gamma
    ):
        raise InputError(f"rho and gamma have no meaning with weighting={weighting!r}")
    if weighting == "g-rho" and gamma:
        raise InputError("gamma has no meaning with weighting='g-rho'; use 'fleming-harrington'")
    labels = group_labels(data)
    if len(labels.levels) < 2:
        raise TooFewGroupsError(f"a comparison needs two groups; there is {named(labels.levels)}")
    if not data.event.any():
        raise NoEventsError("no events: there is nothing to compare")
    g = len(labels.levels)
    observed, expected, covariance = np.zeros(g), np.zeros(g), np.zeros((g, g))
    for part in _strata(data):
        o, e, v = _sums(part, g, weighting, rho, gamma, robust)
        observed += o
        expected += e
        covariance += v
    statistic, df = chi_squared_of(observed - expected, covariance)
    if df == 0:
        raise TooFewGroupsError(
            "two groups are never at risk together at an event (of a stratum), or everyone at "
            "risk has it at once: no comparison"
        )
    counts = np.bincount(labels.codes, minlength=g)
    events = np.bincount(labels.codes[data.event], minlength=g)
    return LogRankResult(
        statistic,
        df,
        float(chdtrc(df, statistic)),
        method_words(data, weighting, rho, gamma, robust),
        labels.levels,
        tuple(counts.tolist()),
        tuple(events.tolist()),
        observed,
        expected,
        covariance,
        data.n,
        int(events.sum()),
        data.left_out,
    )


def method_words(
    data: SurvivalData, weighting: str, rho: float, gamma: float, robust: bool = False
) -> str:
    words = WEIGHTINGS[weighting]
    if weighting == "g-rho":
        words += f" (rho = {rho:g})"
    if weighting == "fleming-harrington":
        words += f" (rho = {rho:g}, gamma = {gamma:g})"
    if data.stratum is not None:
        words = f"Stratified {words[0].lower()}{words[1:]} ({len(data.stratum.levels)} strata)"
    if data.entry is not None:
        words += ", left truncation"
    if data.weight is not None:
        words += ", case weights"
    if robust:
        words += ", robust variance"
    return words


def _strata(data: SurvivalData) -> list[SurvivalData]:
    if data.stratum is None:
        return [data]
    assert data.group is not None
    return [
        SurvivalData(
            data.time[rows],
            data.event[rows],
            None if data.entry is None else data.entry[rows],
            None if data.weight is None else data.weight[rows],
            group=Labels(data.group.codes[rows], data.group.levels),
        )
        for rows in rows_by_code(data.stratum.codes, len(data.stratum.levels))
    ]


def _sums(
    data: SurvivalData, g: int, weighting: str, rho: float, gamma: float, robust: bool
) -> tuple[Floats, Floats, Floats]:
    """Observed, expected and covariance of one stratum."""
    plain = data.entry is None and data.weight is None and 2 * g <= MOST_CODES and not robust
    if plain and weighting == "logrank" and data.group is not None:
        sums = logrank_sums(data.time, data.event, data.group.codes, g)
        if sums is not None:
            return sums
    times, at_risk, d = _by_time(data, g)
    if not d.shape[1]:
        return np.zeros(g), np.zeros(g), np.zeros((g, g))
    n, total = at_risk.sum(axis=0), d.sum(axis=0)
    w = weights_of(n, total, weighting, rho, gamma)
    if robust:
        share = at_risk / n
        return d @ w, share @ (w * total), _robust(data, times, share, w, total / n)
    if g == 2:
        return _two_groups(at_risk[1], d, n, total, w)
    share = at_risk / n
    observed = d @ w
    expected = share @ (w * total)
    spread = np.where(n > 1, w * w * total * (n - total) / np.maximum(n - 1, 1), 0.0)
    scaled = share * spread
    covariance = -(scaled @ share.T)
    covariance[np.diag_indices(g)] += scaled.sum(axis=1)
    return observed, expected, covariance


def _two_groups(
    at_risk: Floats, d: Floats, n: Floats, total: Floats, w: Floats
) -> tuple[Floats, Floats, Floats]:
    """The same for two groups, from the second one's numbers at risk alone."""
    share = at_risk / n
    weighted = w * total
    sum_all, expected = float(weighted.sum()), float(weighted @ share)
    spread = np.maximum(n - 1.0, 1.0)
    np.divide(n - total, spread, out=spread)
    spread *= weighted
    spread *= w
    share -= share * share
    variance = float(spread @ share)
    return (
        d @ w,
        np.array([sum_all - expected, expected]),
        np.array([[variance, -variance], [-variance, variance]]),
    )


def _robust(data: SurvivalData, times: Floats, share: Floats, w: Floats, hazard: Floats) -> Floats:
    """Covariance as the sum over rows of the squares of what each adds to the score.

    A row's part is ``w(T) ([its group] - share(T))`` at its event, less the sum of
    ``w ([its group] - share) hazard`` over the times at which it was at risk (Lin and Wei 1989, at
    equal hazards).
    """
    assert data.group is not None
    codes = data.group.codes
    zero = np.zeros(1)
    total = np.concatenate([zero, np.cumsum(w * hazard)])
    shares = np.concatenate([np.zeros((len(share), 1)), np.cumsum(share * w * hazard, axis=1)], 1)
    out = np.searchsorted(times, data.time, side="right")
    joins = np.zeros(data.n, dtype=np.int64)
    if data.entry is not None:
        joins = np.searchsorted(times, data.entry, side="right")
    part = shares[:, out] - shares[:, joins]
    own = np.arange(len(share))[:, None] == codes
    part -= own * (total[out] - total[joins])
    at = out[data.event] - 1
    part[:, data.event] += w[at] * (own[:, data.event] - share[:, at])
    if data.weight is not None:
        part *= data.weight
    return np.asarray(part @ part.T)


def _by_time(data: SurvivalData, g: int) -> tuple[Floats, Floats, Floats]:
    """Event times ``(k,)``, and numbers at risk and events of each group, ``(g, k)`` each."""
    assert data.group is not None
    if data.entry is None and data.weight is None and 2 * g <= MOST_CODES:
        return risk_table(data.time, data.event, data.group.codes, g)
    times, _ = distinct_sorted(np.sort(data.time[data.event]))
    k = len(times)
    at_risk, d = np.empty((g, k)), np.empty((g, k))
    for code, rows in enumerate(rows_by_code(data.group.codes, g)):
        t, e = data.time[rows], data.event[rows]
        weight = np.ones(len(t)) if data.weight is None else data.weight[rows]
        at_risk[code] = weight_from(t, weight, times)
        if data.entry is not None:
            at_risk[code] -= weight_from(data.entry[rows], weight, times)
        d[code] = np.bincount(np.searchsorted(times, t[e]), weight[e], minlength=k)
    if data.weight is not None:  # sums of weights that should cancel leave rounding behind
        at_risk = np.where(at_risk < d + 1e-12 * at_risk.max(initial=0.0), d, at_risk)
    return times, at_risk, d


def weight_from(values: Floats, weight: Floats, times: Floats) -> Floats:
    """Weight of the values at or after each time."""
    order = np.argsort(values, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(weight[order][::-1])])[::-1]
    return np.asarray(sums[np.searchsorted(values[order], times, side="left")])


def weights_of(n: Floats, d: Floats, weighting: str, rho: float, gamma: float) -> Floats:
    """Weight of each event time, ``(k,)``, from the pooled numbers at risk and events."""
    if weighting == "gehan":
        return n
    if weighting == "tarone-ware":
        return np.asarray(np.sqrt(n))
    if weighting in ("peto-peto", "modified-peto-peto"):
        peto = np.cumprod(1.0 - d / (n + 1.0))
        return np.asarray(peto if weighting == "peto-peto" else peto * n / (n + 1.0))
    if weighting in ("g-rho", "fleming-harrington") and (rho or gamma):
        survival = np.cumprod(1.0 - d / n)
        before = np.concatenate([[1.0], survival[:-1]])
        with np.errstate(divide="ignore"):
            return np.asarray(before**rho * (1.0 - before) ** gamma)
    return np.ones(len(n))


def chi_squared_of(score: Floats, covariance: Floats) -> tuple[float, int]:
    """Quadratic form over groups that were ever at risk with another, one left out."""
    used = np.flatnonzero(np.diag(covariance) > 1e-12 * max(float(covariance.max()), 1e-300))
    if len(used) < 2:
        return 0.0, 0
    # Groups that never meet make blocks, each with a redundant group of its own.
    free: list[int] = []
    for block in _blocks(covariance[np.ix_(used, used)]):
        free += [int(used[i]) for i in block[1:]]
    index = np.array(free, dtype=np.int64)
    statistic = float(
        score[index] @ np.linalg.solve(covariance[np.ix_(index, index)], score[index])
    )
    return statistic, len(index)


def _blocks(covariance: Floats) -> list[list[int]]:
    """Groups linked by a common risk set."""
    left = list(range(len(covariance)))
    blocks = []
    while left:
        block = [left.pop(0)]
        for i in block:
            near = [j for j in left if covariance[i, j] != 0.0]
            block += near
            left = [j for j in left if j not in near]
        blocks.append(block)
    return blocks
