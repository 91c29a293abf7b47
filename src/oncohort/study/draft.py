"""The draft of a protocol: the sheets of a chart as sections with their open questions."""

from __future__ import annotations

from pathlib import Path

from oncohort.protocol import parse_protocol
from oncohort.protocol.toml_text import toml_header, toml_line, toml_value
from oncohort.records.marked_numbers import marks_name
from oncohort.records.personal import Personal
from oncohort.records.repeats import complete
from oncohort.study.depends import dependence
from oncohort.study.draft_ages_at_events import settle_ages_at_events
from oncohort.study.draft_analysis import analysis, baseline_and_prognosis
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_columns import name_the_rest, quoted
from oncohort.study.draft_contact import settle_contact, settle_rare_start
from oncohort.study.draft_core import (
    core_questions_of,
    os_lines,
    settle_marked_deaths,
)
from oncohort.study.draft_dated_deaths import settle_dated_deaths
from oncohort.study.draft_dated_instead import dates_instead
from oncohort.study.draft_days_after import settle_days_after
from oncohort.study.draft_endpoints import progression_lines, time_questions
from oncohort.study.draft_entry import settle_ages, with_entry
from oncohort.study.draft_events import events_sections
from oncohort.study.draft_flagged_dates import flagged_question, settle_flagged
from oncohort.study.draft_joining import alone_question
from oncohort.study.draft_left_outcomes import dated_left, left_outcomes
from oncohort.study.draft_marks import settle_age_and_sex, settle_marks
from oncohort.study.draft_no_endpoint import endpoint_sought, has_endpoint, nothing_found
from oncohort.study.draft_recurrences import recurrence_question, settle_recurrence
from oncohort.study.draft_relative import settle_relative, since_zero
from oncohort.study.draft_resected import settle_resected
from oncohort.study.draft_rivals import rival_questions
from oncohort.study.draft_several import rows_of
from oncohort.study.draft_sheets import sort_sheets
from oncohort.study.draft_survival_flag import (
    settle_days_behind,
    settle_life_flag,
    settle_survival_pair,
)
from oncohort.study.draft_tables import beyond_question, page_lines, repeat_section, table_section
from oncohort.study.draft_unpaired import unpaired_questions
from oncohort.study.draft_variables import covariate_questions, legend_lines, variable_sections
from oncohort.study.draft_visits import settle_visits, visits_question
from oncohort.study.drafting import Page, Question, Section, number_questions, render
from oncohort.study.endpoint_columns import Pair, any_pair, timed
from oncohort.study.endpoint_pairs import find_pairs
from oncohort.vocabulary.plurals import counted


def draft(
    title: str, data: str, source: Path, pages: list[Page], *, several_files: bool
) -> tuple[str, list[Question], list[str]]:
    """The protocol's text, its open questions and what to tell the user.

    Parameters
    ----------
    title, data
        The study's title, and how the protocol names the data.

    Raises
    ------
    ReadError
        No sheet holds patients.
    """
    chart = sort_sheets(source, pages, several_files=several_files)
    patients = chart.patients
    _settle(patients)
    own = [r for r in patients.repeats if r.table not in chart.tables]
    chart.repeats = [r for r in own if complete(r)]
    chart.undated = {c for r in own if not complete(r) for c in r.columns}
    settle_visits(patients, chart.taken)
    out = chart.ignored | chart.taken | chart.doubtful | since_zero(patients)
    found = [p for p in find_pairs(patients) if not {p.time, p.event} & out]
    chart.pairs = dates_instead(patients, found)
    if chart.several is not None and chart.several.joins_pairs:
        chart.pairs += chart.several.pairs
    elif chart.several is None or not chart.several.pairs:
        chart.pairs = with_entry(patients, chart.pairs or _any_pair(chart, out))
    paired = _paired(chart, out)

    sections, notes = _tables(chart)
    first = sections[0]
    marks = {marks_name(c) for c in patients.marked}
    variables, left = variable_sections(patients, paired | chart.taken | marks, chart.ignored)
    first.comments += left
    if chart.undated:
        shown = quoted(sorted(chart.undated))
        first.comments.append(
            f"Not used: sizes at scans of which the days are not charted ({shown})"
        )
    first.questions += chart.rows
    first.questions += _of_patients(patients, out | paired)
    first.questions += covariate_questions(patients, variables)
    for pair in chart.pairs:
        if not pair.times and not pair.dated:
            first.questions += time_questions(patients, pair)
    parts, extra = analysis(chart)
    first.questions += _of_the_table(parts)
    _with_answers(chart, first.questions, parts)
    dated = any(p.dated for p in chart.pairs)
    lines, questions = core_questions_of(patients, _keys(chart), chart.taken | paired, dated=dated)
    first.lines += chart.several.lines if chart.several is not None else []
    first.lines += [*extra, *lines, *legend_lines(patients, variables)]
    _with_deaths(questions, parts)
    first.questions += questions
    first.questions += unpaired_questions(chart, parts, first.questions, paired)
    first.questions += left_outcomes(chart, parts, first.questions, paired)
    notes += _without_endpoint(chart, parts, first, chart.taken | paired | chart.ignored)
    sections += parts
    sections += variables
    sections += baseline_and_prognosis(variables, sections, chart.doubtful)
    name_the_rest(chart, sections)
    known = dependence(parse_protocol(render(_head(title, data, chart, []), sections)))
    for question in (q for s in sections for q in s.questions):
        question.waits = known.waiting(question.blocks, question.about)
    asked = number_questions(sections)
    text = render(_head(title, data, chart, asked), sections)
    return text, asked, notes


