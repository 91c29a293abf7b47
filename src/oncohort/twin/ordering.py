"""The search for a cohort with given Cox figures, taken apart so that it ends.

Order of work, for a try: the variables that share a model, with the event pattern of the endpoint
that has most of them; the other endpoints for the same patients; which patient is which, by
assignment within equal covariates; every other variable alone, on all endpoints at once; last, all
together from there. Tries differ by their random numbers and event counts; the best one is kept,
ranked by what it misses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
import numpy.typing as npt

from oncohort.twin.parts import lenient, look, met_parts, parts_of, with_parts
from oncohort.twin.placing import alone, labels_of, matched, place
from oncohort.twin.search import (
    INF,
    Chains,
    Cohort,
    Outcome,
    Space,
    Term,
    seed_state,
    temper,
)

Words = npt.NDArray[np.uint64]

NEAR = 300
"""Sweeps that bring a variable near, before it is laid exactly."""

ROUNDS = 2
"""Times that all other variables are laid for one core."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the orders: the space, margins, event counts.

    Parameters
    ----------
    values
        (carriers) For each carrier the rows of its columns, (columns, patients), in any order.
    events
        (endpoints) Possible numbers of events of each endpoint, best guesses first.
    """

    n: int
    space: Space
    values: tuple[npt.NDArray[np.float64], ...]
    events: tuple[tuple[int, ...], ...]
    patterns: tuple[tuple[int, ...] | None, ...] = ()
    """(endpoints) Event flags by rank to begin with, where a printed curve gives them."""


@dataclass(slots=True)
class Found:
    """The best cohort of a search, what it misses, and how long the search was."""

    cohort: Cohort
    missed: float
    energy: float
    tries: int = 0
    sweeps: int = 0


@dataclass(slots=True)
class Effort:
    """Sweeps of each step; `scale` multiplies all of them."""

    core: int = 90_000
    others: int = 20_000
    freed: int = 15_000
    together: int = 10_000
    scale: float = 1.0
    ratios_first: bool = False
    """Look for ratios alone in every try and let p and intervals grow from there; otherwise every
    other try asks for all of them at once."""
    pairs_first: int | None = None
    """Look for ratios together with their p, as many as can be, with at least so many ratios."""
    until: float | None = None
    """When to stop, by ``now``; None for no limit."""
    now: Callable[[], float] = monotonic

    def clock(self) -> bool:
        """True when time is up."""
        return self.until is not None and self.now() > self.until

    def sweeps(self, step: str, n: int = 0) -> int:
        """Sweeps of one step; fewer of them for many patients, whose sweeps take longer."""
        return max(1, int(getattr(self, step) * self.scale * min(1.0, 60 / max(n, 1))))


def carriers_of(space: Space, term: Term) -> set[int]:
    return {
        g
        for g, c in enumerate(space.carriers)
        for column in term.columns
        if c.first <= column < c.first + c.count
    }


def core_of(space: Space) -> list[int]:
    """Carriers that share a model with another one."""
    shared = (carriers_of(space, t) for t in space.terms)
    return sorted(set().union(*(s for s in shared if len(s) > 1)))


def event_moves(space: Space, endpoint: int, weight: float) -> list[tuple[str, int, float]]:
    """Exchange event flags; where the number of events is open, change it, too."""
    if endpoint in space.still:
        return []
    out = [("event", endpoint, weight)]
    if space.counts and space.counts[endpoint][1] > space.counts[endpoint][0]:
        out.append(("count", endpoint, 0.3 * weight))
    return out


def moves_of(space: Space, carriers: list[int]) -> list[tuple[str, int, float]]:
    out: list[tuple[str, int, float]] = []
    for g in carriers:
        out.append(("covariate", g, 1.0))
        if space.carriers[g].ones[1] > space.carriers[g].ones[0]:
            out.append(("margin", g, 0.2))
    return out


def _direction(space: Space, carrier: int, endpoint: int | None = None) -> float:
    """Log ratio of a carrier's first column alone, as asked; 0 where nothing is."""
    for term in space.terms:
        own = carriers_of(space, term) == {carrier}
        low, high = term.windows[0].ratio
        if own and (endpoint is None or term.endpoint == endpoint) and low > -9 and high < 9:
            return (low + high) / 2
    return 0.0


