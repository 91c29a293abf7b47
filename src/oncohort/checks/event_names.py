"""Adverse events that the protocol names, and nobody could have."""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.vocabulary.keys import level_key

ANY = "any_event"
"""Stands for all terms together."""


def _unknown(key: str, part: str, term: str, known: list[str]) -> Problem:
    place = Place(file="study.toml", key=key)
    return problem(
        "safety.unknown-term", place=place, blocks=(part,), term=term, nearest=nearest(term, known)
    )


@rule("safety.unknown-term")
def unknown_terms(data: Data) -> Iterator[Problem]:
    """Names that neither the chart, nor the protocol's list, nor CTCAE has: nobody would count."""
    from oncohort.criteria.ctcae.terms import label, match, terms
    from oncohort.criteria.ctcae.versions import VERSIONS

    safety = data.protocol.safety
    version = safety.criteria.removeprefix("CTCAE ") if safety is not None else VERSIONS[-1]
    events = data.cohort.evidence.events if data.cohort is not None else None
    if events is not None and safety is not None:
        held = [*dict.fromkeys(events["key"].drop_nulls()), *safety.terms, ANY]
        absent = [term for term in safety.onset if term not in held]
        listed = {level_key(label(name)) for name in terms(version)} if absent else set()
        for term in absent:
            if term not in listed:
                yield _unknown("safety.onset", f"safety.{term}", term, held)
    if not data.has("adverse_events", "term"):
        return
    charted = data.records.tables["adverse_events"]["term"].drop_nulls().unique().sort().to_list()
    spelt = {text.strip().lower() for text in charted}
    for name, change in data.protocol.time_dependent.items():
        for term in change.terms:
            if term.strip().lower() not in spelt and match(term, version).term is None:
                part = f"time_dependent.{name}"
                yield _unknown(f"{part}.terms", part, term, charted)
