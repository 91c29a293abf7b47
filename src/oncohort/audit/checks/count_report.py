"""What is said of a count whose percentage no denominator gives."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.audit.checks.count_columns import Cell, Column
from oncohort.audit.checks.pairs import RULE_PERCENT
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.rounding import denominators, interval


def shown_range(allowed: range) -> str:
    """Whole numbers from one to another, in words."""
    if not allowed:
        return "none"
    if len(allowed) == 1:
        return str(allowed.start)
    return f"{allowed.start} to {allowed.stop - 1}"


def report_pair(
    cell: Cell,
    column: Column,
    certainty: Certainty,
    why: str,
    log: Log,
    assumed: tuple[str, str] = ("", ""),
) -> None:
    """Tell a pair that is no share of its column's patients."""
    n = column.n
    level = cell.level
    allowed = denominators(cell.count, level.percent)
    name = cell.variable.name if cell.variable and cell.variable.name != level.label else ""
    label = f"{name}: {level.label}" if name else level.label
    true = 100 * cell.count / n
    scope = f"impossible if {', '.join(a for a in assumed if a)}: " if assumed[0] else ""
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{label}: {level.count} ({level.percent}) in {level.where.table}: {scope}"
            f"{level.count} of {n} is {true:.2f}%, and "
            f"{_no_denominator(allowed, cell.count, level.percent)}",
            (level.where,),
            RULE_PERCENT,
            (
                f"100 x {level.count} / {n} = {true:.3f}",
                f"whole denominators that give {level.percent}: {shown_range(allowed)}",
            ),
            (f"{level.percent} allows {interval(level.percent)}",),
            tuple(a for a in assumed[:1] if a),
            (
                column.evidence,
                f"denominators tried: {_listed(column.offered(cell))}",
                why,
            ),
            (level.count, level.percent),
        )
    )


def _no_denominator(allowed: range, count: int, percent: str) -> str:
    if not allowed:
        return f"{count} is {percent}% of no whole number of patients"
    return f"{percent}% would need {shown_range(allowed)} patients"


def _listed(sizes: Sequence[int]) -> str:
    shown = ", ".join(map(str, sizes[:12]))
    return f"{shown} and {len(sizes) - 12} more" if len(sizes) > 12 else shown
