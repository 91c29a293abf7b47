"""Times of endpoints with a mark for those who are censored, `12.3+`; an age and a sex in one cell,
`63/M`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from oncohort.records.columns import as_list
from oncohort.records.marked_numbers import (
    WITHOUT,
    age_and_sex,
    mark_of,
    marks_name,
    split_marks,
)
from oncohort.records.matching import SURE, Match
from oncohort.records.profile import profile
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import called, endpoints_named, has
from oncohort.vocabulary.life import life_in_phrase
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import is_missing, level_words, outcome_words, plain

MARKS = 4
"""Columns with more kinds of marks hold something else."""


def settle_marks(page: Page) -> None:
    """Find times whose numbers carry marks, and take the marks into columns of their own.

    The page's values, names and profiles are changed in place.
    """
    sure = {m.column for m in page.matches if m.confidence >= SURE}
    found = [c for c in page.raw.names if c not in sure and _is_marked(page, c)]
    if not found:
        return
    page.raw, _ = split_marks(page.raw, found)
    page.marked = [*page.marked, *found]
    for column in found:
        for name in (column, marks_name(column)):
            page.held[name] = profile(page.raw.column(name))


def _is_marked(page: Page, column: str) -> bool:
    """Is a column a time by its name, and are its values numbers of which some have a mark?"""
    held = page.held[column]
    text = called(page, column)
    if held.n < 3 or not (endpoints_named(text) or has(text, outcome_words("any")["time"])):
        return False
    if not held.words:
        return False
    units = {w for known in outcome_words("unit").values() for w in known}
    marks: Counter[str] = Counter()
    for value in as_list(page.raw.column(column)):
        if value is None or (isinstance(value, str) and (not value.strip() or is_missing(value))):
            continue
        if isinstance(value, str):
            split = mark_of(value)
            marks[split[1] if split else ""] += 1
        elif isinstance(value, int | float):
            marks[WITHOUT] += 1
        else:
            return False
    if marks.pop("", 0) > 0.05 * held.n or not marks.keys() - {WITHOUT}:
        return False
    return len(marks) <= MARKS and not {m.casefold() for m in marks} & units


def settle_age_and_sex(page: Page) -> None:
    """Take a column whose cells hold an age and a sex apart, `63/M`, where no other holds them.

    The page's values, names, profiles and matches are changed in place.
    """
    sure = {m.ours: m.column for m in page.matches if m.confidence >= SURE}
    taken = set(sure.values()) - {sure.get("age"), sure.get("sex")}
    found = next((c for c in page.raw.names if c not in taken and _holds_both(page, c)), None)
    if found is None or {sure.get("age", found), sure.get("sex", found)} != {found}:
        return
    page.raw, _ = split_marks(page.raw, [found])
    page.marked.append(found)
    sexes = marks_name(found)
    for name in (found, sexes):
        page.held[name] = profile(page.raw.column(name))
    page.matches = [m for m in page.matches if m.column != found and m.ours not in ("age", "sex")]
    why = f"the cells hold an age and a sex: {_example(page, found, sexes)}"
    page.matches += [Match(found, "age", 0.95, why), Match(sexes, "sex", 0.95, why)]


def _holds_both(page: Page, column: str) -> bool:
    """Do nearly all cells hold an age and a sex, and are there men and women?"""
    if page.held[column].n < 3 or page.held[column].mostly not in ("text", ""):
        return False
    values = as_list(page.raw.column(column))
    texts = [v for v in values if isinstance(v, str) and v.strip() and not is_missing(v)]
    if len(texts) < page.held[column].n:
        return False
    read = [age_and_sex(v) for v in texts]
    both = [pair for pair in read if pair is not None and int(pair[0]) <= 120]
    sexes = {level_words("sex")[plain(sex)] for _, sex in both}
    return len(both) >= 0.95 * len(read) and len(sexes) == 2


def _example(page: Page, ages: str, sexes: str) -> str:
    pairs = zip(as_list(page.raw.column(ages)), as_list(page.raw.column(sexes)), strict=True)
    return next(f"{age} and {sex}" for age, sex in pairs if age is not None and sex is not None)


def value_by_mark(values: list[str], told: Sequence[str] = ()) -> tuple[str | None, str]:
    """The value that means the event, where marks are written as everybody does, or explained.

    Parameters
    ----------
    told
        Notes on the sheet and the name of the column, which may say what the mark means.

    Examples
    --------
    >>> value_by_mark(["with +", "without"])[0], value_by_mark(["with *", "without"])[0]
    ('without', None)
    >>> value_by_mark(["with *", "without"], ["* censored"])
    ('without', "the sheet says '* censored'")
    >>> value_by_mark(["with *", "without"], ["*: verstorben"])[0]
    'with *'
    """
    marks = set(values) - {WITHOUT}
    if WITHOUT in values and len(marks) == 1:
        mark = next(iter(marks))
        for text in told:
            if (meant := _explained(mark.removeprefix("with "), text)) is not None:
                return (mark if meant else WITHOUT), f"the sheet says {text[:80]!r}"
    if WITHOUT in values and marks and marks <= {"with +", "with >", "with ≥", "with >="}:
        shown = " and ".join(sorted(m.removeprefix("with ") for m in marks))
        return WITHOUT, f"a time with {shown} goes on: it is censored"
    if set(values) == {"with †", WITHOUT}:
        return "with †", "† is death"
    return None, ""


def _explained(mark: str, text: str) -> bool | None:
    """Does a text say that a mark means an event, or that it means none? None: it says nothing."""
    behind = r"[\"'”“]?\s{0,3}[=:–-]?\s{0,3}([^\W\d_][^;)\]]{0,60})"
    found = re.search(rf"(?:^|[\s(,;\[])[\"'“„]?{re.escape(mark)}{behind}", text[:400])
    return None if found is None else event_of_words(found[1])


def event_of_words(text: str) -> bool | None:
    """Do words beside a time say that the event happened, or that it has not?

    Examples
    --------
    >>> event_of_words("censored"), event_of_words("alive at last follow-up"), event_of_words("tot")
    (False, False, True)
    >>> event_of_words("still on treatment"), event_of_words("months after surgery")
    (False, None)
    """
    word = plain(text)
    meant = level_words("event").get(word)
    if meant is not None:
        return meant == "yes"
    if life := level_words("vital_status").get(word) or life_in_phrase(text):
        return life == "dead"
    denied = mentions(text, "negation")
    censored = has(text, outcome_words("asks")["censoring"]) or mentions(text, "ongoing")
    return False if censored and not denied else None


def marks_some(page: Page, event: str) -> bool:
    """Does a column hold one value, or causes of death, in some rows: what a blank means is
    asked."""
    held = page.held[event]
    told = held.distinct == 1 or has(called(page, event), ("cause",))
    return told and held.n + sum(held.absent.values()) < held.rows
