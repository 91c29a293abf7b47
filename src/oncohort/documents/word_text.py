"""Text of a Word file: runs, fields, bookmarks, captions, notices."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass
from oncohort.displays.figures.model import Figure
from oncohort.displays.paper import TitlePage
from oncohort.displays.spans import Span, Spans, merged

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from lxml.etree import _Element as Element

NUMBERS = 10_000
"""Ids of the bookmarks of bare numbers start here."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without characters that XML forbids."""
    return CONTROL.sub("", text)


@dataclass
class Page:
    """A Word document as it is written: its styles, its room, and what can be pointed at."""

    document: Document
    width_mm: float = 174.0
    height_mm: float = 225.0
    anchors: Mapping[str, int] = field(default_factory=dict)
    """Displays of this document, ``table.baseline``, with the number of their bookmark."""
    ids: dict[str, str] = field(default_factory=dict)
    """Name of a style to its id."""
    counts: dict[str, int] = field(default_factory=dict)
    """Numbers that the captions have reached, by their sequence."""
    shapes: dict[tuple[object, ...], Element] = field(default_factory=dict)
    """Properties of the paragraphs of cells: made once for each shape, then copied."""

    def restart(self, sequence: str, number: int) -> str:
        """What a SEQ field needs where a caption does not follow the one before it."""
        follows = number == self.counts.get(sequence, 0) + 1
        self.counts[sequence] = number
        return "" if follows else f" \\r {number}"

    def paragraph(self, style: str = "Normal") -> Paragraph:
        """A new paragraph; the style is set by its id, since python-docx looks names up slowly."""
        made = self.document.add_paragraph()
        if style != "Normal":
            made._p.style = self.style(style)
        return made

    def style(self, name: str) -> str:
        """The id of a style: a template can have it under another one."""
        if name not in self.ids:
            self.ids[name] = str(self.document.styles[name].style_id)
        return self.ids[name]


def bookmark(to: str, start: str = "_Ref_") -> str:
    """Name of the bookmark of a display: letters, digits and ``_``, at most 40.

    Parameters
    ----------
    start
        ``_Ref_`` for "Table II", ``_Num_`` for its number alone ("Tables I and II").

    Examples
    --------
    >>> bookmark("figure.survival_by_imdc"), bookmark("table.safety", "_Num_")
    ('_Ref_figure_survival_by_imdc', '_Num_table_safety')
    """
    name = start + re.sub(r"\W", "_", to)
    return name if len(name) <= 40 else name[:31] + f"_{zlib.crc32(to.encode()):08x}"


def qn(name: str) -> str:
    from docx.oxml.ns import qn as full

    return str(full(name))


def element(tag: str, /, **attributes: object) -> Element:
    """An XML element with attributes of Word's namespace."""
    from docx.oxml import OxmlElement

    out = OxmlElement(tag)
    for key, value in attributes.items():
        out.set(qn(f"w:{key}"), str(value))
    return out


UNBROKEN = re.compile(r"(?<=\bn) (?==)|(?<==) (?=\d)|(?<=\d%) (?=CI\b)|(?<=\d) (?=\()")
"""Blanks at which a line may not end: "n = 42", "95% CI", "14 (33.3)"."""


