"""The tables beside patients: lesions, adverse events, doses; and what they say of each other."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.checks.treatment import TOO_MUCH, in_unit_of_plan
from oncohort.problems import Problem, Wrong, problem


@rule("lesions.twice")
def lesion_twice(data: Data) -> Iterator[Problem]:
    if not data.has("lesions", "date"):
        return
    keys = ["patient", "lesion", "date", "reader"]
    reader = data.protocol.schedule.reader
    counts = pl.lit(True) if reader is None else (pl.col("reader") == reader).fill_null(True)
    twice = (
        data.records.tables["lesions"]
        .filter(pl.col("lesion").is_not_null() & pl.col("date").is_not_null() & counts)
        .filter(pl.struct(keys).is_duplicated())
        .group_by(keys, maintain_order=True)
        .agg("source_row", "source_record", "diameter_mm")
    )
    for row in twice.head(MANY).iter_rows(named=True):
        yield problem(
            "lesions.twice",
            place=data.at("lesions", "lesion", row["source_record"][1]),
            patient=row["patient"],
            table="lesions",
            column="diameter_mm",
            row=row["source_row"][1],
            lesion=row["lesion"],
            n=len(row["source_row"]),
            date=row["date"],
            rows=data.records.cells.rows("lesions", row["source_row"]),
        )


LONGEST_MM = 1_000
"""No lesion is longer: a metre."""


@rule("lesions.size")
def lesion_size(data: Data) -> Iterator[Problem]:
    if not data.has("lesions", "diameter_mm"):
        return
    frame = data.records.tables["lesions"].filter(pl.col("diameter_mm") > 0)
    values = frame["diameter_mm"]
    sizes: list[float] = values.to_list()
    largest, median = max(sizes, default=0.0), statistics.median(sizes or [0.0])
    if len(sizes) >= 5 and largest < 16 and median < 6:
        yield problem(
            "lesions.size",
            "unit",
            place=data.at("lesions", "diameter_mm", None),
            median=median,
            largest=largest,
        )
    for row in frame.filter(pl.col("diameter_mm") > 400).head(MANY).iter_rows(named=True):
        beyond = row["diameter_mm"] > LONGEST_MM
        yield problem(
            "lesions.size",
            "impossible" if beyond else "",
            place=data.at("lesions", "diameter_mm", row["source_record"]),
            patient=row["patient"],
            table="lesions" if beyond else None,
            column="diameter_mm" if beyond else None,
            row=row["source_row"] if beyond else None,
            diameter_mm=row["diameter_mm"],
        )


@rule("lesions.negative")
def lesion_negative(data: Data) -> Iterator[Problem]:
    if not data.has("lesions", "diameter_mm"):
        return
    bad = data.records.tables["lesions"].filter(pl.col("diameter_mm") < 0)
    yield from data.problems(
        "lesions.negative", bad, "lesions", "diameter_mm", diameter_mm=pl.col("diameter_mm")
    )


@rule("safety.grade")
def grades(data: Data) -> Iterator[Problem]:
    if not data.has("adverse_events", "grade"):
        return
    frame = data.records.tables["adverse_events"]
    for row in frame.filter((pl.col("grade") < 0) | (pl.col("grade") > 5)).iter_rows(named=True):
        yield data.problem(
            "safety.grade",
            row=row,
            table="adverse_events",
            column="grade",
            grade=row["grade"],
            term=row["term"] or "an event",
        )


@rule("safety.fatal-event")
def fatal(data: Data) -> Iterator[Problem]:
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
        yield data.problem(
            "safety.fatal-event",
            row=row,
            table="adverse_events",
            column="grade",
            term=row["term"] or "An event",
        )


@rule("ctcae.unknown-term")
def terms(data: Data) -> Iterator[Problem]:
    safety = data.protocol.safety
    if safety is None or not data.has("adverse_events", "term"):
        return
    from oncohort.criteria.ctcae.events import check_events

    own = (*safety.terms.values(), *safety.synonyms)
    # A problem of one record comes back with the record's number, and so with its one cell.
    events = data.records.tables["adverse_events"].with_columns(source_row="source_record")
    for one in check_events(
        events,
        version=safety.criteria.removeprefix("CTCAE "),
        own_terms=own,
    ):
        place = one.place
        if place.row is not None:
            place = data.at("adverse_events", place.column or "term", place.row)
        if one.id == "ctcae.unknown-term" and one.place.row is not None:
            own_rows = events.filter(pl.col("term") == events["term"][one.place.row])
            alone = own_rows["patient"].n_unique() == 1
            one = replace(one, patient=own_rows["patient"][0] if alone else None)
        yield replace(one, place=place)


_AFTER_DEATH = (
    ("patients", "treatment_end", "likely"),
    ("lesions", "date", ""),
    ("assessments", "date", ""),
    ("labs", "date", "likely"),
    ("doses", "start", ""),
    ("adverse_events", "start", ""),
    ("therapies", "start", ""),
    ("performance", "date", "likely"),
    ("procedures", "date", "likely"),
)


@rule("dates.after-death")
def after_death(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "death_date"):
        return
    exact = data.patients.filter(pl.col("death_date_precision").fill_null("day") == "day")
    died = (
        exact.select("patient", _died="death_date", _died_row="source_row")
        .drop_nulls("_died")
        .unique("patient", keep="first", maintain_order=True)
    )
    for table, column, case in _AFTER_DEATH:
        if not data.has(table, column):
            continue
        bad = (
            data.records.tables[table]
            .join(died, on="patient", how="inner", maintain_order="left")
            .filter(pl.col(column) > pl.col("_died"))
        )
        if table == "patients":  # of a month the day is not known
            bad = bad.filter(pl.col(f"{column}_precision").fill_null("day") == "day")
        for row in bad.head(MANY).iter_rows(named=True):
            yield data.problem(
                "dates.after-death",
                case,
                row=row,
                table=table,
                column=column,
                also=[Wrong("patients", ("death_date",), row["_died_row"])],
                date=row[column],
                died=row["_died"],
            )


MISSPELT = 0.8
"""Likeness from which the name of a drug may be a slip of a planned one."""


@rule("doses.drug")
def dose_of_drug(data: Data) -> Iterator[Problem]:
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
            meant = get_close_matches(drug.strip().lower(), names, 1, MISSPELT)
            if meant and 2 * rows.height <= frame.height:
                yield from data.problems(
                    "doses.drug",
                    rows,
                    "doses",
                    "drug",
                    "misspelt",
                    drug=drug,
                    meant=plans[names[meant[0]]].label or names[meant[0]],
                )
                continue
            yield problem(
                "doses.drug",
                "unplanned",
                place=data.at("doses", "drug", rows["source_record"][0]),
                patient=rows["patient"][0] if rows["patient"].n_unique() == 1 else None,
                n=rows.height,
                drug=drug,
                nearest=nearest(drug, [v.label or k for k, v in plans.items()]),
            )
            continue
        factors = {
            u: in_unit_of_plan(u, plan.unit) or 1.0
            for u in rows["unit"].unique(maintain_order=True)
        }
        factor = pl.col("unit").replace_strict(factors, return_dtype=pl.Float64)
        high = rows.filter(pl.col("amount") * factor > TOO_MUCH * plan.amount)
        for row in high.head(MANY).iter_rows(named=True):
            yield problem(
                "doses.drug",
                place=data.at("doses", "amount", row["source_record"]),
                patient=row["patient"],
                drug=drug,
                amount=row["amount"],
                unit=row["unit"] or plan.unit,
                planned=plan.amount,
                planned_unit=plan.unit,
            )


@rule("doses.negative")
def dose_negative(data: Data) -> Iterator[Problem]:
    for column in ("amount", "times_per_day"):
        if not data.has("doses", column):
            continue
        bad = data.records.tables["doses"].filter(pl.col(column) < 0)
        for row in bad.iter_rows(named=True):
            yield data.problem(
                "doses.negative",
                "" if column == "amount" else "times",
                row=row,
                table="doses",
                column=column,
                value=row[column],
            )


@rule("doses.first")
def first_dose(data: Data) -> Iterator[Problem]:
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
    yield from data.notices(
        "doses.first",
        both.filter(gap.abs() > 7),
        "patients",
        "treatment_start",
        first=pl.col("_first"),
        treatment_start=pl.col("treatment_start"),
    )
