"""Cumulative incidence curves: what can happen first, with intervals and numbers at risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oncohort.displays.figures.km import curve
from oncohort.displays.figures.palette import MUTED
from oncohort.displays.figures.sheet import Sheet
from oncohort.displays.figures.under import (
    LEFT,
    RIGHT,
    draw_ends,
    draw_under,
    height_under,
    ticks,
)

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

TOP = 7.0
HEIGHT = 50.0


def panel_height(panel: Mapping[str, object], points: float, width: float) -> float:
    """Height in mm that one panel needs: curves, axis, numbers at risk."""
    return HEIGHT + TOP + 12.5 + height_under(panel, points, width)


def top_of(highest: float) -> tuple[int, int]:
    """End of the axis (percent) and its step: as much of it as the curves need.

    Examples
    --------
    >>> top_of(0.07), top_of(0.38), top_of(0.93)
    ((10, 2), (40, 10), (100, 20))
    """
    for end, step in ((10, 2), (20, 5), (40, 10), (60, 20), (80, 20)):
        if 100 * highest <= end:
            return end, step
    return 100, 20


def _panel(sheet: Sheet, panel: Data, left: float, width: float) -> None:
    x0, w = left + LEFT, width - LEFT - RIGHT
    y0 = sheet.height - TOP - HEIGHT
    ax = sheet.axes(x0, y0, w, HEIGHT)
    groups = panel["groups"]
    last = max((max(g["time"], default=0) for g in groups), default=0) or 1
    marks = ticks(last, panel["unit"], w)
    end, step = top_of(panel["highest"])
    ax.set_xlim(0, marks[-1])
    ax.set_ylim(0, 1.02 * end)
    ax.set_xticks(marks, [f"{m:g}" for m in marks])
    ax.set_yticks(range(0, end + 1, step))
    for index, group in enumerate(groups):
        curve(ax, group, index, band=len(groups) <= 3, column="incidence")
    draw_ends(sheet, ax, panel, "incidence")
    if panel["letter"]:
        sheet.letter(left, sheet.height - 3, panel["letter"])
    sheet.text(x0 + w, sheet.height - 3, panel["note"], ha="right", color=MUTED)
    sheet.ylabel(left + 4.2, y0, HEIGHT, panel["ylabel"])
    sheet.xlabel(x0, w, y0 - 8.2, panel["xlabel"])
    draw_under(sheet, {**panel, "under": y0 - 14}, (left, width, x0, w), marks)


def draw(sheet: Sheet, data: Data) -> None:
    """One panel, or two side by side."""
    panels = data["panels"]
    gap = 6.0
    width = (sheet.width - gap * (len(panels) - 1)) / len(panels)
    for i, panel in enumerate(panels):
        _panel(sheet, panel, i * (width + gap), width)
