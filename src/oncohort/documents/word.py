"""The manuscript as a Word file: real tables, captions with fields, figures with alt text.

What users ask of such files most: widths that are kept, head rows that repeat, captions that
Word can number and list, rows that do not break across pages.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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
from oncohort.documents import word_parts as parts

if TYPE_CHECKING:
    from oncohort.protocol import Protocol

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of every entry of the file: the same input gives the same bytes."""
FIXED = datetime(2020, 1, 1, tzinfo=UTC)
TEXT_MM = 174.0
HEIGHT_MM = 225.0


def write_manuscript(
    paper: Paper,
    protocol: Protocol,
    images: Mapping[str, Mapping[str, bytes]],
) -> bytes:
    """Lay the paper out as a Word document with its main displays.

    Parameters
    ----------
    images
        Figure id to format to bytes; the PNG is taken. A figure without one keeps its caption.

    Returns
    -------
    bytes
        A .docx file without any patient id; the same input gives the same bytes.
    """
    document = _opened(paper, protocol, paper.title)
    for section in paper.sections:
        blocks = [b for b in section.blocks if _is_main(paper, b)]
        if any(not isinstance(b, Heading) for b in blocks):
            parts.paragraph(document, "Heading 1").add_run(parts.clean(section.title))
            for block in blocks:
                _block(document, paper, block, images, protocol.study.text)
    return _saved(document)


def write_supplement(
    paper: Paper,
    protocol: Protocol,
    images: Mapping[str, Mapping[str, bytes]],
) -> bytes:
    """The tables and figures beside the main ones, and the checklist, as a Word document.

    Parameters
    ----------
    images
        Figure id to format to bytes; the PNG is taken.
    """
    document = _opened(paper, protocol, f"Supplement: {paper.title}")
    for section in paper.sections:
        blocks = [b for b in section.blocks if not _is_main(paper, b)]
        if blocks:
            title = "Tables and figures" if section.key == "results" else section.title
            parts.paragraph(document, "Heading 1").add_run(parts.clean(title))
        for block in blocks:
            _block(document, paper, block, images, protocol.study.text)
    return _saved(document)


def _is_main(paper: Paper, block: Block) -> bool:
    """Does a block stand in the manuscript? Words do; displays that are not main ones do not."""
    if isinstance(block, TableBlock):
        return paper.tables[block.table].main
    return paper.figures[block.figure].main if isinstance(block, FigureBlock) else True


def _opened(paper: Paper, protocol: Protocol, title: str) -> Any:
    """A new document with its title, authors and the word that stands on every page."""
    from docx import Document

    document = Document()
    parts.set_up(document)
    _properties(document, paper, protocol, title)
    parts.footer(document, "Synthetic data: no real patient. " if paper.synthetic else "")
    parts.paragraph(document, "Title").add_run(parts.clean(title))
    if protocol.study.authors:
        names = ", ".join(protocol.study.authors)
        parts.paragraph(document, "Subtitle").add_run(parts.clean(names))
    parts.paragraph(document, "Subtitle").add_run(parts.clean(paper.subtitle))
    if paper.synthetic:
        parts.notice(
            document,
            _words(
                "The patients of this document are synthetic: made up by a "
                "program. None of its numbers is a finding."
            ),
        )
    return document


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return _fixed(out.getvalue())


def _words(text: str) -> Spans:
    from oncohort.displays.spans import Span

    return (Span(text),)


def _block(
    document: Any,
    paper: Paper,
    block: Block,
    images: Mapping[str, Mapping[str, bytes]],
    folder: str,
) -> None:
    if isinstance(block, Heading):
        parts.paragraph(document, f"Heading {block.level - 1}").add_run(parts.clean(block.text))
    elif isinstance(block, Paragraph):
        parts.runs(parts.paragraph(document), block.spans)
    elif isinstance(block, Bullets):
        for item in block.items:
            parts.runs(parts.paragraph(document, "List Bullet"), item)
    elif isinstance(block, Notice):
        parts.notice(document, block.shared or block.spans)
    elif isinstance(block, Prompts):
        parts.prompt(document, f"[{block.intro} Write it in {folder}/{block.file}.]")
        for item in block.items:
            parts.runs(parts.paragraph(document, "Prompt List"), item)
    elif isinstance(block, TableBlock):
        table = paper.tables[block.table]
        wide = parts.needed_mm(table) > TEXT_MM
        if wide:
            parts.turn(document, landscape=True)
        parts.table(document, table, 261.0 if wide else TEXT_MM, wide)
        if wide:
            parts.turn(document, landscape=False)
    elif isinstance(block, FigureBlock):
        figure = paper.figures[block.figure]
        parts.figure(document, figure, images.get(figure.id, {}).get("png"), TEXT_MM, HEIGHT_MM)


def _properties(document: Any, paper: Paper, protocol: Protocol, title: str) -> None:
    core = document.core_properties
    core.title = title[:255]
    core.author = ", ".join(protocol.study.authors)[:255]
    core.last_modified_by = ""
    core.comments = "Made with oncohort."
    core.keywords = "synthetic data" if paper.synthetic else ""
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
