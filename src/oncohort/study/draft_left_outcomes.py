"""Days and times that may be outcomes and that no endpoint uses: asked, whatever they are called.

A name that nothing knows (`Datum LV`, `Rozsiew`) is no reason to leave a recurrence out of a
progression-free survival without a word: what the values are says enough to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from oncohort.dataclass import dataclass
from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_line
from oncohort.records.columns import as_list
from oncohort.records.matching import SURE
from oncohort.records.profile import Profile
from oncohort.records.values import text_of
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_endpoints import progression_lines
from oncohort.study.draft_recurrences import AGREE, after_start, days_of
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import is_missing

FIRST = "first progression"
"""The column with the earliest of the days that are said to be progressions."""
FEWEST = 3
"""Days from which a column may be an outcome."""
MOST = 8
"""Columns that are asked about at most; what is more is named."""
_OTHERS = ("treatment_start", "dose", "before", "death", "next_line", "toxicity", "line_of_therapy")
"""What else later days are, by the names of their columns."""
_OF_LIFE = ("os", "dss")


@dataclass(frozen=True, slots=True)
class Dated:
    """Days after the start that no endpoint uses."""

    column: str
    n: int
    flag: str = ""
    """The column that says in which rows there is a day."""
    value: str = ""

    @property
    def words(self) -> str:
        """As a question shows it."""
        where = f', where "{self.flag}" = {self.value}' if self.flag else ""
        return f'"{self.column}" ({self.n} dates{where})'


def left_outcomes(
    chart: Chart, parts: Sequence[Section], asked: Sequence[Question], used: Collection[str]
) -> list[Question]:
    """Which of the later days are progressions, where no endpoint counts any?

    Parameters
    ----------
    parts, asked
        Sections of the protocol, and questions: the endpoints that are had or asked about.
    used
        Columns of times and events that are used.
    """
    page = chart.patients
    if page.relative or chart.endpoints_of_rows or page.events:
        return []
    if _progression_told(chart, parts, asked):
        return []
    found = dated_left(page, chart.taken | chart.ignored | chart.doubtful | set(used))
    deaths = any(q.name in _OF_DEATHS for q in asked)
    if len(found) == 1 and any(q.name == "death_date" for q in asked):
        return []  # it is asked whether it is the day of death
    return [_question(page, found[:MOST], deaths=deaths)] if found else []


_OF_DEATHS = ("deaths", "death_date", "is_death_date", "vital_status", "is_vital_status")
"""Questions that say who died and when."""


def _progression_told(chart: Chart, parts: Sequence[Section], asked: Sequence[Question]) -> bool:
    """Is an endpoint there, or asked about, that counts more than deaths?"""
    if {"lesions", "assessments"} & ({r.table for r in chart.repeats} | set(chart.tables)):
        return True
    if any(m.ours == "progression_date" for m in chart.patients.matches):
        return True
    keys = {str(s.path[1]) for s in parts if s.path[0] == "endpoints"}
    keys |= {p.key for p in chart.pairs}
    blocks = [b for q in [*asked, *(q for s in parts for q in s.questions)] for b in q.blocks]
    keys |= {b.partition(".")[2] for b in blocks if b.startswith("survival")}
    return any(k not in _OF_LIFE for k in keys)


def dated_left(page: Page, used: Collection[str]) -> list[Dated]:
    """Columns of days after the start and not after the end, which some patients have and which
    nothing uses; those with a flag that says who has one first."""
    known = {m.column for m in page.matches if m.confidence >= SURE and m.ours not in _MAY_BE_LATER}
    known |= set(used) | {p.column for p in page.personal}
    ends = _ends(page)
    out = []
    for column in page.raw.names:
        held = page.held[column]
        if (
            column in known
            or not (held.mostly == "date" or _not_come(held))
            or not held.dates + held.ambiguous_dates >= FEWEST
        ):
            continue
        days = days_of(page, column)
        some = [i for i, d in enumerate(days) if d is not None]
        if not FEWEST <= len(some) < 0.95 * len(days) or mentions(column, *_OTHERS):
            continue
        if not after_start(page, column) or _beyond(days, ends):
            continue
        flag, value = _flag_of(page, set(some), known - set(page.ours.values()))
        if flag and mentions(flag, *_OTHERS):
            continue
        out.append(Dated(column, len(some), flag, value))
    return sorted(out, key=lambda d: not d.flag)


_MAY_BE_LATER = ("metastasis_date",)
"""Columns of ours that tell of the start, and are outcomes where their days are later."""


def _ends(page: Page) -> list[date | None]:
    """The day of death or of the last contact of each patient."""
    out: list[date | None] = [None] * page.raw.height
    for ours in ("last_contact", "death_date"):
        if ours in page.ours:
            out = [b or a for a, b in zip(out, days_of(page, page.ours[ours]), strict=True)]
    return out


def _beyond(days: Sequence[date | None], ends: Sequence[date | None]) -> bool:
    """Do days lie after the end of what is known, as that of the next appointment does?"""
    both = [a > b for a, b in zip(days, ends, strict=True) if a is not None and b is not None]
    return bool(both) and sum(both) > 0.2 * len(both)


def _flag_of(page: Page, dated: set[int], known: Collection[str]) -> tuple[str, str]:
    """The column, and its value, that stands in (nearly) the rows with a day and in no others."""
    for column in page.raw.names:
        held = page.held[column]
        if column in known or held.mostly == "date" or not 1 <= held.distinct <= 3:
            continue
        values = [None if v is None else text_of(v) for v in as_list(page.raw.column(column))]
        for value in held.counts:
            rows = {i for i, v in enumerate(values) if v == value}
            if len(rows & dated) >= AGREE * len(rows | dated):
                return column, value
    return "", ""


def _not_come(held: Profile) -> list[str]:
    """The words of a column of days that may say that it has not happened, where they are few."""
    words = [v for v in held.counts if not any(c.isdigit() for c in v) and not is_missing(v)]
    return words if len(words) <= FEWEST <= held.dates + held.ambiguous_dates else []


def _question(page: Page, found: Sequence[Dated], *, deaths: bool) -> Question:
    """The question which of them are progressions or recurrences."""
    shown = ", ".join(d.words for d in found)
    rest = progression_lines(page, deaths=deaths)
    about = Wrong("patients", ("progression_date",))
    what = "recurrence" if page.resected else "progression"
    blocks = ("survival.pfs",)
    when = "lie after the start" if "treatment_start" in page.ours else "are those of some patients"
    if len(found) == 1:
        text = (
            f"No endpoint counts a {what}, and these days {when}: {shown}. Are they "
            f"those of a {what} (also of one site: local, distant)? (yes; none: they are not.)"
        )
        lines = [toml_line("columns.progression_date", found[0].column)]
        if none := _not_come(page.held[found[0].column]):
            lines.append(toml_line("missing_in.progression_date", none, "it has not happened"))
        return Question("outcome", text, [*lines, *rest], blocks, about, optional=True)
    text = (
        f"No endpoint counts a {what}, and these days {when}: {shown}. Which of them "
        f"are those of a {what} (also of one site: local, distant)? The first of those counts. "
        "(true or false for each; none: no such endpoint is analysed.)"
    )
    line = open_line(
        ("earliest", FIRST), True, False, put=dict.fromkeys((d.column for d in found), HOLE)
    )
    lines = [line, toml_line("columns.progression_date", FIRST)]
    return Question("outcome", text, [*lines, *rest], blocks, about, optional=True)
