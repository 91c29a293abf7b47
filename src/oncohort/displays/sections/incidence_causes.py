"""Endpoints with competing events, their kinds of event and groups that have numbers."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.analyses import incidence
from oncohort.displays.lookup import Lookup

HAZARDS = ("cause_specific", "subdistribution")


def endpoints_of(lookup: Lookup) -> list[str]:
    """Endpoints with competing events that have numbers, in the protocol's order."""
    return [k for k in lookup.protocol.endpoints if lookup.has(f"incidence.{k}.n")]


def causes_of(lookup: Lookup, endpoint: str) -> Mapping[str, str]:
    """The event and its competitors, key to label."""
    return incidence.causes_of(lookup.context.endpoints[endpoint])


def times_of(lookup: Lookup, endpoint: str) -> list[str]:
    return lookup.values(("incidence", endpoint, "at"), "time")


def groups_of(lookup: Lookup, endpoint: str, variable: str) -> list[str]:
    return [
        g
        for g in lookup.levels(variable)
        if lookup.has(f"incidence.{endpoint}.n", group=g, variable=variable)
    ]
