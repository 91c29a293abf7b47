"""Further sheets with several rows for each patient, visits or samples: one row is joined."""

from __future__ import annotations

from oncohort.protocol.data import OneRow
from oncohort.protocol.toml_text import toml_line
from oncohort.records.columns import as_list
from oncohort.records.identities import same_patients
from oncohort.records.joining import join
from oncohort.records.matching import SURE, match_table, profiles
from oncohort.records.one_row import made_one
from oncohort.records.values import text_of
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_joining import ids
from oncohort.study.draft_rows import PATIENTS
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES

OUTCOMES = frozenset(("death_date", "last_contact", "vital_status", "progression_date"))
"""Columns of a further sheet that make it one of patients, whatever its rows are."""


def join_several(chart: Chart) -> None:
    """Join a row of each patient from sheets on which patients stand in several.

    Which row is asked, unless the rows of each patient say the same. The draft looks at the values
    of the last one, so that it holds for either answer. The patients' page is changed in place.
    """
    patients = chart.patients
    key = patients.ours["patient"]
    known = ids(patients.raw, key)
    for page in list(chart.unused):
        found = _to_join(page, patients)
        if found is None or page.hidden:
            continue
        other, order = found
        theirs = ids(page.raw, other)
        if len(known & theirs) + len(same_patients(known, theirs)) < 0.5 * len(theirs):
            continue
        how = OneRow(keep="last", order=order)
        one = made_one(page.raw, how, other).raw
        patients.raw, _ = join(patients.raw, key, one, other)
        patients.personal += [p for p in page.personal if p.column != other]
        chart.rows.append(_question(page, patients, other, order))
        chart.unused.remove(page)
        patients.held = profiles(patients.raw)
        patients.matches = match_table(patients.raw, TABLES["patients"], patients.held)


def _to_join(page: Page, patients: Page) -> tuple[str, str | None] | None:
    """The patient's column of a sheet, and the one that puts a patient's rows in order; None where
    the sheet holds no patients in several rows."""
    if not page.raw.height or page.table not in (None, "patients"):
        return None
    if bool(page.where) != bool(patients.where):
        return None
    matches = match_table(page.raw, TABLES["patients"], page.held)
    ours = {m.ours: m.column for m in matches if m.confidence >= SURE}
    other = ours.get("patient")
    new = OUTCOMES & set(ours) - set(patients.ours)
    if other is None or not (new or page.table == "patients"):
        return None
    if len(ids(page.raw, other)) >= page.raw.height:
        return None
    dated = [c for c in page.raw.names if page.held[c].mostly == "date"]
    full = [c for c in dated if page.held[c].n >= 0.95 * page.held[c].rows]
    order = ours.get("last_contact") or (full[0] if len(full) == 1 else None)
    return other, order


def _question(page: Page, patients: Page, other: str, order: str | None) -> Question:
    """Which of a patient's rows gives the values."""
    who = [text_of(v) for v in as_list(page.raw.column(other)) if v is not None]
    several = sum(who.count(p) > 1 for p in set(who))
    by = f' ("{order}" puts them in order)' if order else " (as they stand)"
    text = (
        f"{page.name}: {counted(several, 'patient')} of {len(set(who))} stand in several rows"
        f"{_of_part(page)}. Which of them gives a patient's values: the first or the last{by}?"
    )
    lines = ["[[tables.patients.join]]"]
    if page.sheet is not None:
        lines.append(toml_line("sheet", page.sheet))
    if page.file != patients.file:
        lines.append(toml_line("file", page.file.rsplit("/", 1)[-1]))
    if page.range:
        lines.append(toml_line("range", page.range))
    elif page.raw.header_row not in (None, 1):
        lines.append(toml_line("header_row", page.raw.header_row))
    if page.where:
        lines.append(toml_line("where", page.where))
    lines.append(toml_line("patient", other))
    lines += [toml_line("one_row.order", order)] if order else []
    lines.append(open_line("one_row.keep", "first", "last"))
    name = next(
        (str(v) for v in reversed(list(page.where.values())) if v),
        page.sheet or page.file.rsplit(".", 1)[0],
    )
    return Question(f"rows_of_{name}", text, lines, about=PATIENTS)


def _of_part(page: Page) -> str:
    """Which rows of an export the page holds, in words."""
    words = [v if isinstance(v, str) else ", ".join(v) for v in page.where.values()]
    return f" ({', '.join(s for s in words if s)})" if any(words) else ""
