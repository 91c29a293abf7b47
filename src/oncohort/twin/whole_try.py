"""A whole try of the search, from nothing or from the best cohort so far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oncohort.twin.assignments import WHOLE
from oncohort.twin.joint import core_missed, follow, joint, out_of_reach
from oncohort.twin.ordering import (
    Chance,
    Effort,
    Found,
    Question,
    carriers_of,
    columns_of,
    core_of,
    draw_counts,
    event_moves,
    match,
    measure,
    moves_of,
    restricted,
    run,
    sharing,
    start,
)
from oncohort.twin.parts import look, met_parts, parts_of, with_parts
from oncohort.twin.placing import alone, place
from oncohort.twin.question import ways_to_lie
from oncohort.twin.search import INF, Chains, Cohort, Outcome, Term, seed_state, temper

NEAR = (300, 3000)
"""Sweeps that bring a variable near before it is laid exactly: where all patients are laid anew,
and of more patients."""

ROUNDS = 2
"""Times that all other variables are laid for one core."""


def _alone(
    q: Question, cohort: Cohort, carrier: int, chance: Chance, effort: Effort
) -> tuple[Cohort, int]:
    """One variable on all endpoints: with p and intervals first, then with ratios only."""
    own = {carrier}

    def kept(t: Term) -> bool:
        return carriers_of(q.space, t) == own

    space = replace(restricted(q.space, kept), pairs=(), marks=())
    if not space.terms:
        return cohort, 0
    moves = moves_of(q.space, [carrier])
    tries: list[Outcome] = []
    for full, part in ((True, 0.6), (False, 0.2), (True, 0.4)):
        asked = (
            space if full else replace(restricted(q.space, kept, full=False), pairs=(), marks=())
        )
        from_ = tries[-1].cohort if tries else cohort
        sweeps = max(1, int(effort.sweeps("others", q.n) * part))
        tries.append(run(asked, from_, moves, sweeps, chance.words, effort))
        if full and tries[-1].missed <= 0:
            break
    ranked: list[tuple[float, float, int]] = []
    for t in tries:
        seen = temper(space, t.cohort, Chains(tuple(moves), sweeps=0, replicas=1), seed_state(0))
        ranked.append((seen.missed, seen.energy, len(ranked)))
    return tries[min(ranked)[2]].cohort, sum(t.sweeps for t in tries)


def _freed(
    q: Question, cohort: Cohort, carrier: int, chance: Chance, effort: Effort
) -> tuple[Cohort, int]:
    """One variable with the orders free to follow it, as long as they keep what is met.

    Patients who are alike in all other variables may change places: a variable that few patients
    carry has too few ways to lie otherwise.
    """
    own = {p for p in parts_of(q.space) if carriers_of(q.space, q.space.terms[p[0]]) == {carrier}}
    met = met_parts(q.space, cohort)
    if own <= met:
        return cohort, 0
    moves = moves_of(q.space, [carrier])
    moves += [("order", e, 1.0) for e in range(len(q.events))]
    before = measure(q, cohort)
    sweeps = effort.sweeps("freed", q.n)
    outcome = run(with_parts(q.space, met | own), cohort, moves, sweeps, chance.words, effort)
    after = measure(q, outcome.cohort)
    better = (after.missed, after.energy) < (before.missed, before.energy)
    return (outcome.cohort if better else cohort), outcome.sweeps


def _by_freedom(q: Question) -> list[int]:
    """Carriers outside the core, those with the fewest ways to lie first."""
    core = core_of(q.space)
    rest = (g for g in range(len(q.space.carriers)) if g not in core)
    return sorted(rest, key=lambda g: ways_to_lie(q.values[g]))


def _other(
    q: Question, cohort: Cohort, carrier: int, laid: list[int], full: bool, chance: Chance,
    effort: Effort,
) -> tuple[Cohort, int]:  # fmt: skip
    """One variable: laid exactly where that can be, otherwise sought."""
    it = alone(q.space, cohort, carrier) if full else None
    if it is None:
        cohort, sweeps = _alone(q, cohort, carrier, chance, effort)
    else:
        own = replace(q.space, terms=it.terms, pairs=(), marks=())
        near = run(
            own, cohort, moves_of(q.space, [carrier]), NEAR[q.n > WHOLE], chance.words, effort
        )
        cohort, sweeps = (
            place(q.space, near.cohort, it, laid, chance.rng, stop=effort.clock),
            near.sweeps,
        )
    if full and not effort.clock():
        cohort, more = _freed(q, cohort, carrier, chance, effort)
        sweeps += more
    return cohort, sweeps


def _others(
    q: Question, cohort: Cohort, full: bool, chance: Chance, effort: Effort
) -> tuple[Cohort, int]:
    """Every variable outside the core, one after the other, for new pairs of places."""
    sweeps = 0
    for early, late in q.space.pairs:
        cohort = match(q, cohort, early, late, chance.rng)
    laid = columns_of(q.space, core_of(q.space))
    for carrier in _by_freedom(q):
        cohort, more = _other(q, cohort, carrier, laid, full, chance, effort)
        sweeps += more
        laid += columns_of(q.space, [carrier])
    return cohort, sweeps


def _completed(q: Question, cohort: Cohort, full: bool, chance: Chance, effort: Effort) -> Found:
    """The other variables for one core, more than once where some of them are missed."""
    rest, best, sweeps = core_missed(q, cohort), None, 0
    for _ in range(ROUNDS if full else 1):
        found, more = _others(q, cohort, full, chance, effort)
        sweeps += more
        seen = measure(q, found)
        if best is None or (seen.missed, seen.energy) < (best.missed, best.energy):
            best = Found(found, seen.missed, seen.energy, 1)
        if best.missed <= rest or effort.clock():
            break
    assert best is not None
    return replace(best, sweeps=sweeps)


def _shared_first(q: Question) -> Question:
    """The question that seeks only the variables that share models together with the events.

    Those that few patients carry have ways enough to lie where only their ratios are asked for.
    """
    if not sharing(q.space):
        return q
    carriers = tuple(replace(c, few=False) for c in q.space.carriers)
    return replace(q, space=replace(q.space, carriers=carriers))


def one_try(
    q: Question, seed: int, attempt: int, effort: Effort, bar: float = INF, full: bool = True
) -> Found:
    """One whole try; it is given up where it can't come below ``bar`` any more.

    ``full``: for ratios, limits and p at once; otherwise for ratios alone.
    """
    rng = np.random.default_rng([seed, attempt])
    chance = Chance(seed_state(seed * 1_000_003 + attempt), rng)
    q = q if full else _shared_first(q)
    cohort = start(q, rng, draw_counts(q, rng, attempt))
    cohort, sweeps = joint(q, cohort, attempt, full, chance, effort)
    if bar < INF and out_of_reach(q, cohort, bar):
        last = measure(q, cohort)
        return Found(cohort, last.missed, last.energy, 1, sweeps)
    found = _completed(q, cohort, full, chance, effort)
    return replace(found, sweeps=found.sweeps + sweeps)


def again(q: Question, found: Found, seed: int, effort: Effort) -> Found:
    """The core once more on the endpoints that miss something, then all other variables."""
    rng = np.random.default_rng([seed, found.tries, 3])
    chance = Chance(seed_state(seed * 3_333_333 + found.tries), rng)
    cohort, sweeps = found.cohort, 0
    for e in range(len(q.events)):
        if core_missed(q, cohort, e) > 0:
            outcome = follow(q, cohort, e, True, chance, effort)
            cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
    more = _completed(q, cohort, True, chance, effort)
    better = (more.missed, more.energy) < (found.missed, found.energy)
    return replace(more if better else found, sweeps=sweeps + more.sweeps)


def grow(q: Question, found: Found, seed: int, effort: Effort) -> Found:
    """Meet one figure more at a time, keeping all that are met; nothing is ever lost."""
    words = seed_state(seed * 7_777_777 + found.tries)
    core = set(core_of(q.space))
    kept = met_parts(q.space, found.cohort)
    cohort, sweeps = found.cohort, 0
    for part in parts_of(q.space):
        if part in kept or effort.clock():
            continue
        own = carriers_of(q.space, q.space.terms[part[0]])
        asked = with_parts(q.space, {*kept, part})
        rest = look(with_parts(q.space, kept), cohort).missed
        # A variable of its own first moves alone, then with everything else.
        ways = [_all_moves(q)] if own <= core else [moves_of(q.space, sorted(own)), _all_moves(q)]
        for moves in ways:
            outcome = run(asked, cohort, moves, effort.sweeps("together", q.n), words, effort)
            sweeps += outcome.sweeps
            if outcome.missed <= rest + 1e-9:
                cohort = outcome.cohort
                kept = met_parts(q.space, cohort)
                break
    last = measure(q, cohort)
    return Found(cohort, last.missed, last.energy, found.tries, sweeps)


def _all_moves(q: Question) -> list[tuple[str, int, float]]:
    moves = moves_of(q.space, list(range(len(q.space.carriers))))
    for e in range(len(q.events)):
        moves += [*event_moves(q.space, e, 0.3), ("order", e, 0.7)]
    return moves
