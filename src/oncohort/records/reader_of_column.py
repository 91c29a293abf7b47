"""How one column is to be read: its codes, missing values, unit, decimal mark and dates."""

from __future__ import annotations

from dataclasses import field
from fractions import Fraction
from types import MappingProxyType

from oncohort.dataclass import dataclass
from oncohort.problems import Problem
from oncohort.records.grid import Cell
from oncohort.records.model import Decision
from oncohort.records.names import header_unit
from oncohort.records.table_problems import TableColumns
from oncohort.records.units_of_columns import FACTORS
from oncohort.records.values import Reader, text_of
from oncohort.vocabulary.tables import PERCENTAGES, Kind
from oncohort.vocabulary.times import DAYS_PER_UNIT


@dataclass(frozen=True, slots=True)
class Asked:
    """How a column is read, what that decided, and what of it is not known."""

    how: Reader
    decisions: list[Decision] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def reader_of(at: TableColumns, column: str, kind: Kind, mark: str = "") -> Asked:
    """The reader of one of our columns, from the protocol, the file's labels and the header.

    Parameters
    ----------
    mark
        The decimal mark that the table's columns show.
    """
    header = at.header.get(column)
    codes, decisions = _codes(at, column)
    unit = at.map.units.get(column, "")
    name = header or _repeated(at, column)
    stated: str = unit or (header_unit(name) if name else "")
    by = "the protocol says" if unit else f"the header {name!r} says"
    factor, converted, unknown = _factor(at, column, stated, by, told=not unit)
    unknown += [] if unit else _differing(at, column)
    missing = [*at.map.missing, *at.map.missing_in.get(column, [])]
    how = Reader(
        kind,
        column,
        at.table.levels.get(column, ()),
        frozenset(text_of(m) for m in missing),
        MappingProxyType(codes),
        at.map.dates,
        {str(mark): order for mark, order in at.map.dates_with.items()},
        at.map.decimal,
        mark=at.map.decimal if "decimal" in at.map.model_fields_set else mark,
        unit=stated,
        factor=factor,
        from_1904=at.raw.from_1904,
        relative=_days_per_unit(at, column),
        day_zero=at.map.day_zero,
        swapped=bool({column, header} & set(at.map.swapped)),
        percent=stated.strip() in ("%", "percent") or column in PERCENTAGES,
    )
    return Asked(how, [*decisions, *converted], unknown)


def _days_per_unit(at: TableColumns, column: str) -> float:
    """Days of the unit in which times stand instead of dates; 0 where dates stand."""
    if at.map.relative is None or column not in at.table.kinds:
        return 0.0  # no column of ours: nothing is counted from its days
    own = DAYS_PER_UNIT.get(at.map.units.get(column, ""))
    return DAYS_PER_UNIT[at.map.relative] if own is None else own


def _codes(at: TableColumns, column: str) -> tuple[dict[str, Cell], list[Decision]]:
    """Codes of the protocol, or the labels that the file itself gives to values."""
    codes: dict[str, Cell] = {str(k): v for k, v in at.map.codes.get(column, {}).items()}
    header = at.header.get(column)
    labels = at.raw.label_of.get(header or "", {})
    if codes or not labels:
        return codes, []
    told = Decision(
        "labels",
        f"{column} has labels in the file and is given as them: "
        + ", ".join(f"{k} = {v}" for k, v in list(labels.items())[:6])
        + ".",
        at.table.name,
        column,
        place=at.at(header),
    )
    return dict(labels), [told]


def _repeated_names(at: TableColumns, column: str) -> list[str]:
    """The columns of a wide sheet that one of ours comes from, where its unit matters."""
    if at.wide is None or column not in FACTORS:
        return []
    found = sorted({p for p in at.wide.positions.get(column, ()) if p >= 0})
    return [at.raw.names[p] for p in found if header_unit(at.raw.names[p])]


def _repeated(at: TableColumns, column: str) -> str | None:
    """The first of repeated columns whose name states a unit."""
    return next(iter(_repeated_names(at, column)), None)


def _differing(at: TableColumns, column: str) -> list[Problem]:
    """Repeated columns in several units: nothing is converted."""
    units = {header_unit(n).lower() for n in _repeated_names(at, column)}
    return [at.unknown_unit(column, " and ".join(sorted(units)))] if len(units) > 1 else []


def _factor(
    at: TableColumns, column: str, stated: str, by: str, *, told: bool
) -> tuple[Fraction, list[Decision], list[Problem]]:
    """What values are multiplied by: lengths come as millimetres, amounts as milligrams."""
    if column not in FACTORS or not stated:
        return Fraction(1), [], []
    known = FACTORS[column].get(stated.strip().lower())
    # mg/m2 and mg/kg stay as they are: the amount is in milligrams already.
    if known is None and not stated.lower().startswith("mg") and column != "age":
        return Fraction(1), [], [at.unknown_unit(column, stated)]
    factor = known or Fraction(1)
    if factor == 1:
        return factor, [], []
    made = Decision(
        {"amount": "units.dose", "age": "units.age"}.get(column, "units.length"),
        f"{column} is in {stated}, as {by}; values were multiplied by {float(factor):g}.",
        at.table.name,
        column,
        by="rule" if told else "protocol",
    )
    return factor, [made], []
