"""Columns and values of a draft as the record table has them."""

from __future__ import annotations

from oncohort.records.names import fold
from oncohort.records.values import Reader, read_value
from oncohort.study.draft_variables import coded
from oncohort.study.drafting import Page
from oncohort.vocabulary.tables import TABLES


def own_status(page: Page, column: str) -> str:
    """Our name of the vital status, where a column that is an event is read as that, too."""
    return "vital_status" if page.days_after and page.ours.get("vital_status") == column else ""


def as_ours(column: str) -> str:
    """The name of a column in the record table: ours, where the chart's differs by marks alone."""
    name = fold(column).replace(" ", "_")
    return name if name in TABLES["patients"].kinds else column


def as_read(column: str, value: str | None) -> str | None:
    """A value of a column that is one of ours by its name: `vital_status` holds `dead`, not `D`."""
    ours = as_ours(column)
    levels = TABLES["patients"].levels.get(ours)
    if value is None or not levels:
        return value
    read = read_value(value, Reader("text", ours, levels)).value
    return value if read is None else str(read)


def shown_value(page: Page, column: str, value: str, *, open_: bool = False) -> str:
    """A value of a column as the table has it: the file's label for it, or our word.

    Parameters
    ----------
    open_
        Whether the column is one of several that may be the event, and a variable until then.
    """
    labels = page.raw.label_of.get(column) or (coded(page, column) if open_ else {})
    return labels.get(value) or as_read(column, value) or value
