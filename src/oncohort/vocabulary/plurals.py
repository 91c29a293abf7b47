"""Nouns in the right number, and lists of words."""

from __future__ import annotations

from collections.abc import Sequence


def plural(n: float | None, one: str, many: str | None = None) -> str:
    """The noun for so many.

    Examples
    --------
    >>> plural(1, "patient"), plural(0, "patient"), plural(2, "entry", "entries")
    ('patient', 'patients', 'entries')
    """
    return one if n == 1 else (many or one + "s")


def counted(n: int, one: str, many: str | None = None) -> str:
    """The number and its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {plural(n, one, many)}"


def enumerated(words: Sequence[str]) -> str:
    """Words in a sentence.

    Examples
    --------
    >>> enumerated(["age"]), enumerated(["age", "sex"]), enumerated(["age", "sex", "stage"])
    ('age', 'age and sex', 'age, sex and stage')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
