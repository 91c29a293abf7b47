"""Tries of the search, several at once: the best cohort so far, stopped and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from oncohort.twin.ordering import Effort, Found, Question, grow, one_try
from oncohort.twin.pairs import pairs_more, pairs_try
from oncohort.twin.search import INF
from oncohort.twin.team import team


def attempt(q: Question, seed: int, number: int, effort: Effort, bar: float) -> Found:
    """One try and what grows from it; ``number`` counts the tries from 0."""
    if effort.pairs_first is not None:
        still = replace(q, space=replace(q.space, counts=()))
        return pairs_try(still, seed, number, effort.pairs_first, effort)
    # Half of the tries keep the number of events that was drawn, the others let it move.
    asked = q if number % 4 in (1, 2) else replace(q, space=replace(q.space, counts=()))
    found = one_try(asked, seed, number, effort, bar)
    if found.missed > 0 and found.missed < bar + 50 and not effort.clock():
        more = grow(asked, replace(found, tries=number + 1), seed, effort)
        sweeps = found.sweeps + more.sweeps
        better = (more.missed, more.energy) < (found.missed, found.energy)
        found = replace(more if better else found, sweeps=sweeps)
    return found


def _go_on(q: Question, best: Found, seed: int, effort: Effort) -> Found:
    """What the best cohort of an earlier search leads to."""
    if effort.pairs_first is None:
        return grow(q, best, seed, effort)
    return pairs_more(q, best, effort.pairs_first, seed, effort)


def search(
    q: Question, seed: int, effort: Effort, tries: int, begun: Found | None = None,
    workers: int = 1,
) -> Iterator[Found]:  # fmt: skip
    """The best so far, after every round of tries; ends when nothing is missed, or time is up.

    ``begun``: where an earlier search was left; its tries are not done again. ``workers``: tries
    at once, each in a process of its own.
    """
    best = begun
    if best is not None:
        if best.missed <= 0:
            yield best
            return
        more = _go_on(q, best, seed, effort)
        best = replace(more, sweeps=best.sweeps + more.sweeps)
        yield best
    done = begun.tries if begun is not None else 0
    with team(min(workers, tries - done)) as together:
        while done < tries:
            bar = best.missed if best is not None else INF
            numbers = range(done, min(done + workers, tries))
            for found in together(attempt, [(q, seed, k, effort, bar) for k in numbers]):
                sweeps = found.sweeps + (best.sweeps if best is not None else 0)
                if best is None or (found.missed, found.energy) < (best.missed, best.energy):
                    best = found
                best = replace(best, sweeps=sweeps)
            assert best is not None
            done += len(numbers)
            best = replace(best, tries=done)
            yield best
            if best.missed <= 0 or effort.clock():
                return
