"""Table III: adverse events, the worst grade per patient and term."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent
from oncohort.analyses.result import Estimate, Population, Result
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol

TREATED = "safety.treated.count"


def terms_in_order(protocol: Protocol, worst: pl.DataFrame) -> dict[str, str]:
    """Terms of Table III: as declared, or all that occurred, the commonest first."""
    assert protocol.safety is not None
    if protocol.safety.terms:
        return dict(protocol.safety.terms)
    ranked = (
        worst.group_by("term")
        .agg(pl.len().alias("n"), pl.col("grade").max().alias("top"), pl.col("label").first())
        .sort(["n", "top", "term"], descending=[True, True, False])
    )
    return dict(zip(ranked["term"].to_list(), ranked["label"].to_list(), strict=True))


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Patients with each term at any grade, at each grade, and at or above the threshold.

    A patient counts once per term, at the worst grade, and once in "any event". Terms that
    nobody had keep their row with 0.
    """
    if protocol.safety is None or cohort.adverse_events is None:
        return None
    rule = protocol.safety
    worst = cohort.adverse_events
    treated = cohort.patients
    n = len(treated)
    number, whole = count(TREATED, "Treated patients", treated, population=COHORT)
    estimates: list[Estimate] = [number]
    populations: list[Population] = [whole]
    high = f"ge{rule.threshold}"

    def rows(key: str, label: str, part: pl.DataFrame) -> None:
        # An event without a grade happened: it counts at any grade, and at no certain one.
        grades = {"any": part["grade"].fill_null(1) >= 1, high: part["grade"] >= rule.threshold}
        grades |= {str(g): part["grade"] == g for g in range(1, 6)}
        for grade, keep in grades.items():
            words = {"any": "any grade", high: f"grade {rule.threshold} or higher"}
            es, members = percent(
                f"safety.{key}",
                f"{label}, {words.get(grade, f'grade {grade}')}",
                part.filter(keep)["patient"].unique(maintain_order=True).to_list(),
                n,
                population=TREATED,
                grade=grade,
            )
            estimates.extend(es)
            populations.append(members)

    overall = worst.group_by("patient", maintain_order=True).agg(pl.col("grade").max())
    rows("any_event", "Any adverse event", overall)
    for key, label in terms_in_order(protocol, worst).items():
        rows(key, label, worst.filter(pl.col("term") == key))
    dead = overall.filter(pl.col("grade") == 5)["patient"].to_list()
    number, members = count("safety.deaths.count", "Deaths (grade 5)", dead, population=TREATED)
    estimates.append(number)
    populations.append(members)
    related = "related to treatment " if rule.count == "related" else ""
    methods = (
        f"Adverse events {related}were graded by {rule.criteria}; each patient counts once per "
        f"term, at the worst grade from the first dose to {rule.window_days} days after the last.",
    )
    return Result("safety", tuple(estimates), (), tuple(populations), methods)
