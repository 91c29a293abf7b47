"""From dated facts to an endpoint: time, event, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import polars as pl

from oncohort.criteria.frames import as_polars, first_of
from oncohort.vocabulary.endpoints import EndpointRule
from oncohort.vocabulary.words import is_missing

_UNKNOWN = "death_of_unknown_cause"
"""A death whose cause is not charted, where the cause decides what it is."""

Case = Literal["imputed", "shortest", "longest"]

COLUMN_TYPES: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "patient": pl.String(),
        "start": pl.Date(),
        "date": pl.Date(),
        "time": pl.Int64(),
        "event": pl.Boolean(),
        "entry": pl.Int64(),
        "reason": pl.String(),
        "kind": pl.String(),
        "code": pl.String(),
        "detail": pl.String(),
        "table": pl.String(),
        "source_row": pl.Int64(),
        "stop": pl.String(),
        "stop_date": pl.Date(),
        "set_aside": pl.String(),
        "set_aside_date": pl.Date(),
        "imputed": pl.Boolean(),
        "last_clear": pl.Date(),
        "first_event": pl.Date(),
    }
)
"""Columns of the frame that :func:`derive` returns."""


def derive(
    facts: object, rule: EndpointRule, *, patients: object | None = None, case: Case = "imputed"
) -> pl.DataFrame:
    """One endpoint for every patient, each with its source and reason.

    Parameters
    ----------
    facts
        The frame of :func:`~oncohort.endpoints.facts`.
    rule
        What starts the clock, what is an event, what censors.
    patients
        All patients of the study (a frame with ``patient``); those without an origin get no time.
    case
        Dates of which only month or year is known: ``imputed`` as the facts have them, or the
        ``shortest`` or ``longest`` time that they allow.

    Returns
    -------
    DataFrame
        One row per patient, by patient: ``start``, ``date``, ``time`` (days, end minus start;
        null where there is none), ``event``, ``entry`` (days from origin to the start of
        observation, where the rule has delayed entry), ``reason`` (code): ``event``;
        ``competing``: another event came first (``event`` is false, ``kind`` says which);
        ``end-of-follow-up``, ``stopped``, ``missed-visits``: censored; ``no-assessment``:
        censored at the origin because no assessment could be evaluated; no time at all:
        ``no-origin``, ``no-follow-up``, ``before-origin``, ``entry-unknown``,
        ``left-before-entry``, ``cause-unknown``. ``kind``, ``code``, ``detail``, ``table``,
        ``source_row``: the fact that the date comes from.
        ``stop``, ``stop_date``: what ended the watch; ``set_aside``,
        ``set_aside_date``: an event that didn't count after missed visits. ``imputed``: a
        partial date is in it. ``last_clear``, ``first_event``: the event lies after the first and
        not after the second (the same day where the day is known, as for death).

    Notes
    -----
    Source: the events are those of the usual definitions (RECIST 1.1, 4.7; FDA, Clinical Trial
    Endpoints, 2018); censoring as the rule says.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import OS, facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...                     "death_date": [date(2014, 1, 16)]})
    >>> derive(facts(who), OS).row(0, named=True)["time"]
    10
    """
    frame = as_polars(facts)
    if patients is None:
        people = frame.select("patient").unique().sort("patient")
    else:
        named = as_polars(patients).select(pl.col("patient").cast(pl.String))
        people = named.unique(maintain_order=True)
    early, late = {
        "imputed": ("date", "date"),
        "shortest": ("earliest", "latest"),
        "longest": ("latest", "earliest"),
    }[case]
    table = _starts(people, frame, rule, late)
    dated = _from_origin(frame.with_columns(pl.col(early).alias("when")), table, late)
    if rule.causes:
        dated = _by_cause(dated, rule)
    stopping = dated.filter(pl.col("when") >= pl.col("origin_day"))
    for found, kinds, prefix in (
        (dated.filter("counts"), (*rule.events, *rule.competing, _UNKNOWN), "event"),
        (stopping, rule.stops, "stop"),
    ):
        first = _earliest(found, kinds, prefix)
        table = table.join(first, on="patient", how="left", maintain_order="left")
    earlier = pl.col("event_when").is_null() | (pl.col("stop_when") < pl.col("event_when"))
    stops = pl.col("stop_when").is_not_null() & earlier
    table = _with_last_clear(table.with_columns(stopped=stops.fill_null(False)), dated)
    table = table.with_columns(missed=_missed(rule)).with_columns(
        has_event=pl.col("event_when").is_not_null() & ~pl.col("stopped") & ~pl.col("missed")
    )
    return _finished(_ends(table, dated, rule), rule)


def _starts(
    people: pl.DataFrame, facts: pl.DataFrame, rule: EndpointRule, late: str
) -> pl.DataFrame:
    """The day on which each patient's clock starts, and the observation where it starts later."""
    origin = (
        facts.filter(pl.col("kind") == rule.origin)
        .sort("patient", late)
        .group_by("patient", maintain_order=True)
        .agg(pl.col(late).first().alias("start"), pl.col("imputed").first().alias("start_imputed"))
    )
    table = people.join(origin, on="patient", how="left", maintain_order="left")
    if rule.entry is None:
        return table.with_columns(entry_date=pl.lit(None, dtype=pl.Date))
    begun = (
        facts.filter(pl.col("kind") == rule.entry)
        .group_by("patient")
        .agg(pl.col(late).min().alias("entry_date"))
    )
    return table.join(begun, on="patient", how="left", maintain_order="left")


