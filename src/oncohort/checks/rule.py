"""What a rule about a study's data is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from oncohort.problems import Place, Problem, Severity
from oncohort.protocol import Protocol
from oncohort.records import Records
from oncohort.records.blocking import blocked_by

if TYPE_CHECKING:
    import polars as pl


_BITS = 40
_ROW = (1 << _BITS) - 1


def numbered(records: Records) -> Records:
    """Records whose rows know which of a wide sheet's records they are.

    A row of a wide sheet makes several records with one ``source_row``. Here, and only for the
    rules, the record's number stands in the high bits of ``source_row``, so that
    :meth:`Data.at` can name the one cell.
    """
    import polars as pl

    tables = dict(records.tables)
    for name, places in records.cells.tables.items():
        if places.wide and name in tables:
            nth = pl.int_range(pl.len()).over("source_row") + 1
            tables[name] = tables[name].with_columns(pl.col("source_row") + nth * (1 << _BITS))
    return replace(records, tables=tables)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that a rule may look at."""

    records: Records
    protocol: Protocol
    cohort: Any = None
    """The cohort, where it was built."""

    @property
    def patients(self) -> pl.DataFrame:
        """The table of patients."""
        return self.records.tables["patients"]

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

    def blocks(self, table: str, *columns: str) -> tuple[str, ...]:
        """Results that rest on the columns."""
        found: set[str] = set()
        for column in columns:
            found |= set(blocked_by(self.protocol, table, column))
        return tuple(sorted(found))


Check = Callable[[Data, "Rule"], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: what it looks for, why it matters, and the function that looks.

    Rules that hold while reading or while deriving (``check`` is None) are listed here too, so
    that every problem's id can be looked up.
    """

    name: str
    severity: Severity
    what: str
    """What it looks for, one sentence."""
    why: str
    """Why it matters."""
    check: Check | None = None

    def problem(
        self,
        what: str,
        todo: str = "",
        *,
        place: Place | None = None,
        patient: str | None = None,
        blocks: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> Problem:
        """A problem found by this rule."""
        return Problem(
            self.name,
            severity or self.severity,
            what,
            self.why,
            todo,
            place or Place(),
            patient,
            blocks,
        )


RULES: dict[str, Rule] = {}
"""Every named rule; ``oncohort rules`` prints them."""


def rule(name: str, severity: Severity, what: str, why: str) -> Callable[[Check], Check]:
    """Register a checking function under its name."""

    def register(function: Check) -> Check:
        RULES[name] = Rule(name, severity, what, why, function)
        return function

    return register
