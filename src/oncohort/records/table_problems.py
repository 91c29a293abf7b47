"""What is wrong with a table's columns: those that are not there, not used, or name people."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.data import TableMap
from oncohort.protocol.references import nearest
from oncohort.records.finding import Found
from oncohort.records.grid import Raw
from oncohort.records.model import Decision, column_letters
from oncohort.records.names import fold
from oncohort.records.personal import SAMPLED as PERSONAL_ROWS
from oncohort.records.personal import Personal, find_personal
from oncohort.records.units_of_columns import FACTORS
from oncohort.records.wide import Wide
from oncohort.vocabulary.tables import RecordTable


class TableProblems:
    """The reading of one record table so far: its columns, and what there is to say of them."""

    def __init__(self, protocol: Protocol, table: RecordTable, at: Found) -> None:
        self.protocol = protocol
        self.table = table
        self.map: TableMap = at.map
        self.raw: Raw = at.raw
        self.problems: list[Problem] = []
        self.decisions: list[Decision] = []
        self.header: dict[str, str] = {}
        """Our column = the chart's."""
        self.wide: Wide | None = None
        self._alarmed: list[Personal] | None = None
        self._who: Any = None
        """The patients' raw values, kept for naming the patient of a problem."""

    def _key(self, rest: str) -> str:
        return f"tables.{self.table.name}.{rest}"

    def _at(self, column: str | None = None, row: int | None = None) -> Place:
        """The cell of one of the chart's columns."""
        raw = self.raw
        if column is not None and column in raw.joined:
            other = raw.joined[column]
            there = other.rows.get(row) if row is not None else None
            at = f"{column_letters(other.letter)}{there}" if there and other.letter >= 0 else None
            return Place(other.file, other.sheet, at, there, column)
        cell = None
        if column is not None and raw.letters and column in raw.names and row is not None:
            cell = f"{column_letters(raw.letters[raw.names.index(column)])}{row}"
        return Place(raw.file, raw.sheet, cell, row, column)

    def _missing_column(self, key: str, name: str) -> None:
        ours = key.removeprefix("columns.")
        self.problems.append(
            problem(
                "columns.missing",
                place=replace(self._at(), key=self._key(key)),
                table=self.table.name,
                column=None if key == "where" else ours,
                name=name,
                nearest=nearest(name, self.raw.names),
            )
        )

    def _unknown_column(self, ours: str) -> None:
        self.problems.append(
            problem(
                "columns.unknown",
                place=Place(key=self._key(f"columns.{ours}")),
                table=self.table.name,
                name=ours,
                nearest=nearest(ours, self.table.kinds),
            )
        )

    def _unknown_setting(self, setting: str, name: str) -> None:
        """A setting of a column that there isn't: values of another one may be read wrong."""
        names = list(dict.fromkeys([*self.raw.names, *self.header, *self.table.kinds]))
        close = get_close_matches(fold(name), [fold(n) for n in names], n=1, cutoff=0.6)
        meant = next((n for n in names if close and fold(n) == close[0]), None)
        ours = {theirs: mine for mine, theirs in self.header.items()}
        said = problem(
            "columns.unknown",
            "setting",
            place=Place(key=self._key(f"{setting}.{name}" if setting != "ignore" else setting)),
            table=None if setting == "ignore" else self.table.name,
            column=None if meant is None else ours.get(meant, meant),
            holder=self.table.name,
            name=name,
            nearest=nearest(meant or name, names),
        )
        self.problems.append(said)

    def _unknown_unit(self, column: str, unit: str) -> None:
        self.problems.append(
            problem(
                "units.unknown",
                "column",
                place=replace(self._at(self.header.get(column)), key=self._key(f"units.{column}")),
                table=self.table.name,
                column=column,
                unit=unit,
                known=", ".join(FACTORS[column]),
            )
        )

    def _no_patient(self) -> None:
        self.problems.append(
            problem(
                "columns.no-patient",
                place=replace(self._at(), key=self._key("columns")),
                table=self.table.name,
                nearest=nearest("patient id", self.raw.names),
            )
        )

    def _required(self) -> None:
        for column in self.table.required:
            there = column in self.header or column in self.map.constants
            if there or (self.wide is not None and self.wide.has(column)):
                continue
            if f"columns.{column}" in {
                (p.place.key or "")[-8 - len(column) :] for p in self.problems
            }:
                continue
            self.problems.append(
                problem(
                    "columns.missing",
                    "required",
                    place=replace(self._at(), key=self._key(f"columns.{column}")),
                    table=self.table.name,
                    column=column,
                    nearest=nearest(column, self.raw.names),
                    holds=self.table.holds,
                )
            )

    def _unused(self) -> None:
        """Columns that nothing reads: one note for the table, a warning where a name is near."""
        if self.table.open or self.map.shape == "wide":
            return
        used = set(self.header.values()) | {fold(c) for c in self.map.ignore}
        rest = [n for n in self.raw.names if n not in used and fold(n) not in used]
        free = [c for c in self.table.kinds if c not in self.header]
        for name in rest:
            close = get_close_matches(fold(name), [fold(c) for c in free], n=1, cutoff=0.8)
            if close:
                ours = next(c for c in free if fold(c) == close[0])
                self.problems.append(
                    problem("columns.unused", "similar", place=self._at(name), name=name, ours=ours)
                )
        if rest:
            self.problems.append(
                problem("columns.unused", place=self._at(), table=self.table.name, names=rest)
            )

    def _not_read(self) -> set[str]:
        """Columns that name people and that the protocol does not ask for."""
        p = self.protocol
        asked = {v.column or key for key, v in p.variables.items()}
        asked |= {str(c) for e in p.endpoints.values() for c in (e.time, e.event) if c}
        asked |= {c.column for c in p.eligibility.criteria if c.table == self.table.name}
        return {f.column for f in self._alarm() if f.column not in asked}

    def _alarm(self) -> list[Personal]:
        if self._alarmed is None:
            top = self.raw.top(PERSONAL_ROWS)
            self._alarmed = find_personal(self.raw.names, top, self.raw.identifiers)
        return self._alarmed

    def _personal(self) -> None:
        """The personal-data alarm: columns that name somebody, whether they are used or not."""
        ignored = {fold(c) for c in self.map.ignore}
        needed = {self.header.get("birth_date")}
        for found in self._alarm():
            if fold(found.column) in ignored or found.column in needed:
                continue
            is_id = found.column == self.header.get("patient")
            todo = f"{found.advice}. oncohort deidentify makes a copy without it."
            if not is_id and self.table.open and found.kind != "text":
                todo = f'{found.advice}, or leave it unread: ignore = ["{found.column}"].'
            self.problems.append(
                problem(
                    f"personal.{found.kind}",
                    place=self._at(found.column, self.raw.rows[found.first]),
                    name=found.column,
                    evidence=found.evidence,
                    todo=todo,
                )
            )
