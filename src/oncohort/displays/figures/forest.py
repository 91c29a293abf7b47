"""Forest plots: hazard ratios of the models, and this study beside earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import BLUE, FAINT, INK, MUTED, ORANGE, VERMILION
from oncohort.displays.figures.sheet import Sheet, width_mm, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data

LINE = 3.9
BOTTOM = 11.0
HEAD = 18.0
GAP = 3.0
"""Millimetres between two columns."""
MARKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""Where the axis of ratios can end and be marked."""


def label_room(rows: Sequence[Mapping[str, object]], points: float, most: float) -> float:
    """Width in mm of the column of labels."""
    need = max(
        (width_mm(r["label"], points, r["head"]) + (0 if r["head"] else 3) for r in rows),
        default=20,
    )
    return min(need + 3, most)


def heights(rows: Sequence[Data], points: float, room: float) -> list[float]:
    """Height of each row in mm: its label's lines, or one line per model."""
    out = []
    for row in rows:
        lines = len(wrap(row["label"], points, room - (0 if row["head"] else 3), row["head"]))
        out.append(LINE * max(lines, len(row["ratios"]), 1) + (1.0 if row["head"] else 0.5))
    return out


def height_mm(data: Data, points: float, width: float) -> float:
    """Height of the whole figure."""
    room = label_room(data["rows"], points, width * 0.3)
    return HEAD + sum(heights(data["rows"], points, room)) + BOTTOM


def log_limits(rows: Sequence[Data]) -> tuple[float, float]:
    """Ends of the log axis: marks around all intervals, as far as there are marks."""
    values = [
        end
        for row in rows
        for r in row["ratios"]
        for end in (r["hr"], r["low"], r["high"])
        if end is not None and end > 0
    ]
    low = min([0.5, *values])
    high = max([2.0, *values])
    below = [m for m in MARKS if m <= low]
    above = [m for m in MARKS if m >= high]
    return (below[-1] if below else MARKS[0]), (above[0] if above else MARKS[-1])


def _mark(ax: Axes, y: float, ratio: Data, low: float, high: float) -> None:
    solid = ratio["model"] == "multi"
    colour = VERMILION if solid else BLUE
    a = ratio["low"] if ratio["low"] is not None and ratio["low"] > 0 else low / 10
    b = ratio["high"] if ratio["high"] is not None else high * 10
    ax.plot([max(a, low), min(b, high)], [y, y], color=colour, lw=1.0, solid_capstyle="butt")
    for end, beyond, shape in ((low, a < low, "<"), (high, b > high, ">")):
        if beyond:
            ax.plot([end], [y], marker=shape, ms=3.2, color=colour, mew=0, clip_on=False)
    if low <= ratio["hr"] <= high:
        ax.plot(
            [ratio["hr"]],
            [y],
            marker="s" if solid else "o",
            ms=4.0,
            mfc=colour if solid else "white",
            mec=colour,
            mew=0.9,
            zorder=4,
        )


def _room(words: Sequence[str], points: float) -> float:
    """Width in mm of a column of figures under its head."""
    return max(width_mm(w, points, True) for w in words)


