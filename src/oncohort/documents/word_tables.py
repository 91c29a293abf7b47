"""Tables of a Word file: three rules, fixed widths, numbers that stand below each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from oncohort.displays.spans import Span
from oncohort.displays.tables.model import Cell, Row, Table, header_lines
from oncohort.displays.tables.widths import LARGE, SMALL, Letters, letters_for, text_mm, widths_mm
from oncohort.documents.word_styles import INK
from oncohort.documents.word_text import Page, caption, clean, element, qn, runs

if TYPE_CHECKING:
    from docx.table import Table as DocxTable
    from docx.table import _Cell, _Row
    from docx.text.paragraph import Paragraph

FIRST_ROWS = 2
"""Rows that stay with the head of a table."""
DENSE = 24
"""Tables with more rows stand closer, so that they keep to one page where they can."""
ALIGN = {"left": 0, "center": 1, "right": 2}

EDGES = ("top", "left", "bottom", "right")
AFTER_BORDERS = ("w:shd", "w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign")


def _borders(cell: _Cell, **edges: int) -> None:
    """Rules of a cell in eighths of a point; children stand in the schema's order."""
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = element("w:tcBorders")
        properties.insert_element_before(borders, *AFTER_BORDERS)
    known = {edge: borders.find(qn(f"w:{edge}")) for edge in EDGES}
    for edge, size in edges.items():
        known[edge] = element(f"w:{edge}", val="single", sz=size, space=0, color=INK)
    for child in list(borders):
        borders.remove(child)
    borders.extend(known[edge] for edge in EDGES if known[edge] is not None)


def _fill(
    page: Page,
    cell: _Cell,
    content: Cell | str,
    align: str,
    bold: bool,
    letters: Letters,
    indent_mm: float | None = None,
    kept: bool | None = None,
) -> None:
    """The words of a cell; `kept` keeps them on the page of the row below."""
    paragraph = cell.paragraphs[0]
    _shape(page, paragraph, (letters is SMALL, align, indent_mm, kept))
    spans = (Span(content),) if isinstance(content, str) else content.spans
    runs(paragraph, spans, bold, page.anchors)


def _shape(
    page: Page, paragraph: Paragraph, shape: tuple[bool, str, float | None, bool | None]
) -> None:
    """Style, alignment and indent of a paragraph: a copy of the first of its kind."""
    from docx.shared import Mm

    known = page.shapes.get(shape)
    if known is not None:
        if paragraph._p.pPr is not None:
            paragraph._p.remove(paragraph._p.pPr)
        paragraph._p.insert(0, deepcopy(known))
        return
    small, align, indent_mm, kept = shape
    paragraph._p.style = page.style("Table Small" if small else "Table Text")
    paragraph.alignment = ALIGN[align]
    if indent_mm is not None:
        paragraph.paragraph_format.left_indent = Mm(indent_mm)
    if kept is not None:
        paragraph.paragraph_format.keep_with_next = kept
    page.shapes[shape] = deepcopy(paragraph._p.pPr)


