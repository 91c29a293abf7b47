"""What stands below and beside curves: legend, numbers at risk, events and censored, end labels.

The rows stand on the axis of the curves and are their legend, so that no label can lie on a curve
(KMunicate, Morris et al. 2019, BMJ Open 9:e030215: numbers at risk, censored and events).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import CURVES, INK, Dash
from oncohort.displays.figures.sheet import Sheet, wrap
from oncohort.vocabulary.sections import MOST_CURVES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data

LINE = 3.7
LEFT = 15.0
RIGHT = 4.0
NUMBERED = 6
"""With more curves than this each has its number at its end, and before its name."""
MOST = MOST_CURVES
"""More curves than this can't be told apart; `CURVES` has a line for each."""
ROWS = {"at_risk": "At risk", "events": "Events", "censored": "Censored"}
"""Rows that can stand below the curves: events and censored are counted up to the time."""
_ALONE = {"at_risk": "Number at risk", "events": "Events so far", "censored": "Censored so far"}


def ticks(last: float, unit: str, room: float) -> list[float]:
    """Times to mark, the last one at the end of the axis: whole years where months allow it.

    Examples
    --------
    >>> ticks(41.0, "months", 60.0), ticks(24.0, "months", 60.0)
    ([0, 6, 12, 18, 24, 30, 36, 42], [0, 6, 12, 18, 24])
    """
    steps = {
        "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
        "years": (0.25, 0.5, 1, 2, 5, 10),
        "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 208),
        "days": (7, 14, 30, 60, 90, 180, 365, 730, 1460),
    }.get(unit, (1, 2, 5, 10, 20, 50, 100))
    most = max(2, int(room / 8.5))
    step = next((s for s in steps if last / s <= most), steps[-1] * max(1, last / 10 / steps[-1]))
    return [i * step for i in range(math.ceil(last / step - 1e-9) + 1)]


def at_risk(times: Sequence[float], numbers: Sequence[int], when: float) -> int:
    """Patients still under observation just before a time: the first row at or after it."""
    return next((n for t, n in zip(times, numbers, strict=True) if t >= when - 1e-9), 0)


def so_far(times: Sequence[float], numbers: Sequence[int], when: float) -> int:
    """How many up to a time, the time itself included.

    Examples
    --------
    >>> so_far((0.0, 2.0, 5.0), (0, 3, 1), 2), so_far((0.0, 2.0, 5.0), (0, 3, 1), 9)
    (3, 4)
    """
    return sum(int(n) for t, n in zip(times, numbers, strict=True) if t <= when + 1e-9)


def _number(group: Data, row: str, when: float) -> int:
    count = at_risk if row == "at_risk" else so_far
    return count(group["time"], group[row], when)


def _rows(panel: Data, index: int = 0) -> Sequence[str]:
    """The rows below one curve; curves of the same patients share all but their events."""
    rows: Sequence[str] = panel.get("rows") or ("at_risk",)
    if panel.get("shared") and index < len(panel["groups"]) - 1:
        return [row for row in rows if row == "events"]
    return rows


def _one_kind(panel: Data) -> bool:
    """Is there one kind of row, which a heading names?"""
    return len(panel.get("rows") or ("at_risk",)) == 1


def _entries(panel: Data, points: float, room: float) -> list[list[str]]:
    """Legend lines of each group, wrapped to the panel."""
    many = len(panel["groups"]) > NUMBERED
    return [
        wrap(f"{i}\u00a0 {g['label']}" if many else g["label"], points, room)
        for i, g in enumerate(panel["groups"], 1)
    ]


def height_under(panel: Data, points: float, width: float) -> float:
    """Height in mm of legend and rows of one panel."""
    entries = _entries(panel, points - 0.3, width - 9)
    lines = sum(len(_rows(panel, i)) for i in range(len(entries)))
    if len(entries) > 1 or panel["groups"][0]["label"]:
        lines += sum(len(e) for e in entries)
    return LINE * (lines + _one_kind(panel)) + 2


def line_of(index: int) -> tuple[str, Dash]:
    """Colour and dash of a curve.

    Raises
    ------
    ValueError
        More curves than can be told apart.
    """
    if index >= MOST:
        raise ValueError(f"{index + 1} curves can't be told apart; the most is {MOST}")
    return CURVES[index]


