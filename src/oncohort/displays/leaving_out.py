"""What was left out of the paper, and why, in words for the reader."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from oncohort.displays.context import LeftOut
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Block, Notice
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.problems import Problem
from oncohort.problems.entries import catalogue, entry


def left_out(item: LeftOut, words: str = "") -> Spans:
    """What is missing and why, with what to do about it: for the study's own report.

    Parameters
    ----------
    words
        What is left out, in words.
    """
    why: list[Piece] = [item.reason] if item.reason else []
    kinds = Counter(p.id for p in item.problems)
    firsts: dict[str, Problem] = {}
    for problem in item.problems:
        firsts.setdefault(problem.id, problem)
    for problem in firsts.values():
        told = (problem.what, problem.todo and f"What to do: {problem.todo}")
        why += [t for t in told if t and t not in item.reason]
    more = sum(kinds.values()) - len(kinds)
    if more:
        why.append(
            f"{more} more of the same {'kinds' if len(kinds) > 1 else 'kind'} stand in the report."
        )
    return sentences(say("Left out: {s}.", s=words or item.section), *dict.fromkeys(why))


def in_words(item: LeftOut) -> Spans:
    """Why a part is missing, for everybody who reads the paper.

    These are sentences as they stand in the catalogue, none with a hole that was filled: so no
    patient, no cell and no key can stand in them, whatever the chart holds. The report of the
    study says the rest.
    """
    out: list[str] = [] if item.problems else [item.plain_reason]
    for id_, n in Counter(p.id for p in item.problems).items():
        if id_ not in catalogue():
            continue
        found, first = entry(id_), next(p for p in item.problems if p.id == id_)
        finds = found.finds
        out.append(finds if n == 1 else f"{finds.rstrip('.')} (in {n} places).")
        if first.todo in found.plain_todos:
            out.append(first.todo)
    if item.problems or item.reason != item.plain_reason:
        out.append("The report says where, and what to do.")
    return sentences(*dict.fromkeys(o for o in out if o))


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
    parts: dict[tuple[Spans, LeftOut], list[LeftOut]] = {}
    for item in items:
        parts.setdefault((in_words(item), replace(item, path=())), []).append(item)
    out: list[Block] = []
    for (why, _), alike in parts.items():
        names = list(dict.fromkeys(lookup.part_words(i.path) for i in alike))
        words = text_of(listed(_once(names)))
        shared = sentences(say("Left out: {s}.", s=words), why)
        out.append(Notice(left_out(alike[0], words), "left_out", shared))
    return out
