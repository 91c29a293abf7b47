"""One column of raw values into one typed column: each distinct value is read once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.records.dates import (
    is_year_month,
    only_year_month,
    order_for,
    orders_apart,
    written_order,
)
from oncohort.records.frames import TYPES
from oncohort.records.grid import Cell, Column
from oncohort.records.values import (
    LARGEST,
    SMALLEST,
    Reader,
    Reading,
    grouped,
    read_value,
    text_of,
)
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.words import is_missing, level_words, opposite_of_plus, small

HINTED = 200
"""Up to so many distinct values an unknown one is compared with the known words."""
SHOWN = 1000
"""Cells of one column that get a problem of their own; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that could not be read, by its index among the rows."""

    index: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Used:
    """A rule that read some values: how many, the first of them and what it says."""

    rule: str
    count: int
    index: int
    example: str


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A typed column with what was decided and what could not be read."""

    values: pl.Series
    precision: pl.Series | None
    unread: tuple[Unread, ...]
    more_unread: int
    """Unreadable values beyond those listed."""
    used: tuple[Used, ...]
    order: str | None = None
    """Evidence for the order of written dates, in words."""


def as_list(values: Column) -> list[Cell]:
    """Raw values as a Python list."""
    return values if isinstance(values, list) else values.to_list()


def _safe(values: list[Cell]) -> list[Cell]:
    """Booleans as text: as keys of a dictionary True would be the same as 1."""
    if any(v is True or v is False for v in values):
        return [("true" if v else "false") if isinstance(v, bool) else v for v in values]
    return values


def _order_of(distinct: list[Cell], how: Reader) -> tuple[Reader, str | None]:
    """Decide the order of written dates from those that leave one reading only."""
    if how.kind != "date" or how.order not in (None, "iso"):
        return how, None
    six = [t for v in distinct if re.fullmatch(r"\d{6}", t := text_of(v))]
    sure = [t for t in six if only_year_month(t)]
    if sure and all(map(is_year_month, six)):
        return replace(how, order="year-month"), f"{sure[0]} can only be a year and a month"
    dated = [v for v in distinct if order_for(text_of(v), "iso", how.apart) == "iso"]
    apart = orders_apart(dated)
    if apart:
        dated = [v for v in dated if order_for(text_of(v), "iso", apart) == "iso"]
        how = replace(how, apart={**how.apart, **dict.fromkeys(apart)})
    days, months, either, day, month = written_order(dated)
    if days and not months:
        others = f", and {either} that could be either" if either else ""
        return replace(
            how, order="day-first"
        ), f"{days} such as {day} can only be day-first{others}"
    if months and not days:
        others = f", and {either} that could be either" if either else ""
        words = f"{months} such as {month} can only be month-first{others}"
        return replace(how, order="month-first"), words
    return how, None


def _decimal_of(distinct: list[Cell], how: Reader) -> Reader:
    """A comma behind a single zero, or before one, two or more than three figures, can't be a
    thousands mark."""
    if how.kind != "number":
        return how
    how = _thousands_of(distinct, how)
    if how.decimal == "," or how.thousands:
        return how
    texts = [v.strip() for v in distinct if isinstance(v, str) and "," in v]
    sure = [t for t in texts if re.fullmatch(r"[-+−]?(0,\d+|\d+,(\d{1,2}|\d{4,}))\s*%?", t)]
    mixed = [t for t in texts if "." in t]
    if sure and not mixed:
        return replace(how, decimal=",", decimal_found=True)
    return how


