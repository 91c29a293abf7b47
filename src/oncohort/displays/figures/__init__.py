"""Figures: what to draw as data, and the drawing of it with matplotlib `Figure` objects."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.displays.figures.drawing import Images, draw, draw_all
    from oncohort.displays.figures.model import Figure

__all__ = ["Figure", "Images", "draw", "draw_all"]


def __getattr__(name: str) -> object:
    """What draws is loaded when it is asked for: the data of a figure need none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "model" if name == "Figure" else "drawing"
    globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return globals()[name]
