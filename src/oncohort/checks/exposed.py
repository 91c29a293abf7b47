"""Doses against what else the chart says of the treatment: its end, its stop, the body."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem

STILL = 42
"""Days after it was stopped for an event beyond which a drug that is still given is told."""
EARLY = 60
"""Days before the end of treatment by which the last dose ends, beyond which it is told."""
USUAL, OF_ALL = 30, 0.7
"""Days within which the last dose of most patients (this share) ends with the treatment."""
FEWEST = 8
"""Patients with doses below which nothing is said of what is usual."""
FAR = date(9999, 1, 1)


def _last_doses(data: Data) -> pl.DataFrame:
    """The last day of each drug of each patient: far away where it is given on."""
    given = data.included(data.records.tables["doses"]).filter(
        (pl.col("amount") > 0) & pl.col("start").is_not_null()
    )
    ends = pl.col("end") if "end" in given.columns else pl.lit(None, pl.Date)
    return given.group_by("patient", "drug", maintain_order=True).agg(
        ends.fill_null(FAR).max().alias("_last"),
        pl.col("source_record").last(),
        ends.last().alias("_end"),
    )


@rule("safety.stopped-but-treated")
def stopped_but_treated(data: Data) -> Iterator[Problem]:
    """A drug that was stopped for an adverse event, and is given for weeks after."""
    from oncohort.criteria.ctcae.course import consequences

    if not data.has("adverse_events", "action", "start") or not data.has("doses", "start"):
        return
    ends = dict(data.patients.select("patient", _treatment_end(data)).iter_rows())
    doses: dict[str, list[tuple[str, date]]] = {}
    for patient, drug, last in _last_doses(data).select("patient", "drug", "_last").iter_rows():
        last = min(last, ends.get(patient) or FAR)
        doses.setdefault(patient, []).append((str(drug or "").strip().lower(), last))
    columns = ["patient", "term", "start", "action", "drug", "source_record"]
    events = data.included(data.records.tables["adverse_events"])
    for row in events.select(c for c in columns if c in events.columns).iter_rows(named=True):
        if row["start"] is None or "stop" not in consequences(row["action"], None, None):
            continue
        meant = str(row.get("drug") or "").strip().lower()
        own = doses.get(row["patient"], [])
        own = [d for d in own if d[0] == meant] or own
        if own and min((last - row["start"]).days for _, last in own) > STILL:
            yield problem(
                "safety.stopped-but-treated",
                place=data.at("adverse_events", "action", row["source_record"]),
                patient=row["patient"],
                action=row["action"],
                term=row["term"] or "an event",
                start=row["start"],
                days=STILL,
            )


def _treatment_end(data: Data) -> pl.Expr:
    if "treatment_end" in data.patients.columns:
        return pl.col("treatment_end")
    return pl.lit(None, pl.Date).alias("treatment_end")


@rule("doses.ends-early")
def ends_early(data: Data) -> Iterator[Problem]:
    """The last dose ends long before the treatment, where those of nearly all end with it."""
    if not data.has("doses", "start", "end") or not data.has("patients", "treatment_end"):
        return
    last = _last_doses(data).sort("_last").unique("patient", keep="last", maintain_order=True)
    both = last.join(
        data.included(data.patients).select("patient", "treatment_end"), on="patient", how="inner"
    ).filter(pl.col("treatment_end").is_not_null() & (pl.col("_last") < FAR))
    gaps = both.with_columns(_gap=(pl.col("treatment_end") - pl.col("_last")).dt.total_days())
    if gaps.height < FEWEST or (gaps["_gap"].abs() <= USUAL).sum() < OF_ALL * gaps.height:
        return
    for row in gaps.filter(pl.col("_gap") > EARLY).iter_rows(named=True):
        yield problem(
            "doses.ends-early",
            place=data.at("doses", "end", row["source_record"]),
            patient=row["patient"],
            last=row["_last"],
            treatment_end=row["treatment_end"],
        )


BODIES = {"mg/m2": (0.4, 3.2, "m²"), "mg/kg": (8.0, 300.0, "kg")}
"""Sizes of bodies between which a dose in mg is one of a plan by body size."""


@rule("doses.body")
def body(data: Data) -> Iterator[Problem]:
    """Doses in mg that a plan by body size gives to nobody: the unit of the plan is a slip."""
    if not data.has("doses", "drug", "amount"):
        return
    rows = data.included(data.records.tables["doses"]).filter(pl.col("amount") > 0)
    for key, plan in data.protocol.exposure.items():
        if plan.unit not in BODIES:
            continue
        called = {key.lower(), (plan.label or key).lower()}
        own = rows.filter(pl.col("drug").str.strip_chars().str.to_lowercase().is_in(list(called)))
        units = {(u or plan.unit).strip().lower() for u in own["unit"].to_list()}
        if own.height < FEWEST or units != {"mg"}:
            continue
        middle = float(own["amount"].median())  # type: ignore[arg-type]
        least, most, unit = BODIES[plan.unit]
        size = middle / plan.amount
        if not least <= size <= most:
            yield problem(
                "doses.body",
                place=Place(file="study.toml", key=f"exposure.{key}.unit"),
                drug=plan.label or key,
                middle=middle,
                planned=plan.amount,
                unit=plan.unit,
                size=f"{size:.3g} {unit}",
            )