def _draw_events(q: Question, rng: np.random.Generator, counts: list[int]) -> np.ndarray:
    """Event flags by rank; the censored ones later rather than earlier."""
    event = np.ones((len(counts), q.n), dtype=np.int32)
    weight = np.arange(1, q.n + 1, dtype=float)
    for e, d in enumerate(counts):
        where = rng.choice(q.n, q.n - d, replace=False, p=weight / weight.sum())
        event[e, where] = 0
    return event


def draw_counts(q: Question, rng: np.random.Generator, attempt: int) -> list[int]:
    counts = []
    for choices in q.events:
        # The first try takes the best guesses; later ones look further away.
        k = 0 if attempt == 0 else int(min(len(choices) - 1, rng.exponential(1.5)))
        counts.append(choices[k])
    for early, late in q.space.pairs:
        counts[late] = min(counts[late], counts[early])
    return counts


def start(q: Question, rng: np.random.Generator, counts: list[int]) -> Cohort:
    """A cohort to search from: adverse levels earlier, all margins as asked."""
    columns = max((c.first + c.count for c in q.space.carriers), default=0)
    x = np.zeros((columns, q.n))
    for g, carrier in enumerate(q.space.carriers):
        values = q.values[g]
        lean = np.sign(_direction(q.space, g)) * values[0]
        place = np.argsort(-lean + rng.normal(size=q.n) * 0.8)
        x[carrier.first : carrier.first + carrier.count] = values[:, place]
    order = np.tile(np.arange(q.n, dtype=np.int32), (len(counts), 1))
    event = _draw_events(q, rng, counts)
    for e, pattern in enumerate(q.patterns):
        if pattern is not None and sum(pattern) == counts[e]:
            event[e] = pattern
    return Cohort(x, event, order)


def _restricted(space: Space, keep: Callable[[Term], bool], *, full: bool = True) -> Space:
    terms = tuple(t for t in space.terms if keep(t))
    if not full:
        terms = tuple(replace(t, windows=tuple(map(lenient, t.windows))) for t in terms)
    return replace(space, terms=terms)


def _run(
    space: Space, cohort: Cohort, moves: list[tuple[str, int, float]], sweeps: int, words: Words,
    effort: Effort,
) -> Outcome:  # fmt: skip
    """Chains in slices, so that time can run out between them."""
    done, best = 0, None
    # Time is looked at between slices of about a second.
    most = int(3e6 / max(1, len(cohort.event[0]) * (2 + sum(len(t.columns) for t in space.terms))))
    slice_ = max(20, most)
    now = cohort
    while done < sweeps:
        chains = Chains(tuple(moves), sweeps=min(slice_, sweeps - done))
        outcome = temper(space, now, chains, words)
        done += outcome.sweeps
        better = best is None or (outcome.missed, outcome.energy) < (best.missed, best.energy)
        if better:
            best = outcome
        if outcome.missed <= 0 or effort.clock():
            break
        now = outcome.cohort
    assert best is not None
    return replace(best, sweeps=done)


def _core(
    q: Question, cohort: Cohort, main: int, full: bool, words: Words, effort: Effort
) -> Outcome:
    core = core_of(q.space)

    def mine(t: Term) -> bool:
        return t.endpoint == main and carriers_of(q.space, t) <= set(core)

    space = replace(_restricted(q.space, mine, full=full), pairs=(), marks=_marks(q.space, main))
    moves = [*moves_of(q.space, core), *event_moves(q.space, main, 0.5 * max(1, len(core)))]
    if not moves:
        return look(space, cohort)
    return _run(space, cohort, moves, effort.sweeps("core", q.n), words, effort)


def _marks(space: Space, endpoint: int) -> tuple:  # type: ignore[type-arg]
    return tuple(m for m in space.marks if m.endpoint == endpoint)


def _second(
    q: Question, cohort: Cohort, other: int, full: bool, words: Words, effort: Effort
) -> Outcome:
    core = set(core_of(q.space))

    def mine(t: Term) -> bool:
        return t.endpoint == other and carriers_of(q.space, t) <= core

    pairs = tuple(p for p in q.space.pairs if other in p)
    space = _restricted(q.space, mine, full=full)
    space = replace(space, pairs=pairs, marks=_marks(q.space, other))
    moves = [("order", other, 2.0), *event_moves(q.space, other, 0.6)]
    return _run(space, cohort, moves, effort.sweeps("core", q.n), words, effort)


