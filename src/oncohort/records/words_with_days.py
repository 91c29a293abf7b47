"""Cells with a word and a day: `dead 12.03.2016`, `yes (2016-03-05)`."""

from __future__ import annotations

import re

from oncohort.records.dates import read_date
from oncohort.records.day_words import OF_ONE_EVENT
from oncohort.vocabulary.life import life_in_phrase
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.phrases import one_of, phrases
from oncohort.vocabulary.words import level_words, plain

_STATUS_AND_DAY = re.compile(
    r"^(?:(?P<word>[^\d(]{1,40}?)[\s:,(]*"
    r"(?P<day>\d[\d./\-年月日]{3,11}|\d{1,2}[. -]{1,2}[^\W\d]{3,12}[., -]{1,2}\d{2,4})\)?"
    r"|(?P<day2>\d[\d./\-年月日]{3,11})[\s:,(]*(?P<word2>[^\d()]{1,40}?)\)?)$"
)


def status_and_day(text: str) -> tuple[str, str] | None:
    """A word of life, death or loss and the day that stands with it; else nothing.

    Returns
    -------
    tuple
        ``dead``, ``alive`` or ``lost``, and the day as it is written.

    Examples
    --------
    >>> status_and_day("† 12.03.2016"), status_and_day("lebt (05/2016)"), status_and_day("12.3.16")
    (('dead', '12.03.2016'), ('alive', '05/2016'), None)
    >>> status_and_day("lost to follow-up 3/2020")
    ('lost', '3/2020')
    >>> status_and_day("Died 12 Mar 2016 of sepsis"), status_and_day("PD 1.2.2015, died 3.4.2016")
    (('dead', '12 Mar 2016'), None)
    """
    found = _STATUS_AND_DAY.match(text.strip())
    if found is None:
        return _in_a_phrase(text)
    word = plain(found["word"] or found["word2"] or "").strip(" .:,;-")
    word = re.sub(rf" {one_of('on_day')}$", "", word)
    day = found["day"] or found["day2"]
    level = level_words("vital_status").get(word) or ("lost" if word in phrases("lost") else None)
    if level is None:
        return _in_a_phrase(text)
    return None if read_date(day, "day-first").value is None else (level, day)


_DAY = re.compile(
    r"(?<![\d./-])(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[./]\d{4}|\d{4}-\d{2}"
    r"|\d{1,2}[. -]{1,2}[^\W\d]{3,12}[., -]{1,2}\d{4}|[^\W\d]{3,12} \d{1,2}, ?\d{4})(?![\d/-])"
)
_CAUSE = re.compile(
    r"\b(?:of|from|due to|an|durch|wegen|infolge|de|par|por|per|da|z powodu|door|av|af)\b",
    re.IGNORECASE,
)
_MOST_LETTERS = 120


def _in_a_phrase(text: str) -> tuple[str, str] | None:
    """The same of a phrase with one day: `Died 12 Mar 2016 of disease`, `alive, seen 3/2018`."""
    if len(text) > _MOST_LETTERS:
        return None
    days = list(_DAY.finditer(text))
    if len(days) != 1 or read_date(days[0][0], "day-first").value is None:
        return None
    rest = f"{text[: days[0].start()]} {text[days[0].end() :]}"
    if re.search(r"\d{2}", rest) or mentions(_CAUSE.split(rest)[0], "progression"):
        return None  # another time or event, of which the day may be
    level = life_in_phrase(rest)
    return (level, days[0][0]) if level else None


_LIST = re.compile(r"[;\n&|]|,\s|\s\+\s")


def several_days(text: str, column: str) -> list[str]:
    """The days of a cell that lists several, as they are written, where the first of them counts:
    each progression of a patient. Nothing where the cell is one date, or anything else.

    Examples
    --------
    >>> several_days("2016-03-05; 2017-01-10", "progression_date")
    ['2016-03-05', '2017-01-10']
    >>> [several_days(t, "progression_date") for t in ("March 12, 2016", "liver; 2016")]
    [[], []]
    """
    if column not in OF_ONE_EVENT - {"death_date"} or not _LIST.search(text.strip()):
        return []
    if read_date(text, "day-first").value is not None:
        return []
    days = [part.strip() for part in _LIST.split(text) if part.strip()]
    known = (read_date(d, "day-first").value or read_date(d, "month-first").value for d in days)
    return days if len(days) > 1 and all(d is not None for d in known) else []


def event_and_day(text: str, column: str) -> str:
    """The day that stands beside a yes in a column of days of an event; empty where there is none.

    Examples
    --------
    >>> event_and_day("yes (2016-03-05)", "death_date"), event_and_day("died 5.3.16", "death_date")
    ('2016-03-05', '5.3.16')
    >>> event_and_day("no (2016-03-05)", "death_date"), event_and_day("5.3.16", "death_date")
    ('', '')
    """
    found = _STATUS_AND_DAY.match(text.strip()) if column in OF_ONE_EVENT else None
    if found is None:
        return ""
    word = plain(found["word"] or found["word2"] or "").strip(" .:,;-")
    word = re.sub(rf" {one_of('on_day')}$", "", word)
    dead = column == "death_date" and level_words("vital_status").get(word) == "dead"
    if not dead and level_words("event").get(word) != "yes":
        return ""
    return found["day"] or found["day2"]