def hazards(sheet: Sheet, data: Data) -> None:
    """Ratios of one endpoint: label, patients with events, marks on a log axis, ratio and p."""
    rows, points = data["rows"], sheet.points
    small = points - 0.7
    room = label_room(rows, points, sheet.width * 0.3)
    tall = heights(rows, points, room)
    top, total = sheet.height - HEAD, sum(tall)
    starts = [top - sum(tall[:i]) for i in range(len(rows))]
    ratios = [r for row in rows for r in row["ratios"]]
    sizes, words, tests = data["columns"]
    size = _room([sizes, *(row["size"] for row in rows)], small)
    told = _room([words, "reference", *(r["text"] for r in ratios)], small)
    test = _room([tests, *(r["p"] for r in ratios)], small)
    p_at = sheet.width
    text_at = p_at - test - GAP - told
    x0 = room + size + 2 * GAP
    w = text_at - GAP - x0
    _labels(sheet, rows, starts, tall, room)
    low, high = log_limits(rows)
    ax = _log_axes(sheet, (x0, w, total), low, high)
    for row, y in zip(rows, starts, strict=True):
        sheet.text(room + size, y - LINE * 0.5 - 0.25, row["size"], fontsize=small, ha="right")
        for k, ratio in enumerate(row["ratios"]):
            at = y - LINE * (k + 0.5) - 0.25
            if ratio["hr"] is not None:
                _mark(ax, at - BOTTOM, ratio, low, high)
            weight = "bold" if ratio["model"] == "multi" else "normal"
            sheet.text(text_at, at, ratio["text"], fontsize=small, fontweight=weight)
            sheet.text(p_at, at, ratio["p"], fontsize=small, fontweight=weight, ha="right")
        if row["reference"]:
            at = y - LINE * 0.5 - 0.25
            ax.plot([1], [at - BOTTOM], marker="|", ms=5, mew=1.0, color=INK)
            sheet.muted(text_at, at, "reference")
    head = sheet.height - 13
    sheet.text(0, sheet.height - 8.5, data["title"], fontweight="bold")
    sheet.muted(room + size, head, sizes, ha="right")
    sheet.muted(text_at, head, words)
    sheet.muted(p_at, head, tests, ha="right")
    sheet.muted(x0, head, f"\u2190 {data['sides'][0]}")
    sheet.muted(x0 + w, head, f"{data['sides'][1]} \u2192", ha="right")
    sheet.xlabel(x0, w, 3.4, data["axis"])
    sheet.line([0, sheet.width], [top + 2.2, top + 2.2], color=INK, lw=0.6)
    _models(sheet, data["models"])


def _labels(
    sheet: Sheet,
    rows: Sequence[Data],
    starts: Sequence[float],
    tall: Sequence[float],
    room: float,
) -> None:
    """Names of the rows, and the grey ground of every second variable."""
    places = [
        (0.0, y - h, sheet.width, h)
        for row, y, h in zip(rows, starts, tall, strict=True)
        if row["band"]
    ]
    sheet.bands(places, "#f4f5f7")
    for row, y in zip(rows, starts, strict=True):
        indent = 0 if row["head"] else 3
        weight = "bold" if row["head"] else "normal"
        for k, words in enumerate(wrap(row["label"], sheet.points, room - indent, row["head"])):
            sheet.text(indent, y - LINE * (k + 0.5) - 0.25, words, fontweight=weight)


def _log_axes(sheet: Sheet, place: tuple[float, float, float], low: float, high: float) -> Axes:
    """The axis of ratios, with marks as far apart as their numbers are wide."""
    x0, w, total = place
    ax = sheet.axes(x0, BOTTOM, w, total)
    ax.patch.set_visible(False)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(0, total)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    marks = [m for m in MARKS if low <= m <= high]
    ax.set_xticks(marks, [f"{m:g}" for m in marks])
    ax.minorticks_off()
    ax.axvline(1, color=MUTED, lw=0.7, ls=(0, (3, 2)), zorder=0)
    return ax


def _models(sheet: Sheet, models: Sequence[tuple[str, str]]) -> None:
    """What circles and squares are, above the plot at the right."""
    x = sheet.width - sum(6.5 + width_mm(label, sheet.points) + 5 for _, label in models) + 5
    y = sheet.height - 3
    for model, label in models:
        solid = model == "multi"
        colour = VERMILION if solid else BLUE
        face = colour if solid else "white"
        sheet.line([x, x + 5], [y, y], color=colour, lw=1.0)
        shape = "s" if solid else "o"
        sheet.line([x + 2.5], [y], marker=shape, ms=4, mfc=face, mec=colour, mew=0.9)
        sheet.text(x + 6.5, y, label)
        x += 6.5 + width_mm(label, sheet.points) + 5


def historical_height(data: Data, points: float, width: float) -> float:
    """Height of the comparison."""
    room = min(width * 0.36, 62)
    total = 0.0
    for panel in data["panels"]:
        total += 8 + sum(
            LINE * max(1, len(wrap(r["label"], points, room - 3))) + 1.2 for r in panel["rows"]
        )
        total += 13
    return total - 4


