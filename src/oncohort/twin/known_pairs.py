"""What is proven of hazard ratios together with their p: numbers of events that any cohort needs.

For one 0/1 variable all orders without tied times are gone through (see
:mod:`oncohort.published.exact`); pairs of one endpoint share its number of events.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, groupby

from oncohort.dataclass import dataclass
from oncohort.published.exact import admissible_events
from oncohort.published.figures import in_words, ratio_key, slug
from oncohort.published.model import Ratio
from oncohort.twin.plan import Plan
from oncohort.twin.search import Cohort

LARGEST = 60
"""Patients up to which all orders are gone through: a tenth of a second for each pair."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A printed ratio with its p: how many patients it sets against each other, and its events.

    ``able``: numbers of events with which any cohort can have both, as far as is known.
    """

    ratio: Ratio
    endpoint: str
    sizes: tuple[int, int]
    able: tuple[int, ...]
    free: bool = False
    """Whether the sizes are those of this twin: the paper leaves them open."""


def ranges(numbers: tuple[int, ...]) -> str:
    """Whole numbers as ranges.

    Examples
    --------
    >>> ranges((3, 4, 5, 9)), ranges(())
    ('3 to 5, 9', 'none')
    """
    out = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        own = [k for _, k in run]
        out.append(f"{own[0]}" if len(own) == 1 else f"{own[0]} to {own[-1]}")
    return ", ".join(out) or "none"


def pairs_of(plan: Plan, cohort: Cohort) -> list[Pair]:
    """Every ratio of one 0/1 variable alone whose p is printed and not impossible by itself."""
    out = []
    open_ = {c.key for c in plan.cox.covariates if c.free is not None}
    for term, own in zip(plan.layout.space.terms, plan.layout.ratios, strict=True):
        ratio, inverse = own[0]
        if len(own) > 1 or ratio is None or not ratio.p or plan.n > LARGEST:
            continue
        if any(f"{ratio_key(ratio)}.{part}" in plan.impossible for part in ("estimate", "p")):
            continue
        ones = int(cohort.x[term.columns[0]].sum())
        first, second = (plan.n - ones, ones) if inverse else (ones, plan.n - ones)
        able = admissible_events(ratio.estimate, ratio.p, first, second)
        if able is not None:
            endpoint = plan.endpoints[term.endpoint]
            free = slug(ratio.variable) in open_
            out.append(Pair(ratio, endpoint, (first, second), able, free))
    return out


def reasons(pairs: list[Pair], events: Mapping[str, int]) -> dict[str, str]:
    """By the key of its p: with which numbers of events a pair can be had."""
    out = {}
    for pair in pairs:
        able, k = pair.able, events[pair.endpoint]
        of = f"{pair.sizes[0]} against {pair.sizes[1]} patients"
        needed = f"of {of} without tied times needs {ranges(able)} events"
        words = f"beside its ratio any order {needed}"
        if not able:
            words = f"no order of {of} without tied times has it beside its ratio"
        elif k not in able:
            words += f", and there are {k}"
        out[f"{ratio_key(pair.ratio)}.p"] = words
    return out


def conflicts(pairs: list[Pair]) -> tuple[str, ...]:
    """Pairs of one endpoint that no number of events gives both, two by two."""
    out = []
    for a, b in combinations([pair for pair in pairs if not pair.free], 2):
        if a.endpoint == b.endpoint and a.able and b.able and not set(a.able) & set(b.able):
            told = " and ".join(
                f"{in_words(x.ratio.variable)} {x.ratio.estimate} with p {x.ratio.p} "
                f"({ranges(x.able)} events)"
                for x in (a, b)
            )
            out.append(f"{a.endpoint.upper()}: no cohort without tied times has both {told}")
    return tuple(out)
