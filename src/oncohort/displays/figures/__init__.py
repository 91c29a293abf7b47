"""Figures: what to draw as data, and the drawing of it with matplotlib `Figure` objects."""

from oncohort.displays.figures.drawing import Images, draw, draw_all, warm
from oncohort.displays.figures.model import Figure

__all__ = ["Figure", "Images", "draw", "draw_all", "warm"]
