"""What the risk scores share: factors with reasons, missing ones kept missing, groups by bounds.

A factor that is not known is never counted as absent. Every score is a range: the factors known
to be present, and those plus the unknown ones; the group stands only where both ends agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem

__all__ = ["Factor", "LabFactor", "Limit", "Score"]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a score: present, absent, or not known (None), and why."""

    name: str
    present: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """A risk score of one patient.

    Attributes
    ----------
    low, high
        Number of factors known to be present; the same plus the unknown ones.
    group
        The risk group, or None where the bounds fall into different groups.
    """

    model: str
    factors: tuple[Factor, ...]
    low: int
    high: int
    group: str | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the factors that are not known."""
        return tuple(f.name for f in self.factors if f.present is None)

    @property
    def reason(self) -> str:
        """The call in one sentence."""
        known = "; ".join(f.reason for f in self.factors if f.present)
        unknown = "; ".join(f.reason for f in self.factors if f.present is None)
        total = f"{self.low}" if self.low == self.high else f"{self.low} to {self.high}"
        text = f"{self.model} {total} of {len(self.factors)}: {self.group or 'indeterminate'}"
        if known:
            text += f" ({known})"
        if unknown:
            text += f"; not known: {unknown}"
        return text


@dataclass(frozen=True, slots=True)
class Limit:
    """Limits of normal declared for a study, for rows that carry none of their own.

    Examples
    --------
    >>> Limit("hemoglobin", "g/dL", lower=13.5, sex="male")
    Limit(test='hemoglobin', unit='g/dL', lower=13.5, upper=None, sex='male')
    """

    test: str
    unit: str
    lower: float | None = None
    upper: float | None = None
    sex: Literal["male", "female"] | None = None


@dataclass(frozen=True, slots=True)
class LabFactor:
    """A laboratory factor: below the lower limit, above a multiple of the upper, or a fixed one."""

    name: str
    analyte: str
    side: Literal["low", "high"]
    times: float = 1.0
    fixed: float | None = None
    """In the analyte's own unit; takes the place of the laboratory's limit."""
    fixed_by_sex: Mapping[str, float] | None = None
    inclusive: bool = False


def group_of(count: int, groups: Sequence[tuple[int, str]]) -> str:
    """Group of a number of factors; ``groups`` holds the lowest number of each, ascending."""
    return [name for least, name in groups if count >= least][-1]


def combine(model: str, factors: Sequence[Factor], groups: Sequence[tuple[int, str]]) -> Score:
    """Add factors up to a score with bounds."""
    low = sum(f.present is True for f in factors)
    high = low + sum(f.present is None for f in factors)
    low_group, high_group = group_of(low, groups), group_of(high, groups)
    return Score(model, tuple(factors), low, high, low_group if low_group == high_group else None)


def scored(
    evidence: pl.DataFrame,
    patients: pl.DataFrame,
    *,
    prefix: str,
    factors: Sequence[str],
    groups: Sequence[tuple[int, str]],
    charted: str | None,
) -> tuple[pl.DataFrame, list[Problem]]:
    """One row per patient: factors, bounds, group, and the charted group beside it."""
    names = [f"{prefix}_{f}" for f in factors]
    wide = patients.select("patient")
    for factor, name in zip(factors, names, strict=True):
        wide = wide.join(
            evidence.filter(pl.col("factor") == factor).select(
                "patient", pl.col("present").alias(name)
            ),
            on="patient",
            how="left",
            maintain_order="left",
        )
    low = pl.sum_horizontal(pl.col(n).fill_null(False).cast(pl.Int64) for n in names)
    unknown = pl.sum_horizontal(pl.col(n).is_null().cast(pl.Int64) for n in names)
    by_count = {k: group_of(k, groups) for k in range(len(factors) + 1)}
    missing = pl.concat_list(
        pl.when(pl.col(n).is_null()).then(pl.lit(f)) for f, n in zip(factors, names, strict=True)
    ).list.drop_nulls()
    wide = wide.with_columns(low.alias(f"{prefix}_low"), (low + unknown).alias(f"{prefix}_high"))
    group_low = pl.col(f"{prefix}_low").replace_strict(by_count, return_dtype=pl.String)
    group_high = pl.col(f"{prefix}_high").replace_strict(by_count, return_dtype=pl.String)
    wide = wide.with_columns(
        pl.when(group_low == group_high).then(group_low).alias(f"{prefix}_group"),
        missing.alias(f"{prefix}_missing"),
    )
    if charted is None or charted not in patients.columns:
        chart = pl.lit(None, dtype=pl.String)
        wide = wide.with_columns(chart.alias(f"{prefix}_charted"))
    else:
        wide = wide.join(
            patients.select("patient", pl.col(charted).cast(pl.String).alias(f"{prefix}_charted")),
            on="patient",
            how="left",
            maintain_order="left",
        )
    wide = wide.with_columns(
        (pl.col(f"{prefix}_group") == pl.col(f"{prefix}_charted")).alias(f"{prefix}_agrees")
    )
    problems = [
        problem(
            f"{_score(prefix)}.charted-differs",
            place=Place(column=charted, key="tables.patients"),
            patient=row["patient"],
            charted=row[f"{prefix}_charted"],
            derived=row[f"{prefix}_group"],
            low=row[f"{prefix}_low"],
        )
        for row in wide.filter(~pl.col(f"{prefix}_agrees")).iter_rows(named=True)
    ]
    return wide, problems


def _score(prefix: str) -> str:
    """The score, whatever its line of treatment: `mskcc_second_line` is `mskcc`."""
    return prefix.partition("_")[0]


def indeterminate_problem(table: pl.DataFrame, prefix: str, model: str) -> list[Problem]:
    """One warning that counts the patients without a group, by missing factor."""
    open_ = table.filter(pl.col(f"{prefix}_group").is_null())
    if not open_.height:
        return []
    counts = (
        open_.select(pl.col(f"{prefix}_missing").explode().alias("factor"))
        .group_by("factor")
        .len()
        .sort(["len", "factor"], descending=[True, False])
    )
    return [
        problem(
            f"{_score(prefix)}.indeterminate",
            open=open_.height,
            n=table.height,
            model=model,
            factors=[f"{factor} {n}" for factor, n in counts.iter_rows()],
        )
    ]
