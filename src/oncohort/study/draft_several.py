"""Several rows of a patient: which of them a study takes, and the endpoints that they hold."""

from __future__ import annotations

import re
from collections import Counter

from oncohort.dataclass import dataclass
from oncohort.protocol.toml_text import HOLE, toml_header, toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.one_row import of_row
from oncohort.records.values import text_of
from oncohort.study.draft_endpoints import event_known
from oncohort.study.draft_rows import PATIENTS, several_question, several_rows
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_columns import Pair, counting_pairs
from oncohort.study.endpoint_names import endpoints_named
from oncohort.study.endpoint_pairs import find_pairs
from oncohort.study.endpoint_units import unit_of
from oncohort.study.endpoint_values import hint
from oncohort.study.questions import open_line
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import may_be_missing

OFFERED = ("os", "pfs", "dfs", "rfs", "efs", "ttp", "dss", "mfs")
FEW = 0.15
"""Share of patients with several rows from which they are meant; fewer are slips, told singly."""
_INCLUDED = 12
"""Kinds of rows for which an endpoint is asked."""


@dataclass(slots=True)
class Several:
    """What is written and asked where patients have several rows."""

    lines: list[str]
    """For `[tables.patients]`."""
    questions: list[Question]
    pairs: tuple[Pair, ...] = ()
    """Pairs of time and event that the rows hold."""
    joins_pairs: bool = False
    """Which endpoint the pairs are is asked as for any chart; else it is asked here."""
    taken: frozenset[str] = frozenset()
    """Columns that tell rows apart or belong to single rows: no covariates."""


def rows_of(page: Page) -> dict[str, list[int]]:
    """Patient = its rows, from 0, as they stand."""
    ours = page.ours.get("patient")
    out: dict[str, list[int]] = {}
    if ours is None:
        return out
    for i, value in enumerate(as_list(page.raw.column(ours))):
        text = "" if value is None else text_of(value)
        if text:
            out.setdefault(text, []).append(i)
    return out


def settle_several(page: Page) -> Several | None:
    """Find out what several rows of a patient are; none where (nearly) everybody has one."""
    if page.where or page.by_row:
        return None
    rows = rows_of(page)
    more = {p: r for p, r in rows.items() if len(r) > 1}
    if len(more) < max(3, FEW * len(rows)):
        return _twice(page, more)
    intervals = counting_pairs(page)
    if intervals:
        return _intervals(page, intervals[0], more)
    pairs = find_pairs(page)
    column = several_rows(page)
    varying = [p for p in pairs if _varies(page, p.time, more) or _varies(page, p.event, more)]
    if column is not None and varying and page.held[column].distinct <= _INCLUDED:
        return _kinds(page, column, varying[0])
    if column is not None and not pairs:
        question = several_question(page, column)
        return Several([], [question], taken=frozenset((column,)))
    return _first_or_last(page, more)


def _twice(page: Page, more: dict[str, list[int]]) -> Several | None:
    """Few patients stand twice, with the same in every cell: is one row of each enough?"""
    columns = [as_list(c) for c in page.raw.columns]
    if not more or any(len({c[i] for i in rows}) > 1 for rows in more.values() for c in columns):
        return None
    shown = "; ".join(
        f"{patient}: rows {', '.join(str(page.raw.rows[i]) for i in rows)}"
        for patient, rows in list(more.items())[:6]
    )
    text = (
        f"{counted(len(more), 'patient')} {'stands' if len(more) == 1 else 'stand'} twice, with "
        f"the same in every cell ({shown}). Is one row of each enough? (yes; none: they are told "
        "one by one.)"
    )
    line = toml_line("one_row.keep", "first")
    return Several([], [Question("rows_twice", text, [line], about=PATIENTS, optional=True)])


def _varies(page: Page, column: str, more: dict[str, list[int]]) -> bool:
    """Does a column differ between the rows of a patient?"""
    values = as_list(page.raw.column(column))
    return any(len({values[i] for i in rows}) > 1 for rows in more.values())


