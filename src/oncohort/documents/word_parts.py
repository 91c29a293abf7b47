"""Pieces of a Word file: styles, tables with three rules, captions with fields, figures."""

from __future__ import annotations

import io
import re
from typing import Any

from oncohort.displays.figures.model import Figure
from oncohort.displays.spans import Span, Spans, merged
from oncohort.displays.tables.model import Cell, Row, Table, header_lines

BODY = "Times New Roman"
HEAD = "Arial"
INK = "1A1A1A"
ACCENT = "0B4F79"
LETTER = 0.191
"""Width in mm of a digit, per point of the letters."""
MANY_COLUMNS = 8
"""Tables with more columns have smaller letters and closer cells."""
SIZES = (8.5, 7.5)
PADDING = 2.6
"""Millimetres of a cell that its letters cannot use."""
FIRST_ROWS = 2
"""Rows that stay with the head of a table."""
DENSE = 24
"""Tables with more rows stand closer, so that they keep to one page where they can."""
ALIGN = {"left": 0, "center": 1, "right": 2}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without characters that XML forbids."""
    return CONTROL.sub("", text)


def set_up(document: Any) -> None:
    """Page, fonts, and the styles that the manuscript uses."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    styles = document.styles

    def font(name: str, size: float, face: str, bold: bool | None = None, colour: str = INK) -> Any:
        style = styles[name]
        style.font.name = face
        style.font.size = Pt(size)
        style.font.bold = bold
        style.font.italic = False
        style.font.color.rgb = RGBColor.from_string(colour)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            if "Theme" in key:
                del fonts.attrib[key]
        for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(_qn(kind), face)
        return style

    normal = font("Normal", 11, BODY)
    normal.paragraph_format.space_after = Pt(7)
    normal.paragraph_format.line_spacing = 1.25
    title = font("Title", 19, HEAD, True)
    title.paragraph_format.space_after = Pt(6)
    borders = title.element.get_or_add_pPr().find(_qn("w:pBdr"))
    if borders is not None:
        title.element.get_or_add_pPr().remove(borders)
    subtitle = font("Subtitle", 11, HEAD, False, "4A4A4A")
    subtitle.paragraph_format.space_after = Pt(4)
    for spacing in subtitle.element.rPr.findall(_qn("w:spacing")):
        subtitle.element.rPr.remove(spacing)
    for name, size, before in (
        ("Heading 1", 14, 16),
        ("Heading 2", 11.5, 11),
        ("Heading 3", 11, 9),
    ):
        style = font(name, size, HEAD, True, ACCENT if name == "Heading 1" else INK)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
    caption = font("Caption", 9.5, HEAD)
    caption.paragraph_format.space_before = Pt(10)
    caption.paragraph_format.space_after = Pt(4)
    caption.paragraph_format.line_spacing = 1.1
    font("List Bullet", 11, BODY).paragraph_format.space_after = Pt(3)
    for name, base, size, face in (
        ("Table Text", "Normal", SIZES[0], HEAD),
        ("Table Small", "Normal", SIZES[1], HEAD),
        ("Table Note", "Normal", 8, HEAD),
        ("Prompt", "Normal", 11, BODY),
        ("Prompt List", "List Bullet", 11, BODY),
        ("Notice", "Normal", 9.5, HEAD),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        font(name, size, face, None, "6B4E00" if name.startswith("Prompt") else INK)
        style.paragraph_format.space_after = Pt(0 if name in ("Table Text", "Table Small") else 3)
        style.paragraph_format.line_spacing = 1.0 if name.startswith("Table") else 1.15


def paragraph(document: Any, style: str = "Normal") -> Any:
    """A new paragraph; the style is set by its id, since python-docx looks names up slowly."""
    made = document.add_paragraph()
    if style != "Normal":
        made._p.style = style.replace(" ", "")
    return made


def _qn(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def element(name: str, **attributes: object) -> Any:
    """An XML element with attributes of Word's namespace."""
    from docx.oxml import OxmlElement

    out = OxmlElement(name)
    for key, value in attributes.items():
        out.set(_qn(f"w:{key}"), str(value))
    return out


UNBROKEN = re.compile(r"(?<=\bn) (?==)|(?<==) (?=\d)|(?<=\d%) (?=CI\b)|(?<=\d) (?=\()")
"""Blanks at which a line may not end: "n = 42", "95% CI", "14 (33.3)"."""


def runs(paragraph: Any, spans: Spans, bold: bool = False) -> None:
    """Spans as runs of a paragraph."""
    for span in merged(Span(s.text, "", s.mark) for s in spans):
        run = paragraph.add_run(UNBROKEN.sub("\u00a0", clean(span.text)))
        run.bold = True if bold or span.mark == "bold" else None
        run.italic = True if span.mark == "italic" else None
        if span.mark == "missing":
            run.font.highlight_color = 7


def field(paragraph: Any, code: str, shown: str, bold: bool = False) -> None:
    """A field that Word can update, with the text that it shows until then."""
    for kind in ("begin", None, "separate", "text", "end"):
        run = paragraph.add_run()
        run.bold = bold or None
        if kind is None:
            instruction = element("w:instrText")
            instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            instruction.text = f" {code} "
            run._r.append(instruction)
        elif kind == "text":
            run.text = shown
        else:
            run._r.append(element("w:fldChar", fldCharType=kind))


def caption(document: Any, number: str, title: str, more: Spans = (), above: bool = True) -> None:
    """ "Table II. Title." with the number as a SEQ field, kept with what it belongs to."""
    made = paragraph(document, "Caption")
    made.paragraph_format.keep_with_next = above
    word, _, figure = number.partition(" ")
    if figure:
        prefix = "S" if figure.startswith("S") else ""
        made.add_run(f"{word} {prefix}").bold = True
        roman = bool(re.fullmatch("[IVX]+", figure))
        sequence = f"{word}{'_S' if prefix else ''}"
        code = f"SEQ {sequence} \\* {'ROMAN' if roman else 'ARABIC'}"
        field(made, code, figure.removeprefix("S"), bold=True)
        made.add_run(". ").bold = True
    made.add_run(clean(title) + ".").bold = bool(more) or None
    if more:
        made.add_run(" ")
        runs(made, more)


EDGES = ("top", "left", "bottom", "right")
AFTER_BORDERS = ("w:shd", "w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign")


def _borders(cell: Any, **edges: int) -> None:
    """Rules of a cell in eighths of a point; children stand in the schema's order."""
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(_qn("w:tcBorders"))
    if borders is None:
        borders = element("w:tcBorders")
        properties.insert_element_before(borders, *AFTER_BORDERS)
    known = {edge: borders.find(_qn(f"w:{edge}")) for edge in EDGES}
    for edge, size in edges.items():
        known[edge] = element(f"w:{edge}", val="single", sz=size, space=0, color=INK)
    for child in list(borders):
        borders.remove(child)
    borders.extend(known[edge] for edge in EDGES if known[edge] is not None)


def _fill(
    cell: Any, content: Cell | str, align: str, bold: bool, indent: int = 0, small: bool = False
) -> None:
    from docx.shared import Mm

    paragraph = cell.paragraphs[0]
    paragraph._p.style = "TableSmall" if small else "TableText"
    paragraph.alignment = ALIGN[align]
    if indent:
        paragraph.paragraph_format.left_indent = Mm(3.2 * indent)
    runs(paragraph, (Span(content),) if isinstance(content, str) else content.spans, bold)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(element("w:tblHeader", val="true"))


def _whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(element("w:cantSplit", val="true"))


def _needs(table: Table) -> list[float]:
    """Millimetres in which each column keeps its values on one line; labels may wrap."""
    points = SIZES[len(table.columns) > MANY_COLUMNS]
    out = []
    for k, column in enumerate(table.columns):
        cells = [r.cells[k] for r in table.rows if r.kind != "group"]
        longest = max((len(w) for w in column.label.split()), default=1)
        if column.align == "center":
            longest = max([longest, *(len(c.text) for c in cells)])
        else:
            longest = max([longest, *(len(w) for c in cells for w in c.text.split())])
            longest = max(longest, min(24, max((len(c.text) for c in cells), default=0)))
        out.append(longest * LETTER * points + PADDING)
    return out


def needed_mm(table: Table) -> float:
    """The width that a table needs so that no value breaks."""
    return sum(_needs(table))


def widths_mm(table: Table, width_mm: float) -> list[float]:
    """Widths of the columns: what each needs, and of the rest its share."""
    needs = _needs(table)
    spare = width_mm - sum(needs)
    if spare < 0:
        return [width_mm * need / sum(needs) for need in needs]
    total = sum(c.width for c in table.columns)
    return [n + spare * c.width / total for n, c in zip(needs, table.columns, strict=True)]


def _grid(made: Any, table: Table, width_mm: float) -> list[float]:
    """Fixed widths: of the grid, of every cell, and no autofit."""
    from docx.shared import Mm

    widths = widths_mm(table, width_mm)
    made.autofit = False
    properties = made._tbl.tblPr
    layout = properties.find(_qn("w:tblLayout"))
    if layout is not None:
        properties.remove(layout)
    whole = properties.find(_qn("w:tblW"))
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
    side = 36 if len(table.columns) > MANY_COLUMNS else 60
    for edge, size in (("top", tight), ("left", side), ("bottom", tight), ("right", side)):
        margins.append(element(f"w:{edge}", w=size, type="dxa"))
    properties.insert_element_before(margins, *look)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    return widths


def _head(made: Any, grid: list[Any], table: Table) -> None:
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
            _fill(cell, text, align, True, small=len(table.columns) > MANY_COLUMNS)
            cell.paragraphs[0].paragraph_format.keep_with_next = True
            cell.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
            if across > 1:
                for k in range(at, at + across):
                    _borders(grid[i][k], bottom=4)
            taken |= {(i + d, at + a) for d in range(down) for a in range(across)}
            at += across
    for line in list(made.rows)[: len(lines)]:
        _repeat(line)
        _whole(line)


def table(document: Any, table: Table, width_mm: float, wide: bool = False) -> None:
    """A table as journals print it: rules above and below the head and at the end."""
    from docx.shared import Mm, Pt

    caption(document, table.number, table.title)
    depth = table.spanner_depth + 1
    made = document.add_table(rows=depth + len(table.rows), cols=len(table.columns))
    widths = _grid(made, table, width_mm)
    grid = [line.cells for line in made.rows]
    _head(made, grid, table)
    for i, row in enumerate(table.rows):
        _body_row(made, grid[depth + i], row, depth + i, table, widths, _kept(table, i))
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
        made_note = paragraph(document, "Table Note")
        if i == 0:
            made_note.paragraph_format.space_before = Pt(3)
        runs(made_note, note)
    if not wide:
        paragraph(document, "Table Note")


def folded(content: Cell, width_mm: float, points: float = SIZES[0]) -> Cell:
    """A value whose interval does not fit beside it gets the interval on its own line."""
    text = content.text
    if " (" not in text or len(text) * LETTER * points + 2.2 <= width_mm:
        return content
    out = list(content.spans)
    for i, span in enumerate(out):
        if " (" in span.text:
            out[i] = Span(span.text.replace(" (", "\n(", 1), span.id, span.mark)
            break
    return Cell(tuple(out))


def _kept(table: Table, i: int) -> bool:
    """Does a row stay with the next: at the head, inside a group, and before the notes?"""
    rows = table.rows
    if i < FIRST_ROWS or i >= len(rows) - 2:
        return i < len(rows) - 1 or bool(table.notes)
    below = rows[i + 1]
    return rows[i].kind == "group" or below.indent > 0


def _body_row(
    made: Any, cells: Any, row: Row, index: int, table: Table, widths: list[float], kept: bool
) -> None:
    _whole(made.rows[index])
    small = len(table.columns) > MANY_COLUMNS
    if row.kind == "group":
        cell = cells[0].merge(cells[-1]) if len(cells) > 1 else cells[0]
        _fill(cell, row.cells[0], "left", True, small=small)
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        return
    for cell, content, column, width in zip(cells, row.cells, table.columns, widths, strict=True):
        _fill(
            cell,
            folded(content, width, SIZES[small]) if column.align == "center" else content,
            column.align,
            row.kind == "total",
            row.indent if content is row.cells[0] else 0,
            small,
        )
        cell.paragraphs[0].paragraph_format.keep_with_next = kept


def figure(
    document: Any, figure: Figure, image: bytes | None, width_mm: float, height_mm: float
) -> None:
    """A figure at its printed size (smaller where the page is), alt text, caption below."""
    from docx.shared import Mm

    made = paragraph(document)
    made.alignment = 1
    made.paragraph_format.keep_with_next = True
    made.paragraph_format.space_before = 0
    if image is None:
        runs(made, (Span("[This figure was not drawn.]", "", "italic"),))
    else:
        shrink = min(1.0, width_mm / figure.width_mm, height_mm / figure.height_mm)
        picture = made.add_run().add_picture(io.BytesIO(image), width=Mm(figure.width_mm * shrink))
        properties = picture._inline.docPr
        properties.set("descr", clean(figure.alt))
        properties.set("name", figure.id)
        properties.set("title", clean(f"{figure.number}. {figure.title}"))
    caption(document, figure.number, figure.title, figure.caption, above=False)


def notice(document: Any, spans: Spans) -> None:
    """A paragraph with a bar at its side: left out, synthetic, caution."""
    made = paragraph(document, "Notice")
    borders = element("w:pBdr")
    borders.append(element("w:left", val="single", sz=24, space=6, color="C77700"))
    properties = made._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    runs(made, spans)


def prompt(document: Any, text: str) -> None:
    """What the author has to write."""
    paragraph(document, "Prompt").add_run(clean(text))


def footer(document: Any, words: str) -> None:
    """Page numbers, and a word that must stand on every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = 1
    paragraph.style = document.styles["Table Note"]
    paragraph.add_run(f"{words}Page ")
    field(paragraph, "PAGE", "1")
    paragraph.add_run(" of ")
    field(paragraph, "NUMPAGES", "1")


def turn(document: Any, landscape: bool) -> None:
    """Go on in a new section, on its side or upright."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    long, short = Mm(297), Mm(210)
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
