"""Sections of endpoints: from time and event columns, or from dates."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.dataclass import dataclass
from oncohort.protocol.toml_text import HOLE, toml_header, toml_line
from oncohort.records.columns import as_list
from oncohort.records.marked_numbers import marks_name
from oncohort.records.names import header_unit
from oncohort.study.draft_as_read import as_ours, as_read, own_status, shown_value
from oncohort.study.draft_core import may_be_days
from oncohort.study.draft_marks import event_of_words, marks_some, value_by_mark
from oncohort.study.draft_values import number_questions_of
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.endpoint_columns import EVERY, Pair
from oncohort.study.endpoint_kinds import first_of
from oncohort.study.endpoint_units import unit_of
from oncohort.study.endpoint_values import (
    CENSORED,
    COMPETING,
    EVENT,
    alike,
    hint,
    labels_of,
    plain_event,
    worded,
)
from oncohort.study.questions import open_line
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import level_words, may_be_missing, plain

_LABELS = {
    "ttr": "Time to recurrence",
    "pfi": "Progression-free interval",
    "dfi": "Disease-free interval",
}


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


@dataclass(frozen=True, slots=True)
class _Value:
    """The value that means the event, where something says so."""

    value: str | None = None
    why: str = ""
    codes: str = ""
    """A line for `[tables.patients]` where several words mean it."""

    @property
    def line(self) -> str:
        """As the section of the endpoint says it."""
        shown = self.value if self.codes or self.value is None else _number(self.value)
        return toml_line("event_value", shown, self.why)


def _known_value(page: Page, pair: Pair, values: list[str]) -> _Value:
    """What words, a legend or another column say of the event's value."""
    if own_status(page, pair.event):
        return _Value("dead", "it is the vital status, too")
    if marks_some(page, pair.event):
        return _Value()  # a mark in some rows: what a blank means is asked
    if pair.event == marks_name(pair.time):
        value, why = value_by_mark(values, (pair.time, *page.notes))
        if value is not None:
            return _Value(value, why)
    words, why = worded(page, pair)
    labels, _ = labels_of(page, pair.event)
    if any(_may_be_lost(labels.get(v, ""), v) for v in page.held[pair.event].counts):
        return _Value()  # "lost" may be censored or not known: it is asked
    if not words:
        value, why = plain_event(page, pair)
        return _Value(as_read(pair.event, value), why)
    happened = [v for v, w in words.items() if w == EVENT]
    if (
        pair.dated
        and pair.lasting is not None
        and page.held[pair.event].n < page.held[pair.event].rows
        and first_of(page, pair.event)
    ):
        words = {**words, "": CENSORED}
    labels = page.raw.label_of.get(pair.event, {})
    ours = as_ours(pair.event)
    levels = TABLES["patients"].levels.get(ours, ())
    if "dead" in levels and any(as_read(pair.event, labels.get(v, v)) not in levels for v in words):
        codes = {v: "dead" if w == EVENT else "alive" for v, w in words.items()}
        return _Value("dead", why, toml_line(("codes", ours), codes, why))
    if len(values) == 2 and len(happened) == 1:
        return _Value(as_read(pair.event, labels.get(happened[0], happened[0])), why)
    return _Value(EVENT, why, toml_line(("codes", pair.event), words, why))


def _may_be_lost(label: str, value: str) -> bool:
    """May a value mean that nothing is known? In a legend, `0 = none` says that there was none."""
    return may_be_missing(label or value) and level_words("event").get(plain(label)) != "no"


def event_known(page: Page, pair: Pair) -> str | None:
    """The value that means the event, where the chart says so in words or by another column."""
    known = _known_value(page, pair, list(page.held[pair.event].counts))
    return None if known.codes else known.value


