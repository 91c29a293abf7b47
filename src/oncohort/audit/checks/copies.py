"""Rows and columns that repeat another one figure for figure: one may be a copy of the other.

Two rows or columns may well be equal, so that is never more than *unusual*; how unlikely it is by
chance is left to the reader, who can see them.
"""

from __future__ import annotations

from collections import defaultdict

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical, Level, Published, Ratio, Where
from oncohort.published.rounding import number

RULE = "Different variables or endpoints seldom have the same figures throughout."
LEAST_FIGURES = 4
"""Figures that two rows have to share."""
LEAST_COUNT = 5
"""Counts below this are often equal by chance."""
LEAST_ROWS = 6
"""Rows of counts that two columns have to share."""


def check(published: Published, log: Log) -> None:
    """Look for ratios copied to another endpoint, and variables or columns with the same counts."""
    _ratios(published, log)
    _variables(published, log)
    _columns(published, log)


def _ratios(published: Published, log: Log) -> None:
    groups: dict[tuple[str, ...], list[Ratio]] = defaultdict(list)
    for ratio in published.ratios:
        read = number(ratio.p) if ratio.p else None
        if not (ratio.low and ratio.high and ratio.endpoint and ratio.where.table):
            continue
        if read is None or not read.exact or read.whole:
            continue
        log.checked(ratio)
        key = (ratio.variable, ratio.contrast, ratio.model, ratio.level)
        figures = (ratio.estimate, ratio.low, ratio.high, ratio.p)
        groups[(*key, *figures)].append(ratio)
    for same in groups.values():
        first = same[0]
        others = [r for r in same[1:] if r.endpoint != first.endpoint]
        if others:
            _report_copy(
                f"{first.variable}: {first.kind} {first.estimate} ({first.low}-{first.high}), p "
                f"{first.p} is printed for {first.endpoint} and for {others[0].endpoint}",
                (first.where, others[0].where),
                (first.estimate, first.low, first.high, first.p),
                log,
            )


def _variables(published: Published, log: Log) -> None:
    columns: dict[tuple[str, str], list[Categorical]] = defaultdict(list)
    for variable in published.variables:
        if len(variable.levels) > 1:
            columns[variable.where.table, variable.name].append(variable)
    tables: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for (table, name), parts in columns.items():
        counts = tuple(x.count for v in parts for x in v.levels if x.count.isdigit())
        large = [c for c in counts if int(c) >= LEAST_COUNT]
        if len(large) < LEAST_FIGURES or len(parts) < 2 or len(set(large)) < LEAST_FIGURES:
            continue
        other = tables[table].setdefault(counts, name)
        if other != name:
            _report_copy(
                f"{name}: the same counts ({', '.join(counts)}) as {other!r} in {table}",
                tuple(x.where for v in parts for x in v.levels),
                counts,
                log,
            )


def _columns(published: Published, log: Log) -> None:
    """Columns of one table with the same counts in every row, though their headings differ."""
    tables: dict[str, dict[tuple[str, int], list[tuple[str, Level]]]] = defaultdict(dict)
    for variable in published.variables:
        key = (variable.where.column, variable.column)
        rows = tables[variable.where.table].setdefault(key, [])
        rows += [
            (f"{variable.name}: {level.label}", level)
            for level in variable.levels
            if level.count.isdigit()
        ]
    for table, columns in tables.items():
        seen: dict[tuple[tuple[str, str], ...], str] = {}
        for (heading, _), rows in columns.items():
            large = {x.count for _, x in rows if int(x.count) >= LEAST_COUNT}
            told = sum(int(x.count) >= LEAST_COUNT for _, x in rows)
            if told < LEAST_ROWS or len(large) < LEAST_FIGURES:
                continue
            log.checked(*(x for _, x in rows))
            counts = tuple((label, x.count) for label, x in rows)
            other = seen.setdefault(counts, heading)
            if other != heading:
                _report_copy(
                    f"{table}: column {heading!r} has the same {len(rows)} counts as {other!r}",
                    tuple(x.where for _, x in rows[:LEAST_ROWS]),
                    tuple(x.count for _, x in rows),
                    log,
                    "copies.columns",
                )


def _report_copy(
    headline: str,
    quotes: tuple[Where, ...],
    figures: tuple[str, ...],
    log: Log,
    rule: str = "copies.rows",
) -> None:
    log.add(
        Finding(
            rule,
            Certainty.UNUSUAL,
            headline,
            quotes,
            RULE,
            readings=("the two may be equal, or one be part of the other",),
            figures=figures,
        )
    )
