"""What every source is turned into first: sheets of raw values that know their rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

Values = "list[Any] | pl.Series"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as stored: rows of raw values from cell A1 on, nothing interpreted.

    Blank cells are None. The first row of ``rows`` is row 1 of the sheet, the first value of a
    row is column A.
    """

    file: str
    name: str | None
    rows: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged ranges as (first row, first column, last row, last column), from 0."""
    hidden: bool = False
    label_of: dict[str, dict[str, str]] = field(default_factory=dict)
    """Column name = {stored code = label}, from a data dictionary or value labels."""
    column_label: dict[str, str] = field(default_factory=dict)
    """Column name = its long label."""

    @property
    def width(self) -> int:
        """Columns of the widest row."""
        return max((len(r) for r in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Raw:
    """A table of raw values with its header found: columns by name, each row with its number."""

    file: str
    sheet: str | None
    names: tuple[str, ...]
    columns: tuple[list[Any] | pl.Series, ...]
    rows: Sequence[int]
    """Row numbers of the source, as a person counts them."""
    letters: tuple[int, ...] = ()
    """Position of each column in the sheet from 0; empty for sources without cells."""
    header_row: int | None = None
    label_of: dict[str, dict[str, str]] = field(default_factory=dict)
    column_label: dict[str, str] = field(default_factory=dict)

    def column(self, name: str) -> list[Any] | pl.Series:
        """The values of a column."""
        return self.columns[self.names.index(name)]

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was opened: its sheets by name, each read when asked for."""

    file: str
    kind: str
    """``workbook``, ``delimited``, ``parquet``, ``spss``, ``stata``, ``sas``."""
    sheets: tuple[str | None, ...]
    read: Callable[[str | None], Sheet | Raw]
    notes: tuple[str, ...] = ()
