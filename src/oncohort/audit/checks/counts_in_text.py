"""Counts in sentences: does any denominator give the percentage?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from oncohort.audit.checks import binding
from oncohort.audit.checks.pairs import (
    RULE_PERCENT,
    all_padded,
    bare,
    fits,
    near,
    near_any,
    sizes_of,
    unpadded,
)
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Count, Level, Published, Where
from oncohort.published.rounding import denominators, interval, number

_DIGITS = 9
"""Counts with more digits are no counts of patients."""
_LARGE = 10_000_000
_BESIDE = 100
"""Counts of one sentence that are looked at together."""
_OWN_SECTIONS = frozenset({"abstract", "methods", "results", "legend"})


def check(published: Published, log: Log) -> None:
    """Check every count with a percentage in a sentence."""
    sizes = sizes_of(published)
    over_time = bool(binding.methods(published) & {"cox", "log-rank"})
    beside: dict[Where, list[Count]] = {}
    for each in published.counts:
        if each.percent and each.role != "row" and len(each.count) <= _DIGITS:
            beside.setdefault(each.where, []).append(each)
    for said in published.counts:
        if not said.percent or not said.count or said.role == "row":
            continue
        log.checked(said)
        if len(said.count) > _DIGITS or len(said.denominator) > _DIGITS:
            continue
        count = int(said.count)
        level = Level("", said.count, said.percent, said.denominator, said.where)
        siblings = [
            Level("", c.count, c.percent, c.denominator)
            for c in beside[said.where][:_BESIDE]
            if c is not said
        ]
        if said.denominator.isdigit() and int(said.denominator) > 0:
            _explicit(said, level, siblings, over_time, log)
            continue
        if count == 0 or not said.own or said.where.section not in _OWN_SECTIONS:
            continue
        if denominators(count, said.percent):
            continue
        certainty, why = _certainty(said, level, siblings, sizes)
        _said(said, certainty, why, log)


def _certainty(
    said: Count, level: Level, siblings: Sequence[Level], sizes: Sequence[int]
) -> tuple[Certainty, tuple[str, ...]]:
    """How certain it is that a pair in a sentence is wrong, and what was tried."""
    if siblings and all_padded([level.percent, *(x.percent for x in siblings)]):
        plain = bare(level)
        if denominators(int(plain.count), plain.percent):
            return Certainty.UNUSUAL, (f"with {plain.percent}% there would be a denominator",)
    base = _base(said, siblings, sizes)
    close = near_any(level, [n for n in [*base, *sizes] if n <= _LARGE])
    if close is not None:
        return Certainty.UNUSUAL, (f"of {close} it is off by one in the last digit at most",)
    if not base and _near_some(level):
        return Certainty.UNUSUAL, ("the group is not known, and it may be off by one digit",)
    agree = any(fits(x, n) for x in siblings for n in sizes)
    if agree or (said.patients and int(said.count) > 10):
        tried = f"denominators tried: {', '.join(map(str, base))}" if base else ""
        return Certainty.IMPOSSIBLE, tuple(t for t in (tried, "every whole number was tried") if t)
    # The number may be a grade, an age or a score.
    return Certainty.UNUSUAL, ("the number may count something else than patients",)


def _base(said: Count, siblings: Sequence[Level], sizes: Sequence[int]) -> list[int]:
    """Sizes that the paper states and that every other pair of the sentence is a share of.

    One other pair is enough if the sentence itself says that it is of so many.
    """
    told = [x for x in siblings if int(x.count) > 0]
    if len(told) == 1:
        named = re.findall(r"\b(?:of|among) (?:the |these |all |our )?(\d{1,7})\b",
                           said.where.quote, re.I)  # fmt: skip
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


_TIME = r"(?:\d{1,3}|one|two|three|five|ten)[- ]?(?:days?|weeks?|months?|years?)"
_ESTIMATED = re.compile(
    rf"kaplan|actuarial|cumulative|life[- ]table|estimate|surviv|per 100\b|person-years|hazard|"
    rf"\bHRs?\b|adjusted|weighted|imputed|standardi[sz]ed rate|"
    rf"\brates?\b[^.;]{{0,60}}\b(?:at|of) {_TIME}|"
    rf"{_TIME}\b[^.;]{{0,40}}\b(?:rates?|risk|incidence|freedom|patency|probabilit)",
    re.I,
)
"""A percentage beside a fraction that may be an estimate over time, not the fraction itself."""
_NO_FRACTION = re.compile(r"\bacuity\b|\bsnellen\b|\bmm ?Hg\b|\bblood pressures?\b", re.I)
_EVENT_RATE = re.compile(
    r"\b(?:relapse|recurrence|failure|event|mortality|death|progression|infection|incidence)s?[- ]"
    r"(?:free )?rates?\b",
    re.I,
)
_NO_SHARE = re.compile(
    r"(?:\b(?:on average|mean|median|averaged?|dos(?:e|es|age|ed|ing)|mg|µg|μg|mcg|mL|above|below|"
    r"over|under|at least|at most|up to|more than|less than|ratio|sensitivity|specificity|"
    r"(?:reduced|increased|decreased|improved|reduction|increase|decrease|changed?|fell|rose|fallen|"
    r"risen|dropped|declined|grew|shrank|lower|higher) (?:by|of|to))|"
    r"[<>≤≥])[^.;,(]{0,12}$",
    re.I,
)
"""Right before a figure: it is a dose, a mean, a limit or a change, not a share of patients."""


def _doubt(said: Count, level: Level, siblings: Sequence[Level], over_time: bool) -> str:
    """Why a percentage beside a fraction may be of something else; empty if nothing says so."""
    count, n = int(said.count), int(said.denominator)
    if near(level, n):
        return f"of {n} it is off by one in the last digit at most"
    if all_padded([level.percent, *(x.percent for x in siblings)]) and fits(bare(level), n):
        return f"of {n} it is {unpadded(level.percent)}%, padded with zeros"
    padded = replace(level, percent=unpadded(level.percent))
    if padded != level and fits(padded, n):
        return f"of {n} it is {padded.percent}%, with a zero more"
    if _several(said, level):
        return "with another count of the same denominator it gives the percentage"
    shares = any(x.denominator.isdigit() and fits(x, int(x.denominator)) for x in siblings)
    if fits(level, count + n) and not shares:
        return f"{count}/{n} may be two counts: {count} of {count + n} gives the percentage"
    quote = said.where.quote
    if _ESTIMATED.search(quote) or (over_time and _EVENT_RATE.search(quote)):
        return "the percentage may be an estimate over time or of a model, beside the fraction"
    if _NO_SHARE.search(_before(said)) or _NO_FRACTION.search(quote):
        return "the sentence may speak of doses, means, limits or changes"
    return ""


def _several(said: Count, level: Level) -> bool:
    """Whether the percentage is that of two counts together: "12% (10/200), and 14/200"."""
    n = int(said.denominator)
    others = re.findall(rf"(?<![\d.,/])(\d{{1,7}}) ?/ ?{n}(?![\d,]*\d)", said.where.quote)
    sums = {int(said.count) + int(other) for other in others if other != said.count}
    return any(fits(replace(level, count=str(k)), n) for k in sums)


def _before(said: Count) -> str:
    """The words right before a fraction with its percentage, in whichever order they stand."""
    quote = said.where.quote
    at = quote.find(f"{said.count}/{said.denominator}")
    if at < 0:
        found = re.search(rf"(?<!\d){said.count} (?:out )?of (?:\w+ )?{said.denominator}\b", quote)
        at = found.start() if found else 0
    percent = quote.rfind(said.percent, max(at - 25, 0), at)
    start = percent if percent >= 0 else at
    return quote[max(start - 50, 0) : start]


def _explicit(
    said: Count, level: Level, siblings: Sequence[Level], over_time: bool, log: Log
) -> None:
    n = int(said.denominator)
    count = int(said.count)
    if fits(level, n):
        return
    if count > n:
        return
    doubt = _doubt(said, level, siblings, over_time)
    true = 100 * count / n
    log.add(
        Finding(
            "counts.fraction",
            Certainty.UNUSUAL if doubt else Certainty.INCONSISTENT,
            f"{count} of {n} is {true:.2f}%, not {said.percent}%",
            (said.where,),
            RULE_PERCENT,
            (f"100 x {count} / {n} = {true:.3f}",),
            (f"{said.percent} allows {interval(said.percent)}",),
            (),
            (doubt or "the denominator is printed beside the count",),
            (said.count, said.denominator, said.percent),
        )
    )


def _said(said: Count, certainty: Certainty, why: tuple[str, ...], log: Log) -> None:
    count = int(said.count)
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{count} ({said.percent}%) in the {said.where.section or 'text'}: no whole number "
            f"of patients makes {count} {said.percent}%",
            (said.where,),
            RULE_PERCENT,
            _around(count, said.percent),
            (f"{said.percent} allows {interval(said.percent)}",),
            (),
            why,
            (said.count, said.percent),
        )
    )


def _around(count: int, percent: str) -> tuple[str, ...]:
    """The two whole denominators on either side of the percentage."""
    read = number(percent)
    if read is None or read.value <= 0:
        return ()
    first = max(int(100 * count / read.value), count, 1)
    return tuple(f"100 x {count} / {n} = {100 * count / n:.3f}" for n in (first, first + 1))