def historical(sheet: Sheet, data: Data) -> None:
    """This study and earlier ones, one block per figure, each with its own axis."""
    points = sheet.points
    room = min(sheet.width * 0.36, 62)
    text = 36.0
    w = sheet.width - room - text
    y = sheet.height - 4
    for panel in data["panels"]:
        sheet.text(0, y, panel["title"], fontweight="bold")
        y -= 4.5
        rows = panel["rows"]
        tall = [LINE * max(1, len(wrap(r["label"], points, room - 3))) + 1.2 for r in rows]
        block = sum(tall)
        bottom = y - block
        ax = sheet.axes(room, bottom, w, block)
        ends = [v for r in rows for v in (r["value"], r["low"], r["high"]) if v is not None]
        top = 100.0 if panel["percent"] and max([0, *ends]) > 60 else max([1.0, *ends]) * 1.08
        ax.set_xlim(0, top)
        ax.set_ylim(bottom, y)
        ax.set_yticks([])
        ax.locator_params(axis="x", nbins=6)
        ax.spines["left"].set_color(FAINT)
        at = y
        for row, height in zip(rows, tall, strict=True):
            for k, words in enumerate(wrap(row["label"], points, room - 3)):
                sheet.text(
                    0,
                    at - LINE * (k + 0.5) - 0.4,
                    words,
                    fontweight="bold" if row["own"] else "normal",
                )
            mid = at - height / 2 + 0.2
            colour = VERMILION if row["own"] else INK
            if row["low"] is not None or row["high"] is not None:
                a = row["low"] if row["low"] is not None else 0
                b = row["high"] if row["high"] is not None else top
                ax.plot([a, min(b, top)], [mid, mid], color=colour, lw=1.1)
                if row["high"] is None:
                    ax.plot([top], [mid], marker=">", ms=3.2, color=colour, clip_on=False)
            if row["value"] is not None:
                ax.plot(
                    [row["value"]],
                    [mid],
                    marker="s" if row["own"] else "o",
                    ms=4.4,
                    mfc=colour if row["own"] else "white",
                    mec=colour,
                    mew=0.9,
                    zorder=4,
                )
            sheet.text(room + w + 3, mid, row["text"], fontsize=points - 0.3)
            at -= height
        sheet.xlabel(room, w, bottom - 7.2, panel["axis"])
        y = bottom - 13.5


FLOW_COLOURS = ("#eef3f8", "#ffffff", "#fdf3e1", ORANGE)


def flow_boxes(data: Data, points: float) -> list[tuple[list[str], list[str]]]:
    """(lines of the box that stays, lines of the box that leaves) for each step."""
    out: list[tuple[list[str], list[str]]] = []
    for step in data["steps"]:
        stay = wrap(step["stay"], points, 64, bold=True) if step["stay"] else []
        leave = wrap(step["leave"], points, 66) if step["leave"] else []
        out.append((stay, leave))
    return out


def flow_height(data: Mapping[str, object], points: float) -> float:
    """Height of the flow diagram."""
    total = 2.0
    for stay, leave in flow_boxes(data, points):
        total += _box(stay) + (max(_box(leave) + 3, 8.0) if leave else 0)
    return total


def _box(lines: Sequence[str]) -> float:
    return LINE * len(lines) + 3.6 if lines else 0.0


def flow(sheet: Sheet, data: Mapping[str, object]) -> None:
    """Who was looked at, who left at which criterion, who remained."""
    from matplotlib.patches import FancyBboxPatch

    def box(x: float, y: float, w: float, lines: Sequence[str], colour: str, bold: bool) -> None:
        h = _box(lines)
        sheet.page.add_patch(
            FancyBboxPatch(
                (x, y - h), w, h, boxstyle="round,pad=0,rounding_size=1", fc=colour, ec=INK, lw=0.6
            )
        )
        for k, words in enumerate(lines):
            sheet.text(
                x + w / 2,
                y - 1.8 - LINE * (k + 0.5),
                words,
                ha="center",
                fontweight="bold" if bold else "normal",
            )

    arrow: dict[str, object] = {"arrowstyle": "-|>", "lw": 0.7, "color": INK, "mutation_scale": 6}
    arrow |= {"shrinkA": 0, "shrinkB": 0}
    boxes = flow_boxes(data, sheet.points)
    y = sheet.height - 1
    mid = 35.0
    for i, (stay, leave) in enumerate(boxes):
        last = i == len(boxes) - 1
        if stay:
            box(1, y, 68, stay, FLOW_COLOURS[0] if i == 0 or last else "white", i == 0 or last)
            y -= _box(stay)
        if leave:
            gap = max(_box(leave) + 3, 8.0)
            sheet.page.arrow((mid, y), (mid, y - gap), **arrow)
            centre = y - gap / 2
            sheet.page.arrow((mid, centre), (84, centre), **arrow)
            box(84, centre + _box(leave) / 2, 72, leave, FLOW_COLOURS[2], False)
            y -= gap
