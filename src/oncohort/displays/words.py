"""Words that depend on a number, on a key or on their place in a sentence."""

from __future__ import annotations


def count_noun(n: float | None, one: str, many: str | None = None) -> str:
    """The noun in the right number.

    Examples
    --------
    >>> count_noun(1, "patient"), count_noun(0, "patient")
    ('patient', 'patients')
    """
    return one if n == 1 else (many or one + "s")


def were(n: float | None) -> str:
    """ "was" for one, else "were"."""
    return "was" if n == 1 else "were"


def patients(n: float | None) -> str:
    """ "patient" for one, else "patients"."""
    return count_noun(n, "patient")


def human(key: str) -> str:
    """A key as words: ``lost_to_follow_up`` to "lost to follow up"."""
    return key.replace("_", " ").strip()


def low_first(words: str) -> str:
    """First letter small, unless the word is an abbreviation ("IMDC risk") or a formula.

    Examples
    --------
    >>> low_first("Overall survival"), low_first("IMDC risk"), low_first("C-reactive protein")
    ('overall survival', 'IMDC risk', 'C-reactive protein')
    """
    head = words[:2]
    if len(head) == 2 and head[0].isupper() and head[1].islower():
        return words[0].lower() + words[1:]
    return words


def up_first(words: str) -> str:
    """First letter large."""
    return words[:1].upper() + words[1:]


def per_unit(unit: str) -> str:
    """What one step of a continuous covariate is.

    Examples
    --------
    >>> per_unit("years"), per_unit("mg/dL"), per_unit("")
    ('per year', 'per 1 mg/dL', 'per unit')
    """
    if not unit:
        return "per unit"
    if unit in ("years", "months", "weeks", "days", "points", "sites", "metastases"):
        return f"per {'metastasis' if unit == 'metastases' else unit[:-1]}"
    return f"per 1 {unit}"
