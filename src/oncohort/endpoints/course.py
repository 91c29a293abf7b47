"""The course of one patient: every dated fact and call, with its reason and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from oncohort.criteria import recist
from oncohort.criteria.frames import as_polars
from oncohort.dataclass import dataclass
from oncohort.vocabulary.boundaries import Row

from .reasons import kind_in_words, reason, source_in_words

_OWN_ENTRY = (
    "assessment",
    "not_evaluable",
    "progression",
    "assessed_progression",
    "response",
    "complete_response",
    "stable_disease_from",
    "second_progression",
    "toxicity",
    "clinical_progression",
    "birth_date",
)
"""Kinds of facts that the visits, the best response or another fact already show, and the birth,
which a course doesn't need."""

_ORDER = {"fact": 0, "visit": 1, "best": 2, "endpoint": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a patient's course.

    Attributes
    ----------
    sort
        ``fact`` (a date of the chart), ``visit`` (an assessment), ``best`` (best response),
        ``endpoint``.
    what
        What it is: "treatment start", "assessment, week 8", "progression-free survival".
    call
        The call made: a response (``PR``), ``event``, ``censored``; empty for facts.
    reason
        Why, as a sentence; empty for facts.
    source
        Where it comes from: "`lesions` row 212".
    days
        Days since treatment start; none where that is unknown.
    table, row, kind
        The record behind it: its table, its ``source_row``, the kind of fact.
    """

    date: date | None
    sort: str
    what: str
    call: str = ""
    reason: str = ""
    source: str = ""
    days: int | None = None
    table: str | None = None
    row: int | None = None
    kind: str | None = None

    def __str__(self) -> str:
        day = self.date.isoformat() if self.date else "    no date"
        text = f"{day}  {self.what}"
        if self.reason:
            return f"{text}: {self.reason}"
        return f"{text}{f' ({self.source})' if self.source else ''}"


class _Adding:
    """Entries of a course as they are found."""

    def __init__(self, start: date | None) -> None:
        self.start, self.entries = start, list[Entry]()

    def __call__(
        self,
        day: date | None,
        sort: str,
        what: str,
        *,
        call: str = "",
        why: str = "",
        table: str | None = None,
        row: int | None = None,
        kind: str | None = None,
    ) -> None:
        """One more entry."""
        days = (day - self.start).days if day is not None and self.start is not None else None
        source = source_in_words(table, row)
        self.entries.append(Entry(day, sort, what, call, why, source, days, table, row, kind))


_SMALL = 300
"""Rows that are looked through here in less time than polars takes for a question."""


def _rows_of(patient: str, frame: object) -> Sequence[Row]:
    """The patient's rows of a frame."""
    table = as_polars(frame)
    if table.height > _SMALL:
        return table.filter(pl.col("patient").cast(pl.String) == patient).rows(named=True)
    return [row for row in table.rows(named=True) if str(row["patient"]) == patient]


def timeline(
    patient: str,
    *,
    facts: object,
    visits: object | None = None,
    visits_table: str = "lesions",
    best: object | None = None,
    endpoints: Mapping[str, pl.DataFrame] | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Entry]:
    """Everything that is known and was decided about one patient, by date.

    Parameters
    ----------
    patient
        The patient's key.
    facts
        The frame of :func:`~oncohort.endpoints.facts`.
    visits
        The frame of ``recist.assess`` (or charted visits), baseline included.
    best
        The frame of ``recist.best_response``.
    endpoints
        Key to the frame of :func:`~oncohort.endpoints.derive`.
    labels
        Key of an endpoint to its name in words.

    Returns
    -------
    list of Entry
        Sorted by date; entries without a date (an endpoint without a time) last.

    Examples
    --------
    >>> from oncohort.endpoints import OS, derive, facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...                     "death_date": [date(2014, 3, 1)], "source_row": [2]})
    >>> f = facts(who)
    >>> for entry in timeline("1", facts=f, endpoints={"os": derive(f, OS)}):
    ...     print(entry)
    2014-01-06  treatment start (`patients` row 2)
    2014-03-01  death (`patients` row 2)
    2014-03-01  os: event: death on 2014-03-01, `patients` row 2
    """
    known = _rows_of(patient, facts)
    starts = [row["date"] for row in known if row["kind"] == "treatment_start" and row["date"]]
    add = _Adding(min(starts, default=None))
    for row in known:
        if row["kind"] is None or row["kind"] in _OWN_ENTRY:
            continue
        what = kind_in_words(row["kind"], row["code"], row["detail"])
        if row["imputed"]:
            what += f" (between {row['earliest']} and {row['latest']})"
        add(row["date"], "fact", what, table=row["table"], row=row["source_row"], kind=row["kind"])
    if visits is not None:
        for row in _rows_of(patient, visits):
            name = "baseline scan" if row.get("baseline") else "assessment"
            label = f"{name}, {row['visit']}" if row.get("visit") else name
            why = (
                recist.reason(row).removeprefix("baseline: ")
                if row.get("code")
                else str(row["overall"])
            )
            add(row["date"], "visit", label, call=row["overall"] or "", why=why,
                table=visits_table, row=row.get("source_row"))  # fmt: skip
    if best is not None:
        for row in _rows_of(patient, best):
            number = row.get("source_row")
            add(row["best_response_date"], "best", "best overall response",
                call=row["best_response"], why=recist.reason(row),
                table=None if number is None else visits_table, row=number)  # fmt: skip
    for key, frame in (endpoints or {}).items():
        for row in _rows_of(patient, frame):
            call = "" if row["event"] is None else "event" if row["event"] else "censored"
            call = "competing event" if row["reason"] == "competing" else call
            add(row["date"], "endpoint", (labels or {}).get(key, key), call=call, why=reason(row),
                table=row["table"], row=row["source_row"], kind=row["kind"])  # fmt: skip
    return sorted(
        add.entries, key=lambda e: (e.date is None, e.date or date.min, _ORDER[e.sort], e.what)
    )
