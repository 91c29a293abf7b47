"""JATS XML, as PubMed Central serves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from oncohort.audit.document import Paper, Paragraph, Row, Table
from oncohort.audit.extract import sections
from oncohort.problems import ReadError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_CELLS = 200_000
MAX_SPAN = 200
MAX_DEPTH = 200

_SKIPPED = frozenset(
    {
        "xref-group", "fn-group", "ref-list", "table-wrap", "fig", "fig-group",
        "table-wrap-group", "supplementary-material", "inline-supplementary-material",
        "disp-formula", "alternatives", "object-id", "graphic", "media", "tex-math", "label",
        "disp-formula-group", "table-wrap-foot",
    }
)  # fmt: skip


def read_jats(content: bytes, *, source: str = "") -> Paper:
    """Read a JATS article (or the first of several in one file).

    The parser loads no external entity, no network resource and no huge tree.

    Raises
    ------
    oncohort.problems.ReadError
        If it isn't XML at all or holds no article.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise ReadError(f"{source}: not XML that can be read: {problem}") from problem
    if root is None:
        raise ReadError(f"{source}: not XML that can be read")
    unread: list[str] = []
    if parser.error_log:
        unread.append(f"damaged XML: {parser.error_log[0].message}")
    articles = [e for e in root.iter() if _name(e) == "article"]
    if not articles:
        raise ReadError(f"{source}: XML without an article")
    article = articles[0]
    if len(articles) > 1 and not any(True for a in articles[1:] if _inside(a, article)):
        unread.append(f"the file has {len(articles)} articles; the first one was read")
    blocks: list[Paragraph | Table] = []
    title = ""
    front = _child(article, "front")
    if front is not None:
        for element in front.iter():
            name = _name(element)
            if name == "article-title" and not title:
                title = _text(element)
            elif name == "abstract" and (element.get("abstract-type") or "") not in {
                "graphical",
                "teaser",
                "precis",
                "key-points",
                "executive-summary",
                "plain-language-summary",
            }:
                blocks.extend(_abstract(element))
    body = _child(article, "body")
    if body is None:
        unread.append("no body: only the abstract could be read")
    else:
        blocks.extend(_section(body, "", 0, unread))
    floats = _child(article, "floats-group")
    if floats is not None:
        blocks.extend(_floats(floats, "", unread))
    return Paper(title, tuple(blocks), tuple(unread), source, "JATS")


def _inside(element: Element, ancestor: Element) -> bool:
    return any(a is ancestor for a in element.iterancestors())


def _name(element: Element) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _child(element: Element, name: str) -> Element | None:
    return next((e for e in element if _name(e) == name), None)


def _abstract(element: Element) -> Iterator[Paragraph]:
    """Paragraphs of the abstract; a section's title is put before its words."""
    parts = [e for e in element if _name(e) == "sec"]
    if not parts:
        for paragraph in element:
            if _name(paragraph) == "p":
                yield Paragraph(_text(paragraph), sections.ABSTRACT)
        return
    for part in parts:
        heading = _child(part, "title")
        label = _text(heading).strip(" :.") if heading is not None else ""
        for paragraph in part:
            if _name(paragraph) == "p":
                text = _text(paragraph)
                yield Paragraph(f"{label}: {text}" if label else text, sections.ABSTRACT)


def _section(
    element: Element, section: str, depth: int, unread: list[str]
) -> Iterator[Paragraph | Table]:
    if depth > MAX_DEPTH:
        unread.append("sections nested too deeply")
        return
    heading = _child(element, "title")
    if heading is not None:
        words = _text(heading)
        section = sections.canonical(words) or _by_type(element) or section
        if words:
            yield Paragraph(words, section, "heading")
    elif depth == 0 and not section:
        section = sections.INTRODUCTION
    for child in element:
        name = _name(child)
        if name == "sec":
            yield from _section(child, section, depth + 1, unread)
        elif name in {"p", "disp-quote", "list", "boxed-text"}:
            text = _text(child)
            if text:
                yield Paragraph(text, section)
            yield from _floats(child, section, unread)
        elif name in {"table-wrap", "fig", "table-wrap-group", "fig-group"}:
            yield from _floats_of(child, section, unread)


