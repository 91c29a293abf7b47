"""Printed intervals of proportions against every standard method."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from oncohort.audit.checks.confirmed import ALONE, confirmed
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Landmark, Published, Rate
from oncohort.published.rounding import Interval, could_be, interval, number

RULE_INSIDE = "A proportion lies inside its own confidence interval."
RULE = (
    "The interval of a proportion follows from its count and denominator by one of the standard "
    "methods (Brown, Cai and DasGupta, Stat Sci 2001;16:101-133): {methods}."
)
SLACK = Fraction(3, 20)
"""Percentage points beyond the last digit's unit that programs and tables differ by."""
CLEAR = 1.0
"""Percentage points from every method that are said aloud; less is *unusual*."""


def check(published: Published, log: Log) -> None:
    """Check every rate that is printed with an interval."""
    stated: list[Rate | Landmark] = [*published.rates, *published.landmarks]
    every = [x for x in stated if x.low and x.high and x.percent]
    holds = [_holds(x) for x in every]
    shown = confirmed(holds)
    for each, inside in zip(every, holds, strict=True):
        log.checked(each)
        if not inside:
            _outside(each, shown, log)
        elif isinstance(each, Rate) and interval(each.percent) is not None:
            _by_any_method(each, published, log)


def _holds(rate: Rate | Landmark) -> bool:
    """Whether a percentage lies inside its interval, or is beside one of fractions."""
    ranges = [interval(t) for t in (rate.percent, rate.low, rate.high)]
    if any(r is None for r in ranges):
        return True
    value, low, high = (r for r in ranges if r is not None)
    if low.low <= value.high and value.low <= high.high and low.low <= high.high:
        return True
    # "56.6% (0.45 to 0.70)"
    share = high.high <= 1 < value.low
    return share and low.low <= value.high / 100 and value.low / 100 <= high.high


def _outside(rate: Rate | Landmark, shown: bool, log: Log) -> None:
    name = rate.kind if isinstance(rate, Rate) else f"{rate.endpoint} at {rate.time} {rate.unit}"
    log.add(
        Finding(
            "proportions.inside",
            Certainty.INCONSISTENT if shown else Certainty.UNUSUAL,
            f"{name} {rate.percent}% is outside its own interval, {rate.low} to {rate.high}",
            (rate.where,),
            RULE_INSIDE,
            (),
            tuple(f"{t} allows {interval(t)}" for t in (rate.percent, rate.low, rate.high)),
            (),
            ("other proportions lie inside their intervals" if shown else ALONE,),
            (rate.percent, rate.low, rate.high),
        )
    )


def _candidates(rate: Rate, published: Published) -> tuple[list[tuple[int, int]], bool]:
    """Counts and denominators that the rate may be of, and whether they are printed with it."""
    if rate.count.isdigit() and rate.denominator.isdigit():
        return [(int(rate.count), int(rate.denominator))], True
    sizes = {int(p.n) for p in published.populations if p.n.isdigit()}
    sizes |= {int(v.n) for v in published.variables if v.n.isdigit()}
    for response in published.responses:
        if response.n.isdigit():
            sizes.add(int(response.n))
            not_evaluable = sum(
                int(x.count) for x in response.levels if x.label == "NE" and x.count.isdigit()
            )
            sizes.add(int(response.n) - not_evaluable)
    out = []
    for n in sorted(s for s in sizes if 0 < s <= 100_000):
        near = round(float(number(rate.percent).value) * n / 100)  # type: ignore[union-attr]
        around = (x for x in (near - 1, near, near + 1) if 0 <= x <= n)
        out += [(x, n) for x in around if could_be(x, n, rate.percent)]
    return out, False


def distance(x: int, n: int, method: str, level: float, low: Interval, high: Interval) -> float:
    """Percentage points by which a method's bounds miss the printed ones; 0 where they agree."""
    from oncohort.stats.proportions import proportion

    found = proportion(x, n, method, level=level)
    worst = 0.0
    for value, allowed in ((found.low, low), (found.high, high)):
        # A Wald interval is printed as it comes, or cut at 0 and 100.
        percent = 100 * value
        cut = min(max(percent, 0.0), 100.0)
        miss = min(
            max(float(allowed.low) - v, v - float(allowed.high), 0.0) for v in (percent, cut)
        )
        worst = max(worst, miss)
    return worst


def _by_any_method(rate: Rate, published: Published, log: Log) -> None:
    from oncohort.stats.proportions import METHODS

    low, high = _widened(rate.low), _widened(rate.high)
    pairs, printed = _candidates(rate, published)
    pairs = [(x, n) for x, n in pairs if x <= n and n > 0]
    if low is None or high is None or not pairs:
        return
    if printed and not could_be(*pairs[0], rate.percent):
        return
    stated = number(rate.confidence) if rate.confidence else None
    levels = (
        [float(stated.value) / 100]
        if stated is not None and 50 < stated.value < 100
        else [0.90, 0.95, 0.99]
    )
    best = min(
        distance(x, n, method, level, low, high)
        for x, n in pairs
        for method in METHODS
        # Where all or none responded, a one-sided bound is often given.
        for level in (*levels, *(2 * v - 1 for v in levels if x in {0, n}))
    )
    if best > 0:
        bound = printed or (rate.population == "cohort" and len(pairs) == 1)
        level = levels[0] if len(levels) == 1 else 0.95
        log.add(_no_method(rate, pairs, level, best, sure=best > CLEAR and bound))


def _widened(text: str) -> Interval | None:
    """What a printed bound allows, and half a unit and the slack on either side."""
    allowed, read = interval(text), number(text)
    if allowed is None or read is None:
        return None
    more = read.unit / 2 + SLACK
    return Interval(allowed.low - more, allowed.high + more)


def _no_method(
    rate: Rate, pairs: Sequence[tuple[int, int]], level: float, best: float, *, sure: bool
) -> Finding:
    from oncohort.stats.proportions import METHODS, proportion

    x, n = pairs[0]
    shown = proportion(x, n, level=level)
    names = ", ".join(METHODS.values())
    assumption = f"this is a {100 * shown.level:g}% interval of {x} of {n} by any of {names}"
    return Finding(
        "proportions.interval",
        Certainty.IMPOSSIBLE_IF if sure else Certainty.UNUSUAL,
        f"{rate.kind} {rate.percent}% ({rate.low} to {rate.high}): "
        + ("impossible if " if sure else "it is not as if ")
        + assumption
        + f" (Clopper-Pearson: {100 * shown.low:.1f} to {100 * shown.high:.1f})",
        (rate.where,),
        RULE.format(methods=names),
        tuple(
            f"{label}: {100 * got.low:.2f} to {100 * got.high:.2f}"
            for method, label in METHODS.items()
            for got in [proportion(x, n, method, level=shown.level)]
        ),
        tuple(f"{t} allows {interval(t)}" for t in (rate.low, rate.high)),
        (assumption,) if sure else (),
        (
            "counts and denominators tried: " + ", ".join(f"{a} of {b}" for a, b in pairs),
            f"the nearest method still misses by {best:.1f} points",
            "intervals adjusted for a two-stage design or clusters are not covered",
        ),
        (rate.percent, rate.low, rate.high),
    )
