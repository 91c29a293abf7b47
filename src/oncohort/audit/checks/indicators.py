"""Rows of a model that name one group alone ("Female", "Any heroin use", "Brain metastasis").

Such a row compares the patients who are in the group with those who are not. Its sizes are the
group's count in Table I and the rest of the column, if the names say the same, word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from oncohort.audit.extract import names
from oncohort.dataclass import dataclass
from oncohort.published.model import Categorical, Level, Ratio

_NOT_A_GROUP = re.compile(
    r"\b(?:per|each|every|increase|increment|increasing|decrease|continuous|log|ln|unit|units|trend|"
    r"score|index|interaction|year older|years older|one category|SD|linear|time|number|"
    r"mean|median|rate|dose)\b|\d-(?:year|unit|point)|×|\bx\b|\*",
    re.I,
)
CONTINUOUS = re.compile(
    r"\b(?:per|each|every|increase|increment|increasing|decrease|continuous|log|units?|trend|"
    r"interaction|linear|percentile)\b",
    re.I,
)
"""Words of a ratio between two values of a measurement, not between two groups."""
_NUMBERS = re.compile(r"(?:<=|>=|[<>≤≥≦≧⩽⩾])?\s?\d+(?:[.·,]\d+)?")
_STATED_SIZE = re.compile(r"[(\[]\s?n\s?=\s?[\d,]+\s?[)\]]|\(\s?%\s?\)|,?\s?n\s?\(\s?%\s?\)", re.I)
_OWN_SIZE = re.compile(r"\bn\s?=\s?([\d,]+)", re.I)
_FILLER = frozenset({"use", "any", "treatment", "therapy", "presence"})
_WOMEN = frozenset({"female", "women", "woman", "f"})
_MEN = frozenset({"male", "men", "man", "m"})
_YES = frozenset({"yes", "present", "positive", "+"})
_NO = frozenset({"no", "absent", "negative", "-", "–", "−", "none"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """A group of Table I: its variable, its level, and how many are in it and not in it."""

    variable: Categorical
    level: Level
    inside: int
    outside: int


ByWords = dict[frozenset[str], list[Indicator]]
"""Groups by the words that a row may name them with."""


def by_words(candidates: Sequence[Categorical], words: names.Dictionary) -> ByWords:
    """Gather the groups of some variables, to look them up by the words of a row."""
    out: ByWords = {}
    for group in _groups(candidates):
        level = _words(group.level.label, words)
        name = _words(group.variable.name, words)
        for key in {level, name, level | name}:
            out.setdefault(key, []).append(group)
    return out


def find(
    ratio: Ratio, groups: ByWords, covers: Callable[[Categorical], bool], words: names.Dictionary
) -> Indicator | None:
    """The group that a row without a contrast speaks of; None unless it is one alone.

    ``covers`` says whether a variable is of enough patients.
    """
    if ratio.reference or ratio.contrast:
        return None
    row = ratio.level or ratio.variable
    if not row or _NOT_A_GROUP.search(row) or (ratio.level and names.contrast(ratio.variable)):
        return None
    named = groups.get(_words(row, words), ())
    found = [x for x in named if covers(x.variable) and _same(row, x, words)]
    sizes = {frozenset((x.inside, x.outside)) for x in found}
    return found[0] if len(sizes) == 1 else None


def _groups(candidates: Sequence[Categorical]) -> Iterator[Indicator]:
    for variable in candidates:
        for level in variable.levels:
            own = _OWN_SIZE.search(level.label)
            n = own[1].replace(",", "") if own else variable.n
            if not (n.isdigit() and level.count.isdigit()) or level.denominator:
                continue  # a printed denominator may be that of events
            inside, outside = int(level.count), int(n) - int(level.count)
            if inside > 0 and outside > 0:
                yield Indicator(variable, level, inside, outside)


def _same(row: str, group: Indicator, words: names.Dictionary) -> bool:
    """Whether a row and a group have the same words and the same numbers."""
    stated = _words(row, words)
    level = _words(group.level.label, words)
    name = _words(group.variable.name, words)
    if not stated:
        return False
    plain = group.level.label.strip().lower()
    if plain in _YES | _NO:
        return stated == name and not _numbers(row) ^ _numbers(group.variable.name)
    if _numbers(row) ^ _numbers(group.level.label):
        return False
    return bool(level) and (stated == level or stated == level | name)


def _words(text: str, words: names.Dictionary) -> frozenset[str]:
    """Telling words; of a variable with two values either names the same split: men, women."""
    found = names.tokens(_plain(text), words) - _FILLER
    sexes = found & (_WOMEN | _MEN)
    return (found - sexes - {"sex"}) | {"sex"} if len(sexes) == 1 else found


def _plain(text: str) -> str:
    return _STATED_SIZE.sub(" ", text)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.sub(r"\s", "", x) for x in _NUMBERS.findall(_plain(text)))
