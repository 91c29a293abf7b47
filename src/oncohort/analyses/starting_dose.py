"""Who started a drug at the planned dose."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import percent
from oncohort.analyses.result import Estimate, Population
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol.analysis import Exposure


def started_as_planned(
    cohort: Cohort, plan: Exposure, drug: str, label: str, population: str
) -> tuple[list[Estimate], list[Population]]:
    """Patients whose first dose on record is the planned one, of those with dose records.

    Only of doses in the unit of the plan: what has to be computed from weight or body surface is
    not told.
    """
    doses = cohort.evidence.tables.get("doses")
    need = {"patient", "drug", "start", "amount", "times_per_day"}
    if doses is None or not need <= set(doses.columns):
        return [], []
    names = {drug.lower(), (plan.label or drug).strip().lower()}
    of_drug = doses.filter(
        pl.col("drug").str.strip_chars().str.to_lowercase().is_in(list(names))
        & pl.col("start").is_not_null()
        & (pl.col("amount").fill_null(0) > 0)
    )
    units = (
        of_drug["unit"].drop_nulls().unique(maintain_order=True).to_list()
        if "unit" in of_drug.columns
        else []
    )
    if of_drug.is_empty() or set(units) - {plan.unit}:
        return [], []
    ordered = of_drug.sort("start", maintain_order=True)
    first = ordered.group_by("patient", maintain_order=True).first()
    if first["times_per_day"].null_count():
        return [], []
    planned = (pl.col("amount") - plan.amount).abs() < 1e-6
    planned &= (pl.col("times_per_day") - plan.times_per_day).abs() < 1e-6
    who = first.filter(planned)["patient"].to_list()
    es, members = percent(
        ("exposure", drug, "started"),
        f"{label}: started at the planned dose",
        who,
        first.height,
        population=population,
    )
    return es, [members]
