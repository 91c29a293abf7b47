"""Rows that repeat another row figure for figure: one may have been copied over the other.

Two rows may well be equal, so that is never more than *unusual*; how unlikely it is by chance is
left to the reader, who can see the rows.
"""

from __future__ import annotations

from collections import defaultdict

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical, Published, Ratio, Where
from oncohort.published.rounding import number

RULE = "Different variables or endpoints seldom have the same figures throughout."
LEAST_FIGURES = 4
"""Figures that two rows have to share."""
LEAST_COUNT = 5
"""Counts below this are often equal by chance."""


def check(published: Published, log: Log) -> None:
    """Look for ratios copied to another endpoint, and for variables with the same counts."""
    _ratios(published, log)
    _variables(published, log)


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
            _tell(
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
            _tell(
                f"{name}: the same counts ({', '.join(counts)}) as {other!r} in {table}",
                tuple(x.where for v in parts for x in v.levels),
                counts,
                log,
            )


def _tell(headline: str, quotes: tuple[Where, ...], figures: tuple[str, ...], log: Log) -> None:
    log.add(
        Finding(
            "copies.rows",
            Certainty.UNUSUAL,
            headline,
            quotes,
            RULE,
            readings=("two variables may be equal, or one be part of the other",),
            figures=figures,
        )
    )
