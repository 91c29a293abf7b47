"""Counts in sentences: does any denominator give the percentage?"""

from __future__ import annotations

from fractions import Fraction

from oncohort.audit.checks.pairs import RULE_PERCENT, fits, sizes_of
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Count, Level, Published
from oncohort.published.rounding import denominators, interval

_OWN_SECTIONS = frozenset({"abstract", "methods", "results", "legend"})


def check(published: Published, log: Log) -> None:
    """Check every count with a percentage in a sentence."""
    sizes = sizes_of(published)
    for said in published.counts:
        if not said.percent or not said.count or said.role == "row":
            continue
        log.checked(said)
        count = int(said.count)
        level = Level("", said.count, said.percent, said.denominator, said.where)
        if said.denominator.isdigit() and int(said.denominator) > 0:
            _explicit(said, level, log)
            continue
        if count == 0 or not said.own or said.where.section not in _OWN_SECTIONS:
            continue
        if denominators(count, said.percent):
            continue
        siblings = [
            c
            for c in published.counts
            if c.where == said.where and c is not said and c.percent and c.role != "row"
        ]
        agree = any(fits(Level("", c.count, c.percent), n) for c in siblings for n in sizes)
        close = [n for n in sizes if fits(level, n, Fraction(1))]
        if close:
            _said(said, Certainty.UNUSUAL, close[0], log)
        elif agree or (said.patients and count > 10):
            _said(said, Certainty.IMPOSSIBLE, max(sizes, default=0), log)
        else:
            # The number may be a grade, an age or a score.
            _said(said, Certainty.UNUSUAL, max(sizes, default=0), log)


def _explicit(said: Count, level: Level, log: Log) -> None:
    n = int(said.denominator)
    count = int(said.count)
    if fits(level, n):
        return
    if count > n:
        return
    near = fits(level, n, Fraction(1))
    true = 100 * count / n
    log.add(
        Finding(
            "counts.fraction",
            Certainty.UNUSUAL if near else Certainty.INCONSISTENT,
            f"{count} of {n} is {true:.2f}%, not {said.percent}%",
            (said.where,),
            RULE_PERCENT,
            (f"100 x {count} / {n} = {true:.3f}",),
            (f"{said.percent} allows {interval(said.percent)}",),
            (),
            ("the denominator is printed beside the count",),
            (said.count, said.denominator, said.percent),
        )
    )


def _said(said: Count, certainty: Certainty, n: int, log: Log) -> None:
    count = int(said.count)
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{count} ({said.percent}%) in the {said.where.section or 'text'}: no whole number "
            f"of patients makes {count} {said.percent}%",
            (said.where,),
            RULE_PERCENT,
            ((f"100 x {count} / {n} = {100 * count / n:.3f}",) if n else ()),
            (f"{said.percent} allows {interval(said.percent)}",),
            (),
            ("every whole denominator was tried",),
            (said.count, said.percent),
        )
    )