def _repeat(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(element("w:tblHeader", val="true"))


def _whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(element("w:cantSplit", val="true"))


def _grid(made: DocxTable, table: Table, width_mm: float, letters: Letters) -> list[float]:
    """Fixed widths: of the grid, of every cell, and no autofit."""
    from docx.shared import Mm

    widths = widths_mm(table, width_mm)
    made.autofit = False
    properties = made._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is not None:
        properties.remove(layout)
    whole = properties.find(qn("w:tblW"))
    if whole is not None:
        properties.remove(whole)
    twips = [round(w / 25.4 * 1440) for w in widths]
    look = ("w:tblLook", "w:tblCaption", "w:tblDescription")
    properties.insert_element_before(
        element("w:tblW", w=sum(twips), type="dxa"), "w:jc", "w:tblInd", "w:tblBorders", *look
    )
    properties.insert_element_before(element("w:tblLayout", type="fixed"), *look)
    margins = element("w:tblCellMar")
    tight = 8 if len(table.rows) > DENSE else 28
    for edge, size in (
        ("top", tight),
        ("left", letters.side),
        ("bottom", tight),
        ("right", letters.side),
    ):
        margins.append(element(f"w:{edge}", w=size, type="dxa"))
    properties.insert_element_before(margins, *look)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    return widths


def _head(
    page: Page, made: DocxTable, grid: list[Sequence[_Cell]], table: Table, letters: Letters
) -> None:
    """The head rows with their spanners merged."""
    from docx.enum.table import WD_ALIGN_VERTICAL

    lines = header_lines(table.columns)
    taken: set[tuple[int, int]] = set()
    for i, line in enumerate(lines):
        at = 0
        for text, across, down in line:
            while (i, at) in taken:
                at += 1
            first, last = grid[i][at], grid[i + down - 1][at + across - 1]
            cell = first.merge(last) if first is not last else first
            align = table.columns[at].align if across == 1 else "center"
            _fill(page, cell, text, align, True, letters, kept=True)
            cell.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
            if across > 1:
                for k in range(at, at + across):
                    _borders(grid[i][k], bottom=4)
            taken |= {(i + d, at + a) for d in range(down) for a in range(across)}
            at += across
    for line in list(made.rows)[: len(lines)]:
        _repeat(line)
        _whole(line)


def table(page: Page, table: Table, width_mm: float) -> None:
    """A table as journals print it: rules above and below the head and at the end."""
    from docx.shared import Mm, Pt

    table = padded(continued(table))
    letters = letters_for(table, width_mm)
    caption(page, f"table.{table.id}", table.number, table.title)
    depth = table.spanner_depth + 1
    made = page.document.add_table(rows=depth + len(table.rows), cols=len(table.columns))
    widths = _grid(made, table, width_mm, letters)
    lines = list(made.rows)
    grid = [line.cells for line in lines]
    _head(page, made, grid, table, letters)
    indents = _aligned(table, widths, letters)
    for i in range(len(table.rows)):
        _whole(lines[depth + i])
        _body_row(page, grid[depth + i], i, table, letters, widths, indents)
    for cells in grid:
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)
    for k in range(len(table.columns)):
        _borders(grid[0][k], top=8)
        _borders(grid[depth - 1][k], bottom=6)
        _borders(grid[-1][k], bottom=8)
    properties = made._tbl.tblPr
    properties.append(element("w:tblCaption", val=clean(f"{table.number}. {table.title}")))
    for i, note in enumerate(table.notes):
        made_note = page.paragraph("Table Note")
        if i == 0:
            made_note.paragraph_format.space_before = Pt(3)
        made_note.paragraph_format.keep_with_next = i < len(table.notes) - 1 or None
        runs(made_note, note, anchors=page.anchors)
    page.paragraph("Table Note")


LONG_GROUP = 24
"""Rows of a group that stay together; a longer one is continued under its name."""


def continued(table: Table) -> Table:
    """A table whose long groups are cut into parts, each headed "(continued)"."""
    rows: list[Row] = []
    head: Row | None = None
    inside = 0
    for row in table.rows:
        if row.indent == 0:
            head, inside = row, 0
        elif head is not None and inside >= LONG_GROUP:
            name = Cell((*head.cells[0].spans, Span(" (continued)")))
            empty = () if head.kind == "group" else tuple(Cell() for _ in head.cells[1:])
            rows.append(Row((name, *empty), head.kind, head.indent))
            inside = 0
        rows.append(row)
        inside += 1
    return table if len(rows) == len(table.rows) else replace(table, rows=tuple(rows))


NUMBER = re.compile(r"[<>\u2212-]?\d+")


def _aligned(table: Table, widths: list[float], letters: Letters) -> dict[tuple[int, int], float]:
    """(row, column) to the indent in mm that puts the numbers of a column below each other.

    Whole parts end in one line, so that decimals and brackets stand below each other; the block
    of numbers is centred in its column.
    """
    points = letters.points
    out: dict[tuple[int, int], float] = {}
    for k, column in enumerate(table.columns):
        if column.align != "center":
            continue
        lead: dict[int, float] = {}
        tail: dict[int, float] = {}
        for i, row in enumerate(table.rows):
            text = row.cells[k].text if row.kind != "group" else ""
            number = NUMBER.match(text)
            if number is not None:
                lead[i] = text_mm(number[0], points)
                tail[i] = text_mm(text[number.end() :], points)
        if len(lead) < 2:
            continue
        longest = max(lead.values())
        start = (widths[k] - letters.padding - longest - max(tail.values())) / 2
        if start >= 0:
            out |= {(i, k): start + longest - mm for i, mm in lead.items()}
    return out


