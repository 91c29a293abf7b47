"""No pattern of the package grows faster than the text that it is searched in."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from patterns import EVERY, USUAL, Used, explosive, patterns

ALL = patterns()
needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="needs a timer of the system"
)


def test_patterns_are_found() -> None:
    assert len(ALL) > 600
    places = set(ALL.values())
    assert any(where.endswith("said_times._MEDIAN") for where in places)
    assert "records.sources.extent._ROW" in places  # of bytes
    assert any(where.startswith("records.repeats:") for where in places)  # inside a function


def slow(sizes: tuple[int, int], tried: list[tuple[str, str]]) -> dict[str, str]:
    found = {where: explosive(used, sizes, tried=tried) for used, where in ALL.items()}
    return {where: run for where, run in found.items() if run}


@needs_timer
def test_patterns_grow_no_faster_than_a_text_of_10_kb() -> None:
    assert slow((1_000, 10_000), USUAL) == {}


@pytest.mark.verify
@needs_timer
def test_patterns_grow_no_faster_than_a_text_of_100_kb() -> None:
    assert slow((10_000, 100_000), EVERY) == {}


@needs_timer
@pytest.mark.parametrize(
    "pattern", [r"\s*x", r"^(?:a+)+$", r"\(.*\)", r"<[^>]+>", rb"\s*x", r"a\s+\s*b"]
)
def test_the_measure_tells_a_quadratic_pattern(pattern: str | bytes) -> None:
    assert explosive(Used(re.compile(pattern), "search"), (1_000, 10_000), 2.0)


@needs_timer
@pytest.mark.parametrize("pattern", [r"\d{1,3} x", r"(?<!\s)\s*+x", r"<[^<>]+>"])
def test_the_measure_lets_a_linear_pattern_pass(pattern: str) -> None:
    assert not explosive(Used(re.compile(pattern), "search"), (1_000, 10_000))
