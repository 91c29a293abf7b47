"""Figures of a prediction model: calibration, ROC curves, net benefit, nomogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.effect import AROUND, GAP, LEFT
from oncohort.displays.figures.palette import BLUE, CURVES, INK, MUTED, RULE, VERMILION
from oncohort.displays.figures.search import roc
from oncohort.displays.figures.sheet import Sheet, width_mm, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data

HEIGHT = 58.0
LINE = 11.5
RIGHT = 4.0
LABELS = 44.0
SQUARE = HEIGHT + LEFT + RIGHT
"""Width of a sheet whose one panel is square."""


def panels_height(number: int) -> float:
    """Height of a sheet of panels, two side by side."""
    return math.ceil(number / 2) * (HEIGHT + AROUND)


def _places(sheet: Sheet, number: int) -> list[tuple[float, float, float, float]]:
    """Left, bottom, width and height of each panel's axes."""
    width = (sheet.width - GAP) / 2 if number > 1 else sheet.width
    return [
        (
            (i % 2) * (width + GAP) + LEFT,
            sheet.height - (i // 2) * (HEIGHT + AROUND) - 7 - HEIGHT,
            width - LEFT - RIGHT,
            HEIGHT,
        )
        for i in range(number)
    ]


def _frame(
    sheet: Sheet, place: tuple[float, float, float, float], panel: Data, x: str, y: str
) -> Axes:
    left, bottom, width, height = place
    ax = sheet.axes(left, bottom, width, height)
    if panel.get("letter"):
        sheet.letter(left - LEFT, bottom + height + 4, panel["letter"])
    sheet.text(left + width, bottom + height + 4, panel["note"], ha="right", color=MUTED)
    sheet.xlabel(left, width, bottom - 8.2, x)
    sheet.ylabel(left - LEFT + 4.2, bottom, height, y)
    return ax


def calibration(sheet: Sheet, data: Data) -> None:
    """Observed against predicted survival, groups of patients."""
    for place, panel in zip(_places(sheet, len(data["panels"])), data["panels"], strict=True):
        ax = _frame(sheet, place, panel, "Predicted survival (%)", "Observed survival (%)")
        ax.plot([0, 100], [0, 100], color=RULE, lw=0.6, ls=(0, (3, 2)), zorder=1)
        known = [
            (p, o, lo, hi)
            for p, o, lo, hi in zip(
                panel["predicted"], panel["observed"], panel["low"], panel["high"], strict=True
            )
            if o is not None
        ]
        for p, _, lo, hi in known:
            if lo is not None and hi is not None:
                ax.plot([p, p], [lo, hi], color=BLUE, lw=0.9, zorder=2)
        ax.plot([k[0] for k in known], [k[1] for k in known], "o-", color=BLUE, ms=4, lw=0.8,
                zorder=3)  # fmt: skip
        corrected = [
            (p, c)
            for p, c in zip(panel["predicted"], panel["corrected"], strict=True)
            if c is not None
        ]
        ax.plot([p for p, _ in corrected], [c for _, c in corrected], ls="", marker="x", ms=5,
                mew=1.1, color=VERMILION, zorder=4)  # fmt: skip
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 100)
        ax.set_xticks(range(0, 101, 20))
        ax.set_yticks(range(0, 101, 20))


