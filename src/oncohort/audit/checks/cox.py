"""Hazard ratio, p and group sizes: the closed-form bounds on what a Cox model can print.

See ``docs/audit-mathematics.md`` for the proofs.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from oncohort.audit.checks import binding
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.dataclass import dataclass
from oncohort.published.model import Published, Ratio, Where
from oncohort.published.rounding import interval, probability

RULE = (
    "In any Cox partial likelihood (one or more covariates, Breslow, Efron or exact ties, strata) "
    "the standard error of the log hazard ratio of a two-level covariate is at least "
    "sqrt(1/d1 + 1/d0), d1 and d0 the events on either side, hence at least "
    "sqrt(1/n1 + 1/n0); and the likelihood-ratio chi-squared is at most (log HR)^2 d / 4."
)
OUTSIDE = frozenset(
    {"weights", "robust", "penalised", "time-varying", "interaction", "imputation", "frailty",
     "competing", "bootstrap", "one-sided"}
)  # fmt: skip
_SLACK = 1e-9
COVERED_LEVELS = {"90": 1.6448536269514722, "95": 1.959963984540054, "99": 2.5758293035489004}


def z_of(p: float) -> float:
    """Normal quantile of a two-sided p; the library's own (Wichura's AS 241), light to load."""
    if p <= 0:
        return math.inf
    return -NormalDist().inv_cdf(p / 2) if p < 2 else -math.inf


def p_of(z: float) -> float:
    """Two-sided p of a normal quantile."""
    return math.erfc(z / math.sqrt(2))


def largest_log_ratio(estimate: str) -> float | None:
    """Largest |log HR| that a printed hazard ratio allows; None if it allows zero or less."""
    allowed = interval(estimate)
    if allowed is None or allowed.low <= 0:
        return None
    return max(abs(math.log(allowed.low)), abs(math.log(allowed.high)))


def largest_se(estimate: str, p: str) -> float | None:
    """Largest standard error that a printed hazard ratio and Wald p allow; None if unbounded.

    Examples
    --------
    >>> round(largest_se("1.8", "0.12"), 3)
    0.424
    """
    size = largest_log_ratio(estimate)
    allowed = probability(p)
    if size is None or allowed is None or allowed.high >= 1 or allowed.high <= 0:
        return None
    return size / z_of(float(allowed.high))


def smallest_se(first: int, second: int) -> float:
    """Smallest standard error with groups of these sizes, whatever the events.

    Examples
    --------
    >>> round(smallest_se(6, 36), 3)
    0.441
    """
    return math.sqrt(1 / first + 1 / second)


def smallest_wald_p(estimate: str, first: int, second: int) -> float | None:
    """Smallest Wald p that a hazard ratio can have with groups of these sizes.

    Examples
    --------
    >>> round(smallest_wald_p("1.13", 14, 28), 2)
    0.69
    """
    size = largest_log_ratio(estimate)
    return None if size is None else p_of(size / smallest_se(first, second))


def smallest_likelihood_p(estimate: str, events: int) -> float | None:
    """Smallest likelihood-ratio p that a hazard ratio can have with so many events at most.

    Examples
    --------
    >>> round(smallest_likelihood_p("1.13", 42), 2)
    0.67
    """
    size = largest_log_ratio(estimate)
    return None if size is None else p_of(size * math.sqrt(events) / 2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the bounds say of one printed pair under one reading of the group sizes."""

    groups: binding.Groups
    wald: float
    likelihood: float
    p_high: float

    @property
    def wald_impossible(self) -> bool:
        return self.p_high < self.wald * (1 - _SLACK)

    @property
    def likelihood_impossible(self) -> bool:
        return self.p_high < self.likelihood * (1 - _SLACK)


