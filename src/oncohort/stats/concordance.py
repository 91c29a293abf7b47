"""Concordance of a risk score with survival: Harrell's C and Uno's C, with standard errors.

Of two patients who can be compared (the one with the shorter time had the event), the pair is
concordant if the one who failed first has the higher risk; a tie in risk counts one half (Harrell
1996, Stat Med 15:361). Harrell's C depends on the censoring; Uno's C weighs each event by
``1 / G(t-)^2``, with G the Kaplan-Meier of the censoring, and stops at `tau` (Uno 2011, Stat Med
30:1105). The standard error is the infinitesimal jackknife (Therneau, R survival): the derivative
of C by each patient's weight, so it needs no assumption on the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Bools, Floats, Ints
from oncohort.stats._cox.result import CoxResult
from oncohort.stats._cox.rows import read
from oncohort.stats.distributions import ndtri
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Matrix
from oncohort.stats.times import distinct_values, nearest_times

DIRECT_PAIRS = 4_000_000
"""Up to so many pairs are compared one by one; more by a wavelet matrix in n log n."""


@dataclass(frozen=True, slots=True)
class Concordance:
    """A concordance with its standard error.

    Attributes
    ----------
    c, se, low, high
        Estimate, infinitesimal-jackknife standard error, and interval at `level`.
    concordant, discordant, tied
        (Weighted) pairs; `tied` in risk, not in time.
    """

    c: float
    se: float
    low: float
    high: float
    concordant: float
    discordant: float
    tied: float
    n: int
    events: int
    level: float
    kind: str

    @property
    def method(self) -> str:
        """The estimate in words."""
        name = {"harrell": "Harrell's C", "uno": "Uno's C (inverse probability of censoring)"}
        return (
            f"{name[self.kind]}, {100 * self.level:g} % interval from the infinitesimal jackknife"
        )

    def __repr__(self) -> str:
        return (
            f"{self.method}: {self.c:.4f} ({self.low:.4f} to {self.high:.4f}), SE {self.se:.4f}; "
            f"{self.n} rows, {self.events} events"
        )


def concordance(
    time: Column,
    event: Column,
    risk: Matrix,
    *,
    entry: Column | None = None,
    strata: Column | None = None,
    weights: Column | None = None,
    cluster: Column | None = None,
    kind: str = "harrell",
    tau: float | None = None,
    level: float = 0.95,
) -> Concordance:
    """Concordance of `risk` (higher: earlier event) with survival.

    Parameters
    ----------
    time, event, entry, strata, weights, cluster
        As in :func:`oncohort.stats.cox.cox`; pairs are made within strata.
    risk
        ``(n,)`` score.
    kind
        "harrell" or "uno".
    tau
        Events after this time are not used.

    Notes
    -----
    R: ``survival::concordance(Surv(time, event) ~ risk, reverse = TRUE)``; Uno:
    ``timewt = "n/G2"``.

    Examples
    --------
    >>> concordance([1, 2, 3, 4], [1, 1, 0, 1], [4.0, 2.5, 3.0, 1.0]).c
    0.8
    """
    if kind not in ("harrell", "uno"):
        raise InputError(f"kind must be harrell or uno, not {kind!r}")
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, it is {level}")
    if np.ndim(risk) != 1 and getattr(risk, "shape", (0, 1))[-1] != 1:
        raise InputError(f"risk must be one score per row, it has shape {np.shape(risk)}")
    data = read(time, event, risk, entry=entry, strata=strata, weights=weights, cluster=cluster)
    if kind == "uno" and data.entry is not None:
        raise InputError("Uno's C is not defined with entry times")
    return _concordance(
        data.time,
        data.event,
        data.x[:, 0],
        data.entry,
        data.strata,
        data.weight,
        data.cluster,
        kind,
        tau,
        level,
    )


def model_concordance(
    result: CoxResult, *, kind: str = "harrell", tau: float | None = None
) -> Concordance:
    """Concordance of a fit with its own data (apparent: optimistic, see
    see :func:`oncohort.stats.validate_cox`).

    R: ``concordance(fit)``.
    """
    d = result.model.data
    return _concordance(
        d.time,
        d.event,
        d.x @ result.beta + (0.0 if d.offset is None else d.offset),
        d.entry,
        d.strata,
        d.weight,
        d.cluster,
        kind,
        tau,
        result.level,
    )


def _of_strata(
    rows: Sequence[Ints],
    time: Floats,
    event: Bools,
    used: Bools,
    risk: Floats,
    entry: Floats | None,
    w: Floats,
    kind: str,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Pairs of each row that agree, disagree and tie, and their totals; strata are apart."""
    up, down, even = (np.zeros(len(time)) for _ in range(3))
    totals = np.zeros(3)
    for here in rows:
        censoring = np.ones(len(here))
        if kind == "uno":
            censoring = 1.0 / censoring_survival(time[here], event[here], w[here]) ** 2
        late = None if entry is None else entry[here]
        found = _pairs(time[here], event[here], used[here], risk[here], late, w[here], censoring)
        up[here], down[here], even[here] = found[:3]
        totals += found[3]
    return up, down, even, totals


