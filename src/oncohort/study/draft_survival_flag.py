"""The event of overall survival beside dates: `OS event` says who is dead where no status does."""

from __future__ import annotations

from oncohort.records.matching import Match
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import is_event, is_time
from oncohort.study.endpoint_names import called, endpoints_named, has
from oncohort.vocabulary.words import outcome_words


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
