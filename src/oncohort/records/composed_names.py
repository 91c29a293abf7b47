"""Names of personal columns that are put together: a record and a number, a doctor and a name."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from oncohort.records.names import fold
from oncohort.vocabulary.words import personal_names

Composed = Literal["name", "number", "phone", "email", "address", "birth"]
_WORD = re.compile(r"[^\W\d_]+")
_BOUND = re.compile(r"(?:nummern?|nr|numret|numer)$")
"""`Krankenhausnummer`, `ziekenhuisnummer`, `journalnr`."""


@cache
def _words(idea: str) -> frozenset[str]:
    return frozenset(fold(w) for w in personal_names(idea))


@cache
def _endings(idea: str) -> tuple[str, ...]:
    """Words without blanks between, the longest first: they stand behind another word."""
    wide = [w for w in _words(idea) if re.search(r"[぀-ヿ一-鿿가-힣]", w)]
    return tuple(sorted(wide, key=len, reverse=True))


def composed_kind(name: str) -> Composed | None:
    """What the words of a name mean together; None where that is nothing personal.

    `Hospital`, `histology` and `insurance` say nothing of a person, their numbers do; `mother` is
    family history, her name is not.

    Examples
    --------
    >>> [composed_kind(n) for n in ("Krankenhausnummer", "Nº de historia clínica", "Chart #")]
    ['number', 'number', 'number']
    >>> [composed_kind(n) for n in ("Treating oncologist", "Mother's name", "Tel. privat")]
    ['name', 'name', 'phone']
    >>> [composed_kind(n) for n in ("Hospital", "Insurance", "Number of cycles", "Mother")]
    [None, None, None, None]
    """
    folded = fold(name).replace("'s ", " ")
    words = [w for w in _WORD.findall(folded) if w not in _words("small")]
    if _numbered(folded, words, name):
        return "number"
    bare = [w for w in words if w not in _words("beside")]
    rest = " ".join(bare)
    compact = "".join(words)
    for ending in _endings("beside"):
        compact = compact.removesuffix(ending)
    if len(bare) < len(words) and rest in _words("relative"):
        return "name" if set(words) & _words("called") else None
    for idea, kind in _KINDS.items():
        if idea in ("person", "reached") and (rest, compact) == (" ".join(words), "".join(words)):
            continue  # GP is a regimen, too, and a cell is one of the blood
        if rest in _words(idea) or (compact != "".join(words) and compact in _words(idea)):
            return kind
    return None


_KINDS: dict[str, Composed] = {
    "person": "name",
    "reached": "phone",
    "mailed": "email",
    "lives": "address",
    "birth_of": "birth",
}


def _numbered(folded: str, words: list[str], name: str) -> bool:
    """Is it the number of a record, of an insurance, of a state?"""
    rest = [w for w in words if w not in _words("number_word")]
    if (len(rest) < len(words) or re.search(r"[#№°º]", name)) and " ".join(rest) in _words(
        "numbered"
    ):
        return True
    if len(words) == 1 and (root := _BOUND.sub("", words[0])) != words[0]:
        roots = (root, root.removesuffix("s"), root.removesuffix("n"), root.removesuffix("en"))
        return any(r in _words("numbered") for r in roots)
    compact = re.sub(r"[\W_]", "", folded)
    for ending in _endings("number_word"):
        if compact != ending and compact.endswith(ending):
            return compact.removesuffix(ending) in _words("numbered")
    return False


__all__ = ["composed_kind"]
