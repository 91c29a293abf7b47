"""The short summary of a run, for terminal and notebook."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from oncohort.analyses.published import STATES
from oncohort.displays.words import patients
from oncohort.problems import Severity
from oncohort.protocol.number_style import NBSP
from oncohort.vocabulary.plurals import plural

if TYPE_CHECKING:
    from oncohort.analyses.result import Estimate, Numbers
    from oncohort.study.results import Results

NAMES = {
    Severity.ERROR: "error",
    Severity.QUESTION: "open question",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}


def _beside(numbers: Numbers) -> list[str]:
    """How many printed figures of a paper agree, differ, can't be, or have no number here."""
    found = [numbers[i] for i in numbers if i.startswith("published.")]
    counts: Counter[str] = Counter()
    for e in found:
        counts[e.key["state"]] += int(e.value or 0)
    told = ", ".join(f"{counts[key]} {words}" for key, words in STATES.items() if counts[key])
    return [f"Beside the published figures: {told}"] if told else []


def summary_lines(results: Results) -> list[str]:
    """n, response rate, medians, problems and what was left out; numbers as the paper has them."""
    numbers, style = results.numbers, results.paper.style
    n = results.context.n
    lines = [f"{n} {patients(n)}"]

    def told(estimate: Estimate) -> str:
        ci = style.interval_words(estimate)
        words = f"{style.in_words(estimate)} ({ci})" if ci else style.in_words(estimate)
        return words.replace(NBSP, " ")

    if "response.orr.percent" in numbers:
        rate = numbers["response.orr.percent"]
        count = numbers["response.orr.count"]
        lines.append(f"Objective response {count.value} of {rate.n}, {told(rate)}")
    for key, info in results.context.endpoints.items():
        name = f"survival.{key}.median"
        if name in numbers:
            e = numbers[name]
            seen = f"{e.events} {plural(e.events, 'event')} in {e.n} {patients(e.n)}"
            lines.append(f"{info.label}: median {told(e)}, {seen}")
    lines += _beside(numbers)
    counts = Counter(p.severity for p in results.problems)
    found = [f"{counts[s]} {plural(counts[s], NAMES[s])}" for s in Severity if counts[s]]
    lines.append(f"Problems found: {', '.join(found) if found else 'none'}")
    for out in results.left_out:
        why = out.reason or (out.problems[0].what if out.problems else "")
        lines.append(f"Left out: {out.section}. {why}".rstrip())
    return lines
