"""Variables by formula: a value per patient, what it was made of, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.formulas.binding import Bound, Known, Tables, bind, refused
from oncohort.endpoints.formulas.evaluating import Held, level, number
from oncohort.endpoints.formulas.quantities import NONE, Undefined, WrongUnits, factor_of
from oncohort.problems import Place, Problem, Wrong, problem
from oncohort.protocol.derived import formulas
from oncohort.protocol.formula import Expression, Operand, operands
from oncohort.protocol.formula.tree import Comparison, InUnit, Text, parts
from oncohort.protocol.references import nearest
from oncohort.records.units import UnitError, analyte
from oncohort.records.units import ratio as unit_ratio
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.indices import INDICES

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Variable

_OPEN_KINDS = ("mass", "amount", "charge")
"""Kinds in which two tests may be usual in different units, so that a ratio has to say which."""


@dataclass(frozen=True, slots=True)
class Made:
    """A derived variable.

    Attributes
    ----------
    values
        ``patient``, ``value``.
    parts
        Patient = the values that its value was made of.
    """

    values: pl.DataFrame
    parts: Mapping[str, Mapping[str, Held]]
    problems: tuple[Problem, ...] = ()


def with_defaults(variable: Variable, protocol: Protocol) -> Variable:
    """The variable with what its derivation implies: label, unit, levels."""
    new: dict[str, object] = {}
    if variable.derive in INDICES:
        index = INDICES[str(variable.derive)]
        new = {
            "label": variable.label or index.label,
            "unit": variable.unit or index.unit,
        }
        if index.when and not variable.levels:
            new["levels"] = {key: key for key in sorted(index.when)}
    elif variable.derive == "duration" and not variable.unit:
        new = {"unit": protocol.study.time_unit}
    elif variable.derive == "category" and not variable.levels:
        new["levels"] = {k: k.replace("_", " ").capitalize() for k in variable.when}
    return variable.model_copy(update=new) if new else variable


def _lacks_unit(
    name: str, expressions: Mapping[str, Expression], bound: Mapping[Operand, Bound]
) -> Iterator[Problem]:
    """Operands that enter in a unit though nothing says in which one they are charted."""
    for one in dict.fromkeys(p for e in expressions.values() for p in parts(e)):
        if not isinstance(one, InUnit) or one.unit == NONE or not isinstance(one.inner, Operand):
            continue
        held = [h for h in bound[one.inner].held.values() if isinstance(h.value, int | float)]
        bare = [h for h in held if not h.unit and not isinstance(h.value, bool)]
        if not bare:
            continue
        if bare[0].table == "labs":
            for patient, h in bound[one.inner].held.items():
                if h.value is not None and not h.unit:
                    yield _of_cell("variables.lab-without-unit", name, patient, one.inner, h, one)
        else:
            yield refused(
                "variables.unit-missing", name, wanted=one.inner.name, unit=one.unit,
                column=bare[0].column or one.inner.name,
            )  # fmt: skip


def _of_cell(
    id_: str, name: str, patient: str, operand: Operand, held: Held, part: InUnit
) -> Problem:
    return problem(
        id_,
        place=Place(column="unit", row=held.row),
        patient=patient,
        table="labs",
        column="unit",
        row=held.row,
        name=name,
        test=operand.name,
        unit=part.unit,
    )


def _units_open(
    name: str, expressions: Mapping[str, Expression], bound: Mapping[Operand, Bound]
) -> Iterator[Problem]:
    """Two tests of one kind with different usual units, where the formula does not say which."""
    stated = {p.inner for e in expressions.values() for p in parts(e) if isinstance(p, InUnit)}
    usual: dict[str, dict[str, str]] = {}
    for operand, values in bound.items():
        if operand in stated:
            continue
        units = {h.unit for h in values.held.values() if h.value is not None and h.unit}
        test = analyte(operand.name) if operand.lab else None
        shown = {test.unit} if test is not None else units
        for unit in shown:
            for kind in factor_of(unit)[1]:
                usual.setdefault(kind, {})[str(operand)] = unit
    for kind, found in usual.items():
        if kind in _OPEN_KINDS and len(set(found.values())) > 1:
            shown_units = [f"{o} [{u}]" for o, u in found.items()]
            yield refused("variables.units-open", name, units=shown_units)


def _strange_words(
    name: str, expressions: Mapping[str, Expression], bound: Mapping[Operand, Bound]
) -> Iterator[Problem]:
    """Words in a condition that the chart doesn't hold."""
    for one in dict.fromkeys(p for e in expressions.values() for p in parts(e)):
        if not isinstance(one, Comparison):
            continue
        for a, b in ((one.left, one.right), (one.right, one.left)):
            if isinstance(a, Text) and isinstance(b, Operand):
                words = bound[b].words
                if words and a.value.strip().lower() not in words:
                    yield refused(
                        "variables.no-such-word", name, word=a.value, operand=str(b),
                        nearest=nearest(a.value, sorted(words)),
                    )  # fmt: skip


def _undefined(
    name: str, patient: str, error: Undefined, values: Mapping[Operand, Held]
) -> Problem:
    """A value that doesn't exist, with the cells that it would have been made of."""
    wanted = operands(error.part) if error.part is not None else tuple(values)
    cells = [h for o in wanted if (h := values[o]).table is not None]
    shown = ", ".join(f"{o} = {_shown(values[o])}" for o in wanted) or "the formula"
    if not cells:
        return problem(
            error.id,
            place=Place(file="study.toml", key=f"variables.{name}"),
            patient=patient,
            blocks=(f"variables.{name}",),
            name=name,
            values=shown,
        )
    return _at_cells(error.id, name, patient, cells, values=shown)


