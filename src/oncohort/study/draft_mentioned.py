"""A column of dates whose name holds a word of progression among others: asked about."""

from __future__ import annotations

from oncohort.records.matching import Match, of_two_events
from oncohort.study.draft_recurrences import after_start
from oncohort.study.drafting import Page
from oncohort.vocabulary.mentions import mentions

_UNSURE = 0.6
"""How much a word of the name says: what is so unsure is asked."""


def settle_mentioned(page: Page) -> None:
    """Let the one column of dates whose name mentions progression be asked about, where no other
    is the date of progression: `Progress unter Erstlinie`. The page's matches are changed in place.
    """
    known = any(m.ours == "progression_date" for m in page.matches)
    if known or page.relative or page.events is not None:
        return
    taken = {m.column for m in page.matches}
    own = [
        c
        for c in page.raw.names
        if c not in taken
        and page.held[c].mostly == "date"
        and page.held[c].n >= 3
        and mentions(c, "progression")
        and not mentions(c, "death", "last_contact", "before", "treatment_start")
        and not of_two_events(c)
        and after_start(page, c)
    ]
    if len(own) == 1:
        why = "a word of its name says so"
        page.matches.append(Match(own[0], "progression_date", _UNSURE, why))
