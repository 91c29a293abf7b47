"""Which file and sheet holds which record table."""

from __future__ import annotations

from dataclasses import field, replace
from pathlib import Path
from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, ReadError, Severity, problem
from oncohort.protocol import Protocol
from oncohort.protocol.data import Join, NewLesions, Stack, TableMap
from oncohort.protocol.references import nearest
from oncohort.records.date_rows import in_order
from oncohort.records.forms import unfolded
from oncohort.records.grid import Opened, Raw, Sheet, turned
from oncohort.records.hashing import coded, key_of
from oncohort.records.idle_settings import LAYOUT, not_applied
from oncohort.records.joining import borrow, join
from oncohort.records.kept_rows import keep_rows, only_filled
from oncohort.records.layout import lay_out
from oncohort.records.model import Decision
from oncohort.records.names import column_at, fold
from oncohort.records.new_lesions import put_below
from oncohort.records.noticing import notice
from oncohort.records.one_row import made_one, side_by_side
from oncohort.records.sources import ENDINGS, open_source
from oncohort.records.sources.parts import has_parts, open_parts, parts_of
from oncohort.records.sources.redcap import labelled
from oncohort.records.stacking import in_units_of, stack, with_sheet
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES


@dataclass(frozen=True, slots=True)
class Found:
    """A record table's raw source and how it maps."""

    map: TableMap
    raw: Raw


