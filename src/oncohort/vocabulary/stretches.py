"""Stretches of a text from one mark to another, taken out in one pass however many there are."""

from __future__ import annotations


def without_stretches(text: str, start: str, end: str, *, blanks: bool = False) -> str:
    """The text without what stands from each start to the next end, marks included.

    A start without an end stays. (A pattern would look for the end from each start anew.)

    Parameters
    ----------
    text
        Any text.
    start, end
        The marks; both as they are, not patterns.
    blanks
        Blanks and ends of lines behind each go too.

    Examples
    --------
    >>> without_stretches("a <!-- b --> c <!-- d", "<!--", "-->")
    'a  c <!-- d'
    """
    out, at = [], 0
    while (first := text.find(start, at)) >= 0:
        last = text.find(end, first + len(start))
        if last < 0:
            break
        out.append(text[at:first])
        at = last + len(end)
        while blanks and text[at : at + 1].isspace():
            at += 1
    return "".join(out) + text[at:]
