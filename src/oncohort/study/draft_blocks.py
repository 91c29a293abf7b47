"""Blocks of rows: the patient in the first row alone, his scans or events in this and the next."""

from __future__ import annotations

from dataclasses import replace

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_line
from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw
from oncohort.records.matching import SURE, match_table, profiles
from oncohort.records.profile import profile
from oncohort.records.sheet_cells import is_numeric
from oncohort.study.draft_rows import PATIENTS
from oncohort.study.draft_several import rows_of
from oncohort.study.drafting import Page, Question
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.tables import TABLES

LEAST = 0.1
"""Share of rows without a patient from which the rows are taken for blocks."""
_RECORDS = ("lesions", "assessments", "labs", "adverse_events", "doses", "therapies")


def block_question(page: Page) -> Question | None:
    """Do rows without a patient belong to the patient above? Asked where there are many."""
    column = page.ours.get("patient")
    if column is None or page.where or page.by_row:
        return None
    values = as_list(page.raw.column(column))
    blank = sum(_is_blank(v) for v in values)
    if not blank or _is_blank(values[0]) or blank < LEAST * len(values):
        return None
    text = (
        f'"{column}" is blank in {blank} of {len(values)} rows. Do these rows go on with the '
        "patient above? (yes: his values are those of his first row; none: they are told one by "
        "one.)"
    )
    lines = [toml_line("fill_down", True), toml_line("one_row.keep", "first")]
    return Question("patients_blocks", text, lines, about=PATIENTS, optional=True)


def title_questions(page: Page) -> list[Question]:
    """Do titles of blocks (an arm, a site) hold for the rows below? Asked where a column is filled
    in the first rows of blocks alone; the draft takes them for filled."""
    out = []
    read = {*page.ours.values(), *(c for r in page.repeats for c in r.columns)}
    for column in page.raw.names:
        values = as_list(page.raw.column(column))
        filled = [v for v in values if not _is_blank(v)]
        if column in read or not 2 <= len(filled) <= 12 or _is_blank(values[0]):
            continue
        if len(set(filled)) < len(filled) or len(filled) > 0.3 * len(values):
            continue
        if any(not isinstance(v, str) or is_numeric(v) for v in filled):
            continue
        page.raw = filled_down(page.raw, column)
        page.held[column] = profile(page.raw.column(column))
        text = (
            f'"{column}" is filled in {len(filled)} of {len(values)} rows, with another value each '
            f"time ({page.held[column].top(4)} if it goes on). Does it hold for the rows below? "
            "(yes; none: only for its row.)"
        )
        line = toml_line("fill_down_columns", [column])
        about = Wrong("patients", (column,))
        out.append(
            Question(f"titles_{level_key(column)}", text, [line], about=about, optional=True)
        )
    return out[:1]


def filled_down(raw: Raw, column: str) -> Raw:
    """The table with each blank of a column as the value above it."""
    at = raw.names.index(column)
    out: list[Cell] = []
    for value in as_list(raw.columns[at]):
        out.append(out[-1] if _is_blank(value) and out else value)
    columns = list(raw.columns)
    columns[at] = out
    return replace(raw, columns=columns)


def records_beside(page: Page, known: set[str]) -> Page | None:
    """The record table that the rows of a block hold, as a page of its own.

    Only columns that differ between the rows of a patient (or are filled in his later rows) are
    looked at; what belongs to the table is no column of the patients any more: the page's matches
    are changed in place.

    Parameters
    ----------
    known
        Record tables that the chart has already.
    """
    column = page.ours.get("patient")
    if column is None or page.where or page.by_row:
        return None
    raw = filled_down(page.raw, column)
    more = [r for r in rows_of(replace(page, raw=raw)).values() if len(r) > 1]
    if len(more) < 3:
        return None
    joint = [column]
    for name in page.raw.names:
        values = as_list(page.raw.column(name))
        if name != column and any(_goes_on([values[i] for i in rows]) for rows in more):
            joint.append(name)
    index = [raw.names.index(n) for n in joint]
    part = replace(
        raw,
        names=tuple(joint),
        columns=[raw.columns[i] for i in index],
        letters=tuple(raw.letters[i] for i in index) if raw.letters else (),
    )
    held = profiles(part)
    best: Page | None = None
    for table in _RECORDS:
        matches = match_table(part, TABLES[table], held)
        sure = {m.ours: m.column for m in matches if m.confidence >= SURE}
        if table in known or not {"patient", *TABLES[table].required} <= set(sure):
            continue
        if best is None or len(sure) > len(best.ours):
            best = replace(
                page,
                raw=part,
                held=held,
                table=table,
                why="several rows of a patient hold them",
                matches=matches,
                repeats=[],
                fill_down=as_list(part.columns[0]) != as_list(page.raw.column(column)),
            )
    if best is not None:
        taken = set(best.ours.values()) - {column}
        page.matches = [m for m in page.matches if m.column not in taken]
    return best


def _goes_on(values: list[Cell]) -> bool:
    """Has a column of a patient's rows values beside that of the first?"""
    later = [v for v in values[1:] if not _is_blank(v)]
    return any(v != values[0] for v in later)


def _is_blank(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
