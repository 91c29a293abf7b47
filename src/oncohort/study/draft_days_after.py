"""The last contact of charts that tell how long patients were followed, and since which day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from oncohort.protocol.data import DayAfter
from oncohort.records.days_after import with_days_after
from oncohort.records.matching import SURE, Match, profiles
from oncohort.study.draft_contact import dated_for_all
from oncohort.study.draft_left_outcomes import dated_left
from oncohort.study.draft_recurrences import days_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import Pair
from oncohort.study.endpoint_units import unit_of
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.times import TimeUnit

_COMPLETE = 0.95
"""Share of rows with a time from which it is the follow-up of all."""
_NEAR = 16
"""Days by which a progression may lie after the last contact: months are rounded."""


def settle_days_after(page: Page, pairs: Sequence[Pair], used: Collection[str]) -> None:
    """Where recurrences have days, and overall survival a time and an event since a start that has
    one: the day of the last contact is the start and that time.

    So survival without progression can be had, too, whose deaths the chart tells. The page's
    values, names, profiles and matches are changed in place.

    Parameters
    ----------
    pairs
        Times and events that were found.
    used
        Columns that belong to another table, or are not read.
    """
    start = page.ours.get("treatment_start")
    ours = {m.ours for m in page.matches}
    if start is None or page.relative or page.events or ours & {"last_contact", "death_date"}:
        return
    if page.held[start].mostly != "date" or [p.key for p in pairs] != ["os"]:
        return
    pair = pairs[0]
    held = page.held[pair.time]
    if pair.dated or pair.times or pair.events or held.numbers < _COMPLETE * held.rows:
        return
    if _from_elsewhere(page, pair.time, start):
        return
    unit = _UNITS.get(unit_of(page, pair.time)[0] or "")
    progressed = page.ours.get("progression_date")
    if unit is None or not (progressed or dated_left(page, {*used, pair.time, pair.event})):
        return
    name = f"last contact ({pair.time} after {start})"
    how = DayAfter(day=start, time=pair.time, unit=unit)
    raw, _ = with_days_after(page.raw, {name: how}, None)
    before, page.raw, page.held = (page.raw, page.held), raw, profiles(raw)
    if progressed and _beyond(page, progressed, name):
        page.raw, page.held = before
        return
    page.days_after[name] = how
    why = f"{pair.time}, {unit} after {start}"
    page.matches.append(Match(name, "last_contact", 0.95, why))
    if "vital_status" not in ours:
        told = Match(pair.event, "vital_status", SURE, "it is the event of overall survival")
        page.matches.append(told)
    page.contact_is_death = True


_UNITS: dict[str, TimeUnit] = {u: u for u in ("days", "weeks", "months", "years")}


def _from_elsewhere(page: Page, time: str, start: str) -> bool:
    """May a time count from another day than the start: by its name, or as everybody has an earlier
    day (of diagnosis, biopsy, referral), so that either may be meant?"""
    if mentions(time, "diagnosis", "since_progression"):
        return True
    if mentions(time, "since_or_until") and not mentions(
        time, "treatment_start", "last_contact", "death"
    ):
        return True
    began = days_of(page, start)
    personal = {p.column for p in page.personal} | {page.ours.get("birth_date")}
    others = (c for c in page.raw.names if c != start and c not in personal)
    return any(dated_for_all(page, c) and _earlier(days_of(page, c), began) for c in others)


def _earlier(days: Sequence[date | None], began: Sequence[date | None]) -> bool:
    """Are most of these days before the start?"""
    both = [a < b for a, b in zip(days, began, strict=True) if a is not None and b is not None]
    return sum(both) > 0.5 * len(both)


def _beyond(page: Page, progressed: str, last: str) -> bool:
    """Do progressions lie after the last contact? Then the time counts from another day."""
    pairs = zip(days_of(page, progressed), days_of(page, last), strict=True)
    both = [(a - b).days > _NEAR for a, b in pairs if a is not None and b is not None]
    return sum(both) > 0.05 * len(both)
