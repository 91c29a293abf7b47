"""Printed test statistics and cross tables: is their p the one that follows from them?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from oncohort.audit.checks import binding
from oncohort.audit.checks.confirmed import ALONE, confirmed
from oncohort.audit.checks.cross_tables import CORRECTED, check_tables, printed_p
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, Test
from oncohort.published.rounding import Interval, interval, number, probability

RULE = (
    "A p-value follows from its statistic and degrees of freedom (statcheck: Nuijten and others, "
    "Behav Res Methods 2016;48:1205-1226)."
)
_PLAIN = frozenset({"t", "F", "chi2"})
"""Statistics printed with degrees of freedom, which nothing else is printed like."""
FAR_ALONE = 2.0
"""Factor between a p and the one that follows, where no other statistic shows how it is read."""


def check(published: Published, log: Log) -> None:
    """Recompute the p of every printed statistic and of every 2 x 2 table."""
    methods = binding.methods(published)
    sure, alone = _confirmed(published.tests)
    for test in published.tests:
        one = test.kind in alone and test.kind in _PLAIN
        _statistic(test, methods, (test.kind in sure, one), log)
    check_tables(published, methods, log)


# ---- statistic, degrees of freedom, p ---------------------------------------------------------


def p_range(test: Test) -> tuple[float, float] | None:
    """Least and greatest two-sided p that a printed statistic allows; None where unknown.

    Examples
    --------
    >>> low, high = p_range(Test("t", "2.10", ("40",), "0.042"))
    >>> round(low, 4), round(high, 4)
    (0.0412, 0.0425)
    """
    value = interval(test.statistic)
    frees = [f for f in map(_free, test.df) if f is not None]
    if value is None or len(frees) != len(test.df):
        return None
    tail = _tail(test.kind)
    if tail is None or len(frees) != {"t": 1, "F": 2, "chi2": 1, "z": 0, "r": 1}[test.kind]:
        return None
    ends = [float(value.low), float(value.high)]
    sizes = sorted(abs(e) for e in ends)
    if ends[0] < 0 < ends[1]:
        sizes[0] = 0.0
    if test.kind in {"F", "chi2"} and ends[1] < 0:
        return None
    corners: list[tuple[float, ...]] = [()]
    for free in frees:
        corners = [(*c, v) for c in corners for v in dict.fromkeys(free)]
    found = [tail(size, corner) for size in sizes for corner in corners]
    if any(math.isnan(p) for p in found):
        return None
    return min(found), max(found)


def _free(text: str) -> tuple[float, float] | None:
    """Degrees of freedom: whole ones are exact, others were rounded."""
    read, allowed = number(text), interval(text)
    if read is None or allowed is None or read.value <= 0:
        return None
    if read.whole:
        return float(read.value), float(read.value)
    return float(allowed.low), float(allowed.high)


def _tail(kind: str) -> Callable[[float, tuple[float, ...]], float] | None:
    from scipy.special import chdtrc, fdtrc, ndtr, stdtr

    def correlation(size: float, df: tuple[float, ...]) -> float:
        if size >= 1:
            return 0.0
        return float(2 * stdtr(df[0], -size * math.sqrt(df[0] / (1 - size * size))))

    return {
        "t": lambda x, df: float(2 * stdtr(df[0], -x)),
        "z": lambda x, df: float(2 * ndtr(-x)),
        "chi2": lambda x, df: float(chdtrc(df[0], x)),
        "F": lambda x, df: float(fdtrc(df[0], df[1], x)),
        "r": correlation,
    }.get(kind)


def _confirmed(tests: Sequence[Test]) -> tuple[frozenset[str], frozenset[str]]:
    """Kinds of statistics of which others in the paper have the p that follows; and those alone.

    Alone is a kind of which at most one p in the paper doesn't follow, and one at least does.

    A limit that is far above its p shows little; two p that are met closely show that the letter,
    the degrees of freedom and the two sides are those of the plain test.
    """
    follows: dict[str, list[bool]] = {}
    exact: dict[str, list[bool]] = {}
    for test in dict.fromkeys(tests):
        allowed, found = probability(test.p) if test.p else None, p_range(test)
        if allowed is not None and found is not None:
            meets = _meets(allowed, found)
            follows.setdefault(test.kind, []).append(meets)
            near = test.p[:1] not in "<>≤≥" or found[1] > float(allowed.high) / 10
            exact.setdefault(test.kind, []).append(meets and near)
    sure = frozenset(k for k, every in follows.items() if confirmed(every, exact[k]))
    alone = frozenset(k for k, v in follows.items() if v.count(False) <= 1 and any(exact[k]))
    return sure, alone


def _statistic(test: Test, methods: frozenset[str], shown: tuple[bool, bool], log: Log) -> None:
    allowed = probability(test.p) if test.p else None
    found = p_range(test)
    if allowed is None or found is None:
        return
    log.checked(test)
    if _meets(allowed, found):
        return
    low, high = float(allowed.low), float(allowed.high)
    far = low > FAR_ALONE * found[1] or high * FAR_ALONE < found[0]
    sure = shown[0] or (shown[1] and far)
    doubt = _other_p(test, allowed, found, methods) or ("" if sure else ALONE)
    alpha = (high < 0.05 < found[0]) or (found[1] < 0.05 < low)
    df = f"({', '.join(test.df)})" if test.df else ""
    name = {"chi2": "chi-squared"}.get(test.kind, test.kind)
    log.add(
        Finding(
            "tests.statistic",
            Certainty.UNUSUAL if doubt else Certainty.INCONSISTENT,
            f"{name}{df} = {test.statistic} gives p {_range(found)}, printed is p "
            f"{printed_p(test.p)}" + ("; the two are on either side of 0.05" if alpha else ""),
            (test.where,),
            RULE,
            (f"two-sided p of {name}{df} = {test.statistic}: {_range(found)}",),
            (f"{test.statistic} allows {interval(test.statistic)}", f"p {test.p} allows {allowed}"),
            (),
            (doubt,) if doubt else _TRIED,
            (test.statistic, *test.df, test.p),
        )
    )


_TRIED = (
    "tried and not the printed p: the one-sided p; a p cut to the least that programs print; a p "
    "with padded zeros",
    "where the paper names corrections for several tests, for sphericity, or tests of ranks or "
    "exact ones, what they could make of the p was allowed for",
)
CONTINUITY = 3.0
"""How much larger the exact or corrected p of a 2 x 2 table is than that of its chi-squared."""
RANKS = 5.0
"""An exact p of ranks or of a table is within this factor of the one from its statistic."""


def _meets(allowed: Interval, found: tuple[float, float]) -> bool:
    return found[0] <= float(allowed.high) and float(allowed.low) <= found[1]


def _other_p(
    test: Test, allowed: Interval, found: tuple[float, float], methods: frozenset[str]
) -> str:
    """What else than an error the printed p may be; empty if nothing is known that explains it."""
    quote = test.where.quote
    printed = _as_printed(test)
    if printed is not None and _meets(printed, found):
        return (
            "it is the p of the statistic, cut to the least that is printed, or with padded zeros"
        )
    halves = (found[0] / 2, found[1] / 2)
    one_degree = test.kind in {"chi2", "F"} and test.df[:1] == ("1",)
    if (test.kind in {"t", "z", "r"} or one_degree) and _meets(allowed, halves):
        return "it is the one-sided p"
    for other in _other_degrees(test):
        span = p_range(other)
        if span is not None and _meets(allowed, span):
            return "the number in brackets may be that of the patients, not the degrees of freedom"
    if test.kind == "F" and len(test.df) == 2:
        span = p_range(replace(test, df=test.df[::-1]))
        if span is not None and _meets(allowed, span):
            return "the two degrees of freedom may be printed in the other order"
    if test.kind in {"t", "F"} and _meets(allowed, _rounded_degrees(test)):
        return "the degrees of freedom may be rounded"
    if _one_digit(allowed, found, test):
        return "it is off by one in the last digit of p"
    if test.kind in {"z", "r"} and _RANKS.search(quote):
        return "the sentence names a test of ranks, whose p need not be that of the statistic"
    if test.kind == "z" and _NORMAL.search(quote):
        return "the statistic may be of a test of normality"
    if CORRECTED.search(quote):
        return "the sentence names a correction or another test"
    larger = float(allowed.low) > found[1]
    ratio = float(allowed.low) / found[1] if larger else found[0] / max(float(allowed.high), 1e-300)
    if test.kind == "F" and ("sphericity" in methods or larger) and _sphericity(test, allowed):
        return "p may be corrected for sphericity, as with repeated measures"
    if "multiplicity" in methods and larger and _several(test, allowed, found):
        return "the paper corrects for several tests or comparisons; that may explain it"
    if one_degree and test.kind == "chi2" and larger and ratio < CONTINUITY:
        return "p may be of Fisher's test, or corrected for continuity, beside a plain statistic"
    if "resampling" in methods and ratio < RANKS:
        return "the paper has p-values by resampling, which need not be those of the statistic"
    if methods & {"ranks", "exact"} and test.kind in {"z", "r", "chi2"} and ratio < RANKS:
        return (
            "the paper has tests of ranks or exact tests, whose p need not be that of the statistic"
        )
    return ""


_NORMAL = re.compile(r"kolmogorov|smirnov|shapiro|lilliefors|normality|normal(?:ly)? distrib", re.I)


_RANKS = re.compile(
    r"wilcoxon|mann[- –]whitney|rank[- ]sum|signed[- ]rank|spearman|kendall|kruskal|\bexact\b", re.I
)


def _one_digit(allowed: Interval, found: tuple[float, float], test: Test) -> bool:
    """Whether p is as printed but for one unit of its last digit, on the same side of 0.05."""
    read = number(test.p)
    if read is None or not read.exact or read.value == 0:
        return False
    unit = float(read.unit)
    low, high = float(allowed.low), float(allowed.high)
    return found[0] <= high + unit and low - unit <= found[1] and (low < 0.05) == (found[0] < 0.05)


def _rounded_degrees(test: Test) -> tuple[float, float]:
    """The p if the last number of degrees of freedom was rounded to a whole one."""
    last = test.df[-1]
    if not last.isdigit() or int(last) < 2:
        return 2.0, 2.0
    ends = (f"{last}.49", f"{int(last) - 1}.51")
    spans = [p_range(replace(test, df=(*test.df[:-1], end))) for end in ends]
    known = [span for span in spans if span is not None]
    return (min(s[0] for s in known), max(s[1] for s in known)) if known else (2.0, 2.0)


def _other_degrees(test: Test) -> list[Test]:
    """The statistic with the degrees of freedom that it has if the number is that of patients.

    Correlations lose more with what they are adjusted for, or with pairs that are missing.
    """
    if len(test.df) != 1:
        return []
    df = int(float(test.df[0]))
    if test.kind == "r":
        tried: Sequence[int] = [df + k for k in range(-6, 3) if k]
    elif test.kind == "t":
        tried = [df - 1, df - 2]
    elif test.kind == "chi2" and df >= _MANY_DEGREES:
        tried = range(1, _MANY_DEGREES)
    else:
        return []
    return [replace(test, df=(str(max(d, 1)),)) for d in tried]


_MANY_DEGREES = 10
"""More degrees of freedom than a table of counts has as a rule."""


def _as_printed(test: Test) -> Interval | None:
    """The p with room for how programs print it: cut off at 0.001, zeros padded, rounded limits."""
    read = number(test.p)
    if read is None:
        return None
    if read.relation in {"<", "<=", ">", ">="}:
        half = read.unit / 2 if read.value else read.unit
        below = read.relation in {"<", "<="}
        zero, one = Fraction(0), Fraction(1)
        return Interval(zero, read.value + half) if below else Interval(read.value - half, one)
    if read.value == read.unit <= Fraction(1, 1000):
        return Interval(Fraction(0), read.value + read.unit)
    printed = _STATED_P.findall(test.where.quote)
    if all(p.endswith("0") for p in printed) and test.p.endswith("0") and "." in test.p:
        return probability(test.p.rstrip("0"))
    return None


_STATED_P = re.compile(r"\bp\s*=\s*(0?\.\d+)", re.I)


def _sphericity(test: Test, allowed: Interval) -> bool:
    """Whether degrees of freedom that a correction for sphericity makes smaller give the p.

    Both are multiplied by the same factor, between one over the first and one.
    """
    try:
        first, second = (float(d) for d in test.df)
    except ValueError:
        return False
    if first <= 1:
        return False
    steps = [1 / first + k * (1 - 1 / first) / 20 for k in range(21)]
    spans = [p_range(replace(test, df=(f"{first * e:.6f}", f"{second * e:.6f}"))) for e in steps]
    found = [span for span in spans if span is not None]
    return bool(found) and _meets(
        allowed, (min(low for low, _ in found), max(high for _, high in found))
    )


def _several(test: Test, allowed: Interval, found: tuple[float, float]) -> bool:
    """Whether a correction for several tests may have made the p so much larger."""
    low, high = float(allowed.low), float(allowed.high)
    if test.kind in {"t", "z"}:
        return low <= 100 * found[1]
    return any(found[0] * k <= high and low <= found[1] * k for k in range(2, 31))


def _range(found: tuple[float, float]) -> str:
    a, b = f"{found[0]:.2g}", f"{found[1]:.2g}"
    return a if a == b else f"{a} to {b}"