def judge(ratio: Ratio, groups: binding.Groups) -> Verdict | None:
    """Bounds for one pair; None where the figures don't allow any."""
    allowed = probability(ratio.p)
    wald = smallest_wald_p(ratio.estimate, groups.first, groups.second)
    likelihood = smallest_likelihood_p(ratio.estimate, groups.n) if groups.everybody else 0.0
    if allowed is None or wald is None or likelihood is None:
        return None
    return Verdict(groups, wald, likelihood, float(allowed.high))


def check(published: Published, log: Log) -> None:
    """Check every hazard ratio whose contrast is bound to groups of known sizes."""
    paper = binding.groupings(published)
    methods = binding.methods(published)
    judged: list[tuple[Ratio, binding.Bound, list[Verdict]]] = []
    for ratio in published.ratios:
        if ratio.kind != "HR":
            continue
        bound = binding.bind(ratio, published, paper)
        if bound is None:
            continue
        if ratio.low and ratio.high and len(ratio.events) != 2:
            # With events beside it, the sharper bound of `ratio_events` is the one to tell.
            check_interval(ratio, bound, methods, log)
        if not ratio.p:
            continue
        verdicts = [v for v in (judge(ratio, g) for g in bound.readings) if v is not None]
        if len(verdicts) == len(bound.readings):
            log.checked(ratio)
            judged.append((ratio, bound, verdicts))
    by_table: dict[str, list[bool]] = {}
    for ratio, _, verdicts in judged:
        by_table.setdefault(ratio.where.table, []).append(all(v.wald_impossible for v in verdicts))
    for ratio, bound, verdicts in judged:
        if not all(v.wald_impossible for v in verdicts) or ratio.test == "log-rank":
            continue
        hits = by_table[ratio.where.table]
        systematic = len(hits) >= 4 and 2 * sum(hits) > len(hits)
        outside = sorted(methods & OUTSIDE)
        if "log-rank" in methods and ratio.model != "multivariable" and not ratio.test:
            outside.append("log-rank")
        _report(ratio, bound, verdicts, outside, systematic, log)


def check_interval(
    ratio: Ratio, bound: binding.Bound, methods: frozenset[str], log: Log, doubt: str = ""
) -> None:
    """A Wald interval narrower than groups of these sizes allow.

    ``doubt`` says why the sizes may not be those of the ratio; then it is *unusual* at most.
    """
    low, high = interval(ratio.low), interval(ratio.high)
    z = COVERED_LEVELS.get(ratio.confidence or "95")
    if low is None or high is None or z is None or low.low <= 0 or high.high <= low.low:
        return
    if not doubt:
        log.checked(ratio)
    widest = math.log(float(high.high) / float(low.low)) / (2 * z)
    floors = [smallest_se(g.first, g.second) for g in bound.readings]
    if widest >= min(floors) * (1 - _SLACK):
        return
    outside = sorted(methods & OUTSIDE)
    side = _sides(bound)
    model = f"{ratio.model} " if ratio.model else ""
    endpoint = f"{ratio.endpoint} " if ratio.endpoint else ""
    log.add(
        Finding(
            _rule("cox.interval", bound),
            Certainty.UNUSUAL if outside or doubt else Certainty.IMPOSSIBLE_IF,
            f"{ratio.variable} ({ratio.contrast}), {model}{endpoint}HR {ratio.estimate} "
            f"({ratio.low}-{ratio.high}): impossible if this is a {ratio.confidence or '95'}% Wald "
            f"interval of a Cox model (any ties) and the groups are {side}: it is too narrow",
            _places(ratio, bound),
            RULE,
            (
                f"largest standard error that the interval allows: {widest:.4f}",
                f"smallest possible with groups of {side}: {min(floors):.4f}",
            ),
            (f"{ratio.low} allows {low}", f"{ratio.high} allows {high}"),
            (
                f"the interval is a {ratio.confidence or '95'}% Wald interval",
                f"the groups are {side} ({bound.readings[0].reading})",
                "a Cox model without case weights, robust variance or penalty",
            ),
            (
                "all patients were taken to have had the event, which is the most that the bound "
                "allows",
                *(
                    (f"methods that the bound does not cover: {', '.join(outside)}",)
                    if outside
                    else ()
                ),
                *((doubt,) if doubt else ()),
            ),
            (ratio.estimate, ratio.low, ratio.high),
        )
    )


