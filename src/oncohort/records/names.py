"""Column names compared as people mean them: case, blanks, marks and units apart."""

from __future__ import annotations

import re
import unicodedata

_UNIT = re.compile(r"[\(\[（［]([^()\[\]（）［］]{1,25})[\)\]）］]\s*$")


_EXPLAINED = re.compile(
    r"\s*[\(\[][^()\[\]]{0,120}(?:=|\by/n\b|yes/no|ja/nein|oui/non|m/f|f/m|m/w|w/m|dd|yyyy|tt\.mm)"
    r"[^()\[\]]{0,120}[\)\]]\s*$",
    re.IGNORECASE,
)
"""What explains values at the end of a header: `(1 = alive, 2 = dead)`, `(y/n)`."""


def header_unit(name: str) -> str:
    """The unit in brackets at the end of a header; empty where there is none.

    Examples
    --------
    >>> header_unit("CRP (mg/dL)"), header_unit("Age"), header_unit("LD [cm]")
    ('mg/dL', '', 'cm')
    """
    found = _UNIT.search(name)
    if found is None:
        return ""
    inner = found.group(1).strip()
    # (yes/no), (1 = dead) and (date) explain values; they are no units.
    if re.search(r"=|yes|no\b|date|dd|yyyy|y/n|、|,", inner, re.IGNORECASE):
        return ""
    return inner


def fold(name: str) -> str:
    """A name as it is compared: width, case, blanks and marks apart, without its unit.

    Examples
    --------
    >>> fold("Best  Response"), fold("best_response"), fold("Age (years)")
    ('best response', 'best response', 'age')
    """
    text = unicodedata.normalize("NFKC", str(name)).strip()
    if header_unit(text):
        text = _UNIT.sub("", text)
    explained = _EXPLAINED.search(text)
    if explained is not None and explained.start() > 0:
        text = text[: explained.start()]
    return re.sub(r"[\s_\-./]+", " ", text).strip().casefold()


def level_key(text: str) -> str:
    """The key that an undeclared level gets: ASCII, lower case.

    Examples
    --------
    >>> level_key("Clear cell"), level_key(">=4"), level_key("Köln")
    ('clear_cell', 'ge4', 'koln')
    """
    import zlib

    out = text.strip().lower().replace("≥", "ge").replace("≤", "le")
    for sign, word in ((">=", "ge"), ("<=", "le"), ("<", "lt"), (">", "gt")):
        out = out.replace(sign, word)
    out = unicodedata.normalize("NFKD", out)
    out = "".join(c for c in out if not unicodedata.combining(c) or ord(c) > 0x3000)
    foreign = [c for c in out if ord(c) > 127 and c.isalnum()]
    if len(foreign) > 8:
        # A short and steady name for a long word of another script.
        foreign_key = f"u{zlib.crc32(out.encode()):08x}"
    else:
        foreign_key = "u" + "_".join(format(ord(c), "x") for c in foreign) if foreign else ""
    key = re.sub(r"[^a-z0-9.+]+", "_", out).strip("_.")
    return "_".join(k for k in (key, foreign_key) if k) or f"u{zlib.crc32(text.encode()):08x}"
