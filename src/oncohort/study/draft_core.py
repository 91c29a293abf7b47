"""The columns that a study of time needs: start, last contact, status; asked where missing."""

from __future__ import annotations

import itertools
import re

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_header, toml_line
from oncohort.records.matching import SURE
from oncohort.records.values import Reader, read_value
from oncohort.study.draft_contact import dated_for_all, flags_of_deaths
from oncohort.study.draft_dated_deaths import dated_for_some
from oncohort.study.draft_mark_legends import by_marks
from oncohort.study.draft_recurrences import after_start, dates_named
from oncohort.study.draft_values import words_for_no
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_columns import timed
from oncohort.study.endpoint_names import has
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import VITAL_STATUS
from oncohort.vocabulary.words import level_words, outcome_words, plain

MOST_CODES = 6
"""Values of a status of which it is asked what they mean."""
_OF_TIME = frozenset(("death_date", "last_contact", "progression_date", "treatment_start"))


def core_questions_of(
    page: Page, done: set[str], repeated: set[str], *, dated: bool = False
) -> tuple[list[str], list[Question]]:
    """Lines and questions about the start, the last contact and who died.

    Parameters
    ----------
    done
        Endpoints that have a time and an event column.
    repeated
        Columns that belong to another record table.
    dated
        An endpoint has a date and an event column.
    """
    there = page.ours
    asked = {m.ours for m in page.matches} - set(there)  # it is asked whether a column is that
    lines: list[str] = []
    out: list[Question] = []
    used = set(there.values()) | repeated
    dates = [
        c
        for c in page.raw.names
        if c not in used and may_be_days(page, c) and c not in {p.column for p in page.personal}
    ]
    if page.relative:
        lines.append(toml_line("relative", page.relative, "day zero stands as 1 January 2000"))
        lines += [toml_line(("units", ours), unit) for ours, unit in page.other_units.items()]
        lines += [toml_line(("constants", page.zero), "2000-01-01")] if page.zero else []
        if page.zero and page.zero != "treatment_start":
            lines.append(
                toml_line("constants.treatment_start", "2000-01-01", "observed from day zero on")
            )
    if page.contact_is_death and "vital_status" in there:
        lines.append(toml_line("last_contact_is_death", True))
    later = [c for c in dates if page.held[c].mostly == "number" or after_start(page, c)]
    full = [c for c in later if dated_for_all(page, c)]
    spare = len(full) - ("treatment_start" not in there and not page.zero)
    wants_dates = "os" not in done and bool(
        page.contact_is_death
        or (not done and not there.keys() & _OF_TIME and len(dates) > 1 and not timed(page))
        or (not done and there.keys() & _OF_TIME == {"treatment_start"} and full and later[1:])
        or bool({"death_date", "last_contact", "progression_date"} & set(there))
        or ("vital_status" in there and spare > 0)
    )
    if (
        not page.zero
        and "treatment_start" not in {*there, *asked}
        and (dated or wants_dates or "progression_date" in there or (dates and not done))
    ):
        # Of several rows of a patient the start may be that of the row that is meant.
        rows = [c for c in repeated if c not in there.values() and may_be_days(page, c)]
        ended = [there["treatment_end"]] if "treatment_end" in there else []
        first = [there["first_systemic_date"]] if "first_systemic_date" in there else []
        out += _start(page, [*first, *dates] or [c for c in page.raw.names if c in rows] or ended)
    open_ = {"last_contact", "death_date"} - {*there, *asked}
    if wants_dates and open_ == {"last_contact", "death_date"} and "vital_status" in there and full:
        out.append(_contact_and_death(page, full))
        open_ = set()
    if wants_dates and "last_contact" in open_:
        ends = [there[o] for o in ("treatment_end",) if o in there and not dates]
        out += _which(page, "last_contact", "last_contact", "last contact", [*later, *ends])
    if wants_dates and "death_date" in open_ and not page.contact_is_death:
        out += _deaths(page, later)
    known = {*there, *asked} & {"vital_status", "death_date", "death_cause"}
    if page.contact_is_death and "vital_status" not in {*there, *asked} and "os" not in done:
        out += _status(page)
    elif wants_dates and not known and not any(q.name in _OF_DEATH for q in out):
        out += _who_died(page, repeated)
    return lines, out


