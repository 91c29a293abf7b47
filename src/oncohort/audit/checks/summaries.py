"""Means, standard deviations, medians and ranges that no set of values can have."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from oncohort.audit.checks.confirmed import ALONE, confirmed
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.dataclass import dataclass
from oncohort.published.model import Continuous, Published, Where
from oncohort.published.rounding import Interval, interval, number

RULE_ORDER = "A median or mean lies between the least and the greatest value."
RULE_GRIM = (
    "The mean of n whole numbers is a whole number divided by n (GRIM: Brown and Heathers, Soc "
    "Psychol Personal Sci 2017;8:363-369)."
)
RULE_GRIMMER = (
    "The sum of squares of n whole numbers is a whole number, odd where their sum is odd "
    "(GRIMMER: Anaya, PeerJ Preprints 2016;4:e2400v1; Allard 2018)."
)
RULE_DEBIT = (
    "The standard deviation of a yes/no variable follows from its mean: sqrt(m (1 - m) n/(n - 1)) "
    "(DEBIT: Heathers and Brown, 2019)."
)
RULE_SD = (
    "With values between a and b, both of which occur, the standard deviation has a least and a "
    "greatest possible value (Bhatia and Davis, Am Math Mon 2000;107:353-357)."
)
RULE_MEAN_MEDIAN = (
    "Mean and median are no further apart than one standard deviation (with divisor n; Hotelling "
    "and Solomons, Ann Math Stat 1932;3:141-142)."
)
_WHOLE = re.compile(
    r"\b(?:number of|no\. of|cycles?|lesions|(?:lymph )?nodes|lines of|metastases|visits|doses|"
    r"courses|fractions|children|pregnancies|comorbidities)\b",
    re.I,
)
_NOT_WHOLE = re.compile(r"\b(?:per|rate|ratio|index|density|mg|months?|years?|weeks?|size)\b", re.I)
_BINARY = re.compile(r"\(0\s*/\s*1\)|\b(?:yes\s*=\s*1|dummy|binary|indicator)\b", re.I)
_THOUSANDS = (1000, Fraction(1, 1000))
_LARGE = 100_000
_MISSING = 0.2
"""Share of the values that may be missing from a column without a word."""
_MANY = 1_000
"""With more whole sums than this behind one printed mean, some sum of squares always fits."""


def check(published: Published, log: Log) -> None:
    """Check every mean, standard deviation, median and range."""
    for one in published.summaries:
        log.checked(one)
        _order(one, published.summaries, log)
        _whole_numbers(one, published, log)
        _binary(one, log)
    pairs = list(_joined(published.summaries))
    for pair in pairs:
        for finding in _broken(pair):
            doubts = () if _shown(pair, pairs) else (JOINED,)
            log.add(replace(
                finding,
                certainty=Certainty.UNUSUAL if doubts else finding.certainty,
                readings=(*finding.readings, *doubts),
            ))  # fmt: skip


# ---- order --------------------------------------------------------------------------------


def _order(one: Continuous, every: Sequence[Continuous], log: Log) -> None:
    stated = _disorder(one)
    if not stated:
        return
    others = [
        not _disorder(x)
        for x in every
        if x is not one and x.where.table == one.where.table and _read(x.low) and _read(x.high)
    ]
    named = one.spread in {"range", "quartiles"}
    certainty = Certainty.IMPOSSIBLE if named else Certainty.INCONSISTENT
    shown = named or confirmed(others)
    log.add(
        Finding(
            "summaries.order",
            certainty if shown else Certainty.UNUSUAL,
            f"{one.name}: {stated}",
            (one.where,),
            RULE_ORDER,
            (),
            tuple(
                f"{t} allows {interval(t)}" for t in (one.median, one.mean, one.low, one.high) if t
            ),
            readings=(
                f"its {one.spread} is named as such"
                if named
                else "others in its place lie inside their bounds"
                if shown
                else ALONE,
            ),
            figures=tuple(t for t in (one.median, one.mean, one.low, one.high) if t),
        )
    )


def _disorder(one: Continuous) -> str:
    """What is wrong with a median or mean and its bounds; empty if nothing is."""
    low, high = _read(one.low), _read(one.high)
    if low is None or high is None:
        return ""
    what = {"range": "range", "quartiles": "quartiles", "interval": "interval"}.get(
        one.spread, "bounds"
    )
    stated = ""
    if low.low > high.high:
        # Some print a range from the best value to the worst ("Karnofsky 90 (100-60)").
        low, high = high, low
    for name, text in (("median", one.median), ("mean", one.mean)):
        value = _read(text)
        if value is None or stated:
            continue
        if name == "mean" and one.spread != "range":
            continue
        if value.high < low.low or value.low > high.high:
            if _in_thousands(text, one):
                return ""
            stated = f"the {name} {text} is outside its {what}, {one.low} to {one.high}"
    return stated


def _in_thousands(text: str, one: Continuous) -> bool:
    """Whether a point may part thousands ("1.204 (350-5.600)"), or the bounds be in thousands."""
    three = [_read(re.sub(r"^(\d{1,3})\.(\d{3})$", r"\1\2", t)) for t in (text, one.low, one.high)]
    found = [x for x in (_read(text), _read(one.low), _read(one.high), *three) if x is not None]
    if len(found) != 6:
        return False
    value, low, high, plain, least, most = found
    if least.low <= plain.high and plain.low <= most.high:
        return True
    return any(low.low <= f * value.high and f * value.low <= high.high for f in _THOUSANDS)


def _read(text: str) -> Interval | None:
    return interval(text) if text else None


# ---- GRIM and GRIMMER ---------------------------------------------------------------------


def grim(mean: str, n: int) -> bool:
    """Whether a mean of n whole numbers can be printed so.

    Examples
    --------
    >>> grim("3.47", 17), grim("3.45", 17)
    (True, False)
    """
    allowed = interval(mean)
    return allowed is None or next(_sums(allowed, n), None) is not None


def _sums(mean: Interval, n: int) -> Iterator[int]:
    """Whole sums that a mean allows."""
    yield from range(math.ceil(mean.low * n), math.floor(mean.high * n) + 1)


def grimmer(mean: str, sd: str, n: int) -> bool:
    """Whether n whole numbers can have this mean and standard deviation (divisor n - 1 or n).

    Examples
    --------
    >>> grimmer("3.44", "0.69", 18), grimmer("3.44", "2.48", 18)
    (False, True)
    """
    middle, spread = interval(mean), interval(sd)
    if middle is None or spread is None or n < 2 or (middle.high - middle.low) * n > _MANY:
        return True
    low, high = max(spread.low, Fraction(0)), spread.high
    for total in _sums(middle, n):
        for divisor in (n - 1, n):
            least = low * low * divisor + Fraction(total * total, n)
            most = high * high * divisor + Fraction(total * total, n)
            first = math.ceil(least)
            # Squares are as odd as the numbers, so their sum is as odd as the sum.
            first += (first - total) % 2
            if first <= most:
                return True
    return False


def _whole_numbers(one: Continuous, published: Published, log: Log) -> None:
    counted = bool(_WHOLE.search(one.name)) and not _NOT_WHOLE.search(one.name)
    if not (one.whole or counted) or not one.mean or not one.n.isdigit() or int(one.n) < 2:
        return
    sizes = {int(one.n)}
    sizes |= {int(p.n) for p in published.populations if p.n.isdigit() and 2 <= int(p.n) <= _LARGE}
    sizes = {n for n in sizes if n <= int(one.n)}
    n = int(one.n)
    # Some values may be missing, without a word about it.
    least = max(2, math.ceil(n * (1 - _MISSING)))
    sizes |= set(range(least, n + 1)) if n <= _LARGE else set()
    if not any(grim(one.mean, size) for size in sizes):
        rule, text, name = RULE_GRIM, f"mean {one.mean}", "summaries.grim"
        allowed = interval(one.mean)
        total = math.floor(allowed.low * n) if allowed else 0
        lines = tuple(f"{t} / {n} = {t / n:.5f}" for t in (total, total + 1))
    elif one.sd and not any(grimmer(one.mean, one.sd, size) for size in sizes):
        rule, text, name = RULE_GRIMMER, f"mean {one.mean} with SD {one.sd}", "summaries.grimmer"
        lines = ()
    else:
        return
    # Ages are often worked out in days, so whole years are an assumption too far to be loud.
    sure = counted and not one.whole
    assumption = f"the values are whole numbers, and at least {least} of {n} are known"
    log.add(
        Finding(
            name,
            Certainty.IMPOSSIBLE_IF if sure else Certainty.UNUSUAL,
            f"{one.name}: {text} is impossible if {assumption}",
            (one.where,),
            rule,
            lines,
            tuple(f"{t} allows {interval(t)}" for t in (one.mean, one.sd) if t),
            (assumption,) if sure else (),
            (f"sizes tried: every one from {least} to {n}, and those that the paper states",),
            tuple(t for t in (one.mean, one.sd) if t),
        )
    )


# ---- DEBIT --------------------------------------------------------------------------------


def debit(mean: str, sd: str, n: int) -> bool:
    """Whether n values of 0 and 1 can have this mean and standard deviation.

    Examples
    --------
    >>> debit("0.30", "0.46", 40), debit("0.30", "0.35", 40)
    (True, False)
    """
    middle, spread = interval(mean), interval(sd)
    if middle is None or spread is None or n < 2:
        return True
    for ones in _sums(middle, n):
        if not 0 <= ones <= n:
            continue
        square = Fraction(ones * (n - ones), n)
        for divisor in (n - 1, n):
            if max(spread.low, Fraction(0)) ** 2 <= square / divisor <= spread.high**2:
                return True
    return False


def _binary(one: Continuous, log: Log) -> None:
    if not (_BINARY.search(one.name) and one.mean and one.sd and one.n.isdigit()):
        return
    if debit(one.mean, one.sd, int(one.n)):
        return
    assumption = f"all {one.n} values are 0 or 1, and none is missing"
    log.add(
        Finding(
            "summaries.debit",
            Certainty.IMPOSSIBLE_IF,
            f"{one.name}: mean {one.mean} with SD {one.sd} is impossible if {assumption}",
            (one.where,),
            RULE_DEBIT,
            (),
            tuple(f"{t} allows {interval(t)}" for t in (one.mean, one.sd)),
            (assumption,),
            (),
            (one.mean, one.sd),
        )
    )


# ---- standard deviation within a range, mean beside median -----------------------------------


@dataclass(frozen=True, slots=True)
class _Joined:
    """Mean and SD beside the range or the median of the same variable."""

    name: str
    n: int
    mean: str
    sd: str
    median: str
    low: str
    high: str
    where: tuple[Where, ...]


def _joined(summaries: tuple[Continuous, ...]) -> Iterator[_Joined]:
    groups: dict[tuple[str, str, str], list[Continuous]] = {}
    for one in summaries:
        groups.setdefault((one.where.table, one.where.column, one.name.lower()), []).append(one)
    for group in groups.values():
        means = [s for s in group if s.mean and s.sd]
        ranges = [s for s in group if s.spread == "range" and s.low and s.high]
        medians = [s for s in group if s.median]
        if len(means) != 1 or len(ranges) > 1 or len(medians) > 1:
            continue
        base = means[0]
        if not base.n.isdigit() or int(base.n) < 2 or not (ranges or medians):
            continue
        yield _Joined(
            base.name,
            int(base.n),
            base.mean,
            base.sd,
            medians[0].median if medians else "",
            ranges[0].low if ranges else "",
            ranges[0].high if ranges else "",
            tuple(dict.fromkeys(s.where for s in (*means, *ranges, *medians))),
        )


def greatest_sd(n: int, mean: float, low: float, high: float) -> float:
    """Greatest standard deviation (divisor n - 1) of n values with this mean between the bounds.

    Examples
    --------
    >>> round(greatest_sd(10, 50.0, 40.0, 60.0), 3)
    10.541
    """
    if n < 2 or not low <= mean <= high:
        return math.inf
    return math.sqrt((mean - low) * (high - mean) * n / (n - 1))


def least_sd(n: int, width: float) -> float:
    """Least standard deviation (divisor n) of n values whose range is so wide.

    The two ends alone give squares of at least half the squared width about any mean.

    Examples
    --------
    >>> round(least_sd(10, 20.0), 3)
    4.472
    """
    return max(width, 0.0) / math.sqrt(2 * n)


JOINED = (
    "no two other pairs of rows in the table, and the same rows in other columns, show that both "
    "rows are of one variable"
)


_BESIDE = 200
"""Pairs of rows of one table that are looked at together."""


def _shown(pair: _Joined, pairs: Sequence[_Joined]) -> bool:
    """Whether the table shows that two of its rows are of one variable.

    Two rows of different variables that were read as one break in every column. So the same pair of
    rows has to hold in all other columns, and two pairs at least in the same table.
    """
    near = [p for p in pairs if p is not pair and p.where[0].table == pair.where[0].table]
    near = near[:_BESIDE]
    hold = [next(_broken(p), None) is None for p in near]
    same = [h for p, h in zip(near, hold, strict=True) if p.name.lower() == pair.name.lower()]
    return all(same) and confirmed(hold)


def _broken(pair: _Joined) -> Iterator[Finding]:
    """What is impossible about a mean and SD beside a range or a median of the same patients."""
    mean, sd = interval(pair.mean), interval(pair.sd)
    if mean is None or sd is None:
        return
    if pair.low and pair.high:
        low, high = interval(pair.low), interval(pair.high)
        if low is not None and high is not None:
            yield from _within_range(pair, mean, sd, low, high)
    middle = interval(pair.median) if pair.median else None
    if middle is None:
        return
    apart = max(mean.low - middle.high, middle.low - mean.high, Fraction(0))
    if apart > sd.high:
        yield Finding(
            "summaries.mean-median",
            Certainty.IMPOSSIBLE,
            f"{pair.name}: mean {pair.mean} and median {pair.median} are further apart than "
            f"the SD {pair.sd}",
            pair.where,
            RULE_MEAN_MEDIAN,
            (f"{float(apart):.4g} > {float(sd.high):.4g}",),
            tuple(f"{t} allows {interval(t)}" for t in (pair.mean, pair.median, pair.sd)),
            figures=(pair.mean, pair.median, pair.sd),
        )


def _within_range(
    pair: _Joined, mean: Interval, sd: Interval, low: Interval, high: Interval
) -> Iterator[Finding]:
    a, b = float(low.low), float(high.high)
    lo, hi = max(float(mean.low), a), min(float(mean.high), b)
    if lo > hi:
        stated = f"the mean {pair.mean} is outside the range {pair.low} to {pair.high}"
        lines: tuple[str, ...] = ()
    else:
        # (mean - a)(b - mean) is greatest nearest the middle of the range.
        top = min(max((a + b) / 2, lo), hi)
        greatest = greatest_sd(pair.n, top, a, b)
        least = least_sd(pair.n, float(high.low - low.high))
        slack = 1e-9 * max(1.0, greatest)
        if float(sd.low) > greatest + slack:
            stated = (
                f"SD {pair.sd} is larger than any with mean {pair.mean} in "
                f"{pair.low} to {pair.high}"
            )
            lines = (f"greatest possible: {greatest:.4g}",)
        elif float(sd.high) < least - slack:
            stated = f"SD {pair.sd} is smaller than any with range {pair.low} to {pair.high}"
            lines = (f"least possible with {pair.n} values: {least:.4g}",)
        else:
            return
    yield Finding(
        "summaries.sd-range",
        Certainty.IMPOSSIBLE_IF,
        f"{pair.name}: {stated}: impossible if both are of the same {pair.n} patients",
        pair.where,
        RULE_SD,
        lines,
        tuple(f"{t} allows {interval(t)}" for t in (pair.mean, pair.sd, pair.low, pair.high) if t),
        (f"mean, SD and range are of the same {pair.n} patients",),
        (),
        tuple(t for t in (pair.mean, pair.sd, pair.low, pair.high) if number(t)),
    )
