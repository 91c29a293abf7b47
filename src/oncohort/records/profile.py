"""What a raw column holds: its kinds of values, counted once per distinct value."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import field
from datetime import date, datetime

from oncohort.dataclass import dataclass
from oncohort.records.columns import as_list
from oncohort.records.dates import is_compact, is_year_month, only_year_month, read_date
from oncohort.records.grid import Cell, Column
from oncohort.records.values import Reader, read_value, text_of
from oncohort.vocabulary.plurals import counted, enumerated
from oncohort.vocabulary.words import is_missing

SAMPLED = 20_000
"""Values of a column that are looked at."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts over a column's filled cells."""

    n: int
    """Filled cells."""
    rows: int
    counts: Counter[str]
    """Value as text = how often."""
    dates: int
    """Real dates and texts that can only be dates (partial ones too)."""
    ambiguous_dates: int
    """Texts that are dates, day-first or month-first."""
    numbers: int
    words: int
    """Texts that are neither number nor date."""
    low: float | None
    high: float | None
    absent: Counter[str] = field(default_factory=Counter)
    """Words that mean "no value" and nothing else; they are not among the filled cells."""

    @property
    def distinct(self) -> int:
        """Number of distinct values."""
        return len(self.counts)

    @property
    def mostly(self) -> str:
        """``date``, ``number``, ``text`` or ``empty``: what four in five values are."""
        if self.n == 0:
            return "empty"
        if (self.dates + self.ambiguous_dates) / self.n >= 0.75 and self.words / self.n < 0.25:
            return "date"
        if self.numbers / self.n >= 0.6:
            return "number"
        return "text"

    def top(self, most: int = 6) -> str:
        """The commonest values with their counts, in words.

        Examples
        --------
        >>> profile([1, 2, 2]).top()
        '2 (2 rows) and 1 (1 row)'
        """
        parts = [f"{v} ({counted(c, 'row')})" for v, c in self.counts.most_common(most)]
        if self.distinct > most:
            return ", ".join(parts) + ", ..."
        return enumerated(parts)


def profile(values: Column) -> Profile:
    """Count what a column holds.

    Examples
    --------
    >>> p = profile(["62", "58 y", None, 61.0])
    >>> p.n, p.numbers, p.words, p.mostly
    (3, 2, 1, 'number')
    """
    if not isinstance(values, list):
        values = values.head(SAMPLED)
    sample = as_list(values)[:SAMPLED]
    counts: Counter[str] = Counter()
    absent: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    seen: dict[tuple[type, Cell], tuple[str, str, float | None]] = {}
    low: float | None = None
    high: float | None = None
    for value in sample:
        if value is None or value != value:
            continue
        key = (type(value), value)
        if key not in seen:
            seen[key] = _kind(value)
        text, kind, number = seen[key]
        if text == "":
            continue
        if kind == "absent":
            absent[text] += 1
            continue
        counts[text] += 1
        kinds[kind] += 1
        if number is not None:
            low = number if low is None else min(low, number)
            high = number if high is None else max(high, number)
    figures = kinds["number"] + kinds["numeric text"]
    if counts and sum(kinds.values()) == figures and _only_days(counts):
        # Days without marks, 20150131: no other numbers all have such months and days.
        kinds = Counter({"date": figures})
        low = high = None
    return Profile(
        sum(counts.values()),
        len(sample),
        counts,
        kinds["date"] + kinds["real date"],
        kinds["ambiguous"],
        kinds["number"] + kinds["numeric text"],
        kinds["word"],
        low,
        high,
        absent,
    )


def _only_days(counts: Counter[str]) -> bool:
    """Are all figures days (`20150131`), or years with months (`201501`)?"""
    if all(map(is_compact, counts)):
        return True
    return len(counts) > 2 and all(map(is_year_month, counts)) and any(map(only_year_month, counts))


_NUMBER = Reader("number", percent=True)
_COMMA = Reader("number", decimal=",", percent=True)


def _kind(value: Cell) -> tuple[str, str, float | None]:
    text = text_of(value)
    if isinstance(value, date | datetime):
        return text, "real date", None
    if isinstance(value, bool):
        return text, "word", None
    if isinstance(value, int | float):
        return text, "number", float(value)
    if text == "":
        return "", "", None
    if is_missing(text):
        return text, "absent", None
    number = read_value(text, _NUMBER)
    if number.value is None and "," in text:
        number = read_value(text, _COMMA)
    if number.value is not None:
        text = re.sub(r"(?<=\d)\.0+$", "", text)
        # 20190304 and 2019 are numbers too; whether they are dates is settled by the name.
        return text, "numeric text", float(number.value)
    found = read_date(text)
    if found.value is not None:
        return text, "date", None
    if "day-first or month-first" in found.why or "two figures" in found.why:
        return text, "ambiguous", None
    return text, "word", None
