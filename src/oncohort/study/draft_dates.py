"""Questions about dates: the order of day and month, dates that were exchanged, day zero."""

from __future__ import annotations

import re
from datetime import date, timedelta

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_line
from oncohort.records.columns import as_list
from oncohort.records.date_rows import looks_swapped, order_column
from oncohort.records.dates import order_for, orders_apart, written_order
from oncohort.records.matching import SURE, Match
from oncohort.records.values import text_of
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.times import DateOrder


def date_question(pages: list[tuple[Page, Match]], table: str) -> Question | None:
    """A question where the order of day and month is open in a table's date columns."""
    open_columns: list[tuple[str, int, str]] = []
    mixed = False
    apart = _apart_question(pages, table)
    if apart is not None:
        return apart
    for page, m in pages:
        values = as_list(page.raw.column(m.column))
        days, months, either, day, month = written_order(values)
        if either and not days and not months:
            example = next(
                text_of(v) for v in values if isinstance(v, str) and written_order([v])[2]
            )
            open_columns.append((m.column, either, f"dates such as {example}"))
        if days and months:
            shown_dates = f"{days} dates such as {day}, {months} such as {month}, {either} open"
            open_columns.append((m.column, days + months + either, shown_dates))
            mixed = True
    if not open_columns:
        return None
    by_row = ("mixed-by-row",) if table == "patients" else ()
    shown = ", ".join(f'"{c}" ({n}: {e})' for c, n, e in open_columns)
    offered = ("day-first", "month-first")
    if mixed:
        offered = ("mixed-day-first", "mixed-month-first", *by_row)
        if by_row and (asked := _order_by_column(pages, shown)) is not None:
            return asked
    return Question(
        "dates" if table == "patients" else f"{table}_dates",
        f"{shown}: is the day or the month written first?"
        + (
            " (Both occur: a date that leaves one order only is read in that one, the others as "
            "you say, or by the row's other dates. Better: correct the cells.)"
            if mixed
            else ""
        ),
        [open_line("dates", *offered)],
        about=Wrong(table, tuple(m.ours for _, m in pages)),
    )


def _apart_question(pages: list[tuple[Page, Match]], table: str) -> Question | None:
    """A question where dates with one mark (slashes among dots) may have another order."""
    orders: dict[str, set[DateOrder]] = {}
    shown: list[str] = []
    for page, m in pages:
        cells = as_list(page.raw.column(m.column))
        for mark, order in orders_apart(cells).items():
            orders.setdefault(mark, set()).update([order] if order is not None else [])
            with_mark = [
                (r, text_of(v))
                for r, v in zip(page.raw.rows, cells, strict=True)
                if isinstance(v, str) and order_for(v, None, {mark: "iso"}) == "iso"
            ]
            rows = ", ".join(f"row {r}: {v}" for r, v in with_mark[:6])
            more = ", ..." if len(with_mark) > 6 else ""
            said = f"; those that leave one order are {order}" if order else ""
            shown.append(
                f'"{m.column}" has {len(with_mark)} dates with {mark} ({rows}{more}{said})'
            )
    if not orders:
        return None
    lines = [
        open_line(
            ("dates_with", mark),
            "day-first",
            "month-first",
            put=next(iter(found)) if len(found) == 1 else HOLE,
        )
        for mark, found in orders.items()
    ]
    text = (
        f"{'; '.join(shown)} among dates with another mark, whose order does not hold for them. "
        "Is the day or the month written first in these?"
    )
    name = "dates" if table == "patients" else f"{table}_dates"
    return Question(name, text, lines, about=Wrong(table, tuple(m.ours for _, m in pages)))


def _order_by_column(pages: list[tuple[Page, Match]], shown: str) -> Question | None:
    """Where the values of a column (the centres) say the order of the dates: is it so?"""
    page = pages[0][0]
    dated = {m.ours: as_list(page.raw.column(m.column)) for p, m in pages if p is page}
    taken = {m.column for m in page.matches if m.confidence >= SURE}
    few = [c for c in page.raw.names if c not in taken and 2 <= page.held[c].distinct <= 12]
    found = order_column(dated, {c: as_list(page.raw.column(c)) for c in few})
    if found is None:
        return None
    column, orders = found
    words = ", ".join(f"{g} {o.replace('-', ' ')}" for g, o in orders.items())
    text = (
        f"{shown}: is the day or the month written first? All that leave one order agree with "
        f'"{column}": {words}. Does the order go by it? (yes; or one order for the open ones: '
        "mixed-day-first, mixed-month-first.)"
    )
    ways = ("mixed-by-row", "mixed-day-first", "mixed-month-first")
    lines = [toml_line("dates_by", column), open_line("dates", *ways, put="mixed-by-row")]
    return Question("dates", text, lines, about=Wrong("patients", tuple(dated)))


def swapped_question(pages: list[tuple[Page, Match]], table: str) -> Question | None:
    """A question where real dates may have day and month exchanged by a US Excel."""
    found = [
        (m.column, seen)
        for page, m in pages
        if (seen := looks_swapped(as_list(page.raw.column(m.column)))) is not None
    ]
    if not found:
        return None
    shown = ", ".join(f'"{c}" ({written} texts, {real} dates)' for c, (written, real) in found)
    return Question(
        "swapped_dates" if table == "patients" else f"{table}_swapped_dates",
        f"{shown}: the texts all have a day above 12, the real dates none. A US Excel leaves so "
        "what was typed day first: 31/03 stays a text, 03/04 becomes March the 4th. Are day and "
        "month of the real dates exchanged? (yes; none: they are right)",
        [toml_line("swapped", [c for c, _ in found])],
        about=Wrong(table, tuple(m.ours for _, m in pages)),
        optional=True,
    )


_EARLY = 27_395
"""Excel's number of the first day of 1975: numbers below it may count from elsewhere."""
ZEROS = ("1899-12-30", "1960-01-01", "1970-01-01")


def day_zero_question(pages: list[tuple[Page, Match]], table: str) -> Question | None:
    """A question where all dates of a table are numbers that Excel would put before 1975."""
    told = []
    for page, m in pages:
        counts = page.held[m.column].counts
        numbers = [float(v) for v in counts if re.fullmatch(r"\d{4,5}(\.0+)?", v)]
        if not counts or len(numbers) < len(counts) or max(numbers) >= _EARLY:
            return None
        if min(numbers) > 2100 or max(numbers) < 1900:  # a year is no number of days
            told.append((m.column, min(numbers), max(numbers)))
    if not told:
        return None
    column, low, high = told[0]
    spans = ", ".join(
        f"{(date.fromisoformat(z) + timedelta(days=low)).year} to "
        f"{(date.fromisoformat(z) + timedelta(days=high)).year} from {z}"
        for z in ZEROS
    )
    return Question(
        "day_zero" if table == "patients" else f"{table}_day_zero",
        f'The dates are numbers of days ("{column}": {low:g} to {high:g}). From which day do they '
        f"count: Excel's, that of SAS and Stata, or that of R ({spans})?",
        [open_line("day_zero", *ZEROS).replace(chr(34), "")],
        about=Wrong(table, tuple(m.ours for _, m in pages)),
    )
