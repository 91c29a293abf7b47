"""Counts per distinct time: memory follows the distinct times, not the rows.

Kaplan-Meier, log-rank and Aalen-Johansen need of the rows only how many of each group (and
stratum) have each time, entry and type of event. Those counts of two chunks add up to the counts
of both, in any order; the estimates are made of the counts by :mod:`oncohort.stats`, as weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from oncohort.dataclass import dataclass
from oncohort.scale.files import Chunk, located
from oncohort.scale.parquet import events_of
from oncohort.stats.errors import InputError, WeightError
from oncohort.stats.inputs import Bools, as_numbers, check_times

MERGE = 4_000_000
"""Rows of counts that are kept before they are added up."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Which columns play which part.

    Attributes
    ----------
    event
        Bool or 0/1, or (with `event_value`) any codes; for competing events the type.
    competing
        Keep the types of `event` as they are.
    """

    time: str
    event: str
    entry: str | None = None
    weights: str | None = None
    group: str | None = None
    strata: str | None = None
    event_value: object = None
    competing: bool = False

    @property
    def columns(self) -> list[str]:
        """All columns, each once."""
        found = (self.time, self.event, self.entry, self.weights, self.group, self.strata)
        return list(dict.fromkeys(c for c in found if c))


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of some rows.

    Attributes
    ----------
    table
        ``time, event``, where asked for ``entry, group, stratum``, and ``rows`` and ``weight``
        (the sum of weights): one row per combination.
    left_out
        Reason to number of rows.
    """

    table: pl.DataFrame
    left_out: dict[str, int]


def count_chunk(chunk: Chunk, roles: Roles) -> Counted:
    """Counts of a chunk.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError
        Each names the chunk.
    """
    frame = chunk.read(roles.columns)
    try:
        return _count(frame, roles)
    except InputError as error:
        raise located(chunk, error) from error


def _count(frame: pl.DataFrame, roles: Roles) -> Counted:
    time = as_numbers(frame[roles.time], roles.time)
    entry = None if roles.entry is None else as_numbers(frame[roles.entry], roles.entry)
    check_times(time, entry)
    columns: dict[str, object] = {"time": time, "event": _event(frame, roles)}
    if entry is not None:
        columns["entry"] = entry
    left_out: dict[str, int] = {}
    for key, column in (("group", roles.group), ("stratum", roles.strata)):
        if column is not None:
            columns[key] = frame[column]
    if roles.weights is not None:
        weight = as_numbers(frame[roles.weights], roles.weights)
        if not (np.isfinite(weight) & (weight > 0)).all():
            raise WeightError("weights must be finite and above zero")
        if (weight != np.floor(weight)).any():
            raise WeightError(
                "weights are not whole numbers: their robust variance needs the rows, not counts"
            )
        columns["weight"] = weight
    table = pl.DataFrame(columns)
    for key in ("group", "stratum"):
        if key in columns:
            missing = table[key].null_count()
            if missing:
                left_out[f"missing {key}"] = missing
                table = table.filter(pl.col(key).is_not_null())
    keys = [c for c in table.columns if c != "weight"]
    weight_sum = pl.col("weight").sum() if roles.weights else pl.len().cast(pl.Float64)
    counted = table.group_by(keys).agg(pl.len().cast(pl.Int64).alias("rows"), weight=weight_sum)
    return Counted(counted, left_out)


def _event(frame: pl.DataFrame, roles: Roles) -> pl.Series | Bools:
    if roles.competing:
        return frame[roles.event]
    return events_of(frame[roles.event], roles.event_value)


def merge(parts: Iterable[Counted]) -> Counted:
    """Counts of all parts together, in order of their keys."""
    waiting: list[pl.DataFrame] = []
    left_out: dict[str, int] = {}
    height = 0
    for part in parts:
        waiting.append(part.table)
        height += part.table.height
        for why, count in part.left_out.items():
            left_out[why] = left_out.get(why, 0) + count
        if height > MERGE:
            waiting = [_added(waiting)]
            height = 0
    table = _added(waiting)
    keys = [c for c in table.columns if c not in ("rows", "weight")]
    return Counted(table.sort(keys), left_out)


def _added(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    table = pl.concat(tables, how="vertical_relaxed")
    keys = [c for c in table.columns if c not in ("rows", "weight")]
    return table.group_by(keys).agg(pl.col("rows").sum(), pl.col("weight").sum())
