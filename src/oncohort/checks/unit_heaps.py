"""Steady measurements in two units at once, and whole columns in a unit that nearly fits.

Hemoglobin in mmol/L is 0.62 of that in g/dL, a weight in pounds 2.2 times that in kilograms: each
value could be a patient's. Together they make two heaps, one the other times the ratio of the
units, or a cohort in which nobody is healthy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

from oncohort.checks.quantities import factor_of, measured_columns, without_brackets
from oncohort.checks.rule import Data, rule
from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.quantities import SPREAD

NEAR_UNITS = {
    "hemoglobin": (("mmol/L", 1 / 1.611),),
    "weight": (("pounds", 2.2046),),
    "height": (("inches", 1 / 2.54),),
}
"""By measurement: another unit, and a value in it divided by the value in the declared one."""
SINGLE = ("weight", "height")
"""Measurements of which a single value tells its unit; a single low hemoglobin is an anaemia."""
ENOUGH = 16
"""Values below which two heaps may be chance."""
FEWEST = 3
"""Values that make a heap."""
PARTED = 0.72
"""Share of the variance (of logarithms) that lies between the heaps; of one heap it is 0.64."""
MORE_OF_FEW = 0.9
"""Divided by the number of values, what the share has to be more: few are parted by chance."""
CLOSE = math.log(1.18)
"""How near the ratio of the heaps' means has to be to that of the units."""
FAR_OUT, ALONE = 2.5, 3.0
"""Quartile ranges (of logarithms) beyond the quartiles: of several values, of a single one."""
HIGHEST_OF_MMOL = 10.3
"""Hemoglobin: 95 of 100 patients of a cohort in mmol/L lie below it; in g/dL hardly any cohort."""
MEDIANS_OF_MMOL = (8.0, 9.7)
"""Below them a rule of its own tells that hardly any cohort has such a median in g/dL."""


@dataclass(frozen=True, slots=True)
class Heap:
    """The values that are in the other unit: how many, which rows, and the unit."""

    rows: pl.DataFrame
    unit: str
    low: float
    high: float
    """What the others reach from and to."""


