"""Blocks in files: rows that do not fit in memory, sorted once and read once per evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.scale.blocks import Block, Layout, lay_out, together, with_entries
from oncohort.scale.files import Chunk
from oncohort.scale.parquet import Columns, Known, Raw, placed, raw_of
from oncohort.scale.sums import Floats, Ints

Positions = NDArray[np.int32]
STEP = 16_384
"""Rows written at a time."""


@dataclass(frozen=True, slots=True)
class Spilled:
    """Blocks whose covariates stand in files of one folder, in their order.

    Attributes
    ----------
    memory
        Room for the covariates of the largest block, and four numbers.
    """

    layouts: tuple[Layout, ...]
    files: tuple[Path, ...]
    p: int
    memory: Floats

    def blocks(self) -> Iterator[Block]:
        """The blocks, one after the other in the same memory: use each before the next."""
        memory = self.memory
        for layout, file in zip(self.layouts, self.files, strict=True):
            size = len(layout.order) * self.p
            with file.open("rb") as source:
                source.readinto(memory[:size].data)
            memory[size : size + 4] = 0.0
            yield Block(layout, memory[:size].reshape(-1, self.p))


def cuts(order: Ints, stratum: Ints, time: Floats, rows: int) -> list[int]:
    """Where ordered rows are cut: about `rows` each, never within a time of a stratum."""
    n = len(order)
    out = [0]
    while out[-1] < n:
        at = min(out[-1] + rows, n)
        while at < n and _same(order[at - 1], order[at], stratum, time):
            s, t = stratum[order[at]], time[order[at]]
            ahead = order[at : at + rows]
            other = np.flatnonzero((stratum[ahead] != s) | (time[ahead] != t))
            at = at + int(other[0]) if len(other) else min(at + rows, n)
        out.append(at)
    return out


def _same(a: int, b: int, stratum: Ints, time: Floats) -> bool:
    return bool(stratum[a] == stratum[b] and time[a] == time[b])


def by_stratum_and_time(stratum: Ints, time: Floats) -> Ints:
    """Rows by stratum, from the last time to the first."""
    if not len(stratum) or stratum.min() == stratum.max():
        return np.argsort(-time)
    return np.lexsort((-time, stratum))


def spill(
    chunks: Sequence[Chunk],
    columns: Columns,
    keys: Sequence[Raw],
    all_of: Known,
    folder: Path,
    memory: Floats,
    *,
    rows: int,
    efron: bool,
) -> Spilled:
    """Sort the rows of all chunks into blocks of about `rows` rows, in files below `folder`.

    `memory` is room for the covariates of any chunk.
    """
    parts = [placed(raw, all_of) for raw in keys]
    every = [with_entries(r, entry) for r, entry in parts]
    lengths = [len(r.time) for r in every]
    joint = together(every)
    del parts, every
    order = by_stratum_and_time(joint.stratum, joint.time)
    edges = cuts(order, joint.stratum, joint.time, rows)
    layouts: list[Layout] = []
    block = np.full(len(order), -1, dtype=np.int32)
    place = np.zeros(len(order), dtype=np.int32)
    for a, b in pairwise(edges):
        members = order[a:b]
        layout = lay_out(joint.take(members), efron=efron)
        kept = members[layout.order]
        block[kept] = len(layouts)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        layouts.append(layout)
    del joint, order
    p = len(columns.covariates)
    files = tuple(folder / f"block{k:05}" for k in range(len(layouts)))
    for file in files:
        file.write_bytes(b"")
    arrived: list[list[Positions]] = [[] for _ in files]
    room = np.empty((STEP, p))
    start = 0
    for chunk, length in zip(chunks, lengths, strict=True):
        x = raw_of(chunk, columns, memory).x
        x -= all_of.center
        here = slice(start, start + length)
        _distribute(x, block[here], place[here], files, arrived, room)
        start += length
    del block, place, memory
    return Spilled(tuple(layouts), files, p, _arrange(files, arrived, p))


def _distribute(
    x: Floats,
    block: Positions,
    place: Positions,
    files: Sequence[Path],
    arrived: list[list[Positions]],
    room: Floats,
) -> None:
    """Each row (and its ghost) to the file of its block; `arrived` gets its place there."""
    used = np.flatnonzero(block >= 0)
    by_block = used[np.argsort(block[used], kind="stable")]
    edges = np.searchsorted(block[by_block], np.arange(len(files) + 1)).tolist()
    for k, (a, b) in enumerate(pairwise(edges)):
        if a == b:
            continue
        rows = by_block[a:b]
        arrived[k].append(place[rows])
        rows %= len(x)
        with files[k].open("ab") as out:
            for start in range(0, b - a, len(room)):
                some = rows[start : start + len(room)]
                part = np.take(x, some, axis=0, out=room[: len(some)], mode="clip")
                out.write(part.data)


def _arrange(files: Sequence[Path], arrived: Sequence[Sequence[Positions]], p: int) -> Floats:
    """Each file into the order of its block; the memory that was used for it."""
    most = max((sum(map(len, places)) for places in arrived), default=0)
    before, after = np.zeros(most * p + 4), np.empty(most * p)
    for file, places in zip(files, arrived, strict=True):
        if not places:
            continue
        came = np.empty(sum(map(len, places)), dtype=np.int64)
        came[np.concatenate(places)] = np.arange(len(came))
        size = len(came) * p
        with file.open("rb") as source:
            source.readinto(before[:size].data)
        x, out = before[:size].reshape(-1, p), after[:size].reshape(-1, p)
        np.take(x, came, axis=0, out=out, mode="clip")
        with file.open("r+b") as target:
            target.write(out.data)
    return before