def _contact_and_death(page: Page, dates: list[str]) -> Question:
    """A status without a day: which dates of everybody are its day?"""
    status = page.ours["vital_status"]
    return Question(
        "deaths",
        f'"{status}" says who is dead, and no column says when. Which of these is the day of death '
        f"of the dead and the last contact of the others? {dates_named(page, dates)} (none: "
        "overall survival is not analysed.)",
        [
            open_line("columns.last_contact", *dates[:30]),
            toml_line("last_contact_is_death", True),
            *os_lines(),
        ],
        ("survival.os",),
        about=Wrong("patients", ("last_contact",)),
        optional=True,
    )


def may_be_days(page: Page, column: str) -> bool:
    """Are the values of a column dates, or whole numbers like those of a column of day numbers?"""
    held = page.held[column]
    if held.mostly != "number" or held.low is None or held.high is None:
        return held.mostly == "date"
    numbered = [
        page.held[m.column]
        for m in page.matches
        if m.confidence >= SURE
        and m.ours in ("death_date", "last_contact", "progression_date")
        and page.held[m.column].mostly == "number"
    ]
    whole = all(re.fullmatch(r"\d{3,5}(\.0+)?", v) for v in held.counts)
    low = min((h.low or 0 for h in numbered), default=0)
    return bool(numbered) and whole and held.distinct > 8 and 2 * held.high > low


def _which(page: Page, ours: str, name: str, words: str, dates: list[str]) -> list[Question]:
    about = Wrong("patients", (ours,))
    if not dates:
        text = f"No {words} was found, and no column of dates is left that could be it."
        return [Question(name, text, [], about=about, optional=True)]
    return [
        Question(
            name,
            f"No {words} was found. Which of these columns is it? {dates_named(page, dates)}",
            [open_line(("columns", ours), *dates[:30])],
            about=about,
            optional=True,
        )
    ]


def _start(page: Page, dates: list[str]) -> list[Question]:
    """No start of treatment: which column is it, or do the times count from diagnosis?"""
    diagnosis = page.ours.get("diagnosis_date")
    if dates or diagnosis is None:
        return _which(page, "treatment_start", "start", "start of treatment", dates)
    text = (
        f'No start of treatment was found. Do the times count from "{diagnosis}", the day of '
        "diagnosis? (yes: patients are observed from then on, treated or not; none: no time is "
        "analysed.)"
    )
    lines = [toml_line("columns.treatment_start", diagnosis)]
    about = Wrong("patients", ("treatment_start",))
    return [Question("start", text, lines, about=about, optional=True)]


def status_column(page: Page) -> str | None:
    """The column that says who is dead, or of which it is asked whether it does."""
    asked = (m.column for m in page.matches if m.ours == "vital_status")
    return page.ours.get("vital_status") or next(asked, None)


def _deaths(page: Page, dates: list[str]) -> list[Question]:
    """No date of death: is the last contact of the dead the day of death?"""
    there = page.ours
    status = status_column(page)
    if status is not None and "last_contact" in there:
        lines = [toml_line("last_contact_is_death", True), *os_lines()]
        return [
            Question(
                "deaths",
                f'No column has dates of death. Is "{there["last_contact"]}" the day of death of '
                f'those who are dead by "{status}"{by_marks(page, status)}? (none: overall '
                "survival is not analysed.)",
                lines,
                ("survival.os",),
                optional=True,
            )
        ]
    if (by_cause := _by_cause(page)) is not None:
        return [by_cause]
    no_day = status is None and not any(mentions(c, "death") for c in dates)
    if no_day and (who := _who_died(page, set())):
        return who
    if not dates:
        return []
    asked = _which(page, "death_date", "death_date", "date of death", dates)
    if not_come := sorted({w for c in dates for w in words_for_no("death_date", page.held[c])}):
        asked[0].lines.append(toml_line("missing_in.death_date", not_come, "it has not happened"))
    asked[0].lines += os_lines()
    return asked


