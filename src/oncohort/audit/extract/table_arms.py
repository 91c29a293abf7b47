"""Ratios as rows of tables that have the arms as columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from oncohort.audit.document import Row, Table
from oncohort.audit.extract.cells import INTERVAL, SIZE, level_stated, place, size_of
from oncohort.audit.extract.endpoints import endpoint_of, model_of
from oncohort.audit.extract.ratio_cells import ratio_cell
from oncohort.audit.extract.table_ratios import kind_of, p_text
from oncohort.dataclass import dataclass
from oncohort.published.model import Ratio

_RATIO_ROW = re.compile(
    r"^(?:(?:un)?stratified |(?:un)?adjusted |crude )?(?:for [\w -]{1,30},? )?"
    r"(?:a?HRs?|hazards?[- ]ratios?|a?ORs?|odds[- ]ratios?|RRs?|relative risks?|risk[- ]ratios?)\b",
    re.I,
)
_EVENT_ROW = re.compile(
    r"^(?:total |number of |no\. of |n of )?(?:patients with )?(?:an )?(?:events?|deaths?)"
    r"(?: of [\w -]{1,30})?,?\s*+(?:n|no\.)?\s*+(?:\(?%\)?|\(n, ?%\)|, n ?\(%\))?$",
    re.I,
)
_P_ROW = re.compile(
    r"^(?:(?:stratified |two-sided |log[- ]?rank |wald )*)p(?:[- ]?values?)?\b", re.I
)
_CI_ROW = re.compile(r"^\(?(?P<level>9\d(?:\.\d)?)\s?% ?(?:CI|confidence interval)", re.I)
_PER_UNIT = re.compile(
    r"\b(?:per|each|every|increments?|increases?|units?|SD|interaction|trend|years? of age)\b", re.I
)
"""Words of a row whose ratio is of a measurement or a trend, not of the two arms."""
_COUNT = re.compile(r"^(\d{1,6})(?:\s?/\s?\d{1,6})?(?:\s?[(\[]\s?\d+(?:[.·]\d+)?\s?%?\s?[)\]])?$")
_NUMBER = re.compile(r"^(?:\d{1,6}(?:[.·]\d{1,6})?|[.·]\d{1,6})$")


@dataclass(slots=True)
class _Context:
    """What the rows above say: the heading, the endpoint, and the events of each column."""

    heading: str = ""
    endpoint: str = ""
    events: tuple[str, ...] = ()


def read_row_ratios(table: Table) -> Iterator[Ratio]:
    """Hazard, odds and risk ratios whose row is named so ("HR (95% CI)").

    The endpoint is that of the row, of the heading above it, or of the last row that names one.
    Where the table has just two columns with a size and the row one ratio, the ratio is of these
    two arms, and a row of events above it gives their events.
    """
    context = _Context()
    arms = [c for c in range(1, table.width) if size_of(table, c)]
    for k, row in enumerate(table.rows):
        if not any(v.strip() for v in row.values):
            # Headings above a block of rows; the endpoint may stand in them.
            context = _Context(row.label, endpoint_of(row.label))
            continue
        if _RATIO_ROW.match(row.label.strip()):
            yield from _of_row(table, k, arms, context)
            continue
        named = endpoint_of(row.label)
        if named and named != context.endpoint:
            context.endpoint, context.events = named, ()
        if _EVENT_ROW.match(row.label.strip()) and len(arms) == 2:
            hits = [_COUNT.match(row.cells[c].strip()) for c in arms]
            context.events = tuple(h[1] for h in hits if h is not None)


def _of_row(table: Table, k: int, arms: list[int], context: _Context) -> Iterator[Ratio]:
    row = table.rows[k]
    below = list(table.rows[k + 1 : k + 3])
    cells = [(c, row.cells[c].strip()) for c in range(1, len(row.cells)) if row.cells[c].strip()]
    two = len(arms) == 2 and len(cells) == 1 and not _PER_UNIT.search(row.label)
    for column, text in cells:
        read = ratio_cell(text)
        if read is not None:
            estimate, low, high, p = read.estimate, read.low, read.high, read.p
            level = read.level or level_stated(table, column, row.label)
        elif _NUMBER.match(text):
            estimate, p = text, ""
            low, high, level = _interval_below(below, column)
        else:
            continue
        p, test = (p, "") if p else _p_below(below, column, alone=len(cells) == 1)
        if not low and not p:
            continue
        names = [SIZE.sub("", table.heading(a)).strip(" ,;()/") for a in arms] if two else ["", ""]
        outer = "" if two else table.heading(column)
        ratio = Ratio(
            " versus ".join(names) if two else context.heading or row.label,
            kind_of(row.label),
            endpoint_of(row.label) or context.endpoint or endpoint_of(f"{outer} {table.caption}"),
            model_of(row.label) or model_of(f"{outer} {table.caption}"),
            " versus ".join(names) if two else "",
            names[0],
            names[1],
            estimate.replace("·", "."),
            low.replace("·", "."),
            high.replace("·", "."),
            level if low else "",
            p,
            test,
            two,
            "" if two else "other",
            place(table, row, column, context.heading),
        )
        if two:
            sizes = tuple(size_of(table, a) for a in arms)
            events = context.events if len(context.events) == 2 else ()
            if any(int(e) > int(n) for e, n in zip(events, sizes, strict=False)):
                events = ()
            ratio = replace(ratio, sizes=sizes, events=events)
        yield ratio


def _interval_below(rows: list[Row], column: int) -> tuple[str, str, str]:
    """Interval of a ratio in a row of its own below it: (low, high, level)."""
    for row in rows:
        named = _CI_ROW.match(row.label.strip())
        if named and column < len(row.cells):
            span = INTERVAL.match(row.cells[column].strip())
            if span:
                return span[1], span[2], named["level"]
    return "", "", ""


def _p_below(rows: list[Row], column: int, *, alone: bool) -> tuple[str, str]:
    """p of a ratio in a row of its own below it, and the test that the row names."""
    for row in rows:
        if not any(v.strip() for v in row.values) or _RATIO_ROW.match(row.label.strip()):
            break
        if not _P_ROW.match(row.label.strip()):
            continue
        filled = [c.strip() for c in row.values if c.strip()]
        cell = row.cells[column].strip() if column < len(row.cells) else ""
        text = cell or (filled[0] if alone and len(filled) == 1 else "")
        test = "log-rank" if re.search(r"log[- ]?rank", row.label, re.I) else ""
        if p_text(text):
            return p_text(text), test
    return "", ""
