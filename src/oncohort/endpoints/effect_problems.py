"""Variables that can't enter models as they are declared: logarithms of nothing, no knots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.cohort import VariableInfo
from oncohort.endpoints.effects import effect_of
from oncohort.endpoints.formulas import Held
from oncohort.endpoints.formulas.binding import refused
from oncohort.problems import OncohortError, Place, Problem, Wrong, problem

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable


def with_effect(
    name: str,
    variable: Variable,
    info: VariableInfo,
    values: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    made_of: Mapping[str, Mapping[str, Mapping[str, Held]]],
) -> tuple[VariableInfo, list[Problem]]:
    """The variable with its effect in models, and what stands in the way of that effect."""
    if variable.per is None and variable.log is None and variable.knots is None:
        return info, []
    if info.kind != "continuous":
        return info, [refused("variables.effect-of-levels", name)]
    known = values.drop_nulls("value")
    if not known.height:
        return info, []  # that it is empty is said already
    if variable.log is not None:
        wrong = _not_positive(name, variable, known, tables, made_of.get(name, {}))
        if wrong:
            return info, wrong
    try:
        return replace(info, effect=effect_of(variable, known["value"].to_numpy())), []
    except OncohortError as error:
        return info, [refused("variables.effect", name, reason=str(error))]


def _not_positive(
    name: str,
    variable: Variable,
    known: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    made_of: Mapping[str, Mapping[str, Held]],
) -> list[Problem]:
    """Values without a logarithm, each with the cells that it comes from."""
    patients = tables["patients"]
    column = None if variable.derive or variable.source else variable.column or name
    rows: dict[str, int] = {}
    if "source_row" in patients.columns:
        rows = dict(patients.select("patient", "source_row").iter_rows())
    out = []
    for patient, value in known.filter(pl.col("value") <= 0).select("patient", "value").iter_rows():
        cells = [
            Wrong(str(h.table), (str(h.column),), h.row)
            for h in made_of.get(patient, {}).values()
            if h.table is not None
        ]
        if column is not None:
            cells = [Wrong("patients", (column,), rows.get(patient))]
        first = cells[0] if cells else None
        out.append(
            problem(
                "variables.log-of-nothing",
                place=Place(file="study.toml", key=f"variables.{name}")
                if first is None
                else Place(column=first.columns[0], row=first.row, key=f"tables.{first.table}"),
                patient=patient,
                table=None if first is None else first.table,
                column=None if first is None else first.columns,
                row=None if first is None else first.row,
                also=cells[1:],
                blocks=() if cells else (f"variables.{name}",),
                name=name,
                values=f"{value:g}",
            )
        )
    return out