def draw_under(
    sheet: Sheet,
    panel: Data,
    place: tuple[float, float, float, float],
    marks: Sequence[float],
) -> None:
    """Legend and rows of one panel.

    Parameters
    ----------
    place
        Left edge and width of the panel, left edge and width of its axis; mm.
    marks
        Times at which the rows are counted, the last one at the end of the axis.
    """
    left, width, x0, w = place
    y = panel["under"]
    heading = _ALONE[_rows(panel, len(panel["groups"]) - 1)[0]] if _one_kind(panel) else ""
    if heading and not panel.get("shared"):
        sheet.muted(left, y, heading)
        y -= LINE
    entries = _entries(panel, sheet.points - 0.3, width - 9)
    for index, (group, entry) in enumerate(zip(panel["groups"], entries, strict=True)):
        colour, dash = line_of(index)
        if group["label"]:
            sheet.line([left, left + 6.5], [y, y], color=colour, ls=dash, lw=1.25)
            for words in entry:
                sheet.text(left + 8, y, words, fontsize=sheet.points - 0.3, color=INK)
                y -= LINE
        if heading and panel.get("shared") and _rows(panel, index):
            sheet.muted(left, y, heading)
            y -= LINE
        for row in _rows(panel, index):
            if not _one_kind(panel):
                sheet.muted(left, y, ROWS[row])
            for mark in marks:
                x = x0 + w * mark / marks[-1]
                number = str(_number(group, row, mark))
                sheet.text(x, y, number, ha="center", fontsize=sheet.points - 0.5)
            y -= LINE


def spread(heights: Sequence[float], least: float, bottom: float, top: float) -> list[float]:
    """Heights moved apart to at least `least`, in their order, within bottom and top.

    Examples
    --------
    >>> spread([10.0, 10.5, 30.0], 3.0, 0.0, 40.0)
    [8.75, 11.75, 30.0]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    blocks: list[tuple[list[int], float]] = []
    for i in order:
        blocks.append(([i], heights[i]))
        while len(blocks) > 1:
            (lower, a), (upper, b) = blocks[-2], blocks[-1]
            if b - a >= least * (len(lower) + len(upper)) / 2:
                break
            both = lower + upper
            middle = (a * len(lower) + b * len(upper)) / len(both)
            blocks[-2:] = [(both, middle)]
    places = [
        middle + least * (k - (len(members) - 1) / 2)
        for members, middle in blocks
        for k in range(len(members))
    ]
    # A block at an edge is pushed back into the axis, and pushes its neighbours.
    for k in range(len(places)):
        places[k] = max(places[k], bottom + least * k, places[k - 1] + least if k else bottom)
    for k in reversed(range(len(places))):
        above = places[k + 1] - least if k + 1 < len(places) else top
        places[k] = min(places[k], above)
    out = [0.0] * len(heights)
    for i, place in zip((i for members, _ in blocks for i in members), places, strict=True):
        out[i] = place
    return out


def ends(panel: Data, column: str) -> Iterator[tuple[int, float, float]]:
    """(number, time, height) of the last point of each curve, where they are numbered."""
    if len(panel["groups"]) <= NUMBERED:
        return
    for i, group in enumerate(panel["groups"], 1):
        if group["time"]:
            yield i, group["time"][-1], 100 * group[column][-1]


def draw_ends(sheet: Sheet, ax: Axes, panel: Data, column: str) -> None:
    """The number of each curve at the right edge, with a thin line to where the curve ends."""
    found = list(ends(panel, column))
    if not found:
        return
    box = ax.get_position()
    x = (box.x0 + box.width) * sheet.width
    y0, h = box.y0 * sheet.height, box.height * sheet.height
    low, high = ax.get_ylim()
    at = [y0 + h * (y - low) / (high - low) for _, _, y in found]
    right = ax.get_xlim()[1]
    for (number, time, _), y, placed in zip(found, at, spread(at, 2.9, y0, y0 + h), strict=True):
        colour = line_of(number - 1)[0]
        from_x = x - box.width * sheet.width * (1 - time / right)
        sheet.line([from_x, x + 1.0], [y, placed], color=colour, lw=0.35)
        sheet.text(x + 1.3, placed, str(number), fontsize=sheet.points - 1, color=INK)
