"""Sorted, grouped and centred data of a Cox model: made once, read by every evaluation.

Rows are ordered by stratum, then from the last time to the first, so a risk set is a running sum.
A *group* is a distinct event time of a stratum with the rows that join its risk set: those whose
time lies in ``[t_g, t_{g-1})``. Within a group the deaths stand last. Rows that are never at risk
at an event time (censored before the first event of their stratum, or entered and left between
two events) contribute nothing to the partial likelihood and are not stored.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.stats.times import snap_times

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Design:
    """What :func:`oncohort.stats._cox.terms.terms` reads.

    Attributes
    ----------
    x
        ``(m, p)`` covariates, row-major, sorted, minus `center`.
    rows
        ``(m,)`` position of each stored row in the input.
    gptr
        ``(G + 1,)`` first row of each group; the last entry is ``m``.
    deaths
        ``(G,)`` number of tied deaths (sum of multiplicities if `counted`).
    death_rows
        Stored rows that are events, in order; group ``g`` owns ``dptr[g]:dptr[g + 1]``.
    sptr
        ``(S + 1,)`` first group of each stratum that has events.
    weight, offset
        ``(m,)`` or none.
    leave
        ``(m,)`` group at which a row is no longer at risk (its entry), or none without entries.
    gone, gone_ptr
        Rows that leave, ordered by group, and where each group's begin.
    n
        Rows of the input.
    """

    x: Floats
    center: Floats
    rows: Ints
    gptr: Ints
    deaths: Ints
    death_rows: Ints
    dptr: Ints
    sptr: Ints
    times: Floats
    stratum: Ints
    """Code of the stratum of each group."""
    weight: Floats | None
    offset: Floats | None
    leave: Ints | None
    gone: Ints
    gone_ptr: Ints
    efron: bool
    n: int
    scale: Floats
    """``(p,)`` standard deviation of the stored rows about `center`; 0 where constant."""

    @property
    def p(self) -> int:
        """Number of covariates."""
        return int(self.x.shape[1])

    @property
    def unit(self) -> float:
        """Mean weight of an event; 1 without weights."""
        if self.weight is None or not len(self.death_rows):
            return 1.0
        return float(self.weight[self.death_rows].mean())

    @property
    def groups(self) -> int:
        """Number of distinct event times over all strata."""
        return len(self.gptr) - 1

    @property
    def group_of_row(self) -> Ints:
        """``(m,)`` group that a stored row joins."""
        return np.repeat(np.arange(self.groups), np.diff(self.gptr))


def _ordered(
    time: Floats, event: Bools, entry: Floats | None, strata: Ints | None, joined: bool
) -> tuple[Ints, Floats, Floats | None]:
    """The order by stratum, latest first; times and entries, equal where rounding alone differs."""
    if not joined:
        if entry is None:
            (time,) = snap_times(time)
        else:
            time, entry = snap_times(time, entry)
    keys = (event, -time) if strata is None else (event, -time, strata)
    return np.lexsort(keys), time, entry


def build(
    time: Floats,
    event: Bools,
    x: NDArray[np.generic],
    *,
    entry: Floats | None = None,
    strata: Ints | None = None,
    weight: Floats | None = None,
    offset: Floats | None = None,
    efron: bool = True,
    counted: bool = False,
    center: bool = True,
    joined: bool = False,
) -> Design:
    """Sort and group validated rows; see :class:`Design`.

    Parameters
    ----------
    time, event, x, entry, strata, weight, offset
        Finite, validated arrays of one length; `strata` as integer codes.
    joined
        Times that differ by rounding alone have been made equal before.
    """
    n = len(time)
    order, time, entry = _ordered(time, event, entry, strata, joined)
    t, e = time[order], event[order]
    s = np.zeros(n, dtype=np.int64) if strata is None else strata[order]
    group, ends = _groups(t, e, s)
    group_time, group_stratum = t[ends], s[ends]
    inside = _inside(group, group_stratum, s)
    leave: Ints | None = None
    if entry is not None and len(ends):
        leave = _leaving_group(entry[order], s, group_time, group_stratum)
        inside &= leave > group
    if not inside.all():
        order, e, group = order[inside], e[inside], group[inside]
        leave = None if leave is None else leave[inside]
    count = len(ends)
    gptr = np.searchsorted(group, np.arange(count + 1)).astype(np.int64)
    death_rows = np.flatnonzero(e)
    w = None if weight is None else np.ascontiguousarray(weight[order])
    multiplicity = None if not counted or w is None else w[death_rows].astype(np.int64)
    deaths = np.bincount(group[death_rows], weights=multiplicity, minlength=count).astype(np.int64)
    dptr = np.searchsorted(group[death_rows], np.arange(count + 1)).astype(np.int64)
    new = np.flatnonzero(np.diff(group_stratum)) + 1
    sptr = np.concatenate([[0], new, [count]]) if count else np.zeros(1)
    leave, gone, gone_ptr = _gone(leave, group, sptr, count)
    xs, middle = _rows(x, order, center=center and n > 0)
    return Design(
        x=xs,
        center=middle,
        rows=order,
        gptr=gptr,
        deaths=deaths,
        death_rows=death_rows,
        dptr=dptr,
        sptr=sptr.astype(np.int64),
        times=group_time,
        stratum=group_stratum,
        weight=w,
        offset=None if offset is None else np.ascontiguousarray(offset[order]),
        leave=leave,
        gone=gone,
        gone_ptr=gone_ptr,
        efron=efron,
        n=n,
        scale=spread(np.einsum("ij,ij->j", xs, xs), len(xs), middle),
    )


def _groups(t: Floats, e: Bools, s: Ints) -> tuple[Ints, Ints]:
    """Group of each sorted row, and the rows with which the groups end.

    A group ends with the last death at a time of a stratum.
    """
    last = e.copy()
    if len(t) > 1:
        last[:-1] &= ~(e[1:] & (t[1:] == t[:-1]) & (s[1:] == s[:-1]))
    group = np.zeros(len(t), dtype=np.int64)
    np.cumsum(last[:-1], out=group[1:])
    return group, np.flatnonzero(last)


def _inside(group: Ints, group_stratum: Ints, s: Ints) -> Bools:
    """Rows that are at risk at a death of their own stratum.

    Rows after the last death of their stratum would fall into the next stratum's first group.
    """
    inside = group < len(group_stratum)
    inside[inside] &= group_stratum[group[inside]] == s[inside]
    return inside


def _gone(
    leave: Ints | None, group: Ints, sptr: NDArray[np.generic], count: int
) -> tuple[Ints | None, Ints, Ints]:
    """Rows that leave before their stratum ends, in the order in which they leave."""
    nobody = np.zeros(0, dtype=np.int64), np.zeros(count + 1, dtype=np.int64)
    if leave is None:
        return None, *nobody
    stratum_end = np.repeat(sptr[1:], np.diff(sptr))[group].astype(np.int64)
    leaving = np.flatnonzero(leave < stratum_end)
    gone = leaving[np.argsort(leave[leaving], kind="stable")]
    if not len(gone):
        return None, *nobody
    return leave, gone, np.searchsorted(leave[gone], np.arange(count + 1)).astype(np.int64)


def _rows(x: NDArray[np.generic], order: Ints, *, center: bool) -> tuple[Floats, Floats]:
    """The rows in their order, less their mean, and the mean; in parts, to spare memory."""
    middle = x.mean(axis=0, dtype=np.float64) if center else np.zeros(x.shape[1])
    xs = empty_rows(len(order), x.shape[1])
    for a in range(0, len(order), 65536):
        part = slice(a, a + 65536)
        np.subtract(x[order[part]], middle, out=xs[part])
    return xs, middle


def empty_rows(m: int, p: int) -> Floats:
    """``(m, p)`` with a few zeros behind it, which the kernel's vector loads may touch."""
    memory = np.empty(m * p + 4)
    memory[m * p :] = 0.0
    return memory[: m * p].reshape(m, p)


def spread(squares: Floats, m: int, center: Floats) -> Floats:
    """Standard deviations from sums of squares; exactly 0 where only rounding is left."""
    scale = np.sqrt(squares / max(m, 1))
    scale[scale <= 1e-13 * np.abs(center)] = 0.0
    return np.asarray(scale)


def _leaving_group(entry: Floats, stratum: Ints, times: Floats, strata: Ints) -> Ints:
    """First group of the row's stratum whose time is at or before the row's entry."""
    values = np.unique(-times)
    width = len(values) + 1
    of_group = strata * width + np.searchsorted(values, -times)
    of_row = stratum * width + np.searchsorted(values, -entry, side="left")
    return np.searchsorted(of_group, of_row, side="left").astype(np.int64)