def _kinds(page: Page, column: str, pair: Pair) -> Several:
    """A row per kind of event: each kind may be an endpoint of the study."""
    held = page.held[column]
    values = sorted(held.counts, key=lambda v: (len(v), v))
    lines = [
        toml_line("one_row.by", column),
        toml_line("one_row.columns", [pair.time, pair.event]),
    ]
    known = event_known(page, pair)
    proposed, why = hint(page, pair)
    if known is None and proposed is not None:
        known, why = proposed, why
    unit, unit_why = unit_of(page, pair.time)
    asked: list[str] = []
    named = {v: endpoints_named(v) for v in values}
    told = {v: n[0] for v, n in named.items() if len(n) == 1}
    told = told if len(set(told.values())) == len(told) else {}
    flags = [_code(v) for v in page.held[pair.event].counts if not may_be_missing(v)]
    for value in values:
        if value in told:
            asked.append(toml_header("endpoints", told[value]))
        else:
            offered = " | ".join((*OFFERED, "none"))
            asked.append(
                f"{toml_header('endpoints', HOLE)}   # for {toml_value(value)}, one of: {offered}"
            )
        asked += [
            *_label_line(value, told.get(value, "")),
            toml_line("time", of_row(pair.time, column, value)),
            toml_line("event", of_row(pair.event, column, value)),
            open_line("event_value", *flags, put=_code(known) if known is not None else HOLE),
            toml_line("time_unit", unit, unit_why)
            if unit
            else open_line("time_unit", "months", "days", "weeks", "years"),
        ]
    text = (
        f'The patients have several rows, which differ in "{column}": {held.top()}. Each row has a '
        f'time ("{pair.time}") and an event ("{pair.event}"). Which endpoint is each kind of row'
        f'? "{pair.event}" holds {page.held[pair.event].top()}: which one means that the event '
        "happened?"
    )
    if known is not None and why:
        text += f"\n{why}"
    if unit is None:
        times = page.held[pair.time]
        text += f'\nIn which unit is "{pair.time}" ({times.low:g} to {times.high:g})?'
    question = Question("endpoints_of_rows", text, asked, ("survival",), optional=True)
    taken = frozenset((column, pair.time, pair.event))
    return Several(lines, [question], (pair,), False, taken)


def _label_line(value: str, named: str) -> list[str]:
    """What a paper calls the endpoint of a kind of row; a number names nothing."""
    text = named.upper() or value[:1].upper() + value[1:]
    return [toml_line("label", text)] if not text.isdigit() else []


def _code(text: str) -> object:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def _intervals(page: Page, pair: Pair, more: dict[str, list[int]]) -> Several:
    """A row per interval with start and stop: which row's event is meant is always asked.

    In files of deaths the event is in the last row; in files of events that come again each row
    but the last ends with one.
    """
    start, stop = pair.times[0], pair.time
    events = pair.events or (pair.event,)
    lines = [
        toml_line("one_row.order", start),
        toml_line("one_row.ends", [stop, *events]),
    ]
    held = " and ".join(f'"{e}" ({_by_row(page, e, more)})' for e in events)
    text = (
        f'{counted(len(more), "patient")} have several rows, intervals from "{start}" to "{stop}" '
        f"with {held}. Whose end is meant: that of the "
        "last row (an event such as death, which ends the follow-up), or of the first (the first "
        "of several events)?"
    )
    line = open_line("one_row.end", "last", "first")
    question = Question("rows_per_patient", text, [line], about=PATIENTS)
    taken = frozenset((start, stop, *events))
    pair = Pair(pair.key, stop, pair.event, events=pair.events)
    return Several(lines, [question], (pair,), True, taken)


def _by_row(page: Page, event: str, more: dict[str, list[int]]) -> str:
    """What the event column holds before and in the last rows, in words."""
    values = as_list(page.raw.column(event))
    before = Counter(text_of(values[i]) for rows in more.values() for i in rows[:-1])
    last = Counter(text_of(values[rows[-1]]) for rows in more.values())
    told = (", ".join(f"{v} in {n}" for v, n in c.most_common(4)) for c in (before, last))
    return "before the last row {}; in the last {}".format(*told)


def _first_or_last(page: Page, more: dict[str, list[int]]) -> Several:
    """Nothing says what the rows are."""
    ours = page.ours["patient"]
    text = (
        f'{counted(len(more), "patient")} ("{ours}") stand in several rows. Which row gives a '
        "patient's values: the first or the last? (each: every row is a patient of its own.)"
    )
    line = open_line("one_row.keep", "first", "last", "each")
    return Several([], [Question("rows_per_patient", text, [line], about=PATIENTS)])


__all__ = ["Several", "rows_of", "settle_several"]
