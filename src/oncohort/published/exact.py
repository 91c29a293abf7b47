"""Every p that a Cox model can print for a hazard ratio, group sizes and a number of events.

For one two-level covariate and no tied times, a cohort is an order of events and censorings.
With ``a`` patients at risk in the first group and ``b`` in the second, an event has the weight
``q = a h / (a h + b)`` of the first group; the hazard ratio ``h`` is the estimate when the sum
of ``x - q`` over the events is zero, and the information is the sum of ``q (1 - q)``. The least
and greatest information over all orders give the greatest and least p. They are found by going
through all (a, b, censored so far, score so far), with the score in small bins.

Bins and the rounding of the hazard ratio are allowed for outwards, so a p outside the range is
proven impossible without ties; a p inside need not be reached.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.published.rounding import HALF_EVEN, HALF_UP, interval, probability

BIN = 1 / 320
"""Width of a bin of the score."""
ROUGH = 1 / 40
"""A wider bin for a first look."""
CELL = 0.1
"""Half a cell of the log hazard ratio, in units of the score."""
LARGEST = 100
"""Patients up to which the programme is run."""

Floats = NDArray[np.float32]
_NONE = np.float32(-np.inf)


@dataclass(frozen=True, slots=True)
class Reach:
    """Range of the two-sided Wald p with this number of events; none if ``low > high``."""

    events: int
    low: float
    high: float


def admissible_events(
    estimate: str, p: str, first: int, second: int, *, width: float = BIN
) -> tuple[int, ...] | None:
    """Numbers of events with which a printed hazard ratio and Wald p go together.

    Parameters
    ----------
    estimate, p
        As printed; taken as rounded (not as cut off).
    first, second
        Sizes of the two groups, in the order of the contrast.
    width
        Width of a bin; wider ones are faster and never leave out a number that fits.

    Returns
    -------
    tuple of int or None
        Empty if none fits; None where the figures or the sizes allow no answer.

    Examples
    --------
    >>> admissible_events("1.8", "0.12", 6, 36)
    ()
    """
    allowed, wanted = interval(estimate, (HALF_UP, HALF_EVEN)), _rounded_p(p)
    n = first + second
    if allowed is None or wanted is None or allowed.low <= 0:
        return None
    if min(first, second) < 1 or n > LARGEST:
        return None
    low, high = math.log(allowed.low), math.log(allowed.high)
    least = _least(low, high, wanted[1])
    if least > n:
        return ()
    found: set[int] = set()
    for a, b in cells(low, high, first, second):
        for reach in _reaches(a, b, first, second, least, width):
            if reach.low <= wanted[1] and wanted[0] <= reach.high:
                found.add(reach.events)
    return tuple(sorted(found))


def _rounded_p(text: str) -> tuple[float, float] | None:
    allowed = probability(text)
    if allowed is None:
        return None
    plain = interval(text, (HALF_UP, HALF_EVEN))
    if plain is None:
        return float(allowed.low), float(allowed.high)
    return max(float(plain.low), 0.0), min(float(plain.high), 1.0)


def _z(p: float) -> float:
    from scipy.special import ndtri

    return float(-ndtri(p / 2)) if p < 1 else 0.0


def cells(low: float, high: float, first: int, second: int) -> list[tuple[float, float]]:
    """The log hazard ratio's interval in cells over which the score moves little."""
    most = first * second / (first + second)
    count = max(1, math.ceil((high - low) / 2 * most / CELL))
    edges = np.linspace(low, high, count + 1)
    return [(float(a), float(b)) for a, b in pairwise(edges)]


def _reaches(
    low: float, high: float, first: int, second: int, least: int, width: float
) -> list[Reach]:
    """Ranges of p with the log hazard ratio in one cell, for ``least`` events and more."""
    middle, half = (low + high) / 2, (high - low) / 2
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    farthest = max(abs(low), abs(high))
    n = first + second
    offset, table = programme(middle, first, second, n - least, half, width)
    out: list[Reach] = []
    # Within the cell the information changes by this factor at most: |dI / d log h| <= I.
    change = math.exp(half)
    scores = (np.arange(table.shape[2]) + offset) * width
    for censored in range(table.shape[1]):
        events = n - censored
        slack = events * width / 2
        most = table[0, censored].astype(np.float64) * change
        fewest = -table[1, censored].astype(np.float64) / change
        # The score at the middle of the cell is off zero by the information times the distance.
        needed = (np.abs(scores) - slack) / half / change**2 if half > 0 else scores * 0
        usable = np.isfinite(most) & (np.abs(scores) <= most * half * change + slack)
        if not usable.any():
            continue
        top = float(most[usable].max())
        bottom = float(np.maximum(fewest, needed)[usable].min())
        out.append(Reach(events, _p(farthest * math.sqrt(top)), _p(nearest * math.sqrt(bottom))))
    return out


def _p(z: float) -> float:
    return math.erfc(z / math.sqrt(2))


