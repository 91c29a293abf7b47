"""CTCAE terms: names, categories, the grades that exist, and what a charted name means.

The lists hold every term of versions 3.0, 4.03 and 5.0 by name with the grades that exist
(National Cancer Institute; built by ``scripts/make_ctcae_terms.py``). The criteria's sentences are
not in them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

from oncohort.criteria.ctcae.versions import VERSIONS, Version, version_of
from oncohort.dataclass import dataclass
from oncohort.own_toml import own_toml
from oncohort.vocabulary.boundaries import Parsed

__all__ = ["Match", "Term", "concept", "label", "match", "terms", "wording"]

_DATA = "oncohort.criteria.ctcae"

LABORATORY_COMPOSITES = frozenset(
    {"liver dysfunction", "hepatic dysfunction", "abnormal liver function", "liver function"}
)
"""Names that tables use for AST, ALT and bilirubin together. Version 3's clinical "Liver
dysfunction/failure" starts at grade 2 and is something else."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of one version: its category and the grades that exist."""

    name: str
    category: str
    grades: frozenset[int]
    version: Version

    @property
    def highest(self) -> int:
        """The highest grade that exists."""
        return max(self.grades)


@dataclass(frozen=True, slots=True)
class Match:
    """What a charted name means in a version.

    Attributes
    ----------
    how
        ``exact``: the term's own name; ``synonym``: another name of it; ``other version``: the
        name of the same event in another version; ``composite``: a group of laboratory tests,
        not a term; ``unknown``.
    suggestions
        Near spellings for an unknown name. They are never put in its place.
    """

    text: str
    version: Version
    term: Term | None
    how: Literal["exact", "synonym", "other version", "composite", "unknown"]
    other: Version | None = None
    suggestions: tuple[str, ...] = ()


@cache
def terms(version: str) -> Mapping[str, Term]:
    """Every term of a version by its full name (``term: site`` where version 3.0 has sites).

    Examples
    --------
    >>> len(terms("3.0")), len(terms("4.03")), len(terms("5.0"))
    (1059, 790, 837)
    >>> sorted(terms("5.0")["Alopecia"].grades)
    [1, 2]
    """
    which = version_of(version)
    text = files(_DATA).joinpath("data", f"terms_{which}.csv").read_text("utf-8")
    found = {}
    head, *rows = csv.reader(text.splitlines())
    at = [head.index(column) for column in ("term", "site", "category", "grades")]
    for row in rows:
        term, site, category, grades = (row[i] for i in at)
        name = f"{term}: {site}" if site else term
        found[name] = Term(name, category, _grades(grades), which)
    return found


@cache
def _grades(text: str) -> frozenset[int]:
    return frozenset(map(int, text))


_BRITISH = (
    ("aemi", "emi"),
    ("haem", "hem"),
    ("paeni", "peni"),
    ("rrhoea", "rrhea"),
    ("pnoea", "pnea"),
    ("oedema", "edema"),
    ("oesoph", "esoph"),
    ("aesthe", "esthe"),
    ("leuco", "leuko"),
    ("ischaem", "ischem"),
    ("uraem", "urem"),
)


class _Blanked(dict[int, int]):
    """For `str.translate`: what is no letter, figure or sign of a grade becomes a blank."""

    def __missing__(self, code: int) -> int:
        kept = chr(code) in "abcdefghijklmnopqrstuvwxyz0123456789+<>=."
        self[code] = code if kept else ord(" ")
        return self[code]


_BLANKED = _Blanked()


def _key(text: str) -> str:
    folded = " ".join(text.lower().translate(_BLANKED).split())
    if "ae" not in folded and "oe" not in folded and "leuco" not in folded:
        return folded  # nothing British in it: most names of three long lists
    for british, american in _BRITISH:
        folded = folded.replace(british, american)
    return folded


def _short(name: str) -> str:
    """A name without its bracketed remark: ``Fatigue (asthenia, ...)`` is also ``Fatigue``."""
    return re.sub(r"(?<!\s)\s*+\([^()]*\)", "", name).strip() if "(" in name else name


@cache
def _concepts() -> dict[str, dict[str, Parsed]]:
    return own_toml(files(_DATA).joinpath("data", "concepts.toml").read_text("utf-8"))


@cache
def _names(version: Version) -> dict[str, str]:
    """Keys of the version's own names; short forms only where they mean one term."""
    full: dict[str, str] = {}
    short: dict[str, set[str]] = {}
    for name in terms(version):
        key, bare = _key(name), _short(name)
        full[key] = name
        short.setdefault(key if bare == name else _key(bare), set()).add(name)
    return {k: next(iter(v)) for k, v in short.items() if len(v) == 1} | full


