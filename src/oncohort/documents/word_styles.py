"""Page, fonts and styles of a Word file: our own, or those of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.displays.tables.widths import LARGE, SMALL
from oncohort.documents.word_text import qn

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.styles.styles import Styles

BODY = "Times New Roman"
HEAD = "Arial"
INK = "1A1A1A"
ACCENT = "0B4F79"


OWN = (
    ("Table Text", "Normal", LARGE.points, HEAD),
    ("Table Small", "Normal", SMALL.points, HEAD),
    ("Table Note", "Normal", 8, HEAD),
    ("Title Line", "Normal", 9.5, HEAD),
    ("Prompt", "Normal", 11, BODY),
    ("Prompt List", "List Bullet", 11, BODY),
    ("Notice", "Normal", 9.5, HEAD),
)
"""Styles that Word does not bring: name, based on, points, letters."""
BUILT_IN = (
    "Title",
    "Subtitle",
    "Heading 1",
    "Heading 2",
    "Heading 3",
    "Caption",
    "List Bullet",
    "List Number",
)


def _font(
    styles: Styles, name: str, size: float, face: str, bold: bool | None = None, colour: str = INK
) -> ParagraphStyle:
    from docx.shared import Pt, RGBColor

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
        fonts.set(qn(kind), face)
    return style


def set_up(document: Document) -> None:
    """Page, fonts, and the styles of the manuscript, as our own."""
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    styles = document.styles
    normal = _font(styles, "Normal", 11, BODY)
    normal.paragraph_format.space_after = Pt(7)
    normal.paragraph_format.line_spacing = 1.25
    title = _font(styles, "Title", 17, HEAD, True)
    title.paragraph_format.space_after = Pt(6)
    borders = title.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:
        title.element.get_or_add_pPr().remove(borders)
    subtitle = _font(styles, "Subtitle", 11, HEAD, False, "4A4A4A")
    subtitle.paragraph_format.space_after = Pt(4)
    for spacing in subtitle.element.rPr.findall(qn("w:spacing")):
        subtitle.element.rPr.remove(spacing)
    for name, size, before in (
        ("Heading 1", 14, 16),
        ("Heading 2", 11.5, 11),
        ("Heading 3", 11, 9),
    ):
        style = _font(styles, name, size, HEAD, True, ACCENT if name == "Heading 1" else INK)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
    caption = _font(styles, "Caption", 9.5, HEAD)
    caption.paragraph_format.space_before = Pt(10)
    caption.paragraph_format.space_after = Pt(4)
    caption.paragraph_format.line_spacing = 1.1
    for name in ("List Bullet", "List Number"):
        _font(styles, name, 11, BODY).paragraph_format.space_after = Pt(3)
    _own(document)


def _own(document: Document) -> None:
    """The styles that Word does not bring."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    styles = document.styles
    known = {style.name for style in styles}
    for name, base, size, face in OWN:
        if name in known:
            continue
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        _font(styles, name, size, face, None, "6B4E00" if name.startswith("Prompt") else INK)
        close = name in ("Table Text", "Table Small", "Title Line")
        style.paragraph_format.space_after = Pt(0 if close else 3)
        style.paragraph_format.line_spacing = 1.0 if name.startswith("Table") else 1.15


def adopt(document: Document) -> None:
    """Take a template: its page, its styles and its head and foot stay, its text goes.

    Styles that the template lacks are made as Word's own, based on its normal text.
    """
    from docx.enum.style import WD_STYLE_TYPE

    body = document.element.body
    for child in list(body):
        if child.tag != qn("w:sectPr"):
            body.remove(child)
    known = {style.name for style in document.styles}
    for name in BUILT_IN:
        if name not in known:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            style.base_style = document.styles["Normal"]
            style.font.bold = name == "Title" or name.startswith("Heading") or None
            style.paragraph_format.keep_with_next = name.startswith("Heading") or None
    _own(document)


def room_mm(document: Document) -> tuple[float, float]:
    """Width and height of the text on the first page."""
    section = document.sections[0]
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    return round(width / 36000, 1), round(height / 36000, 1)
