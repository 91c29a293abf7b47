"""Which analyses of a study can raise problems of their own, beside their numbers.

Fits warn: of models that do not converge, of groups too small, of weights too heavy. A study
without models, comparisons and competing events has nothing of the kind: its check need not wait
for its numbers, and that of another waits for those alone that may warn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.protocol import Protocol


def warning_sections(protocol: Protocol) -> frozenset[str]:
    r"""Sections whose analysis may make a problem of its own, of what the protocol asks for.

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> text = '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n[endpoints.os]\n'
    >>> sorted(warning_sections(parse_protocol(text)))
    []
    >>> more = "[variables.age]\n[prognosis]\ncandidates = ['age']\n"
    >>> sorted(warning_sections(parse_protocol(text + more)))
    ['prognosis']
    """
    baseline, safety = protocol.baseline, protocol.safety
    asked = {
        "baseline": baseline and (baseline.by or baseline.tests),
        "incidence": any(e.has_competing for e in protocol.endpoints.values()),
        "time_dependent": protocol.time_dependent,
        "arms": protocol.arms,
        "prognosis": protocol.prognosis,
        "propensity": protocol.propensity,
        "prediction": protocol.prediction,
        "labs": safety and safety.labs,
        "logistic": protocol.logistic,
    }
    return frozenset(section for section, told in asked.items() if told)