def reduced_section(page: Page, pair: Pair) -> tuple[Section, list[str]]:
    """The section of an endpoint with time and event columns; a question where words don't say.

    Returns
    -------
    tuple
        The section, and lines for `[tables.patients]` where several words mean the event.
    """
    label = _LABELS.get(pair.key, pair.key.upper())
    lines = [toml_line("label", label)] if pair.key else []
    what = "date" if pair.dated else "time"
    lines += [toml_line("from", page.zero or "treatment_start")] if pair.dated else []
    lines += [
        _one_of(what, pair.time, pair.times),
        _one_of("event", own_status(page, pair.event) or pair.event, pair.events),
    ]
    if pair.times or pair.events:
        return _open_section(page, pair, lines), []
    section = Section(("endpoints", pair.key or HOLE), lines)
    unit, unit_why = ("days", "") if pair.dated else unit_of(page, pair.time)
    values = list(page.held[pair.event].counts)
    known = _known_value(page, pair, values)
    extra = [known.codes] if known.codes else []
    unit_lines = [] if pair.dated else [toml_line("time_unit", unit, unit_why)]
    if pair.lasting is not None and len(pair.lasting) == 1 and pair.dated:
        why = "blank where it has not happened: the last contact"
        extra.append(toml_line(("fill_from", pair.time), pair.lasting[0], why))
    elif pair.lasting is not None:
        return _followed_section(page, pair, section, unit_lines if unit else []), []
    if unit and known.value is not None and pair.key:
        section.lines += [known.line, *unit_lines]
        return section, extra
    asks, asked = _which_endpoint(pair, section)
    if known.value is not None:
        asked.append(known.line)
    else:
        more, before, after = _which_value(page, pair, values)
        asks += more
        asked = [*before, *asked, *after]
    if unit is None:
        times = page.held[pair.time]
        asks.append(f'In which unit is "{pair.time}" ({times.low:g} to {times.high:g})?')
        asked.append(open_line("time_unit", "months", "days", "weeks", "years"))
    else:
        asked += unit_lines
    section.off = True
    blocks = (f"survival.{pair.key}", f"prognosis.{pair.key}") if pair.key else ("survival",)
    section.questions.append(
        Question(pair.key or "endpoint", "\n".join(asks), asked, blocks, optional=True)
    )
    return section, extra


def _followed_section(page: Page, pair: Pair, section: Section, unit: list[str]) -> Section:
    """The question until when those were followed who have no event and no time."""
    text = (
        f'"{pair.time}" is blank for those without the event by "{pair.event}": without a time '
        "they would be left out, and every median would be too short. Which column says until when "
        "they were followed? (none: no such endpoint is analysed.)"
    )
    lines: list[str] = []
    if pair.lasting:
        before = [open_line(("fill_from", pair.time), *pair.lasting)]
        asks, asked = _which_endpoint(pair, section)
        known = _known_value(page, pair, list(page.held[pair.event].counts))
        if known.value is not None:
            asked.append(known.line)
            before += [known.codes] if known.codes else []
        else:
            values = list(page.held[pair.event].counts)
            more, codes, after = _which_value(page, pair, values)
            asks += more
            before += codes
            asked += after
        if not unit:
            asks.append("In which unit is the time?")
            unit = [open_line("time_unit", "months", "days", "weeks", "years")]
        if pair.dated:
            unit = []
        lines = [*before, *asked, *unit]
        text = "\n".join([text, *asks])
    blocks = (f"survival.{pair.key}", f"prognosis.{pair.key}") if pair.key else ("survival",)
    section.off = True
    section.questions.append(Question(pair.key or "endpoint", text, lines, blocks, optional=True))
    return section


def time_questions(page: Page, pair: Pair) -> list[Question]:
    """What the words among the times of an endpoint mean: `135 days` among months."""
    held = page.held[pair.time]
    found = number_questions_of(
        "patients",
        pair.time,
        pair.time,
        held,
        as_list(page.raw.column(pair.time)),
        header_unit(pair.time),
        page.decimal_mark,
    )
    blocks = (f"survival.{pair.key}",) if pair.key else ("survival",)
    name = f"{pair.key or 'endpoint'}_time"
    return [replace(q, name=name, blocks=blocks, leave_out=None) for q in found]


def _one_of(what: str, column: str, rivals: tuple[str, ...]) -> str:
    """The line for a column, or the hole for it with the columns that may stand there."""
    if not rivals:
        return toml_line(what, as_ours(column))
    return open_line(what, *map(as_ours, rivals))


