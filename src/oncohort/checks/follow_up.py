"""Follow-up: patients lost to sight, times that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Problem, problem
from oncohort.records.values import matches


@rule("follow-up.gap")
def gap(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "last_contact"):
        return
    latest: Any = data.protocol.study.cutoff or data.patients["last_contact"].max()
    lost = data.patients.filter(
        pl.col("death_date").is_null()
        & (pl.col("vital_status").fill_null("alive") != "dead")
        & ((pl.lit(latest) - pl.col("last_contact")).dt.total_days() > 365)
    )
    n_alive = data.patients.filter(pl.col("death_date").is_null()).height
    if lost.height == 0:
        return
    if data.protocol.study.cutoff is None:
        # Without a cutoff old studies look lost: one note is enough.
        yield problem(
            "follow-up.gap",
            "no_cutoff",
            place=data.at("patients", "last_contact", None),
            n=lost.height,
            n_alive=n_alive,
            latest=latest,
        )
        return
    for row in lost.head(100).iter_rows(named=True):
        yield problem(
            "follow-up.gap",
            place=data.at("patients", "last_contact", row["source_record"]),
            patient=row["patient"],
            last_contact=row["last_contact"],
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


@rule("survival.pfs-beyond-os")
def pfs_beyond_os(data: Data) -> Iterator[Problem]:
    pfs, os = data.protocol.endpoints.get("pfs"), data.protocol.endpoints.get("os")
    if pfs is None or os is None or pfs.time is None or os.time is None:
        return
    if pfs.time_unit != os.time_unit or not data.has("patients", pfs.time, os.time):
        return
    if not all(data.patients.schema[c].is_numeric() for c in (pfs.time, os.time)):
        return
    bad = data.patients.filter(pl.col(pfs.time) > pl.col(os.time) * 1.01 + 0.05)
    for row in bad.head(100).iter_rows(named=True):
        yield problem(
            "survival.pfs-beyond-os",
            place=data.at("patients", pfs.time, row["source_record"]),
            patient=row["patient"],
            table="patients",
            column=(pfs.time, os.time),
            row=row["source_row"],
            free_name=pfs.time,
            free=row[pfs.time],
            survival_name=os.time,
            survival=row[os.time],
        )


@rule("survival.death-without-pfs-event")
def death_without_event(data: Data) -> Iterator[Problem]:
    pfs, os = data.protocol.endpoints.get("pfs"), data.protocol.endpoints.get("os")
    if pfs is None or os is None or not (pfs.reduced and os.reduced):
        return
    columns = [str(c) for c in (pfs.time, pfs.event, os.time, os.event)]
    if not data.has("patients", *columns) or pfs.time_unit != os.time_unit:
        return
    if not all(data.patients.schema[c].is_numeric() for c in (columns[0], columns[2])):
        return
    count = deaths = 0
    for p_time, p_event, o_time, o_event in data.patients.select(columns).iter_rows():
        if None in (p_time, o_time) or not matches(o_event, os.event_value):
            continue
        deaths += 1
        same = abs(p_time - o_time) <= 0.01 * o_time + 0.05
        count += same and p_event is not None and not matches(p_event, pfs.event_value)
    if count >= 2:
        yield problem(
            "survival.death-without-pfs-event",
            place=data.at("patients", columns[1], None),
            count=count,
            deaths=deaths,
        )
