"""Smallest sets of printed figures that a search never met together.

A figure that a twin misses is asked for with those of its endpoint that the twin meets; where that
is never met, figures are left out one by one as long as what is left is still never met. Nothing
is proven by it, so every set comes with the size of its search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.published.figures import ratio_key
from oncohort.published.model import Ratio
from oncohort.twin.certificate import MISSED, Certificate
from oncohort.twin.known_pairs import pairs_of
from oncohort.twin.ordering import Found, carriers_of, event_moves, marks_of, moves_of, start
from oncohort.twin.parts import look
from oncohort.twin.plan import Plan
from oncohort.twin.question import window_of
from oncohort.twin.search import Chains, Cohort, Space, Window, seed_state, temper
from oncohort.vocabulary.plurals import counted

PARTS = ("estimate", "low", "high", "p")

SWEEPS = 4000
"""Of the twelve chains, 60 changes each, in one trial."""

Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Clash:
    """What became of a missed figure beside others of its endpoint.

    Parameters
    ----------
    keys
        The set that was never met together, the missed figure first; empty where it was met with
        all that the twin meets of its endpoint.
    trials, sets
        Trials of all sets together, and how many sets were tried.
    proven
        Whether no number of events goes with all of the set.
    """

    keys: tuple[str, ...]
    trials: int
    sets: int
    proven: bool = False

    def words(self, each: int, endpoint: str, named: Mapping[str, str]) -> str:
        """For the certificate; ``named``: each figure in words.

        Examples
        --------
        >>> Clash((), 3, 1).words(4, "PFS", {})
        'met with all that this twin meets of PFS (3 trials): the other endpoint keeps it out'
        >>> Clash(("a.p", "a.estimate"), 8, 3).words(4, "PFS", {"a.estimate": "HR of age 0.78"})
        'never met together with HR of age 0.78 (4 trials of each of 3 sets)'
        """
        size = f"{counted(self.trials, 'trial')}"
        if not self.keys:
            whole = f"met with all that this twin meets of {endpoint}"
            return f"{whole} ({size}): the other endpoint keeps it out"
        others = "; ".join(named.get(k, k) for k in self.keys[1:])
        if self.proven:
            return f"without tied times no number of events goes with it and {others}"
        if not others:
            return f"never met, also alone ({size})"
        least = ", but without any one of these" if len(self.keys) > 2 else ""
        return (
            f"never met together with {others}{least} "
            f"({each} trials of each of {counted(self.sets, 'set')})"
        )


@dataclass(slots=True)
class _Search:
    """Trials of sets of figures on one endpoint, and what is known of them."""

    plan: Plan
    found: Found
    endpoint: int
    each: int
    seed: int
    able: Mapping[str, frozenset[int]]
    """By the key of its p: numbers of events that a pair can have."""
    met: list[Keys] = field(default_factory=list)
    unmet: set[Keys] = field(default_factory=set)
    trials: int = 0
    sets: int = 0

    def numbers(self, keys: Keys) -> list[int]:
        """Numbers of events to try, the twin's own first; none if no number goes with the set."""
        own, n = int(self.found.cohort.event[self.endpoint].sum()), self.plan.n
        name = self.plan.endpoints[self.endpoint]
        if self.endpoint in self.plan.layout.space.still or f"events.{name}" in self.plan.counts:
            return [own]
        able = set(range(max(1, round(n * 0.35)), n + 1))
        for key, numbers in self.able.items():
            if key in keys and f"{key.removesuffix('.p')}.estimate" in keys:
                able &= numbers
        taken: list[int] = []
        for d in sorted(able, key=lambda d: abs(d - own)):
            if all(abs(d - other) >= 2 for other in taken):
                taken.append(d)
        return taken

    def together(self, keys: Keys) -> bool:
        """Whether a set was met, now or in an earlier trial."""
        if any(keys <= known for known in self.met):
            return True
        if any(keys >= known for known in self.unmet):
            return False
        self.sets += 1
        numbers = self.numbers(keys)
        space = asking(self.plan, keys, self.endpoint)
        for k in range(self.each if numbers else 0):
            self.trials += 1
            cohort = self._trial(space, numbers[k % len(numbers)], k)
            self.met.append(met_of(self.plan, cohort, self.endpoint, keys))
            if self.met[-1] == keys:
                return True
        self.unmet.add(keys)
        return False

    def _trial(self, space: Space, events: int, k: int) -> Cohort:
        """One trial: the first begins with the twin's own cohort, the others anew."""
        q = self.plan.question
        rng = np.random.default_rng([self.seed, self.endpoint, self.sets, k, 11])
        words = seed_state(self.seed * 1_000_003 + 100 * self.sets + k + 900_000 * self.endpoint)
        counts = [int(row.sum()) for row in self.found.cohort.event]
        counts[self.endpoint] = events
        carriers = sorted(set().union(*(carriers_of(space, t) for t in space.terms)))
        moves = moves_of(space, carriers)
        moves += event_moves(replace(space, counts=()), self.endpoint, 0.5 * max(1, len(carriers)))
        chains = Chains(tuple(moves), sweeps=SWEEPS)
        begun = self.found.cohort if k == 0 else start(q, rng, counts)
        return temper(space, begun, chains, words).cohort


