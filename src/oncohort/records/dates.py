"""Dates as people write them: real ones, ISO, day-first, month-first, serials, partial.

A date keeps the precision that was written. Where the order of day and month could be either, the
column's unambiguous dates decide (31/03/2019 can only be day-first); where they can't, it is a
question for the protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.records.grid import Cell
from oncohort.vocabulary.times import DateOrder

Precision = Literal["day", "month", "year"]

_ISO = re.compile(
    r"^(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"
)
_YEAR_FIRST = re.compile(
    r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})\.?(?: \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?$"
)
_JAPANESE = re.compile(r"^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월](?: ?(\d{1,2}) ?[日号일])?$")
_ERA = re.compile(
    r"^(明治|大正|昭和|平成|令和|[MTSHR])[ .]?(\d{1,2}|元)[年./-] ?(\d{1,2})(?:月|[./-]|$) ?"
    r"(?:(\d{1,2})日?)?$"
)
_SIX = re.compile(r"^(\d{4})(\d{2})$")
_PARTS = re.compile(
    r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})"
    r"(?: \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?$"
)
_INSIDE = re.compile(r"(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?!\d)")
_MONTH_YEAR = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
_YEAR_MONTH = re.compile(r"^(\d{4})[-/.](\d{1,2})$")
_NAMED = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th|er|º|°)?(?: ?de )?[-/. ]*)?([^\W\d_]{3,12})\.?(?: ?del? )?"
    r"[-/., ]*(?:(\d{1,2}),? +)?(\d{4})$"
)
_NAMED_SHORT = re.compile(r"^(\d{1,2})[-/. ]+([^\W\d_]{3,12})\.?[-/., ]+'?(\d{2})$")
_COMPACT = re.compile(r"^(19|20)(\d{2})(\d{2})(\d{2})$")

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jän jänner janvier janv enero ene gennaio gen janeiro "
            "januari stycznia styczeń ocak января",
            "feb february februar février fév févr fevr févr febrero febbraio fevereiro fev "
            "februari lutego luty şubat февраля",
            "mar march mär märz mars marzo mrz março maart mrt marca marzec mart марта",
            "apr april avril avr abril abr aprile kwietnia kwiecień nisan апреля",
            "may mai mayo maggio mag maio mei maj maja mayıs мая",
            "jun june juni juin junio giugno giu junho czerwca czerwiec haziran июня",
            "jul july juli juillet juil juill julio luglio lug julho lipca lipiec temmuz июля",
            "aug august août agosto ago augustus augusti sierpnia sierpień ağustos августа",
            "sep sept september septembre septiembre settembre set setembro września "
            "wrzesień eylül сентября",
            "oct october okt oktober octobre octubre ottobre ott outubro out października "
            "październik ekim октября",
            "nov november novembre noviembre novembro listopada listopad kasım ноября",
            "dec december dez dezember décembre déc diciembre dic dicembre dezembro grudnia "
            "grudzień aralık декабря",
        ),
        1,
    )
    for name in names.split()
}

PIVOT = 50
"""Years of two figures below it are 2000 to 2049, the others 1950 to 1999."""
BIRTH_PIVOT = 10
"""The same for dates of birth: 10 to 99 are 1910 to 1999, 00 to 09 are 2000 to 2009."""
ERAS = {
    "明治": ("M", date(1868, 1, 25), date(1912, 7, 29)),
    "大正": ("T", date(1912, 7, 30), date(1926, 12, 24)),
    "昭和": ("S", date(1926, 12, 25), date(1989, 1, 7)),
    "平成": ("H", date(1989, 1, 8), date(2019, 4, 30)),
    "令和": ("R", date(2019, 5, 1), date(2100, 12, 31)),
}
"""Japanese eras: letter, first and last day; the year of the first day is the era's year 1."""
EARLIEST, LATEST = 1900, 2100
"""Years beyond which a date is taken for a slip."""
BUDDHIST = 543
"""The Thai calendar is so many years ahead: 2558 is 2015. A column of dates is in one calendar."""
SERIALS = (10_000, 65_000)
"""Excel day numbers taken for dates in a date column: 1927 to 2077."""


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date as read: the day (the first of the month or year where it is partial), how exact it
    is, the rule that read it, or why it can't be read."""

    value: date | None = None
    precision: Precision | None = None
    rule: str = ""
    why: str = ""


def is_compact(text: str) -> bool:
    """Can a number be a day without marks, year first?

    Examples
    --------
    >>> is_compact("20150131"), is_compact("20151301"), is_compact("4711")
    (True, False, False)
    """
    found = _COMPACT.match(text)
    return found is not None and 1 <= int(found[3]) <= 12 and 1 <= int(found[4]) <= 31


