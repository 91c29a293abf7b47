"""A paper as its readers hand it on: paragraphs with their section, tables as grids."""

from __future__ import annotations

from dataclasses import field

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. ``section`` is a canonical name (see :mod:`oncohort.audit.extract.sections`).

    ``kind`` is ``text``, ``legend`` (of a figure) or ``heading``.
    """

    text: str
    section: str = ""
    kind: str = "text"
    label: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the first cell is its label. ``cells`` has the table's width.

    Spans are resolved by the reader: a cell over several columns is repeated in a header and
    stands in the first column only in the body. ``indent`` counts blanks (or levels) before the
    label, where the source shows them; ``raw`` is the line as it stands, for quotes.
    """

    cells: tuple[str, ...]
    indent: int = 0
    raw: str = ""
    joined: tuple[int, ...] = ()
    """Columns whose cell continues one from a row above (rowspan)."""

    @property
    def label(self) -> str:
        return self.cells[0] if self.cells else ""

    @property
    def values(self) -> tuple[str, ...]:
        return self.cells[1:]

    @property
    def quote(self) -> str:
        return self.raw.strip() or " | ".join(c for c in self.cells if c)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: header rows above, body rows below, every row of one width."""

    label: str
    caption: str
    header: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    section: str = ""
    page: int | None = None

    @property
    def width(self) -> int:
        return max((len(r.cells) for r in self.rows), default=0)

    def heading(self, column: int) -> str:
        """Headings above a column, outermost first, without repeats."""
        parts: list[str] = []
        for row in self.header:
            text = row[column].strip() if column < len(row) else ""
            if text and text not in parts:
                parts.append(text)
        return " / ".join(parts)


@dataclass(frozen=True, slots=True)
class Paper:
    """All blocks in reading order, and what could not be read."""

    title: str = ""
    blocks: tuple[Paragraph | Table, ...] = ()
    unread: tuple[str, ...] = ()
    source: str = ""
    format: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Paragraph))

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Table))
