"""Names of columns that say what their codes mean: `Male` with yes and no, `Target (y/n)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from oncohort.records.names import fold
from oncohort.vocabulary.mentions import mentions, without_words
from oncohort.vocabulary.words import level_words, plain

_BRACKETS = re.compile(r"(?<!\s)\s*+[\(\[（][^()\[\]（）]*[\)\]）]\s*$")


def bare_name(column: str) -> str:
    """A name as it is compared, without what stands in brackets behind it.

    Examples
    --------
    >>> bare_name("Target (sì/no)"), bare_name("New lesion [y/n]"), bare_name("Size")
    ('target', 'new lesion', 'size')
    """
    return fold(_BRACKETS.sub("", column) or column)


def asks_for_a_sex(column: str, values: list[str]) -> dict[str, str]:
    """What yes and no mean in a column that is named `Male` or `weiblich`; else nothing."""
    words = without_words(fold(column), "sex")
    sex = level_words("sex").get(words)
    flags = {v: level_words("flag").get(plain(v)) for v in values}
    if sex is None or len(words) < 3 or set(flags.values()) != {"yes", "no"}:
        return {}
    other = "female" if sex == "male" else "male"
    return {v: sex if f == "yes" else other for v, f in flags.items()}


def asks_for_a_role(column: str, values: list[str]) -> dict[str, str]:
    """What yes and no mean in a column that is named `Target` or `Zielläsion`; else nothing."""
    role = level_words("role").get(bare_name(column))
    flags = {v: level_words("flag").get(plain(v)) for v in values}
    other = {"target": "non-target", "non-target": "target"}
    if role not in other or not set(flags.values()) <= {"yes", "no"}:
        return {}
    return {v: role if f == "yes" else other[role] for v, f in flags.items()}


_LETTERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "spanish_sex": MappingProxyType({"h": "male", "v": "male", "m": "female"}),
        "dutch_sex": MappingProxyType({"m": "male", "v": "female"}),
    }
)
"""What single letters mean under a name in Spanish or Portuguese, and in Dutch."""


def letters_of_sex(column: str, values: list[str]) -> dict[str, str]:
    """What H, V and M mean under a name whose language says it; else nothing."""
    name = fold(column)
    meant = next((letters for idea, letters in _LETTERS.items() if mentions(name, idea)), {})
    read = {v: meant.get(plain(v), "") for v in values}
    return read if all(read.values()) else {}


__all__ = ["asks_for_a_role", "asks_for_a_sex", "bare_name", "letters_of_sex"]
