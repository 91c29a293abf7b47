"""A protocol drafted from a chart: what is plain is written, what is not becomes a question.

Every guess has its evidence beside it. A question is a comment with the lines that answer it
(see :mod:`oncohort.study.questions`); `oncohort answer` writes the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.problems import Problem, Wrong
from oncohort.protocol.data import DayAfter
from oncohort.protocol.toml_text import toml_header
from oncohort.records.columns import as_list, decimal_mark
from oncohort.records.forms import forms_by_sheet, is_forms, unfolded
from oncohort.records.grid import Cell, Raw, Sheet, turned
from oncohort.records.headers import is_turned
from oncohort.records.headless import by_letters, is_headless
from oncohort.records.layout import Laid, lay_out
from oncohort.records.matching import (
    SURE,
    Match,
    guess_table,
    match_sheet_name,
    match_table,
    profiles,
)
from oncohort.records.model import Decision
from oncohort.records.narrowing import narrowed
from oncohort.records.noticing import marks_of, notice
from oncohort.records.personal import SAMPLED as PERSONAL_ROWS
from oncohort.records.personal import Personal, find_personal
from oncohort.records.profile import SAMPLED, Profile
from oncohort.records.repeats import Repeat, find_repeats
from oncohort.records.sources import open_source, unreadable
from oncohort.records.sources.marks import Marks
from oncohort.records.sources.redcap import labelled, row_marks, visit_of
from oncohort.records.values import text_of
from oncohort.study.questions import block_lines
from oncohort.vocabulary.spreadsheets import column_letters
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from oncohort.study.draft_event_rows import EventRows

_RANK = ("flow", "survival.os", "survival", "response",
         "prognosis", "safety", "exposure", "baseline")  # fmt: skip


SHORT = 1000  # sheets of so many rows may be codebooks


def written(name: str) -> str:
    """A name of a file as text; bytes that are no letters become question marks.

    Examples
    --------
    >>> written("chart\\udcff.csv")
    'chart?.csv'
    """
    return name.encode("utf-8", "replace").decode("utf-8")


def title_of(folder: Path) -> str:
    """A first title of a study: the name of its folder."""
    return written(folder.resolve().name).replace("_", " ").replace("-", " ").strip().capitalize()


@dataclass(slots=True)
class Question:
    """Something that only a person can answer, with the lines that answer it."""

    name: str
    """What it is called when it is answered; made unique when questions are numbered."""
    text: str
    lines: list[str]
    """Lines of TOML, with ``???`` for what is not known."""
    blocks: tuple[str, ...] = ()
    """Result ids (prefixes) that wait for the answer, where it makes a section of the protocol."""
    about: Wrong | None = None
    """Values that are open until it is answered: what rests on them waits too."""
    waits: tuple[str, ...] = ()
    """All that waits for the answer; known once the protocol is drafted."""
    number: int = 0
    leave_out: tuple[str, str] | None = None
    """(record table, column) that may be left out."""
    optional: bool = False
    """``none`` is an answer: nothing is written."""

    @property
    def rank(self) -> int:
        """0 for what blocks most."""
        if "everything" in self.waits:
            return -1
        ranks = [i for i, p in enumerate(_RANK) for b in self.waits if b.startswith(p)]
        return min(ranks, default=len(_RANK))


@dataclass(slots=True)
class Section:
    """A section of the protocol: its lines, its questions, and comments above it."""

    path: tuple[str, ...]
    lines: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    off: bool = False
    """The whole section waits for an answer: its question has all its lines."""
    column: str = ""
    """The column of a variable, by the name that it has in the protocol."""
    number: bool = False
    """A variable that is a number."""

    @property
    def header(self) -> str:
        """Its head, as it stands in the protocol."""
        return toml_header(*self.path)


@dataclass(slots=True)
class Page:
    """One sheet of the chart with what it was taken for."""

    file: str
    sheet: str | None
    raw: Raw
    held: dict[str, Profile]
    table: str | None
    why: str
    matches: list[Match] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    personal: list[Personal] = field(default_factory=list)
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    hidden: bool = False
    range: str = ""
    """Cells of the sheet that hold the table, where others stand beside it."""
    fill_down: bool = False
    """The patient stands in the first row of a block alone, and the other rows are his."""
    by_row: bool = False
    """No column names a patient: each row is one."""
    contact_is_death: bool = False
    """The column of the last contact holds the day of death of those who died."""
    life_read: bool = False
    """Its rows that say dead or alive are read as the patients' own."""
    notes: tuple[str, ...] = ()
    """Notes and legends that stand on the sheet."""
    legends: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    """The chart's column = what its codes mean, and what says so."""
    loose_legends: list[tuple[dict[str, str], str]] = field(default_factory=list)
    """What codes mean by a note that names no column, and the note."""
    cells: Sequence[Sequence[Cell]] = ()
    """All rows of a short sheet as they stand: it may explain the codes of another."""
    marks: Marks = field(default_factory=Marks)
    """What stands on the sheet beside its values."""
    relative: str = ""
    """Unit of times that stand instead of dates."""
    other_units: dict[str, str] = field(default_factory=dict)
    """Our column = its unit, of times in another one than `relative`."""
    visits: list[str] = field(default_factory=list)
    """Columns of responses at visits without days."""
    differences: dict[str, list[str]] = field(default_factory=dict)
    """Columns that are made of two others: name = the one less the other."""
    days_after: dict[str, DayAfter] = field(default_factory=dict)
    """Columns of days that lie a charted time after a charted day."""
    begins: str = ""
    """The column with the time or age at which the observation began."""
    ends: str = ""
    """The column with the age at which it ended."""
    zero: str = ""
    """Our column of the day from which they count."""
    resected: bool = False
    """Its patients were operated on, and what is dated are recurrences."""
    marked: list[str] = field(default_factory=list)
    """Columns whose numbers carry marks, which stand in columns of their own."""
    date_parts: dict[str, list[str]] = field(default_factory=dict)
    """Dates that stand in several columns: name = the columns of day, month and year."""
    time_parts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Times that stand in several columns: name = unit and column of its parts."""
    by_outcome: dict[str, str] = field(default_factory=dict)  # times of the dead and the living
    told: dict[str, str] = field(default_factory=dict)
    """Columns that tell times in words = the unit of the times that are made of them."""
    mark_of: tuple[Raw, str] | None = None
    """The values of which the decimal mark was found, and the mark."""
    beyond: tuple[str, ...] = ()
    """Columns that are more than a chart has; they are not looked at."""
    forms: bool = False
    """The sheet has a form per patient, one below the other."""
    sheet_column: str = ""
    """The column that says on which sheet a row stands, where several are one table."""
    events: list[EventRows] = field(default_factory=list)
    """What the columns of a sheet of events hold, whose dates are those of these patients."""
    one_row: list[str] = field(default_factory=list)
    """Lines that make one row of a patient's events."""
    rows_with: dict[str, list[int]] = field(default_factory=dict)
    """A column that the rows' marks make = the rows in which it says yes."""
    explained: set[str] = field(default_factory=set)
    """Marks of rows that the sheet itself explains."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Columns that are called as one of ours and hold another thing = the name that they get."""
    read_elsewhere: set[str] = field(default_factory=set)
    """Columns that another record table reads of the same rows."""
    where: dict[str, str | list[str]] = field(default_factory=dict)
    """Rows of the sheet that the page holds: column = value (events, instruments)."""

    @property
    def ours(self) -> dict[str, str]:
        """Our column = the chart's, for the sure matches."""
        return {m.ours: m.column for m in self.matches if m.confidence >= SURE}

    @property
    def decimal_mark(self) -> str:
        """The decimal mark that the texts of the sheet show."""
        if self.mark_of is None or self.mark_of[0] is not self.raw:
            known = self.raw.height <= SAMPLED
            self.mark_of = self.raw, decimal_mark(self.raw.columns) if known else ""
        return self.mark_of[1]

    @property
    def name(self) -> str:
        """How people call it."""
        called = f'sheet "{self.sheet}"' if self.sheet else self.file
        return f"{called} {self.range}" if self.range else called


