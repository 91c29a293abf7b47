"""What was left out of the paper, and why, in words for the reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from oncohort.displays.context import LeftOut
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Block, Notice
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.problems import Problem
from oncohort.problems.entries import catalogue, entry


def names_one(text: str, patients: Iterable[str]) -> bool:
    """Does a text hold one of the ids, as a word or words of its own?

    Examples
    --------
    >>> names_one("Patient P 5/2 stands twice.", ["P 5/2"]), names_one("In P55.", ["P5"])
    (True, False)
    """
    return any(p in text and re.search(rf"(?<!\w){re.escape(p)}(?!\w)", text) for p in patients)


def left_out(item: LeftOut, words: str = "", patients: frozenset[str] | None = None) -> Spans:
    """What is missing and why, with what to do about it.

    Parameters
    ----------
    words
        What is left out, in words.
    patients
        Ids that must not be named: a sentence that holds one gives way to the rule's name.
    """

    ids = None if patients is None else patients | {p.patient or "" for p in item.problems} - {""}

    def may_say(text: str) -> bool:
        return ids is None or not names_one(text, ids)

    why: list[Piece] = []
    if item.reason and may_say(item.reason):
        why.append(item.reason)
    kinds = Counter(p.id for p in item.problems)
    firsts: dict[str, Problem] = {}
    for problem in item.problems:
        firsts.setdefault(problem.id, problem)
    for problem in firsts.values():
        told = [
            t
            for t in (problem.what, problem.todo and f"What to do: {problem.todo}")
            if t and t not in item.reason
        ]
        if problem.patient is None or patients is None:
            why += [t for t in told if may_say(t)]
        if any(not may_say(t) for t in told) or (problem.patient and patients is not None):
            why.append("The full report says in which patients, and what to do.")
    more = sum(kinds.values()) - len(kinds)
    if more:
        why.append(
            f"{more} more of the same {'kinds' if len(kinds) > 1 else 'kind'} stand in the report."
        )
    return sentences(say("Left out: {s}.", s=words or item.section), *dict.fromkeys(why))


KEYS = re.compile(r"[\[\]=_]|\b[a-z]+\.[a-z]+\b|'[^']*'")
"""What only the protocol or the chart knows: keys, columns, settings."""


def in_words(item: LeftOut) -> Spans:
    """Why a part is missing, for the reader of a manuscript: no key, no column, no patient.

    What rests on rows of the chart is told by what is wrong with them, and how often; what to do
    where it can be said without a key, else the report says it.
    """
    out: list[str] = []
    told = not item.problems
    if not item.problems and item.reason:
        out.append(item.reason)
    for id_, n in Counter(p.id for p in item.problems).items():
        first = next(p for p in item.problems if p.id == id_)
        rows = first.patient is not None or first.place.cell or first.place.row
        plain = not rows and not KEYS.search(first.what)
        what = first.what if plain or id_ not in catalogue() else entry(id_).finds
        out.append(what if n == 1 else f"{what.rstrip('.')} (in {n} places).")
        if first.todo and not KEYS.search(first.todo):
            out.append(f"{first.todo.rstrip('.')}.")
            told = told or not rows
    if not told:
        out.append("The report says where, and what to do.")
    return sentences(*dict.fromkeys(out))


def _once(names: list[str]) -> list[str]:
    """Names that begin alike, with the beginning told once.

    Examples
    --------
    >>> _once(["competing events of relapse", "competing events of death"])
    ['competing events of relapse', 'death']
    """
    out: list[str] = []
    for name in names:
        start, of, rest = name.partition(" of ")
        known = of and any(n.startswith(f"{start} of ") for n in names[: len(out)])
        out.append(rest if known else name)
    return out


def notices(lookup: Lookup, section: str) -> list[Block]:
    """What of a section was left out, and why."""
    items = [item for item in lookup.context.left_out if item.path[0] == section]
    if not items:  # the set of all patients is not made for nothing
        return []
    known = frozenset(p for pop in lookup.numbers.populations.values() for p in pop.patients)
    parts: dict[tuple[Spans, LeftOut], list[LeftOut]] = {}
    for item in items:
        parts.setdefault((in_words(item), replace(item, path=())), []).append(item)
    out: list[Block] = []
    for (why, _), alike in parts.items():
        names = list(dict.fromkeys(lookup.part_words(i.path) for i in alike))
        words = text_of(listed(_once(names)))
        full = left_out(alike[0], words)
        shared = sentences(say("Left out: {s}.", s=words), why)
        if names_one(text_of(shared), known):
            shared = left_out(alike[0], words, known)
        out.append(Notice(full, "left_out", shared))
    return out