def _open_section(page: Page, pair: Pair, lines: list[str]) -> Section:
    """The question for an endpoint whose columns are not plain; all else is asked with it."""
    section = Section(("endpoints", pair.key or HOLE), lines, off=True)
    asks, asked = _which_endpoint(pair, section)
    times, events = pair.times or (pair.time,), pair.events or (pair.event,)
    if len(times) > 1 and len(events) > 1 and not pair.key:
        asks = ["No column is named as the time and the event of an endpoint."]
    asks += _which_time(page, pair)
    every = EVERY in events
    events = tuple(c for c in events if c != EVERY)
    if pair.events:
        held = "; ".join(f'"{c}" holds {page.held[c].top(4)}' for c in events)
        asks.append(f"Which of these columns is the event, and which of its values? {held}.")
    known = _Value()
    if every:
        asks.append(f'(Did all of them have it: event = "{EVERY}", event_value = "{EVENT}".)')
        asked.insert(0, toml_line(("constants", EVERY), EVENT))
    if len(events) == 1 and not every:
        known = _known_value(page, pair, list(page.held[pair.event].counts))
    if not pair.events and known.value is None:
        asks.append(f'"{pair.event}" holds {page.held[pair.event].top()}. Which is the event?')
    values = dict.fromkeys(v for c in events for v in page.held[c].counts if not may_be_missing(v))
    several = bool(pair.events)
    offered = dict.fromkeys(
        shown_value(page, c, v, open_=several)
        for c in events
        for v in page.held[c].counts
        if v in values
    )
    if known.codes:
        asked.insert(0, known.codes)
    if known.value is not None:
        asked.append(known.line)
    elif len(events) == 1 and not every and (len(values) > 2 or marks_some(page, events[0])):
        more, before, after = _which_value(page, pair, list(values))
        asks[-1:] = more
        asked = [*before, *asked, *after]
    else:
        also = (EVENT,) if every else ()
        asked.append(open_line("event_value", *map(_number, offered), *also))
    found = [unit_of(page, c) for c in times]
    unit, why = found[0] if len({u for u, _ in found}) == 1 else (None, "")
    if unit is None:
        asked.append(open_line("time_unit", "months", "days", "weeks", "years"))
        asks.append("In which unit is the time?")
    else:
        asked.append(toml_line("time_unit", unit, why))
    blocks = (f"survival.{pair.key}", f"prognosis.{pair.key}") if pair.key else ("survival",)
    asks.append("(none: no such endpoint is analysed.)")
    section.questions.append(
        Question(pair.key or "endpoint", "\n".join(asks), asked, blocks, optional=True)
    )
    return section


def _which_time(page: Page, pair: Pair) -> list[str]:
    """The question which column is the time, where the names do not say."""
    held = ", ".join(f'"{c}" ({_span(page, c)})' for c in pair.times)
    if len(pair.times) == 1:
        return [f"Is {held} the time of {_LABELS.get(pair.key, pair.key.upper())}?"]
    asks = [f"Which of these columns is the time? {held}."] if pair.times else []
    if pair.times and page.begins and set(pair.times) & set(page.differences):
        asks.append(
            f'("{page.begins}" is when observation began: nobody who died before is in the '
            "chart. Times from an earlier day look too long then; those under observation "
            "begin with it.)"
        )
    return asks


def _span(page: Page, column: str) -> str:
    held = page.held[column]
    return f"{held.low:g} to {held.high:g}"


def _which_endpoint(pair: Pair, section: Section) -> tuple[list[str], list[str]]:
    """The question which endpoint it is, where the names do not say; and the section's lines."""
    if pair.key:
        return [], [section.header, *section.lines]
    offered = _plain_choices("os", "pfs", "dfs", "rfs", "efs", "ttp", "ttr", "dss", "mfs")
    asks = [f'"{pair.time}" and "{pair.event}" are those of which endpoint?']
    return asks, [section.header + offered, *section.lines]


def _which_value(
    page: Page, pair: Pair, values: list[str]
) -> tuple[list[str], list[str], list[str]]:
    """The question which value means the event; the lines before and after the section's."""
    held = page.held[pair.event]
    if marks_some(page, pair.event) or (len(values) == 1 and held.n < held.rows):
        others = len(values) > 1
        competing = ", which another event (competing)" if others else ""
        ask = (
            f'"{pair.event}" holds {held.top()} and is blank in {held.rows - held.n} rows. Which '
            f"of them mean that the event happened, which censored{competing}?"
        )
        ongoing = all(event_of_words(v) is False for v in values)  # `12 (alive)`: the others ended
        put = dict.fromkeys(values, CENSORED if ongoing else HOLE) | {
            "": EVENT if ongoing else HOLE
        }
        choices = (EVENT, CENSORED, *((COMPETING,) if others else ()), "")
        codes = open_line(("codes", pair.event), *choices, put=put)
        return [ask], [codes], [toml_line("event_value", EVENT)]
    if len(values) > 2:
        ask = (
            f'"{pair.event}" holds {held.top()}. Which of them mean that the event happened, '
            "which censored, which another event after which this one can't happen any more "
            "(competing: the endpoint is then reported as cumulative incidence)?"
        )
        words, _ = worded(page, pair)
        named = {v: words.get(v, HOLE) for v in values}
        codes = open_line(("codes", pair.event), EVENT, CENSORED, COMPETING, "", put=named)
        return [ask], [codes], [toml_line("event_value", EVENT)]
    ours = as_ours(pair.event)
    levels = TABLES["patients"].levels.get(ours, ())
    if "dead" in levels and all(as_read(pair.event, v) not in levels for v in values):
        # The column is ours by its name: its values are read as our words, which have to be said.
        put = dict.fromkeys(values, HOLE)
        codes = open_line(("codes", ours), "dead", "alive", "", put=put)
        which = "Which one means dead? (The other one means alive.)"
        which = which if len(values) == 2 else "Which of dead, alive does each mean?"
        ask = f'"{pair.event}" holds {held.top()}. {which}'
        return [ask], [codes], [toml_line("event_value", "dead")]
    proposed, why = hint(page, pair)
    if proposed is None and pair.key:
        proposed, why = alike(page, pair)
    asks = [
        f'"{pair.event}" holds {held.top()}. Which one means that the event happened? '
        "(The other one means censored.)"
    ]
    offered = [_number(shown_value(page, pair.event, v)) for v in values]
    value = _number(proposed) if proposed is not None else HOLE
    return [*asks, *([why] if why else [])], [], [open_line("event_value", *offered, put=value)]


