"""The layout of blocks on Dask's workers: partitions contiguous in time (:mod:`.blocks`).

Rows are exchanged once. Each chunk is read apart by ranges of time (:mod:`.ranges`), a worker
gathers the pieces of one range, sorts them by their keys, and writes the covariates of each piece
to where they belong. Few workers exchange keys alone and read covariates again
(:mod:`.rereading`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.scale import blocks as _blocks
from oncohort.scale.blocks import Block, Chain, Increments, Part, Rows, lay_out
from oncohort.scale.parquet import FILL, Columns, Known
from oncohort.scale.ranges import Ranges, pieces
from oncohort.scale.rereading import block_of, keys_apart
from oncohort.scale.sums import Floats, Ints
from oncohort.scale.workers import answers, each, piece, sent
from oncohort.stats._cox.design import empty_rows
from oncohort.stats._cox.terms import Terms

if TYPE_CHECKING:
    from distributed import Client


def _block(*pieces: Sequence[Rows], center: Floats, efron: bool) -> Block | None:
    """The block of some pieces; their covariates are not centred yet."""
    parts = [part for some in pieces for part in some]
    rows = _blocks.together([replace(part, x=part.x[:, :0]) for part in parts])
    if not len(rows.time):
        return None
    layout = lay_out(rows, efron=efron)
    place = np.full(len(rows.time), -1, dtype=np.int64)
    place[layout.order] = np.arange(len(layout.order))
    x = empty_rows(len(layout.order), len(center))
    start = 0
    room = np.empty((FILL, len(center)))
    for part in parts:
        at = place[start : start + len(part.time)]
        start += len(part.time)
        for a in range(0, len(at), FILL):
            here = at[a : a + FILL]
            some = np.subtract(part.x[a : a + FILL], center, out=room[: len(here)])
            if here.min() < 0:  # some are never at risk
                here, some = here[here >= 0], some[here >= 0]
            x[here] = some
    return Block(layout, x)


def _ends(block: Block | None) -> tuple[int, int] | None:
    return None if block is None else (block.layout.first, block.layout.last)


@dataclass(frozen=True, slots=True)
class _Hazard:
    """Baseline hazard of a block: codes of its strata, how many event times each has, and those."""

    stratum: Ints
    count: Ints
    time: Floats
    increment: Floats


def _hazard(block: Block, beta: Floats, before: Floats | None) -> _Hazard:
    found = _blocks.increments(block, beta, before)
    codes, count = np.unique(found.stratum, return_counts=True)
    return _Hazard(codes, count, found.time, found.hazard)


@dataclass(slots=True)
class InBlocks:
    """Partitions contiguous in time, in their order."""

    client: Client
    parts: list[object]
    ends: list[tuple[int, int]]
    p: int
    clusters: int
    report: Callable[[str], None]
    evaluations: int = 0
    known: tuple[Floats, list[Floats | None]] | None = None
    """The last coefficients, and for each block the sums of the rows before it there."""

    @classmethod
    def of(
        cls,
        client: Client,
        reads: list[object],
        shared: object,
        all_of: Known,
        efron: bool,
        ranges: Ranges,
        report: Callable[[str], None],
        again: Columns | None = None,
    ) -> InBlocks:
        """Exchange rows so that each partition is a range of time; `reads` is emptied.

        `again` are the columns whose covariates are read again.
        """
        report("exchanging rows by time" if again is None else "sorting by time, reading again")
        split = pieces if again is None else keys_apart
        apart = each(client, split, reads, all_of=shared, ranges=ranges)
        reads.clear()  # a chunk leaves its worker once it is split
        there = [address for address, n in client.nthreads().items() for _ in range(n)]
        found = []
        for k in range(ranges.count):
            own = each(client, piece, apart, k=k)
            same: dict[str, object] = {"center": all_of.center, "efron": efron, "pure": False}
            if again is None:
                found.append(client.submit(_block, *own, **same))
                continue
            where = {"workers": [there[k % len(there)]], "allow_other_workers": True}
            found.append(client.submit(block_of, *own, columns=again, **same, **where))
        del apart, own
        ends = answers(client, _ends, found)
        parts = [block for block, end in zip(found, ends, strict=True) if end is not None]
        return cls(
            client,
            parts,
            [end for end in ends if end is not None],
            len(all_of.center),
            all_of.groups,
            report,
        )

    def _before(self, beta: Floats) -> list[Floats | None]:
        """For each block the sums of the rows before it."""
        if self.known is not None and np.array_equal(self.known[0], beta):
            return self.known[1]
        tails = answers(self.client, _blocks.tail_sums, self.parts, beta=beta)
        self.known = beta.copy(), list(_blocks.carries(tails, self.ends))
        return self.known[1]

    @property
    def _followed(self) -> list[bool]:
        """Whether the last stratum of each block goes on in the next."""
        return [_blocks.goes_on(a[1], b[0]) for a, b in pairwise([*self.ends, (-1, -1)])]

    def terms(self, beta: Floats) -> Terms:
        """Log-likelihood, score and information."""
        self.evaluations += 1
        self.report(f"evaluation {self.evaluations}")
        return self._chained(_blocks.evaluate, beta)

    def timed(self, beta: Floats, at: Floats, value: Floats) -> Terms:
        """Score and information in which each event time counts with a factor."""
        self.report("proportional hazards")
        there = {k: sent(self.client, v) for k, v in (("at", at), ("value", value))}
        return self._chained(_blocks.evaluate_timed, beta, **there)

    def _of_blocks(
        self,
        function: Callable[..., object],
        beta: Floats,
        *of_each: Sequence[object],
        **same: object,
    ) -> list[Any]:
        """What a function gives of each block, the coefficients, and what belongs to the block."""
        return answers(
            self.client, function, self.parts, [beta] * len(self.parts), *of_each, **same
        )

    def _chained(self, function: Callable[..., Part], beta: Floats, **more: object) -> Terms:
        chain = Chain.start(self.p)
        before = self._before(beta)
        for part in self._of_blocks(function, beta, before, self._followed, **more):
            chain.add(part)
        return chain.terms

    def baseline(self, beta: Floats) -> tuple[Ints, Floats, Floats]:
        """Stratum, time and hazard increment of each event time."""
        found: list[_Hazard] = self._of_blocks(_hazard, beta, self._before(beta))
        codes = np.concatenate([f.stratum for f in found])
        return (
            np.repeat(codes, np.concatenate([f.count for f in found])),
            np.concatenate([f.time for f in found]),
            np.concatenate([f.increment for f in found]),
        )

    def cluster_scores(self, beta: Floats) -> Floats:
        """``(clusters, p)`` sums of weighted score residuals."""
        out = np.zeros((self.clusters, self.p))
        for codes, sums in self._exposed(_blocks.score_residuals, beta):
            out[codes] += sums
        return out

    def score_products(self, beta: Floats) -> Floats:
        """``(p, p)`` sum over the rows of the products of weighted score residuals."""
        out = np.zeros((self.p, self.p))
        for products in self._exposed(_blocks.score_products, beta):
            out += products
        return out

    def _exposed(self, function: Callable[..., object], beta: Floats) -> list[Any]:
        """What a function gives of each block, of the rows before and of the hazard after it."""
        before = self._before(beta)
        found: list[Increments] = self._of_blocks(_blocks.increments, beta, before, drift=True)
        after = _blocks.exposures([(f.head, f.drift) for f in found], self.ends)
        return self._of_blocks(function, beta, before, after)
