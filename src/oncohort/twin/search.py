"""Parallel tempering over cohorts: orders, event flags and covariates that give Cox figures.

Hazard ratio, p and interval depend on the order of the patients and on event flags alone. A
:class:`Cohort` is just that, without times; a :class:`Space` says which models are fitted, where
each figure has to lie, and which changes are allowed. The coldest chain stays warm: exact hits are
found by sampling near-solutions, cooling freezes. The loop is C where it was compiled, otherwise
:mod:`oncohort.twin.search_reference`, which gives the same numbers slowly.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.stats.inputs import Array
from oncohort.vocabulary.boundaries import Parsed

try:
    from oncohort.twin import _search as _compiled
except ImportError:  # no compiler where this was installed
    _compiled = None  # type: ignore[assignment]

if _compiled is not None and getattr(_compiled, "VERSION", 0) != 5:  # built from older source
    _compiled = None  # type: ignore[assignment]

KMAX = 12
INF = math.inf
Z95 = 1.959963984540054

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Window:
    """Where one coefficient of a Cox model has to lie (natural logarithms), ends included.

    ``weights``: what a missed ratio, confidence limit and p count in the ranking of cohorts;
    ``side``: where z has to lie even if the printed p is given up (a screened variable's p on its
    side of 0.05).
    """

    ratio: tuple[float, float] = (-INF, INF)
    low: tuple[float, float] = (-INF, INF)
    high: tuple[float, float] = (-INF, INF)
    z: tuple[float, float] = (-INF, INF)
    quantile: float = Z95
    weights: tuple[float, float, float] = (100.0, 10.0, 10.0)
    side: tuple[float, float] = (-INF, INF)

    def numbers(self) -> list[float]:
        """The twelve numbers of the loop."""
        return [
            *self.ratio, *self.low, *self.high, *self.z, self.quantile, *self.weights,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """One Cox model: an endpoint, its columns, and a window for each of them."""

    endpoint: int
    columns: tuple[int, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """Columns that belong to one variable and move together.

    ``ones``: for a 0/1 column whose margin is free, the least and greatest number of ones.
    ``few``: whether it can lie in so few ways that the events have to be sought with it.
    """

    first: int
    count: int = 1
    ones: tuple[int, int] = (0, 0)
    few: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A Kaplan-Meier estimate (``low`` to ``high``) after some number of patients in a range."""

    endpoint: int
    least: int
    most: int
    low: float
    high: float


@dataclass(slots=True)
class Cohort:
    """Columns by patient, and per endpoint patients and event flags in order of time."""

    x: Floats
    event: Ints
    order: Ints

    def copy(self) -> Cohort:
        """An independent copy."""
        return Cohort(self.x.copy(), self.event.copy(), self.order.copy())

    def ranks(self, endpoint: int) -> npt.NDArray[np.intp]:
        """Rank of each patient."""
        return np.argsort(self.order[endpoint])

    def events_of(self, endpoint: int) -> npt.NDArray[np.bool_]:
        """Event flag of each patient."""
        return np.asarray(self.event[endpoint][self.ranks(endpoint)] > 0)


