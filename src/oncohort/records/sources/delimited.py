"""CSV, TSV and other delimited text, in any usual encoding, with any usual delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from oncohort.records.grid import Cell, Opened, Sheet
from oncohort.records.sources import refuse_width, unreadable
from oncohort.records.sources.encodings import told

DELIMITERS = ",;\t|"
MAX_FIELD = 1_000_000
"""Characters of one cell; Excel holds 32,767."""
MAX_BYTES = 2_000_000_000
MAX_TOLD = 4_000_000
"""Bytes from which is said beforehand whether the encoding is certain."""
MAX_BLANK = 1_048_576
"""Blank lines in a row, as a sheet of Excel has lines."""


def recognises(path: Path, head: bytes) -> bool:
    """Anything that is text, whatever its ending."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    printable = sum(b >= 32 or b in b"\t\n\r\x0c" for b in head)
    return printable / len(head) > 0.9


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding, told from what its bytes are as words (see `encodings`).

    Examples
    --------
    >>> decode("é".encode("cp1252"))
    ('é', 'cp1252')
    >>> decode("患者,性別,年齢,死亡日".encode("shift_jis"))[1]
    'cp932'
    """
    read = told(data)
    return read.text, read.encoding


def _doubts(path: Path) -> tuple[str, ...]:
    """What is not certain of the letters of a text."""
    with path.open("rb") as handle:
        head = handle.read(MAX_TOLD)
    if len(head) == MAX_TOLD:
        head = head[: head.rfind(b"\n") + 1] or head
    read = told(head)
    if read.rival == "broken":
        at = read.text.index("\ufffd")
        line = read.text.count("\n", 0, at) + 1
        return (f"Letters are cut in two, the first on line {line}: they are read as \ufffd.",)
    if read.rival:
        other = "" if read.rival == "another" else f"; {read.rival} would do as well"
        return (f"Its letters are not UTF-8 and are read as {read.encoding}{other}.",)
    return ()


def _widths(sample: str, mark: str) -> list[int]:
    """Cells per line, cut at one delimiter; none where it can't be the one."""
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
    try:
        return [len(row) for row, _ in zip(rows, range(200), strict=False) if row]
    except csv.Error:
        # A cell in quotation marks that holds a line break is no cell for another delimiter.
        return []


def delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the same number (> 1) of cells most often.

    Examples
    --------
    >>> delimiter("id;age\\n1;62,5\\n2;58,1\\n")
    ';'
    """
    sample = text[:65536]
    best, best_score = ",", 0.0
    even = False
    for mark in DELIMITERS:
        if mark not in sample:
            continue
        widths = _widths(sample, mark)
        if not widths:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w))
        if usual < 2:
            continue
        score = widths.count(usual) / len(widths) * (1 + min(usual, 50) / 100)
        if score > best_score:
            best, best_score = mark, score
            even = len(set(widths)) == 1
    return best if even or not _in_columns(sample) else BLANKS


BLANKS = " "
"""Cells are parted by one or more blanks, as R's `write.table` does."""


def _words(line: str) -> list[str]:
    return next(csv.reader([line.strip()], delimiter=BLANKS, skipinitialspace=True), [])


def _in_columns(sample: str) -> bool:
    """Do blanks cut all lines into the same number of cells (the header may lack one: R's names
    of rows have none)?"""
    lines = [line for line in sample.splitlines() if line.strip()][:200]
    if len(lines) < 3 or "\t" in sample:
        return False
    try:
        widths = [len(_words(line.replace("\t", " "))) for line in lines]
    except csv.Error:
        return False
    if len(sample) == 65536:
        widths = widths[:-1]
    return len(set(widths[1:])) == 1 and widths[1] >= 2 and widths[1] - widths[0] in (0, 1)


def _blank_rows(text: str, path: Path, name: str) -> list[list[Cell]]:
    """Rows of a text whose cells are parted by blanks."""
    rows: list[list[Cell]] = []
    for line in text.splitlines():
        cells: list[Cell] = [v if v != "" else None for v in _words(line)] if line.strip() else []
        refuse_width(name, path.name, len(cells))
        rows.append(cells)
    if len(rows) > 1 and len(rows[0]) == len(rows[1]) - 1:
        rows[0] = ["rownames", *rows[0]]
    return rows


