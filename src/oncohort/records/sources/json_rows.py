"""JSON with one object per row: exports of REDCap and of other databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from oncohort.records.grid import Cell, Opened, Raw
from oncohort.records.sources import refuse_width, unreadable
from oncohort.records.sources.delimited import decode

MAX_BYTES = 500_000_000
_LISTS = ("records", "data", "rows", "results")
"""Keys under which a list of rows may stand."""


def recognises(path: Path, head: bytes) -> bool:
    """Text that begins with a list of objects, or with an object in a file named `.json`."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"[") or (path.suffix.lower() == ".json" and start.startswith(b"{"))


def open_file(path: Path, name: str) -> Opened:
    """Open a JSON file: one sheet without a name; rows counted from 1."""
    if path.stat().st_size > MAX_BYTES:
        raise unreadable(
            name, f"{path.name} is too large for JSON.", "Save it as Parquet.", "files.too-large"
        )

    def read(_: str | None) -> Raw:
        text, _encoding = decode(path.read_bytes())
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise unreadable(
                name,
                f"{path.name} is no valid JSON: {str(error)[:200]}.",
                "Export it again.",
                "files.corrupt",
            ) from error
        rows = _rows(data)
        if rows is None:
            raise unreadable(
                name,
                f"{path.name} holds no list of rows.",
                "Wanted is a list of objects, one per row, with a value for each column.",
                "files.unknown-kind",
            )
        names = tuple(dict.fromkeys(str(k) for row in rows for k in row))
        refuse_width(name, path.name, len(names))
        columns = [[_plain(row.get(n)) for row in rows] for n in names]
        return Raw(name, None, names, columns, range(1, len(rows) + 1))

    return Opened(name, "json", (None,), read)


def _rows(data: Any) -> list[dict[str, Any]] | None:
    if isinstance(data, dict):
        data = next((data[k] for k in _LISTS if isinstance(data.get(k), list)), None)
    if not isinstance(data, list) or not data or not all(isinstance(r, dict) for r in data):
        return None
    return data


def _plain(value: Cell) -> Any:
    """Cells are texts, numbers or blank; a nested value is kept as its text."""
    if isinstance(value, str):
        return value if value.strip() else None
    if value is None or isinstance(value, bool | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)
