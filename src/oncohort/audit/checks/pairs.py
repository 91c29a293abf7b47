"""What the checks of counts share: which denominators fit, and which the paper offers."""

from __future__ import annotations

from fractions import Fraction

from oncohort.published.model import Level, Published
from oncohort.published.rounding import interval, number

RULE_PERCENT = (
    "A percentage is 100 x count / denominator, rounded half up, half to even, or cut off; every "
    "whole denominator was tried."
)


def sizes_of(published: Published) -> list[int]:
    """Every number of patients that the paper names, largest first."""
    return sorted({int(p.n) for p in published.populations if p.n.isdigit()}, reverse=True)


def fits(level: Level, n: int, slack: Fraction = Fraction(0)) -> bool:
    """Whether a count and its percentage agree with a denominator, give or take a slack.

    ``slack`` is in units of the last printed digit.
    """
    allowed = interval(level.percent)
    if allowed is None or n <= 0 or int(level.count) > n:
        return False
    read = number(level.percent)
    extra = slack * (read.unit if read else 1)
    return allowed.low - extra <= Fraction(100 * int(level.count), n) <= allowed.high + extra


def implied(level: Level, n: int) -> int | None:
    """The one count that a percentage of n patients means; None if there are several."""
    allowed = interval(level.percent)
    if allowed is None:
        return None
    hits = [k for k in range(n + 1) if allowed.low <= Fraction(100 * k, n) <= allowed.high]
    return hits[0] if len(hits) == 1 else None
