"""Progressions and deaths that a sentence counts, against patients and best responses."""

from __future__ import annotations

import re

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Events, Published

RULE_SIZE = "Each patient dies once, and has a first progression once."
RULE_BEST = (
    "A best response of progressive disease is itself a progression (RECIST 1.1, Eur J Cancer "
    "2009;45:228-247), so at least as many patients progressed."
)
_WHOLE_COHORT = re.compile(
    r"^\s*+(?:[.;]?\s*+$|[,;]?\s*and\s+\d+\s+(?:patients?\s+)?(?:\(\d[\d.]*%\)\s*)?(?:had\s+)?died\b|"
    r"(?:,\s*+)?(?:at|by|until)\s+(?:the\s+)?(?:time\s+of\s+)?(?:the\s+|this\s+)?"
    r"(?:last\s+follow-up|end\s+of\s+(?:the\s+)?follow-up|final\s+analysis|analysis)\s*+\.?\s*+$|"
    r"during\s+(?:the\s+)?(?:follow-up|observation|study)(?:\s+period)?\s*+\.?\s*+$)",
    re.I,
)
"""What may follow "30 patients progressed" if no time, site, line or cause narrows it."""
_WHOLE_LEAD = re.compile(
    r"^(?:overall|in total|in all|altogether|of (?:the|these|all) \d+ patients|"
    r"(?:at|by) (?:the )?(?:time of )?(?:the |this )?(?:last follow-up|analysis|final analysis)|"
    r"during (?:the )?(?:follow-up|observation|study)(?: period)?|a total of)?,?"
    r"\s*(?:a total of )?$",
    re.I,
)
_STATED = re.compile(
    r"\b(?P<count>\d+)\s+(?:patients?\s+)?(?:\(\d[\d.]*\s*%\)\s*)?(?:had\s+)?(?P<what>died|"
    r"(?:disease\s+)?progress(?:ed|ions?))\b"
)


def check(published: Published, log: Log) -> None:
    """Compare counted events with the cohort and with progressive disease as best response."""
    for events in published.events:
        if events.population != "cohort" or not _plain(events):
            continue
        if published.n is not None:
            log.checked(events)
            _size(events, published.n, log)
        if events.endpoint == "PFS":
            _best(events, published, log)


def _plain(events: Events) -> bool:
    """Whether the sentence counts the events of all patients and of all the time."""
    sentence = events.where.quote.strip()
    for match in _STATED.finditer(sentence):
        if match["count"] == events.count:
            lead = sentence[: match.start()].strip()
            lead = re.sub(r"^(?:and|but)\s+", "", lead, flags=re.I)
            return bool(_WHOLE_LEAD.match(lead) and _WHOLE_COHORT.match(sentence[match.end() :]))
    return False


def _size(events: Events, n: int, log: Log) -> None:
    if not events.count.isdigit() or int(events.count) <= n:
        return
    what = "deaths" if events.endpoint == "OS" else "progressions"
    log.add(
        Finding(
            "progressions.size",
            Certainty.INCONSISTENT,
            f"{events.count} {what} among {n} patients",
            (events.where,),
            RULE_SIZE,
            (f"{events.count} > {n}",),
            (),
            (),
            ("the sentence names no other population, and the paper no other whole cohort",),
            (events.count,),
        )
    )


def _best(events: Events, published: Published, log: Log) -> None:
    for response in published.responses:
        if response.population != "cohort" or response.n != str(published.n):
            continue
        shares = [x for x in response.levels if x.label == "PD" and x.count.isdigit()]
        total = sum(int(x.count) for x in response.levels if x.count.isdigit())
        if len(shares) != 1 or published.n is None or total > published.n:
            continue
        worst = shares[0]
        log.checked(events, worst)
        if not events.count.isdigit() or int(worst.count) <= int(events.count):
            continue
        if any(
            e is not events and e.endpoint == "PFS" and e.count != events.count
            for e in published.events
        ):
            # With several counts of progressions, this one may be of another time or population.
            continue
        log.add(
            Finding(
                "progressions.best-response",
                Certainty.INCONSISTENT,
                f"Progressive disease is the best response of {worst.count} patients, but only "
                f"{events.count} progressed",
                tuple(dict.fromkeys((worst.where, events.where))),
                RULE_BEST,
                (f"{worst.count} > {events.count}",),
                (),
                (),
                (
                    f"the best responses and the progressions are both of all {published.n} "
                    "patients",
                    "no time, site or line of treatment narrows the count of progressions",
                ),
                (worst.count, events.count),
            )
        )
