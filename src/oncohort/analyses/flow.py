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

    def add(path: str, label: str, patients: tuple[str, ...], of: str) -> None:
        estimate, members = count(path, label, patients, population=of)
        estimates.append(estimate)
        populations.append(members)

    before = "flow.source.count"
    add(before, protocol.eligibility.source, cohort.source, before)
    for step in cohort.steps:
        add(f"flow.{step.key}.excluded", step.label, step.excluded, before)
        before_next = f"flow.{step.key}.remaining"
        add(before_next, f"Remaining after: {step.label}", step.remaining, before)
        before = before_next
    add("flow.included.count", "Included in the analysis", cohort.patients, before)
    populations.append(Population(COHORT, "All included patients", cohort.patients))
    return Result("flow", tuple(estimates), (), tuple(populations))
