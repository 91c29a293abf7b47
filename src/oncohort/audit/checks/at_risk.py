"""Survival at fixed times against the numbers at risk.

See ``docs/audit-mathematics.md`` for the proof.
"""

from __future__ import annotations

import re
from itertools import pairwise

from oncohort.audit.checks import binding
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Curve, Landmark, Published
from oncohort.published.rounding import interval
from oncohort.vocabulary.times import DAYS_PER_UNIT

RULE_FALLS = "The number at risk falls with time, unless patients enter late."
RULE_FLOOR = (
    "Whoever is still at risk at a time has survived until then, and the Kaplan-Meier estimate "
    "gives the mass of those censored before to those who remain: survival is at least the number "
    "at risk divided by that at the start (Efron, Proc Fifth Berkeley Symp 1967;4:831-853)."
)
_ENTRY = re.compile(
    r"left[- ]truncat|delayed entr|late entr|entry time|person[- ]time|age as the", re.I
)


def check(published: Published, log: Log) -> None:
    """Check numbers at risk, and survival at the same times and of the same group."""
    outside = binding.methods(published) & {"weights", "competing", "time-varying"}
    for curve in published.curves:
        if len(curve.at_risk) < 2 or _ENTRY.search(curve.where.quote):
            continue
        log.checked(curve)
        if _rises(curve, log):
            continue
        for mark in published.landmarks:
            if _same_group(mark, curve):
                _floor(mark, curve, sorted(outside), log)


def _same_group(mark: Landmark, curve: Curve) -> bool:
    """Whether a value is of the curve: one table, or one population, endpoint and unit."""
    if mark.unit not in DAYS_PER_UNIT or curve.unit not in DAYS_PER_UNIT:
        return False
    return bool(mark.population) and (mark.population, mark.endpoint) == (
        curve.population,
        curve.endpoint,
    )


def _rises(curve: Curve, log: Log) -> bool:
    rises = [
        (a, b) for a, b in pairwise(curve.at_risk) if a[1].isdigit() and b[1].isdigit()
        and int(b[1]) > int(a[1]) and float(b[0]) > float(a[0])
    ]  # fmt: skip
    for (first, before), (second, after) in rises:
        log.add(
            Finding(
                "at_risk.rises",
                Certainty.UNUSUAL,
                f"{curve.population or curve.endpoint or 'A curve'}: {before} at risk at {first}, "
                f"but {after} at {second} {curve.unit}",
                (curve.where,),
                RULE_FALLS,
                (f"{after} > {before}",),
                readings=("patients who enter late would explain it",),
                figures=(before, after),
            )
        )
    return bool(rises)


def _floor(mark: Landmark, curve: Curve, outside: list[str], log: Log) -> None:
    share = interval(mark.percent)
    start = curve.at_risk[0][1]
    days = float(mark.time) * DAYS_PER_UNIT[mark.unit] if _plain(mark.time) else None
    if share is None or days is None or not start.isdigit() or int(start) == 0:
        return
    if float(curve.at_risk[0][0]) != 0:
        return
    # Whoever is at risk at a later time was so at this one.
    later = [
        int(n) for t, n in curve.at_risk
        if n.isdigit() and float(t) * DAYS_PER_UNIT[curve.unit] >= 0.999 * days
    ]  # fmt: skip
    if not later:
        return
    log.checked(mark, curve)
    least = 100 * max(later) / int(start)
    if float(share.high) >= least - 1e-9:
        return
    group = curve.population or curve.endpoint
    assumption = f"the survival and the numbers at risk are both of {group!r}"
    log.add(
        Finding(
            "at_risk.survival",
            Certainty.UNUSUAL if outside else Certainty.IMPOSSIBLE_IF,
            f"{mark.endpoint or 'Survival'} of {mark.percent}% at {mark.time} {mark.unit} is "
            f"impossible if {assumption}: {max(later)} of {start} were still at risk, so it is at "
            f"least {least:.1f}%",
            tuple(dict.fromkeys((mark.where, curve.where))),
            RULE_FLOOR,
            (f"100 x {max(later)} / {start} = {least:.2f} > {float(share.high):g}",),
            (f"{mark.percent} allows {share}",),
            (assumption, "a Kaplan-Meier estimate without weights or late entry"),
            (f"methods that the bound does not cover: {', '.join(outside)}",) if outside else (),
            (mark.percent, mark.time, str(max(later)), start),
        )
    )


def _plain(text: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", text) is not None
