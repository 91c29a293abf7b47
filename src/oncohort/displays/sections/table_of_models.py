"""What tables of ratios share: endpoints, models, contrasts, sizes, and notes on the models."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Span, Spans, say
from oncohort.protocol.analysis import Prognosis
from oncohort.protocol.number_style import DASH
from oncohort.protocol.outcomes import Logistic

NAMED = 5
"""Factors that a sentence names."""


def prognosis_endpoints(lookup: Lookup) -> list[str]:
    """Endpoints with hazard ratios, in the protocol's order."""
    if lookup.protocol.prognosis is None:
        return []
    have = lookup.numbers.subjects("prognosis")
    wanted = lookup.protocol.prognosis.endpoints or list(lookup.protocol.endpoints)
    return [k for k in wanted if k in have]


def contrast_keys(lookup: Lookup, variable: str, level: str | None) -> dict[str, str]:
    """Keys of the ratio of a level: `level=` only where there are more than two."""
    keys = {"variable": variable}
    if level is not None and len(lookup.levels(variable)) > 2:
        keys["level"] = level
    return keys


MODELS = {
    "uni": "Univariable",
    "multi": "Multivariable",
    "imputed": "Multivariable, imputed",
}
"""Models, as the heads of tables say them."""


def models_of(lookup: Lookup, subject: str, section: str = "prognosis") -> list[str]:
    """The models of an endpoint or outcome: univariable, multivariable, and imputed."""
    more = [m for m in ("multi", "imputed") if lookup.has(f"{section}.{subject}.n", model=m)]
    return ["uni", *more]


def size(lookup: Lookup, path: str, /, **keys: str) -> Spans:
    """ "42 (30)": patients, and those with the event; a dash where there is no such model."""
    if not lookup.has(f"{path}.n", **keys):
        return (Span(DASH),)
    n, events = lookup.show(f"{path}.n", **keys), lookup.show(f"{path}.events", **keys)
    return say("{n} ({e})", n=n, e=events)


def entry_note(lookup: Lookup, rule: Prognosis | Logistic) -> Spans:
    """How the variables came into the multivariable model."""
    if rule.selection != "screening":
        return say("The variables of the multivariable model were specified in advance.")
    return say(
        "Variables entered by screening: univariable {p} below {x}; such models tend to "
        "overstate effects.",
        p=lookup.style.p_symbol,
        x=f"{rule.p_enter:g}",
    )


def joint_test_notes(lookup: Lookup, variables: Sequence[str]) -> list[Spans]:
    """What the p beside a factor of several levels is of; none without such a factor."""
    factors = [lookup.variable(v) for v in variables if len(lookup.levels(v)) > 2]
    if not factors:
        return []
    p = lookup.style.p_symbol
    return [say("{p} beside {v}: joint test of its levels.", p=p, v=" and ".join(factors))]
