"""No pattern of the package grows faster than the text that it is searched in."""

from __future__ import annotations

import re
import signal
import sys
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pattern_texts import STYLES, Shape, shapes_of
from patterns import EVERY, USUAL, Used, explosive, patterns

all_patterns = cache(patterns)
needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="needs a timer of the system"
)


def test_patterns_are_found() -> None:
    assert len(all_patterns()) > 700
    places = set(all_patterns().values())
    assert any(where.endswith("text_times._MEDIAN") for where in places)
    assert "records.sources.extent._ROW" in places  # of bytes
    assert any(where.startswith("records.repeats:") for where in places)  # inside a function
    assert any(where.startswith("displays.abbreviations:") for where in places)  # with an argument
    assert "audit.extract.endpoints:0" in places  # in a list


def slow(size: int, usual: list[Shape], styles: tuple[str, ...]) -> dict[str, str]:
    found = {
        where: explosive(used, size, [*usual, *shapes_of(used.pattern, styles)])
        for used, where in all_patterns().items()
    }
    return {where: text for where, text in found.items() if text}


@needs_timer
def test_patterns_grow_no_faster_than_a_text_of_4_kb() -> None:
    assert slow(4_000, USUAL, STYLES[:2]) == {}


@pytest.mark.verify
@needs_timer
@pytest.mark.parametrize(("size", "usual"), [(10_000, EVERY), (100_000, USUAL)])
def test_patterns_grow_no_faster_than_a_text_of_100_kb(size: int, usual: list[Shape]) -> None:
    assert slow(size, usual, STYLES) == {}


SLOW = [r"\s*x", r"^(?:a+)+$", r"\(.*\)", r"<[^>]+>", rb"\s*x", r"a\s+\s*b", r"^n ?=\s*\(?\s*1$"]


@needs_timer
@pytest.mark.parametrize("pattern", SLOW)
def test_the_measure_tells_a_quadratic_pattern(pattern: str | bytes) -> None:
    used = Used(re.compile(pattern), "search")
    assert explosive(used, 4_000, shapes_of(used.pattern), 0.5)


@needs_timer
@pytest.mark.parametrize("pattern", [r"\d{1,3} x", r"(?<!\s)\s*+x", r"<[^<>]+>"])
def test_the_measure_lets_a_linear_pattern_pass(pattern: str) -> None:
    used = Used(re.compile(pattern), "search")
    assert not explosive(used, 5_000, [*USUAL, *shapes_of(used.pattern)])


def test_texts_are_made_of_the_parts_of_a_pattern() -> None:
    made = {shape.text(12)[:12] for shape in shapes_of(re.compile(r"(?:CI|HR)\s*=\d+ mo"))}
    assert any(text.startswith("CI ") for text in made)
    assert any(text.startswith(("HR =1111", "CI =1111")) for text in made)
