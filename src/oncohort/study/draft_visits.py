"""Responses at visits whose days are not charted: the best of them is asked about."""

from __future__ import annotations

import re

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_header, toml_line
from oncohort.records.matching import SURE
from oncohort.records.names import fold
from oncohort.records.values import Reader, read_value
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import may_be_missing

_LINE = re.compile(r"(?<![a-z0-9])(?:l[1-9]|[1-9]l)(?![a-z0-9])")
"""`1L`, `L2`: a line of treatment."""
BEST = "best of the visits"
"""The column with the best of several responses."""
_ORDER = re.compile(r"\d+|\b(?:first|second|third|fourth|1st|2nd|3rd|4th)\b")


def settle_visits(page: Page, taken: set[str]) -> None:
    """Find columns of responses that differ in a number alone: none of them is the best response.

    The page's matches are changed in place.
    """
    groups: dict[str, list[str]] = {}
    for column in page.raw.names:
        name = fold(column)
        if column not in taken and _ORDER.search(name) and _holds_responses(page, column):
            groups.setdefault(_ORDER.sub("#", name), []).append(column)
    page.visits = next((g for g in groups.values() if len(g) > 1), [])
    page.matches = [
        m for m in page.matches if not (m.column in page.visits and m.ours == "best_response")
    ]


def _holds_responses(page: Page, column: str) -> bool:
    held = page.held[column]
    if (
        not held.n
        or held.distinct > 12
        or any(
            m.column == column and m.ours != "best_response" and m.confidence >= SURE
            for m in page.matches
        )
    ):
        return False
    how = Reader("text", "best_response", TABLES["patients"].levels["best_response"], hints=False)
    values = [v for v in held.counts if not may_be_missing(v)]
    read = [v for v in values if read_value(v, how).value is not None]
    return len(read) >= 0.7 * max(len(values), 1) and bool(read)


def visits_question(page: Page) -> Question | None:
    """Is the best of the responses at visits a patient's best response?"""
    if not page.visits or any(m.ours == "best_response" for m in page.matches):
        return None
    by_line = any(mentions(c, "line_of_therapy") or _LINE.search(fold(c)) for c in page.visits)
    shown = ", ".join(f'"{c}" ({page.held[c].n} rows)' for c in page.visits)
    return Question(
        "best_response",
        f"{shown} hold responses "
        + (
            "to several lines of treatment. Which one is that to the treatment that is studied: "
            f'one of them, or "{BEST}", the best of all? (none: response is not analysed.)'
            if by_line
            else "at visits without days, and no column holds the best one. Is the best of them "
            "the best response of a patient? (yes: CR comes before PR, SD and PD; or the name of "
            "the column that counts alone; none: response is not analysed.)"
        ),
        [
            toml_line(("best_of", BEST), page.visits),
            open_line("columns.best_response", BEST, *page.visits, put=HOLE if by_line else BEST),
            toml_header("response"),
            toml_line("source", "charted"),
        ],
        ("response",),
        about=Wrong("patients", ("best_response",)),
        optional=True,
    )
