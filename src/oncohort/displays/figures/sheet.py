"""A sheet measured in millimetres, and its way to bytes.

Only `Figure` objects and the Agg, SVG and PDF canvases are used: no global figure, no window.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from oncohort.displays.figures.fonts import FONT, families, quiet
from oncohort.displays.figures.library import load, load_canvas
from oncohort.displays.figures.metrics import width_points
from oncohort.displays.figures.palette import INK, MUTED
from oncohort.displays.figures.png import png
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.stretches import without_stretches
from oncohort.vocabulary.unseen import drawn

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure
    from matplotlib.patches import Patch

MM = 25.4
DPI = 300
SVG_FONTS = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
"""What SVG text asks for; all of these are narrower than the font that was measured."""

RC: dict[str, object] = {
    "font.family": [FONT],
    # No generic family is asked for; short lists make each look-up of the font cheaper.
    **{f"font.{k}": [FONT] for k in ("serif", "sans-serif", "cursive", "fantasy", "monospace")},
    "svg.fonttype": "none",
    "svg.hashsalt": "oncohort",
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "path.simplify": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.6,
    "ytick.major.size": 2.6,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "text.color": INK,
    "hatch.linewidth": 0.45,
    "lines.solid_capstyle": "butt",
    "axes.unicode_minus": True,
    "text.parse_math": False,
}


class Page:
    """The whole sheet in mm: words, lines and shapes that stand above or behind the axes.

    They belong to the figure itself: axes over the whole sheet would take longer to set up than all
    that stands on them. Among themselves they keep matplotlib's order (shapes, lines, words).

    Parameters
    ----------
    level
        Above the axes (which are at 0) or below.
    """

    def __init__(self, figure: MatplotlibFigure, width: float, height: float, level: float) -> None:
        from matplotlib.transforms import Affine2D

        self._figure, self._level = figure, level
        self.texts: list[Artist] = []
        self._mm = Affine2D().scale(1 / width, 1 / height) + figure.transFigure

    def _place(self, artist: Artist) -> None:
        artist.set_zorder(self._level + artist.get_zorder() / 100)
        self._figure.add_artist(artist)

    def text(self, x: float, y: float, words: str, **options: Option) -> None:
        """Words at a place."""
        from matplotlib.text import Text

        self.texts.append(Text(x, y, drawn(words), transform=self._mm, **options))
        self._place(self.texts[-1])

    def plot(self, xs: list[float], ys: list[float], **options: Option) -> None:
        """A line."""
        from matplotlib.lines import Line2D

        self._place(Line2D(xs, ys, transform=self._mm, **options))

    def add_patch(self, patch: Patch) -> None:
        """A shape."""
        patch.set_transform(self._mm)
        self._place(patch)

    def arrow(self, start: tuple[float, float], end: tuple[float, float], **look: object) -> None:
        """An arrow from a place to another."""
        from matplotlib.text import Annotation

        arrow = Annotation(
            "", end, xytext=start, xycoords=self._mm, textcoords=self._mm, arrowprops=look
        )
        arrow.set_figure(self._figure)
        self._place(arrow)


class Sheet:
    """A page of `width` x `height` mm with its origin at the lower left."""

    def __init__(self, width: float, height: float, points: float) -> None:
        load_canvas()
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height, self.points = width, height, points
        self.figure = Figure(figsize=(width / MM, height / MM), dpi=DPI)
        FigureCanvasAgg(self.figure)
        self.page = self._cover(5)

    def _cover(self, level: float) -> Page:
        return Page(self.figure, self.width, self.height, level)

    def bands(self, places: list[tuple[float, float, float, float]], colour: str) -> None:
        """Rectangles (left, bottom, width, height in mm) behind everything."""
        from matplotlib.patches import Rectangle

        ground = self._cover(-1)
        for left, bottom, width, height in places:
            ground.add_patch(Rectangle((left, bottom), width, height, fc=colour, lw=0))

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes at a place in mm."""
        ax = self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )
        ax.tick_params(labelsize=self.points - 0.5)
        return ax

    def text(self, x: float, y: float, words: str, **options: object) -> None:
        """Words at a place in mm; vertically centred unless told otherwise."""
        options.setdefault("fontsize", self.points)
        options.setdefault("va", "center_baseline")
        options.setdefault("rotation_mode", "anchor")
        self.page.text(x, y, words, **options)

    def line(self, xs: list[float], ys: list[float], **options: object) -> None:
        """A line in mm."""
        options.setdefault("color", INK)
        options.setdefault("lw", 0.6)
        self.page.plot(xs, ys, **options)

    def letter(self, x: float, y: float, words: str) -> None:
        """The letter of a panel."""
        self.text(x, y, words, fontweight="bold", fontsize=self.points + 1.5)

    def xlabel(self, left: float, width: float, y: float, words: str) -> None:
        """Label of an x axis, centred below it."""
        self.text(left + width / 2, y, words, ha="center")

    def ylabel(self, x: float, bottom: float, height: float, words: str) -> None:
        """Label of a y axis, turned and centred beside it."""
        self.text(x, bottom + height / 2, words, ha="center", va="baseline", rotation=90)

    def muted(self, x: float, y: float, words: str, **options: object) -> None:
        """Smaller grey words."""
        self.text(x, y, words, fontsize=self.points - 0.5, color=MUTED, **options)


