"""Dates that could be day-first or month-first, decided by the row's other dates or the sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from oncohort.dataclass import dataclass
from oncohort.records.columns import as_list
from oncohort.records.dates import read_date, written_order
from oncohort.records.grid import Cell, Raw
from oncohort.vocabulary.times import DateOrder

RANK: Mapping[str, int] = {
    "birth_date": 0,
    "diagnosis_date": 1,
    "metastasis_date": 2,
    "first_systemic_date": 3,
    "treatment_start": 4,
    "progression_date": 5,
    "treatment_end": 5,
    "last_contact": 6,
    "death_date": 6,
}
"""Dates of a patient in the order in which they happen; those of one rank in any."""


DAY_FIRST, MONTH_FIRST = "day-first", "month-first"


@dataclass(frozen=True, slots=True)
class Decided:
    """A date that its row left one order for."""

    column: str
    index: int
    text: str
    day: date
    why: str = "only so it agrees with the other dates of the row"


def decide(
    columns: Mapping[str, Sequence[Cell]], groups: Sequence[Cell] | None = None
) -> list[Decided]:
    """Dates of which one order only agrees with the other dates of the row.

    Where both do, and the order goes by groups, the row's other written dates say it, if all that
    leave one order leave the same; then those of the row's group.

    Parameters
    ----------
    columns
        Our column = its raw values; only those that have a rank count.
    groups
        What each row is of (a centre), where all of one write their dates in one order.

    Returns
    -------
    list of Decided
        Dates for which neither or both orders agree are not among them.

    Examples
    --------
    >>> found = decide({"treatment_start": ["05/03/2015"], "death_date": ["20/04/2015"],
    ...                 "diagnosis_date": ["28/02/2015"]})
    >>> [(d.column, d.day.isoformat()) for d in found]
    [('treatment_start', '2015-03-05')]
    >>> dates = {"treatment_start": ["05/03/2015"], "last_contact": ["25/07/2016"]}
    >>> found = decide(dates, ["UK"])
    >>> [(d.column, d.day.isoformat(), d.why) for d in found]
    [('treatment_start', '2015-03-05', 'the other dates of the row are written so')]
    """
    orders = _orders(columns)
    known_groups = _orders_of_groups(orders, groups) if groups is not None else {}
    ranked = {c: list(v) for c, v in columns.items() if c in RANK}
    out = []
    for row in range(min((len(v) for v in ranked.values()), default=0)):
        known: dict[str, date] = {}
        open_: dict[str, tuple[date, date]] = {}
        for column, values in ranked.items():
            one = _one_way(values[row])
            if one is not None:
                known[column] = one
            elif (both := _both_ways(values[row])) is not None:
                open_[column] = both
        for column, days in open_.items():
            text = str(ranked[column][row])
            fit = [d for d in days if _agrees(column, d, known)]
            if len(fit) == 1:
                out.append(Decided(column, row, text, fit[0]))
            elif len(fit) == 2 and groups is not None and orders[row]:
                why = "the other dates of the row are written so"
                out.append(Decided(column, row, text, days[orders[row] == MONTH_FIRST], why))
            elif len(fit) == 2 and groups is not None and (of := known_groups.get(groups[row])):
                why = f"the dates of {groups[row]} are written so"
                out.append(Decided(column, row, text, days[of == MONTH_FIRST], why))
    return out


def _orders(columns: Mapping[str, Sequence[Cell]]) -> list[str]:
    """By row: the order of its written dates that leave one, where all leave the same; else ""."""
    out = []
    for cells in zip(*columns.values(), strict=True):
        days, months, *_ = written_order(cells)
        out.append(DAY_FIRST if days and not months else MONTH_FIRST if months > days == 0 else "")
    return out


def _orders_of_groups(orders: Sequence[str], groups: Sequence[Cell]) -> dict[Cell, str]:
    """The order in which all rows of a group write their dates, where it is one."""
    found: dict[Cell, set[str]] = {}
    for order, group in zip(orders, groups, strict=True):
        if order and group is not None:
            found.setdefault(group, set()).add(order)
    return {g: next(iter(o)) for g, o in found.items() if len(o) == 1}


FEWEST = 3
"""Rows of a group whose dates leave one order, from which it says that of the others."""


def order_column(
    columns: Mapping[str, Sequence[Cell]], others: Mapping[str, Sequence[Cell]]
) -> tuple[str, dict[str, str]] | None:
    """A column whose values say in which order the dates of a row are written: the centres.

    Returns
    -------
    tuple or None
        Its name, and value = order.

    Examples
    --------
    >>> days = ["13/01/2015", "14/01/2015", "15/01/2015", "01/13/2015", "01/14/2015", "01/15/2015"]
    >>> order_column({"treatment_start": days}, {"Centre": ["UK"] * 3 + ["US"] * 3})
    ('Centre', {'UK': 'day-first', 'US': 'month-first'})
    """
    orders = _orders(columns)
    for name, values in others.items():
        groups = {str(v) for v in values if v is not None}
        if not 2 <= len(groups) <= 12 or any(v is None for v in values):
            continue
        texts = [str(v) for v in values]
        found = _orders_of_groups(orders, texts)
        enough = all(
            sum(t == g and bool(o) for t, o in zip(texts, orders, strict=True)) >= FEWEST
            for g in groups
        )
        if len(found) == len(groups) and enough and len(set(found.values())) == 2:
            return name, {str(g): o for g, o in sorted(found.items(), key=str)}
    return None


def _one_way(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return read_date(value).value if isinstance(value, str) and value.strip() else None


def _both_ways(value: Cell) -> tuple[date, date] | None:
    """The two dates that a text could be; None where it is no such text."""
    if not isinstance(value, str) or not value.strip():
        return None
    first, second = read_date(value, "day-first"), read_date(value, "month-first")
    if first.value is None or second.value is None or first.value == second.value:
        return None
    return first.value, second.value


def _agrees(column: str, day: date, known: Mapping[str, date]) -> bool:
    rank = RANK[column]
    return all(
        other <= day if RANK[name] < rank else day <= other
        for name, other in known.items()
        if RANK[name] != rank
    )


def in_order(raw: Raw, order: DateOrder) -> Raw:
    """A sheet whose written dates are put into ISO, by the order that the sheet has.

    Examples
    --------
    >>> raw = Raw("c.xlsx", "US", ("Start",), (["04/03/2019", "x", None],), [2, 3, 4])
    >>> in_order(raw, "month-first").columns[0]
    ['2019-04-03', 'x', None]
    """

    def iso(value: Cell) -> Cell:
        if not isinstance(value, str):
            return value
        found = read_date(value, order)
        moved = found.rule in ("dates.day-first", "dates.month-first", "dates.against-order")
        return found.value.isoformat() if moved and found.value is not None else value

    return replace(raw, columns=[[iso(v) for v in as_list(c)] for c in raw.columns])


def looks_swapped(values: Sequence[Cell]) -> tuple[int, int] | None:
    """Were a column's real dates made by an Excel that reads the month first?

    Typed day first into a US Excel, 31/03 stays a text and 03/04 becomes March the 4th. Then all
    written dates have a day above 12, and no real one has.

    Returns
    -------
    tuple or None
        Number of written dates and of real ones; None where there is no such sign.

    Examples
    --------
    >>> real = [datetime(2015, m, d) for m, d in ((3, 4), (5, 11), (1, 2), (9, 12))]
    >>> looks_swapped([*real, "31/03/2015", "25/12/2015", "13/01/2016"])
    (3, 4)
    >>> looks_swapped([*real, datetime(2015, 3, 14), "31/03/2015", "25/12/2015", "13/01/2016"])
    """
    real = [v for v in values if isinstance(v, date)]
    texts = [v for v in values if isinstance(v, str) and v.strip()]
    days, months, either, _, _ = written_order(texts)
    if days < 3 or months or either or len(real) < 4:
        return None
    return (days, len(real)) if all(v.day <= 12 for v in real) else None
