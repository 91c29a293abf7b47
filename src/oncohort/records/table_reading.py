"""One record table from its raw values: rows chosen, columns matched, every value typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.toml_text import toml_key, toml_value
from oncohort.records.asked import (
    asked_for,
    declared_levels,
    misnamed,
    not_asked_for,
    number_columns,
)
from oncohort.records.beside_sizes import with_marks
from oncohort.records.column_settings import settle
from oncohort.records.columns import (
    ReadColumn,
    Used,
    as_list,
    covariate_reader,
    decimal_mark,
    read_column,
)
from oncohort.records.date_rows import decide, looks_swapped
from oncohort.records.frames import schema_of
from oncohort.records.grid import Cell, Column, filled_down
from oncohort.records.idle_settings import idle
from oncohort.records.kept_rows import keep_rows
from oncohort.records.made_columns import with_made
from oncohort.records.marked_numbers import split_marks
from oncohort.records.model import Decision, TablePlaces
from oncohort.records.names import column_at, columns_called, fold
from oncohort.records.narrowing import TOO_WIDE, narrowed
from oncohort.records.new_lesions import SITE, with_new
from oncohort.records.one_row import made_one
from oncohort.records.personal import SAMPLED as PERSONAL_ROWS
from oncohort.records.personal import Personal, find_personal
from oncohort.records.reader_of_column import reader_of
from oncohort.records.rule_words import deaths_at_last_contact, decision_of
from oncohort.records.scan_marks import MARKS
from oncohort.records.table_problems import TableColumns
from oncohort.records.values import Reader, text_of
from oncohort.records.wide import Wide, widen
from oncohort.records.worded import spell_out
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import Kind

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import TableMap
    from oncohort.records.finding import Found
    from oncohort.records.grid import Raw
    from oncohort.vocabulary.tables import RecordTable


class TableReading:
    """Reads one record table; problems and decisions are collected on the way."""

    def __init__(self, protocol: Protocol, table: RecordTable, at: Found) -> None:
        self.protocol = protocol
        self.table = table
        self.map: TableMap = at.map
        self.raw: Raw = at.raw
        self._found = at.raw
        self.problems: list[Problem] = []
        self.decisions: list[Decision] = []
        self.header: dict[str, str] = {}
        """Our column = the chart's."""
        self.wide: Wide | None = None
        self._decided: dict[str, list[Cell]] = {}
        """Date columns in which the row's other dates settled the order of day and month."""
        self._who: Column | None = None
        """The patients' raw values, kept for naming the patient of a problem."""

    @property
    def columns(self) -> TableColumns:
        """The columns as they are known so far."""
        return TableColumns(self.table, self.raw, self.map, self.header, self.wide)

    @cached_property
    def alarm(self) -> list[Personal]:
        """Columns that name people."""
        return find_personal(self.raw.names, self.raw.top(PERSONAL_ROWS), self.raw.identifiers)

    @cached_property
    def _mark(self) -> str:
        """The decimal mark of the table's texts."""
        return decimal_mark(self.raw.columns) if isinstance(self.raw.columns, list | tuple) else ""

    def read(self) -> pl.DataFrame | None:
        self._narrow()
        before = self.raw
        self.raw, kept, absent = keep_rows(self.raw, self.map.where, self.table.name)
        self.decisions += kept
        self.problems += [self.columns.missing_column("where", column) for column in absent]
        self.problems += self.columns.nothing_kept(before, self.map.where)
        self.raw, absent = split_marks(self.raw, self.map.marked)
        self.problems += [self.columns.missing_column("marked", column) for column in absent]
        self._made_columns()
        self._one_row()
        self._match()
        self._settle()
        if not self._by_row and "patient" not in {*self.header, *self.map.constants}:
            self.problems.append(self.columns.no_patient())
            return None
        if self.map.shape == "wide":
            self.wide = widen(self.raw, self.map, self.header, self.table.name)
        elif self.map.shape == "words":
            self.wide = spell_out(self.raw, self.map, self.header, self.table.name)
        if self.wide is not None:
            self.problems += self.wide.problems
            self.decisions += self.wide.decisions
        self._swapped()
        self._by_other_dates()
        self._marks()
        columns: dict[str, pl.Series] = {}
        for column in ("patient", *self.table.kinds):
            self._typed(
                columns, column, "text" if column == "patient" else self.table.kinds[column]
            )
        if self.table.open:
            self._covariates(columns)
        rows = self._rows()
        columns["source_row"] = (
            pl.int_range(rows.start, rows.stop, rows.step, dtype=pl.Int64, eager=True)
            if isinstance(rows, range)
            else pl.Series(list(rows), dtype=pl.Int64)
        ).alias("source_row")
        if self.map.last_contact_is_death:
            self._deaths_from_contacts(columns)
        frame = pl.DataFrame(list(columns.values()))
        self.problems += self.columns.required(self.problems)
        self.problems += [
            *self.columns.unused(self.protocol.tables.values()),
            *self.columns.personal(self.alarm),
        ]
        return self._without_blank_patients(frame)

    def _marks(self) -> None:
        """What stands beside or below the sizes, a new lesion say, becomes records."""
        new = SITE in self.raw.names
        if self.table.name != "lesions" or not (new or set(MARKS) & set(self.header)):
            return
        if self.wide is None:
            values = {c: self._values(c) for c in ("patient", *self.table.kinds, *MARKS)}
            self.wide = with_marks(self.raw, self.header, values)
            self.decisions += self.wide.decisions
        if new:
            self.wide = with_new(self.raw, self.wide, self.header, self.map.constants)

    def _made_columns(self) -> None:
        """Columns that are made of the chart's: dates of parts, times of words, constants."""
        known = {"patient", *self.table.kinds} if self.table.open else ()
        self.raw, absent = with_made(self.raw, self.map, known)
        self.problems += [self.columns.missing_column(key, column) for key, column in absent]

    def _typed(self, columns: dict[str, pl.Series], column: str, kind: Kind) -> None:
        """Add one of our columns, and the precision of its dates; null where the chart has none."""
        height = len(self._rows())
        values = self._values(column)
        precision: pl.Series | None = None
        if values is None:
            columns[column] = pl.repeat(
                None, height, dtype=schema_of(self.table)[column], eager=True
            ).alias(column)
        else:
            done = read_column(values, self._reader(column, kind))
            self.problems += self.columns.misspelt_codes(column, values)
            self._say(column, done)
            columns[column] = done.values.alias(column)
            precision = done.precision
        if kind == "date":
            columns[f"{column}_precision"] = (
                pl.repeat(None, height, dtype=pl.String, eager=True)
                if precision is None
                else precision
            ).alias(f"{column}_precision")

    def _deaths_from_contacts(self, columns: dict[str, pl.Series]) -> None:
        """`last_contact_is_death`: who is dead died on the day of the last contact."""
        count = deaths_at_last_contact(columns)
        dated = {"vital_status", "last_contact"} <= {*self.header, *self.map.constants}
        if "death_date" not in self.header and dated:
            self.header["death_date"] = self.header["last_contact"]
        self.decisions.append(
            Decision(
                "dates.death-at-last-contact",
                f"{counted(count, 'patient who is dead', 'patients who are dead')} died on the day "
                "of their last contact.",
                self.table.name,
                "death_date",
                count,
                self.columns.at(self.header.get("last_contact")),
                "protocol",
            )
        )

    @property
    def _by_row(self) -> bool:
        """`columns.patient = "#row"`: every row is a patient, named by its row number."""
        each = self.map.one_row is not None and self.map.one_row.keep == "each"
        return each or self.map.columns.get("patient") == "#row"

    def _rows(self) -> Sequence[int]:
        return self.raw.rows if self.wide is None else self.wide.rows

    def _one_row(self) -> None:
        """`one_row`: several rows of a patient become one."""
        how = self.map.one_row
        if how is None or self._by_row or self.table.name != "patients":
            return
        wanted = fold(self.map.columns.get("patient", "patient"))
        key = next((n for n in self.raw.names if fold(n) == wanted), None)
        if key is None:
            return  # it is told that no column names the patients
        if self.map.fill_down:
            at = self.raw.names.index(key)
            columns = list(self.raw.columns)
            columns[at] = filled_down(as_list(columns[at]))
            self.raw = replace(self.raw, columns=columns)
        made = made_one(self.raw, how, key)
        self.raw = made.raw
        self.problems += made.problems
        self.decisions += made.decisions

    def _match(self) -> None:
        """Our columns to the chart's: as the protocol says, else by the same name."""
        by_name: dict[str, str] = {}
        for name in self.raw.names:
            by_name.setdefault(fold(name), name)
        ignored = columns_called(self.raw.names, self.map.ignore)
        for ours, theirs in self.map.columns.items():
            if ours == "patient" and self._by_row:
                continue
            exact = theirs if theirs in self.raw.names else by_name.get(fold(theirs))
            if exact is None:
                self.problems.append(self.columns.missing_column(f"columns.{ours}", theirs))
            else:
                self.header[ours] = exact
        used = set(self.header.values())
        marks = tuple(MARKS) if self.table.name == "lesions" and self.map.shape == "long" else ()
        for ours in ("patient", *self.table.kinds, *marks):
            if ours in self.map.columns or ours in self.map.constants or ours in self.map.repeat:
                continue
            same = by_name.get(fold(ours))
            if same is not None and same not in used and fold(ours) not in ignored:
                self.header[ours] = same
        self._names_known()

    def _names_known(self) -> None:
        """Settings that name our columns name columns of the table."""
        if self.table.open:
            held = {"columns": list(self.header), "constants": []}
            for setting, there in held.items():
                near = misnamed(self.protocol, getattr(self.map, setting), there)
                for ours, meant in near.items():
                    self.problems.append(self.columns.unknown_column(ours, setting, meant))
            return
        known = {"patient", *self.table.kinds}
        marks = set(MARKS) if self.table.name == "lesions" else set()  # at scans, beside the sizes
        for setting in ("columns", "constants", "repeat", "baseline"):
            more = set() if setting == "constants" else marks
            for ours in getattr(self.map, setting):
                if ours not in known | more:
                    self.problems.append(self.columns.unknown_column(ours, setting))

    def _settle(self) -> None:
        """Settings of single columns by our names; a name of no column is an error."""
        aliases = {
            key: v.column or key for key, v in self.protocol.variables.items() if self.table.open
        }
        ours = ("patient", *self.table.kinds, *self.map.constants, *self.map.repeat)
        done = settle(self.map, self.header, self.raw.names, ours, aliases)
        self.map = done.map
        for setting, name in done.unknown:
            self.problems.append(self.columns.unknown_setting(setting, name))
        if unused := list(idle(self.map, self._found, self.header, self.table)):
            self.problems.append(
                problem("layout.idle-settings", place=self.columns.at(None), names=unused)
            )

    def _swapped(self) -> None:
        """Real dates among written ones that a US Excel may have exchanged."""
        for column in self.table.dates:
            header = self.header.get(column)
            if self.wide is not None or header is None or {column, header} & set(self.map.swapped):
                continue
            found = looks_swapped(as_list(self.raw.column(header)))
            if found is not None:
                self.problems.append(
                    problem(
                        "dates.swapped",
                        place=self.columns.at(header),
                        table=self.table.name,
                        column=column,
                        name=header,
                        written=found[0],
                        real=found[1],
                    )
                )

    def _by_other_dates(self) -> None:
        """`dates = "mixed-by-row"`: open dates in the order that the row's other dates leave."""
        if self.map.dates != "mixed-by-row" or self.wide is not None:
            return
        theirs = {c: self.header[c] for c in self.table.dates if c in self.header}
        dated = {c: as_list(self.raw.column(name)) for c, name in theirs.items()}
        by = column_at(self.raw.names, self.map.dates_by) if self.map.dates_by else None
        if self.map.dates_by and by is None:
            self.problems.append(self.columns.missing_column("dates_by", self.map.dates_by))
        for one in decide(dated, None if by is None else as_list(self.raw.columns[by])):
            values = self._decided.setdefault(one.column, list(dated[one.column]))
            values[one.index] = one.day.isoformat()
            self.decisions.append(
                Decision(
                    "dates.by-row",
                    f"{one.column} {one.text!r} is {one.day}: {one.why}.",
                    self.table.name,
                    one.column,
                    1,
                    self.columns.at(self.header[one.column], self._rows()[one.index]),
                    "rule",
                )
            )

    def _values(self, column: str) -> Column | None:
        """Raw values of one of our columns; None where there are none."""
        if column == "patient" and self._by_row:
            return [str(row) for row in self._rows()]
        marked = self.wide is not None and self.wide.has(column)
        if column in self.map.constants and not marked:
            return [self.map.constants[column]] * len(self._rows())
        if self.wide is not None:
            return self.wide.values(column)
        if column in self.header:
            values = self._decided.get(column, self.raw.column(self.header[column]))
            if column == "patient" and self.map.fill_down:
                return filled_down(values)
            return values
        if column == "unit" and "value" in self.map.units:
            return [self.map.units["value"]] * len(self._rows())
        return None

    def _narrow(self) -> None:
        """Leave out what nobody asked for of a sheet with more columns than a chart has."""
        every = len(self.raw.names)
        if not self.map.narrow and every <= TOO_WIDE:
            return
        asked = asked_for(self.protocol, self.table.name) | set(self.map.columns.values())
        self.raw, left = narrowed(self.raw, asked)
        if left and not self.map.narrow:
            what = f"{len(left):,} of {every:,} columns are named nowhere and are not read."
            place = self.columns.at(None)
            self.decisions.append(Decision("columns.too-many", what, self.table.name, place=place))

    def _reader(self, column: str, kind: Kind) -> Reader:
        asked = reader_of(self.columns, column, kind, self._mark)
        self.problems += asked.problems
        self.decisions += asked.decisions
        return asked.how

    def _covariates(self, columns: dict[str, pl.Series]) -> None:
        """Further columns of `patients`, under the chart's own names."""
        taken = {v for k, v in self.header.items() if k == "patient" or k in self.table.kinds}
        ours = {v: k for k, v in self.header.items() if k not in self.table.kinds}
        ignored = columns_called(self.raw.names, self.map.ignore)
        numbers = number_columns(self.protocol)
        declared = declared_levels(self.protocol)
        unread = not_asked_for(self.protocol, self.table.name, self.alarm)
        for theirs in self.raw.names:
            if theirs in taken or theirs in ignored:
                continue
            name = ours.get(theirs, theirs)
            if theirs in unread and theirs not in ours:
                continue
            if name in columns or name in ("source_row",):
                continue
            self.header.setdefault(name, theirs)
            values, how = covariate_reader(
                self.raw.column(theirs),
                replace(self._reader(name, "text"), kept=declared.get(name, frozenset())),
                "number" if name in numbers else "date" if name in self.protocol.dates else None,
            )
            if how.kind == "number" and not how.percent and name not in numbers:
                how = replace(how, percent=True)
            done = read_column(values, how)
            self._say(name, done)
            series = done.values
            if how.kind == "number" and _whole(series):
                series = series.cast(pl.Int64)
            columns[name] = series.alias(name)
            if done.precision is not None:
                columns[f"{name}_precision"] = done.precision.alias(f"{name}_precision")

    def _say(self, column: str, done: ReadColumn) -> None:
        for bad in done.unread:
            place = self._cell(column, bad.index)
            self.problems.append(
                problem(
                    bad.reading.id,
                    "read" if bad.reading.id == "values.formula-error" else "",
                    place=place,
                    patient=self._patient(bad.index),
                    table=self.table.name,
                    column=column,
                    row=self._rows()[bad.index],
                    name=place.column or self.header.get(column, column),
                    reason=bad.reading.why,
                    todo=bad.reading.todo,
                )
            )
        if done.more_unread:
            self.problems.append(
                problem(
                    "values.unreadable",
                    "further",
                    place=self.columns.at(self.header.get(column)),
                    table=self.table.name,
                    column=column,
                    name=self.header.get(column, column),
                    n=done.more_unread,
                )
            )
        for used in done.used:
            if used.rule == "values.may-be-missing":
                self._may_be_missing(column, used)
            labelled = used.rule == "values.code" and column not in self.map.codes
            if not used.rule or labelled:  # labels of the file are said once, by `_reader`
                continue
            place = self._cell(column, used.index)
            self.decisions.append(decision_of(self.table.name, column, used, done.order, place))

    def _may_be_missing(self, column: str, used: Used) -> None:
        """A level that may mean missing, in a column that the analysis uses: a question."""
        self.problems.append(
            problem(
                "values.may-be-missing",
                place=self._cell(column, used.index),
                table=self.table.name,
                column=column,
                value=used.example,
                n=used.count,
                key=toml_key(column),
                written=toml_value(used.example),
            )
        )

    def _cell(self, column: str, index: int) -> Place:
        if self.wide is not None:
            return self.wide.place(self.raw, column, index)
        return self.columns.at(self.header.get(column), self._rows()[index])

    def _patient(self, index: int) -> str | None:
        if self._who is None:
            self._who = self._values("patient")
        value = None if self._who is None else self._who[index]
        return None if value is None else text_of(value)

    def _without_blank_patients(self, frame: pl.DataFrame) -> pl.DataFrame:
        if frame["patient"].null_count() == 0:
            return frame
        blank = frame.filter(pl.col("patient").is_null())["source_row"].unique(maintain_order=True)
        rows = frame["source_row"].n_unique()
        block = blank.len() > rows / 4 and frame["patient"][0] is not None
        self.problems += self.columns.blank_patients(blank.to_list(), rows, block)
        return frame.filter(pl.col("patient").is_not_null())

    def places(self) -> TablePlaces:
        """Where the columns stood."""
        raw = self.raw
        letters = {}
        if raw.letters:
            index = dict(zip(raw.names, raw.letters, strict=True))
            letters = {ours: index[theirs] for ours, theirs in self.header.items()}
        wide = self.wide.cells(raw) if self.wide is not None else {}
        return TablePlaces(
            raw.file,
            raw.sheet,
            MappingProxyType(dict(self.header)),
            MappingProxyType(letters),
            MappingProxyType(wide),
            MappingProxyType({o: raw.joined[t] for o, t in self.header.items() if t in raw.joined}),
            raw.stacked,
            raw.turned,
        )


def _whole(series: pl.Series) -> bool:
    if series.dtype != pl.Float64 or series.null_count() == series.len():
        return False
    return all(v is None or (v.is_integer() and abs(v) < 2**53) for v in series.to_list())
