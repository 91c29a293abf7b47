"""What a check of a study's data is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from oncohort.problems import Place, Problem
from oncohort.protocol import Protocol
from oncohort.records import Records

_BITS = 40
_ROW = (1 << _BITS) - 1


def numbered(records: Records) -> Records:
    """Records whose rows know which of a wide sheet's records they are.

    A row of a wide sheet makes several records with one ``source_row``. Here, and only for the
    rules, the record's number stands in the high bits of ``source_row``, so that
    :meth:`Data.at` can name the one cell.
    """
    tables = dict(records.tables)
    for name, places in records.cells.tables.items():
        if places.wide and name in tables:
            nth = pl.int_range(pl.len()).over("source_row") + 1
            tables[name] = tables[name].with_columns(pl.col("source_row") + nth * (1 << _BITS))
    return replace(records, tables=tables)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that a check may look at."""

    records: Records
    protocol: Protocol
    cohort: Any = None
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
        return all(
            c in frame.columns and frame.get_column(c).null_count() < frame.height for c in columns
        )

    @staticmethod
    def row(number: int) -> int:
        """The row of the source, without the mark of the record (see :func:`numbered`)."""
        return number & _ROW

    def at(self, table: str, column: str | None, row: int | None) -> Place:
        """The place of a value; ``row`` is the record's ``source_row``."""
        if row is None:
            return self.records.place(table, column)
        which = (row >> _BITS) - 1
        return self.records.place(table, column, row & _ROW, which if which >= 0 else None)


MANY = 100
"""Problems of one rule and column that are listed; the rest is counted."""
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
