"""Kaplan-Meier, log-rank and Aalen-Johansen of Parquet files, from counts per distinct time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oncohort.scale.files import chunks
from oncohort.scale.parquet import code_of
from oncohort.scale.tables import Counted, Roles, count_chunk, merge
from oncohort.stats.curve_result import KaplanMeierResult
from oncohort.stats.errors import EventCodingError, InputError
from oncohort.stats.incidence import IncidenceResult
from oncohort.stats.rank_tests import LogRankResult

if TYPE_CHECKING:
    from distributed import Client

ROWS = 2_000_000
"""Rows read at a time."""


def counts(
    path: str | Path,
    roles: Roles,
    *,
    rows: int = ROWS,
    client: Client | None = None,
    progress: Callable[[str], None] | None = None,
) -> Counted:
    """Counts of all rows of the files, here or on the workers of a Dask cluster."""
    found = chunks(str(path), rows)
    if client is not None:
        from oncohort.scale.workers import counts_on_workers

        return counts_on_workers(client, found, roles)
    report = progress or (lambda _: None)

    def each() -> Iterator[Counted]:
        for i, chunk in enumerate(found):
            report(f"counting part {i + 1} of {len(found)}")
            yield count_chunk(chunk, roles)

    return merge(each())


def kaplan_meier(
    path: str | Path,
    *,
    time: str,
    event: str,
    entry: str | None = None,
    weights: str | None = None,
    group: str | None = None,
    event_value: object = None,
    interval: str = "log-log",
    level: float = 0.95,
    rows: int = ROWS,
    client: Client | None = None,
    progress: Callable[[str], None] | None = None,
) -> KaplanMeierResult:
    """Kaplan-Meier curves of a Parquet file (a folder or a pattern of files) of any size.

    The answer is that of :func:`oncohort.stats.kaplan_meier`. In memory are `rows` rows of two to
    five columns, and the counts at distinct times.

    Parameters
    ----------
    time, event, entry, weights, group
        Column names; weights are whole numbers.
    event_value
        Code of `event` that means the event; by default it is bool or 0/1.
    client
        A Dask client whose workers count.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError
        Each names the file and its rows.
    """
    from oncohort.stats.curves import kaplan_meier as of_weights

    roles = Roles(time, event, entry, weights, group, None, event_value)
    counted = counts(path, roles, rows=rows, client=client, progress=progress)
    table = _some(counted, roles)
    result = of_weights(
        table["time"],
        table["event"],
        entry=_column(table, "entry"),
        weights=table["weight"],
        group=_column(table, "group"),
        interval=interval,
        level=level,
        robust=False,
    )
    method = _method(result.method, weights)
    curves = {}
    for label, curve in result.groups.items():
        own = table if group is None else table.filter(pl.col("group") == label)
        curves[label] = replace(
            curve,
            n=int(own["rows"].sum()),
            n_events=_events(own),
            method=method,
            left_out=counted.left_out if group is None else curve.left_out,
        )
    return replace(
        result,
        groups=curves,
        n=int(table["rows"].sum()),
        n_events=_events(table),
        method=method,
        left_out=counted.left_out,
    )


def logrank(
    path: str | Path,
    *,
    time: str,
    event: str,
    group: str,
    strata: str | None = None,
    entry: str | None = None,
    weights: str | None = None,
    event_value: object = None,
    weighting: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    rows: int = ROWS,
    client: Client | None = None,
    progress: Callable[[str], None] | None = None,
) -> LogRankResult:
    """The log-rank test and its family on Parquet files; as :func:`oncohort.stats.logrank`.

    Parameters are those of :func:`kaplan_meier`, and `strata`, `weighting`, `rho` and `gamma`.
    """
    from oncohort.stats.rank_tests import logrank as of_weights

    roles = Roles(time, event, entry, weights, group, strata, event_value)
    counted = counts(path, roles, rows=rows, client=client, progress=progress)
    table = _some(counted, roles)
    result = of_weights(
        table["time"],
        table["event"],
        table["group"],
        strata=_column(table, "stratum"),
        entry=_column(table, "entry"),
        weights=table["weight"],
        weighting=weighting,
        rho=rho,
        gamma=gamma,
        robust=False,
    )
    own = [table.filter(pl.col("group") == level) for level in result.levels]
    return replace(
        result,
        method=_method(result.method, weights),
        n_by_group=tuple(int(t["rows"].sum()) for t in own),
        events_by_group=tuple(_events(t) for t in own),
        n=int(table["rows"].sum()),
        n_events=_events(table),
        left_out=counted.left_out,
    )


def cumulative_incidence(
    path: str | Path,
    *,
    time: str,
    event_type: str,
    censored: object = 0,
    entry: str | None = None,
    weights: str | None = None,
    group: str | None = None,
    interval: str = "log-log",
    level: float = 0.95,
    rows: int = ROWS,
    client: Client | None = None,
    progress: Callable[[str], None] | None = None,
) -> IncidenceResult:
    """Aalen-Johansen estimates of Parquet files; :func:`oncohort.stats.cumulative_incidence`.

    Parameters are those of :func:`kaplan_meier`; `event_type` and `censored` as there. The
    variance is Aalen's.
    """
    from oncohort.stats.incidence import cumulative_incidence as of_weights

    roles = Roles(time, event_type, entry, weights, group, competing=True)
    counted = counts(path, roles, rows=rows, client=client, progress=progress)
    table = _some(counted, roles)
    if isinstance(censored, str):
        censored = code_of(censored, table["event"])
    kinds = sorted(map(str, table["event"].unique()))
    if censored is not None and not (table["event"] == censored).any():
        raise EventCodingError(
            f"no row has {censored!r} in {event_type}, which would be censored; it holds "
            f"{', '.join(kinds[:20])}"
        )
    result = of_weights(
        table["time"],
        table["event"],
        censored=censored,
        entry=_column(table, "entry"),
        weights=table["weight"],
        group=_column(table, "group"),
        interval=interval,
        variance="aalen",
        level=level,
    )
    curves = {}
    for (cause, label), curve in result.curves.items():
        chosen = table if group is None else table.filter(pl.col("group") == label)
        own = chosen.filter(pl.col("event") == cause)
        curves[cause, label] = replace(
            curve, n=int(chosen["rows"].sum()), n_events=int(own["rows"].sum())
        )
    events = {
        cause: int(table.filter(pl.col("event") == cause)["rows"].sum()) for cause in result.causes
    }
    return replace(
        result,
        curves=curves,
        n=int(table["rows"].sum()),
        n_events=events,
        left_out=counted.left_out,
    )


def _some(counted: Counted, roles: Roles) -> pl.DataFrame:
    """The counts, if there are any and the code of the event occurs."""
    table = counted.table
    if not table.height:
        raise InputError("no rows are left")
    if roles.event_value is not None and not _events(table):
        raise EventCodingError(f"{roles.event_value!r} is no value of {roles.event}")
    return table


def _column(table: pl.DataFrame, name: str) -> pl.Series | None:
    return table[name] if name in table.columns else None


def _events(table: pl.DataFrame) -> int:
    return int(table["rows"].to_numpy()[np.asarray(table["event"].to_numpy(), bool)].sum())


def _method(words: str, weights: str | None) -> str:
    """The method without the weights that stand for counts."""
    return words if weights else words.replace(", case weights", "")
