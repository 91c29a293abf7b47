"""The sheet as Excel shows it, beside what each of its columns is taken for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from oncohort.app.chart_view import mask
from oncohort.app.wording import say
from oncohort.dataclass import dataclass
from oncohort.records.names import fold
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from oncohort.app.opened import Opened
    from oncohort.records.grid import Cell, Raw, Sheet
    from oncohort.records.sources.marks import Marks
    from oncohort.study.drafting import Page
    from oncohort.study.questions import OpenQuestion
    from oncohort.study.study import Study

SHOWN_ROWS = 60
"""Rows of a sheet on one page."""
SHOWN_COLUMNS = 400
"""Columns of a sheet on one page."""
ORDER = ("asked", "open", "used", "out", "personal")
"""States of a column, what is not settled first."""


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column of the chart and what it is taken for."""

    letter: str
    """As Excel names it; empty where the file has no cells."""
    column: str
    use: str
    """`birth date`, `variable CRP`, `left out`, `not used`."""
    confidence: float | None
    evidence: str
    state: str
    """One of :data:`ORDER`."""
    known: bool
    """Whether the protocol takes it for something."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as it is seen."""

    text: str
    colour: str = ""
    """Its fill, as six hexadecimal digits."""
    kind: str = ""
    """`struck`, `dark` (white letters), `marked`: words of a style."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of the sheet, with its number."""

    number: int
    kind: str
    """`head`, `data`, `beside` (no row of the table), `hidden`."""
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet: its columns and some of its rows."""

    file: str
    sheet: str
    table: str
    why: str
    uses: tuple[ColumnUse, ...]
    """What is not settled first."""
    states: tuple[tuple[str, str], ...]
    """(letter, state) of each column of the grid."""
    rows: tuple[GridRow, ...]
    first: int
    last: int
    total: int
    colours: int
    """Different fill colours of the sheet."""
    cut: int
    """Columns that are not shown."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """A sheet as stored, with what is known of its cells beside their values."""

    rows: Sequence[Sequence[Cell]]
    marks: Marks
    colour: dict[tuple[int, int], str]
    """(row from 1, column from 0) = six hexadecimal digits."""
    at: dict[int, int]
    """Column of the sheet = column of the page's table."""


def sheet_view(opened: Opened, page: Page, first: int = 1, mark: str = "") -> SheetView:
    """A sheet with what the protocol takes its columns for.

    Columns that look like personal data are masked, and hidden where the protocol leaves them out.

    Parameters
    ----------
    first
        The first row of the sheet to show, from 1.
    mark
        A cell to be marked, `F2`.
    """
    uses = tuple(_uses(opened, page))
    grid = opened.held("sheet", (page.file, page.sheet, page.range), lambda _: _grid(opened, page))
    total = len(grid.rows)
    first = max(1, min(first, max(1, total)))
    width = max((len(r) for r in grid.rows), default=0)
    shown = min(width, SHOWN_COLUMNS)
    state = {at: uses[column].state for at, column in grid.at.items() if column < len(uses)}
    last = min(total, first + SHOWN_ROWS - 1)
    rows = tuple(_rows(page, grid, state, range(first, last + 1), shown, mark))
    letters = tuple((_letters(c), state.get(c, "")) for c in range(shown))
    ordered = tuple(sorted(uses, key=lambda u: ORDER.index(u.state)))
    return SheetView(
        page.file, page.sheet or "", page.table or "", page.why, ordered, letters, rows,
        first, last, total, len(set(grid.colour.values())), width - shown,
    )  # fmt: skip


def _letters(column: int) -> str:
    from oncohort.vocabulary.spreadsheets import column_letters

    return column_letters(column)


def _grid(opened: Opened, page: Page) -> _Grid:
    """The sheet's own rows; the columns with their names above them where the file has no cells."""
    from oncohort.records.columns import as_list
    from oncohort.records.grid import Sheet
    from oncohort.records.sources import open_source
    from oncohort.records.sources.marks import Marks

    path = opened.folder / page.file
    found = open_source(path, page.file).read(page.sheet)
    raw = page.raw
    if not isinstance(found, Sheet) or raw.turned:
        columns = [as_list(c) for c in raw.columns]
        rows = [list(raw.names), *(list(r) for r in zip(*columns, strict=True))]
        return _Grid(rows, Marks(), {}, {i: i for i in range(len(raw.names))})
    marks, colour = _marks(path, found)
    return _Grid(found.rows, marks, colour, {c: i for i, c in enumerate(raw.letters)})


