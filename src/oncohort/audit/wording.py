"""What a finding means, in a clinician's words: one line of verdict, and what would make it right.

A verdict says no more than its finding's certainty allows; a remedy names figures that are printed
or computed from printed ones, never a guess of which of two is wrong.
"""

from __future__ import annotations

import re
from fractions import Fraction

from oncohort.audit.finding import Certainty, Finding
from oncohort.dataclass import dataclass
from oncohort.published.rounding import interval


@dataclass(frozen=True, slots=True)
class _Words:
    verdict: str
    remedy: str


_RULES: dict[str, _Words] = {
    "counts.percentage": _Words(
        "This count and this percentage do not belong together.",
        "Print the count and the percentage of the same patients, and how many those are.",
    ),
    "counts.fraction": _Words(
        "This percentage is not that of the fraction printed beside it.",
        "Correct the count, the denominator or the percentage.",
    ),
    "counts.sum": _Words(
        "The groups do not add up to the patients that they are groups of.",
        "Correct a count, or say how many patients have no value.",
    ),
    "counts.total": _Words(
        "The groups do not add up to what is printed of all patients.",
        "Correct the count of a group or of all, or say who is in none of the groups or in two.",
    ),
    "twice.count": _Words(
        "The same count is printed with two values.", "Print one value, or say how they differ."
    ),
    "twice.follow-up": _Words(
        "The median follow-up is printed with two values.",
        "Print one value, or say of whom, until when and by what method each is.",
    ),
    "twice.median": _Words(
        "The same median is printed with two values.", "Print one value, or say how they differ."
    ),
    "twice.p": _Words(
        "The same p-value is printed with two values.", "Print one value, or say how they differ."
    ),
    "twice.rate": _Words(
        "The same rate is printed with two values.", "Print one value, or say how they differ."
    ),
    "cohort_size.differs": _Words(
        "The study is said to have two numbers of patients.",
        "Print one number, or say which patients were left out and why.",
    ),
    "cox.bound": _Words(
        "So small a p-value cannot come from so small a hazard ratio with groups of this size.",
        "State the test that gave p, the patients and events of each group, and the interval.",
    ),
    "cox.interval": _Words(
        "The interval of this hazard ratio is narrower than groups of this size allow.",
        "State the patients and events of each group, and how the interval was computed.",
    ),
    "cox.all": _Words(
        "No two groups of so many patients allow this hazard ratio with this p or interval.",
        "State the patients and events of each group, the test, and how the interval was computed.",
    ),
    "cox.events": _Words(
        "The interval of this hazard ratio is narrower than so few events allow.",
        "State the events of each group that the model used, and how the interval was computed.",
    ),
    "copies.columns": _Words(
        "Two columns have the same counts in every row.",
        "Check whether one was copied over the other.",
    ),
    "copies.rows": _Words(
        "Two rows have the same figures throughout.",
        "Check whether one was copied over the other.",
    ),
    "ratios.inside": _Words(
        "The ratio lies outside its own confidence interval.",
        "Correct the ratio or one of the two limits.",
    ),
    "ratios.p": _Words(
        "The p-value and the interval of this ratio contradict each other.",
        "Correct one of them, or name the test that gave p if it is not that of the interval.",
    ),
    "ratios.p-zero": _Words(
        "No test gives a p of exactly zero.", "Print p as below the smallest value that is shown."
    ),
    "ratios.symmetric": _Words(
        "The interval does not lie around its ratio as an interval of a ratio does.",
        "Correct the ratio or a limit, or say how the interval was computed.",
    ),
    "ratios.words": _Words(
        "The words and the figures of this ratio say different things.",
        "Correct the words or the figures.",
    ),
    "contrasts.direction": _Words(
        "The table says that one side does worse, the text says that the other does.",
        "Say which level is the reference in each row.",
    ),
    "bounds.inside": _Words(
        "The value lies outside the limits that are printed as its own.",
        "Correct the value or one of the two limits.",
    ),
    "times.inside": _Words(
        "The median lies outside its own interval or range.",
        "Correct the median or one of the two limits.",
    ),
    "times.order": _Words(
        "Patients cannot be free of progression for longer than they live.",
        "Correct a median, or say from which day and in which patients each is counted.",
    ),
    "times.landmark": _Words(
        "Survival cannot rise with time.", "Correct one of the rates, or say whose each is."
    ),
    "times.landmark-median": _Words(
        "The survival rate and the median cannot be of the same curve.",
        "Correct the rate or the median, or say in which patients each is.",
    ),
    "times.treatment": _Words(
        "Treatment seems to last longer than freedom from progression.",
        "Say whether patients were treated beyond progression.",
    ),
    "responses.sum": _Words(
        "The best responses do not add up to the patients.",
        "Correct a count, or say how many could not be assessed.",
    ),
    "responses.rate": _Words(
        "The response rate is not that of the responses counted.",
        "Correct the rate or the counts, or print the denominator.",
    ),
    "proportions.inside": _Words(
        "The proportion lies outside its own confidence interval.",
        "Correct the proportion or one of the two limits.",
    ),
    "proportions.interval": _Words(
        "No usual method gives this interval for this proportion.",
        "Name the method of the interval, and print the count and the denominator.",
    ),
    "summaries.order": _Words(
        "Mean, median and limits do not stand in the order that they must have.",
        "Correct the figure that is out of order.",
    ),
    "tests.statistic": _Words(
        "The test statistic does not give the p-value printed beside it.",
        "Correct the statistic, its degrees of freedom or p; say so if p was corrected.",
    ),
    "tests.cross": _Words(
        "The counts do not give the p-value printed beside them.",
        "Name the test, and correct the counts or p.",
    ),
    "tests.larger": _Words(
        "None of the usual tests of these counts gives the p-value printed beside them.",
        "Name the test, and correct the counts or p.",
    ),
    "at_risk.survival": _Words(
        "More patients were still at risk than the printed survival allows.",
        "Correct the survival or the number at risk, or say that they are of different patients.",
    ),
    "at_risk.rises": _Words(
        "The number at risk rises with time.",
        "Correct the numbers at risk, or say that patients entered late.",
    ),
    "totals.rate": _Words(
        "The events and the person-time do not give the printed rate.",
        "Correct a figure, or say that the rate is adjusted.",
    ),
    "totals.flow": _Words(
        "A percentage of the flow is the share of no number named before it.",
        "Say of how many patients it is.",
    ),
    "adverse.any": _Words(
        "More patients have one event than have any event.",
        "Correct a count, or say which events the total counts.",
    ),
    "adverse.grades": _Words(
        "More patients have the event at a higher grade than at any grade.",
        "Correct a count, or say which grades each column counts.",
    ),
    "adverse.size": _Words(
        "More patients have the event than are in the group.", "Correct the count or the size."
    ),
    "progressions.size": _Words(
        "More patients died or progressed than are in the study.",
        "Correct the count or the number of patients.",
    ),
    "progressions.best-response": _Words(
        "Fewer patients progressed than had progression as their best response.",
        "Correct a count, or say until when progressions were counted.",
    ),
    "cutoffs.differ": _Words(
        "The same variable is cut at two values.", "Print one cut-off, or say why there are two."
    ),
    "completeness.missing": _Words(
        "Figures that a reader needs were not found.", "State them in the paper or a supplement."
    ),
}
_OTHERS = _Words(
    "These figures do not agree with each other.",
    "Correct the one that is wrong, or say in which patients each is counted.",
)
_FORCE = {
    Certainty.IMPOSSIBLE: "Cannot be true as printed",
    Certainty.IMPOSSIBLE_IF: "Cannot be true under the assumptions named",
    Certainty.INCONSISTENT: "Two statements contradict each other",
    Certainty.UNUSUAL: "Worth a look; it may be right",
}


