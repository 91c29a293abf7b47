"""Endpoints, models and contrasts that Table II has numbers of."""

from __future__ import annotations

from oncohort.displays.lookup import Lookup

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
    """Keys of the hazard ratio of a level: `level=` only where there are more than two."""
    keys = {"variable": variable}
    if level is not None and len(lookup.levels(variable)) > 2:
        keys["level"] = level
    return keys


MODELS = {
    "uni": "Univariable",
    "multi": "Multivariable",
    "imputed": "Multivariable, imputed",
}
"""Models of Table II, as its heads say them."""


def models_of(lookup: Lookup, endpoint: str) -> list[str]:
    """The models of an endpoint in Table II: univariable, multivariable, and imputed."""
    more = [m for m in ("multi", "imputed") if lookup.has(f"prognosis.{endpoint}.n", model=m)]
    return ["uni", *more]
