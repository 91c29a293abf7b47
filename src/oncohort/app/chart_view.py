"""What the pages show of a chart: its sheets, what each column was taken for, what is personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oncohort.records.names import fold
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from oncohort.app.opened import Opened
    from oncohort.study.drafting import Page

SHOWN_ROWS = 60
"""Rows of a sheet on one page."""


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that looks like personal data, with an example that tells nothing."""

    file: str
    sheet: str
    table: str
    column: str
    what: str
    evidence: str
    example: str
    read: bool
    """Whether the protocol reads it all the same."""


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column of the chart and what it is taken for."""

    column: str
    use: str
    """`birth date`, `variable CRP`, `left out`, `not used`."""
    evidence: str
    state: str
    """`used`, `out` or `open`."""


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet: its columns and some of its rows."""

    file: str
    sheet: str
    table: str
    why: str
    columns: tuple[ColumnUse, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    """Number of the first row shown, from 1."""
    total: int


def pages_of(opened: Opened) -> list[Page]:
    """The sheets of the study's data files, as the draft of a protocol reads them."""
    from oncohort.study.drafting import read_pages

    study = opened.study()
    out: list[Page] = []
    for source in study.records.sources:
        out += read_pages(opened.folder / source.file, source.file)
    return out


def mask(value: object) -> str:
    """An example that shows the shape of a value and not the value.

    Examples
    --------
    >>> mask("Müller, Hans"), mask(1950)
    ('M•••••, H•••', '1•••')
    """
    out = []
    start = True
    for letter in str(value)[:24]:
        out.append(letter if start or not letter.isalnum() else "•")
        start = not letter.isalnum()
    return "".join(out)


def personal_columns(opened: Opened, pages: Sequence[Page]) -> list[PersonalColumn]:
    """Columns that look like personal data, and whether the protocol reads them."""
    protocol = opened.study().protocol
    out = []
    for page in pages:
        table = protocol.tables.get(page.table or "")
        ignored = set(getattr(table, "ignore", ()) or ())
        for one in page.personal:
            at = page.raw.names.index(one.column) if one.column in page.raw.names else -1
            example = _value(page, at, one.first) if at >= 0 else ""
            out.append(
                PersonalColumn(
                    page.file, page.sheet or "", page.table or "", one.column, one.words,
                    one.evidence, mask(example), one.column not in ignored,
                )
            )  # fmt: skip
    return out


def _value(page: Page, column: int, row: int) -> str:
    from oncohort.records.columns import as_list
    from oncohort.records.values import text_of

    values = as_list(page.raw.columns[column])
    return text_of(values[row]) if row < len(values) and values[row] is not None else ""


def sheet_view(opened: Opened, page: Page, first: int = 1) -> SheetView:
    """A sheet with what the protocol takes its columns for.

    Columns that look like personal data are left out, or masked where the protocol reads them.

    Parameters
    ----------
    first
        The first row to show, from 1.
    """
    from oncohort.records.columns import as_list
    from oncohort.records.values import text_of

    uses = tuple(_uses(opened, page))
    shown = [i for i, u in enumerate(uses) if u.state != "personal"]
    total = max((len(as_list(c)) for c in page.raw.columns), default=0)
    first = max(1, min(first, max(1, total)))
    columns = [as_list(page.raw.columns[i])[first - 1 : first - 1 + SHOWN_ROWS] for i in shown]
    hidden = {p.column for p in page.personal}
    masked = [uses[i].column in hidden for i in shown]
    rows = tuple(
        tuple(
            "" if c[k] is None else mask(text_of(c[k])) if m else text_of(c[k])
            for c, m in zip(columns, masked, strict=True)
        )
        for k in range(max((len(c) for c in columns), default=0))
    )
    kept = tuple(uses[i] for i in shown)
    return SheetView(
        page.file, page.sheet or "", page.table or "", page.why, kept, rows, first, total
    )


def _uses(opened: Opened, page: Page) -> list[ColumnUse]:
    study = opened.study()
    protocol = study.protocol
    table = protocol.tables.get(page.table or "")
    places = study.records.cells.tables.get(page.table or "")
    read = dict(places.columns) if places is not None else {}
    known = (
        {"patient", *TABLES[page.table].kinds}
        if page.table is not None and page.table in TABLES
        else set()
    )
    ours = {header: name for name, header in read.items() if name in known}
    ignored = set(getattr(table, "ignore", ()) or ())
    personal = {p.column for p in page.personal}
    variables = {str(v.column or k): (v.label or k) for k, v in protocol.variables.items()}
    matches = {m.column: m for m in page.matches}
    out = []
    for column in page.raw.names:
        match = matches.get(column)
        evidence = f"{match.confidence:.2f}: {match.evidence}" if match is not None else ""
        if column in ignored:
            state = "personal" if column in personal else "out"
            out.append(ColumnUse(column, "left out", "", state))
        elif column in ours:
            out.append(ColumnUse(column, ours[column].replace("_", " "), evidence, "used"))
        elif column in variables or fold(column) in variables:
            label = variables.get(column) or variables[fold(column)]
            out.append(ColumnUse(column, f"variable {label}", evidence, "used"))
        elif column in personal:
            out.append(ColumnUse(column, "personal", "", "personal"))
        else:
            out.append(ColumnUse(column, "not used", evidence, "open"))
    return out
