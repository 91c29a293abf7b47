"""Performance status: Karnofsky and ECOG, and the three published maps between them.

The scales are not interchangeable and the maps disagree where it matters: ECOG 1 is Karnofsky
70-80 in the conventional map, so it does not say whether Karnofsky is below 80; in the maps of Ma
and of Prasad it is 80-90, so it does. A map is therefore always named, never assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from oncohort.problems import OncohortError, Place, Problem, Severity

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

__all__ = [
    "MAPS",
    "BaselinePerformance",
    "EcogMap",
    "PerformanceError",
    "baseline",
    "ecog_from_kps",
    "kps_below",
    "kps_range",
]

EcogMap = Literal["conventional", "ma2010", "prasad2018"]

MAPS: Mapping[EcogMap, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        "conventional": ((90, 100), (70, 80), (50, 60), (30, 40), (10, 20), (0, 0)),
        "ma2010": ((100, 100), (80, 90), (60, 70), (40, 50), (10, 30), (0, 0)),
        "prasad2018": ((100, 100), (80, 90), (70, 70), (50, 60), (10, 40), (0, 0)),
    }
)
"""Lowest and highest Karnofsky value of each ECOG grade 0 to 5, by map.

``conventional``: the ECOG-ACRIN table; ``ma2010``: Ma et al., Eur J Cancer 2010;
``prasad2018``: Prasad et al., 2018.
"""


class PerformanceError(OncohortError):
    """Not a value of the scale, or an unknown map."""


def _check_kps(kps: float) -> int:
    if kps != int(kps) or not 0 <= kps <= 100 or int(kps) % 10:
        raise PerformanceError(f"Karnofsky {kps:g} is not one of 0, 10, ... 100")
    return int(kps)


def _check_map(mapping: str) -> EcogMap:
    for name in get_args(EcogMap):
        if mapping == name:
            return name  # type: ignore[no-any-return]
    raise PerformanceError(f"no map {mapping!r}; known are {', '.join(get_args(EcogMap))}")


def kps_range(ecog: float, mapping: EcogMap) -> tuple[int, int]:
    """Lowest and highest Karnofsky value that an ECOG grade stands for.

    Raises
    ------
    PerformanceError
        ECOG is not 0 to 5, or the map is unknown.

    Examples
    --------
    >>> kps_range(1, "conventional"), kps_range(1, "ma2010")
    ((70, 80), (80, 90))
    """
    table = MAPS[_check_map(mapping)]
    if ecog != int(ecog) or not 0 <= ecog <= 5:
        raise PerformanceError(f"ECOG {ecog:g} is not one of 0 to 5")
    return table[int(ecog)]


def ecog_from_kps(kps: float, mapping: EcogMap) -> int:
    """ECOG grade of a Karnofsky value under a named map.

    Examples
    --------
    >>> [ecog_from_kps(k, "conventional") for k in (100, 90, 80, 70, 60, 50, 0)]
    [0, 0, 1, 1, 2, 2, 5]
    """
    value = _check_kps(kps)
    table = MAPS[_check_map(mapping)]
    return next(grade for grade, (low, high) in enumerate(table) if low <= value <= high)


def kps_below(
    threshold: int,
    *,
    kps: float | None = None,
    ecog: float | None = None,
    mapping: EcogMap | None = None,
) -> bool | None:
    """Whether Karnofsky is below a threshold; None where that can't be known.

    Karnofsky decides where it is there. ECOG decides under a named map if the whole range of its
    grade lies on one side; without a map, if that holds in all three.

    Examples
    --------
    >>> kps_below(80, kps=70), kps_below(80, ecog=1, mapping="conventional")
    (True, None)
    >>> kps_below(80, ecog=1, mapping="prasad2018"), kps_below(80, ecog=1)
    (False, None)
    >>> kps_below(80, ecog=2)
    True
    """
    if kps is not None:
        return _check_kps(kps) < threshold
    if ecog is None:
        return None
    if mapping is None:
        answers = {kps_below(threshold, ecog=ecog, mapping=one) for one in MAPS}
        return answers.pop() if len(answers) == 1 else None
    low, high = kps_range(ecog, mapping)
    if high < threshold:
        return True
    return False if low >= threshold else None


@dataclass(frozen=True, slots=True)
class BaselinePerformance:
    """Baseline performance of each patient: ``patient, kps, kps_date, kps_row, ecog, ecog_date,
    ecog_row``; and values that are not of their scale."""

    table: pl.DataFrame
    problems: tuple[Problem, ...]


def baseline(
    patients: IntoDataFrame,
    performance: IntoDataFrame | None = None,
    *,
    origin: str = "treatment_start",
    before: int = 28,
    after: int = 0,
) -> BaselinePerformance:
    """Karnofsky and ECOG of each patient at baseline, each on its own scale.

    The dated record in the window wins (the last one); otherwise the patient's own ``kps`` or
    ``ecog`` column, which charts fill in for the baseline.

    Parameters
    ----------
    patients
        ``patient``, the date column ``origin``, and ``kps``, ``ecog`` where present.
    performance
        ``patient, date, scale`` (Karnofsky or ECOG), ``value``.

    Examples
    --------
    >>> import polars as pl
    >>> baseline(pl.DataFrame({"patient": ["a"], "kps": [75.0]})).problems[0].id
    'performance.not-on-scale'
    """
    from oncohort.criteria.frames import frame_in
    from oncohort.criteria.window import last_in_window

    patients = frame_in(patients, "patients")
    performance = (
        None
        if performance is None
        else frame_in(performance, "performance", ("patient", "date", "scale", "value"))
    )
    frame = patients
    for column in ("kps", "ecog"):
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
    if "source_row" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("source_row"))
    table = frame.select(
        "patient", pl.col("kps").cast(pl.Float64), pl.col("ecog").cast(pl.Float64), "source_row"
    )
    for scale, column in (("Karnofsky", "kps"), ("ECOG", "ecog")):
        if performance is None or performance.is_empty() or origin not in frame.columns:
            dated = (
                table.select("patient")
                .clear()
                .with_columns(
                    pl.lit(None, dtype=pl.Float64).alias("_value"),
                    pl.lit(None, dtype=pl.Date).alias(f"{column}_date"),
                    pl.lit(None, dtype=pl.Int64).alias("_row"),
                )
            )
        else:
            rows = performance.filter(pl.col("scale") == scale, pl.col("value").is_not_null())
            if "source_row" not in rows.columns:
                rows = rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("source_row"))
            dated = last_in_window(
                rows, patients, by=[], origin=origin, before=before, after=after
            ).select(
                "patient",
                pl.col("value").cast(pl.Float64).alias("_value"),
                pl.col("date").alias(f"{column}_date"),
                pl.col("source_row").alias("_row"),
            )
        table = (
            table.join(dated, on="patient", how="left", maintain_order="left")
            .with_columns(
                pl.when(pl.col("_value").is_not_null())
                .then(pl.col("_row"))
                .when(pl.col(column).is_not_null())
                .then(pl.col("source_row"))
                .alias(f"{column}_row"),
                pl.coalesce("_value", column).alias(column),
            )
            .drop("_value", "_row")
        )
    wrong_kps = pl.col("kps").is_not_null() & (
        ~pl.col("kps").is_between(0, 100) | (pl.col("kps") % 10 != 0)
    )
    wrong_ecog = pl.col("ecog").is_not_null() & (
        ~pl.col("ecog").is_between(0, 5) | (pl.col("ecog") % 1 != 0)
    )
    problems = [
        Problem(
            id="performance.not-on-scale",
            severity=Severity.ERROR,
            what=f"{label} {row[column]:g} is not a value of the scale.",
            why="The risk score needs to know on which side of 80 it lies.",
            todo="Correct the value; Karnofsky goes in steps of 10, ECOG from 0 to 5.",
            place=Place(row=row[f"{column}_row"], column=column, key="tables.performance"),
            patient=row["patient"],
        )
        for column, wrong, label in (("kps", wrong_kps, "Karnofsky"), ("ecog", wrong_ecog, "ECOG"))
        for row in table.filter(wrong).iter_rows(named=True)
    ]
    table = table.with_columns(
        pl.when(~wrong_kps).then(pl.col("kps")).alias("kps"),
        pl.when(~wrong_ecog).then(pl.col("ecog")).alias("ecog"),
    ).drop("source_row")
    return BaselinePerformance(table, tuple(problems))
