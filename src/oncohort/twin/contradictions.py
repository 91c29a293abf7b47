"""Printed figures that contradict each other by arithmetic, before any search.

Of a ratio with interval and p (Wald): the estimate lies midway between the limits on the scale of
logarithms, their distance and p speak for one standard error, and that is at least
sqrt(1/d1 + 1/d0) in any Cox partial likelihood.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.published.figures import ratio_key
from oncohort.published.model import Ratio
from oncohort.twin.question import Cox, logs, window_of
from oncohort.twin.search import INF, Window


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why a figure can't be had, and a smallest set of figures that contradict each other."""

    why: str
    conflict: tuple[str, ...] = ()


_PARTS = ("estimate", "low", "high", "p")
"""Parts of a ratio, the one that is kept first."""

_WINDOWS = {"estimate": "ratio", "low": "low", "high": "high", "p": "z"}


def _possible(window: Window, parts: Sequence[str], least: float) -> bool:
    """Whether a log ratio and a standard error of at least ``least`` print as these parts."""
    from scipy.optimize import linprog

    q = window.quantile
    limits = {p: getattr(window, _WINDOWS[p]) for p in parts}
    for sign in (1.0, -1.0):
        # Unknowns: the log ratio and its standard error.
        sides: list[tuple[tuple[float, float], float]] = [
            ((-sign, 0.0), 0.0),
            ((0.0, -1.0), -least),
        ]
        for part, (low, high) in limits.items():
            if part == "p":
                if high < INF:
                    sides.append(((sign, -high), 0.0))
                sides.append(((-sign, low), 0.0))
                continue
            row = (1.0, {"estimate": 0.0, "low": -q, "high": q}[part])
            if high < INF:
                sides.append((row, high))
            if low > -INF:
                sides.append(((-row[0], -row[1]), -low))
        matrix, right = np.array([r for r, _ in sides]), np.array([b for _, b in sides]) + 1e-9
        done = linprog([0.0, 0.0], A_ub=matrix, b_ub=right, bounds=[(None, None), (0.0, None)])
        if done.status == 0:
            return True
    return False


def least_error(ones: int, rest: int, events: int | None = None) -> float:
    """Least standard error of a log hazard ratio of groups of these sizes.

    sqrt(1/d1 + 1/d0) with at most as many events as patients on either side, and ``events`` in all
    where their number is known (``docs/audit-mathematics.md``).

    Examples
    --------
    >>> round(least_error(14, 28), 4), round(least_error(14, 28, 20), 4)
    (0.3273, 0.4472)
    """
    if not ones or not rest:
        return 0.0
    least = 1 / ones + 1 / rest
    if events:
        shared = (
            1 / a + 1 / (events - a) for a in range(1, events) if a <= ones and events - a <= rest
        )
        least = max(least, min(shared, default=0.0))
    return math.sqrt(least)


def _smallest(window: Window, kept: Sequence[str], part: str, least: float) -> tuple[str, ...]:
    """A smallest set of parts with this one that can't be together."""
    for size in range(len(kept) + 1):
        for others in itertools.combinations(kept, size):
            if not _possible(window, (*others, part), least):
                return (*others, part)
    return (*kept, part)


def ratio_conflicts(r: Ratio, ones: int = 0, rest: int = 0, events: int | None = None) -> dict[
    str, Impossible
]:  # fmt: skip
    """Parts of a ratio that can't stand beside those before them: estimate, limits, p.

    ``ones``, ``rest``: patients on the two sides; 0 where they are not known.

    Examples
    --------
    >>> r = Ratio("sex", estimate="1.5", low="1.6", high="2.4", p="0.4")
    >>> for part, why in ratio_conflicts(r).items():
    ...     print(part, why.conflict)
    low ('estimate', 'low')
    p ('estimate', 'high', 'p')
    """
    window = window_of(r)
    least = least_error(ones, rest, events)
    kept: list[str] = []
    out: dict[str, Impossible] = {}
    for part in _PARTS:
        if getattr(window, _WINDOWS[part]) == (-INF, INF):
            continue
        if _possible(window, (*kept, part), least):
            kept.append(part)
            continue
        bare = _possible(window, (*kept, part), 0.0)
        conflict = _smallest(window, kept, part, least if bare else 0.0)
        out[part] = Impossible(_why(r, conflict, ones, rest, events, bare), conflict)
    return out


def _why(
    r: Ratio, conflict: tuple[str, ...], ones: int, rest: int, events: int | None, bound: bool
) -> str:
    if not bound:
        return (
            "no log ratio and standard error print so: the estimate lies midway between the limits "
            "on the scale of logarithms, and Wald p is that of their distance"
        )
    least = least_error(ones, rest, events)
    of = f"the standard error is at least sqrt(1/{ones} + 1/{rest})"
    if least > least_error(ones, rest) + 1e-12:
        of = f"the standard error is at least {least:.3g} with {events} events"
    if set(conflict) == {"estimate", "p"}:
        low, high = logs(r.estimate)
        p = math.erfc(max(abs(low), abs(high)) / least / math.sqrt(2))
        return (
            f"a Wald p of this ratio is at least {p:.3g} with {ones} against {rest} patients: {of}"
        )
    return (
        f"the figures speak for a smaller standard error; with {ones} against {rest} patients {of}"
    )


def impossible_ratios(cox: Cox, counts: Mapping[str, int], n: int) -> dict[str, Impossible]:
    """Figures of all ratios that no cohort has, by key."""
    out: dict[str, Impossible] = {}
    for model in cox.models:
        for variable, k, ratio, _ in model.ratios:
            if ratio is None:
                continue
            covariate = next(c for c in cox.covariates if c.key == variable)
            ones = sum(level in covariate.columns[k] for level in covariate.levels)
            known = covariate.free is None
            found = ratio_conflicts(
                ratio,
                ones if known else 0,
                n - ones if known else 0,
                counts.get(f"events.{model.endpoint}"),
            )
            key = ratio_key(ratio)
            for part, why in found.items():
                conflict = tuple(f"{key}.{c}" for c in why.conflict)
                out[f"{key}.{part}"] = Impossible(why.why, conflict)
    return out
