"""Sizes at which figures fill the pages of the supplement, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.displays.figures.model import Figure
from oncohort.displays.spans import text_of

PAGE_MM = 250.0
"""Height that figures and captions can fill on a page of the supplement."""
TITLE_MM = 60.0
"""Height of the title of the supplement."""
SMALLEST = 0.75
"""The least part of its size at which a figure is still read: 8 points become 6."""
FULL = 0.6
"""A page filled to this part is left as it is."""


def filling(figures: Sequence[Figure], start: float = TITLE_MM) -> list[float]:
    """The part of its size at which each figure is printed; 1 where nothing is gained.

    A figure that would leave the page before it half empty is made smaller, so far as it can
    still be read, to stand on that page.

    Parameters
    ----------
    figures
        In the order in which they are printed.
    start
        Height of the first page that is taken, in mm.
    """
    sizes, at = [], start
    for figure in figures:
        words, size = _caption_mm(figure), 1.0
        if at + figure.height_mm + words > PAGE_MM:
            fitting = (PAGE_MM - at - words) / figure.height_mm
            if at < PAGE_MM * FULL and fitting >= SMALLEST:
                size = fitting
            else:
                at = 0.0
        at += figure.height_mm * size + words
        sizes.append(size)
    return sizes


def _caption_mm(figure: Figure) -> float:
    """About the height of a figure's caption, in mm."""
    letters = len(figure.title) + len(text_of(figure.caption)) + 12
    return 9.0 + 4.2 * (letters // 105 + 1)
