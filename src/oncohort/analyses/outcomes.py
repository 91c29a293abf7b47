"""Binary outcomes: how many had each, and how groups differ in it."""

from __future__ import annotations

import polars as pl

from oncohort.analyses import rates
from oncohort.analyses.counting import count, percent
from oncohort.analyses.rates import Outcome, by_group, groups_of, in_no_groups
from oncohort.analyses.result import Estimate, Population, Result
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.protocol.outcomes import BinaryOutcome

CHANGES = {"reduced": "reduction", "interrupted": "interruption", "escalated": "escalation"}


def label_of(key: str, declared: BinaryOutcome, protocol: Protocol) -> str:
    """An outcome's label: as declared, else by what it is made of."""
    if declared.label:
        return declared.label
    if declared.of == "response":
        return "Objective response" if set(declared.responses) == {"CR", "PR"} else key
    if declared.of == "adverse_event":
        terms = protocol.safety.terms if protocol.safety else {}
        event = terms.get(declared.term or "", "Adverse event")
        return event if declared.grade == 1 else f"{event} of grade {declared.grade} or higher"
    if declared.of == "dose":
        plan = protocol.exposure[declared.drug or ""]
        return f"Dose {CHANGES[declared.change]} of {plan.label or declared.drug}"
    return key


def outcome_of(protocol: Protocol, cohort: Cohort, key: str) -> Outcome | None:
    """Who had the outcome, among whom it is known; None where the data have nothing of it."""
    declared = protocol.outcomes[key]
    path, label = ("outcomes", key), label_of(key, declared, protocol)
    frame = cohort.frame
    if declared.of == "response":
        if "best_response" not in frame.columns:
            return None
        have = cohort.members(pl.col("best_response").is_in(list(declared.responses)))
        return Outcome(path, label, set(have))
    if declared.of == "adverse_event":
        events = cohort.evidence.adverse_events
        if events is None:
            return None
        if declared.term is not None:
            events = events.filter(pl.col("term") == declared.term)
        # An event without a grade happened: it counts at any grade, and at no certain one.
        events = events.filter(pl.col("grade").fill_null(1) >= declared.grade)
        return Outcome(path, label, set(events["patient"].to_list()))
    if declared.of == "dose":
        exposure = cohort.evidence.exposure
        if exposure is None:
            return None
        rows = exposure.filter(pl.col("drug") == declared.drug)
        those = rows.filter(pl.col(declared.change).fill_null(False))
        return Outcome(path, label, set(those["patient"]), set(rows["patient"]))
    info = cohort.meaning.variables.get(declared.variable or "")
    if info is None or not info.levels or declared.variable not in frame.columns:
        return None  # a number has no levels: `outcomes.unknown` says so
    value = pl.col(declared.variable)
    have = cohort.members(value.is_in(declared.levels))
    return Outcome(path, label, set(have), set(cohort.members(value.is_not_null())))


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """The rate of each outcome with its exact interval, in all and by group."""
    by = [name for declared in protocol.outcomes.values() for name in declared.by]
    estimates, others = in_no_groups(cohort, "outcomes", by)
    populations: dict[str, Population] = {p.id: p for p in others}
    rated: list[str] = []
    grouped: list[str] = []
    for key, declared in protocol.outcomes.items():
        outcome = outcome_of(protocol, cohort, key)
        if outcome is None or key in blocked:
            continue
        rated.append(key)
        es, ps = _whole(outcome, cohort)
        for name in declared.by:
            groups = groups_of(cohort, "outcomes", name)
            if groups is None:
                continue
            more, members = by_group(outcome, groups, test=declared.test)
            es, ps = es + more, [*ps, *groups.populations, *members]
            grouped.append(declared.test)
        estimates += es
        populations |= {p.id: p for p in ps}
    if not estimates:
        return None
    methods = ["Rates of binary outcomes have exact (Clopper-Pearson) 95% intervals."] * bool(rated)
    methods += [rates.methods(test) for test in dict.fromkeys(grouped)]
    return Result("outcomes", tuple(estimates), (), tuple(populations.values()), tuple(methods))


def _whole(outcome: Outcome, cohort: Cohort) -> tuple[list[Estimate], list[Population]]:
    """The rate among all in whom it is known, and how many it is not known of."""
    have, known = outcome.of(cohort.patients)
    inside = set(known)
    unknown = [p for p in cohort.patients if p not in inside]
    number, who = count((*outcome.path, "missing"), f"{outcome.label}: not known", unknown)
    es, members = percent(
        outcome.path,
        outcome.label,
        have,
        len(known),
        interval=True,
        excluded={"missing": len(unknown)} if unknown else None,
        heading=outcome.label,
    )
    return [*es, number], [members, who]