@dataclass(slots=True)
class FoundTables:
    """What the data hold: tables, files, and what was said on the way."""

    tables: dict[str, Found] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    opened_as: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Size and time of change of each file when it was opened."""
    problems: list[Problem] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    empty: dict[str, Place] = field(default_factory=dict)
    """Tables whose sheet has column names but no rows, and where it is."""


def as_now(path: Path) -> tuple[int, int]:
    """Size and time of the last change of a file; zeros where it is not there."""
    try:
        now = path.stat()
    except OSError:
        return 0, 0
    return now.st_size, now.st_mtime_ns


class _Finder:
    def __init__(self, protocol: Protocol, folder: Path) -> None:
        self.protocol = protocol
        self.folder = folder
        self.found = FoundTables()
        self.opened: dict[str, Opened] = {}
        self.used: set[tuple[str, str | None]] = set()
        self.data = folder / protocol.study.data

    def open(self, path: Path) -> Opened:
        name = path.relative_to(self.folder).as_posix() if self._inside(path) else path.name
        if name not in self.opened and path.is_dir():
            self.opened[name] = open_parts(path, name)
            for part, below, _ in parts_of(path):
                self.found.opened_as[f"{name}/{below}"] = as_now(part)
                self.found.paths[f"{name}/{below}"] = part
        if name not in self.opened:
            self.found.opened_as[name] = as_now(path)
            self.opened[name] = open_source(path, name)
            self.found.paths[name] = path
            if (path.parent / f"~${path.name}").exists():
                self.found.problems.append(
                    problem("files.open", place=Place(file=name), name=path.name)
                )
            for note in self.opened[name].notes:
                self.found.problems.append(problem("files.note", place=Place(file=name), note=note))
            for how in self.opened[name].doubts:
                self.found.problems.append(
                    problem("files.encoding", place=Place(file=name), how=how)
                )
        return self.opened[name]

    def _inside(self, path: Path) -> bool:
        return path.is_relative_to(self.folder)

    def no_file(self, path: Path, key: str, table: str | None = None) -> Problem:
        beside = (
            sorted(
                p.name
                for p in path.parent.iterdir()
                if not p.name.startswith((".", "~$")) and p.suffix.lower() in ENDINGS
            )
            if path.parent.is_dir()
            else []
        )
        try:
            shown = path.relative_to(self.folder).as_posix()
        except ValueError:
            shown = path.name
        return problem(
            "files.missing",
            table=table,
            place=Place(file=Protocol.FILE, key=key),
            name=shown,
            nearest=nearest(path.name, beside) if beside else "There are no data files beside it.",
        )

    def run(self) -> FoundTables:
        if not self.data.exists():
            raise ReadError("", [self.no_file(self.data, "study.data")])
        maps = dict(self.protocol.tables)
        for name in TABLES:
            declared = name in maps
            table_map = maps.get(name, TableMap())
            self.one(name, table_map, declared)
        if "patients" not in self.found.tables:
            self._no_patients()
        for name, at in list(self.found.tables.items()):
            if at.map.from_patients and name != "patients":
                self.found.tables[name] = self._borrowed(name, at)
        self._unused_sheets()
        return self.found

    def one(self, name: str, table_map: TableMap, declared: bool) -> None:
        path = self._path_of(name, table_map, declared)
        if path is None:
            return
        opened = self.open(path)
        sheet = self._sheet_of(name, table_map, opened, declared)
        if sheet is False:
            return
        raw = self._main(name, table_map, path, opened, sheet, declared)
        if table_map.sheet_column:
            raw = with_sheet(raw, table_map.sheet_column)
        for more in table_map.stack:
            raw = self._stack(raw, name, table_map, more, path)
        for sheet_of_new in table_map.new_lesions if name == "lesions" else ():
            raw = self._new_lesions(raw, table_map, sheet_of_new, path)
        if raw.names and raw.height:
            if any(further.where for further in table_map.join):
                # Events of one export: a column that is empty here comes from another event.
                raw = only_filled(keep_rows(raw, table_map.where, name)[0], keep=table_map.where)
            for further in table_map.join:
                raw = self._join(raw, table_map, further, path)
            raw = coded(raw, table_map.hash, lambda: key_of(self.folder))
            self.found.tables[name] = Found(table_map, raw)

    def _main(
        self,
        name: str,
        table_map: TableMap,
        path: Path,
        opened: Opened,
        sheet: str | None,
        declared: bool,
    ) -> Raw:
        """The sheet of a table, laid out; what is noticed on it is kept."""
        page = self._page(opened, sheet)
        if isinstance(page, Raw):
            why = f"{opened.file} is read by the names of its columns, without rows above or beside"
            self.found.problems += not_applied(table_map, name, opened.file, LAYOUT, why)
            return page
        if table_map.forms:
            why = "forms stand one below the other, each with its own rows"
            self.found.problems += not_applied(table_map, name, opened.file, LAYOUT, why)
            return unfolded(page)
        if table_map.transposed:
            why = "the patients stand in columns, and rows are those of the sheet turned"
            self.found.problems += not_applied(table_map, name, opened.file, LAYOUT[1:], why)
            laid = lay_out(turned(page), header_row=table_map.header_row, table=name)
            self.found.problems += laid.problems
            return replace(laid.raw, turned=True)
        laid = lay_out(
            page,
            header_row=table_map.header_row,
            last_row=table_map.last_row,
            skip_rows=table_map.skip_rows,
            cells=table_map.range,
            table=name,
        )
        header_only = bool(laid.raw.names) and not laid.raw.height and not declared
        if header_only:
            self.found.empty[name] = Place(page.file, page.name)
        for one in laid.problems:
            # A sheet of the template that nobody filled in is no error.
            unfilled = header_only and one.id == "layout.empty" and name != "patients"
            self.found.problems.append(
                problem("layout.empty", "unfilled", place=one.place, table=name, reason=one.what)
                if unfilled
                else one
            )
        self.found.decisions += laid.decisions
        if opened.kind == "workbook":
            said = {row for rows in table_map.rows_with.values() for row in rows}
            self.found.problems += notice(path, laid.raw, name, said=said)
        if page.hidden:
            self._told_hidden(Place(page.file, page.name), name)
        if opened.kind != "delimited":
            return laid.raw
        raw, decisions = labelled(path, laid.raw)
        self.found.decisions += decisions
        return raw

    def _told_hidden(self, place: Place, table: str) -> None:
        """A hidden sheet counts like others, and is told."""
        text = f"Sheet {place.sheet!r} is hidden; it was read."
        self.found.decisions.append(Decision("layout.hidden-sheet", text, table, place=place))
        self.found.problems.append(
            problem("layout.hidden-sheet", place=place, sheet=place.sheet, table=table)
        )

    def _page(self, opened: Opened, sheet: str | None) -> Sheet | Raw:
        self.used.add((opened.file, sheet))
        return opened.read(sheet)

    def _further(
        self,
        table: str,
        more: Join | Stack | NewLesions,
        at: Path,
        key: str,
        *,
        forms: bool = False,
    ) -> Raw | None:
        """A further sheet of a table, laid out; None where it is not there."""
        base = self.data if self.data.is_dir() else self.folder
        where = base / more.file if more.file else at
        if not where.is_file():
            self.found.problems.append(self.no_file(where, f"tables.{table}.{key}", table))
            return None
        opened = self.open(where)
        as_map = TableMap(sheet=more.sheet, header_row=more.header_row)
        sheet = self._sheet_of(table, as_map, opened, True)
        if sheet is False:
            return None
        page = self._page(opened, sheet)
        if isinstance(page, Raw) or forms:
            return page if isinstance(page, Raw) else replace(unfolded(page), letters=())
        laid = lay_out(page, header_row=more.header_row, cells=more.range, table=table)
        self.found.problems += laid.problems
        self.found.decisions += laid.decisions
        if opened.kind == "workbook":
            self.found.problems += notice(where, laid.raw, table)
        return laid.raw

    def _stack(self, raw: Raw, table: str, table_map: TableMap, more: Stack, path: Path) -> Raw:
        """The table with the rows of a further sheet below."""
        found = self._further(table, more, path, "stack", forms=table_map.forms)
        if found is None:
            return raw
        other = in_order(found, more.dates) if more.dates else found
        if table_map.sheet_column:
            other = with_sheet(other, table_map.sheet_column)
        key = _named(raw, table_map.columns.get("patient", "patient"))
        _, turned = in_units_of(raw, other)
        whole = stack(raw, other, patient=key, prefix=more.prefix)
        self.found.decisions.append(
            Decision(
                "layout.stack",
                f"{other.height} rows of {f'sheet {other.sheet!r}' if other.sheet else other.file} "
                f"were added below{''.join(f'; {a} was turned into {b}' for a, b in turned)}.",
                table,
                count=other.height,
                place=Place(other.file, other.sheet),
                by="protocol",
            )
        )
        return whole

    def _new_lesions(self, raw: Raw, table_map: TableMap, more: NewLesions, path: Path) -> Raw:
        """The sizes with the new lesions of a sheet of their own below."""
        found = self._further("lesions", more, path, "new_lesions")
        if found is None:
            return raw
        other = in_order(found, more.dates) if more.dates else found
        whole, absent = put_below(raw, other, table_map, more)
        place = Place(found.file, found.sheet, key="tables.lesions.new_lesions")
        for name in absent:
            near = nearest(name, found.names)
            self.found.problems.append(
                problem("columns.missing", place=place, table="lesions", name=name, nearest=near)
            )
        if not absent:
            what = (
                f"{counted(other.height, 'new lesion')} of {place.sheet or place.file} were added."
            )
            self.found.decisions.append(
                Decision("layout.new-lesions", what, "lesions", count=other.height, place=place)
            )
        return whole

    def _join(self, raw: Raw, table_map: TableMap, further: Join, path: Path) -> Raw:
        """The patients with the columns of a further sheet."""
        found = self._further("patients", further, path, "join")
        if found is None:
            return raw
        other = found
        if further.where:
            other, decisions, absent = keep_rows(found, further.where, "patients")
            other = only_filled(other, further.where)
            self.found.decisions += decisions
            self.found.problems += [
                problem(
                    "columns.missing",
                    place=Place(found.file, found.sheet, key="tables.patients.join"),
                    table="patients",
                    name=column,
                    nearest=nearest(column, found.names),
                )
                for column in absent
            ]
        key = _named(raw, table_map.columns.get("patient", "patient"))
        other_key = _named(other, further.patient)
        if further.one_row is not None and other_key is not None:
            one = side_by_side if further.one_row.by else made_one
            made = one(other, further.one_row, other_key)
            other = made.raw
            self.found.problems += made.problems
            self.found.decisions += made.decisions
        if key is None or other_key is None:
            here = raw if key is None else other
            wanted = table_map.columns.get("patient", "patient") if key is None else further.patient
            self.found.problems.append(
                problem(
                    "columns.missing",
                    "join",
                    place=Place(here.file, here.sheet, key="tables.patients.join"),
                    table="patients",
                    name=wanted,
                    nearest=nearest(wanted, here.names),
                )
            )
            return raw
        whole, problems = join(raw, key, other, other_key)
        orphans = [p for p in problems if p.id == "patients.orphan"]
        left_out = f" {counted(len(orphans), 'patient')} who stand there alone were left out."
        self.found.problems += [
            p for p in problems if not (table_map.others_left_out and p.id == "patients.orphan")
        ]
        self.found.decisions.append(
            Decision(
                "layout.join",
                f"{len(other.names) - 1} columns were joined from "
                f"{f'sheet {other.sheet!r}' if other.sheet else other.file} by {other_key}."
                f"{left_out if orphans and table_map.others_left_out else ''}",
                "patients",
                place=Place(other.file, other.sheet),
                by="protocol",
            )
        )
        return whole

    def _path_of(self, name: str, table_map: TableMap, declared: bool) -> Path | None:
        key = f"tables.{name}.file"
        if table_map.file is not None:
            base = self.data if self.data.is_dir() else self.folder
            path = base / table_map.file
            if not path.is_file() and not has_parts(path):
                self.found.problems.append(self.no_file(path, key, name))
                return None
            return path
        if self.data.is_file():
            return self.data
        for ending in ENDINGS:
            for path in sorted(self.data.iterdir()):
                named = path.suffix.lower() == ending and fold(path.stem) == fold(name)
                if named and (path.is_file() or has_parts(path)):
                    return path
        for path in sorted(self.data.iterdir()):
            if path.is_dir() and fold(path.name) == fold(name) and has_parts(path):
                return path
        books = [
            p
            for p in sorted(self.data.iterdir())
            if p.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
            and not p.name.startswith(("~$", "."))
        ]
        if len(books) == 1:
            return books[0]
        if declared:
            self.found.problems.append(self.no_file(self.data / f"{name}.csv", key, name))
        return None

    def _sheet_of(
        self, name: str, table_map: TableMap, opened: Opened, declared: bool
    ) -> str | Literal[False] | None:
        """The sheet's name (None: the only one), or False where there is none."""
        names = [s for s in opened.sheets if s is not None]
        if not names:
            if table_map.sheet is not None:
                why = f"{opened.file} has no sheets"
                self.found.problems += not_applied(table_map, name, opened.file, ("sheet",), why)
            # A file of one nameless sheet: the patients, or what the protocol says it is.
            alone = name == "patients" or declared or self.data.is_dir()
            return None if alone else False
        wanted = table_map.sheet
        if isinstance(wanted, int):
            if 1 <= wanted <= len(names):
                return names[wanted - 1]
            self._no_sheet(name, f"number {wanted}", opened, names)
            return False
        target = wanted if wanted is not None else name
        for sheet in names:
            if sheet == target or fold(sheet) == fold(target):
                return sheet
        if wanted is None and len(names) == 1 and (declared or name == "patients"):
            self.found.decisions.append(
                Decision(
                    "layout.only-sheet",
                    f"Sheet {names[0]!r} is the only one and was read as {name}.",
                    name,
                    place=Place(opened.file, names[0]),
                )
            )
            return names[0]
        if declared or wanted is not None or name == "patients":
            self._no_sheet(name, repr(target), opened, names)
        return False

    def _no_sheet(self, name: str, what: str, opened: Opened, names: list[str]) -> None:
        self.found.problems.append(
            problem(
                "files.no-sheet",
                place=Place(file=opened.file, key=f"tables.{name}.sheet"),
                table=name,
                name=what,
                nearest=nearest(what, names),
            )
        )

    def _no_patients(self) -> None:
        if not any(p.severity is Severity.ERROR for p in self.found.problems):
            self.found.problems.append(
                problem("files.no-patients", place=Place(file=Protocol.FILE, key="tables.patients"))
            )
        raise ReadError("", self.found.problems)

    def _borrowed(self, name: str, at: Found) -> Found:
        """A table with columns of the patients' sheet added to its rows."""
        main = self.found.tables["patients"]
        theirs = _named(main.raw, main.map.columns.get("patient", "patient"))
        key = _named(at.raw, at.map.columns.get("patient", "patient"))
        wanted = {c: _named(main.raw, c) for c in at.map.from_patients}
        absent = [c for c, found in wanted.items() if found is None]
        self.found.problems += [
            problem(
                "columns.missing",
                place=Place(file=Protocol.FILE, key=f"tables.{name}.from_patients"),
                table=name,
                name=c,
                nearest=nearest(c, main.raw.names),
            )
            for c in absent
        ]
        if theirs is None or key is None:
            return at
        names = [c for c in wanted.values() if c is not None]
        return replace(at, raw=borrow(at.raw, key, main.raw, theirs, names))

    def _unused_sheets(self) -> None:
        for opened in self.opened.values():
            for sheet in opened.sheets:
                if sheet is None or (opened.file, sheet) in self.used:
                    continue
                self.found.problems.append(
                    problem("files.unused-sheet", place=Place(opened.file, sheet), name=sheet)
                )


def _named(raw: Raw, name: str) -> str | None:
    """The column of a name, exactly or but for case and marks."""
    at = column_at(raw.names, name)
    return None if at is None else raw.names[at]


def find_tables(protocol: Protocol, folder: Path) -> FoundTables:
    """Find the source of every record table.

    Raises
    ------
    ReadError
        A file can't be opened, or there is no table of patients.
    """
    return _Finder(protocol, folder).run()
