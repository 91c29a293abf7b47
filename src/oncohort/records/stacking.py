"""Sheets with the same columns put below each other: one table that stands on several sheets."""

from __future__ import annotations

from dataclasses import replace

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Column, Raw, Stacked
from oncohort.records.names import fold, header_unit
from oncohort.records.units import UnitError, analyte, ratio
from oncohort.records.units_of_columns import FACTORS
from oncohort.records.values import text_of
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import outcome_words


def stack(raw: Raw, other: Raw, *, patient: str | None = None, prefix: str = "") -> Raw:
    """Add the rows of another sheet below those of the first.

    Parameters
    ----------
    raw, other
        Columns are matched by name (case, blanks and marks apart); one that only a sheet has is
        blank in the other.
    patient, prefix
        The column with the patient, and what is put before its values in the other sheet, where
        numbers start again there.

    Returns
    -------
    Raw
        Row numbers go on behind the last of the first sheet; `stacked` says where they stood.

    Examples
    --------
    >>> one = Raw("c.xlsx", "2015", ("id", "Age"), ([1, 2], [61, 58]), [2, 3], (0, 1))
    >>> two = Raw("c.xlsx", "2016", ("ID", "age"), ([3], [70]), [2], (0, 1))
    >>> both = stack(one, two)
    >>> both.columns[1], list(both.rows), both.stacked[0].row(4)
    ([61, 58, 70], [2, 3, 4], 2)
    """
    other, _ = in_units_of(raw, other)
    theirs = {_called(n): i for i, n in enumerate(other.names)}
    own = {_called(n) for n in raw.names}
    new = [n for n in other.names if _called(n) not in own]
    columns: list[Column] = []
    letters: dict[str, int] = {}
    for name, values in zip(raw.names, raw.columns, strict=True):
        at = theirs.get(_called(name))
        below: list[Cell] = [None] * other.height if at is None else as_list(other.columns[at])
        if at is not None and other.letters:
            letters[name] = other.letters[at]
        if prefix and name == patient:
            below = [None if v is None else f"{prefix}{text_of(v)}" for v in below]
        columns.append([*as_list(values), *below])
    for name in new:
        at = other.names.index(name)
        columns.append([*[None] * raw.height, *as_list(other.columns[at])])
        if other.letters:
            letters[name] = other.letters[at]
    last = max(raw.rows, default=0)
    shift = last + 1 - min(other.rows, default=1)
    where = Stacked(last + 1, shift, other.file, other.sheet, letters)
    return replace(
        raw,
        names=(*raw.names, *new),
        columns=columns,
        rows=[*raw.rows, *(r + shift for r in other.rows)],
        letters=(*raw.letters, *[-1] * len(new)) if raw.letters else (),
        stacked=(*raw.stacked, where),
        label_of={**other.label_of, **raw.label_of},
        column_label={**other.column_label, **raw.column_label},
    )


def _called(name: str) -> tuple[str, str]:
    """A name as it is compared, with its unit: days are no months."""
    return fold(name), header_unit(name).casefold()


def in_units_of(raw: Raw, other: Raw) -> tuple[Raw, list[tuple[str, str]]]:
    """The other sheet with its numbers in the units that the first sheet's names say.

    A column whose unit can't be turned into the other's keeps its own name: its numbers are not
    mixed with the others.

    Returns
    -------
    tuple
        The sheet, and (its name, the name in the first sheet) of the columns that were turned.

    Examples
    --------
    >>> one = Raw("c.xlsx", "A", ("id", "OS (days)"), ([1], [365.25]), [2])
    >>> two = Raw("c.xlsx", "B", ("id", "OS (years)"), ([2], [2]), [2])
    >>> turned, converted = in_units_of(one, two)
    >>> turned.names, turned.columns[1], converted
    (('id', 'OS (days)'), [730.5], [('OS (years)', 'OS (days)')])
    """
    first = {fold(n): n for n in raw.names}
    exact = {_called(n) for n in raw.names}
    names, columns = list(other.names), list(other.columns)
    converted = []
    for i, name in enumerate(other.names):
        their_name = first.get(fold(name))
        if their_name is None or _called(name) in exact:
            continue
        factor = _factor(their_name, header_unit(name), header_unit(their_name))
        values = as_list(other.columns[i])
        if factor is None or not all(_is_number(v) for v in values):
            if not header_unit(name) or not header_unit(their_name):
                names[i] = their_name  # one of the two says no unit
            continue
        names[i] = their_name
        columns[i] = [round(v * factor, 6) if isinstance(v, int | float) else v for v in values]
        converted.append((name, their_name))
    return replace(other, names=tuple(names), columns=columns), converted


def _is_number(value: Cell) -> bool:
    return value is None or value == "" or (type(value) in (int, float))


def _factor(name: str, unit: str, wanted: str) -> float | None:
    """From one unit of a column to another: of times, lengths, and known measurements."""
    times = {w: DAYS_PER_UNIT[u] for u, words in outcome_words("unit").items() for w in words}
    one, other = unit.casefold(), wanted.casefold()
    if one in times and other in times:
        return times[one] / times[other]
    lengths = FACTORS["diameter_mm"]
    if one in lengths and other in lengths:
        return float(lengths[one] / lengths[other])
    try:
        return float(ratio(name, unit, wanted)) if unit and wanted and analyte(name) else None
    except UnitError:
        return None


def with_sheet(raw: Raw, column: str) -> Raw:
    """The table with a column that says on which sheet (or in which file) its rows stand.

    Examples
    --------
    >>> raw = Raw("c.xlsx", "Arm A", ("id",), ([1, 2],), [2, 3], (0,))
    >>> with_sheet(raw, "Sheet").columns[-1]
    ['Arm A', 'Arm A']
    """
    name = raw.title or raw.sheet or raw.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return replace(
        raw,
        names=(*raw.names, column),
        columns=[*raw.columns, [name] * raw.height],
        letters=(*raw.letters, -1) if raw.letters else (),
    )
