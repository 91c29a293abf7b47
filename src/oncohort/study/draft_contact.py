"""Which column holds the last contact of the living and the days of death of the others."""

from __future__ import annotations

from oncohort.records.matching import SURE, Match
from oncohort.records.profile import Profile
from oncohort.records.words_with_days import status_and_day
from oncohort.study.draft_values import sentinel_days
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import is_event
from oncohort.study.endpoint_names import called, has
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import outcome_words

FOR_ALL = 0.95
"""Share of rows with a date of death from which it is doubted, where a status says otherwise."""


def settle_contact(page: Page) -> None:
    """Find the column that holds the last contact of the living and the death of the others.

    Either its name says both, or it is a date of death for (nearly) everybody beside a status.
    The page's matches are changed in place.
    """
    by_ours = {m.ours: m for m in page.matches if m.confidence >= SURE}
    others = {m.column for o, m in by_ours.items()
              if o in ("vital_status", "death_date", "last_contact")}  # fmt: skip
    if len(others) < 2 and _worded(page, others):
        return
    status = by_ours.get("vital_status")
    both = [
        c
        for c in page.raw.names
        if page.held[c].mostly == "date"
        and mentions(c, "last_contact")
        and mentions(c, "death")
        and not (_dated_for_some(page, c) and set(by_ours) >= {"last_contact"})
    ]
    column, why = (both[0], "its name says both") if both else (None, "")
    death = by_ours.get("death_date")
    if column is None and death is not None and status is not None:
        held = page.held[death.column]
        dated = held.dates + held.ambiguous_dates - _sentinels(held)
        dated = held.numbers if held.mostly == "number" else dated
        if dated >= FOR_ALL * held.rows and held.n >= 5 and page.held[status.column].distinct > 1:
            column = death.column
            why = (
                f"{dated} of {held.rows} rows have a date there, whatever "
                f'"{status.column}" says: it is the last contact of those who are alive'
            )
    if column is None and death is not None and status is None and _of_everybody(page, death):
        column = death.column
        why = "every row has a day there, and another column may tell the dead apart"
    if column is None:
        page.matches = [_asked_if_all(page, m, status) for m in page.matches]
        return
    kept = [
        m for m in page.matches if m.column != column and not (m.ours == "last_contact" and both)
    ]
    if any(m.ours == "last_contact" and m.confidence >= SURE for m in kept):
        return
    page.matches = [*kept, Match(column, "last_contact", 0.95, why)]
    # Beside a column with the days of death it is the last day of all, and that one says who died.
    told = death is not None and death.column != column and _dated_for_some(page, death.column)
    page.contact_is_death = not (both and told)


def _dated_for_some(page: Page, column: str) -> bool:
    """Have fewer rows a date there than patients a last contact: `fu_death_date`?"""
    held = page.held[column]
    return held.dates + held.ambiguous_dates < FOR_ALL * held.rows


def _worded(page: Page, matched: set[str]) -> bool:
    """Find a column that holds how and when it ended in one cell: `† 12.03.2016`, `lebt (05/2016)`.

    The page's matches are changed in place.

    Parameters
    ----------
    matched
        The column that is matched as status, death or last contact, where there is one: no other
        is looked at then.
    """
    for column in matched or page.raw.names:
        held = page.held[column]
        if held.n < 3 or held.distinct > 5000:
            continue
        statuses = [status_and_day(v) for v in held.counts]
        levels = {s[0] for s in statuses if s is not None}
        if (
            sum(s is not None for s in statuses) < 0.9 * len(statuses)
            or not {"dead", "alive"} <= levels
        ):
            continue
        page.matches = [m for m in page.matches if m.column != column]
        why = "its cells hold a word of life or death and a day"
        page.matches += [Match(column, o, 0.95, why) for o in ("vital_status", "last_contact")]
        page.contact_is_death = True
        return True
    return False


def settle_rare_start(page: Page) -> None:
    """A start that most patients have not, beside a day of everybody, is asked: `tx` may be a
    transplant. The page's matches are changed in place."""
    start = page.ours.get("treatment_start")
    if start is None or mentions(start, "treatment_start"):
        return
    taken = {*page.ours.values(), *(p.column for p in page.personal)}
    others = (c for c in page.raw.names if c not in taken)
    if 2 * page.held[start].n < page.held[start].rows and any(
        dated_for_all(page, c) for c in others
    ):
        page.matches = [m for m in page.matches if m.column != start]


def _sentinels(held: Profile) -> int:
    """Rows with a day that stands for none."""
    return sum(held.counts[v] for v in sentinel_days(held))


def _of_everybody(page: Page, death: Match) -> bool:
    """Has (nearly) every row a day of death, beside a column that may say who is dead?"""
    return dated_for_all(page, death.column) and bool(flags_of_deaths(page))


def flags_of_deaths(page: Page) -> list[str]:
    """Columns of two values that may say who is dead: their names ask for an event, a censoring,
    life or death."""
    asks, any_ = outcome_words("asks"), outcome_words("any")
    words = (*any_["event"], *asks["censoring"], *asks["death"], *asks["life"])
    used = {m.column for m in page.matches} | {p.column for p in page.personal}
    return [
        c
        for c in page.raw.names
        if c not in used
        and page.held[c].distinct == 2
        and is_event(page, c)
        and has(called(page, c), words)
        and not mentions(c, "before", "progression")
    ]


def _asked_if_all(page: Page, match: Match, status: Match | None) -> Match:
    """A date of death in every row, without a status, is asked: it may be the last contact."""
    held = page.held[match.column]
    if match.ours != "death_date" or status is not None or match.confidence < SURE:
        return match
    dated = held.dates + held.ambiguous_dates - _sentinels(held)
    if held.n < 5 or dated < FOR_ALL * held.rows:
        return match
    why = f"{match.evidence}; yet {dated} of {held.rows} rows have one: is everybody dead?"
    return Match(match.column, match.ours, round(SURE - 0.01, 2), why)


def dated_for_all(page: Page, column: str) -> bool:
    """Does (nearly) every row have a date there?"""
    held = page.held[column]
    return held.n >= 5 and held.dates + held.ambiguous_dates >= FOR_ALL * held.rows
