"""Laboratory values by their worst grade under treatment, and their shifts from baseline."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from oncohort.analyses.counting import count, percent
from oncohort.analyses.result import Curve, Estimate, Population, Result, key_of
from oncohort.endpoints.cohort import Cohort
from oncohort.problems import Problem
from oncohort.protocol import Protocol
from oncohort.vocabulary.keys import level_key

GRADES = (0, 1, 2, 3, 4)
UNKNOWN = "unknown"
"""Level of a baseline without a value that can be graded."""


def worst_labs(protocol: Protocol, cohort: Cohort) -> tuple[pl.DataFrame | None, Sequence[Problem]]:
    """Worst grade per patient and term under treatment, and the problems of grading."""
    from oncohort.criteria.ctcae import grade_labs, worst_lab_grades

    rule = protocol.safety
    tables = cohort.evidence.tables
    labs, patients = tables.get("labs"), tables.get("patients")
    if rule is None or labs is None or labs.is_empty() or patients is None:
        return None, ()
    if "treatment_start" not in patients.columns:
        return None, ()
    cutoff = protocol.study.cutoff
    if cutoff is not None and "date" in labs.columns:
        labs = labs.filter(pl.col("date").is_null() | (pl.col("date") <= cutoff))
    version = rule.criteria.removeprefix("CTCAE ")
    schedule = protocol.schedule
    graded = grade_labs(
        labs,
        patients,
        version=version,
        before=schedule.baseline_days_before,
        after=schedule.baseline_days_after,
        calcium_formula=schedule.calcium_formula,
    )
    worst = worst_lab_grades(graded.table, patients, version=version, window_days=rule.window_days)
    return worst, graded.problems


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Per term of CTCAE: patients by worst grade, of those with a graded value under treatment."""
    rule = protocol.safety
    if rule is None or not rule.labs:
        return None
    worst, problems = worst_labs(protocol, cohort)
    if worst is None:
        return None
    estimates: list[Estimate] = []
    populations: list[Population] = []
    rows: list[tuple[str, str, str]] = []
    order = worst.group_by("term", maintain_order=True).agg(
        pl.col("label").first(), pl.col("category").first(), pl.col("grade").count().alias("n")
    )
    for term, label, category, n in order.sort("category", "term").iter_rows():
        if not n:
            continue
        key = level_key(label)
        es, ps = _term(key, label, worst.filter(pl.col("term") == term), rule.threshold)
        estimates += es
        populations += ps
        rows.append((key, label, category))
    if not estimates:
        return None
    layout = Curve(
        key_of("labs", "terms"),
        "Terms of graded laboratory values",
        {name: tuple(r[i] for r in rows) for i, name in enumerate(("term", "label", "category"))},
    )
    method = (
        f"Laboratory values were graded by {rule.criteria}; each patient counts once per term, at "
        f"the worst grade after the first day of treatment to {rule.window_days} days after the "
        "last. The grade at baseline is that of the last value up to the first day."
    )
    return Result(
        "labs", tuple(estimates), (layout,), tuple(populations), (method,), tuple(problems)
    )


def _term(
    key: str, label: str, part: pl.DataFrame, threshold: int
) -> tuple[list[Estimate], list[Population]]:
    """One term: the patients at each worst grade, and from which grade they came."""
    known = part.filter(pl.col("grade").is_not_null())
    ungraded = part.height - known.height
    number, whole = count(
        ("labs", key, "measured"), f"{label}: graded values", known["patient"].to_list()
    )
    estimates, populations = [number], [whole]
    excluded = {"no value could be graded": ungraded} if ungraded else None
    grades = {
        "any": pl.col("grade") >= 1,
        f"ge{threshold}": pl.col("grade") >= threshold,
        **{str(g): pl.col("grade") == g for g in GRADES},
    }
    for grade, keep in grades.items():
        es, who = percent(
            ("labs", key),
            f"{label}, worst grade {grade}",
            known.filter(keep)["patient"].to_list(),
            known.height,
            population=whole.id,
            excluded=excluded,
            heading=label,
            grade=grade,
        )
        estimates += es
        populations.append(who)
    worsened = known.filter(pl.col("worsened"))["patient"].to_list()
    es, who = percent(
        ("labs", key, "worsened"),
        f"{label}, worse than at baseline",
        worsened,
        known.height,
        population=whole.id,
        excluded=excluded,
    )
    estimates += es
    populations.append(who)
    before = pl.col("baseline_grade").cast(pl.String).fill_null(UNKNOWN)
    shifts = known.with_columns(before.alias("before"))
    for start in (*map(str, GRADES), UNKNOWN):
        for end in GRADES:
            those = shifts.filter((pl.col("before") == start) & (pl.col("grade") == end))
            number, who = count(
                ("labs", key, "shift"),
                f"{label}, from grade {start} to grade {end}",
                those["patient"].to_list(),
                population=whole.id,
                baseline=start,
                worst=end,
            )
            estimates.append(number)
            populations.append(who)
    return estimates, populations
