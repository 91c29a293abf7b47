"""The cutoff applied to the data, and follow-up that would give a patient's dates away.

Where follow-up ends on one calendar day for many patients (the cutoff, the day of an export), a
shifted last contact tells the shift to whoever knows that day, and the interval from the start
tells the start. Such follow-up ends some days earlier in the copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from oncohort.study.deidentify.identity import Identity

SHARED_BY = 3
"""So many living patients with one last contact make it an administrative day..."""
SHARED_PART = 0.1
"""...where they are at least this part of the living."""


def cut(name: str, frame: pl.DataFrame, cutoff: date) -> pl.DataFrame:
    """A record table as it stood on the day of the cutoff."""
    late = pl.lit(cutoff)
    if name == "patients":
        died_later = pl.col("death_date") > late
        frame = frame.with_columns(
            pl.when(died_later)
            .then(pl.lit("alive"))
            .otherwise(pl.col("vital_status"))
            .alias("vital_status"),
            pl.when(died_later)
            .then(late)
            .otherwise(pl.min_horizontal("last_contact", late))
            .alias("last_contact")
            if frame["last_contact"].null_count() < frame.height
            else pl.col("last_contact"),
        )
        return frame.with_columns(
            *(
                pl.when(pl.col(c) > late).then(None).otherwise(pl.col(c)).alias(c)
                for c in ("death_date", "progression_date", "treatment_end")
            )
        )
    start = next((c for c in ("date", "start") if c in frame.columns), None)
    if start is None:
        return frame
    frame = frame.filter(pl.col(start).is_null() | (pl.col(start) <= late))
    if "end" in frame.columns:
        frame = frame.with_columns(
            pl.when(pl.col("end") > late).then(None).otherwise(pl.col("end")).alias("end")
        )
    return frame


def _latest_records(frames: Mapping[str, pl.DataFrame]) -> dict[str, date]:
    """Each patient's last date in the data, the last contact apart."""
    parts = []
    for frame in frames.values():
        for column, kind in frame.schema.items():
            if kind == pl.Date and column != "last_contact":
                parts.append(frame.select("patient", pl.col(column).alias("at")).drop_nulls())
    if not parts:
        return {}
    last = pl.concat(parts).group_by("patient").agg(pl.col("at").max())
    return dict(last.iter_rows())


def administrative_days(patients: pl.DataFrame, cutoff: date | None) -> set[date]:
    """Days on which the follow-up of many living patients ends."""
    alive = patients.filter(pl.col("death_date").is_null() & pl.col("last_contact").is_not_null())
    counts = alive["last_contact"].value_counts()
    enough = max(SHARED_BY, SHARED_PART * alive.height)
    days = set(counts.filter(pl.col("count") >= enough)["last_contact"].to_list())
    return days | ({cutoff} if cutoff is not None else set())


def trimmed(
    frames: Mapping[str, pl.DataFrame], cutoff: date | None, identity: Identity
) -> tuple[dict[str, pl.DataFrame], int, int]:
    """Follow-up that ends on an administrative day ends 1 to 60 days earlier.

    It never ends before the patient's last other record.

    Returns
    -------
    frames : dict
        The tables, `patients` with other last contacts.
    moved, kept : int
        Patients whose last contact was moved, and those for whom another record of that day
        forbids it.
    """
    out = dict(frames)
    patients = frames["patients"]
    days = administrative_days(patients, cutoff)
    if not days:
        return out, 0, 0
    latest = _latest_records(frames)
    new: list[date | None] = []
    moved = kept = 0
    for patient, last, death in patients.select(
        "patient", "last_contact", "death_date"
    ).iter_rows():
        if last is None or death is not None or last not in days:
            new.append(last)
            continue
        earlier = date.fromordinal(last.toordinal() - identity.trim(patient))
        end = max(earlier, latest.get(patient, earlier))
        if end < last:
            moved += 1
        else:
            kept += 1
        new.append(min(end, last))
    out["patients"] = patients.with_columns(pl.Series("last_contact", new, dtype=pl.Date))
    return out, moved, kept
