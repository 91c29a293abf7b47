"""Fonts for any script: letters that the own font lacks are drawn with one of the machine's."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from oncohort.displays.figures.library import load
from oncohort.displays.figures.metrics import has

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FONT = "DejaVu Sans"
"""Comes with matplotlib, so that the same input gives the same bytes everywhere."""
PREFERRED = ("Noto Sans CJK", "Noto Sans", "Source Han Sans", "Hiragino", "Yu Gothic", "Arial")
"""Beginnings of names of fonts that are taken first, in this order."""


@cache
def _letters(path: str) -> FT2Font:
    """The font at a path, to ask which letters it has."""
    load()
    from matplotlib.ft2font import FT2Font

    return FT2Font(path)


@contextmanager
def quiet() -> Iterator[None]:
    """No warning of a library reaches the terminal: missing letters are told by us, once."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


@cache
def _own_path() -> str:
    load()
    from matplotlib.font_manager import FontProperties, fontManager

    return str(fontManager.findfont(FontProperties(family=FONT)))


@cache
def _machine() -> tuple[tuple[str, str], ...]:
    """(family, path) of the regular fonts of the machine, preferred ones first.

    The files are looked for anew: matplotlib's own list can be older than a font.
    """
    load()
    from matplotlib.font_manager import findSystemFonts

    def rank(name: str) -> tuple[int, str]:
        at = next((i for i, p in enumerate(PREFERRED) if name.startswith(p)), len(PREFERRED))
        return at, name

    found: dict[str, str] = {}
    for path in sorted(findSystemFonts()):
        try:
            font = _letters(path)
        except (OSError, RuntimeError):  # a font file that can't be read has no letters
            continue
        if font.family_name.startswith("Last Resort"):  # it has a box for every letter
            continue
        if font.style_name.lower() in ("regular", "book", "normal", "roman"):
            found.setdefault(str(font.family_name), path)
    return tuple(sorted(found.items(), key=lambda item: rank(item[0])))


@cache
def _usable(name: str, path: str) -> str:
    """A family that matplotlib can draw with."""
    load()
    from matplotlib.font_manager import fontManager

    if not any(f.name == name for f in fontManager.ttflist):
        fontManager.addfont(path)
    return name


@lru_cache(maxsize=4096)
def family_of(letter: str) -> str | None:
    """The family that has a letter: our own, one of the machine's, or None.

    Examples
    --------
    >>> family_of("a")
    'DejaVu Sans'
    """
    if letter.isspace() or has(letter) or _letters(_own_path()).get_char_index(ord(letter)):
        return FONT
    for name, path in _machine():
        try:
            if _letters(path).get_char_index(ord(letter)):
                return _usable(name, path)
        except (OSError, RuntimeError):  # a font file that can't be read has no letters
            continue
    return None


@lru_cache(maxsize=4096)
def families(words: str) -> tuple[str, ...]:
    """Our own family, then those that have the letters that it lacks."""
    if words.isascii():
        return (FONT,)
    others = dict.fromkeys(f for c in words if (f := family_of(c)) is not None and f != FONT)
    return (FONT, *others)


def strings(value: object) -> Iterable[str]:
    """Every text in the data of a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def missing(words: Iterable[str]) -> str:
    """Letters that no font of this machine has, each once."""
    letters = dict.fromkeys(c for text in words if not text.isascii() for c in text)
    return "".join(c for c in letters if family_of(c) is None)