def _both(q: Question, cohort: Cohort, full: bool, words: Words, effort: Effort) -> Outcome:
    """The core on all endpoints at once, from where the endpoints alone were left."""
    core = core_of(q.space)
    space = _restricted(q.space, lambda t: carriers_of(q.space, t) <= set(core), full=full)
    moves = moves_of(q.space, core)
    for e in range(len(q.events)):
        moves += [*event_moves(q.space, e, 0.6), ("order", e, 1.5)]
    return _run(space, cohort, moves, effort.sweeps("core", q.n), words, effort)


def match(q: Question, cohort: Cohort, early: int, late: int, rng: np.random.Generator) -> Cohort:
    """Who of those with equal core covariates is who: times in order, templates kept near.

    Patients keep their place in the late endpoint; those of equal covariates exchange their
    places in the early one.
    """
    columns = columns_of(q.space, core_of(q.space))
    labels = labels_of(cohort, columns)
    return matched(q.space, cohort, early, late, labels[cohort.order[early]], labels, rng)


def columns_of(space: Space, carriers: list[int]) -> list[int]:
    """Columns of these carriers."""
    moved = [space.carriers[g] for g in carriers]
    return [c for m in moved for c in range(m.first, m.first + m.count)]


def _alone(
    q: Question, cohort: Cohort, carrier: int, words: Words, effort: Effort
) -> tuple[Cohort, int]:
    """One variable on all endpoints: with p and intervals first, then with ratios only."""
    own = {carrier}

    def mine(t: Term) -> bool:
        return carriers_of(q.space, t) == own

    space = replace(_restricted(q.space, mine), pairs=(), marks=())
    if not space.terms:
        return cohort, 0
    moves = moves_of(q.space, [carrier])
    tries: list[Outcome] = []
    for full, part in ((True, 0.6), (False, 0.2), (True, 0.4)):
        asked = (
            space if full else replace(_restricted(q.space, mine, full=False), pairs=(), marks=())
        )
        from_ = tries[-1].cohort if tries else cohort
        sweeps = max(1, int(effort.sweeps("others", q.n) * part))
        tries.append(_run(asked, from_, moves, sweeps, words, effort))
        if full and tries[-1].missed <= 0:
            break
    ranked: list[tuple[float, float, int]] = []
    for t in tries:
        seen = temper(space, t.cohort, Chains(tuple(moves), sweeps=0, replicas=1), seed_state(0))
        ranked.append((seen.missed, seen.energy, len(ranked)))
    return tries[min(ranked)[2]].cohort, sum(t.sweeps for t in tries)


def measure(q: Question, cohort: Cohort) -> Outcome:
    """What a cohort misses of the whole question."""
    return look(q.space, cohort)


