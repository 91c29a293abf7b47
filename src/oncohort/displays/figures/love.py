"""Love plot: standardized differences of each variable before and after adjustment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oncohort.displays.figures.forest import LINE
from oncohort.displays.figures.palette import (
    BLACK,
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    VERMILION,
)
from oncohort.displays.figures.sheet import Sheet, width_mm, wrap

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

BOTTOM = 11.0
TOP = 5.0
MARKS = (
    ("o", BLACK, "white"),
    ("s", BLUE, BLUE),
    ("D", VERMILION, VERMILION),
    ("^", GREEN, GREEN),
    ("v", PURPLE, PURPLE),
    ("P", ORANGE, ORANGE),
)
"""Shape, edge and face of each method, in order; the unadjusted sample is hollow."""


def _room(data: Data, points: float, width: float) -> float:
    need = max(width_mm(r["label"], points) for r in data["rows"])
    return min(need + 3, width * 0.42)


def _heights(data: Data, points: float, room: float) -> list[float]:
    return [LINE * len(wrap(r["label"], points, room - 2)) + 0.7 for r in data["rows"]]


def _legend(data: Data, points: float, width: float) -> list[list[tuple[int, str]]]:
    """Lines of (method, label)."""
    lines: list[list[tuple[int, str]]] = [[]]
    x = 0.0
    for k, label in enumerate(data["methods"]):
        need = width_mm(label, points) + 8
        if lines[-1] and x + need > width:
            lines.append([])
            x = 0.0
        lines[-1].append((k, label))
        x += need
    return lines


def height_mm(data: Mapping[str, object], points: float, width: float) -> float:
    """Height of the whole figure."""
    legend = LINE * len(_legend(data, points, width))
    return TOP + legend + sum(_heights(data, points, _room(data, points, width))) + BOTTOM


def draw(sheet: Sheet, data: Data) -> None:
    """Absolute standardized differences, one line per variable, one mark per method."""
    rows, points = data["rows"], sheet.points
    room = _room(data, points, sheet.width)
    tall = _heights(data, points, room)
    total = sum(tall)
    legend = _legend(data, points, sheet.width)
    for k, line in enumerate(legend):
        x = 0.0
        for method, label in line:
            shape, edge, face = MARKS[method % len(MARKS)]
            y = sheet.height - 3 - LINE * k
            sheet.line([x + 2], [y], marker=shape, ms=4.2, mfc=face, mec=edge, mew=0.9)
            sheet.text(x + 4.5, y, label)
            x += width_mm(label, points) + 8
    known = [abs(v) for r in rows for v in r["values"] if v is not None]
    most = max([0.25, *known]) * 1.06
    ax = sheet.axes(room, BOTTOM, sheet.width - room - 3, total)
    ax.set_xlim(0, most)
    ax.set_ylim(0, total)
    ax.set_yticks([])
    ax.spines["left"].set_color(MUTED)
    ax.axvline(data["bound"], color=MUTED, lw=0.7, ls=(0, (3, 2)), zorder=0)
    y = total
    for row, height in zip(rows, tall, strict=True):
        middle = y - height / 2
        for k, words in enumerate(wrap(row["label"], points, room - 2)):
            sheet.text(0, BOTTOM + y - LINE * (k + 0.5) - 0.35, words, color=INK)
        ax.plot([0, most], [middle, middle], color="#e9ebee", lw=0.5, zorder=0)
        for k, value in enumerate(row["values"]):
            if value is None:
                continue
            shape, edge, face = MARKS[k % len(MARKS)]
            ax.plot(
                [abs(value)], [middle], ls="", marker=shape, ms=4.2, mfc=face, mec=edge, mew=0.9,
                zorder=3 + k, clip_on=False,
            )  # fmt: skip
        y -= height
    sheet.xlabel(room, sheet.width - room - 3, 3.4, "Absolute standardized mean difference")
