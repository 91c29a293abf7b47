"""The manuscript as a Word file: real tables, captions with fields, figures with alt text.

What users ask of such files most: widths that are kept, head rows that repeat, captions that
Word can number and list, rows that do not break across pages.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from oncohort.displays.paper import (
    Block,
    Bullets,
    FigureBlock,
    Heading,
    Notice,
    Paper,
    Paragraph,
    Prompts,
    TableBlock,
)
from oncohort.displays.spans import Spans
from oncohort.displays.tables.widths import is_wide
from oncohort.documents.word_filling import filling
from oncohort.documents.word_styles import adopt, room_mm, set_up
from oncohort.documents.word_tables import table
from oncohort.documents.word_text import (
    Page,
    clean,
    figure,
    footer,
    notice,
    prompt,
    runs,
    title_page,
    turn,
)

if TYPE_CHECKING:
    from docx.document import Document

    from oncohort.protocol import Protocol

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of every entry of the file: the same input gives the same bytes."""
FIXED = datetime(2020, 1, 1, tzinfo=UTC)


def write_manuscript(
    paper: Paper,
    protocol: Protocol,
    images: Mapping[str, Mapping[str, bytes]],
    template: bytes | None = None,
) -> bytes:
    """Lay the paper out as a Word document with its main displays.

    Parameters
    ----------
    images
        Figure id to format to bytes; the PNG is taken. A figure without one keeps its caption.
    template
        A .docx whose page and styles are used.

    Returns
    -------
    bytes
        A .docx file without any patient id; the same input gives the same bytes.
    """
    page = _opened(paper, protocol, paper.title, template, _is_main)
    title_page(page, paper.title_page)
    _synthetic(page, paper)
    for section in paper.sections:
        blocks = [b for b in section.blocks if _is_main(paper, b)]
        if any(not isinstance(b, Heading) for b in blocks):
            page.paragraph("Heading 1").add_run(clean(section.title))
            for block in blocks:
                if not _is_sideways(page, paper, block):
                    _block(page, paper, block, images, protocol.study.text)
    _sideways(page, paper, [b for s in paper.sections for b in s.blocks if _is_main(paper, b)])
    return _saved(page.document)


def write_supplement(
    paper: Paper,
    protocol: Protocol,
    images: Mapping[str, Mapping[str, bytes]],
    template: bytes | None = None,
) -> bytes:
    """The tables and figures beside the main ones, and the checklist, as a Word document.

    Parameters
    ----------
    images
        Figure id to format to bytes; the PNG is taken.
    template
        A .docx whose page and styles are used.
    """
    page = _opened(paper, protocol, f"Supplement: {paper.title}", template, _is_beside)
    if paper.title_page.authors:
        runs(page.paragraph("Subtitle"), paper.title_page.authors)
    _synthetic(page, paper)
    blocks = [b for s in paper.sections for b in s.blocks if _is_beside(paper, b)]
    figures = [b for b in blocks if isinstance(b, FigureBlock)]
    sizes: dict[Block, float] = dict(
        zip(figures, filling([paper.figures[b.figure] for b in figures]), strict=True)
    )
    tables = [b for b in blocks if isinstance(b, TableBlock) and b.table != CHECKLIST]
    upright: list[Block] = [b for b in tables if not _is_sideways(page, paper, b)]
    checklist = [b for b in blocks if isinstance(b, TableBlock) and b.table == CHECKLIST]
    for title, some in (("Figures", figures), ("Tables", upright), ("Checklist", checklist)):
        if some:
            page.paragraph("Heading 1").add_run(title)
        for block in some:
            _block(page, paper, block, images, protocol.study.text, sizes.get(block, 1.0))
    _sideways(page, paper, tables)
    return _saved(page.document)


CHECKLIST = "checklist"
"""Id of the table of what a reporting guideline asks."""


def _is_sideways(page: Page, paper: Paper, block: Block) -> bool:
    """A table that is wider than the upright page: it stands at the end, on its side."""
    return isinstance(block, TableBlock) and is_wide(paper.tables[block.table], page.width_mm)


def _sideways(page: Page, paper: Paper, blocks: Sequence[Block]) -> None:
    """The tables that lie on their sides, after everything else: no page before them is cut."""
    wide = [
        paper.tables[b.table]
        for b in blocks
        if isinstance(b, TableBlock) and _is_sideways(page, paper, b)
    ]
    if not wide:
        return
    turn(page, landscape=True)
    section = page.document.sections[-1]
    room = (section.page_width - section.left_margin - section.right_margin) / 36000
    for shown in wide:
        table(page, shown, room)


