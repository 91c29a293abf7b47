"""Which sheet of a chart is what: the patients, tables of records, further rows, legends."""

from __future__ import annotations

import re
from pathlib import Path

from oncohort.problems import Place, ReadError, Severity, Wrong, problem
from oncohort.protocol.toml_text import toml_line
from oncohort.records.identities import same_patient
from oncohort.records.matching import SURE, Match, match_table, one_row_each, profiles
from oncohort.records.names import fold
from oncohort.records.stacking import stack, with_sheet
from oncohort.study.draft_blocks import block_question, records_beside, title_questions
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_event_rows import event_rows
from oncohort.study.draft_events import find_events
from oncohort.study.draft_joined_rows import join_several
from oncohort.study.draft_joining import (
    entry,
    events_of_patients,
    ids,
    join_events,
    join_patients,
    rows_of_endpoints,
)
from oncohort.study.draft_legends import set_codebooks_apart, settle_legends
from oncohort.study.draft_lesions import (
    settle_lesion_rows,
    settle_marks,
    settle_new_lesions,
    settle_sums,
)
from oncohort.study.draft_made import settle_made
from oncohort.study.draft_mark_legends import settle_mark_legends, settle_marked_days
from oncohort.study.draft_rows import (
    exclusion_questions,
    row_questions,
    told_out_question,
)
from oncohort.study.draft_same_patients import name_patients, settle_birth_year
from oncohort.study.draft_several import settle_several
from oncohort.study.draft_shared_ids import settle_shared_ids
from oncohort.study.draft_survival_flag import settle_survival_flag
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_columns import Pair, counting_pairs
from oncohort.study.endpoint_pairs import find_pairs
from oncohort.vocabulary.tables import TABLES

ALIKE = 0.7
"""Share of columns that two sheets have in common from which one may go on in the other."""


def sort_sheets(source: Path, pages: list[Page], *, several_files: bool) -> Chart:
    """Find what each sheet is.

    Raises
    ------
    ReadError
        No sheet holds patients.
    """
    chart = Chart(source, pages, several_files)
    settle_shared_ids(pages)
    for page in pages:
        settle_lesion_rows(page)
        sums = settle_sums(page)
        if sums is not None and "lesions" not in {p.table for p in pages}:
            settle_marks(sums)
            chart.tables["lesions"] = sums
        settle_marks(page)
        if page.table is not None and page.table not in chart.tables:
            chart.tables[page.table] = page
        else:
            chart.unused.append(page)
    set_codebooks_apart(chart)
    if "patients" not in chart.tables:
        found = _rows_as_patients(pages, source)
        others = {t: p for t, p in chart.tables.items() if p is not found}
        chart.tables = {"patients": found, **others}
        chart.unused = [p for p in chart.unused if p is not found]
    rows_of_endpoints(chart)
    patients = chart.patients
    if "patient" not in patients.ours:
        if not patients.raw.height:
            raise no_patients(pages, source)
        patients.by_row = True
    settle_new_lesions(chart)
    for table in list(chart.tables):
        _stack(chart, table)
    name_patients(chart)
    settle_birth_year(patients)
    events_of_patients(chart)
    chart.rows += settle_mark_legends(patients, source)
    settle_marked_days(patients)
    _one_row_each(chart)
    _find_events(chart)
    _start_elsewhere(chart)
    if not patients.by_row:
        join_events(chart)
        join_patients(chart)
        join_several(chart)
    settle_survival_flag(patients)
    settle_made(patients)
    chart.rows += title_questions(patients)
    settle_legends(chart)
    chart.ignored = _ignored(patients)
    patients.matches = [m for m in patients.matches if m.column not in chart.ignored]
    chart.tables = {"patients": patients, **chart.tables}  # first, wherever its file stands
    return chart


def no_patients(pages: list[Page], source: Path) -> ReadError:
    """The error where no sheet holds patients; says what each was taken for."""
    problems = [p for page in pages for p in page.problems if p.severity is Severity.ERROR]
    seen = "; ".join(f"{p.name}: {p.why}" for p in pages)
    columns = ", ".join(pages[0].raw.names[:15]) if pages and pages[0].raw.names else ""
    problems.append(
        problem(
            "files.no-patients",
            "seen",
            place=Place(file=source.name),
            seen=seen,
            todo=f"""Name the column with the patient's number "patient". Columns: {columns}."""
            if columns
            else "",
        )
    )
    return ReadError("", problems)


_KNOWN_OF_PATIENTS = 3
"""Columns of patients, the number among them, from which a sheet that is named after records
(`RECIST`, `Lines`) is theirs where no other is."""