def force(certainty: Certainty) -> str:
    """What a certainty means to a reader."""
    return _FORCE[certainty]


def verdict(finding: Finding) -> str:
    """One line: what is wrong, in a clinician's words.

    Examples
    --------
    >>> verdict(Finding("ratios.inside", Certainty.INCONSISTENT, "", (), ""))
    'The ratio lies outside its own confidence interval.'
    """
    return _RULES.get(finding.id, _OTHERS).verdict


def remedies(finding: Finding) -> tuple[str, ...]:
    """What would make the figures right: computed values first, then what to state.

    Examples
    --------
    >>> f = Finding("counts.fraction", Certainty.INCONSISTENT, "", (), "",
    ...             figures=("2", "87", "3.4"))
    >>> remedies(f)[:2]
    ('2 of 87 is 2.3%.', '3.4% of 87 would be 3.')
    """
    words = _RULES.get(finding.id, _OTHERS).remedy
    return (*_computed(finding), words)


def _computed(finding: Finding) -> tuple[str, ...]:
    if finding.id == "counts.fraction" and len(finding.figures) == 3:
        count, whole, percent = finding.figures
        return _share(count, whole, percent)
    if finding.id in {"counts.percentage", "counts.sum"}:
        back = tuple(
            f"{line[:1].upper()}{line[1:]}."
            for line in finding.readings
            if line.startswith(("read from the percentages", "the percentages agree"))
        )
        shares = _shares_of_size(finding) if finding.id == "counts.percentage" else ()
        return (*(s for s in shares if not (back and s.startswith("No count"))), *back)
    return ()


