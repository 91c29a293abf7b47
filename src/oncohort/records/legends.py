"""Legends that a chart gives to its own codes: `Status (0 = alive, 1 = dead)`."""

from __future__ import annotations

import re
import unicodedata

_PAIR = re.compile(
    r"(?P<code>[\w+*-]{1,6})\s*[=:：＝]\s*(?P<word>[^,;/|=:：＝()（）、，；\n]{1,40}?)"
    r"\s*(?=[,;/|()（）、，；\n]|\s+[\w+*-]{1,6}\s*[=:：＝]|$)"
)


def legend(text: str) -> dict[str, str]:
    """Codes and words of a note; empty where it holds fewer than two pairs.

    Examples
    --------
    >>> legend("1 = alive, 2 = dead"), legend("0: male; 1: female")
    ({'1': 'alive', '2': 'dead'}, {'0': 'male', '1': 'female'})
    >>> legend("0=alive 1=dead"), legend("red = dead"), legend("Age: 40 to 80")
    ({'0': 'alive', '1': 'dead'}, {}, {})
    """
    plain = unicodedata.normalize("NFKC", text[:2000])
    found = {m["code"]: m["word"].strip() for m in _PAIR.finditer(plain)}
    return found if len(found) >= 2 else {}


def header_legend(name: str) -> dict[str, str]:
    """The legend in a column's name.

    Examples
    --------
    >>> header_legend("Status (1=alive, 2=dead)"), header_legend("sex 0=F 1=M")
    ({'1': 'alive', '2': 'dead'}, {'0': 'F', '1': 'M'})
    """
    found = re.search(r"[(\[（［]([^()\[\]（）［］]*=[^()\[\]（）［］]*)[)\]）］]", name)
    if found is not None:
        return legend(found.group(1))
    at = re.search(r"[\w+*-]{1,6}\s*=", name)
    return legend(name[at.start() :]) if at is not None else {}
