"""The structured abstract: aim, methods, results and conclusion within the journal's limit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.analyses.safety import high_grades
from oncohort.displays.lookup import Lookup
from oncohort.displays.prose.methods import cohort_sentence
from oncohort.displays.sections import (
    arms_compared,
    arms_text,
    prognosis_text,
    response,
    safety,
    table_of_models,
)
from oncohort.displays.spans import (
    Piece,
    Span,
    Spans,
    joined,
    listed,
    say,
    sentences,
    spans,
    text_of,
)
from oncohort.displays.words import name_in_text, patients, up_first

ARM_ENDPOINTS = 2
"""So many endpoints of arms stand in the abstract."""


def _words(text: Spans) -> int:
    return len(re.findall(r"[^\s\u00a0]+", text_of(text)))


def _groups(lookup: Lookup, key: str) -> Spans:
    """How patients are spread over a variable: "First-line therapy was cytokine in 14 ..."."""
    path = f"baseline.{key}"
    shown = [v for v in lookup.levels(key) if lookup.number(f"{path}.count", level=v)]
    parts = [
        say(
            "{l} in {n}",
            l=name_in_text(lookup.level(key, v)),
            n=lookup.patients_words(path, level=v)
            if v == shown[0]
            else lookup.count_percent_words(path, level=v),
        )
        for v in shown
    ]
    label = up_first(lookup.variable(key))
    return say("{v} was {p}.", v=label, p=listed(parts)) if parts else ()


def _methods(lookup: Lookup) -> Spans:
    out: list[Piece] = [cohort_sentence(lookup, counted=True)]
    out += [_groups(lookup, key) for key in lookup.protocol.paper.abstract_variables]
    return sentences(*out)


def _survival(lookup: Lookup) -> Spans:
    """Medians of all endpoints in one sentence, each with its interval."""
    told: list[Spans] = []
    for e in lookup.endpoints():
        median = lookup.get(f"survival.{e}.median")
        if median is None or median.state == "not_estimable":
            continue
        value: Piece = lookup.with_ci(median.id) if median.state == "ok" else "not reached"
        told.append(say("{e} was {m}", e=lookup.short(e), m=value))
    return say("Median {l}.", l=listed(told)) if told else ()


def _factors(lookup: Lookup) -> Spans:
    """What was independently associated with each endpoint."""
    rule = lookup.protocol.prognosis
    if rule is None:
        return ()
    clauses: list[Spans] = []
    for e in table_of_models.prognosis_endpoints(lookup):
        clauses += prognosis_text.associations(lookup, e, "multi", rule.candidates, "independently")
    return say("In multivariable analysis, {l}.", l=joined(clauses)) if clauses else ()


def _arms(lookup: Lookup) -> Spans:
    """How the arms compare in the first endpoints, a sentence each; empty without ``[arms]``."""
    compared = arms_compared.compared_endpoints(lookup)[:ARM_ENDPOINTS]
    return sentences(*(t for e in compared if (t := arms_text.main_comparison(lookup, e))))


def _severe(lookup: Lookup) -> Spans:
    rule = lookup.protocol.safety
    high = high_grades(rule.threshold) if rule is not None else ""
    if rule is None or not lookup.has("safety.any_event.count", grade=high):
        return ()
    return say(
        "Adverse events of grade {g} or higher occurred in {n}.",
        g=str(rule.threshold),
        n=lookup.patients_words("safety.any_event", grade=high),
    )


def _commonest(lookup: Lookup) -> Spans:
    top = safety.commonest(lookup, "any")
    if not top:
        return ()
    verb = "event was" if len(top) == 1 else "events were"
    return say("The commonest adverse {v} {l}.", v=verb, l=listed(top))


def _rate(lookup: Lookup) -> Spans:
    if not lookup.has("response.orr.percent"):
        return ()
    if not lookup.number("response.orr.count"):
        return say("No patient had an objective response.")
    return say("The objective response rate was {r}.", r=lookup.with_ci("response.orr.percent"))


def results(lookup: Lookup) -> list[tuple[int, Spans]]:
    """(weight, sentences) of the results in the order of the paper; low weight goes first."""
    found = [
        (3, response.best_sentence(lookup)),
        (6, _rate(lookup)),
        (7, _survival(lookup)),
        (8, _arms(lookup)),
        (5, _factors(lookup)),
        (2, _commonest(lookup)),
        (4, _severe(lookup)),
    ]
    return [(weight, text) for weight, text in found if text]


def fitted(told: Sequence[tuple[int, Spans]], limit: int) -> Spans:
    """Sentences within so many words: the least weighty are left out first, never all.

    Examples
    --------
    >>> text_of(fitted([(1, spans("One two three.")), (2, spans("Four five."))], 3))
    'Four five.'
    """
    kept = list(told)
    while len(kept) > 1 and sum(_words(text) for _, text in kept) > limit:
        kept.remove(min(kept, key=lambda item: item[0]))
    return sentences(*(text for _, text in kept))


def parts(lookup: Lookup) -> list[tuple[str, Spans]]:
    """(heading, sentences); aim and conclusion are the protocol's, or asked for."""
    paper = lookup.protocol.paper
    aim = spans(paper.aim) or (
        Span("[the aim in one sentence: [paper] aim in study.toml]", "", "missing"),
    )
    end = spans(paper.conclusion) or (
        Span("[the conclusion in a sentence: [paper] conclusion in study.toml]", "", "missing"),
    )
    methods = _methods(lookup)
    used = _words(methods) + sum(_words(spans(t)) for t in (paper.aim, paper.conclusion))
    body = fitted(results(lookup), max(paper.abstract_words - used - 8, 1))
    n = lookup.context.n
    if not body:
        body = say("{n} {p} were included.", n=lookup.whole(), p=patients(n)) if n != 1 else ()
    out = [("Background and aim", aim), ("Patients and methods", methods)]
    out += [("Results", body)] if body else []
    return [*out, ("Conclusion", end)]