@cache
def _synonyms(version: Version) -> dict[str, str]:
    """Keys of other names, of charts and of the other versions, to the version's own."""
    keys = {}
    for entry in _concepts().values():
        for text in (entry["label"], *entry["names"]):
            keys[_key(text)] = entry[version]
    return keys


@cache
def _labels() -> frozenset[str]:
    return frozenset(_key(entry["label"]) for entry in _concepts().values())


@cache
def _foreign(version: Version) -> dict[str, tuple[Version, str]]:
    """Keys of terms that other versions have: the version, and this one's name for it."""
    keys: dict[str, tuple[Version, str]] = {}
    for other in VERSIONS:
        if other != version:
            for entry in _concepts().values():
                keys.setdefault(_key(entry[other]), (other, entry[version]))
                keys.setdefault(_key(_short(entry[other])), (other, entry[version]))
    return keys


@cache
def match(text: str, version: str) -> Match:
    """What a charted event name means in a version of CTCAE.

    Parameters
    ----------
    text
        As charted.
    version
        ``"3.0"``, ``"4.03"`` or ``"5.0"``.

    Examples
    --------
    >>> match("hand-foot syndrome", "3.0").term.name
    'Rash: hand-foot skin reaction'
    >>> match("Palmar-plantar erythrodysesthesia syndrome", "3.0").how
    'other version'
    >>> match("diarrhoea", "5.0").how, match("Diarhea", "5.0").suggestions[0]
    ('exact', 'Diarrhea')
    >>> match("liver dysfunction", "3.0").how
    'composite'
    """
    which = version_of(version)
    key = _key(text)
    own = terms(which)
    names, synonyms, foreign = _names(which), _synonyms(which), _foreign(which)
    if key in names:
        return Match(text, which, own[names[key]], "exact")
    # A plain word that tables print ("anemia") names no version, though one has it as a term.
    if key in foreign and key not in _labels():
        other, name = foreign[key]
        return Match(text, which, own[name], "other version", other)
    if key in synonyms:
        return Match(text, which, own[synonyms[key]], "synonym")
    if key in LABORATORY_COMPOSITES:
        return Match(text, which, None, "composite")
    for other in VERSIONS:
        if other != which and key in _names(other):
            return Match(text, which, None, "unknown", other)
    near = get_close_matches(key, [*names, *synonyms], n=5, cutoff=0.75)
    named = dict.fromkeys(names.get(k) or synonyms[k] for k in near)
    return Match(text, which, None, "unknown", suggestions=tuple(named)[:3])


def concept(name: str) -> str | None:
    """Key of the event that a term stands for in any version; None where it is no common one.

    Examples
    --------
    >>> concept("Rash: hand-foot skin reaction"), concept("Hiccups")
    ('hand_foot', None)
    """
    return _concept_of_term().get(name)


@cache
def _concept_of_term() -> dict[str, str]:
    """Key of the event by its term of any version; the first of the list has it."""
    found: dict[str, str] = {}
    for key, entry in _concepts().items():
        for version in VERSIONS:
            found.setdefault(entry[version], key)
    return found


@cache
def label(name: str) -> str:
    """The name that tables of papers print for a term: the concept's, or the term itself.

    Examples
    --------
    >>> label("Rash: hand-foot skin reaction"), label("Hiccups")
    ('Hand-foot syndrome', 'Hiccups')
    """
    key = concept(name)
    return name if key is None else str(_concepts()[key]["label"])


@cache
def _wording() -> dict[str, dict[str, dict[str, str]]]:
    return own_toml(files(_DATA).joinpath("data", "wording.toml").read_text("utf-8"))


def wording(name: str, grade: int, version: str) -> str | None:
    """What a grade of a common term means, in our own short words; None for other terms.

    Parameters
    ----------
    name
        A term's name in the version, or one of its synonyms.

    Examples
    --------
    >>> wording("hand-foot syndrome", 2, "3.0")
    'skin changes, or pain that does not disturb function'
    >>> wording("Hiccups", 2, "3.0") is None, wording("alopecia", 3, "3.0") is None
    (True, True)
    """
    which = version_of(version)
    found = match(name, which).term
    key = concept(found.name) if found is not None else None
    if found is None or key is None or grade not in found.grades or key not in _wording():
        return None
    entry = _wording()[key]
    return (entry.get(which) or entry.get("all") or {}).get(str(grade))
