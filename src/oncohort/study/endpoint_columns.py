"""Which columns of a chart are the time and the event of an endpoint."""

from __future__ import annotations

import re

from oncohort.dataclass import dataclass
from oncohort.records.columns import as_list
from oncohort.records.legends import header_legend
from oncohort.records.marked_numbers import marks_name
from oncohort.records.matching import SURE, of_two_events
from oncohort.records.values import text_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_kinds import first_of, tells_life, when_it_was
from oncohort.study.endpoint_names import called, endpoints_named, has, of_something_else, words
from oncohort.study.endpoint_units import numbers_of, unit_in_cells, unit_of
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import level_words, may_be_missing, outcome_words, plain

MOST = 60
"""Columns of which each may be the time, or the event, as many as are named in a question."""
EVERY = "every patient"
"""Stands for the event column of a chart in which all had the event."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A time and an event column of one endpoint."""

    key: str
    """Empty where the names do not say which endpoint it is."""
    time: str
    event: str
    dated: bool = False
    """The time is a date: of the event, or of the last look at those without one."""
    times: tuple[str, ...] = ()
    """Columns of which each may be the time, where the names do not say which."""
    events: tuple[str, ...] = ()
    """Columns of which each may be the event, and which disagree."""
    lasting: tuple[str, ...] | None = None
    """Where the time is blank for those without the event: columns that say until when they were
    followed."""
    beside: bool = False
    """It ends before overall survival in some patients, and is no time of that."""

    @property
    def may_be_survival(self) -> bool:
        """Is a time, of which no name says the endpoint, perhaps that of overall survival?"""
        return not self.key and not self.beside and not self.dated


def is_event(page: Page, column: str) -> bool:
    held = page.held[column]
    values = [v for v in held.counts if not may_be_missing(v)]
    if held.distinct == 1 and held.n < held.rows:
        values = list(held.counts)  # a cross in some rows
    if at_a_time(column) or held.mostly == "date" or {"unit", "units"} & set(words(column)):
        return False
    return 0 < len(values) <= 6 and len(values) < max(4, held.n)


_CODES = ("-1", "-9", "-99", "-999", "-9999", "-8", "-88")
"""Negative numbers that stand for a missing time."""


def is_time(page: Page, column: str) -> bool:
    held = page.held[column]
    if held.mostly != "number" or held.distinct <= 3 or _of_codes(page, column):
        return False
    below = [v for v in held.counts if v.startswith("-") and v not in _CODES]
    if (held.low or 0) >= -1 or not below:
        return True
    # A slip makes no other thing of what its name says is a time: the check tells of it.
    sole = " ".join(words(column)) in outcome_words("any")["sole_time"]
    return sole or (bool(endpoints_named(called(page, column))) and _timed(page, column))


def _of_codes(page: Page, column: str) -> bool:
    """Does a column hold codes of an event, as `DFS event (0=none, 1=local, 2=distant)` does?"""
    if not is_event(page, column) or _timed(page, column):
        return False
    digits = all(re.fullmatch(r"\d(\.0+)?", v) for v in page.held[column].counts)
    named = has(called(page, column), outcome_words("any")["event"])
    return digits and (named or bool(header_legend(column)))


def named_pairs(page: Page) -> list[Pair]:
    """Pairs of time and event columns in a table of patients."""
    of_ends = {"vital_status", "progression_date", "death_date"}
    if not {"vital_status", "death_date"} & set(page.ours):
        of_ends.add("death_cause")  # nothing else says who died
    taken = {
        m.column
        for m in page.matches
        if m.confidence >= SURE and (page.relative or m.ours not in of_ends)
    }
    free = [c for c in page.raw.names if c not in taken and page.held[c].n]
    times = [c for c in free if is_time(page, c)]
    flags = [c for c in free if is_event(page, c)]
    out: list[Pair] = []
    used: set[str] = set()
    for endpoint in outcome_words("time_of"):
        own = [c for c in times if endpoint in endpoints_named(called(page, c)) and c not in used]
        for nth in _numbers_of(own):
            found = _pair_of(page, endpoint, nth, own, [c for c in flags if c not in used])
            if found is not None:
                out.append(found)
                used |= {found.time} if found.events else {found.time, found.event}
    out += _dated_pairs(page, flags, used, {p.key for p in out})
    out += _first_events(page, times, flags, out)
    return [*out, *_beside_named(page, times, flags, out)] if out else _nameless(page, times, flags)


