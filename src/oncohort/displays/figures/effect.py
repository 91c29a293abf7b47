"""Hazard ratio over the range of a number, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import BLUE, INK, MUTED, RULE
from oncohort.displays.figures.sheet import Sheet

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

HEIGHT = 48.0
AROUND = 19.0
"""Above and below the axes, in mm."""
GAP = 8.0
LEFT = 17.0


def height_mm(panels: Sequence[Mapping[str, object]]) -> float:
    """Height of the sheet: two panels side by side."""
    return math.ceil(len(panels) / 2) * (HEIGHT + AROUND)


def ratio_marks(low: float, high: float) -> list[float]:
    """Ratios to mark on a logarithmic axis: 1, 2 and 5 times powers of ten, 1 among them.

    Examples
    --------
    >>> ratio_marks(0.4, 6.0)
    [0.5, 1.0, 2.0, 5.0]
    >>> ratio_marks(0.9, 1.2)
    [0.9, 1.0, 1.2]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1.0,) if last - first > 4 else (1.0, 2.0, 5.0)
    marks = [m * 10.0**p for p in range(first, last + 1) for m in steps]
    inside = [float(f"{m:g}") for m in marks if low <= m <= high]
    if len(inside) >= 3:
        return inside
    return sorted({float(f"{low:.2g}"), 1.0, float(f"{high:.2g}")})


def draw(sheet: Sheet, data: Data) -> None:
    """Curves with bands, two side by side."""
    panels = data["panels"]
    width = (sheet.width - GAP) / 2 if len(panels) > 1 else sheet.width
    for i, panel in enumerate(panels):
        top = sheet.height - (i // 2) * (HEIGHT + AROUND)
        _panel(sheet, panel, (i % 2) * (width + GAP), top, width)


def _panel(sheet: Sheet, panel: Data, left: float, top: float, width: float) -> None:
    x0, y0, w = left + LEFT, top - 7 - HEIGHT, width - LEFT - 2
    ax = sheet.axes(x0, y0, w, HEIGHT)
    x, hr = panel["value"], panel["hr"]
    # The band may be wide at the ends, where few patients are: the curve sets the scale.
    least = max(min(panel["low"]), min(hr) / 6, 1e-3)
    most = min(max(panel["high"]), max(hr) * 6, 1e3)
    least, most = min(least, 0.8), max(most, 1.25)
    ax.set_yscale("log")
    ax.set_ylim(least, most)
    ax.set_xlim(x[0], x[-1])
    marks = ratio_marks(least, most)
    ax.set_yticks(marks, [f"{m:g}" for m in marks])
    ax.minorticks_off()
    ax.axhline(1, color=RULE, lw=0.6, zorder=0.5)
    ax.axvline(panel["middle"], color=RULE, lw=0.6, ls=(0, (1, 2)), zorder=0.5)
    low, high = ([min(max(v, least), most) for v in panel[k]] for k in ("low", "high"))
    ax.fill_between(x, low, high, color=BLUE, alpha=0.16, lw=0, zorder=1)
    ax.plot(x, hr, color=BLUE, lw=1.3, zorder=3)
    inside = [k for k in panel["knots"] if x[0] <= k <= x[-1]]
    ax.plot(
        inside, [0.0] * len(inside), ls="", marker="|", ms=5, mew=0.8, color=INK, clip_on=False,
        transform=ax.get_xaxis_transform(), zorder=4,
    )  # fmt: skip
    if panel["letter"]:
        sheet.letter(left, top - 3, panel["letter"])
    sheet.text(x0, top - 3, panel["test"], color=MUTED)
    sheet.text(x0 + w, top - 3, panel["note"], ha="right", color=MUTED)
    sheet.ylabel(left + 4.2, y0, HEIGHT, panel["ylabel"])
    sheet.xlabel(x0, w, y0 - 8.2, panel["xlabel"])