def roc_curves(sheet: Sheet, data: Data) -> None:
    """One ROC curve per time in one panel, with its area in the legend."""
    [place] = _places(sheet, 1)
    left, bottom, width, _ = place
    ax = _frame(sheet, place, {"note": ""}, "1 \u2212 specificity", "Sensitivity")
    y = bottom + 3.5 + 4.2 * (len(data["curves"]) - 1)
    for curve, (colour, dash) in zip(
        data["curves"], CURVES * (1 + len(data["curves"]) // 6), strict=False
    ):
        roc(ax, curve["sensitivity"], curve["specificity"], colour, dash)
        x = left + width - 4 - width_mm(curve["label"], sheet.points - 0.5)
        sheet.line([x - 9, x - 2], [y, y], color=colour, ls=dash, lw=1.2)
        sheet.text(x, y, curve["label"], fontsize=sheet.points - 0.5)
        y -= 4.2


def decision(sheet: Sheet, data: Data) -> None:
    """Net benefit of the model, of treating all and of treating nobody."""
    for place, panel in zip(_places(sheet, len(data["panels"])), data["panels"], strict=True):
        ax = _frame(sheet, place, panel, "Threshold of risk (%)", "Net benefit")
        x = [100 * t for t in panel["threshold"]]
        lines = (
            ("model", BLUE, "-", 1.2, "Model"),
            ("corrected", VERMILION, (0, (5, 1.6)), 1.1, "Model, corrected"),
            ("treat_all", MUTED, (0, (1.2, 1.2)), 1.0, "All treated"),
        )
        top = max((v for v in (*panel["model"], *panel["treat_all"]) if v is not None), default=0)
        top = max(top, 0.02) * 1.1
        for name, colour, dash, thick, _ in lines:
            shown = [(a, b) for a, b in zip(x, panel[name], strict=True) if b is not None]
            if shown:
                ax.plot(*zip(*shown, strict=True), color=colour, ls=dash, lw=thick, zorder=3)
        ax.axhline(0, color=INK, lw=0.7, zorder=1)
        ax.set_xlim(0, 100)
        ax.set_ylim(-top / 5, top)
        left, bottom, width, height = place
        y = bottom + height - 3
        legend = (*lines, ("", INK, "-", 0.7, "Nobody treated"))
        wide = max(width_mm(entry[-1], sheet.points - 0.5) for entry in legend)
        start = left + width - 2 - wide
        for _, colour, dash, thick, words in legend:
            sheet.line([start - 9, start - 2], [y, y], color=colour, ls=dash, lw=thick)
            sheet.text(start, y, words, fontsize=sheet.points - 0.5)
            y -= 4.0


def nomogram_height(rows: Sequence[object]) -> float:
    """Height of a nomogram with so many scales below that of the points."""
    return LINE * (len(rows) + 1) + 4


def _scale(
    sheet: Sheet,
    y: float,
    label: str,
    marks: Sequence[tuple[float, str]],
    ends: Sequence[float] | None,
) -> None:
    """One scale: a line with marks; labels that would touch go above the line in turn."""
    for i, words in enumerate(wrap(label, sheet.points, LABELS - 4)):
        sheet.text(0, y - 3.4 * i, words)
    if not marks:
        return
    xs = [x for x, _ in marks]
    low, high = ends if ends is not None else (min(xs), max(xs))
    sheet.line([low, high], [y, y], lw=0.7)
    size = sheet.points - 1
    free = {True: -math.inf, False: -math.inf}
    for x, words in sorted(marks):
        wide = width_mm(words, size)
        below = x - wide / 2 > free[False] + 0.8
        sheet.line([x, x], [y, y - 1.3 if below else y + 1.3], lw=0.6)
        if not below and x - wide / 2 <= free[True] + 0.8:
            continue
        sheet.text(x, y - 3.4 if below else y + 3.0, words, ha="center", fontsize=size)
        free[not below] = x + wide / 2


def nomogram(sheet: Sheet, data: Data) -> None:
    """Points, one scale per variable, their sum, and the survival that it predicts."""
    width = sheet.width - LABELS - 6
    y = sheet.height - 6

    def at(share: float) -> float:
        return LABELS + width * share

    _scale(sheet, y, "Points", [(at(p / 100), f"{p}") for p in range(0, 101, 10)], None)
    top = y
    for row in data["variables"]:
        y -= LINE
        marks = [(at(p / 100), name) for p, name in zip(row["points"], row["names"], strict=True)]
        _scale(sheet, y, row["label"], marks, None)
    y -= LINE
    most = data["most"]
    step = next(s for s in (5, 10, 20, 25, 50, 100) if most / s <= 15 or s == 100)
    totals = [(at(i * step / most), f"{i * step}") for i in range(int(most // step) + 1)]
    _scale(sheet, y, "Total points", totals, (at(0), at(1)))
    sheet.line([at(0), at(0)], [top + 2.2, y + 2.2], color=RULE, lw=0.4, ls=(0, (1, 3)))
    for row in data["survival"]:
        y -= LINE
        marks = [
            (at(p / most), f"{s}") for s, p in zip(row["survival"], row["points"], strict=True)
        ]
        _scale(sheet, y, row["label"], marks, None)
