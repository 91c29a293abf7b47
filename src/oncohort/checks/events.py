"""Adverse events that contradict each other, the treatment, or the patient's state."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Problem, problem

LATE_DAYS = 180
"""Events that begin so long after the last dose are hardly events of the treatment."""
_FATAL = r"(?i)^(fatal|death|died|dead|tod|tödlich|verstorben|décès|décédé|mort|muerte|fallecido)"
_RECOVERED = r"(?i)^(recovered|resolved|erholt|abgeklungen|guéri|résolu|recuperado|resuelto)"


@rule("safety.twice")
def twice(data: Data) -> Iterator[Problem]:
    """One event of a patient on one day with several grades."""
    if not data.has("adverse_events", "term", "start", "grade"):
        return
    keys = ["patient", "term", "start"]
    rows = (
        data.included(data.records.tables["adverse_events"])
        .drop_nulls([*keys, "grade"])
        .group_by([*keys, "drug"], maintain_order=True)
        .agg("grade", "source_record")
        .filter(pl.col("grade").list.n_unique() > 1)
    )
    for row in rows.head(MANY).iter_rows(named=True):
        yield problem(
            "safety.twice",
            place=data.at("adverse_events", "grade", row["source_record"][-1]),
            patient=row["patient"],
            term=row["term"],
            start=row["start"],
            grades=list(dict.fromkeys(row["grade"])),
        )


@rule("safety.late")
def late(data: Data) -> Iterator[Problem]:
    """An event that began long after the last dose."""
    if not data.has("adverse_events", "start") or not data.has("patients", "treatment_end"):
        return
    ends = data.patients.select("patient", _end="treatment_end").unique(
        "patient", keep="first", maintain_order=True
    )
    rows = data.included(data.records.tables["adverse_events"]).join(
        ends, on="patient", maintain_order="left"
    )
    gap = (pl.col("start") - pl.col("_end")).dt.total_days()
    if data.has("doses", "start", "amount"):
        given = data.records.tables["doses"].filter(pl.col("amount") > 0)
        last = given.group_by("patient").agg(
            pl.max_horizontal(pl.col("start").max(), pl.col("end").max()).alias("_last")
        )
        rows = rows.join(last, on="patient", how="left", maintain_order="left").with_columns(
            _end=pl.max_horizontal("_end", "_last")
        )
    for row in rows.filter(gap > LATE_DAYS).head(MANY).iter_rows(named=True):
        yield problem(
            "safety.late",
            place=data.at("adverse_events", "start", row["source_record"]),
            patient=row["patient"],
            term=row["term"] or "An event",
            start=row["start"],
            days=(row["start"] - row["_end"]).days,
            end=row["_end"],
        )


@rule("safety.outcome")
def outcome(data: Data) -> Iterator[Problem]:
    """A fatal outcome of the living, or of an event below grade 5; a grade 5 that recovered."""
    if not data.has("adverse_events", "outcome", "grade"):
        return
    rows = data.included(data.records.tables["adverse_events"]).filter(
        pl.col("outcome").is_not_null()
    )
    says = pl.col("outcome").cast(pl.String)
    cases = (
        ("", rows.filter(says.str.contains(_FATAL) & (pl.col("grade") < 5))),
        ("recovered", rows.filter(says.str.contains(_RECOVERED) & (pl.col("grade") == 5))),
    )
    for case, bad in cases:
        for row in bad.head(MANY).iter_rows(named=True):
            yield problem(
                "safety.outcome",
                case,
                place=data.at("adverse_events", "outcome", row["source_record"]),
                patient=row["patient"],
                term=row["term"] or "An event",
                grade=row["grade"],
                outcome=row["outcome"],
            )