def _beside_named(page: Page, times: list[str], flags: list[str], found: list[Pair]) -> list[Pair]:
    """A time and an event without an endpoint's name, beside those that have one.

    Those that say the same as a named one are no endpoint of their own: `Follow-up (months)` and
    `Status` beside `OS (months)` and `Dead`.
    """
    known = {c for p in found for c in (p.time, p.event, *p.times, *p.events)}
    known |= {page.ours[o] for o in ("vital_status", "last_contact") if o in page.ours}
    units = {u for spelt in outcome_words("unit").values() for u in spelt}
    sole = outcome_words("any")["sole_time"]
    bare = [c for c in times if c not in known and words(c)[:1] and words(c)[0] in sole]
    bare = [c for c in bare if set(words(c)[1:]) <= units]
    bare = [c for c in bare if not any(_alike(page, [c, p.time]) for p in found if not p.dated)]
    told = {tuple(_partition(page, c)) for c in known}
    events = [c for c in flags if c not in known and _holds_outcomes(page, c)]
    events = [c for c in events if tuple(_partition(page, c)) not in told]
    named = {p.key for p in found}
    return [p for p in _nameless(page, bare, events) if p.key not in named]


def _numbers_of(times: list[str]) -> list[str]:
    """The numbers of a first, second ... time of one endpoint: `PFS1`, `PFS2`; blank where none."""
    return sorted({_number_of(c) for c in times})


def _open_event(page: Page, endpoint: str, nth: str, time: str) -> Pair | None:
    """A time of an endpoint without a column of its event: any column of events may be it."""
    if not _timed(page, time) or mentions(time, "before"):
        return None
    any_event = (*outcome_words("any")["event"], *outcome_words("event_of")["rfs"])
    free = [
        c
        for c in page.raw.names
        if page.held[c].n and is_event(page, c) and _holds_outcomes(page, c)
    ]
    free = [
        c
        for c in free
        if has(called(page, c), any_event) or mentions(called(page, c), "progression", "spread")
    ]
    if not free:
        return None
    key = endpoint if nth in ("", "1") else f"{endpoint}{nth}"
    return Pair(key, time, free[0], events=tuple(free[:MOST]))


_NTH = re.compile(
    r"(?<![^\W_])(?:os|pfs|dfs|rfs|efs|ttp)[ _-]?([1-3])(?![\d=:.,)\]]| ?[=:]|"
    r"[ _-]?(?:mo|m|y|w|d)\b|[ _-]?(?:month|year|yr))",
    re.IGNORECASE,
)


def _number_of(column: str) -> str:
    found = _NTH.search(column)
    return found[1] if found else ""


def _pair_of(
    page: Page, endpoint: str, nth: str, times: list[str], flags: list[str]
) -> Pair | None:
    """The time and the event of one endpoint, of those that have its number."""
    own = [c for c in times if _number_of(c) == nth]
    own.sort(key=lambda c: not has(called(page, c), outcome_words("any")["time"]))
    candidates = _events_of(page, endpoint, flags)
    numbered = [c for c in candidates if nth and _number_of(c) == nth]
    candidates = numbered or [c for c in candidates if not _number_of(c)]
    candidates.sort(key=lambda c: not _holds_outcomes(page, c))
    if not candidates and endpoint == "os":
        status = page.ours.get("vital_status")
        candidates = [status] if status is not None and status in flags else []
    candidates = _with_marks(page, own[0], candidates)
    if not candidates:
        return _open_event(page, endpoint, nth, own[0])
    rivals = _rivals(page, endpoint, candidates)
    key = endpoint if nth in ("", "1") else f"{endpoint}{nth}"
    return Pair(key, own[0], candidates[0], times=_times_apart(page, own), events=rivals)


def _first_of_two(column: str) -> str:
    """The endpoint of a first event of two kinds: `Date of progression or death` is that of PFS."""
    again = has(column, outcome_words("event_of")["rfs"])
    return "" if not of_two_events(column) else "rfs" if again else "pfs"


