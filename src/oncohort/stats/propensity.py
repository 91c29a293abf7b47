"""Propensity scores: weights that balance two groups, and pairs of near neighbours."""

from __future__ import annotations

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Bools, Column, Floats, Ints, as_events, as_numbers, check_choice

WEIGHTS = {
    "iptw": "inverse probability of treatment (all patients)",
    "stabilized": "stabilized inverse probability of treatment (all patients)",
    "overlap": "overlap (patients who might have had either treatment)",
    "att": "odds of treatment (the treated patients)",
}
"""Kinds of weights, and to which patients their estimates apply."""


TIE = 1e-9
"""Differences below so many standard deviations are none."""


def propensity_weights(score: Column, treated: Column, kind: str = "iptw") -> Floats:
    """Weights that make the groups alike in what the score was made of.

    Parameters
    ----------
    score
        ``(n,)`` probability of treatment, between 0 and 1.
    treated
        ``(n,)`` bool or 0/1.
    kind
        "iptw": ``1/e`` and ``1/(1 - e)`` (Robins, Hernan and Brumback 2000, Epidemiology 11:550);
        "stabilized": times the share of the group; "overlap": ``1 - e`` and ``e`` (Li, Morgan and
        Zaslavsky 2018, J Am Stat Assoc 113:390); "att": 1 and ``e/(1 - e)``.

    Notes
    -----
    R: ``WeightIt::weightit`` with estimand "ATE", "ATO", "ATT".

    Examples
    --------
    >>> propensity_weights([0.8, 0.5, 0.2], [1, 0, 0]).round(4).tolist()
    [1.25, 2.0, 1.25]
    >>> propensity_weights([0.8, 0.5, 0.2], [1, 0, 0], "overlap").round(4).tolist()
    [0.2, 0.5, 0.2]
    """
    check_choice(kind, tuple(WEIGHTS), "kind")
    e, t = _read(score, treated)
    if kind == "overlap":
        return np.where(t, 1 - e, e)
    if kind == "att":
        return np.where(t, 1.0, e / (1 - e))
    w = np.where(t, 1 / e, 1 / (1 - e))
    if kind == "stabilized":
        share = float(t.mean())
        w = w * np.where(t, share, 1 - share)
    return w


def _read(score: Column, treated: Column) -> tuple[Floats, Bools]:
    e = as_numbers(score, "score")
    t = as_events(treated, len(e))
    if not ((e > 0) & (e < 1)).all():
        raise InputError("scores must lie between 0 and 1, ends excluded")
    return e, np.asarray(t, dtype=bool)


def effective_size(weights: Column) -> float:
    """Patients without weights that tell as much: ``sum(w)^2 / sum(w^2)`` (Kish 1965).

    Examples
    --------
    >>> effective_size([1, 1, 1, 1]), round(effective_size([4, 1, 1, 1]), 3)
    (4.0, 2.579)
    """
    w = as_numbers(weights, "weights")
    return float(w.sum() ** 2 / (w**2).sum()) if len(w) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Pairs of a treated and an untreated row.

    Attributes
    ----------
    treated, control
        ``(pairs,)`` rows of each pair, in the order in which they were matched.
    pair
        ``(n,)`` number of the pair of each row; -1 where it has none.
    caliper
        Largest distance that was allowed, in units of the distance; infinite without one.
    """

    treated: Ints
    control: Ints
    pair: Ints
    caliper: float
    method: str


def match_nearest(distance: Column, treated: Column, *, caliper: float | None = None) -> Matched:
    """Pairs of nearest neighbours, each untreated row used once.

    The treated row with the largest distance measure is matched first: it is the hardest to match.
    Of two that are equally near, the one that comes first is taken.

    Parameters
    ----------
    distance
        ``(n,)`` measure of which near means alike: a propensity score, or its logit.
    caliper
        Largest difference in a pair, in standard deviations of the distance (of all rows). 0.2 of
        the logit is common (Austin 2011, Pharm Stat 10:150).

    Notes
    -----
    R: ``MatchIt::matchit(method = "nearest")``.

    Examples
    --------
    >>> pairs = match_nearest([0.9, 0.8, 0.3, 0.7, 0.6, 0.1], [1, 1, 1, 0, 0, 0])
    >>> list(zip(pairs.treated.tolist(), pairs.control.tolist()))
    [(0, 3), (1, 4), (2, 5)]
    """
    d = as_numbers(distance, "distance")
    t = np.asarray(as_events(treated, len(d)), dtype=bool)
    if not np.isfinite(d).all():
        raise InputError("distance must be finite")
    if caliper is not None and not caliper > 0:
        raise InputError(f"caliper must be above zero, it is {caliper}")
    spread = float(d.std(ddof=1)) if len(d) > 1 else 0.0
    bound = np.inf if caliper is None else caliper * spread
    # Scores that differ by rounding only are equal, so that the choice is the same everywhere.
    unit = TIE * (spread or 1.0)
    d = np.round(d / unit) * unit
    rows = np.flatnonzero(t)
    free = ~t
    pairs: list[tuple[int, int]] = []
    for i in rows[np.argsort(-d[rows], kind="stable")]:
        open_ = np.flatnonzero(free)
        if not len(open_):
            break
        gap = np.round(np.abs(d[open_] - d[i]) / unit) * unit
        j = int(np.argmin(gap))
        if gap[j] <= bound:
            pairs.append((int(i), int(open_[j])))
            free[open_[j]] = False
    pair = np.full(len(d), -1, dtype=np.int64)
    for k, (i, j) in enumerate(pairs):
        pair[[i, j]] = k
    left = np.array([p[0] for p in pairs], dtype=np.int64)
    right = np.array([p[1] for p in pairs], dtype=np.int64)
    within = "" if caliper is None else f", within {caliper:g} standard deviations"
    return Matched(
        left, right, pair, float(bound), f"1:1 nearest neighbours without replacement{within}"
    )


def balance(
    values: Column, treated: Column, *, weights: Column | None = None, denominator: str = "pooled"
) -> float:
    """Standardized mean difference of the treated against the untreated, with its sign.

    The denominator is that of the sample without weights, so that a difference can only shrink by
    the means coming nearer (Stuart, Lee and Leacy 2013, J Clin Epidemiol 66:S84).

    Parameters
    ----------
    values
        ``(n,)`` numbers; 0 and 1 for a level, whose variance is then ``p (1 - p)``.
    weights
        ``(n,)``; 0 leaves a row out.
    denominator
        "pooled": root of the mean of both variances; "treated": of the treated, as MatchIt prints.

    Examples
    --------
    >>> round(balance([1, 0, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0]), 4)
    0.7071
    """
    check_choice(denominator, ("pooled", "treated"), "denominator")
    x = as_numbers(values, "values")
    t = np.asarray(as_events(treated, len(x)), dtype=bool)
    w = np.ones(len(x)) if weights is None else as_numbers(weights, "weights")
    if not (w[t].sum() > 0 and w[~t].sum() > 0):
        raise InputError("balance needs both groups")
    binary = bool(np.isin(x, (0.0, 1.0)).all())

    def variance(part: Floats) -> float:
        if binary:
            return float(part.mean() * (1 - part.mean()))
        return float(part.var(ddof=1)) if len(part) > 1 else 0.0

    one, other = variance(x[t]), variance(x[~t])
    scale = np.sqrt(one if denominator == "treated" else (one + other) / 2)
    difference = float(np.average(x[t], weights=w[t]) - np.average(x[~t], weights=w[~t]))
    if abs(difference) < 1e-15:
        return 0.0
    return difference / float(scale) if scale > 0 else float(np.copysign(np.inf, difference))
