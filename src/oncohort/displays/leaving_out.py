"""What was left out of the paper, and why, in words for the reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from oncohort.displays.context import LeftOut
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Block, Notice
from oncohort.displays.spans import Piece, Spans, say, sentences
from oncohort.problems import Problem


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


def notices(lookup: Lookup, section: str) -> list[Block]:
    """What of a section was left out, and why."""
    items = [item for item in lookup.context.left_out if item.path[0] == section]
    if not items:  # the set of all patients is not made for nothing
        return []
    known = frozenset(p for pop in lookup.numbers.populations.values() for p in pop.patients)
    out: list[Block] = []
    for item in items:
        words = lookup.part_words(item.path)
        full, shared = left_out(item, words), left_out(item, words, known)
        out.append(Notice(full, "left_out", shared))
    return out
