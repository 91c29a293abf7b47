"""What every source is turned into first: sheets of raw values that know their rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import TypeAlias, overload

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import Place
from oncohort.vocabulary.column_names import is_pattern, plain_name
from oncohort.vocabulary.spreadsheets import column_letters

Cell: TypeAlias = str | int | float | date | None
"""What a cell of a chart may hold; whole numbers and booleans count as numbers, times of day come
with a date."""
Column: TypeAlias = list[Cell] | pl.Series
"""The cells of a column, one for each row; of typed sources as they come."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as stored: rows of raw values from cell A1 on, nothing interpreted.

    Blank cells are None. The first row of ``rows`` is row 1 of the sheet, the first value of a
    row is column A.
    """

    file: str
    name: str | None
    rows: list[list[Cell]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged ranges as (first row, first column, last row, last column), from 0."""
    hidden: bool = False
    label_of: dict[str, dict[str, str]] = field(default_factory=dict)
    """Column name = {stored code = label}, from a data dictionary or value labels."""
    column_label: dict[str, str] = field(default_factory=dict)
    """Column name = its long label."""
    from_1904: bool = False
    """Day numbers count from 1904, as in workbooks of old Macintosh Excel."""

    @property
    def width(self) -> int:
        """Columns of the widest row."""
        return max((len(r) for r in self.rows), default=0)


def turned(sheet: Sheet) -> Sheet:
    """The sheet with rows and columns exchanged.

    Examples
    --------
    >>> turned(Sheet("c.xlsx", "S", [["id", 1, 2], ["age", 61]])).rows
    [['id', 'age'], [1, 61], [2, None]]
    """
    width = sheet.width
    rows = [[r[c] if c < len(r) else None for r in sheet.rows] for c in range(width)]
    merged = tuple((c0, r0, c1, r1) for r0, c0, r1, c1 in sheet.merged)
    return replace(sheet, rows=rows, merged=merged)


class OnDemand(Sequence[pl.Series]):
    """Columns of a large file: each is read when it is asked for, and not kept."""

    def __init__(
        self,
        count: int,
        load: Callable[[int], pl.Series],
        top: Callable[[int], Sequence[pl.Series]],
    ):
        self._count = count
        self._load = load
        self._top = top

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> pl.Series: ...

    @overload
    def __getitem__(self, index: slice) -> list[pl.Series]: ...

    def __getitem__(self, index: int | slice) -> pl.Series | list[pl.Series]:
        if isinstance(index, slice):
            return [self._load(i) for i in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._load(index % self._count)

    def top(self, n: int) -> Sequence[pl.Series]:
        """The first rows of every column, without reading the rest."""
        return self._top(n)


@dataclass(frozen=True, slots=True)
class Joined:
    """Where a column stands that was joined from another sheet."""

    file: str
    sheet: str | None
    letter: int
    """Position in its sheet from 0; -1 for sources without cells."""
    rows: dict[int, int]
    """Row of the first sheet = row of this one."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """A further sheet whose rows were put below those of the first."""

    first: int
    """Its first row number in the table."""
    shift: int
    """What was added to its own row numbers."""
    file: str
    sheet: str | None
    letters: Mapping[str, int]
    """The chart's column = its position in this sheet, from 0."""

    def row(self, number: int) -> int:
        """The row of the sheet, as a person counts it."""
        return number - self.shift


def origin(stacked: Sequence[Stacked], row: int | None) -> Stacked | None:
    """The further sheet that a row stood on; None for those of the first."""
    if row is None:
        return None
    return next((s for s in reversed(stacked) if row >= s.first), None)


@dataclass(frozen=True, slots=True)
class Raw:
    """A table of raw values with its header found: columns by name, each row with its number."""

    file: str
    sheet: str | None
    names: tuple[str, ...]
    columns: Sequence[Column]
    """In the order of the names; large sources load a column when it is asked for."""
    rows: Sequence[int]
    """Row numbers of the source, as a person counts them."""
    letters: tuple[int, ...] = ()
    """Position of each column in the sheet from 0; empty for sources without cells."""
    header_row: int | None = None
    label_of: dict[str, dict[str, str]] = field(default_factory=dict)
    column_label: dict[str, str] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    """Columns that a data dictionary marks as identifiers."""
    from_1904: bool = False
    """Day numbers count from 1904."""
    joined: dict[str, Joined] = field(default_factory=dict)
    """Columns from other sheets."""
    stacked: tuple[Stacked, ...] = ()
    """Rows from other sheets."""
    title: str = ""
    """What stands above a range of a sheet: `Arm A`, `Arm B` over two tables side by side."""
    turned: bool = False
    """The patients stand in columns: a row of the table is a column of the sheet."""
    patient: str = ""
    """The column whose values name the patients, whatever it is called: they stand on another sheet
    too."""

    def __post_init__(self) -> None:
        if any(is_pattern(n) for n in self.names):
            names = tuple(plain_name(n) for n in self.names)
            object.__setattr__(self, "names", names)

    def column(self, name: str) -> Column:
        """The values of a column."""
        return self.columns[self.names.index(name)]

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def at(self, i: int) -> Place:
        """Where a row stands: on its own sheet, where several lie below one another."""
        number = self.rows[i]
        below = origin(self.stacked, number)
        if below is None:
            return Place(self.file, self.sheet, row=number)
        return Place(below.file, below.sheet, row=below.row(number))

    def row_names(self, *at: int) -> list[str]:
        """Rows as a person counts them; with the sheet (or file) where they stand on several.

        Examples
        --------
        >>> below = Stacked(27, 24, "chart.xlsx", "B", {})
        >>> raw = Raw("chart.xlsx", "A", (), (), (2, 3, 28), stacked=(below,))
        >>> raw.row_names(0, 1), raw.row_names(0, 2)
        (['2', '3'], ['A 2', 'B 4'])
        """
        places = [self.at(i) for i in at]
        several = len({(p.file, p.sheet) for p in places}) > 1
        numbers = [column_letters(p.row - 1) if self.turned and p.row else p.row for p in places]
        names = [f"{p.sheet or p.file} " if several else "" for p in places]
        return [f"{name}{number}" for name, number in zip(names, numbers, strict=True)]

    def top(self, n: int) -> Sequence[Column]:
        """The first rows of every column."""
        if isinstance(self.columns, OnDemand):
            return self.columns.top(n)
        return [c[:n] if isinstance(c, list) else c.head(n) for c in self.columns]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was opened: its sheets by name, each read when asked for."""

    file: str
    kind: str
    """``workbook``, ``delimited``, ``parquet``, ``spss``, ``stata``, ``sas``."""
    sheets: tuple[str | None, ...]
    read: Callable[[str | None], Sheet | Raw]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """How its letters were read where that is not certain."""


def filled_down(values: Column) -> list[Cell]:
    """Each blank as the value above it."""
    out: list[Cell] = []
    for value in values:
        blank = value is None or (isinstance(value, str) and not value.strip())
        out.append(out[-1] if blank and out else value)
    return out
