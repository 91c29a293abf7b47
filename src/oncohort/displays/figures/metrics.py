"""Widths of words in the font of the figures, by a table of its letters.

Measuring is needed wherever the data of a figure are made, also by `oncohort check`; what draws is
not, and takes long to load. The table is written by `scripts/make_font_metrics.py`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("metrics.json")
LIGATURES = ("ffi", "ffl", "ff", "fi", "fl")
"""Letters that the font draws as one, the longest first."""
SIZE = 100.0
"""Points at which the table was measured."""
UNITS = 64.0
"""Units of the table in a point."""


@cache
def _tables() -> dict[str, dict[str, dict[str, int]]]:
    tables: dict[str, dict[str, dict[str, int]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return tables


def has(letter: str) -> bool:
    """Is a letter in the table, and so in the font?"""
    return letter in _tables()["normal"]["advances"]


def _parts(words: str) -> list[str]:
    """The letters, with those that are drawn as one taken together."""
    if "f" not in words:
        return list(words)
    out: list[str] = []
    at = 0
    while at < len(words):
        part = words[at]
        if part == "f":
            part = next((one for one in LIGATURES if words.startswith(one, at)), part)
        out.append(part)
        at += len(part)
    return out


def width_points(words: str, points: float, bold: bool = False) -> float | None:
    """Width in points; None where a letter is not in the table.

    Examples
    --------
    >>> round(width_points("Overall survival (n = 42)", 8), 2)
    98.3
    >>> width_points("生存", 8)
    """
    table = _tables()["bold" if bold else "normal"]
    advances, pairs = table["advances"], table["pairs"]
    total, before = 0, ""
    for part in _parts(words):
        advance = advances.get(part)
        if advance is None:
            return None
        total += advance + pairs.get(f"{before} {part}", 0)
        before = part
    return total / UNITS * (points / SIZE)
