"""Exposure by group: changes of dose with their rates, and dose intensity."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.analyses.counting import summary
from oncohort.analyses.rates import Outcome, by_group, groups_of
from oncohort.analyses.result import Estimate, Population
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol.analysis import Exposure


def exposure_by_group(
    cohort: Cohort, plan: Exposure, drug: str, rows: pl.DataFrame, changes: Mapping[str, str]
) -> tuple[list[Estimate], list[Population]]:
    """What `[exposure.DRUG] by` asks for.

    Parameters
    ----------
    rows
        One row per patient with dose records of the drug.
    changes
        Column of `rows` to what it means.
    """
    estimates: list[Estimate] = []
    populations: list[Population] = []
    known = set(rows["patient"].to_list())
    intensity = dict(rows.select("patient", "rdi").iter_rows())
    for name in plan.by:
        groups = groups_of(cohort, "exposure", name)
        if groups is None:
            continue
        populations += groups.populations
        for column, words in changes.items():
            those = set(rows.filter(pl.col(column).fill_null(False))["patient"].to_list())
            outcome = Outcome(("exposure", drug, column), words, those, known)
            es, ps = by_group(outcome, groups, test=plan.test)
            estimates += es
            populations += ps
        for level, patients in groups.parts:
            estimates += summary(
                ("exposure", drug, "rdi"),
                f"Relative dose intensity, {groups.info.label}: {groups.info.levels[level]}",
                [intensity[p] for p in patients if p in known],
                kind="percentage",
                unit="%",
                population=groups.id(level),
                statistics=("median", "q1", "q3", "minimum", "maximum"),
                group=level,
                variable=name,
            )
    return estimates, populations
