"""Days of death under a name that nothing knows: they stand where the status says one thing."""

from __future__ import annotations

from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, Match
from oncohort.records.values import text_of
from oncohort.study.draft_recurrences import AGREE, after_start, dates_named, days_of
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.words import level_words, plain


def settle_dated_deaths(page: Page) -> None:
    """The one column of days that has one where words of the vital status say dead, and nowhere
    else, holds the days of death. The page's matches are changed in place."""
    status = page.ours.get("vital_status")
    if status is None or page.relative or page.contact_is_death:
        return
    if any(m.ours == "death_date" for m in page.matches) or "last_contact" not in page.ours:
        return
    known = {m.column for m in page.matches if m.confidence >= SURE}
    found = [c for c in page.raw.names if c not in known and _where_dead(page, c, status)]
    if len(found) == 1:
        why = f'it has a day where "{status}" says dead, and in no other row'
        page.matches = [m for m in page.matches if m.column != found[0]]
        page.matches.append(Match(found[0], "death_date", 0.85, why))


def _where_dead(page: Page, column: str, status: str) -> bool:
    """Has a column its days in the rows of the dead, after the start and not before the last
    contact?"""
    held = page.held[column]
    if held.mostly != "date" or not 3 <= held.dates + held.ambiguous_dates < held.rows:
        return False
    days = days_of(page, column)
    dated = {i for i, d in enumerate(days) if d is not None}
    last = days_of(page, page.ours["last_contact"])
    early = [i for i in dated if (seen := last[i]) is not None and (days[i] or seen) < seen]
    if not after_start(page, column) or len(early) > 0.1 * len(dated):
        return False
    dead = level_words("vital_status")
    values = [plain(text_of(v)) for v in as_list(page.raw.column(status)) if v is not None]
    if len(values) < len(days):
        return False
    rows = {i for i, v in enumerate(values) if dead.get(v) == "dead"}
    return len(rows & dated) >= AGREE * len(rows | dated)


def dated_for_some(page: Page, section: list[str]) -> Question | None:
    """The question for the days of death, where nothing says who is dead and days that some have
    lie not before the last contact.

    Parameters
    ----------
    section
        The lines of the endpoint that can be had then.
    """
    used = {m.column for m in page.matches} | {p.column for p in page.personal}
    last = days_of(page, page.ours["last_contact"])
    some = []
    for column in page.raw.names:
        held = page.held[column]
        if column in used or held.mostly != "date" or not 3 <= held.n < 0.95 * held.rows:
            continue
        pairs = zip(days_of(page, column), last, strict=True)
        both = [a >= b for a, b in pairs if a is not None and b is not None]
        if both and sum(both) >= 0.9 * len(both):
            some.append(column)
    if not some:
        return None
    shown = dates_named(page, some)
    return Question(
        "death_date",
        f"No column says who is dead. Which of these has the days of death: {shown}? (none: "
        "overall survival is not analysed.)",
        [open_line("columns.death_date", *some), *section],
        ("survival.os",),
        optional=True,
    )
