"""A time of survival beside the days of start and last contact: the days give recurrences too."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.records.matching import Match
from oncohort.study.draft_endpoints import event_known
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import Pair
from oncohort.study.endpoint_follow_up import FEWEST, against, dated_follow_up, in_days

AGREE = 0.95
"""Share of the patients whose time has to end with the last contact."""
_OF_RECURRENCE = frozenset(("pfs", "rfs", "dfs", "efs", "ttp", "ttr", ""))


def dates_instead(page: Page, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs without that of overall survival, where its time is that from the start to the last
    contact in nearly all, and the chart has days of progression that no endpoint counts.

    The last contact of the dead is their day of death then, and survival until progression or death
    can be had, of which the time alone gives nothing. The page is changed in place.
    """
    own = [p for p in pairs if p.key == "os" and not (p.times or p.events or p.dated)]
    there = page.ours
    wanted = {"treatment_start", "last_contact", "progression_date"} <= set(there)
    if len(own) != 1 or not wanted or "death_date" in there or page.relative:
        return list(pairs)
    pair = own[0]
    values = list(page.held[pair.event].counts)
    dead = event_known(page, pair)
    others = {p.key for p in pairs if p is not pair} & _OF_RECURRENCE
    if others or len(values) != 2 or (dead is not None and dead not in values):
        return list(pairs)
    followed = dated_follow_up(page)
    equal, before, after = against(in_days(page, pair.time, followed), followed)
    n = len(equal) + len(before) + len(after)
    if n < FEWEST or len(equal) < AGREE * n:
        return list(pairs)
    why = f'"{pair.time}" ends with "{there["last_contact"]}": it is the day of death of the dead'
    page.matches = [m for m in page.matches if m.ours != "vital_status" and m.column != pair.event]
    page.matches.append(Match(pair.event, "vital_status", 0.9, why))
    if dead is not None:  # else what the codes mean is asked
        meant = {v: "dead" if v == dead else "alive" for v in values}
        page.legends.setdefault(pair.event, (meant, "it is the event of overall survival"))
    page.contact_is_death = True
    return [p for p in pairs if p is not pair]
