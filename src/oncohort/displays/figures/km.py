"""Kaplan-Meier curves with intervals, censoring marks and numbers at risk.

The table of numbers at risk stands on the axis of the curve and is its legend, so that no label
can lie on a curve, with two groups or six (KMunicate, Morris 2019: show intervals and numbers
at risk).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from oncohort.displays.figures.palette import CURVES, INK, MUTED, RULE
from oncohort.displays.figures.sheet import Sheet, wrap

LINE = 3.7
LEFT = 15.0
RIGHT = 4.0


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


def _entries(panel: Mapping[str, Any], points: float, room: float) -> list[list[str]]:
    """Legend lines of each group, wrapped to the panel."""
    return [wrap(g["label"], points, room) for g in panel["groups"]]


def panel_height(panel: Mapping[str, Any], points: float, width: float) -> float:
    """Height in mm that one panel needs: curve, axis, table of numbers at risk."""
    entries = _entries(panel, points - 0.3, width - 9)
    rows = sum(len(e) for e in entries) + len(entries)
    if len(entries) == 1 and not panel["groups"][0]["label"]:
        rows = 1
    return 50 + 7 + 12.5 + LINE * (rows + 1) + 2


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


def _curve(ax: Any, group: Mapping[str, Any], colour: str, dash: Any, band: bool) -> None:
    t, s = group["time"], [100 * v for v in group["survival"]]
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


def _medians(ax: Any, groups: Sequence[Mapping[str, Any]]) -> None:
    reached = [g["median"] for g in groups if g["median"] is not None]
    if not reached:
        return
    quiet = {"color": RULE, "lw": 0.6, "ls": (0, (3, 2)), "zorder": 0.5}
    ax.plot([0, max(reached)], [50, 50], **quiet)
    for median in reached:
        ax.plot([median, median], [0, 50], **quiet)


def _panel(sheet: Sheet, panel: Mapping[str, Any], left: float, width: float) -> None:
    top = sheet.height - 7
    x0, w, h = left + LEFT, width - LEFT - RIGHT, 50.0
    y0 = top - h
    ax = sheet.axes(x0, y0, w, h)
    groups = panel["groups"]
    last = max((max(g["time"], default=0) for g in groups), default=0) or 1
    marks = ticks(last, panel["unit"], w)
    ax.set_xlim(0, marks[-1])
    ax.set_ylim(0, 102)
    ax.set_xticks(marks, [f"{m:g}" for m in marks])
    ax.set_yticks(range(0, 101, 20))
    end = ax.get_xlim()[1]
    for group, (colour, dash) in zip(groups, CURVES * (1 + len(groups) // 6), strict=False):
        _curve(ax, group, colour, dash, band=len(groups) <= 3)
    _medians(ax, groups)
    if panel["letter"]:
        sheet.letter(left, sheet.height - 3, panel["letter"])
    sheet.text(x0 + w, sheet.height - 3, panel["note"], ha="right", color=MUTED)
    sheet.ylabel(left + 4.2, y0, h, panel["ylabel"])
    sheet.xlabel(x0, w, y0 - 8.2, panel["xlabel"])
    y = y0 - 14
    sheet.muted(left, y, "Number at risk")
    y -= LINE
    for group, entry, (colour, dash) in zip(
        groups,
        _entries(panel, sheet.points - 0.3, width - 9),
        CURVES * (1 + len(groups) // 6),
        strict=False,
    ):
        if group["label"]:
            sheet.line([left, left + 6.5], [y, y], color=colour, ls=dash, lw=1.25)
            for words in entry:
                sheet.text(left + 8, y, words, fontsize=sheet.points - 0.3, color=INK)
                y -= LINE
        for mark in marks:
            x = x0 + w * mark / end
            number = at_risk(group["time"], group["at_risk"], mark)
            sheet.text(x, y, str(number), ha="center", fontsize=sheet.points - 0.5)
        y -= LINE


def draw(sheet: Sheet, data: Mapping[str, Any]) -> None:
    """One or two panels side by side, more in rows below (each row as high as the sheet says)."""
    panels = data["panels"]
    gap = 6.0
    width = (sheet.width - gap * (len(panels) - 1)) / len(panels)
    for i, panel in enumerate(panels):
        _panel(sheet, panel, i * (width + gap), width)