def rows_of(plan: Plan) -> dict[str, tuple[int, int, Ratio, bool]]:
    """By the key of a ratio: term and column, the ratio, whether the column is its inverse."""
    return {
        ratio_key(ratio): (t, c, ratio, inverse)
        for t, own in enumerate(plan.layout.ratios)
        for c, (ratio, inverse) in enumerate(own)
        if ratio is not None
    }


def asking(plan: Plan, keys: Iterable[str], endpoint: int) -> Space:
    """The space of one endpoint that asks for these figures alone."""
    rows, wanted = rows_of(plan), set(keys)
    space = plan.layout.space
    open_ = Window(weights=(0.0, 0.0, 0.0))
    windows = {t: [open_] * len(x.columns) for t, x in enumerate(space.terms)}
    asked = set()
    for key, (t, c, ratio, inverse) in rows.items():
        gone = {part: "" for part in PARTS if f"{key}.{part}" not in wanted}
        if len(gone) < len(PARTS) and space.terms[t].endpoint == endpoint:
            windows[t][c] = window_of(replace(ratio, **gone), inverse)  # type: ignore[arg-type]
            asked.add(t)
    terms = tuple(replace(space.terms[t], windows=tuple(windows[t])) for t in sorted(asked))
    return replace(space, terms=terms, pairs=(), marks=marks_of(space, endpoint))


def met_of(plan: Plan, cohort: Cohort, endpoint: int, keys: Keys) -> Keys:
    """Which of these figures a cohort meets; none where its medians or rates don't hold."""
    if look(asking(plan, (), endpoint), cohort).missed > 0:
        return frozenset()
    return frozenset(k for k in keys if look(asking(plan, (k,), endpoint), cohort).missed <= 0)


def clashes(
    plan: Plan, found: Found, met: Iterable[str], missed: Sequence[str], each: int, seed: int
) -> Iterator[tuple[str, Clash]]:  # fmt: skip
    """What each missed ratio, limit and p was never met together with.

    Parameters
    ----------
    met, missed
        Keys of the figures, as the certificate has them.
    each
        Trials of each set.
    """
    rows, terms = rows_of(plan), plan.layout.space.terms
    able = {f"{ratio_key(p.ratio)}.p": frozenset(p.able) for p in pairs_of(plan, found.cohort)}
    at = {f"{key}.{part}": terms[t].endpoint for key, (t, *_) in rows.items() for part in PARTS}
    searches: dict[int, _Search] = {}
    for key in missed:
        if key not in at:
            continue
        e = at[key]
        search = searches.setdefault(e, _Search(plan, found, e, each, seed, able))
        own = frozenset(k for k in met if at.get(k) == e)
        yield key, _clash(search, key, own)


def explained(certificate: Certificate, told: Mapping[str, Clash], each: int) -> Certificate:
    """The certificate with what is known of the figures that were missed."""
    named = {x.key: f"{x.words} {x.printed}" for x in certificate.lines}
    lines = []
    for line in certificate.lines:
        clash = told.get(line.key)
        if clash is not None and line.state == MISSED:
            endpoint = line.key.split(".")[1].upper()
            why = clash.words(each, endpoint, named)
            why = f"{line.why}; {why}" if line.why else why
            line = replace(line, why=why, conflict=clash.keys)
        lines.append(line)
    note = (
        f"What a missed ratio, limit or p is said to be never met together with was sought among "
        f"the figures of its endpoint that this twin meets: {each} trials of {SWEEPS:,} sweeps of "
        f"each set (`--conflicts {each}`), figures left out one by one. That is no proof."
    )
    return replace(certificate, lines=tuple(lines), notes=(*certificate.notes, note))


def _clash(search: _Search, key: str, met: Keys) -> Clash:
    """A smallest set of figures with ``key`` that was never met, by leaving out one at a time."""
    trials, sets = search.trials, search.sets
    whole = met | {key}
    if search.together(whole):
        return Clash((), search.trials - trials, search.sets - sets)
    for smaller in (frozenset({key}), _near(search.plan, key, whole)):
        if not search.together(smaller):
            whole = smaller
            break
    near = _near(search.plan, key, whole)
    for other in sorted(whole - {key}, key=lambda k: (k in near, k)):
        if not search.together(whole - {other}):
            whole -= {other}
    proven = not search.numbers(whole)
    others = sorted(whole - {key})
    return Clash((key, *others), search.trials - trials, search.sets - sets, proven)


def _near(plan: Plan, key: str, keys: Keys) -> Keys:
    """Those of the figures that are of the same variables, or share a model with them."""
    rows, space = rows_of(plan), plan.layout.space
    of = {k: carriers_of(space, space.terms[rows[k.rpartition(".")[0]][0]]) for k in keys}
    own = set(of[key])
    while True:
        more = own.union(*(c for c in of.values() if len(c) > 1 and c & own))
        if more == own:
            return frozenset(k for k, c in of.items() if c & own)
        own = more
