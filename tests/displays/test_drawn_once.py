"""What is left out of a drawing's work changes nothing of the drawing."""

from __future__ import annotations

import matplotlib
import pytest

from oncohort.displays.figures import sheet as sheets
from oncohort.displays.figures.library import remembered_fonts
from oncohort.displays.figures.sheet import Sheet, to_bytes


def _drawn(last: float, *, measured: bool) -> tuple[Sheet, bytes, bytes]:
    with matplotlib.rc_context(sheets.RC):
        sheet = Sheet(60, 40, 7)
        ax = sheet.axes(15, 10, 40, 25)
        ax.plot([0, last], [0, 5 * last])
        if not measured:
            sheets.unmeasured(sheet.figure)
        return sheet, to_bytes(sheet, "svg", "one"), to_bytes(sheet, "png", "one")


@pytest.mark.parametrize(("last", "power"), [(12.0, ""), (3e7, "1e7")])
def test_ticks_are_not_measured_where_no_power_of_ten_stands_behind(
    last: float, power: str
) -> None:
    _, *before = _drawn(last, measured=True)
    sheet, *after = _drawn(last, measured=False)
    assert after == before
    axis = sheet.figure.axes[0].xaxis
    assert axis.get_offset_text().get_text() == power
    assert axis.get_major_ticks()[0].label1.get_in_layout() is bool(power)


def test_fonts_are_remembered_for_one_drawing() -> None:
    from matplotlib.font_manager import FontProperties, fontManager

    look, other = FontProperties(family=["DejaVu Sans"]), FontProperties(weight="bold")
    with remembered_fonts():
        first = fontManager._find_fonts_by_props(look)
        assert fontManager._find_fonts_by_props(look) is first
        assert fontManager._find_fonts_by_props(other) != first
        with remembered_fonts():  # a drawing within a drawing
            assert fontManager._find_fonts_by_props(look) is first
    assert "_find_fonts_by_props" not in vars(fontManager)
    assert fontManager._find_fonts_by_props(look) == first
