"""A hazard ratio in a sentence that prints the sizes of its two groups, too."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.audit.checks import arms, binding
from oncohort.audit.checks.cox import check_interval
from oncohort.audit.finding import Log
from oncohort.published.model import Categorical, Published

_SIZE = re.compile(r"[(\[]\s*n\s*=\s*(\d[\d,]*)\s*[)\]]", re.I)
_ANY_SIZE = re.compile(r"\bn\s*=\s*\d", re.I)
_RATIO = re.compile(r"\bhazards? ratio|\bs?a?HR\b", re.I)
_AGAINST = re.compile(r"\b(?:versus|vs|compared|than)\b", re.I)
_CONTINUOUS = re.compile(
    r"\b(?:per|each|every|increase|increment|unit|continuous|interaction|pooled|meta-analysis|"
    r"trials|studies|weighted|standardi[sz]ed)\b",
    re.I,
)
_NOT_PATIENTS = re.compile(r"\b(?:events?|deaths?|died|progressions?|interaction)\b", re.I)


def check(published: Published, log: Log) -> None:
    """Compare intervals of hazard ratios with the group sizes of their own sentences.

    Only intervals: a p in a sentence is that of a log-rank test too often.
    """
    methods = binding.methods(published)
    known = arms.arms(published)
    for ratio in published.ratios:
        if ratio.kind != "HR" or ratio.where.table or ratio.population != "own":
            continue
        if sum(r.where.quote == ratio.where.quote for r in published.ratios) > 1:
            continue
        groups = group_sizes(ratio.where.quote)
        reading = "sizes printed beside them"
        if groups is None:
            groups, reading = arm_sizes(ratio.where.quote, known), "the arms in tables' headings"
        if groups is None or not (ratio.low and ratio.high):
            continue
        first, second = groups
        said = f"n = {first} and n = {second}"
        bound = binding.Bound(Categorical(said, ()), (binding.Groups(first, second, reading),))
        log.checked(ratio)
        check_interval(replace(ratio, variable="In the text", contrast=said), bound, methods, log)


def arm_sizes(sentence: str, known: tuple[arms.Arm, ...]) -> tuple[int, int] | None:
    """Sizes of the two arms that a sentence compares; None unless it names just two.

    A subgroup that the sentence speaks of is smaller, so the bound only allows for more.

    Examples
    --------
    >>> known = (arms.Arm("placebo", 40), arms.Arm("drug A", 42))
    >>> arm_sizes("OS was longer with drug A than with placebo (HR 0.6, 95% CI 0.4-0.9).", known)
    (42, 40)
    """
    if _CONTINUOUS.search(sentence) or not _AGAINST.search(sentence):
        return None
    pair = arms.named_in(sentence, known)
    return (pair[0].n, pair[1].n) if pair is not None else None


def group_sizes(sentence: str) -> tuple[int, int] | None:
    """The two group sizes of a sentence with one hazard ratio; None unless it is plain.

    Examples
    --------
    >>> group_sizes("OS was shorter with (n = 8) than without bone lesions (n = 40; HR 2.0).")
    >>> group_sizes("OS was shorter with (n = 8) than without bone lesions (n = 40) (HR 2.0).")
    (8, 40)
    """
    sizes = list(_SIZE.finditer(sentence))
    ratios = [m.start() for m in _RATIO.finditer(sentence)]
    if len(sizes) != 2 or len(_ANY_SIZE.findall(sentence)) != 2 or not ratios:
        return None
    one, two = sizes
    between = sentence[one.end() : two.start()]
    if min(ratios) < two.end() or not _AGAINST.search(between) or _NOT_PATIENTS.search(sentence):
        return None
    if re.search(r"[.;]\s", between):
        return None
    first, second = (int(m[1].replace(",", "")) for m in sizes)
    return (first, second) if min(first, second) > 0 else None
