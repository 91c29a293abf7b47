"""Hidden rows, colours and formulas of a sheet as problems, with their cells."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from oncohort.problems import Place, Problem, problem
from oncohort.records.grid import Raw
from oncohort.records.sources.colours import called
from oncohort.records.sources.marks import Marks, look_at
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.plurals import counted, plural
from oncohort.vocabulary.spreadsheets import column_letters


def _short(items: list[str], most: int = 8) -> str:
    return ", ".join(items[:most]) + (", ..." if len(items) > most else "")


def marks_of(path: Path, raw: Raw) -> Marks:
    """What a sheet's table says without values; nothing for files that are no Excel workbooks."""
    if raw.sheet is None or not raw.letters or path.suffix.lower() not in (".xlsx", ".xlsm"):
        return Marks()
    return look_at(path, raw.sheet)


def notice(
    path: Path,
    raw: Raw,
    table: str,
    marks: Marks | None = None,
    said: Collection[int] = (),
) -> list[Problem]:
    """What a sheet's table says without values.

    Parameters
    ----------
    path
        The workbook.
    raw
        The sheet, laid out.
    table
        The record table that it holds. A problem names the chart's own column; once the columns
        are matched, `read_records` turns it into ours.
    marks
        Those of the sheet, where they were looked at before.
    said
        Rows whose colour or strike the protocol says the meaning of.
    """
    marks = marks_of(path, raw) if marks is None else marks
    if said:
        marks = _without_rows(marks, set(said))
    return [
        *_percents(marks, raw, table),
        *_hidden(marks, raw),
        *_formulas(marks, raw, table),
        *_errors(marks, raw, table),
        *_colours(marks, raw),
        *_struck(marks, raw),
        *_white(marks, raw),
        *_comments(marks, raw),
    ]


def _without_rows(marks: Marks, said: set[int]) -> Marks:
    """The marks without colours and strikes of rows of which the protocol says what they mean."""
    colours = {
        c: at for c, at in marks.colours.items() if not {r for r, _ in at if r in said} >= said
    }
    return replace(marks, colours=colours, struck=[p for p in marks.struck if p[0] not in said])


def _header_of(raw: Raw, cell: str) -> str:
    """The chart's column that a cell stands in; empty outside of the table."""
    letters = cell.rstrip("0123456789")
    at = {column_letters(i): name for name, i in zip(raw.names, raw.letters, strict=True)}
    return at.get(letters, "")


def _hidden(marks: Marks, raw: Raw) -> list[Problem]:
    out = []
    rows = [r for r in marks.hidden_rows if r in set(raw.rows)]
    if rows:
        out.append(
            problem(
                "layout.hidden-rows",
                place=Place(raw.file, raw.sheet, row=rows[0]),
                n=len(rows),
                rows=_short([str(r) for r in rows]),
                skip=str(rows[:20]),
            )
        )
    columns = [
        (name, at)
        for name, at in zip(raw.names, raw.letters, strict=True)
        if at in set(marks.hidden_columns)
    ]
    if columns:
        out.append(
            problem(
                "layout.hidden-rows",
                "columns",
                place=Place(
                    raw.file, raw.sheet, f"{column_letters(columns[0][1])}{raw.header_row}"
                ),
                names=_short([n for n, _ in columns]),
            )
        )
    return out


def _errors(marks: Marks, raw: Raw, table: str) -> list[Problem]:
    """Formula errors: the reader of cells gives them as blanks, so they are said here."""
    within = set(raw.rows)
    return [
        problem(
            "values.formula-error",
            place=Place(raw.file, raw.sheet, cell),
            table=table,
            column=_header_of(raw, cell),
            value=text,
        )
        for cell, text in marks.errors[:200]
        if int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0) in within
    ]


def _percents(marks: Marks, raw: Raw, table: str) -> list[Problem]:
    """Columns in which some numbers are percentages by their format and others are plain."""
    out = []
    rows = {r: i for i, r in enumerate(raw.rows)}
    for name, at, values in zip(raw.names, raw.letters, raw.columns, strict=True):
        shown = {r for r, c in marks.percent if c == at and r in rows}
        if not shown:
            continue
        plain = [
            r
            for r, i in rows.items()
            if r not in shown and isinstance(v := values[i], int | float) and abs(v) > 1
        ]
        if not plain:
            continue
        for row in sorted(shown)[:200]:
            value = values[rows[row]]
            if not isinstance(value, int | float):
                continue  # a word in a cell with that format
            out.append(
                problem(
                    "values.percent-format",
                    place=Place(raw.file, raw.sheet, f"{column_letters(at)}{row}", row, name),
                    table=table,
                    column=name,
                    row=row,
                    name=name,
                    value=value,
                    percent=100 * value,
                    n=len(plain),
                )
            )
    return out


