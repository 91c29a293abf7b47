"""Other views of an endpoint: bounds of partial dates, intervals, and rule sets side by side."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.criteria.frames import as_polars
from oncohort.endpoints.derive import NO_TIME, derive
from oncohort.vocabulary.endpoints import EndpointRule


def bounds(facts: object, rule: EndpointRule, *, patients: object | None = None) -> pl.DataFrame:
    """What partial dates leave open: time and event at the shortest and the longest they allow.

    Returns
    -------
    DataFrame
        One row per patient whose endpoint could be otherwise: ``patient``, ``time``, ``event``
        (as imputed), ``time_shortest``, ``event_shortest``, ``time_longest``, ``event_longest``.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import OS, facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...     "death_date": [date(2014, 3, 1)], "death_date_precision": ["month"]})
    >>> bounds(facts(who), OS).select("time_shortest", "time", "time_longest").rows()
    [(54, 68, 84)]
    """
    frame = as_polars(facts)
    cases = {
        case: derive(frame, rule, patients=patients, case=case).select(
            "patient", pl.col("time").alias(f"time_{case}"), pl.col("event").alias(f"event_{case}")
        )
        for case in ("shortest", "longest")
    }
    out = derive(frame, rule, patients=patients).select("patient", "time", "event")
    for found in cases.values():
        out = out.join(found, on="patient", how="left", maintain_order="left")
    same = (
        pl.col("time_shortest").eq_missing(pl.col("time_longest"))
        & pl.col("event_shortest").eq_missing(pl.col("event_longest"))
        & pl.col("time").eq_missing(pl.col("time_longest"))
    )
    return out.filter(~same)


def intervals(endpoint: object) -> pl.DataFrame:
    """The interval in which each event lies, in days from the origin.

    A progression seen on a scan happened after the last scan without it; a death happened on its
    day. A censored patient has no right end.

    Parameters
    ----------
    endpoint
        The frame of :func:`derive`.

    Returns
    -------
    DataFrame
        ``patient``, ``left``, ``right`` (days; ``right`` null: censored at ``left``; equal: the
        day is known), for patients with a time.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import PFS, facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)]})
    >>> visits = pl.DataFrame({"patient": ["1", "1"], "overall": ["SD", "PD"],
    ...                        "date": [date(2014, 3, 3), date(2014, 5, 5)]})
    >>> intervals(derive(facts(who, visits=visits), PFS)).rows()
    [('1', 56, 119)]
    """
    frame = as_polars(endpoint).filter(pl.col("time").is_not_null())
    start = pl.col("start")
    return frame.select(
        "patient",
        (pl.col("last_clear") - start).dt.total_days().alias("left"),
        (pl.col("first_event") - start).dt.total_days().alias("right"),
    )


def sensitivity(endpoints: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """An endpoint under several rule sets side by side: events, and why others are censored.

    Parameters
    ----------
    endpoints
        Name of the rule set to the frame of :func:`derive` under it.

    Returns
    -------
    DataFrame
        One row per rule set and group: ``rule_set``, ``group`` (``event`` or ``censored`` or
        ``no time``), ``reason`` (the kind of event, or the code of censoring with what stopped
        the watch), ``n``.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import PFS, facts, rule_sets_for
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...                     "death_date": [date(2014, 3, 1)]})
    >>> f = facts(who)
    >>> sets = {k: derive(f, r) for k, r in rule_sets_for(PFS, names=["plain"]).items()}
    >>> sensitivity(sets).rows()
    [('plain', 'event', 'death', 1)]
    """
    parts = []
    for name, frame in endpoints.items():
        group = (
            pl.when(pl.col("reason").is_in(list(NO_TIME)))
            .then(pl.lit("no time"))
            .when(pl.col("event"))
            .then(pl.lit("event"))
            .otherwise(pl.lit("censored"))
        )
        why = (
            pl.when(pl.col("reason") == "event")
            .then("kind")
            .when(pl.col("stop").is_not_null())
            .then(pl.col("reason") + ": " + pl.col("stop"))
            .when(pl.col("set_aside").is_not_null())
            .then(pl.col("reason") + ": " + pl.col("set_aside"))
            .otherwise("reason")
        )
        parts.append(
            frame.select(pl.lit(name).alias("rule_set"), group.alias("group"), why.alias("reason"))
            .group_by("rule_set", "group", "reason")
            .agg(pl.len().cast(pl.Int64).alias("n"))
            .sort("group", "n", "reason", descending=[False, True, False])
        )
    return pl.concat(parts)
