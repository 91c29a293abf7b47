"""What a paper would have to state so that its figures could be checked: the reviewer's list."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from oncohort.audit.finding import Log
from oncohort.published.model import Published, Ratio
from oncohort.published.rounding import denominators
from oncohort.vocabulary.plurals import counted

_SURVIVAL = frozenset({"PFS", "OS", "DFS", "RFS", "MFS", "EFS", "CSS", "TTP"})
_TESTS = frozenset({"log-rank", "wald", "likelihood", "cox"})


def wanted(published: Published, log: Log) -> tuple[str, ...]:
    """What the paper should state, each with how often it is missing.

    Parameters
    ----------
    published
        What was read.
    log
        What the checks looked at.

    Returns
    -------
    tuple of str
        One line per kind of figure; empty if nothing is missing that was looked for.
    """
    return (
        *_of_ratios([r for r in published.ratios if r.estimate], log),
        *_of_survival(published),
        *_of_counts(published),
        *_of_methods(published),
    )


def _of_ratios(ratios: list[Ratio], log: Log) -> list[str]:
    out = []
    bare = [r for r in ratios if not (r.low and r.high)]
    if bare:
        out.append(_line(bare, ratios, "ratio", "a confidence interval"))
    hazard = [r for r in ratios if r.kind == "HR"]
    unbound = [r for r in hazard if id(r) not in log.looked_at]
    if unbound:
        out.append(_line(unbound, hazard, "hazard ratio", "the patients and events of both groups"))
    return out


def _line(lacking: list[Ratio], every: list[Ratio], what: str, which: str) -> str:
    first = lacking[0]
    place = first.where.table or first.where.section or "text"
    return (
        f"{len(lacking)} of {counted(len(every), what)} without {which} "
        f"(first: {first.estimate}, {place})"
    )


def _of_survival(published: Published) -> list[str]:
    medians = [t for t in published.times if t.endpoint in _SURVIVAL]
    endpoints = {t.endpoint for t in medians}
    endpoints |= {m.endpoint for m in published.landmarks if m.endpoint in _SURVIVAL}
    out = []
    bare = [t for t in medians if not t.low]
    if bare:
        out.append(
            f"{len(bare)} of {len(medians)} medians without a confidence interval "
            f"(first: {bare[0].endpoint} {bare[0].median} {bare[0].unit})"
        )
    counted = {e.endpoint for e in published.events}
    silent = sorted(endpoints - counted)
    if silent:
        out.append(f"the number of events behind {', '.join(silent)}")
    if endpoints and not any(t.endpoint == "follow-up" for t in published.times):
        out.append("the median follow-up, and how it was computed")
    return out


def _of_counts(published: Published) -> list[str]:
    sizes = sorted({int(p.n) for p in published.populations if p.n.isdecimal()})
    open_ended = [
        c
        for c in published.counts
        if c.own and c.percent and not c.denominator and c.role != "row" and c.count.isdecimal()
    ]
    lost = [c for c in open_ended if not _one_in(sizes, denominators(int(c.count), c.percent))]
    if not lost:
        return []
    return [
        f"the denominator of {len(lost)} of {len(open_ended)} percentages in the text "
        f"(first: {lost[0].count} ({lost[0].percent}%))"
    ]


def _one_in(sizes: Sequence[int], allowed: range) -> bool:
    """Whether any of the sizes, smallest first, is in a range."""
    first = bisect_left(sizes, allowed.start)
    return first < len(sizes) and sizes[first] < allowed.stop


def _of_methods(published: Published) -> list[str]:
    named = {f.subject for f in published.facts if f.kind == "method"}
    if any(r.p and not r.test for r in published.ratios) and not named & _TESTS:
        return ["the test that gave the p-values of the ratios"]
    return []
