"""What could still tell who somebody is: it is said, since no rule can take it out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from oncohort.study.deidentify.columns import RARE, hardly_shared
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES

FEW = 10
"""Columns with so many different words are counted together."""
_DECLARED = ("patient", "lesion", "merged_into", "reader")


def _smallest_group(patients: pl.DataFrame) -> list[str]:
    keys: dict[str, pl.Expr] = {}
    if patients["sex"].null_count() < patients.height:
        keys["sex"] = pl.col("sex")
    if patients["age"].null_count() < patients.height:
        keys["decade of age"] = (pl.col("age") // 10 * 10).alias("decade")
    if not keys:
        return []
    sizes = patients.group_by(*keys.values()).len()["len"].to_list()
    alone, least = sizes.count(1), min(sizes)
    words = f"By {' and '.join(keys)} the smallest group has {counted(least, 'patient')}"
    return [words + (f"; {alone} patients stand alone." if alone > 1 else ".")]


def _alone(patients: pl.DataFrame) -> list[str]:
    """Patients whose words and decade of age together are nobody else's."""
    words = [
        column
        for column, kind in patients.schema.items()
        if kind in (pl.String, pl.Boolean)
        and column not in _DECLARED
        and not column.endswith("_precision")
        and 1 < patients[column].n_unique() <= FEW
    ]
    if len(words) < 2:
        return []
    decade = (pl.col("age") // 10).alias("decade")
    sizes = patients.group_by(*words, decade).len()["len"].to_list()
    alone = sizes.count(1)
    listed = ", ".join(words)
    who = counted(alone, "patient stands", "patients stand")
    return [f"By age and all of {listed} together, {who} alone."] if alone else []


def _years(patients: pl.DataFrame, own: set[str]) -> list[str]:
    out = []
    for column in patients.columns:
        values = patients[column].drop_nulls()
        if column in own or not values.len() or not values.dtype.is_numeric():
            continue
        low, high = values.min(), values.max()
        if isinstance(low, int | float) and isinstance(high, int | float):
            whole = (values == values.round()).all() if values.dtype.is_float() else True
            if whole and low >= 1900 and high <= 2100:
                out.append(f'"{column}" looks like calendar years.')
    return out


def _rare_values(name: str, frame: pl.DataFrame) -> list[str]:
    out = []
    levels = TABLES[name].levels
    for column, kind in frame.schema.items():
        if kind != pl.String or column in _DECLARED or column in levels:
            continue
        if column.endswith("_precision"):
            continue
        by = (
            frame.select("patient", column)
            .drop_nulls()
            .unique(maintain_order=True)
            .group_by(column)
            .len()
        )
        rare = int((by["len"] < RARE).sum())
        if rare:
            title = column if name == "patients" else f"{name}.{column}"
            verb = "values" if rare > 1 else "value"
            out.append(f'"{title}" has {rare} {verb} that fewer than {RARE} patients share.')
    return out


def _rare_numbers(patients: pl.DataFrame, known: Collection[str]) -> list[str]:
    """Numbers that no analysis reads, and that only one or two patients have."""
    out = []
    for column in patients.columns:
        if column in known or not patients.get_column(column).dtype.is_numeric():
            continue
        if rare := hardly_shared(patients[column]):
            out.append(f'"{column}" has {rare} numbers that fewer than {RARE} patients share.')
    return out


def remains(frames: Mapping[str, pl.DataFrame], used: Collection[str] = ()) -> list[str]:
    """Smallest groups by sex and age, rare values of every text column, years, terms.

    Parameters
    ----------
    frames
        The tables of the copy.
    used
        Columns of patients that the protocol reads.
    """
    patients = frames["patients"]
    own = {"patient", *TABLES["patients"].kinds}
    out = _smallest_group(patients) + _alone(patients) + _years(patients, own)
    out += _rare_numbers(patients, own | set(used))
    for name, frame in frames.items():
        out += _rare_values(name, frame)
    for name in ("adverse_events", "procedures"):
        if name in frames and frames[name].height:
            out.append(f"{name} are as charted: rare ones may be known to others.")
    out.append("Shifts are at most a year: the years of the study stay visible.")
    out.append("The title and the labels in study.toml are yours: read them first.")
    return out
