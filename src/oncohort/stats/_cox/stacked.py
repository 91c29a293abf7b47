"""Many small Cox fits on reweighted rows as one array operation, in numpy.

Each replicate is the same design with a count per row; a count of 3 is three rows that died, or
were censored, together (so deaths replicated by a bootstrap are tied deaths, not one death of
weight 3). This is the reference for the kernel's ``bootstrap``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.stats._cox import design as _design
from oncohort.stats._cox import terms as _terms
from oncohort.stats._cox.design import Design, Floats, Ints
from oncohort.stats._cox.newton import DECREMENT, DIVERGING, MAX_ITERATIONS, inverse, newton
from oncohort.stats._cox.terms import running

FITTED, UNSETTLED, NO_EVENTS, ALIASED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Stack:
    """Results of B fits.

    Attributes
    ----------
    beta, se
        ``(B, p)``; NaN where there were no events, or a column was aliased.
    loglik
        ``(B, 2)`` at zero and at the estimate.
    status
        ``(B,)`` 0 fitted, 1 separated or not settled, 2 no events, 3 some column aliased.
    """

    beta: Floats
    se: Floats
    loglik: Floats
    status: NDArray[np.uint8]

    @classmethod
    def empty(cls, b: int, p: int) -> Stack:
        """Room for B results."""
        return cls(
            np.full((b, p), np.nan),
            np.full((b, p), np.nan),
            np.zeros((b, 2)),
            np.zeros(b, dtype=np.uint8),
        )


def _stacked_terms(
    d: Design, counts: Floats, deaths: Floats, beta: Floats
) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood ``(B,)``, score ``(B, p)``, information ``(B, p, p)``."""
    p, b = d.p, counts.shape[1]
    eta = d.x @ beta.T
    if d.offset is not None:
        eta = eta + d.offset[:, None]
    with np.errstate(all="ignore"):
        case = counts if d.weight is None else counts * d.weight[:, None]
        w = np.exp(eta) * case
        starts = d.sptr[:-1]
        s0 = running(_joined(d, w), starts)
        d0 = np.add.reduceat(w[d.death_rows], d.dptr[:-1], axis=0)
        total = np.add.reduceat(case[d.death_rows], d.dptr[:-1], axis=0)
        mean = np.where(deaths > 0, total / np.maximum(deaths, 1.0), 0.0)
        loglik = (case[d.death_rows] * eta[d.death_rows]).sum(axis=0)
        a1, b1, a2, b2, c2 = (np.zeros_like(s0) for _ in range(5))
        rounds = int(deaths.max(initial=0)) if d.efron else 1
        for turn in range(rounds):
            inside = deaths > turn
            f = turn / np.maximum(deaths, 1.0)
            phi = np.where(inside, s0 - f * d0, 1.0)
            share = np.where(inside, mean if d.efron else total, 0.0)
            inv = share / phi
            sq = inv / phi
            loglik -= (share * np.log(phi)).sum(axis=0)
            a1 += inv
            b1 += f * inv
            a2 += sq
            b2 += f * sq
            c2 += f * f * sq
        cumulative = running(a1, starts, backwards=True)
        row = np.repeat(cumulative, np.diff(d.gptr), axis=0)
        if d.leave is not None:
            row[d.gone] -= cumulative[d.leave[d.gone]]
        row[d.death_rows] -= np.repeat(b1, np.diff(d.dptr), axis=0)
        gram = w * row
        observed = np.zeros_like(w)
        observed[d.death_rows] = case[d.death_rows]
        score = (observed - gram).T @ d.x
        outer = (d.x[:, :, None] * d.x[:, None, :]).reshape(len(d.x), p * p)
        info = (gram.T @ outer).reshape(b, p, p)
        s1, d1 = [], []
        for i in range(p):
            xw = w * d.x[:, i : i + 1]
            s1.append(running(_joined(d, xw), starts))
            d1.append(np.add.reduceat(xw[d.death_rows], d.dptr[:-1], axis=0))
        for i in range(p):
            left, right = a2 * s1[i] - b2 * d1[i], b2 * s1[i] - c2 * d1[i]
            for j in range(i, p):
                info[:, i, j] -= (left * s1[j] - right * d1[j]).sum(axis=0)
                info[:, j, i] = info[:, i, j]
    return loglik, score, info


def _joined(d: Design, values: Floats) -> Floats:
    out = np.add.reduceat(values, d.gptr[:-1], axis=0)
    if d.leave is not None:
        np.subtract.at(out, d.leave[d.gone], values[d.gone])
    return np.asarray(out)


