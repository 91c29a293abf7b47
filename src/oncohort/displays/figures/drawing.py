"""From a figure as data to bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.displays.figures import (
    effect,
    forest,
    incidence,
    km,
    love,
    prediction,
    response,
    response_groups,
    search,
    subgroups,
)
from oncohort.displays.figures.fonts import families, quiet, strings
from oncohort.displays.figures.library import load, remembered_fonts
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.sheet import RC, Sheet, to_bytes, unmeasured

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

Images = dict[str, dict[str, bytes]]
"""Figure id to format to bytes."""

DRAWINGS: Mapping[str, Callable[[Sheet, Data], None]] = {
    "km": km.draw,
    "incidence": incidence.draw,
    "waterfall": response.waterfall,
    "waterfall_groups": response_groups.waterfalls,
    "swimmer": response.swimmer,
    "spider": response.spider,
    "forest": forest.hazards,
    "subgroups": subgroups.draw,
    "love": love.draw,
    "historical": forest.historical,
    "flow": forest.flow,
    "effect": effect.draw,
    "search": search.draw,
    "calibration": prediction.calibration,
    "prediction_roc": prediction.roc_curves,
    "nomogram": prediction.nomogram,
    "decision": prediction.decision,
}


def draw(figure: Figure, formats: Sequence[str] = ("svg", "png")) -> dict[str, bytes]:
    """Draw one figure; the same figure gives the same bytes.

    Parameters
    ----------
    formats
        Of ``svg``, ``png`` (300 dpi), ``pdf``, ``eps``, ``tiff`` (1,000 dpi).
    """
    load()
    import matplotlib

    with (
        matplotlib.rc_context(),
        remembered_fonts(),
        quiet(),
    ):  # a letter without a glyph is drawn as a box
        matplotlib.rcdefaults()  # a matplotlibrc of the user or the folder does not count
        matplotlib.rcParams.update(RC)
        words = "".join(strings([figure.data, figure.title]))
        matplotlib.rcParams["font.family"] = list(families(words))
        sheet = Sheet(figure.width_mm, figure.height_mm, figure.points)
        DRAWINGS[figure.kind](sheet, figure.data)
        unmeasured(sheet.figure)
        return {form: to_bytes(sheet, form, figure.id) for form in formats}


def draw_all(figures: Iterable[Figure], formats: Sequence[str] = ("svg", "png")) -> Images:
    """Draw figures one after the other in this process."""
    return {f.id: draw(f, formats) for f in figures}
