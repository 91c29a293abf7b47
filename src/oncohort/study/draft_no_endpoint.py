"""A chart in which no endpoint was found: which columns are its time and its event is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_line
from oncohort.records.matching import SURE
from oncohort.study.draft_columns import quoted
from oncohort.study.draft_core import os_lines
from oncohort.study.draft_recurrences import dates_named
from oncohort.study.draft_relative import stated_unit
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.endpoint_columns import is_event
from oncohort.study.endpoint_names import called, has
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.tables import VITAL_STATUS
from oncohort.vocabulary.words import outcome_words

_DAY = re.compile(
    r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d)|(?<!\d)\d{1,2}/\d{4}(?!\d)|\d{4}-\d\d"
)
_WORD = re.compile(r"[^\W\d_]{2}")
_OF_ENDPOINTS = ("last_contact", "death_date", "deaths", "vital_status", "start", "endpoint")


def has_endpoint(parts: Sequence[Section], asked: Sequence[Question]) -> bool:
    """Is an endpoint there, or asked about?"""
    if any(s.path[0] == "endpoints" for s in parts):
        return True
    every = [*asked, *(q for s in parts for q in s.questions)]
    return any(
        q.name in _OF_ENDPOINTS
        or "date" in q.name
        or any(b.startswith("survival") for b in q.blocks)
        for q in every
    )


def endpoint_sought(page: Page, taken: Collection[str]) -> list[Question]:
    """The question for overall survival where a start, further dates and flags are there, and no
    name or value made an endpoint of them.

    Parameters
    ----------
    taken
        Columns that are used, or that are those of another table.
    """
    known = {m.column for m in page.matches if m.confidence >= SURE} | set(taken)
    free = [c for c in page.raw.names if c not in known and page.held[c].n]
    status = page.ours.get("vital_status")
    flags = [c for c in free if is_event(page, c) and _ends(page, c)]
    dates = [c for c in free if page.held[c].mostly == "date"]
    if status is not None or not flags or not dates or "treatment_start" not in page.ours:
        return []
    return [_of_dates(page, dates, flags)]


def nothing_found(page: Page, taken: Collection[str], unread: Sequence[Page]) -> str:
    """What a chart is told of which no endpoint comes, and no question for one: what was looked
    for, what stands there that may be it, and how it is named.

    Parameters
    ----------
    taken
        Columns that are used, or that are those of another table.
    unread
        Sheets that no table takes.
    """
    known = {m.column for m in page.matches if m.confidence >= SURE} | set(taken)
    free = [c for c in page.raw.names if c not in known and page.held[c].n]
    dates = [c for c in free if page.held[c].mostly == "date"]
    times = [c for c in free if page.held[c].mostly == "number" and stated_unit(c)]
    flags = [c for c in free if is_event(page, c)]
    texts = [c for c in free if page.held[c].mostly == "text" and _tells_days(page, c)]
    left = [
        f"{words} {quoted(columns[:12])}"
        for words, columns in (
            ("days", dates),
            ("times", times),
            ("events", flags),
            ("days within texts, which need a column for each kind of event", texts),
        )
        if columns
    ]
    sheets = [p.name for p in unread if p.raw.height]
    left += [f"sheets that are not read: {', '.join(sheets[:12])}"] if sheets else []
    may = f" What is left and may be of one: {'; '.join(left)}." if left else ""
    return (
        "No endpoint was found: neither a time with its event, nor a start with a last contact and "
        f"who died. No survival is analysed.{may} To have one: [endpoints.os] with time, event, "
        "event_value and time_unit; or columns.treatment_start, columns.last_contact and "
        "columns.vital_status in [tables.patients]."
    )


def _tells_days(page: Page, column: str) -> bool:
    """Do most texts of a column hold a day or a month among their words?"""
    held = page.held[column]
    told = sum(n for v, n in held.counts.items() if _DAY.search(v) and _WORD.search(v))
    return held.n >= 3 and 2 * told > held.n


def _ends(page: Page, column: str) -> bool:
    """Does a name say an event, or life and death?"""
    asks = outcome_words("asks")
    words = (*outcome_words("any")["event"], *asks["death"], *asks["life"])
    return has(called(page, column), words) and not mentions(column, "before")


def _of_dates(page: Page, dates: list[str], flags: list[str]) -> Question:
    """The last contact, and who is dead, of an overall survival from dates."""
    held = dates_named(page, dates)
    lines = [
        open_line("columns.last_contact", *dates[:30]),
        toml_line("last_contact_is_death", True),
    ]
    if len(flags) == 1:
        counts = page.held[flags[0]].counts
        lines.append(toml_line("columns.vital_status", flags[0]))
        lines.append(
            open_line("codes.vital_status", *VITAL_STATUS, "", put=dict.fromkeys(counts, HOLE))
        )
        who = f'Who is dead, who alive by "{flags[0]}", which holds {page.held[flags[0]].top()}?'
    else:
        lines.append(open_line("columns.vital_status", *flags[:30]))
        who = "Which column says who is dead?"
    return Question(
        "endpoint",
        f"No endpoint was found. Which of these is the day of death of the dead and the last "
        f"contact of the others? {held}\n{who} (none: no time is analysed.)",
        [*lines, *os_lines()],
        ("survival.os",),
        about=Wrong("patients", ("last_contact", "vital_status")),
        optional=True,
    )