LONGEST_NAME = 5_000
"""Letters of a column's name, a whole question of a form among them."""


def read_pages(path: Path, name: str) -> list[Page]:
    """All sheets of a file, laid out and matched.

    Raises
    ------
    ReadError
        The file can't be read.
    """
    opened = open_source(path, name)
    pages: list[Page] = []
    read = {sheet: opened.read(sheet) for sheet in opened.sheets}
    each = forms_by_sheet({s: f for s, f in read.items() if isinstance(f, Sheet)})
    for sheet, found in read.items():
        if isinstance(found, Sheet) and (sheet in each or is_forms(found)):
            forms = _pages(path, name, opened.kind, sheet, unfolded(found), "")
            for page in forms:
                page.forms, page.why = True, "a form per patient"
                page.table = "patients"
                page.matches = match_table(page.raw, TABLES["patients"], page.held)
            pages += forms
            continue
        if isinstance(found, Sheet) and is_turned(found):
            pages += _turned_pages(path, name, opened.kind, sheet, found)
            continue
        if isinstance(found, Sheet):
            laid = lay_out(found)
            ranges = laid.others
            if ranges:
                whole = _whole(laid.raw)
                pages += _pages(path, name, opened.kind, sheet, found, whole)
                for cells in ranges:
                    pages += _pages(path, name, opened.kind, sheet, found, cells)
                continue
            pages += _pages(path, name, opened.kind, sheet, found, "", laid)
            continue
        pages += _pages(path, name, opened.kind, sheet, found, "")
    if not any(p.raw.names for p in pages):
        pages = _headless(path, name) or pages
    return _sole(pages)


