"""A table on disk, and its columns as statistics need them: times, numbers, levels.

Files are opened by the readers of :mod:`oncohort.records.sources`, so `km` and `cox` read what a
study reads. What can't be read as what it is used for is an error with its row as a person counts
them (the header is row 1), never a further level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ReadError, Severity, problem
from oncohort.protocol.references import nearest
from oncohort.records.grid import Column

if TYPE_CHECKING:
    from oncohort.records.grid import Raw
    from oncohort.records.values import Reader

LONGEST = 40
"""Letters of a label that is printed."""
MIXED = 0.5
"""Share of readable numbers from which a text column is a column of numbers with mistakes."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table with its header found."""

    path: Path
    raw: Raw
    notes: tuple[str, ...] = ()

    def place(self, column: str, index: int | None = None) -> Place:
        """Where a value stands."""
        row = None if index is None else int(self.raw.rows[index])
        return Place(file=str(self.path), sheet=self.raw.sheet, column=column, row=row)

    def values(self, name: str) -> Column:
        """Raw values of a column.

        Raises
        ------
        ReadError
            There is none of that name.
        """
        if name not in self.raw.names:
            wrong = problem(
                "table.no-column",
                place=self.place(name),
                name=name,
                nearest=nearest(name, list(self.raw.names)),
            )
            raise ReadError("", [wrong])
        return self.raw.column(name)


def open_table(path: Path, sheet: str | None = None) -> TableFile:
    """The table of a file.

    Parameters
    ----------
    sheet
        Of a workbook with several.

    Raises
    ------
    ReadError
        The file, or the sheet, can't be read, or has no header, or there are several sheets.
    """
    from oncohort.records.grid import Raw
    from oncohort.records.layout import lay_out
    from oncohort.records.sources import open_source

    opened = open_source(path, str(path))
    names = [name for name in opened.sheets if name is not None]
    if sheet is None and len(names) > 1:
        raise _which_sheet(path, names, "It has several sheets")
    if sheet is not None and sheet not in names:
        raise _which_sheet(path, names, f'There is no sheet "{sheet}"')
    found = opened.read(sheet if sheet is not None else opened.sheets[0])
    if isinstance(found, Raw):
        return TableFile(path, found)
    laid = lay_out(found)
    bad = [p for p in laid.problems if p.severity is Severity.ERROR]
    if bad:
        raise ReadError("", bad)
    return TableFile(path, laid.raw, tuple(d.what for d in laid.decisions))


def _which_sheet(path: Path, names: Sequence[str], what: str) -> ReadError:
    wrong = problem(
        "table.which-sheet",
        place=Place(file=str(path)),
        path=path.name,
        what=what,
        sheets=", ".join(f'"{name}"' for name in names) or "none",
    )
    return ReadError("", [wrong])


def numbers(table: TableFile, name: str, *, complete: bool = False) -> pl.Series:
    """A column of numbers, null where blank or a word for missing.

    Parameters
    ----------
    complete
        A missing value is an error too.

    Raises
    ------
    ReadError
        Dates, or values that are no numbers, each with its row.
    """
    from oncohort.records.columns import read_column
    from oncohort.records.values import Reader

    values, how = _settled(table, name)
    read = read_column(values, how if how.kind in ("number", "flag") else Reader("number", name))
    if read.unread:
        raise _no_numbers(table, name, values, [u.index for u in read.unread])
    if complete and read.values.null_count():
        missing = read.values.is_null().arg_true().to_list()
        wrong = [
            problem("table.missing", place=table.place(name, i), name=name) for i in missing[:10]
        ]
        raise ReadError("", wrong)
    return read.values.cast(pl.Float64)


def _settled(table: TableFile, name: str) -> tuple[Column, Reader]:
    """Values, and how they are read: as numbers, flags or text.

    Raises
    ------
    ReadError
        All are dates, real or written.
    """
    from oncohort.records.columns import as_list, covariate_reader
    from oncohort.records.values import Reader, read_value

    values, how = covariate_reader(table.values(name), Reader("text", name), None)
    if how.kind == "text":
        written = [v for v in dict.fromkeys(as_list(values)) if v is not None][:50]
        date = Reader("date", name)
        read = [read_value(v, date) for v in written]
        if any(r.value is not None for r in read) and not any(r.why for r in read):
            raise _dates(table, name)
    if how.kind == "date":
        raise _dates(table, name)
    return values, how


def _dates(table: TableFile, name: str) -> ReadError:
    return ReadError("", [problem("table.dates", place=table.place(name), name=name)])


def _no_numbers(table: TableFile, name: str, values: Column, rows: Sequence[int]) -> ReadError:
    wrong = [
        problem("table.not-a-number", place=table.place(name, i), name=name, value=values[i])
        for i in rows[:10]
    ]
    return ReadError("", wrong)


@dataclass(frozen=True, slots=True)
class Covariate:
    """Columns of a model that one column of the file becomes.

    Attributes
    ----------
    columns
        Name to values; a number has one, a factor one for each level but the reference.
    """

    name: str
    columns: Mapping[str, pl.Series]
    levels: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """What the command says about factors: which columns are, and their reference levels."""

    factors: frozenset[str] = frozenset()
    reference: Mapping[str, str] = field(default_factory=dict)


