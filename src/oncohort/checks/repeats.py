"""One cause told once: problems that only follow from another one that is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from oncohort.problems import Problem, Severity

_BY_CELL = {
    "values.outlier": ("values.implausible", "values.missing-code", "values.body-index"),
    "values.two-scales": ("values.outlier", "values.implausible", "values.missing-code"),
    "values.missing-code": ("values.kps", "values.age", "values.implausible"),
    "values.filled-down": ("values.missing-code",),
    "safety.fatal-event": ("ctcae.impossible-grade",),
}
"""What follows from a problem of the same patient and column."""
_BY_COLUMN = {
    "values.two-scales": ("values.unit-of-one-centre", "values.two-units"),
    "values.spread": ("values.unit-of-one-centre", "values.two-scales", "values.two-units"),
    "values.outlier": ("values.unit-of-one-centre",),
}
"""What follows from a problem of the same column."""
_BY_PATIENT = {
    "doses.after-end": ("dates.after-death",),
    "endpoints.after-last-contact": ("dates.after-death",),
    "endpoints.before-origin": ("dates.last-contact-before-start", "dates.death-before-start"),
    "endpoints.no-follow-up": ("survival.death-without-date",),
    "values.body-index": ("values.body",),
}
"""What follows from a problem of the same patient, whichever the column."""
_OF_BODY = ("values.outlier", "values.two-units")
"""What is said again of a weight or height that do not go together."""
_OF_START = ("endpoints.no-origin", "survival.stopped-for-progression")
"""What follows where nothing counts, because everything lies after the cutoff."""


def told_once(problems: Iterable[Problem]) -> list[Problem]:
    """The problems without those that only say again what another one says.

    Examples
    --------
    >>> from oncohort.problems import Place, problem
    >>> at = Place("a.csv", cell="C2", column="start")
    >>> two = [problem("survival.no-start", place=at, patient="7"),
    ...        problem("endpoints.no-origin", place=Place(), patient="7", label="OS")]
    >>> [(p.id, p.place.cell) for p in told_once(two)]
    [('endpoints.no-origin', 'C2')]
    """
    found = list(problems)
    for step in (_starts, _open, _beyond_the_cutoff, _values):
        found = step(found)
    return found


def _starts(found: list[Problem]) -> list[Problem]:
    """A start that is missing: said with the endpoints that lack it, at its cell."""
    cells = {p.patient: p.place for p in found if p.id == "survival.no-start"}
    unread = {
        p.patient
        for p in found
        if p.patient in cells
        and p.severity is Severity.ERROR
        and p.place.cell is not None
        and p.place == cells[p.patient]
    }
    told = {p.patient for p in found if p.id == "endpoints.no-origin" and p.patient is not None}
    out = []
    for p in found:
        if p.id == "survival.no-start" and (p.patient in told or p.patient in unread):
            continue
        if p.id == "endpoints.no-origin" and p.patient in cells:
            if p.patient in unread:
                continue  # the cell itself is told, and what it leaves out
            p = replace(p, place=cells[p.patient])
        out.append(p)
    return out


def _open(found: list[Problem]) -> list[Problem]:
    """An endpoint that waits for an open question: the question says what is missing."""
    asked = {b for p in found if p.id == "protocol.open-question" for b in p.blocks}

    def waits(p: Problem) -> bool:
        lacks = p.id.startswith("endpoints.no-") and p.severity is Severity.ERROR
        return lacks and bool(p.blocks) and asked.issuperset(p.blocks)

    return [p for p in found if not waits(p)]


def _beyond_the_cutoff(found: list[Problem]) -> list[Problem]:
    """Where treatment began after the cutoff, no start is missing."""
    late = [p for p in found if p.id == "dates.after-cutoff" and p.severity is Severity.ERROR]
    every = any(p.patient is None for p in late)
    own = {p.patient for p in late}
    return [p for p in found if not (p.id in _OF_START and (every or p.patient in own))]


def _values(found: list[Problem]) -> list[Problem]:
    """A number that can't be is far from the others, too."""
    cells = {(p.id, p.place.file, p.place.column, p.patient) for p in found}
    columns = {(p.id, p.place.file, p.place.column) for p in found if p.place.column}
    patients = {(p.id, p.patient) for p in found if p.patient is not None}
    levels = {p.place.key for p in found if p.id == "variables.unknown-level"}

    def follows(p: Problem) -> bool:
        file, column = p.place.file, p.place.column
        if any((i, p.patient) in patients for i in _BY_PATIENT.get(p.id, ())):
            return True
        if column is None:
            return False
        if p.id == "values.near-level" and f"variables.{column}" in levels:
            return True  # it says what the level may mean
        if p.id in _OF_BODY and ("values.body", p.patient) in patients and _of_body(column):
            return True
        causes = _BY_CELL.get(p.id, ()) if p.patient is not None else ()
        if any((i, file, column, p.patient) in cells for i in causes):
            return True
        return any((i, file, column) in columns for i in _BY_COLUMN.get(p.id, ()))

    return [p for p in found if not follows(p)]


def _of_body(column: str) -> bool:
    """Is a column a weight or a height?"""
    from oncohort.checks.quantities import without_brackets
    from oncohort.records.units import analyte

    known = analyte(without_brackets(column))
    name = known.name if known is not None else column.partition("_")[0]
    return name in ("weight", "height")
