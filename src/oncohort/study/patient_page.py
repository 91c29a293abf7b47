"""The page of one patient: the same for the report, the app and `oncohort explain`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from oncohort.displays.patient import Block, Line, Listing, Mark, PatientPage
from oncohort.protocol.derived import formula_words
from oncohort.protocol.number_style import style_of
from oncohort.study.evidence.cells import in_full, in_short, with_places
from oncohort.study.evidence.groups import Behind
from oncohort.study.evidence.listing import by_patient
from oncohort.study.evidence.of_endpoints import deciding_column
from oncohort.vocabulary.boundaries import Row
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.displays.behind import Seen
    from oncohort.endpoints import Entry
    from oncohort.endpoints.cohort import Cohort
    from oncohort.problems import Place
    from oncohort.study.study import Study

_TITLES = {
    "doses": "Doses",
    "adverse_events": "Adverse events",
    "labs": "Laboratory values",
    "performance": "Performance status",
    "therapies": "Systemic therapies",
    "procedures": "Procedures",
    "sites": "Metastatic sites",
    "assessments": "Charted responses",
}
"""Record tables of a patient, in the order of the page."""
_HIDDEN = ("patient", "source_row")


MOST = 150
"""Patients of a chart that get pages of their own in the report."""
MOST_ROWS = 12_000
"""Records of those patients together."""


def pages_of(study: Study, behind: Behind | None = None) -> tuple[PatientPage, ...]:
    """The page of every patient of the chart; none where they would be too many for one file.

    Parameters
    ----------
    behind
        The evidence of the study's numbers, of which much stands on the pages too.
    """
    patients = study.cohort.source
    rows = sum(f.height for f in study.records.tables.values())
    if len(patients) > MOST or rows > MOST_ROWS:
        return ()
    if behind is None or behind.cohort is not study.cohort:
        behind = Behind(study, study.cohort)
    frames = _ByPatient(study, study.cohort, in_short, behind)
    return tuple(_page(frames, p) for p in patients)


def patient_page(
    study: Study, patient: str, *, write: Callable[[Place], str] = in_full
) -> PatientPage:
    """Everything that is known and was decided about a patient, with the cells.

    Parameters
    ----------
    patient
        As the chart has it.
    write
        How a place is printed.
    """
    return _page(_ByPatient(study, study.cohort.only(patient), write), patient)


def _page(frames: _ByPatient, patient: str) -> PatientPage:
    page = _Page(frames, patient)
    blocks = (
        Block("Eligibility", tuple(page.eligibility())),
        Block("Course", tuple(page.course())),
        Block("Endpoints as charted", tuple(page.reduced())),
        Block("Variables", tuple(page.variables())),
        Block("Adverse events that count", tuple(page.events())),
        Block("Exposure", tuple(page.exposure())),
        Block("Problems", tuple(page.problems())),
    )
    return PatientPage(
        patient,
        frames.study.protocol.study.synthetic,
        page.row is not None,
        tuple(page.facts()),
        tuple(b for b in blocks if b.lines),
        tuple(page.listings()),
        tuple(page.marks()),
    )


class _ByPatient:
    """What pages are made of, each frame cut up by patient once."""

    def __init__(
        self,
        study: Study,
        cohort: Cohort,
        write: Callable[[Place], str],
        behind: Behind | None = None,
    ) -> None:
        self.study, self.cohort, self.write = study, cohort, write
        self._behind = behind or Behind(study, cohort)
        self._seen: dict[str, Mapping[str, tuple[Seen, ...]]] = {}
        self._cut: dict[str, Mapping[str, pl.DataFrame]] = {}
        self._sorted: dict[str, pl.DataFrame | None] = {}
        self.rows = {row["patient"]: row for row in cohort.frame.iter_rows(named=True)}

    def seen(self, group: str, patient: str) -> tuple[Seen, ...]:
        """What was seen in a patient."""
        if group not in self._seen:
            placed = with_places(self._behind[group], self.study.records, self.write)
            self._seen[group] = by_patient(placed)
        return self._seen[group].get(patient, ())

    def of(self, name: str, frame: pl.DataFrame | None, patient: str) -> pl.DataFrame | None:
        """The patient's rows of a frame; None where there are none."""
        if frame is None:
            return None
        if name not in self._cut:
            parts = frame.partition_by("patient", maintain_order=True)
            self._cut[name] = {part["patient"][0]: part for part in parts}
        return self._cut[name].get(patient)

    def records(self, table: str, patient: str) -> pl.DataFrame | None:
        """The patient's records in a table of the chart."""
        return self.of(f"records {table}", self.study.records.tables.get(table), patient)

    def dated(self, table: str, patient: str) -> pl.DataFrame | None:
        """The patient's records in order of their dates, where the table has dates."""
        if table not in self._sorted:
            frame = self.study.records.tables.get(table)
            have = () if frame is None else frame.columns
            order = next((c for c in ("date", "start") if c in have), None)
            if frame is not None and order is not None:
                frame = frame.sort(order, nulls_last=True, maintain_order=True)
            self._sorted[table] = frame
        return self.of(f"dated {table}", self._sorted[table], patient)

    @cached_property
    def periods(self) -> pl.DataFrame | None:
        """The periods of every planned drug."""
        from oncohort.endpoints.treatment import dose_periods

        tables = self.cohort.evidence.tables
        return dose_periods(tables, self.study.protocol) if "patients" in tables else None


