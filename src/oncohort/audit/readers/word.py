"""Word documents (.docx): headings, paragraphs, tables with merged cells."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from oncohort.audit.document import Paper, Paragraph, Row, Table
from oncohort.audit.extract import sections
from oncohort.problems import ReadError

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element as Element

MAX_UNPACKED = 200 * 2**20
MAX_PARTS = 20_000
"""Parts of an archive."""
MAX_RATIO = 100
"""Unpacked bytes of a large part for each packed one; texts of Word reach about 40."""
LARGE = 5_000_000
MAX_CELLS = 50_000

CAPTION = re.compile(
    r"^(?P<label>(?:Supplementa(?:ry|l)\s+)?(?:Table\s+(?:[IVXL]+\b|S?\d+(?:[A-Za-z]|\([a-z]\))?)|"
    r"(?-i:Table|TABLE)(?=[.:]\s+(?-i:[A-Z(]))))\s*[.:|–—-]?\s*(?P<rest>.*)$",
    re.I,
)
LEGEND = re.compile(
    r"^(?P<label>(?:Supplementa(?:ry|l)\s+)?Fig(?:ure|\.)?\s*S?\d+[A-Za-z]?)\s*[.:|"
    r"–—-]\s*(?P<rest>.*)$",
    re.I,
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_word(content: bytes, *, source: str = "") -> Paper:
    """Read a Word document.

    Raises
    ------
    oncohort.problems.ReadError
        If it isn't a Word document, is damaged, or unpacks to too much.
    """
    _guard(content, source)
    import docx
    from lxml import etree

    try:
        document = docx.Document(io.BytesIO(content))
        blocks = list(_blocks(document))
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        # The library raises any of these on parts without a name, unknown versions, lost targets.
        raise ReadError(f"{source}: a damaged Word document: {problem}") from problem
    except (zipfile.BadZipFile, zlib.error, etree.LxmlError, OSError, EOFError) as problem:
        raise ReadError(f"{source}: a damaged Word document: {problem}") from problem
    unread: list[str] = []
    return Paper("", tuple(_assemble(blocks, unread)), tuple(unread), source, "Word")


def _guard(content: bytes, source: str) -> None:
    """Refuse archives that aren't Word documents, or that unpack to far more than they hold."""
    if content.count(b"PK\x01\x02") > MAX_PARTS:
        raise ReadError(f"{source}: an archive of more parts than any paper has")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise ReadError(f"{source}: a damaged archive: {problem}") from problem
    if "word/document.xml" not in names:
        raise ReadError(
            f"{source}: an archive, but not a Word document; open it and save it as .docx"
        )
    size = sum(i.file_size for i in parts)
    bomb = any(i.file_size > max(LARGE, MAX_RATIO * i.compress_size) for i in parts)
    if bomb or size > MAX_UNPACKED:
        raise ReadError(f"{source}: unpacks to more than any paper ({size / 1e6:,.0f} MB)")


def _blocks(document: Document) -> Iterator[tuple[str, str, Element]]:
    """(kind, style, element) in the order of the body; deleted text is left out."""
    for child in document.element.body.iterchildren():
        if child.tag == f"{_W}p":
            style = ""
            properties = child.find(f"{_W}pPr/{_W}pStyle")
            if properties is not None:
                style = _style(document, properties.get(f"{_W}val") or "")
            yield "p", style, child
        elif child.tag == f"{_W}tbl":
            yield "table", "", child
        elif child.tag == f"{_W}sdt":
            for inner in child.iter(f"{_W}p"):
                yield "p", "", inner


def _style(document: Document, key: str) -> str:
    for style in document.styles:
        if style.style_id == key:
            return str(style.name or key)
    return key


def _words(element: Element) -> str:
    """Text of a paragraph or cell; superscript letters (footnote marks) are left out."""
    parts: list[str] = []
    for run in element.iter(f"{_W}r"):
        raised = run.find(f"{_W}rPr/{_W}vertAlign")
        text = "".join(_pieces(run))
        if raised is not None and raised.get(f"{_W}val") == "superscript":
            plain = text.strip()
            if re.fullmatch(r"[a-z*†‡§¶#,\s]*", plain):
                continue
            if re.fullmatch(r"[\d,\s–-]+", plain):
                before = "".join(parts)
                unit = re.search(r"(?:\bk?m|\bcm|/m|10)\s*$", before)
                text = (
                    (f"^{plain}" if before.rstrip().endswith("10") else plain)
                    if unit
                    else f" [{plain}]"
                )
        parts.append(text)
    return re.sub(r"[ \t\u00a0\u2000-\u200a\u202f]+", " ", "".join(parts)).strip()


def _pieces(run: Element) -> Iterator[str]:
    for child in run:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
            yield " "
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"


def _assemble(
    blocks: list[tuple[str, str, Element]], unread: list[str]
) -> Iterator[Paragraph | Table]:
    section = ""
    texts = [_words(e) if kind == "p" else "" for kind, _, e in blocks]
    used: set[int] = set()
    for k, (kind, style, element) in enumerate(blocks):
        if kind == "table":
            label, caption = _caption(texts, blocks, k, used)
            notes = _notes(texts, blocks, k, used)
            table = _table(element, label, caption, notes, section, unread)
            if table is not None:
                yield table
            continue
        text = texts[k]
        if not text or k in used:
            continue
        known = sections.following(section, text) if len(text) < 60 else ""
        if style.lower().startswith(("heading", "title")) or known:
            section = known or section
            yield Paragraph(text, section, "heading")
            continue
        legend = LEGEND.match(text)
        if legend:
            yield Paragraph(text, "legend", "legend", legend["label"])
            continue
        if section == sections.ABSTRACT and sections.KEYWORDS.match(text):
            section = sections.INTRODUCTION
            yield Paragraph(text, sections.OTHER)
            continue
        start = re.match(r"^(abstract|summary)\s*[.:—–-]\s*\S", text, re.I)
        if start and section in {"", sections.ABSTRACT}:
            section = sections.ABSTRACT
        if CAPTION.match(text) and _table_follows(blocks, k):
            continue
        yield Paragraph(text, section)
        if start:
            section = sections.INTRODUCTION


