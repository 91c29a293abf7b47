"""Tries of the search, several at once: the best cohort so far, stopped and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from oncohort.twin.ordering import Effort, Found, Question, draw_counts, measure, start
from oncohort.twin.pairs import pairs_more, pairs_try
from oncohort.twin.search import INF
from oncohort.twin.team import team
from oncohort.twin.whole_try import again, grow, one_try

SHORT = 0.25
"""Part of the sweeps that the first tries take, where numbers of events are open."""

SHORT_TRIES = 5
"""So many of them at most, each with other numbers of events."""

ABREAST = 4
"""Tries that know of each other's end, where their number alone ends the search: as many on every
machine, however many of them it does at once."""

APART = 2
"""Numbers of events of these tries differ by at least so much."""


def attempt(q: Question, seed: int, number: int, effort: Effort, best: Found | None) -> Found:
    """One try and what grows from it; ``number`` counts the tries from 0.

    Where numbers of events are open, short tries come first, each with others of them. Two of three
    later ones go on from the best cohort so far: the variables that share models once more, or one
    figure more at a time.
    """
    bar = best.missed if best is not None else INF
    if effort.pairs_first is not None:
        still = replace(q, space=replace(q.space, counts=()))
        return pairs_try(still, seed, number, effort.pairs_first, effort, bar)
    first = spread_counts(q)
    if number < len(first):
        short = replace(effort, scale=SHORT * effort.scale, both=False)
        asked = replace(with_counts_kept(q), events=tuple((d,) for d in first[number]))
        return one_try(asked, seed, number, short, bar, not effort.ratios_first)
    asked = with_counts_kept(q) if number % 4 < 2 else q
    step = number - len(first) + bool(first)
    if best is not None and step % 3:
        before = replace(best, tries=number + 1)
        if step % 3 == 1 or best.missed >= 100:
            return again(asked, before, seed, effort)
        return grow(asked, before, seed, effort)
    if best is not None and first:
        asked = near_counts(asked, best)
    full = number % 4 < 2 and not effort.ratios_first
    return one_try(asked, seed, number, effort, bar, full)


def spread_counts(q: Question) -> list[tuple[int, ...]]:
    """Numbers of events of the short tries: likely ones first, then others well apart from them.

    None where there is nothing to choose.
    """
    if not any(len(choices) > 1 for choices in q.events) or not q.space.terms:
        return []
    ranked = []
    for choices in q.events:
        taken: list[tuple[float, int]] = []
        for k, d in enumerate(choices):
            if all(abs(d - other) >= APART for _, other in taken):
                taken.append((k / len(choices), d))
        ranked.append(taken)
    every = sorted(product(*ranked), key=lambda one: sum(rank for rank, _ in one))
    return [tuple(d for _, d in one) for one in every[:SHORT_TRIES]]


def near_counts(q: Question, best: Found) -> Question:
    """The question with the numbers of events that are near the best cohort's first."""
    have = [int(row.sum()) for row in best.cohort.event]
    events = (sorted(ds, key=lambda d: abs(d - h)) for ds, h in zip(q.events, have, strict=True))
    return replace(q, events=tuple(map(tuple, events)))


def with_counts_kept(q: Question) -> Question:
    """The question with the number of events kept where ratios tell it.

    Left to move it falls: fewer events leave more ways to lie. Rates and numbers at risk tell more
    than ratios do, and tell it to the chains alone.
    """
    limits = []
    for e, (least, most) in enumerate(q.space.counts):
        told = sum(t.endpoint == e and len(t.columns) == 1 for t in q.space.terms) > 1
        rates = any(m.endpoint == e and m.low > 0 and m.high < 1 for m in q.space.marks)
        limits.append((0, 0) if told and not rates else (least, most))
    return replace(q, space=replace(q.space, counts=tuple(limits)))


def unsearched(q: Question, seed: int) -> Found:
    """A cohort to begin with, before any search: margins are met, ratios are as they fall."""
    rng = np.random.default_rng([seed, 0])
    cohort = start(q, rng, draw_counts(q, rng, 0))
    seen = measure(q, cohort)
    return Found(cohort, seen.missed, seen.energy)


def search(
    q: Question, seed: int, effort: Effort, tries: int, begun: Found | None = None,
    workers: int = 1,
) -> Iterator[Found]:  # fmt: skip
    """The best so far, after every round of tries; ends when nothing is missed, or time is up.

    The first one is a cohort before any search, so that there is something wherever it is stopped.

    Parameters
    ----------
    begun
        Where an earlier search was left; its tries are not done again, and what follows is what
        would have followed.
    workers
        Tries at once, each in a process of its own. Without a limit of time the cohorts do not
        depend on it.
    """
    if begun is None or not begun.tries:
        yield unsearched(q, seed)
        begun = None
    best = begun
    if best is not None and effort.pairs_first is None:  # it may come from an earlier version
        seen = measure(q, best.cohort)
        best = replace(best, missed=seen.missed, energy=seen.energy)
    if best is not None and best.missed <= 0:
        yield best
        return
    if best is not None and effort.pairs_first is not None:
        more = pairs_more(q, best, effort.pairs_first, seed, effort)
        best = replace(more, sweeps=best.sweeps + more.sweeps)
        yield best
    done = best.tries if best is not None else 0
    if best is not None and done >= tries:
        yield best
        return
    abreast = workers if effort.until is not None else ABREAST
    with team(min(workers, abreast, tries - done)) as together:
        while done < tries:
            numbers = range(done, min(done + abreast, tries))
            for found in together(attempt, [(q, seed, k, effort, best) for k in numbers]):
                done += 1
                sweeps = found.sweeps + (best.sweeps if best is not None else 0)
                if best is None or (found.missed, found.energy) < (best.missed, best.energy):
                    best = found
                best = replace(best, sweeps=sweeps, tries=done)
                if best.missed <= 0:  # what others do at the same time is not looked at
                    break
            assert best is not None
            yield best
            if best.missed <= 0 or effort.clock():
                return