class _Page:
    """The parts of one page."""

    def __init__(self, frames: _ByPatient, patient: str) -> None:
        self.frames, self.study, self.patient = frames, frames.study, patient
        self.cohort, self.write = frames.cohort, frames.write
        self.row = frames.rows.get(patient)
        self.entries = _entries(frames, patient)

    def _lines(self, group: str) -> list[Line]:
        """What was seen in the patient, with the cells."""
        return [Line(*one) for one in self.frames.seen(group, self.patient)]

    def facts(self) -> Iterator[tuple[str, str]]:
        """The calls in few words."""
        row = self.row
        if row is None:
            return
        if row.get("best_response"):
            yield "Best response", str(row["best_response"])
        style, unit = style_of(self.study.protocol.style), self.study.protocol.study.time_unit
        if (change := row.get("best_change")) is not None:
            grown = "+" if change > 0 else ""
            yield "Best change", f"{grown}{style.one(change, 'percentage')}%"
        for key, info in self.cohort.meaning.endpoints.items():
            if row[f"{key}_time"] is not None:
                time = style.one(row[f"{key}_time"] / DAYS_PER_UNIT[unit], "time")
                what = "event" if row[f"{key}_event"] else "censored"
                yield info.label, f"{time} {unit}, {what}"

    def eligibility(self) -> Iterator[Line]:
        """Each criterion that the patient came to."""
        outside = [s for s in self.study.cohort.steps if self.patient in s.excluded]
        for step in outside:
            why = " (the value is missing)" if self.patient in step.missing else ""
            yield Line(f"Left out of the study: {step.label}{why}.")
        if not outside:
            yield Line("Included in the study: meets every criterion.")
        for step in self.study.cohort.steps:
            for line in self._lines(f"flow.{step.key}"):
                verdict, mark, what = line.text.partition(": ")
                if verdict.startswith(("kept", "left out")):
                    answer = "no" if verdict == "kept" else f"yes, {verdict}"
                    told = f"{step.label}: {answer}" + (f" ({what})" if mark else "")
                    yield Line(told, line.place)
                else:
                    yield Line(line.text, line.place, sort="part")

    def course(self) -> Iterator[Line]:
        """Every dated fact and call."""
        for entry in self.entries:
            told = f"{entry.what}: {entry.reason}" if entry.reason else entry.what
            day = entry.date.isoformat() if entry.date else ""
            yield Line(_without_source(told), self._place(entry), day, entry.call, entry.sort)

    def _place(self, entry: Entry) -> str:
        if entry.table is None or entry.row is None:
            return ""
        known = self.study.records.tables[entry.table].columns
        at = deciding_column(entry.table, entry.kind, entry.call != "censored", known)
        return self.write(self.study.records.place(entry.table, at, entry.row))

    def reduced(self) -> Iterator[Line]:
        """Endpoints that the chart has as times."""
        for key, info in self.cohort.meaning.endpoints.items():
            if info.reduced:
                lines = self._lines(f"endpoints.{key}")
                yield from (Line(f"{info.label}: {one.text}", one.place) for one in lines)

    def variables(self) -> Iterator[Line]:
        """Each variable's value, what it was made of below it."""
        if self.row is None:
            return
        for key, info in self.cohort.meaning.variables.items():
            lines = self._lines(f"variables.{key}")
            source = self.study.protocol.variables[key].source
            if source in self.cohort.meaning.variables:  # told where that variable is
                lines = [Line(f"{lines[0].text} (from {source})", lines[0].place)][: len(lines)]
            for i, line in enumerate(lines):
                if not i:
                    yield Line(f"{info.label} ({key}): {line.text}", line.place, sort="head")
                    if key in self.cohort.evidence.made_of:
                        words = formula_words(self.study.protocol.variables[key])
                        yield Line(f"= {words}", sort="part")
                else:
                    yield Line(line.text, line.place, sort="part")

    def events(self) -> Iterator[Line]:
        """The adverse events that are counted."""
        if self.study.protocol.safety is not None and self.row is not None:
            yield from self._lines("safety.any_event")

    def exposure(self) -> Iterator[Line]:
        """What was taken of each drug."""
        if self.row is None:
            return
        for drug, plan in self.study.protocol.exposure.items():
            for i, line in enumerate(self._lines(f"exposure.{drug}")):
                head = f"{plan.label or drug}: " if not i else ""
                yield Line(head + line.text, line.place, sort="part" if i else "head")

    def problems(self) -> Iterator[Line]:
        """What is wrong or open in this patient's rows."""
        for p in self.study.data_problems:
            if p.patient == self.patient:
                yield Line(f"{p.severity.value}: {p.what}", self.write(p.place))

    def listings(self) -> Iterator[Listing]:
        """Lesions by visit, then the records table by table."""
        lesions = self.frames.records("lesions", self.patient)
        if lesions is not None:
            yield lesion_table(lesions, self)
        for name, title in _TITLES.items():
            rows = self.frames.dated(name, self.patient)
            if rows is not None:
                yield self._listing(name, title, rows)

    def _listing(self, name: str, title: str, rows: pl.DataFrame) -> Listing:
        columns = [
            held.name
            for held in rows.iter_columns()
            if held.name not in _HIDDEN and not held.name.endswith("_precision") and held.count()
        ]
        records = self.study.records
        places = [self.write(records.place(name, None, n)) for n in _numbers(rows)]
        numbers = frozenset(i for i, c in enumerate(columns) if rows.schema[c].is_numeric())
        return Listing(
            title,
            tuple(c.replace("_", " ").capitalize() for c in columns),
            tuple(tuple(_shown(v) for v in row) for row in rows[columns].iter_rows()),
            tuple(places),
            numbers,
        )

    def marks(self) -> Iterator[Mark]:
        """What stands on the timeline."""
        for e in self.entries:
            if e.days is not None and e.sort in ("fact", "visit"):
                yield Mark("visit" if e.sort == "visit" else "fact", e.days, e.days, e.what, e.call)
        start = next((e.date for e in self.entries if e.kind == "treatment_start"), None)
        if start is None:
            return
        yield from self._doses(start)
        frame = self.frames.records("adverse_events", self.patient)
        if frame is None or "start" not in frame.columns:
            return
        for row in frame.iter_rows(named=True):
            if row["start"] is None:
                continue
            end = row.get("end") or row["start"]
            days = ((row["start"] - start).days, (end - start).days)
            yield Mark("event", days[0], max(days), str(row["term"]), _shown(row["grade"]))

    def _doses(self, start: object) -> Iterator[Mark]:
        periods = self.frames.of("periods", self.frames.periods, self.patient)
        if periods is None:
            return
        plans = self.study.protocol.exposure
        for row in periods.iter_rows(named=True):
            plan = plans[row["drug"]]
            planned = plan.amount * plan.times_per_day
            share = row["daily"] / planned if planned and row["daily"] is not None else 0.0
            first, last = (row["start"] - start).days, (row["last"] - start).days
            yield Mark("dose", first, last, plan.label or row["drug"].capitalize(), f"{share:.2g}")