def _with_last_clear(table: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The last assessment without the event: before the event, or at the stop."""
    clear = dated.filter(pl.col("kind") == "assessment").select(
        "patient",
        pl.col("when").alias("clear_when"),
        pl.col("source_row").alias("clear_row"),
        pl.col("table").alias("clear_table"),
        pl.col("detail").alias("clear_detail"),
        pl.col("code").alias("clear_code"),
        pl.col("imputed").alias("clear_imputed"),
    )
    day_before = pl.col("event_when") - pl.duration(days=1)
    limit = pl.when("stopped").then("stop_when").otherwise(day_before)
    in_time = pl.col("limit").is_null() | (pl.col("clear_when") <= pl.col("limit"))
    last = (
        table.select("patient", "start", limit.alias("limit"))
        .join(clear, on="patient")
        .filter(in_time & (pl.col("clear_when") >= pl.col("start")))
        .sort("patient", "clear_when")
        .group_by("patient", maintain_order=True)
        .last()
        .drop("start", "limit")
    )
    return table.join(last, on="patient", how="left", maintain_order="left")


def _missed(rule: EndpointRule) -> pl.Expr:
    """Does the event come after more missed visits than the rule allows?"""
    if rule.missed is None:
        return pl.lit(False)
    quiet = (pl.col("event_when") - pl.coalesce("clear_when", "start")).dt.total_days()
    late = pl.col("event_when").is_not_null() & (quiet > rule.missed.longest_gap)
    return (late & ~pl.col("stopped")).fill_null(False)


def _from_origin(dated: pl.DataFrame, table: pl.DataFrame, late: str) -> pl.DataFrame:
    """Mark which facts can be events: not what happened again and again before a later origin.

    A clock that starts after treatment start (a second line, a response) doesn't look at the
    progression before it. Where it starts with the treatment, or earlier, an event before it is
    an error of the chart, and is kept to be seen.
    """
    treated = (
        dated.filter(pl.col("kind") == "treatment_start")
        .group_by("patient")
        .agg(pl.col(late).min().alias("treated_day"))
    )
    origins = table.select("patient", pl.col("start").alias("origin_day"))
    dated = dated.join(origins, on="patient", how="left", maintain_order="left").join(
        treated, on="patient", how="left"
    )
    old = (
        (pl.col("when") < pl.col("origin_day"))
        & (pl.col("origin_day") > pl.col("treated_day"))
        & (pl.col("kind") != "death")
    ).fill_null(False)
    return dated.with_columns(counts=~old)


def _by_cause(dated: pl.DataFrame, rule: EndpointRule) -> pl.DataFrame:
    """Deaths of the named causes stay ``death``; others are ``death_other``.

    Those without a charted cause are what the rule says, or else end the patient's time.
    """
    causes = [c.strip().lower() for c in rule.causes]
    cause = pl.col("detail").str.strip_chars().str.to_lowercase()
    open_ = cause.is_null() | cause.map_elements(is_missing, pl.Boolean, skip_nulls=True)
    unknown = {"event": "death", "competing": "death_other"}.get(rule.unknown_cause, _UNKNOWN)
    kind = (
        pl.when((pl.col("kind") != "death") | cause.is_in(causes).fill_null(False))
        .then("kind")
        .when(open_)
        .then(pl.lit(unknown))
        .otherwise(pl.lit("death_other"))
    )
    return dated.with_columns(kind=kind)


def _earliest(dated: pl.DataFrame, kinds: tuple[str, ...], prefix: str) -> pl.DataFrame:
    """Earliest fact of some kinds per patient; on one day, the kind named first."""
    order = {kind: i for i, kind in enumerate(kinds)}
    rows = dated.filter(pl.col("kind").is_in(list(kinds)) & pl.col("when").is_not_null())
    rows = rows.with_columns(
        pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int64).alias("o")
    ).sort("patient", "when", "o", "source_row", nulls_last=True)
    return rows.group_by("patient", maintain_order=True).agg(
        pl.col("kind", "when", "table", "source_row", "code", "detail", "imputed")
        .first()
        .name.prefix(f"{prefix}_")
    )


def _ends(table: pl.DataFrame, dated: pl.DataFrame, rule: EndpointRule) -> pl.DataFrame:
    """Where each patient's clock ends, with the fact it comes from."""
    parts = ("when", "table", "row", "detail", "code", "imputed")
    clear = {part: pl.col(f"clear_{part}") for part in parts}
    found: dict[str, dict[str, pl.Expr]] = {"assessment": clear}
    for kind in rule.otherwise:
        if kind == "assessment":
            continue
        last = (
            dated.filter(pl.col("kind") == kind)
            .sort("patient", "when")
            .group_by("patient", maintain_order=True)
            .agg(
                pl.col("when").last().alias(f"{kind}_when"),
                pl.col("table").last().alias(f"{kind}_table"),
                pl.col("source_row").last().alias(f"{kind}_row"),
                pl.col("detail").last().alias(f"{kind}_detail"),
                pl.col("code").last().alias(f"{kind}_code"),
                pl.col("imputed").last().alias(f"{kind}_imputed"),
            )
        )
        table = table.join(last, on="patient", how="left", maintain_order="left")
        found[kind] = {part: pl.col(f"{kind}_{part}") for part in parts}
    event = {part: pl.col(f"event_{'source_row' if part == 'row' else part}") for part in parts}
    stop = {part: pl.col(f"stop_{'source_row' if part == 'row' else part}") for part in parts}
    pulled = pl.col("stopped") | pl.col("missed")

    def choose(part: str) -> pl.Expr:
        return first_of(
            (pl.col("has_event"), event[part]),
            *(((pl.col("stopped"), stop[part]),) if rule.at == "stop" else ()),
            (pulled, clear[part]),
            *((found[k]["when"].is_not_null(), found[k][part]) for k in rule.otherwise),
        )

    kind_of = first_of(
        (pl.col("has_event"), pl.col("event_kind")),
        *(((pl.col("stopped"), pl.col("stop_kind")),) if rule.at == "stop" else ()),
        (pulled, pl.lit("assessment")),
        *((found[k]["when"].is_not_null(), pl.lit(k)) for k in rule.otherwise),
    )
    return table.with_columns(
        choose("when").alias("end"),
        choose("table").alias("table"),
        choose("row").cast(pl.Int64).alias("source_row"),
        choose("detail").alias("detail"),
        choose("code").alias("code"),
        choose("imputed").fill_null(False).alias("end_imputed"),
        kind_of.alias("kind"),
    )


def _finished(table: pl.DataFrame, rule: EndpointRule) -> pl.DataFrame:
    """Time, reason code, delayed entry and the interval in which the event lies."""
    at_origin = (
        pl.col("end").is_null()
        & pl.col("start").is_not_null()
        & (pl.col("stopped") | pl.col("missed") | pl.lit("assessment" in rule.otherwise))
    )
    table = table.with_columns(at_origin=at_origin).with_columns(
        end=pl.when("at_origin").then("start").otherwise("end"),
        kind=pl.when("at_origin").then(pl.lit(rule.origin)).otherwise("kind"),
    )
    days = (pl.col("end") - pl.col("start")).dt.total_days()
    entry = (pl.col("entry_date") - pl.col("start")).dt.total_days().clip(lower_bound=0)
    has_entry = rule.entry is not None
    first = pl.col("has_event") & pl.col("event_kind").is_in(list(rule.competing))
    table = table.with_columns(other_first=first.fill_null(False))
    table = table.with_columns(reason=_reason(days, entry if has_entry else None))
    timed = ~pl.col("reason").is_in(list(NO_TIME))
    seen_on_scan = pl.col("event_kind").is_in(["progression", "second_progression"])
    return table.select(
        "patient",
        "start",
        pl.when(timed).then("end").alias("date"),
        pl.when(timed).then(days).cast(pl.Int64).alias("time"),
        pl.when(timed).then(pl.col("has_event") & ~pl.col("other_first")).alias("event"),
        (pl.when(timed).then(entry) if has_entry else pl.lit(None, dtype=pl.Int64))
        .cast(pl.Int64)
        .alias("entry"),
        "reason",
        "kind",
        "code",
        "detail",
        "table",
        "source_row",
        pl.when("stopped").then("stop_kind").alias("stop"),
        pl.when("stopped").then("stop_when").alias("stop_date"),
        pl.when("missed").then("event_kind").alias("set_aside"),
        pl.when("missed").then("event_when").alias("set_aside_date"),
        (pl.col("end_imputed") | pl.col("start_imputed").fill_null(False)).alias("imputed"),
        pl.when(timed)
        .then(
            pl.when(~pl.col("has_event"))
            .then("end")
            .when(seen_on_scan)
            .then(pl.coalesce("clear_when", "start"))
            .otherwise("end")
        )
        .alias("last_clear"),
        pl.when(timed & pl.col("has_event")).then("end").alias("first_event"),
    ).select(*COLUMN_TYPES)


def _reason(days: pl.Expr, entry: pl.Expr | None) -> pl.Expr:
    """The code that says how each patient's clock ended, or why there is no time."""
    unknown = pl.lit(False) if entry is None else entry.is_null()
    left = pl.lit(False) if entry is None else (entry >= days) & (entry > 0)
    return (
        pl.when(pl.col("start").is_null())
        .then(pl.lit("no-origin"))
        .when(pl.col("end").is_null())
        .then(pl.lit("no-follow-up"))
        .when(days < 0)
        .then(pl.lit("before-origin"))
        .when(unknown)
        .then(pl.lit("entry-unknown"))
        .when(left)
        .then(pl.lit("left-before-entry"))
        .when(pl.col("has_event") & (pl.col("event_kind") == _UNKNOWN))
        .then(pl.lit("cause-unknown"))
        .when("other_first")
        .then(pl.lit("competing"))
        .when("has_event")
        .then(pl.lit("event"))
        .when("at_origin")
        .then(pl.lit("no-assessment"))
        .when("stopped")
        .then(pl.lit("stopped"))
        .when("missed")
        .then(pl.lit("missed-visits"))
        .otherwise(pl.lit("end-of-follow-up"))
    )


NO_TIME = (
    "no-origin",
    "no-follow-up",
    "before-origin",
    "entry-unknown",
    "left-before-entry",
    "cause-unknown",
)
"""Reason codes of patients without a time."""