def fit_stack(d: Design, counts: Ints) -> Stack:
    """Fit B replicates; `counts` is ``(B, m)``, how often each stored row stands in each."""
    b, p = len(counts), d.p
    out = Stack.empty(b, p)
    c = counts.T.astype(np.float64)
    deaths = np.add.reduceat(c[d.death_rows], d.dptr[:-1], axis=0)
    out.status[:] = NO_EVENTS
    live = np.flatnonzero(deaths.sum(axis=0) > 0)
    beta = np.zeros((len(live), p))
    settled = np.zeros(len(live), dtype=np.bool_)
    odd = np.zeros(len(live), dtype=np.bool_)
    info_end = np.zeros((len(live), p, p))
    previous = np.full(len(live), -np.inf)
    for iteration in range(12):
        todo = np.flatnonzero(~(settled & (previous > -np.inf)) & ~odd)
        if not len(todo):
            break
        at = live[todo]
        loglik, score, info = _stacked_terms(d, c[:, at], deaths[:, at], beta[todo])
        if iteration == 0:
            out.loglik[at, 0] = loglik
            odd[todo] |= _nearly_singular(info)
        odd[todo] |= ~np.isfinite(loglik) | (
            loglik < previous[todo] - 1e-9 * (1.0 + np.abs(previous[todo]))
        )
        previous[todo] = loglik
        out.loglik[at, 1] = loglik
        info_end[todo] = info
        usable = todo[~odd[todo]]
        pick = ~odd[todo]
        step = _solve(info[pick], score[pick])
        decrement = np.abs(np.einsum("bi,bi->b", step, score[pick]))
        tiny = decrement < 1e-18 * deaths[:, live[usable]].sum(axis=0)
        moving = (np.abs(step) * d.scale > DIVERGING).any(axis=1)
        odd[usable] |= ~np.isfinite(decrement) | ((decrement < DECREMENT) & moving)
        beta[usable] += step
        settled[usable] |= tiny
    odd |= ~settled
    # Information that has vanished: a monotone likelihood, looked at alone.
    with np.errstate(all="ignore"):
        condition = np.linalg.cond(np.where(np.isfinite(info_end), info_end, 0.0))
    odd |= ~(condition < 1e10)
    good = ~odd
    out.beta[live[good]] = beta[good]
    out.se[live[good]] = np.sqrt(np.diagonal(np.linalg.inv(info_end[good]), axis1=1, axis2=2))
    out.status[live] = FITTED
    for i in live[odd]:
        _fit_alone(d, counts[i], out, int(i))
    return out


def _nearly_singular(info: Floats) -> NDArray[np.bool_]:
    diagonal = np.diagonal(info, axis1=1, axis2=2)
    empty = (diagonal <= 0).any(axis=1)
    root = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = info / (root[:, :, None] * root[:, None, :])
    return np.asarray(empty | (np.linalg.eigvalsh(scaled)[:, 0] < 1e-9))


def _solve(info: Floats, score: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(info, score[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        return np.full_like(score, np.nan)


def _fit_alone(d: Design, counts: Ints, out: Stack, i: int) -> None:
    """A replicate that needs care: separation, aliased columns, halved steps."""
    rows = np.flatnonzero(counts)
    group = d.group_of_row[rows]
    died = np.zeros(len(d.x), dtype=np.bool_)
    died[d.death_rows] = True
    weight = counts[rows].astype(np.float64)
    if d.weight is not None:
        weight = weight * d.weight[rows]
    # Group numbers stand in for times: later groups are earlier times.
    own = _design.build(
        -group.astype(np.float64),
        died[rows],
        d.x[rows],
        entry=None if d.leave is None else -d.leave[rows].astype(np.float64),
        strata=d.stratum[group],
        weight=weight,
        offset=None if d.offset is None else d.offset[rows],
        efron=d.efron,
    )
    multiplicity = np.searchsorted(rows, rows[own.rows])
    deaths = np.add.reduceat(counts[rows][multiplicity][own.death_rows], own.dptr[:-1])
    own = replace(own, deaths=deaths.astype(np.int64), scale=d.scale)
    with np.errstate(all="ignore"):
        fit = newton(lambda b: _terms.terms(own, b), d.p, d.scale, max_iterations=MAX_ITERATIONS)
        out.se[i] = np.sqrt(np.diagonal(inverse(fit.end.info, ~fit.aliased)))
    out.beta[i] = np.where(fit.aliased, np.nan, fit.beta)
    out.loglik[i] = fit.null.loglik, fit.end.loglik
    out.status[i] = UNSETTLED if not fit.converged else ALIASED if fit.aliased.any() else FITTED
