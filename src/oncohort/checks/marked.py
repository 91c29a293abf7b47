"""A marked copy of the chart: a comment on each cell with a problem, and one sheet listing all."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import OutputError, Problem, Severity, worst_first
from oncohort.records import Records
from oncohort.vocabulary.spreadsheets import no_formula
from oncohort.whole_files import write_whole

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet
    from openpyxl.writer.excel import ExcelWriter

CREATOR = "oncohort"
_COLOURS = {
    Severity.ERROR: "F8CBAD",
    Severity.QUESTION: "FFE699",
    Severity.WARNING: "FFF2CC",
    Severity.NOTE: "DDEBF7",
}
_LIST = "oncohort problems"
_CELL = re.compile(r"^[A-Z]{1,3}[0-9]{1,7}$")
_COMMENTS = 5000


def _ours(path: Path) -> bool:
    from openpyxl import load_workbook

    try:
        return bool(load_workbook(path, read_only=True).properties.creator == CREATOR)
    except Exception:  # noqa: BLE001 - whatever it is, it is not a workbook that we wrote
        return False


def file_of(book: Workbook) -> bytes:
    """A workbook's file, put together in memory.

    The library's own way writes each sheet to a temporary file first, which a killed process leaves
    behind with all that the chart says.
    """
    from openpyxl.writer.excel import ExcelWriter

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        writer = ExcelWriter(book, archive)
        writer.write_worksheet = partial(_sheet_in_memory, writer)
        writer.write_data()
    return _without_clock(made)


_CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]{0,200}>)[^<]{0,40}")


def _without_clock(made: io.BytesIO) -> bytes:
    """The same file, dated 1980 in all its parts: the same problems give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(part, data)
    return out.getvalue()


def _sheet_in_memory(writer: ExcelWriter, page: Worksheet) -> None:
    """Add one sheet to the file."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter

    drawing = SpreadsheetDrawing()
    drawing.charts, drawing.images = page._charts, page._images
    page._drawing = drawing
    held = io.BytesIO()
    sheet = WorksheetWriter(page, held)
    sheet.write()
    page._rels = sheet._rels
    writer._archive.writestr(page.path[1:], held.getvalue())
    writer.manifest.append(page)


def _copy_of(path: Path, name: str) -> Workbook:
    """The chart as a workbook: loaded where it is one, else its cells."""
    from openpyxl import Workbook, load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if path.suffix.lower() in (".xlsx", ".xlsm"):
        try:
            return load_workbook(path, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, OSError):
            pass  # an odd workbook that calamine reads: copy its cells
    from oncohort.records.grid import Sheet
    from oncohort.records.sources import open_source

    book = Workbook()
    book.remove(book.active)
    opened = open_source(path, name)
    for sheet in opened.sheets:
        page = opened.read(sheet)
        title = re.sub(r"[\[\]:*?/\\]", " ", sheet or path.stem)[:31]
        target = book.create_sheet(title)
        if isinstance(page, Sheet):
            for row in page.rows:
                target.append([no_formula(v) for v in row])
    if not book.sheetnames:
        book.create_sheet(path.stem[:31])
    return book


def marked_workbook(problems: Iterable[Problem], records: Records, folder: Path, out: Path) -> Path:
    """Write a copy of the chart with its problems marked; the chart itself is not touched.

    Parameters
    ----------
    problems
        With their places; those without a cell are in the list only.
    folder
        The study's folder, which places are relative to.
    out
        The workbook to write. With several data files, one copy for each, named after it.

    Returns
    -------
    Path
        The (first) file written.

    Raises
    ------
    OutputError
        A file of that name is there and oncohort did not write it.
    """
    found = worst_first(problems)
    out, folder = Path(out), Path(folder)
    files = [s.file for s in records.sources]
    with_problems = [f for f in files if any(p.place.file == f for p in found)] or files[:1]
    written: list[Path] = []
    for nth, name in enumerate(with_problems):
        target = (
            out
            if nth == 0
            else out.with_name(f"{out.stem}-{Path(name).stem}{out.suffix or '.xlsx'}")
        )
        if target.exists() and not _ours(target):
            raise OutputError(
                f"{target} is there and was not written by oncohort. Name another file with --out."
            )
        source = folder / name
        if target.resolve() == source.resolve():
            raise OutputError(f"{target} is the chart itself.")
        book = _copy_of(source, name)
        _mark(book, [p for p in found if p.place.file == name])
        _list(book, found if nth == 0 else [p for p in found if p.place.file == name])
        book.properties.creator = CREATOR
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, file_of(book), mode=0o600)
        except OSError as error:
            raise OutputError(f"{target} can't be written: {error.strerror}.") from error
        written.append(target)
    return written[0]


def _mark(book: Workbook, problems: list[Problem]) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    texts: dict[tuple[str, str], list[Problem]] = {}
    for p in problems:
        for cell in (p.place.cell or "").split(", "):
            if _CELL.match(cell):
                sheet = p.place.sheet if p.place.sheet in book.sheetnames else book.sheetnames[0]
                texts.setdefault((str(sheet), cell), []).append(p)
    for (sheet, address), here in list(texts.items())[:_COMMENTS]:
        cell = book[sheet][address]
        if isinstance(cell, MergedCell):
            continue
        worst = here[0].severity
        cell.fill = PatternFill("solid", start_color=_COLOURS[worst])
        lines = [f"{p.severity.value}: {p.what}" + (f"\n{p.todo}" if p.todo else "") for p in here]
        if cell.comment is not None:
            lines.insert(0, str(cell.comment.text))
        cell.comment = Comment("\n".join(lines)[:2000], CREATOR, height=140, width=320)


def _list(book: Workbook, problems: list[Problem]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    if _LIST in book.sheetnames:
        del book[_LIST]
    page = book.create_sheet(_LIST, 0)
    head = ["Severity", "File", "Sheet", "Cell", "Patient", "What", "What to do", "Why", "Rule"]
    page.append(head)
    for p in problems:
        row = [
            p.severity.value,
            p.place.file,
            p.place.sheet,
            p.place.cell or p.place.key,
            p.patient,
            p.what,
            p.todo,
            p.why,
            p.id,
        ]
        page.append([no_formula(v) for v in row])
        fill = PatternFill("solid", start_color=_COLOURS[p.severity])
        page.cell(page.max_row, 1).fill = fill
        if p.place.cell and _CELL.match(p.place.cell) and p.place.sheet in book.sheetnames:
            link = page.cell(page.max_row, 4)
            link.hyperlink = f"#'{p.place.sheet}'!{p.place.cell}"
            link.font = Font(underline="single", color="0563C1")
    for letter, width in zip("ABCDEFGHI", (10, 18, 16, 10, 12, 60, 50, 50, 28), strict=True):
        page.column_dimensions[letter].width = width
    for cell in page[1]:
        cell.font = Font(bold=True)
    for row_cells in page.iter_rows(min_row=2):
        for cell in row_cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = "A2"
    book.active = 0
