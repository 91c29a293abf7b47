"""One value of the chart as a number, a date, a flag, a level or a text, and by which rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from oncohort.dataclass import dataclass
from oncohort.protocol.toml_text import toml_line
from oncohort.records.dates import BIRTH_PIVOT, PIVOT, read_date
from oncohort.records.grid import Cell
from oncohort.records.in_words import grade_of
from oncohort.records.words_with_days import event_and_day, several_days, status_and_day
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.phrases import one_of, phrases
from oncohort.vocabulary.tables import Kind
from oncohort.vocabulary.times import DateOrder
from oncohort.vocabulary.words import is_missing, level_words, may_be_missing, plain, value_columns

_NUMBER = re.compile(r"^[+\-−–]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
_COMMA = re.compile(r"^[+\-−–]?\d+,\d+$")
_THOUSANDS = re.compile(r"^[+\-−–]?\d{1,3}(,\d{3})+(\.\d+)?$")
_BOUND = re.compile(r"^\s*(<|>|≤|≥|<=|>=)\s*[\d.,]+")
_WITH_UNIT = re.compile(r"^([+\-−–]?[\d.,]+)\s*([^\d\s<>].*)$")
_YEARS_AND_MONTHS = re.compile(
    rf"^(\d{{1,3}}) ?{one_of('age')}[., ]{{0,2}}(\d{{1,2}}) ?{one_of('months')}$", re.IGNORECASE
)
_WHOLE = re.compile(r"(?<=\d)\.0+$")
_LENGTHS_IN = ("diameter_mm", "slice_mm")
"""Columns whose cells may have a unit of their own: `23 mm` beside `2.3 cm`."""
SMALLEST, LARGEST = 1e-30, 1e15
"""Sizes of numbers that a chart can hold: moles of a hormone, cells of a body."""
_FORMULA_ERRORS = frozenset(
    ["#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#getting_data", "#spill!"]
)


@dataclass(frozen=True, slots=True)
class Reader:
    """How the values of one column are read: everything that the protocol and the column say."""

    kind: Kind
    column: str = ""
    levels: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    codes: Mapping[str, Cell] = field(default_factory=lambda: MappingProxyType({}))
    order: DateOrder | None = None
    apart: Mapping[str, DateOrder | None] = field(default_factory=lambda: MappingProxyType({}))
    """Marks of written dates that have another order; None: it is not known."""
    decimal: Literal[".", ","] = "."
    mark: str = ""
    """The decimal mark that the protocol or other columns of the table show; where it is known,
    the other mark may stand between thousands."""
    thousands: str = ""
    """The mark between the thousands of its values."""
    decimal_found: bool = False
    """The column's own values show that its comma is the decimal one."""
    unit: str = ""
    """Unit of the column, as it may also stand behind the number."""
    factor: Fraction = Fraction(1)
    from_1904: bool = False
    """Day numbers count from 1904."""
    relative: float = 0.0
    """Days of the unit in which times stand instead of dates; 0 where dates are dates."""
    day_zero: date | None = None
    """Day from which numbers count; none: as Excel counts."""
    swapped: bool = False
    """Day and month of real dates are exchanged."""
    percent: bool = False
    """Values are percentages: a percent sign behind them says nothing new."""
    words: bool = False
    """A text column whose words for missing are missing, as in covariates; names of drugs or ids
    are taken as they stand."""
    kept: frozenset[str] = frozenset()
    """Keys of levels that the protocol declares: they are values, whatever their word."""
    hints: bool = True
    """Say which known word an unknown one is like; costly for many values."""
    unsure: frozenset[str] = frozenset()
    """Words of levels that this column's other values make ambiguous: `M` beside `H` and `V`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as read. ``why`` says why it can't be; ``rule`` names a rule worth saying."""

    value: Any = None
    """Of the kind of the column; None where blank, missing or unreadable."""
    rule: str = ""
    why: str = ""
    todo: str = ""
    precision: str | None = None
    id: str = "values.unreadable"


_BLANK = Reading()


