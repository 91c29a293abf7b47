"""Performance status: Karnofsky and ECOG, and the three published maps between them.

The scales are not interchangeable and the maps disagree where it matters: ECOG 1 is Karnofsky
70-80 in the conventional map, so it does not say whether Karnofsky is below 80; in the maps of Ma
and of Prasad it is 80-90, so it does. A map is therefore always named, never assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.vocabulary.versions import EcogMap

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

_DATED: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "date": pl.Date(),
    "value": pl.Float64(),
    "source_row": pl.Int64(),
}
SCALES: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {"Karnofsky": ("kps", 100, 10), "ECOG": ("ecog", 5, 1)}
)
"""Scale to the patient's own column, its highest value and its step."""

__all__ = [
    "MAPS",
    "BaselinePerformance",
    "EcogMap",
    "PerformanceError",
    "baseline",
    "kps_below",
    "kps_range",
]

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
    from oncohort.criteria.frames import frame_in, with_absent
    from oncohort.criteria.window import last_in_window

    patients = frame_in(patients, "patients")
    performance = (
        None
        if performance is None
        else frame_in(performance, "performance", ("patient", "date", "scale", "value"))
    )
    people = with_absent(
        patients, {"kps": pl.Float64(), "ecog": pl.Float64(), "source_row": pl.Int64()}
    )
    table = people.select("patient", pl.col("kps", "ecog").cast(pl.Float64), "source_row")
    problems: list[Problem] = []
    for scale, (column, highest, step) in SCALES.items():
        if performance is None or origin not in patients.columns:
            dated = pl.DataFrame(schema=_DATED)
        else:
            charted = performance.filter(pl.col("scale") == scale, pl.col("value").is_not_null())
            rows = with_absent(charted, {"source_row": pl.Int64()})
            dated = last_in_window(rows, patients, by=[], origin=origin, before=before, after=after)
        table = _with_dated(table, dated, column)
        value = pl.col(column)
        wrong = value.is_not_null() & (~value.is_between(0, highest) | (value % step != 0))
        problems += _not_on_scale(table.filter(wrong), scale, column)
        table = table.with_columns(pl.when(~wrong).then(value).alias(column))
    columns = ["patient"]
    for column, *_ in SCALES.values():
        columns += [column, f"{column}_date", f"{column}_row"]
    return BaselinePerformance(table.select(columns), tuple(problems))


def _with_dated(table: pl.DataFrame, dated: pl.DataFrame, column: str) -> pl.DataFrame:
    """The dated record in the patient's own column where there is one, with its day and row."""
    found = dated.select(
        "patient",
        pl.col("value").cast(pl.Float64).alias("_value"),
        pl.col("date").alias(f"{column}_date"),
        pl.col("source_row").alias("_row"),
    )
    is_dated = pl.col("_value").is_not_null()
    own_row = pl.when(pl.col(column).is_not_null()).then("source_row")
    return (
        table.join(found, on="patient", how="left", maintain_order="left")
        .with_columns(
            is_dated.alias(f"{column}_dated"),
            pl.when(is_dated).then("_row").otherwise(own_row).alias(f"{column}_row"),
            pl.coalesce("_value", column).alias(column),
        )
        .drop("_value", "_row")
    )


def _not_on_scale(rows: pl.DataFrame, scale: str, column: str) -> list[Problem]:
    out = []
    for row in rows.iter_rows(named=True):
        table, cell = ("performance", "value") if row[f"{column}_dated"] else ("patients", column)
        out.append(
            problem(
                "performance.not-on-scale",
                place=Place(row=row[f"{column}_row"], column=cell, key=f"tables.{table}"),
                patient=row["patient"],
                table=table,
                column=cell,
                row=row[f"{column}_row"],
                label=scale,
                value=row[column],
            )
        )
    return out
