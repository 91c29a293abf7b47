"""jamovi files (`.omv`): a zip archive with the columns' description and their binary values.

`metadata.json` names the fields; `data.bin` holds one column after the other, whole numbers and
codes in four bytes, decimals in eight, little-endian; `xdata.json` has the labels of codes and
`strings.bin` the texts of columns that are identifiers.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path

from oncohort.records.grid import Cell, Opened, Raw
from oncohort.records.sources import refuse_width, unreadable
from oncohort.records.sources.archives import MAX_PARTS, parts_at_most
from oncohort.records.sources.statistical import named

_ZIP = b"PK\x03\x04"
_ABSENT = -2147483648
MAX_UNPACKED = 500_000_000
MAX_RATIO = 250
"""Unpacked bytes per packed byte of a large file, beyond which no chart is expected."""


def recognises(path: Path, head: bytes) -> bool:
    """Zip archives named `.omv`."""
    return head.startswith(_ZIP) and path.suffix.lower() == ".omv"


def open_file(path: Path, name: str) -> Opened:
    """Open a jamovi file: one sheet without a name; rows counted from 1."""

    def read(_: str | None) -> Raw:
        try:
            if parts_at_most(path) > MAX_PARTS:
                raise ValueError("it has far too many parts")
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(i.file_size for i in archive.infolist())
                if unpacked > max(MAX_RATIO * path.stat().st_size, 50_000_000):
                    raise ValueError(f"it would unpack to {unpacked / 1e6:,.0f} MB")
                if unpacked > MAX_UNPACKED:
                    raise ValueError("it would unpack to more than 500 MB")
                return _read(archive, name)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            KeyError,
            ValueError,
            TypeError,
            IndexError,
            AttributeError,
            NotImplementedError,
            RecursionError,
            OverflowError,
            struct.error,
        ) as error:
            raise unreadable(
                name,
                f"{path.name} can't be read: {str(error)[:200]}.",
                "Open it in jamovi and save it again, or export it as CSV.",
                "files.corrupt",
            ) from error

    return Opened(name, "jamovi", (None,), read)


def _read(archive: zipfile.ZipFile, name: str) -> Raw:
    described = json.loads(archive.read("metadata.json"))["dataSet"]
    parts = set(archive.namelist())
    extra = json.loads(archive.read("xdata.json")) if "xdata.json" in parts else {}
    texts = archive.read("strings.bin") if "strings.bin" in parts else b""
    data, rows = archive.read("data.bin"), int(described["rowCount"])
    refuse_width(name, name, len(described["fields"]))
    at = 0
    names: list[Cell] = []
    columns: list[list[Cell]] = []
    labels: dict[str, dict[str, str]] = {}
    for field in described["fields"]:
        decimal = field.get("type") == "number" or field.get("dataType") == "Decimal"
        size = 8 if decimal else 4
        values = struct.unpack_from(f"<{rows}{'d' if decimal else 'i'}", data, at)
        at += rows * size
        if field.get("columnType") == "Filter":
            continue
        title = str(field["name"])
        known = {e[0]: str(e[1]) for e in extra.get(title, {}).get("labels", [])}
        names.append(title)
        if decimal:
            columns.append([None if v != v else v for v in values])
        elif field.get("type") == "string" or (
            field.get("measureType") == "ID" and field.get("dataType") != "Integer"
        ):
            columns.append([_text(texts, v) for v in values])
        elif field.get("dataType") == "Text":
            columns.append([None if v == _ABSENT else known.get(v, str(v)) for v in values])
        else:
            columns.append([None if v == _ABSENT else v for v in values])
            worded = {str(k): w for k, w in known.items() if str(k) != w}
            if worded:
                labels[title] = worded
    return Raw(name, None, named(names), columns, range(1, rows + 1), label_of=labels)


def _text(texts: bytes, at: int) -> str | None:
    if at == _ABSENT or not 0 <= at < len(texts):
        return None
    return texts[at : texts.find(b"\x00", at)].decode("utf-8") or None
