"""Dates of progression that everybody has, beside a flag that says who progressed: asked."""

from __future__ import annotations

import re
from collections import Counter

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE
from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, Match
from oncohort.records.values import text_of
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_columns import is_event
from oncohort.study.endpoint_names import called, has
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import level_words, may_be_missing, outcome_words, plain

DATED = 0.5
"""Share of the rows with a value of the flag that have a date, from which it says nothing."""


def flagged_question(page: Page, column: str | None) -> Question | None:
    """Which value of a flag of progression counts, where its date stands in every row?

    Such a date is that of the last look in the rows of those who did not progress; taken for a
    progression it would be an event.

    Parameters
    ----------
    column
        The column of dates of progression.
    """
    if column is None or page.relative:
        return None
    for flag in page.raw.names:
        if flag == column or not _of_progression(page, flag):
            continue
        dated, rows = _dated(page, column, flag)
        values = [v for v in rows if v and not may_be_missing(v)]
        full = [v for v in values if dated[v] >= max(2, DATED * rows[v])]
        if len(values) < 2 or full != values:
            continue
        shown = ", ".join(f"{v} ({dated[v]} of {rows[v]} rows have a date)" for v in values)
        yes = [v for v in values if level_words("event").get(plain(v)) == "yes"]
        put = yes[0] if len(yes) == 1 and len(values) == 2 else HOLE
        text = (
            f'"{column}" has dates whatever "{flag}" says: {shown}. The dates of those without the '
            f'event are then those of the last look. Which value of "{flag}" means that it '
            "happened? (none: every date is one of an event.)"
        )
        line = open_line(("only_where", column, flag), *values, put=put)
        about = Wrong("patients", ("progression_date",))
        return Question("progressed", text, [line], about=about, optional=True)
    return None


def settle_flagged(page: Page) -> None:
    """A date of `recurrence/last control` beside a flag that tells them apart is the date of
    progression, of which is asked. The page's matches are changed in place."""
    if page.relative or any(m.ours == "progression_date" for m in page.matches):
        return
    sure = {m.column for m in page.matches if m.confidence >= SURE and m.ours != "last_contact"}
    others = {m.column for m in page.matches if m.ours == "last_contact"}
    for column in page.raw.names:
        if column in sure or page.held[column].mostly != "date" or mentions(column, "death"):
            continue
        if not (mentions(column, "progression") and mentions(column, "last_contact")):
            continue
        if others == {column} or flagged_question(page, column) is None:
            continue
        page.matches = [m for m in page.matches if m.column != column]
        why = "its name says both the event and the last look"
        page.matches.append(Match(column, "progression_date", 0.9, why))
        return


def _of_progression(page: Page, column: str) -> bool:
    """Is a column a flag of progression or recurrence by its name and values?"""
    held = page.held[column]
    values = [v for v in held.counts if not may_be_missing(v)]
    known = {**level_words("flag"), **level_words("event")}
    if not is_event(page, column) or len(values) != 2:
        return False
    if not all(plain(v) in known or re.fullmatch(r"[012](\.0+)?", v) for v in values):
        return False
    name = called(page, column)
    if mentions(name, "before") or re.search(r"\bpd[ _-]?l[ _-]?1", name, re.IGNORECASE):
        return False
    words = (*outcome_words("event_of")["pfs"], *outcome_words("event_of")["rfs"])
    return has(name, words) or mentions(name, "progression")


def _dated(page: Page, column: str, flag: str) -> tuple[Counter[str], Counter[str]]:
    """By value of the flag: rows with a date, and all rows."""
    dated: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    pairs = zip(as_list(page.raw.column(column)), as_list(page.raw.column(flag)), strict=True)
    for date, value in pairs:
        word = "" if value is None else text_of(value)
        rows[word] += 1
        dated[word] += date is not None and any(c.isdigit() for c in text_of(date))
    return dated, rows