def _at_cells(id_: str, name: str, patient: str, cells: list[Held], **holes: Option) -> Problem:
    first = cells[0]
    also = [Wrong(str(h.table), (str(h.column),), h.row) for h in cells[1:]]
    return problem(
        id_,
        place=Place(column=first.column, row=first.row, key=f"tables.{first.table}"),
        patient=patient,
        table=first.table,
        column=first.column,
        row=first.row,
        also=also,
        name=name,
        **holes,
    )


def _shown(held: Held) -> str:
    if held.value is None:
        return "missing"
    if isinstance(held.value, float):
        return f"{held.value:g} {held.unit}".rstrip()
    return str(held.value)


def _impossible(
    name: str, variable: Variable, patient: str, value: float, values: Mapping[Operand, Held]
) -> Problem | None:
    """A ratio or score of a negative value, and a duration that runs backwards."""
    cells = [h for h in values.values() if h.table is not None]
    if variable.derive == "duration" and value < 0 and cells:
        return _at_cells(
            "variables.date-order", name, patient, cells, until=variable.until,
            since=variable.since, dates=[str(h.value) for h in values.values()],
        )  # fmt: skip
    if variable.derive == "ratio" or variable.derive in INDICES:
        bad = {o: h for o, h in values.items() if isinstance(h.value, float) and h.value < 0}
        placed = [h for h in bad.values() if h.table is not None]
        if placed:
            shown = ", ".join(f"{o} = {_shown(h)}" for o, h in bad.items())
            return _at_cells("variables.negative", name, patient, placed, values=shown)
    return None


def derive_formula(
    name: str, variable: Variable, tables: Tables, protocol: Protocol, known: Known
) -> Made:
    """The values of a variable that a formula, a ratio, conditions or a published score gives.

    Parameters
    ----------
    known
        The variables that stand before it.

    Returns
    -------
    Made
        With one problem per patient whose value does not exist, and one for the variable where
        units are missing or don't go together: units are converted or refused, never assumed.
    """
    patients = tables["patients"]
    expressions = formulas(variable)
    by_level = "" not in expressions
    kind = pl.String if by_level else pl.Float64
    nothing = patients.select("patient", pl.lit(None, dtype=kind).alias("value"))
    bound: dict[Operand, Bound] = {}
    problems: list[Problem] = []
    for operand in operands(*expressions.values()):
        found = bind(operand, name, variable, tables, protocol, known)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            bound[operand] = found
    if problems:
        return Made(nothing, {}, tuple(problems))
    for ask in (_lacks_unit, _units_open, _strange_words):
        problems += ask(name, expressions, bound)
    if problems:
        return Made(nothing, {}, tuple(problems))
    return _evaluated(name, variable, expressions, bound, patients["patient"].to_list(), nothing)


def _evaluated(
    name: str,
    variable: Variable,
    expressions: Mapping[str, Expression],
    bound: Mapping[Operand, Bound],
    patients: list[str],
    nothing: pl.DataFrame,
) -> Made:
    problems: list[Problem] = []
    values: list[str | float | None] = []
    made_of: dict[str, Mapping[str, Held]] = {}
    for patient in patients:
        held = {o: _standard(o, b.held.get(patient, Held(None))) for o, b in bound.items()}
        made_of[patient] = MappingProxyType(
            {str(o): b.held.get(patient, Held(None)) for o, b in bound.items()}
        )
        value: str | float | None = None
        try:
            if "" in expressions:
                value = number(expressions[""], held, variable.unit)
            else:
                value = level(expressions, held)
        except Undefined as error:
            problems.append(_undefined(name, patient, error, held))
        except WrongUnits as error:
            rows = [h for h in held.values() if h.table == "labs" and _strange(h)]
            if rows:
                problems.append(
                    _at_cells("variables.lab-unit", name, patient, rows, reason=str(error))
                )
            else:
                whole = refused("variables.units", name, reason=str(error))
                return Made(nothing, made_of, (whole,))
        if isinstance(value, float):
            wrong = _impossible(name, variable, patient, value, held)
            if wrong is not None:
                problems.append(wrong)
                value = None
        values.append(value)
    frame = nothing.with_columns(pl.Series("value", values, dtype=nothing.schema["value"]))
    return Made(frame, MappingProxyType(made_of), tuple(problems))


def _strange(held: Held) -> bool:
    """Is it a laboratory value whose unit is not one of its test?"""
    known = analyte(held.test)
    if known is None or held.value is None:
        return False
    try:
        unit_ratio(known, held.unit, known.unit)
    except UnitError:
        return True
    return False


def _standard(operand: Operand, held: Held) -> Held:
    """A laboratory value in the usual unit of its test; mass and amount so meet in one."""
    known = analyte(held.test) if operand.lab or held.table == "labs" else None
    if known is None or not isinstance(held.value, float):
        return held
    try:
        factor = unit_ratio(known, held.unit, known.unit)
    except UnitError:
        return held
    value = held.value * factor.numerator / factor.denominator
    return Held(value, known.unit, held.test, held.table, held.column, held.row, held.day)
