"""`oncohort km` and `oncohort cox` of Parquet of any size: from disk, or on Dask workers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from oncohort.cli.messages import messages
from oncohort.cli.tables import CoxOptions, Ends, KmOptions, described, incidence_at
from oncohort.stats.errors import InputError, NoEventsError, TooFewGroupsError
from oncohort.vocabulary.boundaries import Option

_WHERE = "of several files, and with --scheduler,"


def km_scaled(path: Path, ends: Ends, scheduler: str | None, asked: KmOptions) -> str:
    """Kaplan-Meier (or cumulative incidence) of Parquet files, as printed text.

    Groups are compared by the log-rank test.
    """
    from oncohort import scale

    if asked.robust:
        raise InputError(f"{_WHERE} there is no robust variance of curves")
    roles = _roles(path, ends)
    curves: dict[str, Option] = {
        "group": asked.by,
        "level": asked.level,
        "interval": asked.interval,
    }
    with _client(scheduler) as client:
        if asked.censored is not None:
            del roles["event"], roles["event_value"]
            found = scale.cumulative_incidence(
                path,
                event_type=ends.event,
                censored=asked.censored,
                client=client,
                **roles,
                **curves,
            )
            return "\n".join([str(found), *incidence_at(found, ends, asked)])
        result = scale.kaplan_meier(path, client=client, **roles, **curves)
        parts = [str(result), *described(result, asked)]
        if asked.by is not None:
            try:
                test = scale.logrank(
                    path, group=asked.by, strata=asked.strata, client=client, **roles
                )
                parts.append(str(test))
            except (NoEventsError, TooFewGroupsError) as error:
                parts.append(f"no test between groups: {error}")
    return "\n".join(parts)


def cox_scaled(
    path: Path, ends: Ends, scheduler: str | None, covariates: Sequence[str], options: CoxOptions
) -> str:
    """Cox regression of Parquet files, as printed text; covariates are columns of numbers."""
    from oncohort import scale

    if options.firth or options.interval != "wald":
        raise InputError(f"{_WHERE} there are Wald intervals, without --firth")
    with _client(scheduler) as client:
        result = scale.cox(
            path,
            covariates=covariates,
            strata=options.strata,
            cluster=options.cluster,
            robust=options.robust,
            ties=options.ties,
            level=options.level,
            transform=options.transform,
            client=client,
            progress=messages.say,
            **_roles(path, ends),
        )
    return str(result)


def _client(scheduler: str | None) -> AbstractContextManager[Option]:
    """Dask's client of a scheduler; none where this process does the work."""
    from oncohort import scale

    return nullcontext() if scheduler is None else scale.connect(scheduler)


def _roles(path: Path, ends: Ends) -> dict[str, Option]:
    if path.is_file() and path.suffix.lower() not in (".parquet", ".pq"):
        raise InputError(f"--scheduler reads Parquet files, and {path.name} is none")
    if ends.sheet is not None:
        raise InputError("Parquet files have no sheets")
    return {
        "time": ends.time,
        "event": ends.event,
        "event_value": ends.event_value,
        "entry": ends.entry,
        "weights": ends.weights,
    }
