"""What is wrong with a table's columns: those that are not there, not used, or name people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import Scalar, TableMap
from oncohort.protocol.references import nearest
from oncohort.records.column_settings import LISTS
from oncohort.records.columns import as_list
from oncohort.records.grid import Column, Raw, origin
from oncohort.records.names import columns_called, fold
from oncohort.records.new_lesions import DAY, SITE
from oncohort.records.personal import Personal
from oncohort.records.units_of_columns import FACTORS
from oncohort.records.values import text_of
from oncohort.records.wide import Wide
from oncohort.vocabulary.spreadsheets import cell_name, column_letters
from oncohort.vocabulary.tables import RecordTable


def _letters(text: str) -> bool:
    return len(text) > 3 and not any(c.isdigit() for c in text)


LISTED = 50
"""So many rows without a patient are told one by one."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of one record table as matched so far, and what is wrong with them."""

    table: RecordTable
    raw: Raw
    map: TableMap
    header: Mapping[str, str]
    """Our column = the chart's."""
    wide: Wide | None = None

    def key(self, rest: str) -> str:
        return f"tables.{self.table.name}.{rest}"

    def at(self, column: str | None = None, row: int | None = None) -> Place:
        """The cell of one of the chart's columns."""
        raw = self.raw
        if column is not None and column in raw.joined:
            other = raw.joined[column]
            there = other.rows.get(row) if row is not None else None
            at = f"{column_letters(other.letter)}{there}" if there and other.letter >= 0 else None
            return Place(other.file, other.sheet, at, there, column)
        below = origin(raw.stacked, row)
        if below is not None and row is not None:
            letter = below.letters.get(column or "", -1)
            own = f"{column_letters(letter)}{below.row(row)}" if letter >= 0 else None
            return Place(below.file, below.sheet, own, below.row(row), column)
        cell = None
        if column is not None and raw.letters and column in raw.names and row is not None:
            cell = cell_name(raw.letters[raw.names.index(column)], row, turned=raw.turned)
        return Place(raw.file, raw.sheet, cell, row, column)

    def missing_column(self, key: str, name: str) -> Problem:
        ours = key.removeprefix("columns.")
        return problem(
            "columns.missing",
            place=replace(self.at(), key=self.key(key)),
            table=self.table.name,
            column=None if key == "where" else ours,
            name=name,
            nearest=nearest(name, self.raw.names),
        )

    def nothing_kept(
        self, raw: Raw, where: Mapping[str, Scalar | list[Scalar]]
    ) -> Iterator[Problem]:
        """Conditions on rows that no row of the sheet meets: their value is misspelt."""
        for column, wanted in where.items():
            if column not in raw.names or not raw.height:
                continue
            asked = [text_of(v) for v in (wanted if isinstance(wanted, list) else [wanted])]
            cells = as_list(raw.column(column))
            held = list(dict.fromkeys("" if v is None else text_of(v) for v in cells))
            if not set(asked) & set(held):
                yield problem(
                    "rows.none-kept",
                    place=Place(raw.file, raw.sheet, column=column, key=self.key("where")),
                    table=self.table.name,
                    name=column,
                    values=" or ".join(asked),
                    nearest=nearest(asked[0], held),
                )

    def unknown_column(self, ours: str, setting: str, meant: str | None = None) -> Problem:
        return problem(
            "columns.unknown",
            place=Place(key=self.key(f"{setting}.{ours}")),
            table=self.table.name,
            column=meant,
            name=ours,
            nearest=nearest(meant or ours, self.table.kinds),
        )

    def unknown_setting(self, setting: str, name: str) -> Problem:
        """A setting of a column that there isn't: values of another one may be read wrong."""
        names = list(dict.fromkeys([*self.raw.names, *self.header, *self.table.kinds]))
        close = get_close_matches(fold(name), [fold(n) for n in names], n=1, cutoff=0.6)
        meant = next((n for n in names if close and fold(n) == close[0]), None)
        ours = {theirs: own for own, theirs in self.header.items()}
        return problem(
            "columns.unknown",
            "setting",
            place=Place(key=self.key(f"{setting}.{name}" if setting not in LISTS else setting)),
            table=None if setting == "ignore" else self.table.name,
            column=None if meant is None else ours.get(meant, meant),
            holder=self.table.name,
            name=name,
            nearest=nearest(meant or name, names),
        )

    def misspelt_codes(self, column: str, values: Column) -> Iterator[Problem]:
        """Codes of the protocol that no cell holds, where one without a code looks alike.

        Codes that differ in a figure or in their last sign alone are different ones.
        """
        codes = self.map.codes.get(column, {})
        if not codes:
            return
        held = {text_of(v) for v in dict.fromkeys(as_list(values)) if v is not None}
        free = sorted(held - set(codes))
        for code in (c for c in codes if c and c not in held):
            words = [w for w in free if w[:-1] != code[:-1] and _letters(w)]
            close = get_close_matches(code, words, n=1, cutoff=0.75) if _letters(code) else []
            if close:
                yield problem(
                    "values.unused-code",
                    place=replace(
                        self.at(self.header.get(column)), key=self.key(f"codes.{column}")
                    ),
                    column=column,
                    value=code,
                    near=close[0],
                )

    def unknown_unit(self, column: str, unit: str) -> Problem:
        return problem(
            "units.unknown",
            "column",
            place=replace(self.at(self.header.get(column)), key=self.key(f"units.{column}")),
            table=self.table.name,
            column=column,
            unit=unit,
            known=", ".join(FACTORS[column]),
        )

    def no_patient(self) -> Problem:
        return problem(
            "columns.no-patient",
            place=replace(self.at(), key=self.key("columns")),
            table=self.table.name,
            nearest=nearest("patient id", self.raw.names),
        )

    def blank_patients(self, blank: list[int], rows: int, block: bool) -> list[Problem]:
        """Rows without a patient, each; as one problem where they look like blocks, or are many."""
        at, table = self.header.get("patient"), self.table.name
        if block or len(blank) > LISTED:
            place = self.at(at, blank[0])
            n, column = len(blank), "patient"
            wrong = problem(
                "rows.no-patient", "block", place=place, table=table, column=column, n=n, rows=rows
            )
            return [wrong]
        return [
            problem("rows.no-patient", place=self.at(at, row), table=table, row=row)
            for row in blank
        ]

    def required(self, told: Iterable[Problem]) -> list[Problem]:
        """Columns that the table can not do without; not what was said of them already."""
        known = {p.place.key or "" for p in told}
        out: list[Problem] = []
        told_by = ("vital_status",) if self.map.last_contact_is_death else ()
        for column in (*self.table.required, *told_by):
            there = column in self.header or column in self.map.constants
            if there or (self.wide is not None and self.wide.has(column)):
                continue
            if any(key.endswith(f"columns.{column}") for key in known):
                continue
            out.append(
                problem(
                    "columns.missing",
                    "required",
                    place=replace(self.at(), key=self.key(f"columns.{column}")),
                    table=self.table.name,
                    column=column,
                    nearest=nearest(column, self.raw.names),
                    holds=self.table.holds,
                )
            )
        return out

    def unused(self, others: Iterable[TableMap]) -> list[Problem]:
        """Columns that nothing reads: one note for the table, a warning where a name is near.

        Parameters
        ----------
        others
            The record tables, of which another may stand on the same sheet.
        """
        if self.table.open or self.map.shape != "long":
            return []
        out: list[Problem] = []
        used = {*self.header.values(), *columns_called(self.raw.names, self.map.ignore)}
        here = [t for t in others if (t.file, t.sheet) == (self.map.file, self.map.sheet)]
        used |= set(columns_called(self.raw.names, [c for t in here for c in t.columns.values()]))
        rest = [n for n in self.raw.names if n not in used and n not in (SITE, DAY)]
        free = [c for c in self.table.kinds if c not in self.header]
        for name in rest:
            close = get_close_matches(fold(name), [fold(c) for c in free], n=1, cutoff=0.8)
            if close:
                ours = next(c for c in free if fold(c) == close[0])
                out.append(
                    problem("columns.unused", "similar", place=self.at(name), name=name, ours=ours)
                )
        if rest:
            out.append(
                problem("columns.unused", place=self.at(), table=self.table.name, names=rest)
            )
        return out

    def personal(self, alarm: Iterable[Personal]) -> list[Problem]:
        """The personal-data alarm: columns that name somebody, whether they are used or not."""
        ignored = columns_called(self.raw.names, (*self.map.ignore, *self.map.hash))
        out: list[Problem] = []
        needed = {self.header.get("birth_date")}
        for found in alarm:
            if found.column in ignored or found.column in needed:
                continue
            is_id = found.column == self.header.get("patient")
            todo = f"{found.advice}. oncohort deidentify makes a copy without it."
            if not is_id and self.table.open and found.kind != "text":
                todo = f'{found.advice}, or leave it unread: ignore = ["{found.column}"].'
            out.append(
                problem(
                    f"personal.{found.kind}",
                    place=self.at(found.column, self.raw.rows[found.first]),
                    name=found.column,
                    evidence=found.evidence,
                    todo=todo,
                )
            )
        return out