def covariate(table: TableFile, name: str, coding: Coding) -> Covariate:
    """A covariate as numbers, or as 0 and 1 for each level but the reference.

    Raises
    ------
    ReadError
        Dates; numbers with mistakes among them; spellings of one level; one level or none; a
        reference that is no level.
    """
    _, how = _settled(table, name)
    if how.kind in ("number", "flag") and name not in {*coding.factors, *coding.reference}:
        values = numbers(table, name)
        if values.drop_nulls().n_unique() < 2:
            raise _one_level(
                table, name, [_exactly(v) for v in values.drop_nulls().unique(maintain_order=True)]
            )
        return Covariate(name, {name: values})
    if name not in {*coding.factors, *coding.reference}:
        _refuse_mistakes(table, name)
    text = short_labels(table, name)
    levels = _in_order(text)
    if len(levels) < 2:
        raise _one_level(table, name, levels)
    first = coding.reference.get(name, levels[0])
    if first not in levels:
        wrong = problem(
            "table.no-level",
            place=table.place(name),
            name=name,
            level=first,
            levels=", ".join(levels),
        )
        raise ReadError("", [wrong])
    columns = {
        f"{name}={level}": (text == level).cast(pl.Float64) for level in levels if level != first
    }
    return Covariate(name, columns, tuple(levels), first)


def _refuse_mistakes(table: TableFile, name: str) -> None:
    """A column of numbers in which some values are none is an error at those values."""
    from oncohort.records.columns import read_column
    from oncohort.records.values import Reader

    values = table.values(name)
    read = read_column(values, Reader("number", name))
    good = read.values.drop_nulls().n_unique()
    wrong = {str(values[u.index]).strip() for u in read.unread}
    if good and good >= MIXED * (good + len(wrong)):
        raise _no_numbers(table, name, values, [u.index for u in read.unread])


def _one_level(table: TableFile, name: str, levels: Sequence[str]) -> ReadError:
    held = f'only "{levels[0]}"' if levels else "no values"
    return ReadError(
        "", [problem("table.one-level", place=table.place(name), name=name, held=held)]
    )


def _exactly(value: float) -> str:
    """A number as a label, with all of its figures: 1234567 and 1234568 are two.

    Examples
    --------
    >>> _exactly(2.0), _exactly(1234567.0), _exactly(0.1)
    ('2', '1234567', '0.1')
    """
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def short_labels(table: TableFile, name: str) -> pl.Series:
    """As :func:`labels`, to be printed."""
    return pl.Series(name, _in_short(labels(table, name).to_list()), dtype=pl.String)


def _in_short(text: list[str | None]) -> list[str | None]:
    """Labels that can be printed: of long ones the first letters, each still of its own.

    Examples
    --------
    >>> _in_short(["a", "b" * 99, "b" * 100, "b" * 99])[1:] == [
    ...     "b" * 37 + "...", "b" * 37 + "... (2)", "b" * 37 + "..."]
    True
    """
    short: dict[str, str] = {}
    taken = {t for t in text if t is not None}
    for label in dict.fromkeys(t for t in text if t is not None and len(t) > LONGEST):
        first, n = f"{label[: LONGEST - 3]}...", 1
        made = first
        while made in taken:
            n += 1
            made = f"{first} ({n})"
        taken.add(made)
        short[label] = made
    return [None if t is None else short.get(t, t) for t in text]


def labels(table: TableFile, name: str) -> pl.Series:
    """Labels as text without blanks around them, null where missing.

    Raises
    ------
    ReadError
        Dates, or spellings that differ in case or blanks alone.
    """
    from oncohort.records.columns import as_list, read_column
    from oncohort.records.values import text_of
    from oncohort.vocabulary.keys import level_key

    values, how = _settled(table, name)
    if how.kind == "number":
        read = read_column(values, how).values
        return pl.Series(name, [None if v is None else _exactly(v) for v in read], dtype=pl.String)
    read = read_column(values, replace(how, kind="text", words=True)).values
    text = [
        None if v is None or known is None else " ".join(text_of(v).split())
        for v, known in zip(as_list(values), read, strict=True)
    ]
    spelt: dict[str, tuple[str, int]] = {}
    for i, label in enumerate(text):
        if label is None:
            continue
        first, _ = spelt.setdefault(level_key(label), (label, i))
        if first != label:
            wrong = problem(
                "table.one-level-twice",
                place=table.place(name, i),
                name=name,
                first=first,
                second=label,
            )
            raise ReadError("", [wrong])
    return pl.Series(name, text, dtype=pl.String)


def _in_order(text: pl.Series) -> list[str]:
    """Levels: numbers by size, text by alphabet."""
    levels: list[str] = text.drop_nulls().unique(maintain_order=True).to_list()
    try:
        return sorted(levels, key=float)
    except ValueError:
        return sorted(levels)
