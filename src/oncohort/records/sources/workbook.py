"""Excel and OpenDocument workbooks: raw cells by calamine, guarded against hostile files."""

from __future__ import annotations

import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path

from oncohort.problems import ReadError
from oncohort.records.grid import Cell, Opened, Sheet
from oncohort.records.sources import unreadable
from oncohort.records.sources.archives import MAX_PARTS, parts_at_most
from oncohort.records.sources.extent import too_far
from oncohort.records.sources.isolated import expect, parsed

_BROKEN = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zlib.error)
"""What the zip module raises for damaged archives."""
_EPOCH = re.compile(rb'date1904="(?:1|true)"')
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED = 2_000_000_000
"""Bytes that a workbook may unpack to."""
MAX_RATIO = 250
"""Unpacked bytes per packed byte beyond which a large part is taken for a zip bomb. Sheets of
blank or repeated cells reach about 60."""
MAX_SHEETS = 2_000
"""Sheets of a workbook."""
MAX_CELLS = 30_000_000
"""Cells of a sheet's bounding rectangle."""
FREE_CELLS = 4_000_000
"""Cells that any sheet may span; beyond them a sheet has to hold something in its cells."""
BYTES_PER_CELL = 2
"""Unpacked bytes of a large sheet for each cell of its rectangle, blank ones included."""


def recognises(path: Path, head: bytes) -> bool:
    """Zip archives that hold a workbook, and OLE files (old Excel, encrypted Excel)."""
    if head.startswith(_OLE):
        return True
    # A zip without a workbook inside is refused by `open_file`, in words.
    return head.startswith(_ZIP) and path.suffix.lower() != ".parquet"


def _refuse_bombs(path: Path, name: str) -> zipfile.ZipFile:
    try:
        if parts_at_most(path) > 2 * MAX_PARTS:  # names take room in the list, too
            raise ValueError("it has far too many parts")
        archive = zipfile.ZipFile(path)
        if len(archive.infolist()) > MAX_PARTS:
            raise ValueError("it has far too many parts")
    except _BROKEN as error:
        raise _damaged(path, name, error) from error
    total = sum(i.file_size for i in archive.infolist())
    for item in archive.infolist():
        if item.flag_bits & 1:
            raise _encrypted(path, name)
        ratio = item.file_size / max(item.compress_size, 1)
        if (item.file_size > 50_000_000 and ratio > MAX_RATIO) or total > MAX_UNPACKED:
            raise unreadable(
                name,
                f"{path.name} would unpack to {total / 1e6:,.0f} MB "
                f"({item.filename}: {ratio:,.0f} times its size).",
                "No chart looks like this. Save the sheet with the data as a new workbook.",
                "files.zip-bomb",
            )
    return archive


def _encrypted(path: Path, name: str) -> ReadError:
    return unreadable(
        name,
        f"{path.name} is protected by a password.",
        "Save a copy without a password, in a place where only you can read it.",
        "files.encrypted",
    )


def _damaged(path: Path, name: str, error: Exception) -> ReadError:
    return unreadable(
        name,
        f"{path.name} is damaged: {error}.",
        "Open it in Excel, let it repair the file, and save it again.",
        "files.corrupt",
    )


def _counts_from_1904(archive: zipfile.ZipFile, path: Path, name: str) -> bool:
    part = "xl/workbook.xml"
    if part not in archive.namelist() or archive.getinfo(part).file_size > 10**7:
        return False
    try:
        return bool(_EPOCH.search(archive.read(part)))
    except _BROKEN as error:
        raise _damaged(path, name, error) from error


