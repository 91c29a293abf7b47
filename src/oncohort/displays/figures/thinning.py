"""Curves of many steps with the points that an eye can tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

FINE = 1500
"""Steps of the grid on which two points are one: finer than print or screen shows."""


def thinned(time: Sequence[float], values: Sequence[float], last: float) -> list[int]:
    """Places of the points that can be told apart, the first and the last always among them.

    Examples
    --------
    >>> thinned((0.0, 1.0, 1.00001, 2.0), (100.0, 90.0, 89.999, 80.0), 2.0)
    [0, 1, 3]
    """
    out: list[int] = []
    before: tuple[int, int] | None = None
    for i, (x, y) in enumerate(zip(time, values, strict=True)):
        spot = (round(FINE * x / last) if last else 0, round(FINE * y / 100))
        if spot != before or i == len(time) - 1:
            out.append(i)
            before = spot
    return out


def evenly(n: int, most: int) -> list[int]:
    """Places of `most` of `n` things, evenly spread, the first and the last among them.

    Examples
    --------
    >>> evenly(3, 5), evenly(9, 5)
    ([0, 1, 2], [0, 2, 4, 6, 8])
    """
    if n <= most:
        return list(range(n))
    return [round(i * (n - 1) / (most - 1)) for i in range(most)]


def thin_group(group: Data) -> Mapping[str, object]:
    """A group's curve with the points that can be told apart; censored patients stay marked."""
    time = group["time"]
    if len(time) <= FINE:
        return group
    kept = thinned(time, [100 * v for v in group["survival"]], max(time, default=0.0))
    out = dict(group)
    for name in ("time", "survival", "low", "high"):
        out[name] = tuple(group[name][i] for i in kept)
    marks = [0] * len(kept)
    place = 0
    for i, count in enumerate(group["censored"]):
        while place + 1 < len(kept) and kept[place + 1] <= i:
            place += 1
        marks[place] += count
    out["censored"] = tuple(marks)
    return out
