"""Cox regression and counts on the workers of a Dask cluster (``distributed``).

A chunk of rows is a future that stays on a worker; what travels to this process are distinct
times, labels and sums. Two layouts:

- *grid* (whole days, months: few distinct event times): chunks stay as they are, and send sums on
  the grid of event times (:mod:`.sums`);
- *blocks* (continuous times): rows are exchanged once so that partitions are contiguous in time,
  and send O(p) numbers (:mod:`.blocks`).

Every task is a pure function of the files and of what this process has sent, so a task whose
worker died is computed again elsewhere, with the same answer. Nothing is kept in a worker's
memory that another task relies on except as a future that Dask can compute again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from oncohort.scale import blocks as _blocks
from oncohort.scale.blocks import Block, Chain, Increments, Part, Rows
from oncohort.scale.external import by_stratum_and_time
from oncohort.scale.fitting import check_events, fit_partitions
from oncohort.scale.parquet import Chunk, Columns, Known, Raw, Survey, known, placed, raw_of, survey
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
from oncohort.scale.tables import Counted, Roles, count_chunk, merge
from oncohort.stats._cox.terms import Terms
from oncohort.stats.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

GRID_NUMBERS = 200_000
"""Numbers in a message of the grid layout (event times times covariates) up to which it is used."""

BLOCKS_PER_THREAD = 2
"""Partitions in time for each thread of the cluster."""


@contextmanager
def connect(where: str, *, seconds: float = 10.0) -> Iterator[Client]:
    """A client of the scheduler at an address, or of workers started here.

    Parameters
    ----------
    where
        ``local``, ``local:4`` (processes on this machine), or an address such as
        ``tcp://10.0.0.1:8786``.
    seconds
        How long a scheduler has time to answer.

    Raises
    ------
    InputError
        Dask is not installed, the scheduler does not answer, or its workers run other versions.
    """
    try:
        import distributed
    except ImportError as error:
        raise InputError("a scheduler needs Dask: pip install 'oncohort[dask]'") from error
    name, _, count = where.partition(":")
    if name == "local":
        if count and not (count.isdigit() and int(count) > 0):
            raise InputError(f"local:N needs a number of workers from 1, not {count!r}")
        import dask

        with (
            dask.config.set({"distributed.admin.log-format": "%(message)s"}),
            distributed.LocalCluster(
                n_workers=int(count) if count else None,
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=50,
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = distributed.Client(where, timeout=seconds)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"no scheduler answers at {where}: {error}") from error
    with client:
        yield client


def _identity() -> tuple[str, str, str]:
    """What has to be the same on every worker for the numbers to be."""
    import oncohort

    return oncohort.__version__, f"{sys.version_info[0]}.{sys.version_info[1]}", np.__version__


def check_workers(client: Client) -> int:
    """Number of threads of the cluster.

    Raises
    ------
    InputError
        There are no workers, or one has other versions than this process.
    """
    wanted = _identity()
    try:
        found: dict[str, Any] = client.run(_identity, on_error="return")
    except OSError as error:
        raise InputError(f"the scheduler does not answer: {error}") from error
    if not found:
        raise InputError("the scheduler has no workers")
    for address, versions in found.items():
        if versions != wanted:
            raise InputError(
                f"worker {address} has {versions!r} as versions of oncohort, Python and numpy; "
                f"here they are {wanted!r}"
            )
    return max(sum(int(n) for n in client.nthreads().values()), 1)


def _map(client: Client, function: Callable[..., Any], *items: Sequence[Any], **same: Any) -> Any:
    return client.map(function, *items, pure=False, **same)


def _given(value: Any) -> Any:
    return value


def _sent(client: Client, value: Any) -> Any:
    """A value as a task that gives it: scattered data are lost with the worker that holds them."""
    return client.submit(_given, value, pure=False)


def _gather(client: Client, futures: Sequence[Any]) -> list[Any]:
    """Results, or the error of the first task that failed as an error of this package."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        return list(client.gather(list(futures)))
    except KilledWorker as error:
        raise InputError(
            f"a task brought down every worker that tried it ({error}); they may lack memory: "
            "use fewer rows per partition or larger workers"
        ) from error
    except (FutureCancelledError, OSError, TimeoutError) as error:
        raise InputError(f"the scheduler was lost before the answer was there: {error}") from error


# ------------------------------------------------------------------- counts


def counts_on_workers(client: Client, found: Sequence[Chunk], roles: Roles) -> Counted:
    """Counts of all chunks, added up on the workers in pairs."""
    check_workers(client)
    futures = _map(client, count_chunk, found, roles=roles)
    while len(futures) > 1:
        pairs = [futures[i : i + 2] for i in range(0, len(futures), 2)]
        futures = [
            client.submit(_merged, *pair, pure=False) if len(pair) > 1 else pair[0]
            for pair in pairs
        ]
    return merge(_gather(client, futures))


def _merged(*parts: Counted) -> Counted:
    return merge(parts)


# ---------------------------------------------------------------------- Cox


