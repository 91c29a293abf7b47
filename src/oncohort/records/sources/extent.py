"""How far a sheet reaches, read before it is loaded: one stray cell must not cost all memory.

The reader of cells keeps a sheet as one rectangle, so a single value in XFD1048576 asks for
seventeen thousand million cells. The XML is searched for the farthest row and column instead.
"""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path

_REST_OF_ROW = rb"row\b[^<]{0,400}?\br\s*=\s*[\"']\s*(\d{1,19})"
_ROW = re.compile(b"<" + _REST_OF_ROW)
_NAMED_ROW = re.compile(rb"<\w{1,60}:" + _REST_OF_ROW)
"""Rows whose names have a prefix; sought only where there are such, since the search is slow."""
_CELL = re.compile(rb"\br\s*=\s*[\"']\s*([A-Za-z]{1,3})(\d{1,9})\s*[\"']")
_LOW = re.compile(rb"\br\s*=\s*[\"']\s*[A-Za-z]{1,3}\d{5,}|\br\s*=\s*[\"']\s*[a-z]|\br\s*=\s*'")
"""Cells below row 9,999, or addresses that are written oddly: these are counted one by one."""
_PLAINLY_LOW = re.compile(rb'r="(?:[A-Za-z]{1,3}\d{5}|[a-z])')
"""The same, and perhaps more, where nothing is written oddly; it begins with what is sought, so
that the search is fast."""
_BLANKS = (b" ", b"\t", b"\n", b"\r", b"\f", b"\v")
_BUCKETS: tuple[tuple[re.Pattern[bytes], int], ...] = (
    (re.compile(rb'r="[A-Z]{3}\d'), 16384),
    (re.compile(rb'r="[B-Z][A-Z]\d'), 702),
    (re.compile(rb'r="A[A-Z]\d'), 52),
)
"""Patterns that show a column of three letters, beyond AZ, beyond Z; and the width they allow."""
_ODS_REPEAT = re.compile(rb"number-(rows|columns)-repeated\s*=\s*[\"']\s*(\d{1,19})")
_ODS_ROWS = re.compile(
    rb"<[\w:]{1,40}-row\b[^<>]{0,400}?number-rows-repeated\s*=\s*[\"']\s*(\d{5,19})[^<>]{0,400}[^/<>]>"
)
_FILLED = re.compile(rb":(?:value|p)\b")
SAME_ROWS = 20_000
"""Filled rows that are all the same; a sheet's blank rest may be any number."""
_BLOCK = 1 << 24


def _columns(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _is_low(text: bytes) -> bool:
    """Does a block have a cell far down, or an address that is written oddly?"""
    suspect = _oddly(text) or _PLAINLY_LOW.search(text)
    return bool(suspect) and bool(_LOW.search(text))


def _oddly(text: bytes) -> bool:
    """May a value stand in other quotes than usual, or a blank beside an equals sign?"""
    if text.count(b"=") != text.count(b'="'):
        return True
    blanks = [blank for blank in _BLANKS if blank in text]
    return any(blank + b"=" in text or b'="' + blank in text for blank in blanks)


def _rows(text: bytes) -> list[int]:
    """The numbers of the rows of a block."""
    found = _ROW.findall(text)
    if b":row" in text:
        found += _NAMED_ROW.findall(text)
    return [int(number[:9]) for number in found]


def _xml_extent(archive: zipfile.ZipFile, part: str, limit: int) -> tuple[int, int]:
    """(rows, columns): an upper bound where it stays below the limit, exact beyond it."""
    rows, width, tail, odd = 0, 26, b"", False
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            text = tail + block
            for pattern, columns in _BUCKETS:
                if columns > width and pattern.search(text):
                    width = columns
                    break
            rows = max([rows, *_rows(text)])
            odd = odd or _is_low(text)
            tail = text[-200:]
    if rows * width <= limit and not odd:
        return rows, width
    width, tail = 0, b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            for letters, row in _CELL.findall(tail + block):
                rows, width = max(rows, int(row)), max(width, _columns(letters))
            tail = block[-40:]
    return rows, width


def _is_sheet(archive: zipfile.ZipFile, part: str) -> bool:
    """Is it a sheet? The workbook says where its sheets are, so any part may be one."""
    if part.lower().startswith("xl/worksheets/"):
        return True
    with archive.open(part) as stream:
        return b"worksheet" in stream.read(4096)


def _binary_extent(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """The dimension record (BrtWsDim) of a binary workbook's sheet."""
    with archive.open(part) as stream:
        head = stream.read(8192)
    at = head.find(b"\x94\x01\x10")
    if at < 0 or at + 19 > len(head):
        return 0, 0
    _, last_row, _, last_column = struct.unpack_from("<4I", head, at + 3)
    return last_row + 1, last_column + 1


def _ods_extent(archive: zipfile.ZipFile) -> tuple[int, int]:
    """The largest repeats of filled rows and cells of an OpenDocument sheet."""
    rows = columns = 1
    with archive.open("content.xml") as stream:
        tail = b""
        while block := stream.read(_BLOCK):
            for kind, number in _ODS_REPEAT.findall(tail + block):
                if kind == b"rows":
                    rows = max(rows, int(number))
                else:
                    columns = max(columns, int(number))
            tail = block[-200:]
    return rows, columns


def _ods_same_rows(archive: zipfile.ZipFile) -> int:
    """How often the most repeated row of an OpenDocument sheet that holds a value stands there."""
    most, tail = 0, b""
    with archive.open("content.xml") as stream:
        while block := stream.read(_BLOCK):
            text = tail + block
            for row in _ODS_ROWS.finditer(text):
                end = text.find(b"-row>", row.end())
                inside = text[row.end() : end if end >= 0 else row.end() + _BLOCK]
                if _FILLED.search(inside):
                    most = max(most, int(row[1]))
            tail = block[-2000:]
    return most


def too_far(path: Path, limit: int) -> tuple[str, int, int] | None:
    """The first sheet that spans more cells than the limit: its part, rows and columns.

    Parameters
    ----------
    path
        A zipped workbook (xlsx, xlsm, xlsb, ods).
    limit
        Cells of the rectangle from A1 to the farthest one.
    """
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            low = part.lower()
            if low.startswith("xl/") and low.endswith(".xml") and _is_sheet(archive, part):
                rows, columns = _xml_extent(archive, part, limit)
            elif low.startswith("xl/worksheets/") and low.endswith(".bin"):
                rows, columns = _binary_extent(archive, part)
            elif low == "content.xml":
                same = _ods_same_rows(archive)
                if same > SAME_ROWS:
                    return part, same, 1
                rows, columns = _ods_extent(archive)
                # A sheet's blank rest is one repeat of everything; only filled ones count.
                if rows >= 1_000_000 or columns >= 16_000:
                    continue
            else:
                continue
            if rows * columns > limit:
                return part, rows, columns
    return None
