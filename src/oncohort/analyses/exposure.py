"""Exposure: time on treatment, dose reductions, relative dose intensity, reasons for stopping."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent, summary
from oncohort.analyses.exposure_groups import exposure_by_group
from oncohort.analyses.rates import in_no_groups
from oncohort.analyses.rates import methods as rate_methods
from oncohort.analyses.result import Curve, Estimate, Kind, Population, Result, key_of
from oncohort.analyses.starting_dose import started_as_planned
from oncohort.endpoints.cohort import Cohort
from oncohort.endpoints.treatment import label_audits
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Exposure
from oncohort.vocabulary.times import DAYS_PER_UNIT

STOPS = {
    "progression": "Disease progression",
    "toxicity": "Adverse event",
    "death": "Death",
    "completed": "Treatment completed",
    "choice": "Choice of patient or physician",
    "other": "Other reason",
}
"""Reasons for stopping, in the order of the paper."""

STOP = ("exposure", "stop")

CHANGES = {
    "reduced": "Dose reduced",
    "interrupted": "Treatment interrupted",
    "escalated": "Dose escalated again",
}


def still_treated(cohort: Cohort) -> pl.Expr:
    """Is treatment without an end still going on? Not in who has died by the cutoff."""
    ongoing = pl.col("treatment_ongoing").fill_null(False)
    if "death_date" not in cohort.frame.columns:
        return ongoing
    dead = pl.col("death_date").is_not_null()
    if cohort.meaning.cutoff is not None:
        dead &= pl.col("death_date") <= cohort.meaning.cutoff
    return ongoing & ~dead


def _stops(cohort: Cohort) -> tuple[list[Estimate], list[Population]]:
    frame = cohort.frame
    estimates: list[Estimate] = []
    populations: list[Population] = []
    if "treatment_end_reason" not in frame.columns:
        return estimates, populations
    ongoing = frame.filter(still_treated(cohort))["patient"].to_list()
    number, who = count(("exposure", "ongoing", "count"), "Still on treatment", ongoing)
    estimates.append(number)
    populations.append(who)
    stopped = frame.filter(~still_treated(cohort))
    reasons = stopped["treatment_end_reason"].drop_nulls().unique(maintain_order=True).to_list()
    for reason, label in STOPS.items():
        if reason not in reasons and reason not in ("progression", "toxicity"):
            continue
        those = stopped.filter(pl.col("treatment_end_reason") == reason)["patient"].to_list()
        es, who = percent(STOP, label, those, cohort.n, heading=label, reason=reason)
        estimates += es
        populations.append(who)
    unknown = stopped.filter(pl.col("treatment_end_reason").is_null())["patient"].to_list()
    if unknown:
        label = "Reason not recorded"
        es, who = percent(STOP, label, unknown, cohort.n, heading=label, reason="unknown")
        estimates += es
        populations.append(who)
    return estimates, populations


def _label(
    table: pl.DataFrame | None, drug: str, label: str
) -> tuple[list[Estimate], Curve | None]:
    """Recorded events against the drug's label: counts, and the list for the study team."""
    from oncohort.criteria.label import NOTICE

    if table is None:
        return [], None
    path = ("exposure", drug, "label")
    answers = {"agrees": True, "differs": False, "open": None}
    estimates = [
        Estimate(
            key_of(*path, "count", answer=name),
            f"{label}, recorded events against the label: {name}",
            table.filter(pl.col("agrees").eq_missing(value)).height,
            kind="count",
            n=table.height,
            unit="events",
            population=COHORT,
            method="rules of the label; a list for the study team, not treatment advice",
        )
        for name, value in answers.items()
    ]
    rows = table.filter(~pl.col("agrees").fill_null(True)).sort("patient", "start").to_dicts()
    columns = ("patient", "event", "grade", "start", "occurrence", "asks", "charted", "recorded")
    curve = Curve(
        key_of(*path),
        f"Recorded events at which the dose of {label} was not changed as its label asks",
        {c: tuple(str(r[c]) if c == "start" else r[c] for r in rows) for c in columns},
        method=NOTICE,
        population=COHORT,
    )
    return estimates, curve


