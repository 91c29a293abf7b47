"""The arithmetic that a finding states, recomputed from its words alone.

Nothing of the checks is used: each sentence of a finding is taken apart by its grammar, and its
numbers are worked out again with fractions, or with SciPy where it names a test.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from scipy import stats

from oncohort.audit.finding import Finding
from oncohort.published.model import Level, Published

N = r"-?\d*\.?\d+(?:e[-+]?\d+)?"


def value(text: str) -> Fraction:
    return Fraction(text)


def unit(text: str) -> Fraction:
    decimals = len(text.split(".")[1]) if "." in text else 0
    return Fraction(1, 10**decimals)


def printed_as(text: str, true: Fraction | float) -> bool:
    """Whether a number was rounded to what is printed, whatever the digits."""
    if "e" in text or isinstance(true, float):
        shown = float(text)
        digits = len(re.sub(r"e.*|[-.]", "", text).lstrip("0")) or 1
        return math.isclose(shown, float(true), rel_tol=0.6 * 10 ** (1 - digits), abs_tol=1e-12)
    return abs(value(text) - true) <= unit(text) / 2 + Fraction(1, 10**9)


def span(percent: str) -> tuple[Fraction, Fraction]:
    """True values that may be printed so: half a unit below, or a whole one where it is cut off."""
    return value(percent) - unit(percent) / 2, value(percent) + unit(percent)


def is_share(count: int, n: int, percent: str) -> bool:
    low, high = span(percent)
    return n > 0 and count <= n and low <= Fraction(100 * count, n) <= high


def _tail(kind: str, numbers: list[float], x: float) -> float:
    x = abs(x)
    if kind == "t":
        return float(2 * stats.t.sf(x, numbers[0]))
    if kind == "z":
        return float(2 * stats.norm.sf(x))
    if kind == "F":
        return float(stats.f.sf(x, *numbers))
    if kind == "chi-squared":
        return float(stats.chi2.sf(x, numbers[0]))
    r = min(x, 1 - 1e-12)
    return float(2 * stats.t.sf(r * math.sqrt(numbers[0] / (1 - r * r)), numbers[0]))


# ---- one sentence each ---------------------------------------------------------------------


def _of_is(m: re.Match[str], _: Finding) -> bool:
    return printed_as(m[3], Fraction(100 * int(m[1]), int(m[2])))


def _sum(m: re.Match[str], _: Finding) -> bool:
    return sum(value(x) for x in m[1].split(" + ")) == value(m[2])


def _denominators(m: re.Match[str], f: Finding) -> bool:
    count = int(f.figures[0])
    if m[2] == "none":
        near = 100 * count / value(m[1]) if value(m[1]) else Fraction(0)
        return not any(is_share(count, n, m[1]) for n in range(1, int(near) + 3 + count))
    first, last = int(m[3]), int(m[4] or m[3])
    inside = all(is_share(count, n, m[1]) for n in {first, last, (first + last) // 2})
    before = first - 1 < max(count, 1) or not is_share(count, first - 1, m[1])
    return inside and before and (last >= 1_000_000 or not is_share(count, last + 1, m[1]))


def _allows(m: re.Match[str], _: Finding) -> bool:
    low, high = float(m[3]), float(m[4])
    at, step = float(m[2]), float(unit(m[2]))
    if m[1]:
        return low <= at <= high or math.isclose(at, high) or math.isclose(at, low)
    return low <= at <= high and at - low <= step * 1.001 and high - at <= step * 1.001


def _tried(m: re.Match[str], f: Finding) -> bool:
    """None of the denominators that are listed gives the percentage."""
    told = f.figures[:2]
    if f.id != "counts.percentage":
        return True
    return f.certainty.value == "unusual" or not any(
        is_share(int(told[0]), int(n), told[1]) for n in re.findall(r"\d+", m[1].split(" and ")[0])
    )


def _not_inside(m: re.Match[str], _: Finding) -> bool:
    return not value(m[1]) <= value(m[2]) <= value(m[3])


def _p_of(m: re.Match[str], _: Finding) -> bool:
    numbers = [float(x) for x in re.findall(N, m[2] or "")]
    x, step = abs(float(m[3])), float(unit(m[3]))  # cut or rounded: away from nought
    ends = sorted(_tail(m[1], numbers, max(v, 0.0)) for v in (x - step / 2, x, x + step))
    shown = [float(v) for v in (m[4], m[5] or m[4])]
    return 0.94 * ends[0] <= shown[0] <= shown[1] <= 1.06 * ends[-1] or shown[0] == ends[0] == 0


def _cross(m: re.Match[str], f: Finding) -> bool:
    a, b, c, d = (int(x) for x in f.figures[1:5])
    table = [[a, b], [c, d]]
    name, said = m[1], m[2]
    known: dict[str, Callable[[], float]] = {
        "chi-squared": lambda: float(stats.chi2_contingency(table, correction=False)[1]),
        "chi-squared with Yates's correction": lambda: float(stats.chi2_contingency(table)[1]),
        "likelihood ratio": lambda: float(
            stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")[1]
        ),
        "Fisher": lambda: float(stats.fisher_exact(table)[1]),
    }
    return name not in known or math.isclose(float(said), known[name](), rel_tol=2e-3)


def _backwards(m: re.Match[str], f: Finding) -> bool:
    counts = [int(x) for x in m[1].split(" / ")]
    n, total = int(m[2]), int(m[3])
    percents = f.figures[1::2]
    return sum(counts) == total and all(
        is_share(c, n, p) for c, p in zip(counts, percents, strict=True)
    )


def _as_if(m: re.Match[str], f: Finding) -> bool:
    """ "read from the percentages, the counts would be 175 / 20 of 500"."""
    return all(int(c) <= int(m[2]) for c in re.findall(r"\d+", m[1]))


def _order(m: re.Match[str], _: Finding) -> bool:
    return {">": value(m[1]) > value(m[3]), "<": value(m[1]) < value(m[3])}[m[2]]


def _side(m: re.Match[str], _: Finding) -> bool:
    return value(m[1]) < value(m[3]) if m[2] == "below" else value(m[1]) > value(m[3])


def _geometric(m: re.Match[str], f: Finding) -> bool:
    low, high = (float(x) for x in f.figures[1:3])
    middle = math.sqrt(low * high)
    return float(m[1]) <= middle * 1.001 and middle * 0.999 <= float(m[2])


GRAMMAR: tuple[tuple[str, Callable[[re.Match[str], Finding], bool]], ...] = (
    (r"(\d+) of (\d+) is ([\d.]+)%", _of_is),
    (r"100 x (\d+) / (\d+) = ([\d.]+)", _of_is),
    (r"(?<![\d.+] )((?:[\d.]+ \+ )+[\d.]+) = ([\d.]+)", _sum),
    (r"whole denominators that give ([\d.]+): (none|(\d+)(?: to (\d+))?)", _denominators),
    (rf"(?:^|p )([<>≤≥]?)({N}) allows ({N}) to ({N})", _allows),
    (r"denominators tried: ([\d, ]+(?: and \d+ more)?)", _tried),
    (rf"^({N}) <= ({N}) <= ({N}) does not hold", _not_inside),
    (
        rf"two-sided p of (t|z|F|r|chi-squared)(\([^)]*\))? = ({N}): ({N})(?: to ({N}))?",
        _p_of,
    ),
    (rf"^([A-Za-z' -]+(?:\(n - 1\))?(?:, [a-z-]+)?): p = ({N})$", _cross),
    (r"the percentages agree with ([\d/ ]+) of (\d+), which is (\d+)", _backwards),
    (r"the counts would be ([\d/, and]+) of (\d+)", _as_if),
    (rf"^({N}) ([<>]) ({N})$", _order),
    (rf"^({N}) is (below|above) ({N})$", _side),
    (rf"geometric mean of the bounds: ({N}) to ({N})", _geometric),
)


def sentences(finding: Finding) -> list[str]:
    return [
        finding.headline,
        *finding.arithmetic,
        *finding.intervals,
        *finding.readings,
    ]


def untrue(finding: Finding, published: Published | None = None) -> list[str]:
    """The sentences of a finding whose arithmetic doesn't hold."""
    out = []
    for text in sentences(finding):
        for pattern, holds in GRAMMAR:
            if holds is _cross and finding.id != "tests.cross":
                continue
            out += [
                f"{finding.id}: {text}" for m in re.finditer(pattern, text) if not holds(m, finding)
            ]
        if published is not None:
            out += [f"{finding.id}: {text}" for ok in _pairs(text, finding, published) if not ok]
    return out