def _make(
    year: int, month: int, day: int, precision: Precision, rule: str, written: str
) -> DateReading:
    if precision != "year" and EARLIEST <= year - BUDDHIST <= LATEST:
        year, rule = year - BUDDHIST, "dates.buddhist"
    if not EARLIEST <= year <= LATEST:
        return DateReading(why=f"{written!r} has the year {year}")
    if not 1 <= month <= 12:
        return DateReading(why=f"{written!r} has no month {month}")
    try:
        return DateReading(date(year, month, day), precision, rule)
    except ValueError:
        return DateReading(why=f"{written!r} is a day that does not exist")


def is_year_month(text: str) -> bool:
    """Can six figures be a year and a month: `201503`?

    Examples
    --------
    >>> is_year_month("201503"), is_year_month("201513"), is_year_month("150320")
    (True, False, False)
    """
    found = _SIX.match(text)
    return found is not None and 1900 <= int(found[1]) <= 2100 and 1 <= int(found[2]) <= 12


def only_year_month(text: str) -> bool:
    """Are six figures a year and a month whatever their order: `2015` is no day with a month.

    Examples
    --------
    >>> only_year_month("201503"), only_year_month("201203")
    (True, False)
    """
    return is_year_month(text) and int(text[2:4]) > 12


def serial(number: float, *, epoch_1904: bool = False) -> date:
    """The day that an Excel serial number means.

    Examples
    --------
    >>> serial(43528)
    datetime.date(2019, 3, 4)
    """
    start = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
    return start + timedelta(days=int(number))


_APOSTROPHE = re.compile(r"^['’‘](?=\d)")
"""What makes a text of a number in a spreadsheet."""
_AFTER_POINT = re.compile(r"(?<=\d\.)\s+(?=\d)")


def _typed(text: str) -> str:
    """A date without what is typed around its figures: `'12.03.2016`, `12. 03. 2016`."""
    return _AFTER_POINT.sub("", _APOSTROPHE.sub("", text))


def written_order(values: Iterable[object]) -> tuple[int, int, int, str | None, str | None]:
    """What the written dates of a column say about their order.

    Returns
    -------
    tuple
        Number that can only be day-first, only month-first, either; and an example of the first
        two.

    Examples
    --------
    >>> written_order(["31/03/2019", "04/03/2019", None])
    (1, 0, 1, '31/03/2019', None)
    """
    return _summed(_by_mark(values).values())


_Written = tuple[int, int, int, str | None, str | None]


def _summed(parts: Iterable[_Written]) -> _Written:
    parts = list(parts)
    return (
        sum(p[0] for p in parts),
        sum(p[1] for p in parts),
        sum(p[2] for p in parts),
        next((p[3] for p in parts if p[3]), None),
        next((p[4] for p in parts if p[4]), None),
    )


def _by_mark(values: Iterable[object]) -> dict[str, _Written]:
    """What the written dates say about their order, by the mark between their figures."""
    out: dict[str, _Written] = {}
    for value in values:
        text = _typed(value.strip()) if isinstance(value, str) else ""
        found = _PARTS.match(text)
        if found is None and (inside := _INSIDE.search(text)):
            found = _PARTS.match(inside[0])  # a day beside a word
        if not found:
            continue
        a, b = int(found.group(1)), int(found.group(2))
        mark = found.string[found.end(1)]
        days, months, either, day, month = out.get(mark, (0, 0, 0, None, None))
        if a > 12 >= b:
            out[mark] = days + 1, months, either, day or text, month
        elif b > 12 >= a:
            out[mark] = days, months + 1, either, day, month or text
        elif a <= 12 and b <= 12 and a != b:
            out[mark] = days, months, either + 1, day, month
    return out


def orders_apart(values: Iterable[object]) -> dict[str, DateOrder | None]:
    """Marks of written dates whose order the dates with other marks don't say.

    Returns
    -------
    dict
        Mark = the order that its dates leave; None where they leave both, beside others that leave
        one. Empty where all agree, or where dates with one mark contradict each other.

    Examples
    --------
    >>> orders_apart(["31.03.2019", "17.05.2019", "04/03/2019"])
    {'/': None}
    >>> orders_apart(["31.03.2019", "17.05.2019", "04/30/2019"])
    {'/': 'month-first'}
    >>> orders_apart(["31.03.2019", "04.03.2019", "30/04/2019"])
    {}
    """
    found = _by_mark(values)
    if len(found) < 2 or any(days and months for days, months, *_ in found.values()):
        return {}
    orders: dict[str, DateOrder | None] = {
        mark: "day-first" if days else "month-first" if months else None
        for mark, (days, months, *_) in found.items()
    }
    main = max((m for m in orders if orders[m]), key=lambda m: sum(found[m][:3]), default=None)
    if main is None:
        return {}
    return {m: o for m, o in orders.items() if o != orders[main]}