@dataclass(frozen=True, slots=True)
class Space:
    """What is asked of a cohort.

    Parameters
    ----------
    pairs
        Endpoints (early, late): no patient's early time after the late one (by ``template``), none
        censored for the early endpoint with an event of the late one.
    template
        (endpoints, patients) times by rank, to judge pairs with.
    counts
        (endpoints) Least and greatest number of events; empty where they stand.
    """

    carriers: tuple[Carrier, ...]
    terms: tuple[Term, ...]
    marks: tuple[Mark, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    template: Floats | None = None
    pair_weight: float = 0.02
    counts: tuple[tuple[int, int], ...] = ()
    still: frozenset[int] = frozenset()
    """Endpoints whose event flags stay, by rank: a printed curve gives them."""


@dataclass(frozen=True, slots=True)
class Chains:
    """How the chains run: temperatures, length, and the changes that they try.

    ``moves``: (kind, index, weight); kinds are ``covariate`` (of a carrier), ``event`` and
    ``order`` (of an endpoint), ``margin`` (of a carrier), ``count`` (of an endpoint's events).
    """

    moves: tuple[tuple[str, int, float], ...]
    coldest: float = 0.0015
    hottest: float = 0.06
    replicas: int = 12
    sweeps: int = 2000
    per_sweep: int = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best cohort met, its energy, the weights of what it misses, sweeps done."""

    cohort: Cohort
    energy: float
    missed: float
    sweeps: int


KINDS = {"covariate": 0, "event": 1, "order": 2, "margin": 3, "count": 4}


def seed_state(seed: int) -> npt.NDArray[np.uint64]:
    """State of the random numbers (xoshiro256**), filled by splitmix64."""
    mask = (1 << 64) - 1
    out, x = [], seed & mask
    for _ in range(4):
        x = (x + 0x9E3779B97F4A7C15) & mask
        z = x
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        out.append(z ^ (z >> 31))
    return np.array(out, dtype=np.uint64)


def arrays(space: Space, cohort: Cohort, chains: Chains) -> list[Array]:
    """The buffers that the loop reads; see ``_search.c``."""
    columns, n = cohort.x.shape
    endpoints = len(cohort.event)
    terms = np.zeros((len(space.terms), 2 + KMAX), dtype=np.int32)
    targets = np.zeros((len(space.terms), KMAX, 12))
    for k, term in enumerate(space.terms):
        if len(term.columns) > KMAX:
            raise ValueError(f"a model of more than {KMAX} columns")
        terms[k, :2] = term.endpoint, len(term.columns)
        terms[k, 2 : 2 + len(term.columns)] = term.columns
        for c, window in enumerate(term.windows):
            targets[k, c] = window.numbers()
    template = space.template if space.template is not None else np.zeros((endpoints, n))
    weights = np.array([w for _, _, w in chains.moves])
    ratio = (chains.hottest / chains.coldest) ** (1 / max(1, chains.replicas - 1))
    dims = [n, columns, len(space.carriers), endpoints, len(space.terms), len(space.pairs)]
    dims += [len(space.marks), chains.replicas, chains.sweeps, chains.per_sweep, len(chains.moves)]
    return [
        np.array(dims, dtype=np.int32),
        np.ascontiguousarray(cohort.x, dtype=np.float64),
        np.ascontiguousarray(cohort.event, dtype=np.int32),
        np.ascontiguousarray(cohort.order, dtype=np.int32),
        np.array([[c.first, c.count, *c.ones] for c in space.carriers], dtype=np.int32),
        terms,
        targets,
        np.array(space.pairs, dtype=np.int32).reshape(-1, 2),
        np.ascontiguousarray(template, dtype=np.float64),
        np.array([[m.endpoint, m.least, m.most, m.low, m.high] for m in space.marks]).reshape(-1),
        np.array([[KINDS[k], i] for k, i, _ in chains.moves], dtype=np.int32),
        np.cumsum(weights) / weights.sum(),
        np.array([chains.coldest * ratio**r for r in range(chains.replicas)]),
    ]


def temper(
    space: Space,
    cohort: Cohort,
    chains: Chains,
    rng: npt.NDArray[np.uint64],
    *,
    compiled: bool = True,
) -> Outcome:
    """Run the chains from a cohort until nothing is missed, or for all their sweeps.

    ``rng`` goes on where it was left, so that one seed makes a whole search.
    """
    start = cohort.copy()
    buffers = arrays(space, start, chains)
    binary = np.isin(start.x, (0.0, 1.0)).all(axis=1).astype(np.int32)
    limits = np.array(space.counts or [(0, 0)] * len(start.event), dtype=np.int32).reshape(-1, 2)
    call: list[Parsed] = [*buffers, rng, binary, limits, float(space.pair_weight)]
    if compiled and _compiled is not None:
        energy, missed, sweeps = _compiled.temper(*call)
    else:
        from oncohort.twin import search_reference

        energy, missed, sweeps = search_reference.temper(*call)
    done = Cohort(buffers[1], buffers[2], buffers[3])
    return Outcome(done, energy, missed, sweeps)


def compiled() -> bool:
    """Whether the compiled loop is there."""
    return _compiled is not None
