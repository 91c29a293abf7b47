"""Cells that tell a time in words, with or without a status: `dead at 12.3 mo`, `1y 3m`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from oncohort.dataclass import dataclass
from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import column_at
from oncohort.records.values import text_of
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import is_missing, may_be_missing, outcome_words, plain

_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+\.?|日|天)?")
_BETWEEN = re.compile(r"[\s,;:.()\[\]/@–—-]+")
LONGEST = 40
"""Longer words beside a time are a sentence."""
_MONTHS_PER = {"years": 12.0, "months": 1.0}


@dataclass(frozen=True, slots=True)
class Told:
    """A time and the words beside it."""

    days: float
    months: float | None
    """The same in months, where years and months alone were written; a year has twelve."""
    unit: str
    """The smallest unit that was written."""
    words: str

    def in_unit(self, unit: str) -> float:
        """The time in a unit.

        Examples
        --------
        >>> told_time("1y 3m").in_unit("months"), told_time("6 weeks").in_unit("days")
        (15.0, 42.0)
        """
        if self.months is not None and unit in _MONTHS_PER:
            return self.months / _MONTHS_PER[unit]
        return self.days / DAYS_PER_UNIT[unit]


@cache
def _units() -> Mapping[str, str]:
    known = {w: unit for unit, words in outcome_words("unit").items() for w in words}
    return known | {"a": "years", "j": "years", "t": "days"}


@cache
def _small() -> frozenset[str]:
    return frozenset(outcome_words("any")["beside_a_time"])


def told_time(text: str, own: str = "") -> Told | None:
    """The time that a cell tells, in words; None where it tells none, or more than one.

    Parameters
    ----------
    own
        The unit of a number without one, where the column's name has it.

    Examples
    --------
    >>> told_time("dead at 12.3 mo").words, told_time("alive, 30 mo").months
    ('dead', 30.0)
    >>> told_time("DOD (2 years 1 month)").months, told_time("12.3"), told_time("dead 2015")
    (25.0, None, None)
    """
    if len(text) > 120:
        return None
    spans = list(_AMOUNT.finditer(text))
    if not spans:
        return None
    amounts: list[tuple[float, str]] = []
    words = text[: spans[0].start()]
    for nth, found in enumerate(spans):
        unit = _unit_of(found[2] or "", alone=len(spans) == 1)
        if unit is None and own and len(spans) == 1:
            # What stands behind the number is a word beside it.
            return _with_own(text, found, own)
        if unit is None:
            return None  # a number without a unit may be anything
        between = text[spans[nth - 1].end() : found.start()] if nth else ""
        if _BETWEEN.sub(" ", between).strip().lower() not in ("", "and", "und", "et", "y", "e"):
            return None
        amounts.append((float(found[1].replace(",", ".")), unit))
    words = f"{words} {text[spans[-1].end() :]}"
    order = [u for u in ("years", "months", "weeks", "days") if u in {a[1] for a in amounts}]
    if [u for _, u in amounts] != order:
        return None
    rest = [w for w in _BETWEEN.split(words) if w and w.lower() not in _small()]
    months = sum(n * _MONTHS_PER[u] for n, u in amounts) if set(order) <= set(_MONTHS_PER) else None
    days = sum(n * DAYS_PER_UNIT[u] for n, u in amounts)
    return Told(days, months, order[-1], " ".join(rest))


def _unit_of(word: str, *, alone: bool) -> str | None:
    """The unit that a word is. A single letter may be a status (`12 D`): capitals are none, and
    only the letters of months, weeks, days and years stand alone."""
    word = word.rstrip(".")
    if len(word) == 1 and word.isascii() and (word.isupper() or (alone and word not in "mwdy")):
        return None
    return _units().get(word.lower())


def _with_own(text: str, found: re.Match[str], own: str) -> Told | None:
    """A number in the column's unit, with the words before and behind it."""
    words = f"{text[: found.start()]} {found[2] or ''} {text[found.end() :]}"
    written = [w for w in _BETWEEN.split(words) if w]
    rest = [w for w in written if w.lower() not in _small()] or written
    if not rest or len(" ".join(rest)) > LONGEST:
        return None
    number = float(found[1].replace(",", "."))
    months = number * _MONTHS_PER[own] if own in _MONTHS_PER else None
    return Told(number * DAYS_PER_UNIT[own], months, own, " ".join(rest))


def time_name(column: str, unit: str) -> str:
    """The name of the column with the times that another one tells."""
    return f"{column} time ({unit})"


def status_name(column: str) -> str:
    """The name of the column with the words that stand beside the times."""
    return f"{column} status"


def split_told(raw: Raw, units: Mapping[str, str]) -> tuple[Raw, list[str]]:
    """Add a column of times, and one of the words beside them, for columns that tell times.

    Parameters
    ----------
    units
        The chart's column = the unit of the times that are made.

    Returns
    -------
    tuple
        The table, and the names that it does not have. A cell that tells no time stays a text
        among the times, so that it is named.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("id", "End"), ([1, 2], ["dead at 8 mo", "alive, 1y 3m"]), [2, 3])
    >>> done, _ = split_told(raw, {"End": "months"})
    >>> done.names[2:], done.columns[2:]
    (('End time (months)', 'End status'), [[8.0, 15.0], ['dead', 'alive']])
    """
    absent: list[str] = []
    for wanted, unit in units.items():
        at = column_at(raw.names, wanted)
        if at is None:
            absent.append(wanted)
            continue
        times, words = _apart(as_list(raw.columns[at]), unit, unit_named(raw.names[at]))
        new = [(time_name(raw.names[at], unit), times)]
        if any(words):
            new.append((status_name(raw.names[at]), words))
        for name, values in new:
            raw = with_column(raw, name, values, at)
    return raw, absent


