"""When adverse events began: rates per patient-year, and the cumulative incidence of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oncohort.analyses.counting import median
from oncohort.analyses.exposure import still_treated
from oncohort.analyses.result import Curve, Estimate, Fields, key_of
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats.incidence import IncidenceCurve
    from oncohort.stats.inputs import Floats

YEARS = 100.0
"""Patient-years to which rates refer."""
EVENT, ENDED = 1, 2
"""Codes of what came first: the adverse event; death, or the end of treatment and its window."""


def time_at_risk(protocol: Protocol, cohort: Cohort) -> pl.DataFrame | None:
    """Days from the start of treatment to the end of the window in which events count.

    `patient`, `days`, `ended` (death or the end of treatment closed it; otherwise it is still
    open). None without dates of treatment.
    """
    assert protocol.safety is not None
    frame = cohort.frame
    if not {"treatment_start", "treatment_days"} <= set(frame.columns):
        return None
    window = protocol.safety.window_days
    rows = frame.select(
        "patient",
        "treatment_start",
        "treatment_days",
        still_treated(cohort).alias("going"),
        (pl.col("death_date") - pl.col("treatment_start")).dt.total_days().alias("death")
        if "death_date" in frame.columns
        else pl.lit(None, pl.Int64).alias("death"),
    ).filter(pl.col("treatment_days").is_not_null())
    seen = _last_seen(cohort, rows)
    closed = pl.col("treatment_days") + pl.when(pl.col("going")).then(0).otherwise(window)
    return (
        rows.join(seen, on="patient", how="left", maintain_order="left")
        .with_columns(closed.alias("closed"))
        .with_columns(pl.min_horizontal("closed", "death", "seen").alias("days"))
        .with_columns(
            (
                (pl.col("days") == pl.col("death")).fill_null(False)
                | (~pl.col("going") & (pl.col("days") == pl.col("closed")))
            ).alias("ended")
        )
        .filter(pl.col("days") > 0)
        .select("patient", pl.col("days").cast(pl.Float64), "ended")
    )


def _last_seen(cohort: Cohort, rows: pl.DataFrame) -> pl.DataFrame:
    """Days from the start of treatment to the last contact or the cutoff."""
    patients = cohort.evidence.tables.get("patients")
    last: pl.Expr = pl.lit(cohort.meaning.cutoff, dtype=pl.Date)
    held = rows.select("patient", "treatment_start")
    if patients is not None and "last_contact" in patients.columns:
        contact = patients.select("patient", "last_contact")
        held = held.join(contact, on="patient", how="left", maintain_order="left")
        last = pl.min_horizontal("last_contact", last)
    return held.select("patient", (last - pl.col("treatment_start")).dt.total_days().alias("seen"))


def first_onsets(events: pl.DataFrame) -> pl.DataFrame:
    """Days to the first event of each patient; null where no event has a date."""
    days = pl.col("onset_days").clip(lower_bound=0).cast(pl.Float64)
    return events.group_by("patient", maintain_order=True).agg(days.min().alias("onset"))


def onset_numbers(
    protocol: Protocol, cohort: Cohort, terms: Sequence[tuple[str, str, pl.DataFrame]], treated: str
) -> tuple[list[Estimate], list[Curve]]:
    """What `[safety] per_patient_years` and `onset` ask for.

    Parameters
    ----------
    terms
        Key, label and every counted event of each term.
    treated
        Id of the population of treated patients.
    """
    rule = protocol.safety
    assert rule is not None
    risk = time_at_risk(protocol, cohort)
    if risk is None or risk.is_empty():
        return [], []
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    for key, label, events in terms:
        rows = risk.join(first_onsets(events), on="patient", how="left", maintain_order="left")
        undated = set(events["patient"]) - set(
            rows.filter(pl.col("onset").is_not_null())["patient"]
        )
        rows = rows.filter(~pl.col("patient").is_in(list(undated)))
        common: dict[str, object] = {"n": rows.height, "population": treated}
        left = {
            "event without a date": len(undated & set(risk["patient"])),
            "no time at risk": cohort.n - risk.height,
        }
        common["excluded"] = {why: n for why, n in left.items() if n}
        if rule.per_patient_years:
            estimates.append(_rate(key, label, rows, common))
        if key in rule.onset:
            es, curve = _incidence(protocol, key, label, rows, common)
            estimates += es
            curves += curve
    return estimates, curves


def _rate(key: str, label: str, rows: pl.DataFrame, common: Fields) -> Estimate:
    """Patients with a first event per 100 patient-years at risk of it."""
    from oncohort.stats import event_rate

    inside = pl.col("onset") <= pl.col("days")
    time = rows.select(pl.when(inside).then("onset").otherwise("days"))
    years = float(time.to_series().sum()) / DAYS_PER_UNIT["years"]
    events = int(rows.select(inside.fill_null(False)).to_series().sum())
    name, words = key_of("safety", key, "rate"), f"{label}: first events per 100 patient-years"
    shared: Fields = {"kind": "value", "unit": "per 100 patient-years", **common}
    if not years > 0:
        why = "nobody was at risk"
        return Estimate(name, words, None, "not_estimable", note=why, **shared)
    rate = event_rate(events, years)
    return Estimate(
        name,
        words,
        YEARS * rate.value,
        low=YEARS * rate.low,
        high=YEARS * rate.high,
        level=rate.level,
        interval_method="exact (Poisson)",
        method="first events over the time at risk of them",
        events=events,
        **shared,
    )


def _onset_times(key: str, label: str, known: Floats, unit: str, population: str) -> list[Estimate]:
    """Median and range of the times of those who had the event."""
    return [
        Estimate(
            key_of("safety", key, f"onset_{name}"),
            f"{label}: time to the first event in those who had one, {name}",
            float(of(known)) if known.size else np.nan,
            kind="time",
            unit=unit,
            method=name,
            n=int(known.size),
            population=population,
        )
        for name, of in (("median", median), ("minimum", np.min), ("maximum", np.max))
    ]


def _at_times(
    key: str,
    label: str,
    curve: IncidenceCurve,
    times: Sequence[float],
    unit: str,
    common: Mapping[str, object],
) -> list[Estimate]:
    """The cumulative incidence at the declared times."""
    out: list[Estimate] = []
    shared: Fields = {"kind": "proportion", "unit": "%", **common}
    for at in curve.at(times) if times else []:
        number = key_of("safety", key, "incidence", time=f"{at.time:g}")
        words = f"{label}: cumulative incidence at {at.time:g} {unit}"
        if at.incidence is None:
            why = "after the last observation"
            out.append(Estimate(number, words, None, "not_estimable", note=why, **shared))
            continue
        out.append(
            Estimate(
                number,
                words,
                100 * at.incidence,
                low=None if at.low is None else 100 * at.low,
                high=None if at.high is None else 100 * at.high,
                level=curve.level,
                interval_method=curve.method,
                method="Aalen-Johansen; death and the end of treatment compete",
                events=int(curve.n_events),
                **shared,
            )
        )
    return out


def _incidence(
    protocol: Protocol, key: str, label: str, rows: pl.DataFrame, common: Fields
) -> tuple[list[Estimate], list[Curve]]:
    """The Aalen-Johansen curve of the first event, and the times of those who had one."""
    from oncohort.stats import cumulative_incidence

    rule = protocol.safety
    assert rule is not None
    unit = protocol.study.time_unit
    scale = DAYS_PER_UNIT[unit]
    onset, days = (rows[c].to_numpy().astype(np.float64) for c in ("onset", "days"))
    happened = onset <= days
    time = np.where(happened, onset, days) / scale
    code = np.where(happened, EVENT, np.where(rows["ended"].to_numpy(), ENDED, 0))
    known = onset[happened] / scale
    out = _onset_times(key, label, known, unit, common["population"])
    if not known.size:
        return out, []
    open_ = bool((code == 0).any())
    curve = cumulative_incidence(time, code, censored=0 if open_ else None).curve(EVENT)
    out += _at_times(key, label, curve, rule.onset_at, unit, common)
    start = (0.0,)
    made = Curve(
        key_of("safety", key, "onset_curve"),
        f"{label}: cumulative incidence of the first event",
        {
            "time": (*start, *map(float, curve.time)),
            "incidence": (*start, *map(float, curve.incidence)),
            "low": (*start, *map(float, curve.low)),
            "high": (*start, *map(float, curve.high)),
            "at_risk": (rows.height, *(int(v) for v in curve.at_risk)),
        },
        method=curve.method,
        unit=unit,
        population=common["population"],
    )
    return out, [made]
