"""What the name of a column or a comment is about, by words of all languages: `mentions.toml`."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from oncohort.own_toml import own_toml

LONGEST = 400
"""Letters of a name that are looked at: a longer one is a text, and says by then what it is."""
_WITHOUT_BLANKS = re.compile("[぀-ヿ一-龥ก-๛]")


@cache
def _ideas() -> dict[str, dict[str, list[str]]]:
    return own_toml(files("oncohort.vocabulary").joinpath("mentions.toml").read_text("utf-8"))


def _letter(sign: str) -> str:
    """A letter as a pattern: an accent may be missing."""
    bare = unicodedata.normalize("NFD", sign)[0]
    return f"[{sign}{bare}]" if bare != sign and bare < "\u0530" else re.escape(sign)


def _pattern(entry: str) -> str:
    """One entry of the file as a pattern."""
    word = entry.strip("*^$#").strip()
    body = "".join(r"[\s_-]" if sign == " " else _letter(sign) for sign in word)
    free = bool(_WITHOUT_BLANKS.search(word))
    before = "" if free or entry.startswith("*") else r"(?<![^\W_])"
    behind = "" if free or entry.endswith("*") else r"(?![^\W_])"
    if entry.startswith("^"):
        before = "^"
    if entry.endswith("$"):
        behind = "$"
    if entry.startswith("#"):
        before = r"\d[ _]?-?"
    if entry.endswith("#"):
        behind = r"[ _]?\d"
    return before + body + behind


@cache
def _pattern_of(*names: str) -> re.Pattern[str]:
    entries = [e for name in names for many in _ideas()[name].values() for e in many]
    longest_first = sorted(dict.fromkeys(entries), key=len, reverse=True)
    return re.compile("|".join(map(_pattern, longest_first)), re.IGNORECASE)


def without_words(text: str, *names: str) -> str:
    """A text without the words of ideas.

    Examples
    --------
    >>> without_words("Daily dose sunitinib", "dose"), without_words("Worst grade: rash", "grade")
    ('sunitinib', ': rash')
    """
    return " ".join((_pattern_of(*names).sub(" ", text[:LONGEST]) + text[LONGEST:]).split())


def mentions(text: str, *names: str) -> bool:
    """Does a text hold a word of one of the ideas?

    Raises
    ------
    KeyError
        An idea has no words.

    Examples
    --------
    >>> mentions("Datum Décès", "death"), mentions("DATE_DECES", "death")
    (True, True)
    >>> mentions("doses_total", "dose"), mentions("overdosed", "dose")
    (True, False)
    >>> mentions("Alive at 1-year", "at_a_time"), mentions("病変", "lesion", "dose")
    (True, True)
    """
    return _held(text[:LONGEST], names)


@lru_cache(maxsize=20_000)
def _held(text: str, names: tuple[str, ...]) -> bool:
    return _pattern_of(*names).search(text) is not None
