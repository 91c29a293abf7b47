"""Deaths that are taken as censored where the event can't happen any more after them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem

_WITH_DEATH = ("pfs", "dfs", "rfs", "efs", "os", "survival")
"""Endpoints from columns by whose name a death is an event of theirs."""


@rule("survival.competing-as-censored")
def competing_as_censored(data: Data) -> Iterator[Problem]:
    """One minus Kaplan-Meier overstates the incidence where deaths are censored."""
    cohort = data.cohort
    if cohort is None or cohort.n == 0:
        return
    for key, info in cohort.meaning.endpoints.items():
        died = [] if info.competing else _died_without(cohort, key)
        if died:
            yield problem(
                "survival.competing-as-censored",
                place=Place(file="study.toml", key=f"endpoints.{key}"),
                label=info.label,
                n=len(died),
                key=key,
            )


def _died_without(cohort: object, key: str) -> list[str]:
    """Patients who died without the event, which does not count their death."""
    from oncohort.endpoints.cohort import Cohort

    assert isinstance(cohort, Cohort)
    frame = cohort.frame
    without = frame.filter(pl.col(f"{key}_event").eq(False))
    rule_ = cohort.meaning.rules.get(key)
    if rule_ is not None:
        if "death" in rule_.events or cohort.evidence.facts is None:
            return []
        dead = cohort.evidence.facts.filter(pl.col("kind") == "death")["patient"]
        return without.filter(pl.col("patient").is_in(dead.implode()))["patient"].to_list()
    words = f"{key} {cohort.meaning.endpoints[key].label}".lower()
    os = "os"
    if os not in cohort.meaning.endpoints or key == os or any(w in words for w in _WITH_DEATH):
        return []
    # Who died when the watch for the event ended, was watched until death.
    same = (pl.col(f"{os}_time") - pl.col(f"{key}_time")).abs() <= 1
    return without.filter(pl.col(f"{os}_event") & same)["patient"].to_list()
