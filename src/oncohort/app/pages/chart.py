"""Personal data and columns: what the chart holds and what it is taken for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oncohort.app.asked import Desk, go, words
from oncohort.app.chart_view import pages_of, personal_columns, sheet_view
from oncohort.problems import OncohortError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from oncohort.app.opened import Opened


def personal(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """What looks like personal data."""
    found = personal_columns(opened, pages_of(opened))
    return desk.of_study(request, opened, "personal", found=found)


def set_personal(
    desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]
) -> Response:
    """Leave a column out of everything, or read it all the same."""
    table, column = words(given, "table"), words(given, "column")
    out = words(given, "do") == "leave out"
    opened.write(words(given, "version"), lambda text: _ignoring(text, table, column, out))
    said = f"{column} is {'not read' if out else 'read'}."
    return go(f"/s/{opened.key}/personal?said={_quoted(said)}")


def _ignoring(text: str, table: str, column: str, out: bool) -> str:
    """The protocol's text with a column left out of a table, or no longer left out."""
    import tomlkit

    doc = tomlkit.parse(text)
    tables = doc.get("tables", {})
    if table not in tables:
        raise OncohortError(f"The protocol has no table {table}.")
    ignored = [str(c) for c in tables[table].get("ignore", []) if str(c) != column]
    if out:
        ignored.append(column)
        for ours, theirs in list(tables[table].get("columns", {}).items()):
            if theirs == column:
                del tables[table]["columns"][ours]
    tables[table]["ignore"] = ignored
    return tomlkit.dumps(doc)


def columns(desk: Desk, request: Request, opened: Opened, given: Mapping[str, Any]) -> Response:
    """The sheets as they are, beside what each column is taken for."""
    pages = pages_of(opened)
    chosen = _number(request.query_params.get("sheet", "0"), len(pages) - 1)
    first = _number(request.query_params.get("from", "1"), 100_000_000)
    view = sheet_view(opened, pages[chosen], first) if pages else None
    named = [(p.sheet or p.file, p.table or "not used") for p in pages]
    return desk.of_study(
        request, opened, "columns", view=view, sheets=named, chosen=chosen,
        mark=request.query_params.get("row", ""),
    )  # fmt: skip


def _number(text: str, most: int) -> int:
    return max(0, min(int(text), most)) if text.isdecimal() and len(text) < 10 else 0


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)