def _by_cause(page: Page) -> Question | None:
    """Are those with a cause of death dead, the others alive?"""
    there = page.ours
    if "death_cause" not in there or "last_contact" not in there:
        return None
    held = page.held[there["death_cause"]]
    alive = [v for v in held.counts if level_words("vital_status").get(plain(v)) == "alive"]
    codes = {v: "alive" if v in alive else "dead" for v in held.counts} | {"": "alive"}
    dead = held.n - sum(held.counts[v] for v in alive)
    return Question(
        "deaths",
        f'No column says who is dead, but "{there["death_cause"]}" has a cause for {dead} of '
        f"{held.rows}. Are these dead, those without a cause alive, and is "
        f'"{there["last_contact"]}" their day of death? (none: overall survival is not analysed.)',
        [
            toml_line("columns.vital_status", there["death_cause"]),
            toml_line("codes.vital_status", codes),
            toml_line("last_contact_is_death", True),
            *os_lines(),
        ],
        ("survival.os",),
        optional=True,
    )


def os_lines() -> list[str]:
    """The section of overall survival from dates."""
    return [
        toml_header("endpoints", "os"),
        toml_line("label", "OS"),
        toml_line("from", "treatment_start"),
        toml_line("events", ["death"]),
        toml_line("censoring", "last_contact"),
    ]


def _status(page: Page) -> list[Question]:
    """The column that says who is dead: those whose words say it."""
    marked = _marked_deaths(page) or _by_cause(page) or dated_for_some(page, os_lines())
    if marked is not None:
        return [marked]
    if len(flags := flags_of_deaths(page)) == 1:
        return [_told_apart(page, flags[0])]
    reader = Reader("text", "vital_status", VITAL_STATUS)
    used = set(page.ours.values())
    worded = [
        c
        for c in page.raw.names
        if c not in used
        and 1 < page.held[c].distinct <= 6
        and all(read_value(v, reader).value is not None for v in page.held[c].counts)
    ]
    lines = (
        [
            open_line("columns.vital_status", *worded),
            toml_line("last_contact_is_death", True),
            *os_lines(),
        ]
        if worded
        else []
    )
    return [
        Question(
            "vital_status",
            "Which column says who is dead? "
            + (
                f"One of: {', '.join(worded)}."
                if worded
                else "None was found; without it nobody is counted as dead."
            ),
            lines,
            ("survival.os",),
            optional=True,
        )
    ]


def _told_apart(page: Page, flag: str) -> Question:
    """Who is dead by a column of two values, where everybody has a day of death or last contact?"""
    held = page.held[flag]
    codes = dict.fromkeys(sorted(held.counts), HOLE)
    return Question(
        "vital_status",
        f'Nearly every row has a day in "{page.ours["last_contact"]}": the last contact '
        f'of those who are alive. Who is dead, who alive by "{flag}", which holds {held.top()}? '
        "(none: nobody is counted as dead.)",
        [
            toml_line("columns.vital_status", flag),
            open_line("codes.vital_status", *VITAL_STATUS, "", put=codes),
            toml_line("last_contact_is_death", True),
            *os_lines(),
        ],
        ("survival.os",),
        about=Wrong("patients", ("vital_status",)),
        optional=True,
    )


_OF_DEATH = frozenset({"deaths", "death_date", "vital_status"})
"""Questions about who died and when."""


