"""The sections `[tables.*]` of a drafted protocol."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_header, toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, Match
from oncohort.records.names import fold, header_unit
from oncohort.records.repeats import Repeat
from oncohort.records.scan_marks import MARKS
from oncohort.study.draft_dates import date_question, day_zero_question, swapped_question
from oncohort.study.draft_lesions import add_sizes, lesion_matches, role_question, sizes_of
from oncohort.study.draft_made import made_lines
from oncohort.study.draft_severity import severities, severity_question
from oncohort.study.draft_values import (
    age_unit_question,
    level_reading,
    missing_words,
    number_questions_of,
    unit_question,
    unsure,
    words_for_no,
)
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.questions import TEXT, open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.phrases import one_of
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import level_words, plain


def table_section(
    page: Page,
    several_files: bool,
    several_sheets: bool,
    taken: set[str],
    patients: Page | None = None,
) -> Section:
    """How one sheet maps to its record table."""
    table = page.table or "patients"
    section = Section(("tables", table), comments=[f"{page.name}: {page.why}"])
    _where(section, page, several_files, several_sheets)
    section.lines += _laid_out(page)
    dated = []
    sizes = sizes_of(page) if table == "lesions" and patients is not None else None
    matches = page.matches if sizes is None else lesion_matches(page, sizes)
    order = ["patient", *TABLES[table].kinds, *MARKS]
    for m in sorted(matches, key=lambda m: order.index(m.ours)):
        if m.column in taken:
            continue
        _column(section, page, m)
        if m.confidence >= SURE and TABLES[table].kinds.get(m.ours) == "date":
            dated.append((page, m))
    if table == "adverse_events":
        section.lines += _term_lines(page)
    if table == "doses":
        section.lines += _daily(page)
    if table == "lesions":
        if sizes is not None and patients is not None:
            add_sizes(section, page, sizes, patients)
        lines, ask = role_question(page, {m.ours: m.column for m in matches})
        section.lines += lines
        if ask is not None:
            section.questions.append(ask)
    asked = (
        date_question(dated, table),
        day_zero_question(dated, table),
        swapped_question(dated, table),
        _blocks_question(page, table),
    )
    section.questions += [ask for ask in asked if ask is not None]
    if table != "patients":
        typed = [
            (m.ours, m.column, TABLES[table].kinds.get(m.ours) in ("number", "integer"))
            for m in matches
            if m.confidence >= SURE
            and TABLES[table].kinds.get(m.ours) not in ("text", "flag", None)
        ]
        ask = missing_words(page, typed)
        if ask is not None:
            section.questions.append(replace(ask, name=f"{table}_missing_words"))
        _unused(section, page, table)
    return section


def _term_lines(page: Page) -> list[str]:
    """The terms of the criteria for events that are named in another language."""
    column = page.ours.get("term")
    known = level_words("adverse_event")
    values = page.held[column].counts if column is not None else {}
    names = {v: known[plain(v)] for v in values if known.get(plain(v), v) != v}
    return [toml_line("codes.term", names, "other names of the same terms")] if names else []


def _daily(page: Page) -> list[str]:
    """How often a dose was taken, where the name of its column says that it is that of a day."""
    column = page.ours.get("amount")
    if column is None or "times_per_day" in page.ours:
        return []
    unit = re.search(rf"[a-zµμ]\s*/\s*{one_of('each_day')}(?!\w)", column.casefold())
    if unit is None and not mentions(column, "per_day"):
        return []
    return [toml_line("constants.times_per_day", 1, "the name says: of a day")]


def _laid_out(page: Page) -> list[str]:
    """How the sheet is laid out, where it is not as most are."""
    lines = []
    if page.fill_down:
        lines.append(toml_line("fill_down", True, "the patient stands in a block's first row"))
    if page.marked:
        lines.append(toml_line("marked", page.marked, "their marks: a column for each"))
    lines += [*page.one_row, *made_lines(page)]
    if page.raw.turned:
        lines.append(toml_line("transposed", True, "the patients stand in columns"))
    if page.raw.header_row not in (None, 1) and not page.range:
        rows = _header_rows(page)
        why = "" if rows else "none: the columns are called by their letters"
        lines.append(toml_line("header_row", rows, why))
    if page.by_row:
        why = "no column names a patient: each row is one"
        lines.append(toml_line("columns.patient", "#row", why))
    return lines


def _column(section: Section, page: Page, m: Match) -> None:
    """The lines and questions of one matched column."""
    table = page.table or "patients"
    if m.confidence < SURE:
        section.questions.append(unsure(page, m))
        return
    if fold(m.ours) != fold(m.column):
        section.lines.append(
            toml_line(("columns", m.ours), m.column, f"{m.confidence:.2f}: {m.evidence}")
        )
    if not_happened := words_for_no(m.ours, page.held[m.column]):
        section.lines.append(toml_line(("missing_in", m.ours), not_happened, "it has not happened"))
    if table == "lesions" and m.ours in MARKS:
        return
    kind = "text" if m.ours == "patient" else TABLES[table].kinds[m.ours]
    ask: Question | None = None
    if m.ours == "grade" and (ask := severity_question(m.column, page.held[m.column].counts)):
        section.questions.append(ask)
        return
    if kind in ("number", "integer"):
        section.questions += number_questions_of(
            table,
            m.ours,
            m.column,
            page.held[m.column],
            as_list(page.raw.column(m.column)),
            header_unit(m.column),
            page.decimal_mark,
        )
        ask = unit_question(page, m.ours, m.column, table)
        ask = age_unit_question(page, m.column) if m.ours == "age" else ask
    elif kind != "date":
        lines, ask = level_reading(page, m)
        section.lines += lines
    if ask is not None:
        section.questions.append(ask)


def beyond_question(page: Page) -> Question | None:
    """Which of the columns that are more than a chart has are needed."""
    rest = page.beyond
    if not rest:
        return None
    text = (
        f"The sheet has {len(rest) + len(page.raw.names):,} columns, more than a chart has. "
        f'{len(rest):,} of them ("{rest[0]}" to "{rest[-1]}") are not looked at and not read. Does '
        "the study need one of them? (its name; none: it needs none. More are declared as "
        "variables.)"
    )
    lines = [toml_header("variables", "further"), open_line("column", TEXT)]
    return Question("further_columns", text, lines, ("baseline",), optional=True)


def _blocks_question(page: Page, table: str) -> Question | None:
    """A question where the patient stands in the first row of a block alone."""
    column = page.ours.get("patient")
    if column is None or table == "patients" or page.fill_down:
        return None
    values = as_list(page.raw.column(column))
    blank = sum(v is None for v in values)
    if not blank or not values or values[0] is None or blank < 0.2 * len(values):
        return None
    return Question(
        f"{table}_blocks",
        f'"{column}" is blank in {blank} of {len(values)} rows. Does a row without it belong to '
        "the patient above?",
        [toml_line("fill_down", True)],
        about=Wrong(table),
        optional=True,
    )


def _unused(section: Section, page: Page, table: str) -> None:
    """The columns of a record table that nothing reads."""
    used = {m.column for m in page.matches} | {c for r in page.repeats for c in r.columns}
    used |= page.read_elsewhere
    rest = [c for c in page.raw.names if c not in used]
    if rest:
        section.comments.append(
            f"Not read, {table} has no such column: {', '.join(map(toml_value, rest))}"
        )


def _header_rows(page: Page) -> int | list[int]:
    for d in page.decisions:
        if d.rule == "layout.header":
            rows = [int(n) for n in re.findall(r"\d+", d.what)]
            return rows if len(rows) > 1 else rows[0]
    return 1 if page.raw.header_row is None else page.raw.header_row


def _where(section: Section, page: Page, several_files: bool, several_sheets: bool) -> None:
    if several_files:
        section.lines.append(toml_line("file", page.file.rsplit("/", 1)[-1]))
    if page.sheet is not None and (several_sheets or fold(page.sheet) != section.path[1]):
        section.lines.append(toml_line("sheet", page.sheet))
    if page.range:
        section.lines.append(toml_line("range", page.range))
    section.lines += [toml_line(("where", c), v) for c, v in page.where.items()]


def page_lines(page: Page, several_files: bool) -> list[str]:
    """Where the sheet of a further record table stands, and its column with the patient."""
    out: list[str] = []
    if several_files or page.sheet is None:
        out.append(toml_line("file", page.file.rsplit("/", 1)[-1]))
    if page.sheet is not None:
        out.append(toml_line("sheet", page.sheet))
    if page.raw.header_row not in (None, 1):
        out.append(toml_line("header_row", _header_rows(page)))
    if page.range:
        out.append(toml_line("range", page.range))
    patient = page.ours.get("patient")
    if page.by_row:
        out.append(toml_line("columns.patient", "#row"))
    elif patient and fold(patient) != "patient":
        out.append(toml_line("columns.patient", patient))
    return out


def _states_length(column: str) -> bool:
    """Does the name of a size state its unit?"""
    return bool(header_unit(column)) or "mm" in column.lower()


def _severities_of(page: Page, repeat: Repeat) -> Question | None:
    """What words of severity mean in the repeated columns of grades."""
    graded = [c for c in repeat.columns if severities(page.held[c].counts)]
    counts: Counter[str] = Counter()
    for column in graded:
        counts.update(page.held[column].counts)
    return severity_question(graded[0], counts) if graded and "grade" in repeat.patterns else None


def _day_of_baseline(page: Page, repeat: Repeat) -> list[Question]:
    """Which day a size before treatment is of, where the scans have days and it has none."""
    if "diameter_mm" not in repeat.baseline or "date" in repeat.baseline:
        return []
    start = page.ours.get("treatment_start")
    after = {page.ours.get(o) for o in ("death_date", "last_contact", "progression_date")}
    own = {*repeat.columns, *after, *(p.column for p in page.personal)}
    named = [c for c in page.raw.names if page.held[c].mostly == "date" and c not in own]
    dates = sorted(named, key=lambda c: c != start)
    if "date" not in repeat.patterns or not dates:
        return []
    text = (
        f'"{repeat.baseline["diameter_mm"]}" is the size before treatment, and no day stands '
        "beside it. Which column has the day of that scan? (The start of treatment will do, where "
        "the scan was shortly before it.)"
    )
    line = open_line("baseline.date", *dates[:12])
    return [Question("baseline_date", text, [line], about=Wrong("lesions", ("date",)))]


def repeat_section(page: Page, repeat: Repeat, several_files: bool) -> Section:
    """How repeated columns of a wide sheet map to a record table."""
    section = Section(
        ("tables", repeat.table),
        comments=[
            f"{page.name}: {repeat.count} repeats of {', '.join(repeat.patterns.values())}",
            f"Their columns: {', '.join(map(toml_value, dict.fromkeys(repeat.columns)))}",
        ],
    )
    section.lines += page_lines(page, several_files)
    section.lines.append(toml_line("shape", "wide"))
    section.lines += [toml_line(("repeat", ours), p) for ours, p in repeat.patterns.items()]
    section.lines += [toml_line(("baseline", ours), c) for ours, c in repeat.baseline.items()]
    if repeat.table == "lesions":
        if "role" not in repeat.patterns:
            section.lines.append(toml_line("constants.role", "target"))
        if "lesion" not in repeat.patterns and repeat.sums:
            section.lines.append(toml_line("constants.lesion", "sum"))
            section.comments.append(
                "The sizes are sums over all target lesions; they are followed as one lesion."
            )
        section.questions += _day_of_baseline(page, repeat)
        first = next((c for c in repeat.columns if page.held[c].mostly == "number"), None)
        sizes = [first, repeat.baseline.get("diameter_mm")]
        units = {header_unit(c) for c in sizes if c is not None}
        if units == {"cm"}:
            section.lines.append(toml_line("units.diameter_mm", "cm", "as the names say"))
        if first is not None and not any(_states_length(c) for c in sizes if c is not None):
            held = page.held[first]
            section.questions.append(
                Question(
                    "lesions_unit",
                    f'"{first}" and the columns like it have no unit (the first goes from '
                    f"{held.low:g} to {held.high:g}). Millimetres or centimetres?",
                    [open_line("units.diameter_mm", "mm", "cm")],
                    about=Wrong("lesions", ("diameter_mm",)),
                )
            )
    if repeat.table == "adverse_events" and (ask := _severities_of(page, repeat)) is not None:
        section.questions.append(ask)
    if repeat.table == "adverse_events" and "grade" not in repeat.patterns:
        section.questions.append(
            Question(
                "ae_grade",
                "The events have no grade. Where does it stand? (repeat.grade = the pattern of its "
                "columns; none: the events are not used.)",
                [],
                about=Wrong("adverse_events", ("grade",)),
                optional=True,
            )
        )
    return section