def _headless(path: Path, name: str) -> list[Page]:
    """The page of a file that has one sheet, on which no names of columns stand."""
    opened = open_source(path, name)
    found = opened.read(opened.sheets[0]) if len(opened.sheets) == 1 else None
    if not isinstance(found, Sheet) or not is_headless(found):
        return []
    laid = Laid(by_letters(found))
    pages = _pages(path, name, opened.kind, opened.sheets[0], found, "", laid)
    for page in pages:
        page.why = "no names of columns stand there: they are called by their letters"
    return pages


def _turned_pages(path: Path, name: str, kind: str, sheet: str | None, found: Sheet) -> list[Page]:
    """The page of a sheet whose patients stand in columns."""
    laid = lay_out(turned(found))
    laid = replace(laid, raw=replace(laid.raw, turned=True))
    pages = _pages(path, name, kind, sheet, found, "", laid)
    for page in pages:
        first = page.raw.names[0] if page.raw.names else ""
        if page.raw.height and "patient" not in page.ours:
            page.matches = match_table(page.raw, TABLES["patients"], page.held)
            held = page.held[first]
            if held.distinct == held.n == page.raw.height:
                page.matches = [m for m in page.matches if first != m.column]
                why = "it heads the columns of the sheet, in which the patients stand"
                page.matches.append(Match(first, "patient", 0.9, why))
            page.table = "patients"
        page.why = "the patients stand in columns"
    return pages


def _whole(raw: Raw) -> str:
    """The range of a table that was cut out of a sheet."""
    first, last = column_letters(min(raw.letters)), column_letters(max(raw.letters))
    return f"{first}{raw.header_row}:{last}{raw.rows[-1]}"


def _refuse_long_names(raw: Raw, name: str) -> None:
    """Refuse names that are as long as a book, before they are compared with others.

    Raises
    ------
    ReadError
    """
    longest = max(raw.names, key=len, default="")
    if len(longest) > LONGEST_NAME:
        raise unreadable(
            name,
            f"A column of {name} has a name of {len(longest):,} letters; at most "
            f"{LONGEST_NAME:,} are read.",
            "Look whether a quotation mark is not closed, and whether the first row has the names.",
            "files.too-large",
        )


def _pages(
    path: Path,
    name: str,
    kind: str,
    sheet: str | None,
    found: Sheet | Raw,
    cells: str,
    laid: Laid | None = None,
) -> list[Page]:
    """One table of a sheet, by itself or in parts."""
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    hidden, marks = False, Marks()
    if isinstance(found, Sheet):
        hidden, laid = found.hidden, laid or lay_out(found, cells=cells)
        raw, decisions, problems, notes = laid.raw, laid.decisions, laid.problems, laid.notes
        if kind == "workbook" and raw.names and not raw.turned:
            marks = marks_of(path, raw)
            problems += tuple(notice(path, raw, "patients", marks))
    else:
        raw = found
    if kind == "delimited" and raw.names:
        raw, more = labelled(path, raw)
        decisions += more
    _refuse_long_names(raw, name)
    raw, beyond = narrowed(raw)
    pages: list[Page] = []
    rows = found.rows if isinstance(found, Sheet) and len(found.rows) <= SHORT else ()
    if not raw.names or not raw.height:
        why = "it is empty"
        return [Page(name, sheet, raw, {}, None, why, problems=problems, range=cells, cells=rows)]
    parts = _parts(raw)
    for where, part in parts:
        held = profiles(part)
        called = _called(where, sheet or Path(name).stem)
        table, why = _table_of(part, called, sheet, held, first=part is parts[0][1])
        page = Page(
            name,
            sheet,
            part,
            held,
            table,
            why,
            personal=find_personal(part.names, part.top(PERSONAL_ROWS), part.identifiers),
            decisions=decisions if part is parts[0][1] else (),
            problems=problems if part is parts[0][1] else (),
            hidden=hidden,
            where=where,
            range=cells,
            notes=notes,
            cells=rows,
            marks=marks,
            beyond=beyond,
        )
        if table is not None:
            page.matches = match_table(part, TABLES[table], held)
        if table in ("patients", "lesions", "sites", None) and not where:
            page.repeats = find_repeats(part.names, held)
        pages.append(page)
    return pages