def _rows_as_patients(pages: list[Page], source: Path) -> Page:
    """The sheet whose rows are the patients, where no column names them.

    Raises
    ------
    ReadError
        No sheet holds anything that is known of patients.
    """
    best: tuple[float, Page] | None = None
    for page in pages:
        if not page.raw.height or page.where:
            continue
        matches = match_table(page.raw, TABLES["patients"], page.held)
        pairs = len(_own_pairs(page, matches))
        known: float = sum(m.confidence >= SURE for m in matches) + 2 * pairs
        lone = len(pages) == 1  # a file that is called `responses` may be that of the patients
        if page.table is not None and not lone and not pairs and known < _KNOWN_OF_PATIENTS:
            continue  # a table of records, without times and events of patients
        known = known or (0.5 if _may_be_patients(page) else 0)
        if known and (best is None or known > best[0]):
            best = (known, page)
    if best is None:
        best = next(((0, p) for p in pages if event_rows(p) is not None), None)
    if best is None:
        raise no_patients(pages, source)
    page = best[1]
    if page.table is not None and one_row_each(page.raw, page.held):
        page.matches = match_table(page.raw, TABLES["patients"], page.held)
        page.table, page.why = "patients", f"each patient has one row; {page.why}"
        return page
    if page.table is not None or "several rows" in page.why:
        page.matches = match_table(page.raw, TABLES["patients"], page.held)
        page.table, page.why = "patients", "its rows are those of patients, several for each"
        return page
    page.table, page.why = "patients", "each row is taken for a patient: no column names them"
    page.matches = [
        m for m in match_table(page.raw, TABLES["patients"], page.held) if m.ours != "patient"
    ]
    return page


def _own_pairs(page: Page, matches: list[Match]) -> list[Pair]:
    """Times and events of patients on a sheet, whatever table it was taken for."""
    was, page.matches = page.matches, matches
    found = find_pairs(page)
    page.matches = was
    return found or counting_pairs(page)


def _may_be_patients(page: Page) -> bool:
    """Are the columns of a sheet numbers and categories, as those of patients are?"""
    held = [page.held[c] for c in page.raw.names if page.held[c].n]
    short = [h for h in held if h.mostly != "text" or h.distinct <= 8]
    numbers = [h for h in held if h.mostly == "number" and h.distinct > 3]
    return page.raw.height >= 5 and bool(numbers) and len(short) >= 0.75 * len(held) >= 1.5


def _goes_on(page: Page, main: Page) -> bool:
    """Has a sheet the same columns as another?"""
    own, theirs = {fold(n) for n in main.raw.names}, {fold(n) for n in page.raw.names}
    shared = len(own & theirs)
    if own == theirs and len(own) >= 2:
        return True
    return shared >= 3 and shared >= ALIKE * max(len(own), len(theirs))


def _one_row_each(chart: Chart) -> None:
    """Ask which rows are meant, where patients have several; and about rows that are marked."""
    patients = chart.patients
    ask = block_question(patients)
    beside = records_beside(patients, set(chart.tables))
    if beside is not None:
        chart.tables[beside.table or ""] = beside
        chart.beside = set(beside.ours.values()) - {patients.ours.get("patient") or ""}
    if ask is not None:
        chart.rows.append(ask)
    else:
        chart.several = settle_several(patients)
    if chart.several is not None:
        chart.rows += chart.several.questions
    chart.rows += row_questions(patients)
    chart.rows += exclusion_questions(patients)
    told_out = told_out_question(patients)
    chart.rows += [told_out] if told_out is not None else []


def _stack(chart: Chart, table: str) -> None:
    """Ask whether sheets with the same columns go on with the rows of a table's sheet.

    The draft looks at the values of all of them, so that it holds for either answer.
    """
    main = chart.tables[table]
    if main.where or not main.raw.height:
        return
    key = main.ours.get("patient")
    further = [
        p
        for p in chart.unused
        if p.raw.height and not p.where and not p.hidden and _goes_on(p, main)
    ]
    entries, shown, again = [], [], 0
    named = _sheet_column(main, further) if table == "patients" and not main.forms else ""
    if named:
        main.raw, main.sheet_column = with_sheet(main.raw, named), named
    for page in further:
        theirs = next((n for n in page.raw.names if key and fold(n) == fold(key)), None)
        prefix = ""
        if table == "patients" and key is not None and theirs is not None:
            known, new = ids(main.raw, key), ids(page.raw, theirs)
            both = {same_patient(i) for i in known} & {same_patient(i) for i in new}
            again += len(both)
            prefix = f"{page.sheet or page.file.rsplit('.', 1)[0]}-" if both else ""
        theirs_raw = with_sheet(page.raw, named) if named else page.raw
        main.raw = stack(main.raw, theirs_raw, patient=key, prefix=prefix)
        more = {"prefix": prefix} if prefix else {}
        entries.append(entry(page, main, **more))
        shown.append(f"{page.name} ({page.raw.height} rows)")
        chart.unused.remove(page)
    if not entries:
        return
    main.held = profiles(main.raw)
    main.matches = match_table(main.raw, TABLES[table], main.held)
    if main.forms:
        main.one_row.append(toml_line("stack", entries, bare=True))  # each sheet names its patient
        return
    what = "patients" if table == "patients" else "rows"
    text = (
        f"{', '.join(shown)} {'has' if len(shown) == 1 else 'have'} the same columns as "
        f"{main.name}. Are these further {what}? (yes: they are added below; none: they are not "
        "read.)"
    )
    if named:
        text += f' The sheets\' names become the variable "{named}": arms, sites or the like.'
    if again:
        text += (
            f"\n{again} patients have the same number on both: yes takes them for different people "
            "and puts the sheet's name before the number. Where they are the same people, put "
            "what belongs together in one row first."
        )
    chart.stacked[table] = Question(
        "stacked" if table == "patients" else f"{table}_stacked",
        text,
        [toml_line("stack", entries, bare=True)],
        about=Wrong(table),
        optional=True,
    )


