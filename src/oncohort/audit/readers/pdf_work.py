"""How much work a page of a PDF asks for, counted before any of it is done.

A form can draw other forms; ten that each draw the next one ten times make ten thousand million
drawings of a file of a few kilobytes. Each form is counted once, its cost times its drawings.
"""

from __future__ import annotations

import re
from typing import Any

MAX_OPERATORS = 60_000
"""Text operators of one page; a dense page of a journal has a few thousand."""
MAX_STREAM = 20 * 2**20
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]{1,120})\s{1,9}Do\b")
_TEXT = re.compile(rb"\bT[jJ]\b|['\"]\s")


def operators(page: Any) -> int:
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


def _cost(stream: Any, resources: Any, known: dict[int, int], above: frozenset[int]) -> int:
    from pdfminer.pdftypes import PDFStream, dict_value, resolve1

    data = stream.get_data()
    if len(data) > MAX_STREAM:
        return MAX_OPERATORS + 1
    total = sum(1 for _ in _TEXT.finditer(data))
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
