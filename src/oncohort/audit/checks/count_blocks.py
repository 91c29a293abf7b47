"""Levels that add up to a number of which their percentages are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.audit.checks.count_columns import Cell, Column
from oncohort.audit.checks.pairs import RULE_PERCENT, fits, implied
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical
from oncohort.published.rounding import interval


def exchanged(bad: Sequence[Cell], n: int) -> bool:
    """Whether two levels have each other's percentage: one error, and not two."""
    if len(bad) != 2:
        return False
    first, second = (c.level for c in bad)
    return fits(replace(first, percent=second.percent), n) and fits(
        replace(second, percent=first.percent), n
    )


def _others(variable: Categorical, bad: Sequence[Cell], n: int) -> str:
    rest = [x for x in variable.levels if all(x is not c.level for c in bad)]
    if not rest:
        return ""
    good = sum(bool(x.percent) and fits(x, n) for x in rest)
    return f", and {good} of the {len(rest)} other levels are shares of that"


def report_block(variable: Categorical, bad: list[Cell], n: int, column: Column, log: Log) -> None:
    """Levels add up to n, so none is missing, and yet their percentages are not of n."""
    if abs(n - 100) <= 1 and variable.n != str(n):
        return  # what makes 100 where that is nobody's number may be percentages of two columns
    printed = ", ".join(f"{c.level.label} {c.level.count} ({c.level.percent})" for c in bad)
    right = ", ".join(f"{100 * c.count / n:.1f}" for c in bad)
    alternatives = []
    back = [implied(c.level, n) for c in bad]
    if all(b is not None for b in back):
        alternatives.append(
            f"read from the percentages, the counts would be {', '.join(map(str, back))} of {n}"
        )
    if exchanged(bad, n):
        alternatives.append("each has the other's percentage: the two may be exchanged")
    percents = [c.level.percent for c in bad]
    for other in {id(c.variable): c.variable for c in column.cells if c.variable}.values():
        if (
            other is not None
            and other is not variable
            and sorted(x.percent for x in other.levels) == sorted(percents)
        ):
            alternatives.append(f"the same percentages stand at {other.name!r}")
    log.add(
        Finding(
            "counts.percentage",
            Certainty.INCONSISTENT,
            f"{variable.name}: {printed}: the counts add up to {n}, of which they are "
            f"{right} percent",
            tuple(c.level.where for c in bad),
            RULE_PERCENT,
            (
                " + ".join(x.count for x in variable.levels if x.count) + f" = {n}",
                *(f"100 x {c.count} / {n} = {100 * c.count / n:.2f}" for c in bad),
            ),
            tuple(f"{c.level.percent} allows {interval(c.level.percent)}" for c in bad),
            (),
            (
                *([column.evidence] if column.n else []),
                f"the levels add up to {n}{_others(variable, bad, n)}",
                *alternatives,
            ),
            tuple(x for c in bad for x in (c.level.count, c.level.percent)),
        )
    )
