"""Words that stand in a column of days instead of a day: it has not come."""

from __future__ import annotations

import re

from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.phrases import one_of
from oncohort.vocabulary.words import level_words, plain

OF_ONE_EVENT = frozenset({"death_date", "progression_date", "metastasis_date", "relapse_date"})
"""Days of what need not happen."""
THAT_MAY_NOT_COME = OF_ONE_EVENT | {"treatment_end"}


def says_no(text: str) -> bool:
    """Does a word in a column of days say that it has not happened?

    Examples
    --------
    >>> says_no("No"), says_no("nein"), says_no("0"), says_no("yes")
    (True, True, False, False)
    """
    return not text.isdigit() and level_words("flag").get(plain(text)) == "no"


_BEFORE = re.compile(rf"(?:{one_of('not_come')})(?=\W|[^\x00-\x7f])\W*")
_BEHIND = re.compile(rf"(?:{one_of('not_come')}|{one_of('free_of_it')})$")


def _denied(text: str) -> bool:
    """Is it said that an event has not come: `no progression`, `progression-free`, `未进展`?"""
    word = plain(text)
    if re.search(r"[\d,;:]", word):
        return False
    found = _BEFORE.match(word) or _BEHIND.search(word)
    rest = word[: found.start()] + word[found.end() :] if found is not None else ""
    return len(rest.split()) <= _FEW and mentions(rest.strip(" -"), "progression", "death")


_FEW = 3
"""Words of the name of an event; more tell something else: "no CT, clinical progression"."""


def not_happened(ours: str, text: str) -> bool:
    """Does a word in a column of days say that the day has not come: `no`, `ongoing`?

    Examples
    --------
    >>> not_happened("death_date", "nein"), not_happened("treatment_end", "laufend")
    (True, True)
    >>> not_happened("progression_date", "pas de progression"), not_happened("death_date", "未死亡")
    (True, True)
    >>> not_happened("treatment_start", "no"), not_happened("treatment_end", "2016")
    (False, False)
    """
    if ours in OF_ONE_EVENT:
        return says_no(text) or _denied(text)
    return ours == "treatment_end" and mentions(text.strip(), "ongoing")
