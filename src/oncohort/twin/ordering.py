"""The search for a cohort with given Cox figures, taken apart so that it ends.

Order of work, for a try: the variables that share a model, with the event pattern of one endpoint,
and the other endpoints for the same patients (:mod:`oncohort.twin.joint`); which patient is which,
by assignment within equal covariates; every other variable, on all endpoints at once
(:mod:`oncohort.twin.whole_try`, :mod:`oncohort.twin.placing`). Tries differ by their random numbers
and event counts; the best one is kept, ranked by what it misses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.twin.parts import lenient, look
from oncohort.twin.placing import labels_of, matched
from oncohort.twin.search import (
    Chains,
    Cohort,
    Outcome,
    Space,
    Term,
    temper,
)

Words = npt.NDArray[np.uint64]


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


@dataclass(frozen=True, slots=True)
class Chance:
    """Random numbers of a try: those of the loop (its state goes on), and numpy's."""

    words: Words
    rng: np.random.Generator


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
    both: bool = True
    """Whether endpoints that miss a ratio one after the other are sought at once, which takes
    longest."""
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


def sharing(space: Space) -> list[int]:
    """Carriers that share a model with another one."""
    shared = (carriers_of(space, t) for t in space.terms)
    return sorted(set().union(*(s for s in shared if len(s) > 1)))


def core_of(space: Space) -> list[int]:
    """Carriers that are sought together with the events: they share models, or few carry them."""
    asked = set().union(*(carriers_of(space, t) for t in space.terms))
    few = {g for g in asked if space.carriers[g].few}
    return sorted(few | set(sharing(space)))


def columns_of(space: Space, carriers: list[int]) -> list[int]:
    """Columns of these carriers."""
    moved = [space.carriers[g] for g in carriers]
    return [c for m in moved for c in range(m.first, m.first + m.count)]


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


def _direction(space: Space, carrier: int) -> float:
    """Log ratio of a carrier's first column alone, as asked; 0 where nothing is."""
    for term in space.terms:
        own = carriers_of(space, term) == {carrier}
        low, high = term.windows[0].ratio
        if own and low > -9 and high < 9:
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


def restricted(space: Space, keep: Callable[[Term], bool], *, full: bool = True) -> Space:
    terms = tuple(t for t in space.terms if keep(t))
    if not full:
        terms = tuple(replace(t, windows=tuple(map(lenient, t.windows))) for t in terms)
    return replace(space, terms=terms)


def run(
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


def marks_of(space: Space, endpoint: int) -> tuple:  # type: ignore[type-arg]
    return tuple(m for m in space.marks if m.endpoint == endpoint)


def match(q: Question, cohort: Cohort, early: int, late: int, rng: np.random.Generator) -> Cohort:
    """Who of those with equal core covariates is who: times in order, templates kept near.

    Patients keep their place in the late endpoint; those of equal covariates exchange their
    places in the early one.
    """
    columns = columns_of(q.space, core_of(q.space))
    labels = labels_of(cohort, columns)
    return matched(q.space, cohort, early, late, labels[cohort.order[early]], labels, rng)


def measure(q: Question, cohort: Cohort) -> Outcome:
    """What a cohort misses of the whole question."""
    return look(q.space, cohort)
