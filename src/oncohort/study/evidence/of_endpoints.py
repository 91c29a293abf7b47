"""Evidence of endpoints: when each patient's clock stopped, why, and the cell that says so."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from oncohort.study.evidence.rows import nothing, number, seen, together, words

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort, EndpointInfo
    from oncohort.protocol import Protocol

COLUMNS = {"lesions": "diameter_mm", "assessments": "overall", "therapies": "start",
           "procedures": "date", "adverse_events": "start"}  # fmt: skip
"""The column of a table whose cell decides a dated fact."""
OF_PATIENTS = {
    "death": "death_date",
    "progression": "progression_date",
    "treatment_end": "treatment_end",
    "clinical_progression": "treatment_end",
    "toxicity": "treatment_end",
    "last_contact": "last_contact",
}
"""Fact to the column of `patients` that dates it."""


def deciding_column(
    table: str, kind: str | None, event: bool, known: Collection[str] | None = None
) -> str:
    """The column whose cell ends a patient's time.

    Parameters
    ----------
    table, kind
        Where the fact stands, and what kind of fact it is.
    event
        Does it count as an event?
    known
        Columns that the table has: one of them may be the fact itself.

    Examples
    --------
    >>> deciding_column("patients", "death", True), deciding_column("lesions", "progression", True)
    ('death_date', 'diameter_mm')
    >>> deciding_column("patients", None, False)
    'last_contact'
    """
    column = COLUMNS.get(table, "patient")
    if table == "patients":
        own = kind if known is not None and kind in known else None
        column = OF_PATIENTS.get(kind or "", own or ("patient" if event else "last_contact"))
    return column if known is None or column in known else "patient"


def evidence_of_endpoint(protocol: Protocol, cohort: Cohort, key: str) -> pl.DataFrame:
    """How each patient's time ended."""
    info = cohort.meaning.endpoints[key]
    derived = cohort.evidence.derived.get(key)
    if derived is None or info.reduced:
        return _reduced(protocol, cohort, key, info)
    return seen_in(derived, cohort)


def seen_in(derived: pl.DataFrame, cohort: Cohort) -> pl.DataFrame:
    """A sentence for each row of a derived endpoint, with the cell that ends the time."""
    known = cohort.evidence.tables
    pairs = (
        derived.select("table", "kind", pl.col("event").fill_null(False))
        .unique(maintain_order=True)
        .rows()
    )
    columns = {
        f"{table}|{kind}|{event}": deciding_column(table, kind, event, known[table].columns)
        for table, kind, event in pairs
        if table in known
    }
    named = pl.concat_str(
        pl.col("table").fill_null("None"),
        pl.lit("|"),
        pl.col("kind").fill_null("None"),
        pl.lit("|"),
        pl.when(pl.col("event").fill_null(False)).then(pl.lit("True")).otherwise(pl.lit("False")),
    )
    where = named.replace_strict(columns, default=None, return_dtype=pl.String)
    return seen(derived.with_columns(_sentences(derived)), "text", pl.col("table"), where)


class _Day:
    """A day that stands for those of all rows of which the same is said."""

    def __init__(self, column: str) -> None:
        self.column = column

    def isoformat(self) -> str:
        """A mark where the day goes."""
        return f"\0{self.column}\0"


_DAYS = ("date", "stop_date", "set_aside_date")
_TOLD = ("reason", "kind", "code", "detail", "stop", "set_aside", "imputed")


