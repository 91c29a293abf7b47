"""Slips of a hand: whether one digit, left out, changed or exchanged, makes a pair right."""

from __future__ import annotations

import math
from collections.abc import Iterable

from oncohort.published.model import Level
from oncohort.published.rounding import interval, number

_LITTLE = 0.1
"""Percent by which a percentage may be off and still be a slip."""


def one_slip(said: str, meant: str) -> bool:
    """Whether two printed numbers differ by one slip at most.

    Examples
    --------
    >>> one_slip("13.4", "23.4"), one_slip("50.9", "58.0"), one_slip("11", "1")
    (True, False, True)
    >>> one_slip("13.4", "31.4"), one_slip("281", "28.1"), one_slip("15", "50")
    (True, True, False)
    """
    if len(said) == len(meant):
        off = [k for k, (a, b) in enumerate(zip(said, meant, strict=True)) if a != b]
        turned = len(off) == 2 and said[off[0]] + said[off[1]] == meant[off[1]] + meant[off[0]]
        return len(off) < 2 or turned
    short, long = sorted((said, meant), key=len)
    return len(long) - len(short) == 1 and any(
        long[:k] + long[k + 1 :] == short for k in range(len(long))
    )


def slip(level: Level, sizes: Iterable[int]) -> bool:
    """Whether one slip in the count or in the percentage explains a pair that is of so many.

    A percentage that is less than a tenth off is one, too: 6.72 for 6.67.

    Examples
    --------
    >>> slip(Level("", "23", "77.6"), [30]), slip(Level("", "15", "28.4"), [69])
    (True, False)
    """
    return any(_of(level, n) for n in dict.fromkeys(sizes) if n > 0)


def _of(level: Level, n: int) -> bool:
    read, allowed = number(level.percent), interval(level.percent)
    if read is None or allowed is None:
        return False
    places = len(level.percent.partition(".")[2])
    share, scale = 100 * int(level.count) / n, 10**places
    if abs(share - float(read.value)) < _LITTLE:
        return True
    right = {math.floor(share * scale), math.ceil(share * scale)}
    if any(one_slip(level.percent, f"{x / scale:.{places}f}") for x in right):
        return True
    low, high = math.ceil(allowed.low * n / 100), math.floor(allowed.high * n / 100)
    return any(one_slip(level.count, str(k)) for k in range(low, min(high, low + 100) + 1))