def entries(study: Study, patient: str) -> list[Entry]:
    """The patient's course by date; empty where the cohort came reduced to times."""
    return _entries(_ByPatient(study, study.cohort.only(patient), in_full), patient)


def _entries(frames: _ByPatient, patient: str) -> list[Entry]:
    from oncohort.endpoints import timeline

    evidence, endpoints = frames.cohort.evidence, frames.cohort.meaning.endpoints
    protocol = frames.study.protocol
    facts = frames.of("facts", evidence.facts, patient)
    if facts is None:
        return []
    best = evidence.best
    derived = {k: f for k, f in evidence.derived.items() if not endpoints[k].reduced}
    own = {k: frames.of(f"derived {k}", f, patient) for k, f in derived.items()}
    return timeline(
        patient,
        facts=facts,
        visits=frames.of("visits", evidence.assessments, patient),
        visits_table=protocol.response.source if protocol.response else "lesions",
        best=frames.of("best", best, patient)
        if best is not None and "visits" in best.columns
        else None,
        endpoints={k: f for k, f in own.items() if f is not None},
        labels={k: i.label for k, i in endpoints.items()},
    )


def _without_source(text: str) -> str:
    """A reason without the row that stands beside it as a cell."""
    return re.sub(r",? ?\(?`\w+`( row \d+)?\)?", "", text)


