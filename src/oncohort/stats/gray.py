"""Gray's test: equal cumulative incidence of one type of event in two or more groups.

With ``n_r`` at risk in group r, ``S_r`` its event-free share, ``F_r`` its incidence of the cause
and ``F`` the pooled one (``dF = d / sum_r(n_r / S_r)``), the test compares ``d_r`` with ``R_r d /
R``, where ``R_r = n_r (1 - F_r) / S_r`` and ``R`` is their sum, weighted by ``(1 - F) ** rho``.

Its variance adds what events of the cause and of other causes contribute (Gray 1988, Ann Stat
16:1141). With ``h_r = n_r (1 - F) / S_r``, ``D_kr = w (h_r [k = r] - h_k h_r / sum h) / (1 - F)``
and ``C_kr(t)`` the sum of ``D_kr dF / (1 - F)`` after ``t``::

    cause:   (D_kr + (1 - (1 - F) / S_r) C_kr)^2  S_r / n_r dF
    others:  ((1 - F) / S_r C_kr)^2               (S_r / n_r)^2 d_other
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import rows_by_code
from oncohort.stats._jackknife import whole
from oncohort.stats._show import Row, Shown, left_out_text, named, p_text
from oncohort.stats._subdistribution import meat, prepare, residuals
from oncohort.stats.competing import CompetingData, read_competing
from oncohort.stats.distributions import chdtrc
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError
from oncohort.stats.inputs import Column, Floats, Label, group_labels
from oncohort.stats.rank_tests import chi_squared_of, weight_from


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GrayResult(Shown):
    """Gray's test.

    Attributes
    ----------
    score, covariance
        ``(g,)`` observed minus expected and its covariance.
    """

    statistic: float
    df: int
    p: float
    method: str
    cause: Label
    levels: tuple[Label, ...]
    n_by_group: tuple[int, ...]
    events_by_group: tuple[int, ...]
    score: Floats
    covariance: Floats
    n: int
    n_events: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "group": level,
                "n": self.n_by_group[i],
                "events": self.events_by_group[i],
                "score": float(self.score[i]),
            }
            for i, level in enumerate(self.levels)
        ]

    def _title(self) -> str:
        return f"{self.method}: chi-squared {self.statistic:.4f} on {self.df} df, {p_text(self.p)}"

    def _notes(self) -> Sequence[str]:
        return [
            f"{self.n} rows, {self.n_events} events of type {self.cause!r}",
            left_out_text(self.left_out),
        ]


def gray_test(
    time: Column,
    event_type: Column,
    group: Column,
    *,
    cause: object,
    censored: object = 0,
    strata: Column | None = None,
    rho: float = 0.0,
    entry: Column | None = None,
    weights: Column | None = None,
) -> GrayResult:
    """Test of equal cumulative incidence of a cause (Gray 1988, Ann Stat 16:1141).

    Parameters
    ----------
    time, event_type, censored
        As in :func:`oncohort.stats.cumulative_incidence`.
    cause
        The type of event that is compared.
    strata
        ``(n,)`` labels: sums over strata.
    rho
        Weight ``(1 - F) ** rho``.
    entry
        ``(n,)`` late entry (left truncation).
    weights
        ``(n,)`` case weights. Whole numbers are numbers of rows. With others the test is the
        robust score test of a Fine-Gray model of the groups (censoring by group), which is what
        Gray's test comes to in large samples; without `strata`, `rho` and `entry`.

    Notes
    -----
    R: ``cmprsk::cuminc(ftime, fstatus, group, strata, rho)$Tests``.

    Examples
    --------
    >>> test = gray_test([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 0, 1, 2, 1, 0], list("aaaabbbb"),
    ...                  cause=1)
    >>> test.df
    1
    """
    data = read_competing(
        time,
        event_type,
        censored=censored,
        entry=entry,
        weights=weights,
        group=group,
        strata=strata,
    )
    code, labels = data.position(cause), group_labels(data.rows)
    g = len(labels.levels)
    if g < 2:
        raise TooFewGroupsError(f"a comparison needs two groups; there is {named(labels.levels)}")
    robust = not whole(data.rows.weight)
    if robust and (rho or data.rows.stratum is not None or data.rows.entry is not None):
        raise InputError("weights that are not whole go without strata, rho and entry")
    parts = [data]
    if data.rows.stratum is not None:
        strata_labels = data.rows.stratum
        parts = [
            data.part(rows) for rows in rows_by_code(strata_labels.codes, len(strata_labels.levels))
        ]
    score, covariance = np.zeros(g), np.zeros((g, g))
    for part in parts:
        u, v = _score(part, g, code) if robust else _sums(part, g, code, rho)
        score += u
        covariance += v
    counted = data.cause == code
    if not counted.any():
        raise NoEventsError(f"no event of type {cause!r} among the rows used")
    statistic, df = chi_squared_of(score, covariance)
    if df == 0:
        raise TooFewGroupsError("two groups are never at risk together at an event: no comparison")
    return GrayResult(
        statistic,
        df,
        float(chdtrc(df, statistic)),
        _method(data, rho, len(parts)),
        cause,
        labels.levels,
        tuple(np.bincount(labels.codes, minlength=g).tolist()),
        tuple(np.bincount(labels.codes[counted], minlength=g).tolist()),
        score,
        covariance,
        data.rows.n,
        int(counted.sum()),
        data.left_out,
    )


def _method(data: CompetingData, rho: float, strata: int) -> str:
    """The test in words."""
    rows = data.rows
    if not whole(rows.weight):
        return "Robust score test of a Fine-Gray model of the groups, case weights"
    words = "Gray's test" + (f" (rho = {rho:g})" if rho else "")
    words += ", left truncation" if rows.entry is not None else ""
    words += ", case weights" if rows.weight is not None else ""
    return words + (f", stratified ({strata} strata)" if rows.stratum is not None else "")


def _score(data: CompetingData, g: int, code: int) -> tuple[Floats, Floats]:
    """Score of the groups in a Fine-Gray model at equal incidence, and its robust covariance."""
    labels = group_labels(data.rows)
    x = (labels.codes[:, None] == np.arange(g)).astype(np.float64)
    d = prepare(data.rows.time, data.cause, x, code, labels.codes, None, data.rows.weight)
    each = residuals(d, np.zeros(g))
    return each.sum(axis=0), meat(d, each)


def _sums(data: CompetingData, g: int, code: int, rho: float) -> tuple[Floats, Floats]:
    """Score and covariance of one stratum; arrays are ``(g, k)`` over event times of any type."""
    rows, labels = data.rows, data.rows.group
    assert labels is not None
    times = np.unique(rows.time[rows.event])
    k = len(times)
    if not k:
        return np.zeros(g), np.zeros((g, g))
    n, d1, d2 = np.empty((g, k)), np.empty((g, k)), np.empty((g, k))
    for r in range(g):
        in_group = labels.codes == r
        t, c = rows.time[in_group], data.cause[in_group]
        w = np.ones(len(t)) if rows.weight is None else rows.weight[in_group]
        n[r] = weight_from(t, w, times)
        if rows.entry is not None:
            n[r] -= weight_from(rows.entry[in_group], w, times)
        one, other = c == code, (c > 0) & (c != code)
        d1[r] = np.bincount(np.searchsorted(times, t[one]), w[one], minlength=k)
        d2[r] = np.bincount(np.searchsorted(times, t[other]), w[other], minlength=k)
    at = np.where(n > 0, n, 1.0)
    after = np.cumprod(1.0 - (d1 + d2) / at, axis=1)
    before = np.concatenate([np.ones((g, 1)), after[:, :-1]], axis=1)
    incidence = np.cumsum(before * d1 / at, axis=1)
    incidence_before = np.concatenate([np.zeros((g, 1)), incidence[:, :-1]], axis=1)
    here = (n > 0) & (before > 0)
    share = np.where(here, n / np.where(before > 0, before, 1.0), 0.0)
    events = d1.sum(axis=0)
    total = share.sum(axis=0)
    step = events / np.where(total > 0, total, 1.0)
    pooled = np.cumsum(step)
    pooled_before = np.concatenate([[0.0], pooled[:-1]])
    left = 1.0 - pooled_before
    if rows.entry is not None and (((before <= 0) & (n > 0)).any() or (left <= 1e-12).any()):
        raise InputError(
            "everyone at risk early on had an event while others had yet to enter: incidence "
            "can't be compared from there on; begin later"
        )
    w = left**rho if rho else np.ones(k)
    risk = share * (1.0 - incidence_before)
    score = ((d1 - risk * (events / risk.sum(axis=0))) * w).sum(axis=1)
    # (k, g, g): D_kr with the time first.
    h = (share / np.where(total > 0, total, 1.0)).T
    weight = (w * total)[:, None, None]
    d = weight * (np.eye(g)[None] * h[:, :, None] - h[:, :, None] * h[:, None, :])
    increment = d * (step / left)[:, None, None]
    rest = increment.sum(axis=0)[None] - np.cumsum(increment, axis=0)
    ratio = np.where(after > 0, (1.0 - pooled) / np.where(after > 0, after, 1.0), 0.0).T
    open_ = (after > 0).T[:, None, :]
    own = d + np.where(open_, (1.0 - ratio[:, None, :]) * rest, 0.0)
    others = ratio[:, None, :] * rest
    safe_share = np.where(share > 0, share, 1.0)
    pseudo = before * total
    with np.errstate(divide="ignore", invalid="ignore"):
        tied1 = np.where(events > 1, 1.0 - (events - 1) / (pseudo - 1), 1.0)
        tied1 = np.where(np.isfinite(tied1), np.maximum(tied1, 0.0), 0.0)
        tied2 = np.where(d2 > 1, 1.0 - (d2 - 1) / (n - 1), 1.0)
    v1 = np.where(here & (events > 0), step / safe_share * tied1, 0.0).T
    v2 = np.where(here, d2 / safe_share**2 * tied2, 0.0).T
    covariance = np.einsum("tkr,tlr,tr->kl", own, own, v1)
    covariance += np.einsum("tkr,tlr,tr->kl", others, others, v2)
    return score, covariance
