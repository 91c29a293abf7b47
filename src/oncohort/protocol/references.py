"""Names in the protocol that point at something that isn't there."""

from __future__ import annotations

from collections.abc import Iterable, Set
from difflib import get_close_matches
from typing import TYPE_CHECKING

from oncohort.problems.entries import catalogue
from oncohort.protocol.uses import uses
from oncohort.vocabulary.cohort_columns import OF_ENDPOINT, OWN, cohort_columns
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from oncohort.protocol.model import Protocol


def alike(name: str, known: Iterable[str]) -> str:
    """Words that name the closest known name; none where no name is close.

    Examples
    --------
    >>> alike("crpp", ["crp", "age"]), alike("x", ["crp", "age"])
    ('Did you mean "crp"?', '')
    """
    lower = {k.lower(): k for k in sorted(known, reverse=True)}
    close = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    return f'Did you mean "{lower[close[0]]}"?' if close else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Words that name the closest known name, or all of a few.

    Examples
    --------
    >>> nearest("crpp", ["crp", "age"])
    'Did you mean "crp"?'
    >>> nearest("x", {"crp", "age"})
    'Known: "age", "crp".'
    """
    # The order of a set differs from one process to the next.
    names = sorted(known) if isinstance(known, Set) else list(known)
    close = alike(name, names)
    if close:
        return close
    if not names:
        return "None are declared."
    shown = ", ".join(f'"{n}"' for n in names[:12])
    return f"Known: {shown}{', ...' if len(names) > 12 else ''}."


def dangling(p: Protocol) -> list[tuple[str, str]]:
    """(key, complaint) for every name that points nowhere."""
    found = [*_of_names(p), *_of_variables(p), *_of_sections(p), *_of_analyses(p)]
    return [*found, *_of_outcomes(p), *_of_published(p), *_of_decisions(p), *_of_labels(p)]


def _absent(key: str, name: str, known: Iterable[str], what: str) -> list[tuple[str, str]]:
    """The complaint about a name that is not among those known; none where it is."""
    names = list(known)
    return [] if name in names else [(key, f'no {what} "{name}". {nearest(name, names)}')]


def _of_names(p: Protocol) -> list[tuple[str, str]]:
    """Tables that there are not, and endpoints whose columns would have a name of the cohort's."""
    out: list[tuple[str, str]] = []
    for name, table in p.tables.items():
        out += _absent(f"tables.{name}", name, TABLES, "record table")
        if name == "patients" and table.shape != "long":
            why = "patients have one row each; wide and words are for the other tables"
            out.append((f"tables.{name}.shape", why))
        for key in ("repeat", "baseline") if table.shape != "wide" else ():
            if getattr(table, key):
                why = f'{key} is for the repeated columns of shape = "wide"'
                out.append((f"tables.{name}.{key}", why))
        for key in ("last_contact_is_death", "one_row") if name != "patients" else ():
            if getattr(table, key):
                out.append((f"tables.{name}.{key}", f"{key} belongs to [tables.patients]"))
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
    return out


def _of_variables(p: Protocol) -> list[tuple[str, str]]:
    """What variables are made from."""
    out: list[tuple[str, str]] = []
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
            out += _absent(f"variables.{name}.from", v.source, p.variables, "variable")
            if v.source == name:
                out.append((f"variables.{name}.from", "a variable can't come from itself"))
        if v.within:
            out += _absent(f"variables.{name}.within", v.within, p.variables, "variable")
        if v.endpoint:
            out += _absent(f"variables.{name}.endpoint", v.endpoint, p.endpoints, "endpoint")
    return out


def _of_sections(p: Protocol) -> list[tuple[str, str]]:
    """Criteria, variables, endpoints and levels that sections name."""
    out: list[tuple[str, str]] = []
    for c in p.eligibility.criteria:
        out += _absent("eligibility.criteria", c.table, TABLES, "record table")
    for use in dict.fromkeys((use.key, use.variable) for use in uses(p)):
        out += _absent(*use, p.variables, "variable")
    if p.prognosis:
        for name in p.prognosis.endpoints:
            out += _absent("prognosis.endpoints", name, p.endpoints, "endpoint")
        for name in p.prognosis.time_split:
            if name in p.variables and p.variables[name].knots is not None:
                why = "a spline has no single hazard ratio that could change"
                out.append((f"prognosis.time_split.{name}", why))
    if p.prediction:
        out += _absent("prediction.endpoint", p.prediction.endpoint, p.endpoints, "endpoint")
    if p.arms:
        declared = p.variables.get(p.arms.variable)
        levels = list(declared.levels or declared.group) if declared else []
        if p.arms.reference and levels:
            out += _absent("arms.reference", p.arms.reference, levels, "level")
        for name in p.arms.endpoints:
            out += _absent("arms.endpoints", name, p.endpoints, "endpoint")
    if p.propensity:
        for name in p.propensity.endpoints:
            out += _absent("propensity.endpoints", name, p.endpoints, "endpoint")
            if name in p.endpoints and p.endpoints[name].has_competing:
                why = f"{name} has competing events, for which there is no adjusted curve yet"
                out.append(("propensity.endpoints", why))
    return out


def _of_analyses(p: Protocol) -> list[tuple[str, str]]:
    """Imputation without a model, and changes of groups at endpoints that have no curve."""
    out: list[tuple[str, str]] = []
    if p.missing and p.missing.imputations and not (p.prognosis or p.logistic):
        why = "there is no [prognosis] and no [logistic] whose model could be imputed"
        out.append(("missing.imputations", why))
    for name, comparison in p.time_dependent.items():
        out += _absent(
            f"time_dependent.{name}.endpoint", comparison.endpoint, p.endpoints, "endpoint"
        )
        found = p.endpoints.get(comparison.endpoint)
        if found is not None and found.has_competing:
            why = "an endpoint with competing events has no survival curve"
            out.append((f"time_dependent.{name}.endpoint", why))
        if found is not None and found.reduced and comparison.change is not None:
            why = "the endpoint comes as columns: give the time to the change as a column, time"
            out.append((f"time_dependent.{name}.change", why))
    return out


def _of_decisions(p: Protocol) -> list[tuple[str, str]]:
    """Rules that decisions are about."""
    return [
        complaint
        for i, decision in enumerate(p.decisions)
        for complaint in _absent(f"decisions.{i}.rule", decision.rule, catalogue(), "rule")
    ]


def _of_labels(p: Protocol) -> list[tuple[str, str]]:
    """Events and terms that names of the paper are given to."""
    out: list[tuple[str, str]] = []
    for name, e in p.endpoints.items():
        known = ["event", *e.competing, *(["death_other"] if e.causes else [])]
        for key in e.event_labels:
            out += _absent(f"endpoints.{name}.event_labels.{key}", key, known, "event")
    if p.safety and p.safety.terms:
        for text, key in p.safety.synonyms.items():
            out += _absent(f"safety.synonyms.{text}", key, p.safety.terms, "term")
    return out


def _of_published(p: Protocol) -> list[tuple[str, str]]:
    """Variables and levels that a paper's names stand for."""
    out: list[tuple[str, str]] = []
    if p.published is None:
        return out
    for name, key in p.published.variables.items():
        out += _absent(f"published.variables.{name}", key, p.variables, "variable")
    for key, named in p.published.levels.items():
        out += _absent(f"published.levels.{key}", key, p.variables, "variable")
        known = p.variables[key].levels if key in p.variables else None
        for name, level in named.items() if known else ():
            out += _absent(f"published.levels.{key}.{name}", level, known or (), "level")
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