def _rows(text: str, mark: str, path: Path, name: str) -> Iterator[list[Cell]]:
    """Rows of cells with None for blank ones; blank lines at the end are left out."""
    blank = 0
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
        if not any(row):
            blank += 1
            continue
        refuse_width(name, path.name, len(row))
        if blank > MAX_BLANK:
            raise unreadable(
                name,
                f"{path.name} has {blank:,} blank lines in a row, and rows below them.",
                "Delete the blank lines.",
                "files.too-large",
            )
        for _ in range(blank):
            yield []
        blank = 0
        yield [v if v != "" else None for v in row]


def _refuse_open_quote(rows: list[list[Cell]], mark: str, path: Path, name: str) -> None:
    """A cell that holds whole lines of the table: a quotation mark was never closed."""
    width = max((len(r) for r in rows[:50]), default=0)
    if width < 2:
        return
    line = 1
    for row in rows:
        long = [v for v in row if isinstance(v, str) and "\n" in v]
        if any(sum(part.count(mark) >= width - 1 for part in v.split("\n")) for v in long):
            raise unreadable(
                name,
                f"A quotation mark is opened in line {line} of {path.name} and not closed before "
                "whole lines of the table follow.",
                "Close it, or take it out: the lines behind it would be lost.",
                "files.corrupt",
            )
        line += 1 + sum(v.count("\n") for v in long)


def _without_comments(rows: list[list[Cell]]) -> tuple[list[list[Cell]], dict[str, str]]:
    """Lines of comment above the header, blanked; the first one may label the columns.

    Exports of cBioPortal have four: labels, descriptions, types and priorities.
    """
    count = 0
    while count < len(rows) and rows[count] and str(rows[count][0] or "").startswith("#"):
        count += 1
    first = str(rows[0][0] or "").strip() if rows and rows[0] else ""
    alone = count == 1 and (first == "#" or len([v for v in rows[0] if v is not None]) > 1)
    if count == 0 or count >= len(rows) or alone:
        return rows, {}
    header = rows[count]
    labels: dict[str, str] = {}
    if len(rows[0]) == len(header) > 1:
        shown = [first.lstrip("# "), *(str(v or "").strip() for v in rows[0][1:])]
        labels = {str(h).strip(): t for h, t in zip(header, shown, strict=True) if h and t}
    return [[] for _ in range(count)] + rows[count:], labels


def open_file(path: Path, name: str) -> Opened:
    """Open a delimited file: one sheet without a name."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise unreadable(
            name,
            f"{path.name} has {size / 1e9:,.1f} GB.",
            "Save it as Parquet, which is read piece by piece.",
            "files.too-large",
        )

    def read(_: str | None) -> Sheet:
        text, _encoding = decode(path.read_bytes())
        if "\x00" in text:
            raise unreadable(
                name,
                f"{path.name} holds NUL characters (first on line "
                f"{text[: text.index(chr(0))].count(chr(10)) + 1}).",
                "The file is damaged or not text: export it again.",
                "files.corrupt",
            )
        previous = csv.field_size_limit(MAX_FIELD)
        try:
            mark = delimiter(text)
            rows = (
                _blank_rows(text, path, name)
                if mark == BLANKS
                else list(_rows(text, mark, path, name))
            )
        except csv.Error as error:
            raise unreadable(
                name,
                f"{path.name} can't be cut into cells: {error}.",
                "A quotation mark that is never closed does this; so does a cell of over "
                f"{MAX_FIELD:,} characters.",
                "files.corrupt",
            ) from error
        finally:
            csv.field_size_limit(previous)
        _refuse_open_quote(rows, mark, path, name)
        rows, labels = _without_comments(rows)
        return Sheet(name, None, rows, column_label=labels)

    return Opened(name, "delimited", (None,), read, doubts=_doubts(path))
