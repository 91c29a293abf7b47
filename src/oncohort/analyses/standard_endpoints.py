"""Which of a study's endpoints are overall and progression-free survival, whatever their keys."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.endpoints.cohort import Cohort
from oncohort.vocabulary.endpoints import ENDPOINTS

STANDARD = ("os", "pfs")
"""Endpoints that other parts of a paper ask for: follow-up, earlier studies."""


def standard_endpoints(cohort: Cohort) -> Mapping[str, str]:
    """Standard endpoint to the study's own key.

    An endpoint derived from dates is overall survival where its event is death alone, and
    progression-free survival where it is progression or death. An endpoint that came as a time
    and an event column says no more than its key or its label.
    """
    out: dict[str, str] = {}
    for standard in STANDARD:
        fitting = [k for k in cohort.meaning.endpoints if _is(cohort, k, standard)]
        first = sorted(fitting, key=lambda k: (k != standard, _origin(cohort, k) != "start"))
        if first:
            out[standard] = first[0]
    return out


def _is(cohort: Cohort, key: str, standard: str) -> bool:
    if cohort.meaning.endpoints[key].competing:
        return False
    rule = cohort.meaning.rules.get(key)
    if rule is not None:
        return set(rule.events) == set(ENDPOINTS[standard].events)
    label = cohort.meaning.endpoints[key].label
    return key == standard or label.casefold() == ENDPOINTS[standard].label.casefold()


def _origin(cohort: Cohort, key: str) -> str:
    rule = cohort.meaning.rules.get(key)
    return "start" if rule is None or rule.origin == "treatment_start" else "earlier"
