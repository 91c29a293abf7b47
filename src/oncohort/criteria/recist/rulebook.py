"""The named checks of lesion data: how much each matters, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oncohort.problems import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check of lesion data: how much it matters, what it finds, why, and what to do."""

    severity: Severity
    what: str
    why: str
    todo: str


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
RULES: Mapping[str, Rule] = {
    "recist.no-date": Rule(
        _E,
        "A lesion has no date.",
        "A lesion without a date belongs to no visit and is left out.",
        "enter the date of the scan",
    ),
    "recist.unknown-role": Rule(
        _E,
        "A lesion is neither target, non-target nor new.",
        "Only target, non-target and new lesions are known; the row is left out.",
        "recode the column in [tables.lesions.codes]",
    ),
    "recist.unknown-status": Rule(
        _E,
        "A lesion has a status that isn't known.",
        "What the word means for the lesion can't be told.",
        "recode the column in [tables.lesions.codes]",
    ),
    "recist.several-readers": Rule(
        _E,
        "Several people measured the same scans, and none was named.",
        "Readings of different people are never mixed.",
        "name the reader whose reading counts in [schedule] reader",
    ),
    "recist.no-baseline": Rule(
        _E,
        "A patient has no scan that can be the baseline.",
        "Without a scan before treatment there is nothing to compare with (RECIST 1.1, 3.1).",
        "enter the baseline scan, or widen [schedule] baseline_days_after",
    ),
    "recist.baseline-old": Rule(
        _W,
        "The baseline scan is too long before treatment.",
        "The baseline scan should be at most four weeks old at treatment start (RECIST 1.1, 3.1).",
        "look for a later scan, or state the window in the methods",
    ),
    "recist.baseline-after-start": Rule(
        _W,
        "The baseline scan is after treatment start.",
        "A baseline after treatment start may already show its effect.",
        "check the dates",
    ),
    "recist.target-not-measurable": Rule(
        _W,
        "A target lesion isn't measurable at baseline.",
        "Targets must be measurable at baseline (RECIST 1.1, 3.1.1); the lesion is counted as "
        "charted.",
        "make it a non-target lesion, or correct length, method or slice",
    ),
    "recist.target-without-length": Rule(
        _E,
        "A target lesion has no length at baseline.",
        "Without its length the baseline sum is unknown, and no target response can be judged.",
        "enter the length at baseline, or make it a non-target lesion",
    ),
    "recist.too-many-targets": Rule(
        _W,
        "A patient has more than five target lesions.",
        "RECIST 1.1 (3.1.2) allows at most five target lesions; the sum is taken as charted.",
        "choose the largest reproducible ones; the others are non-target",
    ),
    "recist.too-many-in-organ": Rule(
        _W,
        "More than two target lesions are in one organ.",
        "RECIST 1.1 (3.1.2) allows at most two target lesions in an organ; paired organs and all "
        "lymph nodes are one organ each. The sum is taken as charted.",
        "choose the two largest reproducible ones; the others are non-target",
    ),
    "recist.irradiated-target": Rule(
        _W,
        "A target lesion was treated locally before.",
        "A lesion treated locally before may be a target only if it has grown since "
        "(RECIST 1.1, 3.1.1).",
        "confirm that it had progressed, or choose another",
    ),
    "recist.treated-target": Rule(
        _W,
        "A target lesion was treated locally during treatment.",
        "The size of a target that was irradiated, ablated or removed during treatment no longer "
        "shows what the drug did.",
        "make it not evaluable from then on, or state in the methods how it was counted",
    ),
    "recist.new-at-baseline": Rule(
        _E,
        "A lesion is new at baseline.",
        "A lesion can't be new at baseline; it isn't counted.",
        "make it a target or non-target lesion",
    ),
    "recist.not-at-baseline": Rule(
        _E,
        "A lesion of follow-up isn't among those at baseline.",
        "A lesion that wasn't there at baseline is either new, which is progression, or misnamed; "
        "it isn't counted until that is settled.",
        "make it a new lesion, or use the name it had at baseline",
    ),
    "recist.role-changed": Rule(
        _W,
        "A lesion has another role than at baseline.",
        "A lesion keeps the role that it had at baseline.",
        "correct the role",
    ),
    "recist.node-changed": Rule(
        _W,
        "A lesion is a node at one visit and none at another.",
        "A lesion is a node or it isn't; what the baseline says is taken.",
        "correct the column node",
    ),
    "recist.two-values": Rule(
        _E,
        "A target lesion has two different values on one day.",
        "Which of two different values counts can't be told; the lesion is not evaluable at that "
        "visit.",
        "keep the right one; name the pieces of a split lesion T1/1, T1/2",
    ),
    "recist.contradiction": Rule(
        _E,
        "The length of a lesion contradicts its status.",
        "Length and status say different things; the lesion is not evaluable at that visit.",
        "correct one of the two",
    ),
    "recist.merged-into-unknown": Rule(
        _E,
        "A lesion has merged into one that isn't a target.",
        "The lesion it has merged into isn't a target at baseline, so its size is in no sum.",
        "correct the name",
    ),
    "recist.visit-spread": Rule(
        _W,
        "The scans of one visit are more than four weeks apart.",
        "Scans so far apart are hardly one assessment.",
        "check the dates or the visit label",
    ),
    "recist.disease-after-cr": Rule(
        _W,
        "A complete response is followed by disease that isn't called progression.",
        "Disease seen after a true complete response is progression; if lesions were still there, "
        "the response was partial (RECIST 1.1, table 3, note a).",
        "look at the scans: correct the complete response, or the later call",
    ),
    "recist.not-evaluated": Rule(
        _N,
        "Not all target lesions were evaluated at a visit.",
        "A visit without all target lesions is not evaluable unless the rest already shows "
        "progression.",
        "look whether the missing lesion was described",
    ),
}
"""The checks by name."""