def _formulas(marks: Marks, raw: Raw, table: str) -> list[Problem]:
    within = {str(r) for r in raw.rows}
    cells = [c for c in marks.uncalculated if c.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") in within]
    if not cells:
        return []
    return [
        problem(
            "layout.formulas",
            place=Place(raw.file, raw.sheet, cells[0]),
            table=table,
            column=sorted({_header_of(raw, c) for c in cells} - {""}),
            n=len(cells),
            cells=_short(cells),
        )
    ]


def _meant(cells: list[tuple[int, int]], rows: set[int]) -> list[tuple[int, int]]:
    """Coloured cells without those of columns coloured whole, and without stripes."""
    by_column: dict[int, set[int]] = {}
    for row, column in cells:
        by_column.setdefault(column, set()).add(row)
    whole = {c for c, hit in by_column.items() if len(hit) >= 0.95 * len(rows)}
    left = [(r, c) for r, c in cells if c not in whole]
    hit_rows = sorted({r for r, _ in left})
    order = {r: i for i, r in enumerate(sorted(rows))}
    steps = {order[b] - order[a] for a, b in pairwise(hit_rows)}
    if len(hit_rows) >= 3 and steps == {2} and len(hit_rows) >= 0.45 * len(rows):
        return []
    return left


def _colours(marks: Marks, raw: Raw) -> list[Problem]:
    """Colours of a few data cells or rows; stripes and columns coloured whole say nothing."""
    rows = set(raw.rows)
    columns = set(raw.letters)
    out = []
    for colour, cells in marks.colours.items():
        inside = [(r, c) for r, c in cells if r in rows and c in columns]
        inside = _meant(inside, rows)
        if not inside:
            continue
        addresses = [f"{column_letters(c)}{r}" for r, c in inside]
        hit = sorted({r for r, _ in inside})
        whole = len(inside) >= 0.8 * len(hit) * len(columns)
        what = (
            f"{plural(len(hit), 'Row')} {_short([str(r) for r in hit])}"
            if whole
            else f"{counted(len(inside), 'cell')} ({_short(addresses)})"
        )
        out.append(
            problem(
                "layout.colour",
                place=Place(raw.file, raw.sheet, addresses[0]),
                where=what,
                n=1 if len(hit) == 1 and whole else 2,
                colour=called(colour),
            )
        )
    return out


def struck_rows(marks: Marks, raw: Raw) -> list[int]:
    """Rows of which most filled cells are struck through."""
    rows = {r: i for i, r in enumerate(raw.rows)}
    hit: dict[int, int] = {}
    for row, column in marks.struck:
        if row in rows and column in raw.letters:
            hit[row] = hit.get(row, 0) + 1
    return sorted(
        r for r, n in hit.items() if n >= 0.5 * sum(c[rows[r]] is not None for c in raw.columns)
    )


def coloured_rows(marks: Marks, raw: Raw, who: str | None = None) -> dict[str, list[int]]:
    """Rows of which most filled cells have one colour, by colour; never half of the sheet.

    Parameters
    ----------
    who
        The column of the patient's id: its colour is that of the row.
    """
    of_patient = raw.letters[raw.names.index(who)] if raw.letters and who in raw.names else None
    rows = {r: i for i, r in enumerate(raw.rows)}
    filled = {r: sum(c[i] is not None for c in raw.columns) for r, i in rows.items()}
    out: dict[str, list[int]] = {}
    for colour, cells in marks.colours.items():
        inside = [(r, c) for r, c in cells if r in rows and c in raw.letters]
        hit: dict[int, int] = {}
        for row, column in _meant(inside, set(rows)):
            hit[row] = hit.get(row, 0) + (filled[row] if column == of_patient else 1)
        own = sorted(r for r, n in hit.items() if n >= 0.5 * filled[r])
        if own and len(own) < 0.5 * len(rows):
            out[colour] = own
    return out


def commented_rows(marks: Marks, raw: Raw) -> list[int]:
    """Rows with a comment that speaks of consent, exclusion or a mistake."""
    rows = set(raw.rows)
    found = {_row_of(cell) for cell, text in marks.comments if mentions(text, "does_not_count")}
    return sorted(found & rows)


def _row_of(cell: str) -> int:
    return int(re.sub(r"\D", "", cell) or 0)


def _struck(marks: Marks, raw: Raw) -> list[Problem]:
    """Rows and cells that are struck through: whoever did it may have meant to delete them."""
    rows = struck_rows(marks, raw)
    inside = set(raw.rows)
    single = [
        f"{column_letters(c)}{r}"
        for r, c in marks.struck
        if r in inside and r not in rows and c in raw.letters
    ]
    out = []
    if rows:
        out.append(
            problem(
                "layout.struck",
                place=Place(raw.file, raw.sheet, row=rows[0]),
                n=len(rows),
                rows=_short([str(r) for r in rows]),
                skip=str(rows[:20]),
            )
        )
    if single:
        out.append(
            problem(
                "layout.struck",
                "cells",
                place=Place(raw.file, raw.sheet, single[0]),
                n=len(single),
                cells=_short(single),
            )
        )
    return out


def _white(marks: Marks, raw: Raw) -> list[Problem]:
    """Cells whose letters have the colour of the sheet."""
    inside = set(raw.rows)
    cells = [f"{column_letters(c)}{r}" for r, c in marks.white if r in inside and c in raw.letters]
    if not cells:
        return []
    place = Place(raw.file, raw.sheet, cells[0])
    return [
        problem("layout.hidden-rows", "white", place=place, n=len(cells), cells=_short(cells)),
    ]


def _comments(marks: Marks, raw: Raw) -> list[Problem]:
    """Cells with a comment. Its words may name people, so they are not repeated."""
    rows = set(raw.rows)
    cells = [(cell, text) for cell, text in marks.comments if _row_of(cell) in rows]
    if not cells:
        return []
    discounted = [cell for cell, text in cells if mentions(text, "does_not_count")]
    outcome = [c for c, text in cells if c not in discounted and mentions(text, "tells_an_outcome")]
    told = (*discounted, *outcome)
    doubted = [c for c, text in cells if c not in told and mentions(text, "in_doubt")]
    rest = [cell for cell, _ in cells if cell not in (*told, *doubted)]
    cases = (("discounted", discounted), ("outcome", outcome), ("doubted", doubted), ("", rest))
    return [
        problem(
            "layout.comment",
            case,
            place=Place(raw.file, raw.sheet, shown[0]),
            n=len(shown),
            cells=_short(shown),
        )
        for case, shown in cases
        if shown
    ]
