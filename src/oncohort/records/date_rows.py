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


@dataclass(frozen=True, slots=True)
class Decided:
    """A date that its row left one order for."""

    column: str
    index: int
    text: str
    day: date


def decide(columns: Mapping[str, Sequence[Cell]]) -> list[Decided]:
    """Dates of which one order only agrees with the other dates of the row.

    Parameters
    ----------
    columns
        Our column = its raw values; only those that have a rank count.

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
    """
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
            fit = [d for d in days if _agrees(column, d, known)]
            if len(fit) == 1:
                out.append(Decided(column, row, str(ranked[column][row]), fit[0]))
    return out


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