def _by_type(element: Element) -> str:
    kind = (element.get("sec-type") or "").split("|")[0]
    return {
        "intro": sections.INTRODUCTION,
        "methods": sections.METHODS,
        "materials": sections.METHODS,
        "subjects": sections.METHODS,
        "results": sections.RESULTS,
        "discussion": sections.DISCUSSION,
        "conclusions": sections.CONCLUSION,
    }.get(kind, "")


def _floats(element: Element, section: str, unread: list[str]) -> Iterator[Paragraph | Table]:
    for child in element.iterdescendants():
        name = _name(child)
        if name == "table-wrap":
            yield from _table_wrap(child, section, unread)
        elif name == "fig":
            yield from _legend(child)


def _floats_of(element: object, section: str, unread: list[str]) -> Iterator[Paragraph | Table]:
    name = _name(element)
    if name == "table-wrap":
        yield from _table_wrap(element, section, unread)
    elif name == "fig":
        yield from _legend(element)
    else:
        yield from _floats(element, section, unread)


def _legend(element: object) -> Iterator[Paragraph]:
    label = _child(element, "label")
    caption = _child(element, "caption")
    if caption is not None:
        name = _text(label) if label is not None else ""
        yield Paragraph(_text(caption), "legend", "legend", name)


def _table_wrap(element: Element, section: str, unread: list[str]) -> Iterator[Table]:
    label_element = _child(element, "label")
    label = _text(label_element).strip(" .:") if label_element is not None else "Table"
    caption_element = _child(element, "caption")
    caption = _text(caption_element) if caption_element is not None else ""
    foot = _child(element, "table-wrap-foot")
    notes = tuple(
        t for t in (_text(p) for p in (foot.iter() if foot is not None else ()) if _name(p) == "p")
        if t
    )  # fmt: skip
    if foot is not None and not notes:
        notes = (_text(foot),)
    tables = [e for e in element.iter() if _name(e) == "table"]
    if not tables:
        unread.append(f"{label}: printed as a picture")
        return
    for table in tables:
        read = _grid(table, label, unread)
        if read is not None:
            header, rows = read
            yield Table(label, caption, header, rows, notes, section or "table")


def _grid(
    table: Element, label: str, unread: list[str]
) -> tuple[tuple[tuple[str, ...], ...], tuple[Row, ...]] | None:
    """Cells with rowspan and colspan resolved.

    A cell over several columns is repeated in the header; in the body its text stands once, in
    its first column. A cell over several rows is repeated down the label column and the header.
    """
    head: list[Element] = []
    body: list[Element] = []
    for row in table.iter():
        if _name(row) != "tr":
            continue
        parent = _name(row.getparent()) if row.getparent() is not None else ""
        (head if parent == "thead" else body).append(row)
    while not any(_name(r.getparent()) == "thead" for r in head) and len(body) > 1:
        first = [_name(c) for c in body[0] if _name(c) in {"td", "th"}]
        if not first or any(c != "th" for c in first):
            break
        head.append(body.pop(0))
    header, _, _ = _rows(head, True)
    cells, indents, spans = _rows(body, False)
    width = max((len(r) for r in [*header, *cells]), default=0)
    if not cells or width < 2:
        unread.append(f"{label}: no rows")
        return None
    if width * (len(cells) + len(header)) > MAX_CELLS:
        unread.append(f"{label}: too large")
        return None
    rows = tuple(
        Row((*r, *([""] * (width - len(r)))), indent, " | ".join(x for x in r if x), tuple(span))
        for r, indent, span in zip(cells, indents, spans, strict=True)
    )
    if not header:
        # Tables without a head: leading rows without figures head the columns.
        lead: list[tuple[str, ...]] = []
        for row in rows[:3]:
            filled = [v for v in row.values if v]
            if filled and not any(re.match(r"[<>≤≥(\s]*+\d", v) for v in filled):
                lead.append(row.cells)
            else:
                break
        header = [list(r) for r in lead]
        rows = rows[len(lead) :]
    return tuple((*r, *([""] * (width - len(r)))) for r in header), rows


