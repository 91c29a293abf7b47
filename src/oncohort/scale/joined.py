"""Distinct times of all chunks, and which of them are one: on the workers, a range of time each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.scale.parquet import Ties, distinct_times
from oncohort.scale.ranges import Peek, Read
from oncohort.scale.sums import Floats
from oncohort.scale.workers import answers, each, gathered, piece
from oncohort.stats.times import tolerance_of_mean

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True, slots=True)
class Told:
    """Of the distinct times of a range: how many, their sum regardless of sign, first and last."""

    count: int
    total: float
    first: float
    last: float


def _parts(found: Read, marks: Floats) -> list[Floats]:
    """Distinct times of a chunk, cut at the marks."""
    times = distinct_times(found.keys)
    edges = [0, *np.searchsorted(times, marks).tolist(), len(times)]
    return [times[a:b] for a, b in pairwise(edges)]


def _union(*parts: Floats) -> Floats:
    ordered = np.sort(np.concatenate(parts), kind="stable")  # runs in order, merged
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
    return np.asarray(ordered[new])


def _told(times: Floats) -> Told:
    if not len(times):
        return Told(0, 0.0, np.nan, np.nan)
    return Told(len(times), float(np.abs(times).sum()), float(times[0]), float(times[-1]))


def _close(*times: Floats, limit: float) -> Ties:
    return Ties.among(np.concatenate(times), limit)


def neighbours(told: Sequence[Told], limit: float) -> list[list[int]]:
    """Ranges with times, those together that have no gap wider than the limit between them."""
    out: list[list[int]] = []
    for k, one in enumerate(told):
        if not one.count:
            continue
        if out and one.first - told[out[-1][-1]].last <= limit:
            out[-1].append(k)
        else:
            out.append([k])
    return out


def ties_on_workers(
    client: Client, reads: Sequence[object], peeks: Sequence[Peek | None], wanted: int
) -> Ties:
    """One rule for ties over all chunks; here come only the times that it changes."""
    sample = np.concatenate([np.zeros(0), *(p.time for p in peeks if p is not None)])
    sample = sample[np.isfinite(sample)]
    marks = np.zeros(0)
    if len(sample):
        marks = np.unique(np.quantile(sample, np.linspace(0, 1, wanted + 1)[1:-1]))
    parts = each(client, _parts, reads, marks=marks)
    unions = []
    for k in range(len(marks) + 1):
        own = each(client, piece, parts, k=k)
        unions.append(client.submit(_union, *own, pure=False))
    del parts, own
    told: list[Told] = answers(client, _told, unions)
    count = sum(one.count for one in told)
    limit = tolerance_of_mean(sum(one.total for one in told) / max(count, 1))
    close = [
        client.submit(_close, *(unions[k] for k in group), limit=limit, pure=False)
        for group in neighbours(told, limit)
    ]
    found: list[Ties] = gathered(client, close)
    none = np.zeros(0)
    return Ties(
        np.concatenate([none, *(t.moved for t in found)]),
        np.concatenate([none, *(t.leader for t in found)]),
        sum(t.distinct for t in found),
    )
