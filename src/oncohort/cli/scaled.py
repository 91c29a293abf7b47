"""`oncohort km` and `oncohort cox` with ``--scheduler``: Parquet of any size, on Dask workers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oncohort.cli.messages import messages
from oncohort.cli.tables import CoxOptions, Ends, at_times
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError


def km_scaled(
    path: Path,
    ends: Ends,
    scheduler: str,
    *,
    by: str | None,
    level: float,
    interval: str,
    times: Sequence[float],
) -> str:
    """Kaplan-Meier of Parquet files, as printed text; groups are compared by the log-rank test."""
    from oncohort import scale

    roles = _roles(path, ends)
    with scale.connect(scheduler) as client:
        result = scale.kaplan_meier(
            path, group=by, level=level, interval=interval, client=client, **roles
        )
        parts = [str(result)]
        if times:
            parts.append(at_times(result, times))
        if by is not None:
            try:
                parts.append(str(scale.logrank(path, group=by, client=client, **roles)))
            except (NoEventsError, TooFewGroupsError) as error:
                parts.append(f"no test between groups: {error}")
    return "\n".join(parts)


def cox_scaled(
    path: Path, ends: Ends, scheduler: str, covariates: Sequence[str], options: CoxOptions
) -> str:
    """Cox regression of Parquet files, as printed text; covariates are columns of numbers."""
    from oncohort import scale

    if options.firth or options.interval != "wald" or options.robust is True:
        raise InputError(
            "with --scheduler there are Wald intervals, without --firth; the robust variance is "
            "that of --cluster"
        )
    with scale.connect(scheduler) as client:
        result = scale.cox(
            path,
            covariates=covariates,
            strata=options.strata,
            cluster=options.cluster,
            ties=options.ties,
            level=options.level,
            transform=options.transform,
            client=client,
            progress=messages.say,
            **_roles(path, ends),
        )
    return str(result)


def _roles(path: Path, ends: Ends) -> dict[str, Any]:
    if path.is_file() and path.suffix.lower() not in (".parquet", ".pq"):
        raise InputError(f"--scheduler reads Parquet files, and {path.name} is none")
    return {
        "time": ends.time,
        "event": ends.event,
        "event_value": ends.event_value,
        "entry": ends.entry,
        "weights": ends.weights,
    }
