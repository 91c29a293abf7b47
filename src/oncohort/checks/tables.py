"""The tables beside patients: lesions, adverse events, doses; and what they say of each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from oncohort.checks.rule import RULES, Data, Rule, rule
from oncohort.problems import Problem, Severity

MANY = 100


@rule(
    "lesions.twice",
    Severity.ERROR,
    "A lesion was measured twice on one date by the same reader.",
    "Both diameters would enter the sum.",
)
def lesion_twice(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("lesions", "date"):
        return
    keys = ["patient", "lesion", "date", "reader"]
    twice = (
        data.records.tables["lesions"]
        .filter(pl.col("lesion").is_not_null() & pl.col("date").is_not_null())
        .filter(pl.struct(keys).is_duplicated())
        .group_by(keys, maintain_order=True)
        .agg("source_row", "diameter_mm")
    )
    for row in twice.head(MANY).iter_rows(named=True):
        yield this.problem(
            f"Lesion {row['lesion']} stands {len(row['source_row'])} times on {row['date']} "
            f"(rows {', '.join(str(data.row(r)) for r in row['source_row'])}).",
            "Keep one, or number the lesions apart.",
            place=data.at("lesions", "lesion", row["source_row"][1]),
            patient=row["patient"],
            blocks=data.blocks("lesions", "diameter_mm"),
        )


@rule(
    "lesions.size",
    Severity.WARNING,
    "Diameters look like centimetres, or are larger than a body.",
    "A sum in the wrong unit leaves percentages right and the 5 mm rules of RECIST 1.1 wrong.",
)
def lesion_size(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("lesions", "diameter_mm"):
        return
    frame = data.records.tables["lesions"].filter(pl.col("diameter_mm") > 0)
    values = frame["diameter_mm"]
    largest: Any = values.max()
    median: Any = values.median()
    known = isinstance(largest, float) and isinstance(median, float) and values.len() >= 5
    if known and largest < 16 and median < 6:
        yield this.problem(
            f"Half of the diameters are below {median:g} mm, the largest is {largest:g} mm.",
            'If they are centimetres: [tables.lesions] units = { diameter_mm = "cm" }.',
            place=data.at("lesions", "diameter_mm", None),
        )
    for row in frame.filter(pl.col("diameter_mm") > 400).head(MANY).iter_rows(named=True):
        yield this.problem(
            f"A diameter of {row['diameter_mm']:g} mm.",
            "Look it up in the chart.",
            place=data.at("lesions", "diameter_mm", row["source_row"]),
            patient=row["patient"],
        )


@rule(
    "lesions.negative",
    Severity.ERROR,
    "A diameter is negative.",
    "A percentage of change may have got into the column of sizes.",
)
def lesion_negative(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("lesions", "diameter_mm"):
        return
    bad = data.records.tables["lesions"].filter(pl.col("diameter_mm") < 0)
    for row in bad.head(MANY).iter_rows(named=True):
        yield this.problem(
            f"A diameter of {row['diameter_mm']:g} mm.",
            "Look it up in the chart.",
            place=data.at("lesions", "diameter_mm", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("lesions", "diameter_mm"),
        )


@rule(
    "safety.grade",
    Severity.ERROR,
    "The grade of an adverse event is not one of 1 to 5.",
    "CTCAE has grades 1 to 5; 0 is no event.",
)
def grades(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("adverse_events", "grade"):
        return
    frame = data.records.tables["adverse_events"]
    for row in frame.filter((pl.col("grade") < 0) | (pl.col("grade") > 5)).iter_rows(named=True):
        yield this.problem(
            f"Grade {row['grade']} of {row['term'] or 'an event'} does not exist.",
            "Look it up in the chart.",
            place=data.at("adverse_events", "grade", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("adverse_events", "grade"),
        )


@rule(
    "safety.fatal-event",
    Severity.ERROR,
    "An adverse event of grade 5 belongs to a patient who is not dead.",
    "Grade 5 is death from the event.",
)
def fatal(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("adverse_events", "grade") or not (
        data.has("patients", "vital_status") or data.has("patients", "death_date")
    ):
        return
    alive = data.patients.filter(
        pl.col("death_date").is_null() & (pl.col("vital_status").fill_null("alive") == "alive")
    )["patient"]
    frame = data.records.tables["adverse_events"]
    bad = frame.filter((pl.col("grade") == 5) & pl.col("patient").is_in(alive.implode()))
    for row in bad.iter_rows(named=True):
        yield this.problem(
            f"{row['term'] or 'An event'} of grade 5, but the patient is not dead.",
            "Correct the grade, or vital_status and death_date.",
            place=data.at("adverse_events", "grade", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("adverse_events", "grade"),
        )


@rule(
    "safety.terms",
    Severity.WARNING,
    "A term or grade that the study's version of CTCAE does not have.",
    "Alopecia has no grade 3; a misspelt term is counted apart.",
)
def terms(data: Data, this: Rule) -> Iterator[Problem]:
    safety = data.protocol.safety
    if safety is None or not data.has("adverse_events", "term"):
        return
    from oncohort.criteria.ctcae.events import check_events

    own = (*safety.terms.values(), *safety.synonyms)
    for problem in check_events(
        data.records.tables["adverse_events"],
        version=safety.criteria.removeprefix("CTCAE "),
        own_terms=own,
    ):
        if problem.id in RULES:
            continue
        place = problem.place
        if place.row is not None:
            place = data.at("adverse_events", place.column or "term", place.row)
        yield replace(problem, place=place)


_AFTER_DEATH = (
    ("lesions", "date", Severity.ERROR),
    ("assessments", "date", Severity.ERROR),
    ("labs", "date", Severity.WARNING),
    ("doses", "start", Severity.ERROR),
    ("adverse_events", "start", Severity.ERROR),
    ("therapies", "start", Severity.ERROR),
    ("performance", "date", Severity.WARNING),
    ("procedures", "date", Severity.WARNING),
)


@rule(
    "dates.after-death",
    Severity.ERROR,
    "A scan, dose, event or therapy lies after the patient's death.",
    "One of the two dates is wrong.",
)
def after_death(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("patients", "death_date"):
        return
    exact = data.patients.filter(pl.col("death_date_precision").fill_null("day") == "day")
    died = exact.select("patient", _died="death_date").drop_nulls().unique("patient")
    for table, column, severity in _AFTER_DEATH:
        if not data.has(table, column):
            continue
        bad = (
            data.records.tables[table]
            .join(died, on="patient", how="inner", maintain_order="left")
            .filter(pl.col(column) > pl.col("_died"))
        )
        for row in bad.head(MANY).iter_rows(named=True):
            yield this.problem(
                f"{table}: {column} {row[column]} lies after death on {row['_died']}.",
                "Look up both dates in the chart.",
                place=data.at(table, column, row["source_row"]),
                patient=row["patient"],
                severity=severity,
                blocks=data.blocks(table, column) if severity is Severity.ERROR else (),
            )


@rule(
    "doses.drug",
    Severity.WARNING,
    "A dose is given of a drug that the protocol does not plan, or beyond its plan.",
    "A misspelt drug has no planned dose, and 8000 mg is a slip of one figure.",
)
def dose_of_drug(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    from oncohort.protocol.references import nearest

    plans = data.protocol.exposure
    if not plans or not data.has("doses", "drug", "amount"):
        return
    names = {k.lower(): k for k in plans} | {(v.label or k).lower(): k for k, v in plans.items()}
    frame = data.records.tables["doses"]
    for drug in frame["drug"].drop_nulls().unique().sort():
        rows = frame.filter(pl.col("drug") == drug)
        plan = plans.get(names.get(drug.strip().lower(), ""))
        if plan is None:
            yield this.problem(
                f'{rows.height} doses are of "{drug}", which [exposure] does not plan.',
                nearest(drug, [v.label or k for k, v in plans.items()]),
                place=data.at("doses", "drug", rows["source_row"][0]),
            )
            continue
        high = rows.filter(pl.col("amount") > 3 * plan.amount)
        for row in high.head(MANY).iter_rows(named=True):
            yield this.problem(
                f"{drug} {row['amount']:g} {row['unit'] or plan.unit} is more than three times the "
                f"planned {plan.amount:g} {plan.unit}.",
                "Is it the dose of a whole day, or a slip?",
                place=data.at("doses", "amount", row["source_row"]),
                patient=row["patient"],
            )


@rule(
    "doses.negative",
    Severity.ERROR,
    "A dose is negative.",
    "A gap is dose 0.",
)
def dose_negative(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("doses", "amount"):
        return
    for row in data.records.tables["doses"].filter(pl.col("amount") < 0).iter_rows(named=True):
        yield this.problem(
            f"A dose of {row['amount']:g}.",
            "Look it up in the chart.",
            place=data.at("doses", "amount", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("doses", "amount"),
        )


@rule(
    "doses.first",
    Severity.WARNING,
    "The first dose is not at the start of treatment.",
    "Time on treatment and all endpoints count from the start of treatment.",
)
def first_dose(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("doses", "start") or not data.has("patients", "treatment_start"):
        return
    first = (
        data.records.tables["doses"]
        .filter(pl.col("amount") > 0)
        .group_by("patient")
        .agg(pl.col("start").min().alias("_first"), pl.col("source_row").min().alias("_row"))
    )
    both = data.patients.join(first, on="patient", how="inner", maintain_order="left")
    gap = (pl.col("_first") - pl.col("treatment_start")).dt.total_days()
    for row in both.filter(gap.abs() > 7).head(MANY).iter_rows(named=True):
        yield this.problem(
            f"The first dose was on {row['_first']}, treatment started on "
            f"{row['treatment_start']}.",
            "Look up both dates in the chart.",
            place=data.at("patients", "treatment_start", row["source_row"]),
            patient=row["patient"],
        )
