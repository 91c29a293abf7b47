"""Log-likelihood, score and information of a Cox model at given coefficients, in numpy.

With ``w = exp(X b)``, ``S0_k`` the sum of ``w`` over the risk set at event time k, ``D0_k`` the
sum over the ``d_k`` deaths tied there and ``phi_kl = S0_k - (l / d_k) D0_k`` (l = 0..d_k - 1;
Breslow: ``phi = S0``)::

    H_j   = sum over t_k <= t_j of sum_l 1 / phi_kl  -  [j died] sum_l (l / d) / phi_kl
    score = X' (delta - w H)
    info  = X' diag(w H) X - sum_k [a2 S1 S1' - b2 (S1 D1' + D1 S1') + c2 D1 D1']

so the second-moment part is one weighted Gram matrix, and no risk set is visited twice. Left
truncation takes ``H(entry)`` off ``H_j`` and those who have not entered off ``S0, S1``; strata
restart the sums; case weights multiply ``w`` and each tied time by its mean death weight (Efron
1977, JASA 72:557; weights as R's survival).

This is the reference: it needs numpy only. ``_kernel.c`` computes the same numbers.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Bools, Design, Floats, Ints

BLOCK_ROWS = 4096
"""Rows per block: p columns of a block stay in the second-level cache."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Value and derivatives at one coefficient vector."""

    loglik: float
    score: Floats
    info: Floats


@dataclass(frozen=True, slots=True)
class Hazard:
    """Per event time and per row: what score, information and residuals are made of.

    ``a1 .. c2`` are the sums over tied deaths of powers of ``1 / phi`` and ``l / d``; `at_stop`
    and `at_entry` are the cumulative hazards of a row (without the tie term), `w` its weighted
    risk score.
    """

    eta: Floats
    w: Floats
    s0: Floats
    d0: Floats
    a1: Floats
    b1: Floats
    a2: Floats
    b2: Floats
    c2: Floats
    cumulative: Floats
    row: Floats
    loglik: float


def running(values: Floats, starts: Ints, *, backwards: bool = False) -> Floats:
    """Cumulative sum along the first axis that restarts at each of `starts`."""
    if not len(values):
        return values.astype(np.float64)
    edges = np.append(starts, len(values))
    if len(starts) <= 64:
        out = np.empty_like(values, dtype=np.float64)
        for a, b in pairwise(edges):
            if backwards:
                out[a:b] = np.cumsum(values[a:b][::-1], axis=0)[::-1]
            else:
                np.cumsum(values[a:b], axis=0, out=out[a:b])
        return out
    if backwards:
        flipped = running(values[::-1], (len(values) - edges[1:])[::-1])
        return flipped[::-1]
    total = np.cumsum(values, axis=0)
    base = np.zeros((len(starts), *values.shape[1:]))
    base[1:] = total[edges[1:-1] - 1]
    return np.asarray(total - np.repeat(base, np.diff(edges), axis=0))


