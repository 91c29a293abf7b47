"""Widths by the table of letters are those that matplotlib measures."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from oncohort.displays.figures.fonts import FONT
from oncohort.displays.figures.metrics import LIGATURES, _tables, width_points
from oncohort.displays.figures.sheet import width_mm

LETTERS = sorted(c for c in _tables()["normal"]["advances"] if len(c) == 1)
WORDS = (
    *("office", "effect", "difficult", "efficacy", "waffle", "first", "flow", "affe", "offtime"),
    *("Overall survival (n = 42)", "AVATAR", '"To"', "C-reactive protein, mg/dL", "≥ 0.8", "12–24"),
    *("fff", "ffff", "fffi", "", " ", "Größe", "señal", "β-blocker", "P < 0.001", "Δ −30 %"),
)


@cache
def _font(bold: bool) -> FontProperties:
    return FontProperties(family=[FONT], size=7.5, weight="bold" if bold else "normal")


def measured(words: str, bold: bool) -> float:
    """By matplotlib, in points."""
    return float(text_to_path.get_text_width_height_descent(words, _font(bold), False)[0])


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("words", WORDS)
def test_words(words: str, bold: bool) -> None:
    assert width_points(words, 7.5, bold) == measured(words, bold)


@given(
    st.lists(
        st.sampled_from([*LETTERS, *LIGATURES, "f", "T", "A", "V", "i", "l", "t"]), max_size=20
    ).map("".join),
    st.booleans(),
)
def test_any_row_of_letters(words: str, bold: bool) -> None:
    assert width_points(words, 7.5, bold) == measured(words, bold)


def test_other_letters_are_measured_with_their_own_font() -> None:
    assert width_points("生存期間", 8) is None
    assert width_mm("生存期間", 8) > 0


def test_a_width_is_in_millimetres() -> None:
    assert width_mm("Overall survival", 8) == pytest.approx(
        measured("Overall survival", False) * 8 / 7.5 / 72 * 25.4
    )