def _refuse_counts(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """A list of texts that claims more members than its bytes can hold asks for all memory."""
    part = next((p for p in archive.namelist() if p.lower() == "xl/sharedstrings.xml"), None)
    if part is None:
        return
    try:
        with archive.open(part) as stream:
            head = stream.read(4096)
    except _BROKEN as error:
        raise _damaged(path, name, error) from error
    tag = head[head.find(b"sst") : head.find(b">", head.find(b"sst")) + 1]
    size = archive.getinfo(part).file_size
    # Many cells may share one text; distinct texts need five bytes each.
    unique = re.search(rb"\buniqueCount\s*=\s*[\"'](\d{1,30})", tag)
    if unique is not None and int(unique.group(1)) > max(size // 5, 1):
        raise unreadable(
            name,
            f"{path.name} is damaged: it claims {int(unique.group(1)):,} texts in {size:,} bytes.",
            "Open it in Excel, let it repair the file, and save it again.",
            "files.corrupt",
        )


def _most_cells(path: Path, packed: bool) -> int:
    """Cells that the largest sheet of a workbook may span: a small file holds no huge one."""
    held = path.stat().st_size
    if packed:
        with zipfile.ZipFile(path) as archive:
            held = sum(i.file_size for i in archive.infolist())
    return min(MAX_CELLS, max(FREE_CELLS, held // BYTES_PER_CELL))


def _far(path: Path, name: str, limit: int) -> tuple[str, int, int] | None:
    try:
        return too_far(path, limit)
    except _BROKEN as error:
        raise _damaged(path, name, error) from error


def _plain(value: object) -> Cell:
    """calamine's value as one of None, str, int, float, bool, date, datetime."""
    if value == "" or value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date | bool | int | float):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)


def open_file(path: Path, name: str) -> Opened:
    """Open a workbook; sheets are read when asked for."""
    with path.open("rb") as handle:
        head = handle.read(8)
    notes: tuple[str, ...] = ()
    from_1904 = False
    expect()
    if head.startswith(_ZIP):
        from_1904, notes = _look_into(path, name)
    elif head.startswith(_OLE) and _is_encrypted_ole(path):
        raise _encrypted(path, name)
    hidden: dict[str, bool] = dict(parsed("sheets", path, name))
    usable = tuple(hidden)
    if len(usable) > MAX_SHEETS:
        raise unreadable(
            name,
            f"{path.name} has {len(usable):,} sheets; at most {MAX_SHEETS:,} are read.",
            "Save the sheets that the study needs as a workbook of their own.",
            "files.too-large",
        )
    if not usable:
        raise unreadable(
            name,
            f"{path.name} has no sheet with cells.",
            "Give the sheet with the patients.",
            "files.corrupt",
        )

    def read(sheet: str | None) -> Sheet:
        wanted = usable[0] if sheet is None else sheet
        rows, merged = _cells(path, name, wanted)
        return Sheet(name, wanted, rows, merged, hidden.get(wanted, False), from_1904=from_1904)

    return Opened(name, "workbook", usable, read, notes)


def _look_into(path: Path, name: str) -> tuple[bool, tuple[str, ...]]:
    """Refuse archives that no chart is; whether days count from 1904, and what to be told."""
    with _refuse_bombs(path, name) as archive:
        parts = archive.namelist()
        from_1904 = _counts_from_1904(archive, path, name)
        _refuse_counts(archive, path, name)
    if not any(p in ("xl/workbook.xml", "xl/workbook.bin", "content.xml") for p in parts):
        raise unreadable(
            name,
            f"{path.name} is a zip archive without a workbook inside.",
            "Give the workbook itself.",
            "files.unknown-kind",
        )
    far = _far(path, name, _most_cells(path, packed=True))
    if far is not None:
        part, rows, columns = far
        raise unreadable(
            name,
            f"A sheet ({part}) reaches to row {rows:,} and column {columns:,}.",
            "Delete the stray cells far from the data, or save it as Parquet.",
            "files.too-large",
        )
    notes = []
    if any(p.lower().endswith("vbaproject.bin") for p in parts):
        notes.append("The workbook holds macros; they are not run.")
    if any("externallinks/" in p.lower() for p in parts):
        notes.append("The workbook links to other files; the values last saved are read.")
    return from_1904, tuple(notes)


def _cells(
    path: Path, name: str, sheet: str
) -> tuple[list[list[Cell]], tuple[tuple[int, int, int, int], ...]]:
    """The cells of a sheet, and its merged ranges."""
    limit = _most_cells(path, packed=zipfile.is_zipfile(path))
    kind, *answer = parsed("cells", path, name, sheet, limit)
    if kind == "large":
        height, width = answer
        raise unreadable(
            name,
            f"Sheet {sheet!r} spans {height * width:,} cells ({height:,} rows, {width:,} columns).",
            "Delete the empty rows and columns far from the data, or save it as Parquet.",
            "files.too-large",
        )
    rows, merged = answer
    kinds = {type(v) for row in rows for v in row}
    if kinds & {time, timedelta}:
        rows = [[_plain(v) for v in row] for row in rows]
    return rows, merged


def _is_encrypted_ole(path: Path) -> bool:
    """An OLE container with the stream `EncryptedPackage` (names are UTF-16 in its directory)."""
    needle = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as handle:
        return needle in handle.read(50_000_000)
