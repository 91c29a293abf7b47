"""What the pages show of a chart: its sheets, what each column was taken for, what is personal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.app.opened import Opened
    from oncohort.study.drafting import Page
    from oncohort.study.study import Study


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
    state: str
    """`read`, `hashed` or `out`."""
    key: bool
    """Whether it names the patients: it can't be left out, only replaced by a code."""


def pages_of(opened: Opened) -> list[Page]:
    """The sheets of the study's data files, as the draft of a protocol reads them."""
    from oncohort.study.drafting import read_pages

    def made(study: Study) -> list[Page]:
        names = [source.file for source in study.records.sources]
        return [page for name in names for page in read_pages(opened.folder / name, name)]

    return opened.held("pages", None, made)


def mask(value: object) -> str:
    """The shape of a value and nothing of the value: initials would be told by first letters.

    Examples
    --------
    >>> mask("Müller, Hans"), mask("A.B."), mask(1950)
    ('••••••, ••••', '•.•.', '••••')
    """
    return "".join("•" if letter.isalnum() else letter for letter in str(value)[:24])


def personal_columns(opened: Opened, pages: Sequence[Page]) -> list[PersonalColumn]:
    """Columns that look like personal data, and whether the protocol reads them."""
    protocol = opened.study().protocol
    out = []
    for page in pages:
        table = protocol.tables.get(page.table or "")
        ignored = set(table.ignore) if table is not None else set()
        coded = set(table.hash) if table is not None else set()
        key = opened.study().records.cells.tables.get(page.table or "")
        patient = key.columns.get("patient") if key is not None else None
        for one in page.personal:
            at = page.raw.names.index(one.column) if one.column in page.raw.names else -1
            example = _value(page, at, one.first) if at >= 0 else ""
            out.append(
                PersonalColumn(
                    page.file, page.sheet or "", page.table or "", one.column, one.words,
                    one.evidence, mask(example),
                    "out" if one.column in ignored else "hashed" if one.column in coded else "read",
                    one.column == patient,
                )
            )  # fmt: skip
    return out


def _value(page: Page, column: int, row: int) -> str:
    from oncohort.records.columns import as_list
    from oncohort.records.values import text_of

    values = as_list(page.raw.columns[column])
    return text_of(values[row]) if row < len(values) and values[row] is not None else ""