def _concordance(
    time: Floats,
    event: Bools,
    risk: Floats,
    entry: Floats | None,
    strata: Ints | None,
    weight: Floats | None,
    cluster: Ints | None,
    kind: str,
    tau: float | None,
    level: float,
) -> Concordance:
    n = len(time)
    if tau is not None:
        tau = float(nearest_times(tau, distinct_values(time))[0])
    w = np.ones(n) if weight is None else weight
    groups = [np.arange(n)]
    if strata is not None:
        groups = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    used = event if tau is None else event & (time <= tau)
    up, down, even, totals = _of_strata(groups, time, event, used, risk, entry, w, kind)
    concordant, discordant, tied = (float(v) for v in totals)
    pairs = concordant + discordant + tied
    if pairs <= 0:
        raise InputError("no pair can be compared")
    c = (concordant + tied / 2.0) / pairs
    influence = w * (up + even / 2.0 - c * (up + down + even)) / pairs
    if cluster is not None:
        influence = np.asarray(np.bincount(cluster, weights=influence), dtype=np.float64)
    se = float(np.sqrt(influence @ influence))
    half = float(ndtri(0.5 + 0.5 * level)) * se
    return Concordance(
        c,
        se,
        max(c - half, 0.0),
        min(c + half, 1.0),
        concordant,
        discordant,
        tied,
        n,
        int(event.sum()),
        level,
        kind,
    )


def censoring_survival(time: Floats, event: Bools, weight: Floats) -> Floats:
    """Kaplan-Meier of the censoring just before each time; at ties deaths come first."""
    values, inverse = np.unique(time, return_inverse=True)
    lost = _totals(inverse, weight * ~event, len(values))
    dead = _totals(inverse, weight * event, len(values))
    leaving = lost + dead
    at_risk = np.cumsum(leaving[::-1])[::-1] - dead
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(lost > 0, 1.0 - lost / at_risk, 1.0)
    before = np.concatenate([[1.0], np.cumprod(factor)[:-1]])
    return np.asarray(before[inverse])


def _totals(code: Ints, values: Floats, length: int) -> Floats:
    return np.asarray(np.bincount(code, weights=values, minlength=length), dtype=np.float64)


def _pairs(
    time: Floats,
    event: Bools,
    used: Bools,
    risk: Floats,
    entry: Floats | None,
    w: Floats,
    v: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Per row: derivative of concordant, discordant and tied pairs by its weight; and totals."""
    n = len(time)
    rank = np.unique(risk, return_inverse=True)[1].astype(np.int64)
    up, down, even = np.zeros(n), np.zeros(n), np.zeros(n)
    cases = np.flatnonzero(used)
    if not len(cases):
        return up, down, even, np.zeros(3)
    # Those who outlive a case: later times, and at the same time the censored.
    order = np.lexsort((event, -time))
    later = np.searchsorted(-time[order], -time[cases], side="left") + _tied_censored(
        time, event, cases
    )
    less, same, total = _below(rank[order], w[order], later, rank[cases])
    if entry is not None:
        by_entry = np.argsort(-entry, kind="stable")
        waiting = np.searchsorted(-entry[by_entry], -time[cases], side="right")
        a, b, t = _below(rank[by_entry], w[by_entry], waiting, rank[cases])
        less, same, total = less - a, same - b, total - t
    up[cases] = v[cases] * less
    even[cases] = v[cases] * same
    down[cases] = v[cases] * (total - less - same)
    totals = np.array([w[cases] @ up[cases], w[cases] @ down[cases], w[cases] @ even[cases]])
    # The other side of each pair: cases before a row.
    first = cases[np.argsort(time[cases], kind="stable")]
    strength = (w * v)[first]
    before = np.where(
        event,
        np.searchsorted(time[first], time, side="left"),
        np.searchsorted(time[first], time, side="right"),
    )
    less, same, total = _below(rank[first], strength, before, rank)
    if entry is not None:
        waiting = np.searchsorted(time[first], entry, side="right")
        a, b, t = _below(rank[first], strength, waiting, rank)
        less, same, total = less - a, same - b, total - t
    up += total - less - same
    down += less
    even += same
    return up, down, even, totals


def _tied_censored(time: Floats, event: Bools, cases: Ints) -> Ints:
    lost = np.sort(time[~event])
    at = time[cases]
    return np.asarray(
        np.searchsorted(lost, at, side="right") - np.searchsorted(lost, at, side="left")
    )


def _below(rank: Ints, weight: Floats, upto: Ints, of: Ints) -> tuple[Floats, Floats, Floats]:
    """For each query: weight of the first `upto` items with a rank below, and equal to, `of`."""
    total = np.concatenate([[0.0], np.cumsum(weight)])[upto]
    n, q = len(rank), len(of)
    if n * q <= DIRECT_PAIRS:
        inside = np.arange(n) < upto[:, None]
        less = ((rank < of[:, None]) & inside) @ weight
        same = ((rank == of[:, None]) & inside) @ weight
        return less, same, total
    return (*_wavelet(rank, weight, upto, of), total)


def _wavelet(rank: Ints, weight: Floats, upto: Ints, of: Ints) -> tuple[Floats, Floats]:
    """The same by a wavelet matrix: one pass per bit of the ranks, each over all queries."""
    low, high = np.zeros(len(of), dtype=np.int64), upto.astype(np.int64)
    less = np.zeros(len(of))
    for bit in range(
        max(int(rank.max(initial=0)), int(of.max(initial=0))).bit_length() - 1, -1, -1
    ):
        one = (rank >> bit & 1).astype(np.bool_)
        zeros_before = np.concatenate([[0], np.cumsum(~one)])
        weight_before = np.concatenate([[0.0], np.cumsum(np.where(one, 0.0, weight))])
        zeros = int(zeros_before[-1])
        goes_up = (of >> bit & 1).astype(np.bool_)
        less += np.where(goes_up, weight_before[high] - weight_before[low], 0.0)
        z_low, z_high = zeros_before[low], zeros_before[high]
        low = np.where(goes_up, zeros + low - z_low, z_low)
        high = np.where(goes_up, zeros + high - z_high, z_high)
        order = np.concatenate([np.flatnonzero(~one), np.flatnonzero(one)])
        rank, weight = rank[order], weight[order]
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    return less, sums[high] - sums[low]
