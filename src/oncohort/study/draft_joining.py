"""Sheets that are joined to the patients: one row each, a row per event, a row per endpoint."""

from __future__ import annotations

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.grid import Raw
from oncohort.records.identities import same_patients
from oncohort.records.joining import join
from oncohort.records.matching import Match, match_table, profiles
from oncohort.records.values import text_of
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_event_rows import (
    EventRows,
    beside,
    event_rows,
    of_the_patient,
    state_of,
    with_matches,
)
from oncohort.study.draft_rows import several_rows
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_pairs import find_pairs
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES


def rows_of_endpoints(chart: Chart) -> None:
    """A sheet with a row per endpoint of each patient (ADTTE) is the patients' sheet beside one of
    baseline values (ADSL), which is joined."""
    main = chart.patients
    if "patient" not in main.ours or find_pairs(main) or several_rows(main) is not None:
        return
    for page in [*chart.unused, *(p for p in chart.tables.values() if p is not main)]:
        if not page.raw.height or page.where or page.hidden:
            continue
        was, table = page.matches, page.table
        page.matches = match_table(page.raw, TABLES["patients"], page.held)
        if "patient" in page.ours and several_rows(page) is not None and find_pairs(page):
            chart.tables = {t: p for t, p in chart.tables.items() if p is not page}
            chart.unused = [main, *(p for p in chart.unused if p is not page)]
            page.table, page.why = "patients", "each patient has a row for each endpoint"
            chart.tables = {**chart.tables, "patients": page}
            return
        page.matches, page.table = was, table


MANY = 5
"""Patients on a joined sheet alone from which it is asked whether they are in the study."""
SEVERAL = 1.2
"""Rows for each patient from which a sheet is no longer one of patients."""


def ids(raw: Raw, column: str) -> set[str]:
    """The patients that a column names."""
    return {text_of(v) for v in as_list(raw.column(column)) if v is not None}


def entry(page: Page, main: Page, **more: str) -> dict[str, object]:
    """Where a further sheet stands, as a setting of the protocol."""
    out: dict[str, object] = dict(more)
    if page.sheet is not None:
        out["sheet"] = page.sheet
    if page.file != main.file:
        out["file"] = page.file.rsplit("/", 1)[-1]
    if page.range:
        out["range"] = page.range
    elif page.raw.header_row not in (None, 1):
        out["header_row"] = page.raw.header_row
    if page.where:
        out["where"] = page.where
    return out


def join_patients(chart: Chart) -> None:
    """Join further sheets with one row per patient.

    Only where at least half of their patients are those of the first sheet.
    """
    patients = chart.patients
    before = len(chart.joins)
    key = patients.ours["patient"]
    known = ids(patients.raw, key)
    for page in list(chart.unused):
        other = page.ours.get("patient")
        of_events = bool(page.where or patients.where)
        if page.table != "patients" or other is None:
            continue
        if of_events and not (page.where and patients.where and page.file == patients.file):
            continue
        theirs = ids(page.raw, other)
        if page.raw.height > SEVERAL * len(theirs):
            page.why = "it has several rows for each patient"
            continue
        if len(theirs) < page.raw.height and (of_events or _meant(page, other)):
            continue  # an instrument that repeats, samples of a patient
        shared = len(known & theirs) + len(same_patients(known, theirs))
        if page.hidden or shared < 0.5 * max(len(theirs), 1):
            continue
        if len(theirs) - shared >= MANY:
            chart.alone[len(chart.joins)] = (page.name, len(theirs) - shared)
        chart.joins.append(entry(page, patients, patient=other))
        patients.raw, _ = join(patients.raw, key, page.raw, other)
        patients.personal += [p for p in page.personal if p.column != other]
        chart.unused.remove(page)
    if len(chart.joins) > before:
        patients.held = profiles(patients.raw)
        patients.matches = match_table(patients.raw, TABLES["patients"], patients.held)
        for found in patients.events:
            with_matches(patients, found)


def _meant(page: Page, patient: str) -> bool:
    """Do several rows of a patient stand for things of his own: samples, visits? Another column
    names each row then."""
    held = [page.held[c] for c in page.raw.names if c != patient]
    named = any(h.distinct == h.n == page.raw.height and h.mostly == "text" for h in held)
    return named or mentions(" ".join(page.raw.names), "repeats")