def folded(content: Cell, width_mm: float, letters: Letters = LARGE) -> Cell:
    """A value whose interval does not fit beside it gets the interval on its own line."""
    text = content.text
    if " (" not in text or text_mm(text, letters.points) + letters.padding <= width_mm + 0.1:
        return content
    out = list(content.spans)
    for i, span in enumerate(out):
        if " (" in span.text:
            out[i] = Span(span.text.replace(" (", "\n(", 1), span.id, span.mark)
            break
    return Cell(tuple(out))


BRACKET = re.compile(r"^[<>\u2212\d.]+ \((\d+)(?=[.)\u2013])")
"""A value with the whole part of the number that opens its bracket."""


def _kind(text: str) -> str:
    """What stands in a cell: "share" for 14 (33.3), "interval" for 0.78 (0.39-1.56)."""
    return "interval" if "\u2013" in text else "share"


def padded(table: Table) -> Table:
    """Numbers in brackets stand below each other too: short ones get blanks before them.

    Two no-break spaces are as wide as a digit. Values of a column are padded with their like:
    shares with shares, intervals with intervals.
    """
    room: dict[tuple[int, str], int] = {}
    for row in table.rows:
        for k, cell in enumerate(row.cells if row.kind != "group" else ()):
            found = BRACKET.match(cell.text)
            whole = found is None or found[1] == "100"  # exactly 100 % has no decimals
            if found is not None and not whole and table.columns[k].align == "center":
                key = (k, _kind(cell.text))
                room[key] = max(room.get(key, 0), len(found[1]))
    if not room:
        return table
    rows = tuple(
        row
        if row.kind == "group"
        else replace(
            row,
            cells=tuple(
                _with_blanks(c, room.get((k, _kind(c.text)), 0)) if k else c
                for k, c in enumerate(row.cells)
            ),
        )
        for row in table.rows
    )
    return replace(table, rows=rows)


def _with_blanks(cell: Cell, digits: int) -> Cell:
    """Blanks for the digits that the number in brackets lacks."""
    found = BRACKET.match(cell.text)
    if found is None or len(found[1]) >= digits:
        return cell
    blanks = "\u00a0\u00a0" * (digits - len(found[1]))
    at = found.start(1)
    out: list[Span] = []
    for span in cell.spans:
        here = 0 <= at < len(span.text)
        out.append(replace(span, text=span.text[:at] + blanks + span.text[at:]) if here else span)
        at -= len(span.text)
    return Cell(tuple(out))


def _kept(table: Table, i: int) -> bool:
    """Does a row stay with the next: at the head, inside a group, and before the notes?"""
    rows = table.rows
    if i < FIRST_ROWS or i >= len(rows) - 2:
        return i < len(rows) - 1 or bool(table.notes)
    below = rows[i + 1]
    return rows[i].kind == "group" or below.indent > 0


def _body_row(
    page: Page,
    cells: Sequence[_Cell],
    i: int,
    table: Table,
    letters: Letters,
    widths: list[float],
    indents: dict[tuple[int, int], float],
) -> None:
    row = table.rows[i]
    if row.kind == "group":
        cell = cells[0].merge(cells[-1]) if len(cells) > 1 else cells[0]
        _fill(page, cell, row.cells[0], "left", True, letters, kept=True)
        return
    kept = _kept(table, i)
    for k, (cell, content, column, width) in enumerate(
        zip(cells, row.cells, table.columns, widths, strict=True)
    ):
        shown = folded(content, width, letters) if column.align == "center" else content
        indent = 3.2 * row.indent if k == 0 and row.indent else None
        at = indents.get((i, k)) if shown is content else None
        align = "left" if at is not None else column.align
        indent = indent if at is None else at
        _fill(page, cell, shown, align, row.kind == "total", letters, indent, kept)
