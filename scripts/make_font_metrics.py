"""Measure the letters of the figures' font: `python scripts/make_font_metrics.py`.

Writes `src/oncohort/displays/figures/metrics.json`, by which words are measured without loading
what draws them. To be run again when matplotlib, which brings the font, changes how it measures;
`tests/displays/test_metrics.py` tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import LoadFlags
from matplotlib.textpath import text_to_path

from oncohort.displays.figures.fonts import FONT
from oncohort.displays.figures.metrics import FILE, LIGATURES

LETTERS = [
    *map(chr, range(0x20, 0x7F)),
    *(chr(c) for c in range(0xA0, 0x100) if c != 0xAD),
    *"–—‘’“”…≥≤→†‡−≠≈∞•€½²³αβγδκλμσχΔ",
]
"""Latin letters of western Europe, and signs of statistics."""


def measure(weight: str) -> Callable[[str], int]:
    """Width of a text in sixty-fourths of a point, at the size at which matplotlib measures."""
    font = text_to_path._get_font(FontProperties(family=[FONT], size=8, weight=weight))

    def width(text: str) -> int:
        font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
        return int(font.get_width_height()[0])

    return width


def table(width: Callable[[str], int]) -> dict[str, dict[str, int]]:
    """Advance of each letter, and what two next to each other gain or lose."""
    parts = [*dict.fromkeys(LETTERS), *LIGATURES]
    frame = width("||")
    advances = {p: width(f"|{p}|") - frame for p in parts}
    pairs = {}
    for a in parts:
        for b in parts:
            if (a + b).startswith(LIGATURES) and a not in LIGATURES:
                continue  # read as a ligature, never as two
            kern = width(f"|{a}{b}|") - frame - advances[a] - advances[b]
            if kern:
                pairs[f"{a} {b}"] = kern
    return {"advances": advances, "pairs": pairs}


def main() -> None:
    """Write the file."""
    tables = {weight: table(measure(weight)) for weight in ("normal", "bold")}
    text = json.dumps(tables, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    Path(FILE).write_text(text + "\n", encoding="utf-8")
    print(FILE, len(text))


if __name__ == "__main__":
    main()
