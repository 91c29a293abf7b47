"""Follow-up: patients lost to sight, times that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oncohort.checks.rule import Data, Rule, rule
from oncohort.problems import Problem, Severity
from oncohort.records.values import matches


@rule(
    "follow-up.gap",
    Severity.WARNING,
    "A patient who is not known to be dead was last seen more than a year before the cutoff.",
    "Patients lost to follow-up may have died; survival looks longer than it is.",
)
def gap(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

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
        yield this.problem(
            f"{lost.height} of {n_alive} patients without death were last seen more than a year "
            f"before the latest contact ({latest}).",
            "Declare the data cutoff in [study], and ask about these patients.",
            place=data.at("patients", "last_contact", None),
            severity=Severity.NOTE,
        )
        return
    for row in lost.head(100).iter_rows(named=True):
        yield this.problem(
            f"Last seen on {row['last_contact']}, cutoff {latest}.",
            "Ask the registry or the family doctor.",
            place=data.at("patients", "last_contact", row["source_row"]),
            patient=row["patient"],
        )


@rule(
    "survival.no-start",
    Severity.WARNING,
    "A patient has no start of treatment.",
    "The clock of every endpoint starts there.",
)
def no_start(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    dated = [e for e in data.protocol.endpoints.values() if not e.reduced]
    if not dated or not data.has("patients", "treatment_start"):
        return
    for row in data.patients.filter(pl.col("treatment_start").is_null()).iter_rows(named=True):
        yield this.problem(
            "The patient has no start of treatment.",
            "Fill it in, or leave the patient out with a criterion of eligibility.",
            place=data.at("patients", "treatment_start", row["source_row"]),
            patient=row["patient"],
        )


@rule(
    "survival.pfs-beyond-os",
    Severity.ERROR,
    "Progression-free time is longer than survival.",
    "Nobody is free of progression after death; one of the two times is wrong.",
)
def pfs_beyond_os(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    pfs, os = data.protocol.endpoints.get("pfs"), data.protocol.endpoints.get("os")
    if pfs is None or os is None or pfs.time is None or os.time is None:
        return
    if pfs.time_unit != os.time_unit or not data.has("patients", pfs.time, os.time):
        return
    if not all(data.patients.schema[c].is_numeric() for c in (pfs.time, os.time)):
        return
    bad = data.patients.filter(pl.col(pfs.time) > pl.col(os.time) * 1.01 + 0.05)
    for row in bad.head(100).iter_rows(named=True):
        yield this.problem(
            f"{pfs.time} {row[pfs.time]:g} is longer than {os.time} {row[os.time]:g}.",
            "Look up both in the chart.",
            place=data.at("patients", pfs.time, row["source_row"]),
            patient=row["patient"],
            blocks=("prognosis.os", "prognosis.pfs", "survival.os", "survival.pfs"),
        )


@rule(
    "survival.death-without-pfs-event",
    Severity.WARNING,
    "Patients died but have no event of progression-free survival at that time.",
    "Death is an event of PFS: where it is missing, the flag may count progressions only, or be "
    "the wrong way round.",
)
def death_without_event(data: Data, this: Rule) -> Iterator[Problem]:
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
        yield this.problem(
            f"{count} of {deaths} patients who died have no PFS event, though both times are the "
            "same.",
            "Look up what the PFS flag means, and correct event_value if need be.",
            place=data.at("patients", columns[1], None),
        )
