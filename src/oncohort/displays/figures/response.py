"""Waterfall, swimmer and spider: what happened to each patient, without saying who."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures.palette import BLACK, FAINT, INK, MUTED, RESPONSES, RULE
from oncohort.displays.figures.sheet import Sheet, width_mm
from oncohort.displays.figures.thinning import FINE, evenly
from oncohort.displays.figures.under import ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from oncohort.displays.figures.data import Data


def legend(sheet: Sheet, levels: Sequence[str], y: float, left: float) -> float:
    """Boxes with hatch and label in a line, further lines where they do not fit; the last y."""
    from matplotlib.patches import Rectangle

    x = left
    for level in levels:
        label, colour, hatch = RESPONSES[level]
        need = 6.5 + width_mm(label, sheet.points) + 4
        if x + need > sheet.width and x > left:
            x, y = left, y - 4.2
        sheet.page.add_patch(
            Rectangle((x, y - 1.3), 5, 2.6, fc=colour, ec=INK, lw=0.4, hatch=hatch)
        )
        sheet.text(x + 6.5, y, label)
        x += need
    return y


def _runs(ax: Axes, at: Sequence[int], shown: Sequence[float], best: Sequence[str], n: int) -> None:
    """Many bars: neighbours of one response as one outline, so that hatches stay readable."""
    ends = [*at[1:], n]
    start = 0
    for i in range(1, len(shown) + 1):
        if i < len(shown) and best[i] == best[start]:
            continue
        _, colour, hatch = RESPONSES[best[start]]
        edges = [x for k in range(start, i) for x in (at[k] - 0.5, ends[k] - 0.5)]
        tops = [v for k in range(start, i) for v in (shown[k], shown[k])]
        ax.fill_between(edges, tops, fc=colour, ec=INK, lw=0, hatch=hatch, zorder=2)
        start = i


FLAT = 0.5
"""A bar of a smaller change has a square, or it could not be seen."""
ELSEWHERE = {
    "new": "progression by a new lesion",
    "non_target": "progression of non-target lesions",
}
"""Progressions that the bars do not show, with the words of the legend."""
CAP = 100.0
"""Growth beyond this is drawn at it, with the number above."""


def cap_of(changes: Sequence[float]) -> float | None:
    """Where the bars are cut; None where none is much higher."""
    return CAP if changes and max(changes) > 110 else None


def bars(
    ax: Axes, changes: Sequence[float], best: Sequence[str], cap: float | None, points: float
) -> None:
    """The bars of a waterfall with the numbers of those that are cut."""
    n = len(changes)
    kept = evenly(n, FINE)  # bars narrower than a dot: their neighbours in order of size stand in
    shown = [min(c, cap) if cap else c for c in changes]
    many = n > 120
    if many:
        _runs(ax, kept, [shown[i] for i in kept], [best[i] for i in kept], n)
    for level in [k for k in RESPONSES if k in set(best)]:
        _, colour, hatch = RESPONSES[level]
        at = [i for i, b in enumerate(best) if b == level]
        if not many:
            ax.bar(
                at,
                [shown[i] for i in at],
                width=0.82,
                color=colour,
                edgecolor=INK,
                linewidth=0.35,
                hatch=hatch,
                zorder=2,
            )
        flat = [i for i in (set(at) & set(kept) if many else at) if abs(shown[i]) < FLAT]
        ax.plot(flat, [0] * len(flat), ls="", marker="s", ms=2.2, color=colour, mec=INK, mew=0.3)
    cut = [(i, value) for i, value in enumerate(changes) if cap and value > cap]
    for i, value in cut[:1] if many else cut:
        ax.annotate(
            f"up to {max(changes):.0f}" if many else f"{value:.0f}",
            (i, cap),
            xytext=(0, 1.5),
            textcoords="offset points",
            ha="left" if many else "center",
            va="bottom",
            fontsize=points - 1.5,
            rotation=0 if many or n < 60 else 90,
        )


def limits(ax: Axes, changes: Sequence[float], words: bool, points: float) -> None:
    """The height of the axes, with the dashed lines of -30% and +20%."""
    cap = cap_of(changes)
    for height, text in ((-30, "\u221230%"), (20, "+20%")):
        ax.axhline(height, color=MUTED, lw=0.6, ls=(0, (4, 2)), zorder=1)
        if words:
            ax.annotate(
                text,
                (1, height),
                xycoords=("axes fraction", "data"),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=points - 0.5,
                color=MUTED,
                annotation_clip=False,
            )
    ax.axhline(0, color=INK, lw=0.6, zorder=3)
    shown = [min(c, cap) if cap else c for c in changes]
    low, high = min([-40.0, *shown]), max([30.0, *shown])
    ax.set_ylim(max(-104.0, low - 6), high + (9 if cap else 5))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_yticks([t for t in range(-100, 101, 20) if ax.get_ylim()[0] <= t <= ax.get_ylim()[1]])


def _mark_elsewhere(ax: Axes, changes: Sequence[float], marked: Sequence[str]) -> None:
    """Triangles above the bars of those who progressed elsewhere than in the target lesions."""
    cap = cap_of(changes)
    for kind in ELSEWHERE:
        at = [i for i, m in enumerate(marked) if m == kind]
        tops = [max(min(changes[i], cap) if cap else changes[i], 0) + 3.5 for i in at]
        face = BLACK if kind == "new" else "white"
        ax.plot(at, tops, ls="", marker="v", ms=3.2, color=BLACK, mfc=face, mew=0.6, clip_on=False)


def waterfall(sheet: Sheet, data: Data) -> None:
    """Best change of the target sum, one bar per patient, from growth to shrinkage."""
    changes, best = data["change"], data["best"]
    levels = [k for k in RESPONSES if k in set(best)]
    y = legend(sheet, levels, sheet.height - 3, 15)
    marked = data.get("elsewhere", ())
    x = 17.5
    y -= 4.2 if any(kind in marked for kind in ELSEWHERE) else 0
    for kind, words in ELSEWHERE.items():
        if kind in marked:
            face = BLACK if kind == "new" else "white"
            sheet.line([x], [y], marker="v", ms=3.2, color=BLACK, mfc=face, mew=0.6)
            sheet.text(x + 4.0, y, words[:1].upper() + words[1:])
            x += 10.5 + width_mm(words, sheet.points)
    top, bottom = y - 5, 5.0
    ax = sheet.axes(15.0, bottom, sheet.width - 15 - 12, top - bottom)
    bars(ax, changes, best, cap_of(changes), sheet.points)
    limits(ax, changes, True, sheet.points)
    _mark_elsewhere(ax, changes, marked)
    ax.set_xlim(-0.8, max(len(changes), 8) - 0.2)
    sheet.ylabel(4.2, bottom, top - bottom, data["ylabel"])


MARKERS: tuple[tuple[str, str, str, float], ...] = (
    ("response_start", "Response starts", "^", 3.6),
    ("progression", "Progression", "D", 2.9),
    ("death", "Death", "X", 3.6),
    ("alive", "Alive at last contact", "o", 2.7),
)


def _swimmer_legend(
    sheet: Sheet, data: Data, present: Sequence[tuple[str, str, str, float]]
) -> float:
    """The responses and the marks that are there; the height at which the legend ends."""
    levels = [k for k in RESPONSES if k in set(data["best"])]
    y = legend(sheet, levels, sheet.height - 3, 6) - 4.6
    x = 6.0
    for _, label, shape, size in present:
        sheet.line([x + 2.5], [y], marker=shape, ms=size, color=BLACK, mfc="white", mew=0.7)
        sheet.text(x + 6.5, y, label)
        x += 6.5 + width_mm(label, sheet.points) + 4
    if any(data["ongoing"]):
        sheet.line([x + 2.5], [y], marker=">", ms=3.6, color=BLACK, mew=0.7)
        sheet.text(x + 6.5, y, "Treatment goes on")
    return y


def swimmer(sheet: Sheet, data: Data) -> None:
    """Time on treatment, one bar per patient, with what happened along it."""
    from matplotlib.patches import Rectangle

    durations, best = data["duration"], data["best"]
    present = [m for m in MARKERS if any(v is not None for v in data[m[0]])]
    top, bottom = _swimmer_legend(sheet, data, present) - 4, 11.0
    x0, w = 6.0, sheet.width - 6 - 5
    ax = sheet.axes(x0, bottom, w, top - bottom)
    n = len(durations)
    thick = (top - bottom) / max(n, 1)
    slim = thick < 1.2
    size = min(1.0, max(0.45, thick / 2.4))
    for i, (duration, level) in enumerate(zip(durations, best, strict=True)):
        _, colour, hatch = RESPONSES.get(level, RESPONSES["ne"])
        ax.add_patch(
            Rectangle(
                (0, i - 0.38),
                duration,
                0.76,
                fc=colour,
                ec=colour if slim else INK,
                lw=0 if slim else 0.35,
                hatch="" if slim else hatch,
            )
        )
    for name, _, shape, points in present:
        at = [(v, i) for i, v in enumerate(data[name]) if v is not None]
        ax.plot(
            *zip(*at, strict=True),
            ls="",
            marker=shape,
            ms=points * size,
            mfc="white",
            mec=BLACK,
            mew=0.7 * size,
            zorder=4,
            clip_on=False,
        )
    going = [(d, i) for i, (d, o) in enumerate(zip(durations, data["ongoing"], strict=True)) if o]
    if going:
        ax.plot(
            *zip(*going, strict=True), ls="", marker=">", ms=3.6 * size, color=BLACK, clip_on=False
        )
    last = max([1e-9, *durations, *(v for m in MARKERS for v in data[m[0]] if v is not None)])
    marks = ticks(last, data["unit"], w)
    ax.set_xlim(0, marks[-1])
    ax.set_ylim(n - 0.4, -0.6)
    ax.set_xticks(marks, [f"{m:g}" for m in marks])
    ax.set_yticks([])
    ax.spines["left"].set_color(RULE)
    sheet.xlabel(x0, w, 3.2, data["xlabel"])
    sheet.ylabel(4.0, bottom, top - bottom, data["ylabel"])


def spider(sheet: Sheet, data: Data) -> None:
    """Change of the target sum over time, one line per patient."""
    from matplotlib.collections import LineCollection

    lines = data["lines"]
    levels = [k for k in RESPONSES if any(line["best"] == k for line in lines)]
    dashes = {"cr": "-", "pr": (0, (4, 1.2)), "sd": (0, (1.2, 1.2)), "pd": (0, (5, 1.2, 1, 1.2))}
    x, y = 15.0, sheet.height - 3
    for level in levels:
        label, colour, _ = RESPONSES[level]
        need = 8.5 + width_mm(label, sheet.points) + 4
        if x + need > sheet.width and x > 15:
            x, y = 15.0, y - 4.2
        sheet.line([x, x + 6.5], [y, y], color=colour, ls=dashes.get(level, "-"), lw=1.2)
        sheet.text(x + 8, y, label)
        x += need
    top, bottom, x0 = y - 5, 11.0, 15.0
    w = sheet.width - x0 - 12
    ax = sheet.axes(x0, bottom, w, top - bottom)
    for level in levels:
        paths = [
            list(zip(line["time"], [min(c, 110) for c in line["change"]], strict=True))
            for line in lines
            if line["best"] == level
        ]
        _, colour, _ = RESPONSES[level]
        ax.add_collection(
            LineCollection(paths, colors=colour, lw=0.9, linestyles=[dashes.get(level, "-")])
        )
        if len(lines) <= 120:
            ends = [p[-1] for p in paths if p]
            ax.plot(*zip(*ends, strict=True), ls="", marker="o", ms=1.8, color=colour)
    for height, words in ((-30, "\u221230%"), (20, "+20%")):
        ax.axhline(height, color=MUTED, lw=0.6, ls=(0, (4, 2)), zorder=1)
        ax.annotate(
            words,
            (1, height),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=sheet.points - 0.5,
            color=MUTED,
            annotation_clip=False,
        )
    ax.axhline(0, color=FAINT, lw=0.6, zorder=0)
    everything = [min(c, 110) for line in lines for c in line["change"]] or [0]
    ax.set_ylim(max(-104.0, min(-40.0, *everything, 0) - 4), max(30.0, *everything, 0) + 5)
    last = max([1e-9, *(t for line in lines for t in line["time"])])
    marks = ticks(last, data["unit"], w)
    ax.set_xlim(0, marks[-1])
    ax.set_xticks(marks, [f"{m:g}" for m in marks])
    ax.set_yticks([t for t in range(-100, 101, 20) if ax.get_ylim()[0] <= t <= ax.get_ylim()[1]])
    sheet.xlabel(x0, w, 3.2, data["xlabel"])
    sheet.ylabel(4.2, bottom, top - bottom, data["ylabel"])
