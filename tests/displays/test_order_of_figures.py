"""Order of the figures of the supplement: one that fits comes before one that does not."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from oncohort.displays.figures.model import Figure
from oncohort.displays.placing import PAGE_MM, filled

ONE = Figure("x", "", "A title", (), "", "km", {}, 174.0, 80.0, 7.5)


def figures(heights: list[float]) -> list[Figure]:
    return [replace(ONE, id=f"f{i}", height_mm=h) for i, h in enumerate(heights)]


def test_a_figure_that_fits_is_drawn_forward() -> None:
    order = [f.id for f in filled(figures([60, 200, 70]))]
    assert order == ["f0", "f2", "f1"]


def test_the_order_stays_where_pages_are_full() -> None:
    order = [f.id for f in filled(figures([80, 80, 100, 100, 200]))]
    assert order == ["f0", "f1", "f2", "f3", "f4"]


@given(st.lists(st.floats(30, PAGE_MM - 20), max_size=12))
def test_every_figure_is_there_once(heights: list[float]) -> None:
    some = figures(heights)
    assert sorted(f.id for f in filled(some)) == sorted(f.id for f in some)
