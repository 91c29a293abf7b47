"""Adverse events: grades within any grade, patients within the group, "any" above each one."""

from __future__ import annotations

import re

from oncohort.audit.checks.pairs import fits
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import AdverseEvent, Grade, Level, Published
from oncohort.published.rounding import interval

_CUMULATIVE = re.compile(r"[≥≤⩾⩽]|>=|<=|5|\bV\b|higher|more|greater|above|worse|\+")
_NOT_A_TERM = re.compile(
    r"\bnumber of\b|\bno\. of\b|^(?:total )?events\b|\bepisodes?\b|laborator|abnormal|leading to|"
    r"discontinu|reduction|interrupt|serious|\bdeaths?\b|fatal|\bsurgery\b|transfus",
    re.I,
)
"""A row that need not be within the row of all events: it counts events, or other things."""
_OTHER_UNIT = re.compile(
    r"\bcycles?\b|\bcourses?\b|episode|\bevents?\b|infusion|injection|administration|\bdoses?\b|"
    r"\bvisits?\b|procedure|\bsamples?\b|lesion|person|\byears?\b|\bper\b",
    re.I,
)
"""A heading of a column that counts something else than patients."""
_LEAST_PAIRS = 4
_LEAST_SHARE = 0.75
RULE_GRADE = "Patients with an event of a higher grade are among those with the event of any grade."
RULE_SIZE = "An event can't have been seen in more patients than there are."
RULE_ANY = "Whoever had one of the events had any event."


def check(published: Published, log: Log) -> None:
    """Check every table of adverse events."""
    groups: dict[tuple[str, int], list[AdverseEvent]] = {}
    for event in published.adverse_events:
        groups.setdefault((event.where.table, event.group), []).append(event)
    for events in groups.values():
        whole: AdverseEvent | None = None
        sized = _sized(events)
        for event in events:
            if not event.grades:
                # A heading starts a part that the row of all events need not cover.
                whole = None
                continue
            log.checked(event, *event.grades)
            _within(event, log)
            _size(event, sized, log)
            if event.any:
                whole = event
            elif whole is not None:
                _any(whole, event, log)


def _grade(event: AdverseEvent, name: str) -> Grade | None:
    hits = [g for g in event.grades if g.grade == name]
    return hits[0] if len(hits) == 1 else None


def _within(event: AdverseEvent, log: Log) -> None:
    every = _grade(event, "any")
    if every is None:
        return
    for name in (">=3", "3", "4", "1-2"):
        part = _grade(event, name)
        if part is None or not _more(part, every):
            continue
        log.add(
            Finding(
                "adverse.grades",
                Certainty.INCONSISTENT,
                f"{event.term}: {_show(part)} at grade {name}, but {_show(every)} at any grade",
                (part.where,)
                if part.where.quote == every.where.quote
                else (part.where, every.where),
                RULE_GRADE,
                (f"{_show(part)} is more than {_show(every)}",),
                (),
                (),
                (
                    f"columns read as {part.where.column!r} and {every.where.column!r}",
                    "both count and percentage were compared, where both are printed",
                ),
                (part.count, part.percent, every.count, every.percent),
            )
        )


def _more(part: Grade, whole: Grade) -> bool:
    """Whether a part is above its whole in every unit that both are printed in."""
    verdicts = []
    if part.count.isdigit() and whole.count.isdigit():
        verdicts.append(int(part.count) > int(whole.count))
    if part.percent and whole.percent:
        one, two = interval(part.percent), interval(whole.percent)
        if one is not None and two is not None:
            verdicts.append(one.low > two.high)
    return bool(verdicts) and any(verdicts) and (verdicts[0] or len(verdicts) == 1)


def _show(grade: Grade) -> str:
    return f"{grade.count} ({grade.percent})" if grade.percent else grade.count


def _sized(events: list[AdverseEvent]) -> frozenset[str]:
    """Columns of which most pairs are shares of the patients that their heading gives."""
    pairs: dict[str, list[bool]] = {}
    for grade in (g for e in events for g in e.grades):
        if grade.n.isdigit() and grade.count.isdigit() and grade.percent and int(grade.count):
            level = Level("", grade.count, grade.percent)
            pairs.setdefault(grade.where.column, []).append(fits(level, int(grade.n)))
    return frozenset(
        column
        for column, hold in pairs.items()
        if sum(hold) >= max(_LEAST_PAIRS, _LEAST_SHARE * len(hold))
        and not _OTHER_UNIT.search(column)
    )


def _size(event: AdverseEvent, sized: frozenset[str], log: Log) -> None:
    for grade in event.grades:
        if grade.where.column not in sized:
            continue  # of cycles, courses or events, or of patients who are not known
        if not (grade.n.isdigit() and grade.count.isdigit() and grade.percent):
            continue
        if int(grade.count) <= int(grade.n):
            continue
        allowed = interval(grade.percent)
        if allowed is None or allowed.low > 100:
            # Events, not patients, are counted: their number may well exceed the patients'.
            continue
        log.add(
            Finding(
                "adverse.size",
                Certainty.INCONSISTENT,
                f"{event.term}: {_show(grade)} of {grade.n} patients",
                (grade.where,),
                RULE_SIZE,
                (f"{grade.count} > {grade.n}",),
                (),
                (),
                ("a percentage up to 100 says that patients are counted, not events",),
                (grade.count, grade.percent, grade.n),
            )
        )


def _any(whole: AdverseEvent, event: AdverseEvent, log: Log) -> None:
    if _NOT_A_TERM.search(event.term):
        return
    for grade in event.grades:
        # Patients are counted at their worst grade: only "any" and "3 or worse" are cumulative.
        every = _grade(whole, grade.grade) if grade.grade in {"any", ">=3"} else None
        if every is None or not _more(grade, every) or bool(grade.percent) != bool(every.percent):
            # A count alone beside counts with percentages may be of events.
            continue
        cumulative = grade.grade == "any" or bool(_CUMULATIVE.search(grade.where.column))
        log.add(
            Finding(
                "adverse.any",
                Certainty.INCONSISTENT if cumulative else Certainty.UNUSUAL,
                f"{event.term}: {_show(grade)} at grade {grade.grade}, but {whole.term!r} has only "
                f"{_show(every)}",
                (grade.where, every.where),
                RULE_ANY,
                (f"{_show(grade)} is more than {_show(every)}",),
                (),
                (),
                ("both rows stand in one column, with no heading between them",),
                (grade.count, grade.percent, every.count, every.percent),
            )
        )