_NUMBERED = re.compile(
    r"(?:sheet|tabelle|blatt|feuil|hoja|foglio|planilha|data|page|seite|part|teil)?[ _-]*\d*",
    re.IGNORECASE,
)


def _sheet_column(main: Page, further: list[Page]) -> str:
    """The name of a column for the names of the sheets, where these say more than numbers."""
    names = [
        p.raw.title or p.sheet or p.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        for p in (main, *further)
    ]
    if len(names) < 2 or any(_NUMBERED.fullmatch(n.strip()) for n in names):
        return ""
    if main.range and len(set(names)) < len(names):
        return ""  # tables on one sheet, without a title of their own
    called = "Table" if main.raw.title else "Sheet" if main.sheet else "File"
    return "" if fold(called) in {fold(n) for n in main.raw.names} else called


def _start_elsewhere(chart: Chart) -> None:
    """A sheet with one row per patient that holds what belongs to patients is theirs: "Treatment"
    with the start alone is no list of therapies, "Response" with the best one no list of scans."""
    if chart.patients.by_row:
        return
    for page in list(chart.tables.values()):
        if page is chart.patients or page.where or not page.raw.height:
            continue
        matches = match_table(page.raw, TABLES["patients"], page.held)
        ours = {m.ours: m.column for m in matches if m.confidence >= SURE}
        if "patient" not in ours or len(ids(page.raw, ours["patient"])) < page.raw.height:
            continue
        starts = "treatment_start" in ours and "treatment_start" not in chart.patients.ours
        if not starts and not _of_best_response(page, ours):
            continue
        del chart.tables[page.table or ""]
        page.table, page.matches = "patients", matches
        chart.unused.append(page)


def _of_best_response(page: Page, ours: dict[str, str]) -> bool:
    """Has a sheet of responses the best one of each patient, and no days of scans?"""
    dated = page.ours.get("date")
    own = dated is None or dated in (ours.get("progression_date"), ours.get("treatment_start"))
    return page.table == "assessments" and "best_response" in ours and own


def _find_events(chart: Chart) -> None:
    """Adverse events and doses beside the patients, or on a sheet of their own that has a column
    for each term."""
    for page in [chart.patients, *chart.tables.values(), *chart.unused]:
        if (
            page.where
            or not page.raw.height
            or (page.table not in ("patients", None, "adverse_events"))
        ):
            continue
        if page.table == "adverse_events" and {"term", "grade"} <= set(page.ours):
            continue
        if page.table is None and "patient" not in {
            m.ours for m in match_table(page.raw, TABLES["patients"], page.held)
        }:
            continue
        _events_on(chart, page)
    own = chart.tables.get("adverse_events")
    if own is not None and any(e.page is own for e in chart.events):
        del chart.tables["adverse_events"]


def _events_on(chart: Chart, page: Page) -> None:
    taken = {m.column for m in page.matches if m.confidence >= SURE}
    taken |= {c for r in page.repeats for c in r.columns} | {p.column for p in page.personal}
    if page.table != "patients":
        taken -= {m.column for m in page.matches if m.ours != "patient"}
    known = set(chart.tables) if page is chart.patients else set(chart.tables) - {page.table}
    known |= {r.table for r in page.repeats}
    for found in find_events(page, taken):
        if found.table not in known | {e.table for e in chart.events}:
            chart.events.append(found)


def _ignored(page: Page) -> set[str]:
    """Personal columns that are left unread: all but those that the study needs."""
    ours = page.ours
    needed = {ours.get("patient")}
    if "age" not in ours:
        needed.add(ours.get("birth_date"))
    return {p.column for p in page.personal if p.column not in needed}
