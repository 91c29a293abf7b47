"""Table III: adverse events, the worst grade per patient and term."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent
from oncohort.analyses.rates import methods as rate_methods
from oncohort.analyses.result import Curve, Estimate, Population, Result, key_of
from oncohort.analyses.safety_actions import actions
from oncohort.analyses.safety_classes import events_by_class
from oncohort.analyses.safety_groups import Term, events_by_group
from oncohort.analyses.safety_onset import onset_numbers
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Safety

TREATED = ("safety", "treated", "count")
ANY = "any_event"
"""Key of the row of all terms together."""
NOT_TERMS = ("groups", "class", "treated", "deaths", "serious", "action", ANY)
"""What the section has numbers of beside the terms."""


def terms_in_order(protocol: Protocol, worst: pl.DataFrame) -> dict[str, str]:
    """Terms of Table III: as declared, or all that occurred, the commonest first."""
    assert protocol.safety is not None
    if protocol.safety.terms:
        return dict(protocol.safety.terms)
    ranked = (
        worst.group_by("term")
        .agg(pl.len().alias("n"), pl.col("grade").max().alias("top"), pl.col("label").first())
        .sort(["n", "top", "term"], descending=[True, True, False])
    )
    return dict(zip(ranked["term"].to_list(), ranked["label"].to_list(), strict=True))


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Patients with each term at any grade, at each grade, and at or above the threshold.

    A patient counts once per term, at the worst grade, and once in "any event". Terms that
    nobody had keep their row with 0.
    """
    if protocol.safety is None or cohort.evidence.adverse_events is None:
        return None
    rule = protocol.safety
    worst = cohort.evidence.adverse_events
    number, whole = count(TREATED, "Treated patients", cohort.patients, population=COHORT)
    estimates: list[Estimate] = [number]
    populations: list[Population] = [whole]
    overall = worst.group_by("patient", maintain_order=True).agg(pl.col("grade").max())
    rows = [(ANY, "Any adverse event", overall)] + [
        (key, label, worst.filter(pl.col("term") == key))
        for key, label in terms_in_order(protocol, worst).items()
    ]
    for key, label, part in rows:
        es, ps = _grades(key, label, part, cohort.n, rule.threshold)
        estimates += es
        populations += ps
    dead = overall.filter(pl.col("grade") == 5)["patient"].to_list()
    number, members = count(
        ("safety", "deaths", "count"), "Deaths (grade 5)", dead, population=whole.id
    )
    estimates.append(number)
    populations.append(members)
    es, ps = actions(protocol, cohort, whole.id)
    estimates += es
    populations += ps
    es, ps = events_by_group(rule, cohort, rows)
    estimates += es
    populations += ps
    es, curves, ps = _from_events(protocol, cohort, rows, whole.id)
    estimates += es
    populations += ps
    related = "related to treatment " if rule.count == "related" else ""
    methods: tuple[str, ...] = (
        f"Adverse events {related}were graded by {rule.criteria}; each patient counts once per "
        f"term, at the worst grade from the first dose to {rule.window_days} days after the last.",
    )
    methods = (*methods, *_more_methods(rule))
    return Result("safety", tuple(estimates), tuple(curves), tuple(populations), methods)


def _from_events(
    protocol: Protocol, cohort: Cohort, rows: list[Term], treated: str
) -> tuple[list[Estimate], list[Curve], list[Population]]:
    """What needs every event, not the worst grades alone: classes, rates, onsets."""
    rule = protocol.safety
    assert rule is not None
    events = cohort.evidence.events
    if events is None or not (rule.classes or rule.per_patient_years or rule.onset):
        return [], [], []
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    if rule.classes:
        estimates, layout, populations = events_by_class(rule, cohort, events, treated)
        curves += [layout] if layout is not None else []
    if rule.per_patient_years or rule.onset:
        terms = [
            (key, label, events if key == ANY else events.filter(pl.col("key") == key))
            for key, label, _ in rows
        ]
        es, cs = onset_numbers(protocol, cohort, terms, treated)
        estimates += es
        curves += cs
    return estimates, curves, populations


def _more_methods(rule: Safety) -> list[str]:
    """How groups were compared, and how times to events were taken."""
    told = [rate_methods(rule.test)] if rule.by else []
    if rule.per_patient_years:
        told.append(
            "Exposure-adjusted rates are first events per 100 patient-years at risk, with exact "
            "(Poisson) 95% intervals."
        )
    if rule.onset:
        told.append(
            "The cumulative incidence of first events was estimated by Aalen and Johansen's "
            "method; death and the end of treatment (with its window) were competing events."
        )
    return told


def high_grades(threshold: int) -> str:
    """Key of the upper grades together: ``ge3``."""
    return f"ge{threshold}"


def _grades(
    key: str, label: str, part: pl.DataFrame, n: int, threshold: int
) -> tuple[list[Estimate], list[Population]]:
    """Patients at any grade, at or above the threshold, and at each grade."""
    high = high_grades(threshold)
    worst = list(zip(part["patient"].to_list(), part["grade"].to_list(), strict=True))
    known = [(who, g) for who, g in worst if g is not None]
    # An event without a grade happened: it counts at any grade, and at no certain one.
    grades = {"any": [who for who, g in worst if g is None or g >= 1]}
    grades[high] = [who for who, g in known if g >= threshold]
    grades |= {str(one): [who for who, g in known if g == one] for one in range(1, 6)}
    words = {"any": "any grade", high: f"grade {threshold} or higher"}
    estimates: list[Estimate] = []
    populations: list[Population] = []
    for grade, patients in grades.items():
        es, members = percent(
            ("safety", key),
            f"{label}, {words.get(grade, f'grade {grade}')}",
            list(dict.fromkeys(patients)),
            n,
            population=key_of(*TREATED).id,
            heading=label,
            grade=grade,
        )
        estimates += es
        populations.append(members)
    return estimates, populations