def _rule(name: str, bound: binding.Bound) -> str:
    """The rule's name: what rests on the number of all patients alone is measured apart."""
    return "cox.all" if bound.readings[0].best_split else name


def _places(ratio: Ratio, bound: binding.Bound) -> tuple[Where, ...]:
    """The row of the ratio, and where the sizes stand, each once."""
    return tuple(dict.fromkeys((ratio.where, *(x.where for x in bound.variable.levels))))


def _sides(bound: binding.Bound) -> str:
    return " or ".join(dict.fromkeys(str(g) for g in bound.readings))


def _report(
    ratio: Ratio,
    bound: binding.Bound,
    verdicts: list[Verdict],
    outside: list[str],
    systematic: bool,
    log: Log,
) -> None:
    worst = min(verdicts, key=lambda v: v.wald)
    both = all(v.likelihood_impossible for v in verdicts)
    tests = "Wald or likelihood-ratio" if both else "Wald"
    kind = f"{ratio.model} " if ratio.model else ""
    endpoint = f"{ratio.endpoint} " if ratio.endpoint else ""
    side = _sides(bound)
    readings = [
        "log-rank and score p-values are not covered: with tied times they can be smaller",
        "all patients were taken to have had the event, which is the most that the bound allows",
    ]
    if outside:
        readings.append(
            f"the paper names methods that the bound does not cover: {', '.join(outside)}"
        )
    if systematic:
        readings.append(
            "most pairs of this table break the bound: its p-values may be of another test"
        )
    log.add(
        Finding(
            _rule("cox.bound", bound),
            Certainty.UNUSUAL if outside or systematic else Certainty.IMPOSSIBLE_IF,
            f"{ratio.variable}, {kind}{endpoint}HR {ratio.estimate} with p {_p(ratio.p)}: "
            "impossible if "
            f"this is a two-sided {tests} p of a Cox model (any ties) and the groups are {side}: "
            f"p could not be below {worst.wald:.2g} (Wald)"
            + (f" or {worst.likelihood:.2g} (likelihood ratio)" if both else ""),
            _places(ratio, bound),
            RULE,
            _bounds(ratio, worst),
            (
                f"{ratio.estimate} allows {interval(ratio.estimate)}",
                f"{ratio.p} allows {probability(ratio.p)}",
            ),
            (
                f"the p-value is a two-sided {tests} p",
                f"the groups are {side} ({bound.readings[0].reading})",
                "a Cox model without case weights, robust variance or penalty; "
                "the covariate has two levels and does not change in time",
            ),
            tuple(readings),
            (ratio.estimate, ratio.p),
        )
    )


def _bounds(ratio: Ratio, worst: Verdict) -> tuple[str, ...]:
    """What the estimate and p ask of the standard error, and what the groups allow."""
    groups = worst.groups
    size = largest_log_ratio(ratio.estimate) or 0.0
    se = largest_se(ratio.estimate, ratio.p)
    lines = [
        f"log HR at most {size:.4f}; p at most {worst.p_high:g}, so z at least "
        f"{z_of(worst.p_high):.4f}",
        f"largest standard error that the two allow: {se:.4f}" if se is not None else "",
        f"smallest possible with groups of {groups.first} and {groups.second}: "
        f"sqrt(1/{groups.first} + 1/{groups.second}) = "
        f"{smallest_se(groups.first, groups.second):.4f}",
        f"smallest Wald p that HR {ratio.estimate} can have: {worst.wald:.4g}",
        f"smallest likelihood-ratio p with at most {groups.n} events: {worst.likelihood:.4g}"
        if worst.likelihood > 0
        else "",
    ]
    return tuple(line for line in lines if line)


def _p(text: str) -> str:
    return text if text[:1] in "<>≤≥" else f"= {text}"
