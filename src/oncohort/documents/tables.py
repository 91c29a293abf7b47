"""Tables as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io

from oncohort.displays.tables.model import Table

RISKY = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """Text that a spreadsheet will not take for a formula (OWASP, CSV injection).

    Examples
    --------
    >>> safe("=1+1"), safe("14 (33.3)")
    ("'=1+1", '14 (33.3)')
    """
    return "'" + text if text.lstrip(" \u00a0\n\ufeff").startswith(RISKY) else text


def to_csv(table: Table) -> str:
    """One table: headings in one line (spanners joined with a colon), then its rows.

    Indented rows keep their indent as two spaces each; a `group` row has its label alone.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(safe(": ".join([*c.spanners, c.label])) for c in table.columns)
    for row in table.rows:
        cells = [safe(c.text) for c in row.cells]
        cells += [""] * (len(table.columns) - len(cells))
        cells[0] = "  " * row.indent + cells[0]
        writer.writerow(cells)
    return out.getvalue()
