"""Which engine runs the Cox model: the compiled kernel, or the numpy reference.

The compiled kernel (``_kernel.c``) is optional; without it everything works in numpy with the
same answers to rounding. ``ONCOHORT_KERNEL=numpy`` or ``=c`` chooses; otherwise the kernel is
used where it was built. It works on one thread; ``ONCOHORT_THREADS`` gives it more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from oncohort.stats._cox import design as _design
from oncohort.stats._cox import newton as _newton
from oncohort.stats._cox import stacked as _stacked
from oncohort.stats._cox import terms as _terms
from oncohort.stats._cox.design import Bools, Design, Floats, Ints
from oncohort.stats._cox.newton import DECREMENT, MAX_ITERATIONS, Fit
from oncohort.stats._cox.stacked import Stack
from oncohort.stats._cox.terms import Terms
from oncohort.stats.errors import InputError
from oncohort.stats.times import ordered_times, snap_times

try:
    from oncohort.stats import _kernel as _compiled
except ImportError:  # not built: no compiler at installation
    _compiled = None  # type: ignore[assignment]

KERNEL_VERSION = 3
"""Version of the kernel's functions that is called here; one left by an older build is not used."""
if _compiled is not None and getattr(_compiled, "version", lambda: 1)() != KERNEL_VERSION:
    _compiled = None  # type: ignore[assignment]

_OF_COLUMNS = hasattr(_compiled, "place")
"""Whether the kernel works on columns and gives a hazard alone: one built earlier does not."""

THREADED_CELLS = 200_000
"""Cells of X (rows times columns) from which more than one thread pays."""


def kernel() -> ModuleType | None:
    """The compiled module if it is to be used."""
    wish = os.environ.get("ONCOHORT_KERNEL", "")
    if wish not in ("", "numpy", "c"):
        raise InputError(f"ONCOHORT_KERNEL must be numpy or c, not {wish!r}")
    if wish == "numpy":
        return None
    if wish == "c" and _compiled is None:
        raise InputError("ONCOHORT_KERNEL=c, but the compiled kernel was not built here")
    return _compiled


def active() -> str:
    """Engine in use: "numpy" or "c".

    >>> active() in ("numpy", "c")
    True
    """
    return "numpy" if kernel() is None else "c"


def describe() -> str:
    """Engine with instruction set and threads, for the record of a run."""
    found = kernel()
    if found is None:
        return f"numpy {np.__version__}"
    n = threads()
    return f"c ({found.instructions()}, {'one thread' if n == 1 else f'up to {n} threads'})"


def threads(cells: int | None = None) -> int:
    """Threads for so many cells of X: one, unless ``ONCOHORT_THREADS`` says otherwise.

    Where the cores are shared, a second thread makes a short evaluation wait for both.
    """
    if cells is not None and cells < THREADED_CELLS:
        return 1
    wish = os.environ.get("ONCOHORT_THREADS", "")
    if wish:
        if not wish.isdigit() or int(wish) < 1:
            raise InputError(f"ONCOHORT_THREADS must be a whole number from 1, not {wish!r}")
        return min(int(wish), 16)
    return 1


def one_blas_thread(cells: int) -> AbstractContextManager[object]:
    """Keep BLAS on one thread for large fits: on blocks this narrow more threads only wait."""
    if cells < THREADED_CELLS:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits


def packed(d: Design) -> tuple[object, ...]:
    """A design as the kernel takes it."""
    entries = d.leave is not None
    return (
        d.x,
        d.gptr,
        d.dptr,
        d.deaths,
        d.sptr,
        d.weight,
        d.offset,
        d.leave,
        d.gone if entries else None,
        d.gone_ptr if entries else None,
        d.efron,
        threads(d.x.size),
    )


def terms(d: Design, beta: Floats) -> Terms:
    """Log-likelihood, score and information by the engine in use."""
    found = kernel()
    if found is None or d.groups == 0 or d.p == 0:
        return _terms.terms(d, beta)
    return _evaluated(found, d, beta, None)[0]


