"""Medians against their intervals, ranges and each other; landmark survival."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from oncohort.audit.checks.confirmed import ALONE, confirmed
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Landmark, Published, Time
from oncohort.published.rounding import Interval, compatible, interval, number
from oncohort.vocabulary.times import DAYS_PER_UNIT

RULE_RANGE = "A median lies within its range, its quartiles and its own confidence interval."
RULE_ORDER = (
    "Death ends progression-free survival too, so in the same patients no time to progression or "
    "death is longer than the time to death."
)
ENOUGH = 60
"""Patients from which Kaplan-Meier medians of PFS and OS don't change places by chance: in
simulated cohorts with heavy censoring 3 in 1,000 did with 20 patients, 1 with 40, none with 80."""
RULE_TREATMENT = (
    "Patients who stop treatment when the disease progresses are not treated for longer than they "
    "are free of progression, unless they were treated beyond progression."
)
_LANDMARK = "Survival can't rise with time."


def check(published: Published, log: Log) -> None:
    """Check medians and landmark survival."""
    for time in published.times:
        _inside(time, published.times, log)
    own = [t for t in published.times if t.population == "cohort" and not _odd(t)]
    _order(own, published.n, log)
    _treatment(published, own, log)
    _landmarks(published, log)
    _landmark_and_median(published, own, log)


def _odd(time: Time) -> bool:
    return "diagnosis" in time.origin or "metasta" in time.origin or "nephrectomy" in time.origin


def _holds(time: Time) -> bool | None:
    """Whether a median lies inside its bounds; None where one of them can't be read."""
    middle, low, high = (interval(t) if t else None for t in (time.median, time.low, time.high))
    if middle is None or low is None or high is None:
        return None
    return low.low <= middle.high and middle.low <= high.high


def _inside(time: Time, times: Sequence[Time], log: Log) -> None:
    middle = interval(time.median)
    low = interval(time.low) if time.low else None
    high = interval(time.high) if time.high else None
    if middle is None or (low is None and high is None):
        return
    log.checked(time)
    below = low is not None and middle.high < low.low
    above = high is not None and middle.low > high.high
    if not below and not above:
        return
    factor = _in_another_unit(middle, low, high)
    others = {(t.median, t.low, t.high): _holds(t) for t in times}
    others.pop((time.median, time.low, time.high), None)
    told = [x for x in others.values() if x is not None]
    shown = all(told) and confirmed(told)
    log.add(
        Finding(
            "times.inside",
            Certainty.INCONSISTENT if shown and not factor else Certainty.UNUSUAL,
            f"Median {time.endpoint} {time.median} {time.unit} lies outside its "
            f"{time.spread or 'interval'} {time.low} to {time.high}",
            (time.where,),
            RULE_RANGE,
            (f"{time.median} is {'below ' + time.low if below else 'above ' + time.high}",),
            tuple(
                f"{x} allows {interval(x)}"
                for x in (time.low, time.median, time.high)
                if interval(x) is not None
            ),
            (),
            (
                f"{time.median} may be in another unit than its bounds: times {factor:.3g} it is "
                "inside"
                if factor
                else "a misprinted bound and a misprinted median can't be told apart",
                "no other median is outside its bounds" if shown else ALONE,
            ),
            (time.median, time.low, time.high),
        )
    )


def _in_another_unit(middle: Interval, low: Interval | None, high: Interval | None) -> float | None:
    """The factor between two units of time that brings a median inside both its bounds."""
    if low is None or high is None:
        return None
    for one in DAYS_PER_UNIT.values():
        for other in DAYS_PER_UNIT.values():
            factor = one / other
            if factor == 1:
                continue
            inside = float(middle.high) * factor >= float(low.low)
            if inside and float(middle.low) * factor <= float(high.high):
                return factor
    return None


def _one(times: list[Time], endpoint: str) -> Time | None:
    hits = [
        t for t in times if t.endpoint == endpoint and t.where.section in {"abstract", "results"}
    ]
    results = [t for t in hits if t.where.section == "results"] or hits
    return results[0] if results else None