@lru_cache(maxsize=4096)
def width_mm(words: str, points: float, bold: bool = False) -> float:
    """Printed width of words in the measured font."""
    known = width_points(words, points, bold)
    if known is not None:
        return known / 72 * MM
    load()
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    weight = "bold" if bold else "normal"
    font = FontProperties(family=list(families(words)), size=points, weight=weight)
    with quiet():  # a letter that no font has is drawn as a box
        width, _, _ = text_to_path.get_text_width_height_descent(words, font, False)
    return float(width) / 72 * MM


def _fitting(word: str, at: int, points: float, limit: float, bold: bool) -> int:
    """How many letters of a word, from one on, stand on a line with a hyphen; 0 if all fit.

    As many are measured as a line may hold, not the whole word.
    """
    high = 1
    while at + high < len(word) and width_mm(word[at : at + high], points, bold) <= limit:
        high = min(2 * high, len(word) - at)
    if at + high >= len(word) and width_mm(word[at:], points, bold) <= limit:
        return 0
    low = 1
    while low < high:
        middle = (low + high + 1) // 2
        if width_mm(word[at : at + middle] + "-", points, bold) <= limit:
            low = middle
        else:
            high = middle - 1
    return min(low, len(word) - at - 1)


def wrap(words: str, points: float, limit: float, bold: bool = False) -> list[str]:
    """Break words into lines no wider than `limit` mm; a longer single word is broken.

    A no-break space holds words together.
    """
    lines: list[str] = []
    current = ""
    for word in re.split(r"[ \t\n]+", words.strip()):
        trial = f"{current} {word}" if current else word
        if width_mm(trial, points, bold) <= limit:
            current = trial
            continue
        if current:
            lines.append(current)
        at = 0
        while len(word) - at > 1 and (cut := _fitting(word, at, points, limit, bold)):
            lines.append(word[at : at + cut] + "-")
            at += cut
        current = word[at:]
    return [*lines, current] if current else lines or [""]


LINE_ART = 1000
"""Dots per inch that journals ask of line art."""


def unmeasured(figure: MatplotlibFigure) -> None:
    """Let the labels of ticks not be measured once more at each drawing.

    That is done for the power of ten that would stand behind them (and for labels of axes, which a
    sheet places itself); where there is none, it is for nothing.
    """
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            form = axis.get_major_formatter()
            form.set_locs(list(axis.get_majorticklocs()))
            if not form.get_offset():
                for tick in axis.get_major_ticks():
                    tick.label1.set_in_layout(False)
                    tick.label2.set_in_layout(False)


def _opaque(figure: MatplotlibFigure) -> None:
    """EPS knows no transparency: what shines through becomes the colour that one sees."""
    from matplotlib.collections import PolyCollection

    for artist in figure.findobj(PolyCollection):
        alpha = artist.get_alpha()
        if alpha is not None and alpha < 1:
            seen = [[c * alpha + 1 - alpha for c in rgba[:3]] for rgba in artist.get_facecolor()]
            artist.set_alpha(None)
            artist.set_facecolor(seen)


def _png(figure: MatplotlibFigure) -> bytes:
    """PNG at 300 dpi, which a sheet is drawn at: it is opaque, so three channels hold it."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return png(np.asarray(canvas.buffer_rgba()), DPI)


def to_bytes(sheet: Sheet, form: str, name: str) -> bytes:
    """Write a sheet as svg, png, pdf, eps or tiff; the same drawing gives the same bytes."""
    out = io.BytesIO()
    fig = sheet.figure
    if form == "svg":
        fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return clean_svg(drawn(out.getvalue().decode("utf-8")), name).encode("utf-8")
    if form == "png":
        return _png(fig)
    if form == "pdf":
        fig.savefig(out, format="pdf", metadata={"CreationDate": None, "Producer": None})
    elif form == "tiff":
        fig.savefig(out, format="tiff", dpi=LINE_ART, pil_kwargs={"compression": "tiff_lzw"})
    elif form == "eps":
        _opaque(fig)
        fig.savefig(out, format="eps")
        return re.sub(rb"(?m)^%%(CreationDate|Creator):[^\n]*\n", b"", out.getvalue())
    else:
        raise ValueError(f"unknown figure format {form!r}")
    return out.getvalue()


_PATH = re.compile(r'(?<= d=")[^"]*')
_NOT_IN_A_PAGE = (("<?xml", "?>"), ("<!DOCTYPE", ">"), ("<metadata>", "</metadata>"))
_DECIMALS = re.compile(r"(\d\.\d{2})\d+")


def clean_svg(svg: str, name: str) -> str:
    """SVG that can stand inside a page: own ids, fonts that readers have, no outside reference.

    Points of paths keep two decimals: a hundredth of a point is finer than any printer.
    """
    for start, end in _NOT_IN_A_PAGE:
        svg = without_stretches(svg, start, end, blanks=True)
    svg = _PATH.sub(lambda m: _DECIMALS.sub(r"\1", m[0]).replace(" \n", "\n"), svg)
    svg = svg.replace(f"'{FONT}'", SVG_FONTS).replace(f'"{FONT}"', SVG_FONTS)
    svg = without_stretches(svg, "<defs>\n  <style", "</defs>", blanks=True)
    svg = svg.replace("<svg ", '<svg style="stroke-linejoin:round;stroke-linecap:butt" ', 1)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^()]+)\)", rf"url(#{name}-\1)", svg)
    return re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
