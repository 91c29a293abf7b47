"""Which part of the results uses which variable: said once, read by everything that asks.

A section that compares groups of a variable, or has it in a model, gives its uses here. From them
come the complaint about a variable that is not declared, the question about patients in no group,
what a wrong value takes out (`study/depends.py`), and the list of what a study asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a variable.

    Attributes
    ----------
    variable
        Its key.
    key
        The key of `study.toml` that names it: ``endpoints.os.by``.
    part
        Prefix of the results that can't be had without it; empty where only its own rows go.
    how
        Its groups are compared; it is in a model with others; it is a row of a table.
    """

    variable: str
    key: str
    part: str
    how: Literal["groups", "model", "row"]


def _groups(key: str, part: str, names: list[str]) -> Iterator[Use]:
    for name in names:
        yield Use(name, key, f"{part}.by.{name}", "groups")


def uses(p: Protocol) -> tuple[Use, ...]:
    """Every use of a variable, in the order of the protocol's sections.

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> p = parse_protocol('[study]\\nschema = 1\\ntitle = "A"\\ndata = "x.csv"\\n'
    ...                    '[variables.arm]\\n[endpoints.os]\\nby = ["arm"]')
    >>> uses(p)[0].key, uses(p)[0].part
    ('endpoints.os.by', 'survival.os.by.arm')
    """
    return tuple(_uses(p))


def _models(p: Protocol, endpoint: str) -> str:
    """The part of the results that holds an endpoint's regression."""
    return f"incidence.{endpoint}.models" if _competing(p, endpoint) else f"prognosis.{endpoint}"


def _competing(p: Protocol, endpoint: str) -> bool:
    declared = p.endpoints.get(endpoint)
    return declared is not None and declared.has_competing


def _uses(p: Protocol) -> Iterator[Use]:
    for name, variable in p.variables.items():
        if variable.cut_by:
            yield Use(name, f"variables.{name}.cut_by", f"cutpoints.{name}", "row")
    if p.response:
        yield from _groups("response.by", "response", p.response.by)
    for name, endpoint in p.endpoints.items():
        section = "incidence" if endpoint.has_competing else "survival"
        yield from _groups(f"endpoints.{name}.by", f"{section}.{name}", endpoint.by)
    if p.baseline:
        for name in p.baseline.variables:
            yield Use(name, "baseline.variables", "", "row")
        for name in p.baseline.summaries:
            yield Use(name, f"baseline.summaries.{name}", "", "row")
        if p.baseline.by:
            yield Use(p.baseline.by, "baseline.by", "baseline", "groups")
    if p.prognosis:
        rule = p.prognosis
        for key, names in (("candidates", rule.candidates), ("multivariable", rule.multivariable)):
            for name in names:
                for endpoint_key in rule.endpoints or p.endpoints:
                    # One model has all of them: without one of them it is another model.
                    yield Use(name, f"prognosis.{key}", _models(p, endpoint_key), "model")
                if not p.endpoints:
                    yield Use(name, f"prognosis.{key}", "prognosis", "model")
        plain = [k for k in rule.endpoints or p.endpoints if not _competing(p, k)]
        for name in rule.strata:
            for endpoint_key in plain:
                yield Use(name, "prognosis.strata", f"prognosis.{endpoint_key}", "groups")
    if p.arms:
        yield from p.arms.uses(p.endpoints)
    if p.missing:
        yield from p.missing.uses(_multivariable(p))
        for key, name in counted_variables(p):
            yield Use(name, key, "missing.complete", "row")
    if p.propensity:
        yield from p.propensity.uses()
    for name, comparison in p.time_dependent.items():
        yield from comparison.uses(name)
    for drug, plan in p.exposure.items():
        yield from _groups(f"exposure.{drug}.by", f"exposure.{drug}", plan.by)
    if p.safety:
        yield from _groups("safety.by", "safety", p.safety.by)
    yield from _of_outcomes(p)


def counted_variables(p: Protocol) -> tuple[tuple[str, str], ...]:
    """Variables whose missing values are counted, with the key that names each first.

    Those of `[missing] variables`; without them, those of Table I and of the models.
    """
    rule = p.missing
    if rule is None:
        return ()
    named = [("missing.variables", rule.variables)]
    if not rule.variables:
        named = [("baseline.variables", p.baseline.variables if p.baseline else [])]
        for section, models in (("prognosis", p.prognosis), ("logistic", p.logistic)):
            if models:
                named.append((f"{section}.candidates", models.candidates))
                named.append((f"{section}.multivariable", models.multivariable))
        named.append(("missing.auxiliary", rule.auxiliary))
    first: dict[str, str] = {}
    for key, names in named:
        for name in names:
            first.setdefault(name, key)
    return tuple((key, name) for name, key in first.items())


def _multivariable(p: Protocol) -> list[str]:
    """Prefixes of the results of multivariable models, whose values may be imputed."""
    endpoints = (p.prognosis.endpoints or list(p.endpoints)) if p.prognosis else []
    outcomes = (p.logistic.outcomes or list(p.outcomes)) if p.logistic else []
    return [*(f"prognosis.{k}" for k in endpoints), *(f"logistic.{k}" for k in outcomes)]


def _of_outcomes(p: Protocol) -> Iterator[Use]:
    """Groups of binary outcomes, the variables that they are made of, and their models."""
    modelled = (p.logistic.outcomes or list(p.outcomes)) if p.logistic else []
    for name, outcome in p.outcomes.items():
        yield from _groups(f"outcomes.{name}.by", f"outcomes.{name}", outcome.by)
        if outcome.variable is not None:
            for section in ("outcomes", "logistic") if name in modelled else ("outcomes",):
                key = f"outcomes.{name}.variable"
                yield Use(outcome.variable, key, f"{section}.{name}", "model")
    if p.logistic:
        rule = p.logistic
        for key, names in (("candidates", rule.candidates), ("multivariable", rule.multivariable)):
            for variable in names:
                for name in modelled or [""]:
                    part = f"logistic.{name}".rstrip(".")
                    yield Use(variable, f"logistic.{key}", part, "model")
    if p.prediction:
        yield from p.prediction.uses()
