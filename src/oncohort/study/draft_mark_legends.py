"""Colours, bold and struck letters that the chart's own legend explains: columns, or questions."""

from __future__ import annotations

from pathlib import Path

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_header, toml_line
from oncohort.records.columns import as_list
from oncohort.records.dates import read_date
from oncohort.records.made_of_rows import with_row_marks
from oncohort.records.mark_legends import MarkLegend, found_legends, marked_rows
from oncohort.records.matching import Match
from oncohort.records.names import fold
from oncohort.records.profile import profile
from oncohort.records.sources.marks import Letters, letters_of
from oncohort.records.values import text_of
from oncohort.records.words_with_days import status_and_day
from oncohort.study.drafting import Page, Question
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.life import life_in_phrase
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import level_words, plain

_LETTERS = ("bold", "italic")


def settle_mark_legends(page: Page, source: Path) -> list[Question]:
    """Rows whose mark the sheet itself explains.

    Who is dead or alive by it is read as a column of its own; who does not count, and anything
    else that a mark says, is asked. The page is changed in place.
    """
    if not page.cells or page.raw.turned or not page.raw.letters or page.sheet is None:
        return []
    legends = found_legends(page.cells, page.raw, page.marks)
    if not legends:
        return []
    path = source if source.is_file() else source / page.file
    letters = letters_of(path, page.sheet) if path.suffix.lower() in (".xlsx", ".xlsm") else None
    asked = []
    for one in legends:
        rows = marked_rows(one.mark, page.raw, page.marks, letters or Letters())
        if not 0 < len(rows) < page.raw.height or mentions(one.meaning, "in_doubt"):
            continue
        state = level_words("vital_status").get(plain(one.meaning)) or life_in_phrase(one.meaning)
        if state and not mentions(one.meaning, "left_out", "does_not_count"):
            _add_state(page, one, rows, state)
        else:
            asked.append(_question(page, one, rows))
        page.explained.add(one.mark)
    return asked


def by_marks(page: Page, status: str) -> str:
    """What says who is dead, where it is the mark of the rows."""
    found = next((m.evidence for m in page.matches if m.column == status), "")
    return f" ({found})" if status in page.rows_with else ""


def _add_state(page: Page, one: MarkLegend, rows: list[int], state: str) -> None:
    """A column that says who is dead (or alive), where the chart has none that does."""
    if {"vital_status", "death_date"} & set(page.ours) or fold(state) in map(fold, page.raw.names):
        return
    _add_column(page, state, rows, _evidence(one, rows))


def settle_marked_days(page: Page) -> None:
    """Days of the last contact of which some have a word of death beside them, `† 04.05.2015`, and
    the others none: who is dead becomes a column. The page is changed in place."""
    if {"vital_status", "death_date"} & {m.ours for m in page.matches} or page.raw.turned:
        return
    for m in page.matches:
        told = {v: status_and_day(v) for v in page.held[m.column].counts}
        dead = {v for v, said in told.items() if said is not None and said[0] == "dead"}
        rest = [v for v, said in told.items() if said is None]
        days = [v for v in rest if read_date(v, "day-first").value is not None]
        if (
            m.ours != "last_contact"
            or len(dead) < 2
            or not rest
            or len(dead) + len(days) < len(told)
        ):
            continue
        cells = zip(page.raw.rows, as_list(page.raw.column(m.column)), strict=True)
        rows = [row for row, v in cells if v is not None and text_of(v) in dead]
        page.matches = [o for o in page.matches if o.column != m.column]
        page.matches.append(Match(m.column, "last_contact", 0.9, "days, some with a word of death"))
        why = f"{counted(len(rows), 'row')} with a word of death beside the day"
        _add_column(page, "dead", rows, why)
        page.contact_is_death = True
        return


def _add_column(page: Page, state: str, rows: list[int], why: str) -> None:
    page.rows_with[state] = rows
    page.raw = with_row_marks(page.raw, {state: rows})
    page.held[state] = profile(page.raw.columns[-1])
    page.matches = [m for m in page.matches if m.ours != "vital_status"]
    page.matches.append(Match(state, "vital_status", 0.9, why))


def _evidence(one: MarkLegend, rows: list[int]) -> str:
    return f"{counted(len(rows), 'row')} {_marked(one.mark)}, and the sheet says {one.text[:80]!r}"


def _marked(mark: str) -> str:
    return "struck through" if mark == "struck" else mark


def _question(page: Page, one: MarkLegend, rows: list[int]) -> Question:
    """What is done with the patients whose rows are marked so."""
    shown = ", ".join(map(str, rows[:12])) + (", ..." if len(rows) > 12 else "")
    how = f"{counted(len(rows), 'row')} {_marked(one.mark)} ({shown})"
    text = f"{how}, and the sheet says {one.text[:120]!r}. "
    key = level_key(one.meaning) or level_key(one.mark)
    if mentions(one.meaning, "left_out", "does_not_count"):
        lines = [toml_line("skip_rows", rows)]
        text += "Are these patients left out? (yes; none: they count)"
        about = Wrong("patients")
        return Question(f"{one.mark}_rows", text, lines, about=about, optional=True)
    name = one.meaning[:40]
    text += (
        f"Is {name!r} a variable of the patients, yes in these rows and no in the others? (yes; "
        "none: it is not used)"
    )
    lines = [
        toml_line(("rows_with", name), rows),
        toml_header("variables", key),
        toml_line("column", name),
        toml_line("label", name),
        toml_header("baseline"),
        toml_line("variables", [key]),
    ]
    return Question(f"{one.mark}_rows", text, lines, ("baseline",), optional=True)
