"""Kaplan-Meier curves with intervals, censoring marks and numbers at risk.

The table of numbers at risk stands on the axis of the curve and is its legend, so that no label
can lie on a curve (`under.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import MUTED, RULE
from oncohort.displays.figures.sheet import Sheet
from oncohort.displays.figures.thinning import thin_group
from oncohort.displays.figures.under import (
    LEFT,
    RIGHT,
    draw_ends,
    draw_under,
    height_under,
    line_of,
    ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data


TOP = 7.0
HEIGHT = 50.0
"""Room above the curves, and theirs, in mm."""


def panel_height(panel: Mapping[str, object], points: float, width: float) -> float:
    """Height in mm that one panel needs: curve, axis, table of numbers at risk."""
    return HEIGHT + TOP + 12.5 + height_under(panel, points, width)


def band_of(
    time: Sequence[float], low: Sequence[float | None], high: Sequence[float | None]
) -> list[tuple[float, float, float]]:
    """Points of the interval's band; its last step reaches to where the curve goes on without one.

    Examples
    --------
    >>> band_of((0.0, 2.0, 5.0), (1.0, 0.3, None), (1.0, 0.9, None))
    [(0.0, 1.0, 1.0), (2.0, 0.3, 0.9), (5.0, 0.3, 0.9)]
    """
    out: list[tuple[float, float, float]] = []
    for x, lo, hi in zip(time, low, high, strict=True):
        if lo is None or hi is None:
            if out:
                out.append((x, *out[-1][1:]))
                break
            continue
        out.append((x, lo, hi))
    return out


def curve(ax: Axes, group: Data, index: int, band: bool, column: str = "survival") -> None:
    """One curve with its interval and the marks of the censored."""
    colour, dash = line_of(index)
    t, s = group["time"], [100 * v for v in group[column]]
    ax.step(t, s, where="post", color=colour, ls=dash, lw=1.25, zorder=3)
    if band:
        inside = band_of(t, group["low"], group["high"])
        if inside:
            xs, lows, highs = zip(*inside, strict=True)
            ax.fill_between(
                xs,
                [100 * v for v in lows],
                [100 * v for v in highs],
                step="post",
                color=colour,
                alpha=0.16,
                lw=0,
                zorder=1,
            )
    marks = [(x, y) for x, y, c in zip(t, s, group["censored"], strict=True) if c]
    if marks:
        ax.plot(
            *zip(*marks, strict=True), ls="", marker="|", ms=4.2, mew=0.8, color=colour, zorder=4
        )


def _medians(ax: Axes, groups: Sequence[Data]) -> None:
    reached = [g["median"] for g in groups if g["median"] is not None]
    if not reached or len(groups) > 3:  # many lines would hide the curves; the legend has them
        return
    lines = [([0, max(reached)], [50, 50]), *(([m, m], [0, 50]) for m in reached)]
    for x, y in lines:
        ax.plot(x, y, color=RULE, lw=0.6, ls=(0, (3, 2)), zorder=0.5)


def draw_panel(
    sheet: Sheet, panel: Data, left: float, width: float, column: str, end: int, step: int
) -> None:
    """One panel: curves up to `end` percent, intervals at their ends, numbers at risk below.

    Parameters
    ----------
    column
        What the curves show: ``survival`` or ``incidence``.
    """
    x0, w = left + LEFT, width - LEFT - RIGHT
    y0 = sheet.height - TOP - HEIGHT
    ax = sheet.axes(x0, y0, w, HEIGHT)
    groups = panel["groups"]
    last = max((max(g["time"], default=0) for g in groups), default=0) or 1
    marks = ticks(last, panel["unit"], w)
    ax.set_xlim(0, marks[-1])
    ax.set_ylim(0, 1.02 * end)
    ax.set_xticks(marks, [f"{m:g}" for m in marks])
    ax.set_yticks(range(0, end + 1, step))
    survival = column == "survival"
    for index, group in enumerate(groups):
        shown = thin_group(group) if survival else group
        curve(ax, shown, index, band=len(groups) <= 3, column=column)
    if survival:
        _medians(ax, groups)
    draw_ends(sheet, ax, panel, column)
    if panel["letter"]:
        sheet.letter(left, sheet.height - 3, panel["letter"])
    sheet.text(x0 + w, sheet.height - 3, panel["note"], ha="right", color=MUTED)
    sheet.ylabel(left + 4.2, y0, HEIGHT, panel["ylabel"])
    sheet.xlabel(x0, w, y0 - 8.2, panel["xlabel"])
    draw_under(sheet, {**panel, "under": y0 - 14}, (left, width, x0, w), marks)


def draw(sheet: Sheet, data: Data) -> None:
    """One or two panels side by side, more in rows below (each row as high as the sheet says)."""
    panels = data["panels"]
    gap = 6.0
    width = (sheet.width - gap * (len(panels) - 1)) / len(panels)
    for i, panel in enumerate(panels):
        draw_panel(sheet, panel, i * (width + gap), width, "survival", 100, 20)
