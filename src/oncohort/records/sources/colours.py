"""Fill colours of a workbook as people see them: red, green, blue."""

from __future__ import annotations

import colorsys
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ORDER = ("lt1", "dk1", "lt2", "dk2", *(f"accent{i}" for i in range(1, 7)), "hlink", "folHlink")
"""Theme colours by their number in styles (ECMA-376, 18.8.3: light and dark change places)."""
_OFFICE = ("FFFFFF", "000000", "EEECE1", "1F497D", "4F81BD", "C0504D",
           "9BBB59", "8064A2", "4BACC6", "F79646", "0000FF", "800080")  # fmt: skip
"""The theme of a workbook that brings none."""


def theme_of(path: Path) -> tuple[str, ...]:
    """The workbook's theme colours by number, as six hexadecimal digits."""
    try:
        with zipfile.ZipFile(path) as archive:
            root = ElementTree.fromstring(archive.read("xl/theme/theme1.xml"))
    except (KeyError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return _OFFICE
    out = list(_OFFICE)
    for number, name in enumerate(_ORDER):
        found = root.find(f".//{_DRAWING}clrScheme/{_DRAWING}{name}")
        for colour in found if found is not None else ():
            written = colour.get("lastClr") or colour.get("val") or ""
            if re.fullmatch(r"[0-9A-Fa-f]{6}", written):
                out[number] = written.upper()
    return tuple(out)


def rgb(name: str, theme: Sequence[str] = _OFFICE) -> str:
    """A fill colour of :class:`Marks` as six hexadecimal digits; empty where it is none.

    Examples
    --------
    >>> rgb("00FFFF00"), rgb("theme 4"), rgb("theme 4 0.5"), rgb("theme 99")
    ('FFFF00', '4F81BD', 'A7C0DE', '')
    """
    if re.fullmatch(r"[0-9A-Fa-f]{8}", name):
        return name[2:].upper()
    found = re.fullmatch(r"theme (\d{1,3})(?: (-?[\d.eE-]+))?", name)
    if found is None or int(found[1]) >= len(theme):
        return ""
    return _tinted(theme[int(found[1])], float(found[2] or 0))


def _tinted(colour: str, tint: float) -> str:
    """Lighter for a tint above 0, darker below (ECMA-376, 18.8.19)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, full = colorsys.rgb_to_hls(red, green, blue)
    tint = max(-1.0, min(tint, 1.0))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(255 * v):02X}" for v in colorsys.hls_to_rgb(hue, light, full))


_HUES = ((15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (200, "cyan"),
         (260, "blue"), (345, "purple"), (360, "red"))  # fmt: skip


def called(name: str) -> str:
    """What people call a fill colour of :class:`Marks`; its own name where that is not known.

    Examples
    --------
    >>> called("FFFF0000"), called("FFFFC7CE"), called("FF00B050"), called("FFBFBFBF")
    ('red', 'light red', 'green', 'grey')
    """
    colour = rgb(name)
    if not colour:
        return name
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, full = colorsys.rgb_to_hls(red, green, blue)
    if full < 0.12 or light > 0.97 or light < 0.05:
        return "white" if light > 0.97 else "black" if light < 0.05 else "grey"
    word = next(w for most, w in _HUES if hue * 360 <= most)
    return f"light {word}" if light > 0.72 else word


def is_dark(colour: str) -> bool:
    """Whether white letters are read better on it than black ones (relative luminance of sRGB).

    Examples
    --------
    >>> is_dark("FFFF00"), is_dark("C00000")
    (False, True)
    """
    parts = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.179
