"""The process in which foreign binary files are parsed: a damaged one may bring it down alone.

Run by its path (:mod:`oncohort.records.sources.isolated`), so it imports nothing of oncohort.
Requests and answers are pickles, each behind its length.
"""

from __future__ import annotations

import importlib
import os
import pickle
import struct
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Answer = tuple[object, ...]

_books: dict[tuple[object, ...], CalamineWorkbook] = {}
"""The workbook that is open, by its path and what the system says of the file."""


def _book(path: str, *, anew: bool = False) -> CalamineWorkbook:
    """The workbook at a path; a file that was saved again is another one."""
    from python_calamine import CalamineWorkbook

    about = os.stat(path)
    key = (path, about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
    if anew or key not in _books:
        _books.clear()
        _books[key] = CalamineWorkbook.from_path(path)
    return _books[key]


def sheets(path: str) -> Answer:
    """Names of the sheets with cells, and whether each is hidden."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    book = _book(path, anew=True)
    described = {m.name: m for m in book.sheets_metadata}
    return tuple(
        (name, described[name].visible != SheetVisibleEnum.Visible)
        for name in book.sheet_names
        if name in described and described[name].typ == SheetTypeEnum.WorkSheet
    )


def cells(path: str, sheet: str, limit: int) -> Answer:
    """Rows of a sheet with None for blank cells, and its merged ranges.

    A sheet of more cells than the limit is not read: rows and columns of its rectangle instead.
    """
    page = _book(path).get_sheet_by_name(sheet)
    if page.end is not None and (page.end[0] + 1) * (page.end[1] + 1) > limit:
        return "large", page.end[0] + 1, page.end[1] + 1
    rows: list[list[object]] = page.to_python(skip_empty_area=False)
    for i, row in enumerate(rows):
        if "" in row:  # row by row in place: a large sheet is not held twice
            rows[i] = [None if v == "" else v for v in row]
    merged = page.merged_cell_ranges or []
    return "cells", rows, tuple((a[0], a[1], b[0], b[1]) for a, b in merged)


def statistical(path: str, kind: str) -> Answer:
    """Columns, value labels and column labels of a file of SPSS, Stata or SAS."""
    import pyreadstat

    reader = {
        "spss": pyreadstat.read_sav,
        "stata": pyreadstat.read_dta,
        "sas": pyreadstat.read_sas7bdat,
        "xpt": pyreadstat.read_xport,
    }[kind]
    data, meta = reader(path, output_format="dict")
    columns = []
    for values in data.values():
        # Absent numbers come as NaN, absent texts as "".
        plain = values.tolist() if hasattr(values, "tolist") else list(values)
        columns.append([None if v == "" or v != v else v for v in plain])
    labels = meta.variable_value_labels or {}
    return tuple(data), columns, dict(labels), dict(meta.column_names_to_labels or {})


ACTIONS: dict[str, Callable[..., Answer]] = {
    "sheets": sheets,
    "cells": cells,
    "statistical": statistical,
}


LIBRARIES = {"sheets": "python_calamine", "cells": "python_calamine", "statistical": "pyreadstat"}
"""What an action imports; it is imported before memory is counted."""


def answered(request: tuple[str, tuple[object, ...], int], memory: int) -> tuple[str, object]:
    """``("ok", answer)``, or ``("password" | "memory" | "broken", message)``."""
    action, arguments, room = request
    try:
        if action in LIBRARIES:
            importlib.import_module(LIBRARIES[action])
        limited(min(memory, taken() + room) if taken() else memory)
        return "ok", ACTIONS[action](*arguments)
    except MemoryError:
        return "memory", "it needs more memory than one file may take"
    except BaseException as error:
        # A panic of a native reader is no Exception; whatever it is, this file alone is refused.
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        kind = "password" if type(error).__name__ == "PasswordError" else "broken"
        return kind, str(error)[:200]


def taken() -> int:
    """Bytes of address space that this process has now; 0 where the system doesn't say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as handle:
            return int(handle.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError):
        return 0


def limited(memory: int) -> None:
    """Let a file that needs too much memory fail alone; no file of core is left."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    for what, wanted in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(
            what, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def main() -> None:
    """Read requests and answer them until the input ends."""
    sys.path[:] = [*sys.path, *(p for p in sys.argv[2:] if p not in sys.path)]
    memory = int(sys.argv[1])
    limited(memory)
    source, out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # libraries that print would spoil the answers
    while len(head := source.read(8)) == 8:
        request = pickle.loads(source.read(struct.unpack("<Q", head)[0]))
        try:
            body = pickle.dumps(answered(request, memory), protocol=5)
        except MemoryError:
            body = pickle.dumps(("memory", "it needs more memory than one file may take"))
        out.write(struct.pack("<Q", len(body)) + body)
        out.flush()


if __name__ == "__main__":
    main()
