"""Hazard ratios together with their p: as many pairs as can be, for some ratios given up.

A p beside its ratio fixes the standard error, so pairs pull on the order of the patients where
ratios alone do not. The search takes what shares a model first, pairs only, on the endpoint with
most of them; then the other endpoint for the same patients; then who is who; then every other
variable alone, with both of its pairs, with either, with ratios only. Ratios of joint models whose
p is proven impossible are not asked for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.twin.ordering import (
    Effort,
    Found,
    Question,
    Words,
    carriers_of,
    draw_counts,
    event_moves,
    match,
    moves_of,
    sharing,
    start,
)
from oncohort.twin.parts import look
from oncohort.twin.search import INF, Chains, Cohort, Outcome, Space, Window, seed_state, temper

PROMISING = 100.0
"""How much more than the best cohort one misses that is worth growing: one pair."""

Row = tuple[int, int]
"""(term, column) of a ratio."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Which ratios of a space a cohort meets, and which together with their p."""

    pairs: frozenset[Row]
    ratios: frozenset[Row]
    broken: float
    """Weight of what may never be missed: the order of endpoints, medians."""


def rows_of(space: Space) -> dict[Row, bool]:
    """Every ratio, and whether it has a p that can be asked for."""
    return {
        (t, c): w.z not in ((-INF, INF), w.side)
        for t, term in enumerate(space.terms)
        for c, w in enumerate(term.windows)
        if w.ratio != (-INF, INF)
    }


def asking(space: Space, pairs: frozenset[Row], ratios: frozenset[Row]) -> Space:
    """The space that asks for these pairs, and of these rows for the ratio alone."""
    terms = []
    for t, term in enumerate(space.terms):
        windows = []
        for c, w in enumerate(term.windows):
            if (t, c) in pairs:
                windows.append(replace(w, weights=(100.0, 0.0, 100.0), side=(-INF, INF)))
            elif (t, c) in ratios:
                windows.append(Window(ratio=w.ratio, weights=(30.0, 0.0, 0.0)))
            else:
                windows.append(Window(weights=(0.0, 0.0, 0.0)))
        if any((t, c) in pairs | ratios for c in range(len(windows))):
            terms.append(replace(term, windows=tuple(windows)))
    return replace(space, terms=tuple(terms))


def tally(space: Space, cohort: Cohort) -> Tally:
    """What a cohort meets."""
    bare = replace(space, pairs=(), marks=())

    def met(pairs: frozenset[Row], ratios: frozenset[Row]) -> bool:
        return look(asking(bare, pairs, ratios), cohort).missed <= 0

    none: frozenset[Row] = frozenset()
    rows = rows_of(space)
    ratios = frozenset(r for r in rows if met(none, frozenset({r})))
    pairs = frozenset(r for r in ratios if rows[r] and met(frozenset({r}), none))
    return Tally(pairs, ratios, look(replace(space, terms=()), cohort).missed)


def found_of(space: Space, cohort: Cohort, least: int, sweeps: int) -> Found:
    """A cohort ranked by its pairs: 100 for a pair that is missed, 1 for a ratio.

    Fewer than ``least`` ratios count more than any pair.
    """
    rows, t = rows_of(space), tally(space, cohort)
    missed = 100.0 * (sum(rows.values()) - len(t.pairs)) + len(rows) - len(t.ratios) + t.broken
    missed += 1e5 * max(0, least - len(t.ratios))
    return Found(cohort, missed, look(space, cohort).energy, 1, sweeps)


def _until(
    space: Space, cohort: Cohort, moves: list[tuple[str, int, float]], runs: int, sweeps: int,
    words: Words, effort: Effort,
) -> Outcome:  # fmt: skip
    """Chains from the best so far, several times over, until nothing is missed."""
    chains = Chains(tuple(moves), coldest=0.004, sweeps=max(1, int(sweeps * effort.scale)))
    outcome = temper(space, cohort, chains, words)
    done = outcome.sweeps
    for _ in range(runs - 1):
        if outcome.missed <= 0 or effort.clock():
            break
        outcome = temper(space, outcome.cohort, chains, words)
        done += outcome.sweeps
    return replace(outcome, sweeps=done)


def _shared(
    q: Question, cohort: Cohort, endpoints: list[int], words: Words, rng: np.random.Generator,
    effort: Effort,
) -> tuple[Cohort, int]:  # fmt: skip
    """Variables that share a model: pairs of one endpoint, then of the others for its patients."""
    core, rows, sweeps = set(sharing(q.space)), rows_of(q.space), 0
    for k, e in enumerate(endpoints):
        counted = [q.space.terms[t].endpoint == e for t in range(len(q.space.terms))]
        within = [carriers_of(q.space, term) <= core for term in q.space.terms]
        own = [r for r in rows if counted[r[0]] and within[r[0]]]
        if not own:
            continue
        pairs = {r for r in own if rows[r]}
        joint = [r for r in own if len(q.space.terms[r[0]].columns) > 1]
        ratios = set(own) - {r for r in joint if not rows[r]}
        given_up = [r for r in joint if rows[r]]
        if k == 0 and given_up and rng.random() < 0.75:
            pairs.discard(given_up[int(rng.integers(len(given_up)))])
        asked = asking(q.space, frozenset(pairs), frozenset(ratios))
        marks = tuple(m for m in q.space.marks if m.endpoint == e)
        if k == 0:
            asked = replace(asked, pairs=(), marks=marks)
            moves = [*moves_of(q.space, sorted(core)), *event_moves(q.space, e, 1.5)]
        else:
            cohort.order[e] = cohort.order[endpoints[0]]
            asked = replace(asked, pairs=tuple(p for p in q.space.pairs if e in p), marks=marks)
            moves = [("order", e, 2.0), *event_moves(q.space, e, 0.6)]
        outcome = _until(asked, cohort, moves, 4, 16000, words, effort)
        cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
    return cohort, sweeps


