"""Dates in an order that can't be, or after the data cutoff."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.event_dates import event_dates
from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Place, Problem, problem


def _both_exact(frame: pl.DataFrame, a: str, b: str) -> pl.Expr:
    """Both dates to the day, or so far apart that the missing day does not matter.

    A partial date stands on the first day of its month or year, so an earlier partial date says
    nothing against a later one.
    """

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


def _out_of_order(data: Data, id_: str, early: str, late: str, case: str = "") -> Iterator[Problem]:
    """Rows of patients whose date ``late`` lies before ``early``."""
    if not data.has("patients", early, late):
        return
    frame = data.patients
    bad = frame.filter(_both_exact(frame, late, early))
    for row in bad.iter_rows(named=True):
        yield problem(
            id_,
            case,
            place=data.at("patients", late, row["source_record"]),
            patient=row["patient"],
            table="patients",
            column=(late, early),
            row=row["source_row"],
            late=row[late],
            early=row[early],
        )


@rule("dates.death-before-start")
def death_before_start(data: Data) -> Iterator[Problem]:
    yield from _out_of_order(data, "dates.death-before-start", "treatment_start", "death_date")


@rule("dates.last-contact-before-start")
def contact_before_start(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "treatment_start", "last_contact"):
        return
    frame = data.patients
    for row in frame.filter(_both_exact(frame, "last_contact", "treatment_start")).iter_rows(
        named=True
    ):
        # Of a patient who died the last contact ends no clock.
        dead = row.get("death_date") is not None
        yield problem(
            "dates.last-contact-before-start",
            "dead" if dead else "",
            place=data.at("patients", "last_contact", row["source_record"]),
            patient=row["patient"],
            table=None if dead else "patients",
            column=None if dead else "last_contact",
            row=row["source_row"],
            late=row["last_contact"],
            early=row["treatment_start"],
        )


@rule("dates.death-before-progression")
def death_before_progression(data: Data) -> Iterator[Problem]:
    yield from _out_of_order(
        data, "dates.death-before-progression", "progression_date", "death_date"
    )


@rule("dates.progression-before-start")
def progression_before_start(data: Data) -> Iterator[Problem]:
    yield from _out_of_order(
        data, "dates.progression-before-start", "treatment_start", "progression_date"
    )


@rule("dates.end-before-start")
def end_before_start(data: Data) -> Iterator[Problem]:
    yield from _out_of_order(data, "dates.end-before-start", "treatment_start", "treatment_end")
    for table in ("adverse_events", "doses", "therapies"):
        if not data.has(table, "start", "end"):
            continue
        frame = data.records.tables[table]
        bad = frame.filter(_both_exact(frame, "end", "start"))
        for row in bad.head(MANY).iter_rows(named=True):
            yield problem(
                "dates.end-before-start",
                "record",
                place=data.at(table, "end", row["source_record"]),
                patient=row["patient"],
                table=table,
                column=("end", "start"),
                row=row["source_row"],
                late=row["end"],
                early=row["start"],
            )


@rule("dates.death-after-last-contact")
def contact_after_death(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "death_date", "last_contact"):
        return
    frame = data.patients
    for row in frame.filter(_both_exact(frame, "death_date", "last_contact")).iter_rows(named=True):
        yield problem(
            "dates.death-after-last-contact",
            place=data.at("patients", "last_contact", row["source_record"]),
            patient=row["patient"],
            last_contact=row["last_contact"],
            death_date=row["death_date"],
        )


@rule("dates.diagnosis-after-start")
def diagnosis_after_start(data: Data) -> Iterator[Problem]:
    for column, case in (("diagnosis_date", ""), ("first_systemic_date", "first_systemic")):
        yield from _out_of_order(
            data, "dates.diagnosis-after-start", column, "treatment_start", case
        )


@rule("dates.birth")
def birth(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "birth_date", "treatment_start"):
        return
    age = (pl.col("treatment_start") - pl.col("birth_date")).dt.total_days() / 365.25
    bad = data.patients.with_columns(_age=age).filter((pl.col("_age") < 0) | (pl.col("_age") > 110))
    for row in bad.iter_rows(named=True):
        yield data.problem(
            "dates.birth",
            row=row,
            table="patients",
            column="birth_date",
            birth_date=row["birth_date"],
            age=row["_age"],
        )


_CUT = {
    "patients": (
        "death_date",
        "progression_date",
        "last_contact",
        "treatment_start",
        "treatment_end",
    ),
    "lesions": ("date",),
    "assessments": ("date",),
    "labs": ("date",),
    "adverse_events": ("start",),
    "doses": ("start",),
    "therapies": ("start",),
    "performance": ("date",),
    "procedures": ("date",),
}


@rule("dates.after-cutoff")
def after_cutoff(data: Data) -> Iterator[Problem]:
    cutoff = data.protocol.study.cutoff
    if cutoff is None:
        return
    starts = data.patients["treatment_start"].drop_nulls()
    beyond = int((starts > cutoff).sum())
    if beyond >= 3 and 2 * beyond > starts.len():
        yield problem(
            "dates.after-cutoff",
            "cutoff",
            place=Place(file="study.toml", key="study.cutoff"),
            blocks=("",),
            n=beyond,
            of=starts.len(),
            cutoff=cutoff,
            latest=starts.max(),
        )
        return
    for table, columns in _CUT.items():
        for column in (*columns, *(event_dates(data) if table == "patients" else ())):
            if not data.has(table, column):
                continue
            frame = data.records.tables[table]
            if frame.get_column(column).max() <= cutoff:  # type: ignore[operator]
                continue
            late = frame.filter(pl.col(column) > cutoff)
            for row in late.head(MANY).iter_rows(named=True):
                start = table == "patients" and column == "treatment_start"
                yield data.problem(
                    "dates.after-cutoff",
                    "start" if start else "",
                    row=row,
                    table=table,
                    column=column,
                    date=row[column],
                    cutoff=cutoff,
                )


@rule("dates.future")
def far_ahead(data: Data) -> Iterator[Problem]:
    for column in ("treatment_start", "treatment_end", "last_contact", "death_date"):
        if not data.has("patients", column):
            continue
        values = data.patients.filter(pl.col(column).is_not_null()).sort(column)
        if values.height < 8:
            continue
        usual = values[column][int(values.height * 0.9)]
        gap = (pl.col(column) - pl.lit(usual)).dt.total_days()
        for row in values.filter(gap > 365 * 15).iter_rows(named=True):
            yield data.problem(
                "dates.future",
                row=row,
                table="patients",
                column=column,
                date=row[column],
                usual=usual,
            )


_OF_TIMES = ("treatment_start", "progression_date", "death_date", "last_contact")
"""Dates of patients on which times of endpoints rest."""


@rule("dates.year-alone")
def year_alone(data: Data) -> Iterator[Problem]:
    """A date of which only the year is known is taken as 1 July: half a year of any time."""
    yield from _partial(data, "dates.year-alone", "year")


@rule("dates.month-alone")
def month_alone(data: Data) -> Iterator[Problem]:
    """A date of which only the month is known is taken as its 15th."""
    yield from _partial(data, "dates.month-alone", "month")


def _partial(data: Data, id_: str, level: str) -> Iterator[Problem]:
    if all(e.reduced for e in data.protocol.endpoints.values()):
        return
    for column in _OF_TIMES:
        precision = f"{column}_precision"
        if not data.has("patients", column, precision):
            continue
        rows = data.included(data.patients).filter(pl.col(precision) == level)
        if rows.height:
            yield problem(
                id_,
                place=data.at("patients", column, rows["source_record"][0]),
                patient=rows["patient"][0] if rows.height == 1 else None,
                n=rows.height,
                name=column,
                patients=rows["patient"].to_list(),
            )