def heap_in(rows: pl.DataFrame, value: str, name: str, factor: float) -> Heap | None:
    """The values of a steady measurement that stand in another unit than the rest.

    Parameters
    ----------
    rows
        One row per value, without missing ones.
    value, name
        The column of the values; the measurement.
    factor
        From the unit of the values to the one in which the measurement is calculated.
    """
    units = NEAR_UNITS.get(name)
    held = rows.filter(pl.col(value) > 0).sort(value, maintain_order=True)
    if units is None or held.height < ENOUGH or not 0.99 < factor < 1.01:
        return None
    logs = np.log(held[value].cast(pl.Float64).to_numpy())
    k, share = _split(logs)
    apart = float(logs[k:].mean() - logs[:k].mean())
    for unit, ratio in units:
        above = ratio > 1
        parted = share >= PARTED + MORE_OF_FEW / logs.size
        if parted and abs(apart - abs(math.log(ratio))) <= CLOSE:
            other, rest = (held[k:], held[:k]) if above else (held[:k], held[k:])
        elif name not in SINGLE:
            continue
        else:
            beyond = _beyond(logs, math.log(ratio))
            if not 0 < beyond.sum() <= max(FEWEST, logs.size // 10):
                continue
            other, rest = held.filter(pl.Series(beyond)), held.filter(pl.Series(~beyond))
        known = rest[value].cast(pl.Float64)
        return Heap(other, unit, float(known.to_numpy().min()), float(known.to_numpy().max()))
    return None


def _split(logs: np.ndarray) -> tuple[int, float]:
    """Where two heaps of sorted values are best parted, and the share of the variance between."""
    n = logs.size
    total = float(((logs - logs.mean()) ** 2).sum())
    if total == 0:
        return n // 2, 0.0
    k = np.arange(FEWEST, n - FEWEST + 1)
    left = np.cumsum(logs)[k - 1] / k
    right = (logs.sum() - np.cumsum(logs)[k - 1]) / (n - k)
    between = k * (n - k) / n * (right - left) ** 2
    best = int(between.argmax())
    return int(k[best]), float(between[best]) / total


def _beyond(logs: np.ndarray, ratio: float) -> np.ndarray:
    """Values far out on the side of the other unit, that are ordinary ones once converted."""
    q1, median, q3 = np.quantile(logs, [0.25, 0.5, 0.75])
    distance = (logs - q3 if ratio > 0 else q1 - logs) / max(q3 - q1, 1e-9)
    far = distance > FAR_OUT
    if far.sum() == 1:
        far = distance > ALONE
    ordinary = np.abs(logs - ratio - median) <= max(1.5 * (q3 - q1), CLOSE)
    return np.asarray(far & ordinary)


def _adults(data: Data, column: str) -> pl.DataFrame:
    """The included adults with a value: a child weighs what a slip of units would make."""
    rows = data.included(data.patients).filter(pl.col(column).is_not_null())
    if "age" in rows.columns and rows.get_column("age").dtype.is_numeric():
        rows = rows.filter(pl.col("age").fill_null(40) >= 18)
    return rows


@rule("values.two-units")
def two_units(data: Data) -> Iterator[Problem]:
    """Half in pounds, or three: each a weight of its own, together another heap."""
    for key, column, unit, name, factor in measured_columns(data):
        heap = heap_in(_adults(data, column), column, name, factor)
        if heap is None:
            continue
        yield problem(
            "values.two-units",
            place=data.at("patients", column, heap.rows["source_record"][0]),
            patient=heap.rows["patient"][0] if heap.rows.height == 1 else None,
            name=key,
            unit=unit,
            other=heap.unit,
            n=heap.rows.height,
            values=[f"{v:g}" for v in heap.rows[column].to_list()],
            patients=heap.rows["patient"].to_list(),
            low=heap.low,
            high=heap.high,
        )


@rule("values.spread")
def spread(data: Data) -> Iterator[Problem]:
    """Values of a steady measurement that spread as two units do: half in pounds, half in kg."""
    for key, column, unit, name, factor in measured_columns(data):
        most = SPREAD.get(name)
        rows = _adults(data, column)
        values = rows[column].cast(pl.Float64)
        if most is None or values.len() < ENOUGH or heap_in(rows, column, name, factor):
            continue  # the values themselves are told
        low, high = (float(values.quantile(q, "linear") or 0) for q in (0.1, 0.9))
        if low > 0 and high / low > most:
            yield problem(
                "values.spread",
                place=data.at("patients", column, None),
                name=key,
                unit=unit,
                low=low,
                high=high,
            )


@rule("labs.two-units")
def lab_two_units(data: Data) -> Iterator[Problem]:
    """Values of one test under one unit that make the heaps of two units."""
    for test, unit, name, factor, rows in _tests(data):
        heap = heap_in(rows, "value", name, factor)
        if heap is None:
            continue
        patients = heap.rows["patient"].unique(maintain_order=True).to_list()
        yield problem(
            "labs.two-units",
            place=data.at("labs", "value", heap.rows["source_record"][0]),
            patient=patients[0] if len(patients) == 1 else None,
            test=test,
            unit=unit,
            other=heap.unit,
            n=heap.rows.height,
            values=[f"{v:g}" for v in heap.rows["value"].to_list()],
            patients=patients,
            low=heap.low,
            high=heap.high,
        )


def _tests(data: Data) -> Iterator[tuple[str, str, str, float, pl.DataFrame]]:
    """Known tests by their unit: name, unit, measurement, factor, rows with a value."""
    if not data.has("labs", "test", "value", "unit"):
        return
    table = data.included(data.records.tables["labs"]).filter(pl.col("value").is_not_null())
    for (test, unit), rows in table.group_by("test", "unit", maintain_order=True):
        found = factor_of(str(test), None if unit is None else str(unit))
        if found is not None:
            yield str(test), str(unit), found[0], found[2], rows


def _like_mmol(values: pl.Series, name: str, factor: float) -> bool:
    """Hemoglobin in g/dL of a cohort in which nearly nobody reaches what is low in g/dL."""
    if name != "hemoglobin" or values.len() < 20:
        return False
    held = values.cast(pl.Float64) * factor
    low, high = MEDIANS_OF_MMOL
    middle, most = held.quantile(0.5, "linear"), held.quantile(0.95, "linear")
    if middle is None or most is None:
        return False
    return low <= middle <= high and most <= HIGHEST_OF_MMOL


@rule("values.like-another-unit")
def like_another_unit(data: Data) -> Iterator[Problem]:
    """A whole column or test of hemoglobin in mmol/L that is called g/dL."""
    for key, column, unit, name, factor in measured_columns(data):
        values = data.included(data.patients)[column].drop_nulls()
        if _like_mmol(values, name, factor):
            yield problem(
                "values.like-another-unit",
                place=Place(file="study.toml", key=f"variables.{key}.unit"),
                name=key,
                unit=unit,
                n=values.len(),
                most=float(values.max()),  # type: ignore[arg-type]
            )
    for test, unit, name, factor, rows in _tests(data):
        if _like_mmol(rows["value"], name, factor):
            yield problem(
                "values.like-another-unit",
                place=data.at("labs", "value", rows["source_record"][0]),
                name=test,
                unit=unit,
                n=rows.height,
                most=float(rows["value"].max()),  # type: ignore[arg-type]
            )


@rule("values.differential")
def differential(data: Data) -> Iterator[Problem]:
    """More neutrophils or lymphocytes than leukocytes in one row: percent, or another unit."""
    found = {name: (key, column, factor) for key, column, _, name, factor in measured_columns(data)}
    if "leukocytes" not in found:
        return
    _, whole, to_whole = found["leukocytes"]
    for name in ("neutrophils", "lymphocytes"):
        if name not in found:
            continue
        key, column, factor = found[name]
        bad = data.included(data.patients).filter(
            pl.col(column) * factor > 1.1 * pl.col(whole) * to_whole
        )
        if bad.height:
            yield problem(
                "values.differential",
                place=data.at("patients", column, bad["source_record"][0]),
                patient=bad["patient"][0] if bad.height == 1 else None,
                name=key,
                whole=whole,
                n=bad.height,
                values=[f"{v:g}" for v in bad[column].to_list()],
                patients=bad["patient"].to_list(),
            )


@rule("variables.other-measurement")
def other_measurement(data: Data) -> Iterator[Problem]:
    """A variable that is called LDH and read from the column of platelets."""
    from oncohort.records.units import analyte

    for key, variable in data.protocol.variables.items():
        column = variable.column
        if not column or variable.derive or variable.source or not data.has("patients", column):
            continue
        wanted, held = analyte(key), analyte(without_brackets(column))
        if wanted is not None and held is not None and wanted != held:
            yield problem(
                "variables.other-measurement",
                place=Place(file="study.toml", key=f"variables.{key}.column"),
                name=key,
                column=column,
            )
