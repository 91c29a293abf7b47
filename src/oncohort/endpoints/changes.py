"""When something happened that changes a patient's group: days from the endpoint's time zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort
    from oncohort.protocol import Protocol
    from oncohort.protocol.time_dependent import TimeDependent

ADVERSE_EVENT = "adverse_event"
"""The change that is read from the table of adverse events."""


def change_days(cohort: Cohort, rule: TimeDependent, protocol: Protocol) -> pl.DataFrame | None:
    """``patient`` and ``change_days``: the first such event, in days from time zero.

    Returns
    -------
    DataFrame or None
        Patients in whom it never happened are not in it, or have none; none where the chart has
        nothing that says when it happened.
    """
    if rule.time is not None:
        patients = cohort.evidence.tables["patients"]
        if (
            rule.time not in patients.columns
            or not patients.get_column(rule.time).dtype.is_numeric()
        ):
            return None
        endpoint = protocol.endpoints[rule.endpoint]
        scale = DAYS_PER_UNIT[endpoint.time_unit or protocol.study.time_unit]
        return patients.select(
            "patient", (pl.col(rule.time).cast(pl.Float64) * scale).alias("change_days")
        )
    derived = cohort.evidence.derived.get(rule.endpoint)
    dates = (
        _adverse(cohort, rule, protocol) if rule.change == ADVERSE_EVENT else _facts(cohort, rule)
    )
    if derived is None or dates is None or not derived["start"].count():
        return None
    first = dates.group_by("patient").agg(pl.col("date").min())
    days = (pl.col("date") - pl.col("start")).dt.total_days().cast(pl.Float64)
    return (
        derived.select("patient", "start")
        .join(first, on="patient")
        .select("patient", days.alias("change_days"))
    )


def _facts(cohort: Cohort, rule: TimeDependent) -> pl.DataFrame | None:
    facts = cohort.evidence.facts
    if facts is None:
        return None
    found = facts.filter((pl.col("kind") == rule.change) & pl.col("date").is_not_null())
    return found.select("patient", "date") if found.height else None


def _meant(written: list[str], wanted: list[str], protocol: Protocol) -> list[str]:
    """The charted terms that are one of those wanted: by their words, or by their CTCAE term."""
    from oncohort.criteria.ctcae.terms import match
    from oncohort.criteria.ctcae.versions import VERSIONS

    criteria = protocol.safety.criteria if protocol.safety is not None else VERSIONS[-1]
    version = criteria.removeprefix("CTCAE ")
    words = {text.strip().lower() for text in wanted}
    names = {found for text in wanted if (found := match(text, version).term) is not None}
    return [t for t in written if t.strip().lower() in words or match(t, version).term in names]


def _adverse(cohort: Cohort, rule: TimeDependent, protocol: Protocol) -> pl.DataFrame | None:
    """Starts of the adverse events that count."""
    frame = cohort.evidence.tables.get("adverse_events")
    if frame is None or not frame.height:
        return None
    written = frame["term"].drop_nulls().unique(maintain_order=True).to_list()
    wanted = _meant(written, rule.terms, protocol) if rule.terms else []
    rows = frame.filter(
        pl.col("start").is_not_null()
        & ((pl.col("grade") >= rule.min_grade) if rule.min_grade > 1 else pl.lit(True))
        & (pl.col("term").is_in(wanted) if rule.terms else pl.lit(True))
    )
    return rows.select("patient", pl.col("start").alias("date"))
