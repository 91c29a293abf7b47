"""Counts in sentences: does any denominator give the percentage?"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from oncohort.audit.checks import binding
from oncohort.audit.checks.fraction_doubts import doubt
from oncohort.audit.checks.pairs import (
    RULE_PERCENT,
    all_padded,
    bare,
    fits,
    in_tens,
    near_any,
    rounds_to_whole,
    sizes_of,
)
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Count, Level, Published, Where
from oncohort.published.rounding import denominators, interval, number

_DIGITS = 9
"""Counts with more digits are no counts of patients."""
_LARGE = 10_000_000
_BESIDE = 100
"""Counts of one sentence that are looked at together."""
_SIZE = "the second number is no number of patients elsewhere"
_SPREAD = re.compile(
    r"\bCVs?\b|coefficients? of variation|\bgeometric\b|\bAUC|\bC ?max|\bclearance\b|"
    r"half-li(?:fe|ves)|\bconcentrations?\b|\brelative standard deviation"
)
_OWN_SECTIONS = frozenset({"abstract", "methods", "results", "legend"})


def check(published: Published, log: Log) -> None:
    """Check every count with a percentage in a sentence."""
    sizes = sizes_of(published)
    methods = binding.methods(published)
    held = _held(published)
    told = {*sizes, *held}
    beside: dict[Where, list[Count]] = {}
    for each in published.counts:
        if each.percent and each.role != "row" and len(each.count) <= _DIGITS:
            beside.setdefault(each.where, []).append(each)
    for stated in published.counts:
        if not stated.percent or not stated.count or stated.role == "row":
            continue
        log.checked(stated)
        if len(stated.count) > _DIGITS or len(stated.denominator) > _DIGITS:
            continue
        count = int(stated.count)
        level = Level("", stated.count, stated.percent, stated.denominator, stated.where)
        siblings = [
            Level("", c.count, c.percent, c.denominator)
            for c in beside[stated.where][:_BESIDE]
            if c is not stated
        ]
        if stated.denominator.isdigit() and int(stated.denominator) > 0:
            if count > int(stated.denominator):
                odd = doubt(stated, level, siblings, methods, told)
                _more_than_all(stated, odd, sizes, held, log)
            else:
                _explicit(stated, level, siblings, methods, told, log)
            continue
        if count == 0 or not stated.own or stated.where.section not in _OWN_SECTIONS:
            continue
        if denominators(count, stated.percent):
            continue
        certainty, why = _certainty(stated, level, siblings, sizes)
        _stated(stated, certainty, why, log)


def _held(published: Published) -> set[int]:
    """Denominators of fractions whose percentage is right."""
    return {
        int(c.denominator)
        for c in published.counts
        if c.denominator.isdigit()
        and c.count.isdigit()
        and len(c.denominator) <= _DIGITS
        and fits(Level("", c.count, c.percent, c.denominator), int(c.denominator))
    }


def _certainty(
    stated: Count, level: Level, siblings: Sequence[Level], sizes: Sequence[int]
) -> tuple[Certainty, tuple[str, ...]]:
    """How certain it is that a pair in a sentence is wrong, and what was tried."""
    if siblings and all_padded([level.percent, *(x.percent for x in siblings)]):
        plain = bare(level)
        if denominators(int(plain.count), plain.percent):
            return Certainty.UNUSUAL, (f"with {plain.percent}% there would be a denominator",)
    read = number(level.percent)
    if (
        read is not None
        and read.value
        and in_tens(level, round(100 * int(stated.count) / read.value))
    ):
        return Certainty.UNUSUAL, (f"{stated.percent}% may be said in round figures",)
    if _may_be_base(stated, level):
        return Certainty.UNUSUAL, (f"{stated.count} may be the number that the percentage is of",)
    base = _base(stated, siblings, sizes)
    close = near_any(level, [n for n in [*base, *sizes] if n <= _LARGE])
    if close is not None:
        return Certainty.UNUSUAL, (f"of {close} it is off by one in the last digit at most",)
    if not base and _near_some(level):
        return Certainty.UNUSUAL, ("the group is not known, and it may be off by one digit",)
    if not stated.patients and _SPREAD.search(stated.where.quote):
        return Certainty.UNUSUAL, ("the percentage may be a coefficient of variation",)
    plain = bare(level)
    padded = denominators(int(plain.count), plain.percent) if plain != level else range(0)
    if not base and any(rounds_to_whole(level, n) for n in padded[:_BESIDE]):
        return Certainty.UNUSUAL, (f"with {plain.percent}% there would be a denominator",)
    agree = any(fits(x, n) for x in siblings for n in sizes)
    if agree or (stated.patients and int(stated.count) > 10):
        tried = f"denominators tried: {', '.join(map(str, base))}" if base else ""
        return Certainty.IMPOSSIBLE, tuple(t for t in (tried, "every whole number was tried") if t)
    # The number may be a grade, an age or a score.
    return Certainty.UNUSUAL, ("the number may count something else than patients",)


def _may_be_base(stated: Count, level: Level) -> bool:
    """Whether "82.5% (n = 40)" may say a percentage of 40: 33 of them are so many."""
    shown = re.search(
        rf"{re.escape(stated.percent)}\s*%\s*[(\[]\s*n\s*=\s*{stated.count}\b",
        stated.where.quote,
        re.I,
    )
    allowed = interval(level.percent)
    if shown is None or allowed is None:
        return False
    return (
        math.ceil(allowed.low * int(stated.count) / 100) <= allowed.high * int(stated.count) / 100
    )


def _base(stated: Count, siblings: Sequence[Level], sizes: Sequence[int]) -> list[int]:
    """Sizes that the paper states and that every other pair of the sentence is a share of.

    One other pair is enough if the sentence itself says that it is of so many.
    """
    told = [x for x in siblings if int(x.count) > 0]
    if len(told) == 1:
        named = re.findall(r"\b(?:of|among) (?:the |these |all |our )?(\d{1,7})\b",
                           stated.where.quote, re.I)  # fmt: skip
        sizes = [n for n in sizes if str(n) in named]
    if not told:
        return []
    return [n for n in sizes if n <= _LARGE and all(fits(x, n) for x in told)]


def _near_some(level: Level) -> bool:
    """Whether some whole number is near to giving the percentage."""
    read = number(level.percent)
    if read is None or read.value <= 0:
        return True
    middle = int(100 * int(level.count) / read.value)
    return near_any(level, range(max(middle - 2, 1), middle + 4)) is not None


def _explicit(
    stated: Count,
    level: Level,
    siblings: Sequence[Level],
    methods: frozenset[str],
    sizes: Collection[int],
    log: Log,
) -> None:
    n = int(stated.denominator)
    count = int(stated.count)
    if fits(level, n):
        return
    why = doubt(stated, level, siblings, methods, sizes)
    true = 100 * count / n
    log.add(
        Finding(
            "counts.fraction",
            Certainty.UNUSUAL if why else Certainty.INCONSISTENT,
            f"{count} of {n} is {true:.2f}%, not {stated.percent}%",
            (stated.where,),
            RULE_PERCENT,
            (f"100 x {count} / {n} = {true:.3f}",),
            (f"{stated.percent} allows {interval(stated.percent)}",),
            (),
            (why or "the denominator is printed beside the count",),
            (stated.count, stated.denominator, stated.percent),
        )
    )


def _more_than_all(
    stated: Count, why: str, sizes: Collection[int], held: Collection[int], log: Log
) -> None:
    """ "45 of 40 patients (80%)": a part that is more than its whole."""
    allowed = interval(stated.percent)
    if allowed is None or allowed.low > 100:
        return
    count, n = int(stated.count), int(stated.denominator)
    slash = re.search(rf"(?<!\d){count}\s?/\s?{n}(?!\d)", stated.where.quote)
    if not (stated.patients or n in held or (n in sizes and not slash)):
        why = why or _SIZE
    log.add(
        Finding(
            "counts.fraction",
            Certainty.UNUSUAL if why else Certainty.INCONSISTENT,
            f"{stated.count} of {stated.denominator} is more than all, not {stated.percent}%",
            (stated.where,),
            RULE_PERCENT,
            (f"{stated.count} > {stated.denominator}",),
            (f"{stated.percent} allows {allowed}",),
            (),
            (why or "which of the three figures is misprinted can't be told",),
            (stated.count, stated.denominator, stated.percent),
        )
    )


def _stated(stated: Count, certainty: Certainty, why: tuple[str, ...], log: Log) -> None:
    count = int(stated.count)
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{count} ({stated.percent}%) in the {stated.where.section or 'text'}: {count} is "
            f"{stated.percent}% of no whole number of patients",
            (stated.where,),
            RULE_PERCENT,
            _around(count, stated.percent),
            (f"{stated.percent} allows {interval(stated.percent)}",),
            (),
            why,
            (stated.count, stated.percent),
        )
    )


def _around(count: int, percent: str) -> tuple[str, ...]:
    """The two whole denominators on either side of the percentage."""
    read = number(percent)
    if read is None or read.value <= 0:
        return ()
    first = max(int(100 * count / read.value), count, 1)
    return tuple(f"100 x {count} / {n} = {100 * count / n:.3f}" for n in (first, first + 1))
