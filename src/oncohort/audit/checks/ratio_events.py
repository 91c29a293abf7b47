"""The interval of a hazard ratio against the events that are printed beside it.

See ``docs/audit-mathematics.md`` for the proof.
"""

from __future__ import annotations

import math

from oncohort.audit.checks import binding
from oncohort.audit.checks.confirmed import ALONE, enough
from oncohort.audit.checks.cox import COVERED_LEVELS, OUTSIDE, smallest_se
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, Ratio
from oncohort.published.rounding import interval

RULE = (
    "In any Cox partial likelihood the standard error of the log hazard ratio of a two-level "
    "covariate is at least sqrt(1/d1 + 1/d0), d1 and d0 the events on either side, and so at least "
    "2/sqrt(d) with d events."
)


def check(published: Published, log: Log) -> None:
    """Check every hazard ratio whose row, or the row above it, prints the events of both sides."""
    outside = sorted(binding.methods(published) & OUTSIDE)
    found = [(r, errors) for r in published.ratios if (errors := _errors(r)) is not None]
    log.checked(*(ratio for ratio, _ in found))
    for ratio, errors in found:
        if not _holds(*errors):
            table = [_holds(*e) for r, e in found if r.where.table == ratio.where.table]
            sure = enough(sum(table), len(table) - 1)
            _report(ratio, errors, outside, "" if sure else ALONE, log)


def _errors(ratio: Ratio) -> tuple[float, float] | None:
    """Largest standard error that the interval allows, and the smallest that the events do."""
    low, high = interval(ratio.low), interval(ratio.high)
    z = COVERED_LEVELS.get(ratio.confidence or "95")
    if ratio.kind != "HR" or len(ratio.events) != 2 or low is None or high is None or z is None:
        return None
    if low.low <= 0 or high.high <= low.low:
        return None
    if not all(d.isdigit() and int(d) > 0 for d in ratio.events):
        return None
    widest = math.log(float(high.high) / float(low.low)) / (2 * z)
    return widest, smallest_se(*map(int, ratio.events))


def _holds(widest: float, floor: float) -> bool:
    return widest >= floor * (1 - 1e-9)


def _report(
    ratio: Ratio, errors: tuple[float, float], outside: list[str], doubt: str, log: Log
) -> None:
    widest, floor = errors
    first, second = map(int, ratio.events)
    low, high = interval(ratio.low), interval(ratio.high)
    level = ratio.confidence or "95"
    endpoint = f", {ratio.endpoint}" if ratio.endpoint else ""
    log.add(
        Finding(
            "cox.events",
            Certainty.UNUSUAL if outside or doubt else Certainty.IMPOSSIBLE_IF,
            f"{ratio.variable}{endpoint}: HR {ratio.estimate} ({ratio.low}-{ratio.high}) is "
            f"impossible if it is a {level}% Wald interval of a Cox model of the {first} and "
            f"{second} events printed with it: it is too narrow",
            (ratio.where,),
            RULE,
            (
                f"largest standard error that the interval allows: {widest:.4f}",
                f"smallest possible: sqrt(1/{first} + 1/{second}) = {floor:.4f}",
            ),
            (f"{ratio.low} allows {low}", f"{ratio.high} allows {high}"),
            (
                f"the interval is a {level}% Wald interval",
                f"the model is of the {first} and {second} events",
                "a Cox model without case weights, robust variance or penalty",
            ),
            (
                *(
                    (f"methods that the bound does not cover: {', '.join(outside)}",)
                    if outside
                    else ()
                ),
                *((doubt,) if doubt else ()),
            ),
            (ratio.estimate, ratio.low, ratio.high, *ratio.events),
        )
    )
