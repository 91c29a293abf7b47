"""The event of overall survival beside dates: `OS event` says who is dead where no status does."""

from __future__ import annotations

import re
from itertools import pairwise

from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, Match
from oncohort.records.names import fold
from oncohort.records.values import text_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import is_event, is_time
from oncohort.study.endpoint_names import called, endpoints_named, has
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.phrases import phrases
from oncohort.vocabulary.words import level_words, outcome_words, plain


def settle_survival_flag(page: Page) -> None:
    """Let the event of overall survival be the vital status, where its time is two dates.

    What its values mean is asked where words do not say it. The page's matches are changed in
    place.
    """
    if "vital_status" in page.ours or not {"last_contact", "death_date"} & set(page.ours):
        return
    named = [c for c in page.raw.names if endpoints_named(called(page, c)) == ["os"]]
    if any(is_time(page, c) for c in named):
        return
    asks = outcome_words("asks")["censoring"]
    events = (*outcome_words("any")["event"], *asks)
    flags = [c for c in named if is_event(page, c) and has(called(page, c), events)]
    if len(flags) != 1:
        return
    others = [m for m in page.matches if m.column != flags[0] and m.ours != "vital_status"]
    told = Match(flags[0], "vital_status", 0.95, "the event of overall survival")
    page.matches = [*others, told]


def settle_life_flag(page: Page) -> None:
    """A yes or no whose name asks for deaths in other words than usual, `Czy zmarł?`, is the vital
    status, where nothing else says who died. The page's matches are changed in place."""
    if {"vital_status", "death_date"} & {m.ours for m in page.matches} or page.relative:
        return
    if "last_contact" not in page.ours:
        return
    asks = outcome_words("asks")
    used = {m.column for m in page.matches}
    found = []
    for column in page.raw.names:
        values = [plain(v) for v in page.held[column].counts]
        name = called(page, column)
        if column in used or len(values) != 2 or mentions(name, "before", "at_a_time"):
            continue
        if has(name, asks["death"]) == has(name, asks["life"]):
            continue
        if {level_words("flag").get(v) for v in values} == {"yes", "no"}:
            found.append(column)
    of_all = [c for c in found if not mentions(called(page, c), "some_deaths")]
    if len(of_all) == 1:  # of several, or of deaths of one cause alone, which is meant is asked
        page.matches.append(Match(of_all[0], "vital_status", 0.8, "its name asks for it"))


_FIRST = ("progression", "death")
"""Events whose day may stand in a column behind theirs, called `Date` and nothing else."""


def settle_days_behind(page: Page) -> None:
    """A column that is called `Date`, right behind a yes or no of an event, is the day of the event
    where it is filled for the yes alone. The page's matches are changed in place."""
    ours = {"progression": "progression_date", "death": "death_date"}
    names = list(page.raw.names)
    for before, column in pairwise(names):
        bare = re.sub(r"(?<!\s)\s*+\(\d+\)$", "", column)
        known = {m.ours for m in page.matches}
        event = next((e for e in _FIRST if mentions(before, e)), None)
        if event is None or ours[event] in known or fold(bare) not in phrases("day"):
            continue
        if page.held[column].mostly != "date" or not _filled_for_yes(page, before, column):
            continue
        page.matches = [m for m in page.matches if m.column != column]
        why = f'it stands behind "{before}", and is filled where that says yes'
        page.matches.append(Match(column, ours[event], 0.85, why))


def _filled_for_yes(page: Page, flag: str, column: str) -> bool:
    """Does a column have a value where a flag says yes, and nowhere else?"""
    yes, filled = [], []
    pairs = zip(as_list(page.raw.column(flag)), as_list(page.raw.column(column)), strict=True)
    for said, day in pairs:
        yes.append(said is not None and level_words("flag").get(plain(text_of(said))) == "yes")
        filled.append(day is not None and any(c.isdigit() for c in text_of(day)))
    return sum(yes) >= 2 and sum(a == b for a, b in zip(yes, filled, strict=True)) >= 0.95 * len(
        yes
    )


def settle_survival_pair(page: Page) -> None:
    """Find a date and a flag of overall survival: `OS date` beside `OS event`.

    The date is the last contact of the living and the day of death of the others; the flag is
    their vital status, whose codes are asked. The page's matches are changed in place.
    """
    named = [c for c in page.raw.names if mentions(c, "overall_survival")]
    told = {m.column for m in page.matches
            if m.ours in ("death_date", "vital_status") and m.confidence >= SURE}  # fmt: skip
    if told - set(named):
        return
    dates = [c for c in named if page.held[c].mostly == "date"]
    flags = [c for c in named if page.held[c].n and 2 <= page.held[c].distinct <= 3]
    flags = [c for c in flags if c not in dates]
    if len(dates) != 1 or len(flags) != 1:
        return
    pair = {dates[0]: "last_contact", flags[0]: "vital_status"}
    page.matches = [
        m for m in page.matches if m.column not in pair and m.ours not in pair.values()
    ] + [
        Match(column, ours, 0.95 if ours == "last_contact" else 0.8, "date and event of survival")
        for column, ours in pair.items()
    ]
    page.contact_is_death = True