def _paired(chart: Chart, out: set[str]) -> set[str]:
    """The columns of times and events, which are no other of ours. The matches are changed in
    place.

    Parameters
    ----------
    out
        Columns that belong to another table, or are not read.
    """
    patients = chart.patients
    settle_days_after(patients, chart.pairs, out)
    paired = {c for p in chart.pairs if not p.times for c in (p.time,)}
    paired |= {c for p in chart.pairs if not p.events for c in (p.event,)}
    gone = paired | chart.taken
    kept = {"vital_status"} if patients.days_after else set()
    patients.matches = [m for m in patients.matches if m.column not in gone or m.ours in kept]
    return paired


def _settle(patients: Page) -> None:
    """Find out what the patients' columns are, beyond their names. The page is changed in place."""
    settle_marks(patients)
    settle_age_and_sex(patients)
    settle_ages_at_events(patients)
    settle_relative(patients)
    settle_survival_pair(patients)
    settle_days_behind(patients)
    settle_contact(patients)
    settle_life_flag(patients)
    settle_dated_deaths(patients)
    settle_rare_start(patients)
    settle_marked_deaths(patients)
    settle_flagged(patients)
    settle_recurrence(patients)
    settle_resected(patients)
    settle_ages(patients)


def _of_the_table(parts: list[Section]) -> list[Question]:
    """Questions for endpoints that also set codes of the patients' table: they stand with it, for a
    line without a header of its own belongs to the section above it. Taken out of the parts."""
    out: list[Question] = []
    for part in parts:
        theirs = [q for q in part.questions if part.off and not q.lines[0].startswith("[")]
        part.questions = [q for q in part.questions if q not in theirs]
        out += theirs
    parts[:] = [p for p in parts if p.questions or not p.off]
    return out


def _of_patients(patients: Page, used: set[str]) -> list[Question]:
    """What is asked about the patients' columns as a whole."""
    flagged = [d.column for d in dated_left(patients, used) if d.flag]
    asked = (
        recurrence_question(patients, flagged),
        flagged_question(patients, patients.ours.get("progression_date")),
        beyond_question(patients),
        visits_question(patients),
    )
    return [*(q for q in asked if q is not None), *rival_questions(patients)]


def _with_answers(chart: Chart, questions: list[Question], parts: list[Section]) -> None:
    """What can be had once a column is known to be a date of death, or the best response."""
    if not {"os", ""} & _keys(chart):
        for question in questions:
            if question.name == "is_death_date":
                question.lines += os_lines()
                question.lines += _pfs_lines(parts)
            if question.name == "is_vital_status" and chart.patients.contact_is_death:
                question.lines += [toml_line("last_contact_is_death", True), *os_lines()]
    done = {p.key for p in chart.pairs} | {s.path[1] for s in parts if s.path[0] == "endpoints"}
    if not {"pfs", "rfs", "ttp", ""} & done:
        for question in questions:
            if question.name == "is_progression_date":
                question.lines += progression_lines(chart.patients)
    if not any(s.path == ("response",) for s in parts):
        for question in questions:
            if question.name == "is_best_response":
                question.lines += [toml_header("response"), toml_line("source", "charted")]


def _without_endpoint(
    chart: Chart, parts: list[Section], first: Section, taken: set[str]
) -> list[str]:
    """What is asked and told where no endpoint was found. The first section is changed in place."""
    if chart.endpoints_of_rows:
        return []
    if not has_endpoint(parts, first.questions):
        first.questions += endpoint_sought(chart.patients, taken)
    if has_endpoint(parts, [q for q in first.questions if q.name != "start"]):
        return []
    told = nothing_found(chart.patients, taken, chart.unused)
    first.comments.append(told)
    return [told]


def _keys(chart: Chart) -> set[str]:
    """The endpoints that have a time and an event; empty for one that may be any."""
    keys = {p.key for p in chart.pairs if p.key or p.may_be_survival}
    return keys | ({"os"} if chart.endpoints_of_rows else set())


def _with_deaths(questions: list[Question], parts: list[Section]) -> None:
    """What can be had once it is known which column has the days of death."""
    for question in questions:
        if question.name == "death_date":
            question.lines += _pfs_lines(parts)


