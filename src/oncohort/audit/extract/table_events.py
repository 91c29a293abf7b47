"""Best responses and adverse events, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oncohort.audit.document import Table
from oncohort.audit.extract.cells import CountColumn, pair_in, place
from oncohort.published.model import (
    AdverseEvent,
    Grade,
    Level,
    Response,
    Where,
)

_RESPONSE_ROWS: tuple[tuple[str, str], ...] = (
    (r"(?:cr|complete (?:response|remission))\b", "CR"),
    (r"(?:pr|partial (?:response|remission))\b", "PR"),
    (r"(?:sd|stable disease)\b", "SD"),
    (r"(?:pd|progressive disease|disease progression|progression)\b", "PD"),
    (
        r"(?:ne|not? evalua(?:ble|ted)|unevaluable|inevaluable|not assess(?:able|ed)|unknown)\b",
        "NE",
    ),
)


_EVENTS = (
    r"(?:adverse (?:events?|reactions?|effects?)|AEs?|TEAEs?|TRAEs?|toxicit(?:y|ies)|events?|"
    r"side effects?)"
)
_ANY_EVENT = re.compile(
    r"^(?:(?:no\.|number|n) of )?"
    r"(?:(?:patients?|subjects?|participants?) (?:with|having|experiencing) )?"
    rf"(?:any|all|total|overall|at least (?:one|1)|≥ ?1|one or more)(?:[- ]grades?)?\s*+"
    r"(?P<kind>(?:treatment[- ]emergent|treatment[- ]related|drug[- ]related|related)\s++)?"
    rf"(?:{_EVENTS}|grade|$)(?:\s*+\(?(?:TEAEs?|TRAEs?|AEs?)\)?)?(?:,? (?:of )?any grade)?"
    r"(?:[, ]*+\(?(?:n|no\.)?\s*+[,(]?\s*+%?\)*)?$",
    re.I,
)
"""The row of all adverse events; not that of the serious ones, or of those that led to a stop."""


def any_event(label: str, caption: str) -> bool:
    """Whether a row is of all the adverse events of its table.

    A row of the treatment-related ones is that only in a table of treatment-related ones.

    Examples
    --------
    >>> any_event("Any adverse event, n (%)", ""), any_event("Any serious adverse event", "")
    (True, False)
    >>> any_event("Any treatment-related adverse event", "Adverse events")
    False
    """
    found = _ANY_EVENT.match(label.strip())
    if found is None or re.match(r"(?:no\.|number|n) of (?!patients|subjects|part)", label, re.I):
        return False
    kind = (found["kind"] or "").strip().lower()
    return not kind or "emergent" in kind or "related" in caption.lower()


def response_of(label: str) -> str:
    """CR, PR, SD, PD or NE; empty if the label is none of them alone.

    Examples
    --------
    >>> response_of("Partial response (PR)"), response_of("CR + PR")
    ('PR', '')
    """
    text = label.strip().lower()
    if re.search(r"[+/]|\bor\b|\band\b", text):
        return ""
    for pattern, name in _RESPONSE_ROWS:
        if re.match(pattern + r"\s*+(?:\(?\w{0,4}\)?)?\s*+,?\s*+(?:n?\s*+\(?%?\)?)?$", text):
            return name
    return ""


def read_responses(table: Table, columns: Sequence[CountColumn]) -> Iterator[Response]:
    for column in columns:
        levels: list[Level] = []
        for row in table.rows:
            name = response_of(row.label)
            level = pair_in(row, column) if name else None
            if level is not None and name:
                levels.append(replace(level, label=name, where=place(table, row, column.index)))
        kinds = [level.label for level in levels]
        if {"CR", "PR", "SD"} <= set(kinds) and len(kinds) == len(set(kinds)):
            yield Response(
                tuple(levels),
                column.population,
                column.n,
                Where(table.section or "table", table.label, "", column.heading, table.page),
            )


_GRADES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:any|all)[- ]?grades?|grades?:?\s*(?:any|all)\b|"
                r"grades?\s*[1I]\s*[-–]\s*(?:[45]|IV|V)\b", re.I), "any"),
    (re.compile(r"(?:≥|>=|⩾)\s*(?:grade\s*)?(?:3|III)\b|(?:grade|G)\s*(?:≥|>=|⩾)\s*(?:3|"
                r"III)\b|(?:grade\s*)?3\s*(?:≤|<=|⩽)|grades?\s*(?:3|III)\s*(?:[-–/,]|or|and|"
                r"to)\s*(?:4|5|IV|V)\b|grade\s*3\s*(?:or (?:higher|more|greater|above|worse)|"
                r"\+)|G3\s*[-–/]\s*G?[45]|high[- ]grade", re.I), ">=3"),
    (re.compile(r"grades?\s*(?:1|I)\s*(?:[-–/,]|or|and|to)\s*(?:2|II)\b", re.I), "1-2"),
    (re.compile(r"grades?\s*(?:4|IV)\b", re.I), "4"),
    (re.compile(r"grades?\s*(?:3|III)\b", re.I), "3"),
)  # fmt: skip


def grade_of(heading: str) -> str:
    """Grade that a heading names; empty if none or several.

    Examples
    --------
    >>> grade_of("Grade 3≤"), grade_of("All grades"), grade_of("Grade 3-4"), grade_of("n (%)")
    ('>=3', 'any', '>=3', '')
    """
    found = [name for pattern, name in _GRADES if pattern.search(heading)]
    if ">=3" in found:
        found = [f for f in found if f not in {"3", "4"}]
    return found[0] if len(found) == 1 else ""


def read_events(table: Table, columns: Sequence[CountColumn]) -> Iterator[AdverseEvent]:
    groups: list[list[tuple[CountColumn, str]]] = []
    for column in columns:
        grade = grade_of(column.heading)
        if not grade:
            continue
        outer = _outer(table, column)
        if (
            not groups
            or any(g == grade for _, g in groups[-1])
            or _outer(table, groups[-1][-1][0]) != outer
        ):
            groups.append([])
        groups[-1].append((column, grade))
    for index, group in enumerate(groups):
        for row in table.rows:
            cells = []
            for column, grade in group:
                level = pair_in(row, column)
                if level is None:
                    continue
                cells.append(
                    Grade(
                        grade,
                        level.count,
                        level.percent,
                        column.n,
                        place(table, row, column.index),
                    )
                )
            if cells:
                yield AdverseEvent(
                    row.label,
                    tuple(cells),
                    any_event(row.label, table.caption),
                    group[0][0].population,
                    index,
                    place(table, row, group[0][0].index),
                )
            elif not any(v.strip() for v in row.values):
                yield AdverseEvent(row.label, (), False, "", index, place(table, row, 0))


def _outer(table: Table, column: CountColumn) -> str:
    """The heading over several grades: an arm."""
    heads = (row[column.index] for row in table.header)
    return next((h for h in heads if h and not grade_of(h)), "")
