"""A hazard ratio in a sentence that prints the sizes of its two groups, too."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from oncohort.audit.checks import arms, binding
from oncohort.audit.checks.cox import check_interval
from oncohort.audit.extract import names
from oncohort.audit.finding import Log
from oncohort.dataclass import dataclass
from oncohort.published.model import Categorical, Published, Ratio

_SIZE = re.compile(r"[(\[]\s*n\s*=\s*(\d[\d,]*)\s*[)\]]", re.I)
_ANY_SIZE = re.compile(r"\bn\s*=\s*\d", re.I)
_RATIO = re.compile(r"\bhazards? ratio|\bs?a?HR\b", re.I)
_AGAINST = re.compile(r"\b(?:versus|vs|compared|than)\b", re.I)
_GROUPS = re.compile(
    r"\b(?:versus|vs|compared|comparing|comparison|than|arms?|(?:sub)?groups?|placebo|controls?|"
    r"with(?:out)?|in favou?r|favou?r(?:s|ed|ing)|treatment|those|between|who|intervention|"
    r"receiving|received|respectively for)\b",
    re.I,
)
_CONTINUOUS = re.compile(
    r"\b(?:increasing|decreasing|higher|lower|levels?|concentrations?|scores?|years? of age|"
    r"per|each|every|increase|increment|unit|continuous|interaction|pooled|meta-analysis|"
    r"trials|studies|weighted|standardi[sz]ed)\b",
    re.I,
)
_NOT_PATIENTS = re.compile(r"\b(?:events?|deaths?|died|progressions?|interaction)\b", re.I)


def check(published: Published, log: Log) -> None:
    """Compare intervals of hazard ratios with the group sizes of their own sentences.

    Only intervals: a p in a sentence is that of a log-rank test too often. Where only the number
    of all patients is known, an interval that is too narrow even for them is *unusual*: the ratio
    may be of a measurement.
    """
    methods = binding.methods(published)
    paper = stated_groups(published)
    for ratio in published.ratios:
        groups = in_text(ratio, paper)
        if groups is None:
            continue
        if not groups.best_split:
            log.checked(ratio)
        if ratio.low and ratio.high:
            stated = (
                str(groups) if groups.best_split else f"n = {groups.first} and n = {groups.second}"
            )
            doubt = "the sentence may speak of a measurement, not of groups"
            check_interval(
                replace(ratio, variable="In the text", contrast=stated),
                binding.Bound(Categorical(stated, ()), (groups,)),
                methods,
                log,
                doubt if groups.best_split else "",
            )


@dataclass(frozen=True, slots=True)
class StatedGroups:
    """What a paper says of its arms and numbers of patients, for every ratio of its sentences."""

    known: tuple[arms.Arm, ...]
    pairs: tuple[tuple[arms.Arm, arms.Arm], ...]
    drawn: tuple[arms.Arm, arms.Arm] | None
    largest: int
    """The largest number of patients that the paper states, or that has an arm."""
    randomised: frozenset[int]
    ratios: Counter[str]
    """How many ratios each sentence prints."""
    words: names.Dictionary


def stated_groups(published: Published) -> StatedGroups:
    """Gather once what is looked up for every ratio."""
    known = arms.arms(published)
    sizes = [int(p.n) for p in published.populations if p.n.isdigit()]
    return StatedGroups(
        known,
        arms.pairs(published),
        arms.drawn(published),
        max([0, *sizes, *(a.n for a in known)]),
        randomised(published),
        Counter(r.where.quote for r in published.ratios),
        binding.dictionary(published),
    )


def in_text(ratio: Ratio, paper: StatedGroups) -> binding.Groups | None:
    """The two groups of a hazard ratio in a sentence of this study's results.

    Looked at are sizes printed in a sentence with one ratio; two arms that the sentence names, of
    the tables' headings or of the sentence that says how many were assigned to each; and last,
    where the sentence compares groups, all patients: the largest number that the paper states.
    """
    if ratio.kind != "HR" or ratio.where.table or ratio.population != "own":
        return None
    sentence, n = ratio.where.quote, paper.largest
    sizes = group_sizes(sentence) if paper.ratios[sentence] == 1 else None
    if sizes is not None:
        return binding.Groups(*sizes, "sizes printed beside them")
    sizes = arm_sizes(sentence, paper.known)
    if sizes is not None and (sum(sizes) >= n or sum(sizes) in paper.randomised):
        return binding.Groups(*sizes, "the arms in tables' headings")
    if not compares(sentence):
        return None
    two = arms.pair_in(sentence, paper.pairs, paper.words)
    # Headings may give those with a value, or a part; arms of fewer than all are not taken.
    total = two[0].n + two[1].n if two is not None else 0
    if two is not None and (total >= n or total in paper.randomised):
        return binding.Groups(two[0].n, two[1].n, "the two arms of a table")
    drawn = paper.drawn
    if drawn is not None and arms.names_both(sentence, drawn, paper.words):
        return binding.Groups(drawn[0].n, drawn[1].n, "the two arms as they were randomised")
    if n < 2:
        return None
    return binding.Groups(n // 2, n - n // 2, "the largest number in the paper", best_split=True)


_RANDOMISED = re.compile(
    r"\brandomi[sz]|\b(?:were|was) (?:\w+ )?(?:assigned|allocated)\b|intention[- ]to[- ]treat", re.I
)


def randomised(published: Published) -> frozenset[int]:
    """Numbers of patients that the paper calls randomised: more may have been screened.

    Two arms that make such a number are the whole trial.
    """
    return frozenset(
        int(p.n)
        for p in published.populations
        if p.n.isdigit() and not p.key.startswith("noted") and _RANDOMISED.search(p.where.quote)
    )


def compares(sentence: str) -> bool:
    """Whether a sentence sets groups of patients against each other.

    Examples
    --------
    >>> compares("PFS favoured the combination arm (HR 0.63, 95% CI 0.50-0.80).")
    True
    >>> compares("Age predicted survival (HR 1.02 per year, 95% CI 1.01-1.03).")
    False
    """
    return bool(_GROUPS.search(sentence)) and not _CONTINUOUS.search(sentence)


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
