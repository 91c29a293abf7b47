"""Columns that are made of others: body mass, body surface, sums, products, other units.

Where one column is the product, the sum or a multiple of others in nearly every row, the rows in
which it is not hold a slip.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.checks.quantities import measured_columns
from oncohort.checks.rule import MANY, Data, rule
from oncohort.checks.tumours import numbers, used_columns
from oncohort.problems import Problem, problem

Numbers = NDArray[np.float64]
MASS_OFF, SURFACE_OFF = 0.07, 0.12
"""How far an index may be from weight and height: formulas of the surface differ by a tenth."""
FEWEST = 12
"""Rows from which a relation is one."""
NEARLY_ALL = 0.9
"""Share of the rows in which the relation holds."""
ROUNDED = 0.015
"""How far a column that is made of others is from them, by rounding."""
MOST_COLUMNS = 30


def _measured(data: Data) -> dict[str, tuple[str, float]]:
    return {name: (column, factor) for _, column, _, name, factor in measured_columns(data)}


@rule("values.body-index")
def body_index(data: Data) -> Iterator[Problem]:
    """A body mass index or body surface that weight and height do not give."""
    found = _measured(data)
    if not {"weight", "height"} <= found.keys():
        return
    (weight, kg), (height, cm) = found["weight"], found["height"]
    kilos, centimetres = pl.col(weight) * kg, pl.col(height) * cm
    asked = (
        ("body_mass", kilos / (centimetres / 100) ** 2, MASS_OFF, "kg/m2"),
        ("body_surface", (kilos * centimetres / 3600).sqrt(), SURFACE_OFF, "m2"),
    )
    for idea, expected, most, unit in asked:
        for column in numbers(data, idea):
            rows = data.included(data.patients).filter(
                (pl.col(weight) > 0) & (pl.col(height) > 0) & (pl.col(column) > 0)
            )
            off = ((pl.col(column) / pl.col("_made")).log().abs()) > most
            bad = rows.with_columns(_made=expected).filter(off)
            if bad.height > max(2, rows.height / 5):
                continue  # another unit, or weights of another day
            yield from data.notices(
                "values.body-index",
                bad,
                "patients",
                column,
                name=column,
                value=pl.col(column),
                weight=pl.col(weight),
                height=pl.col(height),
                made=pl.col("_made"),
                unit=unit,
            )


@rule("values.age-against-birth-year")
def age_against_year(data: Data) -> Iterator[Problem]:
    """An age that the year of birth does not give, where it does for nearly all others."""
    if not data.has("patients", "age", "treatment_start"):
        return
    for column in numbers(data, "birth_year"):
        rows = data.included(data.patients).with_columns(
            _off=pl.col("treatment_start").dt.year() - pl.col(column) - pl.col("age")
        )
        off = rows["_off"].drop_nulls()
        if off.len() < FEWEST or column == "age":
            continue
        usual = float(off.median())  # type: ignore[arg-type]
        bad = rows.filter((pl.col("_off") - usual).abs() > 2)
        if abs(usual) > 15 or bad.height > off.len() / 10 + 1:
            continue  # the age is that of another day
        yield from data.notices(
            "values.age-against-birth-year",
            bad,
            "patients",
            "age",
            age=pl.col("age"),
            year=pl.col(column),
            start=pl.col("treatment_start"),
        )


def _near(one: Numbers, other: Numbers) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.abs(one - other) <= ROUNDED * np.abs(other))


def relations(values: Numbers) -> Iterator[tuple[str, int, int, int]]:
    """Columns made of two others, in nearly all of some rows: (how, column, first, second).

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.arange(3.0, 20.0), np.arange(50.0, 33.0, -1.0) ** 1.3
    >>> list(relations(np.column_stack([a, b, a * b])))
    [('product', 2, 0, 1)]
    """
    k = values.shape[1]
    varied = [
        j
        for j in range(k)
        if np.nanstd(values[:, j]) > 0.05 * abs(np.nanmean(values[:, j]))
        and len(np.unique(values[:, j])) > 1
        and np.nanmin(values[:, j]) > 0
    ]
    for n, first in enumerate(varied):
        for second in varied[n + 1 :]:
            made = {
                "product": values[:, first] * values[:, second],
                "sum": values[:, first] + values[:, second],
            }
            for how, one in made.items():
                near = _near(values, one[:, None]).mean(axis=0) >= NEARLY_ALL
                if not near.any():
                    continue
                # A number that hardly changes the other one makes nothing: 4028 + 1.
                for part in (first, second):
                    near &= _near(values, values[:, [part]]).mean(axis=0) < NEARLY_ALL / 2
                for column in np.flatnonzero(near):
                    if column not in (first, second):
                        yield how, int(column), first, second


@rule("values.relation")
def relation(data: Data) -> Iterator[Problem]:
    """A few rows in which a column is not the sum or product of two others that it is else."""
    kinds = data.patients.schema
    columns = [c for c in used_columns(data) if kinds[c].is_numeric()]
    rows = data.included(data.patients).drop_nulls(columns) if columns else data.patients
    if not 3 <= len(columns) <= MOST_COLUMNS or rows.height < FEWEST:
        return
    values = rows.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    for how, made, first, second in relations(values):
        a, b = values[:, first], values[:, second]
        near = _near(values[:, made], a * b if how == "product" else a + b)
        for i in np.flatnonzero(~near)[:MANY]:
            row = rows.row(int(i), named=True)
            yield problem(
                "values.relation",
                how if how == "sum" else "",
                place=data.at("patients", columns[made], row["source_record"]),
                patient=row["patient"],
                name=columns[made],
                value=row[columns[made]],
                first=columns[first],
                second=columns[second],
                made=float(a[i] * b[i] if how == "product" else a[i] + b[i]),
                n=int(near.sum()),
            )
