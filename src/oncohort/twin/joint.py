"""Variables that share models, and those that few carry: sought with the event patterns.

One endpoint first, with covariates and events free; then the other endpoints for the same patients.
"""

from __future__ import annotations

from dataclasses import replace

from oncohort.twin.ordering import (
    Chance,
    Effort,
    Question,
    carriers_of,
    columns_of,
    core_of,
    event_moves,
    marks_of,
    moves_of,
    restricted,
    run,
    sharing,
    start,
)
from oncohort.twin.parts import look
from oncohort.twin.placing import alone, place
from oncohort.twin.search import Cohort, Outcome, Space, Term

SHORT = 0.05
"""Part of the sweeps that each of the many beginnings takes, where ratios alone are asked for."""

STARTS = 5
"""Cohorts from which the first search of a try begins, half of its sweeps for all of them."""


def _asked(q: Question, carriers: set[int], endpoint: int, full: bool) -> Space:
    """All models of these carriers on one endpoint."""

    def kept(t: Term) -> bool:
        return t.endpoint == endpoint and carriers_of(q.space, t) <= carriers

    space = restricted(q.space, kept, full=full)
    return replace(space, pairs=(), marks=marks_of(q.space, endpoint))


def _steps(q: Question, full: bool) -> list[set[int]]:
    """The carriers that share models first; then with those that few patients carry."""
    shared, core = set(sharing(q.space)), set(core_of(q.space))
    return [shared, core] if full and shared and shared < core else [core]


def _met(q: Question, cohort: Cohort, carriers: set[int], endpoint: int) -> bool:
    """Whether nothing of these carriers' own models is missed on an endpoint."""
    own = replace(_asked(q, carriers, endpoint, True), marks=())
    return look(own, cohort).missed <= 0


def _main(
    q: Question, cohort: Cohort, main: int, full: bool, chance: Chance, effort: Effort
) -> tuple[Cohort, int]:
    """One endpoint: covariates and events are free."""
    sweeps, laid = 0, set[int]()
    for carriers in _steps(q, full):
        space = _asked(q, carriers, main, full)
        for g in sorted(carriers - laid) if laid else ():
            own = replace(_asked(q, {g}, main, True), marks=())
            it = alone(own, cohort, g)
            cohort = (
                place(own, cohort, it, [], chance.rng, stop=effort.clock)
                if it is not None
                else cohort
            )
        if laid and _met(q, cohort, carriers - laid, main):
            continue
        moves = moves_of(q.space, sorted(carriers))
        moves += event_moves(q.space, main, 0.5 * max(1, len(carriers)))
        if moves:
            starts = [cohort] if laid else _starts(q, cohort, chance)
            outcome = _best_of(space, starts, moves, effort.sweeps("core", q.n), chance, effort)
            cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
        laid = carriers
    return cohort, sweeps


def _starts(q: Question, cohort: Cohort, chance: Chance) -> list[Cohort]:
    """This cohort, and others with as many events."""
    counts = [int(row.sum()) for row in cohort.event]
    return [cohort, *(start(q, chance.rng, counts) for _ in range(STARTS - 1))]


