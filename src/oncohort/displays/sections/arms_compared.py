"""What of the comparison of arms has numbers: endpoints, arms, subgroups, and their names."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Spans, say
from oncohort.protocol.arms import CROSS, Arms, subgroup_key
from oncohort.vocabulary.in_text import names_in_text


def arms_rule(lookup: Lookup) -> Arms | None:
    return lookup.protocol.arms if lookup.numbers.section("arms") is not None else None


def compared_endpoints(lookup: Lookup) -> list[str]:
    """Endpoints whose arms were compared, in the protocol's order."""
    rule = arms_rule(lookup)
    if rule is None:
        return []
    wanted = rule.endpoints or list(lookup.protocol.endpoints)
    return [e for e in wanted if lookup.numbers.of("arms", e, "n")]


def arms_of(lookup: Lookup, endpoint: str) -> tuple[str, list[str]]:
    """The reference arm, and the others that have a ratio."""
    rule = arms_rule(lookup)
    assert rule is not None
    info = lookup.info(rule.variable)
    reference = rule.reference or (info.reference if info else None) or ""
    return reference, lookup.values(("arms", endpoint, "hr"), "arm")


def arm_label(lookup: Lookup, level: str) -> str:
    rule = arms_rule(lookup)
    assert rule is not None
    return lookup.level(rule.variable, level)


def has_competing(lookup: Lookup, endpoint: str) -> bool:
    """Whether other events can come before the endpoint's: a plain Cox model is cause-specific."""
    return lookup.protocol.endpoints[endpoint].has_competing


def reasons(lookup: Lookup, paths: Sequence[tuple[str, ...]]) -> list[Spans]:
    """Why numbers of these paths are not estimable, each reason once."""
    texts: dict[str, None] = {}
    for path in paths:
        for estimate in lookup.numbers.of(*path):
            if estimate.value is None and estimate.note:
                texts.setdefault(f"{estimate.label}: {estimate.note.rstrip('.')}.")
    return [say("{t}", t=text) for text in list(texts)[:6]]


def subgroup_label(lookup: Lookup, one: str | Sequence[str]) -> str:
    """The name of a subgroup variable, or of two crossed ones."""
    names = [one] if isinstance(one, str) else list(one)
    return " and ".join(lookup.variable(n) for n in names)


def subgroup_in_text(lookup: Lookup, one: str | Sequence[str]) -> str:
    """The same inside a sentence: "sex and age"."""
    names = [one] if isinstance(one, str) else list(one)
    return names_in_text([lookup.variable(n) for n in names])


def level_label(lookup: Lookup, one: str | Sequence[str], level: str) -> str:
    """The name of one subgroup."""
    names = [one] if isinstance(one, str) else list(one)
    values = level.split(CROSS) if len(names) > 1 else [level]
    return ", ".join(lookup.level(n, v) for n, v in zip(names, values, strict=True))


def subgroups_of(lookup: Lookup, e: str) -> list[str | list[str]]:
    """Subgroups of an endpoint that have numbers."""
    rule = arms_rule(lookup)
    have = [] if rule is None else rule.subgroups
    return [
        one
        for one in have
        if lookup.numbers.of("arms", e, "subgroup", subgroup_key(one), "interaction_p")
    ]
