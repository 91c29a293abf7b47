"""The rule of each declared endpoint: where its clock starts, what ends it, what censors it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from oncohort.endpoints.reasons import kind_in_words
from oncohort.vocabulary.endpoints import (
    CENSORING_RULES,
    ENDPOINTS,
    OF_RECURRENCE,
    EndpointRule,
    MissedVisits,
)
from oncohort.vocabulary.facts import BEFORE_TREATMENT

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.endpoints import Endpoint


_OTHERWISE = {
    "assessment": "the last evaluable assessment",
    "last_contact": "the last contact",
}


def missed_visits(protocol: Protocol) -> MissedVisits | None:
    """The rule on missed visits, where schedule and tolerance are declared."""
    s = protocol.schedule
    if not s.scan_weeks or s.scan_tolerance_weeks is None:
        return None
    return MissedVisits(
        interval_days=7 * max(s.scan_weeks), tolerance_days=7 * s.scan_tolerance_weeks
    )


def defined_rule(key: str, declared: Endpoint) -> EndpointRule:
    """The declared endpoint by its origin and events, before any rule of censoring is applied."""
    base = ENDPOINTS.get(key, EndpointRule(key, declared.label or key.upper()))
    rule = replace(base, key=key, label=declared.label or base.label)
    if declared.origin != "treatment_start" or key not in ENDPOINTS:
        rule = replace(rule, origin=declared.origin)
    if declared.origin in BEFORE_TREATMENT:
        # The patients are in the study because they lived to its treatment: they come under
        # observation then, not at an earlier origin (immortal time).
        rule = replace(rule, entry="treatment_start")
    if declared.events:
        rule = replace(rule, events=tuple(declared.events))
    return with_competing(rule, declared)


def with_competing(rule: EndpointRule, declared: Endpoint) -> EndpointRule:
    """The rule with the competing events that are declared; these are no events, and no stops."""
    others = tuple(declared.competing)
    if declared.causes:
        others += ("death_other",)
    if not others:
        return rule
    return replace(
        rule,
        events=tuple(e for e in rule.events if e not in others),
        stops=tuple(s for s in rule.stops if s not in others),
        competing=others,
        causes=tuple(declared.causes),
        unknown_cause=declared.unknown_cause or "",
    )


def endpoint_rule(key: str, declared: Endpoint, missed: MissedVisits | None) -> EndpointRule:
    """The declared endpoint as an event and censoring rule."""
    rule = defined_rule(key, declared)
    if declared.censoring:
        rule = CENSORING_RULES[declared.censoring].apply(rule, missed)
    return rule


def has_other_rules(key: str, declared: Endpoint) -> bool:
    """Is the endpoint derived again under other named rules: one that ends at a progression?

    Examples
    --------
    >>> from oncohort.protocol.endpoints import Endpoint
    >>> has_other_rules("pfs", Endpoint()), has_other_rules("os", Endpoint())
    (True, False)
    """
    if declared.reduced or declared.has_competing:
        return False
    plain = defined_rule(key, declared)
    return "progression" in plain.events and plain.otherwise == ("assessment",)


def in_words(rule: EndpointRule) -> str:
    """Events and censoring of a rule as a sentence without full stop.

    Examples
    --------
    >>> from oncohort.vocabulary.endpoints import PFS
    >>> in_words(PFS)
    'time from treatment start to progression or death, whichever came first; without an event, \
censored at the last evaluable assessment'
    """
    events = [kind_in_words(e) for e in rule.events]
    if rule.key in OF_RECURRENCE:
        events = ["recurrence" if e == "progression" else e for e in events]
    what = " or ".join([", ".join(events[:-1]), events[-1]]) if len(events) > 1 else events[0]
    first = ", whichever came first" if len(events) > 1 else ""
    if rule.causes:
        what = what.replace("death", f"death from {' or '.join(rule.causes)}", 1)
    text = f"time from {rule.origin.replace('_', ' ')} to {what}{first}; "
    if rule.competing:
        others = " and ".join(kind_in_words(k) for k in rule.competing)
        text += f"competing {'events' if len(rule.competing) > 1 else 'event'}: {others}; "
    if rule.stops:
        stops = " or ".join(kind_in_words(s) for s in rule.stops)
        where = "the last evaluable assessment before it" if rule.at == "assessment" else "that day"
        text += f"{stops} without an event before it censors at {where}; "
    if rule.missed is not None:
        text += "an event after two missed visits is censored at the last evaluable assessment; "
    otherwise = " or ".join(_OTHERWISE.get(o, o.replace("_", " ")) for o in rule.otherwise)
    text += f"without an event, censored at {otherwise}"
    if rule.entry:
        text += f"; patients come under observation at {rule.entry.replace('_', ' ')}"
    return text
