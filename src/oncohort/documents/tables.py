"""Tables as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io

from oncohort.displays.tables.model import Table
from oncohort.vocabulary.spreadsheets import no_formula


def to_csv(table: Table) -> str:
    """One table: headings in one line (spanners joined with a colon), then its rows.

    Indented rows keep their indent as two spaces each; a `group` row has its label alone.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(no_formula(": ".join([*c.spanners, c.label])) for c in table.columns)
    for row in table.rows:
        cells = [no_formula(c.text) for c in row.cells]
        cells += [""] * (len(table.columns) - len(cells))
        cells[0] = "  " * row.indent + cells[0]
        writer.writerow(cells)
    return out.getvalue()
