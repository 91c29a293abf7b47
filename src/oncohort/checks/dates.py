"""Dates in an order that can't be, or after the data cutoff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oncohort.checks.rule import Data, Rule, rule
from oncohort.problems import Problem, Severity

if TYPE_CHECKING:
    import polars as pl


def _both_exact(frame: pl.DataFrame, a: str, b: str) -> pl.Expr:
    """Both dates to the day, or so far apart that the missing day does not matter.

    A partial date stands on the first day of its month or year, so an earlier partial date says
    nothing against a later one.
    """
    import polars as pl

    def latest(column: str) -> pl.Expr:
        name = f"{column}_precision"
        if name not in frame.columns:
            return pl.col(column)
        return (
            pl.when(pl.col(name) == "month")
            .then(pl.col(column).dt.month_end())
            .when(pl.col(name) == "year")
            .then(pl.date(pl.col(column).dt.year(), 12, 31))
            .otherwise(pl.col(column))
        )

    # a before b even at a's latest possible day
    return latest(a) < pl.col(b)


def _out_of_order(
    data: Data, this: Rule, early: str, late: str, words: str, todo: str, *extra: str
) -> Iterator[Problem]:
    """Rows of patients whose date ``late`` lies before ``early``."""
    if not data.has("patients", early, late):
        return
    frame = data.patients
    bad = frame.filter(_both_exact(frame, late, early))
    for row in bad.iter_rows(named=True):
        yield this.problem(
            words.format(late=row[late], early=row[early]),
            todo,
            place=data.at("patients", late, row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("patients", late, early, *extra),
        )


@rule(
    "dates.death-before-start",
    Severity.ERROR,
    "Death lies before the start of treatment.",
    "Survival would be negative.",
)
def death_before_start(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _out_of_order(
        data,
        this,
        "treatment_start",
        "death_date",
        "Death on {late} lies before the start of treatment on {early}.",
        "Look up both dates in the chart.",
    )


@rule(
    "dates.last-contact-before-start",
    Severity.ERROR,
    "The last contact lies before the start of treatment.",
    "Follow-up would be negative.",
)
def contact_before_start(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _out_of_order(
        data,
        this,
        "treatment_start",
        "last_contact",
        "The last contact on {late} lies before the start of treatment on {early}.",
        "Look up both dates in the chart.",
    )


@rule(
    "dates.death-before-progression",
    Severity.ERROR,
    "Progression lies after death.",
    "One of the two dates is wrong, and with it progression-free or overall survival.",
)
def death_before_progression(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _out_of_order(
        data,
        this,
        "progression_date",
        "death_date",
        "Death on {late} lies before progression on {early}.",
        "Look up both dates in the chart.",
    )


@rule(
    "dates.progression-before-start",
    Severity.ERROR,
    "Progression lies before the start of treatment.",
    "It would be the progression that led to this treatment, not the one under it.",
)
def progression_before_start(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _out_of_order(
        data,
        this,
        "treatment_start",
        "progression_date",
        "Progression on {late} lies before the start of treatment on {early}.",
        "Give the progression under this treatment.",
    )


@rule(
    "dates.end-before-start",
    Severity.ERROR,
    "The end of treatment lies before its start.",
    "Time on treatment would be negative.",
)
def end_before_start(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _out_of_order(
        data,
        this,
        "treatment_start",
        "treatment_end",
        "The end of treatment on {late} lies before its start on {early}.",
        "Look up both dates in the chart.",
    )
    for table in ("adverse_events", "doses", "therapies"):
        if not data.has(table, "start", "end"):
            continue
        frame = data.records.tables[table]
        bad = frame.filter(_both_exact(frame, "end", "start"))
        for row in bad.head(200).iter_rows(named=True):
            yield this.problem(
                f"{table}: the end on {row['end']} lies before the start on {row['start']}.",
                "Look up both dates in the chart.",
                place=data.at(table, "end", row["source_row"]),
                patient=row["patient"],
                blocks=data.blocks(table, "end"),
            )


@rule(
    "dates.death-after-last-contact",
    Severity.WARNING,
    "The last contact lies after death.",
    "One of the two is wrong.",
)
def contact_after_death(data: Data, this: Rule) -> Iterator[Problem]:
    if not data.has("patients", "death_date", "last_contact"):
        return
    frame = data.patients
    for row in frame.filter(_both_exact(frame, "death_date", "last_contact")).iter_rows(named=True):
        yield this.problem(
            f"The last contact on {row['last_contact']} lies after death on {row['death_date']}.",
            "Look up both dates in the chart.",
            place=data.at("patients", "last_contact", row["source_row"]),
            patient=row["patient"],
        )


@rule(
    "dates.diagnosis-after-start",
    Severity.WARNING,
    "Diagnosis or metastasis lies after the start of treatment.",
    "The time from diagnosis to treatment would be negative.",
)
def diagnosis_after_start(data: Data, this: Rule) -> Iterator[Problem]:
    for column in ("diagnosis_date", "first_systemic_date"):
        word = {
            "diagnosis_date": "Diagnosis",
            "first_systemic_date": "The first systemic therapy",
        }[column]
        yield from _out_of_order(
            data,
            this,
            column,
            "treatment_start",
            f"{word} on {{early}} lies after the start of treatment on {{late}}.",
            "Look up both dates in the chart.",
        )


@rule(
    "dates.birth",
    Severity.ERROR,
    "A birth date lies after treatment, or makes an age beyond 110.",
    "Age would be wrong.",
)
def birth(data: Data, this: Rule) -> Iterator[Problem]:
    if not data.has("patients", "birth_date", "treatment_start"):
        return
    import polars as pl

    age = (pl.col("treatment_start") - pl.col("birth_date")).dt.total_days() / 365.25
    bad = data.patients.with_columns(_age=age).filter((pl.col("_age") < 0) | (pl.col("_age") > 110))
    for row in bad.iter_rows(named=True):
        yield this.problem(
            f"Born on {row['birth_date']}, the patient was {row['_age']:.0f} years old at the "
            "start of treatment.",
            "A year of two figures may have been read in the wrong century.",
            place=data.at("patients", "birth_date", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("patients", "birth_date"),
        )


_CUT = {
    "patients": ("death_date", "progression_date", "last_contact", "treatment_start"),
    "lesions": ("date",),
    "assessments": ("date",),
    "labs": ("date",),
    "adverse_events": ("start",),
    "doses": ("start",),
}


@rule(
    "dates.after-cutoff",
    Severity.WARNING,
    "A date lies after the data cutoff.",
    "Events after the cutoff are not counted, and follow-up ends there.",
)
def after_cutoff(data: Data, this: Rule) -> Iterator[Problem]:
    cutoff = data.protocol.study.cutoff
    if cutoff is None:
        return
    import polars as pl

    for table, columns in _CUT.items():
        for column in columns:
            if not data.has(table, column):
                continue
            frame = data.records.tables[table]
            late = frame.filter(pl.col(column) > cutoff)
            for row in late.head(200).iter_rows(named=True):
                start = table == "patients" and column == "treatment_start"
                yield this.problem(
                    f"{column} {row[column]} lies after the cutoff on {cutoff}.",
                    "Correct the date, or move the cutoff."
                    + ("" if start else " Without that it is not counted."),
                    place=data.at(table, column, row["source_row"]),
                    patient=row["patient"],
                    severity=Severity.ERROR if start else None,
                    blocks=(*data.blocks(table, column), "response", "safety") if start else (),
                )


@rule(
    "dates.future",
    Severity.ERROR,
    "A date lies more than a year ahead of every other date of its kind.",
    "2061 for 2016 is a slip of two figures.",
)
def far_ahead(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    for column in ("treatment_start", "treatment_end", "last_contact", "death_date"):
        if not data.has("patients", column):
            continue
        values = data.patients.filter(pl.col(column).is_not_null()).sort(column)
        if values.height < 8:
            continue
        usual = values[column][int(values.height * 0.9)]
        gap = (pl.col(column) - pl.lit(usual)).dt.total_days()
        for row in values.filter(gap > 365 * 15).iter_rows(named=True):
            yield this.problem(
                f"{column} {row[column]} lies far beyond the others (nine in ten are before "
                f"{usual}).",
                "Look up the year.",
                place=data.at("patients", column, row["source_row"]),
                patient=row["patient"],
                blocks=data.blocks("patients", column),
            )
