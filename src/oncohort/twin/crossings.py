"""An early endpoint printed ahead of a late one: PFS that outlives OS.

No patient progresses after death, and nobody is censored for the early endpoint while dead. Still
the curve of the early endpoint may lie above that of the late one, if many are censored before the
late events and few of them had an early one. How many that takes is counted here: where the printed
numbers of events and numbers at risk leave fewer, the figures are impossible together; where they
don't, the early figure is not looked for, as it would bend all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.published.figures import slug
from oncohort.published.model import Published
from oncohort.twin.contradictions import Impossible
from oncohort.twin.curve_conflicts import Point, points_of


@dataclass(frozen=True, slots=True)
class Known:
    """What is printed of the numbers of events and of those at risk; None where nothing is."""

    early: int | None = None
    late: int | None = None
    at_risk: int = 0


def can_cross(n: int, above: float, below: float, known: Known) -> bool:
    """Whether early survival can be at least ``above`` where late survival is at most ``below``.

    Late survival is least if all who are censored go before the deaths; early survival is greatest
    if all early events come before anyone is censored; everyone who died had an early event, and so
    had those censored for the late endpoint who are more than all that are censored for the early
    one.

    Examples
    --------
    >>> can_cross(40, 0.55, 0.5, Known(late=40)), can_cross(40, 0.55, 0.5, Known(late=20))
    (False, True)
    """
    deaths = np.arange(0, (n if known.late is None else min(known.late, n)) + 1)[:, None]
    gone = np.arange(0, n - (known.late or 0) + 1)[None, :]
    early = deaths + np.maximum(0, gone - (n - known.early if known.early is not None else n))
    able = deaths + gone <= n - known.at_risk
    able &= (n - gone - deaths) <= below * (n - gone) + 1e-9
    able &= 1 - early / n >= above - 1e-9
    if known.early is not None:
        able &= early <= known.early
    return bool(able.any())


def crossings(
    published: Published, endpoints: tuple[str, str], counts: Mapping[str, int], n: int
) -> tuple[dict[str, Impossible], dict[str, str]]:
    """Early figures ahead of late ones: those that are impossible, and those not looked for, why.

    ``endpoints``: the early and the late one; ``counts``: known counts by key (``events.os``).
    """
    impossible: dict[str, Impossible] = {}
    unasked: dict[str, str] = {}
    early, late = (list(points_of(published, e)) for e in endpoints)
    events = {
        key: counts[key]
        for key in (f"events.{e}" for e in endpoints)
        if key in counts and any(f"events.{slug(x.endpoint)}" == key for x in published.events)
    }
    for p in early:
        above = p.low + 1e-6 * p.key.endswith(".median")
        for q in late:
            if p.at_risk is not None or q.at_risk is not None or q.day > p.day or above <= q.high:
                continue
            facts: dict[str, int] = dict(events)
            facts |= {r.key: r.at_risk for r in late if r.at_risk and q.day <= r.day}
            if not _able(n, above, q, facts, endpoints):
                for key in list(facts):  # as few as prove it
                    rest = {k: v for k, v in facts.items() if k != key}
                    if not _able(n, above, q, rest, endpoints):
                        facts = rest
                why = (
                    f"{endpoints[0].upper()} never comes after {endpoints[1].upper()}, and too few "
                    "patients are censored for its curve to lie above"
                )
                impossible.setdefault(p.key, Impossible(why, (p.key, q.key, *facts)))
            else:
                unasked.setdefault(
                    p.key,
                    f"not looked for: it is ahead of `{q.key}`, which only patients censored "
                    "before most deaths leave room for",
                )
    for key in [k for k in (*impossible, *unasked) if k.endswith(".median")]:
        for part in ("low", "high"):
            unasked[key.removesuffix("median") + part] = "not looked for: its median is not"
    return impossible, {k: v for k, v in unasked.items() if k not in impossible}


def _able(
    n: int, above: float, q: Point, facts: Mapping[str, int], endpoints: tuple[str, str]
) -> bool:
    known = Known(facts.get(f"events.{endpoints[0]}"), facts.get(f"events.{endpoints[1]}"))
    at_risk = max((v for k, v in facts.items() if ".at_risk." in k), default=0)
    return can_cross(n, above, q.high, replace(known, at_risk=at_risk))
