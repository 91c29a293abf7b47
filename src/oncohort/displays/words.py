"""Words that depend on a number, on a key or on their place in a sentence."""

from __future__ import annotations

from datetime import date

from oncohort.endpoints.cohort import VariableInfo
from oncohort.vocabulary.in_text import name_in_text as name_in_text
from oncohort.vocabulary.plurals import plural


def were(n: float | None) -> str:
    """ "was" for one, else "were"."""
    return "was" if n == 1 else "were"


def patients(n: float | None) -> str:
    """ "patient" for one, else "patients"."""
    return plural(n, "patient")


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


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def date_words(day: date) -> str:
    """A date in words, whatever the locale.

    Examples
    --------
    >>> date_words(date(2017, 6, 30))
    '30 June 2017'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def up_first(words: str) -> str:
    """First letter large, unless the word has its own spelling ("mTOR", "pT stage").

    Examples
    --------
    >>> up_first("overall survival"), up_first("mTOR inhibitor")
    ('Overall survival', 'mTOR inhibitor')
    """
    first = words.split(" ")[0]
    return words if any(c.isupper() for c in first[1:]) else words[:1].upper() + words[1:]


def per_step(info: VariableInfo | None) -> str:
    """What the ratio of a number compares: one unit, or what the variable declares.

    Examples
    --------
    >>> from oncohort.endpoints.effects import Effect
    >>> per_step(VariableInfo("age", "Age", "continuous", unit="years", effect=Effect(per=10)))
    'per 10 years'
    """
    unit = "" if info is None else info.unit
    return (info.effect.step(unit) if info is not None else "") or _per_unit(unit)


def _per_unit(unit: str) -> str:
    """What one unit of a continuous covariate is.

    Examples
    --------
    >>> _per_unit("years"), _per_unit("mg/dL"), _per_unit(""), _per_unit("%")
    ('per year', 'per 1 mg/dL', 'per unit', 'per 1%')
    """
    if unit == "%":
        return "per 1%"
    if not unit:
        return "per unit"
    if unit in ("years", "months", "weeks", "days", "points", "sites", "metastases"):
        return f"per {'metastasis' if unit == 'metastases' else unit[:-1]}"
    return f"per 1 {unit}"