def _marks(path: Path, sheet: Sheet) -> tuple[Marks, dict[tuple[int, int], str]]:
    from oncohort.records.sources.colours import rgb, theme_of
    from oncohort.records.sources.marks import look_at

    marks = look_at(path, sheet.name or "")
    theme = theme_of(path) if marks.colours else ()
    seen = {name: rgb(name, theme) for name in marks.colours}
    return marks, {at: seen[n] for n, cells in marks.colours.items() for at in cells if seen[n]}


def _rows(
    page: Page, grid: _Grid, state: dict[int, str], numbers: range, width: int, mark: str
) -> Iterator[GridRow]:
    raw = page.raw
    table = _numbers(raw, len(grid.rows))
    heads = _heads(raw, table)
    hidden, struck = set(grid.marks.hidden_rows), set(grid.marks.struck)
    percent = set(grid.marks.percent)
    personal = {p.column for p in page.personal}
    masked = {at for at, column in grid.at.items() if raw.names[column] in personal}
    for number in numbers:
        kind = "head" if number in heads else "data" if number in table else "beside"
        cells = []
        for at, value in enumerate(grid.rows[number - 1][:width]):
            text = _shown(value, percent=(number, at) in percent)
            if kind == "data" and at in masked:
                text = "•" if state.get(at) == "personal" and text else mask(text)
            elif kind == "beside" and _names_somebody(text):
                text = mask(text)
            cells.append(_cell(grid, (number, at), text, struck, mark))
        cells += [_cell(grid, (number, at), "", struck, mark) for at in range(len(cells), width)]
        yield GridRow(number, f"{kind} hidden-row" if number in hidden else kind, tuple(cells))


def _cell(
    grid: _Grid, at: tuple[int, int], text: str, struck: set[tuple[int, int]], mark: str
) -> GridCell:
    from oncohort.records.sources.colours import is_dark

    colour = grid.colour.get(at, "")
    kinds = ["struck"] if at in struck else []
    if colour:
        kinds.append("dark" if is_dark(colour) else "light")
    if mark and mark == f"{_letters(at[1])}{at[0]}":
        kinds.append("marked")
    return GridCell(text, colour, " ".join(kinds))


def _numbers(raw: Raw, total: int) -> set[int]:
    """Rows of the grid that are rows of the table."""
    if raw.turned or not raw.letters:
        return set(range(2, total + 1))
    return set(raw.rows)


def _heads(raw: Raw, table: set[int]) -> set[int]:
    if raw.turned or not raw.letters:
        return {1}
    return set() if raw.header_row is None else {raw.header_row} - table


def _shown(value: Cell, *, percent: bool) -> str:
    from oncohort.records.values import text_of

    if value is None:
        return ""
    if percent and isinstance(value, int | float):
        return f"{100 * value:.10g} %"
    return text_of(value)


def _names_somebody(text: str) -> bool:
    """Whether a note beside the table holds what looks like personal data."""
    from oncohort.records.personal import find_personal

    return len(text) > 3 and bool(find_personal(("note",), ([text],)))


# -- what the columns are taken for ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Columns that a question makes a record table of."""

    question: OpenQuestion
    table: str
    count: int


def column_groups(pages: Sequence[Page], questions: Sequence[OpenQuestion]) -> list[ColumnGroup]:
    """Open questions whose answer makes columns of a sheet a record table."""
    out = []
    for question in questions:
        made = [line for line in question.lines if line.startswith("[tables.")]
        if made:
            named = {n for p in pages for n in p.raw.names if asked_about(question, n)}
            out.append(ColumnGroup(question, made[0][8:].rstrip("]"), len(named)))
    return out


