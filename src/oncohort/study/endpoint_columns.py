"""Which columns of a chart are the time and the event of an endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from oncohort.records.matching import SURE
from oncohort.study.drafting import Page
from oncohort.vocabulary.words import level_words, may_be_missing, outcome_words, plain


@dataclass(frozen=True, slots=True)
class Pair:
    """A time and an event column of one endpoint."""

    key: str
    """Empty where the names do not say which endpoint it is."""
    time: str
    event: str


_JOINED = re.compile(
    r"^(os|pfs|dfs|rfs|efs|ttp|dss|css|mfs|dmfs|pfi|dfi|ttf|surv|survival)"
    r"(times?|cens(?:or(?:ed)?)?|events?|status|stat|months?|mo|days?|years?|yrs?|ind|delay|evt)$"
)


def words(name: str) -> list[str]:
    """The words of a column's name.

    Examples
    --------
    >>> words("OS_MONTHS"), words("osTime"), words("PFSCENS")
    (['os', 'months'], ['os', 'time'], ['pfs', 'cens'])
    """
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    found = [w for w in re.split(r"[^0-9a-zà-ÿ\u3040-\u30ff\u4e00-\u9fa5]+", spaced.lower()) if w]
    out: list[str] = []
    for word in found:
        joined = _JOINED.match(word)
        out += joined.groups() if joined else [word]
    return out


def has(column: str, names: Iterable[str]) -> bool:
    """Does a name hold one of the words (or, in scripts without blanks, one of the texts)?"""
    text = f" {' '.join(words(column))} "
    return any(
        f" {n} " in text or (n in column and bool(re.search("[぀-ヿ一-龥]", n))) for n in names
    )


def _endpoints_of(column: str) -> list[str]:
    """The endpoints that a name means, the more special first."""
    found = [k for k, names in outcome_words("time_of").items() if has(column, names)]
    if "os" in found and len(found) > 1:
        # "progression free survival" holds "survival" too.
        found.remove("os")
    return found


def _is_event(page: Page, column: str) -> bool:
    held = page.held[column]
    values = [v for v in held.counts if not may_be_missing(v)]
    return 0 < len(values) <= 6 and held.mostly != "date" and len(values) < max(4, held.n)


def _is_time(page: Page, column: str) -> bool:
    held = page.held[column]
    return held.mostly == "number" and held.distinct > 3 and (held.low or 0) >= -1


def find_pairs(page: Page) -> list[Pair]:
    """Pairs of time and event columns in a table of patients."""
    taken = {
        m.column
        for m in page.matches
        if m.confidence >= SURE
        and (page.relative or m.ours not in ("vital_status", "progression_date", "death_date"))
    }
    free = [c for c in page.raw.names if c not in taken and page.held[c].n]
    times = [c for c in free if _is_time(page, c)]
    flags = [c for c in free if _is_event(page, c)]
    out: list[Pair] = []
    used: set[str] = set()
    for endpoint in outcome_words("time_of"):
        mine = [c for c in times if endpoint in _endpoints_of(c) and c not in used]
        if not mine:
            continue
        mine.sort(key=lambda c: not has(c, outcome_words("any")["time"]))
        candidates = [c for c in _events_of(page, endpoint, flags) if c not in used]
        candidates.sort(key=lambda c: not _speaks(page, c))
        if candidates:
            out.append(Pair(endpoint, mine[0], candidates[0]))
            used |= {mine[0], candidates[0]}
    return out or _nameless(page, times, flags)


def _speaks(page: Page, column: str) -> bool:
    """Are the values of a column figures, or words of events, of life and death?"""
    known = {**level_words("vital_status"), **level_words("event"), **level_words("flag")}
    return all(
        re.fullmatch(r"-?\d+(\.0+)?", v) or plain(v) in known or may_be_missing(v)
        for v in page.held[column].counts
    )


def _events_of(page: Page, endpoint: str, flags: list[str]) -> list[str]:
    """Columns that may hold the event of an endpoint, the likeliest first."""
    any_time, any_event = outcome_words("any")["time"], outcome_words("any")["event"]
    named = [c for c in flags if endpoint in _endpoints_of(c)]
    named = [c for c in named if not has(c, any_time)] or [
        c for c in named if has(c, any_event) and page.held[c].distinct <= 3
    ]
    named.sort(key=lambda c: not has(c, any_event))
    mine = outcome_words("event_of").get(endpoint, ())
    others = [c for c in flags if c not in named and not _endpoints_of(c) and has(c, mine)]
    others.sort(key=lambda c: page.held[c].distinct)
    if not (named or others) and endpoint in ("os", "efs"):
        others = [c for c in flags if has(c, any_event) and not _endpoints_of(c)]
    return [*named, *others]


_BARE = ("time", "futime", "failtime", "tte", "aval", "t")


def _nameless(page: Page, times: list[str], flags: list[str]) -> list[Pair]:
    """`time` and `status`: a time and an event without an endpoint's name."""
    any_event, death = outcome_words("any")["event"], outcome_words("event_of")["os"]
    bare = [
        c
        for c in times
        if words(c)
        and (has(c, outcome_words("any")["time"]) or words(c) == ["t"])
        and not re.search(r"\b(age|dose|interval)\b", c.lower())
    ]
    events = [c for c in flags if has(c, any_event) or has(c, death)]
    events = events or [c for c in flags if words(c) == ["d"] and ["t"] in map(words, times)]
    if not bare or not events:
        return []
    exact = [c for c in bare if words(c)[0] in _BARE] or bare
    neutral = ("status", "estado", "statut", "stato")
    if has(events[0], (w for w in death if w not in neutral)):
        return [Pair("os", exact[0], events[0])]
    return [Pair(_said_by_constant(page), exact[0], events[0])]


def _said_by_constant(page: Page) -> str:
    """The endpoint that a column says for all rows: PARAMCD = OS."""
    for held in page.held.values():
        if held.distinct == 1 and held.n > 1:
            found = _endpoints_of(next(iter(held.counts)))
            if len(found) == 1:
                return found[0]
    return ""


def unit_of(page: Page, pair: Pair) -> tuple[str | None, str]:
    """The unit of a time column and the evidence; None where it is open."""
    mine = words(pair.time)
    for unit, known in outcome_words("unit").items():
        ok = any(
            w in known for w in mine if w not in ("d", "mo", "m", "y") or w == mine[-1]
        ) or any(
            n in pair.time
            for n in known
            if not n.isascii()
            and re.search("[一-龥]", n)
            and f"({n})" in pair.time.replace("（", "(").replace("）", ")")
        )
        if ok and len(mine) > 1:
            return unit, f'the name "{pair.time}" says so'
    label = page.raw.column_label.get(pair.time, "")
    for unit, known in outcome_words("unit").items():
        if any(w in known for w in words(label) if len(w) > 2):
            return unit, f'its label "{label}" says so'
    for column in page.raw.names:
        if "unit" in words(column) and page.held[column].distinct == 1:
            held = next(iter(page.held[column].counts)).lower()
            for unit, known in outcome_words("unit").items():
                if held in known:
                    return unit, f'the column "{column}" says "{held}"'
    high = page.held[pair.time].high or 0
    if high > MAXIMUM["weeks"]:
        return "days", f"its largest value, {high:g}, can be nothing else"
    return None, ""


MAXIMUM = {"months": 600.0, "weeks": 2600.0}
"""Times beyond which a column can't be in this unit: fifty years."""
