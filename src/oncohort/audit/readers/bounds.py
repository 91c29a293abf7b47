"""What any paper is cut to before it is understood: plain digits, cells and texts of bounded size.

The readers of sentences and tables take time that grows with the length of a sentence or cell;
so both have an upper bound, far above what a real paper prints.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from oncohort.audit.document import Paper, Paragraph, Row, Table

MAX_CELL = 2_000
"""Characters of a cell, a caption, a label."""
MAX_TEXT = 2_000_000
"""Characters of all running text."""
MAX_ROWS = 20_000
"""Rows of all tables."""
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_EQUALS = re.compile(r"(?<=[A-Za-z)] )¼(?= ?[-−.\d])|(?<=[nNpP])¼(?=[-−.\d])")
"""In many PDFs of one publisher "n = 42" has the letter of a quarter for its equals sign."""
_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\ufe63": "-", "\uff0d": "-"})


def bounded(paper: Paper) -> Paper:
    """The paper with plain digits, and without what is longer than any paper's text.

    Examples
    --------
    >>> paper = bounded(Paper(blocks=(Paragraph("Of the ٤٢ patients"),)))
    >>> paper.paragraphs[0].text
    'Of the 42 patients'
    """
    room, rows = MAX_TEXT, MAX_ROWS
    blocks: list[Paragraph | Table] = []
    unread = list(paper.unread)
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            if len(block.text) > room:
                unread.append(f"text after the first {MAX_TEXT} characters")
                room = -1
            if room >= 0:
                room -= len(block.text)
                blocks.append(
                    replace(block, text=plain_characters(block.text), label=_cell(block.label))
                )
        elif len(block.rows) > rows:
            unread.append(f"{_cell(block.label) or 'a table'}: more than {MAX_ROWS} rows in all")
        else:
            rows -= len(block.rows)
            blocks.append(_table(block))
    return replace(paper, blocks=tuple(blocks), unread=tuple(unread))


def plain_characters(text: str) -> str:
    """Decimal digits of any script as 0 to 9, hyphens of any kind as one; raised figures stay.

    Thousands parted by blanks get commas, and the quarter that some fonts print for an equals sign
    becomes one.

    Examples
    --------
    >>> plain_characters("16 178 (37.9) of n ¼ 42 715")
    '16,178 (37.9) of n = 42,715'
    """
    text = _EQUALS.sub("=", text)
    plain = _OTHER_DIGIT.sub(lambda m: str(unicodedata.decimal(m[0])), text.translate(_HYPHENS))
    return _SPACED.sub(_joined, plain)


_SPACED = re.compile(r"(?<![\d.,·–−-])(?<!\d )[1-9]\d{0,2}(?: \d{3}){1,3}(?![.,·]?\d)(?! \d{3}\b)")
"""What may be one number whose thousands are parted by blanks."""
_SIZED = re.compile(r"(?:\bn ?= ?|\bof |\btotal of |/ ?)$", re.I)
_COUNTED = re.compile(
    r" ?\(\d{1,3}(?:[.,·]\d+)? ?%?\)| ?/ ?\d| (?:out )?of \d|"
    r" (?:patients?|participants|subjects|individuals|people|persons|women|men|adults|children|"
    r"cases|deaths|events)\b",
    re.I,
)
_NUMBERED = re.compile(
    r"\b(?:tables?|fig(?:ure)?s?\.?|grades?|stages?|phase|groups?|types?|levels?|weeks?|days?|"
    r"months?|years?|aged?|no\.?|ref\.?|version|cohort|arm|line|cycles?|and|or|to|[A-Za-z]) $",
    re.I,
)
"""Before a figure: it may be a name, or the first of two figures."""


def _joined(found: re.Match[str]) -> str:
    """A number of thousands with commas, where what stands beside it shows that it is one."""
    text, (start, end) = found.string, found.span()
    before = text[max(start - 12, 0) : start]
    counted = _COUNTED.match(text, end) and not _NUMBERED.search(before)
    return found[0].replace(" ", ",") if counted or _SIZED.search(before) else found[0]


def _cell(text: str) -> str:
    return plain_characters(text if len(text) <= MAX_CELL else text[:MAX_CELL])


def _table(table: Table) -> Table:
    return replace(
        table,
        label=_cell(table.label),
        caption=_cell(table.caption),
        header=tuple(tuple(_cell(c) for c in row) for row in table.header),
        rows=tuple(_row(row) for row in table.rows),
        notes=tuple(_cell(n) for n in table.notes),
    )


def _row(row: Row) -> Row:
    return replace(row, cells=tuple(_cell(c) for c in row.cells), raw=_cell(row.raw))