@dataclass(frozen=True, slots=True)
class Examples:
    """Some rows of the columns that a question is about."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


EXAMPLES = 5
"""Rows that are shown with a question."""


def example_rows(opened: Opened, question: OpenQuestion) -> Examples | None:
    """Rows in which the columns of a question hold different values; None where it names none."""
    from oncohort.app.chart_view import pages_of
    from oncohort.records.columns import as_list

    for page in pages_of(opened):
        personal = {p.column for p in page.personal}
        named = [n for n in page.raw.names if asked_about(question, n) and n not in personal][:12]
        if not named:
            continue
        columns = [as_list(page.raw.column(n)) for n in named]
        seen: dict[tuple[str, ...], int] = {}
        for number, values in zip(page.raw.rows, zip(*columns, strict=True), strict=True):
            texts = tuple(_shown(v, percent=False) for v in values)
            if any(texts):
                seen.setdefault(texts, number)
            if len(seen) == EXAMPLES:
                break
        return Examples(tuple(named), tuple((number, t) for t, number in seen.items()))
    return None


def asked_about(question: OpenQuestion, column: str) -> bool:
    """Whether a question is about a column of the chart."""
    if question.leave_out is not None and question.leave_out[1] == column:
        return True
    if question.about is not None and column in question.about.columns:
        return True
    if f'"{column}"' in question.text:
        return True
    listed = (part for line in question.lines for part in line.split(":")[1:])
    return any(column in part.split("}")[0].split("|") for part in listed)


def _uses(opened: Opened, page: Page) -> Iterator[ColumnUse]:
    """In the order of the sheet."""
    from oncohort.study.questions import open_questions

    study = opened.study()
    table = study.protocol.tables.get(page.table or "")
    ignored = set(table.ignore) if table is not None else set()
    coded = set(table.hash) if table is not None else set()
    personal = {p.column for p in page.personal}
    taken = _taken(study, page)
    matches = {m.column: m for m in page.matches}
    asked = open_questions(study.protocol_text)
    letters = page.raw.letters
    for nth, column in enumerate(page.raw.names):
        letter = _letters(letters[nth]) if letters and not page.raw.turned else ""
        match = matches.get(column)
        how = match.evidence if match is not None else ""
        sure = match.confidence if match is not None else None
        if column in ignored:
            state = "personal" if column in personal else "out"
            yield ColumnUse(letter, column, say("columns.out"), None, "", state, False)
        elif any(asked_about(q, column) for q in asked):
            use = taken.get(column) or say("columns.asked")
            yield ColumnUse(letter, column, use, sure, how, "asked", column in taken)
        elif column in taken:
            use = f"{taken[column]} ({say('columns.coded')})" if column in coded else taken[column]
            yield ColumnUse(letter, column, use, sure, how, "used", True)
        elif column in personal:
            yield ColumnUse(letter, column, say("columns.personal"), None, "", "personal", False)
        else:
            yield ColumnUse(letter, column, say("columns.unused"), sure, how, "open", False)


def _taken(study: Study, page: Page) -> dict[str, str]:
    """The sheet's columns that the protocol reads, and as what."""
    out: dict[str, str] = {}
    at = dict(zip(page.raw.letters, page.raw.names, strict=False))
    for name, places in study.records.cells.tables.items():
        known = {"patient", *TABLES[name].kinds} if name in TABLES else set()
        where = "" if name == page.table else f" ({name.replace('_', ' ')})"
        if (places.file, places.sheet) == (page.file, page.sheet):
            for ours, theirs in places.columns.items():
                if ours in known and ours not in places.joined:
                    out.setdefault(theirs, ours.replace("_", " ") + where)
            wide = {(ours, i) for (ours, _), found in places.wide.items() for i in found}
            for ours, letter in sorted(wide):
                if letter in at:
                    out.setdefault(at[letter], ours.replace("_", " ") + where)
        for ours, joined in places.joined.items():
            if (joined.file, joined.sheet) == (page.file, page.sheet) and joined.letter in at:
                out.setdefault(at[joined.letter], ours.replace("_", " ") + where)
        for below in places.stacked:
            if (below.file, below.sheet) == (page.file, page.sheet):
                for ours, theirs in places.columns.items():
                    if theirs in below.letters and ours in known:
                        out.setdefault(theirs, ours.replace("_", " ") + where)
    names = {fold(n): n for n in page.raw.names}
    for column, use in _asked_for(study, page.table):
        if fold(column) in names:
            out.setdefault(names[fold(column)], use)
    return out


def _asked_for(study: Study, table: str | None) -> Iterator[tuple[str, str]]:
    """Columns that the protocol asks for by their own names, and as what."""
    protocol = study.protocol
    for key, variable in protocol.variables.items():
        if variable.derive is None and variable.source is None:
            yield variable.column or key, say("columns.variable", label=variable.label or key)
    for key, endpoint in protocol.endpoints.items():
        named = [endpoint.time, endpoint.event]
        named += [c for part in endpoint.parts.values() for c in (part.time, part.event)]
        if endpoint.date:
            named += [endpoint.date, endpoint.origin]
        for column in named:
            if column:
                yield column, say("columns.endpoint", label=endpoint.label or key)
    for criterion in protocol.eligibility.criteria:
        if criterion.table != table:
            continue
        yield criterion.column, say("columns.criterion", label=criterion.label)
