"""Exposure: time on treatment, dose reductions, relative dose intensity, reasons for stopping."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent, summary
from oncohort.analyses.result import Curve, Estimate, Population, Result, result_id
from oncohort.endpoints.cohort import DAYS_PER_UNIT, Cohort
from oncohort.endpoints.treatment import label_audits
from oncohort.protocol import Protocol

STOPS = {
    "progression": "Disease progression",
    "toxicity": "Adverse event",
    "death": "Death",
    "completed": "Treatment completed",
    "choice": "Choice of patient or physician",
    "other": "Other reason",
}
"""Reasons for stopping, in the order of the paper."""

CHANGES = {
    "reduced": "Dose reduced",
    "interrupted": "Treatment interrupted",
    "escalated": "Dose escalated again",
}


def _stops(cohort: Cohort) -> tuple[list[Estimate], list[Population]]:
    frame = cohort.frame
    estimates: list[Estimate] = []
    populations: list[Population] = []
    if "treatment_end_reason" not in frame.columns:
        return estimates, populations
    ongoing = frame.filter(pl.col("treatment_ongoing"))["patient"].to_list()
    number, who = count("exposure.ongoing.count", "Still on treatment", ongoing)
    estimates.append(number)
    populations.append(who)
    stopped = frame.filter(~pl.col("treatment_ongoing"))
    reasons = stopped["treatment_end_reason"].drop_nulls().unique().to_list()
    for reason, label in STOPS.items():
        if reason not in reasons and reason not in ("progression", "toxicity"):
            continue
        those = stopped.filter(pl.col("treatment_end_reason") == reason)["patient"].to_list()
        es, who = percent("exposure.stop", label, those, cohort.n, reason=reason)
        estimates += es
        populations.append(who)
    unknown = stopped.filter(pl.col("treatment_end_reason").is_null())["patient"].to_list()
    if unknown:
        es, who = percent(
            "exposure.stop", "Reason not recorded", unknown, cohort.n, reason="unknown"
        )
        estimates += es
        populations.append(who)
    return estimates, populations


def _label(
    cohort: Cohort, table: pl.DataFrame | None, drug: str, label: str
) -> tuple[list[Estimate], Curve | None]:
    """Recorded events against the drug's label: counts, and the list for the study team."""
    from oncohort.criteria.label import NOTICE

    if table is None:
        return [], None
    path = f"exposure.{drug}.label"
    answers = {"agrees": True, "differs": False, "open": None}
    estimates = [
        Estimate(
            result_id(f"{path}.count", answer=name),
            f"{label}, recorded events against the label: {name}",
            table.filter(pl.col("agrees").eq_missing(value)).height,
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
        path,
        f"Recorded events at which the dose of {label} was not changed as its label asks",
        {c: tuple(str(r[c]) if c == "start" else r[c] for r in rows) for c in columns},
        method=NOTICE,
        population=COHORT,
    )
    return estimates, curve


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Per drug: time on treatment, changes of dose, dose intensity; and why treatment stopped."""
    frame = cohort.frame
    estimates, populations = _stops(cohort)
    methods: list[str] = []
    curves: list[Curve] = []
    unit = protocol.study.time_unit
    scale = DAYS_PER_UNIT[unit]
    drugs = dict(protocol.exposure)
    audits = label_audits(cohort.tables, protocol)
    if "treatment_days" in frame.columns and frame["treatment_days"].count():
        days = frame["treatment_days"].to_list()
        estimates += summary(
            "exposure.time_on_treatment",
            "Time on treatment",
            [None if d is None else d / scale for d in days],
            unit=unit,
        )
    for drug, plan in drugs.items():
        if cohort.exposure is None:
            break
        rows = cohort.exposure.filter(pl.col("drug") == drug)
        if rows.is_empty():
            continue
        label = plan.label or drug.capitalize()
        path = f"exposure.{drug}"
        es, who = percent(
            f"{path}.treated", f"{label}: dose records", rows["patient"].to_list(), cohort.n
        )
        estimates += es
        populations.append(who)
        treated = who.id
        n = rows.height
        on_drug = [None if d is None else d / scale for d in rows["days_on_treatment"].to_list()]
        estimates += summary(
            f"{path}.time_on_treatment", f"Time on {label}", on_drug, unit=unit, population=treated
        )
        for column, words in CHANGES.items():
            those = rows.filter(pl.col(column))["patient"].to_list()
            es, who = percent(f"{path}.{column}", words, those, n, population=treated)
            estimates += es
            populations.append(who)
        estimates += summary(
            f"{path}.rdi",
            f"Relative dose intensity of {label}",
            rows["rdi"].to_list(),
            unit="%",
            population=treated,
            statistics=("median", "q1", "q3", "minimum", "maximum"),
        )
        estimates += summary(
            f"{path}.daily_dose",
            f"Mean daily dose of {label}",
            rows["mean_daily_dose"].to_list(),
            unit="mg",
            population=treated,
            statistics=("median", "q1", "q3", "minimum", "maximum"),
        )
        until = [None if d is None else d / scale for d in rows["days_to_reduction"].to_list()]
        if any(v is not None for v in until):
            estimates += summary(
                f"{path}.time_to_reduction",
                "Time to first dose reduction, those reduced",
                [v for v in until if v is not None],
                unit=unit,
                population=f"{path}.reduced.count",
            )
        es, listed = _label(cohort, audits.get(drug), drug, label)
        estimates += es
        if listed is not None:
            curves.append(listed)
        window = f"the first {plan.window_days} days" if plan.window_days else "start to last dose"
        cycle = (
            f", {plan.days_on} days on and {plan.days_off} off"
            if plan.days_on and plan.days_off
            else ""
        )
        methods.append(
            f"Relative dose intensity of {label} is the dose taken over the dose planned "
            f"({plan.amount:g} {plan.unit} {plan.times_per_day:g} times a day{cycle}) from "
            f"{window}; interruptions count as 0."
        )
    if not estimates:
        return None
    return Result("exposure", tuple(estimates), tuple(curves), tuple(populations), tuple(methods))


__all__ = ["CHANGES", "COHORT", "STOPS", "analyse"]
