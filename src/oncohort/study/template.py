"""The empty start: a commented protocol and a workbook whose cells take only what fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.checks.marked import file_of
from oncohort.problems import OutputError
from oncohort.protocol import Protocol
from oncohort.protocol.toml_text import toml_value
from oncohort.study.drafting import title_of, written
from oncohort.vocabulary.quantities import COLUMNS
from oncohort.vocabulary.tables import TABLES, RecordTable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

ROWS = 2000
"""Rows of the template that are checked while typing."""
_UNITS = {
    "diameter_mm": "millimetres",
    "slice_mm": "millimetres",
    "amount": "milligrams (or as unit says)",
    "times_per_day": "1, 2, 0.5 = every other day",
    "age": "years at the start of treatment",
    "kps": "30 to 100, in tens",
    "ecog": "0 to 4",
    "grade": "1 to 5",
    "value": "a number; its unit beside it",
}
_PROTOCOL = """# The protocol of the study. Every analysis follows from it; edit it, then:
#   oncohort check {folder}
#   oncohort run {folder}

[study]
schema = 1
title = {title}
disease = ""
treatment = ""
data = "data.xlsx"
# cutoff = 2016-09-30        # data cutoff: later events do not count
time_unit = "months"

# [tables.patients]          # only where the workbook's names differ from ours
# columns = {{ treatment_start = "Start" }}
# missing = ["ND"]

# [[eligibility.criteria]]   # in order; they make the flow diagram
# key = "adult"
# label = "Younger than 18"
# column = "age"
# min = 18

[variables.age]
label = "Age"
unit = "years"
kind = "continuous"

[variables.sex]
label = "Sex"
levels = {{ male = "Male", female = "Female" }}

[baseline]
variables = ["age", "sex"]

[response]
source = "lesions"           # or "assessments", or "charted" (best_response in patients)

[endpoints.pfs]
label = "PFS"
from = "treatment_start"
events = ["progression", "death"]

[endpoints.os]
label = "OS"
from = "treatment_start"
events = ["death"]

# [prognosis]
# endpoints = ["pfs", "os"]
# candidates = ["age", "sex"]

# [safety]
# criteria = "CTCAE 5.0"
"""


def write_template(folder: Path, made: Path) -> str:
    """Write `study.toml` and `data.xlsx` into a folder; gives the protocol's text.

    Parameters
    ----------
    folder
        The folder of the study.
    made
        Where the files are put together before they go there.

    Raises
    ------
    OutputError
        One of them is there already.
    """
    book_path = folder / "data.xlsx"
    if book_path.exists():
        raise OutputError(
            f"{book_path} is there already. To draft a protocol from it: "
            f"oncohort new DIR --from {book_path}"
        )
    book = file_of(_workbook())
    title = toml_value(title_of(folder) or "A study")
    text = _PROTOCOL.format(folder=written(str(folder)), title=title)
    (made / book_path.name).write_bytes(book)
    (made / Protocol.FILE).write_text(text, encoding="utf-8", newline="\n")
    return text


def _workbook() -> Workbook:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    about = book.active
    about.title = "about"
    about.append(["How to fill in this workbook"])
    for line in (
        "One sheet per kind of record; only patients is required. Leave the others empty.",
        "patient is the same number in every sheet: a study number, never a name.",
        "Dates are real dates (2015-03-14). Where only month or year is known: 2015-03 or 2015.",
        "Leave a cell blank where the value is not known.",
        "Further columns of patients (baseline variables) get a header of your own.",
    ):
        about.append([line])
    for table in TABLES.values():
        about.append([f"{table.name}: {table.holds}"])
    about["A1"].font = Font(bold=True)
    about.column_dimensions["A"].width = 100
    for table in TABLES.values():
        _sheet(book.create_sheet(table.name), table)
    return book


def _sheet(page: Worksheet, table: RecordTable) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    columns = ["patient", *table.kinds]
    page.append(columns)
    for at, column in enumerate(columns, 1):
        letter = get_column_letter(at)
        cell = page.cell(1, at)
        needed = column == "patient" or column in table.required
        cell.font = Font(bold=needed)
        cell.fill = PatternFill("solid", start_color="DDEBF7" if needed else "F2F2F2")
        page.column_dimensions[letter].width = max(12, len(column) + 3)
        cell.comment = Comment(_help(table, column), "oncohort", height=90, width=240)
        check = _validation(table, column)
        if check is not None:
            page.add_data_validation(check)
            check.add(f"{letter}2:{letter}{ROWS}")
        if table.kinds.get(column) == "date":
            for row in range(2, 202):
                page.cell(row, at).number_format = "yyyy-mm-dd"
    page.freeze_panes = "B2"


def _help(table: RecordTable, column: str) -> str:
    if column == "patient":
        return "The patient's study number, the same in every sheet. Needed."
    parts = [{"date": "A date.", "flag": "yes or no."}.get(table.kinds[column], "")]
    if column in table.levels:
        parts.append(f"One of: {', '.join(table.levels[column])}.")
    if column in _UNITS:
        parts.append(f"In {_UNITS[column]}." if "or" not in _UNITS[column] else _UNITS[column])
    if column in table.required:
        parts.append("Needed.")
    return " ".join(p for p in parts if p) or "Text."


def _validation(table: RecordTable, column: str) -> DataValidation:
    from openpyxl.worksheet.datavalidation import DataValidation

    kind = table.kinds.get(column)
    levels = table.levels.get(column, ("yes", "no") if kind == "flag" else ())
    if levels:
        return DataValidation(
            type="list",
            formula1=f'"{",".join(levels)}"',
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=column,
            error=f"One of: {', '.join(levels)}",
        )
    if kind == "date":
        # A partial date (2015-03) is a text: warn, do not refuse.
        return DataValidation(
            type="date",
            operator="between",
            formula1="DATE(1900,1,1)",
            formula2="DATE(2100,1,1)",
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="warning",
            errorTitle=column,
            error="A date is expected; 2015-03 is allowed where the day is not known.",
        )
    if kind in ("number", "integer"):
        low, high = COLUMNS.get(column, (-1e9, 1e9))
        return DataValidation(
            type="whole" if kind == "integer" else "decimal",
            operator="between",
            formula1=f"{low:g}",
            formula2=f"{high:g}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=column,
            error=f"A number from {low:g} to {high:g}" if column in COLUMNS else "A number",
        )
    return None