def cox_on_workers(
    client: Client,
    found: Sequence[Chunk],
    columns: Columns,
    *,
    ties: str,
    level: float,
    tell: Callable[[str], None],
    layout: str | None = None,
) -> ScaledCox:
    """Cox regression of chunks that workers read and hold.

    Parameters
    ----------
    layout
        "grid" or "blocks"; by default by the number of distinct event times. The robust variance
        needs blocks.
    """
    threads = check_workers(client)
    tell(f"reading {len(found)} parts on {threads} threads")
    raws = _map(client, raw_of, found, columns=columns)
    surveys: list[Survey] = _gather(client, _map(client, survey, raws))
    all_of = known(surveys)
    check_events(all_of.events, columns)
    if layout is None:
        many = all_of.distinct * max(len(columns.covariates), 1) > GRID_NUMBERS
        layout = "blocks" if many or columns.cluster else "grid"
    shared = _sent(client, all_of)
    parts: OnGrid | InBlocks
    if layout == "grid":
        parts = OnGrid.of(client, raws, shared, ties == "efron", len(columns.covariates), tell)
    else:
        wanted = min(max(BLOCKS_PER_THREAD * threads, len(found)), 4 * len(found))
        parts = InBlocks.of(client, raws, shared, all_of, ties == "efron", wanted, tell)
    del raws
    return fit_partitions(
        parts,
        all_of,
        columns,
        ties=ties,
        level=level,
        partitions=len(found),
        where=f"on {threads} threads of Dask workers",
    )


# --------------------------------------------------------- layout: one grid


@dataclass(frozen=True, slots=True)
class Placed:
    """A chunk with its rows placed on the grid of event times."""

    place: Placement
    x: Floats
    weight: Floats | None


def _keys(raw: Raw, all_of: Known) -> Keys:
    rows, entry = placed(raw.without_x(), all_of)
    return Keys(rows.time, rows.event, rows.stratum, entry, rows.weight)


def _grid_of(raw: Raw, all_of: Known) -> Grid:
    return Grid.of([_keys(raw, all_of)])


def _place(raw: Raw, all_of: Known, grid: Grid) -> Placed:
    keys = _keys(raw, all_of)
    place = Placement.of(keys, grid)
    x = raw.x[place.rows] - all_of.center
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


def _moments(part: Placed, down: Down, beta: Floats) -> tuple[Floats, Floats]:
    first, second = moments(down, part.place, part.x, _scores(part, beta))
    dead = part.x[part.place.died]
    if part.weight is None:
        return dead.sum(axis=0) - first, second
    return part.weight[part.place.died] @ dead - first, second


@dataclass(slots=True)
class OnGrid:
    """Chunks as they are read, with sums on one grid of event times."""

    client: Client
    parts: list[Any]
    grid: Grid
    shared: Any
    efron: bool
    p: int
    tell: Callable[[str], None]
    evaluations: int = 0

    @classmethod
    def of(
        cls,
        client: Client,
        raws: Sequence[Any],
        all_of: Any,
        efron: bool,
        p: int,
        tell: Callable[[str], None],
    ) -> OnGrid:
        """Place the chunks on the grid."""
        tell("placing rows on the grid of event times")
        grids = _gather(client, _map(client, _grid_of, raws, all_of=all_of))
        grid = Grid.merged(grids)
        shared = _sent(client, grid)
        parts = _map(client, _place, raws, all_of=all_of, grid=shared)
        return cls(client, parts, grid, shared, efron, p, tell)

    def _total(self, beta: Floats) -> RiskSums:
        """Sums of all chunks, added up on the workers; always in the same order."""
        sums = _map(self.client, _risk_sums, self.parts, grid=self.shared, beta=beta)
        while len(sums) > 1:
            groups = [sums[i : i + 8] for i in range(0, len(sums), 8)]
            sums = [
                self.client.submit(_sum_of, *g, pure=False) if len(g) > 1 else g[0] for g in groups
            ]
        # What is here may be shared with a worker in this process: combine() uses it up.
        return _sum_of(_gather(self.client, sums)[0])

    def terms(self, beta: Floats) -> Terms:
        """Log-likelihood, score and information."""
        self.evaluations += 1
        self.tell(f"evaluation {self.evaluations}")
        down, loglik, off = combine(self.grid, self._total(beta), self.efron)
        sent = _sent(self.client, down)
        answers = _gather(
            self.client, _map(self.client, _moments, self.parts, down=sent, beta=beta)
        )
        score, info = np.zeros(self.p), -off
        for first, second in answers:
            score += first
            info += second
        return Terms(loglik, score, 0.5 * (info + info.T))

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


# -------------------------------------------------- layout: blocks of time


def _sample(raw: Raw, all_of: Known) -> tuple[Ints, Floats]:
    """Stratum and time of evenly spaced rows (ghosts too) of the chunk in order."""
    rows = _ghosted(raw.without_x(), all_of)
    order = by_stratum_and_time(rows.stratum, rows.time)
    at = order[np.linspace(0, len(order) - 1, min(len(order), 512)).astype(np.int64)]
    return rows.stratum[at], rows.time[at]


