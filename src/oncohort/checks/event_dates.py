"""Days of events under the chart's own names (relapse, GVHD) against death and last contact."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Problem, problem
from oncohort.vocabulary.tables import TABLES

EXACT = "day"


def event_dates(data: Data) -> list[str]:
    """Date columns of patients under a name of the chart that endpoints count as events."""
    kinds, own = data.patients.schema, TABLES["patients"].dates
    named = [
        name
        for endpoint in data.protocol.endpoints.values()
        if not endpoint.reduced
        for name in (*endpoint.events, *endpoint.competing)
    ]
    return [c for c in dict.fromkeys(named) if kinds.get(c) == pl.Date and c not in own]


def _exact(data: Data, column: str) -> pl.Expr:
    name = f"{column}_precision"
    return pl.col(name).fill_null(EXACT) == EXACT if name in data.patients.columns else pl.lit(True)


def after_death(data: Data) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each such column, with the patients in whom it lies after their death."""
    if not data.has("patients", "death_date"):
        return
    for column in event_dates(data):
        yield (
            column,
            data.included(data.patients).filter(
                (pl.col(column) > pl.col("death_date"))
                & _exact(data, column)
                & _exact(data, "death_date")
            ),
        )


@rule("dates.event-after-death")
def event_after_death(data: Data) -> Iterator[Problem]:
    for column, rows in after_death(data):
        for row in rows.head(MANY).iter_rows(named=True):
            yield problem(
                "dates.event-after-death",
                place=data.at("patients", column, row["source_record"]),
                patient=row["patient"],
                table="patients",
                column=(column, "death_date"),
                row=row["source_row"],
                name=column,
                date=row[column],
                died=row["death_date"],
            )


@rule("endpoints.event-after-contact")
def event_after_contact(data: Data) -> Iterator[Problem]:
    """An event of a living patient on a day later than the last contact."""
    if not data.has("patients", "last_contact"):
        return
    for column in event_dates(data):
        rows = data.included(data.patients).filter(
            pl.col("death_date").is_null()
            & (pl.col(column) > pl.col("last_contact"))
            & _exact(data, column)
            & _exact(data, "last_contact")
        )
        yield from data.notices(
            "endpoints.event-after-contact",
            rows,
            "patients",
            "last_contact",
            name=column,
            date=pl.col(column),
            contact=pl.col("last_contact"),
        )


BEFORE_DAYS = 14
"""A first look so soon before treatment may be written down as an assessment."""
FEW = 0.1
"""Share of the patients up to which such assessments are exceptions."""


@rule("response.before-treatment")
def response_before_treatment(data: Data) -> Iterator[Problem]:
    """A response to a treatment that had not begun: the visit's date is of another year."""
    if not data.has("assessments", "date", "overall") or not data.has(
        "patients", "treatment_start"
    ):
        return
    start = data.patients.select("patient", _start="treatment_start").drop_nulls()
    visits = data.included(data.records.tables["assessments"]).join(
        start.unique("patient", keep="first", maintain_order=True),
        on="patient",
        maintain_order="left",
    )
    early = (pl.col("_start") - pl.col("date")).dt.total_days() > BEFORE_DAYS
    bad = visits.filter(early & pl.col("overall").is_in(["CR", "PR", "SD", "PD"]))
    if bad["patient"].n_unique() > max(2, FEW * visits["patient"].n_unique()):
        return  # a chart that begins before the treatment
    yield from data.notices(
        "response.before-treatment",
        bad,
        "assessments",
        "date",
        overall=pl.col("overall"),
        date=pl.col("date"),
        start=pl.col("_start"),
    )
