"""Names of columns told by their parts: every part is a known word, and all say one thing.

`Startdatum behandeling` is start + date + treatment, `최종추적일` is last + contact + date. A name
with a part that is not known is not told here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from oncohort.dataclass import dataclass
from oncohort.vocabulary.drugs import is_drug
from oncohort.vocabulary.words import name_parts, small

LONGEST = 60
"""Longer names are sentences."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The parts that a name must have to be one of our columns, and those that it may have."""

    ours: str
    needed: frozenset[str]
    allowed: frozenset[str]


def bare(text: str) -> str:
    """A folded name without accents.

    Examples
    --------
    >>> bare("décès"), bare("płeć"), bare("환자"), bare("début")
    ('deces', 'plec', '환자', 'debut')
    """
    apart = unicodedata.normalize("NFD", small(text).replace("ł", "l").replace("ß", "ss"))
    latin = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", latin)


@cache
def _parts() -> Mapping[str, frozenset[str]]:
    """Word = the parts that it may be; none for a word that says nothing."""
    found: dict[str, set[str]] = {}
    for part, words in name_parts("part").items():
        for word in words:
            found.setdefault(bare(word), set()).add(part)
    for word in name_parts("says")["nothing"]:
        found.setdefault(bare(word), set()).add("")
    return {word: frozenset(parts) for word, parts in found.items()}


@cache
def _meanings() -> tuple[_Meaning, ...]:
    out = []
    for ours, ways in name_parts("means").items():
        for way in ways:
            cut = way.index("") if "" in way else len(way)
            needed = frozenset(way[:cut])
            more = frozenset(w for text in way[cut + 1 :] for w in text.split())
            out.append(_Meaning(ours, needed, needed | more))
    return tuple(out)


def _plain(char: str) -> bool:
    """Is it a letter of a script with blanks between its words?"""
    return char < "\u0530"


@lru_cache(maxsize=20_000)
def _readings(word: str) -> tuple[frozenset[str], ...]:
    """The sets of parts that one word may be, whole or cut into known words."""
    known = _parts()
    whole = tuple(frozenset({p} - {""}) for p in sorted(known.get(word, ())))
    if whole or len(word) < 2:
        return whole
    if is_drug(word):
        return (frozenset({"treatment"}),)
    joins = {bare(j) for j in name_parts("says")["joins"]}
    # at[i]: the sets of parts that can stand before letter i.
    at: list[set[frozenset[str]]] = [set() for _ in range(len(word) + 1)]
    at[0].add(frozenset())
    for i in range(len(word)):
        if not at[i]:
            continue
        for j in range(i + 1, len(word) + 1):
            piece = word[i:j]
            short = len(piece) < 4 if _plain(piece[0]) else not piece
            parts = known.get(piece, frozenset()) if not short or piece in _SHORT else frozenset()
            steps = [frozenset({p} - {""}) for p in parts]
            if piece in joins and i > 0 and j < len(word):
                steps.append(frozenset())
            for before in tuple(at[i])[:12]:
                at[j].update(before | s for s in steps)
    return tuple(sorted(at[len(word)], key=sorted))[:12]


_SHORT = frozenset(("tod", "tag", "dat", "age", "end", "sex", "op"))
"""Words of three letters that stand in compounds."""


@lru_cache(maxsize=20_000)
def told_by_parts(name: str) -> frozenset[str]:
    """Which of our columns of the patients a folded name is by its parts; none if one is unknown.

    Parameters
    ----------
    name
        As `records.names.fold` gives it.

    Examples
    --------
    >>> sorted(told_by_parts("startdatum behandeling")), sorted(told_by_parts("최종추적일"))
    (['treatment_start'], ['last_contact'])
    >>> sorted(told_by_parts("f éxitus")), sorted(told_by_parts("date of birth of child"))
    (['death_date'], [])
    >>> sorted(told_by_parts("pddtc"))
    ['progression_date']
    """
    return frozenset(
        m.ours for m in _meanings() for parts in _sets(name) if m.needed <= parts <= m.allowed
    )


def parts_in_name(name: str) -> frozenset[str]:
    """All parts that a folded name may have; none where a word of it is unknown.

    Examples
    --------
    >>> "recurrence" in parts_in_name("rezidiv am"), parts_in_name("ki 67")
    (True, frozenset())
    """
    return frozenset(part for parts in _sets(name) for part in parts)


@lru_cache(maxsize=20_000)
def _sets(name: str) -> frozenset[frozenset[str]]:
    """The sets of parts that a name may be."""
    text = bare(name)
    if len(text) > LONGEST:
        return frozenset()
    words = [w for w in re.split(r"[^0-9a-z\u0100-\uffff]+", text) if w]
    if not 0 < len(words) <= 8:
        return frozenset()
    so_far: set[frozenset[str]] = {frozenset()}
    for word in _joined([part for w in words for part in _dated(w)]):
        readings = _readings(word)
        if not readings:
            return frozenset()
        so_far = {before | r for before in so_far for r in readings}
        if len(so_far) > 64:
            return frozenset()
    return frozenset(so_far)


_DATED = re.compile("([a-z]{2,8}?)(?:dt|dtc|dtm)")
"""Names of clinical databases that end in date: `PDDT`, `PROGDTC`."""


def _dated(word: str) -> tuple[str, ...]:
    """A word that nothing knows and that ends in date as two words."""
    found = _DATED.fullmatch(word)
    return (found[1], "date") if found and not _readings(word) else (word,)


def _joined(words: list[str]) -> list[str]:
    """Words with those of two words put together: `follow up`, `best overall`."""
    known = _parts()
    out: list[str] = []
    for word in words:
        if out and f"{out[-1]} {word}" in known:
            out[-1] = f"{out[-1]} {word}"
        else:
            out.append(word)
    return out