def _others(
    q: Question, cohort: Cohort, words: Words, effort: Effort
) -> tuple[Cohort, int]:  # fmt: skip
    """Every other variable alone: all of its pairs, else one of them, else ratios."""
    core, rows, sweeps = set(sharing(q.space)), rows_of(q.space), 0
    bare = replace(q.space, pairs=(), marks=())
    for carrier in range(len(q.space.carriers)):
        own = [r for r in rows if carriers_of(q.space, q.space.terms[r[0]]) == {carrier}]
        if carrier in core or not own:
            continue
        able = [r for r in own if rows[r]]
        choices = [set(able), *({r} for r in able), set()] if len(able) > 1 else [set(able), set()]
        for pairs in choices:
            asked = asking(bare, frozenset(pairs), frozenset(own))
            moves = moves_of(q.space, [carrier])
            outcome = _until(asked, cohort, moves, 1, 2000, words, effort)
            sweeps += outcome.sweeps
            if outcome.missed <= 0:
                cohort = outcome.cohort
                break
    return cohort, sweeps


def _matched(
    q: Question, cohort: Cohort, least: int, words: Words, rng: np.random.Generator, effort: Effort,
    keep: bool,
) -> Found:  # fmt: skip
    """Who is who and every other variable, several times over; the best of them."""
    best: Found | None = None
    sweeps = 0
    for k in range(8):
        tried = cohort.copy()
        if k or not keep:
            for early, late in q.space.pairs:
                tried = match(q, tried, early, late, rng)
        tried, more = _others(q, tried, words, effort)
        sweeps += more
        found = found_of(q.space, tried, least, sweeps)
        if best is None or (found.missed, found.energy) < (best.missed, best.energy):
            best = found
        if effort.clock():
            break
    assert best is not None
    return replace(best, sweeps=sweeps)


def pairs_try(
    q: Question, seed: int, attempt: int, least: int, effort: Effort, bar: float = INF
) -> Found:
    """One whole try for pairs, with at least ``least`` ratios.

    ``bar``: what the best so far misses; a cohort that is as near to it as :data:`PROMISING` grows
    by one pair after the other.
    """
    rng = np.random.default_rng([seed, attempt, 7])
    words = seed_state(seed * 1_000_003 + attempt + 500_000)
    cohort = start(q, rng, draw_counts(q, rng, attempt))
    endpoints = list(range(len(q.events)))
    weight = [sum(len(t.columns) for t in q.space.terms if t.endpoint == e) for e in endpoints]
    ranked = sorted(endpoints, key=lambda e: (-weight[e], -e))
    cohort, sweeps = _shared(q, cohort, ranked, words, rng, effort)
    found = _matched(q, cohort, least, words, rng, effort, False)
    found = replace(found, sweeps=sweeps + found.sweeps)
    if found.missed > bar + PROMISING:
        return found
    return replace(_grown(q, found, least, words, effort), tries=1)


def _grown(
    q: Question, found: Found, least: int, words: Words, effort: Effort
) -> Found:  # fmt: skip
    """One pair more at a time, the nearest first, with everything moving; nothing is lost."""
    rows, best, sweeps = rows_of(q.space), found, found.sweeps
    moves = moves_of(q.space, list(range(len(q.space.carriers))))
    for e in range(len(q.events)):
        moves += [*event_moves(q.space, e, 0.3), ("order", e, 0.7)]
    while not effort.clock():
        now = tally(q.space, best.cohort)
        open_ = [r for r in rows if rows[r] and r not in now.pairs]
        far = {r: look(_with(q.space, now, r), best.cohort).energy for r in open_}
        before = best
        for row in sorted(open_, key=lambda r: far[r]):
            asked = _with(q.space, now, row)
            chains = Chains(tuple(moves), coldest=0.002, hottest=0.03, sweeps=3000)
            outcome = temper(asked, best.cohort, chains, words)
            sweeps += outcome.sweeps
            more = found_of(q.space, outcome.cohort, least, 0)
            if (more.missed, more.energy) < (best.missed, best.energy):
                best = more
                break
            if effort.clock():
                break
        if best.missed >= before.missed:
            break
    return replace(best, sweeps=sweeps)


def _with(space: Space, now: Tally, row: Row) -> Space:
    """The space that asks for what is met, and for one pair more."""
    return asking(space, now.pairs | {row}, now.ratios)


def pairs_more(q: Question, found: Found, least: int, seed: int, effort: Effort) -> Found:
    """The other variables of a cohort again, from its own matching and from new ones."""
    rng = np.random.default_rng([seed, found.tries, 8])
    words = seed_state(seed * 1_000_003 + found.tries + 700_000)
    more = _matched(q, found.cohort, least, words, rng, effort, True)
    before = found_of(q.space, found.cohort, least, 0)
    better = (more.missed, more.energy) < (before.missed, before.energy)
    grown = _grown(q, replace(more if better else before, sweeps=more.sweeps), least, words, effort)
    return replace(grown, tries=found.tries)
