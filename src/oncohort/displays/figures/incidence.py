"""Cumulative incidence curves: what can happen first, with intervals and numbers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.displays.figures.km import draw_panel
from oncohort.displays.figures.sheet import Sheet

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data


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


def draw(sheet: Sheet, data: Data) -> None:
    """One panel, or two side by side."""
    panels = data["panels"]
    gap = 6.0
    width = (sheet.width - gap * (len(panels) - 1)) / len(panels)
    for i, panel in enumerate(panels):
        end, step = top_of(panel["highest"])
        draw_panel(sheet, panel, i * (width + gap), width, "incidence", end, step)