def terms_after(d: Design, beta: Floats, before: Floats | None) -> tuple[Terms, float]:
    """Terms of rows that others come before; see :func:`oncohort.stats._cox.terms.terms_after`."""
    found = kernel()
    if found is None or d.groups == 0 or d.p == 0:
        return _terms.terms_after(d, beta, before)
    return _evaluated(found, d, beta, before)


def hazard_increments(d: Design, beta: Floats, before: Floats | None = None) -> Floats:
    """Baseline hazard increment at each event time (group) of a design, ``(G,)``.

    `before` as for :func:`terms_after`.
    """
    found = kernel()
    if found is None or d.groups == 0 or d.p == 0:
        if d.groups == 0:
            return np.zeros(0)
        return _terms.hazard(d, beta, 0.0 if before is None else float(before[0])).a1
    cumulative = np.empty(d.groups)
    at = np.ascontiguousarray(beta, dtype=np.float64)
    sums = (None, None) if _OF_COLUMNS else (np.empty(d.p), np.empty((d.p, d.p)))
    found.evaluate(packed(d), at, *sums, before, cumulative)
    out = cumulative.copy()
    out[:-1] -= cumulative[1:]
    out[d.sptr[1:] - 1] = cumulative[d.sptr[1:] - 1]
    return out


def _evaluated(
    k: ModuleType, d: Design, beta: Floats, before: Floats | None
) -> tuple[Terms, float]:
    score, info = np.empty(d.p), np.empty((d.p, d.p))
    at = np.ascontiguousarray(beta, dtype=np.float64)
    loglik, hazard = k.evaluate(packed(d), at, score, info, before, None)
    return Terms(loglik, score, info), hazard


def weighted_sums(x: Floats, beta: Floats, weight: Floats | None, *, second: bool) -> Floats:
    """Sums of ``w``, ``w x`` and ``w x x'``: :func:`oncohort.stats._cox.terms.weighted_sums`.

    `x` is made by :func:`oncohort.stats._cox.design.empty_rows`, or rows of such an array.
    """
    found = kernel()
    p = x.shape[1]
    if found is None or p == 0 or not len(x):
        return _terms.weighted_sums(x, beta, weight, second=second)
    out = np.empty(1 + p + p * p if second else 1 + p)
    found.sums(x, np.ascontiguousarray(beta, dtype=np.float64), weight, out)
    return out


