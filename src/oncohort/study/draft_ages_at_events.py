"""Ages at diagnosis, relapse, death and last contact, of one life each: they become times."""

from __future__ import annotations

from oncohort.records.matching import Match
from oncohort.study.draft_entry import add_difference, ends_later
from oncohort.study.draft_relative import stated_unit
from oncohort.study.drafting import Page
from oncohort.vocabulary.mentions import mentions

MOST_MONTHS = 130.0
"""An age beyond this counts no years."""
_ALL = 0.95
"""Share of rows with an age from which it is none of those alone to whom something happened."""


def settle_ages_at_events(page: Page) -> None:
    """Ages at several events less that at the start are times since the start.

    There are an age at which the observation began, one at the last contact, and one at death or
    at progression. The page's values, names, profiles and matches are changed in place.
    """
    ages = [
        c
        for c in page.raw.names
        if mentions(c, "age_of_life") and page.held[c].mostly == "number" and page.held[c].n
    ]
    found: dict[str, str] = {}
    starts: list[str] = []
    for column in ages:
        ours = _happened(column)
        if not ours:
            starts.append(column)
        elif ours in found:
            return
        else:
            found[ours] = column
    start = _start(page, starts)
    if not start or "last_contact" not in found or len(found) < 2:
        return
    some = [c for o, c in found.items() if o != "last_contact"]
    if any(page.held[c].n >= _ALL * page.held[c].rows for c in some):
        return
    unit = _unit(page, [start, *found.values()])
    if not unit or not all(ends_later(page, start, c) for c in found.values()):
        return
    for ours, column in found.items():
        shown = column if stated_unit(column) else f"{column} ({unit})"
        name = f"{shown} less {start}"
        add_difference(page, name, column, start)
        page.matches = [m for m in page.matches if m.ours != ours and m.column != column]
        why = f"{unit} since the patient's own age at the start"
        page.matches.append(Match(name, ours, 0.95, why))
    page.relative = unit
    page.zero = "treatment_start" if mentions(start, "treatment_start") else "diagnosis_date"


def _happened(column: str) -> str:
    """Our date column of what happened at an age; empty for an age at the start."""
    if mentions(column, "last_contact"):
        return "last_contact"
    if mentions(column, "death"):
        return "death_date"
    if mentions(column, "progression") and not mentions(column, "before"):
        return "progression_date"
    return "last_contact" if mentions(column, "end_of_observation") else ""


def _start(page: Page, ages: list[str]) -> str:
    """The age from which the times count: that at treatment, else the only one, else the age."""
    treated = [c for c in ages if mentions(c, "treatment_start")]
    own = page.ours.get("age")
    for some in (treated, ages, [c for c in ages if c == own]):
        if len(some) == 1:
            return some[0]
    return ""


def _unit(page: Page, ages: list[str]) -> str:
    """The unit that the names state; without one, years where all are ages of people."""
    stated = {u for c in ages if (u := stated_unit(c))}
    if len(stated) > 1:
        return ""
    highest = max(page.held[c].high or 0 for c in ages)
    return stated.pop() if stated else "years" if highest < MOST_MONTHS else ""