def _dated_pairs(page: Page, flags: list[str], used: set[str], done: set[str]) -> list[Pair]:
    """A date and a flag of one endpoint: `PFS date` beside `PFS event`. That of overall survival
    is the last contact with the vital status."""
    out: list[Pair] = []
    dates = [c for c in page.raw.names if page.held[c].mostly == "date"]
    for endpoint in outcome_words("time_of"):
        own, events = (
            [c for c in part if endpoint in (*endpoints_named(called(page, c)), _first_of_two(c))]
            for part in (dates, [f for f in flags if f not in used])
        )
        if endpoint == "os" or endpoint in done or len(own) != 1 or len(events) != 1:
            continue
        out.append(Pair(endpoint, own[0], events[0], dated=True))
    return out


def _first_events(page: Page, times: list[str], flags: list[str], found: list[Pair]) -> list[Pair]:
    """What came first and when: `Event type` (progression, death, none) beside `Event date`."""
    used = {c for p in found for c in (p.time, p.event, *p.times, *p.events)}
    kinds = {c: first_of(page, c) for c in flags if c not in used}
    named = [c for c in kinds if page.held[c].distinct >= 3 and mentions(c, "event")]
    kinds = {c: key for c, key in kinds.items() if key and key not in {p.key for p in found}}
    kinds = kinds or dict.fromkeys(named, "")  # of which endpoint they are, is asked
    if len(kinds) != 1:
        return []
    event, key = next(iter(kinds.items()))
    free = [c for c in page.raw.names if c not in used and c != event and page.held[c].n]
    dates = [c for c in free if page.held[c].mostly == "date"]
    for columns, dated in ((dates, True), ([c for c in times if c in free], False)):
        own = [c for c in columns if when_it_was(c, event) and endpoints_named(c) in ([], [key])]
        if len(own) == 1:
            return [Pair(key, own[0], event, dated=dated)]
    return []


def _with_marks(page: Page, time: str, candidates: list[str]) -> list[str]:
    """The candidates for the event where the time carries marks (`12.3+`): the marks, unless a
    column says the same."""
    if time not in page.marked:
        return candidates
    marks = marks_name(time)
    others = [c for c in candidates if c != marks]
    same = [
        c
        for c in others
        if _holds_outcomes(page, c) and _partition(page, c) == _partition(page, marks)
    ]
    return same or [marks, *(c for c in others if _holds_outcomes(page, c))]


def _times_apart(page: Page, own: list[str]) -> tuple[str, ...]:
    """The times of one endpoint that its name fits alike, where they are not the same times:
    `OS from diagnosis` beside `OS from treatment`."""
    any_time = outcome_words("any")["time"]
    timed = [c for c in own if has(called(page, c), any_time)] or own
    return tuple(timed) if len(timed) > 1 and not _alike(page, timed) else ()


def _rivals(page: Page, endpoint: str, candidates: list[str]) -> tuple[str, ...]:
    """The columns that may all be the event by their names, and that disagree."""
    marks = {marks_name(c) for c in page.marked}
    if endpoint in endpoints_named(called(page, candidates[0])) and candidates[0] not in marks:
        return ()
    first = _partition(page, candidates[0])
    others = [
        c for c in candidates[1:] if _holds_outcomes(page, c) and _partition(page, c) != first
    ]
    return (candidates[0], *others) if others else ()


def _partition(page: Page, column: str) -> list[int]:
    """The group of each row: rows with one value have one number."""
    seen: dict[str, int] = {}
    values = ("" if v is None else text_of(v) for v in as_list(page.raw.column(column)))
    return [seen.setdefault(v, len(seen)) for v in values]


def _holds_outcomes(page: Page, column: str) -> bool:
    """Are the values of a column figures, or words of events, of life and death?"""
    known = {**level_words("vital_status"), **level_words("event"), **level_words("flag")}
    return all(
        re.fullmatch(r"-?\d+(\.0+)?", v) or plain(v) in known or may_be_missing(v)
        for v in page.held[column].counts
    )


def _events_of(page: Page, endpoint: str, flags: list[str]) -> list[str]:
    """Columns that may hold the event of an endpoint, the likeliest first."""
    any_time, any_event = outcome_words("any")["time"], outcome_words("any")["event"]
    text = {c: called(page, c) for c in flags}
    named = [c for c in flags if endpoint in endpoints_named(text[c])]
    named = [c for c in named if not has(text[c], any_time)] or [
        c for c in named if has(text[c], any_event) and page.held[c].distinct <= 3
    ]
    named.sort(key=lambda c: not has(text[c], any_event))
    own = outcome_words("event_of").get(endpoint, ())
    free = [c for c in flags if c not in named and not endpoints_named(text[c])]
    free = [c for c in free if not _of_a_marker(page, c)]
    if endpoint in _OF_DEATH_ALONE:
        free = [c for c in free if not of_two_events(text[c])]
    others = [c for c in free if has(text[c], own)]
    others.sort(key=lambda c: page.held[c].distinct)
    if not named and endpoint == "os" and all(map(of_something_else, others)):
        # `p53_status` is none beside `censored`.
        others = [c for c in free if has(text[c], any_event) and not of_something_else(c)] or others
    if not (named or others) and (endpoint in ("os", "efs") or _sole_time(page, endpoint)):
        others = [c for c in free if has(text[c], any_event)]
    return [*named, *others]


