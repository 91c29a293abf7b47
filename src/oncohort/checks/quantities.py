"""Measurements against what they can be in their unit: patients' columns, medians, limits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.indices import INDICES
from oncohort.vocabulary.quantities import BODY_MASS_INDEX, MARKERS, QUANTITIES, Quantity

ENOUGH = 8
"""Values below which a median says nothing."""
_IN_BRACKETS = re.compile(r"[\[(]([^\[\]()]{1,30})[\])]")


def factor_of(test: str, unit: str | None) -> tuple[str, str, float] | None:
    """The measurement that a name means, its unit, and the factor to it; None if not known."""
    from oncohort.records.units import UnitError, analyte, ratio

    index = test.strip().lower()
    if index in INDICES and index in QUANTITIES:
        return index, INDICES[index].unit, 1.0  # made of counts in their usual units
    known = analyte(test)
    if known is None or known.name not in QUANTITIES or not unit:
        return None
    try:
        return known.name, known.unit, float(ratio(known, unit, known.unit))
    except UnitError:
        return None  # told by the rules of units


def without_brackets(column: str) -> str:
    """The name of a column without its unit.

    Examples
    --------
    >>> without_brackets("Platelets (10^9/L)")
    'Platelets'
    """
    return _IN_BRACKETS.sub(" ", column).strip()


def measured_columns(data: Data) -> Iterator[tuple[str, str, str, str, float]]:
    """Columns of patients that are a known measurement with a declared unit.

    Yields the variable's key, its column, its unit, the measurement, and the factor to the unit
    that is calculated in.
    """
    for key, variable in data.protocol.variables.items():
        column = variable.column or key
        if variable.derive or variable.source or not data.has("patients", column):
            continue
        if not data.patients.get_column(column).dtype.is_numeric():
            continue
        inside = _IN_BRACKETS.search(column)
        unit = variable.unit or (inside[1] if inside else "")
        for name in dict.fromkeys((key, without_brackets(column))):
            found = factor_of(name, unit)
            if found is not None:
                yield key, column, unit, found[0], found[2]
                break
    yield from _of_body_size(data)


def _of_body_size(data: Data) -> Iterator[tuple[str, str, str, str, float]]:
    """Weight and height by which doses are reckoned, where no variable has them."""
    if all(plan.unit == "mg" for plan in data.protocol.exposure.values()):
        return
    held = {v.column or key for key, v in data.protocol.variables.items()}
    for column, unit, name in (("weight_kg", "kg", "weight"), ("height_cm", "cm", "height")):
        numeric = data.patients.schema.get(column, pl.String()).is_numeric()
        if column not in held and numeric and data.has("patients", column):
            yield column, column, unit, name, 1.0


@rule("values.implausible")
def implausible(data: Data) -> Iterator[Problem]:
    """Values of a measurement that nobody has in the declared unit."""
    for key, column, unit, name, factor in measured_columns(data):
        low, high = QUANTITIES[name].possible
        value = pl.col(column).cast(pl.Float64) * factor
        frame = data.included(data.patients).filter(pl.col(column).is_not_null())
        # A negative number among others is told by a rule of its own.
        alone = (value < 0).all()
        bad = frame.filter(((value < low) & ((value >= 0) | alone)) | (value > high))
        yield from data.problems(
            "values.implausible",
            bad,
            "patients",
            column,
            name=key,
            value=pl.col(column),
            unit=unit,
            low=low / factor,
            high=high / factor,
        )


GROWING = ("weight", "height", "creatinine", "alp")
"""Measurements of which the medians of cohorts are those of adults."""
GROWN = 16.0


def of_children(data: Data) -> bool:
    """Are half of the patients, or more, still growing?"""
    ages = data.included(data.patients).get_column("age", default=None)
    if ages is None or not ages.dtype.is_numeric():
        return False
    median = ages.median()
    return isinstance(median, int | float) and median < GROWN


def _median_odd(values: pl.Series, usual: Quantity, factor: float) -> float | None:
    """The median of some values, where no cohort has it in the unit that is calculated in."""
    if usual.median is None or values.len() < ENOUGH:
        return None
    median = values.median()
    if not isinstance(median, float | int):
        return None
    low, high = usual.median
    return float(median) if not low <= median * factor <= high else None


@rule("values.median-unlikely")
def column_median(data: Data) -> Iterator[Problem]:
    """A whole column in another unit than the declared one."""
    for key, column, unit, name, factor in measured_columns(data):
        values = data.included(data.patients)[column].drop_nulls()
        usual = QUANTITIES[name]
        median = _median_odd(values, usual, factor)
        if name == "height" and "weight" not in {n for *_, n, _ in measured_columns(data)}:
            continue  # "size" may be that of a tumour
        if name in GROWING and of_children(data):
            continue
        if median is not None and usual.median is not None:
            low, high = usual.median
            yield problem(
                "values.median-unlikely",
                place=Place(file="study.toml", key=f"variables.{key}.unit")
                if key in data.protocol.variables
                else data.at("patients", column, None),
                name=key,
                median=median,
                unit=unit or "(a ratio)",
                low=low / factor,
                high=high / factor,
            )


@rule("labs.median-unlikely")
def lab_median(data: Data) -> Iterator[Problem]:
    """A whole test in another unit than its rows say."""
    if not data.has("labs", "test", "value", "unit"):
        return
    table = data.included(data.records.tables["labs"]).filter(pl.col("value").is_not_null())
    for (test, unit), rows in table.group_by("test", "unit", maintain_order=True):
        found = factor_of(str(test), str(unit))
        if found is None or rows["patient"].n_unique() < ENOUGH:
            continue
        name, _, factor = found
        usual = QUANTITIES[name]
        if name in GROWING and of_children(data):
            continue
        median = _median_odd(rows["value"], usual, factor)
        if median is not None and usual.median is not None:
            low, high = usual.median
            yield problem(
                "labs.median-unlikely",
                place=data.at("labs", "unit", rows["source_record"][0]),
                test=test,
                n=rows.height,
                median=median,
                unit=unit,
                low=low / factor,
                high=high / factor,
            )


@rule("labs.upper-limit")
def upper_limit(data: Data) -> Iterator[Problem]:
    """Upper limits of normal that no laboratory prints in that unit: 0, or another unit's."""
    if not data.has("labs", "test", "upper_limit"):
        return
    table = data.included(data.records.tables["labs"]).filter(pl.col("upper_limit").is_not_null())
    zero = table.filter(pl.col("upper_limit") <= 0)
    for (test,), rows in zero.group_by("test", maintain_order=True):
        yield problem(
            "labs.upper-limit",
            "zero",
            place=data.at("labs", "upper_limit", rows["source_record"][0]),
            patient=rows["patient"][0] if rows["patient"].n_unique() == 1 else None,
            test=test or "A test",
            n=rows.height,
            limit=rows["upper_limit"][0],
            patients=rows["patient"].unique(maintain_order=True).to_list(),
        )
    # Limits the wrong way round are told by a rule of their own.
    ordered = (pl.col("lower_limit") <= pl.col("upper_limit")).fill_null(True)
    some = table.filter((pl.col("upper_limit") > 0) & ordered)
    for (test, unit, limit), rows in some.group_by(
        "test", "unit", "upper_limit", maintain_order=True
    ):
        found = factor_of(str(test), None if unit is None else str(unit))
        usual = None if found is None else QUANTITIES[found[0]].upper_limit
        if found is None or usual is None or not isinstance(limit, float):
            continue
        low, high = usual
        if low <= limit * found[2] <= high:
            continue
        yield problem(
            "labs.upper-limit",
            place=data.at("labs", "upper_limit", rows["source_record"][0]),
            patient=rows["patient"][0] if rows["patient"].n_unique() == 1 else None,
            test=test,
            n=rows.height,
            limit=limit,
            unit=unit,
            low=low / found[2],
            high=high / found[2],
            patients=rows["patient"].unique(maintain_order=True).to_list(),
        )