def runs(
    paragraph: Paragraph,
    spans: Spans,
    bold: bool = False,
    anchors: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Spans as runs of a paragraph; what points at a display of this document is a REF field."""
    for span in merged(Span(s.text, "", s.mark, s.to) for s in spans):
        text = UNBROKEN.sub("\u00a0", clean(span.text))
        if span.to in anchors:
            start = "_Ref_" if re.match("Table|Figure", text) else "_Num_"
            refer(paragraph, f"REF {bookmark(span.to, start)} \\h", text, bold)
            continue
        run = paragraph.add_run(text)
        run._r.get_or_add_rPr()
        if bold or span.mark == "bold":
            run.bold = True
        if span.mark == "italic":
            run.italic = True
        if span.mark == "super":
            run.font.superscript = True
        if span.mark == "missing":
            run.font.highlight_color = 7


def refer(paragraph: Paragraph, code: str, shown: str, bold: bool = False) -> None:
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


def _roman(text: str) -> int:
    """A Roman number below 50.

    Examples
    --------
    >>> [_roman(t) for t in ("I", "IV", "IX", "XIV")]
    [1, 4, 9, 14]
    """
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in text]
    after = [*values[1:], 0]
    return sum(-v if v < w else v for v, w in zip(values, after, strict=True))


def caption(
    page: Page, to: str, number: str, title: str, more: Spans = (), above: bool = True
) -> None:
    """ "Table II. Title." with the number as a SEQ field in a bookmark, kept with its display."""
    made = page.paragraph("Caption")
    made.paragraph_format.keep_with_next = above
    word, _, figure = number.partition(" ")
    if figure:
        mark = str(page.anchors.get(to, 0))
        made._p.append(element("w:bookmarkStart", id=mark, name=bookmark(to)))
        prefix = "S" if figure.startswith("S") else ""
        made.add_run(f"{word}\u00a0").bold = True
        inner = str(NUMBERS + page.anchors.get(to, 0))
        made._p.append(element("w:bookmarkStart", id=inner, name=bookmark(to, "_Num_")))
        if prefix:
            made.add_run(prefix).bold = True
        roman = bool(re.fullmatch("[IVX]+", figure))
        sequence = f"{word}{'_S' if prefix else ''}"
        bare = figure.removeprefix("S")
        number_of = _roman(bare) if roman else int(bare)
        code = f"SEQ {sequence} \\* {'ROMAN' if roman else 'ARABIC'}"
        code += page.restart(sequence, number_of)
        refer(made, code, figure.removeprefix("S"), bold=True)
        made._p.append(element("w:bookmarkEnd", id=inner))
        made._p.append(element("w:bookmarkEnd", id=mark))
        made.add_run(". ").bold = True
    made.add_run(clean(title) + ".").bold = bool(more) or None
    if more:
        made.add_run(" ")
        runs(made, more)


def figure(page: Page, figure: Figure, image: bytes | None, size: float = 1.0) -> None:
    """A figure at a part of its size (smaller where the page is), alt text, caption below."""
    from docx.shared import Mm

    made = page.paragraph()
    made.alignment = 1
    made.paragraph_format.keep_with_next = True
    made.paragraph_format.space_before = 0
    if image is None:
        runs(made, (Span("[This figure was not drawn.]", "", "italic"),))
    else:
        shrink = min(size, page.width_mm / figure.width_mm, page.height_mm / figure.height_mm)
        picture = made.add_run().add_picture(io.BytesIO(image), width=Mm(figure.width_mm * shrink))
        properties = picture._inline.docPr
        properties.set("descr", clean(figure.alt))
        properties.set("name", figure.id)
        properties.set("title", clean(f"{figure.number}. {figure.title}"))
    to = f"figure.{figure.id}"
    caption(page, to, figure.number, figure.title, figure.caption, above=False)


def notice(page: Page, spans: Spans) -> None:
    """A paragraph with a bar at its side: left out, synthetic, caution."""
    made = page.paragraph("Notice")
    borders = element("w:pBdr")
    borders.append(element("w:left", val="single", sz=24, space=6, color="C77700"))
    properties = made._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    runs(made, spans, anchors=page.anchors)


def prompt(page: Page, text: str) -> None:
    """What the author has to write."""
    page.paragraph("Prompt").add_run(clean(text))


def footer(page: Page, words: str) -> None:
    """Page numbers, and a word that must stand on every page."""
    made = page.document.sections[0].footer.paragraphs[0]
    made.alignment = 1
    made._p.style = page.style("Table Note")
    made.add_run(f"{words}Page ")
    refer(made, "PAGE", "1")
    made.add_run(" of ")
    refer(made, "NUMPAGES", "1")


def turn(page: Page, landscape: bool) -> None:
    """Go on in a new section, on its side or upright."""
    from docx.enum.section import WD_ORIENT, WD_SECTION

    before = page.document.sections[-1]
    section = page.document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    short, long = sorted((before.page_width, before.page_height))
    section.page_width, section.page_height = (long, short) if landscape else (short, long)


def title_page(page: Page, words: TitlePage) -> None:
    """Authors, affiliations, and the lines that journals want."""
    if words.authors:
        runs(page.paragraph("Subtitle"), words.authors)
    for place in words.affiliations:
        runs(page.paragraph("Title Line"), place)
    for what, line in words.lines:
        runs(page.paragraph("Title Line"), (Span(f"{what}: ", "", "bold"), *line))