def _of_a_marker(page: Page, column: str) -> bool:
    """Is a status one of a marker: estrogen receptor, HPV, lymph nodes: positive or negative?"""
    known = {"positive": "", "negative": "", "pos": "", "neg": "", **level_words("level")}
    words = {known.get(plain(v), v) for v in page.held[column].counts if not may_be_missing(v)}
    return words <= {"", "positive", "negative"}


_OF_DEATH_ALONE = ("os", "dss")


def _sole_time(page: Page, endpoint: str) -> bool:
    """Is it the only endpoint of which the chart has a time?"""
    found = {
        e for c in page.raw.names if is_time(page, c) for e in endpoints_named(called(page, c))
    }
    return found == {endpoint}


def at_a_time(name: str) -> bool:
    """Does a column tell of a fixed time: `Alive at 1 year`, `OS24 (24 months)`?

    Such a flag is no event of a curve: who died later counts as alive there.

    Examples
    --------
    >>> [at_a_time(n) for n in ("Alive at 1 year", "12-month PFS", "5年生存", "Status")]
    [True, True, True, False]
    """
    return mentions(name, "at_a_time")


def _nameless(page: Page, times: list[str], flags: list[str]) -> list[Pair]:
    """`time` and `status`: a time and an event without an endpoint's name."""
    any_event, death = outcome_words("any")["event"], outcome_words("event_of")["os"]
    sole = (*outcome_words("any")["sole_time"], *outcome_words("any")["end_of_interval"])
    bare = [
        c
        for c in times
        if words(c)
        and (has(c, outcome_words("any")["time"]) or words(c) == ["t"] or unit_in_cells(page, c))
        and not mentions(" ".join(words(c)), "another_time")
    ]
    events = [c for c in flags if has(c, (*any_event, "cause")) or has(c, death)]
    events.sort(key=of_something_else)  # `er_status` is none beside `status`
    events = events or [c for c in flags if words(c) == ["d"] and ["t"] in map(words, times)]
    status = page.ours.get("vital_status")
    of_life = not events and status in flags
    if of_life and status is not None:
        events = [status]
    if not bare or not events:
        return []
    if of_life or any(tells_life(page, c) for c in events):
        # `Time to recurrence` ends with something else than a life.
        bare = [c for c in bare if not mentions(c, "progression", "spread")] or bare
    exact = [c for c in bare if words(c)[0] in sole] or bare
    open_ = tuple(exact) if len(exact) > 1 and not _alike(page, exact) else ()
    neutral = outcome_words("any")["neutral"]
    if len(events) == 1 and (first := first_of(page, events[0])):
        return [Pair(first, exact[0], events[0], times=open_)]
    of_life = of_life or (events[0] == status and bool(page.told))  # its words say that it is
    of_life = of_life or tells_life(page, events[0])
    if of_life or has(events[0], (w for w in death if w not in neutral)):
        return [Pair("os", exact[0], events[0], times=open_)]
    return [Pair(_endpoint_in_every_row(page), exact[0], events[0], times=open_)]


def _alike(page: Page, times: list[str]) -> bool:
    """Are all times the same, in other units perhaps: one divided by the other is constant?"""
    first = numbers_of(page, times[0])
    for other in times[1:]:
        pairs = zip(first, numbers_of(page, other), strict=True)
        ratios = [b / a for a, b in pairs if a is not None and b is not None and a > 0]
        if not ratios or max(ratios) > 1.1 * min(ratios):
            return False
    return True


_STARTS = (
    *("start", "tstart", "t start", "begin", "entry", "t0", "time0", "time1"),
    *("start time", "starttime"),
)
_STOPS = (
    *("stop", "tstop", "t stop", "end", "exit", "t1", "time2", "stop time", "endtime"),
    "futime",
)