def recomputed(finding: Finding) -> int:
    """How many of a finding's statements were worked out again."""
    return sum(
        len(re.findall(pattern, text)) for text in sentences(finding) for pattern, _ in GRAMMAR
    )


def _pairs(text: str, finding: Finding, published: Published) -> Iterator[bool]:
    """ "34 of the 35 pairs of this column are shares of 42", counted anew in what was read."""
    for m in re.finditer(r"(\d+) of the (\d+) pairs of this column are shares of (\d+)", text):
        place = (finding.quotes[0].table, finding.quotes[0].column)
        groups: dict[int, list[Level]] = {}
        for variable in published.variables:
            if (variable.where.table, variable.where.column) == place:
                groups.setdefault(variable.column, []).extend(variable.levels)
        for event in published.adverse_events:
            for g in event.grades:
                if (g.where.table, g.where.column) == place:
                    level = Level(event.term, g.count, g.percent, "", g.where)
                    groups.setdefault(-1 - event.group, []).append(level)
        counted = []
        for levels in groups.values():
            told = [x for x in levels if x.count and x.percent]
            good = [x for x in told if is_share(int(x.count), int(m[3]), x.percent)]
            counted.append((len(good), len(told)))
        yield (int(m[1]), int(m[2])) in counted
    for m in re.finditer(
        r"the levels add up to (\d+), and (\d+) of the (\d+) other levels are shares of that", text
    ):
        yield int(m[2]) <= int(m[3])
