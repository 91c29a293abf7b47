"""Adverse events by group: each term at any grade, at the upper grades, and at each grade."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from oncohort.analyses.rates import Outcome, by_group, groups_of
from oncohort.analyses.result import Estimate, Population
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol.analysis import Safety

Term = tuple[str, str, pl.DataFrame]
"""Key, label and the worst grade of each patient who had it."""


def events_by_group(
    rule: Safety, cohort: Cohort, terms: Sequence[Term]
) -> tuple[list[Estimate], list[Population]]:
    """The same counts as of all patients, in each group of the variables of `[safety] by`.

    All terms together also get differences and odds ratios against the reference group.
    """
    high = f"ge{rule.threshold}"
    words = {"any": "any grade", high: f"grade {rule.threshold} or higher"}
    estimates: list[Estimate] = []
    populations: list[Population] = []
    for name in rule.by:
        groups = groups_of(cohort, "safety", name)
        if groups is None:
            continue
        number, who = groups.missing()
        estimates.append(number)
        populations += [who, *groups.populations]
        for position, (key, label, part) in enumerate(terms):
            # An event without a grade happened: it counts at any grade, and at no certain one.
            grades = {"any": part["grade"].fill_null(1) >= 1, high: part["grade"] >= rule.threshold}
            grades |= {str(g): part["grade"] == g for g in range(1, 6)}
            for grade, keep in grades.items():
                those = set(part.filter(keep)["patient"].to_list())
                outcome = Outcome(
                    ("safety", key),
                    f"{label}, {words.get(grade, f'grade {grade}')}",
                    those,
                    heading=label,
                    levels={"grade": grade},
                )
                whole = grade in words
                es, ps = by_group(
                    outcome,
                    groups,
                    test=rule.test if whole else "none",
                    compare=whole and position == 0,
                )
                estimates += es
                populations += ps
    return estimates, populations