def _order(own: list[Time], n: int | None, log: Log) -> None:
    pfs, os = _one(own, "PFS"), _one(own, "OS")
    if pfs is None or os is None or pfs.unit != os.unit:
        return
    every_pfs = [interval(t.median) for t in own if t.endpoint == "PFS" and t.unit == pfs.unit]
    every_os = [interval(t.median) for t in own if t.endpoint == "OS" and t.unit == pfs.unit]
    log.checked(pfs, os)
    if not all(
        p is not None and o is not None and p.low > o.high for p in every_pfs for o in every_os
    ):
        return
    log.add(
        Finding(
            "times.order",
            Certainty.INCONSISTENT if n is not None and n >= ENOUGH else Certainty.UNUSUAL,
            f"Median PFS {pfs.median} is above median OS {os.median} {os.unit} in the same "
            "patients",
            tuple(dict.fromkeys((pfs.where, os.where))),
            RULE_ORDER,
            (f"{pfs.median} > {os.median}",),
            (
                f"{pfs.median} allows {interval(pfs.median)}",
                f"{os.median} allows {interval(os.median)}",
            ),
            (),
            (
                "both are bound to the whole cohort, with no other start of the time named",
                "with few patients and much censoring, two Kaplan-Meier curves can cross by chance",
            ),
            (pfs.median, os.median),
        )
    )


def _treatment(published: Published, own: list[Time], log: Log) -> None:
    treatment = _one(own, "treatment")
    stopped = [
        f for f in published.facts if f.kind == "stopped-for-progression" and f.value.isdigit()
    ]
    if treatment is None or not stopped or published.n is None:
        return
    pfs = [t for t in own if t.endpoint == "PFS" and t.unit == treatment.unit]
    if not pfs or 2 * int(stopped[0].value) <= published.n:
        return
    on = interval(treatment.median)
    free = [interval(t.median) for t in pfs]
    log.checked(treatment, stopped[0])
    if on is None or any(f is None or f.high >= on.low for f in free):
        return
    log.add(
        Finding(
            "times.treatment",
            Certainty.UNUSUAL,
            f"Median time on treatment {treatment.median} is above median PFS "
            f"{' / '.join(dict.fromkeys(t.median for t in pfs))} {treatment.unit}, with "
            f"{stopped[0].value} of {published.n} stopped for progression",
            tuple(dict.fromkeys((treatment.where, *(t.where for t in pfs), stopped[0].where))),
            RULE_TREATMENT,
            (f"{treatment.median} > {', '.join(t.median for t in pfs)}",),
            (),
            (),
            ("treatment beyond progression would explain it",),
            (treatment.median, *(t.median for t in pfs)),
        )
    )


def _landmark_and_median(published: Published, own: list[Time], log: Log) -> None:
    for mark in published.landmarks:
        if not mark.population:
            continue
        for time in own:
            if time.endpoint != mark.endpoint:
                continue
            share, when, middle = interval(mark.percent), number(mark.time), interval(time.median)
            if share is None or when is None or middle is None:
                continue
            if mark.unit not in DAYS_PER_UNIT or time.unit not in DAYS_PER_UNIT:
                continue
            log.checked(mark, time)
            at = float(when.value) * DAYS_PER_UNIT[mark.unit]
            low, high = (float(x) * DAYS_PER_UNIT[time.unit] for x in (middle.low, middle.high))
            early = share.high < 50 and low > 1.02 * at
            late = share.low > 50 and high < 0.98 * at
            if not early and not late:
                continue
            log.add(
                Finding(
                    "times.landmark-median",
                    # Two sentences may speak of two groups of patients.
                    Certainty.INCONSISTENT
                    if mark.where.quote == time.where.quote and not _several(published, time)
                    else Certainty.UNUSUAL,
                    f"{mark.endpoint} is {mark.percent}% at {mark.time} {mark.unit}, but its "
                    "median is "
                    f"{time.median} {time.unit}",
                    tuple(dict.fromkeys((mark.where, time.where))),
                    "The median is where the survival curve falls to 50%.",
                    (
                        f"at {mark.time} {mark.unit} the curve is "
                        f"{'below' if early else 'above'} 50%, "
                        f"so the median lies {'before' if early else 'after'} it",
                    ),
                    (
                        f"{mark.percent} allows {share}",
                        f"{time.median} allows {middle}",
                    ),
                    (),
                    (
                        "both are bound to the whole cohort",
                        "two percent were allowed for a month's length",
                    ),
                    (mark.percent, mark.time, time.median),
                )
            )


