"""Waterfalls side by side: many groups, an empty one, labels of any script."""

from __future__ import annotations

import pytest

from oncohort.displays.figures.drawing import draw
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.response_groups import shares


def figure(sizes: list[int], labels: list[str]) -> Figure:
    panels = [
        {
            "label": label,
            "n": f"{n} of {n}",
            "change": tuple(130.0 - 230 * i / max(n, 1) for i in range(n)),
            "best": ("pr",) * n,
        }
        for n, label in zip(sizes, labels, strict=True)
    ]
    data = {"panels": panels, "ylabel": "Best change from baseline (%)"}
    return Figure("w", "", "W", (), "w", "waterfall_groups", data, 174.0, 82.0)


@pytest.mark.parametrize(
    "sizes", [[1], [12, 0], [130, 3], [40, 30, 20, 10, 5, 1], [0, 0, 2], [200, 150]]
)
def test_groups_of_any_size_are_drawn(sizes: list[int]) -> None:
    labels = ["アテゾリズマブ", "A long label of a group of patients", "C", "D", "E", "F"]
    made = draw(figure(sizes, labels[: len(sizes)]), ("svg",))["svg"].decode()
    assert made.startswith("<svg") and "of" in made
    if max(sizes) > 120:
        assert "up to 130" in made


@pytest.mark.parametrize("sizes", [[1], [90, 9, 1], [1] * 20, [500, 0, 0], [3, 4]])
def test_widths_fill_the_room(sizes: list[int]) -> None:
    widths = shares(sizes, 150.0)
    assert sum(widths) == pytest.approx(150.0)
    assert min(widths) >= min(16.0, 150 / len(sizes)) - 1e-9
