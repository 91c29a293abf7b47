"""The score test of proportional hazards from sums over partitions.

The test of ``x g(t)`` beside ``x`` needs, of each event time k, its part ``U_k`` of the score and
``V_k`` of the information, but only added up: ``sum g U``, ``sum g V`` and ``sum g^2 V``. These are
the score and the information of an evaluation in which every event time counts with a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.scale.parquet import Known, Raw, placed
from oncohort.scale.sums import Bools, Floats, Ints
from oncohort.stats._cox.newton import solve
from oncohort.stats._cox.result import ChiSquared
from oncohort.stats._cox.terms import Terms
from oncohort.stats.errors import InputError

TRANSFORMS = ("km", "rank", "identity", "log")


def check_transform(transform: str | None) -> None:
    """A transform of time that there is, or none.

    Raises
    ------
    InputError
    """
    if transform is not None and transform not in TRANSFORMS:
        raise InputError(f"transform must be one of {', '.join(TRANSFORMS)}, not {transform!r}")


@dataclass(frozen=True, slots=True)
class Ends:
    """How many rows of a partition enter and end at each time.

    Attributes
    ----------
    time
        ``(k,)`` distinct, ascending.
    ends, events, entries
        ``(k,)`` counts.
    """

    time: Floats
    ends: Ints
    events: Ints
    entries: Ints

    @classmethod
    def of(cls, raw: Raw, all_of: Known) -> Ends:
        """Of the rows of a chunk that are used."""
        rows, entry = placed(raw.without_x(), all_of)
        both = rows.time if entry is None else np.concatenate([rows.time, entry])
        time = np.unique(both)

        def counted(values: Floats) -> Ints:
            return np.bincount(np.searchsorted(time, values), minlength=len(time))

        none = np.zeros(len(time), dtype=np.int64)
        return cls(
            time,
            counted(rows.time),
            counted(rows.time[rows.event]),
            none if entry is None else counted(entry),
        )

    @classmethod
    def together(cls, parts: Sequence[Ends]) -> Ends:
        """Of all partitions."""
        time, at = np.unique(np.concatenate([p.time for p in parts]), return_inverse=True)

        def added(name: str) -> Ints:
            counts = np.concatenate([getattr(p, name) for p in parts])
            return np.bincount(at, weights=counts, minlength=len(time)).astype(np.int64)

        return cls(time, added("ends"), added("events"), added("entries"))


def transformed(ends: Ends, transform: str) -> tuple[Floats, Floats]:
    """Event times, and ``g(t)`` less its mean over the events: as :func:`oncohort.stats.ph_test`.

    Examples
    --------
    >>> one = np.ones(3, dtype=np.int64)
    >>> ends = Ends(np.array([1.0, 2.0, 4.0]), one, one, 0 * one)
    >>> transformed(ends, "identity")[1].round(3).tolist()
    [-1.333, -0.333, 1.667]
    """
    dead: Bools = ends.events > 0
    time, deaths = ends.time[dead], ends.events[dead]
    if transform == "identity":
        g = time.astype(np.float64)
    elif transform == "log":
        if time.min(initial=1.0) <= 0:
            raise InputError("the log transform needs event times above zero")
        g = np.log(time)
    elif transform == "rank":
        before = np.cumsum(ends.ends) - ends.ends
        g = (before + (ends.ends + 1) / 2.0)[dead]
    else:
        left = ends.ends.sum() - (np.cumsum(ends.ends) - ends.ends)
        not_yet = ends.entries.sum() - (np.cumsum(ends.entries) - ends.entries)
        survival = np.cumprod(1.0 - deaths / (left - not_yet)[dead])
        g = 1.0 - np.concatenate([[1.0], survival[:-1]])
    return time, g - float(deaths @ g) / float(deaths.sum())


def score_tests(
    names: Sequence[str],
    free: Bools,
    info: Floats,
    timed: Callable[[Floats, Floats], Terms],
    ends: Ends,
    transform: str,
) -> tuple[ChiSquared, ...]:
    """The test of each column, and of all ("global").

    Parameters
    ----------
    free
        ``(p,)`` columns that were estimated.
    info
        ``(p, p)`` information at the fit.
    timed
        Event times and a factor for each to the score and information of such an evaluation.
    """
    at, g = transformed(ends, transform)
    first, second = timed(at, g), timed(at, g * g)
    kept = np.flatnonzero(free)

    def test(name: str, columns: Ints) -> ChiSquared:
        chosen = np.intersect1d(columns, kept)
        if not len(chosen):
            return ChiSquared(name, float("nan"), 0, float("nan"))
        block = np.block(
            [
                [info[np.ix_(kept, kept)], first.info[np.ix_(kept, chosen)]],
                [first.info[np.ix_(chosen, kept)], second.info[np.ix_(chosen, chosen)]],
            ]
        )
        right = np.concatenate([np.zeros(len(kept)), first.score[chosen]])
        return ChiSquared.of(name, float(right @ solve(block, right)), len(chosen))

    return (
        *(test(name, np.array([j])) for j, name in enumerate(names)),
        test("global", np.arange(len(names))),
    )
