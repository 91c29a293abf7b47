"""A figure as data: what to draw, how large, and the words that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.displays.spans import Spans

Kind = Literal[
    "flow",
    "waterfall",
    "waterfall_groups",
    "swimmer",
    "spider",
    "km",
    "incidence",
    "forest",
    "subgroups",
    "love",
    "historical",
    "effect",
    "search",
    "calibration",
    "prediction_roc",
    "nomogram",
    "decision",
]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. It holds no patient id, and nothing that matplotlib made: it can be pickled.

    Parameters
    ----------
    id
        Name of the file, ASCII.
    number
        "Figure 1", "Figure S2".
    caption
        Words below it; numbers in them are bound to results.
    alt
        What one sees, for those who cannot.
    data
        Plain values that the drawing of this `kind` reads.
    width_mm, height_mm
        Printed size.
    """

    id: str
    number: str
    title: str
    caption: Spans
    alt: str
    kind: Kind
    data: Mapping[str, object]
    width_mm: float
    height_mm: float
    points: float = 7.5
    main: bool = True
    repeats: str = ""
    """The display that shows the same numbers, ``table.prognosis``: one of the two is enough."""
    shown: bool = True
    """False where it is a file beside the paper only."""