def _is_main(paper: Paper, block: Block) -> bool:
    """Does a block stand in the manuscript? Words do; displays that are not main ones do not."""
    if isinstance(block, TableBlock):
        return paper.tables[block.table].main
    return paper.figures[block.figure].main if isinstance(block, FigureBlock) else True


def _is_beside(paper: Paper, block: Block) -> bool:
    """Does a block stand in the supplement? Displays that the paper shows, but not as main ones."""
    if isinstance(block, TableBlock):
        table = paper.tables[block.table]
        return table.shown and not table.main
    if isinstance(block, FigureBlock):
        figure = paper.figures[block.figure]
        return figure.shown and not figure.main
    return False


def _opened(
    paper: Paper,
    protocol: Protocol,
    title: str,
    template: bytes | None,
    stands: Callable[[Paper, Block], bool],
) -> Page:
    """A new document with its title and the word that stands on every page."""
    from docx import Document

    document = Document(io.BytesIO(template)) if template is not None else Document()
    if template is None:
        set_up(document)
    else:
        adopt(document)
    _properties(document, paper, protocol, title)
    blocks = [b for s in paper.sections for b in s.blocks if stands(paper, b)]
    displays = [
        f"table.{b.table}" if isinstance(b, TableBlock) else f"figure.{b.figure}"
        for b in blocks
        if isinstance(b, TableBlock | FigureBlock)
    ]
    width, height = room_mm(document)
    anchors = {to: i for i, to in enumerate(displays, 1)}
    page = Page(document, width, height - 32, anchors)
    foot = document.sections[0].footer.paragraphs
    if template is None or not any(p.text.strip() for p in foot):
        footer(page, "Synthetic data: no real patient. " if paper.synthetic else "")
    page.paragraph("Title").add_run(clean(title))
    return page


def _synthetic(page: Page, paper: Paper) -> None:
    """The word that the patients are not real."""
    if paper.synthetic:
        words = "The patients of this document are synthetic: made up by a program. "
        notice(page, _words(words + "None of its numbers is a finding."))


def _saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return _fixed(out.getvalue())


def _words(text: str) -> Spans:
    from oncohort.displays.spans import Span

    return (Span(text),)


def _block(
    page: Page,
    paper: Paper,
    block: Block,
    images: Mapping[str, Mapping[str, bytes]],
    folder: str,
    size: float = 1.0,
) -> None:
    if isinstance(block, Heading):
        page.paragraph(f"Heading {block.level - 1}").add_run(clean(block.text))
    elif isinstance(block, Paragraph):
        runs(page.paragraph(), block.spans, anchors=page.anchors)
    elif isinstance(block, Bullets):
        for item in block.items:
            style = "List Number" if block.numbered else "List Bullet"
            runs(page.paragraph(style), item, anchors=page.anchors)
    elif isinstance(block, Notice):
        notice(page, block.shared or block.spans)
    elif isinstance(block, Prompts):
        prompt(page, f"[{block.intro} Write it in {folder}/{block.file}.]")
        for item in block.items:
            runs(page.paragraph("Prompt List"), item)
    elif isinstance(block, TableBlock):
        table(page, paper.tables[block.table], page.width_mm)
    elif isinstance(block, FigureBlock):
        shown = paper.figures[block.figure]
        figure(page, shown, images.get(shown.id, {}).get("png"), size)


def _properties(document: Document, paper: Paper, protocol: Protocol, title: str) -> None:
    core = document.core_properties
    core.title = clean(title)[:255]
    names = [a.name for a in protocol.paper.authors] or protocol.study.authors
    core.author = clean(", ".join(names))[:255]
    core.last_modified_by = ""
    core.comments = "Made with oncohort."
    words = [*protocol.paper.keywords, *(["synthetic data"] if paper.synthetic else [])]
    core.keywords = clean(", ".join(words))[:255]
    core.language = "en"
    core.created = core.modified = core.last_printed = FIXED
    core.revision = 1


def _fixed(data: bytes) -> bytes:
    """The same file with fixed dates in the zip, entries in their order."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new,
    ):
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, EPOCH)
            info.compress_type = (
                zipfile.ZIP_STORED if entry.filename.endswith(".png") else zipfile.ZIP_DEFLATED
            )
            info.external_attr = 0o600 << 16
            new.writestr(info, old.read(entry.filename))
    return out.getvalue()
