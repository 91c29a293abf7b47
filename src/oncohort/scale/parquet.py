"""A Parquet file as partitions: keys once, covariates read afresh for each pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from oncohort.scale.sums import Bools, Floats, Ints, Keys
from oncohort.stats.errors import InputError, WeightError
from oncohort.stats.inputs import as_events, as_numbers, check_times, joined_times


@dataclass(slots=True)
class Table:
    """A Parquet file or pattern of files, cut into runs of `rows` rows."""

    path: str
    time: str
    event: str
    covariates: tuple[str, ...]
    entry: str | None
    strata: str | None
    weights: str | None
    rows: int
    center: Floats = field(default_factory=lambda: np.zeros(0))
    scale: Floats = field(default_factory=lambda: np.zeros(0))
    kept: list[Ints | None] = field(default_factory=list)
    """Per partition: rows used, or none if all are."""

    def _scan(self) -> Any:
        return pl.scan_parquet(self.path)

    def _part(self, i: int, columns: list[str]) -> Any:
        return self._scan().select(columns).slice(i * self.rows, self.rows).collect()

    def covariates_of(self, i: int) -> Floats:
        """Centred covariates of partition i, ``(n, p)``."""
        x = self._matrix(self._part(i, list(self.covariates)))
        kept = self.kept[i]
        if kept is not None:
            x = x[kept]
        return np.asarray(np.subtract(x, self.center, out=x))

    def _matrix(self, frame: Any) -> Floats:
        bad = [c for c, t in frame.schema.items() if not (t.is_numeric() or t == pl.Boolean)]
        if bad:
            raise InputError(f"column {bad[0]!r} is {frame.schema[bad[0]]}, not a number")
        out = frame.select(pl.all().cast(pl.Float64)).to_numpy(order="c", writable=True)
        return np.asarray(out, dtype=np.float64)

    def keys(self) -> tuple[list[Keys], dict[str, int]]:
        """Keys of all partitions, and rows left out; finds means and spreads on the way."""
        roles = [c for c in (self.time, self.event, self.entry, self.strata, self.weights) if c]
        columns = list(dict.fromkeys([*roles, *self.covariates]))
        missing = set(columns) - set(self._scan().collect_schema().names())
        if missing:
            raise InputError(f"no column {', '.join(sorted(missing))} in {self.path}")
        n = int(self._scan().select(pl.len()).collect().item())
        p = len(self.covariates)
        codes: dict[Any, int] = {}
        found: list[Keys] = []
        total, squares, used, gaps = np.zeros(p), np.zeros(p), 0, 0
        shift = np.zeros(p)
        for i in range((n + self.rows - 1) // self.rows):
            frame = self._part(i, columns)
            x = self._matrix(frame.select(self.covariates))
            if np.isinf(x).any():
                raise InputError(f"infinite covariates in rows {i * self.rows} and after")
            keep = ~np.isnan(x).any(axis=1)
            stratum: Ints | None = None
            if self.strata:
                labels = frame[self.strata].to_list()
                stratum = np.array(
                    [-1 if v is None else codes.setdefault(v, len(codes)) for v in labels],
                    dtype=np.int64,
                )
                keep &= stratum >= 0
            rows = None if keep.all() else np.flatnonzero(keep)
            gaps += len(x) - int(keep.sum())
            self.kept.append(rows)
            found.append(self._keys(frame, rows, stratum))
            x = x if rows is None else x[rows]
            if not used and len(x):
                shift = x.mean(axis=0)
            x -= shift
            total += x.sum(axis=0)
            squares += np.einsum("ij,ij->j", x, x)
            used += len(x)
        mean = total / max(used, 1)
        self.center = shift + mean
        self.scale = np.sqrt(np.maximum(squares / max(used, 1) - mean**2, 0.0))
        self.scale[self.scale <= 1e-12 * np.abs(self.center)] = 0.0
        left_out = {"missing value in a covariate or stratum": gaps} if gaps else {}
        return _snapped(found), left_out

    def _keys(self, frame: Any, rows: Ints | None, stratum: Ints | None) -> Keys:
        def take(values: Any) -> Any:
            return values if rows is None or values is None else values[rows]

        time: Floats = take(as_numbers(frame[self.time], self.time))
        event: Bools = take(as_events(frame[self.event], len(frame)))
        entry = take(as_numbers(frame[self.entry], self.entry)) if self.entry else None
        weight = take(as_numbers(frame[self.weights], self.weights)) if self.weights else None
        check_times(time, entry)
        if weight is not None and not (np.isfinite(weight) & (weight > 0)).all():
            raise WeightError("weights must be above zero")
        return Keys(time, event, take(stratum), entry, weight)


def _snapped(keys: list[Keys]) -> list[Keys]:
    """Times that differ by rounding alone made equal, over all partitions together."""
    if not keys:
        return keys
    time = np.concatenate([k.time for k in keys])
    entries = [k.entry for k in keys if k.entry is not None]
    entry = np.concatenate(entries) if entries else None
    time, entry = joined_times(time, entry)
    cuts = np.cumsum([0, *(len(k.time) for k in keys)]).tolist()
    return [
        Keys(
            time[a:b],
            k.event,
            k.stratum,
            None if entry is None else entry[a:b],
            k.weight,
        )
        for k, a, b in zip(keys, cuts[:-1], cuts[1:], strict=True)
    ]
