"""One rule for equal times: those that differ by rounding alone are one time.

It is applied once, when times are read; 24.3 / 12 * 12 is not 24.3 in floating point. R compares
with the same tolerance (``survival``, `timefix`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

try:
    from oncohort.stats import _kernel
except ImportError:  # not built: no compiler at installation
    _kernel = None  # type: ignore[assignment]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TIE_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))
"""Times closer than this (absolutely, or relative to the mean distinct time) are one time."""

WHOLE_APART = 1e7
"""Whole numbers below this are further apart than the tolerance."""


def tolerance(distinct: Floats) -> float:
    """Gap up to which neighbours among these distinct times are one time."""
    return tolerance_of_mean(float(np.mean(np.abs(distinct))))


def tolerance_of_mean(mean: float) -> float:
    """The same of the mean distinct time, regardless of sign."""
    return TIE_TOLERANCE * max(1.0, mean)


def join_ties(distinct: Floats) -> Floats | None:
    """Leader of each distinct time where some differ by rounding alone, else none.

    24.3 / 12 * 12 is not 24.3 in floating point; R compares with the same tolerance (`timefix`).

    Parameters
    ----------
    distinct
        ``(k,)`` distinct times in increasing order.
    """
    if len(distinct) < 2:
        return None
    gap = np.diff(distinct)
    close = gap <= tolerance(distinct)
    if not close.any():
        return None
    leads = np.concatenate([[True], ~close])
    return np.asarray(distinct[leads][np.cumsum(leads) - 1])


def joined_ties(distinct: Floats, limit: float | None = None) -> tuple[Floats, Floats]:
    """Those of the distinct times that :func:`join_ties` changes, and the time each becomes.

    Parameters
    ----------
    limit
        Gap up to which neighbours are one time; by default :func:`tolerance` of these.

    Examples
    --------
    >>> moved, leader = joined_ties(np.array([1.0, 2.0, 2.0 + 1e-12, 2.0 + 2e-12, 5.0]))
    >>> leader.tolist(), len(moved)
    ([2.0, 2.0], 2)
    """
    if len(distinct) < 2:
        return distinct[:0], distinct[:0]
    limit = tolerance(distinct) if limit is None else limit
    away = np.flatnonzero(np.diff(distinct) <= limit) + 1
    first = np.flatnonzero(np.diff(away, prepend=-1) != 1)
    leader = np.repeat(distinct[away[first] - 1], np.diff(first, append=len(away)))
    return distinct[away], leader


def nearest_times(wanted: Iterable[float] | float, known: Floats) -> Floats:
    """Times asked for, moved to a known time where rounding alone parts them.

    Parameters
    ----------
    known
        ``(k,)`` distinct times in increasing order.

    Examples
    --------
    >>> float(nearest_times([24.3 / 12 * 12], np.array([10.0, 24.3]))[0])
    24.3
    """
    asked = np.atleast_1d(np.asarray(wanted, dtype=np.float64))
    if not len(known):
        return asked
    after = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    before = np.maximum(after - 1, 0)
    near = np.where(np.abs(known[before] - asked) < np.abs(known[after] - asked), before, after)
    return np.where(np.abs(known[near] - asked) <= tolerance(known), known[near], asked)


def snap_times(*arrays: Floats) -> tuple[Floats, ...]:
    """The same times with those that differ by rounding alone made equal: the smallest of them."""
    both = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
    joined, _ = ordered_times(both)
    if joined is both:
        return arrays
    if len(arrays) == 1:
        return (joined,)
    return tuple(np.split(joined, np.cumsum([len(a) for a in arrays[:-1]])))


def ordered_times(time: Floats) -> tuple[Floats, Ints | None]:
    """The times, joined where rounding alone parts them, and the order found on the way.

    Returns
    -------
    time, order
        `time` itself where nothing was joined. `order` sorts both; none where it was not needed
        (whole numbers are never so close).
    """
    if not len(time) or (np.abs(time).max() < WHOLE_APART and (time == np.floor(time)).all()):
        return time, None
    ascend = getattr(_kernel, "ascend", None)
    if ascend is None:
        order = np.argsort(time)
    else:
        order = np.empty(len(time), dtype=np.int64)
        if not ascend(np.ascontiguousarray(time), order):
            return time, order
    ordered = time[order]
    new = np.empty(len(ordered), dtype=np.bool_)
    new[0] = True
    gap = np.diff(ordered)
    np.greater(gap, 0.0, out=new[1:])
    limit = tolerance(ordered if new.all() else ordered[new])
    apart = np.empty(len(ordered), dtype=np.bool_)
    apart[0] = True
    np.greater(gap, limit, out=apart[1:])
    if np.count_nonzero(apart) == np.count_nonzero(new):
        return time, order
    first = np.flatnonzero(apart)
    leader = np.repeat(ordered[first], np.diff(first, append=len(ordered)))
    moved = np.flatnonzero(leader != ordered)
    joined = time.copy()
    joined[order[moved]] = leader[moved]
    return joined, order


def distinct_values(values: Floats) -> Floats:
    """Distinct values in increasing order."""
    ordered = np.sort(values)
    new = np.empty(len(ordered), dtype=np.bool_)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered if new.all() else ordered[new]
