"""Columns that say what came first: progression or recurrence, death, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from oncohort.records.legends import header_legend
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import has
from oncohort.vocabulary.life import life_in_phrase
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import level_words, may_be_missing, outcome_words, plain, small


def first_of(page: Page, column: str) -> str:
    """The endpoint that ends with the first of several events, by what a column's values mean.

    Returns
    -------
    str
        ``pfs`` where progression and death are among them, ``rfs`` for recurrence and death; empty
        where the values say no such thing.
    """
    return first_of_words(_meanings(page, column))


def _meanings(page: Page, column: str) -> list[str]:
    """What the values of a column mean, by its legend or the file's labels."""
    labels = header_legend(column) or page.legends.get(column, ({}, ""))[0]
    labels = labels or page.raw.label_of.get(column, {})
    return [labels.get(v, v) for v in page.held[column].counts if not may_be_missing(v)]


def tells_life(page: Page, column: str) -> bool:
    """Do the values of a column say who is dead and who alive, `dead of disease` among them?"""
    known = level_words("vital_status")
    said = {known.get(plain(v)) or life_in_phrase(v) for v in _meanings(page, column)}
    return said == {"alive", "dead"}


def first_of_words(values: Iterable[str]) -> str:
    """The same of the words themselves.

    Examples
    --------
    >>> first_of_words(["progression", "death", "none"]), first_of_words(["Rezidiv", "Tod"])
    ('pfs', 'rfs')
    >>> first_of_words(["alive", "dead"]), first_of_words(["progression", "none"])
    ('', '')
    """
    found = {kind_of(v) for v in values}
    if "dead" not in found or "" in found:
        return ""
    return "pfs" if "pfs" in found else "rfs" if "rfs" in found else ""


def kind_of(value: str) -> str:
    """What one word says: ``pfs``, ``rfs``, ``dead``, ``none``; empty where it is not known.

    Examples
    --------
    >>> [kind_of(w) for w in ("Local relapse", "Tod", "no progression", "surgery")]
    ['rfs', 'dead', 'none', '']
    """
    word = plain(value)
    denied = mentions(word, "negation") or mentions(word, "free_of")
    if level_words("vital_status").get(word) == "dead":
        return "dead"
    if level_words("event").get(word) == "no" or level_words("vital_status").get(word) == "alive":
        return "none"
    if level_words("flag").get(word) == "no" or word in level_words("missing"):
        return "none"
    life = life_in_phrase(word)
    if (
        life
    ):  # "died of progression" is a death; "alive with relapse" says nothing of what came first
        return "dead" if life == "dead" else "" if mentions(word, "progression") else "none"
    for endpoint in ("pfs", "rfs"):
        if has(word, outcome_words("event_of")[endpoint]):
            return "none" if denied else endpoint
    if mentions(word, "progression"):
        return "none" if denied else "pfs"
    return ""


def counts_deaths(key: str) -> bool:
    """Is death an event of an endpoint by its definition?

    Examples
    --------
    >>> counts_deaths("pfs"), counts_deaths("ttp")
    (True, False)
    """
    return key in ("pfs", "rfs", "dfs", "efs")


def when_it_was(column: str, event: str) -> bool:
    """Is a column the day or time of what another names: `Event date` beside `Event type`?

    Examples
    --------
    >>> when_it_was("Event date", "Event type"), when_it_was("Failure date", "Type of failure")
    (True, True)
    >>> when_it_was("Last follow-up", "First event"), when_it_was("Date of relapse", "Event")
    (False, False)
    """
    if mentions(column, "before", "at_a_time"):
        return False
    if _stem(column) and _stem(column) == _stem(event):
        return True
    named = has(column, (*_EVENTS, *_words("event"))) or mentions(column, "event")
    return named and not mentions(column, "last_contact")


_EVENTS = ("event", "failure")


def _words(what: str) -> tuple[str, ...]:
    censored = {*outcome_words("asks")["censoring"], *outcome_words("any")["neutral"]}
    beside = {*outcome_words("any")["life_or_death"], *outcome_words("asks")["death"], "flag", "d"}
    return tuple(w for w in outcome_words("any")[what] if w not in censored | beside)


def _stem(column: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]+", small(re.sub(r"[(\[][^()\[\]]*[)\]]", " ", column)))
    return frozenset(w for w in words if w not in outcome_words("any")["kind_or_day"])
