"""HTML pages, as journals and word processors write papers: read as the same article in JATS."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from oncohort.audit.document import Paper
from oncohort.audit.readers.jats import MAX_DEPTH, read_jats
from oncohort.audit.readers.lines import CAPTION
from oncohort.problems import ReadError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_DROPPED = ("script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template",
            "svg", "math", "head")  # fmt: skip
_TEXTS = frozenset({"p", "li", "blockquote", "dd", "pre"})
_BOXES = frozenset({"div", "section", "article", "main", "span", "center", "td"})
_HEADING = re.compile(r"^h[1-6]$")


def read_html(content: bytes, *, source: str = "") -> Paper:
    """Read an HTML page: its headings, paragraphs and tables, in their order.

    Nothing that the page refers to is loaded.

    Raises
    ------
    oncohort.problems.ReadError
        If it can't be parsed or holds no text.
    """
    from lxml import etree, html

    try:
        parser = html.HTMLParser(no_network=True, encoding=_encoding(content))
        root = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, ValueError) as problem:
        raise ReadError(f"{source}: not HTML that can be read: {problem}") from problem
    if (
        max((sum(1 for _ in e.iterancestors()) for e in root.iter("table", "p")), default=0)
        > MAX_DEPTH
    ):
        raise ReadError(f"{source}: HTML that is nested too deeply")
    title = root.find(".//title")
    article = etree.Element("article")
    meta = etree.SubElement(etree.SubElement(article, "front"), "article-meta")
    named = etree.SubElement(etree.SubElement(meta, "title-group"), "article-title")
    named.text = " ".join(title.text_content().split()) if title is not None else ""
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    body = etree.SubElement(article, "body")
    _fill(body, root)
    if not len(body):
        raise ReadError(f"{source}: an HTML page without paragraphs or tables")
    paper = read_jats(etree.tostring(article), source=source)
    return replace(paper, format="HTML")


def _encoding(content: bytes) -> str | None:
    """UTF-8 where the bytes are that, as most pages are; else what the page itself says."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _fill(body: Element, root: Element) -> None:
    """Sections with paragraphs and tables; a table inside a table is a part of it."""
    from lxml import etree

    section = body
    for element in root.iter():
        if not isinstance(element.tag, str) or any(
            a.tag == "table" for a in element.iterancestors()
        ):
            continue
        if _HEADING.match(element.tag):
            section = etree.SubElement(body, "sec")
            etree.SubElement(section, "title").text = _words(element)
        elif element.tag == "table":
            _table(section, element)
        elif (
            (element.tag in _TEXTS or _direct(element))
            and element.find(".//table") is None
            and not any(a.tag in _TEXTS for a in element.iterancestors())
        ):
            etree.SubElement(section, "p").text = _words(element)


def _direct(element: Element) -> bool:
    """Whether a box has words of its own, and no paragraphs."""
    if element.tag not in _BOXES or not (element.text or "").strip():
        return False
    return not any(
        e.tag in _TEXTS or e.tag in _BOXES - {"span"} for e in element.iterdescendants()
    ) and (element.tag != "span" or element.getparent() is None)


def _table(section: Element, table: Element) -> None:
    from lxml import etree

    wrap = etree.SubElement(section, "table-wrap")
    caption = table.find("caption")
    words = _words(caption) if caption is not None else ""
    before = wrap.getprevious()
    if not words and before is not None and before.tag == "p" and CAPTION.match(before.text or ""):
        words = before.text or ""
        section.remove(before)
    found = CAPTION.match(words)
    etree.SubElement(wrap, "label").text = found["label"].strip() if found else "Table"
    told = etree.SubElement(wrap, "caption")
    etree.SubElement(told, "p").text = found["rest"] if found else words
    copy = deepcopy(table)
    copy.tail = None
    for own in copy.findall("caption"):
        copy.remove(own)
    wrap.append(copy)


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