def _sentences(derived: pl.DataFrame) -> pl.Series:
    """The reason with its time in front; the cell stands beside it, so the source is not said.

    A sentence is made once for all rows that differ in their days alone.
    """
    from oncohort.endpoints.reasons import reason

    alike = [*_TOLD, *(pl.col(day).is_null().alias(f"no_{day}") for day in _DAYS)]
    one_each = derived.select(alike).unique(maintain_order=True)
    told = [
        reason({**row, **{day: None if row[f"no_{day}"] else _Day(day) for day in _DAYS}})
        for row in one_each.iter_rows(named=True)
    ]
    text = pl.col("sentence")
    for day in _DAYS:
        text = text.str.replace_all(
            f"\0{day}\0", pl.col(day).cast(pl.String).fill_null(""), literal=True
        )
    timed = pl.when(pl.col("time").is_null()).then("text").otherwise(
        pl.format("{} days, {}", "time", "text")
    )  # fmt: skip
    return (
        derived.with_columns(pl.col(day).is_null().alias(f"no_{day}") for day in _DAYS)
        .join(
            one_each.with_columns(pl.Series("sentence", told, pl.String)),
            on=one_each.columns,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(text.alias("text"))
        .select(timed.alias("text"))
        .to_series()
    )


def _reduced(protocol: Protocol, cohort: Cohort, key: str, info: EndpointInfo) -> pl.DataFrame:
    """Time and event as charted, each with its cell."""
    declared, frame = protocol.endpoints[key], cohort.frame
    patients = cohort.evidence.tables["patients"]
    held = frame.select("patient", f"{key}_time", f"{key}_event", *_cause(frame, key)).join(
        patients.select("patient", "source_row"), on="patient", how="left", maintain_order="left"
    )
    time, event = pl.col(f"{key}_time"), pl.col(f"{key}_event")
    happened: pl.Expr = pl.when(event).then(pl.lit("event")).otherwise(pl.lit("censored"))
    if info.competing:
        cause = pl.col(f"{key}_cause")
        others = cause.replace_strict(dict(info.competing), default=None, return_dtype=pl.String)
        told = pl.format("competing event ({})", others)
        happened = pl.when(others.is_not_null()).then(told).otherwise(happened)
    sentence = (
        pl.when(time.is_null())
        .then(pl.lit("left out: no usable time and event"))
        .otherwise(words(happened, pl.lit(" after "), number(time),
                         " days"))
    )  # fmt: skip
    rows = held.with_columns(sentence=sentence)
    parts = [seen(rows, "sentence", "patients", declared.time or "patient")]
    if declared.event and declared.event in patients.columns:
        coded = patients.with_columns(pl.col(declared.event).cast(pl.String).alias("code"))
        text = pl.format('"{}" in the chart', pl.col("code").fill_null(""))
        parts.append(seen(coded, text, "patients", declared.event))
    return together(*parts)


def _cause(frame: pl.DataFrame, key: str) -> list[str]:
    return [c for c in (f"{key}_cause",) if c in frame.columns]


def evidence_of_follow_up(cohort: Cohort) -> pl.DataFrame:
    """Until when each patient was followed."""
    patients = cohort.evidence.tables["patients"]
    parts = []
    dead = pl.lit(False)
    if "death_date" in patients.columns:
        dead = pl.col("death_date").is_not_null()
        died = pl.format("died on {}", pl.col("death_date"))
        parts.append(seen(patients.filter(dead), died, "patients", "death_date"))
    if "last_contact" in patients.columns:
        last = pl.format("last contact on {}", pl.col("last_contact"))
        known = patients.filter(~dead & pl.col("last_contact").is_not_null())
        parts.append(seen(known, last, "patients", "last_contact"))
    return together(*parts)


def evidence_of_sensitivity(cohort: Cohort, key: str, rules: str) -> pl.DataFrame:
    """How each patient's time ends under another rule of censoring."""
    other = cohort.meaning.alternatives.get(key, {}).get(rules)
    declared = cohort.meaning.rules.get(key)
    if other is not None:
        return seen_in(cohort.under(other), cohort)
    if declared is None:
        return nothing()
    if rules == "dates_shortest":
        found = cohort.under(declared, "shortest")
    elif rules == "dates_longest":
        found = cohort.under(declared, "longest")
    else:  # between scans: the same events, each between two scans
        found = cohort.evidence.derived[key]
        clear = pl.format("last scan without progression {}", pl.col("last_clear"))
        known = found.filter(pl.col("event") & pl.col("last_clear").is_not_null())
        return together(seen_in(found, cohort), seen(known, clear, None, None))
    return seen_in(found, cohort)


def evidence_of_change(protocol: Protocol, cohort: Cohort, key: str) -> pl.DataFrame:
    """The day on which each patient's group changed."""
    from oncohort.endpoints.changes import ADVERSE_EVENT, change_days

    rule = protocol.time_dependent[key]
    days = change_days(cohort, rule, protocol)
    if days is None:
        return nothing()
    name = rule.label or (rule.change or rule.time or key).replace("_", " ")
    known = cohort.frame.select("patient").join(
        days, on="patient", how="left", maintain_order="left"
    )
    day = number(pl.col("change_days").round(0))
    text = pl.when(pl.col("change_days").is_null()).then(pl.lit(f"{name}: never"))
    rows = known.with_columns(
        text.otherwise(pl.format("{}: day {}", pl.lit(name), day)).alias("text")
    )
    patients, facts = cohort.evidence.tables["patients"], cohort.evidence.facts
    if rule.time is not None:
        at = rows.join(patients.select("patient", "source_row"), on="patient", how="left",
                       maintain_order="left")  # fmt: skip
        return seen(at, "text", "patients", rule.time)
    if rule.change == ADVERSE_EVENT or facts is None:
        return seen(rows, "text", None, None)
    first = (
        facts.filter((pl.col("kind") == rule.change) & pl.col("date").is_not_null())
        .sort("date", maintain_order=True)
        .unique("patient", keep="first", maintain_order=True)
        .select("patient", "table", "source_row")
    )
    at = rows.join(first, on="patient", how="left", maintain_order="left")
    known_tables = cohort.evidence.tables
    columns = {
        table: deciding_column(table, rule.change, True, known_tables[table].columns)
        for table in first["table"].drop_nulls().unique(maintain_order=True)
        if table in known_tables
    }
    where = pl.col("table").replace_strict(columns, default=None, return_dtype=pl.String)
    return seen(at, "text", pl.col("table"), where)