def _thousands_of(distinct: list[Cell], how: Reader) -> Reader:
    """Where the table's decimal mark is known, a column whose other marks all stand before three
    figures has thousands."""
    texts = [v.strip() for v in distinct if isinstance(v, str)]
    both = [t for t in texts if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+\.\d+", t)]
    mark = how.mark or ("." if both else "")
    other = {",": ".", ".": ","}.get(mark, "")
    marked = [t for t in texts if other and other in t and re.fullmatch(r"[-+]?[\d.,]+", t)]
    if marked and all(grouped(t, other) for t in marked):
        return replace(how, thousands=other, decimal="," if mark == "," else ".")
    return how


def decimal_mark(columns: Iterable[Column]) -> str:
    """The decimal mark that the texts of a table show; empty where none, or both.

    Examples
    --------
    >>> decimal_mark([["12,5", "13,1"], ["1.234"]]), decimal_mark([["1,234"], [2.5]])
    (',', '')
    >>> decimal_mark([["1,234", "0,802"]])
    ','
    """
    seen = set()
    for column in columns:
        if isinstance(column, list):
            for value in column[:300]:
                if isinstance(value, str) and (found := _SURE_MARK.fullmatch(value.strip())):
                    seen.add(found[1])
                    break
    return seen.pop() if len(seen) == 1 else ""


_SURE_MARK = re.compile(r"[-+−]?(?:0(?=[.,]\d{3}$)|\d+(?=[.,](?:\d{1,2}|\d{4,})$))([.,])\d+")


def _two_languages(distinct: list[Cell], how: Reader) -> Reader:
    """Beside `H` or `V` (hombre, varón) `M` may be mujer: single letters are asked about then, and
    where one of them is not known or both would mean the same: `F` beside `N` is férfi."""
    if how.column != "sex" or how.codes:
        return how
    letters = {small(v.strip()) for v in distinct if isinstance(v, str)}
    if "m" in letters and letters & {"h", "v"}:
        return replace(how, unsure=frozenset(("m", "h", "v")))
    letters = {v for v in letters if v.isalpha() and not is_missing(v)} - {"x", "u"}
    read = {level_words("sex").get(v) for v in letters}
    alone = len(letters) > 1 and all(len(v) == 1 for v in letters)
    if alone and not {"male", "female"} <= read:
        return replace(how, unsure=frozenset(letters))
    return how


def read_column(values: Column, how: Reader) -> ReadColumn:
    """Read a column.

    Parameters
    ----------
    values
        Raw values, length n.
    how
        What the protocol says about the column.

    Returns
    -------
    ReadColumn
        Typed values, length n, null where blank, missing or unreadable.

    Examples
    --------
    >>> done = read_column(["62", "58 y", None, "?"], Reader("number", "age"))
    >>> done.values.to_list(), [u.index for u in done.unread]
    ([62.0, 58.0, None, None], [3])
    """
    if not isinstance(values, list):
        typed = _already_typed(values, how)
        if typed is not None:
            return typed
    values, distinct = _distinct(as_list(values) if "" in how.codes else values)
    how, evidence = _settled(distinct, how)
    read = _in_one_calendar({v: read_value(v, how) for v in distinct})
    column = _spread(values, {v: r.value for v, r in read.items()}, TYPES[how.kind])
    precision = None
    if how.kind == "date":
        precision = _spread(values, {v: r.precision for v, r in read.items()}, pl.String())
    unread, more, used = _notable(values, read)
    return ReadColumn(column, precision, unread, more, used, evidence)


def _in_one_calendar(read: dict[Cell, Reading]) -> dict[Cell, Reading]:
    """A day of the Buddhist era among others of ours is a slip of its year."""
    theirs = [v for v, r in read.items() if r.rule == "dates.buddhist"]
    if not theirs or all(r.value is None for v, r in read.items() if v not in set(theirs)):
        return read
    slips = {
        v: Reading(why=f"{text_of(v)!r} is of the Buddhist era, others are not") for v in theirs
    }
    return read | slips


def _distinct(values: Column) -> tuple[Column, list[Cell]]:
    """The values as they can be looked up, and each of them once."""
    if not isinstance(values, list):
        if values.dtype.is_float():
            values = values.fill_nan(None)
        dtype = values.dtype
        if not (dtype == pl.Boolean or dtype.is_temporal() or dtype.is_nested()):
            return values, values.unique(maintain_order=True).to_list()
    values = _safe(as_list(values))
    try:
        return values, list(dict.fromkeys(values))
    except TypeError:
        values = [v if v is None else str(v) for v in values]
        return values, list(dict.fromkeys(values))


def _settled(distinct: list[Cell], how: Reader) -> tuple[Reader, str | None]:
    """What the values themselves say of the order of dates, the decimal mark and the language."""
    how, evidence = _order_of(distinct, how)
    how = _two_languages(distinct, _decimal_of(distinct, how))
    if how.hints and len(distinct) > HINTED:
        how = replace(how, hints=False)
    return how, evidence


def _spread(values: Column, read: Mapping[Cell, Cell], dtype: pl.DataType) -> pl.Series:
    """What each distinct value was read as, for every row."""
    if isinstance(values, list):
        return pl.Series([read[v] for v in values], dtype=dtype)
    keys = pl.Series(list(read), dtype=values.dtype)
    return values.replace_strict(
        keys, pl.Series(list(read.values()), dtype=dtype), return_dtype=dtype
    )


def _notable(
    values: Column, read: Mapping[Cell, Reading]
) -> tuple[tuple[Unread, ...], int, tuple[Used, ...]]:
    """What could not be read (the first cells, and how many more), and which rules read others."""
    notable = {v for v, r in read.items() if r.why or r.rule}
    unread: list[Unread] = []
    used: Counter[str] = Counter()
    first: dict[str, tuple[int, str]] = {}
    more = 0
    for i, v in enumerate(as_list(values)) if notable else ():
        if v not in notable:
            continue
        found = read[v]
        if found.why and len(unread) < SHOWN:
            unread.append(Unread(i, found))
        elif found.why:
            more += 1
        else:
            used[found.rule] += 1
            if found.rule not in first:
                first[found.rule] = i, text_of(v)
    return tuple(unread), more, tuple(Used(r, n, *first[r]) for r, n in used.items())


def _already_typed(values: pl.Series, how: Reader) -> ReadColumn | None:
    """Columns of typed sources that need no reading value by value."""
    if how.codes or how.missing or how.levels:
        return None
    done: pl.Series | None = None
    precision = None
    if how.kind == "number" and values.dtype.is_numeric():
        done = values.cast(pl.Float64).fill_nan(None)
        size = done.abs()
        if not bool(((size <= LARGEST) & ((size >= SMALLEST) | (size == 0))).all()):
            return None
        if how.factor != 1:
            done = done * (how.factor.numerator / how.factor.denominator)
    elif how.kind == "integer" and values.dtype.is_integer():
        done = values.cast(pl.Int64)
    elif how.kind == "flag" and values.dtype == pl.Boolean:
        done = values
    elif how.kind == "text" and values.dtype == pl.String:
        # Stripping copies; most columns have nothing to strip.
        padded = bool(values.str.contains(r"^\s|\s$|^$").any())
        done = values
        if padded:
            done = values.str.strip_chars()
            done = pl.select(pl.when(done != "").then(done)).to_series()
    elif how.kind == "date" and values.dtype in (pl.Date, pl.Datetime):
        done = values.cast(pl.Date)
        precision = pl.select(
            pl.when(done.is_not_null()).then(pl.lit("day")).otherwise(None)
        ).to_series()
    if done is None:
        return None
    return ReadColumn(done, precision, (), 0, ())


def covariate_reader(
    values: Column, how: Reader, wanted: Literal["number", "date"] | None
) -> tuple[Column, Reader]:
    """Settle the kind of a baseline covariate from its values.

    Parameters
    ----------
    wanted
        ``number`` or ``date`` where the protocol uses the column as one (a cut-point, a time; where
        a clock starts or what ends it).

    Returns
    -------
    tuple
        Values, and how they are read: dates where all are real dates, numbers where all are
        figures (with the rules of numbers), else text as it stands.
    """
    if wanted is not None:
        return values, replace(how, kind=wanted)
    if not isinstance(values, list):
        if values.dtype.is_numeric() and not how.codes:
            return values, replace(how, kind="number")
        if values.dtype in (pl.Date, pl.Datetime):
            return values, replace(how, kind="date")
        if values.dtype == pl.Boolean:
            return values, replace(how, kind="flag")
    distinct = dict.fromkeys(_safe(as_list(values)))
    sample: list[Cell] = [
        v
        for v in distinct
        if v is not None and text_of(v) not in ("", *how.missing) and not _word(v, how)
    ]
    if not sample:
        return values, how
    if how.codes:
        sample = [how.codes.get(text_of(v), v) for v in sample]
        sample = [v for v in sample if v != ""]
    if all(isinstance(v, date | datetime) for v in sample):
        return values, replace(how, kind="date")
    number = replace(how, kind="number", codes={})
    number = _decimal_of(sample, number)
    if sample and _all(sample, lambda v: not read_value(v, number).why):
        return values, replace(how, kind="number")
    signs = opposite_of_plus(v for v in distinct if isinstance(v, str))
    return values, replace(how, words=True, kept=how.kept | {level_key(v) for v in signs})


def _word(value: Cell, how: Reader) -> bool:
    """A word for missing, which says nothing about the kind of a column."""
    return isinstance(value, str) and is_missing(value) and not how.kept


def _all(values: list[Cell], test: Callable[[Cell], bool]) -> bool:
    return all(test(v) for v in values)