def programme(
    log_ratio: float,
    first: int,
    second: int,
    censored: int,
    half: float = 0.0,
    width: float = BIN,
) -> tuple[int, Floats]:
    """Greatest information, and greatest negative information, by censored patients and score.

    Parameters
    ----------
    log_ratio
        Log hazard ratio of the first group against the second.
    first, second
        Sizes of the groups.
    censored
        Most patients that may be censored.
    half
        Half the width of the cell that ``log_ratio`` stands for.
    width
        Width of a bin of the score; one over a whole number.

    Returns
    -------
    (int, array of shape (2, censored + 1, bins))
        Number of the first bin of the score (bin 0 is a score of zero), and the table at the
        end; minus infinity where no order leads.
    """
    h = math.exp(log_ratio)
    n = first + second
    per = round(1 / width)
    near = n * width / 2 + first * second / n * half * math.exp(2 * half)
    room = math.ceil(near / width) + 1
    lows, highs = _windows(h, first, second, per, room)
    above: list[tuple[int, Floats] | None] = [None] * (second + 1)
    for a in range(first, -1, -1):
        row: list[tuple[int, Floats] | None] = [None] * (second + 1)
        for b in range(second, -1, -1):
            low, high = int(lows[a, b]), int(highs[a, b])
            gone = n - a - b
            most = min(censored, gone)
            table = np.full((2, most + 1, high - low + 1), _NONE, np.float32)
            if gone == 0:
                table[:, 0, -low] = 0.0
            for source, x, (i, j) in (
                (above[b], 1, (a + 1, b)),
                (row[b + 1] if b < second else None, 0, (a, b + 1)),
            ):
                if source is None:
                    continue
                q = i * h / (i * h + j)
                shift = (per if x else 0) - round(q * per)
                _pull(table, low, source, shift, q * (1 - q), 0)
                _pull(table, low, source, 0, 0.0, 1)
            row[b] = (low, table)
        above = row
    last = above[0]
    if last is None:  # there is at least one state for every pair of sizes
        raise ValueError("groups without patients")
    return last


def _pull(
    table: Floats, low: int, source: tuple[int, Floats], shift: int, gain: float, later: int
) -> None:
    """Carry the states before an event (or, with ``later``, a censoring) over to those after."""
    start, before = source
    first = max(low, start + shift)
    last = min(low + table.shape[2], start + before.shape[2] + shift)
    rows = min(before.shape[1], table.shape[1] - later)
    if last <= first or rows <= 0:
        return
    into = table[:, later : later + rows, first - low : last - low]
    part = before[:, :rows, first - start - shift : last - start - shift]
    if gain:
        step = np.array([gain, -gain], np.float32)[:, None, None]
        np.maximum(into, part + step, out=into)
    else:
        np.maximum(into, part, out=into)


def _windows(
    h: float, first: int, second: int, per: int, room: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last bin that the score can be in at every (a, b) and still come back to zero."""
    a = np.arange(first + 1)[:, None]
    b = np.arange(second + 1)[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        q = np.where(a * h + b > 0, a * h / (a * h + b), 0.0)
    rises = np.where(a > 0, 1 - q, 0.0)
    falls = np.where(b > 0, q, 0.0)
    # The most that the score can still rise (all of the first group next), and fall.
    up, down = rises.cumsum(axis=0), falls.cumsum(axis=1)
    # The most that it can have risen so far, with the second group complete, and fallen.
    risen = (up[first, second] - up[:, second])[:, None]
    fallen = (down[first, second] - down[first, :])[None, :]
    lows = -np.ceil(np.minimum(up, fallen) * per).astype(np.int64) - room
    highs = np.ceil(np.minimum(down, risen) * per).astype(np.int64) + room
    return lows, highs


def effort(estimate: str, p: str, first: int, second: int, width: float = ROUGH) -> int:
    """Number of cells that :func:`admissible_events` goes through, roughly; zero if none.

    Examples
    --------
    >>> effort("1.32", "0.41", 30, 12) > effort("1.8", "0.012", 6, 36)
    True
    """
    allowed, wanted = interval(estimate, (HALF_UP, HALF_EVEN)), _rounded_p(p)
    if allowed is None or wanted is None or allowed.low <= 0 or min(first, second) < 1:
        return 0
    low, high = math.log(allowed.low), math.log(allowed.high)
    n = first + second
    least = _least(low, high, wanted[1])
    if least > n:
        return 0
    lows, highs = _windows(math.exp((low + high) / 2), first, second, round(1 / width), 1)
    gone = n - np.arange(first + 1)[:, None] - np.arange(second + 1)[None, :]
    size = (np.minimum(gone, n - least) + 1) * (highs - lows)
    return int(size.sum()) * len(cells(low, high, first, second))


def _least(low: float, high: float, p: float) -> int:
    """Fewest events that can give p: 2 / sqrt(d) bounds the standard error."""
    size = max(abs(low), abs(high))
    return max(1, math.ceil(4 * (_z(p) / size) ** 2 - 1e-9)) if size > 0 else 1