def alone_question(chart: Chart) -> Question | None:
    """Are patients who stand on a joined sheet alone out of the study? Asked where they are many;
    single ones may be misspelt, and are told one by one."""
    if not chart.alone:
        return None
    shown = " and ".join(f"{counted(n, 'patient')} of {name}" for name, n in chart.alone.values())
    return Question(
        "others",
        f"{shown} are not in {chart.patients.name}. Are they out of the study (failed screening, "
        "or the like)? (yes; none: they are told one by one.)",
        [toml_line("others_left_out", True)],
        about=Wrong("patients"),
        optional=True,
    )


def _responses_too(chart: Chart, page: Page, found: EventRows) -> bool:
    """Are the responses of a sheet of events those of the study? Then it is one of assessments too.

    So it is where no other column or sheet has any, and some of its visits had a response.
    """
    others = {"assessments", "lesions"} & {t for t, p in chart.tables.items() if p is not page}
    if others or "best_response" in chart.patients.ours or not found.of_visits:
        return False
    words = page.held[found.kind].counts
    if page.table != "assessments" and not {"CR", "PR"} & {state_of(w) for w in words}:
        return False
    page.table, page.life_read = "assessments", True
    page.matches = [
        Match(found.patient, "patient", 0.95, "it names patients"),
        Match(found.date, "date", 0.95, "it dates the visits"),
        Match(found.kind, "overall", 0.95, "it holds responses, beside who is dead or alive"),
    ]
    chart.tables["assessments"] = page
    return True


def _join_events(chart: Chart, page: Page, found: EventRows) -> None:
    """Add the dates that one column of a sheet of events tells to the patients."""
    patients = chart.patients
    key = patients.ours["patient"]
    where = entry(page, patients, patient=found.patient)
    chart.joins.append({**where, "one_row": found.setting})
    patients.raw, _ = join(patients.raw, key, beside(page, found), found.patient)
    patients.held = profiles(patients.raw)
    patients.matches = match_table(patients.raw, TABLES["patients"], patients.held)
    patients.events.append(found)
    for one in patients.events:
        with_matches(patients, one)


def join_events(chart: Chart) -> None:
    """Add the dates of a sheet with a row per event to the patients."""
    patients = chart.patients
    key = patients.ours["patient"]
    loose = [None, "adverse_events", "therapies", "patients"]
    loose += [] if "death_date" in patients.ours else ["assessments"]
    for page in [*chart.unused, *(p for p in chart.tables.values() if p is not patients)]:
        readable = page.raw.height and not page.hidden and page.table in loose
        found = event_rows(page) if readable else None
        if found is None:
            continue
        assessed = page.table == "assessments" and not found.of_visits
        if assessed and "death_date" not in found.roles.values():
            continue
        known, theirs = ids(patients.raw, key), ids(page.raw, found.patient)
        if len(known & theirs) + len(same_patients(known, theirs)) < 0.5 * len(theirs):
            continue
        responses = assessed or _responses_too(chart, page, found)
        if assessed:  # who is alive stands in a column beside the responses
            page.read_elsewhere.add(found.kind)
        if responses:  # the progressions are read with the responses
            found = found.without("progression_date")
        _join_events(chart, page, found)
        if "progression_date" not in patients.ours and not responses:
            second = event_rows(page, found)
            if second is not None:
                _join_events(chart, page, second)
        chart.unused = [p for p in chart.unused if p is not page]
        gone = None if responses else page
        chart.tables = {t: p for t, p in chart.tables.items() if p is not gone}
        return


def events_of_patients(chart: Chart) -> None:
    """The patients' sheet itself has a row per event."""
    page = chart.patients
    found = event_rows(page)
    if found is None or find_pairs(page):
        return
    kept = of_the_patient(page.raw, found.patient)
    second = event_rows(page, found) if "progression_date" not in found.roles.values() else None
    taken = {found.patient, found.kind, *found.how.columns, *kept}
    taken |= set() if second is None else {second.kind}
    lost = [toml_value(c) for c in page.raw.names if c not in taken]
    several = None if second is None else beside(page, second)
    page.raw = beside(page, found, kept)
    page.events = [found]
    if second is not None and several is not None:
        chart.joins.append({**entry(page, page, patient=found.patient), "one_row": second.setting})
        page.raw, _ = join(page.raw, found.patient, several, found.patient)
        page.events.append(second)
    page.held = profiles(page.raw)
    page.matches = match_table(page.raw, TABLES["patients"], page.held)
    for one in page.events:
        with_matches(page, one)
    page.legends = {c: codes for c, codes in page.legends.items() if c in page.raw.names}
    page.why = "a row per event; each kind of event is a date of the patient"
    why = {"columns": f"not read: {', '.join(lost)}"} if lost else {}
    page.one_row = [toml_line(("one_row", k), v, why.get(k, "")) for k, v in found.setting.items()]
