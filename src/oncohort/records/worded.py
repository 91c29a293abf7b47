"""Sheets in which one cell of a patient holds all events or doses in words, turned into rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import TableMap
from oncohort.records.columns import as_list
from oncohort.records.dates import written_order
from oncohort.records.grid import Cell, Raw
from oncohort.records.in_words import doses_of, events_of
from oncohort.records.model import Decision
from oncohort.records.values import text_of
from oncohort.records.wide import Wide
from oncohort.vocabulary.times import DateOrder

MAIN: Mapping[str, str] = {"adverse_events": "term", "doses": "amount"}
"""Record tables that can be read from words, and the column whose cell holds them."""


def spell_out(raw: Raw, table_map: TableMap, header: Mapping[str, str], table: str) -> Wide:
    """The records that the cells of one column hold in words; each keeps that cell.

    Parameters
    ----------
    header
        Our column = the chart's. That of the main column (`term`, `amount`) holds the words.
    """
    main = MAIN.get(table)
    if main is None or main not in header:
        wrong = problem(
            "columns.no-words",
            place=Place(raw.file, raw.sheet, key=f"tables.{table}.shape"),
            table=table,
            holder=table,
            main=main or "",
            tables=", ".join(MAIN),
        )
        return Wide([], [], {}, {}, (wrong,))
    where = {name: i for i, name in enumerate(raw.names)}
    own = where[header[main]]
    texts = [None if v is None else text_of(v) for v in as_list(raw.column(header[main]))]
    order = table_map.dates or _order_of(texts)
    read = _events if table == "adverse_events" else _doses
    parts = [(row, read(t, order)) for row, t in enumerate(texts) if t]
    records = [(row, found, why) for row, many in parts for found, why in many]
    made = {key for _, found, _ in records for key in found} | {main}
    index = [row for row, _, _ in records]
    columns: dict[str, list[Cell]] = {}
    positions: dict[str, list[int]] = {}
    for ours, theirs in header.items():
        if ours in made and ours != "start":
            continue
        values = as_list(raw.column(theirs))
        columns[ours] = [values[row] for row in index]
        positions[ours] = [where[theirs]] * len(index)
    first = {row: nth for nth, row in reversed(list(enumerate(index)))}
    for ours in sorted(made):
        charted = columns.get(ours)
        columns[ours] = [
            # The start beside the cell is that of its first dose alone.
            found.get(ours) or (charted[nth] if charted and first[row] == nth else None)
            if ours == "start"
            else found.get(ours)
            for nth, (row, found, _) in enumerate(records)
        ]
        positions[ours] = [own] * len(index)
    wide = Wide([raw.rows[row] for row in index], index, columns, positions)
    unread = tuple(_unread(wide, raw, table, main, records, texts, columns))
    told = Decision(
        "layout.words",
        f"{sum(t is not None for t in texts)} cells of {header[main]!r} were read as "
        f"{len(index)} records.",
        table,
        main,
        len(index),
        Place(raw.file, raw.sheet),
        "protocol",
    )
    return replace(wide, problems=unread, decisions=(told,))


def _order_of(texts: Iterable[str | None]) -> DateOrder | None:
    """The order of dates, where one of those in the cells leaves one only."""
    days = [d for t in texts if t for d in re.findall(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}", t)]
    day_first, month_first, *_ = written_order(days)
    if bool(day_first) == bool(month_first):
        return None
    return "day-first" if day_first else "month-first"


_Records = list[tuple[dict[str, Cell], str]]


def _events(text: str, order: DateOrder | None) -> _Records:
    return [
        ({"term": e.term or None, "grade": e.grade, "start": e.start}, e.why)
        for e in events_of(text, order)
    ]


def _doses(text: str, order: DateOrder | None) -> _Records:
    return [
        (
            {
                "amount": d.amount,
                "unit": d.unit or None,
                "times_per_day": d.times_per_day,
                "start": d.start,
            },
            d.why,
        )
        for d in doses_of(text, order)
    ]


def _unread(
    wide: Wide,
    raw: Raw,
    table: str,
    main: str,
    records: list[tuple[int, dict[str, Cell], str]],
    texts: list[str | None],
    columns: Mapping[str, list[Cell]],
) -> Iterable[Problem]:
    who = columns.get("patient")
    for nth, (row, _, why) in enumerate(records):
        if why:
            yield problem(
                "values.words",
                place=wide.place(raw, main, nth),
                patient=None if who is None or who[nth] is None else text_of(who[nth]),
                table=table,
                column=main,
                row=raw.rows[row],
                reason=why,
                text=(texts[row] or "")[:80],
            )


__all__ = ["MAIN", "spell_out"]