def _called(where: Mapping[str, str | list[str]], otherwise: str) -> str:
    """What a part of an export is called: its event or instrument."""
    mark = next((v for v in reversed(list(where.values())) if v), otherwise)
    return mark if isinstance(mark, str) else visit_of(mark[0])


def _table_of(
    raw: Raw, called: str, sheet: str | None, held: dict[str, Profile], *, first: bool
) -> tuple[str | None, str]:
    # A file of one nameless sheet goes by its content, but labs.csv goes by its name.
    named = match_sheet_name(called)
    if sheet is None and (named == "patients" or not first):
        return guess_table(raw, called if named not in ("patients", None) else None, held)
    return guess_table(raw, called, held)


def _parts(raw: Raw) -> list[tuple[dict[str, str | list[str]], Raw]]:
    """An export with events or repeating instruments as one part for each; else the sheet."""
    marks = row_marks(raw)
    if not marks:
        return [({}, raw)]
    keys = [
        tuple("" if v is None else text_of(v) for v in row)
        for row in zip(*(as_list(raw.column(c)) for c in marks), strict=True)
    ]
    out: list[tuple[dict[str, str | list[str]], Raw]] = []
    folded = [tuple(visit_of(v) for v in k) for k in keys]
    for key in dict.fromkeys(folded):
        at = [i for i, k in enumerate(folded) if k == key]
        columns = [[as_list(c)[i] for i in at] for c in raw.columns]
        used = [
            i
            for i, (n, c) in enumerate(zip(raw.names, columns, strict=True))
            if n not in marks and any(v is not None for v in c)
        ]
        part = replace(
            raw,
            names=tuple(raw.names[i] for i in used),
            columns=[columns[i] for i in used],
            rows=[raw.rows[i] for i in at],
            letters=tuple(raw.letters[i] for i in used) if raw.letters else (),
        )
        where: dict[str, str | list[str]] = {}
        for nth, mark in enumerate(marks):
            values = list(dict.fromkeys(keys[i][nth] for i in at))
            where[mark] = values[0] if len(values) == 1 else values
        out.append((where, part))
    return out


def _sole(pages: list[Page]) -> list[Page]:
    """The only sheet is the patients' where it names some."""
    sole = [p for p in pages if p.raw.height]
    if len(sole) == 1 and sole[0].table is None:
        page = sole[0]
        candidates = match_table(page.raw, TABLES["patients"], page.held)
        if any(m.ours == "patient" for m in candidates):
            page.table, page.matches = "patients", candidates
            page.why = "it is the only sheet"
    return pages


def number_questions(sections: list[Section]) -> list[Question]:
    """Number all questions by what they block, most first."""
    found = [q for s in sections for q in s.questions]
    ordered = sorted(found, key=lambda q: q.rank)
    taken: set[str] = set()
    for i, q in enumerate(ordered, 1):
        q.number = i
        base = re.sub(r"[^\w.-]+", "_", q.name).strip("_") or "question"
        q.name, n = base, 1
        while q.name in taken:
            n += 1
            q.name = f"{base}_{n}"
        taken.add(q.name)
    return ordered


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def comment(text: str) -> str:
    """A line of comment: TOML allows no control characters there either."""
    return f"# {_CONTROL.sub(' ', text)}".rstrip()


def render(head: list[str], sections: list[Section]) -> str:
    """The protocol's text."""
    out = list(head)
    for section in sections:
        out.append("")
        out += [comment(c) for c in section.comments]
        if not section.off:  # a section that is off stands in its question, whole
            out += [section.header, *section.lines]
        for q in section.questions:
            out += block_lines(
                q.number,
                q.name,
                q.text,
                q.lines,
                q.blocks,
                q.leave_out,
                about=q.about,
                optional=q.optional,
            )
    return "\n".join(out) + "\n"
