"""Text in pieces: plain words, and numbers that are bound to a result id.

Examples
--------
>>> line = say("The rate was {rate}.", rate=Span("38.1 %", "response.orr.percent"))
>>> text_of(line), [s.id for s in line if s.id]
('The rate was 38.1 %.', ['response.orr.percent'])
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text; `id` names the result that it shows, `to` the display that it points at."""

    text: str
    id: str = ""
    mark: Literal["", "italic", "bold", "missing", "super"] = ""
    to: str = ""
    """``table.baseline``, ``figure.survival``, ``reference.KEY``."""

    @property
    def plain(self) -> bool:
        """Words that show no result and point nowhere."""
        return not self.id and not self.to


Spans = tuple[Span, ...]
Piece = str | int | Span | Iterable[Span]


def spans(piece: Piece) -> Spans:
    """Anything that `say` takes, as spans."""
    if isinstance(piece, Span):
        return (piece,)
    if isinstance(piece, str | int):
        return (Span(str(piece)),) if piece != "" else ()
    return tuple(piece)


def say(template: str, /, **pieces: Piece) -> Spans:
    """Fill a sentence; each ``{name}`` stands for words or for spans.

    Raises
    ------
    KeyError
        If the template names a piece that was not given.
    """
    out: list[Span] = []
    for words, name, _, _ in string.Formatter().parse(template):
        if words:
            out.append(Span(words))
        if name is not None:
            out.extend(spans(pieces[name]))
    return merged(replace(s, text=_tight(s.text)) for s in out)


def _tight(words: str) -> str:
    """A sign stays with its number: no line break in "≥ 0.8"."""
    return re.sub(r"(?<=[<>≤≥]) (?=\d)", "\u00a0", words)


def merged(items: Iterable[Span]) -> Spans:
    """Join neighbours that are plain words alike."""
    out: list[Span] = []
    for item in items:
        if out and item.plain and out[-1].plain and item.mark == out[-1].mark:
            out[-1] = Span(out[-1].text + item.text, "", item.mark)
        elif item.text:
            out.append(item)
    return tuple(out)


def text_of(items: Iterable[Span]) -> str:
    """The words alone."""
    return "".join(s.text for s in items)


def listed(items: Iterable[Piece], last: str = "and") -> Spans:
    """Join with commas and a last word: "a, b and c".

    Examples
    --------
    >>> text_of(listed(["a", "b", "c"]))
    'a, b and c'
    """
    parts = [spans(i) for i in items]
    out: list[Span] = []
    for i, part in enumerate(parts):
        if i:
            out.append(Span(f" {last} " if i == len(parts) - 1 else ", "))
        out.extend(part)
    return merged(out)


def joined(clauses: Sequence[Spans], comma: str = "; ") -> Spans:
    """Clauses that hold lists themselves: a comma stands before the last "and".

    Examples
    --------
    >>> text_of(joined([spans("a and b"), spans("c"), spans("d and e")], ", "))
    'a and b, c, and d and e'
    """
    out: list[Span] = []
    for i, clause in enumerate(clauses):
        if i:
            out.append(Span(", and " if i == len(clauses) - 1 else comma))
        out += clause
    return merged(out)


def sentences(*parts: Piece) -> Spans:
    """Sentences one after the other, a space between; empty ones are dropped."""
    out: list[Span] = []
    for part in parts:
        piece = spans(part)
        if not piece:
            continue
        if out:
            out.append(Span(" "))
        out.extend(piece)
    return merged(out)
