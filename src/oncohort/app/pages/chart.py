"""Personal data and columns: what the chart holds and what it is taken for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from oncohort.app.asked import Site, go, words
from oncohort.app.chart_view import pages_of, personal_columns
from oncohort.app.sheet_view import SHOWN_ROWS, column_groups, sheet_view
from oncohort.app.wording import say
from oncohort.problems import OncohortError
from oncohort.study.columns import hashed, left_out, read_again, taken_for
from oncohort.study.questions import open_questions
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from oncohort.app.opened import Opened
    from oncohort.study.drafting import Page

_WAYS: Mapping[str, tuple[str, Callable[[str, str, str], str]]] = {
    "leave out": ("column_out", left_out),
    "hash": ("column_hashed", hashed),
    "read": ("column_read", read_again),
}
"""What a form asks for: what is told when it is done, and what does it."""


def personal(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """What looks like personal data."""
    found = personal_columns(opened, pages_of(opened))
    return site.of_study(request, opened, "personal", found=found)


def set_personal(
    site: Site, request: Request, opened: Opened, given: Mapping[str, object]
) -> Response:
    """Leave a column out of everything, replace it by codes, or read it all the same."""
    notice = _changed(opened, given)
    return go(f"/s/{opened.key}/personal?notice={quote(notice)}")


def set_column(
    site: Site, request: Request, opened: Opened, given: Mapping[str, object]
) -> Response:
    """Take a column for one of ours, leave it out, or read it."""
    notice = _changed(opened, given)
    sheet = _number(words(given, "sheet"), 10_000)
    return go(f"/s/{opened.key}/columns?sheet={sheet}&notice={quote(notice)}")


def _changed(opened: Opened, given: Mapping[str, object]) -> str:
    table, column, do = (words(given, n) for n in ("table", "column", "do"))
    version = words(given, "version")
    if do == "take":
        ours = words(given, "ours")
        if not ours:
            raise OncohortError(say("notices.nothing_asked"))
        opened.write(version, lambda text: taken_for(text, table, column, ours), read=True)
        return say("notices.column_taken", column=column, ours=ours.replace("_", " "))
    if do not in _WAYS:
        raise OncohortError(say("notices.nothing_asked"))
    key, way = _WAYS[do]
    opened.write(version, lambda text: way(text, table, column), read=True)
    return say(f"notices.{key}", column=column)


def columns(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """The sheets as they are, beside what each column is taken for."""
    pages = pages_of(opened)
    usual = next((i for i, p in enumerate(pages) if p.table is not None), 0)
    chosen = _number(request.query_params.get("sheet", str(usual)), len(pages) - 1)
    first = _number(request.query_params.get("from", "1"), 100_000_000)
    at = request.query_params.get("at", "")
    cell = row = ""
    if at:
        chosen, cell = _at(pages, at)
        row = "".join(c for c in cell if c.isdigit())
        first = max(1, _number(row, 100_000_000) - SHOWN_ROWS // 2)
    view = sheet_view(opened, pages[chosen], first, cell) if pages else None
    table = view.table if view is not None else ""
    taken = opened.study().records.cells.tables.get(table)
    known = ("patient", *TABLES[table].kinds) if table in TABLES else ()
    return site.of_study(
        request, opened, "columns", view=view, chosen=chosen, shown=SHOWN_ROWS, mark=row,
        sheets=[(p.sheet or p.file, p.table or say("columns.unused")) for p in pages],
        kinds=[k for k in known if taken is None or k not in taken.columns],
        groups=column_groups(pages, open_questions(opened.text)),
    )  # fmt: skip


def _at(pages: list[Page], address: str) -> tuple[int, str]:
    """The page and the cell of `file!sheet!F2`."""
    head, _, cell = address.rpartition("!")
    for nth, page in enumerate(pages):
        if head == f"{page.file}!{page.sheet or ''}":
            return nth, cell if cell.isalnum() else ""
    return 0, ""


def _number(text: str, most: int) -> int:
    return max(0, min(int(text), most)) if text.isdecimal() and len(text) < 10 else 0
