"""Day, month and year of one date in three columns, or month and year in two."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from oncohort.records.columns import as_list, read_column
from oncohort.records.dates import MONTHS
from oncohort.records.day_words import not_happened
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import column_at, fold
from oncohort.records.profile import Profile
from oncohort.records.told_times import with_column
from oncohort.records.values import Reader, text_of
from oncohort.vocabulary.times import DateOrder
from oncohort.vocabulary.words import is_missing, outcome_words

_RANGES = {"day": (1, 31), "month": (1, 12), "year": (1900, 2100)}


def _part_of(name: str) -> tuple[str, str] | None:
    """`Start day` as (`start`, `day`); None for other names."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    known = outcome_words("date_part")
    for at in dict.fromkeys((len(words) - 1, 0)):
        for part, spelt in known.items():
            if words and words[at].lower() in spelt:
                rest = [*words[:at], *words[at + 1 :]]
                small = ("of", "de", "der", "des", "du", "di", "the", "la", "del")
                return " ".join(w for w in rest if w.lower() not in small), part
    return None


def find_date_parts(names: Sequence[str], held: Mapping[str, Profile]) -> dict[str, list[str]]:
    """Dates that stand in several columns: the name of the date = its day, month and year.

    Columns belong together by their names; their values are days, months and years of calendars.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> columns = {"dx d": [3, 17], "dx m": [1, 12], "dx y": [2015, 2016], "m": [1, 2]}
    >>> find_date_parts(list(columns), {n: profile(v) for n, v in columns.items()})
    {'dx date': ['dx d', 'dx m', 'dx y']}
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        part = _part_of(name)
        if part is None or not part[0] or not _fits(held[name], part[1]):
            continue
        found.setdefault(part[0], {}).setdefault(part[1], name)
    out: dict[str, list[str]] = {}
    for stem, parts in found.items():
        if {"month", "year"} <= set(parts):
            taken = {fold(n) for n in names}
            called = f"{stem} date" if fold(f"{stem} date") not in taken else f"{stem} (date)"
            out[called] = [parts[p] for p in ("day", "month", "year") if p in parts]
    return out


def _fits(held: Profile, part: str) -> bool:
    """Are the values of a column days, months or years?"""
    if not held.counts:
        return False
    low, high = _RANGES[part]
    return all(
        (re.fullmatch(r"\d{1,4}(\.0+)?", v) and low <= float(v) <= high)
        or (part == "month" and v.lower().rstrip(".") in MONTHS)
        or v in ("99", "9999")
        for v in held.counts
    )


def with_date_parts(raw: Raw, parts: Mapping[str, Sequence[str]]) -> tuple[Raw, list[str]]:
    """Put the parts of dates together: one column more for each date.

    Returns
    -------
    tuple
        The table, and the names that it does not have. A date without a day is known to the month,
        one without a month to the year; one without a year can't be read, and is named.

    Examples
    --------
    >>> columns = ([3, None, 4], [1, 12, 5], [2015, 2016, None])
    >>> raw = Raw("c.csv", None, ("d", "m", "y"), columns, [2, 3, 4])
    >>> with_date_parts(raw, {"dx": ["d", "m", "y"]})[0].columns[-1]
    ['2015-01-03', '2016-12', '?-05-04']
    """
    absent: list[str] = []
    for name, columns in parts.items():
        at = [i for c in columns if (i := column_at(raw.names, c)) is not None]
        absent += [c for c in columns if column_at(raw.names, c) is None]
        if len(at) < len(columns):
            continue
        rows = zip(*(as_list(raw.columns[i]) for i in at), strict=True)
        values: list[Cell] = [_written([_figures(v) for v in row]) for row in rows]
        raw = with_column(raw, name, values, at[-1])
    return raw, absent


def _figures(value: Cell) -> str:
    text = "" if value is None else text_of(value)
    if is_missing(text) or text in ("", "99", "9999"):
        return ""
    return str(MONTHS.get(text.lower().rstrip("."), text))


def _written(parts: Sequence[str]) -> str | None:
    """Day (where it is one of the parts), month and year as ISO writes them, as far as known."""
    *day, month, year = parts
    if not any(parts):
        return None
    known = [year or "?"]
    if month or any(day):
        known.append(month.zfill(2) if month else "?")
    if any(day):
        known.append(day[0].zfill(2))
    return "-".join(known)


def with_earliest(
    raw: Raw,
    wanted: Mapping[str, Sequence[str]],
    order: DateOrder | None,
    *,
    latest: bool = False,
) -> tuple[Raw, list[str]]:
    """Add columns with the earliest, or the latest, of several dates of a row.

    Returns
    -------
    tuple
        The table, and the names that it does not have. A cell that is no date stays as it is, so
        that it is named.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("a", "b"), (["31.12.2015", None], ["2015-06-01", "x"]), [2, 3])
    >>> with_earliest(raw, {"first": ["a", "b"]}, None)[0].columns[-1]
    ['2015-06-01', 'x']
    >>> with_earliest(raw, {"last": ["a", "b"]}, None, latest=True)[0].columns[-1]
    ['2015-12-31', 'x']
    """
    absent: list[str] = []
    for name, columns in wanted.items():
        at = [i for c in columns if (i := column_at(raw.names, c)) is not None]
        absent += [c for c in columns if column_at(raw.names, c) is None]
        if len(at) < len(columns):
            continue
        if not columns:  # of all of them it was said that they are none
            raw = with_column(raw, name, [None] * raw.height, 0)
            continue
        read = [_read(as_list(raw.columns[i]), order) for i in at]
        made = [_first(row, max if latest else min) for row in zip(*read, strict=True)]
        raw = with_column(raw, name, made, at[0])
    return raw, absent


_ReadCell = tuple[str, Cell]


def _read(values: list[Cell], order: DateOrder | None) -> list[_ReadCell]:
    """Each cell as ISO writes its day or month, and as it stands where it is no date."""
    done = read_column(values, Reader("date", order=order))
    bad = {u.index for u in done.unread}
    days, exact = done.values.to_list(), done.precision
    known = exact.to_list() if exact is not None else [None] * len(values)
    size = {"day": 10, "month": 7, "year": 4}
    no = {i for i in bad if not_happened("progression_date", text_of(values[i]))}
    return [
        ("", values[i]) if i in bad - no else (d.isoformat()[: size[k]] if d and k else "", None)
        for i, (d, k) in enumerate(zip(days, known, strict=True))
    ]


def _first(row: Sequence[_ReadCell], first: Callable[[Sequence[str]], str]) -> Cell:
    unread = next((cell for _, cell in row if cell is not None), None)
    days = [d for d, _ in row if d]
    return unread if unread is not None else first(days) if days else None
