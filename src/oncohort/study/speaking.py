"""Whether an analysis of a study can have something to say beside its numbers.

Fits speak: of models that do not converge, of groups too small, of weights too heavy. A study
without models, comparisons and competing events has nothing of the kind, and its check need not
wait for its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.protocol import Protocol

SPEAKING = (
    "baseline_tests",
    "whole_model",
    "propensity",
    "prognosis",
    "logistic",
    "time_dependent",
    "imputed",
    "prediction",
    "incidence_models",
    "arms",
)
"""Modules of `analyses` that make problems; a test holds that these are all."""


def analyses_speak(protocol: Protocol) -> bool:
    """Does the protocol ask for an analysis that may make a problem of its own?

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> text = '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n[endpoints.os]\n'
    >>> analyses_speak(parse_protocol(text))
    False
    """
    asked = (
        protocol.prognosis,
        protocol.arms,
        protocol.logistic,
        protocol.prediction,
        protocol.propensity,
        protocol.missing,
        protocol.time_dependent,
        protocol.outcomes,
        protocol.baseline and (protocol.baseline.by or protocol.baseline.tests),
        protocol.safety and (protocol.safety.labs or protocol.safety.by),
        any(e.has_competing for e in protocol.endpoints.values()),
    )
    return any(map(bool, asked))
