"""The short summary of a run, for terminal and notebook."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from oncohort.problems import Severity

if TYPE_CHECKING:
    from oncohort.analyses.result import Estimate
    from oncohort.study.results import Results

NAMES = {
    Severity.ERROR: ("error", "errors"),
    Severity.QUESTION: ("open question", "open questions"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.NOTE: ("note", "notes"),
}


def _with_interval(estimate: Estimate, unit: str) -> str:
    if estimate.value is None:
        return "not reached" if estimate.state == "not_reached" else "not estimable"
    text = f"{estimate.value:.1f}{unit}"
    if estimate.level is None:
        return text
    low = "not reached" if estimate.low is None else f"{estimate.low:.1f}"
    high = "not reached" if estimate.high is None else f"{estimate.high:.1f}"
    return f"{text} ({100 * estimate.level:.0f}% CI {low} to {high})"


def summary_lines(results: Results) -> list[str]:
    """n, response rate, medians, problems and what was left out."""
    numbers = results.numbers
    lines = [f"{results.context.n} patients"]
    if "response.orr.percent" in numbers:
        rate = numbers["response.orr.percent"]
        count = numbers["response.orr.count"]
        lines.append(f"Objective response {count.value} of {rate.n}, {_with_interval(rate, '%')}")
    unit = results.study.protocol.study.time_unit
    for key, info in results.context.endpoints.items():
        name = f"survival.{key}.median"
        if name in numbers:
            e = numbers[name]
            lines.append(
                f"{info.label}: median {_with_interval(e, f' {unit}')}, "
                f"{e.events} events in {e.n} patients"
            )
    counts = Counter(p.severity for p in results.problems)
    found = [f"{counts[s]} {NAMES[s][counts[s] > 1]}" for s in Severity if counts[s]]
    lines.append(f"Problems found: {', '.join(found) if found else 'none'}")
    for out in results.left_out:
        why = out.reason or (out.problems[0].what if out.problems else "")
        lines.append(f"Left out: {out.section}. {why}".rstrip())
    return lines