FARTHER = math.log(2)
"""So much nearer (on the log scale) to the others is a value as it stands than converted."""
UNITS_APART = 4.0
"""Units so many times apart, whose values can't be taken for each other's by chance."""


@rule("labs.unit-contradicts")
def unit_contradicts(data: Data) -> Iterator[Problem]:
    """A few rows in another unit whose values look like all the others: only the label differs."""
    if not data.has("labs", "test", "value", "unit"):
        return
    table = data.included(data.records.tables["labs"]).filter(pl.col("value") > 0)
    for (test,), rows in table.drop_nulls(["test", "unit"]).group_by("test", maintain_order=True):
        counts = rows["unit"].value_counts().sort("count", "unit", descending=[True, False])
        if counts.height < 2 or counts["count"][0] < ENOUGH:
            continue
        usual = counts["unit"][0]
        main = rows.filter(pl.col("unit") == usual)["value"]
        middle = math.log(float(main.median() or 1))  # type: ignore[arg-type]
        far = float(main.quantile(0.95) or 0), float(main.quantile(0.05) or 0)
        first = factor_of(str(test), usual)
        for other in counts["unit"][1:]:
            second = factor_of(str(test), other)
            if first is None or second is None:
                continue
            ratio = second[2] / first[2]
            if 1 / UNITS_APART < ratio < UNITS_APART:
                continue
            own = rows.filter(pl.col("unit") == other)
            value = math.log(float(own["value"].median() or 1))  # type: ignore[arg-type]
            turned = value + math.log(ratio)
            beyond = math.exp(turned) > far[0] or math.exp(turned) < far[1]
            if beyond and abs(value - middle) + FARTHER < abs(turned - middle):
                yield problem(
                    "labs.unit-contradicts",
                    place=data.at("labs", "unit", own["source_record"][0]),
                    patient=own["patient"][0] if own["patient"].n_unique() == 1 else None,
                    test=test,
                    n=own.height,
                    unit=other,
                    usual=usual,
                    values=[f"{v:g}" for v in own["value"].to_list()],
                    patients=own["patient"].unique(maintain_order=True).to_list(),
                )