def order_for(
    text: str, order: DateOrder | None, apart: Mapping[str, DateOrder | None]
) -> DateOrder | None:
    """The order of a written date, where those with some marks have another than the column.

    Examples
    --------
    >>> order_for("04/03/2019", "day-first", {"/": "month-first"})
    'month-first'
    """
    found = _INSIDE.search(text)
    mark = re.sub(r"\d", "", found[0])[0] if found is not None else ""
    return apart.get(mark, order)


_BLANKS = re.compile("[\u3000\xa0\u2009\u202f]")
"""Blanks of word processors, which do not break a line."""


def read_date(
    value: Cell,
    order: DateOrder | None = None,
    *,
    from_1904: bool = False,
    pivot: int = PIVOT,
    apart: Mapping[str, DateOrder | None] | None = None,
) -> DateReading:
    """Read one value of a date column.

    Parameters
    ----------
    value
        A date, a text or a number as the source has it.
    order
        DateOrder of written dates with day and month in figures; None leaves those unread that
        could be either.
    from_1904
        Day numbers count from 1904.
    pivot
        Years of two figures below it are 20.., the others 19...
    apart
        Marks between the figures of dates that have another order.

    Examples
    --------
    >>> read_date("04/03/2019", "day-first").value
    datetime.date(2019, 3, 4)
    >>> read_date("03/2019").precision
    'month'
    >>> read_date("2019-13").why
    "'2019-13' has no month 13"
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return _make(value.year, value.month, value.day, "day", "", value.isoformat())
    if isinstance(value, bool):
        return DateReading(why=f"{value} is not a date")
    if isinstance(value, int | float):
        if order == "year-month" and value == int(value) and is_year_month(f"{value:.0f}"):
            return _from_text(f"{value:.0f}", order)
        return _from_number(value, from_1904)
    text = _BLANKS.sub(" ", str(value)).strip()
    return _from_text(text, order_for(text, order, apart) if apart else order, from_1904, pivot)


def _from_number(value: float, from_1904: bool = False) -> DateReading:
    if value == int(value) and EARLIEST <= value <= LATEST:
        return DateReading(date(int(value), 1, 1), "year", "dates.partial")
    if SERIALS[0] <= value <= SERIALS[1]:
        return DateReading(serial(value, epoch_1904=from_1904), "day", "dates.serial")
    text = f"{value:.0f}" if value == int(value) else ""
    compact = _COMPACT.match(text)
    if compact:
        century, year, month, day = (int(g) for g in compact.groups())
        return _make(century * 100 + year, month, day, "day", "dates.compact", text)
    if only_year_month(text):
        return _make(int(text[:4]), int(text[4:]), 1, "month", "dates.partial", text)
    return DateReading(why=f"the number {value:g} is not a date")


_WEEKDAYS = {
    name
    for names in (
        "mon tue wed thu fri sat sun tues thur thurs",
        "monday tuesday wednesday thursday friday saturday sunday",
        "mo di mi do fr sa so",
        "montag dienstag mittwoch donnerstag freitag samstag sonntag sonnabend",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "lunes martes miércoles jueves viernes sábado domingo",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira",
    )
    for name in names.split()
}
_WEEKDAY = re.compile(rf"^(?:{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})\.?,?\s+", re.I)
_ABOUT = re.compile(
    r"^(?:~|≈|ca\.?\s|circa\s|approx(?:\.|imately)?\s|about\s|etwa\s|env(?:\.|iron)?\s|vers\s|約|约)"
    r"\s*",
    re.I,
)


def _from_text(
    text: str, order: DateOrder | None, from_1904: bool = False, pivot: int = PIVOT
) -> DateReading:
    """A written date, behind the name of its day or a word that it is not exact."""
    text = _typed(text)
    bare = _WEEKDAY.sub("", text, count=1)
    exact = _ABOUT.sub("", bare, count=1)
    found = _bare_text(exact, order, from_1904, pivot)
    if exact != bare and found.value is not None:
        return replace(found, rule="dates.about")
    return found


def _bare_text(
    text: str, order: DateOrder | None, from_1904: bool = False, pivot: int = PIVOT
) -> DateReading:
    found = _ISO.match(text)
    if found:
        y, m, d = (int(g) for g in found.groups())
        return _make(y, m, d, "day", "", text)
    found = _YEAR_FIRST.match(text)
    if found:
        y, m, d = (int(g) for g in found.groups())
        return _make(y, m, d, "day", "dates.year-first", text)
    found = _JAPANESE.match(text)
    if found:
        y, m = int(found.group(1)), int(found.group(2))
        if found.group(3) is None:
            return _make(y, m, 1, "month", "dates.partial", text)
        return _make(y, m, int(found.group(3)), "day", "dates.year-first", text)
    found = _ERA.match(text)
    if found:
        return _of_era(found, text)
    found = _PARTS.match(text)
    if found:
        return _two_figures(found, order, text, pivot)
    if only_year_month(text) or (order == "year-month" and is_year_month(text)):
        return _make(int(text[:4]), int(text[4:]), 1, "month", "dates.partial", text)
    found = _MONTH_YEAR.match(text)
    if found:
        return _make(int(found.group(2)), int(found.group(1)), 1, "month", "dates.partial", text)
    found = _YEAR_MONTH.match(text)
    if found:
        return _make(int(found.group(1)), int(found.group(2)), 1, "month", "dates.partial", text)
    found = _NAMED.match(text)
    if found and found.group(2).lower() in MONTHS:
        month = MONTHS[found.group(2).lower()]
        day = found.group(1) or found.group(3)
        if day is None:
            return _make(int(found.group(4)), month, 1, "month", "dates.partial", text)
        return _make(int(found.group(4)), month, int(day), "day", "dates.month-name", text)
    found = _NAMED_SHORT.match(text)
    if found and found.group(2).lower() in MONTHS:
        month, year = MONTHS[found.group(2).lower()], _century(int(found.group(3)), pivot)
        return _make(year, month, int(found.group(1)), "day", "dates.month-name", text)
    if re.fullmatch(r"\d{4}", text):
        return _make(int(text), 1, 1, "year", "dates.partial", text)
    if re.fullmatch(r"\d{5}(\.\d+)?|\d{8}", text):
        return _from_number(float(text), from_1904)
    return DateReading(why=f"{text!r} is not a date")


def _of_era(found: re.Match[str], text: str) -> DateReading:
    """A date in a year of a Japanese era; one outside of its era is a slip."""
    name, written, month, day = found.groups()
    letter = next((era for era, (short, _, _) in ERAS.items() if short == name), name)
    _, first, last = ERAS[letter]
    year = first.year - 1 + (1 if written == "元" else int(written))
    if day is None:
        inside = (first.year, first.month) <= (year, int(month)) <= (last.year, last.month)
        read = _make(year, int(month), 1, "month", "dates.era", text)
    else:
        read = _make(year, int(month), int(day), "day", "dates.era", text)
        inside = read.value is None or first <= read.value <= last
    return read if inside else DateReading(why=f"{text!r} is no day of its era")


def _two_figures(
    found: re.Match[str], order: DateOrder | None, text: str, pivot: int = PIVOT
) -> DateReading:
    a, b, written_year = int(found.group(1)), int(found.group(2)), found.group(3)
    if order == "year-first" and len(written_year) == 2:
        return _make(_century(a), b, int(written_year), "day", "dates.year-first", text)
    if len(written_year) == 2 and (order is None or order == "mixed-by-row"):
        return DateReading(why=f"{text!r} has a year of two figures")
    year = int(written_year) if len(written_year) == 4 else _century(int(written_year), pivot)
    one_way = "day-first" if a > 12 >= b else "month-first" if b > 12 >= a else None
    mixed = order in ("mixed-day-first", "mixed-month-first", "mixed-by-row")
    if order == "mixed-by-row":
        order = None
    elif mixed:
        order = "day-first" if order == "mixed-day-first" else "month-first"
    if one_way is not None and (order is None or mixed):
        # A figure above 12 is a day: this cell leaves one order, whatever the others say.
        rule = f"dates.{one_way}" if order in (None, one_way) else "dates.against-order"
        day, month = (a, b) if one_way == "day-first" else (b, a)
        return _make(year, month, day, "day", rule, text)
    if order == "day-first":
        return _make(year, b, a, "day", "dates.day-first", text)
    if order == "month-first":
        return _make(year, a, b, "day", "dates.month-first", text)
    if a == b and a <= 12:
        return _make(year, a, b, "day", "", text)
    if a > 12 and b > 12:
        return DateReading(why=f"{text!r} is a day that does not exist")
    return DateReading(why=f"{text!r} could be day-first or month-first")


def _century(year: int, pivot: int = PIVOT) -> int:
    """Years of two figures: those below the pivot are 20.., the others 19.."""
    return 2000 + year if year < pivot else 1900 + year
