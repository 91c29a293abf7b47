"""The search of a cut-point: the statistic at each cut, or the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import BLUE, INK, MUTED, RULE, VERMILION, Dash
from oncohort.displays.figures.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data

LEFT, RIGHT, TOP, BOTTOM = 15.0, 4.0, 7.0, 13.0


def height_mm(kind: str, width: float) -> float:
    """Height of the sheet; a ROC curve is square."""
    return width - LEFT - RIGHT + TOP + BOTTOM if kind == "roc" else 62.0


def draw(sheet: Sheet, data: Data) -> None:
    """One panel."""
    w, h = sheet.width - LEFT - RIGHT, sheet.height - TOP - BOTTOM
    ax = sheet.axes(LEFT, BOTTOM, w, h)
    if data["kind"] == "roc":
        roc(ax, data["columns"]["sensitivity"], data["columns"]["specificity"], BLUE, "-")
        _chosen(ax, data)
        sheet.xlabel(LEFT, w, 3.2, "1 \u2212 specificity")
        sheet.ylabel(4.2, BOTTOM, h, "Sensitivity")
    else:
        x, y = data["columns"]["cut"], data["columns"]["statistic"]
        ax.plot(x, y, color=BLUE, lw=1.0, marker="o", ms=2.2, zorder=3)
        ax.axvline(data["cut"], color=VERMILION, lw=0.9, ls=(0, (4, 2)), zorder=2)
        ax.set_ylim(0, max(y) * 1.08 or 1)
        sheet.xlabel(LEFT, w, 3.2, data["xlabel"])
        sheet.ylabel(4.2, BOTTOM, h, "Log-rank statistic")
    sheet.text(LEFT + w, sheet.height - 3, data["note"], ha="right", color=MUTED)


def roc(
    ax: Axes, sensitivity: list[float], specificity: list[float], colour: str, ls: Dash
) -> None:
    """A ROC curve with its diagonal."""
    x = [1 - s for s in specificity]
    points = sorted(zip(x, sensitivity, strict=True))
    ax.plot([0, 1], [0, 1], color=RULE, lw=0.6, ls=(0, (3, 2)), zorder=1)
    ax.plot(*zip(*points, strict=True), color=colour, ls=ls, lw=1.2, zorder=3)
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.01)
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])


def _chosen(ax: Axes, data: Data) -> None:
    columns = data["columns"]
    for cut, s, p in zip(
        columns["cut"], columns["sensitivity"], columns["specificity"], strict=True
    ):
        if cut is not None and cut == data["cut"]:
            ax.plot([1 - p], [s], "o", ms=5, mfc="white", mec=VERMILION, mew=1.1, zorder=4)
            ax.annotate(
                data["chosen"], (1 - p, s), (7, -9), textcoords="offset points",
                fontsize=6.5, color=INK,
            )  # fmt: skip