def _several(published: Published, time: Time) -> bool:
    """Whether the paper has other medians of the endpoint: then a group may be meant."""
    others = {t.median for t in published.times if t.endpoint == time.endpoint}
    return any(interval(t) is not None and not compatible(t, time.median) for t in others)


def _landmarks(published: Published, log: Log) -> None:
    groups: dict[tuple[str, str, str], list[tuple[float, Landmark]]] = {}
    for mark in published.landmarks:
        read = number(mark.time)
        if read is not None and mark.population:
            key = (mark.endpoint, mark.unit, mark.population)
            groups.setdefault(key, []).append((float(read.value), mark))
    series = [*groups.values(), *_listed(published.landmarks)]
    told: set[tuple[str, ...]] = set()
    for marks in series:
        ordered = [mark for _, mark in sorted(marks, key=lambda pair: pair[0])]
        for first, second in pairwise(ordered):
            log.checked(first, second)
            one, two = interval(first.percent), interval(second.percent)
            if one is None or two is None or number(first.time) == number(second.time):
                continue
            figures = (first.percent, second.percent)
            if two.low <= one.high or (first.endpoint, *figures) in told:
                continue
            told.add((first.endpoint, *figures))
            log.add(
                Finding(
                    "times.landmark",
                    # Two sentences may speak of two groups of patients.
                    Certainty.INCONSISTENT
                    if first.where.quote == second.where.quote
                    else Certainty.UNUSUAL,
                    f"{first.endpoint} is {first.percent}% at {first.time} and {second.percent}% "
                    f"at {second.time} {first.unit}",
                    tuple(dict.fromkeys((first.where, second.where))),
                    _LANDMARK,
                    (f"{second.percent} > {first.percent}",),
                    (f"{first.percent} allows {one}", f"{second.percent} allows {two}"),
                    (),
                    ("both are of the same population and endpoint",),
                    figures,
                )
            )


def _listed(landmarks: Sequence[Landmark]) -> list[list[tuple[float, Landmark]]]:
    """Values that one sentence lists for one group, whichever: "61% at 1 year, 65% at 2"."""
    said: dict[tuple[str, str, str], list[Landmark]] = {}
    for mark in landmarks:
        if mark.where.quote and not mark.where.table:
            said.setdefault((mark.where.quote, mark.endpoint, mark.unit), []).append(mark)
    out = []
    for (quote, _, _), marks in said.items():
        times = [number(m.time) for m in marks]
        if len(marks) < 2 or None in times or len({m.time for m in marks}) != len(marks):
            continue
        places = [_stretch(quote, m) for m in marks]
        start, end = min(a for a, _ in places), max(b for _, b in places)
        if start >= 0 and _IN_A_LIST.match(quote[start:end]):
            out.append(
                [(float(t.value), m) for t, m in zip(times, marks, strict=True) if t is not None]
            )
    return out


def _stretch(quote: str, mark: Landmark) -> tuple[int, int]:
    """From a value's time, where that stands before it, to the value; -1 if it isn't found."""
    value = quote.find(mark.percent)
    words = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "10": "ten"}
    time = rf"\b(?:{re.escape(mark.time)}|{words.get(mark.time, mark.time)})(?=[-, ])"
    before = [m.start() for m in re.finditer(time, quote[: max(value, 0)], re.I)]
    return min(value, *before[-1:]) if before else value, value


_IN_A_LIST = re.compile(
    r"(?:[\d.,·;:%()\[\]–−-]|\s|\b(?:at|after|and|to|was|were|it|the|of|years?|months?|yrs?|mo|one|"
    r"two|three|four|five|six|ten|twelve|respectively|CI|confidence|intervals?|rates?|"
    r"(?:overall|progression-free|disease-free|event-free) survival|[PDREM]FS|OS|survival)\b)*$",
    re.I,
)
"""Words between the values of one list; any other may begin another group of patients."""
