"""Kaplan-Meier of a Parquet file: only the columns that it needs are ever read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from oncohort.stats.curves import kaplan_meier as in_memory


def kaplan_meier(
    path: str | Path,
    *,
    time: str,
    event: str,
    entry: str | None = None,
    weights: str | None = None,
    group: str | None = None,
    interval: str = "log-log",
    level: float = 0.95,
) -> Any:
    """Kaplan-Meier curves of a Parquet file (or a pattern of files).

    Reads two to five columns (nine bytes a row for time and event) and hands them to
    :func:`oncohort.stats.kaplan_meier`; the answer is the same.
    """
    roles = {"entry": entry, "weights": weights, "group": group}
    columns = [time, event, *(c for c in roles.values() if c)]
    frame = pl.scan_parquet(str(path)).select(list(dict.fromkeys(columns))).collect()
    more: dict[str, Any] = {role: frame[c] for role, c in roles.items() if c}
    return in_memory(frame[time], frame[event], interval=interval, level=level, **more)
