"""Where the table is on a sheet: header rows, blank columns, rows of totals, further tables.

Sheets that people keep have titles above the header, two header rows, columns left blank for the
eye and totals at the bottom. Each such thing is noticed and said; nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import CELL_RANGE
from oncohort.records.grid import Cell, Raw, Sheet
from oncohort.records.headers import (
    Header,
    column_names,
    find_header,
    labels_below,
    no_header,
)
from oncohort.records.headless import by_letters
from oncohort.records.inner_rows import without_inner
from oncohort.records.legends_beside import without_legends
from oncohort.records.model import Decision
from oncohort.records.outside import first_block, table_beside, without_headers, without_tail
from oncohort.records.sheet_cells import any_value, at, is_blank, n_filled, shown
from oncohort.records.twin_tables import apart, title_above, twin_blocks, twins_found
from oncohort.vocabulary.column_names import plain_name
from oncohort.vocabulary.spreadsheets import column_letters


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet cut into its table, with what was noticed."""

    raw: Raw
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    others: tuple[str, ...] = ()
    """Ranges of further tables on the sheet, which are not read."""
    notes: tuple[str, ...] = ()
    """What stands above and below the table."""


def parse_range(text: str) -> tuple[int, int, int, int] | None:
    """First row, first column, last row and last column (from 0) of `B2:F40`.

    Examples
    --------
    >>> parse_range("B2:F40"), parse_range("B2")
    ((1, 1, 39, 5), None)
    """
    found = CELL_RANGE.match(text.strip().upper())
    if found is None:
        return None
    first, top, last, bottom = found.groups()
    return int(top) - 1, _column(first), int(bottom) - 1, _column(last)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _only(sheet: Sheet, cells: tuple[int, int, int, int]) -> Sheet:
    """The sheet with nothing but a range; rows and columns keep their places."""
    top, first, bottom, last = cells
    rows: list[list[Cell]] = [
        [None] * first + row[first : last + 1] if top <= r <= bottom else []
        for r, row in enumerate(sheet.rows[: bottom + 1])
    ]
    merged = tuple(s for s in sheet.merged if top <= s[0] <= bottom and first <= s[1] <= last)
    return replace(sheet, rows=rows, merged=merged)


def lay_out(
    sheet: Sheet,
    *,
    header_row: int | list[int] | None = None,
    last_row: int | None = None,
    skip_rows: Sequence[int] = (),
    cells: str = "",
    table: str | None = None,
) -> Laid:
    """Cut a sheet into a table of named columns.

    Parameters
    ----------
    header_row, last_row, skip_rows
        As the protocol says, counted from 1; found where not given. A `header_row` of 0: there is
        none, and the columns are called A, B, C.
    cells
        The range that holds the table, ``A1:F40``, where others stand beside or below it.
    """
    within, whole = parse_range(cells) if cells else None, sheet
    if within is not None:
        sheet = _only(sheet, within)
    if header_row == 0:
        return Laid(by_letters(sheet, last_row, skip_rows))
    header = _header(sheet, header_row, within[0] if within else 0)
    if not header.rows:
        empty = Raw(sheet.file, sheet.name, (), (), ())
        return Laid(empty, (), (no_header(sheet, header_row, table),))
    laying = _Laying(sheet, header, table)
    laying.title = title_above(whole, within, header.rows[0]) if within is not None else ""
    if header_row is None and header.rows != (0,) and within is None:
        laying.note_header()
    laying.keep(last_row, {r - 1 for r in skip_rows}, find_end=last_row is None)
    laying.note_skipped(skip_rows)
    laying.name_columns()
    laying.leave_beside()
    if not laying.kept:
        laying.note_empty()
    return laying.laid()


def _header(sheet: Sheet, given: int | list[int] | None, first: int) -> Header:
    if given is None:
        return find_header(sheet, first)
    rows = [given] if isinstance(given, int) else list(given)
    return Header(tuple(r - 1 for r in rows if 0 < r <= len(sheet.rows)))