def counting_pairs(page: Page) -> list[Pair]:
    """A pair of start and stop times with an event, as in files with a row per interval.

    Returns
    -------
    list of Pair
        At most one: `time` is the stop, `times` holds the start alone, `events` all columns of
        events where they disagree.
    """
    numbers = [c for c in page.raw.names if is_time(page, c)]
    starts = [c for c in numbers if " ".join(words(c)) in _STARTS]
    stops = [c for c in numbers if " ".join(words(c)) in _STOPS and c not in starts]
    flags = [c for c in page.raw.names if is_event(page, c)]
    events = [c for c in flags if has(c, (*outcome_words("any")["event"], "state"))]
    if len(starts) == 2 and not stops:
        starts, stops = starts[:1], starts[1:]  # time0 and time1
    if len(starts) != 1 or len(stops) != 1 or not events:
        return []
    pairs = zip(numbers_of(page, starts[0]), numbers_of(page, stops[0]), strict=True)
    good = [a <= b for a, b in pairs if a is not None and b is not None]
    if not good or sum(good) < 0.98 * len(good):
        return []
    apart = tuple(events) if len({tuple(_partition(page, c)) for c in events}) > 1 else ()
    return [Pair("", stops[0], events[0], times=(starts[0],), events=apart)]


def is_outcome_time(page: Page, column: str) -> bool:
    """Is a column the time of an endpoint by its name, whether an event was found for it or not?"""
    text = called(page, column)
    own = endpoints_named(text)
    if not own or not is_time(page, column):
        return False
    return _timed(page, column)


def _timed(page: Page, column: str) -> bool:
    """Does a name that means an endpoint say a time or a unit, or nothing else at all?"""
    text = called(page, column)
    if has(text, outcome_words("any")["time"]) or unit_of(page, column)[0]:
        return True
    bare = " ".join(words(column))
    return any(bare == n for names in outcome_words("time_of").values() for n in names)


def any_pair(page: Page, taken: set[str]) -> Pair | None:
    """The columns that could be a time and an event by their values, where no name says so."""
    known = {m.column for m in page.matches if m.confidence >= SURE} | taken
    known -= {page.ours.get("vital_status")}
    free = [c for c in page.raw.names if c not in known and page.held[c].n >= page.held[c].rows / 2]
    times = [
        c
        for c in free
        if is_time(page, c)
        and page.held[c].distinct > 8
        and not mentions(" ".join(words(c)), "another_time")
        and not _runs(page, c)
        and not c.startswith("column ")
    ]
    flags = [c for c in free if is_event(page, c) and 2 <= page.held[c].distinct <= 4]
    if not times:
        return None
    # A column that is called time, or event, is meant before all others.
    called_time = [
        c for c in times if words(c) and words(c)[0] in outcome_words("any")["sole_time"]
    ]
    times = called_time or times
    event_words = (*outcome_words("any")["event"], *outcome_words("event_of")["rfs"])
    named = [c for c in flags if has(called(page, c), event_words)]
    timed = called_time or [c for c in times if endpoints_named(called(page, c))]
    flags = named or [*flags, *([EVERY] if timed else [])]
    if not flags:
        return None
    named_by = {e for c in times for e in endpoints_named(called(page, c))}
    endpoint = _endpoint_in_every_row(page) or (named_by.pop() if len(named_by) == 1 else "")
    if len(times) == len(flags) == 1 and flags != [EVERY]:
        return Pair(endpoint, times[0], flags[0])
    return Pair(endpoint, times[0], flags[0], times=tuple(times[:MOST]), events=tuple(flags[:MOST]))


def timed(page: Page) -> bool:
    """Is a column of numbers called a time, or named after an endpoint?"""
    return any(
        is_time(page, c)
        and (has(called(page, c), outcome_words("any")["time"]) or endpoints_named(c))
        for c in page.raw.names
    )


def _runs(page: Page, column: str) -> bool:
    """Does a column number the rows?"""
    held = page.held[column]
    if held.low is None or held.high is None or held.distinct < held.n:
        return False
    return held.high - held.low + 1 == held.n


def _endpoint_in_every_row(page: Page) -> str:
    """The endpoint that a column says for all rows: PARAMCD = OS."""
    for held in page.held.values():
        if held.distinct == 1 and held.n > 1:
            found = endpoints_named(next(iter(held.counts)))
            if len(found) == 1:
                return found[0]
    return ""