class _Carried:
    """Cells that go on from a row above (rowspan): rows still to come, and text, by column."""

    def __init__(self, above: dict[int, tuple[int, str]]) -> None:
        # Rows still to come are kept apart, so that one row takes each just once.
        self.waiting = dict(above)
        self.below: dict[int, tuple[int, str]] = {}

    def fill(self, row: list[str], spans: list[int], heading: bool) -> None:
        """Put the cells that go on here into the row; ``spans`` gets their columns."""
        while len(row) in self.waiting:
            left, text = self.waiting.pop(len(row))
            spans.append(len(row))
            if left > 1:
                self.below[len(row)] = (left - 1, text)
            row.append(text if heading or not row else "")


def _rows(
    elements: list[Element], heading: bool
) -> tuple[list[list[str]], list[int], list[list[int]]]:
    out: list[list[str]] = []
    indents: list[int] = []
    joined: list[list[int]] = []
    above: dict[int, tuple[int, str]] = {}
    for element in elements:
        row: list[str] = []
        spans: list[int] = []
        indent = 0
        carried = _Carried(above)
        for cell in element:
            if _name(cell) not in {"td", "th"}:
                continue
            carried.fill(row, spans, heading)
            text = _text(cell)
            if not row:
                indent = _indent(cell)
            down = _span(cell, "rowspan")
            for k in range(_span(cell, "colspan")):
                shown = text if heading or k == 0 else ""
                if down > 1:
                    carried.below[len(row)] = (down - 1, shown)
                row.append(shown)
        carried.fill(row, spans, heading)
        above = carried.below
        if any(row):
            out.append(row)
            indents.append(indent)
            joined.append(spans)
    return out, indents, joined


def _span(cell: Element, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    # Digits of other scripts and raised ones are no spans; a number that long is none either.
    return max(1, min(int(text), MAX_SPAN)) if re.fullmatch("[0-9]{1,9}", text) else 1


def _indent(cell: Element) -> int:
    """Blanks before the words of a cell: publishers indent with no-break or em blanks."""
    raw = "".join(cell.itertext())
    lead = re.match(r"[\s\u00a0\u2000-\u200a\u3000]*", raw)
    wide = len(re.findall(r"[\u00a0\u2000-\u200a\u3000]", lead[0])) if lead else 0
    style = cell.get("style") or ""
    padding = re.search(r"(?:padding-left|text-indent|margin-left):\s{0,9}([0-9]{1,4})", style)
    content = cell.get("content-type") or ""
    level = re.search(r"indent(?:ed)?[-_]?([0-9]{0,2})", content)
    if level:
        return int(level[1] or 1)
    return wide + (int(padding[1]) if padding else 0)


def _text(element: object, depth: int = 0) -> str:
    parts: list[str] = []
    _collect(element, parts, 0)
    text = "".join(parts)
    # A thin or no-break blank between digits parts thousands.
    text = re.sub(r"(?<=\d)[\u2009\u202f\u00a0](?=\d{3}\b)", ",", text)
    text = re.sub(r"[\u00a0\u2000-\u200a\u202f\u3000]", " ", text)
    text = re.sub("[\u200b-\u200d\ufeff]", "", text)
    return re.sub(r"\s+", " ", text).strip()


def _collect(element: Element, parts: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    if element.text:
        parts.append(element.text)
    for child in element:
        name = _name(child)
        if name == "xref" and child.get("ref-type") == "bibr":
            inner = "".join(child.itertext()).strip(" []()")
            before = "".join(parts[-1:])[-1:]
            parts.append(inner if before in {"[", "("} or before == "," else f" [{inner}]")
        elif name == "xref" and child.get("ref-type") in {"table-fn", "fn"}:
            pass
        elif name == "sup":
            inner = "".join(child.itertext()).strip()
            if re.fullmatch(r"[-−–+]?\d+", inner) and re.search(r"10\s*$", "".join(parts[-2:])):
                parts.append(f"^{inner}")
            elif re.fullmatch(r"[a-z*†‡§¶#,\s]*", inner) or not inner:
                pass
            elif re.fullmatch(r"[\d,\s–-]+", inner):
                unit = re.search(r"\bk?m\s*$|\bcm\s*$|[a-zA-Zμ]/m$|\bm$", "".join(parts[-1:]))
                parts.append(inner if unit else f" [{inner}]")
            else:
                parts.append(inner)
        elif name == "break":
            parts.append(" ")
        elif name not in _SKIPPED:
            block = name in {"p", "list-item", "title", "list"}
            if block and parts:
                parts.append(" ")
            _collect(child, parts, depth + 1)
        if child.tail:
            parts.append(child.tail)