def _ghosted(raw: Raw, all_of: Known) -> Rows:
    rows, entry = placed(raw, all_of)
    return _blocks.with_ghosts(rows, entry)


def _split(raw: Raw, all_of: Known, cut_strata: Ints, cut_times: Floats) -> list[Rows]:
    """The chunk's rows by the range of (stratum, time) that they fall into."""
    rows = _ghosted(raw, all_of)
    where = np.zeros(len(rows.time), dtype=np.int64)
    for stratum, time in zip(cut_strata.tolist(), cut_times.tolist(), strict=True):
        where += (rows.stratum > stratum) | ((rows.stratum == stratum) & (rows.time <= time))
    return [rows.take(where == k) for k in range(len(cut_times) + 1)]


def _piece(pieces: list[Rows], k: int) -> Rows:
    return pieces[k]


def _block(*pieces: Rows, efron: bool) -> Block | None:
    rows = _blocks.together(pieces)
    return _blocks.block_of(rows, efron=efron) if len(rows.time) else None


def _ends(block: Block | None) -> tuple[int, int] | None:
    return None if block is None else (block.layout.first, block.layout.last)


def _increments(block: Block, beta: Floats, before: Floats | None, drift: bool) -> Increments:
    return _blocks.increments(block, beta, before, drift=drift)


@dataclass(slots=True)
class InBlocks:
    """Partitions contiguous in time, in their order."""

    client: Client
    parts: list[Any]
    ends: list[tuple[int, int]]
    p: int
    clusters: int
    tell: Callable[[str], None]
    evaluations: int = 0

    @classmethod
    def of(
        cls,
        client: Client,
        raws: Sequence[Any],
        shared: Any,
        all_of: Known,
        efron: bool,
        wanted: int,
        tell: Callable[[str], None],
    ) -> InBlocks:
        """Exchange rows so that each partition is a range of time."""
        tell("exchanging rows by time")
        samples = _gather(client, _map(client, _sample, raws, all_of=shared))
        stratum = np.concatenate([s for s, _ in samples])
        time = np.concatenate([t for _, t in samples])
        order = by_stratum_and_time(stratum, time)
        at = order[np.linspace(0, len(order), wanted + 1).astype(np.int64)[1:-1]]
        # A cut is a (stratum, time): rows at it and after it go to the next block.
        marks = sorted({(int(stratum[i]), -float(time[i])) for i in at.tolist()})
        cut_strata = np.array([s for s, _ in marks], dtype=np.int64)
        cut_times = np.array([-t for _, t in marks])
        pieces = _map(
            client, _split, raws, all_of=shared, cut_strata=cut_strata, cut_times=cut_times
        )
        found = []
        for k in range(len(marks) + 1):
            mine = _map(client, _piece, pieces, k=k)
            found.append(client.submit(_block, *mine, efron=efron, pure=False))
        ends = _gather(client, _map(client, _ends, found))
        parts = [block for block, end in zip(found, ends, strict=True) if end is not None]
        return cls(
            client,
            parts,
            [end for end in ends if end is not None],
            len(all_of.center),
            len(all_of.clusters),
            tell,
        )

    def _before(self, beta: Floats) -> list[Floats | None]:
        """For each block the sums of the rows before it."""
        tails = _gather(self.client, _map(self.client, _blocks.tail_sums, self.parts, beta=beta))
        return list(_blocks.carries(tails, self.ends))

    def terms(self, beta: Floats) -> Terms:
        """Log-likelihood, score and information."""
        self.evaluations += 1
        self.tell(f"evaluation {self.evaluations}")
        before = self._before(beta)
        answers: list[Part] = _gather(
            self.client,
            [
                self.client.submit(_blocks.evaluate, block, beta, sums, pure=False)
                for block, sums in zip(self.parts, before, strict=True)
            ],
        )
        chain = Chain.start(self.p)
        for part in answers:
            chain.add(part)
        return chain.terms

    def _found(self, beta: Floats, before: list[Floats | None], drift: bool) -> list[Increments]:
        return _gather(
            self.client,
            [
                self.client.submit(_increments, block, beta, sums, drift, pure=False)
                for block, sums in zip(self.parts, before, strict=True)
            ],
        )

    def baseline(self, beta: Floats) -> tuple[Ints, Floats, Floats]:
        """Stratum, time and hazard increment of each event time."""
        found = self._found(beta, self._before(beta), False)
        return (
            np.concatenate([f.stratum for f in found]),
            np.concatenate([f.time for f in found]),
            np.concatenate([f.hazard for f in found]),
        )

    def cluster_scores(self, beta: Floats) -> Floats:
        """``(clusters, p)`` sums of weighted score residuals."""
        before = self._before(beta)
        found = self._found(beta, before, True)
        after = _blocks.exposures([(f.head, f.drift) for f in found], self.ends)
        answers = _gather(
            self.client,
            [
                self.client.submit(_blocks.score_residuals, block, beta, sums, exposed, pure=False)
                for block, sums, exposed in zip(self.parts, before, after, strict=True)
            ],
        )
        out = np.zeros((self.clusters, self.p))
        for codes, sums in answers:
            out[codes] += sums
        return out
