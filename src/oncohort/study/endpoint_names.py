"""Words of the names of columns: which endpoint, and whether a time or an event."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from oncohort.records.matching import of_two_events
from oncohort.records.names import FOOTNOTE
from oncohort.study.drafting import Page
from oncohort.vocabulary.mentions import LONGEST, mentions
from oncohort.vocabulary.words import outcome_words, small


@cache
def _joined() -> re.Pattern[str]:
    """An endpoint's short name and what its column holds in one word: `pfscens`, `ostime`."""
    short = [w for ws in outcome_words("time_of").values() for w in ws if w.isalpha()]
    heads = "|".join(w for w in short if len(w) <= 4 or w == "survival")
    return re.compile(f"^({heads})({'|'.join(outcome_words('any')['joined'])})$")


_STEMMED = re.compile(r"^[a-z]{1,3}(time|status|stat|event|cens)$")
"""A word that ends in one of time or event: `pgtime`; it is meant beside the whole word."""


_LETTERS = "぀-ヿ一-龥가-힣ก-๛"
_SCRIPTS = re.compile(rf"(?<=[A-Za-z])(?=[{_LETTERS}])|(?<=[{_LETTERS}])(?=[A-Za-z])")
"""Between letters of ours and those of a script without blanks: `PFS状态`."""


def words(name: str) -> list[str]:
    """The words of a column's name, in a list of its own.

    Examples
    --------
    >>> words("OS_MONTHS"), words("osTime"), words("PFSCENS")
    (['os', 'months'], ['os', 'time'], ['pfs', 'cens'])
    >>> words("PFS状态"), words("OS期間")
    (['pfs', '状态'], ['os', '期間'])
    """
    return list(_words(name))


@lru_cache(maxsize=50_000)
def _words(name: str) -> tuple[str, ...]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name.rstrip(FOOTNOTE))
    spaced = _SCRIPTS.sub(" ", spaced)
    found = [w for w in re.split(r"[\W_]+", small(spaced)) if w]
    out: list[str] = []
    for word in [part for w in found for part in _numbered(w)]:
        joined = _joined().match(word)
        stem = _STEMMED.match(word)
        out += joined.groups() if joined else [word, stem[1]] if stem else [word]
    return tuple(out)


_NUMBERED = re.compile(r"^(os|pfs|dfs|rfs|efs|ttp)(\d)$")


def _numbered(word: str) -> tuple[str, ...]:
    """`pfs2` as two words: it is a second one of the same endpoint."""
    found = _NUMBERED.match(word)
    return (found[1], found[2]) if found else (word,)


_RUN_ON = re.compile("[぀-ヿ一-龥가-힣ก-๛]")
"""Letters of scripts without blanks between their words."""


def has(column: str, names: Iterable[str]) -> bool:
    """Does a name hold one of the words (or, in scripts without blanks, one of the texts)?"""
    column = column[:LONGEST]
    text = f" {' '.join(words(column))} "
    return any(f" {n} " in text or (n in column and bool(_RUN_ON.search(n))) for n in names)


@cache
def _of_events() -> frozenset[str]:
    """The words of which names of events are made."""
    any_ = outcome_words("any")
    groups = [any_[k] for k in ("event", "time", "life_or_death", "denial", "beside_event")]
    groups += [
        w
        for kind in ("time_of", "event_of", "unit", "asks")
        for w in (outcome_words(kind).values())
    ]
    return frozenset(part for group in groups for w in group for part in w.split())


def of_something_else(column: str) -> int:
    """How many words of an event's name are none of events: of a marker, a habit, an organ.

    Examples
    --------
    >>> of_something_else("status"), of_something_else("Event (1 = yes)")
    (0, 0)
    >>> of_something_else("er_status"), of_something_else("Menopausal status")
    (1, 1)
    """
    if _RUN_ON.search(column):
        return 0
    return sum(w not in _of_events() and not w.isdigit() for w in words(column))


def called(page: Page, column: str) -> str:
    """A column's name with its long label, where the file has one."""
    label = page.raw.column_label.get(column, "")
    return f"{column} {label}" if label else column


def until_a_progression(text: str) -> bool:
    """Does a name say a time until the progression or recurrence: `Délai jusqu'à progression`?"""
    return _time_until(text) and mentions(text, "progression")


def until_death(text: str) -> bool:
    """Does a name say a time until death alone: `Time to death or censoring (days)`?"""
    return (
        _time_until(text)
        and mentions(text, "death")
        and not mentions(text, "progression", "another_time")
    )


def _time_until(text: str) -> bool:
    timed = has(text, outcome_words("any")["time"]) or has(
        text, [w for spelt in outcome_words("unit").values() for w in spelt]
    )
    return timed and mentions(text, "until")


def endpoints_named(text: str) -> list[str]:
    """The endpoints that a name or a text means, the more special first.

    Examples
    --------
    >>> endpoints_named("Progression-Free Survival"), endpoints_named("2")
    (['pfs'], [])
    >>> endpoints_named("Time to progression"), endpoints_named("Time to progression or death")
    (['ttp'], ['pfs'])
    >>> endpoints_named("Tempo até progressão (meses)"), endpoints_named("Date of progression")
    (['ttp'], [])
    >>> endpoints_named("Time from progression to death"), endpoints_named("OS after relapse")
    ([], ['os'])
    >>> endpoints_named("Time to death or censoring (days)"), endpoints_named("Date of death")
    (['os'], [])
    """
    found = [k for k, names in outcome_words("time_of").items() if has(text, names)]
    if not found and mentions(text, "since_progression"):
        return []  # it starts at the event of another endpoint
    if not found and until_a_progression(text):
        found = ["ttr" if has(text, outcome_words("event_of")["rfs"]) else "ttp"]
    if not found and until_death(text):
        found = ["os"]
    if "os" in found and len(found) > 1:
        # "progression free survival" holds "survival" too.
        found.remove("os")
    if found in (["ttp"], ["ttr"]) and of_two_events(text):
        return ["pfs" if found == ["ttp"] else "rfs"]  # "time to progression or death"
    return found