def _who_died(page: Page, repeated: set[str]) -> list[Question]:
    """Nothing says who is dead, and columns are left that may: which is it?"""
    if (marked := _marked_deaths(page)) is not None:
        return [marked]
    used = {m.column for m in page.matches} | repeated | {p.column for p in page.personal}
    left = [c for c in page.raw.names if c not in used and page.held[c].n >= 3]
    named = [c for c in left if has(c, outcome_words("asks")["death"]) or mentions(c, "death")]
    life = (*outcome_words("any")["life_or_death"], *outcome_words("any")["neutral"])
    named = [c for c in named if not mentions(c, "before")] or [
        c for c in left if 2 <= page.held[c].distinct <= 6 and has(c, life)
    ]
    named = named or _yes_or_no(page, left)
    if not named or "last_contact" not in page.ours:
        return []
    shown = ", ".join(f'"{c}" ({page.held[c].top(4)})' for c in named[:6])
    return [
        Question(
            "vital_status",
            f"No column was found that says who is dead. Which of these does: {shown}? The last "
            "contact is then the day of death of the dead. (none: overall survival is not "
            "analysed.)",
            [
                open_line("columns.vital_status", *named[:6]),
                *_codes_of(page, named[:6]),
                toml_line("last_contact_is_death", True),
                *os_lines(),
            ],
            ("survival.os",),
            optional=True,
        )
    ]


def _codes_of(page: Page, columns: list[str]) -> list[str]:
    """What the values of these columns mean, where no word of theirs says dead or alive."""
    reader = Reader("text", "vital_status", VITAL_STATUS)
    every = {v for c in columns for v in page.held[c].counts}
    unread = sorted(v for v in every if read_value(v, reader).value is None)
    if not unread or len(unread) > MOST_CODES:
        return []
    codes = dict.fromkeys(unread, HOLE)
    return [open_line("codes.vital_status", *VITAL_STATUS, "", put=codes)]


def _yes_or_no(page: Page, columns: list[str]) -> list[str]:
    """Columns of the same two values that may be the flag of any event, beside a start and a last
    contact: a chart that dates both has noted who died."""
    if "treatment_start" not in page.ours:
        return []
    known = level_words("flag")
    for flag in ({"0", "1"}, {"yes", "no"}, {"1", "2"}):
        held = {c: set(page.held[c].counts) for c in columns if page.held[c].distinct == 2}
        alike = [c for c, v in held.items() if {known.get(plain(x), x) for x in v} == flag]
        if alike:
            return [c for c in alike if held[c] == held[alike[0]]]
    return []


def settle_marked_deaths(page: Page) -> None:
    """Of several columns with marks of deaths none alone says who is dead: all are asked about
    together. The page's matches are changed in place."""
    marked = _marked(page)
    if len(marked) > 1:
        page.matches = [m for m in page.matches if m.column not in marked]


def _marked(page: Page) -> list[str]:
    """Columns with a mark in the rows of the dead: `Died of disease`, `Died of other cause`."""
    used = set(page.ours.values())
    return [
        c
        for c in page.raw.names
        if c not in used
        and page.held[c].distinct == 1
        and 0 < page.held[c].n < page.held[c].rows
        and page.held[c].mostly != "date"
        and has(c, outcome_words("asks")["death"])
    ]


def _marked_deaths(page: Page) -> Question | None:
    """Are those with a mark in such a column dead?"""
    marked = _marked(page)
    if not marked:
        return None
    values = {v for c in marked for v in page.held[c].counts}
    codes = dict.fromkeys(sorted(values), "dead") | {"": "alive"}
    chain = list(itertools.pairwise(marked))[::-1]
    shown = " or ".join(f'"{c}" ({counted(page.held[c].n, "row")})' for c in marked)
    return Question(
        "vital_status",
        f"Are those with a mark in {shown} dead, the others alive, and is "
        f'"{page.ours.get("last_contact", "the last contact")}" the day of death of the dead? '
        "(none: overall survival is not analysed.)",
        [
            *(toml_line(("fill_from", one), other) for one, other in chain),
            toml_line("columns.vital_status", marked[0]),
            toml_line("codes.vital_status", codes),
            toml_line("last_contact_is_death", True),
            *os_lines(),
        ],
        ("survival.os",),
        optional=True,
    )
