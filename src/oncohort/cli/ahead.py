"""What a command on a study can begin before the libraries are loaded that it needs.

A glance at the protocol says which file holds the chart. Only time depends on it: where the glance
is wrong, all is read as it would be without.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

SMALL = 5_000_000
"""Bytes of a chart below which threads of polars wait for each other longer than they work."""
GLANCE = 1_000_000
"""Characters of a protocol that are looked at."""
_DATA = re.compile(r"""^data\s*=\s*["'](.+?)["']""", re.MULTILINE)
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def begin(folder: Path) -> None:
    """Start the parser of a workbook, and let polars have one thread for a small chart.

    Examples
    --------
    >>> begin(Path("no such study"))
    """
    with suppress(OSError, ValueError):
        from oncohort.regular_files import regular

        with regular(folder / "study.toml").open(encoding="utf-8-sig") as protocol:
            found = _DATA.search(protocol.read(GLANCE))
        chart = folder / found[1] if found is not None else folder
        files = list(chart.iterdir()) if chart.is_dir() else [chart]
        if any(p.suffix.lower() in _WORKBOOKS for p in files):
            from oncohort.records.sources.isolated import expect

            expect()
        small = sum(p.stat().st_size for p in files) < SMALL
        if small and not any(p.is_dir() for p in files):
            os.environ.setdefault("POLARS_MAX_THREADS", "1")
