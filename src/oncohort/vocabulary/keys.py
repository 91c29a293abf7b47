"""Keys made of names: what stands in ids, in sections of the protocol and among levels."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable

_SIGNS = (
    ("≥", "ge "),
    (">=", "ge "),
    ("≤", "le "),
    ("<=", "le "),
    ("<", "lt "),
    (">", "gt "),
    ("%", " percent "),
    ("+", " plus "),
)


def slug(name: str) -> str:
    """Lower-case letters, digits and underscores; empty where a name has no letter of these.

    Examples
    --------
    >>> slug("CRP (mg/dL)"), slug("Métastases"), slug("年齢")
    ('crp_mg_dl', 'metastases', '')
    """
    plain = unicodedata.normalize("NFKD", name.strip().lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def signed_slug(name: str) -> str:
    """A slug with words for the signs that tell levels apart; never empty.

    Examples
    --------
    >>> signed_slug(">=0.8"), signed_slug("<0.8"), signed_slug("Non-clear cell"), signed_slug("?")
    ('ge_0_8', 'lt_0_8', 'non_clear_cell', 'x')
    >>> signed_slug("-/+"), signed_slug("+/-")
    ('minus_plus', 'plus_minus')
    """
    out = name.lower()
    if not re.search(r"\w", out):  # between words it is a hyphen
        out = re.sub(r"[-\u2212\u2013]", " minus ", out)
    for sign, word in _SIGNS:
        out = out.replace(sign, word)
    return slug(out) or "x"


def key_of(name: str) -> str:
    """A name as a key of the protocol, which may have dots, pluses and hyphens within.

    Examples
    --------
    >>> key_of("death_other"), key_of("Date of relapse"), key_of("Stage II+")
    ('death_other', 'date_of_relapse', 'stage_ii')
    """
    return re.sub(r"[^a-z0-9.+-]+", "_", name.strip().lower()).strip("_.+-")


def new_key(name: str, taken: Iterable[str], otherwise: str) -> str:
    """A key that is not taken: numbered where the name's own is.

    Parameters
    ----------
    otherwise
        What a name without Latin letters is called, with a number.

    Examples
    --------
    >>> new_key("CRP", {"crp"}, "column"), new_key("年齢", set(), "column")
    ('crp_2', 'column_1')
    """
    used = set(taken)
    base = slug(name)[:40]
    if not base:
        n = sum(t.startswith(f"{otherwise}_") for t in used) + 1
        base = f"{otherwise}_{n}"
    key, n = base, 1
    while key in used:
        n += 1
        key = f"{base}_{n}"
    return key


def level_key(text: str) -> str:
    """The key that an undeclared level gets: ASCII, lower case.

    Examples
    --------
    >>> level_key("Clear cell"), level_key(">=4"), level_key("Köln")
    ('clear_cell', 'ge4', 'koln')
    """
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
