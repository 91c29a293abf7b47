"""Figures that could not be read: more curves than can be told apart."""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.uses import uses
from oncohort.vocabulary.sections import MOST_CURVES


@rule("figures.too-many-groups")
def too_many_groups(data: Data) -> Iterator[Problem]:
    """The groups keep their rows in the table; the figure is refused."""
    cohort = data.cohort
    if cohort is None or cohort.n == 0:
        return
    found = (u for u in uses(data.protocol) if u.part.startswith(("survival.", "incidence.")))
    for variable, key in dict.fromkeys((u.variable, u.key) for u in found if u.how == "groups"):
        if variable not in cohort.frame.columns or variable not in cohort.meaning.variables:
            continue
        n = cohort.frame[variable].drop_nulls().n_unique()
        if cohort.meaning.variables[variable].levels and n > MOST_CURVES:
            yield problem(
                "figures.too-many-groups",
                place=Place(file="study.toml", key=key),
                name=variable,
                n=n,
                most=MOST_CURVES,
            )
