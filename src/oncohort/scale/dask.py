"""Cox regression and counts on the workers of a Dask cluster (``distributed``).

A chunk of rows is a future that stays on a worker; what travels to this process are distinct
times, labels and sums. Two layouts:

- *grid* (whole days, months: few distinct event times): chunks stay as they are, and send sums on
  the grid of event times (:mod:`.sums`);
- *blocks* (continuous times): rows are exchanged once so that partitions are contiguous in time,
  and send O(p) numbers (:mod:`.in_blocks`); on few threads their keys are exchanged, and each
  thread reads the covariates of its range from the files (:mod:`.rereading`).

Every task is a pure function of the files and of what this process has sent, so a task whose
worker died is computed again elsewhere, with the same answer. Nothing is kept in a worker's
memory that another task relies on except as a future that Dask can compute again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.scale.files import Chunk
from oncohort.scale.fitting import check_events, fit_partitions
from oncohort.scale.in_blocks import InBlocks
from oncohort.scale.joined import ties_on_workers
from oncohort.scale.parquet import Columns, Known, Survey, known, placed
from oncohort.scale.proportional import Ends
from oncohort.scale.ranges import Peek, Ranges, Read, peek, read
from oncohort.scale.rereading import THREADS, read_keys
from oncohort.scale.result import ScaledCox
from oncohort.scale.sums import (
    Down,
    Floats,
    Grid,
    Ints,
    Keys,
    Placement,
    RiskSums,
    add_risk_sums,
    combine,
    moments,
)
from oncohort.scale.workers import added, answers, check_workers, each, gathered, sent
from oncohort.stats._cox.terms import Terms
from oncohort.stats.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

GRID_NUMBERS = 200_000
"""Numbers in a message of the grid layout (event times times covariates) up to which it is used."""

BLOCKS_PER_THREAD = 2
"""Partitions in time for each thread of the cluster, at least."""
BLOCK_ROWS = 1_500_000
"""Rows of a partition in time at most: few and large ones are few messages."""


def cox_on_workers(
    client: Client,
    found: Sequence[Chunk],
    columns: Columns,
    *,
    ties: str,
    level: float,
    report: Callable[[str], None],
    layout: str | None = None,
    transform: str | None = None,
) -> ScaledCox:
    """Cox regression of chunks that workers read and hold.

    Parameters
    ----------
    transform
        Of time, for the test of proportional hazards.
    layout
        "grid" or "blocks"; by default by the number of distinct event times. The robust variance
        needs blocks.
    """
    threads = check_workers(client)
    rows = sum(chunk.rows for chunk in found)
    each_thread = max(BLOCKS_PER_THREAD, -(-rows // (BLOCK_ROWS * threads)))
    report(f"reading {len(found)} parts on {threads} threads")
    peeks: list[Peek | None] = answers(client, peek, found, columns=columns)
    apart = _guessed(layout, peeks, rows, columns) == "blocks"
    again = apart and threads <= THREADS
    cut = threads if again else each_thread * threads
    ranges = Ranges.cut(peeks, min(cut, 4 * len(found)))
    if again:
        reads = each(client, read_keys, found, columns=columns)
    else:
        reads = each(client, read, found, columns=columns, ranges=ranges if apart else None)
    surveys: list[Survey] = answers(client, _survey, reads)
    ties_found = ties_on_workers(client, reads, peeks, threads) if apart else None
    all_of = known(surveys, columns, ties_found)
    check_events(all_of.events, columns)
    if columns.strata:  # the order of all strata, of those that have rows
        held = set(all_of.strata)
        all_of = replace(all_of, strata=tuple(label for label in ranges.labels if label in held))
        ranges = ranges.among(all_of.strata)
    if layout is None:
        many = all_of.distinct * max(len(columns.covariates), 1) > GRID_NUMBERS
        layout = "blocks" if many or all_of.robust else "grid"
    shared = sent(client, all_of)
    ends = None
    if transform is not None:
        ends = Ends.together(answers(client, _ends, reads, all_of=shared))
    parts: OnGrid | InBlocks
    efron = ties == "efron"
    if layout == "grid":
        parts = OnGrid.of(client, reads, shared, efron, len(columns.covariates), report)
    else:
        more = columns if again else None
        parts = InBlocks.of(client, reads, shared, all_of, efron, ranges, report, more)
    del reads
    return fit_partitions(
        parts,
        all_of,
        columns,
        ties=ties,
        level=level,
        partitions=len(found),
        where=f"on {threads} threads of Dask workers",
        transform=transform,
        ends=ends,
    )


def _guessed(layout: str | None, peeks: Sequence[Peek | None], rows: int, columns: Columns) -> str:
    """The layout that a sample of the times tells, if none is asked for; all of them decide."""
    p = max(len(columns.covariates), 1)
    if layout is not None:
        return layout
    if columns.cluster or columns.robust:
        return "blocks"
    sample = np.concatenate([np.zeros(0), *(found.time for found in peeks if found is not None)])
    if rows * p <= GRID_NUMBERS or not len(sample):
        return "grid"
    distinct = len(np.unique(sample))
    return "blocks" if distinct * p > GRID_NUMBERS or distinct > 0.9 * len(sample) else "grid"


def _survey(found: Read) -> Survey:
    return found.survey


def _ends(found: Read, all_of: Known) -> Ends:
    return Ends.of(found.keys, all_of)


# --------------------------------------------------------- layout: one grid


@dataclass(frozen=True, slots=True)
class Placed:
    """A chunk with its rows placed on the grid of event times."""

    place: Placement
    x: Floats
    weight: Floats | None


def _keys(found: Read, all_of: Known) -> Keys:
    rows, entry = placed(found.keys, all_of)
    return Keys(rows.time, rows.event, rows.stratum, entry, rows.weight)


def _grid_of(found: Read, all_of: Known) -> Grid:
    return Grid.of([_keys(found, all_of)])


def _place(found: Read, all_of: Known, grid: Grid) -> Placed:
    keys = _keys(found, all_of)
    place = Placement.of(keys, grid)
    x = found.raw.x[place.rows] - all_of.center
    return Placed(place, x, None if keys.weight is None else keys.weight[place.rows])


def _scores(part: Placed, beta: Floats) -> Floats:
    w = np.exp(part.x @ beta)
    if part.weight is not None:
        w *= part.weight
    return np.asarray(w)


def _risk_sums(part: Placed, grid: Grid, beta: Floats) -> RiskSums:
    empty = RiskSums.zeros(grid, part.x.shape[1])
    return add_risk_sums(empty, part.place, part.x, _scores(part, beta), part.weight, beta)


def _sum_of(*parts: RiskSums) -> RiskSums:
    first = parts[0]
    total = RiskSums(
        first.s0.copy(), first.s1.copy(), first.d0.copy(), first.d1.copy(), first.observed
    )
    for part in parts[1:]:
        total.s0[:] += part.s0
        total.s1[:] += part.s1
        total.d0[:] += part.d0
        total.d1[:] += part.d1
        total = RiskSums(total.s0, total.s1, total.d0, total.d1, total.observed + part.observed)
    return total


def _moments(
    part: Placed, down: Down, beta: Floats, factor: Floats | None = None
) -> tuple[Floats, Floats]:
    first, second = moments(down, part.place, part.x, _scores(part, beta))
    died = part.place.died
    weight = np.ones(len(died)) if part.weight is None else part.weight[died]
    if factor is not None:
        weight = weight * factor[part.place.join[died]]
    return weight @ part.x[died] - first, second


@dataclass(slots=True)
class OnGrid:
    """Chunks as they are read, with sums on one grid of event times."""

    client: Client
    parts: list[object]
    grid: Grid
    shared: object
    efron: bool
    p: int
    report: Callable[[str], None]
    evaluations: int = 0

    @classmethod
    def of(
        cls,
        client: Client,
        reads: Sequence[object],
        all_of: object,
        efron: bool,
        p: int,
        report: Callable[[str], None],
    ) -> OnGrid:
        """Place the chunks on the grid."""
        report("placing rows on the grid of event times")
        grid = Grid.merged(answers(client, _grid_of, reads, all_of=all_of))
        shared = sent(client, grid)
        parts = each(client, _place, reads, all_of=all_of, grid=shared)
        return cls(client, parts, grid, shared, efron, p, report)

    def _total(self, beta: Floats) -> RiskSums:
        """Sums of all chunks, added up on the workers; always in the same order."""
        sums = each(self.client, _risk_sums, self.parts, grid=self.shared, beta=beta)
        total = added(self.client, sums, _sum_of, 8)
        # What is here may be shared with a worker in this process: combine() uses it up.
        return _sum_of(*gathered(self.client, [total]))

    def terms(self, beta: Floats) -> Terms:
        """Log-likelihood, score and information."""
        self.evaluations += 1
        self.report(f"evaluation {self.evaluations}")
        return self._terms(beta)

    def _terms(self, beta: Floats, factor: Floats | None = None) -> Terms:
        down, loglik, off = combine(self.grid, self._total(beta), self.efron, factor)
        down_there = sent(self.client, down)
        there = None if factor is None else sent(self.client, factor)
        score, info = np.zeros(self.p), -off
        for first, second in answers(
            self.client, _moments, self.parts, down=down_there, beta=beta, factor=there
        ):
            score += first
            info += second
        return Terms(loglik, score, 0.5 * (info + info.T))

    def timed(self, beta: Floats, at: Floats, value: Floats) -> Terms:
        """Score and information in which each event time counts with a factor."""
        self.report("proportional hazards")
        return self._terms(beta, value[np.searchsorted(at, self.grid.time)])

    def baseline(self, beta: Floats) -> tuple[Ints, Floats, Floats]:
        """Stratum, time and hazard increment of each event time."""
        down, _, _ = combine(self.grid, self._total(beta), self.efron)
        increment = down.cumulative.copy()
        edges = np.append(self.grid.starts, self.grid.size)
        for a, b in pairwise(edges.tolist()):
            increment[a : b - 1] -= down.cumulative[a + 1 : b]
        return self.grid.stratum, self.grid.time, increment

    def cluster_scores(self, beta: Floats) -> Floats:
        """Not of this layout: :func:`cox_on_workers` chooses blocks."""
        raise InputError("the robust variance needs the layout of blocks")

    def score_products(self, beta: Floats) -> Floats:
        """Not of this layout either."""
        return self.cluster_scores(beta)
