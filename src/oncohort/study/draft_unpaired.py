"""Times of endpoints of which no column says who had the event: asked, not dropped."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from oncohort.protocol.toml_text import toml_header, toml_line
from oncohort.study.draft_chart import Chart
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.endpoint_columns import is_outcome_time
from oncohort.study.endpoint_names import called, endpoints_named
from oncohort.study.endpoint_units import unit_of
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions


def unpaired_questions(
    chart: Chart, parts: Sequence[Section], asked: Sequence[Question], paired: Collection[str]
) -> list[Question]:
    """Did everybody have the event, where `PFS (mo)` has no column that says who had it?

    Parameters
    ----------
    parts, asked
        Sections of the protocol, and questions: the endpoints that are had or asked about.
    paired
        Columns of times and events that are used.
    """
    page = chart.patients
    known = {p.key for p in chart.pairs}
    known |= {s.path[1] for s in parts if s.path[0] == "endpoints"}
    blocks = [b for q in [*asked, *(q for s in parts for q in s.questions)] for b in q.blocks]
    known |= {b.removeprefix("survival.") for b in blocks}
    taken = chart.ignored | chart.taken | chart.doubtful | set(paired)
    if known & {"", "survival"} or chart.endpoints_of_rows:
        return []
    out: list[Question] = []
    for column in page.raw.names:
        named = endpoints_named(called(page, column))
        if column in taken or len(named) != 1 or named[0] in known or page.relative:
            continue
        held = page.held[column]
        if held.mostly != "number" or held.n < 3 or mentions(column, "before", "another_time"):
            continue
        if not is_outcome_time(page, column):
            continue
        known.add(named[0])
        out.append(_question(page, named[0], column))
    return out


def _question(page: Page, key: str, column: str) -> Question:
    label, event = key.upper(), f"{key.upper()} event"
    unit, why = unit_of(page, column)
    return Question(
        key,
        f'"{column}" is a time of {label}, and no column says who had the event and who is '
        f"censored. Had everybody the event? (yes; none: {label} is not analysed. Where some are "
        "censored, a column of the chart has to say so, or a + behind their times.)",
        [
            toml_line(("constants", event), "yes"),
            toml_header("endpoints", key),
            toml_line("label", label),
            toml_line("time", column),
            toml_line("event", event),
            toml_line("event_value", "yes"),
            toml_line("time_unit", unit, why)
            if unit
            else open_line("time_unit", "days", "weeks", "months", "years"),
        ],
        (f"survival.{key}",),
        optional=True,
    )
