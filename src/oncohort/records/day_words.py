"""Words that stand in a column of days instead of a day: it has not come."""

from __future__ import annotations

from oncohort.vocabulary.mentions import mentions
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


def not_happened(ours: str, text: str) -> bool:
    """Does a word in a column of days say that the day has not come: `no`, `ongoing`?

    Examples
    --------
    >>> not_happened("death_date", "nein"), not_happened("treatment_end", "laufend")
    (True, True)
    >>> not_happened("treatment_start", "no"), not_happened("treatment_end", "2016")
    (False, False)
    """
    if ours in OF_ONE_EVENT:
        return says_no(text)
    return ours == "treatment_end" and mentions(text.strip(), "ongoing")
