"""Follow-up: patients lost to sight, times that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Problem, problem

if TYPE_CHECKING:
    pass


@rule("follow-up.gap")
def gap(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "last_contact"):
        return
    if not (data.has("patients", "death_date") or data.has("patients", "vital_status")):
        return  # who is dead stands in the event of an endpoint, if anywhere
    latest = data.protocol.study.cutoff or data.patients["last_contact"].max()
    living = data.patients.filter(
        pl.col("death_date").is_null() & (pl.col("vital_status").fill_null("alive") != "dead")
    )
    lost = living.filter((pl.lit(latest) - pl.col("last_contact")).dt.total_days() > 365)
    if lost.height == 0:
        return
    if data.protocol.study.cutoff is None:
        # Without a cutoff old studies look lost: one note is enough.
        yield problem(
            "follow-up.gap",
            "no_cutoff",
            place=data.at("patients", "last_contact", None),
            n=lost.height,
            n_alive=living.height,
            latest=latest,
        )
        return
    yield from data.notices(
        "follow-up.gap",
        lost,
        "patients",
        "last_contact",
        last_contact=pl.col("last_contact"),
        latest=latest,
    )


@rule("survival.no-start")
def no_start(data: Data) -> Iterator[Problem]:
    dated = [e for e in data.protocol.endpoints.values() if not e.reduced]
    if not dated or not data.has("patients", "treatment_start"):
        return
    for row in data.patients.filter(pl.col("treatment_start").is_null()).iter_rows(named=True):
        yield problem(
            "survival.no-start",
            place=data.at("patients", "treatment_start", row["source_record"]),
            patient=row["patient"],
        )