def _plain_choices(*names: str) -> str:
    return "   # one of: " + " | ".join(names)


def dated_sections(tables: dict[str, Page], done: set[str]) -> list[Section]:
    """Endpoints from dates of the patients; what is missing for them is asked."""
    page = tables["patients"]
    there = page.ours
    out: list[Section] = []
    clock = page.zero or "treatment_start"
    origin = bool(page.zero) or "treatment_start" in there
    deaths = _dated_deaths(page)
    dated = [c for c in page.raw.names if may_be_days(page, c)]
    if "os" not in done and deaths and (origin or len(dated) >= 2):
        out.append(
            Section(
                ("endpoints", "os"),
                [
                    toml_line("label", "OS"),
                    toml_line("from", clock),
                    toml_line("events", ["death"]),
                    toml_line("censoring", "last_contact"),
                ],
            )
        )
    scans = [t for t in ("lesions", "assessments") if t in tables]
    name = "rfs" if page.resected and not scans else "pfs"
    if name not in done and (origin or len(dated) >= 2) and ("progression_date" in there or scans):
        rule = (
            toml_line("censoring", "last_assessment")
            if scans
            else toml_line(
                "censoring",
                "last_contact",
                'the chart has no scans; "last_assessment" is the usual rule',
            )
        )
        lines = [toml_line("from", clock), toml_line("events", ["progression", "death"]), rule]
        if deaths:
            out.append(Section(("endpoints", name), [toml_line("label", name.upper()), *lines]))
        else:
            shown = any(m.ours == "vital_status" for m in page.matches)
            asked = shown and not page.contact_is_death  # whether the last contact is the death
            out.append(_after_deaths(lines, name) if asked else _without_deaths(rule, shown=shown))
    return out


def progression_lines(page: Page, *, deaths: bool = False) -> list[str]:
    """The section of progression-free survival from dates, once a column is known to hold those of
    progression; of time to progression where no dates of death are known.

    Parameters
    ----------
    deaths
        Whether the days of deaths are asked about.
    """
    if deaths or _dated_deaths(page):
        name, events = ("rfs" if page.resected else "pfs"), ["progression", "death"]
    else:
        name, events = "ttp", ["progression"]
    return [
        toml_header("endpoints", name),
        toml_line("label", name.upper()),
        toml_line("from", page.zero or "treatment_start"),
        toml_line("events", events),
        toml_line("censoring", "last_contact"),
    ]


def _dated_deaths(page: Page) -> bool:
    """Are the days of deaths known: a column of them, or the last contact of those who are dead?"""
    there = page.ours
    return "death_date" in there or (page.contact_is_death and "vital_status" in there)


def _after_deaths(lines: list[str], name: str) -> Section:
    """Whether the last contact is the day of death is asked first; progressions are dated."""
    section = Section(("endpoints", name), off=True)
    event = "recurrence" if name == "rfs" else "progression"
    section.questions.append(
        Question(
            name,
            f'If the last contact is the day of death (the question "deaths"): is {event}-free '
            f"survival wanted, {event} or death, whichever comes first? (yes or none; without "
            f"days of death only [endpoints.ttp], time to {event}, can be had.)",
            [toml_header("endpoints", name), toml_line("label", name.upper()), *lines],
            (f"survival.{name}",),
            optional=True,
        )
    )
    return section


def _without_deaths(rule: str, *, shown: bool) -> Section:
    """Progressions are dated and deaths are not: nothing but time to progression can be had."""
    section = Section(("endpoints", "ttp"), off=True)
    section.questions.append(
        Question(
            "pfs",
            "The chart has dates of progression but no dates of death"
            + (" (only who died)" if shown else "")
            + ", so progression-free survival can't be had: it counts deaths. Is time to "
            "progression wanted, where deaths do not count? (yes or none; or give the column of "
            "deaths with [tables.patients] columns.death_date.)",
            [
                toml_header("endpoints", "ttp"),
                toml_line("label", "TTP"),
                toml_line("from", "treatment_start"),
                toml_line("events", ["progression"]),
                rule,
            ],
            ("survival.pfs",),
            optional=True,
        )
    )
    return section