def _numbers(frame: pl.DataFrame) -> list[int | None]:
    return frame["source_row"].to_list() if "source_row" in frame.columns else [None] * frame.height


def _shown(value: object) -> str:
    """A value as people write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def lesion_table(lesions: pl.DataFrame, page: _Page) -> Listing:
    """Lesions down, scans across: millimetres or what was seen; the sums and calls below."""
    days = sorted({day for day in lesions["date"].to_list() if day is not None})
    names = list(dict.fromkeys(lesions["lesion", "role"].rows()))
    held: dict[tuple[str, date], list[Row]] = {}
    for row in lesions.iter_rows(named=True):
        held.setdefault((row["lesion"], row["date"]), []).append(row)
    rows, places = [], []
    for lesion, role in dict(names).items():
        own = [held.get((lesion, day), []) for day in days]
        rows.append((f"{lesion} ({role})" if role else str(lesion), *map(_seen_at, own)))
        numbers = [r["source_row"] for several in own for r in several]
        places.append(_rows_of(page, numbers))
    visits = page.frames.of("visits", page.cohort.evidence.assessments, page.patient)
    if visits is not None and "sum_mm" in visits.columns:
        by_day = {
            day: row
            for row in visits.iter_rows(named=True)
            for day in days
            if row["first_date"] <= day <= row["last_date"]
        }
        for what, column in (("Sum of targets", "sum_mm"), ("Response", "overall")):
            shown = [_shown(by_day[d][column]) if d in by_day else "" for d in days]
            rows.append((what, *shown))
            places.append("")
    columns = ("Lesion", *(day.isoformat() for day in days))
    return Listing(
        "Lesions (mm)", columns, tuple(rows), tuple(places), frozenset(range(1, len(columns)))
    )


def _seen_at(rows: Sequence[Row]) -> str:
    """What was seen of a lesion on one day; of several readings, all."""
    told = [
        _shown(row["diameter_mm"])
        if row["diameter_mm"] is not None
        else str(row.get("status") or "")
        for row in rows
    ]
    return " / ".join(t for t in told if t)


def _rows_of(page: _Page, numbers: list[int]) -> str:
    """The rows of several records: "lesions rows 2, 4, 6"."""
    known = [n for n in numbers if n is not None]
    if not known:
        return ""
    first = page.write(page.study.records.place("lesions", None, known[0]))
    more = ", ".join(str(n) for n in known[1:])
    return f"{first}, {more}".replace(" row ", " rows ") if more else first
