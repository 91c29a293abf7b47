"""The layout of blocks on Dask's workers: partitions contiguous in time (:mod:`.blocks`).

Rows are exchanged once. Each chunk is cut at the same times (from a sample of all rows), a worker
gathers the pieces of one range, sorts them by their keys, and writes the covariates of each piece
to where they belong: covariates are copied twice and half of them cross the network once.
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
from oncohort.scale.external import by_stratum_and_time
from oncohort.scale.parquet import Known, Raw, placed
from oncohort.scale.sums import Floats, Ints
from oncohort.scale.workers import answers, each, sent
from oncohort.stats._cox.design import empty_rows
from oncohort.stats._cox.terms import Terms

if TYPE_CHECKING:
    from distributed import Client

SAMPLE = 1024
"""Rows of a chunk that say where the times are cut."""


def _keys(raw: Raw, all_of: Known) -> Rows:
    """Rows without covariates, each once more where it has an entry."""
    rows, entry = placed(raw.without_x(), all_of)
    return _blocks.with_entries(rows, entry)


def _sample(raw: Raw, all_of: Known) -> tuple[Ints, Floats]:
    """Stratum and time of evenly spaced rows (entries too) of the chunk in its order."""
    rows = _keys(raw, all_of)
    n = len(rows.time)
    at = np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64)
    return rows.stratum[at], rows.time[at]


def _split(raw: Raw, all_of: Known, cut_strata: Ints, cut_times: Floats) -> list[Rows]:
    """The chunk's rows by the range of (stratum, time) that they fall into."""
    rows = _keys(raw, all_of)
    where = np.zeros(len(rows.time), dtype=np.int64)
    for stratum in np.unique(cut_strata).tolist():
        own = cut_strata == stratum
        where[rows.stratum > stratum] += np.count_nonzero(own)
        here = np.flatnonzero(rows.stratum == stratum)
        # Cuts run from the last time to the first: a row is after those at its time or later.
        where[here] += np.searchsorted(-cut_times[own], -rows.time[here], side="right")
    if len(cut_times) < np.iinfo(np.int16).max:
        where = where.astype(np.int16)  # counted instead of sorted
    order = np.argsort(where, kind="stable")
    edges = np.searchsorted(where[order], np.arange(len(cut_times) + 2))
    n = max(len(raw.x), 1)
    out = []
    for a, b in pairwise(edges.tolist()):
        at = order[a:b]
        out.append(replace(rows.take(at), x=np.take(raw.x, at % n, axis=0, mode="clip")))
    return out


def _piece(pieces: list[Rows], k: int) -> Rows:
    return pieces[k]


def _block(*pieces: Rows, center: Floats, efron: bool) -> Block | None:
    """The block of some pieces; their covariates are not centred yet."""
    rows = _blocks.together([replace(piece, x=piece.x[:, :0]) for piece in pieces])
    if not len(rows.time):
        return None
    layout = lay_out(rows, efron=efron)
    place = np.full(len(rows.time), -1, dtype=np.int64)
    place[layout.order] = np.arange(len(layout.order))
    x = empty_rows(len(layout.order), len(center))
    start = 0
    for piece in pieces:
        at = place[start : start + len(piece.time)]
        start += len(piece.time)
        if at.min(initial=0) >= 0:
            x[at] = piece.x
        else:
            used = np.flatnonzero(at >= 0)
            x[at[used]] = piece.x[used]
    x -= center
    return Block(layout, x)


def _ends(block: Block | None) -> tuple[int, int] | None:
    return None if block is None else (block.layout.first, block.layout.last)


def _increments(block: Block, beta: Floats, before: Floats | None, drift: bool) -> Increments:
    return _blocks.increments(block, beta, before, drift=drift)


def _cuts(samples: Sequence[tuple[Ints, Floats]], wanted: int) -> tuple[Ints, Floats]:
    """Where rows are cut into about so many ranges: a (stratum, time) begins the next one."""
    stratum = np.concatenate([s for s, _ in samples])
    time = np.concatenate([t for _, t in samples])
    order = by_stratum_and_time(stratum, time)
    at = order[np.linspace(0, len(order), wanted + 1).astype(np.int64)[1:-1]]
    marks = sorted({(int(stratum[i]), -float(time[i])) for i in at.tolist()})
    return np.array([s for s, _ in marks], dtype=np.int64), np.array([-t for _, t in marks])


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

    @classmethod
    def of(
        cls,
        client: Client,
        raws: list[object],
        shared: object,
        all_of: Known,
        efron: bool,
        wanted: int,
        report: Callable[[str], None],
    ) -> InBlocks:
        """Exchange rows so that each partition is a range of time; `raws` is emptied."""
        report("exchanging rows by time")
        cut_strata, cut_times = _cuts(answers(client, _sample, raws, all_of=shared), wanted)
        pieces = each(
            client, _split, raws, all_of=shared, cut_strata=cut_strata, cut_times=cut_times
        )
        raws.clear()  # a chunk leaves its worker once it is split
        found = []
        for k in range(len(cut_times) + 1):
            own = each(client, _piece, pieces, k=k)
            block = client.submit(_block, *own, center=all_of.center, efron=efron, pure=False)
            found.append(block)
        del pieces, own
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
        tails = answers(self.client, _blocks.tail_sums, self.parts, beta=beta)
        return list(_blocks.carries(tails, self.ends))

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
        for part in self._of_blocks(function, beta, self._before(beta), **more):
            chain.add(part)
        return chain.terms

    def _found(self, beta: Floats, before: list[Floats | None], drift: bool) -> list[Increments]:
        return self._of_blocks(_increments, beta, before, drift=drift)

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
        found = self._found(beta, before, True)
        after = _blocks.exposures([(f.head, f.drift) for f in found], self.ends)
        return self._of_blocks(function, beta, before, after)
