"""What a chart says of its own codes: sheets, notes, comments on the columns' names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from oncohort.records.codebooks import codebook, codes_in
from oncohort.records.columns import as_list
from oncohort.records.legends import header_legend, legend
from oncohort.records.matching import SURE, Match
from oncohort.records.names import fold
from oncohort.records.sheet_cells import id_names
from oncohort.records.values import text_of
from oncohort.study.draft_chart import Chart
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import endpoints_named
from oncohort.vocabulary.life import life_in_phrase
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.spreadsheets import column_letters
from oncohort.vocabulary.words import level_words, may_be_missing, plain

MOST_VALUES = 40
"""A column of codes has at most so many values."""


def set_codebooks_apart(chart: Chart) -> None:
    """Sheets that explain the codes of other sheets' columns are no tables of patients or records.

    They are moved from the chart's tables and unused sheets to its codebooks.
    """
    patients = chart.tables.get("patients")
    for page in [*chart.unused, *chart.tables.values()]:
        others = [p for p in chart.pages if _place(p) != _place(page)]
        if page.where or not page.cells or not others:
            continue
        if page is patients and not any(p.raw.height >= page.raw.height for p in others):
            continue
        if _explains(page, others):
            page.why = "it explains codes"
            chart.codebooks.append(page)
    apart = {id(p) for p in chart.codebooks}
    chart.unused = [p for p in chart.unused if id(p) not in apart]
    chart.tables = {t: p for t, p in chart.tables.items() if id(p) not in apart}
    if patients is not None and id(patients) in apart:
        found = next((p for p in chart.unused if p.table == "patients"), None)
        if found is not None:
            chart.tables = {"patients": found, **chart.tables}
            chart.unused = [p for p in chart.unused if p is not found]


def _place(page: Page) -> tuple[str, str | None]:
    return page.file, page.sheet


def _lists_codes(page: Page, other: Page) -> bool:
    """Is a sheet `code | meaning`, without a column's name, and another sheet has these codes?

    What they mean becomes a legend of the other sheet's column, where it is one column.
    """
    names = page.raw.names
    meant = next((n for n in names[1:] if mentions(n, "code_meaning")), None)
    if meant is None or not 2 <= page.raw.height <= MOST_VALUES or len(names) > _OF_CODES:
        return False
    codes = [text_of(v) for v in as_list(page.raw.column(names[0])) if v is not None]
    words = [text_of(v) for v in as_list(page.raw.column(meant)) if v is not None]
    if len(set(codes)) < page.raw.height or len(set(words)) < page.raw.height:
        return False
    _, held = _columns(other)
    patient = other.ours.get("patient")
    found = [
        column
        for column, values in held.items()
        if column != patient and len(set(values)) >= 2 and set(values) <= set(codes)
    ]
    if not found or other.raw.height <= page.raw.height:
        return False
    if len(found) == 1:
        told = dict(zip(codes, words, strict=True)), f"{page.name} says so"
        other.legends.setdefault(found[0], told)
    return True


_OF_CODES = 4
"""Columns that a list of codes has at most."""


def _explains(page: Page, others: list[Page]) -> bool:
    """Are the codes of a column of another sheet explained, all that it holds?"""
    for other in others:
        if _lists_codes(page, other):
            return True
        columns, held = _columns(other)
        for column, codes in codebook(page.cells, columns, held).items():
            values = [v for v in held.get(column, []) if not may_be_missing(v)]
            if len(set(values) & set(codes)) >= 2 and set(values) <= set(codes):
                return True
    return False


def _columns(page: Page) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Folded name = name of the columns of a sheet; and the values of those that hold few."""
    held = {
        c: [re.sub(r"(?<=\d)\.0+$", "", v) for v in page.held[c].counts]
        for c in page.raw.names
        if c in page.held and page.held[c].distinct <= MOST_VALUES
    }
    who = page.ours.get("patient")
    explained = [n for n in page.raw.names if n != who and fold(n) not in id_names()]
    return {fold(n): n for n in explained}, held


