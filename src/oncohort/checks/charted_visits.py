"""Charted responses of visits, in the order of their dates."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Problem

BEYOND_DAYS = 31
"""Scans so long after the end of treatment may be judged against another baseline."""


@rule("response.after-progression")
def after_progression(data: Data) -> Iterator[Problem]:
    """A response that is charted after a progression, under the same treatment."""
    if not data.has("assessments", "date", "overall"):
        return
    visits = data.included(data.records.tables["assessments"]).drop_nulls(["date", "overall"])
    first = visits.filter(pl.col("overall") == "PD").group_by("patient", "reader")
    later = visits.join(
        first.agg(_pd=pl.col("date").min()),
        on=["patient", "reader"],
        nulls_equal=True,
        maintain_order="left",
    ).filter((pl.col("date") > pl.col("_pd")) & pl.col("overall").is_in(["CR", "PR"]))
    if later.is_empty():
        return
    ends = data.patients.select("patient", _end="treatment_end").unique(
        "patient", keep="first", maintain_order=True
    )
    later = later.join(ends, on="patient", how="left", maintain_order="left").filter(
        ((pl.col("date") - pl.col("_end")).dt.total_days() <= BEYOND_DAYS).fill_null(True)
    )
    if data.has("therapies", "start"):
        began = data.records.tables["therapies"].select("patient", _next="start").drop_nulls()
        changed = later.join(began, on="patient").filter(
            (pl.col("_next") > pl.col("_pd")) & (pl.col("_next") <= pl.col("date"))
        )
        later = later.join(changed, on="source_record", how="anti", maintain_order="left")
    yield from data.notices(
        "response.after-progression",
        later,
        "assessments",
        "overall",
        overall=pl.col("overall"),
        date=pl.col("date"),
        progression=pl.col("_pd"),
    )