def _drug(
    cohort: Cohort, plan: Exposure, drug: str, rows: pl.DataFrame, unit: str
) -> tuple[list[Estimate], list[Population]]:
    """Time on one drug, changes of its dose, its intensity."""
    label = label_of(drug, plan)
    path = ("exposure", drug)
    scale = DAYS_PER_UNIT[unit]
    estimates, who = percent(
        (*path, "treated"), f"{label}: dose records", rows["patient"].to_list(), cohort.n
    )
    populations = [who]
    treated = who.id
    es, ps = started_as_planned(cohort, plan, drug, label, treated)
    estimates += es
    populations += ps
    times = _in_unit(rows["days_on_treatment"], scale)
    of = f"Time on {label}"
    where = (*path, "time_on_treatment")
    estimates += summary(where, of, times, kind="time", unit=unit, population=treated)
    for column, words in CHANGES.items():
        those = rows.filter(pl.col(column))["patient"].to_list()
        es, who = percent((*path, column), words, those, rows.height, population=treated)
        estimates += es
        populations.append(who)
    intensities: tuple[tuple[str, str, str, Kind, str], ...] = (
        ("rdi", f"Relative dose intensity of {label}", "rdi", "percentage", "%"),
        ("daily_dose", f"Mean daily dose of {label}", "mean_daily_dose", "value", "mg"),
    )
    for name, words, column, kind, of_unit in intensities:
        estimates += summary(
            (*path, name),
            words,
            rows[column].to_list(),
            kind=kind,
            unit=of_unit,
            population=treated,
            statistics=("median", "q1", "q3", "minimum", "maximum"),
        )
    until = [v for v in _in_unit(rows["days_to_reduction"], scale) if v is not None]
    if until:
        estimates += summary(
            (*path, "time_to_reduction"),
            "Time to first dose reduction, those reduced",
            until,
            kind="time",
            unit=unit,
            population=key_of(*path, "reduced", "count").id,
        )
    return estimates, populations


def _in_unit(days: pl.Series, scale: float) -> list[float | None]:
    return [None if d is None else d / scale for d in days.to_list()]


def label_of(drug: str, plan: Exposure) -> str:
    """A drug's name at the start of a line."""
    return plan.label or drug.capitalize()


def in_text(drug: str, plan: Exposure) -> str:
    """A drug's name inside a sentence: generic names are not capitalised."""
    label = label_of(drug, plan)
    return label.lower() if label == label.capitalize() else label


def frequency(times_per_day: float) -> str:
    """How often a dose is taken.

    Examples
    --------
    >>> frequency(2.0), frequency(0.5)
    ('twice daily', '0.5 times daily')
    """
    words = {1.0: "once daily", 2.0: "twice daily", 3.0: "three times daily"}
    return words.get(times_per_day, f"{times_per_day:g} times daily")


def _method(drug: str, plan: Exposure) -> str:
    window = f"the first {plan.window_days} days" if plan.window_days else "start to last dose"
    cycle = (
        f", {plan.days_on} days on and {plan.days_off} off"
        if plan.days_on and plan.days_off
        else ""
    )
    return (
        f"Relative dose intensity of {in_text(drug, plan)} is the dose taken over the dose "
        f"planned ({plan.amount:g} {plan.unit} {frequency(plan.times_per_day)}{cycle}) from "
        f"{window}; interruptions count as 0."
    )


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Per drug: time on treatment, changes of dose, dose intensity; and why treatment stopped."""
    frame = cohort.frame
    estimates, populations = _stops(cohort)
    methods: list[str] = []
    curves: list[Curve] = []
    unit = protocol.study.time_unit
    if "treatment_days" in frame.columns and frame["treatment_days"].count():
        times = _in_unit(frame["treatment_days"], DAYS_PER_UNIT[unit])
        path = ("exposure", "time_on_treatment")
        estimates += summary(path, "Time on treatment", times, kind="time", unit=unit)
    audits = label_audits(cohort.evidence.tables, protocol)
    for drug, plan in protocol.exposure.items():
        if cohort.evidence.exposure is None:
            break
        rows = cohort.evidence.exposure.filter(pl.col("drug") == drug)
        if rows.is_empty():
            continue
        es, ps = _drug(cohort, plan, drug, rows, unit)
        estimates += es
        populations += ps
        es, ps = exposure_by_group(cohort, plan, drug, rows, CHANGES)
        estimates += es
        populations += ps
        es, listed = _label(audits.get(drug), drug, label_of(drug, plan))
        estimates += es
        curves += [listed] if listed is not None else []
        methods.append(_method(drug, plan))
    if not estimates:
        return None
    es, ps = in_no_groups(
        cohort, "exposure", (name for plan in protocol.exposure.values() for name in plan.by)
    )
    estimates += es
    populations += ps
    tests = dict.fromkeys(plan.test for plan in protocol.exposure.values() if plan.by)
    methods += [rate_methods(test) for test in tests]
    return Result("exposure", tuple(estimates), tuple(curves), tuple(populations), tuple(methods))