def settle_legends(chart: Chart) -> None:
    """Find what sheets, notes and comments say of the codes of the patients' columns.

    Of several the first counts: a sheet, a comment on the column's name, a note. The legends of
    the patients' page are changed in place.
    """
    patients = chart.patients
    columns, held = _columns(patients)
    seen = set()
    for page in [*chart.codebooks, *(p for p in chart.unused if not p.where)]:
        if _place(page) in seen or _place(page) == _place(patients):
            continue
        seen.add(_place(page))
        found = codebook(page.cells, columns, held)
        for column, codes in found.items():
            patients.legends.setdefault(column, (codes, f"{page.name} says so"))
        if found:
            page.why = f"it explains the codes of {', '.join(list(found)[:6])}"
    for column, text in _on_names(patients):
        if codes := legend(text):
            why = f"the comment on its name says {text[:120]!r}"
            patients.legends.setdefault(column, (codes, why))
    texts = [text for _, text in patients.marks.comments]
    for note in [*patients.notes, *texts]:
        for column, codes in codes_in(note, columns).items():
            patients.legends.setdefault(column, (codes, f"the sheet says {note[:120]!r}"))
        codes = {} if codes_in(note, columns) else legend(note) or header_legend(note)
        if not codes:
            continue
        if (marked := footnoted(note, patients.raw.names)) is not None:
            patients.legends.setdefault(marked, (codes, f"the sheet says {note[:120]!r}"))
        else:
            patients.loose_legends.append((codes, f"the sheet says {note[:120]!r}"))
    match_by_legends(patients)


_FOOTNOTE = re.compile(r"^\s*(\*{1,3}|[†‡§#¹²³⁴]|\(?[a-e\d]\))")


_TOLD: Mapping[str, frozenset[str]] = MappingProxyType(
    {"vital_status": frozenset({"alive", "dead"}), "sex": frozenset({"male", "female"})}
)


def match_by_legends(page: Page) -> None:
    """A column of codes whose legend says alive and dead is the vital status, whatever it is
    called; the same of male and female. The page's matches are changed in place."""
    for ours, wanted in _TOLD.items():
        if any(m.ours == ours and m.confidence >= SURE for m in page.matches):
            continue
        taken = {m.column for m in page.matches if m.confidence >= SURE and m.ours != ours}
        found = []
        for column, (codes, why) in page.legends.items():
            if column in taken or endpoints_named(column) not in ([], ["os"]):
                continue
            values = [v for v in page.held[column].counts if not may_be_missing(v)]
            levels = {_level(ours, codes[v]) for v in values if v in codes}
            if levels == wanted and all(v in codes for v in values):
                found.append((column, why))
        if len(found) == 1:
            column, why = found[0]
            page.matches = [m for m in page.matches if m.column != column and m.ours != ours]
            page.matches.append(Match(column, ours, 0.9, why))


def _level(ours: str, word: str) -> str:
    read = level_words(ours).get(plain(word))
    return read or (life_in_phrase(word) if ours == "vital_status" else "")


def footnoted(note: str, names: Sequence[str]) -> str | None:
    """The column whose name ends with the mark that a footnote begins with.

    Examples
    --------
    >>> footnoted("* 1 = alive, 2 = dead", ["Sex", "Status*"])
    'Status*'
    >>> footnoted("* 1 = alive, 2 = dead", ["Sex*", "Status*"]), footnoted("1 = a", ["x1"])
    (None, None)
    """
    mark = _FOOTNOTE.match(note)
    if mark is None:
        return None
    found = [n for n in names if n.rstrip().endswith(mark[1])]
    found = [n for n in found if not n.rstrip()[: -len(mark[1])].endswith(mark[1][-1])]
    return found[0] if len(found) == 1 else None


def _on_names(page: Page) -> list[tuple[str, str]]:
    """Columns whose names have a comment, with its text."""
    head = page.raw.header_row
    cells = {
        f"{column_letters(letter)}{head}": name
        for name, letter in zip(page.raw.names, page.raw.letters, strict=False)
    }
    return [(cells[cell], text) for cell, text in page.marks.comments if cell in cells]
