"""Colours, hatches and lines that stay apart for colour-blind readers and in grey.

Colours are those of Okabe and Ito (2008, "Color universal design"); no meaning rests on colour
alone: bars have hatches, curves have dashes, points have shapes.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

INK = "#1a1a1a"
MUTED = "#5a5a5a"
RULE = "#9a9a9a"
FAINT = "#e3e3e3"

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"

RESPONSES: dict[str, tuple[str, str, str]] = {
    "cr": ("Complete response", GREEN, ""),
    "pr": ("Partial response", SKY, "////"),
    "noncr_nonpd": ("Non-CR/non-PD", YELLOW, "||||"),
    "sd": ("Stable disease", ORANGE, "----"),
    "pd": ("Progressive disease", VERMILION, "xxxx"),
    "ne": ("Not evaluable", "#C8C8C8", ""),
}
"""Level of best response: label, colour, hatch."""

Dash: TypeAlias = Literal["-"] | tuple[float, tuple[float, ...]]
"""A line, or the lengths of its dashes and gaps after an offset."""

CURVES: tuple[tuple[str, Dash], ...] = (
    (BLUE, "-"),
    (VERMILION, (0, (5, 1.6))),
    (GREEN, (0, (1.2, 1.2))),
    (PURPLE, (0, (6, 1.4, 1.2, 1.4))),
    (ORANGE, (0, (3, 1, 1, 1, 1, 1))),
    (BLACK, (0, (9, 2))),
    (SKY, "-"),
    (ORANGE, (0, (5, 1.6))),
    (PURPLE, (0, (1.2, 1.2))),
    (GREEN, (0, (6, 1.4, 1.2, 1.4))),
    (BLUE, (0, (3, 1, 1, 1, 1, 1))),
    (VERMILION, (0, (9, 2))),
)
"""Colour and dash of the curves of groups, in order; no two have both alike."""