def text_of(value: object) -> str:
    """A value as the text that codes and missing words are compared with.

    Examples
    --------
    >>> text_of(1.0), text_of(" ND "), text_of(True)
    ('1', 'ND', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\u3000", " ").replace("\xa0", " ").strip()


def known_words(levels: tuple[str, ...]) -> dict[str, str]:
    """Every known word, in lower case, for levels such as those of ``best_response``."""
    out = {v.lower(): v for v in levels}
    for column in value_columns():
        words = level_words(column)
        if set(levels) & set(words.values()):
            out |= {word: level for word, level in words.items() if level in levels}
    return out


_SAME_WORDS = {
    "best_response": "response",
    "target": "response",
    "non_target": "response",
    "overall": "response",
    "stop_reason": "treatment_end_reason",
}


def read_value(value: Cell, how: Reader) -> Reading:
    """Read one value of a column.

    Examples
    --------
    >>> read_value("12,5", Reader("number", decimal=",")).value
    12.5
    >>> read_value("58 y", Reader("number", "age"))
    Reading(value=58.0, rule='numbers.unit-behind', ...)
    >>> read_value("<5", Reader("number", "value")).why
    "'<5' is a bound, not a value"
    >>> read_value("M", Reader("text", "sex", ("male", "female"))).value
    'male'
    """
    text = "" if value is None else text_of(value)
    if text == "":
        return _coded(how.codes[""], how) if "" in how.codes else _BLANK
    if text in how.missing:
        return Reading(rule="values.missing")
    if how.codes:
        # A CSV writes the code 1 as 1.0 where a column once had blanks.
        whole = _WHOLE.sub("", text) if _WHOLE.search(text) and text not in how.codes else text
        itself = how.kind == "date" and how.codes.get(whole) == whole  # it is what it says
        if whole in how.codes and not itself:
            return _coded(how.codes[whole], how)
    if text.lower() in _FORMULA_ERRORS:
        return Reading(
            why=f"{text} is a formula's error",
            todo="Mend the formula in the workbook.",
            id="values.formula-error",
        )
    if how.kind != "text" or how.levels or how.words:
        absent = _absent(text, how)
        if absent is not None:
            return absent
    if how.kind == "text":
        return _level(text, how) if how.levels else Reading(text)
    if how.kind == "date" and how.relative:
        return _relative(value, text, how)
    if how.kind == "date":
        if how.column == "death_date" and level_words("vital_status").get(plain(text)) == "alive":
            return Reading(rule="values.alive")
        if how.swapped and isinstance(value, date):
            return _swapped_back(value, text)
        if how.day_zero is not None and re.fullmatch(r"-?\d{1,5}(\.0+)?", text):
            days = timedelta(days=int(float(text)))
            return Reading(how.day_zero + days, "dates.day-numbers", precision="day")
        pivot = BIRTH_PIVOT if how.column == "birth_date" else PIVOT
        worded = status_and_day(text) if how.column == "last_contact" else None
        beside = worded[1] if worded is not None else event_and_day(text, how.column)
        if beside:
            found = read_date(beside, how.order, pivot=pivot, apart=how.apart)
            if found.value is not None:
                return Reading(found.value, "dates.word-beside", precision=found.precision)
        if several := several_days(text, how.column):
            read = [read_date(d, how.order, pivot=pivot, apart=how.apart) for d in several]
            if all(d.value is not None for d in read):
                first = min(read, key=lambda d: d.value or date.max)
                return Reading(first.value, "dates.first-of-several", precision=first.precision)
        found = read_date(value, how.order, from_1904=how.from_1904, pivot=pivot, apart=how.apart)
        if found.value is None:
            return Reading(why=found.why, todo=_date_hint(found.why, text, how))
        return Reading(found.value, found.rule, precision=found.precision)
    if how.kind == "flag":
        return _flag(text, how)
    return _number(value, text, how)


DAY_ZERO = date(2000, 1, 1)
"""Stands for day zero where times stand instead of dates."""


def _relative(value: Cell, text: str, how: Reader) -> Reading:
    """A time since day zero as a date."""
    if isinstance(value, date) or text == DAY_ZERO.isoformat():
        if text == DAY_ZERO.isoformat():
            return Reading(DAY_ZERO, precision="day")
        return Reading(why=f"{text} is a date among times since day zero")
    number = _number(value, text, Reader("number", how.column, decimal=how.decimal))
    if number.value is None:
        return number
    days = round(number.value * how.relative)
    if abs(days) > 73_000:
        return Reading(why=f"{text!r} is a time of more than 200 years")
    return Reading(DAY_ZERO + timedelta(days=days), "dates.relative", precision="day")


def _swapped_back(value: date, text: str) -> Reading:
    """A real date with day and month exchanged again."""
    if value.day > 12:
        return Reading(
            why=f"{text} can't have been exchanged: its day is above 12",
            todo="Correct the cell, or take the column out of `swapped`.",
        )
    day = value.date() if isinstance(value, datetime) else value
    return Reading(day.replace(month=day.day, day=day.month), "dates.swapped-back", precision="day")


def _absent(text: str, how: Reader) -> Reading | None:
    """A word for "no value"; one that may be a value is named, for a question."""
    if how.kept and level_key(text) in how.kept:
        return None
    if is_missing(text):
        return Reading(rule="values.no-value")
    if how.words and may_be_missing(text):
        return Reading(text, rule="values.may-be-missing")
    return None


def _coded(meant: Any, how: Reader) -> Reading:
    """A value that the protocol translates."""
    if isinstance(meant, str) and meant == "":
        return Reading(rule="values.code")
    inner = read_value(
        meant, Reader(how.kind, how.column, how.levels, order="iso", factor=how.factor)
    )
    if inner.why:
        return Reading(why=f"the protocol's code gives {inner.why}", todo="Correct `codes`.")
    return Reading(inner.value, "values.code", precision=inner.precision)


def _date_hint(why: str, text: str, how: Reader) -> str:
    mark = next((m for m, order in how.apart.items() if order is None and m in text), "")
    if mark and "day-first or month-first" in why:
        return (
            f"Say the order of the dates with {mark} in the protocol: "
            f'dates_with = {{ "{mark}" = "day-first" }}, or "month-first".'
        )
    if "day-first or month-first" in why or "two figures" in why:
        return 'Say which in the protocol: dates = "day-first" or dates = "month-first".'
    return "Correct the cell, or say in the protocol what it means (`missing`)."


def _say(text: str, how: Reader, meaning: object) -> str:
    return f"Say what it means: {toml_line('codes', {how.column: {text: meaning}}, bare=True)}."


def _level(text: str, how: Reader) -> Reading:
    if text in how.levels:
        return Reading(text)
    lower = plain(text.replace("_", " "))
    by_name = {v.lower().replace("_", " "): v for v in how.levels}
    if lower in by_name:
        return Reading(by_name[lower], "values.case")
    words = level_words(_SAME_WORDS.get(how.column, how.column))
    if lower in how.unsure:
        return Reading(
            why=f"{text!r} means male in one language and another thing in others",
            todo=_say(text, how, "..."),
            id="values.unknown-level",
        )
    if words.get(lower) in how.levels:
        return Reading(words[lower], "values.word")
    if how.column == "vital_status" and (parts := status_and_day(text)) and parts[0] in how.levels:
        return Reading(parts[0], "values.word")
    near = (
        get_close_matches(lower, [*by_name, *(w for w in words if len(w) > 3)], n=1, cutoff=0.75)
        if how.hints and len(lower) <= 40
        else []
    )
    known = ", ".join(how.levels)
    todo = f"{_say(text, how, '...')} Known: {known}."
    if near:
        meant = by_name.get(near[0]) or words[near[0]]
        todo = f'Did you mean "{meant}"? {todo}'
    return Reading(why=f"{text!r} is none of {known}", todo=todo, id="values.unknown-level")


def _flag(text: str, how: Reader) -> Reading:
    meant = level_words("flag").get(plain(text))
    if meant is not None:
        return Reading(meant == "yes")
    return Reading(
        why=f"{text!r} is neither yes nor no",
        todo=_say(text, how, True),
        id="values.unknown-level",
    )


def within_measures(number: float) -> bool:
    """Whether something measured can be so large or small; what is not overflows in powers of it.

    Examples
    --------
    >>> [within_measures(v) for v in (0, -3e12, 1e-12, 1e300, 5e-324)]
    [True, True, True, False, False]
    """
    return number == 0 or SMALLEST <= abs(number) <= LARGEST


def _scaled(number: float, how: Reader) -> float | int | None:
    """The number in our unit; None where an integer was wanted and it is none."""
    if how.factor != 1:
        number = number * how.factor.numerator / how.factor.denominator
    if how.kind == "integer":
        return int(number) if number == int(number) else None
    return float(number)


def _finished(number: float, rule: str, text: str, how: Reader) -> Reading:
    if number != number or number in (float("inf"), float("-inf")):
        return Reading(why=f"{text!r} is not a finite number")
    if not within_measures(number):
        return Reading(why=f"{text!r} is beyond everything that is measured")
    scaled = _scaled(number, how)
    if scaled is None:
        return Reading(why=f"{text!r} is not a whole number")
    return Reading(scaled, rule)


def _number(value: Cell, text: str, how: Reader) -> Reading:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finished(float(value), "", text, how)
    if isinstance(value, date | datetime):
        return Reading(
            why=f"{text} is a date where a number is expected",
            todo="Excel turns 3-4 or 1.5 into dates: type the number again.",
            id="values.date-as-number",
        )
    figures = text.replace("−", "-").replace("–", "-")
    if _BOUND.match(figures):
        return Reading(
            why=f"{text!r} is a bound, not a value",
            todo=f'Say what it counts as: codes = {{ "{how.column}" = {{ "{text}" = "..." }} }}.',
            id="values.bound",
        )
    if how.thousands and grouped(figures, how.thousands):
        whole = figures.replace(how.thousands, "").replace(",", ".")
        return _finished(float(whole), "numbers.thousands", text, how)
    rule = ""
    if figures.endswith("%"):
        if not how.percent:
            return Reading(
                why=f"{text!r} has a percent sign that its column does not explain",
                todo="Give the column a unit in the protocol: "
                f"{toml_line('units', {how.column: '%'}, bare=True)}.",
            )
        figures, rule = figures[:-1].strip(), "numbers.percent-sign"
    if how.decimal == ",":
        if "," in figures:
            swapped = figures.replace(".", "").replace(",", ".")
            if _NUMBER.match(swapped):
                by = "numbers.decimal-comma" if how.decimal_found else rule
                return _finished(float(swapped), by, text, how)
        elif _THOUSANDS.match(figures.replace(".", ",")) and not how.decimal_found:
            return Reading(
                why=f"{text!r} could be a decimal point or thousands",
                todo="Correct the cell: this table's decimals are commas.",
            )
    if _NUMBER.match(figures):
        return _finished(float(figures), rule, text, how)
    if _COMMA.match(figures):
        return Reading(
            why=f"{text!r} could be a decimal comma or thousands",
            todo='Say which in the protocol: decimal = ",", or correct the cell.',
        )
    if how.column in ("grade", "baseline_grade"):
        grade = grade_of(text)
        if grade is not None:
            return _finished(float(grade), "values.grade", text, how)
    found = _with_words(figures, how)
    if found is not None:
        return found
    return Reading(
        why=f"{text!r} is not a number",
        todo=f'Correct the cell, or say that it means missing: missing = ["{text}"].',
    )


def grouped(text: str, mark: str) -> bool:
    """Does a number have marks between its thousands: `1.234` or `1.234,5`?

    Examples
    --------
    >>> grouped("1.234", "."), grouped("1,234,567.5", ","), grouped("0.234", ".")
    (True, True, False)
    """
    other = "." if mark == "," else ","
    return bool(re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+(\{other}\d+)?", text))


def _with_words(figures: str, how: Reader) -> Reading | None:
    """A number with its unit behind it, or years and months."""
    aged = _YEARS_AND_MONTHS.match(figures) if how.column == "age" else None
    if aged and int(aged[2]) < 12:
        return Reading(int(aged[1]) + int(aged[2]) / 12, "numbers.years-and-months")
    found = _WITH_UNIT.match(figures)
    if found is None:
        return None
    unit = found.group(2).strip().lower()
    rule = "numbers.unit-behind" if _explained(unit, how) else ""
    if how.column in _LENGTHS_IN and unit in ("mm", "cm"):
        how, rule = replace(how, factor=Fraction(10 if unit == "cm" else 1)), "numbers.own-unit"
    elif not rule and how.unit and how.kind == "number":
        factor = _factor(how.column, found.group(2).strip(), how.unit)
        if factor is not None:
            how, rule = replace(how, factor=factor), "numbers.own-unit"
    inner = _number(found.group(1), found.group(1), how) if rule else None
    return Reading(inner.value, rule) if inner is not None and not inner.why else None


@cache
def _factor(column: str, unit: str, wanted: str) -> Fraction | None:
    """From the unit behind a number to that of the column, for a measurement that is known."""
    from oncohort.records.units import UnitError, analyte, ratio

    try:
        return ratio(column, unit, wanted) if analyte(column) is not None else None
    except UnitError:
        return None


def _explained(unit: str, how: Reader) -> bool:
    word = unit.strip().lower()
    if how.column == "age":
        return word in phrases("age")
    return bool(how.unit) and word == how.unit.strip().lower()
