"""How much work a page of a PDF asks for, counted before any of it is done.

A form can draw other forms; ten that each draw the next one ten times make ten thousand million
drawings of a file of a few kilobytes. Each form is counted once, its cost times its drawings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdftypes import PDFStream

MAX_OPERATORS = 60_000
"""Text operators of one page; a dense page of a journal has a few thousand."""
MAX_PATHS = 60_000
"""Lines, areas and saved states of one page; a figure of thousands of points has some thousands."""
MAX_LETTERS = 400_000
"""Bytes of the texts of one page; a dense page has some ten thousand letters."""
MAX_STRINGS = 100_000
"""Beginnings of texts on one page; a dense page that is set letter by letter has some ten
thousand."""
MAX_STREAM = 20 * 2**20
MAX_WORDS = 700_000
"""Words, numbers and brackets of the commands of one page; a map of many points has some ten
thousand."""
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]{1,120})\s{1,9}Do\b")
_PATH = re.compile(rb"(?<=[\s\d])(?:[SsfFBb]\*?|[nq])(?=\s)")
MAX_REFERENCES = 20
"""References that lead to one another before there is a value."""
_REFERENCE = re.compile(
    rb"\b(\d{1,10})\s{1,9}\d{1,5}\s{1,9}obj\s{1,9}(\d{1,10})\s{1,9}\d{1,5}\s{1,9}R\b"
)
_WORD = re.compile(rb"\S+")
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]*+>", re.DOTALL)
_TEXT = re.compile(rb"\bT[jJ]\b|['\"]\s")


def refers_in_circles(content: bytes) -> bool:
    """Are there objects that are nothing but references to one another? Their reader would not end.

    Examples
    --------
    >>> refers_in_circles(b"6 0 obj 7 0 R endobj 7 0 obj 6 0 R endobj")
    True
    >>> refers_in_circles(b"6 0 obj 7 0 R endobj 7 0 obj 12 endobj")
    False
    """
    then = {int(m[1]): int(m[2]) for m in _REFERENCE.finditer(content)}
    for start in then:
        at, steps = start, 0
        while at in then and steps <= len(then):
            at, steps = then[at], steps + 1
            if steps > MAX_REFERENCES or at == start:
                return True
    return False


def operators(page: PDFPage) -> int:
    """Text operators that a page runs, those of its forms included; at most one above the limit.

    Parameters
    ----------
    page
        A page of pdfminer, with ``contents`` and ``resources``.
    """
    from pdfminer.pdftypes import list_value, stream_value

    total = 0
    known: dict[int, int] = {}
    for each in list_value(page.contents):
        stream = stream_value(each)
        total += _cost(stream, page.resources, known, frozenset())
        if total > MAX_OPERATORS:
            return MAX_OPERATORS + 1
    return total


def _unpacks_to_more(stream: PDFStream) -> bool:
    """Does a packed stream hold more than a page may? It is unpacked no further than that."""
    data: bytes = stream.rawdata or b""
    for name, _ in stream.get_filters():
        if str(getattr(name, "name", name)).strip("/'") not in {"FlateDecode", "Fl"}:
            return False
        try:
            data = zlib.decompressobj().decompress(data, MAX_STREAM + 1)
        except zlib.error:  # damaged: the reader of pages says so
            return False
        if len(data) > MAX_STREAM:
            return True
    return False


def _words(data: bytes) -> int:
    """Words and brackets of commands, as they are taken apart; counted up to the limit."""
    if data.count(b"(") > MAX_STRINGS:
        return MAX_WORDS + 1
    count = sum(data.count(mark) for mark in (b"[", b"<<", b"/"))
    if count + sum(data.count(blank) for blank in (b" ", b"\n", b"\r", b"\t")) <= MAX_WORDS:
        return count
    for _ in _WORD.finditer(data):
        count += 1
        if count > MAX_WORDS:
            break
    return count


def _cost(
    stream: PDFStream,
    resources: Mapping[str, object] | None,
    known: dict[int, int],
    above: frozenset[int],
) -> int:
    from pdfminer.pdftypes import PDFStream, dict_value, resolve1

    if _unpacks_to_more(stream):
        return MAX_OPERATORS + 1
    data = stream.get_data()
    if len(data) > MAX_STREAM or _words(data) > MAX_WORDS:
        return MAX_OPERATORS + 1
    if sum(len(m[0]) for m in _STRING.finditer(data)) > MAX_LETTERS:
        return MAX_OPERATORS + 1
    total = sum(1 for _ in _TEXT.finditer(data))
    if sum(1 for _ in _PATH.finditer(data)) > MAX_PATHS:
        return MAX_OPERATORS + 1
    forms = resolve1((resources or {}).get("XObject")) or {}
    if not isinstance(forms, dict):
        return total
    for match in _DRAWN.finditer(data):
        form = resolve1(forms.get(match[1].decode("latin-1")))
        if not isinstance(form, PDFStream) or "Form" not in str(form.get("Subtype")):
            continue
        key = id(form)
        if key in above:
            return MAX_OPERATORS + 1  # a form that draws itself
        if key not in known:
            own = form.get("Resources")
            below = dict_value(own) if own else resources
            known[key] = _cost(form, below, known, above | {key})
        total += 1 + known[key]
        if total > MAX_OPERATORS:
            return MAX_OPERATORS + 1
    return total
