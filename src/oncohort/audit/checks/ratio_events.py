"""The interval of a hazard ratio against the events that are printed beside it.

See ``docs/audit-mathematics.md`` for the proof.
"""

from __future__ import annotations

import math

from oncohort.audit.checks import binding
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
    methods = binding.methods(published)
    for ratio in published.ratios:
        if ratio.kind == "HR" and ratio.low and ratio.high and len(ratio.events) == 2:
            _interval(ratio, methods, log)


def _interval(ratio: Ratio, methods: frozenset[str], log: Log) -> None:
    low, high = interval(ratio.low), interval(ratio.high)
    z = COVERED_LEVELS.get(ratio.confidence or "95")
    if low is None or high is None or z is None or low.low <= 0 or high.high <= low.low:
        return
    if not all(d.isdigit() and int(d) > 0 for d in ratio.events):
        return
    first, second = map(int, ratio.events)
    log.checked(ratio)
    widest = math.log(float(high.high) / float(low.low)) / (2 * z)
    floor = smallest_se(first, second)
    if widest >= floor * (1 - 1e-9):
        return
    outside = sorted(methods & OUTSIDE)
    level = ratio.confidence or "95"
    endpoint = f", {ratio.endpoint}" if ratio.endpoint else ""
    log.add(
        Finding(
            "cox.events",
            Certainty.UNUSUAL if outside else Certainty.IMPOSSIBLE_IF,
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
            (f"methods that the bound does not cover: {', '.join(outside)}",) if outside else (),
            (ratio.estimate, ratio.low, ratio.high, *ratio.events),
        )
    )
