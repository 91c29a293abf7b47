"""Rates per person-time, and percentages of a flow that follow from no count before them."""

from __future__ import annotations

import re

from oncohort.audit.checks.pairs import fits, near_any, sizes_of
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Count, Level, Published, Where
from oncohort.published.rounding import interval, number

RULE_RATE = "A crude rate is the number of events divided by the person-time."
RULE_FLOW = (
    "In a flow of patients each percentage is of the patients at the start, of a step before, or "
    "of another number that the paper states."
)
_RATE = re.compile(
    r"(?<![\d.,])(?P<events>\d{1,3}(?:,\d{3})+|\d{1,6}) (?:[a-z-]{1,20} ){0,3}?(?:events?|deaths|"
    r"cases|relapses|strokes|infections) (?:occurred )?(?:in|during|over) (?:a total of )?"
    r"(?P<time>\d{1,3}(?:,\d{3})+|\d{2,8})(?:\.\d)? (?:person|patient)[- ](?:years|months|days)"
    r"[^.;]{0,40}?[(\[,;:=] ?(?:[a-z]{1,20} ){0,4}?(?P<rate>\d{1,4}\.\d{1,3}) "
    r"(?:[a-z]{1,12} ){0,2}?(?:per|/) ?(?P<per>1,?000|100|10,?000)\b",
    re.I,
)
_TIME_FIRST = re.compile(
    r"\b(?:in|during|over) (?:a total of )?(?P<time>\d{1,3}(?:,\d{3})+|\d{2,8})(?:\.\d)? "
    r"(?:person|patient)[- ](?:years|months|days)(?: of (?:follow-up|observation|exposure))?,? "
    r"(?:there were )?(?P<events>\d{1,3}(?:,\d{3})+|\d{1,6}) (?:[a-z-]{1,20} ){0,3}?(?:events?|"
    r"deaths|cases|relapses|strokes|infections)[^.;(\[]{0,30}[(\[,;:=] ?(?:[a-z]{1,20} ){0,4}?"
    r"(?P<rate>\d{1,4}\.\d{1,3}) (?:[a-z]{1,12} ){0,2}?(?:per|/) ?(?P<per>1,?000|100|10,?000)\b",
    re.I,
)
"""The same with the person-time first: "during 400 patient-years 120 deaths occurred"."""
_FLOW = re.compile(r"\b(?:screened|assessed|eligible|enrolled|randomi[sz]ed)\b", re.I)


def check(published: Published, log: Log) -> None:
    """Check rates in sentences, and the flow of patients."""
    together: dict[Where, list[Count]] = {}
    for stated in published.counts:
        together.setdefault(stated.where, []).append(stated)
    for counts in together.values():
        _flow(counts, published, log)
    for fact in published.facts:
        if fact.kind == "person-time":
            _rate(fact.where, log)


def _rate(where: Where, log: Log) -> None:
    said = where.quote[:4000]
    for match in [*_RATE.finditer(said), *_TIME_FIRST.finditer(said)]:
        events, time, per = (int(match[k].replace(",", "")) for k in ("events", "time", "per"))
        allowed, read = interval(match["rate"]), number(match["rate"])
        if not time or allowed is None or read is None:
            continue
        true = per * events / time
        if float(allowed.low) <= true <= float(allowed.high):
            continue
        log.add(
            Finding(
                "totals.rate",
                Certainty.UNUSUAL,
                f"{events} events in {time} of person-time are {true:.4g} per {per}, printed is "
                f"{match['rate']}",
                (where,),
                RULE_RATE,
                (f"{per} x {events} / {time} = {true:.4f}",),
                (f"{match['rate']} allows {allowed}",),
                (),
                ("an adjusted or standardised rate would explain it",),
                (match["events"], match["time"], match["rate"]),
            )
        )


def _flow(counts: list[Count], published: Published, log: Log) -> None:
    """Percentages of one sentence about the flow, each of a step before it."""
    usable = [
        c for c in counts if c.count.isdigit() and c.percent and c.role != "row" and c.own
        and not c.denominator and len(c.count) < 8
    ]  # fmt: skip
    if len(usable) < 2 or not _FLOW.search(usable[0].where.quote):
        return
    sizes = sizes_of(published)
    before = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", usable[0].where.quote)
              if len(n) < 9]  # fmt: skip
    known = sorted({*sizes, *before}, reverse=True)
    for stated in usable:
        level = Level("", stated.count, stated.percent, "", stated.where)
        log.checked(stated)
        others = [n for n in known if n >= int(stated.count) > 0]
        left = [a - b for a in others for b in before if a > b]
        if not others or any(fits(level, n) for n in (*others, *left)) or _never(level):
            continue
        if near_any(level, (*others, *left)) is not None:
            continue
        log.add(
            Finding(
                "totals.flow",
                Certainty.UNUSUAL,
                f"{stated.count} ({stated.percent}%) is the share of no number of patients named "
                "before it",
                (stated.where,),
                RULE_FLOW,
                (f"numbers tried: {', '.join(map(str, others[:12]))}",),
                (f"{stated.percent} allows {interval(stated.percent)}",),
                figures=(stated.count, stated.percent),
            )
        )


def _never(level: Level) -> bool:
    """Whether no whole number at all gives the pair; then ``counts.percentage`` tells it."""
    allowed = interval(level.percent)
    if allowed is None or allowed.low <= 0:
        return False
    most, least = 100 * int(level.count) / allowed.low, 100 * int(level.count) / allowed.high
    return int(most) < least
