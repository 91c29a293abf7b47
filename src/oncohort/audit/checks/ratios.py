"""Ratios with intervals and p-values: inside, symmetric, and of one mind."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from oncohort.audit.checks import binding
from oncohort.audit.checks.confirmed import ALONE, enough
from oncohort.audit.checks.cox import p_of, z_of
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, PValue, Ratio
from oncohort.published.rounding import Interval, interval, number, probability

RULE_INSIDE = "An estimate lies within its own confidence interval."
RULE_SYMMETRIC = (
    "Wald intervals of ratios are symmetric on the log scale: the estimate is the geometric mean "
    "of its bounds."
)
RULE_P = (
    "A Wald p-value follows from the estimate and its interval: SE = log(high / low) / (2 z), "
    "p = 2 Phi(-|log estimate| / SE) (Altman and Bland, BMJ 2011;343:d2304)."
)
RULE_WORDS = "A result called significant has a p-value below the level that the paper uses."
_ODD = frozenset(
    {
        "robust",
        "penalised",
        "bootstrap",
        "imputation",
        "one-sided",
        "competing",
        "likelihood",
        "pooled",
    }
)
_Z = {"90": 1.6448536269514722, "95": 1.959963984540054, "99": 2.5758293035489004}


def check(published: Published, log: Log) -> None:
    """Check every ratio that has an interval or a p-value, and p-values on their own."""
    methods = binding.methods(published)
    others = _other_p(published.ratios)
    holding = _holding(published.ratios)
    together: dict[str, list[Ratio]] = {}
    for ratio in published.ratios:
        together.setdefault(ratio.where.quote, []).append(ratio)
    for ratio in published.ratios:
        if ratio.low and ratio.high:
            _inside(ratio, holding, log)
            _symmetric(ratio, log)
            if ratio.p:
                apart = methods | ({"pooled"} if _column(ratio) in others else set())
                _agree(ratio, together[ratio.where.quote], frozenset(apart), log)
        if ratio.p:
            _zero(ratio, log)
    for stated in published.p_values:
        _words(stated, log)


def _column(ratio: Ratio) -> tuple[str, str]:
    return ratio.where.table, ratio.where.column


def _other_p(ratios: Sequence[Ratio]) -> frozenset[tuple[str, str]]:
    """Columns of tables whose p-values are hardly those of their ratios.

    Of three or more with an interval, a third or more don't follow from it, or fewer than two do:
    the p may be of heterogeneity, of a trend or of the counts.
    """
    hits: dict[tuple[str, str], list[bool]] = {}
    for ratio in ratios:
        printed, span = probability(ratio.p) if ratio.p else None, _p_range(ratio)
        if ratio.where.table and printed is not None and span is not None:
            low, high = float(printed.low), float(printed.high)
            meets = high >= 0.8 * span[0] and low <= 1.25 * span[1]
            hits.setdefault(_column(ratio), []).append(meets)
    return frozenset(
        column
        for column, meets in hits.items()
        if 3 * sum(meets) < 2 * len(meets) or sum(meets) < 2
    )


def _bounds(ratio: Ratio) -> tuple[Interval, Interval, Interval] | None:
    estimate, low, high = interval(ratio.estimate), interval(ratio.low), interval(ratio.high)
    if estimate is None or low is None or high is None:
        return None
    return estimate, low, high


def _name(ratio: Ratio) -> str:
    subject = ratio.variable or "a ratio in the text"
    level = f" ({ratio.contrast})" if ratio.contrast else ""
    kind = f", {ratio.model} {ratio.endpoint}".rstrip() if ratio.model or ratio.endpoint else ""
    return f"{subject}{level}{kind.rstrip(',')}"


def _show(ratio: Ratio) -> str:
    return f"{ratio.kind} {ratio.estimate} ({ratio.low}-{ratio.high})"


def _outside(ratio: Ratio) -> str:
    """What is wrong with a ratio and its interval; empty if nothing is."""
    three = _bounds(ratio)
    if three is None:
        return ""
    estimate, low, high = three
    if _placeholder(ratio):
        return ""
    if low.low > high.high:
        return "the bounds are in the wrong order"
    outside = estimate.high < low.low or estimate.low > high.high
    return "the estimate lies outside" if outside else ""


def _placeholder(ratio: Ratio) -> bool:
    """Whether bounds stand for nothing: both are zero, or those of the reference, which is 1."""
    read = [number(x) for x in (ratio.estimate, ratio.low, ratio.high)]
    if any(r is None for r in read):
        return False
    estimate, low, high = (r.value for r in read if r is not None)
    own = bool(_REFERENCE.search(f"{ratio.where.row} {ratio.where.quote[:60]} {ratio.level}"))
    return low == high == 0 or (estimate == 1 and (own or low == high))


_REFERENCE = re.compile(r"\bref(?:erence|erent|\.)?\b|\bbaseline category", re.I)


def _holding(ratios: Sequence[Ratio]) -> dict[str, tuple[int, int]]:
    """By table ("" is the text): how many ratios lie inside their intervals, and of how many."""
    every: dict[str, dict[tuple[str, str, str], bool]] = {}
    for ratio in ratios:
        if _bounds(ratio) is not None:
            figures = (ratio.estimate, ratio.low, ratio.high)
            every.setdefault(ratio.where.table, {})[figures] = not _outside(ratio)
    return {table: (sum(found.values()), len(found)) for table, found in every.items()}


def _inside(ratio: Ratio, holding: dict[str, tuple[int, int]], log: Log) -> None:
    if _bounds(ratio) is None:
        return
    log.checked(ratio)
    wrong = _outside(ratio)
    if not wrong:
        return
    inside, of = holding[ratio.where.table]
    # "1.68 (1199-2358)": the bounds have lost their points, or are those of something else.
    sure = enough(inside, of - 1)
    bare = "." in ratio.estimate and not any("." in x for x in (ratio.low, ratio.high))
    log.add(
        Finding(
            "ratios.inside",
            Certainty.UNUSUAL if bare or not sure else Certainty.INCONSISTENT,
            f"{_name(ratio)}: {_show(ratio)}: {wrong}",
            (ratio.where,),
            RULE_INSIDE,
            (f"{ratio.low} <= {ratio.estimate} <= {ratio.high} does not hold",),
            tuple(f"{x} allows {interval(x)}" for x in (ratio.low, ratio.estimate, ratio.high)),
            (),
            (
                "the bounds are printed without a point: it may be lost, or they belong elsewhere"
                if bare
                else "which of the three figures is misprinted can't be told",
                "other ratios here lie inside their intervals" if sure else ALONE,
            ),
            (ratio.estimate, ratio.low, ratio.high),
        )
    )


def _symmetric(ratio: Ratio, log: Log) -> None:
    """Far off the geometric mean of the bounds: a misprinted bound, or another kind of interval."""
    three = _bounds(ratio)
    if three is None or min(x.low for x in three) <= 0:
        return
    estimate, low, high = ((float(x.low), float(x.high)) for x in three)
    if low[0] > high[1] or estimate[1] < low[0] or estimate[0] > high[1]:
        return
    middle = (math.log(low[0] * high[0]) / 2, math.log(low[1] * high[1]) / 2)
    stated = (math.log(estimate[0]), math.log(estimate[1]))
    gap = max(middle[0] - stated[1], stated[0] - middle[1], 0.0)
    width = math.log(high[1] / low[0])
    if gap <= 0.1 * width:
        return
    log.add(
        Finding(
            "ratios.symmetric",
            Certainty.UNUSUAL,
            f"{_name(ratio)}: {_show(ratio)} is not symmetric on the log scale",
            (ratio.where,),
            RULE_SYMMETRIC,
            (
                f"geometric mean of the bounds: {math.exp(middle[0]):.3f} to "
                f"{math.exp(middle[1]):.3f}; printed: {ratio.estimate}",
            ),
            tuple(f"{x} allows {interval(x)}" for x in (ratio.low, ratio.estimate, ratio.high)),
            (),
            ("profile-likelihood, exact and bootstrap intervals need not be symmetric",),
            (ratio.estimate, ratio.low, ratio.high),
        )
    )


def _p_range(ratio: Ratio) -> tuple[float, float] | None:
    """Least and greatest Wald p that the printed estimate and interval allow."""
    three = _bounds(ratio)
    z = _Z.get(ratio.confidence or "95")
    if three is None or z is None or three[1].low <= 0 or three[0].low <= 0:
        return None
    estimate, low, high = ((float(x.low), float(x.high)) for x in three)
    narrow = math.log(high[0] / low[1]) / (2 * z) if high[0] > low[1] else 0.0
    wide = math.log(high[1] / low[0]) / (2 * z)
    logs = (abs(math.log(estimate[0])), abs(math.log(estimate[1])))
    far = max(logs)
    near = 0.0 if estimate[0] <= 1 <= estimate[1] else min(logs)
    if narrow <= 0 or wide <= 0:
        return None
    return p_of(far / narrow), p_of(near / wide)


def _agree(ratio: Ratio, ratios: Sequence[Ratio], methods: frozenset[str], log: Log) -> None:
    """p against the interval, with a wide margin, since p may be of another test.

    ``ratios``: those of the same sentence or row.
    """
    printed = probability(ratio.p)
    span = _p_range(ratio)
    three = _bounds(ratio)
    if printed is None or span is None or three is None:
        return
    log.checked(ratio)
    low, high = float(printed.low), float(printed.high)
    if high >= span[0] and low <= span[1]:
        return
    excludes = three[1].low > 1 or three[2].high < 1
    includes = three[1].high < 1 < three[2].low
    crossed = (excludes and low > 0.05 and ratio.confidence in {"", "95"}) or (
        includes and high < 0.05 and ratio.confidence in {"", "95"}
    )
    # How far apart the two are, in standard errors.
    z_stated = (z_of(max(high, 1e-300)), z_of(max(low, 1e-300)))
    z_span = (z_of(max(span[1], 1e-300)), z_of(max(span[0], 1e-300)))
    distance = max(z_stated[0] - z_span[1], z_span[0] - z_stated[1], 0.0)
    distance = min(distance, _most_apart(ratio, ratios, methods))
    if distance > 1.5 and crossed:
        certainty = Certainty.INCONSISTENT
    elif distance > 0.3 or crossed:
        certainty = Certainty.UNUSUAL
    else:
        return
    log.add(
        Finding(
            "ratios.p",
            certainty,
            f"{_name(ratio)}: {_show(ratio)} has a Wald p of {span[0]:.2g} to {span[1]:.2g}, "
            f"but p is printed as {ratio.p}",
            (ratio.where,),
            RULE_P,
            (
                f"from the interval: z between {z_span[0]:.2f} and {z_span[1]:.2f}; from p: "
                "between "
                f"{z_stated[0]:.2f} and {z_stated[1]:.2f}",
                "the interval "
                + ("excludes" if excludes else "includes" if includes else "touches")
                + " 1",
            ),
            (
                *(f"{x} allows {interval(x)}" for x in (ratio.low, ratio.estimate, ratio.high)),
                f"{ratio.p} allows {printed}",
            ),
            ("a Wald interval and a two-sided p",),
            (
                "log-rank, score, likelihood-ratio and one-sided p differ from Wald p, but not so "
                "far and across 5%"
                if certainty is Certainty.INCONSISTENT
                else "a log-rank, score, likelihood-ratio or one-sided p may explain it",
            ),
            (ratio.estimate, ratio.low, ratio.high, ratio.p),
        )
    )


def _most_apart(ratio: Ratio, ratios: Sequence[Ratio], methods: frozenset[str]) -> float:
    """The distance that may be said: less where the p may be of another test or question."""
    if _lopsided(ratio):
        return 0.0
    if ratio.test in {"log-rank", "likelihood-ratio"} or methods & _ODD:
        return 0.0
    if "log-rank" in methods and ratio.model != "multivariable" and not ratio.test:
        # A hazard ratio of a Cox model beside the p of a log-rank test: with tied times the two
        # may be far apart.
        return 0.0
    if any(r is not ratio and r.p == ratio.p for r in ratios):
        # One p after several ratios of a sentence or a row is of the factor.
        return 1.0
    if not ratio.where.table and (_other_p_stated(ratio, ratios) or _excludes_one(ratio)):
        # Beside an interval without 1, a larger p of a sentence is often that of a trend.
        return 1.0
    if ratio.where.table and not ratio.binary and ratio.reference:
        # The p beside the first level of a factor may be that of the whole factor.
        return 1.0
    return math.inf


def _excludes_one(ratio: Ratio) -> bool:
    three = _bounds(ratio)
    return three is not None and (three[1].low > 1 or three[2].high < 1)


_OF_OTHER = re.compile(
    r"inferior|equivalen|interaction|\btrend|heterogene|linear|between[- ]group|overall p\b", re.I
)


def _other_p_stated(ratio: Ratio, ratios: Sequence[Ratio]) -> bool:
    """Whether the p of a sentence may be of another question than whether its ratio is 1.

    The sentence says so, or a second one of its p doesn't follow from its ratio either.
    """
    if _OF_OTHER.search(ratio.where.quote):
        return True
    for other in ratios:
        if other is ratio or not other.p:
            continue
        printed, span = probability(other.p), _p_range(other)
        if printed is None or span is None:
            continue
        if float(printed.high) < 0.8 * span[0] or float(printed.low) > 1.25 * span[1]:
            return True
    return False


def _lopsided(ratio: Ratio) -> bool:
    three = _bounds(ratio)
    if three is None:
        return True
    estimate, low, high = ((float(x.low), float(x.high)) for x in three)
    middle = (math.log(low[0] * high[0]) / 2, math.log(low[1] * high[1]) / 2)
    return not (
        middle[0] - 0.02 <= math.log(estimate[1]) and math.log(estimate[0]) <= middle[1] + 0.02
    )


def _zero(ratio: Ratio, log: Log) -> None:
    read = number(ratio.p)
    if read is None or not read.exact or read.value != 0:
        return
    log.add(
        Finding(
            "ratios.p-zero",
            Certainty.UNUSUAL,
            f"{_name(ratio)}: p is printed as {ratio.p}; no p-value is zero",
            (ratio.where,),
            "A p-value is above zero; print it as less than the last digit.",
            figures=(ratio.p,),
        )
    )


def _words(stated: PValue, log: Log) -> None:
    allowed = probability(stated.p)
    if allowed is None or stated.significant is None:
        return
    log.checked(stated)
    if stated.significant and float(allowed.low) > 0.1:
        log.add(
            Finding(
                "ratios.words",
                Certainty.UNUSUAL,
                f"{stated.subject}: called significant with p {stated.p}",
                (stated.where,),
                RULE_WORDS,
                (f"{stated.p} is above 0.1",),
                (f"{stated.p} allows {allowed}",),
                readings=("the sentence may speak of more than one result",),
                figures=(stated.p,),
            )
        )
