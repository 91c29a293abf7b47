"""Dates of another century or year: far from the patient's other dates, or before birth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import HIDDEN, MANY, Data, rule
from oncohort.criteria.frames import Row
from oncohort.problems import Problem, problem
from oncohort.vocabulary.boundaries import Option

DAYS_PER_YEAR = 365.25
LONG_AGO_YEARS = 40
"""Diagnoses, therapies and operations so long before a treatment are slips of a figure."""
NEAR_YEARS = 10
"""Scans, laboratory values, events and doses belong to one treatment: none is farther from it."""
OF_TREATMENT = (
    ("lesions", "date"),
    ("assessments", "date"),
    ("labs", "date"),
    ("performance", "date"),
    ("adverse_events", "start"),
    ("doses", "start"),
)
OF_HISTORY = (("therapies", "start"), ("procedures", "date"), ("sites", "date"))
_LATER = ("treatment_start", "treatment_end", "last_contact", "death_date", "progression_date")


def _date_columns(data: Data) -> list[str]:
    """Date columns of patients that tell of the time before treatment, or of anything else."""
    schema = data.patients.schema
    return [
        c
        for c, kind in schema.items()
        if kind == pl.Date and c not in (*HIDDEN, *_LATER, "birth_date")
    ]


@rule("dates.long-ago")
def long_ago(data: Data) -> Iterator[Problem]:
    """A date decades before the treatment that it belongs to: 1917 for 2017."""
    if not data.has("patients", "treatment_start"):
        return
    columns, frame = _date_columns(data), data.included(data.patients)
    far = {
        c: (pl.col("treatment_start") - pl.col(c)).dt.total_days() > LONG_AGO_YEARS * DAYS_PER_YEAR
        for c in columns
    }
    found = frame.select(**{c: is_far.any() for c, is_far in far.items()})
    for column in (c for c in columns if found[c].item()):
        for row in frame.filter(far[column]).head(MANY).iter_rows(named=True):
            yield _far(data, "patients", column, row, row["treatment_start"])
    yield from _far_records(data)


def _far_records(data: Data) -> Iterator[Problem]:
    """Records far from the start of treatment; where most of a patient are, the start is told."""
    starts = data.patients.select(
        "patient", _start="treatment_start", _record="source_record"
    ).drop_nulls("_start")
    starts = starts.unique("patient", keep="first", maintain_order=True)
    found: list[tuple[str, str, dict[str, Option]]] = []
    for table, column in (*OF_TREATMENT, *OF_HISTORY):
        if not data.has(table, column):
            continue
        most = NEAR_YEARS if (table, column) in OF_TREATMENT else LONG_AGO_YEARS
        apart = (pl.col(column) - pl.col("_start")).dt.total_days()
        frame = data.included(data.records.tables[table]).join(
            starts, on="patient", maintain_order="left"
        )
        bad = frame.filter(
            (apart < -most * DAYS_PER_YEAR) | (apart > LONG_AGO_YEARS * DAYS_PER_YEAR)
        )
        found += [(table, column, row) for row in bad.head(MANY).iter_rows(named=True)]
    counts = Counter(row["patient"] for _, _, row in found)
    told: set[str] = set()
    for table, column, row in found:
        patient, n = row["patient"], counts[row["patient"]]
        if n <= SEVERAL:
            yield _far(data, table, column, row, row["_start"])
        elif patient not in told:
            told.add(patient)
            yield problem(
                "dates.long-ago",
                "start",
                place=data.at("patients", "treatment_start", row["_record"]),
                patient=patient,
                start=row["_start"],
                n=n,
                column=column,
                date=row[column],
            )


SEVERAL = 5
"""Where more records of one patient are far from the start of treatment, the start is wrong."""


def _far(data: Data, table: str, column: str, row: Row, start: object) -> Problem:
    return problem(
        "dates.long-ago",
        place=data.at(table, column, row["source_record"]),
        patient=str(row["patient"]),
        column=column,
        date=row[column],
        start=start,
    )


@rule("dates.before-birth")
def before_birth(data: Data) -> Iterator[Problem]:
    """A diagnosis or therapy before the patient was born, by age or date of birth."""
    if not data.has("patients", "treatment_start"):
        return
    schema = data.patients.schema
    known = [c for c in ("birth_date", "age") if data.has("patients", c)]
    if not known or not schema.get("age", pl.Float64()).is_numeric():
        return
    born: list[pl.Expr] = []
    if "birth_date" in known:
        born.append(pl.col("birth_date"))
    if "age" in known:
        # The age is in whole years: a year to spare.
        days = ((pl.col("age").clip(0, 120) + 1) * DAYS_PER_YEAR).cast(pl.Int64)
        born.append(pl.col("treatment_start") - pl.duration(days=days))
    frame = data.included(data.patients).with_columns(_born=pl.coalesce(born))
    for column in _date_columns(data):
        for row in frame.filter(pl.col(column) < pl.col("_born")).head(MANY).iter_rows(named=True):
            yield problem(
                "dates.before-birth",
                place=data.at("patients", column, row["source_record"]),
                patient=row["patient"],
                column=column,
                date=row[column],
                born=row["_born"].year,
            )


SPARE_DAYS = 62
"""A metastasis is often seen before the tumour is known by name."""


@rule("dates.metastasis-before-diagnosis")
def metastasis_before_diagnosis(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "metastasis_date", "diagnosis_date"):
        return
    early = (pl.col("diagnosis_date") - pl.col("metastasis_date")).dt.total_days() > SPARE_DAYS
    exact = pl.lit(True)
    for column in ("metastasis_date", "diagnosis_date"):
        exact &= pl.col(f"{column}_precision").fill_null("day") != "year"
    bad = data.included(data.patients).filter(early & exact)
    yield from data.notices(
        "dates.metastasis-before-diagnosis",
        bad,
        "patients",
        "metastasis_date",
        metastasis=pl.col("metastasis_date"),
        diagnosis=pl.col("diagnosis_date"),
    )
