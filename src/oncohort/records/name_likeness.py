"""How well the name of a chart's column fits the names that are known of ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache

from oncohort.records.name_parts import told_by_parts
from oncohort.records.names import fold
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import names


@cache
def synonyms() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Known names: table = {column = names}, folded; ``any`` and ``sheets`` beside the tables."""
    return {
        table: {
            column: tuple(dict.fromkeys([fold(column), *(fold(n) for n in known)]))
            for column, known in columns.items()
        }
        for table, columns in names().items()
    }


_GROUPS = (
    *("patient ", "patients ", "treatment ", "therapy ", "baseline ", "demographics ", "outcome "),
    *("min of ", "max of ", "average of ", "first of ", "last of "),
    *("outcomes ", "clinical ", "disease ", "general ", "verlauf ", "therapie ", "patientendaten "),
)


_OTHER_THINGS = frozenset(
    (
        *("off", "no", "not", "non", "without", "prior", "previous", "next", "second", "2nd"),
        *("child", "children", "father", "mother", "brother", "sister", "family", "partner"),
        *("physician", "doctor", "planned", "expected", "reason", "cause", "before", "after"),
        *("vor", "nach", "grund", "vater", "mutter", "kind", "prévu", "avant", "après", "motif"),
    )
)
"""Words that make a name say something else: a date off treatment, the birth of a child."""


@lru_cache(maxsize=50_000)
def _letters(text: str) -> frozenset[str]:
    return frozenset(text)


@lru_cache(maxsize=2_000)
def _prepared(
    known: tuple[str, ...],
) -> tuple[tuple[tuple[str, frozenset[str]], ...], frozenset[str]]:
    """Known names with their words, and all of them without blanks."""
    return (
        tuple((k, frozenset(k.split())) for k in known),
        frozenset(k.replace(" ", "") for k in known),
    )


def _at_most(one: str, other: str) -> float:
    """A bound of the likeness of two names, by the letters that only one of them has."""
    own, theirs = _letters(one), _letters(other)
    shared = min(len(one) - len(own - theirs), len(other) - len(theirs - own))
    return 2 * shared / (len(one) + len(other))


def _short_differs(one: Collection[str], other: Collection[str]) -> bool:
    """Do two names differ in a short word? `date dm` is not `date dx` with a slip."""
    return any(len(w) <= 3 for w in set(one) ^ set(other))


_FILLS = frozenset(
    [
        "of",
        "the",
        "de",
        "du",
        "des",
        "del",
        "della",
        "di",
        "do",
        "da",
        "der",
        "des",
        "von",
        "la",
        "le",
        "el",
    ]
)
"""Words that join others: `start of nivolumab`."""


def name_score(name: str, known: Sequence[str]) -> tuple[float, str]:
    """How well a folded name fits the known ones, and in words."""
    plain = re.sub(r"(?<!\s)\s*+\(\d+\)$", "", name)
    if plain in known:
        return 1.0, "the name is known"
    prepared, together = _prepared(tuple(known))
    if plain.replace(" ", "") in together:
        return 1.0, "the name is known"
    for group in _GROUPS:
        # The title of a group of columns stands before their names.
        if plain.startswith(group) and plain.removeprefix(group) in known:
            return 0.95, f'the name after "{group.strip()}" is known'
    words = set(plain.split())
    best, say = 0.0, ""
    for other, theirs in prepared:
        if len(other) > 3 and theirs <= words and (words - theirs) & _OTHER_THINGS:
            score = 0.0
        elif len(other) > 3 and theirs <= words and len(theirs) * 2 >= len(words - _FILLS):
            score = 0.7 + 0.2 * len(theirs) / len(words)
        elif (
            len(other) > 4
            and other.isascii()
            and not _short_differs(words, theirs)
            and 0.72 * len(other) <= len(plain) <= len(other) / 0.72
            and _at_most(plain, other) > 0.84
        ):
            alike = SequenceMatcher(None, plain, other)
            score = alike.ratio() if alike.quick_ratio() > 0.84 else 0.0
            score = score * 0.8 if score > 0.84 else 0.0
        elif not other.isascii() and len(other) >= 2 and other in plain:
            score = 0.8
        else:
            score = 0.0
        if score > best:
            best, say = score, f'the name is like "{other}"'
    return best, say


def by_parts(name: str, ours: str) -> bool:
    """Is a name told by its parts, with or without the title of a group of columns before it?"""
    title = next((g for g in _GROUPS if name.startswith(g)), "")
    return ours in told_by_parts(name) or (
        bool(title) and ours in told_by_parts(name.removeprefix(title))
    )


_RUN_OF_FIGURES = re.compile(r"\d\d+")


def score_of(folded: str, table: str, ours: str) -> tuple[float, str]:
    """How well a name fits; thousands of numbered columns (`gene1204`) are looked at once."""
    known = synonyms()[table].get(ours, ())
    return _scored(folded if folded in known else _RUN_OF_FIGURES.sub("00", folded), table, ours)


@lru_cache(maxsize=50_000)
def _scored(folded: str, table: str, ours: str) -> tuple[float, str]:
    return name_score(folded, synonyms()[table].get(ours, (fold(ours),)))


_AGE_AT = re.compile(
    r"(?:age|alter|edad|idade|eta|leeftijd|wiek|alder|vek) (?:at|bei|zum|zur|au|a|al|alla|ao|na|"
    r"bij|w|przy|vid|ved|pri)(?: (?:the|time|of|moment|de|la|der|dem|du))* (?P<of>\S+(?: \S+){0,2})"
)
_OF_LIFE = re.compile("menar|menop|birth|born|smok|mother|father|puber|first child|geburt|naiss")
"""Ages of other things than the disease."""


def age_at(name: str) -> bool:
    """Is a name that of an age at a step of the disease or its treatment, whatever it is called?

    Ages at events are times, and ages of other things no age of the patient.

    Examples
    --------
    >>> age_at("Age at Nx"), age_at("Âge au dg"), age_at("Age"), age_at("Stage at dx")
    (True, True, False, False)
    >>> age_at("Age at death"), age_at("Age at relapse"), age_at("Age at menopause")
    (False, False, False)
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", fold(name)) if c.isascii())
    if _AGE_AT.fullmatch(bare) is None or _OF_LIFE.search(bare):
        return False
    return not mentions(
        name, "progression", "death", "last_contact", "end_of_observation", "spread"
    )
