"""Numbers at risk, with the event and censored at each distinct time, without an argsort.

Whole numbers (days, months) are counted, not sorted. Other times are sorted by value alone, with
the row's code (event or not, group) in bits of the number that do not matter: several times faster
than ordering rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.stats.engine import kernel
from oncohort.stats.inputs import Array, Bools, Floats, Ints, Label, SurvivalData
from oncohort.stats.times import join_ties

MOST_CODES = 64
"""Codes that :func:`tally` takes."""


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
) -> Iterator[tuple[Label, SurvivalData, Counts]]:
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


def tally(time: Floats, code: Array, levels: int) -> tuple[Floats, Floats, Floats]:
    """Distinct times, rows at risk ``(k,)``, and rows of each code at each time ``(levels, k)``.

    Parameters
    ----------
    time
        ``(n,)`` finite and not negative. Times that differ by rounding alone are joined.
    code
        ``(n,)`` from 0 to ``levels - 1``; at most 64 levels.

    With more than two levels times lose their last bits (far below the rounding that is joined).
    """
    if _countable(time):
        times, counts = _counted(time, code, levels)
        return times, _at_risk(counts), counts
    key, bits = _sorted_keys(time, code, levels)
    compiled = kernel()
    if compiled is not None:
        k, limit = compiled.tally(key, bits, 0.0, None, None, None)
        times, at_risk, counts = np.empty(k), np.empty(k), np.empty((levels, k))
        compiled.tally(key, bits, limit, times, at_risk, counts)
        return times, at_risk, counts
    ordered = ((key >> np.uint64(bits)) << np.uint64(bits - 1)).view(np.float64)
    codes = (key & np.uint64((1 << bits) - 1)).astype(np.uint8)
    times, first = distinct_sorted(ordered)
    leader = join_ties(times)
    if leader is not None:
        keep = np.concatenate([[True], leader[1:] != leader[:-1]])
        times, first = leader[keep], first[keep]
    counts = np.empty((levels, len(times)))
    counts[0] = np.diff(first, append=len(time))
    for level in range(1, levels):
        np.add.reduceat(codes == level, first, dtype=np.float64, out=counts[level])
        counts[0] -= counts[level]
    return times, _at_risk(counts), counts


def _at_risk(counts: Floats) -> Floats:
    return np.asarray(np.cumsum(counts.sum(axis=0)[::-1])[::-1])


def _countable(time: Floats) -> bool:
    """Whether times are whole numbers and not too large to be counted instead of sorted."""
    if float(time.max()) > 4.0 * len(time) + 65536.0:
        return False
    return bool(time[0] == np.floor(time[0])) and np.array_equal(time, np.floor(time))


def _counted(time: Floats, code: Array, levels: int) -> tuple[Floats, Floats]:
    """Times and counts of :func:`tally` by counting."""
    whole = time.astype(np.int64)
    width = int(time.max()) + 1
    table = np.bincount(whole * levels + code, minlength=width * levels)
    table = table.reshape(width, levels).T
    used = np.flatnonzero(table.any(axis=0))
    return used.astype(np.float64), table[:, used].astype(np.float64)


def _sorted_keys(time: Floats, code: Array, levels: int) -> tuple[NDArray[np.uint64], int]:
    """Times in order with each row's code in the last bits, and how many bits.

    A time is not negative, so its sign bit is free: codes go below the last bit kept.
    """
    bits = max(int(levels - 1).bit_length(), 1)
    key = np.array(time, dtype=np.float64).view(np.uint64)
    if bits > 1:
        key >>= np.uint64(bits - 1)
    key <<= np.uint64(bits)
    key |= code.astype(np.uint64) if code.dtype != np.bool_ else code
    key.sort()
    return key, bits


def risk_table(
    time: Floats, event: Bools, group: Ints, groups: int
) -> tuple[Floats, Floats, Floats]:
    """Times with an event ``(k,)``, numbers at risk and events by group ``(groups, k)`` each.

    Parameters
    ----------
    time
        As for :func:`tally`.
    group
        ``(n,)`` codes; twice as many levels as groups must be at most :data:`MOST_CODES`.
    """
    times, _, counts = tally(time, 2 * group + event, 2 * groups)
    censored, events = counts[0::2], counts[1::2]
    total = censored + events
    at_risk = np.cumsum(total[:, ::-1], axis=1)[:, ::-1]
    used = events.any(axis=0)
    return times[used], at_risk[:, used], events[:, used]


def logrank_sums(
    time: Floats, event: Bools, group: Ints, groups: int
) -> tuple[Floats, Floats, Floats] | None:
    """Observed, expected and covariance of the plain log-rank test by the compiled kernel.

    None where it was not built, or where the times are counted faster than they are sorted.
    """
    compiled = kernel()
    if compiled is None or _countable(time):
        return None
    key, bits = _sorted_keys(time, 2 * group + event, 2 * groups)
    observed, expected = np.empty(groups), np.empty(groups)
    covariance = np.empty((groups, groups))
    compiled.logrank(key, bits, observed, expected, covariance)
    return observed, expected, covariance


def _unweighted(time: Floats, event: Bools, events_first: bool) -> Counts:
    times, at_risk, (censored, d) = tally(time, event, 2)
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