def hazard(d: Design, beta: Floats, before: float = 0.0) -> Hazard:
    """Risk-set sums, tie terms and cumulative hazards at `beta`.

    `before` is ``S0`` of rows of the first stratum that come before these (are at risk longer).
    """
    eta = d.x @ beta
    if d.offset is not None:
        eta = eta + d.offset
    with np.errstate(over="ignore"):
        w = np.exp(eta)
    if d.weight is not None:
        w = w * d.weight
    starts = d.sptr[:-1]
    joined = np.add.reduceat(w, d.gptr[:-1])
    if d.leave is not None:
        joined = joined - np.bincount(d.leave[d.gone], weights=w[d.gone], minlength=d.groups)
    s0 = running(joined, starts)
    if before:
        s0[: d.sptr[1]] += before
    d0 = np.add.reduceat(w[d.death_rows], d.dptr[:-1])
    case = None if d.weight is None else d.weight[d.death_rows]
    total = d.deaths.astype(np.float64)
    if case is not None:
        total = np.add.reduceat(case, d.dptr[:-1])
    observed = eta[d.death_rows] if case is None else case * eta[d.death_rows]
    loglik = float(observed.sum())
    with np.errstate(all="ignore"):
        if not d.efron or int(d.deaths.max(initial=1)) == 1:
            a1 = total / s0
            a2 = a1 / s0
            zero = np.zeros_like(a1)
            loglik -= float(total @ np.log(s0))
            b1 = b2 = c2 = zero
        else:
            first = np.concatenate([[0], np.cumsum(d.deaths)[:-1]])
            group = np.repeat(np.arange(d.groups), d.deaths)
            f = (np.arange(len(group)) - first[group]) / d.deaths[group]
            phi = s0[group] - f * d0[group]
            mean = total / d.deaths
            inverse = 1.0 / phi
            square = inverse * inverse
            a1 = mean * np.add.reduceat(inverse, first)
            b1 = mean * np.add.reduceat(f * inverse, first)
            a2 = mean * np.add.reduceat(square, first)
            b2 = mean * np.add.reduceat(f * square, first)
            c2 = mean * np.add.reduceat(f * f * square, first)
            loglik -= float(mean[group] @ np.log(phi))
    cumulative, row = row_hazard(d, a1, b1)
    return Hazard(eta, w, s0, d0, a1, b1, a2, b2, c2, cumulative, row, loglik)


def terms(d: Design, beta: Floats) -> Terms:
    """Log partial likelihood, score ``(p,)`` and observed information ``(p, p)`` at `beta`."""
    return terms_after(d, beta, None)[0]


def terms_after(d: Design, beta: Floats, before: Floats | None) -> tuple[Terms, float]:
    """:func:`terms` of rows that others of the first stratum come before.

    Parameters
    ----------
    before
        ``(1 + p,)``: ``S0`` and ``S1`` of those others.

    Returns
    -------
    terms, hazard
        `hazard` is the sum of the increments over the first stratum's event times, to which those
        others are exposed too.
    """
    p = d.p
    if d.groups == 0:
        return Terms(0.0, np.zeros(p), np.zeros((p, p))), 0.0
    h = hazard(d, beta, 0.0 if before is None else float(before[0]))
    residual = -h.w * h.row
    residual[d.death_rows] += 1.0 if d.weight is None else d.weight[d.death_rows]
    info = information(d, h, None if before is None else before[1:])
    return Terms(h.loglik, residual @ d.x, info), float(h.cumulative[0])


def weighted_sums(x: Floats, beta: Floats, weight: Floats | None, *, second: bool) -> Floats:
    """Sums of ``w``, of ``w x`` and (if `second`) of ``w x x'``, one after the other.

    ``w = weight exp(x beta)``; `x` is ``(n, p)``.
    """
    p = x.shape[1]
    out = np.zeros(1 + p + p * p if second else 1 + p)
    for a in range(0, len(x), BLOCK_ROWS):
        part = x[a : a + BLOCK_ROWS]
        w = np.exp(part @ beta)
        if weight is not None:
            w *= weight[a : a + BLOCK_ROWS]
        out[0] += w.sum()
        out[1 : 1 + p] += w @ part
        if second:
            out[1 + p :] += ((part * w[:, None]).T @ part).ravel()
    return out


def row_hazard(d: Design, a1: Floats, b1: Floats) -> tuple[Floats, Floats]:
    """Cumulative hazard per group, and what each row is exposed to."""
    cumulative = running(a1, d.sptr[:-1], backwards=True)
    row = np.repeat(cumulative, np.diff(d.gptr))
    if d.leave is not None:
        row[d.gone] -= cumulative[d.leave[d.gone]]
    if d.efron:
        row[d.death_rows] -= np.repeat(b1, np.diff(d.dptr))
    return cumulative, row


def weighted(d: Design, h: Hazard, factor: Floats) -> Hazard:
    """`h` with each group's contribution times `factor`: for sums over time of g(t) V(t)."""
    a1, b1 = h.a1 * factor, h.b1 * factor
    cumulative, row = row_hazard(d, a1, b1)
    return replace(
        h,
        a1=a1,
        b1=b1,
        a2=h.a2 * factor,
        b2=h.b2 * factor,
        c2=h.c2 * factor,
        cumulative=cumulative,
        row=row,
    )


