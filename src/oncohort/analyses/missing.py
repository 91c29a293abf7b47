"""How many values are missing: of each variable, and patients with all of them."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import percent
from oncohort.analyses.result import Estimate, Population, Result
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.protocol import Protocol
from oncohort.protocol.uses import counted_variables


def tabled(protocol: Protocol, cohort: Cohort) -> list[VariableInfo]:
    """The variables of the table, in the protocol's order."""
    known = cohort.meaning.variables
    return [known[name] for _, name in counted_variables(protocol) if name in known]


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Count the missing values of each variable, and the patients who have all."""
    rule = protocol.missing
    variables = tabled(protocol, cohort) if rule is not None else []
    if rule is None or not variables or not cohort.n:
        return None
    estimates: list[Estimate] = []
    populations: list[Population] = []
    for variable in variables:
        without = cohort.frame.filter(pl.col(variable.key).is_null())["patient"].to_list()
        numbers, who = percent(
            ("missing", "values"),
            f"{variable.label}: missing",
            without,
            cohort.n,
            variable=variable.key,
        )
        estimates += numbers
        populations.append(who)
    whole = cohort.frame.drop_nulls([v.key for v in variables])["patient"].to_list()
    numbers, who = percent(("missing", "complete"), "No value missing", whole, cohort.n)
    return Result(
        "missing", (*estimates, *numbers), (), (*populations, who), _methods(protocol, cohort)
    )


def _methods(protocol: Protocol, cohort: Cohort) -> tuple[str, ...]:
    """How missing values were dealt with, in sentences."""
    rule = protocol.missing
    assert rule is not None
    if not rule.imputations:
        return ("Missing values were counted and not replaced.",)
    variables = cohort.meaning.variables
    helping = [variables[k].label for k in rule.auxiliary if k in variables]
    more = f", and {', '.join(helping)}" if helping else ""
    return (
        "Multivariable models were fitted on complete cases and, beside them, after multiple "
        f"imputation by chained equations ({rule.imputations} data sets, {rule.iterations} rounds, "
        f"seed {protocol.study.seed}). The imputation models held all variables of the model and "
        f"the outcome ({_outcomes(protocol)}){more}; numbers were imputed by "
        "predictive mean matching, categories by multinomial logistic regression. Estimates were "
        "pooled by Rubin's rules with Barnard and Rubin's degrees of freedom. Imputation supposes "
        "that, given these variables, whether a value is missing does not depend on the value.",
    )


def _outcomes(protocol: Protocol) -> str:
    """How outcomes enter the imputation models."""
    words = []
    if protocol.prognosis:
        words.append("event indicator and Nelson-Aalen cumulative hazard")
    if protocol.logistic:
        words.append("the binary outcome")
    return "; ".join(words)