def filled_down(raw: Raw, names: Sequence[str]) -> tuple[Raw, list[str]]:
    """Let blank cells of columns take the value above them, as in blocks with a title.

    Returns
    -------
    tuple
        The table, and the names that it does not have.
    """
    columns = list(raw.columns)
    for at in (column_at(raw.names, name) for name in names):
        if at is not None:
            out: list[Cell] = []
            for value in as_list(columns[at]):
                out.append(out[-1] if out and _is_blank(value) else value)
            columns[at] = out
    absent = [n for n in names if column_at(raw.names, n) is None]
    return (replace(raw, columns=columns), absent) if names else (raw, absent)


def filled_from(raw: Raw, others: Mapping[str, str]) -> tuple[Raw, list[str]]:
    """Let blank cells of columns take the values of others.

    Returns
    -------
    tuple
        The table, and the names that it does not have.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("relapse", "last"), (["3", None, "NA"], [3, 9, 8]), [2, 3, 4])
    >>> filled_from(raw, {"relapse": "last"})[0].columns[0]
    ['3', 9, 8]
    >>> raw = Raw("c.csv", None, ("of it", "of other"), (["x", None], [None, "x"]), [2, 3])
    >>> filled_from(raw, {"of it": "of other"})[0].columns[0]
    ['x', 'x']
    """
    absent = [n for pair in others.items() for n in pair if column_at(raw.names, n) is None]
    columns = list(raw.columns)
    for column, other in others.items():
        at, source = column_at(raw.names, column), column_at(raw.names, other)
        if at is not None and source is not None:
            own = as_list(columns[at])
            marks = len({v for v in own if not _is_blank(v)}) == 1  # an x is no missing time
            lacks = _is_blank if marks else _is_no_time
            pairs = zip(own, as_list(raw.columns[source]), strict=True)
            columns[at] = [b if lacks(a) else a for a, b in pairs]
    return replace(raw, columns=columns) if others else raw, absent


def kept_where(
    raw: Raw, flags: Mapping[str, Mapping[str, str | int | float | bool]]
) -> tuple[Raw, list[str]]:
    """Blank the cells of columns in the rows where a flag has another value than the one named.

    Returns
    -------
    tuple
        The table, and the names that it does not have.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("day", "PD"), (["5.1.16", "7.1.16"], ["yes", "no"]), [2, 3])
    >>> kept_where(raw, {"day": {"PD": "yes"}})[0].columns[0]
    ['5.1.16', None]
    >>> torn = Raw("c.csv", None, ("day", "PD"), (["5.1.16", "7.1.16"], ["no", "banana"]), [2, 3])
    >>> kept_where(torn, {"day": {"PD": "yes"}})[0].columns[0]
    [None, '7.1.16 (PD: banana)']
    """
    wanted = [n for column, how in flags.items() for n in (column, *how)]
    absent = [n for n in wanted if column_at(raw.names, n) is None]
    columns = list(raw.columns)
    for column, how in flags.items():
        for flag, value in how.items():
            at, source = column_at(raw.names, column), column_at(raw.names, flag)
            if at is None or source is None:
                continue
            ours, theirs = as_list(columns[at]), as_list(raw.columns[source])
            columns[at] = _where(ours, theirs, flag, plain(text_of(value)))
    return replace(raw, columns=columns) if flags else raw, absent


def _where(days: Sequence[Cell], flags: Sequence[Cell], flag: str, yes: str) -> list[Cell]:
    """The days where a flag says yes. Where it says neither yes nor what stands for no in most
    rows, nobody knows what the day is of: it can't be read, and is told of."""
    words = ["" if _is_blank(v) else plain(text_of(v)) for v in flags]
    others = Counter(v for v in words if v not in ("", yes))
    no = next((v for v, _ in others.most_common(1)), None)
    out: list[Cell] = []
    for day, word, shown in zip(days, words, flags, strict=True):
        if word == yes or _is_blank(day):
            out.append(day)
        elif word == no:
            out.append(None)
        else:
            out.append(f"{text_of(day)} ({flag}: {'blank' if shown is None else text_of(shown)})")
    return out


def _is_blank(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and (not value.strip() or is_missing(value)))


def _is_no_time(value: Cell) -> bool:
    return _is_blank(value) or (isinstance(value, str) and may_be_missing(value))


def with_column(raw: Raw, name: str, values: Sequence[Cell], at: int) -> Raw:
    """The table with one more column, whose cells stand where those of another column do."""
    theirs = raw.names[at]
    joined = {**raw.joined, name: raw.joined[theirs]} if theirs in raw.joined else raw.joined
    return replace(
        raw,
        names=(*raw.names, name),
        columns=[*raw.columns, list(values)],
        letters=(*raw.letters, raw.letters[at]) if raw.letters else (),
        joined=joined,
    )


def unit_named(column: str) -> str:
    """The unit of time in the brackets of a column's name; empty where there is none.

    Examples
    --------
    >>> unit_named("Outcome (months)"), unit_named("Outcome")
    ('months', '')
    """
    named = re.findall(r"[(\[（]([^()\[\]（）]{1,20})[)\]）]", column)
    return next((u for n in named if (u := _units().get(n.strip().lower()))), "")


def _apart(values: Sequence[Cell], unit: str, own: str) -> tuple[list[Cell], list[Cell]]:
    times: list[Cell] = []
    words: list[Cell] = []
    for value in values:
        told = told_time(value, own) if isinstance(value, str) else None
        if told is None:
            times.append(None if _is_blank(value) else value)
            words.append(None)
        else:
            times.append(round(told.in_unit(unit), 6))
            words.append(told.words or None)
    return times, words