def information(d: Design, h: Hazard, before: Floats | None = None) -> Floats:
    """Observed information: one Gram matrix minus the outer products of the risk-set sums.

    `before` is ``S1`` of rows of the first stratum that come before these.
    """
    info = np.zeros((d.p, d.p))
    carry = np.zeros(d.p) if before is None else before.copy()
    tied: Bools = (d.deaths > 1) & d.efron
    with np.errstate(all="ignore"):
        for g0, g1 in group_blocks(d):
            r0, r1 = int(d.gptr[g0]), int(d.gptr[g1])
            x = d.x[r0:r1]
            xw = x * h.w[r0:r1, None]
            info += (xw * h.row[r0:r1, None]).T @ x
            s1 = risk_sums(d, h.w, xw, g0, g1, carry)
            info -= (s1 * h.a2[g0:g1, None]).T @ s1
            many = np.flatnonzero(tied[g0:g1])
            if len(many):
                d1 = death_sums(d, h.w, g0, g1)[many]
                cross = (s1[many] * h.b2[g0:g1][many, None]).T @ d1
                info += cross + cross.T
                info -= (d1 * h.c2[g0:g1][many, None]).T @ d1
    return 0.5 * (info + info.T)


def risk_sums(d: Design, w: Floats, xw: Floats, g0: int, g1: int, carry: Floats) -> Floats:
    """``S1`` of groups ``g0 .. g1 - 1`` from their rows' ``x w``.

    `carry` is the sum at group ``g0 - 1`` and is updated in place to the one at ``g1 - 1``.
    """
    joined = np.add.reduceat(xw, d.gptr[g0:g1] - d.gptr[g0], axis=0)
    if d.leave is not None and d.gone_ptr[g0] < d.gone_ptr[g1]:
        rows = d.gone[d.gone_ptr[g0] : d.gone_ptr[g1]]
        at = d.leave[rows] - g0
        first = np.concatenate([[0], np.flatnonzero(np.diff(at)) + 1])
        joined[at[first]] -= np.add.reduceat(d.x[rows] * w[rows, None], first, axis=0)
    inner = d.sptr[(d.sptr > g0) & (d.sptr < g1)] - g0
    if g0 and g0 in d.sptr:
        carry[:] = 0.0
    joined[0] += carry
    out = running(joined, np.concatenate([[0], inner]))
    carry[:] = out[-1]
    return out


def death_sums(d: Design, w: Floats, g0: int, g1: int) -> Floats:
    """``D1`` of groups ``g0 .. g1 - 1``."""
    e0, e1 = int(d.dptr[g0]), int(d.dptr[g1])
    deaths = d.death_rows[e0:e1]
    return np.asarray(np.add.reduceat(d.x[deaths] * w[deaths, None], d.dptr[g0:g1] - e0, axis=0))


def first_moments(d: Design, h: Hazard, before: Floats | None = None) -> tuple[Floats, Floats]:
    """``S1`` and ``D1`` of every group, ``(G, p)`` each; for residuals and predictions."""
    carry = np.zeros(d.p) if before is None else before.copy()
    s1 = np.empty((d.groups, d.p))
    for g0, g1 in group_blocks(d):
        r0, r1 = int(d.gptr[g0]), int(d.gptr[g1])
        s1[g0:g1] = risk_sums(d, h.w, d.x[r0:r1] * h.w[r0:r1, None], g0, g1, carry)
    return s1, death_sums(d, h.w, 0, d.groups)


def group_blocks(d: Design, rows: int = BLOCK_ROWS) -> list[tuple[int, int]]:
    """Cut the groups into runs of about `rows` rows."""
    if d.groups == 0:
        return []
    marks = np.arange(rows, int(d.gptr[-1]), rows)
    cuts = np.unique(np.searchsorted(d.gptr, marks))
    cuts = cuts[(cuts > 0) & (cuts < d.groups)]
    edges = [0, *cuts.tolist(), d.groups]
    return list(pairwise(edges))
