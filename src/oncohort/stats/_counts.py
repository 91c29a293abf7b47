"""Numbers at risk, with the event and censored at each distinct time, without an argsort.

Values alone are sorted (all times, and event times), and counts come from positions in them:
several times faster than ordering rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncohort.stats.inputs import Bools, Floats, Ints, SurvivalData, join_ties


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


def _unweighted(time: Floats, event: Bools, events_first: bool) -> Counts:
    n = len(time)
    times, first = distinct_sorted(np.sort(time))
    events, starts = distinct_sorted(np.sort(time[event]))
    number = np.diff(starts, append=int(np.count_nonzero(event)))
    leader = join_ties(times)
    if leader is not None:
        events = leader[np.searchsorted(times, events)]
        keep = np.concatenate([[True], leader[1:] != leader[:-1]])
        times, first = leader[keep], first[keep]
    d = np.zeros(len(times))
    at = np.searchsorted(times, events)
    if leader is None:
        d[at] = number
    else:
        d = np.bincount(at, number, minlength=len(times)).astype(np.float64)
    at_risk = (n - first).astype(np.float64)
    total = np.empty(len(times))
    total[:-1] = at_risk[:-1] - at_risk[1:]
    total[-1] = at_risk[-1]
    censored = total - d
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
