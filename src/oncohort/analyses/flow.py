"""The flow of patients through the eligibility criteria."""

from __future__ import annotations

from oncohort.analyses.counting import COHORT, count
from oncohort.analyses.result import Estimate, Population, Result
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol


def analyse(protocol: Protocol, cohort: Cohort) -> Result:
    """Count who was left out by each criterion and who remained; zeros are kept."""
    estimates: list[Estimate] = []
    populations: list[Population] = []

    def add(path: tuple[str, str], label: str, patients: tuple[str, ...], of: str) -> str:
        estimate, members = count(("flow", *path), label, patients, population=of)
        estimates.append(estimate)
        populations.append(members)
        return estimate.id

    whole = "flow.source.count"
    before = add(("source", "count"), protocol.eligibility.source, cohort.source, whole)
    for step in cohort.steps:
        add((step.key, "excluded"), step.label, step.excluded, before)
        words = f"Remaining after: {step.label}"
        before = add((step.key, "remaining"), words, step.remaining, before)
    add(("included", "count"), "Included in the analysis", cohort.patients, before)
    populations.append(Population(COHORT, "All included patients", cohort.patients))
    return Result("flow", tuple(estimates), (), tuple(populations))