def _freed(
    q: Question, cohort: Cohort, carrier: int, words: Words, effort: Effort
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
    outcome = _run(with_parts(q.space, met | own), cohort, moves, sweeps, words, effort)
    after = measure(q, outcome.cohort)
    better = (after.missed, after.energy) < (before.missed, before.energy)
    return (outcome.cohort if better else cohort), outcome.sweeps


def _by_freedom(q: Question) -> list[int]:
    """Carriers outside the core, those with the fewest ways to lie first."""

    def ways(g: int) -> float:
        groups = np.unique(q.values[g], axis=1, return_counts=True)[1]
        return math.lgamma(q.n + 1) - sum(math.lgamma(k + 1) for k in groups)

    core = core_of(q.space)
    return sorted((g for g in range(len(q.space.carriers)) if g not in core), key=ways)


def _joint(
    q: Question, cohort: Cohort, attempt: int, full: bool, words: Words, effort: Effort
) -> tuple[Cohort, int]:
    """Variables that share a model, endpoint by endpoint, then on all of them."""
    core = core_of(q.space)
    endpoints = list(range(len(q.events)))
    weight = [sum(len(t.columns) for t in q.space.terms if t.endpoint == e) for e in endpoints]
    # The endpoint with fewer figures first is quick and leaves the harder one to follow; the other
    # way round reaches other cohorts.
    ranked = sorted(endpoints, key=lambda e: (weight[e] == 0, weight[e], e))
    main = ranked[0] if attempt % 2 == 0 or not weight[ranked[-1]] else ranked[-1]
    sweeps = 0
    if core or _marks(q.space, main):
        outcome = _core(q, cohort, main, full, words, effort)
        cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
    for other in (e for e in endpoints if e != main):
        cohort.order[other] = cohort.order[main]
        outcome = _second(q, cohort, other, full, words, effort)
        cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
        for each in (True, False) if full else (False,):
            # With p and limits, then, where ratios are still missed, for these alone.
            if core and outcome.missed > (0 if each is full else 99):
                outcome = _both(q, cohort, each, words, effort)
                cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
    return cohort, sweeps


def _core_missed(q: Question, cohort: Cohort, endpoint: int | None = None) -> float:
    """What the variables that share models miss, on one endpoint or on all."""
    core = set(core_of(q.space))

    def mine(t: Term) -> bool:
        return endpoint in (None, t.endpoint) and carriers_of(q.space, t) <= core

    return look(replace(_restricted(q.space, mine), pairs=(), marks=()), cohort).missed


def _others(
    q: Question, cohort: Cohort, full: bool, rng: np.random.Generator, words: Words, effort: Effort
) -> tuple[Cohort, int]:
    """Every variable outside the core, one after the other, for new pairs of places."""
    sweeps = 0
    for early, late in q.space.pairs:
        cohort = match(q, cohort, early, late, rng)
    laid = columns_of(q.space, core_of(q.space))
    for carrier in _by_freedom(q):
        it = alone(q.space, cohort, carrier) if full else None
        if it is not None:
            own = replace(q.space, terms=it.terms, pairs=(), marks=())
            near = _run(own, cohort, moves_of(q.space, [carrier]), NEAR, words, effort)
            cohort = place(q.space, near.cohort, it, laid, rng)
            sweeps += near.sweeps
        else:
            cohort, more = _alone(q, cohort, carrier, words, effort)
            sweeps += more
            if full and not effort.clock():
                cohort, more = _freed(q, cohort, carrier, words, effort)
                sweeps += more
        laid += columns_of(q.space, [carrier])
    return cohort, sweeps


def _completed(
    q: Question, cohort: Cohort, full: bool, rng: np.random.Generator, words: Words, effort: Effort
) -> Found:
    """The other variables for one core, more than once where some of them are missed."""
    rest, best, sweeps = _core_missed(q, cohort), None, 0
    for _ in range(ROUNDS if full else 1):
        mine, more = _others(q, cohort, full, rng, words, effort)
        sweeps += more
        seen = measure(q, mine)
        if best is None or (seen.missed, seen.energy) < (best.missed, best.energy):
            best = Found(mine, seen.missed, seen.energy, 1)
        if best.missed <= rest or effort.clock():
            break
    assert best is not None
    return replace(best, sweeps=sweeps)


def one_try(q: Question, seed: int, attempt: int, effort: Effort, bar: float = INF) -> Found:
    """One whole try; it is given up where it can't come below ``bar`` any more."""
    rng = np.random.default_rng([seed, attempt])
    words = seed_state(seed * 1_000_003 + attempt)
    cohort = start(q, rng, draw_counts(q, rng, attempt))
    full = attempt % 4 < 2 and not effort.ratios_first
    cohort, sweeps = _joint(q, cohort, attempt, full, words, effort)
    if bar < INF and _hopeless(q, cohort, bar):
        last = measure(q, cohort)
        return Found(cohort, last.missed, last.energy, 1, sweeps)
    found = _completed(q, cohort, full, rng, words, effort)
    return replace(found, sweeps=found.sweeps + sweeps)


def again(q: Question, found: Found, seed: int, effort: Effort) -> Found:
    """The core once more on the endpoints that miss something, then all other variables."""
    rng = np.random.default_rng([seed, found.tries, 3])
    words = seed_state(seed * 3_333_333 + found.tries)
    cohort, sweeps = found.cohort, 0
    for e in range(len(q.events)):
        if _core_missed(q, cohort, e) > 0:
            outcome = _second(q, cohort, e, True, words, effort)
            cohort, sweeps = outcome.cohort, sweeps + outcome.sweeps
    more = _completed(q, cohort, True, rng, words, effort)
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
            outcome = _run(asked, cohort, moves, effort.sweeps("together", q.n), words, effort)
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


def _hopeless(q: Question, cohort: Cohort, bar: float) -> bool:
    """Whether the variables that share models already miss more ratios than the best cohort."""
    core = set(core_of(q.space))
    space = _restricted(q.space, lambda t: carriers_of(q.space, t) <= core, full=False)
    return look(space, cohort).missed > bar
