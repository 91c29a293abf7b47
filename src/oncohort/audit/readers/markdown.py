"""Tables that are written with bars between their cells, as in Markdown, laid out in columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from oncohort.audit.readers.lines import CAPTION

_RULE = re.compile(r"^\s*+\|?\s*+:?-{2,}+:?\s*+(?:\|\s*+:?-{2,}+:?\s*+)++\|?\s*+$")
_BAR = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"\*\*|__|`|</?(?:b|strong|i|em|sup|sub)>", re.I)
_BLANK = re.compile(r"&nbsp;|\u00a0|&emsp;", re.I)
_APART = 3
"""Blanks between columns."""


def laid_out(lines: Sequence[str]) -> list[str]:
    """The lines with each table of bars as one whose columns blanks part; others as they are.

    A table needs a rule ("|---|---|") below its first row. Its caption is a line right above that
    names a table; one without gets a number of its own.

    Examples
    --------
    >>> text = ["**Table 2. Sex**", "", "| | All (n = 42) |", "|---|---|", "| Male | 30 (71.4) |"]
    >>> for line in laid_out(text):
    ...     print(repr(line))
    'Table 2. Sex'
    ''
    '       All (n = 42)'
    'Male   30 (71.4)'
    """
    rules = [k + 1 for k, (a, b) in enumerate(pairwise(lines)) if _RULE.match(b) and "|" in a]
    if not rules:
        return list(lines)
    out: list[str] = []
    at = 0
    for number, rule in enumerate(rules, start=1):
        if rule <= at:
            continue
        end = rule + 1
        while end < len(lines) and "|" in lines[end] and end + 1 not in rules:
            end += 1
        out += lines[at : rule - 1]
        _name(out, number)
        out += _columns([lines[rule - 1], *lines[rule + 1 : end]])
        at = end
    return [*out, *lines[at:]]


_HEADING = re.compile(r"^#{1,6}\s+(?P<words>[^\W\d_].{0,120}?)\s*#*$")


def with_headings(lines: Sequence[str]) -> list[str]:
    """The lines with each heading ("## Results") alone between empty ones, without its marks.

    Examples
    --------
    >>> with_headings(["## Results", "We saw 3 # 4."])
    ['', 'Results', '', 'We saw 3 # 4.']
    """
    out: list[str] = []
    for line in lines:
        heading = _HEADING.match(line)
        out += ["", _MARKS.sub("", heading["words"]), ""] if heading else [line]
    return out


def _name(out: list[str], number: int) -> None:
    """Make the line right above a table its caption, or put one there."""
    above = next((k for k in range(len(out) - 1, max(len(out) - 3, -1), -1) if out[k].strip()), -1)
    words = _MARKS.sub("", out[above]).strip(" #>*_:") if above >= 0 else ""
    if above >= 0 and CAPTION.match(words):
        out[above] = words
    else:
        out += ["", f"Table {number}.", ""]


def _columns(rows: Sequence[str]) -> list[str]:
    cells = [_cells(row) for row in rows]
    width = max(map(len, cells))
    filled = [[*row, *[""] * (width - len(row))] for row in cells]
    widths = [max(len(row[k]) for row in filled) + _APART for k in range(width)]
    return [
        "".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in filled
    ]


def _cells(row: str) -> list[str]:
    parts = [p.replace("\\|", "|") for p in _BAR.split(row.strip())]
    if parts and not parts[0].strip():
        parts = parts[1:]
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    plain = [
        re.sub(r"<br ?/?>", " ", _MARKS.sub("", _BLANK.sub("\0", p)), flags=re.I) for p in parts
    ]
    indent = len(plain[0]) - len(plain[0].lstrip("\0 ")) if plain else 0
    shifted = "\0" in plain[0][:indent] if plain else False
    tidy = [re.sub(r"[\0\s]+", " ", p).strip() for p in plain]
    return [("  " if shifted else "") + tidy[0], *tidy[1:]] if tidy else [""]
