"""What the names in a formula stand for: each patient's value, with the cell it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.baseline_labs import baseline_rows_of
from oncohort.endpoints.cohort import VariableInfo
from oncohort.endpoints.formulas.evaluating import Held, Value
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.derived import stands_for
from oncohort.protocol.formula import Operand
from oncohort.protocol.references import nearest
from oncohort.records.units import analyte
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.indices import INDICES

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Variable

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Known:
    """Variables that are ready: what they mean, and their values."""

    infos: Mapping[str, VariableInfo] = field(default_factory=lambda: MappingProxyType({}))
    values: Mapping[str, pl.DataFrame] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Bound:
    """An operand's value in every patient."""

    held: Mapping[str, Held]
    words: frozenset[str] = frozenset()
    """The words that it holds, small; empty for numbers and dates."""


def refused(id_: str, name: str, **holes: Option) -> Problem:
    """A problem of one variable: it can't be derived."""
    return problem(
        id_,
        place=Place(file="study.toml", key=f"variables.{name}"),
        blocks=(f"variables.{name}",),
        name=name,
        **holes,
    )


def lab_rows(test: str, tables: Tables, protocol: Protocol) -> pl.DataFrame | None:
    """The baseline row of a test per patient; None where no lab is called so."""
    labs, patients = tables.get("labs"), tables["patients"]
    if labs is None or labs.is_empty() or "treatment_start" not in patients.columns:
        return None
    return baseline_rows_of(test, labs, patients, protocol)


def _of_lab(rows: pl.DataFrame) -> Bound:
    held = {
        row["patient"]: Held(
            row["value"],
            row["unit"] or "",
            row["test"],
            "labs",
            "value",
            row.get("source_row"),
            row["date"],
        )
        for row in rows.iter_rows(named=True)
    }
    return Bound(held)


def _unit_of(column: str, protocol: Protocol) -> str:
    """The unit that the protocol gives for a column of `patients`; empty where it gives none."""
    table = protocol.tables.get("patients")
    unit = "" if table is None else table.units.get(column, "")
    if not unit and table is not None:
        unit = table.units.get(table.columns.get(column, column), "")
    others = (
        v.unit
        for k, v in protocol.variables.items()
        if not v.derive and not v.source and (v.column or k) == column
    )
    if column == "age" and not unit:
        unit = "years"
    return unit or next((u for u in others if u), "")


def _of_column(column: str, protocol: Protocol, patients: pl.DataFrame) -> Bound:
    unit = _unit_of(column, protocol)
    known = analyte(column)
    held = {}
    rows = "source_row" if "source_row" in patients.columns else None
    for row in patients.iter_rows(named=True):
        value = row[column]
        held[row["patient"]] = Held(
            float(value) if isinstance(value, int) and not isinstance(value, bool) else value,
            unit,
            None if known is None else known.name,
            "patients",
            column,
            row[rows] if rows else None,
        )
    return Bound(held, _words(h.value for h in held.values()))


def _words(values: Iterable[Value]) -> frozenset[str]:
    found = [v for v in values if v is not None]
    if any(isinstance(v, bool) for v in found):
        return frozenset({"yes", "no"})
    return frozenset(v.strip().lower() for v in found if isinstance(v, str))


def _of_variable(name: str, tables: Tables, protocol: Protocol, known: Known) -> Bound | None:
    patients = tables["patients"]
    declared = protocol.variables[name]
    info, values = known.infos.get(name), known.values.get(name)
    if info is None or values is None:
        return None
    if declared.derive == "lab" and not declared.cut:
        rows = lab_rows(str(declared.test), tables, protocol)
        return None if rows is None else _of_lab(rows)
    column = None if declared.derive or declared.source else declared.column or name
    at: dict[str, int] = {}
    if "source_row" in patients.columns:
        at = dict(patients.select("patient", "source_row").iter_rows())
    test = analyte(declared.test or column or name)
    unit = info.unit or (_unit_of(column, protocol) if column is not None else "")
    held = {
        patient: Held(
            float(value) if isinstance(value, int) and not isinstance(value, bool) else value,
            "" if isinstance(value, str) else unit,
            None if test is None else test.name,
            None if column is None else "patients",
            column,
            at.get(patient) if column is not None else None,
        )
        for patient, value in values.select("patient", "value").iter_rows()
    }
    words = _words(h.value for h in held.values())
    return Bound(held, words | {k.lower() for k in info.levels} if words else words)


def _input(operand: Operand, name: str, tables: Tables, protocol: Protocol) -> Operand | Problem:
    """Where the input of a published score stands: in labs or in a column; never guessed."""
    patients = tables["patients"]
    other = Operand(operand.name)
    in_labs = lab_rows(operand.name, tables, protocol) is not None
    # A declared variable of this name says itself where its values come from.
    declared = operand.name in protocol.variables and operand.name != name
    column = operand.name in patients.columns and patients[operand.name].count() > 0
    if declared or (column and not in_labs):
        return other
    if column and in_labs:
        return refused("variables.two-sources", name, wanted=operand.name)
    if in_labs:
        return Operand(operand.name, lab=True)
    return refused("variables.no-input", name, wanted=operand.name)


def bind(
    operand: Operand,
    name: str,
    variable: Variable,
    tables: Tables,
    protocol: Protocol,
    known: Known,
) -> Bound | Problem:
    """Each patient's value of an operand, or the problem that there is none.

    A name is a declared variable, else a column of `patients`; ``lab.TEST`` is the baseline value
    of a test.
    """
    given = stands_for(variable, operand)
    at = given or operand
    if given is None and variable.derive in INDICES:
        found = _input(operand, name, tables, protocol)
        if isinstance(found, Problem):
            return found
        at = found
    patients = tables["patients"]
    if at.lab:
        rows = lab_rows(at.name, tables, protocol)
        if rows is None:
            return refused("variables.no-lab", name, wanted=at.name)
        return _of_lab(rows)
    if at.name in protocol.variables and at.name != name:
        bound = _of_variable(at.name, tables, protocol, known)
        if bound is None:
            return refused("variables.rests-on-another", name, other=at.name)
        return bound
    if at.name in patients.columns:
        return _of_column(at.name, protocol, patients)
    columns = [c for c in patients.columns if not c.endswith("_precision")]
    names = [*protocol.variables, *columns]
    return refused("variables.no-operand", name, wanted=at.name, nearest=nearest(at.name, names))
