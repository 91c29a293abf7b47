"""Waterfalls of groups, side by side on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import MUTED, RESPONSES
from oncohort.displays.figures.response import bars, cap_of, legend, limits
from oncohort.displays.figures.sheet import Sheet, wrap

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

GAP = 4.0
LEAST = 16.0
LINE = 3.4


def shares(sizes: Sequence[int], room: float, least: float = LEAST) -> list[float]:
    """Widths in mm that go with the number of bars, none below `least` where there is room.

    Examples
    --------
    >>> [round(w) for w in shares([90, 9, 1], 100)]
    [68, 16, 16]
    """
    floor = min(least, room / max(len(sizes), 1))
    free = list(range(len(sizes)))
    widths = [floor] * len(sizes)
    while free:
        left = room - floor * (len(sizes) - len(free))
        whole = sum(max(sizes[i], 1) for i in free)
        small = [i for i in free if left * max(sizes[i], 1) / whole < floor - 1e-9]
        if not small:
            for i in free:
                widths[i] = left * max(sizes[i], 1) / whole
            break
        free = [i for i in free if i not in small]
    return widths


def waterfalls(sheet: Sheet, data: Data) -> None:
    """One waterfall per group; the groups share the scale and the legend."""
    panels = data["panels"]
    every = [c for panel in panels for c in panel["change"]]
    seen = {b for panel in panels for b in panel["best"]}
    y = legend(sheet, [k for k in RESPONSES if k in seen], sheet.height - 3, 15)
    room = sheet.width - 15 - 12 - GAP * (len(panels) - 1)
    widths = shares([len(panel["change"]) for panel in panels], room)
    labels = [wrap(p["label"], sheet.points, w) for p, w in zip(panels, widths, strict=True)]
    tall = max(len(lines) for lines in labels)
    top, bottom = y - 5, 4.0 + LINE * (tall + 1)
    x = 15.0
    cap = cap_of(every)
    for i, (panel, width, lines) in enumerate(zip(panels, widths, labels, strict=True)):
        ax = sheet.axes(x, bottom, width, top - bottom)
        bars(ax, panel["change"], panel["best"], cap, sheet.points)
        limits(ax, every, i == len(panels) - 1, sheet.points)
        n = len(panel["change"])
        ax.set_xlim(-0.8, max(n, 3) - 0.2)
        if i:
            ax.spines["left"].set_visible(False)
            ax.tick_params(left=False, labelleft=False)
        for k, words in enumerate([*lines, panel["n"]]):
            last = k == len(lines)
            sheet.text(
                x + width / 2,
                bottom - 2.6 - LINE * k,
                words,
                ha="center",
                color=MUTED if last else "black",
                fontweight="normal" if last else "bold",
            )
        x += width + GAP
    sheet.ylabel(4.2, bottom, top - bottom, data["ylabel"])