def _shares_of_size(finding: Finding) -> tuple[str, ...]:
    """What each count is of the number that the arithmetic was done with."""
    out: list[str] = []
    for count, percent in zip(finding.figures[::2], finding.figures[1::2], strict=False):
        made = re.compile(rf"100 x {re.escape(count)} / ([0-9]{{1,9}}) = ")
        done = next((m for m in map(made.match, finding.arithmetic) if m), None)
        out += _share(count, done[1], percent) if done else ()
    return tuple(out)


def _share(count: str, whole: str, percent: str) -> tuple[str, ...]:
    allowed = interval(percent)
    if not (count.isdecimal() and whole.isdecimal()) or allowed is None or int(whole) == 0:
        return ()
    n, digits = int(whole), len(percent.partition(".")[2])
    first = f"{count} of {n} is {100 * int(count) / n:.{digits}f}%."
    near = round(float(allowed.low + allowed.high) / 2 * n / 100)
    fits = [
        k
        for k in (near - 1, near, near + 1)
        if 0 <= k <= n and allowed.low <= Fraction(100 * k, n) <= allowed.high
    ]
    if not fits:
        return (first, f"No count of {n} is {percent}%.")
    return (first, f"{percent}% of {n} would be {' or '.join(map(str, fits))}.")


def letter(source: str, findings: tuple[Finding, ...], read: int) -> str:
    """A letter to the author about what was found: plain, polite, every figure with its place."""
    if not findings:
        return ""
    lines = [
        "Dear author,",
        "",
        f"while reading your paper ({source}) I could not make some of its figures agree. "
        f"{read} printed figures were read by a program that recomputes them; each point below "
        "can be followed with pencil and paper.",
        "",
    ]
    for number, finding in enumerate(findings, start=1):
        lines.append(f"{number}. {verdict(finding)}")
        for quote in finding.quotes[:4]:
            if quote.quote:
                lines.append(f"   {quote}: “{shortened(quote.quote)}”")
        lines += [f"   {line}" for line in finding.arithmetic[:6]]
        if finding.assumptions:
            lines.append(f"   This assumes that {'; '.join(finding.assumptions)}.")
        lines += [f"   {line}" for line in remedies(finding)]
        lines.append("")
    lines += [
        "If I have misread a figure or overlooked an explanation, I would be glad to learn which.",
        "",
        "With kind regards,",
    ]
    return "\n".join(lines) + "\n"


def shortened(text: str, most: int = 300) -> str:
    """A quote of bounded length; words are left out in its middle."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half].rsplit(' ', 1)[0]} … {text[-half:].partition(' ')[2]}"
