"""One HTML page: the paper's own place beside the arithmetic, in words that are read at once."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.audit.report import AuditReport, squeezed
from oncohort.audit.wording import force, letter, remedies, shortened, verdict
from oncohort.audit.writing import MARK
from oncohort.documents.style import asset
from oncohort.documents.templates import render
from oncohort.published.model import Where


def to_html(
    reports: Sequence[AuditReport], *, unusual: bool = False, reviewer: bool = False
) -> str:
    """One page for one paper or many, most certain findings first.

    Several papers get a table of papers above. ``reviewer`` adds what could not be checked and
    what each paper should state.
    """
    return (
        render(
            "audit.html.j2",
            reports=reports,
            unusual=unusual,
            reviewer=reviewer,
            mark=MARK,
            css=asset("audit.css"),
            force=force,
            letter=letter,
            marked=_marked,
            place=_place,
            remedies=remedies,
            shortened=shortened,
            verdict=verdict,
        )
        + "\n"
    )


def _place(where: Where) -> str:
    named = {"abstract": "Abstract", "results": "Results", "methods": "Methods"}
    parts = [where.table or named.get(where.section, where.section.capitalize()) or "Text"]
    if where.row:
        parts.append(f"row “{where.row}”")
    if where.column:
        parts.append(f"column “{where.column}”")
    if where.page is not None:
        parts.append(f"page {where.page}")
    return ", ".join(parts)


def _marked(where: Where, figures: Sequence[str]) -> list[tuple[str, bool]]:
    """Pieces of the paper's words, each with whether it is one of the figures in question."""
    text = squeezed(where.quote)
    spans: list[tuple[int, int]] = []
    for figure in dict.fromkeys(f for f in figures if f):
        start = text.find(figure)
        while start >= 0:
            end = start + len(figure)
            before, after = text[max(start - 1, 0) : start], text[end : end + 2]
            whole = not (before.isdigit() or before in (".", ",") or after[:1].isdigit())
            whole = whole and not (after[:1] == "." and after[1:].isdigit())
            if whole and not any(a < end and start < b for a, b in spans):
                spans.append((start, end))
            start = text.find(figure, end)
    out: list[tuple[str, bool]] = []
    position = 0
    for start, end in sorted(spans):
        out += [(text[position:start], False), (text[start:end], True)]
        position = end
    return [*out, (text[position:], False)]