def _pfs_lines(parts: list[Section]) -> list[str]:
    """Progression-free survival, which can be had with deaths; the question for the time to
    progression without them is taken back."""
    own = [s for s in parts if s.off and s.path == ("endpoints", "ttp")]
    if not own:
        return []
    parts[:] = [s for s in parts if s not in own]
    lines = own[0].questions[0].lines
    as_pfs = {
        toml_header("endpoints", "ttp"): toml_header("endpoints", "pfs"),
        toml_line("label", "TTP"): toml_line("label", "PFS"),
        toml_line("events", ["progression"]): toml_line("events", ["progression", "death"]),
    }
    return [as_pfs.get(line, line) for line in lines]


def _any_pair(chart: Chart, out: set[str]) -> list[Pair]:
    """A question for time and event, where neither names nor dates give an endpoint."""
    dates = {"death_date", "last_contact", "progression_date", "treatment_start"}
    page = chart.patients
    if dates & {m.ours for m in page.matches} or page.relative or page.contact_is_death:
        return []
    if sum(page.held[c].mostly == "date" for c in page.raw.names) > 1 and not timed(page):
        return []  # which of the dates is what is asked
    found = any_pair(page, out)
    return [found] if found is not None else []


def _tables(chart: Chart) -> tuple[list[Section], list[str]]:
    """The sections `[tables.*]`, that of the patients first, and what to tell the user."""
    sections: list[Section] = []
    notes: list[str] = []
    for page in chart.tables.values():
        own = page is chart.patients
        section = table_section(
            page,
            chart.several_files,
            chart.several_sheets(page),
            chart.taken if own else set(),
            chart.patients,
        )
        hidden = chart.ignored if own else {p.column for p in page.personal}
        hidden = hidden - {page.ours.get("patient") or ""}
        if own and hidden:
            section.comments += [_personal(p) for p in page.personal if p.column in hidden]
            notes.append(f"Personal data were found and are not read: {', '.join(sorted(hidden))}.")
        if hidden:
            section.lines.append(toml_line("ignore", sorted(hidden)))
        if own and chart.joins:
            section.lines.append(toml_line("join", chart.joins, bare=True))
            section.comments.append("Further sheets with one row per patient are joined.")
            section.questions += [q for q in (alone_question(chart),) if q is not None]
        section.comments += _comments(page)
        if page.table in chart.stacked:
            section.questions.append(chart.stacked[page.table])
        sections.append(section)
    sections += [repeat_section(chart.patients, r, chart.several_files) for r in chart.repeats]
    sections += events_sections((e, page_lines(e.page, chart.several_files)) for e in chart.events)
    for section in sections if chart.new_lesions else ():
        if section.path == ("tables", "lesions"):
            line = toml_line("new_lesions", chart.new_lesions, bare=True)
            section.lines.append(f"{line}   # a row for each; progression on its day")
            section.comments += chart.new_lesions_unread
    sections[0].comments += [
        _not_read(p) for p in chart.unused + chart.codebooks if not _has_events(chart, p)
    ]
    return sections, notes


def _personal(found: Personal) -> str:
    """A column of personal data that is not read, without a word of its values."""
    column = quoted([found.column])
    return f"Personal data, not read: {column} ({found.words}). {found.advice} in the chart itself."


def _has_events(chart: Chart, page: Page) -> bool:
    return any(e.page is page for e in chart.events)


def _comments(page: Page) -> list[str]:
    """What was noticed while a sheet was laid out."""
    out = [d.what for d in page.decisions]
    out += [f"{p.severity.value.capitalize()}: {p.what} {p.todo}".strip() for p in page.problems]
    return [*out, "The sheet is hidden."] if page.hidden else out


def _not_read(page: Page) -> str:
    """A sheet that no table takes, and how it would be read."""
    why = f"{page.table} is there already" if page.table else page.why
    where = toml_line("sheet", page.sheet) if page.sheet else toml_line("file", page.file)
    if page.range:
        where += f", range = {toml_value(page.range)}"
    if page.where:
        where += f", where = {toml_value(page.where)}"
    hidden = " (hidden)" if page.hidden else ""
    return f"{page.name}{hidden} is not read: {why}. To read it: [tables.NAME] {where}"


def _counted(page: Page) -> str:
    """How many patients a sheet holds, and in how many rows where these are more."""
    rows = page.raw.height
    if page.by_row:
        return counted(rows, "patient")
    n = len(rows_of(page))
    return counted(n, "patient") + (f" ({counted(rows, 'row')})" if n != rows else "")


def _head(title: str, data: str, chart: Chart, questions: list[Question]) -> list[str]:
    patients = chart.patients
    head = [
        f"# Drafted from {chart.source.name}: {_counted(patients)} in {patients.name}.",
        "# What is plain is written down; behind each match stand its confidence and evidence.",
    ]
    if questions:
        waiting = [q for q in questions if q.waits]
        head.append(
            f"# {counted(len(questions), 'open question')} below: QUESTION; results wait for "
            f"{len(waiting)}."
        )
    head += [
        "",
        toml_header("study"),
        toml_line("schema", 1),
        toml_line("title", title or "A study"),
        '# disease = "..."',
        '# treatment = "..."',
        toml_line("data", data),
        "# cutoff = 2016-09-30   # data cutoff: later events do not count",
        toml_line("time_unit", "months"),
    ]
    return head
