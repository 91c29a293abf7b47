"""Sizes of the supplement's figures: pages are filled, numbers follow the text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oncohort as oc
from declared_at_once import write_declared
from oncohort.displays.figures.model import Figure
from oncohort.displays.paper import Paper, Paragraph
from oncohort.displays.spans import text_of
from oncohort.documents.word_filling import PAGE_MM, SMALLEST, filling
from varied_studies import STUDIES, write_study

ONE = Figure("x", "", "A title", (), "", "km", {}, 174.0, 80.0, 7.5)


def figures(heights: list[float]) -> list[Figure]:
    return [replace(ONE, id=f"f{i}", height_mm=h) for i, h in enumerate(heights)]


def test_a_tall_figure_under_the_title_is_made_smaller() -> None:
    tall, after = filling(figures([212, 90]))
    assert SMALLEST <= tall < 1 and after == 1


def test_full_pages_and_unreadable_sizes_are_left() -> None:
    assert filling(figures([80, 80, 100, 100, 200])) == [1, 1, 1, 1, 1]
    assert filling(figures([110, 240]), start=0) == [1, 1]


@given(st.lists(st.floats(30, PAGE_MM - 20), max_size=12))
def test_sizes_can_be_read(heights: list[float]) -> None:
    sizes = filling(figures(heights))
    assert len(sizes) == len(heights) and all(SMALLEST <= s <= 1 for s in sizes)


def cited(paper: Paper, kind: str) -> list[int]:
    """Numbers of the supplement's displays, as the paper names them for the first time."""
    pointed = [
        span.to
        for section in paper.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
        for span in block.spans
        if span.to.startswith(f"{kind}.")
    ]
    shown = paper.tables if kind == "table" else paper.figures
    numbers = [shown[to.partition(".")[2]].number for to in dict.fromkeys(pointed)]
    return [int(found[1]) for n in numbers if (found := re.search(r"S(\d+)", n))]


@pytest.mark.parametrize("name", ["everything", "five groups", "plain", "large", "many variables"])
def test_displays_are_numbered_as_the_text_cites_them(tmp_path: Path, name: str) -> None:
    made = (
        write_declared(tmp_path / "study", n=60)
        if name == "everything"
        else write_study(tmp_path / "study", **STUDIES[name])
    )
    paper = oc.read_study(made).run().paper
    for kind in ("table", "figure"):
        numbers = cited(paper, kind)
        assert numbers == sorted(numbers), (kind, numbers)
    text = " ".join(
        text_of(b.spans) for s in paper.sections for b in s.blocks if isinstance(b, Paragraph)
    )
    assert "Figure" in text
