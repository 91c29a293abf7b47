"""One module per kind of source; each says which files it recognises and opens them.

A further source is a module with ``recognises(path, head) -> bool`` and
``open_file(path, name) -> Opened``, added to ``_READERS``. Content decides, not the file's
ending: a comma-separated file named ``.xlsx`` is read as what it is.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import Place, ReadError, problem

if TYPE_CHECKING:
    from oncohort.records.grid import Opened

_READERS = (
    *("jamovi", "workbook", "parquet", "statistical", "json_rows", "html_tables", "delimited"),
)
"""In this order: the last one takes any text."""

ENDINGS = (
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".ods",
    ".csv",
    ".tsv",
    ".txt",
    ".parquet",
    ".sav",
    ".zsav",
    ".dta",
    ".sas7bdat",
    ".xpt",
    ".omv",
    ".json",
    ".html",
    ".htm",
)


_OF_R = (".rds", ".rda", ".rdata")
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
"""How compressed files begin."""
MAX_COLUMNS = 16_384
"""Columns of one table, as of one sheet of Excel."""


def refuse_width(name: str, file: str, width: int) -> None:
    """Refuse a table of more columns than any chart has.

    Raises
    ------
    ReadError
        There are more than ``MAX_COLUMNS``.
    """
    if width > MAX_COLUMNS:
        raise unreadable(
            name,
            f"{file} has {width:,} columns; at most {MAX_COLUMNS:,} are read.",
            "Save the columns that the study needs as a file of their own.",
            "files.too-large",
        )


def unreadable(name: str, what: str, todo: str, id_: str = "files.unreadable") -> ReadError:
    """The error for a file that can't be read, with its one problem."""
    return ReadError("", [problem(id_, place=Place(file=name), reason=what, todo=todo)])


def open_source(path: Path, name: str) -> Opened:
    """Open a data file with the reader that recognises it.

    Parameters
    ----------
    path
        The file.
    name
        How problems name it.

    Raises
    ------
    ReadError
        No reader recognises it, or the one that does can't read it.
    """
    if path.exists() and not path.is_file():
        # A named pipe or a device would wait for ever.
        raise unreadable(name, f"{path.name} is no file.", "Give a file.", "files.unknown-kind")
    try:
        with path.open("rb") as handle:
            head = handle.read(4096)
    except PermissionError as error:
        raise unreadable(
            name,
            f"{path.name} can't be opened: {error.strerror}.",
            "Close it in the other program (Excel locks open files) or mend its permissions.",
            "files.locked",
        ) from error
    except OSError as error:
        raise unreadable(name, f"{path.name} can't be opened: {error.strerror}.", "") from error
    if not head:
        raise unreadable(
            name,
            f"{path.name} is empty (0 bytes).",
            "A half-saved file looks like this: save it again and close the other program.",
            "files.empty",
        )
    if path.suffix.lower() in _OF_R and (
        head[:2] in (b"\x1f\x8b", b"BZ", b"X\n") or b"RDX" in head
    ):
        raise unreadable(
            name,
            f"{path.name} is a file of R.",
            f'Save the table in R with write.csv(x, "{path.stem}.csv", row.names = FALSE).',
            "files.unknown-kind",
        )
    packed = next((kind for mark, kind in _PACKED.items() if head.startswith(mark)), None)
    if packed is not None:
        raise unreadable(
            name,
            f"{path.name} is compressed ({packed}).",
            "Unpack it, and give the file that was in it.",
            "files.unknown-kind",
        )
    for reader in _READERS:
        module = import_module(f"oncohort.records.sources.{reader}")
        if module.recognises(path, head):
            opened: Opened = module.open_file(path, name)
            return opened
    raise unreadable(
        name,
        f"{path.name} is of no kind that is known.",
        "Readable are Excel, OpenDocument, CSV, Parquet, SPSS, Stata, SAS and jamovi files, "
        "tables of web pages, and JSON with one object per row.",
        "files.unknown-kind",
    )