def _table_follows(blocks: list[tuple[str, str, Element]], k: int) -> bool:
    return any(kind == "table" for kind, _, _ in blocks[k + 1 : k + 3])


def _caption(
    texts: list[str], blocks: list[tuple[str, str, Element]], k: int, used: set[int]
) -> tuple[str, str]:
    """The caption above a table (or, failing that, right below it)."""
    for j in (*range(k - 1, max(k - 4, -1), -1), k + 1):
        if 0 <= j < len(texts) and blocks[j][0] == "p":
            match = CAPTION.match(texts[j])
            if match and j not in used:
                used.add(j)
                return match["label"].strip(), match["rest"].strip()
        elif j < k:
            break
    return "Table", ""


def _notes(
    texts: list[str], blocks: list[tuple[str, str, Element]], k: int, used: set[int]
) -> tuple[str, ...]:
    out = []
    for j in range(k + 1, min(k + 5, len(texts))):
        if blocks[j][0] != "p" or CAPTION.match(texts[j]) or sections.canonical(texts[j]):
            break
        if re.match(
            r"^(?:[*†‡§]|[a-d][.)\s]\s?|[A-Z][A-Za-z0-9/-]{1,10}\s*[:=,]\s|abbreviations?\b|"
            r"data are|"
            r"values are|notes?\b|n\s*=)",
            texts[j],
        ):
            out.append(texts[j])
            used.add(j)
        elif texts[j]:
            break
    return tuple(out)


def _table(
    element: Element,
    label: str,
    caption: str,
    notes: tuple[str, ...],
    section: str,
    unread: list[str],
) -> Table | None:
    grid: list[list[tuple[str, bool]]] = []
    indents: list[int] = []
    heads = 0
    above: dict[int, str] = {}
    total = 0
    for row in element.iterchildren(f"{_W}tr"):
        cells: list[tuple[str, bool]] = []
        indent = 0
        for cell in row.iterchildren(f"{_W}tc"):
            properties = cell.find(f"{_W}tcPr")
            span = merge = None
            if properties is not None:
                span = properties.find(f"{_W}gridSpan")
                merge = properties.find(f"{_W}vMerge")
            across = _number(span.get(f"{_W}val")) if span is not None else 1
            text = _words(cell)
            continued = merge is not None and merge.get(f"{_W}val") != "restart"
            if not cells:
                indent = _indent(cell)
            start = len(cells)
            for offset in range(across):
                column = start + offset
                if continued:
                    cells.append((above.get(column, ""), True))
                else:
                    cells.append((text, offset > 0))
                    above[column] = text
        total += len(cells)
        if total > MAX_CELLS:
            unread.append(f"{label}: too large")
            return None
        if row.find(f"{_W}trPr/{_W}tblHeader") is not None and len(grid) == heads:
            heads += 1
        if any(text for text, _ in cells):
            grid.append(cells)
            indents.append(indent)
    if not grid:
        return None
    width = max(len(r) for r in grid)
    if width < 2 or len(grid) < 2:
        unread.append(f"{label}: no rows with figures")
        return None
    heads = heads or leading_heads([[t for t, _ in r] for r in grid])
    header = tuple(tuple([t for t, _ in r] + [""] * (width - len(r))) for r in grid[:heads])
    rows = []
    for cells, indent in zip(grid[heads:], indents[heads:], strict=True):
        # In the body a joined cell says its text once; in the label column, in every row.
        texts = [t if not again or c == 0 else "" for c, (t, again) in enumerate(cells)]
        spans = tuple(c for c, (_, again) in enumerate(cells) if again)
        quote = " | ".join(t for t in texts if t)
        rows.append(Row((*texts, *([""] * (width - len(texts)))), indent, quote, spans))
    return Table(label, caption, header, tuple(rows), notes, section or "table")


def leading_heads(grid: list[list[str]]) -> int:
    """Number of rows at the top that are headings: those before the first row of figures."""
    count = 0
    for row in grid[:4]:
        values = [v for v in row[1:] if v.strip()]
        figures = [
            v
            for v in values
            if re.match(r"^[<>≤≥~±−-]?\s*[.·]?\d", v.strip())
            and not re.search(r"n\s*=|%\s*\(|\bCI\b|grade", v, re.I)
            and not re.search(r"(?<![A-Za-z])(?!month|year|week|days)[A-Za-z]{4,}", v)
        ]
        if figures or (not values and count):
            break
        count += 1
    return count if count < len(grid) else 1


def _number(text: str | None) -> int:
    return max(1, min(int(text), 100)) if text and re.fullmatch("[0-9]{1,9}", text) else 1


def _indent(cell: Element) -> int:
    paragraph = cell.find(f"{_W}p")
    if paragraph is None:
        return 0
    level = 0
    indent = paragraph.find(f"{_W}pPr/{_W}ind")
    if indent is not None:
        raw = (
            indent.get(f"{_W}left")
            or indent.get(f"{_W}start")
            or indent.get(f"{_W}firstLine")
            or "0"
        )
        digits = re.match("[0-9]{1,6}", raw)
        level = int(digits[0]) // 60 if digits else 0
    text = "".join(t.text or "" for t in paragraph.iter(f"{_W}t"))
    lead = re.match(r"[\s\u00a0\u2000-\u200a\u3000]*", text)
    return level + (len(lead[0]) if lead else 0)
