"""Forest plot of a treatment's effect in subgroups: counts, ratio, and interaction beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.forest import LINE, log_limits
from oncohort.displays.figures.palette import BLUE, INK, MUTED
from oncohort.displays.figures.sheet import Sheet, width_mm, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data

BOTTOM = 15.0
COUNT = 19.0
TEXT = 27.0
P = 14.0
MOST = 6.0
LEAST = 2.2
"""Sides of the squares of the most and the fewest events, in points."""


def _room(data: Data, points: float, width: float) -> float:
    need = max(
        width_mm(r["label"], points, r["head"]) + (0 if r["head"] else 3) for r in data["rows"]
    )
    return min(need + 3, width * 0.28)


def _head(data: Data, points: float) -> float:
    """Height of the column heads: the names of the arms may need several lines."""
    lines = max(len(wrap(name, points - 0.5, COUNT - 2)) for name in data["arms"])
    return 5.0 + LINE * (lines + 1)


def _heights(data: Data, points: float, room: float) -> list[float]:
    out = []
    for row in data["rows"]:
        indent = 0 if row["head"] else 3
        lines = len(wrap(row["label"], points, room - indent - 1, row["head"]))
        out.append(LINE * lines + (1.2 if row["head"] else 0.5))
    return out


def height_mm(data: Mapping[str, object], points: float, width: float) -> float:
    """Height of the whole figure."""
    room = _room(data, points, width)
    return _head(data, points) + sum(_heights(data, points, room)) + BOTTOM


def _size(events: int, most: int) -> float:
    """Side of a square whose area grows with the number of events."""
    return LEAST + (MOST - LEAST) * math.sqrt(events / most) if most else LEAST


def _square(ax: Axes, y: float, row: Data, limits: tuple[float, float], size: float) -> None:
    low, high = limits
    a = row["low"] if row["low"] is not None and row["low"] > 0 else low / 10
    b = row["high"] if row["high"] is not None else high * 10
    ax.plot([max(a, low), min(b, high)], [y, y], color=BLUE, lw=1.0, solid_capstyle="butt")
    for end, beyond, shape in ((low, a < low, "<"), (high, b > high, ">")):
        if beyond:
            ax.plot([end], [y], marker=shape, ms=3.2, color=BLUE, mew=0, clip_on=False)
    if low <= row["hr"] <= high:
        shape = "D" if row["whole"] else "s"
        ax.plot([row["hr"]], [y], marker=shape, ms=size, mfc=BLUE, mec=BLUE, mew=0.6, zorder=4)


def draw(sheet: Sheet, data: Data) -> None:
    """All patients first, then each subgroup under the name of its variable."""
    rows: Sequence[Data] = data["rows"]
    points = sheet.points
    room = _room(data, points, sheet.width)
    tall = _heights(data, points, room)
    top = sheet.height - _head(data, points)
    total = sum(tall)
    starts = [top - sum(tall[:i]) for i in range(len(rows))]
    sheet.bands(
        [
            (0.0, y - h, sheet.width, h)
            for row, y, h in zip(rows, starts, tall, strict=True)
            if row["band"]
        ],
        "#f4f5f7",
    )
    plot = room + 2 * COUNT + 3
    w = sheet.width - plot - TEXT - P - 5
    limits = log_limits([{"ratios": [r]} for r in rows if r["hr"] is not None])
    ax = sheet.axes(plot, BOTTOM, w, total)
    ax.patch.set_visible(False)
    ax.set_xscale("log", base=2)
    ax.set_xlim(*limits)
    ax.set_ylim(0, total)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    first, last = (round(math.log2(v)) for v in limits)
    marks = [2.0**e for e in range(first, last + 1)]
    if len(marks) > 5:
        marks = [m for m in marks if round(math.log2(m)) % 2 == 0]
    ax.set_xticks(marks, [f"{m:g}" if m >= 0.1 else f"{m:.2g}" for m in marks])
    ax.minorticks_off()
    ax.axvline(1, color=MUTED, lw=0.7, ls=(0, (3, 2)), zorder=0)
    most = max((r["events"] for r in rows), default=0)
    for row, y in zip(rows, starts, strict=True):
        indent = 0 if row["head"] else 3
        middle = y - LINE * 0.5 - 0.25
        for k, words in enumerate(wrap(row["label"], points, room - indent - 1, row["head"])):
            weight = "bold" if row["head"] else "normal"
            sheet.text(indent, middle - LINE * k, words, fontweight=weight)
        for k, words in enumerate(row["counts"]):
            sheet.text(room + COUNT * (k + 0.5), middle, words, ha="center", fontsize=points - 0.5)
        if row["hr"] is not None:
            _square(ax, middle - BOTTOM, row, limits, _size(row["events"], most))
        right = plot + w + 3
        sheet.text(right, middle, row["text"], fontsize=points - 0.5)
        sheet.text(sheet.width, middle, row["p"], ha="right", fontsize=points - 0.5)
    _heads(sheet, data, room, plot + w + 3, top)
    sheet.xlabel(plot, w, 5.2, "Hazard ratio (log scale)")
    low, high = data["better"]
    sheet.muted(plot, 1.6, f"\u2190 {low}", ha="left")
    sheet.muted(plot + w, 1.6, f"{high} \u2192", ha="right")


def _heads(sheet: Sheet, data: Data, room: float, right: float, top: float) -> None:
    points = sheet.points
    for k, name in enumerate(data["arms"]):
        lines = wrap(name, points - 0.5, COUNT - 2)
        for i, words in enumerate([*lines, "events/n"]):
            y = top + 2.6 + LINE * (len(lines) - i)
            style = {"color": MUTED} if i == len(lines) else {"fontweight": "bold"}
            x = room + COUNT * (k + 0.5)
            sheet.text(x, y, words, ha="center", fontsize=points - 0.5, **style)
    sheet.muted(right, top + 2.6, data["ratio"])
    sheet.muted(sheet.width, top + 2.6 + LINE, "Interaction", ha="right")
    sheet.muted(sheet.width, top + 2.6, data["p"], ha="right")
    sheet.line([0, sheet.width], [top + 0.4, top + 0.4], color=INK, lw=0.6)
