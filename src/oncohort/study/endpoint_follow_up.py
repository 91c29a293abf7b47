"""Times of endpoints held against the follow-up: which of them end before it, and in whom.

Whatever a column is called, its times are those of an endpoint where they end with the follow-up in
some patients and before it in others, and never after it; its event is the flag that tells these
others apart. A time that is far from the follow-up in nearly everybody is no overall survival.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from oncohort.records.columns import as_list, read_column
from oncohort.records.matching import SURE
from oncohort.records.profile import SAMPLED
from oncohort.records.values import Reader, text_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import Pair, is_event
from oncohort.study.endpoint_names import called, endpoints_named
from oncohort.study.endpoint_units import named_time, unit_of
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import may_be_missing

NEAR = 0.03
"""By how much two times may differ by rounding alone, as a share of the longer one."""
ROUNDED = 4.0
"""By how many days they may: months with one decimal."""
FEWEST = 10
"""Patients with both times below which nothing is said."""
BEYOND = 0.05
"""Share of the patients in whom a time may be longer than the follow-up by a slip."""
TELLS = 0.95
"""Share of the patients in whom a flag has to agree."""
SHARED = 0.3
"""Share of the patients in whom two times end together, where no name calls the other a time."""
_DATES = ("treatment_start", "last_contact", "death_date")

Days = Sequence[float | None]


def dated_follow_up(page: Page) -> list[float | None]:
    """Days from the start to death or the last contact, where the chart has these days."""
    start = _days(page, page.ours.get("treatment_start"))
    last = _days(page, page.ours.get("last_contact"))
    death = _days(page, page.ours.get("death_date"))
    out: list[float | None] = []
    for begins, seen, died in zip(start, last, death, strict=True):
        ends = died or seen
        out.append((ends - begins).days if begins is not None and ends is not None else None)
    return out


def _days(page: Page, column: str | None) -> list[date | None]:
    if column is None:
        return [None] * min(page.raw.height, SAMPLED)
    return read_column(as_list(page.raw.column(column))[:SAMPLED], Reader("date")).values.to_list()


def follow_up(page: Page, pairs: Sequence[Pair]) -> list[float | None]:
    """Days of follow-up: by the time of overall survival, else by the dates."""
    for pair in pairs:
        if pair.key == "os" and not pair.dated:
            return _in_days(page, pair.time)
    return dated_follow_up(page)


def _numbers(page: Page, column: str) -> list[float | None]:
    """The numbers in the first rows of a column, with decimal commas where it has some."""
    values = as_list(page.raw.column(column))[:SAMPLED]
    how = Reader("number", mark=page.decimal_mark)
    return read_column(values, how).values.to_list()


def against(times: Days, followed: Days) -> tuple[list[int], list[int], list[int]]:
    """Rows in which a time ends with the follow-up, before it, and after it.

    Examples
    --------
    >>> against([100.0, 50.0, 300.0, None], [101.0, 200.0, 200.0, 9.0])
    ([0], [1], [2])
    """
    equal: list[int] = []
    before: list[int] = []
    after: list[int] = []
    for i, (time, ends) in enumerate(zip(times, followed, strict=False)):
        if time is None or ends is None:
            continue
        if abs(time - ends) <= max(ROUNDED, NEAR * ends):
            equal.append(i)
        else:
            (before if time < ends else after).append(i)
    return equal, before, after


def in_days(page: Page, column: str, followed: Days) -> list[float | None]:
    """The times of a column in days: in the unit in which most of them end with the follow-up."""
    numbers = _numbers(page, column)
    ways = [[None if v is None else v * days for v in numbers] for days in DAYS_PER_UNIT.values()]
    return max(ways, key=lambda way: len(against(way, followed)[0]))


def contradicted(page: Page, pair: Pair) -> bool:
    """Is a time that no name calls one of an endpoint far from the follow-up by dates in nearly
    everybody: days in hospital beside `Dead`?"""
    if pair.dated or pair.times or pair.key not in ("", "os"):
        return False
    if endpoints_named(called(page, pair.time)):
        return False
    followed = dated_follow_up(page)
    if sum(f is not None for f in followed) < FEWEST:
        return False
    equal, before, after = against(in_days(page, pair.time, followed), followed)
    return len(equal) < 0.1 * (len(equal) + len(before) + len(after))


def with_longest_time(page: Page, pair: Pair, times: Sequence[str], found: Sequence[Pair]) -> Pair:
    """A time of survival that no name calls one, with the longer one beside it that it ends with in
    some patients and before in others: which of them is survival, is asked."""
    if pair.dated or pair.key not in ("", "os") or endpoints_named(called(page, pair.time)):
        return pair
    if any(p is not pair and p.key == "os" for p in found):
        return pair
    known = {m.column for m in page.matches if m.confidence >= SURE}
    known |= {c for p in found if p is not pair for c in (p.time, p.event)}
    own = _in_days(page, pair.time)
    for other in times:
        if other in known or other == pair.time or mentions(other, "before", "another_time"):
            continue
        equal, before, after = against(own, _in_days(page, other))
        n = len(equal) + len(before) + len(after)
        if n < FEWEST or len(after) > BEYOND * n or len(before) < 3 or len(equal) < 3:
            continue
        if len(equal) < SHARED * n and not named_time(page, other):
            continue  # a measurement that is mostly larger: a few are near by chance
        rivals = tuple(dict.fromkeys((other, pair.time, *pair.times)))
        return replace(pair, key="os", time=other, times=rivals)
    return pair


def _in_days(page: Page, column: str) -> list[float | None]:
    """The times of a column in days by the unit that its name says."""
    days = DAYS_PER_UNIT[unit_of(page, column)[0] or "days"]
    return [None if v is None else v * days for v in _numbers(page, column)]


def pairs_by_follow_up(page: Page, times: Sequence[str], found: Sequence[Pair]) -> list[Pair]:
    """Times that end before the follow-up in the patients of one flag, and with it in the others,
    whatever the two are called. Which endpoint each is, is asked where no name says so."""
    used = {c for p in found for c in ((p.time,) if p.events else (p.time, p.event))}
    used |= {c for p in found if p.key != "os" for c in p.times}
    known = {m.column for m in page.matches if m.confidence >= SURE}
    free = [c for c in times if c not in used | known and not mentions(c, "before", "another_time")]
    if not free or page.relative:
        return []
    followed = follow_up(page, found)
    if sum(f is not None for f in followed) < FEWEST:
        return []
    keys = {p.key for p in found}
    out: list[Pair] = []
    for time in free:
        equal, before, after = against(in_days(page, time, followed), followed)
        n = len(equal) + len(before) + len(after)
        if n < FEWEST or len(after) > BEYOND * n or len(before) < 3 or len(equal) < 3:
            continue
        event = _flag_of(page, used | known, set(before), set(equal))
        if not event:
            continue
        named = endpoints_named(called(page, time))
        key = named[0] if len(named) == 1 and named[0] not in keys else ""
        out.append(Pair(key, time, event, beside=True))
        used |= {time, event}
        keys.add(key)
    return out


def with_flag_by_follow_up(page: Page, pair: Pair, found: Sequence[Pair]) -> Pair:
    """A time of an endpoint of which several columns may be the event, with the one that tells
    those whose time ends before the follow-up."""
    if not pair.events or pair.times or pair.dated or pair.key == "os":
        return pair
    used = {c for p in found if p is not pair and not p.events for c in (p.time, p.event)}
    known = {m.column for m in page.matches if m.confidence >= SURE} | used
    followed = follow_up(page, found)
    equal, before, after = against(in_days(page, pair.time, followed), followed)
    n = len(equal) + len(before) + len(after)
    if n < FEWEST or len(after) > BEYOND * n or len(before) < 3 or len(equal) < 3:
        return pair
    event = _flag_of(page, known, set(before), set(equal))
    return replace(pair, event=event, events=()) if event else pair


def _flag_of(page: Page, known: Collection[str], before: set[int], equal: set[int]) -> str:
    """The column of which one value stands in (nearly) all rows that end before the follow-up, and
    the others in rows that end with it; the one that leaves the fewest rows."""
    best = (len(equal) + 1, "")
    for column in page.raw.names:
        if column in known or not is_event(page, column) or page.held[column].distinct > 3:
            continue
        values = as_list(page.raw.column(column))[:SAMPLED]
        words = ["" if v is None or may_be_missing(text_of(v)) else text_of(v) for v in values]
        for value in {words[i] for i in before if i < len(words)} - {""}:
            rows = {i for i, w in enumerate(words) if w == value}
            if len(rows & before) < TELLS * len(before) or len(rows & equal) >= len(equal):
                continue
            best = min(best, (len(rows & equal), column))
    return best[1]
