"""Several columns of dates that are all recurrences: a local and a distant one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_line
from oncohort.records.columns import as_list, read_column
from oncohort.records.matching import SURE, Match
from oncohort.records.name_parts import parts_in_name
from oncohort.records.names import fold
from oncohort.records.one_row import of_row
from oncohort.records.values import Reader
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions

FIRST = "first recurrence"
"""The column with the earliest of several dates."""
_PARTS = frozenset(("recurrence", "progression", "metastasis"))


def recurrence_question(page: Page, flagged: Sequence[str] = ()) -> Question | None:
    """Does the first of several recurrences count? Asked where columns of dates are all some.

    Parameters
    ----------
    flagged
        Columns of later days, with flags that say who has one, that nothing uses: where the
        progression has a flag of its own too, they may be further sites of it.
    """
    main = page.ours.get("progression_date")
    if main is None or page.relative:
        return None
    others = [c for c in page.raw.names if c != main and _recurs(page, c) and after_start(page, c)]
    further = [c for c in flagged if c != main and c not in others and _has_flag(page, main)]
    if further:
        return _which_recur(page, (main, *others, *further))
    if not others:
        return None
    shown = ", ".join(f'"{c}" ({page.held[c].n} dates)' for c in (main, *others))
    return Question(
        "recurrences",
        f"{shown} are dates of recurrence or progression. Does the first of them count, whichever "
        f'it is? (yes; or the name of the one that counts alone; none: "{main}" alone.)',
        [
            toml_line(("earliest", FIRST), [main, *others]),
            open_line("columns.progression_date", FIRST, main, *others, put=FIRST),
        ],
        about=Wrong("patients", ("progression_date",)),
        optional=True,
    )


def _which_recur(page: Page, columns: Sequence[str]) -> Question:
    """The question which of several columns of later days are recurrences."""
    shown = ", ".join(f'"{c}" ({page.held[c].n} dates)' for c in columns)
    return Question(
        "recurrences",
        f"{shown} are later days. Which are those of recurrence or progression, of one site "
        f'too? The first of those counts. (true or false for each; none: "{columns[0]}" alone.)',
        [
            open_line(("earliest", FIRST), True, False, put=dict.fromkeys(columns, HOLE)),
            toml_line("columns.progression_date", FIRST),
        ],
        about=Wrong("patients", ("progression_date",)),
        optional=True,
    )


def _has_flag(page: Page, main: str) -> bool:
    """Is there a flag that says in which rows the progression has a day?"""
    return any(dated_in(page, c) == main for c in page.raw.names if page.held[c].distinct <= 2)


def settle_recurrence(page: Page) -> None:
    """A column of dates whose name says a recurrence among other words, `Lokoregionäres Rezidiv
    (Datum)`, is the date of progression, where no other is. The page's matches are changed in
    place."""
    if page.relative or page.one_row or page.events:
        return
    if any(m.ours == "progression_date" for m in page.matches):
        return
    for column in page.raw.names:
        held = page.held[column]
        if not mentions(column, "progression") or not 0 < held.n < held.rows:
            continue
        if mentions(column, "last_contact", "treatment_start", "event"):
            continue
        if _recurs(page, column) and after_start(page, column):
            page.matches = [m for m in page.matches if m.column != column]
            why = "its name says a recurrence, and its values are dates after the start"
            page.matches.append(Match(column, "progression_date", 0.8, why))
            return


def _recurs(page: Page, column: str) -> bool:
    """Is a column one of dates of recurrences by its name, and is it nothing else?"""
    if page.held[column].mostly != "date":
        return False
    if any(
        m.column == column
        and m.confidence >= SURE
        and m.ours not in ("metastasis_date", "progression_date")
        for m in page.matches
    ):
        return False
    words = [column]
    for found in page.events:
        start = of_row(found.date, found.kind, "")
        words = [f"date {column.removeprefix(start)}"] if column.startswith(start) else words
    if _PARTS & parts_in_name(fold(words[0])):
        return True
    if any(dated_in(page, flag) == column for flag in _flags(page)):
        return True  # `Local failure (Y/N)` beside `Date LF`
    # "Radiographic progression date": a word more says of which kind it is.
    if mentions(words[0], "before", "death", "next_line") or _TREATED.search(words[0]):
        return False
    return mentions(words[0], "progression", "spread")


_TREATED = re.compile(
    "ectom|resek|resec|operat|chirur|surg|radio|bestrahl|ablat|sbrt|handling|terap|therap|"
    "手術|切除|手术|照射|放疗|治療|治疗|수술|절제",
    re.IGNORECASE,
)
"""Parts of words for what was done about a metastasis: a metastasectomy is no recurrence."""


def _flags(page: Page) -> list[str]:
    """The columns of two values, or of a mark, that tell by their names of a recurrence."""
    names = [c for c in page.raw.names if page.held[c].distinct in (1, 2)]
    return [
        c
        for c in names
        if _PARTS & parts_in_name(fold(c))
        or (mentions(c, "progression", "spread") and not mentions(c, "before", "death"))
    ]


def after_start(page: Page, column: str) -> bool:
    """Do its dates lie after the start of treatment? A metastasis at the start is no recurrence.

    Where which of two lines of treatment is studied is asked, after the start of the first.
    """
    start = page.ours.get("treatment_start")
    if start is None:
        return True
    first = [m.column for m in page.matches if m.ours == "first_systemic_date"]
    start = next((c for c in first if page.held[c].n > page.held[start].n), start)
    pairs = zip(days_of(page, column), days_of(page, start), strict=True)
    later = [a > b for a, b in pairs if a is not None and b is not None]
    return bool(later) and sum(later) >= 0.8 * len(later)


AGREE = 0.9
"""Share of the rows with a date or the value in which both stand."""


def dated_in(page: Page, column: str) -> str:
    """The column of later dates that are filled where a flag has one of its two values, or its
    mark; else "".

    `Distant mets` = Y where `Date DM` holds a day after the start tells of the follow-up, not of
    the start.
    """
    if page.held[column].distinct not in (1, 2) or page.relative:
        return ""
    flags = as_list(page.raw.column(column))
    where = [{i for i, v in enumerate(flags) if v == one} for one in {*flags} - {None, ""}]
    for other in page.raw.names:
        held = page.held[other]
        if other == column or held.mostly != "date" or not 3 <= held.n < held.rows:
            continue
        days = {i for i, day in enumerate(days_of(page, other)) if day is not None}
        agrees = any(len(days & rows) >= AGREE * len(days | rows) for rows in where)
        if agrees and page.ours.get("treatment_start") != other and after_start(page, other):
            return other
    return ""


def days_of(page: Page, column: str) -> list[date | None]:
    """The days of a column, None where a cell is blank or holds none."""
    return read_column(as_list(page.raw.column(column)), Reader("date")).values.to_list()


_MOST = 12
"""Columns that are named in a question; of more, how many there are."""


def dates_named(page: Page, columns: Sequence[str]) -> str:
    """Columns of dates as a question names them, with how many dates each holds."""
    shown = ", ".join(f'"{c}" ({page.held[c].n} dates)' for c in columns[:_MOST])
    return shown + (f" and {len(columns) - _MOST} others" if len(columns) > _MOST else "")