def column_moments(columns: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Mean of each column and its sum of squares about it, ``(p,)``; not finite where one is not.

    >>> [part.tolist() for part in column_moments([np.array([1.0, 3.0]), np.array([2.0, 2.0])])]
    [[2.0, 2.0], [2.0, 0.0]]
    """
    p = len(columns)
    mean, squares = np.zeros(p), np.zeros(p)
    found = kernel()
    if found is not None and _OF_COLUMNS:
        found.moments(tuple(columns), mean, squares)
        return mean, squares
    with np.errstate(all="ignore"):
        for j, column in enumerate(columns):
            mean[j] = column.mean() if len(column) else 0.0
            squares[j] = np.square(column - mean[j]).sum()
    return mean, squares


def place_rows(
    columns: Sequence[Floats], rows: NDArray[np.int32], places: Ints, center: Floats, out: Floats
) -> None:
    """Rows of columns, less their centre, to their places in ``out``; none where that is negative.

    >>> out = np.zeros((2, 1))
    >>> place_rows([np.array([5.0, 6.0])], np.array([1], np.int32), np.array([0]), np.ones(1), out)
    >>> out.tolist()
    [[5.0], [0.0]]
    """
    found = kernel()
    if found is not None and _OF_COLUMNS and columns:
        found.place(tuple(columns), rows, places, center, out)
        return
    kept = places >= 0
    wanted, at = rows[kept], places[kept]
    height = min((len(column) for column in columns), default=0)
    if len(at) and columns and (wanted.min() < 0 or wanted.max() >= height or at.max() >= len(out)):
        raise ValueError("a row or its place is not there")
    for j, column in enumerate(columns):
        out[at, j] = column[wanted] - center[j]


def fit(d: Design) -> Fit:
    """Maximum of the partial likelihood by the engine in use."""
    found = kernel()
    p = d.p
    if found is None or d.groups == 0 or p == 0:
        with one_blas_thread(d.x.size):
            return _newton.newton(lambda beta: _terms.terms(d, beta), p, d.scale, unit=d.unit)
    beta, score0, score = np.empty(p), np.empty(p), np.empty(p)
    info0, info, covariance = np.empty((p, p)), np.empty((p, p)), np.empty((p, p))
    aliased, diverging = np.empty(p, dtype=np.bool_), np.empty(p, dtype=np.bool_)
    loglik0, loglik, iterations, converged = found.newton(
        packed(d),
        d.scale,
        MAX_ITERATIONS,
        DECREMENT * d.unit,
        beta,
        score0,
        info0,
        score,
        info,
        aliased,
        diverging,
        covariance,
    )
    null, end = Terms(loglik0, score0, info0), Terms(loglik, score, info)
    return Fit(beta, null, end, aliased, diverging, iterations, converged, covariance)


def fit_stack(d: Design, counts: NDArray[np.int32]) -> Stack:
    """Fit B replicates of a design, each with its own count per stored row ``(B, m)``."""
    found = kernel()
    if found is None:
        return _stacked.fit_stack(d, counts.astype(np.int64))
    out = Stack.empty(len(counts), d.p)
    design = (*packed(d)[:-1], threads(counts.size * d.p))
    found.bootstrap(
        design,
        np.ascontiguousarray(counts, dtype=np.int32),
        d.scale,
        MAX_ITERATIONS,
        DECREMENT * d.unit,
        out.beta,
        out.se,
        out.loglik,
        out.status,
    )
    return out


def build(
    time: Floats,
    event: Bools,
    x: NDArray[np.float64],
    *,
    entry: Floats | None = None,
    strata: Ints | None = None,
    weight: Floats | None = None,
    offset: Floats | None = None,
    efron: bool = True,
    counted: bool = False,
    center: bool = True,
    joined: bool = False,
    order: Ints | None = None,
) -> Design:
    """Sort and group rows by the engine in use; see :func:`oncohort.stats._cox.design.build`.

    `order` sorts the rows by time, if they were sorted before.
    """
    found = kernel()
    if found is not None and len(time) and x.shape[1]:
        sorted_rows = _sorted(found, time, event, entry, strata, joined, order)
        made = _build(found, *sorted_rows, event, x, strata, weight, offset, efron, counted, center)
        if made is not None:
            return made
    return _design.build(
        time,
        event,
        x,
        entry=entry,
        strata=strata,
        weight=weight,
        offset=offset,
        efron=efron,
        counted=counted,
        center=center,
        joined=joined,
    )


def _sorted(
    k: ModuleType,
    time: Floats,
    event: Bools,
    entry: Floats | None,
    strata: Ints | None,
    joined: bool,
    ascending: Ints | None,
) -> tuple[Ints, Floats, Floats | None]:
    """Rows by stratum, from the last time to the first, events last; times and entries joined."""
    if not joined and entry is not None:
        time, entry = snap_times(time, entry)
    elif not joined:
        time, ascending = ordered_times(time)
    time, event = np.ascontiguousarray(time), np.ascontiguousarray(event)
    order = np.empty(len(time), dtype=np.int64)
    if ascending is not None and strata is None:
        k.arrange(ascending, time, event, order)
    else:
        k.order(time, event, strata, None, order)
    return order, time, entry


def _grouped(
    k: ModuleType, order: Ints, time: Floats, event: Bools, strata: Ints | None
) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Floats, Ints] | None:
    """Rows at risk, and for each event time where its rows and deaths begin; none without events.

    Rows, starts of groups, deaths, starts of deaths, their rows, starts of strata, times, strata.
    """
    m, groups, levels, dead = k.groups(order, time, event, strata, None)
    if not groups:
        return None
    rows, death_rows = np.empty(m, dtype=np.int64), np.empty(dead, dtype=np.int64)
    gptr, dptr = np.empty(groups + 1, dtype=np.int64), np.empty(groups + 1, dtype=np.int64)
    deaths, stratum = np.empty(groups, dtype=np.int64), np.empty(groups, dtype=np.int64)
    sptr, times = np.empty(levels + 1, dtype=np.int64), np.empty(groups)
    out = (rows, gptr, deaths, dptr, death_rows, sptr, times, stratum)
    k.groups(order, time, event, strata, out)
    return out


def _build(
    k: ModuleType,
    order: Ints,
    time: Floats,
    entry: Floats | None,
    event: Bools,
    x: NDArray[np.float64],
    strata: Ints | None,
    weight: Floats | None,
    offset: Floats | None,
    efron: bool,
    counted: bool,
    center: bool,
) -> Design | None:
    """The same in the kernel, of ordered rows; none without events."""
    n, p = x.shape
    found = _grouped(k, order, time, np.ascontiguousarray(event), strata)
    if found is None:
        return None
    rows, gptr, deaths, dptr, death_rows, sptr, times, stratum = found
    del order, found
    leave: Ints | None = None
    gone, gone_ptr = _NONE_GONE, _NONE_GONE
    if entry is not None:
        rows, gptr, death_rows, leave, gone, gone_ptr = _entered(
            k, entry, strata, rows, gptr, death_rows, sptr, times
        )
    m = len(rows)
    w = None if weight is None else weight[rows]
    if counted and w is not None:
        deaths = np.add.reduceat(w[death_rows], dptr[:-1]).astype(np.int64)
    xs = _design.empty_rows(m, p)
    middle, squares = np.zeros(p), np.empty(p)
    k.gather(x, rows, middle, xs, squares, center, threads(m * p))
    return Design(
        x=xs,
        center=middle,
        rows=rows,
        gptr=gptr,
        deaths=deaths,
        death_rows=death_rows,
        dptr=dptr,
        sptr=sptr,
        times=times,
        stratum=stratum,
        weight=w,
        offset=None if offset is None else offset[rows],
        leave=leave,
        gone=gone,
        gone_ptr=gone_ptr,
        efron=efron,
        n=n,
        scale=_design.spread(squares, m, middle),
    )


def _entered(
    k: ModuleType,
    entry: Floats,
    strata: Ints | None,
    rows: Ints,
    gptr: Ints,
    death_rows: Ints,
    sptr: Ints,
    times: Floats,
) -> tuple[Ints, Ints, Ints, Ints | None, Ints, Ints]:
    """Rows, groups and deaths of those ever at risk, and where rows leave by their entry."""
    groups = len(times)
    while True:
        m = len(rows)
        sorted_rows = np.empty(m, dtype=np.int64)
        k.order(entry, None, strata, rows, sorted_rows)
        leave, gone = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
        gone_ptr = np.empty(groups + 1, dtype=np.int64)
        count = k.leave(rows, sorted_rows, entry, gptr, sptr, times, leave, gone, gone_ptr)
        at_risk = leave > np.repeat(np.arange(groups), np.diff(gptr))
        if at_risk.all():
            return rows, gptr, death_rows, leave if count else None, gone[:count].copy(), gone_ptr
        # Rows that came and went between two events are never at risk.
        before = np.concatenate([[0], np.cumsum(at_risk)])
        rows, gptr, death_rows = rows[at_risk], before[gptr], before[death_rows]


_NONE_GONE: Ints = np.zeros(0, dtype=np.int64)
