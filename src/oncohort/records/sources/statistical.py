"""SPSS, Stata and SAS files; value labels are kept and said."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from oncohort.records.grid import Cell, Opened, Raw
from oncohort.records.sources import refuse_width
from oncohort.records.sources.isolated import parsed

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"<stata_dta>", "stata"),
    (b"HEADER RECORD*******LIB", "xpt"),
    (b"\x00" * 12 + b"\xc2\xea\x81\x60", "sas"),
)


def _kind(path: Path, head: bytes) -> str | None:
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    # Stata up to version 12 has no text mark: version byte, byte order, file type 1.
    if (
        path.suffix.lower() == ".dta"
        and head[:1] in b"\x69\x6c\x6e\x71\x72\x73"
        and head[2:3] == b"\x01"
    ):
        return "stata"
    return None


def recognises(path: Path, head: bytes) -> bool:
    """Files that begin with the mark of SPSS, Stata or SAS."""
    return _kind(path, head) is not None


def open_file(path: Path, name: str) -> Opened:
    """Open a file of a statistics package: one sheet without a name; rows counted from 1."""
    with path.open("rb") as handle:
        kind = _kind(path, handle.read(64)) or ""

    def read(_: str | None) -> Raw:
        found, columns, coded, described = parsed("statistical", path, name, kind)
        refuse_width(name, path.name, len(found))
        height = len(columns[0]) if columns else 0
        labels = {
            column: {_code(k): str(v) for k, v in codes.items()} for column, codes in coded.items()
        }
        names = {c: t for c, t in described.items() if t}
        return Raw(
            name,
            None,
            named(found),
            tuple(columns),
            range(1, height + 1),
            label_of=labels,
            column_label=names,
        )

    return Opened(name, kind, (None,), read)


def named(names: Iterable[object]) -> tuple[str, ...]:
    """Every column a name of its own: damaged files have none, or one twice.

    Examples
    --------
    >>> named(["age", None, "age"])
    ('age', 'column 2', 'age (2)')
    """
    out: dict[str, None] = {}
    last: dict[str, int] = {}
    for i, name in enumerate(names, 1):
        text = str(name).strip() if name is not None else ""
        base = text or f"column {i}"
        one, n = base, last.get(base, 1)
        while one in out:
            n += 1
            one = f"{base} ({n})"
        last[base] = n
        out[one] = None
    return tuple(out)


def _code(value: Cell) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