@rule("labs.zero")
def zero(data: Data) -> Iterator[Problem]:
    """0 of a test that is hardly ever 0: the cell was meant to be blank."""
    if not data.has("labs", "test", "value"):
        return
    table = data.included(data.records.tables["labs"]).filter(pl.col("value").is_not_null())
    if table.filter(pl.col("value") == 0).is_empty():
        return
    for (test,), rows in table.group_by("test", maintain_order=True):
        held = rows.filter(pl.col("value") == 0)
        units = held["unit"].drop_nulls().to_list()
        found = factor_of(str(test), units[0] if units else None)
        if found is None or found[0] in ("crp", *MARKERS) or QUANTITIES[found[0]].possible[0] > 0:
            continue  # below the limit of detection, or told as a value that can't be
        if held.height > max(2, rows.height / 20):
            continue  # after some treatments it is a value
        for row in held.iter_rows(named=True):
            yield data.problem("labs.zero", row=row, table="labs", column="value", test=test)


@rule("values.body")
def body(data: Data) -> Iterator[Problem]:
    """Weight and height of one adult that do not go together."""
    found = {name: (column, factor) for _, column, _, name, factor in measured_columns(data)}
    if not {"weight", "height"} <= found.keys():
        return
    (weight, kg), (height, cm) = found["weight"], found["height"]
    frame = data.included(data.patients).filter((pl.col(weight) > 0) & (pl.col(height) > 0))
    if "age" in frame.columns and frame.get_column("age").dtype.is_numeric():
        frame = frame.filter(pl.col("age").fill_null(40) >= 18)
    index = pl.col(weight) * kg / (pl.col(height) * cm / 100) ** 2
    low, high = BODY_MASS_INDEX
    bad = frame.with_columns(_index=index).filter(~pl.col("_index").is_between(low, high))
    yield from data.notices(
        "values.body",
        bad,
        "patients",
        weight,
        weight=pl.col(weight),
        height=pl.col(height),
        index=pl.col("_index"),
    )


@rule("values.percent-scale")
def percent_scale(data: Data) -> Iterator[Problem]:
    """Fractions among percentages, and percentages above 100."""
    change = data.protocol.response.best_change if data.protocol.response else None
    for key, variable in data.protocol.variables.items():
        column = variable.column or key
        if variable.unit.strip() != "%" or variable.derive or variable.source or column == change:
            continue
        if (
            not data.has("patients", column)
            or not data.patients.get_column(column).dtype.is_numeric()
        ):
            continue
        rows = data.included(data.patients).filter(pl.col(column).is_not_null())
        value = pl.col(column).cast(pl.Float64)
        fractions = rows.filter((value > 0) & (value < 1))
        above = rows.filter(value > 100)
        cases = (("", fractions), ("above", above))
        for case, own in cases:
            # A column of fractions as a whole, or of percentages of normal, is one scale.
            if not own.height or rows.height < ENOUGH:
                continue
            if own.height > rows.height / 2:
                if not case and float(rows[column].max()) <= 1:  # type: ignore[arg-type]
                    yield problem(
                        "values.percent-scale",
                        "all",
                        place=Place(file="study.toml", key=f"variables.{key}.unit"),
                        name=key,
                        largest=rows[column].max(),
                    )
                continue
            if case == "above" and own.height > max(2, rows.height / 10):
                continue
            yield problem(
                "values.percent-scale",
                case,
                place=data.at("patients", column, own["source_record"][0]),
                patient=own["patient"][0] if own.height == 1 else None,
                name=key,
                n=own.height,
                values=[f"{v:g}" for v in own[column].to_list()],
                patients=own["patient"].to_list(),
            )


@rule("labs.differential")
def differential(data: Data) -> Iterator[Problem]:
    """More neutrophils or lymphocytes than leukocytes on one day."""
    from oncohort.records.units import analyte

    if not data.has("labs", "test", "value", "unit", "date"):
        return
    table = data.included(data.records.tables["labs"])
    names = {
        t: known.name
        for t in table["test"].unique(maintain_order=True)
        if (known := analyte(t)) is not None
    }
    if "leukocytes" not in names.values():
        return
    rows = table.with_columns(
        _name=pl.col("test").replace_strict(names, default=None, return_dtype=pl.String)
    ).filter(pl.col("_name").is_in(["leukocytes", "neutrophils", "lymphocytes"]))
    keys = ["patient", "date", "unit"]
    whole = (
        rows.filter(pl.col("_name") == "leukocytes").group_by(keys).agg(_all=pl.col("value").max())
    )
    bad = (
        rows.filter(pl.col("_name") != "leukocytes")
        .join(whole, on=keys, maintain_order="left")
        .filter(pl.col("value") > 1.1 * pl.col("_all"))
    )
    yield from data.notices(
        "labs.differential",
        bad,
        "labs",
        "value",
        test=pl.col("test"),
        value=pl.col("value"),
        unit=pl.col("unit"),
        all=pl.col("_all"),
        date=pl.col("date"),
    )
