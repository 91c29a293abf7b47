"""Endpoints found in a chart: time and event columns, or dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from oncohort.records.columns import as_list
from oncohort.records.matching import SURE
from oncohort.records.tables import RESPONSES, VITAL_STATUS
from oncohort.records.values import Reader, read_value, text_of
from oncohort.study.drafting import Page, Question, Section, toml

_NAMES: Mapping[str, tuple[str, ...]] = {
    "os": ("os", "overall survival", "全生存"),
    "pfs": ("pfs", "progression free", "無増悪"),
    "dfs": ("dfs", "disease free"),
    "rfs": ("rfs", "recurrence free", "relapse free"),
    "efs": ("efs", "event free"),
    "dss": ("dss", "css", "cancer specific", "disease specific"),
    "pfi": ("pfi",),
    "dfi": ("dfi",),
    "ttp": ("ttp", "time to progression"),
    "ttf": ("ttf", "time to treatment failure"),
}
_LABELS = {"pfi": "Progression-free interval", "dfi": "Disease-free interval"}
_TIMES = (
    "time",
    "months",
    "month",
    "mo",
    "days",
    "day",
    "weeks",
    "years",
    "yrs",
    "duration",
    "dur",
)
_EVENTS = ("event", "status", "cens", "censor", "censored", "occurred", "flag", "dead", "death")
_UNITS: Mapping[str, tuple[str, ...]] = {
    "months": ("months", "month", "mo", "mths", "ヶ月", "月"),
    "days": ("days", "day", "d", "日"),
    "weeks": ("weeks", "week", "wk", "wks"),
    "years": ("years", "year", "yrs", "yr"),
}
_EVENT_WORDS = frozenset(
    (
        "event",
        "yes",
        "dead",
        "died",
        "deceased",
        "progressed",
        "progression",
        "death",
        "pd",
        "1:deceased",
    )
)
_CENSORED_WORDS = frozenset(
    (
        "censored",
        "no",
        "alive",
        "living",
        "no event",
        "none",
        "0:living",
        "censor",
        "progression free",
    )
)
MAXIMUM = {"months": 600.0, "weeks": 2600.0}
"""Times beyond which a column can't be in this unit: fifty years."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A time and an event column of one endpoint."""

    key: str
    time: str
    event: str


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [w for w in re.split(r"[^0-9A-Za-z぀-ヿ一-龥]+", spaced.lower()) if w]


def find_pairs(page: Page) -> list[Pair]:
    """Pairs of time and event columns in a table of patients."""
    out: list[Pair] = []
    for endpoint, names in _NAMES.items():
        mine = []
        for column in page.raw.names:
            words = _words(column)
            text = " ".join(words)
            if any(n in words if " " not in n else n in text for n in names) or any(
                n in column for n in names if not n.isascii()
            ):
                mine.append(column)
        times, events = [], []
        for column in mine:
            held, words = page.held[column], _words(column)
            if held.n == 0:
                continue
            few = held.distinct <= 3
            if few and not any(w in _TIMES for w in words):
                events.append((any(w in _EVENTS for w in words), column))
            elif held.mostly == "number" and not few:
                times.append((any(w in _TIMES for w in words), column))
        if times and events:
            times.sort(key=lambda t: not t[0])
            events.sort(key=lambda t: not t[0])
            out.append(Pair(endpoint, times[0][1], events[0][1]))
    return out


def _unit_of(page: Page, pair: Pair) -> tuple[str | None, str]:
    """The unit of a time column and the evidence; None where it is open."""
    words = _words(pair.time)
    for unit, names in _UNITS.items():
        if any(w in names for w in words if w not in ("d", "mo") or w == words[-1]):
            return unit, f'the name "{pair.time}" says so'
    for column in page.raw.names:
        if "unit" in _words(column) and page.held[column].distinct == 1:
            held = next(iter(page.held[column].counts)).lower()
            for unit, names in _UNITS.items():
                if held in names:
                    return unit, f'the column "{column}" says "{held}"'
    high = page.held[pair.time].high or 0
    if high > MAXIMUM["weeks"]:
        return "days", f"its largest value, {high:g}, can be nothing else"
    return None, ""


def _cross(
    page: Page, event: str, other: str, levels: tuple[str, ...], ours: str
) -> dict[str, dict[str, int]]:
    """Counts of event values by the level of another column."""
    out: dict[str, dict[str, int]] = {}
    reader = Reader("text", ours, levels)
    for e, o in zip(as_list(page.raw.column(event)), as_list(page.raw.column(other)), strict=True):
        if e is None or o is None:
            continue
        level = read_value(o, reader).value
        if level is not None:
            row = out.setdefault(level, {})
            text = re.sub(r"(?<=\d)\.0+$", "", text_of(e))
            row[text] = row.get(text, 0) + 1
    return out


