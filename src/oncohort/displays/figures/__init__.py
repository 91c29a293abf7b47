"""Figures: what to draw as data, and the drawing of it with matplotlib `Figure` objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.displays.figures.drawing import Images as Images
    from oncohort.displays.figures.drawing import draw as draw
    from oncohort.displays.figures.drawing import draw_all as draw_all
    from oncohort.displays.figures.model import Figure as Figure

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "drawing": ["Images", "draw", "draw_all"],
        "model": ["Figure"],
    },
)
