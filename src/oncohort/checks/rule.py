"""What a check of a study's data is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from oncohort.endpoints.cohort import Cohort
from oncohort.problems import Place, Problem
from oncohort.protocol import Protocol
from oncohort.records import Records

HIDDEN = ("source_row", "source_record")
"""Columns that say where a record came from."""


def numbered(records: Records) -> Records:
    """Records whose tables have ``source_record``: the record's number in its table, from 0.

    A row of a wide sheet makes several records with one ``source_row``; by its number
    :meth:`Data.at` can name the one cell.
    """
    tables = {name: frame.with_row_index("source_record") for name, frame in records.tables.items()}
    return replace(records, tables=tables)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that a check may look at."""

    records: Records
    protocol: Protocol
    cohort: Cohort | None = None
    """The cohort, where it was built."""

    @property
    def patients(self) -> pl.DataFrame:
        """The table of patients."""
        return self.records.tables["patients"]

    def included(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of patients who are in the study; all of them where it is not known who is."""
        if self.cohort is None or self.cohort.n == 0:
            return frame
        return frame.filter(pl.col("patient").is_in(self.cohort.frame["patient"].implode()))

    def has(self, table: str, *columns: str) -> bool:
        """Is there the table, with at least one value in each of the columns?"""
        frame = self.records.tables.get(table)
        if frame is None or frame.height == 0:
            return False
        try:
            held = [frame.get_column(column) for column in columns]
        except pl.exceptions.ColumnNotFoundError:
            return False
        return all(column.null_count() < frame.height for column in held)

    def at(self, table: str, column: str | None, record: int | None) -> Place:
        """The place of a value; ``record`` is the record's ``source_record``."""
        if record is None:
            return self.records.place(table, column)
        rows = self.records.tables[table]["source_row"]
        if rows[record] is None:
            return self.records.place(table, column)
        known = self.records.cells.tables.get(table)
        if known is None or not known.wide:
            return self.records.place(table, column, rows[record])
        before = int((rows[:record] == rows[record]).sum())
        return self.records.place(table, column, rows[record], before)


MANY = 2_000
"""So many problems of one rule and column are told at most, so that their number is a true one
in all but registries."""
MISSING_CODES = (-9, -99, -999, -9999, -1, 88, 99, 777, 888, 999, 9999)
"""Numbers by which charts say that a value is missing."""

Check = Callable[[Data], Iterator[Problem]]

CHECKS: dict[str, Check] = {}
"""Every check of a study's data, by the id of the problem that it finds."""


def rule(id_: str) -> Callable[[Check], Check]:
    """Register a checking function under the id of the problem that it finds."""

    def register(function: Check) -> Check:
        CHECKS[id_] = function
        return function

    return register
