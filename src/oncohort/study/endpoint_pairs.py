"""Pairs of time and event with those who have no event: until when they were followed."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, of_some_deaths
from oncohort.records.values import text_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_columns import EVERY, Pair, is_event, is_time, named_pairs
from oncohort.study.endpoint_follow_up import (
    contradicted,
    pairs_by_follow_up,
    with_flag_by_follow_up,
    with_longest_time,
)
from oncohort.study.endpoint_kinds import first_of
from oncohort.study.endpoint_names import called, endpoints_named, has, words
from oncohort.study.endpoint_units import unit_of
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import is_missing, may_be_missing, outcome_words


def find_pairs(page: Page) -> list[Pair]:
    """Pairs of time and event columns in a table of patients."""
    out = [p for p in named_pairs(page) if not contradicted(page, p)]
    out = [with_flag_by_follow_up(page, p, out) for p in out]
    free = [c for c in page.raw.names if page.held[c].n]
    times = [c for c in free if is_time(page, c)]
    if any(p.key for p in out):
        used = {p.time for p in out} | {p.event for p in out}
        known = {m.column for m in page.matches if m.confidence >= SURE}
        known -= {page.ours.get("vital_status")}
        flags = [c for c in free if c not in known and is_event(page, c)]
        rest = [c for c in times if c not in known]
        out += _of_follow_up(page, rest, flags, used)
    out += [p for p in _of_status(page, times, out) if not contradicted(page, p)]
    out = [with_longest_time(page, p, times, out) for p in out]
    out += pairs_by_follow_up(page, times, out)
    out += _of_one_stem(page, times, {c for p in out for c in (p.time, p.event, *p.events)})
    out += _until_it(page, times, {c for p in out for c in (p.time, p.event, *p.events)})
    out = [_of_all_deaths(page, p) for p in out]
    return [replace(p, lasting=_lasting(page, p, times)) for p in out]


def _of_all_deaths(page: Page, pair: Pair) -> Pair:
    """Overall survival counts all deaths: of several flags the one that does; and where the only
    one is of some deaths, `Cancer death`, which endpoint it is, is asked."""
    if pair.key != "os":
        return pair
    some = [
        c
        for c in pair.events or (pair.event,)
        if page.held.get(c) is not None and of_some_deaths(called(page, c), page.held[c])
    ]
    if not pair.events:
        return replace(pair, key="") if some else pair
    rest = [c for c in pair.events if c not in some]
    return replace(pair, event=rest[0], events=()) if len(rest) == 1 and rest[0] != EVERY else pair


_TIME = re.compile(r"^([a-z]{2,6}?)[ ._-]?(?:time|t)?$")
_FLAG = re.compile(
    r"^(?:cens|evt?)[ ._-]?([a-z]{2,6})$|^([a-z]{2,6}?)[ ._-]?(?:s|stat|status|event|cens|ind|d)$"
)


def _of_one_stem(page: Page, times: list[str], used: set[str]) -> list[Pair]:
    """Times and flags that nothing names but a stem that they share: `rectime` and `censrec`, `srv`
    and `srvstat`. Which endpoint each is, is asked."""
    stems: dict[str, list[str]] = {}
    for c in times:
        found = _TIME.match(c.lower())
        if c not in used and found and not mentions(c, "another_time"):
            stems.setdefault(found[1], []).append(c)
    out = []
    for c in page.raw.names:
        found = _FLAG.match(c.lower())
        own = stems.get(found[1] or found[2], []) if found else []
        own = [t for t in own if t != c]
        if c in used or len(own) != 1 or not is_event(page, c):
            continue
        if page.held[c].distinct <= 4:
            out.append(Pair("", own[0], c))
            used = used | {c, own[0]}
    return out[:6]


def _until_it(page: Page, times: list[str], used: set[str]) -> list[Pair]:
    """A time until what a flag asks, `Time to BCR` and `BCR`: of which endpoint, is asked."""
    units = {w for spelt in outcome_words("unit").values() for w in spelt}
    small = {*units, *outcome_words("any")["time"], "y", "n", "s", "yes", "no", "the", "first"}
    out = []
    for time in times:
        if time in used or not mentions(time, "until") or mentions(time, "another_time", "before"):
            continue
        until = [w for w in words(time) if w not in small and not mentions(w, "until")]
        flags = [
            c
            for c in page.raw.names
            if c not in {*used, time}
            and until
            and is_event(page, c)
            and page.held[c].distinct == 2
            and _asks_for(until, [w for w in words(c) if w not in small and not w.isdigit()])
        ]
        if len(flags) == 1:
            out.append(Pair("", time, flags[0]))
            used = used | {time, flags[0]}
    return out


def _asks_for(until: list[str], flag: list[str]) -> bool:
    """Does a flag ask for what a time runs until: `Local failure` beside `Time to local failure or
    last FU`?"""
    rest = until[len(flag) :]
    beside = outcome_words("any")["or_last"]
    return bool(flag) and until[: len(flag)] == flag and all(w in beside for w in rest)


def _of_follow_up(page: Page, times: list[str], flags: list[str], used: set[str]) -> list[Pair]:
    """`Follow-up (months)` beside the vital status, where other endpoints have times of their own:
    it is the time of overall survival."""
    last = [
        c
        for c in times
        if c not in used
        and mentions(c, "last_contact")
        and (has(called(page, c), outcome_words("any")["time"]) or unit_of(page, c)[0])
    ]
    neutral = outcome_words("any")["neutral"]
    deaths = [w for w in outcome_words("event_of")["os"] if w not in neutral]
    status = page.ours.get("vital_status")
    ends = [c for c in flags if c not in used and (c == status or has(called(page, c), deaths))]
    if len(last) != 1 or len(ends) != 1 or {"os"} & {e for c in times for e in endpoints_named(c)}:
        return []
    return [Pair("os", last[0], ends[0])]


def _of_status(page: Page, times: list[str], found: list[Pair]) -> list[Pair]:
    """A time whose name says a unit and nothing that is known (`ÜZ (weeks)`), beside a status that
    has no day and no time: whether it is that of overall survival is asked."""
    status = page.ours.get("vital_status")
    dated = {"death_date", "last_contact"} & {m.ours for m in page.matches}
    if status is None or dated or page.contact_is_death or not is_event(page, status):
        return []
    used = {c for p in found for c in (p.time, p.event, *p.times, *p.events)}
    if status in used or any(p.key == "os" for p in found):
        return []
    known = {m.column for m in page.matches if m.confidence >= SURE}
    named = [
        c
        for c in times
        if c not in used | known
        and unit_of(page, c)[1].startswith("the name")
        and set(endpoints_named(called(page, c))) <= {"os"}
        and not mentions(c, "before", "at_a_time")
    ]
    free = [c for c in named if not mentions(c, "another_time", "dose", "treatment_start")]
    free = free or ([] if found else named)  # `Weeks alive since start`, where nothing else is
    return [Pair("os", free[0], status, times=tuple(free))] if free else []


def _lasting(page: Page, pair: Pair, times: list[str]) -> tuple[str, ...] | None:
    """Columns with the time of those without the event, whose own time is blank; none where it is
    not blank for them."""
    rows = _blank_rows(page, pair)
    if pair.times or pair.events or not rows:
        return None
    if pair.dated:
        last = page.ours.get("last_contact")
        others = [last] if last else []
    else:
        unit = unit_of(page, pair.time)[0]
        any_time = outcome_words("any")["time"]
        others = [
            c
            for c in times
            if c != pair.time
            and (
                has(called(page, c), any_time)
                or endpoints_named(called(page, c))
                or mentions(c, "last_contact")
            )
            and not mentions(" ".join(words(c)), "another_time")
            and unit_of(page, c)[0] in (unit, None)
        ]
    held = {c: as_list(page.raw.column(c)) for c in others}
    return tuple(c for c in others if sum(_blank(held[c][i]) for i in rows) <= 0.1 * len(rows))


def _blank_rows(page: Page, pair: Pair) -> list[int]:
    """The rows without a time, where (nearly) all with one value of the event column have none
    and (nearly) all with another have one."""
    times = as_list(page.raw.column(pair.time))
    events = as_list(page.raw.column(pair.event))
    blank: dict[str, list[bool]] = {}
    for time, event in zip(times, events, strict=True):
        if not _blank(event):
            blank.setdefault(text_of(event), []).append(_blank(time))
    shares = {v: sum(b) / len(b) for v, b in blank.items() if len(b) > 1}
    both = [i for i, t in enumerate(times) if _blank(t) and _blank(events[i])]
    if (
        pair.dated
        and both
        and all(s <= 0.1 for s in shares.values())
        and first_of(page, pair.event)
    ):
        return both  # nothing came first: neither its kind nor its day is written
    if not any(s >= 0.9 for s in shares.values()) or not any(s <= 0.1 for s in shares.values()):
        return []
    return [i for i, t in enumerate(times) if _blank(t) and not _blank(events[i])]


def _blank(value: object) -> bool:
    text = "" if value is None else text_of(value)
    return not text or is_missing(text) or may_be_missing(text)
