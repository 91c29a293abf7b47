"""Tables of web pages, as hospital systems save them under the name of a workbook: `export.xls`."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from oncohort.records.grid import Cell, Opened, Sheet
from oncohort.records.sources import MAX_COLUMNS, refuse_width, unreadable
from oncohort.records.sources.delimited import decode
from oncohort.vocabulary.stretches import without_stretches

MAX_BYTES = 50_000_000
_BEGINS = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html|<head|<meta|<table)", re.I)
_SPAN = 1000
"""Cells are not merged over more columns or rows."""
_MERGED = 20_000
"""Places of one merged cell beyond which it is merged to the right alone."""
MAX_CELLS = 20_000_000
"""Cells of a page, those that a merged cell covers among them."""


def recognises(path: Path, head: bytes) -> bool:
    """Text that begins as a web page, or as a table of one."""
    return _BEGINS.match(head.lstrip(b"\xef\xbb\xbf")) is not None


def open_file(path: Path, name: str) -> Opened:
    """Open a web page: one sheet for each table with more than one row."""
    if path.stat().st_size > MAX_BYTES:
        raise unreadable(
            name, f"{path.name} is too large for HTML.", "Save it as a workbook.", "files.too-large"
        )
    text, _ = decode(path.read_bytes())
    parser = _Tables()
    try:
        parser.feed(_without_remarks(text))
        parser.close()
    except _TooLargeError as error:
        raise unreadable(
            name,
            f"{path.name} has {error}.",
            "Save the table as a workbook or as comma-separated text.",
            "files.too-large",
        ) from error
    tables = [t for t in parser.tables if len(t.rows) > 1]
    if not tables:
        raise unreadable(
            name,
            f"{path.name} is a web page without a table.",
            "Save the table as a workbook or as comma-separated text.",
            "files.unknown-kind",
        )
    names = [None] if len(tables) == 1 else [f"Table {i + 1}" for i in range(len(tables))]
    by_name: dict[str | None, _Table] = dict(zip(names, tables, strict=True))

    def read(sheet: str | None) -> Sheet:
        found = by_name[sheet]
        refuse_width(name, path.name, max(map(len, found.rows)))
        return Sheet(name, sheet, found.rows, tuple(found.merged))

    return Opened(name, "html", tuple(names), read)


_REMARKS = (("<!--", "-->"), ("<![", "]>"), ("<!", ">"), ("<?", ">"))


def _without_remarks(text: str) -> str:
    """A page without comments, declarations and instructions.

    The parser looks for the end of each anew, and ends where a declaration has no name.
    """
    text = text.replace("<!-->", "").replace("<!--->", "")
    for start, end in _REMARKS:
        text = without_stretches(text, start, end).replace(start, "&lt;" + start[1:])
    closed = text.rfind(">") + 1  # no tag ends behind it
    return text[:closed] + text[closed:].replace("<", "&lt;")


class _TooLargeError(Exception):
    """The page has more cells, or columns, than are read."""


class _Table:
    """One table: its rows, and which cells are merged."""

    def __init__(self) -> None:
        self.cells = 0
        self.rows: list[list[Cell]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.taken: set[tuple[int, int]] = set()
        """Places below a cell that is merged downwards."""

    def put(self, text: str, wide: int, high: int) -> None:
        """Put a cell at the next free place of the last row."""
        row, at = self.rows[-1], len(self.rows) - 1
        high = high if wide * high <= _MERGED else 1
        self.cells += wide * high
        while (at, len(row)) in self.taken:
            row.append(None)
        first = len(row)
        row += [text or None, *[None] * (wide - 1)]
        if wide > 1 or high > 1:
            self.merged.append((at, first, at + high - 1, first + wide - 1))
        self.taken |= {(at + r, first + c) for r in range(1, high) for c in range(wide)}


class _Tables(HTMLParser):
    """The outermost tables of a page; what stands in a table within a cell is text of the cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.depth = 0
        self.cell: tuple[int, int] | None = None
        self.text: list[str] = []
        self.silent = 0
        self.before = 0
        """Cells of the tables before this one."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag in ("script", "style"):
            self.silent += 1
        elif tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.before += self.tables[-1].cells if self.tables else 0
                self.tables.append(_Table())
        elif self.depth != 1:
            return
        elif tag == "tr":
            self._end_cell()
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            given = dict(attrs)
            self.cell = _span(given.get("colspan")), _span(given.get("rowspan"))
        elif tag == "br":
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)
        elif tag == "table" and self.depth:
            if self.depth == 1:
                self._end_cell()
            self.depth -= 1
        elif tag in ("td", "th", "tr") and self.depth == 1:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self.cell is not None and not self.silent:
            self.text.append(data)

    def _end_cell(self) -> None:
        if self.cell is None:
            return
        table = self.tables[-1]
        if not table.rows:
            table.rows.append([])
        if self.before + table.cells > MAX_CELLS:
            raise _TooLargeError(f"more than {MAX_CELLS:,} cells")
        if len(table.rows[-1]) > MAX_COLUMNS:
            raise _TooLargeError(f"more than {MAX_COLUMNS:,} columns")
        table.put(" ".join("".join(self.text).split()), *self.cell)
        self.cell, self.text = None, []


def _span(written: str | None) -> int:
    return min(int(written), _SPAN) if written and re.fullmatch(r"[1-9]\d{0,5}", written) else 1
