"""What a check of a study's data is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from itertools import repeat

import polars as pl

from oncohort.criteria.frames import Row
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.records import Records
from oncohort.vocabulary.boundaries import Option

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
    _included: dict[int, tuple[pl.DataFrame, pl.DataFrame]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What was filtered already, by the frame's identity, with the frame."""

    @property
    def patients(self) -> pl.DataFrame:
        """The table of patients."""
        return self.records.tables["patients"]

    def included(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of patients who are in the study; all of them where it is not known who is."""
        if self.cohort is None or self.cohort.n == 0:
            return frame
        if id(frame) not in self._included:
            kept = frame.filter(pl.col("patient").is_in(self.cohort.frame["patient"].implode()))
            self._included[id(frame)] = frame, kept
        return self._included[id(frame)][1]

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

    def problem(
        self, id_: str, case: str = "", *, row: Row, table: str, column: str, **holes: Option
    ) -> Problem:
        """A problem of a record's cell, which is called wrong: what rests on it can't be trusted.

        Parameters
        ----------
        id_, case, holes
            As for :func:`oncohort.problems.problem`.
        row
            The record, with ``patient``, ``source_row`` and ``source_record``.
        table, column
            Where the wrong value stands.
        """
        place, who = self.at(table, column, row["source_record"]), row["patient"]
        wrong = {"table": table, "column": column, "row": row["source_row"]}
        return problem(id_, case, place=place, patient=who, **wrong, **holes)

    def problems(
        self, id_: str, rows: pl.DataFrame, table: str, column: str, case: str = "", **holes: Option
    ) -> Iterator[Problem]:
        """:meth:`problem` for each of these records; a hole may be an expression of its columns."""
        for row, values in _filled(rows, holes):
            yield self.problem(id_, case, row=row, table=table, column=column, **values)

    def notices(
        self, id_: str, rows: pl.DataFrame, table: str, column: str, case: str = "", **holes: Option
    ) -> Iterator[Problem]:
        """The same at cells that are not themselves called wrong: nothing is left out for them."""
        for row, values in _filled(rows, holes):
            place = self.at(table, column, row["source_record"])
            yield problem(id_, case, place=place, patient=row["patient"], **values)


def _filled(
    rows: pl.DataFrame, holes: Mapping[str, Option]
) -> Iterator[tuple[Row, dict[str, Option]]]:
    """The first records, each with what stands in the holes of its text."""
    if rows.is_empty():
        return
    rows = rows.head(MANY)
    fixed = {k: v for k, v in holes.items() if not isinstance(v, pl.Expr)}
    seen = rows.select(**{k: v for k, v in holes.items() if k not in fixed})
    values = seen.iter_rows(named=True) if seen.width else repeat({}, rows.height)
    for row, value in zip(rows.iter_rows(named=True), values, strict=True):
        yield row, {**fixed, **value}


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
