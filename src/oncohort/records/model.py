"""What reading gives: the record tables, where each cell stood, what was decided, what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem
from oncohort.records.frames import empty_table
from oncohort.records.grid import origin
from oncohort.vocabulary.spreadsheets import cell_name, column_letters
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from oncohort.records.grid import Joined, Stacked


@dataclass(frozen=True, slots=True)
class Source:
    """One input file as it was when read."""

    file: str
    """Path relative to the study folder."""
    sha256: str
    size: int
    """Bytes."""

    @classmethod
    def of(cls, name: str, path: Path) -> Source:
        """A file as it is now."""
        digest = hashlib.sha256()
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
        return cls(name, digest.hexdigest(), path.stat().st_size)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {"file": self.file, "sha256": self.sha256, "size": self.size}


@dataclass(frozen=True, slots=True)
class Decision:
    """How something was read: what was decided, by which rule, for how many cells.

    A decision is not a problem: the reading is unambiguous, or the protocol says so. It is kept
    so that anybody can see that ``12,5`` was read as 12.5, and where.
    """

    rule: str
    """Name of the rule, ``dates.day-first``."""
    what: str
    """In words, with the evidence."""
    table: str | None = None
    column: str | None = None
    count: int = 0
    """Cells that it concerns; 0 where cells are not counted."""
    place: Place = field(default_factory=Place)
    """The first such cell."""
    by: str = "rule"
    """``protocol`` where `study.toml` says so, ``rule`` where the values left one reading only."""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; empty fields are left out."""
        raw: dict[str, object] = {
            "rule": self.rule,
            "what": self.what,
            "table": self.table,
            "column": self.column,
            "count": self.count,
            "place": str(self.place) if self.place != Place() else None,
            "by": self.by,
        }
        return {k: v for k, v in raw.items() if v not in (None, "", 0)}


@dataclass(frozen=True, slots=True)
class TablePlaces:
    """Where the columns of one record table stood in its source."""

    file: str
    sheet: str | None
    columns: Mapping[str, str]
    """Our column = the chart's header."""
    letters: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Our column = its position in the sheet, from 0; empty for sources without cells."""
    wide: Mapping[tuple[str, int], tuple[int, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """For wide sheets: (our column, source row) = positions, in the order of the record rows."""
    joined: Mapping[str, Joined] = field(default_factory=lambda: MappingProxyType({}))
    """Our column = its own sheet, where it was joined from another one."""
    stacked: tuple[Stacked, ...] = ()
    """Further sheets whose rows stand below those of the first."""
    turned: bool = False
    """The patients stand in columns: a row of the table is a column of the sheet."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The side map from (table, column, source row) to file, sheet and cell."""

    tables: Mapping[str, TablePlaces] = field(default_factory=lambda: MappingProxyType({}))

    def place(
        self,
        table: str,
        column: str | None = None,
        source_row: int | None = None,
        occurrence: int | None = None,
    ) -> Place:
        """Where a value of a record table stood.

        Parameters
        ----------
        table, column
            Names in the record tables.
        source_row
            The row's ``source_row``.
        occurrence
            Which of the record rows that a wide sheet's row became, from 0; without it, all
            their cells.

        Examples
        --------
        >>> where = TablePlaces("chart.xlsx", "Patients", {"kps": "KPS"}, {"kps": 2})
        >>> str(Cells({"patients": where}).place("patients", "kps", 14))
        "chart.xlsx sheet 'Patients' cell C14 (KPS)"
        """
        at = self.tables.get(table)
        if at is None:
            return Place()
        header = at.columns.get(column) if column is not None else None
        if column is not None and column in at.joined:
            other = at.joined[column]
            row = other.rows.get(source_row) if source_row is not None else None
            there = f"{column_letters(other.letter)}{row}" if row and other.letter >= 0 else None
            return Place(other.file, other.sheet, there, row, header)
        below = origin(at.stacked, source_row)
        if below is not None and source_row is not None:
            row, letter = below.row(source_row), below.letters.get(header or "", -1)
            there = f"{column_letters(letter)}{row}" if letter >= 0 else None
            return Place(below.file, below.sheet, there, row, header)
        cell = None
        if column is not None and source_row is not None and (column, source_row) in at.wide:
            several = at.wide[column, source_row]
            if occurrence is not None:
                several = several[occurrence : occurrence + 1]
            # A position of -1 stands for a value that no cell of its own held.
            letters = dict.fromkeys(column_letters(i) for i in several if i >= 0)
            cell = ", ".join(f"{c}{source_row}" for c in letters) or None
        elif column is not None and column in at.letters and source_row is not None:
            cell = cell_name(at.letters[column], source_row, turned=at.turned)
        return Place(at.file, at.sheet, cell, source_row, header)

    def rows(self, table: str, source_rows: Iterable[int]) -> list[str]:
        """Rows as a person counts them, each on its own sheet.

        ``source_row`` numbers the rows of a table one after the other, over all its sheets; where
        the rows stand on several, the sheet (or file) is named.

        Examples
        --------
        >>> from oncohort.records.grid import Stacked
        >>> below = Stacked(27, 24, "chart.xlsx", "B", {})
        >>> cells = Cells({"labs": TablePlaces("chart.xlsx", "A", {}, stacked=(below,))})
        >>> cells.rows("labs", [28, 50]), cells.rows("labs", [4, 28])
        (['4', '26'], ['A 4', 'B 4'])
        """
        places = [self.place(table, None, row) for row in source_rows]
        several = len({(p.file, p.sheet) for p in places}) > 1
        turned = table in self.tables and self.tables[table].turned
        numbers = [column_letters(p.row - 1) if turned and p.row else str(p.row) for p in places]
        names = [f"{p.sheet or p.file} " if several else "" for p in places]
        return [name + number for name, number in zip(names, numbers, strict=True)]


@dataclass(frozen=True, slots=True)
class Records:
    """A study's data as read: typed tables, and everything there is to say about the reading."""

    tables: Mapping[str, pl.DataFrame]
    """Record tables by name, columns as in :mod:`oncohort.vocabulary.tables`; further columns of
    ``patients`` under the chart's own names."""
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cells: Cells = field(default_factory=Cells)
    sources: tuple[Source, ...] = ()
    people: frozenset[str] = frozenset()
    """Names and numbers of patients that unread columns hold: nothing printed may hold them."""

    def place(
        self,
        table: str,
        column: str | None = None,
        source_row: int | None = None,
        occurrence: int | None = None,
    ) -> Place:
        """Where a value stood in its source; see :meth:`Cells.place`."""
        return self.cells.place(table, column, source_row, occurrence)

    def __contains__(self, table: str) -> bool:
        return table in self.tables

    def __getitem__(self, table: str) -> pl.DataFrame:
        """The table; an empty one where the study has none."""
        found = self.tables.get(table)
        return empty_table(TABLES[table]) if found is None else found
