"""Values outside the bounds that their sentence, or their table, names as theirs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import product

from oncohort.audit import judged
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Bounded, Published
from oncohort.published.rounding import interval, number
from oncohort.vocabulary.times import DAYS_PER_UNIT

RULE = (
    "A value lies within its own confidence interval and its own range, a median within its own "
    "quartiles, whatever is measured."
)
LEAST = 4
"""Other cells of a column of a table that have to lie inside their bounds."""
FEW = "too few other cells of its column show that the brackets hold its bounds"
_NAMES = {"interval": "confidence interval", "range": "range", "quartiles": "quartiles"}
_POWERS = (100, 0.01, 1000, 0.001, 10**4, 10**-4, 10**6, 10**-6)
"""Between shares and percentages, thousands, and rates per so many."""
_SAME_ERROR = frozenset({"ratios.inside", "times.inside", "proportions.inside", "summaries.order"})


def check(published: Published, log: Log) -> None:
    """Check every value that has bounds of its own, in a sentence or in a cell."""
    shown = _shown(published.bounded)
    for each in published.bounded:
        log.checked(each)
        if not _outside(each):
            continue
        finding = _finding(each, "" if _column(each) in shown else FEW)
        figures = {each.value, each.low, each.high}
        same = [
            f
            for f in log.findings
            if f.id in _SAME_ERROR
            and figures <= set(f.figures)
            and any(q.quote == each.where.quote for q in f.quotes)
        ]
        if not same:
            log.add(finding)
        elif _better(finding, same):
            log.instead(same[0], finding)


def _better(finding: Finding, same: Sequence[Finding]) -> bool:
    """Is a finding surer than those of other rules of the same figures, or told aloud alone?"""
    if finding.certainty is Certainty.UNUSUAL:
        return False
    doubted = all(f.certainty is Certainty.UNUSUAL for f in same)
    return doubted or (_aloud(finding) and not any(map(_aloud, same)))


def _aloud(finding: Finding) -> bool:
    known = judged.table().get(finding.id)
    return finding.certainty is not Certainty.UNUSUAL and known is not None and known.aloud


def _outside(each: Bounded) -> str:
    """What is wrong with a value and its bounds; empty if nothing is."""
    value, low, high = (interval(x) for x in (each.value, each.low, each.high))
    if value is None or low is None or high is None:
        return ""
    if low.low > high.high:
        return "the limits are in the wrong order"
    if value.high < low.low:
        return f"{each.value} is below {each.low}"
    return f"{each.value} is above {each.high}" if value.low > high.high else ""


def _column(each: Bounded) -> tuple[str, str]:
    return each.where.table, each.where.column if each.where.section == "table" else ""


def _shown(bounded: Sequence[Bounded]) -> frozenset[tuple[str, str]]:
    """Columns of tables of which enough cells lie inside, and sentences, which need no others."""
    told: dict[tuple[str, str], list[bool]] = {}
    for each in bounded:
        told.setdefault(_column(each), []).append(not _outside(each))
    return frozenset(
        column
        for column, inside in told.items()
        if not column[1] or (sum(inside) >= LEAST and 10 * sum(inside) >= 9 * (len(inside) - 1))
    )


def _finding(each: Bounded, unconfirmed: str) -> Finding:
    wrong, doubt = _outside(each), unconfirmed or _doubt(each)
    named = "sentence" if each.where.section != "table" else "table"
    return Finding(
        # A ratio is a number without a unit or a sign, so less can be misread of it.
        "ratios.inside" if each.kind == "ratio" else "bounds.inside",
        Certainty.UNUSUAL if doubt else Certainty.INCONSISTENT,
        f"{each.value}{_space(each.unit)} with its {_NAMES[each.spread]} "
        f"{each.low} to {each.high}{_space(each.unit_of_bounds)}: {wrong}",
        (each.where,),
        RULE,
        (f"{each.low} <= {each.value} <= {each.high} does not hold",),
        tuple(f"{x} allows {interval(x)}" for x in (each.low, each.value, each.high)),
        (),
        (
            doubt
            or f"the {named} names the limits as those of this value; which of the figures is "
            "misprinted can't be told",
        ),
        (each.value, each.low, each.high),
    )


def _space(unit: str) -> str:
    return unit if unit in {"", "%"} else f" {unit}s" if unit in _TIMES else f" {unit}"


_TIMES = {unit.rstrip("s"): days for unit, days in DAYS_PER_UNIT.items()}


def _doubt(each: Bounded) -> str:
    """What else than an error it may be; empty if nothing says so."""
    value, low, high = (float(number(x).value) for x in (each.value, each.low, each.high))  # type: ignore[union-attr]
    if each.unit and each.unit_of_bounds and each.unit != each.unit_of_bounds:
        return "the value and its limits are in different units"
    signs = {x.startswith("-") for x in (each.value, each.low, each.high)}
    signed = True in signs
    if each.kind != "ratio" and high <= value <= low:
        return "only the order of the limits is another"
    if len(signs) > 1 and _of_another_sign(value, low, high):
        return "one of the figures may be meant with another sign"
    if each.unclear:
        return "a dash may be a sign, or part two figures"
    if each.kind == "change" and not signed and value < low and -low <= value <= high:
        return "the lower limit of a difference may have lost its sign"
    return _scaled(each, value, low, high)


def _of_another_sign(value: float, low: float, high: float) -> bool:
    """Whether the value is inside without signs or with turned ones: "-40 (20 to 55)"."""
    one, two = sorted((abs(low), abs(high)))
    turned = sorted((-low, -high))
    return (
        one <= abs(value) <= two
        or turned[0] <= value <= turned[1]
        or sorted((low, -high))[0] <= value <= sorted((low, -high))[1]
        or sorted((-low, high))[0] <= value <= sorted((-low, high))[1]
    )


def _scaled(each: Bounded, value: float, low: float, high: float) -> str:
    """Whether the value is inside in another unit or on another scale."""
    ratio = each.kind == "ratio"
    if not ratio and any(low <= value * k <= high for k in _POWERS):
        return "the value may be printed per another number than its limits"
    named = {each.unit, each.unit_of_bounds} - {""}
    if each.spread != "interval" or named & set(_TIMES):
        for one in _TIMES.values():
            for other in _TIMES.values():
                factor = one / other
                if factor != 1 and low <= value * factor * 1.02 and value * factor * 0.98 <= high:
                    return f"the value may be in another unit than its limits: times {factor:.3g}"
    if _grouped(each):
        return "a point may part thousands, or have been a comma that does"
    bare = "." in each.value and not re.search(r"\.", each.low + each.high)
    if bare and each.spread == "interval" and value < 20 and high > 100:
        return "the limits are printed without a point: it may be lost"
    percents = (100 * (value - 1), 100 * (1 - value))
    if each.unit_of_bounds == "%" != each.unit and any(low <= x <= high for x in percents):
        return "the limits may be those of the change in percent"
    if not ratio and _on_another_scale(value, low, high):
        return "the value may be a logarithm, or a change in percent beside the limits of a ratio"
    return ""


_PARTED = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def _grouped(each: Bounded) -> bool:
    """Whether the value is inside if a point parts thousands in some of the figures."""
    texts = (each.value, each.low, each.high)
    read = [{float(x), float(x) * (1000 if _PARTED.fullmatch(x) else 1)} for x in texts]
    return any(low <= value <= high for value, low, high in product(*read))


def _on_another_scale(value: float, low: float, high: float) -> bool:
    tried = [1 + value / 100, 1 - value / 100]
    if abs(value) < 20:
        tried.append(math.exp(value))
    if value > 0:
        tried.append(math.log(value))
    return any(low <= x <= high for x in tried)
