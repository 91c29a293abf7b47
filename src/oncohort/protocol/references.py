"""Names in the protocol that point at something that isn't there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from oncohort.protocol.uses import uses
from oncohort.vocabulary.cohort_columns import OF_ENDPOINT, OWN, cohort_columns
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from oncohort.protocol.model import Protocol


def nearest(name: str, known: Iterable[str]) -> str:
    """Words that name the closest known name, or all of a few.

    Examples
    --------
    >>> nearest("crpp", ["crp", "age"])
    'Did you mean "crp"?'
    """
    names = list(known)
    lower = {k.lower(): k for k in names}
    close = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{lower[close[0]]}"?'
    if not names:
        return "None are declared."
    shown = ", ".join(f'"{n}"' for n in names[:12])
    return f"Known: {shown}{', ...' if len(names) > 12 else ''}."


def dangling(p: Protocol) -> list[tuple[str, str]]:
    """(key, complaint) for every name that points nowhere."""
    out: list[tuple[str, str]] = []
    variables = list(p.variables)
    endpoints = list(p.endpoints)

    def want(key: str, name: str, known: list[str], what: str) -> None:
        if name not in known:
            out.append((key, f'no {what} "{name}". {nearest(name, known)}'))

    for name in p.tables:
        want(f"tables.{name}", name, list(TABLES), "record table")
    for name in p.endpoints:
        twice = sorted(OWN & {f"{name}_{part}" for part in OF_ENDPOINT})
        if twice:
            out.append(
                (
                    f"endpoints.{name}",
                    f'"{twice[0]}" is a column of the cohort itself, so no endpoint can be called '
                    f'"{name}". Call it [endpoints.{name}_endpoint] with a label',
                )
            )
    taken = cohort_columns(p.endpoints)
    for name, v in p.variables.items():
        if name in taken:
            out.append(
                (
                    f"variables.{name}",
                    f'"{name}" is a column of the cohort itself, so no variable can be called so. '
                    f'Call it [variables.{name}_group] with column = "{v.column or name}"',
                )
            )
        if v.source:
            want(f"variables.{name}.from", v.source, variables, "variable")
            if v.source == name:
                out.append((f"variables.{name}.from", "a variable can't come from itself"))
        if v.within:
            want(f"variables.{name}.within", v.within, variables, "variable")
        if v.endpoint:
            want(f"variables.{name}.endpoint", v.endpoint, endpoints, "endpoint")
    for c in p.eligibility.criteria:
        want("eligibility.criteria", c.table, list(TABLES), "record table")
    for use in dict.fromkeys((use.key, use.variable) for use in uses(p)):
        want(*use, variables, "variable")
    if p.prognosis:
        for name in p.prognosis.endpoints:
            want("prognosis.endpoints", name, endpoints, "endpoint")
        for name in p.prognosis.time_split:
            if name in p.variables and p.variables[name].knots is not None:
                why = "a spline has no single hazard ratio that could change"
                out.append((f"prognosis.time_split.{name}", why))
    if p.prediction:
        want("prediction.endpoint", p.prediction.endpoint, endpoints, "endpoint")
    if p.arms:
        declared = p.variables.get(p.arms.variable)
        levels = list(declared.levels or declared.group) if declared else []
        if p.arms.reference and levels:
            want("arms.reference", p.arms.reference, levels, "level")
        for name in p.arms.endpoints:
            want("arms.endpoints", name, endpoints, "endpoint")
    if p.propensity:
        for name in p.propensity.endpoints:
            want("propensity.endpoints", name, endpoints, "endpoint")
            if name in p.endpoints and p.endpoints[name].has_competing:
                why = f"{name} has competing events, for which there is no adjusted curve yet"
                out.append(("propensity.endpoints", why))
    if p.missing and p.missing.imputations and not (p.prognosis or p.logistic):
        why = "there is no [prognosis] and no [logistic] whose model could be imputed"
        out.append(("missing.imputations", why))
    for name, comparison in p.time_dependent.items():
        want(f"time_dependent.{name}.endpoint", comparison.endpoint, endpoints, "endpoint")
        found = p.endpoints.get(comparison.endpoint)
        if found is not None and found.has_competing:
            why = "an endpoint with competing events has no survival curve"
            out.append((f"time_dependent.{name}.endpoint", why))
        if found is not None and found.reduced and comparison.change is not None:
            why = "the endpoint comes as columns: give the time to the change as a column, time"
            out.append((f"time_dependent.{name}.change", why))
    out += _of_outcomes(p)
    return out


def _of_outcomes(p: Protocol) -> list[tuple[str, str]]:
    """What binary outcomes and their models point at."""
    out: list[tuple[str, str]] = []
    terms = p.safety.terms if p.safety else {}
    for name, outcome in p.outcomes.items():
        key = f"outcomes.{name}"
        if outcome.of == "response" and p.response is None:
            out.append((key, 'of = "response" needs a section [response]'))
        if outcome.of == "adverse_event" and p.safety is None:
            out.append((key, 'of = "adverse_event" needs a section [safety]'))
        if outcome.term is not None and terms and outcome.term not in terms:
            out.append((f"{key}.term", f'no term "{outcome.term}". {nearest(outcome.term, terms)}'))
        if outcome.drug is not None and outcome.drug not in p.exposure:
            known = nearest(outcome.drug, p.exposure)
            out.append((f"{key}.drug", f'no drug "{outcome.drug}" in [exposure]. {known}'))
        if outcome.variable in p.variables:
            levels = p.variables[outcome.variable or ""].levels
            strange = [v for v in outcome.levels if levels and v not in levels]
            for v in strange:
                out.append((f"{key}.levels", f'no level "{v}". {nearest(v, levels)}'))
    rule = p.logistic
    if rule is None:
        return out
    if not p.outcomes:
        out.append(("logistic", "needs an outcome: [outcomes.KEY]"))
    for name in rule.outcomes:
        if name not in p.outcomes:
            out.append(("logistic.outcomes", f'no outcome "{name}". {nearest(name, p.outcomes)}'))
    for name in rule.outcomes or p.outcomes:
        own = p.outcomes[name].variable if name in p.outcomes else None
        if own is not None and own in {*rule.candidates, *rule.multivariable}:
            out.append(("logistic.candidates", f'"{own}" is what the outcome {name} is made of'))
    return out
