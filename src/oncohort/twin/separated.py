"""Small tables of numbers as text: any usual delimiter, decimal commas, lines of headings."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ReadError, problem

MOST = 5_000_000
"""Bytes of a file; curves have a few thousand points."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings (none, one or two lines of them) and rows of numbers.

    ``comma``: whether the decimal mark is a comma.
    """

    file: str
    headings: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    comma: bool

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((len(r.cells) for r in self.rows), default=0)


def value_of(text: str, comma: bool = False) -> float | None:
    """A number; None if the text is none.

    Examples
    --------
    >>> value_of("0,85", comma=True), value_of(" 12.5 % "), value_of("NR")
    (0.85, 12.5, None)
    """
    text = text.strip().removesuffix("%").strip().replace("\u2212", "-")
    if comma:
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _unreadable(path: Path, reason: str, case: str = "unreadable") -> ReadError:
    place = Place(file=str(path))
    return ReadError("", [problem("twin.digitised", case, place=place, reason=reason)])


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST:
            raise _unreadable(path, f"larger than {MOST // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error), "closed") from error
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise _unreadable(path, "not text")


def read_table(path: Path) -> Table:
    """Read a table of numbers.

    Raises
    ------
    oncohort.problems.ReadError
        The file can't be read, or has no row of numbers.
    """
    text = _text(path)
    lines = [line for line in text.splitlines() if line.strip()]
    head = "\n".join(lines[:5])
    delimiter = next((d for d in ("\t", ";") if d in head), ",")
    comma = delimiter != "," and bool(re.search(r"\d,\d", text))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        read = [
            Row(reader.line_num, tuple(c.strip() for c in cells)) for cells in reader if any(cells)
        ]
    except csv.Error as error:
        raise _unreadable(path, str(error)) from error
    read = [r for r in read if any(r.cells)]
    headings = []
    for row in read[:2]:
        if any(value_of(c, comma) is not None for c in row.cells):
            break
        headings.append(row.cells)
    rows = tuple(read[len(headings) :])
    if not rows:
        raise _unreadable(path, "no numbers in it" if read else "it is empty")
    return Table(str(path), tuple(headings), rows, comma)
