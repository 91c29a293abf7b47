"""Numbers at risk, with the event and censored at each distinct time, without an argsort.

Whole numbers (days, months) are counted, not sorted. Other times are sorted by value alone, with
the row's code (event or not, group) in bits of the number that do not matter: several times faster
than ordering rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncohort.stats.inputs import Bools, Floats, Ints, SurvivalData
from oncohort.stats.times import join_ties


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts (or sums of weights) at each distinct exit time, each ``(k,)``."""

    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    entry_times: Floats | None = None
    entered: Floats | None = None


def count(data: SurvivalData, *, events_first: bool = True) -> Counts:
    """Counts of all rows."""
    if data.weight is None and data.entry is None:
        return _unweighted(data.time, data.event, events_first)
    return _weighted(data.time, data.event, data.entry, data.weight, events_first)


def counts_by_group(
    data: SurvivalData, *, events_first: bool = True
) -> Iterator[tuple[Any, SurvivalData, Counts]]:
    """Level, rows and counts of each group, in the order of the levels."""
    if data.group is None:
        yield None, data, count(data, events_first=events_first)
        return
    for code, rows in enumerate(rows_by_code(data.group.codes, len(data.group.levels))):
        part = SurvivalData(
            data.time[rows],
            data.event[rows],
            None if data.entry is None else data.entry[rows],
            None if data.weight is None else data.weight[rows],
        )
        yield data.group.levels[code], part, count(part, events_first=events_first)


def rows_by_code(codes: Ints, levels: int) -> Iterator[Ints | Bools]:
    """Rows of each code: masks for a few groups, one ordering for many."""
    if levels <= 8:
        for code in range(levels):
            yield codes == code
        return
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(levels + 1))
    for code in range(levels):
        yield order[ends[code] : ends[code + 1]]


def distinct_sorted(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values of a sorted array, and where each begins."""
    new = np.empty(len(values), dtype=np.bool_)
    new[:1] = True
    np.not_equal(values[1:], values[:-1], out=new[1:])
    first = np.flatnonzero(new)
    return values[first], first


def tally(time: Floats, code: NDArray[Any], levels: int) -> tuple[Floats, Floats]:
    """Distinct times, ``(k,)``, and how many rows of each code are at each, ``(levels, k)``.

    Parameters
    ----------
    time
        ``(n,)`` finite and not negative. Times that differ by rounding alone are joined.
    code
        ``(n,)`` from 0 to ``levels - 1``; at most 64 levels.

    With more than two levels times lose their last bits (far below the rounding that is joined).
    """
    n, top = len(time), float(time.max())
    if top <= 4.0 * n + 65536.0:
        whole = time.astype(np.int64)
        if np.array_equal(whole, time):
            width = int(top) + 1
            table = np.bincount(whole * levels + code, minlength=width * levels)
            table = table.reshape(width, levels).T
            used = np.flatnonzero(table.any(axis=0))
            return used.astype(np.float64), table[:, used].astype(np.float64)
    # A time is not negative, so its sign bit is free: codes go below the last bit kept.
    bits = max(int(levels - 1).bit_length(), 1)
    raw = np.ascontiguousarray(time).view(np.uint64)
    key = ((raw >> np.uint64(bits - 1)) << np.uint64(bits)) | code.astype(np.uint64)
    key.sort()
    ordered = ((key >> np.uint64(bits)) << np.uint64(bits - 1)).view(np.float64)
    codes = (key & np.uint64((1 << bits) - 1)).astype(np.uint8)
    times, first = distinct_sorted(ordered)
    leader = join_ties(times)
    if leader is not None:
        keep = np.concatenate([[True], leader[1:] != leader[:-1]])
        times, first = leader[keep], first[keep]
    counts = np.empty((levels, len(times)))
    counts[0] = np.diff(first, append=n)
    for level in range(1, levels):
        np.add.reduceat(codes == level, first, dtype=np.float64, out=counts[level])
        counts[0] -= counts[level]
    return times, counts


def _unweighted(time: Floats, event: Bools, events_first: bool) -> Counts:
    times, (censored, d) = tally(time, event, 2)
    total = censored + d
    at_risk = np.cumsum(total[::-1])[::-1]
    if not events_first:
        at_risk = at_risk - censored
    return Counts(times, at_risk, d, censored)


def _weighted(
    time: Floats, event: Bools, entry: Floats | None, weight: Floats | None, events_first: bool
) -> Counts:
    order = np.argsort(time, kind="stable")
    t = time[order]
    times, first = distinct_sorted(t)
    if entry is None:
        leader = join_ties(times)
        if leader is not None:
            keep = np.concatenate([[True], leader[1:] != leader[:-1]])
            times, first = leader[keep], first[keep]
    w = np.ones(len(t)) if weight is None else weight[order]
    total = np.add.reduceat(w, first)
    d = np.add.reduceat(np.where(event[order], w, 0.0), first)
    censored = total - d
    censored[censored < 1e-12 * total] = 0.0
    at_risk = np.cumsum(total[::-1])[::-1]
    entry_times = entered = None
    if entry is not None:
        by_entry = np.argsort(entry, kind="stable")
        entry_times, begins = distinct_sorted(entry[by_entry])
        came = np.ones(len(t)) if weight is None else weight[by_entry]
        entered = np.cumsum(np.add.reduceat(came, begins))
        in_by = np.searchsorted(entry_times, times, side="left")
        waiting = entered[-1] - np.concatenate([[0.0], entered])[in_by]
        at_risk = at_risk - waiting
        # Sums of weights that should cancel leave rounding behind.
        close = np.abs(at_risk - d) < 1e-12 * entered[-1]
        at_risk = np.where(close, d, at_risk)
    if not events_first:
        at_risk = at_risk - censored
    return Counts(times, at_risk, d, censored, entry_times, entered)