def _best_of(
    space: Space, starts: list[Cohort], moves: list[tuple[str, int, float]], sweeps: int,
    chance: Chance, effort: Effort,
) -> Outcome:  # fmt: skip
    """Chains from each start for a part of the sweeps, then from the best for what is left."""
    best, done = None, 0
    for cohort in starts if len(starts) > 1 else ():
        outcome = run(space, cohort, moves, max(1, sweeps // (2 * STARTS)), chance.words, effort)
        done += outcome.sweeps
        if best is None or (outcome.missed, outcome.energy) < (best.missed, best.energy):
            best = outcome
        if best.missed <= 0 or effort.clock():
            return replace(best, sweeps=done)
    begun = best.cohort if best is not None else starts[0]
    last = run(space, begun, moves, max(1, sweeps - done), chance.words, effort)
    return replace(last, sweeps=done + last.sweeps)


def follow(
    q: Question, cohort: Cohort, other: int, full: bool, chance: Chance, effort: Effort
) -> Outcome:
    """Another endpoint of the same patients: their order and events are free."""
    sweeps, laid, outcome = 0, set[int](), None
    pairs = tuple(p for p in q.space.pairs if other in p)
    shared = set(sharing(q.space))
    for carriers in _steps(q, full):
        space = replace(_asked(q, carriers, other, full), pairs=pairs)
        for g in sorted(carriers - laid) if laid else ():
            it = alone(q.space, cohort, g)
            if it is not None:
                columns = columns_of(q.space, sorted(laid))
                cohort, laid = (
                    place(q.space, cohort, it, columns, chance.rng, stop=effort.clock),
                    laid | {g},
                )
        if outcome is not None and _met(q, cohort, carriers - shared, other):
            outcome = replace(outcome, cohort=cohort)
            continue
        moves = [("order", other, 2.0), *event_moves(q.space, other, 0.6)]
        outcome = run(space, cohort, moves, effort.sweeps("core", q.n), chance.words, effort)
        cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
        laid = carriers
    assert outcome is not None
    return replace(outcome, sweeps=sweeps)


def _both(q: Question, cohort: Cohort, full: bool, chance: Chance, effort: Effort) -> Outcome:
    """The core on all endpoints at once, from where the endpoints alone were left."""
    core = core_of(q.space)
    space = restricted(q.space, lambda t: carriers_of(q.space, t) <= set(core), full=full)
    moves = moves_of(q.space, core)
    for e in range(len(q.events)):
        moves += [*event_moves(q.space, e, 0.6), ("order", e, 1.5)]
    return run(space, cohort, moves, effort.sweeps("core", q.n), chance.words, effort)


def joint(
    q: Question, cohort: Cohort, attempt: int, full: bool, chance: Chance, effort: Effort
) -> tuple[Cohort, int]:
    """Variables that share a model, endpoint by endpoint, then on all of them."""
    core = core_of(q.space)
    endpoints = list(range(len(q.events)))
    weight = [sum(len(t.columns) for t in q.space.terms if t.endpoint == e) for e in endpoints]
    # The endpoint with fewer figures first is quick and leaves the harder one to follow; the other
    # way round reaches other cohorts.
    ranked = sorted(endpoints, key=lambda e: (weight[e] == 0, weight[e], e))
    turned = [e for e in reversed(ranked) if weight[e]] or ranked[:1]
    mains = (ranked[0], turned[0]) if attempt % 2 == 0 else (turned[0], ranked[0])
    cohort, sweeps, missed = _begun(q, cohort, mains, full, chance, effort)
    for each in (True, False) if full else (False,):
        # Where ratios are missed: with p and limits, then for ratios alone.
        if core and missed > 99 and effort.both:
            outcome = _both(q, cohort, each, chance, effort)
            cohort, sweeps, missed = outcome.cohort, sweeps + outcome.sweeps, outcome.missed
    return cohort, sweeps


def _begun(
    q: Question, cohort: Cohort, mains: tuple[int, int], full: bool, chance: Chance, effort: Effort
) -> tuple[Cohort, int, float]:  # fmt: skip
    """One endpoint and the others after it; the cohort, sweeps, and what the last one misses.

    For ratios alone many short ones, with either endpoint first, and the best of them: how many
    patients carry two variables together is drawn with the first endpoint, and another number may
    leave the second one no way, however long it is sought.
    """
    if full or not sharing(q.space):
        return _after(q, cohort, mains[0], full, chance, effort)
    short = replace(effort, core=max(1, int(effort.core * SHORT)))
    best: tuple[tuple[float, float], Cohort] | None = None
    sweeps = 0
    for k, begun in enumerate([*_starts(q, cohort, chance), *_starts(q, cohort, chance)[1:]]):
        now, more, _ = _after(q, begun, mains[k % 2], full, chance, short)
        sweeps += more
        seen = _core_seen(q, now)
        if best is None or seen < best[0]:
            best = seen, now
        if seen[0] <= 0 or effort.clock():
            break
    assert best is not None
    return best[1], sweeps, best[0][0]


def _core_seen(q: Question, cohort: Cohort) -> tuple[float, float]:
    """What the variables that share models miss of their ratios, and how far it is."""
    core = set(core_of(q.space))
    space = restricted(q.space, lambda t: carriers_of(q.space, t) <= core, full=False)
    seen = look(space, cohort)
    return seen.missed, seen.energy


def _after(
    q: Question, cohort: Cohort, main: int, full: bool, chance: Chance, effort: Effort
) -> tuple[Cohort, int, float]:
    """One endpoint, then each of the others for its patients."""
    sweeps, missed = 0, 0.0
    if core_of(q.space) or marks_of(q.space, main):
        cohort, sweeps = _main(q, cohort, main, full, chance, effort)
    for other in (e for e in range(len(q.events)) if e != main):
        cohort.order[other] = cohort.order[main]
        outcome = follow(q, cohort, other, full, chance, effort)
        cohort, sweeps, missed = outcome.cohort, sweeps + outcome.sweeps, outcome.missed
    return cohort, sweeps, missed


def core_missed(q: Question, cohort: Cohort, endpoint: int | None = None) -> float:
    """What the variables that share models miss, on one endpoint or on all."""
    core = set(core_of(q.space))

    def kept(t: Term) -> bool:
        return endpoint in (None, t.endpoint) and carriers_of(q.space, t) <= core

    return look(replace(restricted(q.space, kept), pairs=(), marks=()), cohort).missed


def out_of_reach(q: Question, cohort: Cohort, bar: float) -> bool:
    """Whether the variables that share models already miss more ratios than the best cohort."""
    return _core_seen(q, cohort)[0] > bar