class _Laying:
    """One sheet on its way into a table; what is noticed is collected."""

    def __init__(self, sheet: Sheet, header: Header, table: str | None) -> None:
        self.sheet, self.header, self.table = sheet, header, table
        self.decisions: list[Decision] = []
        self.problems: list[Problem] = []
        self.others: list[str] = []
        self.beside: list[str] = []
        """Legends beside the table."""
        self.title = ""
        """What stands above the range that the table is."""
        self.kept: list[int] = []
        """Rows (from 0) of the table."""
        self.columns: list[tuple[int, str, list[Cell]]] = []
        """Position, name and values of each column."""

    def _place(self, column: int | None = None, row: int | None = None) -> Place:
        sheet = self.sheet
        if column is None:
            return Place(sheet.file, sheet.name, row=row)
        return Place(sheet.file, sheet.name, f"{column_letters(column)}{row}")

    def note_header(self) -> None:
        """Say where the names were found."""
        rows = " and ".join(str(r + 1) for r in self.header.rows)
        text = f"The column names were found in row {rows}."
        where = self._place(row=self.header.rows[0] + 1)
        self.decisions.append(Decision("layout.header", text, self.table, place=where))

    def keep(self, last_row: int | None, skipped: set[int], *, find_end: bool) -> None:
        """The rows of the table: filled, not skipped, above its totals and notes."""
        sheet, last = self.sheet, self.header.rows[-1]
        end = len(sheet.rows) if last_row is None else min(last_row, len(sheet.rows))
        rows = range(last + 1, end)
        self.kept = [r for r in rows if r not in skipped and any_value(sheet.rows[r])]
        if find_end:
            before = self.kept
            kept, decisions = without_headers(sheet, before, self.header, self.table)
            kept, inner = without_inner(sheet, kept, self.table)
            decisions = [*decisions, *inner]
            kept, more, problems = without_tail(sheet, kept, last, self.table)
            self.kept = kept
            self.decisions += [*decisions, *more]
            self.problems += problems
            if any(p.id == "layout.second-table" for p in problems):
                rest = [r for r in before if r > kept[-1]]
                right = column_letters(sheet.width - 1)
                self.others.append(f"A{rest[0] + 1}:{right}{rest[-1] + 1}")
        self.decisions += _fill_merged(sheet, self.kept, self.table)

    def name_columns(self) -> None:
        """The columns with their values; those without a name, or with one twice, are said."""
        body = [self.sheet.rows[r] for r in self.kept]
        taken: dict[str, int] = {}
        for c, given in enumerate(column_names(self.sheet, self.header.rows)):
            values = [at(row, c) for row in body]
            if not given and n_filled(values) == 0:
                continue
            name = self._plain(c, given) if given else self._nameless(c, values)
            taken[name] = taken.get(name, 0) + 1
            if taken[name] > 1:
                name = self._again(c, name, taken[name])
            self.columns.append((c, name, values))

    def _plain(self, column: int, given: str) -> str:
        called = plain_name(given)
        if called != given:
            text = f'A column is named "{given}"; it is called "{called}".'
            where = self._place(column, self.header.rows[-1] + 1)
            self.decisions.append(Decision("layout.same-name", text, self.table, place=where))
        return called

    def _nameless(self, column: int, values: list[Cell]) -> str:
        letters = column_letters(column)
        first = next(self.kept[i] for i, v in enumerate(values) if not is_blank(v))
        if all(str(v) == str(i) for i, v in enumerate(values, start=1)):  # as R writes them
            text = f"Column {letters} has no name and numbers the rows."
            where = self._place(column, first + 1)
            self.decisions.append(Decision("layout.no-name", text, self.table, place=where))
            return f"column {letters}"
        self.problems.append(
            problem(
                "layout.no-name",
                place=self._place(column, first + 1),
                letters=letters,
                n=n_filled(values),
                name=f"column {letters}",
            )
        )
        return f"column {letters}"

    def _again(self, column: int, name: str, nth: int) -> str:
        called = f"{name} ({nth})"
        text = (
            f'Two columns are named "{name}"; the one in {column_letters(column)} is called '
            f'"{called}".'
        )
        where = self._place(column, self.header.rows[-1] + 1)
        self.decisions.append(Decision("layout.same-name", text, self.table, place=where))
        return called

    def leave_beside(self) -> None:
        """Leave out legends beside this table, and tables that name their own patients."""
        last = self.header.rows[-1]
        self._leave_legends()
        twins = twin_blocks(self.columns, self.sheet, last) if self.kept else []
        if twins:
            self.problems.append(twins_found(twins, self.sheet, last, self.table))
            self._cut(*apart(twins, last, self.kept))
            return
        found = table_beside(self.columns, last, self.sheet, self.table) if self.kept else None
        if found is None:
            return
        self.problems.append(found)
        self._cut(*first_block(self.columns, last, self.kept))

    def _leave_legends(self) -> None:
        """Legends beside the table are notes; they do not concern the patients in their rows."""
        named = column_names(self.sheet, self.header.rows)
        bare = [(c, n if c < len(named) and named[c] else "", v) for c, n, v in self.columns]
        kept, found = without_legends(bare)
        if not found:
            return
        letters = {c for c, _, _ in kept}
        gone = {column_letters(c) for c, _, _ in self.columns if c not in letters}
        self.problems = [
            p
            for p in self.problems
            if p.id != "layout.no-name" or (p.place.cell or "").rstrip("0123456789") not in gone
        ]
        self._cut([one for one in self.columns if one[0] in letters], [])
        for first, last, text in found:
            where = f"{column_letters(first)} to {column_letters(last)}"
            self.decisions.append(
                Decision(
                    "layout.legend-beside",
                    f"Column {where if last > first else column_letters(first)} explains codes "
                    f"beside the table and was left out: {text[:200]}.",
                    self.table,
                    place=self._place(first, self.header.rows[-1] + 1),
                )
            )
            self.beside.append(text)

    def _cut(self, columns: list[tuple[int, str, list[Cell]]], more: list[str]) -> None:
        """Keep some of the columns, and the rows in which they hold something."""
        fewer = len(columns) < len(self.columns)
        self.columns = columns
        self.others += more
        if fewer:
            used = [c for c, _, _ in self.columns]
            rows = self.sheet.rows
            self.kept = [r for r in self.kept if any(not is_blank(at(rows[r], c)) for c in used)]
            self.columns = [(c, n, [at(rows[r], c) for r in self.kept]) for c, n, _ in self.columns]

    def note_skipped(self, skip_rows: Sequence[int]) -> None:
        """Rows to leave out that are none of the table's: other ones were meant."""
        first, last = self.header.rows[-1] + 2, len(self.sheet.rows)
        beside = [row for row in skip_rows if not first <= row <= last]
        if beside:
            self.problems.append(
                problem(
                    "layout.skip-rows",
                    place=self._place(),
                    table=self.table,
                    rows=beside,
                    n=len(beside),
                    first=first,
                    last=last,
                )
            )

    def note_empty(self) -> None:
        """Say that the table has no rows."""
        holder = "sheet" if self.sheet.name else "file"
        self.problems.append(
            problem(
                "layout.empty",
                place=self._place(),
                table=self.table,
                reason=f"The {holder} has column names but no rows.",
            )
        )

    def laid(self) -> Laid:
        """The table, and what stands above and below it."""
        sheet, last = self.sheet, self.header.rows[-1]
        names = tuple(n for _, n, _ in self.columns)
        raw = Raw(
            sheet.file,
            sheet.name,
            names,
            tuple(v for _, _, v in self.columns),
            [r + 1 for r in self.kept],
            tuple(c for c, _, _ in self.columns),
            last + 1,
            sheet.label_of,
            labels_below(sheet, self.header.rows, names) | sheet.column_label,
            from_1904=sheet.from_1904,
            title=self.title,
        )
        left_out = set(range(last + 1, len(sheet.rows))) - set(self.kept)
        outside = [*range(self.header.rows[0]), *sorted(left_out)]
        notes = [
            *self.beside,
            *(shown(sheet.rows[r], 400) for r in outside if any_value(sheet.rows[r])),
        ]
        return Laid(
            raw, tuple(self.decisions), tuple(self.problems), tuple(self.others), tuple(notes[:20])
        )


def _fill_merged(sheet: Sheet, kept: Sequence[int], table: str | None) -> list[Decision]:
    """Give every row of a cell that is merged downwards its value."""
    rows = set(kept)
    count, first = 0, None
    for r0, c0, r1, c1 in sheet.merged:
        if c0 != c1 or r1 == r0 or r0 not in rows:
            continue
        value = at(sheet.rows[r0], c0)
        if is_blank(value):
            continue
        for r in range(r0 + 1, r1 + 1):
            if r in rows and is_blank(at(sheet.rows[r], c0)):
                sheet.rows[r].extend([None] * (c0 + 1 - len(sheet.rows[r])))
                sheet.rows[r][c0] = value
                count, first = count + 1, first if first is not None else (r0, c0)
    if first is None:
        return []
    return [
        Decision(
            "layout.merged",
            f"{count} rows got the value of the cell that is merged over them.",
            table,
            count=count,
            place=Place(sheet.file, sheet.name, f"{column_letters(first[1])}{first[0] + 1}"),
        )
    ]
