"""Follow-up: patients lost to sight, times that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem

LATE_CUTOFF_DAYS = 365
"""A cutoff so many days behind everything that the chart tells is a slip."""


@rule("follow-up.gap")
def gap(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "last_contact"):
        return
    if not (data.has("patients", "death_date") or data.has("patients", "vital_status")):
        return  # who is dead stands in the event of an endpoint, if anywhere
    mapped = data.protocol.tables.get("patients")
    if mapped is not None and mapped.relative:
        return  # days since each patient's own day zero: no calendar says when he was last seen
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
    cutoff = data.protocol.study.cutoff
    seen = data.patients.select(pl.col("last_contact", "death_date").max()).row(0)
    last: date = max((d for d in seen if d is not None), default=cutoff)
    if (cutoff - last).days > LATE_CUTOFF_DAYS:
        yield problem(
            "follow-up.gap",
            "cutoff",
            place=Place(file="study.toml", key="study.cutoff"),
            n=lost.height,
            n_alive=living.height,
            cutoff=cutoff,
            latest=last,
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


@rule("follow-up.none")
def none(data: Data) -> Iterator[Problem]:
    """A living patient who was last seen on the day on which treatment began."""
    if not data.has("patients", "last_contact", "treatment_start"):
        return
    exact = pl.lit(True)
    for column in ("last_contact", "treatment_start"):
        exact &= pl.col(f"{column}_precision").fill_null("day") == "day"
    rows = data.included(data.patients).filter(
        pl.col("death_date").is_null()
        & (pl.col("vital_status").fill_null("alive") != "dead")
        & (pl.col("last_contact") == pl.col("treatment_start"))
        & exact
    )
    yield from data.notices(
        "follow-up.none", rows, "patients", "last_contact", last_contact=pl.col("last_contact")
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
