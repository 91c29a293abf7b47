"""Adverse events and doses that do not fit the treatment they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.criteria.frames import Row
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.boundaries import Option

if TYPE_CHECKING:
    from oncohort.protocol.analysis import Exposure

MOST_A_DAY = 6
"""No drug of oncology is taken more often."""
DEATH_DAYS = 62
"""A treatment that death ended was not stopped so many days before it."""
LATE_DAYS = 31
"""A dose this long after the recorded end of treatment contradicts it."""


def _with_start(data: Data, table: str) -> pl.DataFrame:
    """A table's rows with the patient's treatment start (exact days only) and end."""
    patients = data.patients.filter(
        pl.col("treatment_start_precision").fill_null("day") == "day"
    ).select("patient", _start="treatment_start", _end="treatment_end")
    return data.included(data.records.tables[table]).join(
        patients.unique("patient", keep="first", maintain_order=True),
        on="patient",
        how="inner",
        maintain_order="left",
    )


@rule("safety.before-treatment")
def event_before_treatment(data: Data) -> Iterator[Problem]:
    """An event that began before treatment is a symptom of the baseline, unless a rise is."""
    if not data.has("adverse_events", "start") or not data.has("patients", "treatment_start"):
        return
    early = _with_start(data, "adverse_events").filter(
        (pl.col("start") < pl.col("_start"))
        & (pl.col("start_precision").fill_null("day") == "day")
        & pl.col("baseline_grade").is_null()
    )
    for row in early.head(MANY).iter_rows(named=True):
        yield problem(
            "safety.before-treatment",
            place=data.at("adverse_events", "start", row["source_record"]),
            patient=row["patient"],
            term=row["term"] or "An event",
            start=row["start"],
            treatment_start=row["_start"],
        )


@rule("safety.incomplete")
def incomplete_event(data: Data) -> Iterator[Problem]:
    """Events that no table can hold: without a term, without a grade, or of grade 0."""
    if "adverse_events" not in data.records.tables:
        return
    frame = data.included(data.records.tables["adverse_events"])
    term, grade = pl.col("term"), pl.col("grade")
    cases = (
        ("term", frame.filter(term.is_null() & grade.is_not_null()), "term"),
        ("", frame.filter(term.is_not_null() & grade.is_null()), "grade"),
        ("zero", frame.filter(grade == 0), "grade"),
    )
    for case, rows, column in cases:
        for row in rows.head(MANY).iter_rows(named=True):
            yield problem(
                "safety.incomplete",
                case,
                place=data.at("adverse_events", column, row["source_record"]),
                patient=row["patient"],
                term=row["term"] or "",
                grade=row["grade"],
            )


@rule("doses.incomplete")
def incomplete_dose(data: Data) -> Iterator[Problem]:
    if not data.has("doses", "drug"):
        return
    for row in (
        data.included(data.records.tables["doses"])
        .filter(pl.col("drug").is_not_null() & pl.col("amount").is_null())
        .head(MANY)
        .iter_rows(named=True)
    ):
        yield problem(
            "doses.incomplete",
            place=data.at("doses", "amount", row["source_record"]),
            patient=row["patient"],
            drug=row["drug"],
            start=row["start"] or "an unknown day",
        )


@rule("doses.none")
def treated_without_dose(data: Data) -> Iterator[Problem]:
    """Where doses are recorded, every treated patient has one."""
    if not data.protocol.exposure or not data.has("doses", "amount"):
        return
    if not data.has("patients", "treatment_start"):
        return
    known = data.records.tables["doses"]["patient"].unique(maintain_order=True)
    without = data.included(data.patients).filter(
        pl.col("treatment_start").is_not_null() & ~pl.col("patient").is_in(known.implode())
    )
    yield from data.notices(
        "doses.none", without, "patients", "patient", start=pl.col("treatment_start")
    )
    doses = data.included(data.records.tables["doses"]).filter(pl.col("amount").is_not_null())
    zero = doses.filter((pl.col("amount") == 0).all().over("patient"))
    for row in zero.unique("patient", keep="first", maintain_order=True).iter_rows(named=True):
        yield problem(
            "doses.none",
            "zero",
            place=data.at("doses", "amount", row["source_record"]),
            patient=row["patient"],
        )


@rule("doses.unlikely")
def unlikely_dose(data: Data) -> Iterator[Problem]:
    """Slips of a figure, of the unit, and daily totals entered as single doses."""
    plans = data.protocol.exposure
    if not data.has("doses", "amount"):
        return
    names = {k.lower(): v for k, v in plans.items()}
    names |= {(v.label or k).lower(): v for k, v in plans.items()}
    frame = data.included(data.records.tables["doses"])
    what = ["drug", "amount", "unit", "times_per_day"]
    distinct = frame.select(what).unique(maintain_order=True)
    odd = [any(_odd_dose(row, names)) for row in distinct.iter_rows(named=True)]
    bad = frame.join(
        distinct.filter(pl.Series(odd, dtype=pl.Boolean)),
        on=what,
        how="semi",
        nulls_equal=True,
        maintain_order="left",
    )
    for row in bad.iter_rows(named=True):
        for case, column, holes in _odd_dose(row, names):
            yield problem(
                "doses.unlikely",
                case,
                place=data.at("doses", column, row["source_record"]),
                **{k: row[k] for k in ("patient", "drug", "amount")},
                **holes,
            )


def _odd_dose(
    row: Row, names: Mapping[str, Exposure]
) -> Iterator[tuple[str, str, dict[str, Option]]]:
    """What is odd about a dose: the case of the problem, the column, the holes of its text."""
    often, amount = row["times_per_day"], row["amount"]
    if often is not None and often > MOST_A_DAY:
        yield "", "times_per_day", {"often": often}
    plan = names.get((row["drug"] or "").strip().lower())
    if plan is None or not amount or amount < 0:
        return
    factor = in_unit_of_plan(row["unit"], plan.unit)
    if factor is None:
        return  # 135 mg says nothing against 75 mg/m2
    amount = amount * factor
    times = plan.times_per_day if often is None or often > MOST_A_DAY else often
    daily, most = amount * times, plan.amount * plan.times_per_day
    highest = max(plan.levels, default=0.0)
    planned: dict[str, Option] = {"planned": plan.amount, "unit": plan.unit}
    if amount < plan.amount / 10 or (amount == plan.amount / 10 and daily not in plan.levels):
        yield "small", "amount", planned
    elif (
        plan.times_per_day > 1
        and (often or plan.times_per_day) >= plan.times_per_day
        and amount == plan.amount * plan.times_per_day
    ):
        yield "total", "amount", planned
    elif amount <= TOO_MUCH * plan.amount and daily > (
        1.05 * max(highest, most) if highest else _raised(plan.unit) * most
    ):
        yield "above", "amount", {**planned, "daily": daily, "most": max(highest, most)}
    elif plan.levels and 0 < daily < min(plan.levels) / 2:
        least = min(plan.levels)
        yield "below", "times_per_day", {"unit": plan.unit, "daily": daily, "least": least}


TOO_MUCH = 3.0
"""A dose so many times the planned one is told as a slip (`doses.drug`)."""
ESCALATED = 2.05
"""Doses are raised to twice the planned one at most, where no levels are declared."""
BY_BODY_SIZE = 1.5
"""Doses by body size are hardly raised: so many times the planned one is a total in mg."""


def _raised(unit: str) -> float:
    return ESCALATED if unit == "mg" else BY_BODY_SIZE


_UNITS = {"g": 1000.0, "ug": 0.001, "mcg": 0.001}


def in_unit_of_plan(unit: str | None, planned: str) -> float | None:
    """The factor from a dose's unit to the planned one; None where body size decides.

    Examples
    --------
    >>> in_unit_of_plan("g", "mg"), in_unit_of_plan(None, "mg/m2"), in_unit_of_plan("mg", "mg/kg")
    (1000.0, 1.0, None)
    """
    own = (unit or planned).strip().lower().replace(" ", "").replace("µ", "u").replace("²", "2")
    if own == planned:
        return 1.0
    return _UNITS.get(own) if planned == "mg" else None


@rule("doses.after-end")
def dose_after_end(data: Data) -> Iterator[Problem]:
    if not data.has("doses", "start") or not data.has("patients", "treatment_end"):
        return
    last = pl.max_horizontal("start", "end")
    late = _with_start(data, "doses").filter(
        (pl.col("amount") > 0) & ((last - pl.col("_end")).dt.total_days() > LATE_DAYS)
    )
    for row in late.head(MANY).iter_rows(named=True):
        column = "end" if row["end"] is not None and row["end"] > row["_end"] else "start"
        yield problem(
            "doses.after-end",
            place=data.at("doses", column, row["source_record"]),
            patient=row["patient"],
            date=row[column],
            treatment_end=row["_end"],
        )


@rule("survival.stopped-for-death")
def stopped_for_death(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "treatment_end_reason"):
        return
    alive = data.included(data.patients).filter(
        (pl.col("treatment_end_reason") == "death")
        & pl.col("death_date").is_null()
        & (pl.col("vital_status").fill_null("alive") != "dead")
    )
    for row in alive.head(MANY).iter_rows(named=True):
        yield problem(
            "survival.stopped-for-death",
            place=data.at("patients", "treatment_end_reason", row["source_record"]),
            patient=row["patient"],
            table="patients",
            column="vital_status",
            row=row["source_row"],
        )
    between = (pl.col("death_date") - pl.col("treatment_end")).dt.total_days()
    before = data.included(data.patients).filter(
        (pl.col("treatment_end_reason") == "death")
        & (between > DEATH_DAYS)
        & (pl.col("death_date_precision").fill_null("day") != "year")
    )
    for row in before.head(MANY).iter_rows(named=True):
        yield problem(
            "survival.stopped-for-death",
            "before",
            place=data.at("patients", "treatment_end_reason", row["source_record"]),
            patient=row["patient"],
            end=row["treatment_end"],
            death=row["death_date"],
        )


KARNOFSKY_OF_ECOG = {0: (90, 100), 1: (70, 90), 2: (50, 70), 3: (30, 50), 4: (10, 30)}
"""Karnofsky values that go with an ECOG status (Oken 1982; Verger 1992), with a step to spare."""


@rule("performance.scales-disagree")
def scales_disagree(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "kps", "ecog"):
        return
    if not data.patients.get_column("kps").dtype.is_numeric():
        return
    for row in data.included(data.patients).iter_rows(named=True):
        limits = KARNOFSKY_OF_ECOG.get(row["ecog"]) if row["ecog"] is not None else None
        if limits is None or row["kps"] is None:
            continue
        low, high = limits
        if row["kps"] < low - 10 or row["kps"] > high + 10:
            yield problem(
                "performance.scales-disagree",
                place=data.at("patients", "kps", row["source_record"]),
                patient=row["patient"],
                kps=row["kps"],
                ecog=row["ecog"],
                low=low,
                high=high,
            )


FIRST_DOSES, MOST_OF_THEM = 8, 0.8
"""Patients with a first dose, and the share of them with the same one, that tell the plan."""
FITS = (0.65, 1.5)
"""First doses as shares of the planned one, within which a plan may be right."""


@rule("doses.plan")
def plan_against_doses(data: Data) -> Iterator[Problem]:
    """Nearly everybody begins with one dose, and it is not the planned one: the plan is a slip."""
    if not data.has("doses", "drug", "amount", "start"):
        return
    rows = data.included(data.records.tables["doses"]).filter(pl.col("amount") > 0)
    first = rows.sort("start", maintain_order=True).unique(
        ["patient", "drug"], keep="first", maintain_order=True
    )
    for key, plan in data.protocol.exposure.items():
        called = {key.lower(), (plan.label or key).lower()}
        own = first.filter(pl.col("drug").str.strip_chars().str.to_lowercase().is_in(list(called)))
        daily = [
            amount * factor * (often or plan.times_per_day)
            for amount, unit, often in own.select("amount", "unit", "times_per_day").iter_rows()
            if (factor := in_unit_of_plan(unit, plan.unit)) is not None
        ]
        if len(daily) < FIRST_DOSES:
            continue
        usual, n = Counter(daily).most_common(1)[0]
        planned = plan.amount * plan.times_per_day
        if n >= MOST_OF_THEM * len(daily) and not FITS[0] <= usual / planned <= FITS[1]:
            yield problem(
                "doses.plan",
                place=Place(file="study.toml", key=f"exposure.{key}"),
                drug=plan.label or key,
                n=n,
                of=len(daily),
                usual=usual,
                planned=planned,
                unit=plan.unit,
            )


@rule("survival.end-without-date")
def end_without_date(data: Data) -> Iterator[Problem]:
    """A reason why treatment ended, and no day on which it did: it counts as going on."""
    if not data.has("patients", "treatment_end_reason"):
        return
    if not data.has("patients", "treatment_end"):
        table = data.protocol.tables.get("patients")
        declared = table is not None and "treatment_end" in table.columns
        if declared or data.at("patients", "treatment_end", None).column is not None:
            yield problem(
                "survival.end-without-date",
                "nobody",
                place=data.at("patients", "treatment_end", None),
                n=data.included(data.patients)["treatment_end_reason"].drop_nulls().len(),
            )
        return
    rows = data.included(data.patients).filter(
        pl.col("treatment_end").is_null() & pl.col("treatment_end_reason").is_not_null()
    )
    yield from data.notices(
        "survival.end-without-date",
        rows,
        "patients",
        "treatment_end",
        reason=pl.col("treatment_end_reason"),
    )
