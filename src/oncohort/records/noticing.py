"""Hidden rows, colours and formulas of a sheet as problems, with their cells."""

from __future__ import annotations

from pathlib import Path

from oncohort.problems import Place, Problem, Severity
from oncohort.records.grid import Raw
from oncohort.records.model import column_letters
from oncohort.records.sources.marks import Marks, look_at


def _short(items: list[str], most: int = 8) -> str:
    return ", ".join(items[:most]) + (", ..." if len(items) > most else "")


def notice(path: Path, raw: Raw) -> list[Problem]:
    """What a sheet's table says without values.

    Parameters
    ----------
    path
        The workbook.
    raw
        The sheet, laid out.
    """
    if raw.sheet is None or not raw.letters or path.suffix.lower() not in (".xlsx", ".xlsm"):
        return []
    marks = look_at(path, raw.sheet)
    return [
        *_percents(marks, raw),
        *_hidden(marks, raw),
        *_formulas(marks, raw),
        *_errors(marks, raw),
        *_colours(marks, raw),
    ]


def _hidden(marks: Marks, raw: Raw) -> list[Problem]:
    out = []
    rows = [r for r in marks.hidden_rows if r in set(raw.rows)]
    if rows:
        out.append(
            Problem(
                "layout.hidden-rows",
                Severity.WARNING,
                f"{len(rows)} hidden row{'' if len(rows) == 1 else 's'} with values "
                f"{'is' if len(rows) == 1 else 'are'} read: {_short([str(r) for r in rows])}.",
                "Whoever hid them may have meant to leave these patients out.",
                f"Delete them, or leave them out: skip_rows = {rows[:20]}.",
                Place(raw.file, raw.sheet, row=rows[0]),
            )
        )
    columns = [
        (name, at)
        for name, at in zip(raw.names, raw.letters, strict=True)
        if at in set(marks.hidden_columns)
    ]
    if columns:
        out.append(
            Problem(
                "layout.hidden-rows",
                Severity.WARNING,
                f"Hidden columns are read: {_short([n for n, _ in columns])}.",
                "Whoever hid them may have meant them not to count.",
                "Show them, or leave them unread with ignore.",
                Place(raw.file, raw.sheet, f"{column_letters(columns[0][1])}{raw.header_row}"),
            )
        )
    return out


def _errors(marks: Marks, raw: Raw) -> list[Problem]:
    """Formula errors: the reader of cells gives them as blanks, so they are said here."""
    return [
        Problem(
            "values.formula-error",
            Severity.ERROR,
            f"{text} is a formula's error.",
            "It is read as blank, and a blank is a missing value.",
            "Mend the formula in the workbook.",
            Place(raw.file, raw.sheet, cell),
        )
        for cell, text in marks.errors[:200]
    ]


def _percents(marks: Marks, raw: Raw) -> list[Problem]:
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
            if r not in shown and isinstance(values[i], int | float) and abs(values[i]) > 1
        ]
        if not plain:
            continue
        for row in sorted(shown)[:200]:
            value = values[rows[row]]
            out.append(
                Problem(
                    "values.percent-format",
                    Severity.ERROR,
                    f"{name}: the cell shows {float(value):.4g} as {100 * float(value):.4g} %, but "
                    f"{len(plain)} others are plain numbers.",
                    "One of them is a hundred times too small.",
                    "Format the whole column as numbers, and type this one again.",
                    Place(raw.file, raw.sheet, f"{column_letters(at)}{row}", row, name),
                )
            )
    return out


def _formulas(marks: Marks, raw: Raw) -> list[Problem]:
    if not marks.uncalculated:
        return []
    return [
        Problem(
            "layout.formulas",
            Severity.ERROR,
            f"{len(marks.uncalculated)} cells hold formulas without a saved value: "
            f"{_short(marks.uncalculated)}.",
            "What was never calculated can't be read; they look blank.",
            "Open the workbook in Excel and save it.",
            Place(raw.file, raw.sheet, marks.uncalculated[0]),
        )
    ]


def _colours(marks: Marks, raw: Raw) -> list[Problem]:
    """Colours of a few data cells or rows; stripes and columns coloured whole say nothing."""
    rows = set(raw.rows)
    columns = set(raw.letters)
    out = []
    for colour, cells in marks.colours.items():
        inside = [(r, c) for r, c in cells if r in rows and c in columns]
        if not inside:
            continue
        share = len({r for r, _ in inside}) / max(len(rows), 1)
        if share > 0.4:
            continue
        addresses = [f"{column_letters(c)}{r}" for r, c in inside]
        hit = sorted({r for r, _ in inside})
        whole = len(inside) >= 0.8 * len(hit) * len(columns)
        what = (
            f"{'Row' if len(hit) == 1 else 'Rows'} {_short([str(r) for r in hit])}"
            if whole
            else f"{len(inside)} cell{'' if len(inside) == 1 else 's'} ({_short(addresses)})"
        )
        out.append(
            Problem(
                "layout.colour",
                Severity.WARNING,
                f"{what} {'is' if len(hit) == 1 and whole else 'are'} coloured ({colour}).",
                "A colour is no value: what it says is lost when the chart is read.",
                "Write what the colour means into a column of its own.",
                Place(raw.file, raw.sheet, addresses[0]),
            )
        )
    return out