def _plain_event(page: Page, pair: Pair) -> tuple[str | None, str]:
    """The value that means the event where words say so, with the evidence."""
    values = list(page.held[pair.event].counts)
    labels = page.raw.label_of.get(pair.event, {})
    worded = {v: labels.get(v, v).strip().lower() for v in values}
    events = [v for v, w in worded.items() if w in _EVENT_WORDS]
    censored = [v for v, w in worded.items() if w in _CENSORED_WORDS]
    if len(events) == 1 and len(events) + len(censored) == len(values) == 2:
        return labels.get(events[0], events[0]), "its words say so"
    if pair.key == "os":
        status = next(
            (m.column for m in page.matches if m.ours == "vital_status" and m.confidence >= SURE),
            None,
        )
        if status and status != pair.event:
            table = _cross(page, pair.event, status, VITAL_STATUS, "vital_status")
            dead, alive = table.get("dead", {}), table.get("alive", {})
            for value in values:
                n_dead, n_alive = sum(dead.values()), sum(alive.values())
                if n_dead < 3 or n_alive < 3:
                    continue
                agree = dead.get(value, 0) / n_dead
                differ = 1 - alive.get(value, 0) / n_alive
                if agree >= 0.95 and differ >= 0.95:
                    return value, (
                        f'{dead.get(value, 0)} of {n_dead} patients who are dead in "{status}" '
                        f"have {value}, and {n_alive - alive.get(value, 0)} of {n_alive} who are "
                        "alive have not"
                    )
    return None, ""


def _hint(page: Page, pair: Pair) -> tuple[str | None, str]:
    """What speaks for a value, though it is not said in words."""
    response = page.ours.get("best_response")
    if response and pair.key in ("pfs", "ttp", "pfi", "dfs"):
        table = _cross(page, pair.event, response, RESPONSES, "best_response")
        progressed = table.get("PD", {})
        total = sum(progressed.values())
        for value, n in progressed.items():
            if total >= 3 and n / total >= 0.9:
                return value, (
                    f'{n} of the {total} patients whose "{response}" is PD have {value}, and they '
                    f"have progressed: {value} looks like the event."
                )
    return None, ""


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def _alike(page: Page, pair: Pair) -> tuple[str | None, str]:
    """What a column of another endpoint, named alike, says of this one."""
    stem = pair.event.lower().replace(pair.key, "*")
    for other in find_pairs(page):
        if other == pair or other.event.lower().replace(other.key, "*") != stem:
            continue
        value = _plain_event(page, other)[0] or _hint(page, other)[0]
        if value is not None and value in page.held[pair.event].counts:
            return value, f'"{other.event}" is named alike, and there {value} looks like the event.'
    return None, ""


def reduced_section(page: Page, pair: Pair) -> Section:
    """The section of an endpoint with time and event columns; a question where words don't say."""
    label = _LABELS.get(pair.key, pair.key.upper())
    section = Section(
        f"[endpoints.{pair.key}]",
        [f"label = {toml(label)}", f"time = {toml(pair.time)}", f"event = {toml(pair.event)}"],
    )
    blocks = (f"survival.{pair.key}", f"prognosis.{pair.key}")
    unit, unit_why = _unit_of(page, pair)
    value, value_why = _plain_event(page, pair)
    if unit and value is not None:
        section.lines += [
            f"event_value = {toml(_number(value))}   # {value_why}",
            f'time_unit = "{unit}"   # {unit_why}',
        ]
        return section
    held = page.held[pair.event]
    asks = []
    if value is None:
        proposed, hint = _hint(page, pair)
        if proposed is None:
            proposed, hint = _alike(page, pair)
        asks.append(
            f'"{pair.event}" holds {held.top()}. Which one means that the event happened? '
            "(The other one means censored.)"
        )
        if hint:
            asks.append(hint)
        best = proposed or max(held.counts, key=lambda v: (v in ("1", "1.0"), v))
        others = [v for v in held.counts if v != best]
        line = f"event_value = {toml(_number(best))}   # or {', '.join(others) or '?'}"
    else:
        line = f"event_value = {toml(_number(value))}   # {value_why}"
    if unit is None:
        times = page.held[pair.time]
        asks.append(
            f'In which unit is "{pair.time}" ({times.low:g} to {times.high:g})? '
            "days, weeks, months or years?"
        )
        unit_line = 'time_unit = "months"   # or "days", "weeks", "years"'
    else:
        unit_line = f'time_unit = "{unit}"   # {unit_why}'
    section.off = True
    section.questions.append(
        Question("\n".join(asks), [section.header, *section.lines, line, unit_line], blocks)
    )
    return section


def dated_sections(tables: dict[str, Page], done: set[str]) -> list[Section]:
    """Endpoints from dates of the patients."""
    page = tables["patients"]
    there = page.ours
    out: list[Section] = []
    if "treatment_start" not in there:
        return out
    died = "death_date" in there or "vital_status" in there
    if "os" not in done and died and ("last_contact" in there or "death_date" in there):
        out.append(
            Section(
                "[endpoints.os]",
                [
                    'label = "OS"',
                    'from = "treatment_start"',
                    'events = ["death"]',
                    'censoring = "last_contact"',
                ],
            )
        )
    scans = [t for t in ("lesions", "assessments") if t in tables]
    if "pfs" not in done and ("progression_date" in there or scans):
        section = Section(
            "[endpoints.pfs]",
            ['label = "PFS"', 'from = "treatment_start"', 'events = ["progression", "death"]'],
        )
        if scans:
            section.lines.append('censoring = "last_assessment"')
        else:
            section.lines.append(
                'censoring = "last_contact"   # the chart has no scans; '
                '"last_assessment" is the usual rule'
            )
        out.append(section)
    return out
