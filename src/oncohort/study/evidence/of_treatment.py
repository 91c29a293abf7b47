"""Evidence of treatment: doses, its end, adverse events, graded laboratory values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.treatment import dose_periods
from oncohort.study.evidence.rows import nothing, number, seen, together, words
from oncohort.vocabulary.keys import level_key

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort
    from oncohort.protocol import Protocol


def evidence_of_drug(protocol: Protocol, cohort: Cohort, drug: str) -> pl.DataFrame:
    """What each patient took of a drug: the sum of it, then every dose with its cell."""
    exposure = cohort.evidence.exposure
    if exposure is None:
        return nothing()
    own = exposure.filter(pl.col("drug") == drug)
    after = pl.when(pl.col("days_to_reduction").is_not_null()).then(
        pl.format(" after {} days", number("days_to_reduction"))
    )
    text = words(
        number("days_on_treatment") + " days",
        pl.lit(", relative dose intensity ") + number(pl.col("rdi").round(1)) + "%",
        pl.when("reduced").then(pl.lit(", reduced") + after.otherwise(pl.lit(""))),
        pl.when("interrupted").then(pl.lit(", interrupted")),
        pl.when("escalated").then(pl.lit(", escalated again")),
    )
    return together(seen(own, text, None, None), doses(protocol, cohort, drug))


def doses(protocol: Protocol, cohort: Cohort, drug: str) -> pl.DataFrame:
    """Every period of a drug, with the cell of its amount."""
    periods = dose_periods(cohort.evidence.tables, protocol)
    if periods is None:
        return nothing()
    rows = periods.filter(pl.col("drug") == drug)
    nil = pl.col("amount") == 0
    dose = (
        pl.when(nil)
        .then(pl.lit("no drug"))
        .otherwise(
            words(number("amount"), pl.lit(" ") + pl.col("dose_unit"), pl.lit(" × "),
                  number("times_per_day"), " daily")
        )
    )  # fmt: skip
    told = pl.col("change").is_not_null() & ~pl.col("change").is_in(["start", "no drug", "same"])
    text = words(
        pl.col("start").cast(pl.String), pl.lit(" to ") + pl.col("last").cast(pl.String),
        pl.lit(": ") + dose, pl.when(told).then(pl.lit(", ") + pl.col("change")),
        pl.lit(" (") + pl.col("reason") + ")",
    )  # fmt: skip
    return seen(rows, text, "doses", "amount")


def evidence_of_end(cohort: Cohort) -> pl.DataFrame:
    """Start and end of treatment, and why it ended."""
    patients = cohort.evidence.tables["patients"]
    parts = []
    for column, what in (
        ("treatment_start", "start of treatment "),
        ("treatment_end", "end of treatment "),
        ("treatment_end_reason", "reason: "),
    ):
        if column in patients.columns:
            known = patients.filter(pl.col(column).is_not_null())
            parts.append(
                seen(known, pl.format("{}{}", pl.lit(what), pl.col(column)), "patients", column)
            )
    if "treatment_end" in patients.columns:
        open_ = patients.filter(pl.col("treatment_end").is_null())
        parts.insert(0, seen(open_, pl.lit("no end of treatment"), "patients", "treatment_end"))
    return together(*parts)


def evidence_of_events(cohort: Cohort, keep: pl.Expr | None = None) -> pl.DataFrame:
    """Every adverse event that counts, the worst first, with the cell of its grade."""
    events = cohort.evidence.events
    if events is None or events.is_empty():
        return nothing()
    rows = (events if keep is None else events.filter(keep)).sort(
        "grade", descending=True, nulls_last=True, maintain_order=True
    )
    grade = pl.when(pl.col("grade").is_null()).then(pl.lit("grade not charted")).otherwise(
        pl.format("grade {}", pl.col("grade"))
    )  # fmt: skip
    charted = pl.when(pl.col("term").str.to_lowercase() != pl.col("shown").str.to_lowercase()).then(
        pl.format(' ("{}")', "term")
    )
    more = [
        pl.when(pl.col("serious")).then(pl.lit(", serious"))
        if "serious" in rows.columns and rows.schema["serious"] == pl.Boolean
        else pl.lit(""),
        pl.when(pl.col("action") != "none").then(pl.lit(", ") + pl.col("action"))
        if "action" in rows.columns
        else pl.lit(""),
    ]
    text = words(
        pl.col("shown"), charted, pl.lit(", ") + grade,
        pl.lit(" on ") + pl.col("start").cast(pl.String) if "start" in rows.columns else "", *more,
    )  # fmt: skip
    return seen(rows, text, "adverse_events", "grade")


def evidence_of_treated(cohort: Cohort) -> pl.DataFrame:
    """The first day of treatment."""
    patients = cohort.evidence.tables["patients"]
    if "treatment_start" not in patients.columns:
        return seen(patients, pl.lit("in the chart"), "patients", "patient")
    start = pl.col("treatment_start").cast(pl.String).fill_null("no date")
    return seen(patients, pl.lit("treated from ") + start, "patients", "treatment_start")


def evidence_of_labs(protocol: Protocol, cohort: Cohort, term: str) -> pl.DataFrame:
    """Each patient's worst graded value of a term, and the grade at baseline."""
    from oncohort.analyses.labs import worst_labs

    worst, _ = worst_labs(protocol, cohort)
    if worst is None:
        return nothing()
    keys = {name: level_key(name) for name in worst["label"].unique(maintain_order=True).to_list()}
    rows = worst.filter(pl.col("label").replace_strict(keys, return_dtype=pl.String) == term)
    grade = pl.when(pl.col("grade").is_null()).then(pl.lit("could not be graded")).otherwise(
        pl.format("worst grade {}", pl.col("grade"))
    )  # fmt: skip
    base = pl.when(pl.col("baseline_grade").is_not_null()).then(
        pl.format(", grade {} at baseline", pl.col("baseline_grade"))
    )
    text = words(
        grade, pl.lit(": ") + number("value"), pl.lit(" ") + pl.col("unit"),
        pl.lit(" on ") + pl.col("date").cast(pl.String), base,
    )  # fmt: skip
    return seen(rows, text, "labs", "value")
