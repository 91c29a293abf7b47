"""JSON with one object per row, one list per row below named columns (Dataset-JSON of CDISC), or
one list per column: exports of REDCap and of other databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

from oncohort.records.grid import Cell, Opened, Raw
from oncohort.records.sources import refuse_width, unreadable
from oncohort.records.sources.delimited import MAX_FIELD, decode
from oncohort.vocabulary.boundaries import Parsed

_LARGEST = 10**300
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
        labels = _labels(data)
        if rows is None:
            raise unreadable(
                name,
                f"{path.name} holds no list of rows.",
                "Wanted is a list of objects, one per row, with a value for each column; or the "
                "names of the columns with a list of values for each row.",
                "files.unknown-kind",
            )
        names = tuple(dict.fromkeys(str(k) for row in rows for k in row))
        refuse_width(name, path.name, len(names))
        columns = [[_plain(row.get(n)) for row in rows] for n in names]
        for column, values in zip(names, columns, strict=True):
            if any(isinstance(v, str) and len(v) > MAX_FIELD for v in values):
                raise unreadable(
                    name,
                    f"Column {column[:60]!r} of {path.name} holds a text of more than "
                    f"{MAX_FIELD:,} characters.",
                    "No cell of a chart is this long. Export the rows of the study again.",
                    "files.too-large",
                )
        return Raw(name, None, names, columns, range(1, len(rows) + 1), column_label=labels)

    return Opened(name, "json", (None,), read)


Row: TypeAlias = dict[str, Parsed]
"""A JSON object: what it holds is found out as it is read."""


def _rows(data: object) -> list[Row] | None:
    if isinstance(data, dict):
        named = _by_row(data) or _by_column(data)
        if named is not None:
            return named
        data = next((data[k] for k in _LISTS if isinstance(data.get(k), list)), None)
    if not isinstance(data, list) or not data or not all(isinstance(r, dict) for r in data):
        return None
    return [_flat(row) for row in data]


_DEEPEST = 4
"""Objects within objects are opened so far."""


def _flat(row: Row, depth: int = _DEEPEST) -> Row:
    """A row whose objects are opened: what they hold are columns, `outcome.death_date`.

    Examples
    --------
    >>> _flat({"id": 1, "outcome": {"dead": True, "date": "2016-03-01"}})
    {'id': 1, 'outcome.dead': True, 'outcome.date': '2016-03-01'}
    """
    if not any(isinstance(v, dict) and v for v in row.values()):
        return row
    out: Row = {}
    for key, value in row.items():
        if isinstance(value, dict) and value and depth:
            out |= {f"{key}.{k}": v for k, v in _flat(value, depth - 1).items()}
        else:
            out[key] = value
    return out


def _by_row(data: Row) -> list[Row] | None:
    """Dataset-JSON: `columns` with a name each, and `rows` with their values."""
    columns = data.get("columns", data.get("items"))
    rows = data.get("rows", data.get("itemData", data.get("data")))
    if columns is None and isinstance(data.get("clinicalData"), dict):
        return next(filter(None, map(_by_row, _groups(data["clinicalData"]))), None)
    if not isinstance(columns, list) or not isinstance(rows, list) or not rows:
        return None
    told = [c.get("name") if isinstance(c, dict) else c for c in columns]
    names = [n for n in told if isinstance(n, str)]
    if len(names) < len(told):
        return None
    if not all(isinstance(r, list) and len(r) == len(names) for r in rows):
        return None
    return [dict(zip(names, r, strict=True)) for r in rows]


def _groups(data: Row) -> list[Row]:
    found = data.get("itemGroupData")
    return [g for g in found.values() if isinstance(g, dict)] if isinstance(found, dict) else []


def _by_column(data: Row) -> list[Row] | None:
    """One list of values per column, or one object of row = value, as pandas writes frames."""
    held = list(data.values())
    if len(held) < 2:
        return None
    if all(isinstance(v, list) for v in held) and len({len(v) for v in held}) == 1:
        if any(isinstance(x, dict | list) for v in held for x in v):
            return None
        return [dict(zip(data, row, strict=True)) for row in zip(*held, strict=True)] or None
    if all(isinstance(v, dict) for v in held):
        keys = list(held[0])
        if not keys or any(list(v) != keys for v in held):
            return None
        if any(isinstance(x, dict | list) for v in held for x in v.values()):
            return None
        return [{n: v[k] for n, v in data.items()} for k in keys]
    return None


def _labels(data: object) -> dict[str, str]:
    """Long labels of the columns, where the file has them."""
    columns = data.get("columns") if isinstance(data, dict) else None
    if not isinstance(columns, list):
        return {}
    return {
        c["name"]: c["label"]
        for c in columns
        if isinstance(c, dict)
        and isinstance(c.get("name"), str)
        and isinstance(c.get("label"), str)
        and c["label"] != c["name"]
    }


def _plain(value: object) -> Cell:
    """Cells are texts, numbers or blank; a nested value is kept as its text."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int) and abs(value) > _LARGEST:
        return str(value)  # more than any number that is computed with: refused as one, in words
    if value is None or isinstance(value, bool | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)
