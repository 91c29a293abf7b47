"""The one table model: immutable, and every cell knows which results it shows."""

from __future__ import annotations

from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.displays.spans import Piece, Spans, spans, text_of


@dataclass(frozen=True, slots=True)
class Cell:
    """Text in pieces, bound to result ids."""

    spans: Spans = ()

    @property
    def text(self) -> str:
        """The words alone."""
        return text_of(self.spans)

    @property
    def ids(self) -> tuple[str, ...]:
        """Results that it shows."""
        return tuple(dict.fromkeys(s.id for s in self.spans if s.id))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and the headings that it shares with its neighbours (outer first)."""

    label: str
    spanners: tuple[str, ...] = ()
    align: Literal["left", "center", "right"] = "center"
    width: float = 1.0
    """Share of the table's width, relative to the other columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; the first cell is its heading. A `group` row heads the rows below it."""

    cells: tuple[Cell, ...]
    kind: Literal["data", "group", "total"] = "data"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a paper prints it.

    Parameters
    ----------
    id
        Name of the file, ASCII.
    number
        "Table II", "Table S1".
    notes
        Lines below the table.
    """

    id: str
    number: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Spans, ...] = ()
    main: bool = True
    """Does it stand in the text (else in the supplement)? The protocol decides."""
    repeats: str = ""
    """The display that shows the same numbers, ``figure.flow``: one of the two is enough."""
    shown: bool = True
    """False where it is a file beside the paper only."""

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.kind != "group" and len(row.cells) != len(self.columns):
                raise ValueError(
                    f"{self.id}: row {row.cells[0].text!r} has {len(row.cells)} cells, "
                    f"the table {len(self.columns)} columns"
                )

    @property
    def ids(self) -> tuple[str, ...]:
        """Every result that the table shows, in order."""
        return tuple(dict.fromkeys(i for r in self.rows for c in r.cells for i in c.ids))

    @property
    def spanner_depth(self) -> int:
        """Lines of headings above the columns' own."""
        return max((len(c.spanners) for c in self.columns), default=0)


def cell(*pieces: Piece) -> Cell:
    """A cell from words and spans."""
    return Cell(tuple(s for p in pieces for s in spans(p)))


def row(*pieces: Piece | Cell, indent: int = 0, total: bool = False) -> Row:
    """A row from cells, words and spans."""
    cells = tuple(p if isinstance(p, Cell) else cell(p) for p in pieces)
    return Row(cells, "total" if total else "data", indent)


def group(label: Piece, indent: int = 0) -> Row:
    """A row that heads those below it."""
    return Row((cell(label),), "group", indent)


def header_lines(columns: tuple[Column, ...]) -> list[list[tuple[str, int, int]]]:
    """Lines of a table head as (text, columns spanned, lines spanned).

    Examples
    --------
    >>> header_lines((Column("Variable"), Column("HR", ("PFS",)), Column("p", ("PFS",))))
    [[('Variable', 1, 2), ('PFS', 2, 1)], [('HR', 1, 1), ('p', 1, 1)]]
    """
    depth = max((len(c.spanners) for c in columns), default=0)
    lines: list[list[tuple[str, int, int]]] = []
    for level in range(depth):
        line: list[tuple[str, int, int]] = []
        i = 0
        while i < len(columns):
            path = columns[i].spanners
            if len(path) <= level:
                if level == len(path):
                    line.append((columns[i].label, 1, depth - level + 1))
                i += 1
                continue
            j = i
            while j < len(columns) and columns[j].spanners[: level + 1] == path[: level + 1]:
                j += 1
            line.append((path[level], j - i, 1))
            i = j
        lines.append(line)
    lines.append([(c.label, 1, 1) for c in columns if len(c.spanners) == depth])
    return lines
